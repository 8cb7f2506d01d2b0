/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A chip of the system is unplugged under those who use it: what they had taken over is read (G5). */
#include "board.h"
#include "gpio/removing.h"

TEST("G5 events that were taken over are read before the end")
{
	struct gpiodref_event event;

	plug();
	gpiodref_desc *desc = request(3, EDGES(), "button");
	for (unsigned n = 1; n <= 3; n++) {
		pull(3, n & 1);
		ok_int(polled(gpiodref_fd(desc), SOON_MS), POLLIN);
		ok_int(gpiodref_wait(desc, SOON_MS), GPIODREF_WAIT_EVENT);
	}
	/* Those of the second and third edge may come a little later. */
	sim_sleep(100);
	ok_int(gpiodref_wait(desc, 0), GPIODREF_WAIT_EVENT);
	unplug();
	ok_int(gpiodref_wait(desc, -1), GPIODREF_WAIT_EVENT);
	ok_int(gpiodref_read_events(desc, &event, 1), 1);
	ok_int(event.global_seqno, 1);
	while (gpiodref_wait(desc, -1) == GPIODREF_WAIT_EVENT)
		ok_int(gpiodref_read_events(desc, &event, 1), 1);
	ok_int(gpiodref_wait(desc, -1), GPIODREF_WAIT_GONE);
	ok_int(gpiodref_read_events(desc, &event, 1), -ENODEV);
	gpiodref_put(desc);
	let_go();
}
