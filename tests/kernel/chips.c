/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Chips of the system: opened, listed, asked, hogged; other programs use their lines too (G8, G9). */
#include "board.h"
#include "gpio/chips.h"

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

TEST("a label that two chips of the system have opens neither, and both are named")
{
	static struct sim other;

	plug();
	make_sim(&other, "board", 1);
	sim_live(&other, 1);
	ok_errno(gpiodref_chip_open("board"), ENOTUNIQ);
	ok_contains(gpiodref_last_error(), board.chip);
	ok_contains(gpiodref_last_error(), other.chip);
	ok_contains(gpiodref_last_error(), " both have the label \"board\"");
	sim_destroy(&other);
	let_go();
}

TEST("the list has the system's chips by number, then those of this process, each once")
{
	enum { MANY = 11 };
	static struct sim sims[MANY];
	char name[32] = "";
	long last = -1;
	int system_chips = 0;

	plug_ours("ours", 1, NULL);
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
	ok_str(name, gpiodref_chip_name(our_chip));
	for (int i = 0; i < MANY; i++)
		ok_int(is_listed(sims[i].chip), 1);
	/* The place of one that has gone stays. */
	sim_live(&sims[0], 0);
	ok_int(is_listed(sims[0].chip), 0);
	ok(gpiodref_chip_next(sims[0].chip, name, sizeof(name)) > 0);
	ok_str(name, sims[1].chip);
	for (int i = 0; i < MANY; i++)
		sim_destroy(&sims[i]);
	unplug_ours();
}

TEST("a line is told as the kernel knows it, whoever has it")
{
	make_sim(&board, "board", 8);
	sim_hog(&board, 4, "boot", "output-high");
	sim_live(&board, 1);
	chip = gpiodref_chip_open(board.path);
	struct gpiodref_line_info info = info_of(chip, 4);
	ok_str(info.name, "");
	ok_str(info.consumer, "boot");
	ok_int(info.used, 1);
	ok_int(info.direction, GPIODREF_DIRECTION_OUTPUT);
	int line = stranger(5, 1, GPIO_V2_LINE_FLAG_OUTPUT | GPIO_V2_LINE_FLAG_OPEN_SOURCE);
	info = info_of(chip, 5);
	ok_str(info.consumer, "stranger");
	ok_int(info.used, 1);
	ok_int(info.drive, GPIODREF_DRIVE_OPEN_SOURCE);
	close(line);
	ok_holder(5, "");
	let_go();
}

TEST("a chip that is gone has no path any more")
{
	plug();
	unplug();
	ok_errno(gpiodref_chip_open(board.path), ENOENT);
	let_go();
}

TEST("G8 a hog drives its line until nobody holds its chip any more, or the chip goes")
{
	plug();
	int line = stranger(3, 1, GPIO_V2_LINE_FLAG_INPUT);
	gpiodref_chip *hogged = gpiodref_chip_open(board.path);
	ok0(gpiodref_hog(hogged, 2, "power-led", 1));
	ok_int(level(2), 1);
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
