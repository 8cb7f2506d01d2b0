/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines that are requested, read and set together (G2, G3, G7), each configured alike or in its own way, on every board. */
#ifndef GPIO_GROUPS_H
#define GPIO_GROUPS_H

static gpiodref_group *group_of(const unsigned *offsets, size_t count, const gpiodref_config *config)
{
	gpiodref_group *group = gpiodref_request_group(chip, offsets, count, config, "group");

	ok(group);
	return group;
}

static gpiodref_group *group_of_each(const unsigned *offsets, size_t count, const gpiodref_config *const *configs)
{
	gpiodref_group *group = gpiodref_request_group_each(chip, offsets, count, configs, "group");

	ok(group);
	return group;
}

static uint64_t values_of(gpiodref_group *group, uint64_t mask)
{
	uint64_t values = ~0ull;

	ok0(gpiodref_group_get_values(group, mask, &values));
	return values;
}

/* The levels of the chip's wires, of 64 at most. */
static uint64_t levels(void)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < 64 && i < gpiodref_chip_num_lines(chip); i++)
		bits |= (uint64_t)level(i) << i;
	return bits;
}

/* The lines of a chip with more of them than a request takes. */
static unsigned all[MOST_LINES];

static void plug_all(void)
{
	plug_lines(MOST_LINES);
	for (unsigned i = 0; i < MOST_LINES; i++)
		all[i] = i;
}

TEST("the lines of a group are bits in the order in which they were asked for")
{
	plug();
	gpiodref_group *group = group_of((unsigned[]){5, 0, 3}, 3, OUTPUT());

	ok_int(gpiodref_group_num_lines(group), 3);
	ok_int(gpiodref_group_offset(group, 0), 5);
	ok_int(gpiodref_group_offset(group, 1), 0);
	ok_int(gpiodref_group_offset(group, 2), 3);
	ok0(gpiodref_group_set_values(group, 7, 1));
	ok_int(levels(), 1 << 5);
	ok0(gpiodref_group_set_values(group, 6, ~0ull));
	ok_int(levels(), 1 << 5 | 1 << 0 | 1 << 3);
	ok_int(values_of(group, 7), 7);
	/* Bits beyond the mask are 0, and stay as they are. */
	ok0(gpiodref_group_set_values(group, 5, 4));
	ok_int(levels(), 1 << 0 | 1 << 3);
	ok_int(values_of(group, 5), 4);
	ok_int(values_of(group, 1), 0);
	ok_int(gpiodref_group_set_values(group, 8, 8), -EINVAL);
	gpiodref_chip *of = gpiodref_group_chip(group);
	ok(of == chip);
	gpiodref_chip_put(of);
	ok_int(gpiodref_group_is_alive(group), 1);
	gpiodref_group_put(group);
	unplug_and_let_go();
}

TEST("G7 a group has 64 lines at most, and all of them are read and set at once")
{
	plug_all();
	ok_errno(gpiodref_request_group(chip, all, 65, OUTPUT(), "group"), E2BIG);
	ok_contains(gpiodref_last_error(), "(board): 65 lines, and 64 is the most of a request");
	gpiodref_group *group = group_of(all, 64, OUTPUT());
	static const uint64_t patterns[] = {0, ~0ull, 0x0123456789abcdef};
	for (unsigned i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		ok0(gpiodref_group_set_values(group, ~0ull, patterns[i]));
		ok(levels() == patterns[i]);
		ok(values_of(group, ~0ull) == patterns[i]);
	}
	for (unsigned i = 0; i < 64; i++) {
		ok0(gpiodref_group_set_values(group, ~0ull, 1ull << i));
		ok(levels() == 1ull << i);
		ok(values_of(group, ~0ull) == 1ull << i);
	}
	ok0(gpiodref_group_set_values(group, 1ull << 63, 0));
	ok_int(levels(), 0);
	ok0(gpiodref_group_set_values(group, ~0ull, ~0ull));
	ok(values_of(group, 0xf0f0ull << 48) == 0xf0f0ull << 48);
	/* Others of the chip are free. */
	gpiodref_put(request(64, OUTPUT(), "test"));
	ok_holder(63, "group");
	gpiodref_group_put(group);
	ok_holder(63, "");
	unplug_and_let_go();
}

TEST("a group is all or nothing")
{
	plug();
	gpiodref_desc *held = request(2, OUTPUT(.value = 1), "led");

	ok_errno(gpiodref_request_group(chip, (unsigned[]){1, 2, 3}, 3, OUTPUT(), "group"), EBUSY);
	ok_contains(gpiodref_last_error(), "line 2 \"LED\": wanted by \"group\", held by \"led\"");
	ok_errno(gpiodref_request_group(chip, (unsigned[]){1, 3, 1}, 3, OUTPUT(), "group"), EBUSY);
	ok_contains(gpiodref_last_error(), "line 1 \"EEPROM_WP\": asked for twice in one request");
	ok_errno(gpiodref_request_group(chip, (unsigned[]){1, 8}, 2, OUTPUT(), "group"), EINVAL);
	ok_holder(1, "");
	ok_holder(3, "");
	ok_int(levels(), 1 << 2);
	gpiodref_put(held);
	unplug_and_let_go();
}

TEST("G3 lines of a group cannot be shared")
{
	plug();
	ok_errno(gpiodref_request_group(chip, (unsigned[]){1, 2}, 2, OUTPUT(.flags = SHARED), "group"), EINVAL);
	ok_contains(gpiodref_last_error(), "line 1 \"EEPROM_WP\": lines of a group cannot be shared");
	const struct gpiodref_config *configs[] = {OUTPUT(), OUTPUT(.flags = SHARED)};
	ok_errno(gpiodref_request_group_each(chip, (unsigned[]){1, 2}, 2, configs, "group"), EINVAL);
	ok_contains(gpiodref_last_error(), "line 2 \"LED\": lines of a group cannot be shared");
	gpiodref_group *group = group_of((unsigned[]){1, 2}, 2, OUTPUT());
	ok_int(gpiodref_group_reconfigure(group, OUTPUT(.flags = SHARED)), -EINVAL);
	ok_int(gpiodref_group_reconfigure_each(group, configs, 2), -EINVAL);
	gpiodref_group_put(group);
	unplug_and_let_go();
}

TEST("G2 a group is held by get and put: its lines are free with the last put")
{
	plug();
	struct account before = account();
	gpiodref_group *group = group_of((unsigned[]){0, 1}, 2, OUTPUT());

	ok(gpiodref_group_get(group) == group);
	gpiodref_group_put(group);
	ok_holder(0, "group");
	ok_holder(1, "group");
	gpiodref_group_put(group);
	ok_holder(0, "");
	ok_holder(1, "");
	ok_same(before);
	unplug_and_let_go();
}

TEST("each line of a group can be configured in its own way, and anew")
{
	const struct gpiodref_config *configs[] = {
		OUTPUT(.value = 1), OUTPUT(.flags = ACTIVE_LOW, .value = 1), INPUT(.bias = GPIODREF_BIAS_PULL_UP),
		OUTPUT(.drive = GPIODREF_DRIVE_OPEN_DRAIN), NULL, INPUT(.flags = ACTIVE_LOW),
	};

	plug();
	ok(!gpiodref_request_group_each(chip, (unsigned[]){0}, 0, configs, "none"));
	gpiodref_group *group = group_of_each((unsigned[]){0, 1, 2, 3, 4, 5}, 6, configs);
	ok_int(levels(), 1 << 0 | 1 << 2);
	ok_int(values_of(group, 0x3f), 1 << 0 | 1 << 1 | 1 << 2 | 1 << 5);
	ok_int(info_of(chip, 1).flags, ACTIVE_LOW);
	ok_int(info_of(chip, 2).bias, GPIODREF_BIAS_PULL_UP);
	ok_int(info_of(chip, 2).direction, GPIODREF_DIRECTION_INPUT);
	ok_int(info_of(chip, 3).drive, GPIODREF_DRIVE_OPEN_DRAIN);
	ok_int(info_of(chip, 4).direction, GPIODREF_DIRECTION_INPUT);

	/* None is set if one of them is no output. */
	ok_int(gpiodref_group_set_values(group, 7, 0), -EPERM);
	ok_contains(gpiodref_last_error(), "(board) lines [0, 1, 2, 3, 4, 5] of \"group\": " SET_CALL ": Operation not permitted");
	ok_int(levels(), 1 << 0 | 1 << 2);
	ok0(gpiodref_group_set_values(group, 3, 0));
	ok_int(levels(), 1 << 1 | 1 << 2);

	/* Configured anew, each in another way; NULL leaves one as it is. */
	const struct gpiodref_config *others[] = {
		NULL, OUTPUT(), OUTPUT(.value = 1, .flags = ACTIVE_LOW), INPUT(), OUTPUT(.value = 1), INPUT(),
	};
	ok0(gpiodref_group_reconfigure_each(group, others, 6));
	ok_int(levels(), 1 << 4);
	ok_int(info_of(chip, 0).direction, GPIODREF_DIRECTION_OUTPUT);
	ok_int(values_of(group, 0x3f), 1 << 2 | 1 << 4);
	ok0(gpiodref_group_reconfigure(group, OUTPUT(.flags = ACTIVE_LOW)));
	ok_int(levels(), 0x3f);
	ok0(gpiodref_group_reconfigure(group, NULL));
	ok_int(levels(), 0x3f);
	ok_int(values_of(group, 0x3f), 0);
	gpiodref_group_put(group);
	unplug_and_let_go();
}

TEST("a configuration of one line whose parts do not agree is refused with that line, and nothing changes")
{
	const struct gpiodref_config *configs[] = {OUTPUT(.value = 1), OUTPUT(.edge = GPIODREF_EDGE_BOTH)};

	plug();
	ok_errno(gpiodref_request_group_each(chip, (unsigned[]){1, 2}, 2, configs, "group"), EINVAL);
	ok_contains(gpiodref_last_error(), "line 2 \"LED\": edge detection is for lines of direction input");
	ok_holder(1, "");
	gpiodref_group *group = group_of((unsigned[]){1, 2}, 2, INPUT());
	ok_int(gpiodref_group_reconfigure_each(group, configs, 2), -EINVAL);
	ok_int(info_of(chip, 1).direction, GPIODREF_DIRECTION_INPUT);
	gpiodref_group_put(group);
	unplug_and_let_go();
}

/* The next event of a group, which surely comes; what a simulated chip told is there without a wait. */
static struct gpiodref_event next_of(gpiodref_group *group)
{
	struct gpiodref_event event = {.timestamp_ns = 0};

	if (SOON_MS)
		ok_int(gpiodref_group_wait(group, SOON_MS), GPIODREF_WAIT_EVENT);
	ok_int(gpiodref_group_read_events(group, &event, 1), 1);
	return event;
}

TEST("G7 the events of a group come in one order, numbered by line and in all")
{
	static const struct {
		unsigned offset, up, line_seqno;
	} pulls[] = {{5, 1, 1}, {0, 1, 1}, {5, 0, 2}, {3, 1, 1}, {5, 1, 3}};
	struct gpiodref_event event;

	plug();
	gpiodref_group *group = group_of((unsigned[]){5, 0, 3}, 3, EDGES());
	ok_int(gpiodref_group_wait(group, 0), GPIODREF_WAIT_TIMEOUT);
	ok_int(polled(gpiodref_group_fd(group), 0), 0);
	for (unsigned i = 0; i < 5; i++) {
		pull(pulls[i].offset, pulls[i].up);
		ok_int(polled(gpiodref_group_fd(group), SOON_MS), POLLIN);
		ok_int(gpiodref_group_wait(group, -1), GPIODREF_WAIT_EVENT);
		ok_int(gpiodref_group_read_events(group, &event, 1), 1);
		ok_int(event.offset, pulls[i].offset);
		ok_int(event.type, pulls[i].up ? GPIODREF_EVENT_RISING : GPIODREF_EVENT_FALLING);
		ok_int(event.line_seqno, pulls[i].line_seqno);
		ok_int(event.global_seqno, i + 1);
	}
	ok_int(gpiodref_group_read_events(group, &event, 1), 0);
	ok_int(gpiodref_group_events_lost(group), 0);
	gpiodref_group_put(group);
	unplug_and_let_go();
}

TEST("only the lines of a group that have edges tell them, each its own")
{
	const struct gpiodref_config *configs[] = {INPUT(.edge = GPIODREF_EDGE_RISING),
						   INPUT(.edge = GPIODREF_EDGE_RISING, .flags = ACTIVE_LOW), INPUT(), OUTPUT()};

	plug();
	gpiodref_group *group = group_of_each((unsigned[]){0, 1, 2, 3}, 4, configs);
	for (unsigned offset = 0; offset < 4; offset++)
		for (int up = 1; up >= 0; up--)
			pull(offset, up);
	ok_int(next_of(group).offset, 0);
	struct gpiodref_event event = next_of(group);
	ok_int(event.offset, 1);
	ok_int(event.type, GPIODREF_EVENT_RISING);
	ok_int(gpiodref_group_wait(group, QUIET_MS), GPIODREF_WAIT_TIMEOUT);
	ok_int(gpiodref_group_read_events(group, &event, 1), 0);
	gpiodref_group_put(group);
	unplug_and_let_go();
}

TEST("G4 G5 the chip goes: a group says what it knows, reads what had come, and then all is ENODEV")
{
	struct account before = account();
	struct gpiodref_event event;
	uint64_t values = 7;

	plug();
	gpiodref_group *group = group_of((unsigned[]){5, 0, 3}, 3, EDGES());
	int fd = gpiodref_group_fd(group);
	pull(0, 1);
	if (SOON_MS)
		ok_int(gpiodref_group_wait(group, SOON_MS), GPIODREF_WAIT_EVENT);
	unplug_and_let_go();
	ok_int(gpiodref_group_wait(group, -1), GPIODREF_WAIT_EVENT);
	ok_int(gpiodref_group_read_events(group, &event, 1), 1);
	ok_int(event.offset, 0);
	ok_int(gpiodref_group_wait(group, -1), GPIODREF_WAIT_GONE);
	ok_int(gpiodref_group_read_events(group, &event, 1), -ENODEV);
	ok(polled(fd, 0) & POLL_GONE);
	ok_int(gpiodref_group_get_values(group, 7, &values), -ENODEV);
	ok_int(gpiodref_group_set_values(group, 7, 0), -ENODEV);
	ok_int(gpiodref_group_reconfigure(group, INPUT()), -ENODEV);
	ok_int(gpiodref_group_is_alive(group), 0);
	ok_int(gpiodref_group_num_lines(group), 3);
	ok_int(gpiodref_group_offset(group, 2), 3);
	gpiodref_chip *of = gpiodref_group_chip(group);
	ok_str(gpiodref_chip_label(of), "board");
	gpiodref_chip_put(of);
	gpiodref_group_put(group);
	ok_same(before);
}

TEST("G4 a group is found again by its chip's label and its lines' names, configured as it was last")
{
	static const char *const moved[8] = {"LED", "BUTTON", NULL, NULL, "RESET", "EEPROM_WP"};

	plug();
	gpiodref_group *group = group_of((unsigned[]){0, 1, 2}, 3, INPUT());
	ok0(gpiodref_group_reconfigure_each(
		group, (const struct gpiodref_config *[]){OUTPUT(.value = 1), OUTPUT(.flags = ACTIVE_LOW, .value = 1), INPUT()}, 3));
	ok_errno(gpiodref_group_reattach(group), EINVAL);
	ok_contains(gpiodref_last_error(), "it is not gone");
	unplug_and_let_go();
	ok_errno(gpiodref_group_reattach(group), ENODEV);
	ok_contains(gpiodref_last_error(), "the chip has not come back");

	plug_named(moved);
	gpiodref_group *again = gpiodref_group_reattach(group);
	ok(again);
	ok_int(gpiodref_group_offset(again, 0), 4);
	ok_int(gpiodref_group_offset(again, 1), 5);
	ok_int(gpiodref_group_offset(again, 2), 0);
	ok_int(levels(), 1 << 4);
	ok_int(info_of(chip, 5).flags, ACTIVE_LOW);
	ok_int(values_of(again, 7), 1 << 0 | 1 << 1);
	ok_holder(0, "group");
	uint64_t values;
	ok_int(gpiodref_group_get_values(group, 1, &values), -ENODEV);
	ok_errno(gpiodref_group_reattach(group), EBUSY);
	gpiodref_group_put(group);
	ok_int(gpiodref_group_is_alive(again), 1);
	gpiodref_group_put(again);
	unplug_and_let_go();
}

enum { THREADS = 4, ROUNDS = MANY_ROUNDS };

static gpiodref_group *common;

/* Each has lines of its own in the group, and reads back what it set. */
static int set_and_get(void *data)
{
	uint64_t mask = 0xffffull << 16 * (long)data;

	for (uint64_t round = 0; round < ROUNDS; round++) {
		uint64_t wanted = round * 0x9e3779b97f4a7c15 & mask, values;

		if (gpiodref_group_set_values(common, mask, wanted) || gpiodref_group_get_values(common, mask, &values))
			return -1;
		if (values != wanted)
			return -2;
	}
	return 0;
}

TEST("G10 several threads set their own lines of one group, and none sees the others'")
{
	struct call calls[THREADS];

	plug_all();
	common = group_of(all, 64, OUTPUT());
	for (long i = 0; i < THREADS; i++)
		call_start(&calls[i], set_and_get, (void *)i);
	for (int i = 0; i < THREADS; i++)
		ok0(call_end(&calls[i], UINT64_MAX));
	gpiodref_group_put(common);
	unplug_and_let_go();
}

#endif
