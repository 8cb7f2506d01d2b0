/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Edges that the kernel saw: told, numbered, stamped, kept, lost; and how to wait for them (G5, G6, G7). */
#include "board.h"

#include <signal.h>

/* The next event, which will come. */
static struct gpiodref_event next(gpiodref_desc *desc)
{
	struct gpiodref_event event = {.timestamp_ns = 0};

	ok_int(gpiodref_wait(desc, SOON_MS), GPIODREF_WAIT_EVENT);
	ok_int(gpiodref_read_events(desc, &event, 1), 1);
	return event;
}

static int is_empty(gpiodref_desc *desc)
{
	struct gpiodref_event event;

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
	/* No edge, no event. */
	pull(3, 0);
	ok_int(gpiodref_wait(desc, 50), GPIODREF_WAIT_TIMEOUT);
	gpiodref_put(desc);
	/* The numbers begin with the request. */
	desc = request(3, EDGES(), "button");
	pull(3, 1);
	ok_int(next(desc).line_seqno, 1);
	gpiodref_put(desc);
	let_go();
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
		for (unsigned round = 1; round <= 2; round++) {
			pull(3, cases[i].up);
			struct gpiodref_event event = next(desc);
			ok_int(event.type, cases[i].type);
			ok_int(event.line_seqno, round);
			pull(3, !cases[i].up);
			ok_int(gpiodref_wait(desc, 50), GPIODREF_WAIT_TIMEOUT);
		}
		gpiodref_put(desc);
	}
	let_go();
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
	/* What the chip does not have. */
	ok_errno(gpiodref_request(chip, 3, EDGES(.clock = GPIODREF_CLOCK_HTE), "test"), EOPNOTSUPP);
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

TEST("edges that are asked for later are told, and no longer when the line is a plain input or an output")
{
	plug();
	gpiodref_desc *desc = request(3, INPUT(), "test");
	pull(3, 1);
	ok_int(gpiodref_wait(desc, 50), GPIODREF_WAIT_TIMEOUT);
	ok0(gpiodref_reconfigure(desc, EDGES()));
	pull(3, 0);
	ok_int(next(desc).type, GPIODREF_EVENT_FALLING);
	ok0(gpiodref_direction_input(desc));
	pull(3, 1);
	ok_int(gpiodref_wait(desc, 50), GPIODREF_WAIT_TIMEOUT);
	ok0(gpiodref_direction_output(desc, 0));
	ok0(gpiodref_set_value(desc, 1));
	ok_int(gpiodref_wait(desc, 50), GPIODREF_WAIT_TIMEOUT);
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
		for (unsigned n = 0; n < 2 * cases[i].kept + 4; n++) {
			sim_pull(&board, 3, !(n & 1));
			sim_sleep(2);
		}
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
	while (!is_empty(desc))
		got++;
	ok(got >= 2);
	ok_int(gpiodref_events_lost(desc), 0);
	gpiodref_put(desc);
	let_go();
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
	ok(!is_empty(desc));
	ok_int(gpiodref_wait(desc, 0), GPIODREF_WAIT_TIMEOUT);
	gpiodref_put(desc);
	let_go();
}

TEST("a descriptor is readable for poll() from the first event to the last, and nobody blocks in reading it (G6)")
{
	struct gpiodref_event event;
	char byte;

	plug();
	gpiodref_desc *desc = request(3, EDGES(), "test");
	int fd = gpiodref_fd(desc), exported;
	ok(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	ok(fcntl(fd, F_GETFL) & O_NONBLOCK);
	exported = gpiodref_export_fd(desc);
	ok(fcntl(exported, F_GETFL) & O_NONBLOCK);
	errno = 0;
	ok_int(read(exported, &byte, 1), -1);
	ok(errno == EAGAIN || errno == EINVAL);
	close(exported);
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
	let_go();
}

static int wait_for_ever(void *desc)
{
	return gpiodref_wait(desc, -1);
}

TEST("G10 one event wakes all who wait for it on one descriptor, and is there for the first who reads")
{
	enum { WAITERS = 4 };
	struct call calls[WAITERS];

	plug();
	gpiodref_desc *desc = request(3, EDGES(), "test");
	for (unsigned round = 1; round <= 5; round++) {
		for (int i = 0; i < WAITERS; i++)
			call_start(&calls[i], wait_for_ever, desc);
		sim_sleep(20);
		uint64_t since = milliseconds();
		pull(3, round & 1);
		for (int i = 0; i < WAITERS; i++)
			ok_int(call_end(&calls[i], since), GPIODREF_WAIT_EVENT);
		ok_int(next(desc).global_seqno, round);
		ok(is_empty(desc));
	}
	gpiodref_put(desc);
	let_go();
}

static void wake(int signal) { (void)signal; }

TEST("a signal ends a wait with EINTR")
{
	struct sigaction action = {.sa_handler = wake};
	struct call call;

	plug();
	gpiodref_desc *desc = request(3, EDGES(), "test");
	ok0(sigaction(SIGUSR1, &action, NULL));
	call_start(&call, wait_for_ever, desc);
	/* Until it sleeps a signal would come too early: so some more. */
	while (!pthread_kill(call.thread, SIGUSR1) && pthread_tryjoin_np(call.thread, NULL) == EBUSY)
		sim_sleep(20);
	ok_int(call.result, -EINTR);
	pull(3, 1);
	next(desc);
	gpiodref_put(desc);
	let_go();
}
