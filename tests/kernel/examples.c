/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The examples of libgpiodref on chips of the system. */
#include <gpiodref.h>
#include <signal.h>

#define TAP_EXPLAIN gpiodref_last_error
#include "sim.h"

#define EXAMPLE(name) DTS_DIR "/../examples/gpiodref/" name " "

/* Waits until the line has this consumer. */
static void wait_until_held(const char *consumer, const struct sim *sim, unsigned offset)
{
	struct gpiodref_line_info info = {.size = sizeof(info)};
	gpiodref_chip *chip = gpiodref_chip_open(sim->path);

	for (int tries = 0; tries < 1000 && strcmp(info.consumer, consumer); tries++) {
		ok0(gpiodref_line_info(chip, offset, &info));
		sim_sleep(10);
	}
	gpiodref_chip_put(chip);
	ok_str(info.consumer, consumer);
}

static void says(FILE *program, const char *want)
{
	char line[256];

	line[0] = '\0';
	ok(fgets(line, sizeof(line), program));
	line[strcspn(line, "\n")] = '\0';
	ok_str(line, want);
}

static void press(const struct sim *sim)
{
	sim_pull(sim, 3, 1);
	sim_sleep(10);
	sim_pull(sim, 3, 0);
}

TEST("the example blink drives its line, and frees it")
{
	struct sim sim;
	int highs = 0;

	sim_create(&sim, "board", 8);
	sim_name(&sim, 2, "LED");
	sim_live(&sim, 1);
	FILE *blink = popen(EXAMPLE("blink") "LED 3", "r");
	wait_until_held("blink", &sim, 2);
	for (int i = 0; i < 60; i++, sim_sleep(5))
		highs += sim_value(&sim, 2);
	ok(highs > 0 && highs < 60);
	ok0(pclose(blink));
	wait_until_held("", &sim, 2);
	sim_destroy(&sim);
}

TEST("G4 G5 the example button lives through an unplugged chip")
{
	struct sim sim;
	int pid;

	sim_create(&sim, "board", 8);
	sim_name(&sim, 3, "BUTTON");
	sim_live(&sim, 1);
	FILE *button = popen("echo $$; exec " EXAMPLE("button") "BUTTON", "r");
	ok_int(fscanf(button, "%d\n", &pid), 1);
	wait_until_held("button", &sim, 3);
	press(&sim);
	says(button, "pressed");
	says(button, "released");
	sim_live(&sim, 0);
	says(button, "unplugged");
	sim_live(&sim, 1);
	says(button, "plugged in");
	press(&sim);
	says(button, "pressed");
	says(button, "released");
	ok0(kill(pid, SIGTERM));
	ok_int(pclose(button), SIGTERM);
	sim_destroy(&sim);
}
