/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Chips of the system: opened, listed, asked, hogged; and what of them outlives the hardware (G1, G4, G8). */
#include "board.h"

static int is_listed(const char *wanted)
{
	char name[32];
	int length, found = 0;

	for (length = gpiodref_chip_next(NULL, name, sizeof(name)); length > 0;
	     length = gpiodref_chip_next(name, name, sizeof(name)))
		found += !strcmp(name, wanted);
	ok_int(length, 0);
	return found;
}

TEST("a chip is found by its path, by a link to it, by its name and by its label")
{
	char link[64];

	plug();
	snprintf(link, sizeof(link), "/tmp/holdfast-%d", getpid());
	ok0(symlink(board.path, link));
	const char *const keys[] = {board.path, link, board.chip, "board"};
	for (int i = 0; i < 4; i++) {
		gpiodref_chip *found = gpiodref_chip_open(keys[i]);
		ok(found);
		ok_str(gpiodref_chip_name(found), board.chip);
		ok_str(gpiodref_chip_label(found), "board");
		ok_int(gpiodref_chip_num_lines(found), 8);
		ok_int(gpiodref_chip_is_alive(found), 1);
		gpiodref_chip_put(found);
	}
	ok0(unlink(link));
	let_go();
}

TEST("a chip that one may not open is EACCES, also where it is looked for by its label or a line")
{
	unsigned offset;
	gpiodref_chip *found;

	plug();
	ok0(seteuid(65534));
	errno = 0;
	gpiodref_chip *by_path = gpiodref_chip_open(board.path);
	int path_errno = errno;
	gpiodref_chip *by_label = gpiodref_chip_open("board");
	int label_errno = errno, line_error = gpiodref_find_line("LED", &found, &offset);
	ok0(seteuid(0));
	ok(!by_path && !by_label);
	ok_int(path_errno, EACCES);
	ok_int(label_errno, EACCES);
	ok_int(line_error, -EACCES);
	let_go();
}

TEST("a label that two chips have opens neither, the system's or ours, and both are named")
{
	static struct sim other;
	struct gpiodref_chip_config config = {.size = sizeof(config), .label = "board", .num_lines = 1};
	char sentence[128];

	plug();
	make_sim(&other, "board", 1);
	sim_live(&other, 1);
	ok_errno(gpiodref_chip_open("board"), ENOTUNIQ);
	ok_contains(gpiodref_last_error(), board.chip);
	ok_contains(gpiodref_last_error(), other.chip);
	ok_contains(gpiodref_last_error(), " both have the label \"board\"");
	sim_destroy(&other);

	gpiodref_sim *ours = gpiodref_sim_new(&config);
	gpiodref_chip *of = gpiodref_sim_chip(ours);
	snprintf(sentence, sizeof(sentence), "%s and %s both have the label \"board\"", gpiodref_chip_name(of), board.chip);
	ok_none(gpiodref_chip_open("board"), ENOTUNIQ, sentence);
	/* By its name each is found. */
	gpiodref_chip *found = gpiodref_chip_open(board.chip);
	ok_int(gpiodref_chip_num_lines(found), 8);
	gpiodref_chip_put(found);
	ok0(gpiodref_sim_remove(ours));
	gpiodref_chip_put(of);
	gpiodref_sim_put(ours);
	let_go();
}

TEST("the list has the system's chips by number, then those of this process, each once")
{
	enum { MANY = 11 };
	static struct sim sims[MANY];
	struct gpiodref_chip_config config = {.size = sizeof(config), .label = "ours", .num_lines = 1};
	gpiodref_sim *ours = gpiodref_sim_new(&config);
	gpiodref_chip *of = gpiodref_sim_chip(ours);
	char name[32] = "";
	long last = -1;
	int system_chips = 0;

	for (int i = 0; i < MANY; i++) {
		make_sim(&sims[i], "many", 1);
		sim_live(&sims[i], 1);
	}
	for (int length = gpiodref_chip_next(NULL, name, sizeof(name)); !strncmp(name, "gpiochip", 8);
	     length = gpiodref_chip_next(name, name, sizeof(name))) {
		ok_int(length, strlen(name));
		long number = strtol(name + 8, NULL, 10);
		ok(number > last);
		last = number;
		system_chips++;
	}
	ok(system_chips >= MANY);
	ok_str(name, gpiodref_chip_name(of));
	for (int i = 0; i < MANY; i++)
		ok_int(is_listed(sims[i].chip), 1);
	/* The place of one that has gone stays. */
	sim_live(&sims[0], 0);
	ok_int(is_listed(sims[0].chip), 0);
	ok(gpiodref_chip_next(sims[0].chip, name, sizeof(name)) > 0);
	ok_str(name, sims[1].chip);
	for (int i = 0; i < MANY; i++)
		sim_destroy(&sims[i]);
	ok0(gpiodref_sim_remove(ours));
	gpiodref_chip_put(of);
	gpiodref_sim_put(ours);
}

TEST("a line is told as the kernel knows it, whoever has it")
{
	make_sim(&board, "board", 8);
	sim_name(&board, 1, "EEPROM_WP");
	sim_hog(&board, 4, "boot", "output-high");
	sim_live(&board, 1);
	chip = gpiodref_chip_open(board.path);

	struct gpiodref_line_info info = info_of(chip, 1);
	ok_int(info.offset, 1);
	ok_str(info.name, "EEPROM_WP");
	ok_str(info.consumer, "");
	ok_int(info.used, 0);
	ok_int(info.direction, GPIODREF_DIRECTION_INPUT);
	ok(!info.edge && !info.bias && !info.drive && !info.clock && !info.flags && !info.debounce_us);
	info = info_of(chip, 4);
	ok_str(info.name, "");
	ok_str(info.consumer, "boot");
	ok_int(info.used, 1);
	ok_int(info.direction, GPIODREF_DIRECTION_OUTPUT);

	gpiodref_desc *out = request(1, OUTPUT(.drive = GPIODREF_DRIVE_OPEN_DRAIN, .bias = GPIODREF_BIAS_PULL_UP,
						.flags = ACTIVE_LOW), "eeprom");
	gpiodref_desc *in = request(3, EDGES(.clock = GPIODREF_CLOCK_REALTIME, .debounce_us = 250), "button");
	int line = stranger(5, 1, GPIO_V2_LINE_FLAG_OUTPUT | GPIO_V2_LINE_FLAG_OPEN_SOURCE);
	info = info_of(chip, 1);
	ok_str(info.consumer, "eeprom");
	ok_int(info.direction, GPIODREF_DIRECTION_OUTPUT);
	ok_int(info.drive, GPIODREF_DRIVE_OPEN_DRAIN);
	ok_int(info.bias, GPIODREF_BIAS_PULL_UP);
	ok_int(info.flags, ACTIVE_LOW);
	info = info_of(chip, 3);
	ok_int(info.direction, GPIODREF_DIRECTION_INPUT);
	ok_int(info.edge, GPIODREF_EDGE_BOTH);
	ok_int(info.clock, GPIODREF_CLOCK_REALTIME);
	ok_int(info.debounce_us, 250);
	info = info_of(chip, 5);
	ok_str(info.consumer, "stranger");
	ok_int(info.used, 1);
	ok_int(info.drive, GPIODREF_DRIVE_OPEN_SOURCE);
	close(line);
	gpiodref_put(out);
	gpiodref_put(in);
	ok_holder(1, "");
	ok_holder(3, "");
	ok_holder(5, "");
	ok_int(gpiodref_line_info(chip, 8, &info), -EINVAL);
	ok_contains(gpiodref_last_error(), "it has 8 lines, and no line 8");
	let_go();
}

TEST("a line is found by name, on its chip or on whatever chip has it, and requested so")
{
	static const char *const names[] = {"FAN", "LED"};
	struct gpiodref_chip_config config = {.size = sizeof(config), .label = "ours", .names = names, .num_lines = 2};
	gpiodref_chip *found;
	unsigned offset;

	plug();
	ok0(gpiodref_chip_find_line(chip, "BUTTON", &offset));
	ok_int(offset, 3);
	ok0(gpiodref_chip_find_line(chip, "7", &offset));
	ok_int(offset, 7);
	ok_int(gpiodref_chip_find_line(chip, "FAN", &offset), -ENOENT);
	ok0(gpiodref_find_line("LED", &found, &offset));
	ok_str(gpiodref_chip_name(found), board.chip);
	ok_int(offset, 2);
	gpiodref_chip_put(found);
	gpiodref_desc *led = gpiodref_request_by_name("LED", OUTPUT(.value = 1), "blinker");
	ok(led);
	ok_int(level(2), 1);
	ok_errno(gpiodref_request_by_name("LED", NULL, "late"), EBUSY);
	ok_contains(gpiodref_last_error(), "line 2 \"LED\": wanted by \"late\", held by \"blinker\"");
	gpiodref_put(led);

	/* The same name on a chip of this process. */
	gpiodref_sim *ours = gpiodref_sim_new(&config);
	ok_int(gpiodref_find_line("LED", &found, &offset), -ENOTUNIQ);
	ok_contains(gpiodref_last_error(), "(board) line 2 \"LED\" and ");
	ok_contains(gpiodref_last_error(), "(ours) line 1 \"LED\" have the same name");
	ok_errno(gpiodref_request_by_name("LED", NULL, "test"), ENOTUNIQ);
	ok0(gpiodref_sim_remove(ours));
	gpiodref_sim_put(ours);
	ok_errno(gpiodref_request_by_name("FOG", NULL, "test"), ENOENT);
	let_go();
}

TEST("G1 G4 a chip outlives its hardware: what it is called can be asked, and the rest is ENODEV")
{
	struct gpiodref_line_info info = {.size = sizeof(info)};
	unsigned offset;

	plug();
	int fd = gpiodref_chip_fd(chip);
	ok(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	ok(fcntl(fd, F_GETFL) & O_NONBLOCK);
	ok_int(polled(fd, 0), 0);
	unplug();
	ok(polled(fd, 0) & (POLLERR | POLLHUP));
	ok_int(gpiodref_chip_is_alive(chip), 0);
	ok_str(gpiodref_chip_name(chip), board.chip);
	ok_str(gpiodref_chip_label(chip), "board");
	ok_int(gpiodref_chip_num_lines(chip), 8);
	ok_int(gpiodref_line_info(chip, 0, &info), -ENODEV);
	ok_contains(gpiodref_last_error(), "(board) line 0");
	ok_contains(gpiodref_last_error(), "the chip is gone");
	ok_errno(gpiodref_request(chip, 0, NULL, "late"), ENODEV);
	ok_errno(gpiodref_request(chip, 0, CONFIG(.flags = SHARED), "late"), ENODEV);
	ok_errno(gpiodref_request_group(chip, (unsigned[]){0, 1}, 2, NULL, "late"), ENODEV);
	ok_errno(gpiodref_watch_lines(chip, NULL, 0), ENODEV);
	ok_int(gpiodref_hog(chip, 0, "late", 1), -ENODEV);
	ok0(gpiodref_chip_find_line(chip, "2", &offset));
	ok_errno(gpiodref_chip_open(board.path), ENOENT);
	ok_errno(gpiodref_chip_open(board.chip), ENOENT);
	ok_errno(gpiodref_chip_open("board"), ENOENT);
	let_go();
}

TEST("G4 a chip that comes back is another one, with another number while the old one is held")
{
	char first[32];

	plug();
	strcpy(first, board.chip);
	unplug();
	sim_live(&board, 1);
	gpiodref_chip *back = gpiodref_chip_open("board");
	ok(back);
	ok_str(gpiodref_chip_name(back), board.chip);
	ok(strcmp(gpiodref_chip_name(back), first));
	ok_int(gpiodref_chip_is_alive(back), 1);
	/* The old one is what it was, and found no more. */
	ok_int(gpiodref_chip_is_alive(chip), 0);
	ok_errno(gpiodref_request(chip, 0, NULL, "test"), ENODEV);
	ok_errno(gpiodref_chip_open(first), ENOENT);
	gpiodref_chip_put(back);
	let_go();
}

TEST("G8 a hog drives its line until nobody holds its chip any more, or the chip goes")
{
	plug();
	gpiodref_chip *hogged = gpiodref_chip_open(board.path);
	ok0(gpiodref_hog(hogged, 2, "power-led", 1));
	ok_int(level(2), 1);
	ok_holder(2, "power-led");
	ok_errno(gpiodref_request(chip, 2, NULL, "test"), EBUSY);
	ok_contains(gpiodref_last_error(), "line 2 \"LED\": wanted by \"test\", held by \"power-led\"");
	int line = stranger(3, 1, GPIO_V2_LINE_FLAG_INPUT);
	ok_int(gpiodref_hog(hogged, 3, "late", 1), -EBUSY);
	ok_contains(gpiodref_last_error(), "held by \"stranger\"");
	close(line);
	gpiodref_chip_put(hogged);
	ok_holder(2, "");
	ok_int(level(2), 0);
	ok0(gpiodref_hog(chip, 2, "power-led", 1));
	unplug();
	let_go();
}

TEST("G9 what only a provider may do with his chip is refused for the system's")
{
	plug();
	ok_int(gpiodref_chip_remove(chip), -EINVAL);
	ok_contains(gpiodref_last_error(), "(board) is the system's, not one that this process provides");
	ok_int(gpiodref_chip_drain(chip, 0), -EINVAL);
	ok_int(gpiodref_chip_push_edge(chip, 0, 1, 0), -EINVAL);
	ok_int(gpiodref_chip_is_alive(chip), 1);
	let_go();
}
