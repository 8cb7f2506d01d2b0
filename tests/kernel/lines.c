/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines of the system: requested, read, driven, configured, handed to other programs and taken over from them (G3, G7, G8, G10). */
#include <sys/prctl.h>

#include "board.h"

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
	ok_contains(gpiodref_last_error(), "(board) line 3 \"BUTTON\" of \"button\": ");
	ok_contains(gpiodref_last_error(), "Operation not permitted");
	ok_int(gpiodref_set_raw_value(in, 0), -EPERM);
	ok_int(level(2), 1);
	ok_int(gpiodref_get_value(out), 1);
	ok0(gpiodref_set_value(out, 0));
	ok_int(level(2), 0);
	ok_int(gpiodref_get_value(out), 0);
	gpiodref_put(in);
	gpiodref_put(out);
	let_go();
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
	pull(3, 1);
	ok_int(gpiodref_get_value(in), 0);
	ok_int(gpiodref_get_raw_value(in), 1);
	ok0(gpiodref_reconfigure(in, INPUT()));
	ok_int(gpiodref_get_value(in), 1);
	ok_int(gpiodref_get_raw_value(in), 1);
	gpiodref_put(in);
	gpiodref_put(out);
	let_go();
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
	let_go();
}

TEST("a direction is changed and the rest stays: bias, drive, polarity")
{
	plug();
	gpiodref_desc *desc = request(0, OUTPUT(.flags = ACTIVE_LOW, .value = 1, .bias = GPIODREF_BIAS_PULL_UP), "test");
	struct gpiodref_config config = {.size = sizeof(config)};

	ok_int(level(0), 0);
	ok0(gpiodref_direction_input(desc));
	struct gpiodref_line_info info = info_of(chip, 0);
	ok_int(info.direction, GPIODREF_DIRECTION_INPUT);
	ok_int(info.bias, GPIODREF_BIAS_PULL_UP);
	ok_int(info.flags, ACTIVE_LOW);
	ok_int(gpiodref_set_value(desc, 1), -EPERM);
	ok0(gpiodref_direction_output(desc, 0));
	ok_int(level(0), 1);
	ok0(gpiodref_direction_output(desc, 1));
	ok_int(level(0), 0);
	info = info_of(chip, 0);
	ok_int(info.direction, GPIODREF_DIRECTION_OUTPUT);
	ok_int(info.bias, GPIODREF_BIAS_PULL_UP);
	ok_int(info.flags, ACTIVE_LOW);
	ok0(gpiodref_desc_config(desc, &config));
	ok_int(config.direction, GPIODREF_DIRECTION_OUTPUT);
	ok_int(config.bias, GPIODREF_BIAS_PULL_UP);
	ok_int(config.value, 1);
	gpiodref_put(desc);
	let_go();
}

TEST("what is configured anew is configured completely, and NULL leaves it")
{
	plug();
	gpiodref_desc *desc = request(0, OUTPUT(.drive = GPIODREF_DRIVE_OPEN_SOURCE, .flags = ACTIVE_LOW), "test");

	ok_int(info_of(chip, 0).drive, GPIODREF_DRIVE_OPEN_SOURCE);
	ok0(gpiodref_reconfigure(desc, EDGES(.clock = GPIODREF_CLOCK_REALTIME, .debounce_us = 5)));
	for (int round = 0; round < 2; round++) {
		struct gpiodref_line_info info = info_of(chip, 0);
		ok_int(info.direction, GPIODREF_DIRECTION_INPUT);
		ok_int(info.edge, GPIODREF_EDGE_BOTH);
		ok_int(info.clock, GPIODREF_CLOCK_REALTIME);
		ok_int(info.debounce_us, 5);
		ok(!info.flags && !info.drive);
		ok0(gpiodref_reconfigure(desc, NULL));
	}
	ok0(gpiodref_reconfigure(desc, OUTPUT(.value = 1)));
	ok_int(level(0), 1);
	ok_int(info_of(chip, 0).edge, GPIODREF_EDGE_NONE);
	gpiodref_put(desc);
	let_go();
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
	let_go();
}

TEST("a descriptor says what it is, and holds its chip")
{
	plug();
	gpiodref_desc *desc = request(1, OUTPUT(), "eeprom"), *nameless = request(5, NULL, NULL);
	gpiodref_chip *of = gpiodref_desc_chip(desc);
	char program[16];

	ok_str(gpiodref_chip_name(of), board.chip);
	ok_str(gpiodref_desc_name(desc), "EEPROM_WP");
	ok_str(gpiodref_desc_consumer(desc), "eeprom");
	ok_int(gpiodref_desc_offset(desc), 1);
	ok_int(gpiodref_is_alive(desc), 1);
	ok_str(gpiodref_desc_name(nameless), "");
	/* As the system calls it: under valgrind another one than program_invocation_short_name. */
	ok0(prctl(PR_GET_NAME, program));
	ok_str(gpiodref_desc_consumer(nameless), program);
	ok_holder(5, program);
	gpiodref_put(nameless);
	gpiodref_chip_put(of);
	gpiodref_chip_put(chip);
	ok_str(gpiodref_desc_name(desc), "EEPROM_WP");
	ok0(gpiodref_set_value(desc, 1));
	ok_int(level(1), 1);
	chip = gpiodref_desc_chip(desc);
	gpiodref_put(desc);
	let_go();
}

TEST("G7 a consumer's name of 31 bytes is the kernel's too")
{
	plug();
	gpiodref_desc *desc = request(0, NULL, "0123456789012345678901234567890");
	ok_holder(0, "0123456789012345678901234567890");
	gpiodref_put(desc);
	ok_errno(gpiodref_request(chip, 0, NULL, "01234567890123456789012345678901"), EINVAL);
	let_go();
}

TEST("G3 a line that somebody has is refused, and he is named, whether in this program, in another, or in the kernel")
{
	make_sim(&board, "board", 8);
	sim_name(&board, 2, "LED");
	sim_hog(&board, 4, "boot", "input");
	sim_live(&board, 1);
	chip = gpiodref_chip_open(board.path);
	gpiodref_desc *desc = request(2, OUTPUT(.value = 1), "leds");
	int line = stranger(3, 1, GPIO_V2_LINE_FLAG_INPUT);
	char sentence[128];

	snprintf(sentence, sizeof(sentence), "%s (board) line 2 \"LED\": wanted by \"blinker\", held by \"leds\"", board.chip);
	ok_none(gpiodref_request(chip, 2, OUTPUT(), "blinker"), EBUSY, sentence);
	ok_none(gpiodref_request(chip, 2, OUTPUT(.flags = SHARED), "blinker"), EBUSY, sentence);
	ok_none(gpiodref_request_group(chip, (unsigned[]){1, 2}, 2, OUTPUT(), "blinker"), EBUSY, sentence);
	ok_errno(gpiodref_request(chip, 3, NULL, "blinker"), EBUSY);
	ok_contains(gpiodref_last_error(), "line 3: wanted by \"blinker\", held by \"stranger\"");
	ok_errno(gpiodref_request(chip, 4, NULL, "blinker"), EBUSY);
	ok_contains(gpiodref_last_error(), "line 4: wanted by \"blinker\", held by \"boot\"");
	ok_holder(1, "");
	ok_int(level(2), 1);
	close(line);
	gpiodref_put(request(3, NULL, "blinker"));
	gpiodref_put(desc);
	let_go();
}

TEST("a line is handed to another program by its file descriptor, and claimed until both have let go")
{
	plug();
	struct account before = account();
	gpiodref_desc *desc = request(2, OUTPUT(.value = 1), "led");
	int fd = gpiodref_export_fd(desc);

	ok(fd >= 0);
	ok(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	ok_int(stranger_value(fd), 1);
	gpiodref_put(desc);
	ok_holder(2, "led");
	ok_int(level(2), 1);
	close(fd);
	ok_holder(2, "");
	ok_same(before);
	let_go();
}

TEST("a line that another library requested is taken over as it is")
{
	struct gpiodref_config config = {.size = sizeof(config)};

	plug();
	struct account before = account();
	int fd = stranger(2, 1, GPIO_V2_LINE_FLAG_OUTPUT | GPIO_V2_LINE_FLAG_ACTIVE_LOW | GPIO_V2_LINE_FLAG_OPEN_DRAIN);
	gpiodref_desc *desc = gpiodref_adopt(fd);
	ok(desc);
	ok_str(gpiodref_desc_name(desc), "LED");
	ok_str(gpiodref_desc_consumer(desc), "stranger");
	ok_int(gpiodref_desc_offset(desc), 2);
	ok0(gpiodref_desc_config(desc, &config));
	ok_int(config.direction, GPIODREF_DIRECTION_OUTPUT);
	ok_int(config.drive, GPIODREF_DRIVE_OPEN_DRAIN);
	ok_int(config.flags, ACTIVE_LOW);
	ok_int(config.value, gpiodref_get_value(desc));
	ok0(gpiodref_set_value(desc, 1));
	ok_int(level(2), 0);
	ok_holder(2, "stranger");
	gpiodref_put(desc);
	ok_holder(2, "");

	/* With its edges, of which nobody has read any. */
	fd = stranger(3, 1, GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING);
	desc = gpiodref_adopt(fd);
	ok(fcntl(gpiodref_fd(desc), F_GETFL) & O_NONBLOCK);
	pull(3, 1);
	ok_int(gpiodref_wait(desc, SOON_MS), GPIODREF_WAIT_EVENT);
	gpiodref_put(desc);

	/* Our own, that went to and fro. */
	desc = request(2, OUTPUT(.value = 1), "led");
	gpiodref_desc *again = gpiodref_adopt(gpiodref_export_fd(desc));
	gpiodref_put(desc);
	ok_holder(2, "led");
	ok_int(gpiodref_get_value(again), 1);
	gpiodref_put(again);
	ok_same(before);
	let_go();
}

TEST("what cannot be taken over stays the caller's")
{
	plug();
	struct account before = account();
	int lines = stranger(2, 2, GPIO_V2_LINE_FLAG_INPUT), node = open(board.path, O_RDWR), null = open("/dev/null", O_RDWR);

	ok_errno(gpiodref_adopt(lines), EINVAL);
	ok_contains(gpiodref_last_error(), "has 2 lines of ");
	ok_contains(gpiodref_last_error(), "which are a group");
	ok_errno(gpiodref_adopt(node), EINVAL);
	ok_contains(gpiodref_last_error(), "is not one of requested GPIO lines");
	ok_errno(gpiodref_adopt(null), EINVAL);
	ok_errno(gpiodref_group_adopt(null), EINVAL);
	ok_errno(gpiodref_adopt(-1), EBADF);
	ok_errno(gpiodref_adopt(999), EBADF);
	ok0(close(null));
	ok0(close(node));

	gpiodref_group *group = gpiodref_group_adopt(lines);
	ok(group);
	ok_int(gpiodref_group_num_lines(group), 2);
	ok_int(gpiodref_group_offset(group, 1), 3);
	gpiodref_group_put(group);
	ok_holder(2, "");
	/* Lines of a chip that is gone. */
	lines = stranger(2, 1, GPIO_V2_LINE_FLAG_INPUT);
	unplug();
	ok_errno(gpiodref_adopt(lines), ENODEV);
	ok0(close(lines));
	ok_same(((struct account){before.fds, before.holders, before.chips - 1}));
	let_go();
}

TEST("G8 a line is found by what it is for, and the board's polarity counts")
{
	plug();
	ok0(gpiodref_table_add("eeprom0", "wp", 0, "board", "EEPROM_WP", ACTIVE_LOW));
	ok0(gpiodref_table_add("panel", "reset", 0, "board", "0", SHARED));
	gpiodref_desc *wp = gpiodref_lookup("eeprom0", "wp", 0, OUTPUT(.value = 1));
	ok(wp);
	ok_str(gpiodref_desc_name(wp), "EEPROM_WP");
	ok_holder(1, "eeprom0 wp");
	ok_int(level(1), 0);
	ok0(gpiodref_set_value(wp, 0));
	ok_int(level(1), 1);
	gpiodref_desc *one = gpiodref_lookup("panel", "reset", 0, OUTPUT());
	gpiodref_desc *two = gpiodref_lookup_optional("panel", "reset", 0, OUTPUT());
	ok(one && two);
	ok0(gpiodref_vote(two, 1));
	ok_int(level(0), 1);
	ok_errno(gpiodref_lookup_optional("panel", "reset", 1, OUTPUT()), 0);
	unplug();
	ok_errno(gpiodref_lookup("eeprom0", "wp", 0, OUTPUT()), ENOENT);
	ok_errno(gpiodref_lookup_optional("eeprom0", "wp", 0, OUTPUT()), ENOENT);
	gpiodref_put(wp);
	gpiodref_put(one);
	gpiodref_put(two);
	ok0(gpiodref_table_remove("eeprom0", "wp", 0));
	ok0(gpiodref_table_remove("panel", "reset", 0));
	let_go();
}

enum { THREADS = 4, ROUNDS = 200 };

static gpiodref_desc *common;

/* Everything that can be done with one descriptor by many threads at once. */
static int use(void *data)
{
	for (int round = 0; round < ROUNDS; round++) {
		gpiodref_desc *mine = gpiodref_get(common);

		if (mine != common || gpiodref_set_value(mine, round & 1))
			return -1;
		int value = gpiodref_get_value(mine);
		if (value != 0 && value != 1)
			return -2;
		if (round % 20 == 0 && gpiodref_direction_output(mine, (long)data & 1))
			return -3;
		if (round % 20 == 10 && gpiodref_reconfigure(mine, OUTPUT(.flags = round & 2 ? ACTIVE_LOW : 0)))
			return -4;
		gpiodref_put(mine);
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
	let_go();
}
