/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Simulated chips: opened, listed, hogged, held by nobody (G1, G8, G9, K7). */
#include "fixtures.h"
#include "gpio/chips.h"

#include <sys/stat.h>

TEST("what is no chip is not opened, and is named")
{
	ok_none(gpiodref_chip_open("nowhere"), ENOENT, "no GPIO chip has the path, name or label \"nowhere\"");
	ok_none(gpiodref_chip_open("/dev/gpiochip4711"), ENOENT, "/dev/gpiochip4711: there is no such GPIO chip");
	ok_none(gpiodref_chip_open("gpiochip4711"), ENOENT, "/dev/gpiochip4711: there is no such GPIO chip");
	/* A device, a file and a folder that are none. */
	ok_errno(gpiodref_chip_open("/dev/null"), EINVAL);
	ok_contains(gpiodref_last_error(), "/dev/null: GPIO_GET_CHIPINFO_IOCTL: this is not a GPIO chip");
	char path[] = "/tmp/holdfast-XXXXXX";
	int fd = mkstemp(path);
	ok(fd >= 0);
	close(fd);
	ok_errno(gpiodref_chip_open(path), EINVAL);
	ok_contains(gpiodref_last_error(), "this is not a GPIO chip");
	/* A FIFO does not hang us. */
	ok0(unlink(path));
	ok0(mkfifo(path, 0600));
	ok_errno(gpiodref_chip_open(path), EINVAL);
	ok0(unlink(path));
	ok_errno(gpiodref_chip_open("/tmp/"), EISDIR);
}

TEST("the list has every chip once, while others come and go")
{
	char name[32], first[32];
	gpiodref_sim *other;

	plug();
	strcpy(first, gpiodref_chip_name(chip));
	other = sim_of("other", 1, NULL, 0);
	ok_int(is_listed(first), 1);
	ok_int(gpiodref_chip_next(first, name, sizeof(name)), strlen(name));
	ok_int(is_listed(name), 1);
	ok_int(gpiodref_chip_next(name, name, sizeof(name)), 0);
	ok_int(gpiodref_chip_next(first, name, strlen(name)), -ERANGE);
	/* The place of one that has gone stays. */
	unplug();
	ok_int(is_listed(first), 0);
	ok_int(gpiodref_chip_next(first, name, sizeof(name)), strlen(name));
	ok0(gpiodref_sim_remove(other));
	ok_int(gpiodref_chip_next(first, name, sizeof(name)), 0);
	let_go();
	gpiodref_sim_put(other);
}

TEST("the list goes by number: the tenth comes after the ninth")
{
	enum { MANY = 12 };
	gpiodref_sim *sims[MANY];
	char name[32] = "virtual", next[32];
	unsigned long last = 0;

	for (int i = 0; i < MANY; i++)
		sims[i] = sim_of("many", 1, NULL, 0);
	for (int i = 0; i < MANY; i++) {
		ok(gpiodref_chip_next(name, next, sizeof(next)) > 0);
		ok0(strncmp(next, "virtual", 7));
		unsigned long number = strtoul(next + 7, NULL, 10);
		ok(i == 0 || number == last + 1);
		last = number;
		strcpy(name, next);
	}
	ok_int(gpiodref_chip_next(name, next, sizeof(next)), 0);
	for (int i = 0; i < MANY; i++) {
		ok0(gpiodref_sim_remove(sims[i]));
		gpiodref_sim_put(sims[i]);
	}
}

TEST("K7 a name is not given twice, held or not")
{
	char first[32];

	plug();
	strcpy(first, gpiodref_chip_name(chip));
	unplug_and_let_go();
	plug();
	ok(strcmp(first, gpiodref_chip_name(chip)));
	ok_errno(gpiodref_chip_open(first), ENOENT);
	unplug_and_let_go();
}

TEST("G4 no edge is pushed on a chip that is gone")
{
	plug();
	unplug();
	ok_int(gpiodref_chip_push_edge(chip, 0, 1, 0), -ENODEV);
	let_go();
}

TEST("G1 a chip stays until it is removed, though nobody holds it")
{
	plug();
	let_go();
	chip = gpiodref_chip_open("board");
	ok(chip);
	ok_int(gpiodref_chip_is_alive(chip), 1);
	ok0(gpiodref_chip_remove(chip));
	ok0(gpiodref_chip_remove(chip));
	ok_int(gpiodref_chip_is_alive(chip), 0);
	gpiodref_chip_put(chip);
}

TEST("a line is found on its chip by name, or else by number")
{
	static const char *const names[] = {"A", "1", "twice", "twice", "A B"};
	gpiodref_sim *sim = sim_of("names", 5, names, 0);
	gpiodref_chip *of = gpiodref_sim_chip(sim);
	unsigned offset = 99;

	ok0(gpiodref_chip_find_line(of, "A", &offset));
	ok_int(offset, 0);
	ok0(gpiodref_chip_find_line(of, "A B", &offset));
	ok_int(offset, 4);
	/* A name that is a number. */
	ok0(gpiodref_chip_find_line(of, "1", &offset));
	ok_int(offset, 1);
	ok0(gpiodref_chip_find_line(of, "3", &offset));
	ok_int(offset, 3);
	ok_int(gpiodref_chip_find_line(of, "twice", &offset), -ENOTUNIQ);
	ok_contains(gpiodref_last_error(), "lines 2 and 3 are both called \"twice\"");
	ok_int(gpiodref_chip_find_line(of, "a", &offset), -ENOENT);
	ok_contains(gpiodref_last_error(), "(names): no line is called \"a\"");
	ok_int(gpiodref_chip_find_line(of, "5", &offset), -EINVAL);
	ok_int(offset, 3);
	ok0(gpiodref_sim_remove(sim));
	gpiodref_chip_put(of);
	gpiodref_sim_put(sim);
}

TEST("G8 a hog stays until its chip goes, though nobody holds the chip")
{
	plug();
	ok0(gpiodref_hog(chip, 2, "power-led", 1));
	gpiodref_chip_put(chip);
	ok_int(level(2), 1);
	chip = gpiodref_sim_chip(board);
	ok_holder(2, "power-led");
	unplug_and_let_go();
}

TEST("G8 G9 hogs do not keep a chip from going")
{
	board = sim_of("hogged", 2, NULL, GPIODREF_REMOVE_REFUSE);
	chip = gpiodref_sim_chip(board);
	ok0(gpiodref_hog(chip, 0, "first", 1));
	ok0(gpiodref_hog(chip, 1, "second", 0));
	unplug_and_let_go();
}
