/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Edges: told, numbered, stamped; and how to wait for them (G5, G7, G10), on every board. */
#ifndef GPIO_EVENTS_H
#define GPIO_EVENTS_H

#include <signal.h>

/* The next event, which surely comes; what a simulated chip told is there without a wait. */
static struct gpiodref_event next(gpiodref_desc *desc)
{
	struct gpiodref_event event = {.timestamp_ns = 0};

	if (SOON_MS)
		ok_int(gpiodref_wait(desc, SOON_MS), GPIODREF_WAIT_EVENT);
	ok_int(gpiodref_read_events(desc, &event, 1), 1);
	return event;
}

/* No event is there, nor will one come. */
static int is_empty(gpiodref_desc *desc)
{
	struct gpiodref_event event;

	if (QUIET_MS && gpiodref_wait(desc, QUIET_MS) != GPIODREF_WAIT_TIMEOUT)
		return 0;
	return gpiodref_read_events(desc, &event, 1) == 0;
}

static uint64_t now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

TEST("an edge is an event, with its line, its direction, its numbers and its time")
{
	plug();
	gpiodref_desc *desc = request(3, EDGES(), "button");
	ok(is_empty(desc));
	uint64_t last = now(CLOCK_MONOTONIC);
	for (unsigned i = 1; i <= 4; i++) {
		pull(3, i & 1);
		struct gpiodref_event event = next(desc);
		ok_int(event.type, i & 1 ? GPIODREF_EVENT_RISING : GPIODREF_EVENT_FALLING);
		ok_int(event.offset, 3);
		ok_int(event.line_seqno, i);
		ok_int(event.global_seqno, i);
		ok(event.timestamp_ns >= last && event.timestamp_ns <= now(CLOCK_MONOTONIC));
		last = event.timestamp_ns;
	}
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
		pull(3, !cases[i].up);
		gpiodref_desc *desc = request(3, INPUT(.edge = cases[i].edge, .flags = cases[i].flags), "button");
		for (unsigned round = 1; round <= 3; round++) {
			pull(3, cases[i].up);
			struct gpiodref_event event = next(desc);
			ok_int(event.type, cases[i].type);
			ok_int(event.line_seqno, round);
			pull(3, !cases[i].up);
			ok(is_empty(desc));
		}
		gpiodref_put(desc);
	}
	pull(3, 0);
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
	if (SOON_MS)
		ok_int(gpiodref_wait(desc, SOON_MS), GPIODREF_WAIT_EVENT);
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

TEST("edges that are asked for later are told too, and no longer when the line is a plain input")
{
	plug();
	gpiodref_desc *desc = request(3, INPUT(), "test");

	pull(3, 1);
	ok(is_empty(desc));
	ok0(gpiodref_reconfigure(desc, EDGES()));
	pull(3, 0);
	ok_int(gpiodref_wait(desc, SOON_MS), GPIODREF_WAIT_EVENT);
	ok_int(next(desc).type, GPIODREF_EVENT_FALLING);
	ok0(gpiodref_direction_input(desc));
	pull(3, 1);
	ok(is_empty(desc));
	gpiodref_put(desc);
	unplug_and_let_go();
}

TEST("a time is of the clock that was asked for")
{
	plug();
	gpiodref_desc *desc = request(3, EDGES(.clock = GPIODREF_CLOCK_REALTIME), "test");
	uint64_t before = now(CLOCK_REALTIME);
	pull(3, 1);
	struct gpiodref_event event = next(desc);
	ok(event.timestamp_ns >= before && event.timestamp_ns <= now(CLOCK_REALTIME));
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
	ok_int(gpiodref_wait(desc, QUIET_MS), GPIODREF_WAIT_TIMEOUT);
	ok(is_empty(desc));
	unplug();
	ok_int(gpiodref_wait(desc, -1), GPIODREF_WAIT_GONE);
	gpiodref_put(desc);
	let_go();
}

TEST("a descriptor is readable for poll() from the first event to the last")
{
	struct gpiodref_event event;

	plug();
	gpiodref_desc *desc = request(3, EDGES(), "test");
	int fd = gpiodref_fd(desc);

	ok(fd >= 0);
	ok(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	ok(fcntl(fd, F_GETFL) & O_NONBLOCK);
	ok_int(polled(fd, 0), 0);
	pull(3, 1);
	ok_int(polled(fd, SOON_MS), POLLIN);
	pull(3, 0);
	ok_int(gpiodref_read_events(desc, &event, 1), 1);
	ok_int(polled(fd, SOON_MS), POLLIN);
	ok_int(gpiodref_read_events(desc, &event, 1), 1);
	ok_int(event.type, GPIODREF_EVENT_FALLING);
	ok_int(polled(fd, 0), 0);
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

	for (int round = 0; round < wake_rounds(); round++) {
		plug();
		gpiodref_desc *desc = request(3, EDGES(), "test");
		for (unsigned n = 1; n <= 2; n++) {
			for (int i = 0; i < WAITERS; i++)
				call_start(&calls[i], wait_for_ever, desc);
			sleep_ms(ASLEEP_MS);
			uint64_t since = milliseconds();
			pull(3, n & 1);
			for (int i = 0; i < WAITERS; i++)
				ok_int(call_end(&calls[i], since), GPIODREF_WAIT_EVENT);
			ok_int(next(desc).global_seqno, n);
			ok(is_empty(desc));
		}
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
		sleep_ms(ASLEEP_MS);
	ok_int(call.result, -EINTR);
	ok(atomic_load(&handled) > 0);
	/* The descriptor is what it was. */
	pull(3, 1);
	ok_int(gpiodref_wait(desc, SOON_MS), GPIODREF_WAIT_EVENT);
	gpiodref_put(desc);
	unplug_and_let_go();
}

#endif
