/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Tests that run the examples of LIBRARY and look at what they say: EXAMPLE("boot") begins a command for run(). Behind tap.h. */
#ifndef EXAMPLES_H
#define EXAMPLES_H

#include <stdio.h>
#include <sys/wait.h>

/* EXAMPLE_EXEC is what they run under, valgrind for one. */
#define EXAMPLE(name) "$EXAMPLE_EXEC " EXAMPLES "/" LIBRARY "/" name " "

static char said[1 << 16];

/* What the program prints, and its exit code; a signal that ended it counts from 128, as in a shell. */
static int run(const char *command)
{
	FILE *pipe = popen(command, "r");

	said[fread(said, 1, sizeof(said) - 1, pipe)] = '\0';
	int status = pclose(pipe);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif
