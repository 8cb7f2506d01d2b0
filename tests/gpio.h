/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What all C tests of libgpiodref have in common, whoever simulates the chip: configurations in one line, clocks for threads, and
 * the account of what a test leaves behind.
 */
#ifndef GPIO_H
#define GPIO_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <fcntl.h>
#include <gpiodref.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define TAP_EXPLAIN gpiodref_last_error
#include "tap.h"

#define UNUSED __attribute__((unused))

#define CONFIG(...) (&(struct gpiodref_config){.size = sizeof(struct gpiodref_config), __VA_ARGS__})
#define INPUT(...) CONFIG(.direction = GPIODREF_DIRECTION_INPUT, __VA_ARGS__)
#define OUTPUT(...) CONFIG(.direction = GPIODREF_DIRECTION_OUTPUT, __VA_ARGS__)
/* An input whose edges are all events. */
#define EDGES(...) INPUT(.edge = GPIODREF_EDGE_BOTH, __VA_ARGS__)
#define SHARED GPIODREF_FLAG_SHARED
#define ACTIVE_LOW GPIODREF_FLAG_ACTIVE_LOW

/*
 * A test board has one chip, and whoever simulates it defines
 *
 *     plug(), plug_lines(lines), plug_named(names)   the board with its lines: 8, so many, or 8 with these names
 *     unplug()                                       its chip goes; this program may go on holding it
 *     let_go()                                       what this program holds of the board
 *     unplug_and_let_go()
 *     pull(offset, up), level(offset)                the wire of a line
 *     SOON_MS, QUIET_MS, ASLEEP_MS                   until what surely comes has come; until nothing will come any more; until a
 *                                                    thread that was started sleeps. 0: at once
 *     GET_CALL, SET_CALL                             what a message calls the chip's call
 *     POLL_GONE                                      what poll() says when the chip has gone
 *     OPENED_ANEW                                    1 where who opens the chip gets another one than the first
 *     MANY_ROUNDS, wake_rounds()                     what its machine can do in a short time
 *
 * The tests in tests/gpio/ run on every board.
 */
/* One more than a request takes. */
enum { MOST_LINES = 65 };

/* What the first lines of every test board are called. */
static const char *const line_names[MOST_LINES] UNUSED = {"RESET", "EEPROM_WP", "LED", "BUTTON"};

/* The chip of the test board. */
static gpiodref_chip *chip;

/* A chip of this process; `names` may be NULL. */
static inline gpiodref_sim *sim_of(const char *label, unsigned lines, const char *const *names, uint32_t policy)
{
	struct gpiodref_chip_config config = {
		.size = sizeof(config), .label = label, .names = names, .num_lines = lines, .remove_policy = policy};
	gpiodref_sim *sim = gpiodref_sim_new(&config);

	ok(sim);
	return sim;
}

static inline gpiodref_desc *request(unsigned offset, const gpiodref_config *config, const char *consumer)
{
	gpiodref_desc *desc = gpiodref_request(chip, offset, config, consumer);

	ok(desc);
	return desc;
}

static inline struct gpiodref_line_info info_of(gpiodref_chip *of, unsigned offset)
{
	struct gpiodref_line_info info = {.size = sizeof(info)};

	ok0(gpiodref_line_info(of, offset, &info));
	return info;
}

/* Whoever has the line, "" for nobody. */
#define ok_holder(offset, who)                                                             \
	do {                                                                               \
		struct gpiodref_line_info tap_info = info_of(chip, offset);                \
		ok_str(tap_info.consumer, who);                                            \
		ok_int(tap_info.used, *(who) != 0);                                        \
	} while (0)

/* What poll() says of a file descriptor within some milliseconds. */
static inline int polled(int fd, int timeout_ms)
{
	struct pollfd entry = {.fd = fd, .events = POLLIN};

	ok(poll(&entry, 1, timeout_ms) >= 0);
	return entry.revents;
}

static inline uint64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ull + now.tv_nsec / 1000000;
}

static inline void sleep_ms(unsigned time)
{
	usleep(time * 1000);
}

static inline int under_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "vgpreload");
}

/*
 * Nobody may wake up later than this after the event that he waits for. A second is the promise; valgrind runs one thread at
 * a time and may leave another one waiting for longer on a busy machine, and so may an emulated one. That says nothing about
 * the library.
 */
#ifndef LATEST_MS
#define LATEST_MS 1000
#endif

static inline uint64_t latest_ms(void)
{
	return under_valgrind() ? 20000 : LATEST_MS;
}

static inline int open_fds(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = -1;

	ok(folder);
	for (struct dirent *entry; (entry = readdir(folder));)
		count += entry->d_name[0] != '.';
	closedir(folder);
	return count;
}

/* How many lists of the holders' report there are, which the tracker must be on for. */
static inline int holders(void)
{
	char *report = NULL;
	int count = gpiodref_holders(&report);

	ok(count >= 0);
	gpiodref_free(report);
	return count;
}

/*
 * What must be the same before and after: file descriptors, holders, chips.
 *
 *     struct account before = account();
 *     …
 *     ok_same(before);
 */
struct account {
	int fds, holders, chips;
};

static inline struct account account(void)
{
	struct account now = {.chips = 0};
	char name[32];

	ok0(gpiodref_set_tracking(1));
	while (gpiodref_chip_next(now.chips ? name : NULL, name, sizeof(name)) > 0)
		now.chips++;
	now.fds = open_fds();
	now.holders = holders();
	return now;
}

#define ok_same(before)                                                                    \
	do {                                                                               \
		struct account tap_now = account();                                        \
		char *tap_report;                                                          \
		if (tap_now.holders != (before).holders && gpiodref_holders(&tap_report) > 0) { \
			printf("# %s\n", tap_report);                                      \
			gpiodref_free(tap_report);                                         \
		}                                                                          \
		ok_int(tap_now.holders, (before).holders);                                 \
		ok_int(tap_now.fds, (before).fds);                                         \
		ok_int(tap_now.chips, (before).chips);                                     \
		ok0(gpiodref_set_tracking(0));                                             \
	} while (0)

/* A thread that makes one call, and says what came of it and how long it took. */
struct call {
	int (*make)(void *);
	void *data;
	int result;
	uint64_t began, ended;
	pthread_t thread;
	atomic_int runs;
};

static inline void *call_run(void *data)
{
	struct call *call = data;

	call->began = milliseconds();
	atomic_store(&call->runs, 1);
	call->result = call->make(call->data);
	call->ended = milliseconds();
	return NULL;
}

static inline void call_start(struct call *call, int (*make)(void *), void *data)
{
	call->make = make;
	call->data = data;
	atomic_store(&call->runs, 0);
	ok0(pthread_create(&call->thread, NULL, call_run, call));
	while (!atomic_load(&call->runs))
		sleep_ms(1);
}

/* Its result, when it has ended; `since` is when it should have. */
static inline int call_end(struct call *call, uint64_t since)
{
	ok0(pthread_join(call->thread, NULL));
	if (call->ended > since && call->ended - since > latest_ms())
		tap_fail("it came back %d ms late", (int)(call->ended - since));
	return call->result;
}

#endif
