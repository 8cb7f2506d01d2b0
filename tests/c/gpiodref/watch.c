/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Watches of a simulated chip (G7). */
#include "fixtures.h"
#include "gpio/watch.h"

/* The kernel tells of the lines of a group that it took before it came to one that is taken. */
TEST("what is refused is no change")
{
	plug();
	gpiodref_desc *held = request(1, OUTPUT(), "held");
	gpiodref_watch *watch = watch_all();
	ok_errno(gpiodref_request(chip, 1, NULL, "late"), EBUSY);
	ok_errno(gpiodref_request_group(chip, (unsigned[]){0, 1}, 2, NULL, "late"), EBUSY);
	ok_errno(gpiodref_request(chip, 0, INPUT(.value = 1), "wrong"), EINVAL);
	ok_int(gpiodref_reconfigure(held, INPUT(.value = 1)), -EINVAL);
	ok(is_empty(watch));
	gpiodref_put(held);
	gpiodref_watch_put(watch);
	unplug_and_let_go();
}

TEST("G7 64 changes are kept for one who does not read, and the oldest go")
{
	plug();
	gpiodref_watch *idle = watch_all(), *quick = watch_all();
	for (int round = 0; round < 50; round++) {
		gpiodref_put(request(round & 7, OUTPUT(), "test"));
		ok_change(quick, REQUESTED, round & 7, "test");
		ok_change(quick, RELEASED, round & 7, "");
	}
	for (int round = 18; round < 50; round++) {
		ok_change(idle, REQUESTED, round & 7, "test");
		ok_change(idle, RELEASED, round & 7, "");
	}
	ok(is_empty(idle));
	gpiodref_watch_put(idle);
	gpiodref_watch_put(quick);
	unplug_and_let_go();
}
