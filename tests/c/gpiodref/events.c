/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Edges: told, numbered, stamped, kept, lost; and how to wait for them (G5, G6, G7). */
#include "fixtures.h"

#include <signal.h>

static void pull(unsigned offset, int up)
{
	ok0(gpiodref_sim_set_pull(board, offset, up));
}

/* The next event, of which there is one. */
static struct gpiodref_event next(gpiodref_desc *desc)
{
	struct gpiodref_event event = {.timestamp_ns = 0};

	ok_int(gpiodref_read_events(desc, &event, 1), 1);
	return event;
}

static int is_empty(gpiodref_desc *desc)
{
	struct gpiodref_event event;

	return gpiodref_read_events(desc, &event, 1) == 0;
}

TEST("an edge is an event, with its line, its direction, its numbers and its time")
{
	struct gpiodref_event events[3];
	struct timespec now;

	plug();
	gpiodref_desc *desc = request(3, EDGES(), "button");
	ok(is_empty(desc));
	clock_gettime(CLOCK_MONOTONIC, &now);
	uint64_t before = now.tv_sec * 1000000000ull + now.tv_nsec;
	pull(3, 1);
	pull(3, 0);
	ok_int(gpiodref_read_events(desc, events, 3), 2);
	clock_gettime(CLOCK_MONOTONIC, &now);
	uint64_t after = now.tv_sec * 1000000000ull + now.tv_nsec;
	ok_int(events[0].type, GPIODREF_EVENT_RISING);
	ok_int(events[1].type, GPIODREF_EVENT_FALLING);
	for (int i = 0; i < 2; i++) {
		ok_int(events[i].offset, 3);
		ok_int(events[i].line_seqno, i + 1);
		ok_int(events[i].global_seqno, i + 1);
		ok(events[i].timestamp_ns >= before && events[i].timestamp_ns <= after);
	}
	ok(events[0].timestamp_ns <= events[1].timestamp_ns);
	ok(is_empty(desc));
	/* No edge, no event. */
	pull(3, 0);
	ok(is_empty(desc));
	gpiodref_put(desc);
	/* The numbers begin with the request. */
	desc = request(3, EDGES(), "button");
	pull(3, 1);
	ok_int(next(desc).line_seqno, 1);
	gpiodref_put(desc);
	unplug_and_let_go();
}

TEST("only the edges that are asked for come, and they are those of the value")
{
	static const struct {
		uint32_t edge, flags, type;
		int up;
	} cases[] = {
		{GPIODREF_EDGE_RISING, 0, GPIODREF_EVENT_RISING, 1},
		{GPIODREF_EDGE_FALLING, 0, GPIODREF_EVENT_FALLING, 0},
		{GPIODREF_EDGE_RISING, ACTIVE_LOW, GPIODREF_EVENT_RISING, 0},
		{GPIODREF_EDGE_FALLING, ACTIVE_LOW, GPIODREF_EVENT_FALLING, 1},
	};

	plug();
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		gpiodref_desc *desc = request(3, INPUT(.edge = cases[i].edge, .flags = cases[i].flags), "button");
		for (int round = 1; round <= 2; round++) {
			pull(3, 1);
			ok_int(!is_empty(desc), cases[i].up);
			pull(3, 0);
			ok_int(!is_empty(desc), !cases[i].up);
		}
		pull(3, 1);
		pull(3, 0);
		struct gpiodref_event event = next(desc);
		ok_int(event.type, cases[i].type);
		ok_int(event.line_seqno, 3);
		gpiodref_put(desc);
	}
	gpiodref_desc *desc = request(3, INPUT(), "no edges");
	pull(3, 1);
	ok(is_empty(desc));
	ok_int(gpiodref_wait(desc, 0), GPIODREF_WAIT_TIMEOUT);
	gpiodref_put(desc);
	unplug_and_let_go();
}

TEST("what another line does is no event of this one")
{
	plug();
	gpiodref_desc *one = request(3, EDGES(), "one"), *other = request(4, EDGES(), "other");

	pull(4, 1);
	ok(is_empty(one));
	ok_int(next(other).offset, 4);
	gpiodref_put(one);
	gpiodref_put(other);
	unplug_and_let_go();
}

TEST("a line that is driven has no edges to tell, and one that is released neither")
{
	plug();
	gpiodref_desc *desc = request(3, EDGES(), "test");

	pull(3, 1);
	ok0(gpiodref_direction_output(desc, 0));
	ok_int(next(desc).type, GPIODREF_EVENT_RISING);
	ok0(gpiodref_set_value(desc, 1));
	ok(is_empty(desc));
	gpiodref_put(desc);
	pull(3, 0);
	desc = request(3, EDGES(), "next");
	ok(is_empty(desc));
	gpiodref_put(desc);
	unplug_and_let_go();
}

TEST("edges that are switched off and on again go on being counted, and none is lost")
{
	plug();
	gpiodref_desc *desc = request(3, EDGES(), "test");

	pull(3, 1);
	ok_int(next(desc).global_seqno, 1);
	ok0(gpiodref_direction_input(desc));
	pull(3, 0);
	ok0(gpiodref_reconfigure(desc, EDGES()));
	pull(3, 1);
	ok_int(next(desc).global_seqno, 2);
	ok_int(gpiodref_events_lost(desc), 0);
	gpiodref_put(desc);
	unplug_and_let_go();
}

TEST("edges that are asked for later are told too")
{
	plug();
	gpiodref_desc *desc = request(3, INPUT(), "test");

	ok0(gpiodref_reconfigure(desc, EDGES()));
	pull(3, 1);
	ok_int(gpiodref_wait(desc, 0), GPIODREF_WAIT_EVENT);
	ok_int(next(desc).type, GPIODREF_EVENT_RISING);
	gpiodref_put(desc);
	unplug_and_let_go();
}

TEST("a time is of the clock that was asked for, or what the provider says")
{
	struct timespec now;

	plug();
	gpiodref_desc *desc = request(3, EDGES(.clock = GPIODREF_CLOCK_REALTIME), "test");
	clock_gettime(CLOCK_REALTIME, &now);
	pull(3, 1);
	struct gpiodref_event event = next(desc);
	ok(event.timestamp_ns >= now.tv_sec * 1000000000ull && event.timestamp_ns < (now.tv_sec + 600) * 1000000000ull);
	ok0(gpiodref_chip_push_edge(chip, 3, 0, 12345));
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
		for (int i = 0; i < got; i++)
			ok_int(events[i].global_seqno, ++n);
	ok_int(n, 250);
	ok_int(gpiodref_events_lost(desc), 0);
	gpiodref_put(desc);
	unplug_and_let_go();
}

TEST("G5 a wait ends with an event, or when its time is over, and not before")
{
	plug();
	gpiodref_desc *desc = request(3, EDGES(), "test");

	ok_int(gpiodref_wait(desc, 0), GPIODREF_WAIT_TIMEOUT);
	uint64_t began = milliseconds();
	ok_int(gpiodref_wait(desc, 30), GPIODREF_WAIT_TIMEOUT);
	ok(milliseconds() - began >= 29);
	pull(3, 1);
	ok_int(gpiodref_wait(desc, -1), GPIODREF_WAIT_EVENT);
	/* As long as it has not been read it is there. */
	ok_int(gpiodref_wait(desc, -1), GPIODREF_WAIT_EVENT);
	next(desc);
	ok_int(gpiodref_wait(desc, 0), GPIODREF_WAIT_TIMEOUT);
	gpiodref_put(desc);
	unplug_and_let_go();
}

TEST("an output can be waited for too: nothing comes, until the chip goes")
{
	plug();
	gpiodref_desc *desc = request(3, OUTPUT(), "test");

	ok_int(gpiodref_wait(desc, 10), GPIODREF_WAIT_TIMEOUT);
	ok0(gpiodref_set_value(desc, 1));
	ok_int(gpiodref_wait(desc, 0), GPIODREF_WAIT_TIMEOUT);
	ok(is_empty(desc));
	unplug();
	ok_int(gpiodref_wait(desc, -1), GPIODREF_WAIT_GONE);
	gpiodref_put(desc);
	let_go();
}

TEST("a descriptor is readable for poll() from the first event to the last")
{
	plug();
	gpiodref_desc *desc = request(3, EDGES(), "test");
	int fd = gpiodref_fd(desc);

	ok(fd >= 0);
	ok_int(polled(fd, 0), 0);
	pull(3, 1);
	ok_int(polled(fd, 0), POLLIN);
	pull(3, 0);
	next(desc);
	ok_int(polled(fd, 0), POLLIN);
	next(desc);
	ok_int(polled(fd, 0), 0);
	gpiodref_put(desc);
	/* Asked for when there is something already. */
	desc = request(3, EDGES(), "test");
	pull(3, 1);
	ok_int(polled(gpiodref_fd(desc), 0), POLLIN);
	/* And when it was too much. */
	for (int n = 0; n < 100; n++)
		pull(3, n & 1);
	ok_int(polled(gpiodref_fd(desc), 0), POLLIN);
	while (!is_empty(desc))
		;
	ok_int(polled(gpiodref_fd(desc), 0), 0);
	gpiodref_put(desc);
	unplug_and_let_go();
}

static int wait_for_ever(void *desc)
{
	return gpiodref_wait(desc, -1);
}

TEST("G10 one event wakes all who wait for it on one descriptor, and is there for the first who reads")
{
	enum { WAITERS = 4 };
	struct call calls[WAITERS];

	/* Who is woken first differs from time to time. */
	for (int round = 0; round < (under_valgrind() ? 3 : 50); round++) {
		plug();
		gpiodref_desc *desc = request(3, EDGES(), "test");
		for (int i = 0; i < WAITERS; i++)
			call_start(&calls[i], wait_for_ever, desc);
		sleep_ms(2);
		uint64_t now = milliseconds();
		pull(3, 1);
		for (int i = 0; i < WAITERS; i++)
			ok_int(call_end(&calls[i], now), GPIODREF_WAIT_EVENT);
		ok_int(next(desc).global_seqno, 1);
		ok(is_empty(desc));
		gpiodref_put(desc);
		unplug_and_let_go();
	}
}

static atomic_int handled;

static void handle(int signal)
{
	(void)signal;
	atomic_fetch_add(&handled, 1);
}

TEST("a signal ends a wait with EINTR")
{
	struct sigaction action = {.sa_handler = handle};
	struct call call;

	plug();
	gpiodref_desc *desc = request(3, EDGES(), "test");
	ok0(sigaction(SIGUSR1, &action, NULL));
	atomic_store(&handled, 0);
	call_start(&call, wait_for_ever, desc);
	/* Until it sleeps a signal would come too early: so some more. */
	while (!pthread_kill(call.thread, SIGUSR1) && pthread_tryjoin_np(call.thread, NULL) == EBUSY)
		sleep_ms(5);
	ok_int(call.result, -EINTR);
	ok(atomic_load(&handled) > 0);
	/* The descriptor is what it was. */
	pull(3, 1);
	ok_int(gpiodref_wait(desc, 0), GPIODREF_WAIT_EVENT);
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
