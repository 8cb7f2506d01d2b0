/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The programs of docs/migrating/libgpiod-1.md and libgpiod-2.md: with libgpiodref they say and do what they did with libgpiod,
 * on the same chips.
 */
#include <gpiodref.h>
#include <signal.h>
#include <sys/wait.h>

#define TAP_EXPLAIN gpiodref_last_error
#include "sim.h"

/* Who does it: libgpiod 1, libgpiod 2, libgpiodref. */
static const char *const programs[] = {
#ifdef HAVE_LIBGPIOD1
	EXAMPLES "/before/libgpiod1/",
#endif
	EXAMPLES "/before/libgpiod2/",
	EXAMPLES "/gpiodref/from_libgpiod_",
};
#define FOR_EACH_PROGRAM(which) for (unsigned which = 0; which < sizeof(programs) / sizeof(*programs); which++)

/* A program beside the test. */
struct program {
	FILE *in, *out;
	pid_t pid;
};

static struct program start(const char *whose, const char *name, const char *arguments)
{
	struct program program;
	char command[1024];
	int in[2], out[2];

	snprintf(command, sizeof(command), "exec %s%s %s 2>&1", whose, name, arguments);
	ok0(pipe(in));
	ok0(pipe(out));
	program.pid = fork();
	if (!program.pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		close(out[0]);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	program.in = fdopen(in[1], "w");
	program.out = fdopen(out[0], "r");
	return program;
}

static void says(struct program *program, const char *want)
{
	char line[256] = "";

	ok(fgets(line, sizeof(line), program->out));
	line[strcspn(line, "\n")] = '\0';
	ok_str(line, want);
}

static void type(struct program *program)
{
	fputs("\n", program->in);
	fflush(program->in);
}

/* No more is typed; its exit code. */
static int end(struct program *program)
{
	int status;

	fclose(program->in);
	ok_int(waitpid(program->pid, &status, 0), program->pid);
	fclose(program->out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST("libgpiod 1 is there to be compared with")
{
#ifndef HAVE_LIBGPIOD1
	skip("libgpiod 1 is not installed, Debian 13 has 2: its programs are not among those that follow");
#endif
}

TEST("the example from_libgpiod_copy: polarity, bias and a line that is held")
{
	struct sim sim;

	sim_create(&sim, "board", 8);
	sim_name(&sim, 2, "LED");
	sim_name(&sim, 3, "BUTTON");
	sim_live(&sim, 1);
	FOR_EACH_PROGRAM(which) {
		struct program copy = start(programs[which], "copy", "BUTTON LED");

		/* The program has the wire pulled up. */
		says(&copy, "BUTTON is released");
		ok_int(sim_value(&sim, 2), 0);
		sim_pull(&sim, 3, 0);
		type(&copy);
		says(&copy, "BUTTON is pressed");
		ok_int(sim_value(&sim, 2), 1);
		ok0(end(&copy));
	}
	sim_destroy(&sim);
}

TEST("the example from_libgpiod_edges: events, and a chip that goes")
{
	FOR_EACH_PROGRAM(which) {
		struct sim sim;

		sim_create(&sim, "board", 8);
		sim_name(&sim, 3, "BUTTON");
		sim_live(&sim, 1);
		struct program edges = start(programs[which], "edges", "BUTTON");
		says(&edges, "ready");
		for (int i = 0; i < 3; i++) {
			sim_pull(&sim, 3, 1);
			says(&edges, "rising");
			sim_pull(&sim, 3, 0);
			says(&edges, "falling");
		}
		sim_live(&sim, 0);
		says(&edges, "gone");
		ok0(end(&edges));
		sim_destroy(&sim);
	}
}

TEST("the example from_libgpiod_bus: several lines at once")
{
	struct sim sim;

	sim_create(&sim, "board", 8);
	sim_live(&sim, 1);
	FOR_EACH_PROGRAM(which)
		for (int value = 5; value <= 10; value += 5) {
			char arguments[32], want[32];

			snprintf(arguments, sizeof(arguments), "board %d", value);
			snprintf(want, sizeof(want), "the lines say 0x%x", value);
			struct program bus = start(programs[which], "bus", arguments);
			says(&bus, want);
			for (int i = 0; i < 4; i++)
				ok_int(sim_value(&sim, i), value >> i & 1);
			ok0(end(&bus));
		}
	sim_destroy(&sim);
}

TEST("the example both: a line is taken over from libgpiod")
{
	struct gpiodref_line_info info = {.size = sizeof(info)};
	struct sim sim;

	sim_create(&sim, "board", 8);
	sim_name(&sim, 2, "LED");
	sim_live(&sim, 1);
	gpiodref_chip *chip = gpiodref_chip_open("board");
	struct program both = start(EXAMPLES "/before/libgpiod2/", "both", "LED");
	says(&both, "libgpiod has set LED, libgpiodref reads 1");
	says(&both, "libgpiod has let go, and LED still is both's");
	ok_int(sim_value(&sim, 2), 0);
	ok0(gpiodref_line_info(chip, 2, &info));
	ok_str(info.consumer, "both");
	ok0(end(&both));
	ok0(gpiodref_line_info(chip, 2, &info));
	ok(!info.used);
	gpiodref_chip_put(chip);
	sim_destroy(&sim);
}

TEST("what is not there is said by each")
{
	FOR_EACH_PROGRAM(which) {
		struct program copy = start(programs[which], "copy", "'no such line' LED");
		char line[256] = "";

		ok(fgets(line, sizeof(line), copy.out));
		ok_contains(line, "no such line");
		ok_int(end(&copy), 1);
	}
}
