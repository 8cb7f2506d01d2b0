/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * guide_lines: finds lines, requests them, reads and drives them, one by one and together (docs/guide/gpiodref). Its chip is simulated, so
 * that it runs anywhere; all but board() is the same with a chip of the system.
 */
#include <errno.h>
#include <gpiodref.h>
#include <stdio.h>
#include <stdlib.h>

static _Noreturn void give_up(void)
{
	fprintf(stderr, "%s\n", gpiodref_last_error());
	exit(1);
}

/* A board with a chip of six lines. */
static gpiodref_sim *board(void)
{
	const char *names[] = {"LED", "BUTTON", "D0", "D1", "D2", "RESET"};
	struct gpiodref_chip_config config = {.size = sizeof(config), .label = "board", .names = names, .num_lines = 6};
	gpiodref_sim *sim = gpiodref_sim_new(&config);

	if (!sim)
		give_up();
	return sim;
}

/* What an LED needs: it is claimed for as long as it is held. */
static void light_a_led(void)
{
	struct gpiodref_config output = {.size = sizeof(output), .direction = GPIODREF_DIRECTION_OUTPUT, .value = 1};
	gpiodref_desc *led = gpiodref_request_by_name("LED", &output, "guide");

	if (!led)
		give_up();
	printf("%s, line %u: %d\n", gpiodref_desc_name(led), gpiodref_desc_offset(led), gpiodref_get_value(led));
	if (gpiodref_set_value(led, 0) < 0)
		give_up();
	printf("%s, line %u: %d\n", gpiodref_desc_name(led), gpiodref_desc_offset(led), gpiodref_get_value(led));
	gpiodref_put(led);
}

static void list_chip(gpiodref_chip *chip)
{
	struct gpiodref_line_info info = {.size = sizeof(info)};

	printf("chip %s, %u lines\n", gpiodref_chip_label(chip), gpiodref_chip_num_lines(chip));
	for (unsigned int offset = 0; offset < gpiodref_chip_num_lines(chip); offset++)
		if (gpiodref_line_info(chip, offset, &info) == 0)
			printf("  %u %s: %s%s\n", offset, info.name, info.used ? "used by " : "free", info.consumer);
}

static void request(gpiodref_chip *chip)
{
	struct gpiodref_config button = {
		.size = sizeof(button),
		.direction = GPIODREF_DIRECTION_INPUT,
		.bias = GPIODREF_BIAS_PULL_UP,
		.flags = GPIODREF_FLAG_ACTIVE_LOW, /* pressed: the wire is low, the value is 1 */
	};
	unsigned int offset;

	if (gpiodref_chip_find_line(chip, "BUTTON", &offset) < 0)
		give_up();
	gpiodref_desc *mine = gpiodref_request(chip, offset, &button, "the door");
	if (!mine)
		give_up();
	printf("pressed: %d, level: %d\n", gpiodref_get_value(mine), gpiodref_get_raw_value(mine));
	list_chip(chip);

	/* A line is one user's, unless all who want it say that they share it. */
	if (!gpiodref_request(chip, offset, &button, "somebody else") && errno == EBUSY)
		printf("%s\n", gpiodref_last_error());

	/* Not asked for again, but made something else. */
	if (gpiodref_direction_output(mine, 1) < 0)
		give_up();
	printf("an output now: value %d, level %d\n", gpiodref_get_value(mine), gpiodref_get_raw_value(mine));
	gpiodref_put(mine);
}

/* Lines that are set together change together: one call of the system. */
static void use_group(gpiodref_chip *chip)
{
	const unsigned int data[] = {2, 3, 4};
	struct gpiodref_config output = {.size = sizeof(output), .direction = GPIODREF_DIRECTION_OUTPUT};
	gpiodref_group *bus = gpiodref_request_group(chip, data, 3, &output, "the bus");
	uint64_t values;

	/* Bit n is line n of the request, whatever its number on the chip. */
	if (!bus || gpiodref_group_set_values(bus, 0x7, 0x5) < 0 || gpiodref_group_get_values(bus, 0x7, &values) < 0)
		give_up();
	printf("D0 to D2: %d %d %d\n", (int)values & 1, (int)values >> 1 & 1, (int)values >> 2 & 1);
	gpiodref_group_put(bus);
}

int main(void)
{
	gpiodref_sim *sim = board();

	light_a_led();
	gpiodref_chip *chip = gpiodref_chip_open("board");
	if (!chip)
		give_up();
	request(chip);
	use_group(chip);
	gpiodref_chip_put(chip);
	if (!gpiodref_request_by_name("LDE", NULL, NULL))
		printf("%s\n", gpiodref_last_error());

	gpiodref_sim_remove(sim);
	gpiodref_sim_put(sim);
}
