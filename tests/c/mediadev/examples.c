/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The examples do what they say. */
#include <mediadev.h>

#define TAP_EXPLAIN mediadev_last_error
#include "tap.h"

static char said[1 << 14];

/* What the program prints, and its exit code. */
static int run(const char *program)
{
	char command[4096];

	snprintf(command, sizeof(command), "%s/mediadev/%s", EXAMPLES, program);
	FILE *pipe = popen(command, "r");
	said[fread(said, 1, sizeof(said) - 1, pipe)] = '\0';
	return pclose(pipe) / 256;
}

TEST("M1 M3 the example unregister")
{
	ok0(run("unregister"));
	ok_str(said, "camera: topology: the device is gone\n"
		     "2 entities, as it was\n"
		     "the camera: nobody has it any more\n");
}

TEST("M1 M2 M3 M4 M6 M7 M10 the example demo")
{
	ok0(run("demo"));
	ok_contains(said, "unregistered: the sleeper got \"No such device\"");
	ok_contains(said, "with tracking on one can ask: held by the first viewer");
	ok_contains(said, "and was released once, last, and in order\n");
}
