/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Edges of a simulated chip: pushed, kept, lost (G5, G7, G10). */
#include "fixtures.h"
#include "gpio/events.h"

TEST("a time is what the provider says")
{
	plug();
	gpiodref_desc *desc = request(3, EDGES(.clock = GPIODREF_CLOCK_REALTIME), "test");
	ok0(gpiodref_chip_push_edge(chip, 3, 1, 12345));
	ok_int(next(desc).timestamp_ns, 12345);
	gpiodref_put(desc);
	unplug_and_let_go();
}

TEST("G7 sixteen events a line are kept, or what was asked for; the oldest go, and are counted")
{
	static const struct {
		uint32_t asked, kept;
	} cases[] = {{0, 16}, {1, 1}, {5, 5}, {1024, 1024}};

	plug();
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		gpiodref_desc *desc = request(3, EDGES(.event_buffer = cases[i].asked), "test");
		unsigned pushed = cases[i].kept + 3;

		for (unsigned n = 1; n <= pushed; n++)
			pull(3, n & 1);
		ok_int(gpiodref_events_lost(desc), 0);
		ok_int(next(desc).global_seqno, 4);
		ok_int(gpiodref_events_lost(desc), 3);
		for (unsigned n = 5; n <= pushed; n++)
			ok_int(next(desc).global_seqno, n);
		ok(is_empty(desc));
		ok_int(gpiodref_events_lost(desc), 3);
		/* A second gap adds to the first. */
		for (unsigned n = 1; n <= cases[i].kept + 2; n++)
			pull(3, (pushed + n) & 1);
		ok_int(next(desc).global_seqno, pushed + 3);
		ok_int(gpiodref_events_lost(desc), 5);
		gpiodref_put(desc);
		pull(3, 0);
	}
	unplug_and_let_go();
}

TEST("G5 G7 a wait takes over what is there and makes room behind it")
{
	plug();
	gpiodref_desc *desc = request(3, EDGES(.event_buffer = 2), "test");

	pull(3, 1);
	pull(3, 0);
	ok_int(gpiodref_wait(desc, 0), GPIODREF_WAIT_EVENT);
	pull(3, 1);
	pull(3, 0);
	for (unsigned n = 1; n <= 4; n++)
		ok_int(next(desc).global_seqno, n);
	ok_int(gpiodref_events_lost(desc), 0);
	gpiodref_put(desc);
	unplug_and_let_go();
}

TEST("events are read as many as fit, in their order")
{
	struct gpiodref_event events[100];

	plug();
	gpiodref_desc *desc = request(3, EDGES(.event_buffer = 1024), "test");
	for (unsigned n = 1; n <= 250; n++) {
		pull(3, n & 1);
		/* Some are taken over, some are not. */
		if (n == 100 || n == 170)
			ok_int(gpiodref_wait(desc, 0), GPIODREF_WAIT_EVENT);
	}
	ok_int(gpiodref_read_events(desc, events, 0), 0);
	unsigned n = 0;
	for (int got; (got = gpiodref_read_events(desc, events, 100)) > 0;)
		for (int i = 0; i < got; i++) {
			ok_int(events[i].global_seqno, ++n);
			ok_int(events[i].type, n & 1 ? GPIODREF_EVENT_RISING : GPIODREF_EVENT_FALLING);
		}
	ok_int(n, 250);
	ok_int(gpiodref_events_lost(desc), 0);
	gpiodref_put(desc);
	unplug_and_let_go();
}

TEST("a file descriptor that is asked for when there are events already is readable, also when they were too many")
{
	plug();
	gpiodref_desc *desc = request(3, EDGES(), "test");
	pull(3, 1);
	ok_int(polled(gpiodref_fd(desc), 0), POLLIN);
	for (int n = 0; n < 100; n++)
		pull(3, n & 1);
	ok_int(polled(gpiodref_fd(desc), 0), POLLIN);
	while (!is_empty(desc))
		;
	ok_int(polled(gpiodref_fd(desc), 0), 0);
	gpiodref_put(desc);
	unplug_and_let_go();
}

enum { PUSHERS = 2, PUSHES = 400 };

static int push(void *unused)
{
	(void)unused;
	for (int n = 0; n < PUSHES; n++)
		if (gpiodref_chip_push_edge(chip, 3, n & 1, 0))
			return -1;
	return 0;
}

static atomic_int pushing;
static atomic_uint seen;

static int take_all(void *data)
{
	for (;;) {
		int last = !atomic_load(&pushing);
		struct gpiodref_event events[7];
		int wait = gpiodref_wait(data, 5), got = gpiodref_read_events(data, events, 7);

		if (wait < 0 || got < 0)
			return -1;
		for (int i = 1; i < got; i++)
			if (events[i].global_seqno <= events[i - 1].global_seqno)
				return -2;
		atomic_fetch_add(&seen, got);
		if (last && !got)
			return 0;
	}
}

TEST("G7 G10 several push and several read: each event is read once or counted as lost")
{
	struct call pushers[PUSHERS], takers[3];

	plug();
	gpiodref_desc *desc = request(3, EDGES(.event_buffer = 1024), "test");
	atomic_store(&pushing, 1);
	atomic_store(&seen, 0);
	for (int i = 0; i < 3; i++)
		call_start(&takers[i], take_all, desc);
	for (int i = 0; i < PUSHERS; i++)
		call_start(&pushers[i], push, NULL);
	for (int i = 0; i < PUSHERS; i++)
		ok0(call_end(&pushers[i], UINT64_MAX));
	atomic_store(&pushing, 0);
	for (int i = 0; i < 3; i++)
		ok0(call_end(&takers[i], UINT64_MAX));
	ok_int(gpiodref_events_lost(desc), 0);
	ok_int(atomic_load(&seen), PUSHERS * PUSHES);
	gpiodref_put(desc);
	unplug_and_let_go();
}
