/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The programs of docs/migrating without a chip; with one, beside those of libgpiod, they are in tests/kernel/migrating.c. */
#include <gpiodref.h>

#define TAP_EXPLAIN gpiodref_last_error
#include "tap.h"

static char said[1 << 12];

/* What the program prints, and its exit code. */
static int run(const char *name, const char *arguments)
{
	char command[4096];

	snprintf(command, sizeof(command), EXAMPLES "/gpiodref/from_libgpiod_%s %s 2>&1", name, arguments);
	FILE *pipe = popen(command, "r");
	said[fread(said, 1, sizeof(said) - 1, pipe)] = '\0';
	return pclose(pipe) / 256;
}

TEST("the examples from_libgpiod give up where there is no such line or chip")
{
	ok_int(run("copy", "'no such line' LED"), 1);
	ok_str(said, "copy: no line of any chip is called \"no such line\"\n");
	ok_int(run("edges", "'no such line'"), 1);
	ok_str(said, "edges: no line of any chip is called \"no such line\"\n");
	ok_int(run("bus", "'no such chip' 5"), 1);
	ok_contains(said, "bus: ");
	ok_contains(said, "no such chip");
	ok_int(run("edges", ""), 1);
	ok_str(said, "usage: from_libgpiod_edges LINE\n");
}
