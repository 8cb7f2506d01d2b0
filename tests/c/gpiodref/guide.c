/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The programs of docs/guide/gpiodref do what it tells. Their whole output stands there; make check-guides compares it. */
#include <gpiodref.h>

#define TAP_EXPLAIN gpiodref_last_error
#include "tap.h"

#define LIBRARY "gpiodref"
#include "examples.h"

TEST("G2 G3 the example guide_lines")
{
	ok0(run(EXAMPLE("guide_lines")));
	ok_contains(said, "pressed: 0, level: 1\n");
	ok_contains(said, "  1 BUTTON: used by the door\n");
	ok_contains(said, "wanted by \"somebody else\", held by \"the door\"\n");
	ok_contains(said, "an output now: value 1, level 0\nD0 to D2: 1 0 1\n");
}

TEST("G4 G5 the example guide_events")
{
	static const char once[] = "pressed, number 1\nreleased, number 2\n";

	ok0(run(EXAMPLE("guide_events")));
	ok_contains(said, once);
	ok_contains(said, "pressed, number 3\nreleased, number 4\nunplugged; it was BUTTON of keypad\nit is back\npressed, number 1\n");
}

TEST("G2 G3 G8 the example guide_sharing")
{
	ok0(run(EXAMPLE("guide_sharing")));
	ok_contains(said, "the driver votes as it was: the level is 1, writes are possible\n");
	ok_contains(said, "the updater has gone: the level is 0, writes are refused\nafter the last put: released\n");
	ok_contains(said, "this board has no line for the EEPROM's power\n");
}

TEST("G4 G9 the example guide_provider")
{
	ok0(run(EXAMPLE("guide_provider")));
	ok_contains(said, "RELAY of expander: 1\nthe door is open\n");
	ok_contains(said, "configure: Operation not supported");
	ok_contains(said, "set: the chip is gone\nthe expander's memory is freed\n");
}

TEST("G4 the example guide_test")
{
	ok0(run(EXAMPLE("guide_test")));
	ok_contains(said, " held by the lamp (thread ");
	ok_contains(said, "all is well\n");
}
