/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines of a simulated chip that are requested together (G7). */
#include "fixtures.h"
#include "gpio/groups.h"

TEST("G7 the events of a group that nobody has read yet are in one order too, and sixteen a line are kept")
{
	static const struct {
		unsigned offset, up;
	} pulls[] = {{5, 1}, {0, 1}, {5, 0}, {3, 1}, {5, 1}};
	static const unsigned line_seqnos[] = {1, 1, 2, 1, 3};
	struct gpiodref_event events[8];

	plug();
	gpiodref_group *group = group_of((unsigned[]){5, 0, 3}, 3, EDGES());
	ok_int(gpiodref_group_wait(group, 0), GPIODREF_WAIT_TIMEOUT);
	ok_int(polled(gpiodref_group_fd(group), 0), 0);
	for (int i = 0; i < 5; i++)
		pull(pulls[i].offset, pulls[i].up);
	ok_int(polled(gpiodref_group_fd(group), 0), POLLIN);
	ok_int(gpiodref_group_wait(group, -1), GPIODREF_WAIT_EVENT);
	ok_int(gpiodref_group_read_events(group, events, 8), 5);
	for (unsigned i = 0; i < 5; i++) {
		ok_int(events[i].offset, pulls[i].offset);
		ok_int(events[i].type, pulls[i].up ? GPIODREF_EVENT_RISING : GPIODREF_EVENT_FALLING);
		ok_int(events[i].line_seqno, line_seqnos[i]);
		ok_int(events[i].global_seqno, i + 1);
	}
	ok_int(gpiodref_group_read_events(group, events, 8), 0);
	ok_int(gpiodref_group_events_lost(group), 0);
	/* Sixteen a line are kept. */
	for (unsigned i = 0; i < 50; i++)
		pull(5, i & 1);
	unsigned got = 0;
	for (int n; (n = gpiodref_group_read_events(group, events, 8)) > 0;)
		got += n;
	ok_int(got, 48);
	ok_int(gpiodref_group_events_lost(group), 2);
	gpiodref_group_put(group);
	unplug_and_let_go();
}
