/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The examples of libgpiodref on chips of the system. */
#include <gpiodref.h>

#define TAP_EXPLAIN gpiodref_last_error
#include "program.h"
#include "sim.h"

#define EXAMPLE(name) EXAMPLES "/gpiodref/" name " "

static void wait_for_level(const struct sim *sim, unsigned offset, int level)
{
	for (int tries = 0; sim_value(sim, offset) != level; tries++, sim_sleep(10))
		ok(tries < 6000);
}

static int used(const struct sim *sim, unsigned offset)
{
	struct gpiodref_line_info info = {.size = sizeof(info)};
	gpiodref_chip *chip = gpiodref_chip_open(sim->path);

	ok0(gpiodref_line_info(chip, offset, &info));
	gpiodref_chip_put(chip);
	return info.used;
}

static void press(const struct sim *sim, struct program *button)
{
	/* One edge after the other: the system merges those that come too fast. */
	sim_pull(sim, 3, 1);
	says(button, "pressed");
	sim_pull(sim, 3, 0);
	says(button, "released");
}

TEST("the example blink drives its line, and frees it")
{
	struct program blink;
	struct sim sim;

	sim_create(&sim, "board", 8);
	sim_name(&sim, 2, "LED");
	sim_live(&sim, 1);
	blink = start(EXAMPLE("blink") "LED 1000");
	for (int i = 0; i < 4; i++)
		wait_for_level(&sim, 2, i % 2 == 0);
	ok(used(&sim, 2));
	ended_by_signal(&blink);
	blink = start(EXAMPLE("blink") "LED 1");
	ok0(pclose(blink.out));
	ok(!used(&sim, 2));
	sim_destroy(&sim);
}

TEST("G4 G5 the example button lives through an unplugged chip")
{
	struct program button;
	struct sim sim;

	sim_create(&sim, "board", 8);
	sim_name(&sim, 3, "BUTTON");
	sim_live(&sim, 1);
	button = start(EXAMPLE("button") "BUTTON");
	says(&button, "plugged in");
	press(&sim, &button);
	sim_live(&sim, 0);
	says(&button, "unplugged");
	sim_live(&sim, 1);
	says(&button, "plugged in");
	press(&sim, &button);
	ended_by_signal(&button);
	sim_destroy(&sim);
}

TEST("G4 G5 the example button_led on a chip that is unplugged and comes back")
{
	struct program program;
	struct sim sim;

	sim_create(&sim, "board", 8);
	sim_name(&sim, 3, "BUTTON");
	sim_name(&sim, 4, "LED");
	sim_live(&sim, 1);
	program = start(EXAMPLE("button_led") "BUTTON LED");
	says(&program, "plugged in: the LED is off");
	sim_pull(&sim, 3, 1);
	says(&program, "pressed: the LED is on");
	ok_int(sim_value(&sim, 4), 1);
	sim_pull(&sim, 3, 0);
	sim_live(&sim, 0);
	says(&program, "unplugged");
	sim_live(&sim, 1);
	says(&program, "plugged in again: the LED is on");
	ok_int(sim_value(&sim, 4), 1);
	sim_pull(&sim, 3, 1);
	says(&program, "pressed: the LED is off");
	ok_int(sim_value(&sim, 4), 0);
	ok0(kill(program.pid, SIGTERM));
	ok0(pclose(program.out));
	ok(!used(&sim, 3) && !used(&sim, 4));
	sim_destroy(&sim);
}
