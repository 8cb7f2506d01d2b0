/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* guide_test: how a component that uses lines is tested, without rights, hardware and kernel modules (docs/guide/gpiodref). */
#include <assert.h>
#include <errno.h>
#include <gpiodref.h>
#include <stdio.h>
#include <string.h>

/* The component under test: an LED that is on while a button is pressed. Whoever makes it says which lines. */
struct lamp {
	gpiodref_desc *button, *led;
};

static int lamp_start(struct lamp *lamp, const char *button, const char *led)
{
	struct gpiodref_config input = {.size = sizeof(input), .direction = GPIODREF_DIRECTION_INPUT};
	struct gpiodref_config output = {.size = sizeof(output), .direction = GPIODREF_DIRECTION_OUTPUT};

	lamp->led = NULL;
	lamp->button = gpiodref_request_by_name(button, &input, "lamp");
	if (lamp->button)
		lamp->led = gpiodref_request_by_name(led, &output, "lamp");
	if (lamp->led)
		return 0;
	int error = -errno;
	gpiodref_put(lamp->button);
	return error;
}

static int lamp_step(struct lamp *lamp)
{
	int pressed = gpiodref_get_value(lamp->button);

	return pressed < 0 ? pressed : gpiodref_set_value(lamp->led, pressed);
}

static void lamp_stop(struct lamp *lamp)
{
	gpiodref_put(lamp->led);
	gpiodref_put(lamp->button);
}

int main(void)
{
	const char *names[] = {"BUTTON", "LED"};
	struct gpiodref_chip_config config = {.size = sizeof(config), .label = "test", .names = names, .num_lines = 2};
	gpiodref_sim *sim = gpiodref_sim_new(&config);
	struct lamp lamp;
	char *holders;

	assert(sim);
	gpiodref_set_tracking(1);
	gpiodref_set_tag("the lamp");
	assert(lamp_start(&lamp, "BUTTON", "LED") == 0);

	/* Pull the wires and look at the levels. */
	assert(lamp_step(&lamp) == 0 && gpiodref_sim_level(sim, 1) == 0);
	gpiodref_sim_set_pull(sim, 0, 1);
	assert(lamp_step(&lamp) == 0 && gpiodref_sim_level(sim, 1) == 1);

	/* What no hardware does on demand: pull the cable. */
	gpiodref_sim_remove(sim);
	assert(lamp_step(&lamp) == -ENODEV);

	/* Is everything put? First a look at what it says if not. */
	assert(gpiodref_holders(&holders) > 0);
	printf("%s", holders);
	gpiodref_free(holders);
	lamp_stop(&lamp);
	assert(gpiodref_holders(&holders) == 0);
	gpiodref_free(holders);

	/* The line that is not there: no half of the lamp is left. */
	assert(lamp_start(&lamp, "BUTTON", "LED") == -ENOENT);
	gpiodref_sim_put(sim);
	printf("all is well\n");
}
