/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines of the system that are requested together, within the limits of the kernel's interface (G7), and by other programs. */
#include "board.h"
#include "gpio/groups.h"

TEST("a group is all or nothing also where another program has one of its lines")
{
	plug();
	int line = stranger(2, 1, GPIO_V2_LINE_FLAG_OUTPUT);

	ok_errno(gpiodref_request_group(chip, (unsigned[]){1, 2, 3}, 3, OUTPUT(), "group"), EBUSY);
	ok_contains(gpiodref_last_error(), "line 2 \"LED\": wanted by \"group\", held by \"stranger\"");
	ok_holder(1, "");
	ok_holder(3, "");
	close(line);
	let_go();
}

TEST("G7 what differs from line to line fits into ten attributes; an eleventh is E2BIG, and they are counted")
{
	struct gpiodref_config periods[11];
	const struct gpiodref_config *configs[11];

	plug_lines(16);
	for (unsigned i = 0; i < 11; i++) {
		periods[i] = *INPUT(.debounce_us = 100 + i);
		configs[i] = &periods[i];
		all[i] = i;
	}
	gpiodref_group *group = group_of_each(all, 10, configs);
	for (unsigned i = 0; i < 10; i++)
		ok_int(info_of(chip, i).debounce_us, 100 + i);
	ok_int(gpiodref_group_reconfigure_each(group, configs, 10), 0);
	gpiodref_group_put(group);
	ok_errno(gpiodref_request_group_each(chip, all, 11, configs, "group"), E2BIG);
	ok_contains(gpiodref_last_error(), "11 attributes, and 10 is the most");
	ok_contains(gpiodref_last_error(), "11 debounce periods");
	ok_holder(0, "");
	let_go();
}

TEST("a group is handed to another program and taken over from one")
{
	struct gpiodref_event event;

	plug();
	struct account before = account();
	const struct gpiodref_config *configs[] = {EDGES(), OUTPUT(.value = 1)};
	gpiodref_group *group = group_of_each((unsigned[]){3, 2}, 2, configs);
	gpiodref_group *again = gpiodref_group_adopt(gpiodref_group_export_fd(group));
	ok(again);
	gpiodref_group_put(group);
	ok_int(gpiodref_group_num_lines(again), 2);
	ok_int(gpiodref_group_offset(again, 0), 3);
	ok_holder(3, "group");
	ok_int(values_of(again, 3), 2);
	pull(3, 1);
	ok_int(gpiodref_group_wait(again, SOON_MS), GPIODREF_WAIT_EVENT);
	ok_int(gpiodref_group_read_events(again, &event, 1), 1);
	ok_int(event.offset, 3);
	gpiodref_group_put(again);
	ok_holder(3, "");
	ok_same(before);
	let_go();
}
