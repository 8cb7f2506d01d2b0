/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The programs of docs/migrating without a device; with vimc they are in tests/kernel/migrating_media.c. */
#include <mediadev.h>

#define TAP_EXPLAIN mediadev_last_error
#include "tap.h"

static char said[1 << 12];

/* What the program prints, and its exit code. */
static int run(const char *name, const char *arguments)
{
	char command[4096];

	snprintf(command, sizeof(command), EXAMPLES "/mediadev/from_ioctls_%s %s 2>&1", name, arguments);
	FILE *pipe = popen(command, "r");
	said[fread(said, 1, sizeof(said) - 1, pipe)] = '\0';
	return pclose(pipe) / 256;
}

TEST("the examples from_ioctls give up where there is no such device")
{
	ok_int(run("links", "platform:nowhere"), 1);
	ok_contains(said, "links: ");
	ok_contains(said, "platform:nowhere");
	ok_int(run("switch", "platform:nowhere a 0 b 0 1"), 1);
	ok_contains(said, "switch: ");
	ok_contains(said, "platform:nowhere");
	ok_int(run("switch", "platform:nowhere"), 1);
	ok_str(said, "usage: from_ioctls_switch BUS SOURCE PAD SINK PAD ON\n");
}
