/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Programs beside a test: what they say, line by line, and how they end. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "tap.h"

struct program {
	FILE *out;
	int pid;
};

static inline struct program start(const char *command)
{
	struct program program;
	char line[1024];

	ok(snprintf(line, sizeof(line), "echo $$; exec %s", command) < (int)sizeof(line));
	program.out = popen(line, "re");
	ok(program.out && fgets(line, sizeof(line), program.out));
	program.pid = atoi(line);
	return program;
}

/* Its next line. */
static inline void says(struct program *program, const char *want)
{
	char line[256] = "";

	ok(fgets(line, sizeof(line), program->out));
	line[strcspn(line, "\n")] = '\0';
	ok_str(line, want);
}

/* All that it has yet to say, until it ends; its exit code. */
static inline int ends(struct program *program, char *said, size_t size)
{
	said[fread(said, 1, size - 1, program->out)] = '\0';
	int status = pclose(program->out);

	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static inline void ended_by_signal(struct program *program)
{
	ok0(kill(program->pid, SIGTERM));
	ok_int(pclose(program->out), SIGTERM);
}

#endif
