/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The board of the C tests of libgpiodref: a simulated chip of this process. */
#ifndef FIXTURES_H
#define FIXTURES_H

#include "gpio.h"

/* A simulated chip; `names` may be NULL. */
static inline gpiodref_sim *sim_of(const char *label, unsigned lines, const char *const *names, uint32_t policy)
{
	struct gpiodref_chip_config config = {
		.size = sizeof(config), .label = label, .names = names, .num_lines = lines, .remove_policy = policy};
	gpiodref_sim *sim = gpiodref_sim_new(&config);

	ok(sim);
	return sim;
}

/* The test board. */
static gpiodref_sim *board;

static inline void plug_in(const char *label)
{
	board = sim_of(label, 8, line_names, GPIODREF_REMOVE_NUMB);
	chip = gpiodref_sim_chip(board);
	ok(chip);
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

#endif
