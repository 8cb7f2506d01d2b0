/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The examples do what they say, and give up with the library's sentence where they cannot. */
#include "fixtures.h"

#include <glob.h>

#define EXAMPLE(name) EXAMPLES "/ovl/" name " "
#define BOARDS DTS_DIR "/boards"
#define THERMOMETER "/soc/i2c@30000/thermometer@48"
#define ARGUMENTS BOARDS "/finch.dtb " BOARDS "/sensor-hat.dtbo " THERMOMETER

static char said[1 << 16];

/* What the program prints, and its exit code. */
static int run(const char *command)
{
	FILE *pipe = popen(command, "r");

	said[fread(said, 1, sizeof(said) - 1, pipe)] = '\0';
	return pclose(pipe) / 256;
}

TEST("O18 the example apply_remove")
{
	ok0(run(EXAMPLE("apply_remove") ARGUMENTS));
	ok_contains(said, "removed, still readable");
	ok_int(run(EXAMPLE("apply_remove") "/nowhere " BOARDS "/sensor-hat.dtbo / 2>&1"), 1);
	ok_contains(said, "/nowhere: No such file or directory");
}

TEST("O17 the example hold")
{
	ok0(run(EXAMPLE("hold") ARGUMENTS));
	ok_contains(said, "still held:\noverlay 1");
	ok_contains(said, THERMOMETER ": 1 reference");
}

TEST("O24 the example walk")
{
	ok0(run(EXAMPLE("walk") BOARDS "/finch.dtb " BOARDS "/sensor-hat.dtbo"));
	ok_contains(said, "            thermometer@48/    <- " BOARDS "/sensor-hat.dtbo\n");
	ok_contains(said, "            clock-frequency (4 bytes)    <- " BOARDS "/sensor-hat.dtbo\n");
	ok_contains(said, "            compatible (19 bytes)\n");
	ok_int(run(EXAMPLE("walk") BOARDS "/finch.dtb " BOARDS "/finch.dtb 2>&1"), 1);
	ok_contains(said, "nothing to apply");
}

TEST("O18 O25 the example migrate")
{
	ok0(run(EXAMPLE("migrate") BOARDS "/finch.dtb " BOARDS "/sensor-hat.dtbo ti,tmp102"));
	ok_contains(said, "10000 moves, 10000 probes: " THERMOMETER " the first time, " THERMOMETER " the last\n");
	ok_contains(said, "still held:\noverlay 10000 (" BOARDS "/sensor-hat.dtbo): device " THERMOMETER ": 1 reference (");
	ok_contains(said, "the leaky driver, thread ");
	ok_contains(said, "\nall released\n");
	ok_int(run(EXAMPLE("migrate") "/nowhere " BOARDS "/sensor-hat.dtbo x 2>&1"), 1);
	ok_contains(said, "/nowhere: No such file or directory");
}

TEST("O14 O16 O18 the example demo")
{
	ok0(run(EXAMPLE("demo") BOARDS));
	ok_contains(said, "the tree is what it was, to the byte");
}

TEST("O19 the example loader")
{
	ok0(run(EXAMPLE("loader") BOARDS "/finch.dtb"));
	ok_contains(said, "the template: the guest is off\nthe edits: the guest is on\n");
	ok_contains(said, " has set properties of /guest");
	ok_contains(said, "in the end: no guest\n");
}

TEST("O20 O21 the example listen")
{
	ok0(run(EXAMPLE("listen") BOARDS "/finch.dtb " BOARDS "/sensor-hat.dtbo"));
	ok_contains(said, "about to be applied: ");
	ok_contains(said, "  new node: " THERMOMETER "  (a device has come)\n");
	ok_contains(said, "a listener refuses: Operation not permitted");
	ok_contains(said, "  node gone: " THERMOMETER "  (a device has gone)\n");
	ok_contains(said, "nobody listens any more\n");
}

TEST("O22 O25 the example card")
{
	static const char once[] = "  the driver has /soc/card@70000\n  the driver has /soc/card@70000/eeprom@50\n"
				   "unplugged, 2\n"
				   "  the driver leaves /soc/card@70000/eeprom@50\n  the driver leaves /soc/card@70000\n";

	ok0(run(EXAMPLE("card") BOARDS "/finch.dtb " BOARDS "/card.dtbo " BOARDS "/card-inside.dtbo"));
	ok_contains(said, "plugged in, 2\n");
	ok_str(strstr(said, "plugged in, 2\n") + strlen("plugged in, 2\n"), once);
	ok_int(run(EXAMPLE("card") BOARDS "/finch.dtb " BOARDS "/card.dtbo /nowhere 2>&1"), 1);
	ok_contains(said, "/nowhere: No such file or directory");
}

TEST("O19 the example replace")
{
	ok0(run(EXAMPLE("replace") BOARDS "/finch.dtb"));
	ok_contains(said, "held: 500, in force: 9999\n2 are held:\n");
}

TEST("no example is without its test")
{
	glob_t found;

	ok0(glob(TOP "/examples/c/ovl/*.c", 0, NULL, &found));
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char name[64] = "the example ";
		struct tap_test *test = tap_first;

		strncat(name, strrchr(found.gl_pathv[i], '/') + 1, 40);
		*strrchr(name, '.') = '\0';
		while (test && !strstr(test->name, name))
			test = test->next;
		/* Those of the guide are in guide.c. */
		if (!test && !strstr(found.gl_pathv[i], "/guide_"))
			tap_fail("%s has no test here", found.gl_pathv[i]);
	}
	globfree(&found);
}
