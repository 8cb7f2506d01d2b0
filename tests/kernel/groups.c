/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines of the system that are requested, read and set together, within the limits of the kernel's interface (G7). */
#include "board.h"

static unsigned all[64];

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

/* The levels of the first wires. */
static uint64_t levels(unsigned lines)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < lines; i++)
		bits |= (uint64_t)level(i) << i;
	return bits;
}

TEST("the lines of a group are bits in the order in which they were asked for")
{
	plug();
	gpiodref_group *group = group_of((unsigned[]){5, 0, 3}, 3, OUTPUT());

	ok_int(gpiodref_group_num_lines(group), 3);
	ok_int(gpiodref_group_offset(group, 0), 5);
	ok_int(gpiodref_group_offset(group, 2), 3);
	ok_int(gpiodref_group_is_alive(group), 1);
	gpiodref_chip *of = gpiodref_group_chip(group);
	ok_str(gpiodref_chip_name(of), board.chip);
	gpiodref_chip_put(of);
	ok0(gpiodref_group_set_values(group, 7, 1));
	ok_int(levels(8), 1 << 5);
	ok0(gpiodref_group_set_values(group, 6, ~0ull));
	ok_int(levels(8), 1 << 5 | 1 << 0 | 1 << 3);
	ok_int(values_of(group, 7), 7);
	ok0(gpiodref_group_set_values(group, 5, 4));
	ok_int(levels(8), 1 << 0 | 1 << 3);
	ok_int(values_of(group, 5), 4);
	ok_int(gpiodref_group_set_values(group, 8, 8), -EINVAL);
	gpiodref_group_put(group);
	let_go();
}

TEST("G7 a group has 64 lines at most, and all of them are read and set at once")
{
	for (unsigned i = 0; i < 64; i++)
		all[i] = i;
	plug_lines(65);
	unsigned more[65];
	memcpy(more, all, sizeof(all));
	more[64] = 64;
	ok_errno(gpiodref_request_group(chip, more, 65, OUTPUT(), "group"), E2BIG);
	ok_contains(gpiodref_last_error(), "(board): 65 lines, and 64 is the most of a request");
	gpiodref_group *group = group_of(all, 64, OUTPUT());
	static const uint64_t patterns[] = {0, ~0ull, 0x0123456789abcdef, 1ull << 63};
	for (unsigned i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		ok0(gpiodref_group_set_values(group, ~0ull, patterns[i]));
		ok(levels(64) == patterns[i]);
		ok(values_of(group, ~0ull) == patterns[i]);
	}
	gpiodref_group_put(group);
	ok_holder(63, "");
	let_go();
}

TEST("a group is all or nothing")
{
	plug();
	int line = stranger(2, 1, GPIO_V2_LINE_FLAG_OUTPUT);

	ok_errno(gpiodref_request_group(chip, (unsigned[]){1, 2, 3}, 3, OUTPUT(), "group"), EBUSY);
	ok_contains(gpiodref_last_error(), "line 2 \"LED\": wanted by \"group\", held by \"stranger\"");
	ok_errno(gpiodref_request_group(chip, (unsigned[]){1, 3, 1}, 3, OUTPUT(), "group"), EBUSY);
	ok_contains(gpiodref_last_error(), "line 1 \"EEPROM_WP\": asked for twice in one request");
	ok_holder(1, "");
	ok_holder(3, "");
	close(line);
	let_go();
}

TEST("each line of a group can be configured in its own way, and anew")
{
	const struct gpiodref_config *configs[] = {
		OUTPUT(.value = 1), OUTPUT(.flags = ACTIVE_LOW, .value = 1), INPUT(.bias = GPIODREF_BIAS_PULL_UP), NULL,
		INPUT(.flags = ACTIVE_LOW),
	};
	const struct gpiodref_config *others[] = {NULL, OUTPUT(), OUTPUT(.value = 1, .flags = ACTIVE_LOW), OUTPUT(.value = 1), INPUT()};

	plug();
	gpiodref_group *group = group_of_each((unsigned[]){0, 1, 2, 3, 4}, 5, configs);
	ok_int(levels(8), 1 << 0 | 1 << 2);
	ok_int(values_of(group, 0x1f), 1 << 0 | 1 << 1 | 1 << 2 | 1 << 4);
	ok_int(info_of(chip, 1).flags, ACTIVE_LOW);
	ok_int(info_of(chip, 2).bias, GPIODREF_BIAS_PULL_UP);
	ok_int(info_of(chip, 3).direction, GPIODREF_DIRECTION_INPUT);
	/* None is set if one of them is no output. */
	ok_int(gpiodref_group_set_values(group, 7, 0), -EPERM);
	ok_int(levels(8), 1 << 0 | 1 << 2);
	ok0(gpiodref_group_reconfigure_each(group, others, 5));
	ok_int(levels(8), 1 << 0 | 1 << 3);
	ok_int(values_of(group, 0x1f), 1 << 0 | 1 << 2 | 1 << 3);
	ok0(gpiodref_group_reconfigure(group, OUTPUT(.flags = ACTIVE_LOW)));
	ok_int(levels(8), 0x1f);
	ok0(gpiodref_group_reconfigure(group, NULL));
	ok_int(levels(8), 0x1f);
	ok_int(values_of(group, 0x1f), 0);
	gpiodref_group_put(group);
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

TEST("G7 the events of a group come in one order, numbered by line and in all")
{
	static const struct {
		unsigned offset, up;
	} pulls[] = {{5, 1}, {0, 1}, {5, 0}, {3, 1}, {5, 1}};
	static const unsigned line_seqnos[] = {1, 1, 2, 1, 3};
	struct gpiodref_event event;

	plug();
	gpiodref_group *group = group_of((unsigned[]){5, 0, 3}, 3, EDGES());
	ok_int(gpiodref_group_wait(group, 0), GPIODREF_WAIT_TIMEOUT);
	ok_int(polled(gpiodref_group_fd(group), 0), 0);
	for (unsigned i = 0; i < 5; i++) {
		pull(pulls[i].offset, pulls[i].up);
		ok_int(polled(gpiodref_group_fd(group), SOON_MS), POLLIN);
		ok_int(gpiodref_group_wait(group, SOON_MS), GPIODREF_WAIT_EVENT);
		ok_int(gpiodref_group_read_events(group, &event, 1), 1);
		ok_int(event.offset, pulls[i].offset);
		ok_int(event.type, pulls[i].up ? GPIODREF_EVENT_RISING : GPIODREF_EVENT_FALLING);
		ok_int(event.line_seqno, line_seqnos[i]);
		ok_int(event.global_seqno, i + 1);
	}
	ok_int(gpiodref_group_read_events(group, &event, 1), 0);
	ok_int(gpiodref_group_events_lost(group), 0);
	gpiodref_group_put(group);
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

TEST("G2 G3 a group is held by get and put, and its lines cannot be shared")
{
	plug();
	struct account before = account();
	gpiodref_group *group = group_of((unsigned[]){0, 1}, 2, OUTPUT());
	ok(gpiodref_group_get(group) == group);
	gpiodref_group_put(group);
	ok_holder(1, "group");
	gpiodref_group_put(group);
	ok_holder(0, "");
	ok_holder(1, "");
	ok_errno(gpiodref_request_group(chip, (unsigned[]){1, 2}, 2, OUTPUT(.flags = SHARED), "group"), EINVAL);
	ok_contains(gpiodref_last_error(), "lines of a group cannot be shared");
	ok_same(before);
	let_go();
}

enum { THREADS = 4, ROUNDS = 300 };

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

	plug_lines(64);
	for (unsigned i = 0; i < 64; i++)
		all[i] = i;
	common = group_of(all, 64, OUTPUT());
	for (long i = 0; i < THREADS; i++)
		call_start(&calls[i], set_and_get, (void *)i);
	for (int i = 0; i < THREADS; i++)
		ok0(call_end(&calls[i], UINT64_MAX));
	gpiodref_group_put(common);
	let_go();
}
