/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Chips: opened, listed, asked, hogged; and what of them outlives what they stand for (G1, G4, G8, G9), on every board. */
#ifndef GPIO_CHIPS_H
#define GPIO_CHIPS_H

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

static int is_same(gpiodref_chip *found, gpiodref_chip *wanted)
{
	return found == wanted || (OPENED_ANEW && found && !strcmp(gpiodref_chip_name(found), gpiodref_chip_name(wanted)));
}

TEST("a chip is found by its name and by its label, and is the same then")
{
	plug();
	gpiodref_chip *by_label = gpiodref_chip_open("board"), *by_name = gpiodref_chip_open(gpiodref_chip_name(chip));
	ok(is_same(by_label, chip) && is_same(by_name, chip));
	gpiodref_chip_put(by_label);
	gpiodref_chip_put(by_name);
	ok_str(gpiodref_chip_label(chip), "board");
	ok_int(gpiodref_chip_num_lines(chip), 8);
	ok_int(gpiodref_chip_is_alive(chip), 1);
	ok_int(is_listed(gpiodref_chip_name(chip)), 1);
	unplug_and_let_go();
}

/* Beside the board, a chip of this process. */
static gpiodref_sim *ours;
static gpiodref_chip *our_chip;

static void plug_ours(const char *label, unsigned lines, const char *const *names)
{
	ours = sim_of(label, lines, names, GPIODREF_REMOVE_NUMB);
	our_chip = gpiodref_sim_chip(ours);
	ok(our_chip);
}

static void unplug_ours(void)
{
	ok0(gpiodref_sim_remove(ours));
	gpiodref_chip_put(our_chip);
	gpiodref_sim_put(ours);
}

TEST("a label that two chips have opens neither, and both are named; each is found by its name, and the last by the label again")
{
	char sentence[128];

	plug_ours("board", 1, NULL);
	plug();
	snprintf(sentence, sizeof(sentence), "%s and %s both have the label \"board\"", gpiodref_chip_name(our_chip),
		 gpiodref_chip_name(chip));
	ok_none(gpiodref_chip_open("board"), ENOTUNIQ, sentence);
	gpiodref_chip *found = gpiodref_chip_open(gpiodref_chip_name(chip));
	ok(is_same(found, chip));
	gpiodref_chip_put(found);
	unplug();
	found = gpiodref_chip_open("board");
	ok(found == our_chip);
	gpiodref_chip_put(found);
	let_go();
	unplug_ours();
}

TEST("a chip that is called as another is labelled is found by the name")
{
	plug();
	plug_ours(gpiodref_chip_name(chip), 1, NULL);
	gpiodref_chip *found = gpiodref_chip_open(gpiodref_chip_name(chip));
	ok(is_same(found, chip));
	gpiodref_chip_put(found);
	unplug_ours();
	unplug_and_let_go();
}

TEST("G1 G4 a chip outlives what it stands for: what it is called can be asked, and the rest is ENODEV")
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
	ok_int(is_listed(name), 0);
	ok_int(gpiodref_line_info(chip, 0, &info), -ENODEV);
	ok_contains(gpiodref_last_error(), "(board) line 0");
	ok_contains(gpiodref_last_error(), "the chip is gone");
	ok_errno(gpiodref_request(chip, 0, NULL, "late"), ENODEV);
	ok_errno(gpiodref_request(chip, 0, CONFIG(.flags = SHARED), "late"), ENODEV);
	ok_errno(gpiodref_request_group(chip, (unsigned[]){0, 1}, 2, NULL, "late"), ENODEV);
	ok_errno(gpiodref_watch_lines(chip, NULL, 0), ENODEV);
	ok_int(gpiodref_hog(chip, 0, "late", 1), -ENODEV);
	/* What was never asked while it was there is not known any more. */
	ok_int(gpiodref_chip_find_line(chip, "LED", &offset), -ENOENT);
	ok0(gpiodref_chip_find_line(chip, "2", &offset));
	let_go();
}

TEST("G4 the chip's file descriptor tells that it has gone, whoever asks for it when")
{
	for (int late = 0; late < 2; late++) {
		plug();
		int fd = late ? -1 : gpiodref_chip_fd(chip);
		if (!late) {
			ok(fd >= 0);
			ok_int(gpiodref_chip_fd(chip), fd);
			ok(fcntl(fd, F_GETFD) & FD_CLOEXEC);
			ok(fcntl(fd, F_GETFL) & O_NONBLOCK);
			gpiodref_put(request(0, OUTPUT(), "test"));
			ok_int(polled(fd, 0), 0);
		}
		unplug();
		ok(polled(late ? gpiodref_chip_fd(chip) : fd, 0) & (POLLERR | POLLHUP));
		let_go();
	}
}

TEST("G4 a chip that comes back is another one, with another name as long as the old one is held")
{
	char first[32];

	plug();
	strcpy(first, gpiodref_chip_name(chip));
	gpiodref_chip *old = gpiodref_chip_get(chip);
	unplug_and_let_go();
	plug();
	ok(chip != old);
	ok(strcmp(gpiodref_chip_name(chip), first));
	ok_int(gpiodref_chip_is_alive(chip), 1);
	gpiodref_chip *found = gpiodref_chip_open("board");
	ok(is_same(found, chip));
	gpiodref_chip_put(found);
	/* The old one is what it was, and found no more. */
	ok_str(gpiodref_chip_name(old), first);
	ok_int(gpiodref_chip_is_alive(old), 0);
	ok_errno(gpiodref_request(old, 0, NULL, "test"), ENODEV);
	ok_errno(gpiodref_chip_open(first), ENOENT);
	gpiodref_chip_put(old);
	unplug_and_let_go();
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
	ok_int(gpiodref_line_info(chip, 8, &info), -EINVAL);
	ok_contains(gpiodref_last_error(), "it has 8 lines, and no line 8");
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

TEST("a line is found by name, on its chip or on whatever chip has it, and requested so")
{
	static const char *const names[] = {"FAN", "LED"};
	gpiodref_chip *found = NULL;
	unsigned offset;

	plug();
	ok0(gpiodref_chip_find_line(chip, "BUTTON", &offset));
	ok_int(offset, 3);
	ok0(gpiodref_chip_find_line(chip, "7", &offset));
	ok_int(offset, 7);
	ok_int(gpiodref_chip_find_line(chip, "FAN", &offset), -ENOENT);
	gpiodref_desc *led = gpiodref_request_by_name("LED", OUTPUT(.value = 1), "blinker");
	ok(led);
	ok_str(gpiodref_desc_name(led), "LED");
	ok_int(level(2), 1);
	ok_errno(gpiodref_request_by_name("LED", NULL, "late"), EBUSY);
	ok_contains(gpiodref_last_error(), "line 2 \"LED\": wanted by \"late\", held by \"blinker\"");
	gpiodref_put(led);

	plug_ours("ours", 2, names);
	ok0(gpiodref_find_line("EEPROM_WP", &found, &offset));
	ok(is_same(found, chip));
	ok_int(offset, 1);
	gpiodref_chip_put(found);
	ok0(gpiodref_find_line("FAN", &found, &offset));
	ok(found == our_chip);
	ok_int(offset, 0);
	gpiodref_chip_put(found);
	gpiodref_desc *fan = gpiodref_request_by_name("FAN", OUTPUT(.value = 1), "cooling");
	ok(fan);
	ok_int(gpiodref_sim_level(ours, 0), 1);
	gpiodref_put(fan);
	ok_int(gpiodref_find_line("LED", &found, &offset), -ENOTUNIQ);
	ok_contains(gpiodref_last_error(), "(board) line 2 \"LED\" and ");
	ok_contains(gpiodref_last_error(), "(ours) line 1 \"LED\" have the same name");
	ok_errno(gpiodref_request_by_name("LED", NULL, "test"), ENOTUNIQ);
	ok_error(gpiodref_find_line("FOG", &found, &offset), -ENOENT, "no line of any chip is called \"FOG\"");
	ok_errno(gpiodref_request_by_name("FOG", NULL, "test"), ENOENT);
	/* A chip that has gone has no lines to find. */
	unplug_ours();
	ok0(gpiodref_find_line("LED", &found, &offset));
	ok(is_same(found, chip));
	ok_int(offset, 2);
	gpiodref_chip_put(found);
	unplug_and_let_go();
}

TEST("G8 a hog holds its line with a fixed value, and nobody else gets it; who has a line keeps it")
{
	plug();
	ok0(gpiodref_hog(chip, 2, "power-led", 1));
	ok_int(level(2), 1);
	ok_holder(2, "power-led");
	ok_int(info_of(chip, 2).direction, GPIODREF_DIRECTION_OUTPUT);
	ok_errno(gpiodref_request(chip, 2, NULL, "test"), EBUSY);
	ok_contains(gpiodref_last_error(), "line 2 \"LED\": wanted by \"test\", held by \"power-led\"");
	ok_errno(gpiodref_request(chip, 2, CONFIG(.flags = SHARED), "test"), EBUSY);
	ok_int(gpiodref_hog(chip, 2, "again", 0), -EBUSY);
	gpiodref_desc *desc = request(0, OUTPUT(), "reset");
	ok_int(gpiodref_hog(chip, 0, "late", 1), -EBUSY);
	ok_contains(gpiodref_last_error(), "held by \"reset\"");
	ok_int(level(0), 0);
	gpiodref_put(desc);
	ok_int(level(2), 1);
	unplug_and_let_go();
}

TEST("G9 chips go side by side: neither minds the other")
{
	plug();
	plug_ours("ours", 1, NULL);
	gpiodref_desc *theirs = request(0, OUTPUT(), "test"), *mine = gpiodref_request(our_chip, 0, OUTPUT(), "test");
	ok(mine);
	ok0(gpiodref_sim_remove(ours));
	ok_int(gpiodref_set_value(mine, 1), -ENODEV);
	ok0(gpiodref_set_value(theirs, 1));
	ok_int(level(0), 1);
	unplug();
	ok_int(gpiodref_set_value(theirs, 1), -ENODEV);
	gpiodref_put(theirs);
	gpiodref_put(mine);
	gpiodref_chip_put(our_chip);
	gpiodref_sim_put(ours);
	let_go();
}

#endif
