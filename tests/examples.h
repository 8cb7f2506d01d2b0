/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Tests that run the examples of LIBRARY and look at what they say: EXAMPLE("boot") begins a command for run(). Behind tap.h. */
#ifndef EXAMPLES_H
#define EXAMPLES_H

#include <stdio.h>
#include <sys/wait.h>

/* EXAMPLE_EXEC is what they run under, valgrind for one. */
#define EXAMPLE(name) "$EXAMPLE_EXEC " EXAMPLES "/" LIBRARY "/" name " "

static char said[1 << 16];

/* What the program prints goes to `text`; its exit code. A signal that ended it counts from 128, as in a shell. */
static inline int run_into(char *text, size_t size, const char *command)
{
	FILE *pipe = popen(command, "r");

	text[fread(text, 1, size - 1, pipe)] = '\0';
	int status = pclose(pipe);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static inline int run(const char *command)
{
	return run_into(said, sizeof(said), command);
}

#endif
