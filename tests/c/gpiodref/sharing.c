/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines of simulated chips that several components of a program have at once (G3). */
#include "fixtures.h"
#include "gpio/sharing.h"

TEST("G3 a line that several had is shared under one name only: the other chip's line of that number is another")
{
	gpiodref_sim *other = sim_of("other", 1, NULL, 0);
	gpiodref_chip *of = gpiodref_sim_chip(other);

	plug();
	gpiodref_desc *one = share(ENABLE(), "camera"), *two = gpiodref_request(of, 0, ENABLE(.value = 1), "camera");
	ok(two);
	ok_int(level(0), 0);
	ok_int(gpiodref_sim_level(other, 0), 1);
	gpiodref_put(one);
	gpiodref_put(two);
	ok0(gpiodref_sim_remove(other));
	gpiodref_chip_put(of);
	gpiodref_sim_put(other);
	unplug_and_let_go();
}

TEST("G3 events come to all who share the line, each as slow as he likes")
{
	struct gpiodref_event events[8];

	plug();
	gpiodref_desc *one = share(EDGES(.flags = SHARED), "one");
	pull(0, 1);
	/* Who joins now was not there for the first edge, if it has been read; and has lost nothing. */
	ok_int(gpiodref_wait(one, 0), GPIODREF_WAIT_EVENT);
	gpiodref_desc *two = share(EDGES(.flags = SHARED), "two");
	ok_int(gpiodref_wait(two, 0), GPIODREF_WAIT_TIMEOUT);
	pull(0, 0);
	pull(0, 1);

	ok_int(gpiodref_wait(two, 0), GPIODREF_WAIT_EVENT);
	ok_int(read_all(two, events, 8), 2);
	ok_int(events[0].type, GPIODREF_EVENT_FALLING);
	ok_int(events[0].line_seqno, 2);
	ok_int(events[1].type, GPIODREF_EVENT_RISING);
	ok_int(read_all(two, events, 8), 0);
	ok_int(read_all(one, events, 2), 2);
	ok_int(events[0].line_seqno, 1);
	ok_int(read_all(one, events, 2), 1);
	ok_int(events[0].line_seqno, 3);
	ok_int(read_all(one, events, 2), 0);
	ok_int(gpiodref_events_lost(one), 0);
	ok_int(gpiodref_events_lost(two), 0);
	gpiodref_put(one);
	pull(0, 0);
	ok_int(read_all(two, events, 8), 1);
	gpiodref_put(two);
	unplug_and_let_go();
}

TEST("G3 each one's file descriptor is readable as long as he has something to read")
{
	struct gpiodref_event events[2];

	plug();
	struct account before = account();
	gpiodref_desc *one = share(EDGES(.flags = SHARED), "one"), *two = share(EDGES(.flags = SHARED), "two");
	int fd = gpiodref_fd(two);

	ok(fd >= 0);
	ok(fd != gpiodref_fd(one));
	ok(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	ok_int(polled(fd, 0), 0);
	pull(0, 1);
	pull(0, 0);
	ok_int(polled(fd, 0), POLLIN);
	/* The other one reads: it is still readable for this one. */
	ok_int(read_all(one, events, 2), 2);
	ok_int(polled(fd, 0), POLLIN);
	ok_int(read_all(two, events, 1), 1);
	ok_int(polled(fd, 0), POLLIN);
	ok_int(read_all(two, events, 2), 1);
	ok_int(polled(fd, 0), 0);
	gpiodref_put(one);
	gpiodref_put(two);
	ok_same(before);
	unplug_and_let_go();
}

TEST("G3 who has not read for long is not told of more than there is")
{
	struct gpiodref_event events[16];

	plug();
	gpiodref_desc *quick = share(EDGES(.flags = SHARED), "quick"), *slow = share(EDGES(.flags = SHARED), "slow");
	for (unsigned i = 1; i <= 200; i++) {
		pull(0, i & 1);
		ok_int(read_all(quick, events, 1), 1);
	}
	ok_int(polled(gpiodref_fd(slow), 0), POLLIN);
	ok_int(read_all(slow, events, 16), 16);
	ok_int(polled(gpiodref_fd(slow), 0), 0);
	ok_int(gpiodref_wait(slow, 0), GPIODREF_WAIT_TIMEOUT);
	gpiodref_put(quick);
	gpiodref_put(slow);
	unplug_and_let_go();
}
