/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The chip is unplugged under those who use it: what needs it fails, what does not answers, who sleeps wakes (K4, G4, G5, G6). */
#include "board.h"

TEST("G4 a line of a chip that is gone: what needs the chip is ENODEV, the rest answers, and the put is silent")
{
	struct gpiodref_config config = {.size = sizeof(config)};
	struct gpiodref_event event;

	plug();
	struct account before = account();
	gpiodref_desc *out = request(1, OUTPUT(.value = 1, .flags = ACTIVE_LOW), "eeprom"), *in = request(3, EDGES(), "button");
	int fd = gpiodref_fd(in);
	unplug();
	ok_int(gpiodref_get_value(out), -ENODEV);
	ok_contains(gpiodref_last_error(), "(board) line 1 \"EEPROM_WP\" of \"eeprom\": ");
	ok_contains(gpiodref_last_error(), "the chip is gone");
	ok_int(gpiodref_set_value(out, 0), -ENODEV);
	ok_int(gpiodref_get_raw_value(out), -ENODEV);
	ok_int(gpiodref_set_raw_value(out, 0), -ENODEV);
	ok_int(gpiodref_direction_input(out), -ENODEV);
	ok_int(gpiodref_direction_output(out, 0), -ENODEV);
	ok_int(gpiodref_reconfigure(out, OUTPUT()), -ENODEV);
	ok_int(gpiodref_read_events(in, &event, 1), -ENODEV);
	ok_int(gpiodref_wait(in, -1), GPIODREF_WAIT_GONE);
	ok_int(gpiodref_wait(out, -1), GPIODREF_WAIT_GONE);
	ok(polled(fd, 0) & (POLLERR | POLLHUP));
	ok_int(gpiodref_fd(in), fd);

	ok_int(gpiodref_is_alive(out), 0);
	ok_str(gpiodref_desc_name(out), "EEPROM_WP");
	ok_str(gpiodref_desc_consumer(out), "eeprom");
	ok_int(gpiodref_desc_offset(out), 1);
	ok0(gpiodref_desc_config(out, &config));
	ok_int(config.direction, GPIODREF_DIRECTION_OUTPUT);
	ok_int(config.flags, ACTIVE_LOW);
	ok_int(gpiodref_events_lost(in), 0);
	gpiodref_chip *of = gpiodref_desc_chip(out);
	ok_str(gpiodref_chip_name(of), board.chip);
	gpiodref_chip_put(of);
	ok(gpiodref_get(out) == out);
	gpiodref_put(out);
	gpiodref_put(out);
	gpiodref_put(in);
	before.chips--;
	ok_same(before);
	let_go();
}

TEST("G4 a group of a chip that is gone likewise")
{
	struct gpiodref_event event;
	uint64_t values = 0;

	plug();
	struct account before = account();
	gpiodref_group *group = gpiodref_request_group(chip, (unsigned[]){5, 0, 3}, 3, EDGES(), "group");
	ok(group);
	unplug();
	ok_int(gpiodref_group_get_values(group, 7, &values), -ENODEV);
	ok_int(gpiodref_group_set_values(group, 7, 0), -ENODEV);
	ok_int(gpiodref_group_reconfigure(group, INPUT()), -ENODEV);
	ok_int(gpiodref_group_read_events(group, &event, 1), -ENODEV);
	ok_int(gpiodref_group_wait(group, -1), GPIODREF_WAIT_GONE);
	ok(polled(gpiodref_group_fd(group), 0) & (POLLERR | POLLHUP));
	ok_int(gpiodref_group_is_alive(group), 0);
	ok_int(gpiodref_group_num_lines(group), 3);
	ok_int(gpiodref_group_offset(group, 2), 3);
	gpiodref_group_put(group);
	before.chips--;
	ok_same(before);
	let_go();
}

TEST("G5 events that were taken over are read before the end")
{
	struct gpiodref_event event;

	plug();
	gpiodref_desc *desc = request(3, EDGES(), "button");
	for (unsigned n = 1; n <= 3; n++) {
		pull(3, n & 1);
		ok_int(polled(gpiodref_fd(desc), SOON_MS), POLLIN);
		ok_int(gpiodref_wait(desc, SOON_MS), GPIODREF_WAIT_EVENT);
	}
	/* Those of the second and third edge may come a little later. */
	sim_sleep(100);
	ok_int(gpiodref_wait(desc, 0), GPIODREF_WAIT_EVENT);
	unplug();
	ok_int(gpiodref_wait(desc, -1), GPIODREF_WAIT_EVENT);
	ok_int(gpiodref_read_events(desc, &event, 1), 1);
	ok_int(event.global_seqno, 1);
	while (gpiodref_wait(desc, -1) == GPIODREF_WAIT_EVENT)
		ok_int(gpiodref_read_events(desc, &event, 1), 1);
	ok_int(gpiodref_wait(desc, -1), GPIODREF_WAIT_GONE);
	ok_int(gpiodref_read_events(desc, &event, 1), -ENODEV);
	gpiodref_put(desc);
	let_go();
}

static int wait_for_ever(void *desc)
{
	return gpiodref_wait(desc, -1);
}

static int wait_for_group(void *group)
{
	return gpiodref_group_wait(group, -1);
}

static int wait_for_change(void *watch)
{
	return gpiodref_watch_wait(watch, -1);
}

/* What a program's own loop does. */
static int poll_chip(void *of)
{
	struct pollfd entry = {.fd = gpiodref_chip_fd(of)};

	return poll(&entry, 1, -1) == 1 && entry.revents & (POLLERR | POLLHUP) ? GPIODREF_WAIT_GONE : -1;
}

TEST("K4 G5 G6 who sleeps does not keep the chip from going, and wakes up when it has gone")
{
	enum { SLEEPERS = 7 };
	struct call calls[SLEEPERS];

	plug();
	struct account before = account();
	gpiodref_desc *in = request(3, EDGES(), "in"), *out = request(2, OUTPUT(), "out");
	gpiodref_desc *shared = request(0, EDGES(.flags = SHARED), "shared"), *other = request(0, EDGES(.flags = SHARED), "other");
	gpiodref_group *group = gpiodref_request_group(chip, (unsigned[]){4, 5}, 2, EDGES(), "group");
	gpiodref_watch *watch = gpiodref_watch_lines(chip, NULL, 0);
	ok(group && watch);
	gpiodref_desc *descs[] = {in, out, shared, other};
	for (int i = 0; i < 4; i++)
		call_start(&calls[i], wait_for_ever, descs[i]);
	call_start(&calls[4], wait_for_group, group);
	call_start(&calls[5], wait_for_change, watch);
	call_start(&calls[6], poll_chip, chip);
	sim_sleep(200);
	uint64_t since = milliseconds();
	unplug();
	for (int i = 0; i < SLEEPERS; i++)
		ok_int(call_end(&calls[i], since), GPIODREF_WAIT_GONE);
	for (int i = 0; i < 4; i++)
		gpiodref_put(descs[i]);
	gpiodref_group_put(group);
	gpiodref_watch_put(watch);
	before.chips--;
	ok_same(before);
	let_go();
}

TEST("G4 nothing finds its way to the chip that came back by itself; asked to, by label and name, it does")
{
	struct gpiodref_config config = {.size = sizeof(config)};

	plug();
	gpiodref_desc *desc = request(1, OUTPUT(.value = 1), "eeprom"), *nameless = request(7, OUTPUT(), "nameless");
	ok0(gpiodref_set_value(desc, 0));
	ok0(gpiodref_reconfigure(desc, OUTPUT(.value = 1, .flags = ACTIVE_LOW)));
	ok_errno(gpiodref_reattach(desc), EINVAL);
	ok_contains(gpiodref_last_error(), "it is not gone");
	unplug();
	ok_errno(gpiodref_reattach(desc), ENODEV);
	ok_contains(gpiodref_last_error(), "the chip has not come back");
	/* It comes back with its lines in another order. */
	sim_name(&board, 1, "FAN");
	sim_name(&board, 6, "EEPROM_WP");
	sim_live(&board, 1);
	ok_int(gpiodref_set_value(desc, 0), -ENODEV);
	ok_int(gpiodref_is_alive(desc), 0);
	gpiodref_desc *again = gpiodref_reattach(desc);
	ok(again);
	ok_int(gpiodref_desc_offset(again), 6);
	ok_str(gpiodref_desc_consumer(again), "eeprom");
	ok0(gpiodref_desc_config(again, &config));
	ok_int(config.flags, ACTIVE_LOW);
	ok_int(level(6), 0);
	ok0(gpiodref_set_value(again, 0));
	ok_int(level(6), 1);
	ok_int(level(1), 0);
	ok_int(gpiodref_set_value(desc, 0), -ENODEV);
	ok_errno(gpiodref_reattach(desc), EBUSY);
	ok_errno(gpiodref_reattach(nameless), EINVAL);
	ok_contains(gpiodref_last_error(), "it has no name by which it could be found again");
	gpiodref_put(desc);
	gpiodref_put(again);
	gpiodref_put(nameless);

	/* Without the line. */
	gpiodref_chip_put(chip);
	chip = gpiodref_chip_open("board");
	desc = request(6, NULL, "eeprom");
	unplug();
	sim_name(&board, 6, "SPARE");
	sim_live(&board, 1);
	ok_errno(gpiodref_reattach(desc), ENOENT);
	gpiodref_put(desc);
	let_go();
}

TEST("G4 a group is found again by its chip's label and its lines' names")
{
	uint64_t values = 0;

	plug();
	const struct gpiodref_config *configs[] = {OUTPUT(.value = 1), INPUT(.flags = ACTIVE_LOW)};
	gpiodref_group *group = gpiodref_request_group_each(chip, (unsigned[]){2, 3}, 2, configs, "group");
	ok(group);
	unplug();
	sim_name(&board, 2, "BUTTON");
	sim_name(&board, 3, "LED");
	sim_live(&board, 1);
	gpiodref_group *again = gpiodref_group_reattach(group);
	ok(again);
	ok_int(gpiodref_group_offset(again, 0), 3);
	ok_int(gpiodref_group_offset(again, 1), 2);
	ok0(gpiodref_group_get_values(again, 3, &values));
	ok_int(values, 3);
	ok_int(level(3), 1);
	gpiodref_group_put(group);
	gpiodref_group_put(again);
	let_go();
}

static atomic_int using;

static int use(void *desc)
{
	while (atomic_load(&using)) {
		int value = gpiodref_get_value(desc);

		if (value == -ENODEV)
			return gpiodref_set_value(desc, 1);
		if (value < 0)
			return value;
	}
	return 0;
}

TEST("K4 G4 who works at the moment when the chip goes ends with ENODEV, and stays there")
{
	struct call users[3];

	for (int round = 0; round < 3; round++) {
		plug();
		gpiodref_desc *desc = request(2, OUTPUT(), "busy");
		atomic_store(&using, 1);
		for (int i = 0; i < 3; i++)
			call_start(&users[i], use, desc);
		unplug();
		uint64_t since = milliseconds();
		for (int i = 0; i < 3; i++)
			ok_int(call_end(&users[i], since), -ENODEV);
		gpiodref_put(desc);
		let_go();
	}
}

TEST("G9 a chip of this process and one of the system's go side by side: neither minds the other")
{
	struct gpiodref_chip_config config = {.size = sizeof(config), .label = "ours", .num_lines = 1};

	plug();
	gpiodref_sim *ours = gpiodref_sim_new(&config);
	gpiodref_chip *of = gpiodref_sim_chip(ours);
	gpiodref_desc *theirs = request(0, OUTPUT(), "test"), *mine = gpiodref_request(of, 0, OUTPUT(), "test");
	ok(mine);
	ok0(gpiodref_sim_remove(ours));
	ok_int(gpiodref_set_value(mine, 1), -ENODEV);
	ok0(gpiodref_set_value(theirs, 1));
	ok_int(level(0), 1);
	unplug();
	ok_int(gpiodref_set_value(theirs, 1), -ENODEV);
	gpiodref_put(theirs);
	gpiodref_put(mine);
	gpiodref_chip_put(of);
	gpiodref_sim_put(ours);
	let_go();
}
