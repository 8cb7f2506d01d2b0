/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What becomes of those who use a chip that goes (K4, G4, G5, G6), on every board. */
#ifndef GPIO_REMOVING_H
#define GPIO_REMOVING_H

TEST("G4 a line of a chip that is gone: what needs the chip is ENODEV, the rest answers, and the put is silent")
{
	struct gpiodref_config config = {.size = sizeof(config)};
	struct gpiodref_event event;
	struct account before = account();
	char name[32];

	plug();
	strcpy(name, gpiodref_chip_name(chip));
	gpiodref_desc *out = request(1, OUTPUT(.value = 1, .flags = ACTIVE_LOW), "eeprom"), *in = request(3, EDGES(), "button");
	int fd = gpiodref_fd(in);
	unplug_and_let_go();
	ok_int(gpiodref_get_value(out), -ENODEV);
	ok_contains(gpiodref_last_error(), "(board) line 1 \"EEPROM_WP\" of \"eeprom\": " GET_CALL ": the chip is gone");
	ok_int(gpiodref_set_value(out, 0), -ENODEV);
	ok_int(gpiodref_get_raw_value(out), -ENODEV);
	ok_int(gpiodref_set_raw_value(out, 0), -ENODEV);
	ok_int(gpiodref_direction_input(out), -ENODEV);
	ok_int(gpiodref_direction_output(out, 0), -ENODEV);
	ok_int(gpiodref_reconfigure(out, OUTPUT()), -ENODEV);
	ok_int(gpiodref_read_events(in, &event, 1), -ENODEV);
	ok_int(gpiodref_wait(in, -1), GPIODREF_WAIT_GONE);
	ok_int(gpiodref_wait(out, -1), GPIODREF_WAIT_GONE);
	ok(polled(fd, 0) & POLL_GONE);
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
	ok_str(gpiodref_chip_name(of), name);
	ok_int(gpiodref_chip_is_alive(of), 0);
	gpiodref_chip_put(of);
	ok(gpiodref_get(out) == out);
	gpiodref_put(out);
	gpiodref_put(out);
	gpiodref_put(in);
	ok_same(before);
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

static int poll_line(void *desc)
{
	struct pollfd entry = {.fd = gpiodref_fd(desc), .events = POLLIN};

	return poll(&entry, 1, -1) == 1 ? gpiodref_wait(desc, 0) : -1;
}

TEST("K4 G5 G6 who sleeps does not keep the chip from going, and wakes up when it has gone")
{
	enum { SLEEPERS = 10 };
	struct call calls[SLEEPERS];
	struct account before = account();

	plug();
	gpiodref_desc *in = request(3, EDGES(), "in"), *out = request(2, OUTPUT(), "out");
	gpiodref_desc *slow = request(1, EDGES(.debounce_us = 1000000), "slow");
	gpiodref_desc *shared = request(0, EDGES(.flags = SHARED), "shared"), *other = request(0, EDGES(.flags = SHARED), "other");
	gpiodref_group *group = gpiodref_request_group(chip, (unsigned[]){4, 5}, 2, EDGES(), "group");
	gpiodref_watch *watch = gpiodref_watch_lines(chip, NULL, 0);
	ok(group && watch);
	gpiodref_desc *descs[] = {in, out, shared, other, in, slow, slow};
	for (int i = 0; i < 6; i++)
		call_start(&calls[i], wait_for_ever, descs[i]);
	call_start(&calls[6], poll_line, slow);
	call_start(&calls[7], wait_for_group, group);
	call_start(&calls[8], wait_for_change, watch);
	call_start(&calls[9], poll_chip, chip);
	sleep_ms(10 * ASLEEP_MS);
	uint64_t since = milliseconds();
	unplug();
	for (int i = 0; i < SLEEPERS; i++)
		ok_int(call_end(&calls[i], since), GPIODREF_WAIT_GONE);
	for (int i = 0; i < 4; i++)
		gpiodref_put(descs[i]);
	gpiodref_put(slow);
	gpiodref_group_put(group);
	gpiodref_watch_put(watch);
	let_go();
	ok_same(before);
}

TEST("G4 nothing finds its way to the chip that came back by itself; asked to, by label and name, it does")
{
	static const char *const moved[8] = {"FAN", NULL, NULL, NULL, NULL, NULL, "EEPROM_WP"};
	struct gpiodref_config config = {.size = sizeof(config)};

	plug();
	gpiodref_desc *desc = request(1, OUTPUT(), "eeprom"), *nameless = request(7, NULL, "nameless"), *led = request(2, NULL, "led");
	ok0(gpiodref_reconfigure(desc, OUTPUT(.value = 1, .flags = ACTIVE_LOW)));
	ok_errno(gpiodref_reattach(desc), EINVAL);
	ok_contains(gpiodref_last_error(), "it is not gone");
	unplug_and_let_go();
	ok_errno(gpiodref_reattach(desc), ENODEV);
	ok_contains(gpiodref_last_error(), "the chip has not come back");

	plug_named(moved);
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
	ok_int(gpiodref_set_value(desc, 1), -ENODEV);
	ok_errno(gpiodref_reattach(desc), EBUSY);
	ok_errno(gpiodref_reattach(nameless), EINVAL);
	ok_contains(gpiodref_last_error(), "it has no name by which it could be found again");
	ok_errno(gpiodref_reattach(led), ENOENT);
	ok_contains(gpiodref_last_error(), "no line is called \"LED\"");
	gpiodref_put(desc);
	gpiodref_put(again);
	gpiodref_put(nameless);
	gpiodref_put(led);
	unplug_and_let_go();
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
		uint64_t since = milliseconds();
		unplug();
		for (int i = 0; i < 3; i++)
			ok_int(call_end(&users[i], since), -ENODEV);
		gpiodref_put(desc);
		let_go();
	}
}

#endif
