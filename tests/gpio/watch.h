/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Who requests, configures and releases lines: told to all who watch them (G4, G5, G10), on every board. */
#ifndef GPIO_WATCH_H
#define GPIO_WATCH_H

/* The next change, which surely comes; what a simulated chip told is there without a wait. */
static struct gpiodref_info_event next(gpiodref_watch *watch)
{
	struct gpiodref_info_event event = {.size = sizeof(event)};

	if (SOON_MS)
		ok_int(gpiodref_watch_wait(watch, SOON_MS), GPIODREF_WAIT_EVENT);
	ok_int(gpiodref_watch_read(watch, &event), 1);
	return event;
}

/* No change is there, nor will one come. */
static int is_empty(gpiodref_watch *watch)
{
	struct gpiodref_info_event event = {.size = sizeof(event)};

	if (QUIET_MS && gpiodref_watch_wait(watch, QUIET_MS) != GPIODREF_WAIT_TIMEOUT)
		return 0;
	return gpiodref_watch_read(watch, &event) == 0;
}

#define ok_change(watch, what, line, who)                                                  \
	do {                                                                               \
		struct gpiodref_info_event tap_event = next(watch);                        \
		ok_int(tap_event.change, GPIODREF_CHANGE_##what);                          \
		ok_int(tap_event.info.offset, line);                                       \
		ok_str(tap_event.info.consumer, who);                                      \
		ok_int(tap_event.info.used, *(who) != 0);                                  \
	} while (0)

static gpiodref_watch *watch_all(void)
{
	gpiodref_watch *watch = gpiodref_watch_lines(chip, NULL, 0);

	ok(watch);
	return watch;
}

TEST("a watch tells who requests, configures and releases a line, with the line as it was then")
{
	struct timespec time;

	plug();
	struct account before = account();
	gpiodref_watch *watch = gpiodref_watch_lines(chip, (unsigned[]){2, 3}, 2);
	ok(watch);
	ok(is_empty(watch));
	ok_int(gpiodref_watch_wait(watch, 0), GPIODREF_WAIT_TIMEOUT);
	clock_gettime(CLOCK_MONOTONIC, &time);
	uint64_t began = time.tv_sec * 1000000000ull + time.tv_nsec;
	gpiodref_desc *desc = request(2, OUTPUT(.flags = ACTIVE_LOW), "led"), *unwatched = request(5, OUTPUT(), "other");
	ok0(gpiodref_reconfigure(desc, EDGES(.debounce_us = 7)));
	/* A value is no change of the line. */
	ok0(gpiodref_direction_output(desc, 0));
	ok0(gpiodref_set_value(desc, 1));
	gpiodref_put(desc);
	gpiodref_put(unwatched);

	struct gpiodref_info_event event = next(watch);
	clock_gettime(CLOCK_MONOTONIC, &time);
	ok_int(event.size, sizeof(event));
	ok_int(event.change, GPIODREF_CHANGE_REQUESTED);
	ok(event.timestamp_ns >= began && event.timestamp_ns <= time.tv_sec * 1000000000ull + time.tv_nsec);
	ok_int(event.info.offset, 2);
	ok_str(event.info.name, "LED");
	ok_str(event.info.consumer, "led");
	ok_int(event.info.used, 1);
	ok_int(event.info.direction, GPIODREF_DIRECTION_OUTPUT);
	ok_int(event.info.flags, ACTIVE_LOW);
	event = next(watch);
	ok_int(event.change, GPIODREF_CHANGE_RECONFIGURED);
	ok_int(event.info.direction, GPIODREF_DIRECTION_INPUT);
	ok_int(event.info.edge, GPIODREF_EDGE_BOTH);
	ok_int(event.info.debounce_us, 7);
	event = next(watch);
	ok_int(event.change, GPIODREF_CHANGE_RECONFIGURED);
	ok_int(event.info.direction, GPIODREF_DIRECTION_OUTPUT);
	ok_change(watch, RELEASED, 2, "");
	ok(is_empty(watch));
	gpiodref_watch_put(watch);
	ok_same(before);
	unplug_and_let_go();
}

TEST("a watch of no line in particular watches all: groups, hogs and shared lines too")
{
	plug();
	gpiodref_watch *watch = watch_all();
	gpiodref_group *group = gpiodref_request_group(chip, (unsigned[]){5, 4}, 2, INPUT(), "group");
	gpiodref_desc *one = request(0, OUTPUT(.flags = SHARED), "one"), *two = request(0, OUTPUT(.flags = SHARED), "two");
	ok(group);
	ok0(gpiodref_vote(two, 1));
	ok0(gpiodref_hog(chip, 7, "hog", 1));
	ok_change(watch, REQUESTED, 5, "group");
	ok_change(watch, REQUESTED, 4, "group");
	ok_change(watch, REQUESTED, 0, "one");
	ok_change(watch, REQUESTED, 7, "hog");
	/* The request is the first one's, and lasts until the last. */
	gpiodref_put(one);
	ok(is_empty(watch));
	gpiodref_put(two);
	ok_change(watch, RELEASED, 0, "");
	gpiodref_group_put(group);
	ok_change(watch, RELEASED, 5, "");
	ok_change(watch, RELEASED, 4, "");
	ok(is_empty(watch));
	gpiodref_watch_put(watch);
	unplug_and_let_go();
}

TEST("several who watch are told each for himself, from his own beginning to his own end")
{
	plug();
	gpiodref_watch *one = watch_all();
	gpiodref_desc *desc = request(0, OUTPUT(), "test");
	gpiodref_watch *two = gpiodref_watch_lines(chip, (unsigned[]){0, 1}, 2);
	ok(two);
	ok_change(one, REQUESTED, 0, "test");
	ok(is_empty(two));
	gpiodref_watch_put(one);
	gpiodref_put(desc);
	ok_change(two, RELEASED, 0, "");
	ok(gpiodref_watch_get(two) == two);
	gpiodref_watch_put(two);
	gpiodref_put(request(1, OUTPUT(), "test"));
	ok_change(two, REQUESTED, 1, "test");
	gpiodref_watch_put(two);
	ok_errno(gpiodref_watch_lines(chip, (unsigned[]){8}, 1), EINVAL);
	unplug_and_let_go();
}

TEST("a watch holds its chip")
{
	struct account before = account();

	plug();
	gpiodref_watch *watch = watch_all();
	unplug_and_let_go();
	ok_int(gpiodref_watch_wait(watch, 0), GPIODREF_WAIT_GONE);
	gpiodref_watch_put(watch);
	ok_same(before);
}

TEST("a watch is readable for poll() from the first change to the last, and when the chip has gone")
{
	struct gpiodref_info_event event = {.size = sizeof(event)};

	plug();
	gpiodref_watch *watch = watch_all();
	int fd = gpiodref_watch_fd(watch);
	ok(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	ok(fcntl(fd, F_GETFL) & O_NONBLOCK);
	ok_int(polled(fd, 0), 0);
	gpiodref_put(request(0, OUTPUT(), "test"));
	for (int i = 0; i < 2; i++) {
		ok_int(polled(fd, SOON_MS), POLLIN);
		ok_int(gpiodref_watch_read(watch, &event), 1);
		ok_int(event.change, i ? GPIODREF_CHANGE_RELEASED : GPIODREF_CHANGE_REQUESTED);
		ok_int(event.info.offset, 0);
		ok_str(event.info.consumer, i ? "" : "test");
	}
	ok_int(polled(fd, 0), 0);
	unplug();
	ok(polled(fd, 0) & POLL_GONE);
	gpiodref_watch_put(watch);
	let_go();
}

TEST("G4 G5 the chip goes: what had come is read, then all is GONE and ENODEV")
{
	struct gpiodref_info_event event = {.size = sizeof(event)};
	struct account before = account();

	plug();
	gpiodref_watch *watch = watch_all();
	gpiodref_desc *desc = request(2, OUTPUT(), "led");
	if (SOON_MS)
		ok_int(gpiodref_watch_wait(watch, SOON_MS), GPIODREF_WAIT_EVENT);
	unplug_and_let_go();
	ok_int(gpiodref_watch_wait(watch, -1), GPIODREF_WAIT_EVENT);
	ok_int(gpiodref_watch_wait(watch, -1), GPIODREF_WAIT_EVENT);
	ok_change(watch, REQUESTED, 2, "led");
	ok_int(gpiodref_watch_wait(watch, -1), GPIODREF_WAIT_GONE);
	ok_int(gpiodref_watch_read(watch, &event), -ENODEV);
	ok_contains(gpiodref_last_error(), "(board)");
	ok(polled(gpiodref_watch_fd(watch), 0) & POLL_GONE);
	/* Who lets go of a line of a chip that is gone is no news. */
	gpiodref_put(desc);
	ok_int(gpiodref_watch_read(watch, &event), -ENODEV);
	gpiodref_watch_put(watch);
	ok_same(before);
}

static int wait_for_change(void *watch)
{
	return gpiodref_watch_wait(watch, -1);
}

TEST("G10 a change wakes all who wait for it on one watch or several, and nobody is woken for nothing")
{
	enum { WAITERS = 4 };
	struct call calls[WAITERS];

	plug();
	gpiodref_watch *watches[] = {watch_all(), watch_all()};
	for (int round = 0; round < wake_rounds(); round++) {
		for (int i = 0; i < WAITERS; i++)
			call_start(&calls[i], wait_for_change, watches[i & 1]);
		sleep_ms(ASLEEP_MS);
		uint64_t since = milliseconds();
		gpiodref_desc *desc = request(0, OUTPUT(), "test");
		for (int i = 0; i < WAITERS; i++)
			ok_int(call_end(&calls[i], since), GPIODREF_WAIT_EVENT);
		gpiodref_put(desc);
		for (int i = 0; i < 2; i++) {
			ok_change(watches[i], REQUESTED, 0, "test");
			ok_change(watches[i], RELEASED, 0, "");
			ok(is_empty(watches[i]));
			ok_int(gpiodref_watch_wait(watches[i], 1), GPIODREF_WAIT_TIMEOUT);
		}
	}
	gpiodref_watch_put(watches[0]);
	gpiodref_watch_put(watches[1]);
	unplug_and_let_go();
}

enum { THREADS = 3, ROUNDS = MANY_ROUNDS };

static atomic_int seen;

static int request_and_put(void *data)
{
	for (int round = 0; round < ROUNDS; round++) {
		gpiodref_desc *desc = gpiodref_request(chip, (long)data, OUTPUT(), "thread");

		if (!desc)
			return -errno;
		gpiodref_put(desc);
	}
	return 0;
}

static int count_changes(void *watch)
{
	struct gpiodref_info_event event = {.size = sizeof(event)};

	for (int wait; (wait = gpiodref_watch_wait(watch, -1)) != GPIODREF_WAIT_GONE;) {
		if (wait < 0)
			return wait;
		while (gpiodref_watch_read(watch, &event) == 1)
			atomic_fetch_add(&seen, 1);
	}
	return 0;
}

TEST("G10 several change lines while several read what changes: each change is read once at most")
{
	struct call changers[THREADS], readers[2];

	plug();
	atomic_store(&seen, 0);
	gpiodref_watch *watch = watch_all();
	for (int i = 0; i < 2; i++)
		call_start(&readers[i], count_changes, watch);
	for (long i = 0; i < THREADS; i++)
		call_start(&changers[i], request_and_put, (void *)i);
	for (int i = 0; i < THREADS; i++)
		ok0(call_end(&changers[i], UINT64_MAX));
	unplug();
	for (int i = 0; i < 2; i++)
		ok0(call_end(&readers[i], UINT64_MAX));
	/* As many as were not too many for a slow reader. */
	ok(atomic_load(&seen) > 0 && atomic_load(&seen) <= 2 * THREADS * ROUNDS);
	gpiodref_watch_put(watch);
	let_go();
}

#endif
