/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Chips: opened, listed, asked, hogged; and what of them outlives their provider (G1). */
#include "fixtures.h"

#include <sys/stat.h>

static int is_listed(const char *wanted)
{
	char name[32];
	int length, found = 0;

	for (length = gpiodref_chip_next(NULL, name, sizeof(name)); length > 0;
	     length = gpiodref_chip_next(name, name, sizeof(name))) {
		ok_int(length, strlen(name));
		found += !strcmp(name, wanted);
	}
	ok_int(length, 0);
	return found;
}

TEST("a chip is found by its name and by its label, and is the same then")
{
	plug();
	ok_str(gpiodref_chip_label(chip), "board");
	ok_int(gpiodref_chip_num_lines(chip), 8);
	ok_int(gpiodref_chip_is_alive(chip), 1);
	gpiodref_chip *by_label = gpiodref_chip_open("board");
	gpiodref_chip *by_name = gpiodref_chip_open(gpiodref_chip_name(chip));
	ok(by_label == chip && by_name == chip);
	gpiodref_chip_put(by_label);
	gpiodref_chip_put(by_name);
	unplug_and_let_go();
}

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

TEST("a label that two chips have opens neither, and both are named")
{
	gpiodref_sim *two = sim_of("twin", 1, NULL, 0);
	char sentence[128];

	plug_in("twin");
	gpiodref_chip *other = gpiodref_sim_chip(two);
	snprintf(sentence, sizeof(sentence), "%s and %s both have the label \"twin\"", gpiodref_chip_name(other),
		 gpiodref_chip_name(chip));
	ok_none(gpiodref_chip_open("twin"), ENOTUNIQ, sentence);
	unplug();
	gpiodref_chip *found = gpiodref_chip_open("twin");
	ok(found == other);
	gpiodref_chip_put(found);
	let_go();
	ok0(gpiodref_sim_remove(two));
	gpiodref_chip_put(other);
	gpiodref_sim_put(two);
}

TEST("a chip that is called as another is labelled is found by the name")
{
	plug();
	gpiodref_sim *liar = sim_of(gpiodref_chip_name(chip), 1, NULL, 0);
	gpiodref_chip *found = gpiodref_chip_open(gpiodref_chip_name(chip));
	ok(found == chip);
	gpiodref_chip_put(found);
	ok0(gpiodref_sim_remove(liar));
	gpiodref_sim_put(liar);
	unplug_and_let_go();
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

TEST("G1 a chip outlives its provider: what it is called can be asked, what it is cannot")
{
	struct gpiodref_line_info info = {.size = sizeof(info)};
	char name[32];
	unsigned offset;

	plug();
	strcpy(name, gpiodref_chip_name(chip));
	unplug();
	ok_str(gpiodref_chip_name(chip), name);
	ok_str(gpiodref_chip_label(chip), "board");
	ok_int(gpiodref_chip_num_lines(chip), 8);
	ok_int(gpiodref_chip_is_alive(chip), 0);
	ok_errno(gpiodref_chip_open("board"), ENOENT);
	ok_errno(gpiodref_chip_open(name), ENOENT);
	ok_int(gpiodref_line_info(chip, 0, &info), -ENODEV);
	ok_contains(gpiodref_last_error(), "(board) line 0");
	ok_contains(gpiodref_last_error(), "the chip is gone");
	ok_errno(gpiodref_request(chip, 0, NULL, "late"), ENODEV);
	ok_errno(gpiodref_request(chip, 0, CONFIG(.flags = SHARED), "late"), ENODEV);
	ok_errno(gpiodref_request_group(chip, (unsigned[]){0, 1}, 2, NULL, "late"), ENODEV);
	ok_errno(gpiodref_watch_lines(chip, NULL, 0), ENODEV);
	ok_int(gpiodref_hog(chip, 0, "late", 1), -ENODEV);
	ok_int(gpiodref_chip_push_edge(chip, 0, 1, 0), -ENODEV);
	/* What was never asked while it was there is not known any more. */
	ok_int(gpiodref_chip_find_line(chip, "LED", &offset), -ENOENT);
	ok0(gpiodref_chip_find_line(chip, "2", &offset));
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

TEST("a line is told as it is")
{
	plug();
	struct gpiodref_line_info info = info_of(chip, 1);
	ok_int(info.size, sizeof(info));
	ok_int(info.offset, 1);
	ok_int(info.used, 0);
	ok_str(info.name, "EEPROM_WP");
	ok_str(info.consumer, "");
	ok_int(info.direction, GPIODREF_DIRECTION_INPUT);
	ok(!info.edge && !info.bias && !info.drive && !info.clock && !info.flags && !info.debounce_us);
	ok_str(info_of(chip, 5).name, "");

	gpiodref_desc *out = request(1, OUTPUT(.drive = GPIODREF_DRIVE_OPEN_DRAIN, .bias = GPIODREF_BIAS_PULL_UP,
						.flags = ACTIVE_LOW, .value = 1), "eeprom");
	gpiodref_desc *in = request(3, EDGES(.clock = GPIODREF_CLOCK_REALTIME, .debounce_us = 250), "button");
	info = info_of(chip, 1);
	ok_int(info.used, 1);
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
	gpiodref_put(out);
	gpiodref_put(in);
	info = info_of(chip, 3);
	ok_int(info.used, 0);
	ok_int(info.edge, GPIODREF_EDGE_NONE);
	ok_int(info.debounce_us, 0);
	unplug_and_let_go();
}

TEST("a struct of a newer program is filled as far as the library knows it")
{
	struct {
		struct gpiodref_line_info info;
		uint64_t newer[4];
	} room = {.info.size = sizeof(room), .newer = {1, 2, 3, 4}};

	plug();
	ok0(gpiodref_line_info(chip, 2, &room.info));
	ok_int(room.info.size, sizeof(room));
	ok_str(room.info.name, "LED");
	for (int i = 0; i < 4; i++)
		ok_int(room.newer[i], 0);

	struct {
		struct gpiodref_config config;
		uint64_t newer;
	} config = {.config = {.size = sizeof(config), .direction = GPIODREF_DIRECTION_OUTPUT}};
	gpiodref_put(request(2, &config.config, "newer"));
	config.newer = 1ull << 40;
	ok_errno(gpiodref_request(chip, 2, &config.config, "newer"), E2BIG);
	ok_contains(gpiodref_last_error(), "config is newer than the library: byte ");
	unplug_and_let_go();
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

TEST("a line is found on whatever chip has it, and requested so")
{
	static const char *const names[] = {"FAN", "LED"};
	gpiodref_sim *sim = sim_of("second", 2, names, 0);
	gpiodref_chip *found = NULL, *second = gpiodref_sim_chip(sim);
	unsigned offset;

	plug();
	ok0(gpiodref_find_line("EEPROM_WP", &found, &offset));
	ok(found == chip);
	ok_int(offset, 1);
	gpiodref_chip_put(found);
	ok0(gpiodref_find_line("FAN", &found, &offset));
	ok(found == second);
	ok_int(offset, 0);
	gpiodref_chip_put(found);
	ok_int(gpiodref_find_line("LED", &found, &offset), -ENOTUNIQ);
	ok_contains(gpiodref_last_error(), "(second) line 1 \"LED\" and ");
	ok_contains(gpiodref_last_error(), "(board) line 2 \"LED\" have the same name");
	ok_error(gpiodref_find_line("FOG", &found, &offset), -ENOENT, "no line of any chip is called \"FOG\"");

	gpiodref_desc *fan = gpiodref_request_by_name("FAN", OUTPUT(.value = 1), "cooling");
	ok(fan);
	ok_int(gpiodref_sim_level(sim, 0), 1);
	ok_str(gpiodref_desc_name(fan), "FAN");
	ok_errno(gpiodref_request_by_name("LED", NULL, "test"), ENOTUNIQ);
	ok_errno(gpiodref_request_by_name("FOG", NULL, "test"), ENOENT);
	ok_errno(gpiodref_request_by_name("FAN", NULL, "test"), EBUSY);
	ok_contains(gpiodref_last_error(), "line 0 \"FAN\": wanted by \"test\", held by \"cooling\"");
	gpiodref_put(fan);
	/* A chip that has gone has no lines to find. */
	ok0(gpiodref_sim_remove(sim));
	ok0(gpiodref_find_line("LED", &found, &offset));
	ok(found == chip);
	gpiodref_chip_put(found);
	gpiodref_chip_put(second);
	gpiodref_sim_put(sim);
	unplug_and_let_go();
}

TEST("G4 the chip's file descriptor tells that it has gone, whoever asks for it when")
{
	plug();
	int fd = gpiodref_chip_fd(chip);
	ok(fd >= 0);
	ok_int(gpiodref_chip_fd(chip), fd);
	ok(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	ok(fcntl(fd, F_GETFL) & O_NONBLOCK);
	gpiodref_put(request(0, OUTPUT(), "test"));
	ok_int(polled(fd, 0), 0);
	unplug();
	ok(polled(fd, 0) & (POLLERR | POLLHUP));
	let_go();

	plug();
	unplug();
	ok(polled(gpiodref_chip_fd(chip), 0) & (POLLERR | POLLHUP));
	let_go();
}

TEST("G8 a hog holds its line with a fixed value until the chip goes")
{
	plug();
	ok0(gpiodref_hog(chip, 2, "power-led", 1));
	ok_int(gpiodref_sim_level(board, 2), 1);
	ok_holder(2, "power-led");
	ok_int(info_of(chip, 2).direction, GPIODREF_DIRECTION_OUTPUT);
	ok_errno(gpiodref_request(chip, 2, NULL, "test"), EBUSY);
	ok_contains(gpiodref_last_error(), "line 2 \"LED\": wanted by \"test\", held by \"power-led\"");
	ok_errno(gpiodref_request(chip, 2, CONFIG(.flags = SHARED), "test"), EBUSY);
	ok_int(gpiodref_hog(chip, 2, "again", 0), -EBUSY);
	/* Who has a line keeps it. */
	gpiodref_desc *desc = request(0, OUTPUT(), "reset");
	ok_int(gpiodref_hog(chip, 0, "late", 1), -EBUSY);
	ok_contains(gpiodref_last_error(), "held by \"reset\"");
	ok_int(gpiodref_sim_level(board, 0), 0);
	gpiodref_put(desc);
	/* Holding the chip or not is no matter: it lives until it is removed. */
	gpiodref_chip_put(chip);
	ok_int(gpiodref_sim_level(board, 2), 1);
	chip = gpiodref_sim_chip(board);
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
