/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The unplug storm: two chips of the system that are unplugged and plugged in again, and one of this process beside them. */
#include "board.h"

#include "storm.h"

static void plug_in(struct storm_chip *storm)
{
	sim_live(storm->board, 1);
}

static void pull_wire(struct storm_chip *storm, unsigned offset, int up)
{
	sim_pull(storm->board, offset, up);
}

static void unplug_it(struct storm_chip *storm)
{
	sim_live(storm->board, 0);
}

static void make(struct storm_chip *storm)
{
	char name[32];

	sim_create(storm->board, storm->label, STORM_LINES);
	for (unsigned i = 0; i < STORM_LINES; i++) {
		snprintf(name, sizeof(name), "%s line %u", storm->label, i);
		sim_name(storm->board, i, name);
	}
}

TEST("K4 G1 G2 G3 G4 G5 G6 G10 the storm: chips are unplugged under all who use them")
{
	pthread_mutex_t edges[2] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};
	struct sim sims[2];
	struct storm_chip chips[] = {
		{"storm0", plug_in, pull_wire, unplug_it, &sims[0], .edges = &edges[0], .lock = PTHREAD_MUTEX_INITIALIZER},
		{"storm1", plug_in, pull_wire, unplug_it, &sims[1], .edges = &edges[1], .lock = PTHREAD_MUTEX_INITIALIZER},
		{"storm2", storm_sim_plug, storm_sim_pull, storm_sim_unplug, .lock = PTHREAD_MUTEX_INITIALIZER},
	};

	make(&chips[0]);
	make(&chips[1]);
	storm_and_check(chips, 3, storm_rounds(under_valgrind() ? 2 : 10));
	sim_destroy(&sims[0]);
	sim_destroy(&sims[1]);
}
