/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Watches of a chip of the system, whose lines other programs use too (G4). */
#include "board.h"
#include "gpio/watch.h"

TEST("what other programs do is told to all who watch, and wakes them")
{
	struct call call;

	plug();
	gpiodref_watch *one = gpiodref_watch_lines(chip, (unsigned[]){7}, 1), *all = watch_all();
	ok(one);
	call_start(&call, wait_for_change, one);
	sim_sleep(20);
	uint64_t since = milliseconds();
	int line = stranger(7, 1, GPIO_V2_LINE_FLAG_INPUT);
	ok_int(call_end(&call, since), GPIODREF_WAIT_EVENT);
	ok_change(one, REQUESTED, 7, "stranger");
	gpiodref_watch_put(one);
	ok_int(polled(gpiodref_watch_fd(all), SOON_MS), POLLIN);
	close(line);
	ok_change(all, REQUESTED, 7, "stranger");
	ok_change(all, RELEASED, 7, "");
	ok(is_empty(all));
	gpiodref_watch_put(all);
	let_go();
}

TEST("G4 a watch does not begin on another chip that has the number of the one that is gone")
{
	static struct sim other;
	char name[32];

	plug();
	strcpy(name, board.chip);
	unplug();
	/* As long as it is held the number is not given away. */
	make_sim(&other, "other", 8);
	sim_live(&other, 1);
	ok(strcmp(other.chip, name));
	ok_errno(gpiodref_watch_lines(chip, NULL, 0), ENODEV);
	sim_destroy(&other);
	let_go();
}
