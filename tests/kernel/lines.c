/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines of the system: handed to other programs and taken over from them, and found by what they are for (G3, G8). */
#include "board.h"
#include "gpio/lines.h"

TEST("G3 a line that another program or the kernel has is refused, and he is named")
{
	make_sim(&board, "board", 8);
	sim_hog(&board, 4, "boot", "input");
	sim_live(&board, 1);
	chip = gpiodref_chip_open(board.path);
	int line = stranger(3, 1, GPIO_V2_LINE_FLAG_INPUT);

	ok_errno(gpiodref_request(chip, 3, NULL, "blinker"), EBUSY);
	ok_contains(gpiodref_last_error(), "line 3: wanted by \"blinker\", held by \"stranger\"");
	ok_errno(gpiodref_request(chip, 4, NULL, "blinker"), EBUSY);
	ok_contains(gpiodref_last_error(), "line 4: wanted by \"blinker\", held by \"boot\"");
	close(line);
	gpiodref_put(request(3, NULL, "blinker"));
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
