/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Edges that the kernel saw: debounced, kept, lost (G5, G6, G7). */
#include "board.h"
#include "gpio/events.h"

TEST("a clock that the chip does not have is refused")
{
	plug();
	ok_errno(gpiodref_request(chip, 3, EDGES(.clock = GPIODREF_CLOCK_HTE), "test"), EOPNOTSUPP);
	let_go();
}

TEST("G6 nobody blocks in reading a file descriptor, handed on or not")
{
	char byte;

	plug();
	gpiodref_desc *desc = request(3, EDGES(), "test");
	int fds[] = {gpiodref_fd(desc), gpiodref_export_fd(desc)};
	for (int i = 0; i < 2; i++) {
		ok(fcntl(fds[i], F_GETFL) & O_NONBLOCK);
		errno = 0;
		ok_int(read(fds[i], &byte, 1), -1);
		ok(errno == EAGAIN || errno == EINVAL);
	}
	close(fds[1]);
	gpiodref_put(desc);
	let_go();
}

TEST("a level that does not last is no edge, one that does is")
{
	plug();
	/* So long that a slow machine makes both edges within it. */
	gpiodref_desc *desc = request(3, EDGES(.debounce_us = 20000000), "slow");
	pull(3, 1);
	pull(3, 0);
	ok_int(gpiodref_wait(desc, 100), GPIODREF_WAIT_TIMEOUT);
	ok0(gpiodref_reconfigure(desc, EDGES(.debounce_us = 2000)));
	pull(3, 1);
	struct gpiodref_event event = next(desc);
	ok_int(event.type, GPIODREF_EVENT_RISING);
	ok_int(gpiodref_get_value(desc), 1);
	gpiodref_put(desc);
	let_go();
}

TEST("G7 the kernel keeps so many events, the oldest go, and what is lost is counted")
{
	/* The kernel rounds up to a power of two. */
	static const struct {
		uint32_t asked, kept;
	} cases[] = {{0, 16}, {1, 2}, {4, 4}, {64, 64}};
	struct gpiodref_event events[70];

	plug();
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		pull(3, 0);
		gpiodref_desc *desc = request(3, EDGES(.event_buffer = cases[i].asked), "test");
		/* gpio-sim may forget some, but not so many. */
		for (unsigned n = 0; n < 2 * cases[i].kept + 4; n++)
			pull(3, !(n & 1));
		/* The kernel's thread may have the last one yet to tell. */
		sim_sleep(1000);
		ok_int(gpiodref_events_lost(desc), 0);
		int got = gpiodref_read_events(desc, events, 70);
		ok_int(got, cases[i].kept);
		for (int n = 1; n < got; n++)
			ok_int(events[n].global_seqno, events[n - 1].global_seqno + 1);
		ok(gpiodref_events_lost(desc) > 0);
		ok_int(gpiodref_events_lost(desc), events[got - 1].global_seqno - got);
		ok(is_empty(desc));
		gpiodref_put(desc);
	}
	let_go();
}

TEST("G5 G7 a wait takes over what is there and makes room behind it")
{
	plug();
	gpiodref_desc *desc = request(3, EDGES(.event_buffer = 2), "test");
	pull(3, 1);
	ok_int(gpiodref_wait(desc, SOON_MS), GPIODREF_WAIT_EVENT);
	/* The kernel's two places are free again. */
	ok_int(polled(gpiodref_fd(desc), 0), 0);
	pull(3, 0);
	ok_int(polled(gpiodref_fd(desc), SOON_MS), POLLIN);
	pull(3, 1);
	sim_sleep(100);
	unsigned got = 0;
	for (struct gpiodref_event event; gpiodref_read_events(desc, &event, 1) == 1;)
		got++;
	ok(got >= 2);
	ok_int(gpiodref_events_lost(desc), 0);
	gpiodref_put(desc);
	let_go();
}
