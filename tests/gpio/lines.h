/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines that are requested, read, driven, configured, handed around and let go (G1, G2, G3, G7, G10), on every board. */
#ifndef GPIO_LINES_H
#define GPIO_LINES_H

#include <sys/prctl.h>

TEST("an input has the value of its wire, an output gives its own")
{
	plug();
	gpiodref_desc *in = request(3, INPUT(), "button"), *out = request(2, OUTPUT(.value = 1), "led");

	ok_int(gpiodref_get_value(in), 0);
	pull(3, 1);
	ok_int(gpiodref_get_value(in), 1);
	pull(3, 0);
	ok_int(gpiodref_get_value(in), 0);
	ok_int(gpiodref_set_value(in, 0), -EPERM);
	ok_contains(gpiodref_last_error(), "(board) line 3 \"BUTTON\" of \"button\": " SET_CALL ": Operation not permitted");
	ok_int(gpiodref_set_raw_value(in, 0), -EPERM);
	ok_int(level(2), 1);
	ok_int(gpiodref_get_value(out), 1);
	ok0(gpiodref_set_value(out, 0));
	ok_int(level(2), 0);
	ok_int(gpiodref_get_value(out), 0);
	/* What is driven does not mind a resistor. */
	pull(2, 1);
	ok_int(gpiodref_get_value(out), 0);
	gpiodref_put(in);
	gpiodref_put(out);
	unplug_and_let_go();
}

TEST("active low: the value is the opposite of the level, and raw is the level")
{
	plug();
	gpiodref_desc *out = request(2, OUTPUT(.flags = ACTIVE_LOW, .value = 1), "led");
	gpiodref_desc *in = request(3, INPUT(.flags = ACTIVE_LOW), "button");

	ok_int(level(2), 0);
	ok_int(gpiodref_get_value(out), 1);
	ok_int(gpiodref_get_raw_value(out), 0);
	ok0(gpiodref_set_value(out, 0));
	ok_int(level(2), 1);
	ok0(gpiodref_set_raw_value(out, 0));
	ok_int(level(2), 0);
	ok_int(gpiodref_get_value(out), 1);
	ok_int(gpiodref_get_value(in), 1);
	ok_int(gpiodref_get_raw_value(in), 0);
	pull(3, 1);
	ok_int(gpiodref_get_value(in), 0);
	ok_int(gpiodref_get_raw_value(in), 1);
	/* With another polarity the values are others at once. */
	ok0(gpiodref_reconfigure(in, INPUT()));
	ok_int(gpiodref_get_value(in), 1);
	ok_int(gpiodref_get_raw_value(in), 1);
	ok0(gpiodref_reconfigure(out, OUTPUT(.value = 1)));
	ok_int(level(2), 1);
	gpiodref_put(in);
	gpiodref_put(out);
	unplug_and_let_go();
}

TEST("a bias is a resistor at the wire")
{
	plug();
	gpiodref_desc *desc = request(0, INPUT(.bias = GPIODREF_BIAS_PULL_UP), "test");

	ok_int(gpiodref_get_value(desc), 1);
	ok_int(info_of(chip, 0).bias, GPIODREF_BIAS_PULL_UP);
	ok0(gpiodref_reconfigure(desc, INPUT(.bias = GPIODREF_BIAS_PULL_DOWN)));
	ok_int(gpiodref_get_value(desc), 0);
	ok_int(info_of(chip, 0).bias, GPIODREF_BIAS_PULL_DOWN);
	ok0(gpiodref_reconfigure(desc, INPUT(.bias = GPIODREF_BIAS_DISABLED)));
	ok_int(info_of(chip, 0).bias, GPIODREF_BIAS_DISABLED);
	gpiodref_put(desc);
	unplug_and_let_go();
}

TEST("a direction is changed and the rest stays: bias, drive, polarity")
{
	plug();
	gpiodref_desc *desc = request(0, OUTPUT(.flags = ACTIVE_LOW, .value = 1, .bias = GPIODREF_BIAS_PULL_UP,
						.drive = GPIODREF_DRIVE_OPEN_DRAIN), "test");
	struct gpiodref_config config = {.size = sizeof(config)};

	ok_int(level(0), 0);
	ok0(gpiodref_direction_input(desc));
	ok_int(level(0), 1);
	ok_int(gpiodref_get_value(desc), 0);
	struct gpiodref_line_info info = info_of(chip, 0);
	ok_int(info.direction, GPIODREF_DIRECTION_INPUT);
	ok_int(info.bias, GPIODREF_BIAS_PULL_UP);
	ok_int(info.flags, ACTIVE_LOW);
	ok_int(gpiodref_set_value(desc, 1), -EPERM);
	ok0(gpiodref_direction_output(desc, 1));
	ok_int(level(0), 0);
	ok0(gpiodref_direction_output(desc, 0));
	ok_int(level(0), 1);
	info = info_of(chip, 0);
	ok_int(info.direction, GPIODREF_DIRECTION_OUTPUT);
	ok_int(info.bias, GPIODREF_BIAS_PULL_UP);
	ok_int(info.flags, ACTIVE_LOW);
	ok0(gpiodref_desc_config(desc, &config));
	ok_int(config.direction, GPIODREF_DIRECTION_OUTPUT);
	ok_int(config.bias, GPIODREF_BIAS_PULL_UP);
	ok_int(config.value, 0);
	ok0(gpiodref_direction_output(desc, 1));
	ok_int(level(0), 0);
	ok0(gpiodref_desc_config(desc, &config));
	ok_int(config.value, 1);
	gpiodref_put(desc);
	unplug_and_let_go();
}

TEST("making an input of an input with edges leaves the edges out")
{
	plug();
	gpiodref_desc *desc = request(3, EDGES(.debounce_us = 10), "test");

	ok0(gpiodref_direction_input(desc));
	ok_int(info_of(chip, 3).edge, GPIODREF_EDGE_NONE);
	pull(3, 1);
	ok_int(gpiodref_wait(desc, QUIET_MS), GPIODREF_WAIT_TIMEOUT);
	gpiodref_put(desc);
	unplug_and_let_go();
}

TEST("what is configured anew is configured completely, and NULL leaves it")
{
	plug();
	gpiodref_desc *desc = request(0, OUTPUT(.value = 1, .flags = ACTIVE_LOW, .bias = GPIODREF_BIAS_PULL_UP,
						.drive = GPIODREF_DRIVE_OPEN_SOURCE), "test");
	struct gpiodref_config config = {.size = sizeof(config)};

	ok_int(info_of(chip, 0).drive, GPIODREF_DRIVE_OPEN_SOURCE);
	ok0(gpiodref_reconfigure(desc, EDGES(.clock = GPIODREF_CLOCK_REALTIME, .debounce_us = 5, .event_buffer = 3)));
	for (int round = 0; round < 2; round++) {
		ok0(gpiodref_desc_config(desc, &config));
		ok_int(config.size, sizeof(config));
		ok_int(config.direction, GPIODREF_DIRECTION_INPUT);
		ok_int(config.edge, GPIODREF_EDGE_BOTH);
		ok_int(config.clock, GPIODREF_CLOCK_REALTIME);
		ok_int(config.debounce_us, 5);
		ok_int(config.event_buffer, 3);
		ok(!config.flags && !config.bias && !config.drive && !config.value);
		struct gpiodref_line_info info = info_of(chip, 0);
		ok_int(info.direction, GPIODREF_DIRECTION_INPUT);
		ok_int(info.edge, GPIODREF_EDGE_BOTH);
		ok_int(info.clock, GPIODREF_CLOCK_REALTIME);
		ok_int(info.debounce_us, 5);
		ok(!info.flags && !info.bias && !info.drive);
		ok0(gpiodref_reconfigure(desc, NULL));
	}
	ok0(gpiodref_reconfigure(desc, OUTPUT(.value = 1)));
	ok_int(level(0), 1);
	ok_int(info_of(chip, 0).edge, GPIODREF_EDGE_NONE);
	/* Nor is its polarity forgotten. */
	ok0(gpiodref_reconfigure(desc, OUTPUT(.flags = ACTIVE_LOW)));
	ok0(gpiodref_reconfigure(desc, NULL));
	ok_int(gpiodref_get_value(desc), 0);
	ok_int(gpiodref_get_raw_value(desc), 1);
	/* A line does not become shared in the middle. */
	ok_int(gpiodref_reconfigure(desc, INPUT(.flags = SHARED)), -EINVAL);
	ok_contains(gpiodref_last_error(), "whether a line is shared is settled when it is requested");
	gpiodref_put(desc);
	unplug_and_let_go();
}

TEST("without a configuration a line stays as it is")
{
	plug();
	gpiodref_desc *desc = request(2, NULL, "test");

	ok_int(info_of(chip, 2).direction, GPIODREF_DIRECTION_INPUT);
	ok_int(gpiodref_set_value(desc, 1), -EPERM);
	ok0(gpiodref_direction_output(desc, 1));
	gpiodref_put(desc);
	desc = request(2, CONFIG(.flags = ACTIVE_LOW), "test");
	ok_int(info_of(chip, 2).direction, GPIODREF_DIRECTION_OUTPUT);
	ok0(gpiodref_set_value(desc, 0));
	ok_int(level(2), 1);
	gpiodref_put(desc);
	unplug_and_let_go();
}

TEST("open drain and open source leave one level to the resistor")
{
	plug();
	gpiodref_desc *drain = request(0, OUTPUT(.drive = GPIODREF_DRIVE_OPEN_DRAIN, .value = 1), "test");
	gpiodref_desc *source = request(1, OUTPUT(.drive = GPIODREF_DRIVE_OPEN_SOURCE, .bias = GPIODREF_BIAS_PULL_UP), "test");

	ok_int(gpiodref_get_value(drain), 0);
	pull(0, 1);
	ok_int(gpiodref_get_value(drain), 1);
	ok0(gpiodref_set_value(drain, 0));
	ok_int(level(0), 0);
	ok_int(gpiodref_get_value(source), 1);
	pull(1, 0);
	ok_int(gpiodref_get_value(source), 0);
	ok0(gpiodref_set_value(source, 1));
	ok_int(level(1), 1);
	gpiodref_put(drain);
	gpiodref_put(source);
	unplug_and_let_go();
}

TEST("parts of a configuration that do not agree are refused, with the line and the reason")
{
	static const struct {
		struct gpiodref_config config;
		const char *sentence;
	} wrong[] = {
#define WRONG(text, ...) {{.size = sizeof(struct gpiodref_config), __VA_ARGS__}, text}
		WRONG("edge detection is for lines of direction input, and this one's is output", .direction = 2, .edge = 1),
		WRONG("edge detection is for lines of direction input, and this one's is as-is", .edge = 3),
		WRONG("debouncing is for lines of direction input", .direction = 2, .debounce_us = 1),
		WRONG("debouncing is for lines of direction input", .debounce_us = 1),
		WRONG("a drive other than push-pull is for lines of direction output", .direction = 1, .drive = 1),
		WRONG("a drive other than push-pull is for lines of direction output", .drive = 2),
		WRONG("a value is for lines of direction output", .direction = 1, .value = 1),
		WRONG("a value is for lines of direction output", .value = 1),
		WRONG("bias pull-up needs a direction", .bias = 2),
	};

	plug();
	gpiodref_desc *held = request(1, OUTPUT(.value = 1), "test");
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		ok_errno(gpiodref_request(chip, 0, &wrong[i].config, "test"), EINVAL);
		ok_contains(gpiodref_last_error(), "(board) line 0 \"RESET\": ");
		ok_contains(gpiodref_last_error(), wrong[i].sentence);
		ok_int(gpiodref_reconfigure(held, &wrong[i].config), -EINVAL);
		ok_contains(gpiodref_last_error(), wrong[i].sentence);
		ok_errno(gpiodref_request_group(chip, (unsigned[]){0, 2}, 2, &wrong[i].config, "test"), EINVAL);
		struct gpiodref_config shared = wrong[i].config;
		shared.flags = SHARED;
		ok_errno(gpiodref_request(chip, 0, &shared, "test"), EINVAL);
	}
	ok_holder(0, "");
	ok_int(gpiodref_get_value(held), 1);
	gpiodref_put(held);
	unplug_and_let_go();
}

TEST("G7 a consumer's name has 31 bytes at most, and without one it is the program's")
{
	plug();
	gpiodref_desc *desc = request(0, NULL, "0123456789012345678901234567890");
	ok_str(gpiodref_desc_consumer(desc), "0123456789012345678901234567890");
	ok_holder(0, "0123456789012345678901234567890");
	gpiodref_put(desc);
	ok_errno(gpiodref_request(chip, 0, NULL, "01234567890123456789012345678901"), EINVAL);
	/* Sixteen letters of two bytes are 32. */
	ok_errno(gpiodref_request(chip, 0, NULL, "éééééééééééééééé"), EINVAL);
	ok_contains(gpiodref_last_error(), "is longer than 31 bytes");
	desc = request(0, NULL, NULL);
	/* As the system calls it: under valgrind another one than program_invocation_short_name. */
	char program[16];
	ok0(prctl(PR_GET_NAME, program));
	ok_str(gpiodref_desc_consumer(desc), program);
	ok_holder(0, program);
	gpiodref_put(desc);
	unplug_and_let_go();
}

TEST("a descriptor says what it is, and holds its chip")
{
	plug();
	gpiodref_desc *desc = request(1, OUTPUT(), "eeprom"), *nameless = request(5, NULL, "test");
	gpiodref_chip *of = gpiodref_desc_chip(desc);

	ok(of == chip);
	ok_str(gpiodref_desc_name(desc), "EEPROM_WP");
	ok_str(gpiodref_desc_consumer(desc), "eeprom");
	ok_int(gpiodref_desc_offset(desc), 1);
	ok_int(gpiodref_is_alive(desc), 1);
	ok_str(gpiodref_desc_name(nameless), "");
	gpiodref_put(nameless);
	gpiodref_chip_put(of);
	gpiodref_chip_put(chip);
	ok_str(gpiodref_desc_name(desc), "EEPROM_WP");
	ok0(gpiodref_set_value(desc, 1));
	ok_int(level(1), 1);
	chip = gpiodref_desc_chip(desc);
	gpiodref_put(desc);
	unplug_and_let_go();
}

TEST("G2 a line is held by get and put: it is free with the last put, and not before")
{
	plug();
	struct account before = account();
	gpiodref_desc *desc = request(0, OUTPUT(.value = 1), "first");

	ok(gpiodref_get(desc) == desc);
	ok(gpiodref_get(desc) == desc);
	gpiodref_put(desc);
	gpiodref_put(desc);
	ok_holder(0, "first");
	ok_int(gpiodref_get_value(desc), 1);
	ok_errno(gpiodref_request(chip, 0, NULL, "second"), EBUSY);
	gpiodref_put(desc);
	ok_holder(0, "");
	desc = request(0, NULL, "second");
	gpiodref_put(desc);
	ok_same(before);
	unplug_and_let_go();
}

TEST("G1 a weak handle holds memory and no line; it leads back as long as somebody has the line")
{
	plug();
	struct account before = account();
	gpiodref_desc *desc = request(0, OUTPUT(), "test");
	gpiodref_weak *weak = gpiodref_downgrade(desc), *other = gpiodref_downgrade(desc);

	ok(weak && other);
	gpiodref_desc *again = gpiodref_upgrade(weak);
	ok(again == desc);
	gpiodref_put(desc);
	ok_holder(0, "test");
	gpiodref_weak_put(other);
	gpiodref_put(again);
	/* The memory is there, and the line is free. */
	ok_holder(0, "");
	ok_none(gpiodref_upgrade(weak), EINVAL, "the line of this descriptor has been released");
	ok_none(gpiodref_get(desc), EINVAL, "the line of this descriptor has been released");
	desc = request(0, OUTPUT(), "next");
	/* It is not the next one's. */
	ok_errno(gpiodref_upgrade(weak), EINVAL);
	gpiodref_weak_put(weak);
	gpiodref_put(desc);
	ok_same(before);
	unplug_and_let_go();
}

TEST("G1 a weak handle outlives the chip")
{
	struct account before = account();

	plug();
	gpiodref_desc *desc = request(0, OUTPUT(), "test");
	gpiodref_weak *weak = gpiodref_downgrade(desc);
	unplug_and_let_go();
	gpiodref_desc *again = gpiodref_upgrade(weak);
	ok(again == desc);
	ok_int(gpiodref_get_value(again), -ENODEV);
	gpiodref_put(again);
	gpiodref_put(desc);
	ok_errno(gpiodref_upgrade(weak), EINVAL);
	gpiodref_weak_put(weak);
	ok_same(before);
}

TEST("G3 a second plain request of a line is refused, and says who has it")
{
	plug();
	gpiodref_desc *desc = request(2, OUTPUT(.value = 1), "leds");
	char sentence[128];

	snprintf(sentence, sizeof(sentence), "%s (board) line 2 \"LED\": wanted by \"blinker\", held by \"leds\"",
		 gpiodref_chip_name(chip));
	ok_none(gpiodref_request(chip, 2, OUTPUT(), "blinker"), EBUSY, sentence);
	ok_none(gpiodref_request(chip, 2, OUTPUT(.flags = SHARED), "blinker"), EBUSY, sentence);
	ok_none(gpiodref_request_by_name("LED", OUTPUT(), "blinker"), EBUSY, sentence);
	ok_none(gpiodref_request_group(chip, (unsigned[]){1, 2}, 2, OUTPUT(), "blinker"), EBUSY, sentence);
	/* Nothing of the group is left behind, and the line is what it was. */
	ok_holder(1, "");
	ok_int(level(2), 1);
	gpiodref_put(desc);
	unplug_and_let_go();
}

enum { THREADS = 4, ROUNDS = MANY_ROUNDS };

static gpiodref_desc *common;

/* Everything that can be done with one descriptor by many threads at once. */
static int use(void *data)
{
	long number = (long)data;

	for (int round = 0; round < ROUNDS; round++) {
		gpiodref_desc *mine = gpiodref_get(common);
		struct gpiodref_config config = {.size = sizeof(config)};

		if (mine != common || gpiodref_set_value(mine, round & 1))
			return -1;
		int value = gpiodref_get_value(mine);
		if (value != 0 && value != 1)
			return -2;
		if (round % 50 == 0 && gpiodref_direction_output(mine, number & 1))
			return -3;
		if (round % 50 == 25 && gpiodref_reconfigure(mine, OUTPUT(.flags = round & 2 ? ACTIVE_LOW : 0)))
			return -4;
		if (gpiodref_desc_config(mine, &config) || config.direction != GPIODREF_DIRECTION_OUTPUT)
			return -5;
		gpiodref_weak *weak = gpiodref_downgrade(mine);
		gpiodref_put(mine);
		gpiodref_desc *again = gpiodref_upgrade(weak);
		if (again != common)
			return -6;
		gpiodref_put(again);
		gpiodref_weak_put(weak);
	}
	return 0;
}

TEST("G10 any number of threads use one descriptor")
{
	struct call calls[THREADS];

	plug();
	struct account before = account();
	ok0(gpiodref_set_tracking(0));
	common = request(2, OUTPUT(), "common");
	for (long i = 0; i < THREADS; i++)
		call_start(&calls[i], use, (void *)i);
	for (int i = 0; i < THREADS; i++)
		ok0(call_end(&calls[i], UINT64_MAX));
	gpiodref_put(common);
	ok_same(before);
	unplug_and_let_go();
}

/* Each wants the line for itself, for a moment. */
static atomic_int owners, granted;

static int want(void *unused)
{
	(void)unused;
	for (int round = 0; round < ROUNDS; round++) {
		gpiodref_desc *mine = gpiodref_request(chip, 0, OUTPUT(), "one of many");

		if (!mine) {
			if (errno != EBUSY)
				return -errno;
			continue;
		}
		if (atomic_fetch_add(&owners, 1))
			return -1;
		atomic_fetch_add(&granted, 1);
		atomic_fetch_sub(&owners, 1);
		gpiodref_put(mine);
	}
	return 0;
}

TEST("G3 of many threads that want a line one has it at a time, and the others hear EBUSY")
{
	struct call calls[THREADS];

	plug();
	for (int i = 0; i < THREADS; i++)
		call_start(&calls[i], want, NULL);
	for (int i = 0; i < THREADS; i++)
		ok0(call_end(&calls[i], UINT64_MAX));
	ok(atomic_load(&granted) > 0);
	ok_holder(0, "");
	unplug_and_let_go();
}

#endif
