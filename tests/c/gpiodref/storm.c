/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The unplug storm on chips of this process, so that valgrind and the sanitizers see it too. */
#include "storm.h"

TEST("K4 G1 G2 G3 G4 G5 G10 the storm: chips come and go under all who use them")
{
	struct storm_chip chips[] = {
		{"storm0", storm_sim_plug, storm_sim_pull, storm_sim_unplug, .lock = PTHREAD_MUTEX_INITIALIZER},
		{"storm1", storm_sim_plug, storm_sim_pull, storm_sim_unplug, .lock = PTHREAD_MUTEX_INITIALIZER},
	};

	storm_and_check(chips, 2, storm_rounds(under_valgrind() ? 3 : 50));
}
