/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines by what they are for: the table, lines that a board may lack, and polarities that come together (G8). */
#include "fixtures.h"

static void add(const char *device, const char *function, unsigned index, const char *line, uint32_t flags)
{
	ok0(gpiodref_table_add(device, function, index, "board", line, flags));
}

static void take_out(const char *device, const char *function, unsigned index)
{
	ok0(gpiodref_table_remove(device, function, index));
}

TEST("G8 a line is found by device, function and index, and its consumer is called so")
{
	plug();
	add("eeprom0", "wp", 0, "EEPROM_WP", 0);
	add("eeprom0", "wp", 1, "5", 0);
	add("eeprom1", "wp", 0, "LED", 0);
	gpiodref_desc *first = gpiodref_lookup("eeprom0", "wp", 0, OUTPUT(.value = 1));
	gpiodref_desc *second = gpiodref_lookup("eeprom0", "wp", 1, OUTPUT());
	gpiodref_desc *other = gpiodref_lookup_optional("eeprom1", "wp", 0, NULL);
	ok(first && second && other);
	ok_int(gpiodref_desc_offset(first), 1);
	ok_int(gpiodref_desc_offset(second), 5);
	ok_int(gpiodref_desc_offset(other), 2);
	ok_int(level(1), 1);
	ok_holder(1, "eeprom0 wp");
	ok_holder(2, "eeprom1 wp");
	ok_str(gpiodref_desc_consumer(first), "eeprom0 wp");
	ok_errno(gpiodref_lookup("eeprom0", "wp", 0, NULL), EBUSY);
	ok_contains(gpiodref_last_error(), "line 1 \"EEPROM_WP\": wanted by \"eeprom0 wp\", held by \"eeprom0 wp\"");
	/* What was found stays when its entry goes. */
	take_out("eeprom0", "wp", 0);
	ok0(gpiodref_set_value(first, 0));
	ok_int(level(1), 0);
	gpiodref_put(first);
	gpiodref_put(second);
	gpiodref_put(other);
	take_out("eeprom0", "wp", 1);
	take_out("eeprom1", "wp", 0);
	unplug_and_let_go();
}

TEST("G8 the board's polarity and the consumer's come together")
{
	plug();
	add("eeprom0", "wp", 0, "EEPROM_WP", ACTIVE_LOW);
	gpiodref_desc *wp = gpiodref_lookup("eeprom0", "wp", 0, OUTPUT(.value = 1));
	ok(wp);
	ok_int(level(1), 0);
	ok_int(info_of(chip, 1).flags, ACTIVE_LOW);
	ok0(gpiodref_set_value(wp, 0));
	ok_int(level(1), 1);
	gpiodref_put(wp);
	/* Twice the opposite. */
	wp = gpiodref_lookup("eeprom0", "wp", 0, OUTPUT(.value = 1, .flags = ACTIVE_LOW));
	ok_int(level(1), 1);
	ok_int(info_of(chip, 1).flags, 0);
	gpiodref_put(wp);
	take_out("eeprom0", "wp", 0);
	unplug_and_let_go();
}

TEST("G3 G8 a line that the table calls shared is shared by all who look it up")
{
	plug();
	add("camera", "enable", 0, "RESET", SHARED);
	add("display", "enable", 0, "RESET", SHARED);
	add("wifi", "enable", 0, "RESET", 0);
	gpiodref_desc *camera = gpiodref_lookup("camera", "enable", 0, OUTPUT());
	gpiodref_desc *display = gpiodref_lookup("display", "enable", 0, OUTPUT());
	ok(camera && display);
	ok0(gpiodref_vote(display, 1));
	ok_int(level(0), 1);
	ok_errno(gpiodref_lookup("wifi", "enable", 0, OUTPUT()), EBUSY);
	/* Or whom the consumer asks to share. */
	gpiodref_desc *wifi = gpiodref_lookup("wifi", "enable", 0, OUTPUT(.flags = SHARED));
	ok(wifi);
	gpiodref_put(display);
	ok_int(level(0), 0);
	gpiodref_put(camera);
	gpiodref_put(wifi);
	take_out("camera", "enable", 0);
	take_out("display", "enable", 0);
	take_out("wifi", "enable", 0);
	unplug_and_let_go();
}

TEST("G8 a line that the board does not have is NULL without an error where it is optional, and NULL may be put")
{
	errno = EBUSY;
	ok(!gpiodref_lookup_optional("eeprom0", "wp", 0, OUTPUT()));
	ok_int(errno, 0);
	gpiodref_put(NULL);
	ok_none(gpiodref_lookup("eeprom0", "wp", 0, OUTPUT()), ENOENT, "the table has no line for eeprom0 \"wp\" 0");
	plug();
	add("eeprom0", "wp", 0, "EEPROM_WP", 0);
	errno = EBUSY;
	ok(!gpiodref_lookup_optional("eeprom0", "wp", 1, OUTPUT()));
	ok_int(errno, 0);
	ok(!gpiodref_lookup_optional("eeprom0", "hold", 0, OUTPUT()));
	ok_int(errno, 0);
	ok(!gpiodref_lookup_optional("eeprom", "wp", 0, OUTPUT()));
	ok_int(errno, 0);
	take_out("eeprom0", "wp", 0);
	unplug_and_let_go();
}

TEST("G8 a line that the board has and that cannot be had is an error, optional or not")
{
	add("eeprom0", "wp", 0, "EEPROM_WP", 0);
	add("eeprom0", "hold", 0, "HOLD", 0);
	add("eeprom0", "far", 0, "8", 0);
	/* The chip has not come yet. */
	ok_none(gpiodref_lookup("eeprom0", "wp", 0, NULL), ENOENT, "no GPIO chip has the label \"board\"");
	ok_errno(gpiodref_lookup_optional("eeprom0", "wp", 0, NULL), ENOENT);
	plug();
	ok_errno(gpiodref_lookup_optional("eeprom0", "hold", 0, NULL), ENOENT);
	ok_contains(gpiodref_last_error(), "(board): no line is called \"HOLD\"");
	ok_errno(gpiodref_lookup_optional("eeprom0", "far", 0, NULL), EINVAL);
	ok_contains(gpiodref_last_error(), "it has 8 lines, and no line 8");
	gpiodref_desc *held = request(1, NULL, "holder");
	ok_errno(gpiodref_lookup_optional("eeprom0", "wp", 0, NULL), EBUSY);
	ok_contains(gpiodref_last_error(), "held by \"holder\"");
	gpiodref_put(held);
	ok_errno(gpiodref_lookup("eeprom0", "wp", 0, INPUT(.value = 1)), EINVAL);
	/* Two chips of that label. */
	gpiodref_sim *twin = sim_of("board", 1, NULL, 0);
	ok_errno(gpiodref_lookup("eeprom0", "wp", 0, NULL), ENOTUNIQ);
	ok0(gpiodref_sim_remove(twin));
	gpiodref_sim_put(twin);
	gpiodref_put(gpiodref_lookup("eeprom0", "wp", 0, NULL));
	unplug_and_let_go();
	ok_errno(gpiodref_lookup("eeprom0", "wp", 0, NULL), ENOENT);
	take_out("eeprom0", "wp", 0);
	take_out("eeprom0", "hold", 0);
	take_out("eeprom0", "far", 0);
}

TEST("G4 G8 after the chip has come back the table leads to it; what was found before stays numb")
{
	plug();
	add("eeprom0", "wp", 0, "EEPROM_WP", 0);
	gpiodref_desc *before = gpiodref_lookup("eeprom0", "wp", 0, OUTPUT());
	unplug_and_let_go();
	plug();
	gpiodref_desc *after = gpiodref_lookup("eeprom0", "wp", 0, OUTPUT(.value = 1));
	ok(after);
	ok_int(level(1), 1);
	ok_int(gpiodref_set_value(before, 0), -ENODEV);
	ok_int(level(1), 1);
	gpiodref_put(before);
	gpiodref_put(after);
	take_out("eeprom0", "wp", 0);
	unplug_and_let_go();
}

TEST("G8 an entry is there once, and gone when it has been taken out")
{
	add("eeprom0", "wp", 0, "EEPROM_WP", 0);
	ok_error(gpiodref_table_add("eeprom0", "wp", 0, "other", "FAN", 0), -EBUSY,
		 "eeprom0 \"wp\" 0 is in the table already: line EEPROM_WP of board");
	take_out("eeprom0", "wp", 0);
	ok_error(gpiodref_table_remove("eeprom0", "wp", 0), -ENOENT, "the table has no line for eeprom0 \"wp\" 0");
	/* Names are copied. */
	char device[] = "eeprom0", function[] = "wp", label[] = "board", line[] = "LED";
	ok0(gpiodref_table_add(device, function, 7, label, line, 0));
	device[0] = function[0] = label[0] = line[0] = 'x';
	plug();
	gpiodref_desc *desc = gpiodref_lookup("eeprom0", "wp", 7, NULL);
	ok(desc);
	ok_str(gpiodref_desc_name(desc), "LED");
	gpiodref_put(desc);
	take_out("eeprom0", "wp", 7);
	unplug_and_let_go();
}

TEST("G8 a line that is called as another is numbered is found by the name")
{
	static const char *const names[] = {"one", "0"};

	board = sim_of("board", 2, names, 0);
	chip = gpiodref_sim_chip(board);
	add("fan", "power", 0, "0", 0);
	gpiodref_desc *desc = gpiodref_lookup("fan", "power", 0, NULL);
	ok(desc);
	ok_int(gpiodref_desc_offset(desc), 1);
	gpiodref_put(desc);
	take_out("fan", "power", 0);
	unplug_and_let_go();
}

TEST("G7 G8 the consumer's name is cut where it is too long, and not in the middle of a letter")
{
	plug();
	add("a-device-with-a-long-name", "a-function", 0, "0", 0);
	add("a-device-with-a-long-name-äääää", "f", 0, "1", 0);
	gpiodref_desc *one = gpiodref_lookup("a-device-with-a-long-name", "a-function", 0, NULL);
	gpiodref_desc *two = gpiodref_lookup("a-device-with-a-long-name-äääää", "f", 0, NULL);
	ok(one && two);
	ok_str(gpiodref_desc_consumer(one), "a-device-with-a-long-name a-fun");
	ok_str(gpiodref_desc_consumer(two), "a-device-with-a-long-name-ää");
	gpiodref_put(one);
	gpiodref_put(two);
	take_out("a-device-with-a-long-name", "a-function", 0);
	take_out("a-device-with-a-long-name-äääää", "f", 0);
	unplug_and_let_go();
}

enum { THREADS = 4, ROUNDS = 200 };

/* Each has entries and a line of its own; one line is everybody's. */
static int come_and_go(void *data)
{
	unsigned index = (long)data;
	char line[8];

	snprintf(line, sizeof(line), "%u", index);
	for (int round = 0; round < ROUNDS; round++) {
		if (gpiodref_table_add("own", "line", index, "board", line, 0))
			return -1;
		gpiodref_desc *own = gpiodref_lookup("own", "line", index, OUTPUT());
		gpiodref_desc *common = gpiodref_lookup_optional("common", "line", 0, OUTPUT());
		if (!own || gpiodref_desc_offset(own) != index || !common || gpiodref_desc_offset(common) != 7)
			return -2;
		if (gpiodref_table_remove("own", "line", index))
			return -3;
		gpiodref_put(common);
		gpiodref_put(own);
	}
	return 0;
}

TEST("G8 G10 several add, look up and take out at once")
{
	struct call calls[THREADS];

	plug();
	struct account before = account();
	ok0(gpiodref_set_tracking(0));
	add("common", "line", 0, "7", SHARED);
	for (long i = 0; i < THREADS; i++)
		call_start(&calls[i], come_and_go, (void *)i);
	for (int i = 0; i < THREADS; i++)
		ok0(call_end(&calls[i], UINT64_MAX));
	take_out("common", "line", 0);
	ok_same(before);
	unplug_and_let_go();
}
