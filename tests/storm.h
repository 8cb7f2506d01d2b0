/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The unplug storm: threads that do everything that can be done with a chip's lines, while the chip comes and goes (K4, G1 to G6,
 * G10). Each has to say nothing but what is documented, and to let go within storm_latest_ms() when the chip has gone; and nothing
 * may be left behind.
 *
 * Environment: STORM_ROUNDS, how often each chip goes.
 */
#ifndef STORM_H
#define STORM_H

#include "allocations.h"
#include "gpio.h"

enum { STORM_LINES = 8 };

/* A chip that comes and goes, of which each line has a part in the storm; its lines are called after it: "storm0 line 3". */
struct storm_chip {
	const char *label;
	void (*plug)(struct storm_chip *);
	void (*pull)(struct storm_chip *, unsigned offset, int up);
	void (*unplug)(struct storm_chip *);
	void *board;
	/* A chip of Linux goes between two requests for edges: see edges_begin(). */
	pthread_mutex_t *edges;
	/* How often it has gone. */
	atomic_uint gone;
	/* A line that one thread requests and others get at. */
	pthread_mutex_t lock;
	gpiodref_weak *handed;
};

/* What is counted. */
enum storm_operation { OPENS, REQUESTS, GETS, SETS, VOTES, WAITS, EVENTS, CONFIGURES, UPGRADES, WATCHES, STORM_OPERATIONS };

static const char *const storm_words[STORM_OPERATIONS] = {"opens",  "requests",   "gets",     "sets",    "votes",
							   "waits",  "events",     "configures", "upgrades", "watches"};
static atomic_ulong storm_counts[STORM_OPERATIONS];

struct storm_thread {
	void (*once)(struct storm_chip *, gpiodref_chip *);
	struct storm_chip *chip;
	pthread_t thread;
	/* How often the chip had gone when this thread got hold of it. */
	atomic_uint holds;
};

static atomic_int storm_over;

/*
 * Whether it went well. Otherwise the chip is gone, or it is what the caller allows as well: everything else fails the test.
 */
static int went_well(enum storm_operation operation, int result, int allowed)
{
	atomic_fetch_add_explicit(&storm_counts[operation], 1, memory_order_relaxed);
	if (result >= 0)
		return 1;
	if (result != -ENODEV && result != -allowed)
		tap_fail("%s: %s", storm_words[operation], strerror(-result));
	return 0;
}

/* The same of what returns a pointer. */
#define GOT(operation, pointer, allowed) went_well(operation, (pointer) ? 0 : -errno, allowed)

static void storm_pause(void)
{
	usleep(100);
}

/* As latest_ms(); but it is the storm itself that keeps the machine busy, with more threads than it has processors. */
static uint64_t storm_latest_ms(void)
{
	return latest_ms() > 5000 ? latest_ms() : 5000;
}

/*
 * Linux 6.12 frees the interrupts of a chip that goes while a request may still set them up, and then neither the request nor the
 * removal ever ends (docs/soak.md). With a chip of this process, the library alone has to stand that.
 */
static void edges_begin(struct storm_chip *storm)
{
	if (storm->edges)
		pthread_mutex_lock(storm->edges);
}

/* errno is the request's. */
static void edges_end(struct storm_chip *storm)
{
	int error = errno;

	if (storm->edges)
		pthread_mutex_unlock(storm->edges);
	errno = error;
}

static gpiodref_desc *request_edges(struct storm_chip *of, gpiodref_chip *chip, unsigned offset, unsigned flags, const char *who)
{
	edges_begin(of);
	gpiodref_desc *desc = gpiodref_request(chip, offset, EDGES(.flags = flags), who);
	edges_end(of);
	return desc;
}

/* --- a chip of this process ------------------------------------------------------------------------------------------ */

static void storm_sim_plug(struct storm_chip *storm)
{
	char names[STORM_LINES][32];
	const char *pointers[STORM_LINES];
	struct gpiodref_chip_config config = {
		.size = sizeof(config), .label = storm->label, .names = pointers, .num_lines = STORM_LINES};

	for (int i = 0; i < STORM_LINES; i++) {
		snprintf(names[i], sizeof(names[i]), "%s line %d", storm->label, i);
		pointers[i] = names[i];
	}
	storm->board = gpiodref_sim_new(&config);
	ok(storm->board);
}

static void storm_sim_pull(struct storm_chip *storm, unsigned offset, int up)
{
	ok0(gpiodref_sim_set_pull(storm->board, offset, up));
}

/* Removed, and nothing of it is running any more. */
static void storm_sim_unplug(struct storm_chip *storm)
{
	gpiodref_chip *of = gpiodref_sim_chip(storm->board);

	ok0(gpiodref_sim_remove(storm->board));
	ok0(gpiodref_chip_drain(of, storm_latest_ms()));
	gpiodref_chip_put(of);
	gpiodref_sim_put(storm->board);
}

/* --- the parts ------------------------------------------------------------------------------------------------------- */

/* Line 0 is one thread's, who does all that can be done with an output. */
static void storm_use(struct storm_chip *of, gpiodref_chip *chip)
{
	gpiodref_desc *desc = gpiodref_request(chip, 0, OUTPUT(), "user");
	int value = 0;

	(void)of;
	if (!GOT(REQUESTS, desc, 0))
		return;
	do {
		value = !value;
		if (!went_well(SETS, gpiodref_set_value(desc, value), 0))
			break;
		int got = gpiodref_get_value(desc);
		if (went_well(GETS, got, 0) && got != value)
			tap_fail("it is %d, and not %d", got, value);
		storm_pause();
	} while (went_well(CONFIGURES, gpiodref_direction_output(desc, value), 0) &&
		 went_well(CONFIGURES, gpiodref_reconfigure(desc, OUTPUT(.value = value)), 0));
	/* Once gone, always gone. */
	if (gpiodref_is_alive(desc) || gpiodref_set_value(desc, 1) != -ENODEV)
		tap_fail("it is there again");
	if (strncmp(gpiodref_desc_name(desc), of->label, strlen(of->label)))
		tap_fail("its name is \"%s\"", gpiodref_desc_name(desc));
	gpiodref_desc *again = gpiodref_reattach(desc);
	/* It may have come back and gone, or be going. */
	if (GOT(REQUESTS, again, ENOENT))
		gpiodref_put(again);
	gpiodref_put(desc);
}

/* Line 1 has events, for which one thread sleeps until the end. */
static void storm_wait(struct storm_chip *of, gpiodref_chip *chip)
{
	gpiodref_desc *desc = request_edges(of, chip, 1, 0, "waiter");
	struct gpiodref_event events[4];
	uint32_t last = 0;
	int wait, got;

	if (!GOT(REQUESTS, desc, 0))
		return;
	do {
		wait = gpiodref_wait(desc, -1);
		if (!went_well(WAITS, wait, 0))
			tap_fail("a wait ends with GONE, and not with ENODEV");
		while ((got = gpiodref_read_events(desc, events, 4)) > 0)
			for (int i = 0; i < got; i++) {
				if (events[i].global_seqno <= last || events[i].offset != 1)
					tap_fail("event %u after %u, of line %u", events[i].global_seqno, last, events[i].offset);
				last = events[i].global_seqno;
			}
		went_well(EVENTS, got, 0);
	} while (wait == GPIODREF_WAIT_EVENT || wait == GPIODREF_WAIT_TIMEOUT);
	if (gpiodref_read_events(desc, events, 4) != -ENODEV)
		tap_fail("events after the end");
	gpiodref_put(desc);
}

/* Line 2 has events too, and is shared by some who sleep in turns in the library and in poll(). */
static void storm_share(struct storm_chip *of, gpiodref_chip *chip)
{
	gpiodref_desc *desc = request_edges(of, chip, 2, SHARED, "sharer");
	struct gpiodref_event events[4];

	if (!GOT(REQUESTS, desc, EBUSY))
		return;
	for (int round = 0;; round++) {
		struct pollfd entry = {.fd = gpiodref_fd(desc), .events = POLLIN};
		int wait = GPIODREF_WAIT_EVENT, got;

		if (round & 1)
			went_well(WAITS, poll(&entry, 1, -1) < 0 ? -errno : 0, 0);
		else if (!went_well(WAITS, wait = gpiodref_wait(desc, -1), 0))
			tap_fail("a wait ends with GONE, and not with ENODEV");
		if (wait == GPIODREF_WAIT_GONE)
			break;
		while ((got = gpiodref_read_events(desc, events, 4)) > 0)
			;
		if (!went_well(EVENTS, got, 0))
			break;
	}
	gpiodref_put(desc);
}

/* Line 3 is an output that is shared: whose vote is for 1 sees 1. */
static void storm_vote(struct storm_chip *of, gpiodref_chip *chip)
{
	gpiodref_desc *desc = gpiodref_request(chip, 3, OUTPUT(.flags = SHARED), "voter");

	(void)of;
	if (!GOT(REQUESTS, desc, EBUSY))
		return;
	for (int round = 0; round < 20; round++) {
		int value;

		if (!went_well(VOTES, gpiodref_vote(desc, 1), 0))
			break;
		value = gpiodref_get_value(desc);
		if (went_well(GETS, value, 0) && value != 1)
			tap_fail("a vote for 1 does not count");
		if (!went_well(VOTES, gpiodref_vote(desc, 0), 0))
			break;
		storm_pause();
	}
	gpiodref_put(desc);
}

/* Lines 4 and 5 are a group. */
static void storm_group(struct storm_chip *of, gpiodref_chip *chip)
{
	static const struct gpiodref_config out = {.size = sizeof(out), .direction = GPIODREF_DIRECTION_OUTPUT};
	static const struct gpiodref_config in = {
		.size = sizeof(in), .direction = GPIODREF_DIRECTION_INPUT, .edge = GPIODREF_EDGE_BOTH};
	const struct gpiodref_config *configs[] = {&out, &in};
	struct gpiodref_event event;
	uint64_t values = 0;

	edges_begin(of);
	gpiodref_group *group = gpiodref_request_group_each(chip, (unsigned[]){4, 5}, 2, configs, "group");
	edges_end(of);
	if (!GOT(REQUESTS, group, 0))
		return;
	for (uint64_t round = 0; went_well(SETS, gpiodref_group_set_values(group, 1, round & 1), 0); round++) {
		if (went_well(GETS, gpiodref_group_get_values(group, 3, &values), 0) && (values & 1) != (round & 1))
			tap_fail("it is %d, and not %d", (int)values & 1, (int)round & 1);
		went_well(WAITS, gpiodref_group_wait(group, 1), 0);
		went_well(EVENTS, gpiodref_group_read_events(group, &event, 1), 0);
		went_well(CONFIGURES, gpiodref_group_reconfigure_each(group, configs, 2), 0);
	}
	if (gpiodref_group_is_alive(group) || gpiodref_group_wait(group, -1) < 0)
		tap_fail("it is there again");
	gpiodref_group_put(group);
}

/* Line 6 is requested and let go by one, who hands it to others; they take it as long as it is there. */
static void storm_hand(struct storm_chip *of, gpiodref_chip *chip)
{
	gpiodref_desc *desc = gpiodref_request(chip, 6, OUTPUT(), "provider");

	if (!GOT(REQUESTS, desc, EBUSY))
		return;
	gpiodref_weak *weak = gpiodref_downgrade(desc);
	pthread_mutex_lock(&of->lock);
	of->handed = weak;
	pthread_mutex_unlock(&of->lock);
	for (int round = 0; round < 20 && went_well(SETS, gpiodref_set_value(desc, round & 1), 0); round++)
		storm_pause();
	/* It is put before or after the last moment at which others can get at it. */
	int early = atomic_load(&storm_counts[UPGRADES]) & 1;
	if (early)
		gpiodref_put(desc);
	pthread_mutex_lock(&of->lock);
	of->handed = NULL;
	pthread_mutex_unlock(&of->lock);
	gpiodref_put(gpiodref_upgrade(weak));
	if (!early)
		gpiodref_put(desc);
	gpiodref_weak_put(weak);
}

static void storm_take(struct storm_chip *of, gpiodref_chip *chip)
{
	(void)chip;
	for (int round = 0; round < 20; round++) {
		pthread_mutex_lock(&of->lock);
		gpiodref_desc *desc = of->handed ? gpiodref_upgrade(of->handed) : NULL;
		pthread_mutex_unlock(&of->lock);
		if (desc) {
			went_well(UPGRADES, 0, 0);
			went_well(SETS, gpiodref_set_value(desc, 1), 0);
			went_well(GETS, gpiodref_get_value(desc), 0);
			gpiodref_put(desc);
		}
		storm_pause();
	}
}

/* Line 7 is wanted by several, each for a moment; and chips and lines are looked for meanwhile. */
static void storm_want(struct storm_chip *of, gpiodref_chip *chip)
{
	struct gpiodref_line_info info = {.size = sizeof(info)};
	gpiodref_chip *found;
	char name[32];
	unsigned offset;

	snprintf(name, sizeof(name), "%s line 7", of->label);
	gpiodref_desc *desc = gpiodref_request_by_name(name, INPUT(), "one of many");
	if (GOT(REQUESTS, desc, errno == ENOENT ? ENOENT : EBUSY)) {
		went_well(GETS, gpiodref_get_value(desc), 0);
		gpiodref_put(desc);
	}
	went_well(GETS, gpiodref_line_info(chip, 7, &info), 0);
	if (went_well(OPENS, gpiodref_find_line(name, &found, &offset), ENOENT)) {
		if (offset != 7)
			tap_fail("%s is line %u", name, offset);
		gpiodref_chip_put(found);
	}
	for (int length = gpiodref_chip_next(NULL, name, sizeof(name)); went_well(OPENS, length, 0) && length > 0;)
		length = gpiodref_chip_next(name, name, sizeof(name));
	storm_pause();
}

/* One watches them all. */
static void storm_watch(struct storm_chip *of, gpiodref_chip *chip)
{
	struct gpiodref_info_event event = {.size = sizeof(event)};
	gpiodref_watch *watch = gpiodref_watch_lines(chip, NULL, 0);
	int wait, got;

	(void)of;
	if (!GOT(WATCHES, watch, 0))
		return;
	do {
		if (!went_well(WAITS, wait = gpiodref_watch_wait(watch, -1), 0))
			tap_fail("a wait ends with GONE, and not with ENODEV");
		while ((got = gpiodref_watch_read(watch, &event)) > 0)
			went_well(EVENTS, event.info.offset < STORM_LINES ? 0 : -EINVAL, 0);
		went_well(EVENTS, got, 0);
	} while (wait != GPIODREF_WAIT_GONE);
	gpiodref_watch_put(watch);
}

static void (*const storm_parts[])(struct storm_chip *, gpiodref_chip *) = {
	storm_use,  storm_wait, storm_share, storm_share, storm_vote, storm_vote,  storm_group,
	storm_hand, storm_take, storm_want,  storm_want,  storm_watch,
};
enum { STORM_PARTS = sizeof(storm_parts) / sizeof(*storm_parts) };

/* --- the storm ------------------------------------------------------------------------------------------------------- */

static void *storm_run(void *data)
{
	struct storm_thread *thread = data;

	while (!atomic_load(&storm_over)) {
		unsigned gone = atomic_load(&thread->chip->gone);
		atomic_store(&thread->holds, gone);
		gpiodref_chip *chip = gpiodref_chip_open(thread->chip->label);

		if (!GOT(OPENS, chip, ENOENT))
			storm_pause();
		else if (atomic_load(&thread->chip->gone) == gone)
			thread->once(thread->chip, chip);
		gpiodref_chip_put(chip);
	}
	return NULL;
}

static unsigned storm_rounds(unsigned usual)
{
	const char *asked = getenv("STORM_ROUNDS");

	return asked ? strtoul(asked, NULL, 10) : usual;
}

/* Each of so many chips comes and goes so often; returns how many milliseconds the slowest thread took to let go of one. */
static uint64_t storm(struct storm_chip *chips, unsigned count, unsigned rounds)
{
	struct storm_thread threads[4 * STORM_PARTS] = {{.chip = NULL}};
	uint64_t slowest = 0;

	atomic_store(&storm_over, 0);
	for (unsigned i = 0; i < count; i++)
		chips[i].plug(&chips[i]);
	for (unsigned i = 0; i < count * STORM_PARTS; i++) {
		threads[i].chip = &chips[i / STORM_PARTS];
		threads[i].once = storm_parts[i % STORM_PARTS];
		ok0(pthread_create(&threads[i].thread, NULL, storm_run, &threads[i]));
	}
	for (unsigned round = 0; round < rounds * count && !tap_failed; round++) {
		struct storm_chip *chip = &chips[round % count];
		struct storm_thread *own = &threads[round % count * STORM_PARTS];

		for (unsigned n = 0; n < 6; n++) {
			chip->pull(chip, n % 3 == 2 ? 5 : n % 3 + 1, n & 1);
			usleep(500 * (round % 4));
		}
		edges_begin(chip);
		chip->unplug(chip);
		edges_end(chip);
		uint64_t since = milliseconds();
		unsigned gone = atomic_fetch_add(&chip->gone, 1);
		/* Every second time it is back before all know that it was gone. */
		int at_once = round / count % 2;
		if (at_once)
			chip->plug(chip);
		for (unsigned i = 0; i < STORM_PARTS; i++)
			while (atomic_load(&own[i].holds) == gone) {
				if (milliseconds() - since > storm_latest_ms() && !tap_failed) {
					printf("# part %u of %s\n", i, chip->label);
					tap_failed = 1;
				}
				storm_pause();
			}
		uint64_t took = milliseconds() - since;
		slowest = took > slowest ? took : slowest;
		if (!at_once)
			chip->plug(chip);
	}
	atomic_store(&storm_over, 1);
	for (unsigned i = 0; i < count; i++) {
		edges_begin(&chips[i]);
		chips[i].unplug(&chips[i]);
		edges_end(&chips[i]);
	}
	for (unsigned i = 0; i < count * STORM_PARTS; i++)
		ok0(pthread_join(threads[i].thread, NULL));
	return slowest;
}

static void storm_tell(unsigned rounds, uint64_t slowest)
{
	printf("# %u rounds:", rounds);
	for (int i = 0; i < STORM_OPERATIONS; i++)
		printf(" %lu %s,", atomic_load(&storm_counts[i]), storm_words[i]);
	printf(" the slowest let go after %llu ms\n", (unsigned long long)slowest);
}

/*
 * What the storm may leave in memory is what a part of it, ahead, has left: buffers of threads and of the tracker that have their
 * size by then.
 */
static void storm_and_check(struct storm_chip *chips, unsigned count, unsigned rounds)
{
	enum { BLOCKS = 4, BYTES = 4 << 10 };

	alarm(TAP_SECONDS + rounds * count);
	storm(chips, count, 3);
	int fds = open_fds();
	long blocks = atomic_load(&live_blocks), bytes = atomic_load(&live_bytes);

	uint64_t slowest = storm(chips, count, rounds);
	blocks = atomic_load(&live_blocks) - blocks;
	bytes = atomic_load(&live_bytes) - bytes;
	storm_tell(rounds * count, slowest);
	ok_int(tap_failed, 0);
	ok_int(open_fds(), fds);
	if (blocks > BLOCKS || bytes > BYTES)
		tap_fail("%ld blocks and %ld bytes more than before", blocks, bytes);

	/* And with every reference recorded, of which none may be left. */
	struct account before = account();
	storm(chips, count, rounds / 8 + 1);
	ok_int(tap_failed, 0);
	ok_same(before);
}

#endif
