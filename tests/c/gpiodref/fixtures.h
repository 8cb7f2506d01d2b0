/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The board of the C tests of libgpiodref: a simulated chip of this process. */
#ifndef FIXTURES_H
#define FIXTURES_H

#include "gpio.h"

/* What happens to a simulated chip has happened when the call is back. */
enum { SOON_MS = 0, QUIET_MS = 0, ASLEEP_MS = 2, OPENED_ANEW = 0, MANY_ROUNDS = 500 };

#define GET_CALL "get"
#define SET_CALL "set"
#define POLL_GONE (POLLIN | POLLERR | POLLHUP)

/* Who is woken first differs from time to time. */
static inline int wake_rounds(void)
{
	return under_valgrind() ? 3 : 50;
}

/* The test board. */
static gpiodref_sim *board;

static inline void plug_as(const char *label, unsigned lines, const char *const *names)
{
	board = sim_of(label, lines, names, GPIODREF_REMOVE_NUMB);
	chip = gpiodref_sim_chip(board);
	ok(chip);
}

static inline void plug_in(const char *label)
{
	plug_as(label, 8, line_names);
}

static inline void plug_lines(unsigned lines)
{
	plug_as("board", lines, line_names);
}

static inline void plug_named(const char *const *names)
{
	plug_as("board", 8, names);
}

static inline void plug(void)
{
	plug_in("board");
}

/* The chip goes; this program may go on holding it. */
static inline void unplug(void)
{
	ok0(gpiodref_sim_remove(board));
}

/* What this program holds of the board, which may have been unplugged. */
static inline void let_go(void)
{
	gpiodref_chip_put(chip);
	gpiodref_sim_put(board);
	chip = NULL;
	board = NULL;
}

static inline void unplug_and_let_go(void)
{
	unplug();
	let_go();
}

static inline void pull(unsigned offset, int up)
{
	ok0(gpiodref_sim_set_pull(board, offset, up));
}

static inline int level(unsigned offset)
{
	return gpiodref_sim_level(board, offset);
}

#endif
