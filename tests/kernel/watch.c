/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Who requests, configures and releases lines of a chip of the system, in this program or another. */
#include "board.h"

/* The next change, which will come. */
static struct gpiodref_info_event next(gpiodref_watch *watch)
{
	struct gpiodref_info_event event = {.size = sizeof(event)};

	ok_int(gpiodref_watch_wait(watch, SOON_MS), GPIODREF_WAIT_EVENT);
	ok_int(gpiodref_watch_read(watch, &event), 1);
	return event;
}

static int is_empty(gpiodref_watch *watch)
{
	struct gpiodref_info_event event = {.size = sizeof(event)};

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
	gpiodref_desc *desc = request(2, OUTPUT(.flags = ACTIVE_LOW), "led");
	gpiodref_desc *unwatched = request(5, OUTPUT(), "other");
	ok0(gpiodref_direction_input(desc));
	gpiodref_put(desc);
	gpiodref_put(unwatched);

	struct gpiodref_info_event event = next(watch);
	clock_gettime(CLOCK_MONOTONIC, &time);
	ok_int(event.change, GPIODREF_CHANGE_REQUESTED);
	ok(event.timestamp_ns >= began && event.timestamp_ns <= time.tv_sec * 1000000000ull + time.tv_nsec);
	ok_str(event.info.name, "LED");
	ok_str(event.info.consumer, "led");
	ok_int(event.info.direction, GPIODREF_DIRECTION_OUTPUT);
	ok_int(event.info.flags, ACTIVE_LOW);
	event = next(watch);
	ok_int(event.change, GPIODREF_CHANGE_RECONFIGURED);
	ok_int(event.info.direction, GPIODREF_DIRECTION_INPUT);
	ok_change(watch, RELEASED, 2, "");
	ok(is_empty(watch));
	gpiodref_watch_put(watch);
	ok_same(before);
	let_go();
}

TEST("a watch of no line in particular watches all, and other programs too")
{
	plug();
	gpiodref_watch *watch = gpiodref_watch_lines(chip, NULL, 0);
	ok(watch);
	int fd = gpiodref_watch_fd(watch);
	ok_int(polled(fd, 0), 0);
	ok(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	ok(fcntl(fd, F_GETFL) & O_NONBLOCK);
	int line = stranger(7, 1, GPIO_V2_LINE_FLAG_INPUT);
	ok_int(polled(fd, SOON_MS), POLLIN);
	close(line);
	ok_change(watch, REQUESTED, 7, "stranger");
	ok_change(watch, RELEASED, 7, "");
	ok_int(polled(fd, 0), 0);
	ok0(gpiodref_hog(chip, 0, "power", 1));
	ok_change(watch, REQUESTED, 0, "power");
	gpiodref_watch_put(watch);
	let_go();
}

TEST("two watches of one chip are told each for itself, and a watch holds its chip")
{
	plug();
	gpiodref_watch *one = gpiodref_watch_lines(chip, (unsigned[]){0}, 1), *two = gpiodref_watch_lines(chip, NULL, 0);
	ok(one && two);
	ok(gpiodref_watch_get(two) == two);
	gpiodref_watch_put(two);
	int line = stranger(0, 1, GPIO_V2_LINE_FLAG_INPUT);
	ok_change(one, REQUESTED, 0, "stranger");
	gpiodref_watch_put(one);
	close(line);
	ok_change(two, REQUESTED, 0, "stranger");
	ok_change(two, RELEASED, 0, "");
	gpiodref_watch_put(two);
	ok_errno(gpiodref_watch_lines(chip, (unsigned[]){8}, 1), EINVAL);
	let_go();
}

static int wait_for_ever(void *watch)
{
	return gpiodref_watch_wait(watch, -1);
}

TEST("G10 a change wakes all who wait for it on one watch, and is there for the first who reads")
{
	enum { WAITERS = 4 };
	struct call calls[WAITERS];

	plug();
	gpiodref_watch *watch = gpiodref_watch_lines(chip, NULL, 0);
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < WAITERS; i++)
			call_start(&calls[i], wait_for_ever, watch);
		sim_sleep(20);
		uint64_t since = milliseconds();
		int line = stranger(7, 1, GPIO_V2_LINE_FLAG_INPUT);
		for (int i = 0; i < WAITERS; i++)
			ok_int(call_end(&calls[i], since), GPIODREF_WAIT_EVENT);
		ok_change(watch, REQUESTED, 7, "stranger");
		ok(is_empty(watch));
		close(line);
		ok_change(watch, RELEASED, 7, "");
	}
	gpiodref_watch_put(watch);
	let_go();
}

TEST("G4 G5 the chip goes: what a wait had taken over is read, then all is GONE and ENODEV")
{
	struct gpiodref_info_event event = {.size = sizeof(event)};

	plug();
	struct account before = account();
	gpiodref_watch *watch = gpiodref_watch_lines(chip, NULL, 0);
	gpiodref_put(request(2, OUTPUT(), "led"));
	ok_int(gpiodref_watch_wait(watch, SOON_MS), GPIODREF_WAIT_EVENT);
	unplug();
	ok_int(gpiodref_watch_wait(watch, -1), GPIODREF_WAIT_EVENT);
	ok_int(gpiodref_watch_read(watch, &event), 1);
	ok_int(event.change, GPIODREF_CHANGE_REQUESTED);
	while (gpiodref_watch_read(watch, &event) == 1)
		;
	ok_int(gpiodref_watch_read(watch, &event), -ENODEV);
	ok_contains(gpiodref_last_error(), "watching ");
	ok_int(gpiodref_watch_wait(watch, -1), GPIODREF_WAIT_GONE);
	ok(polled(gpiodref_watch_fd(watch), 0) & (POLLERR | POLLHUP));
	gpiodref_watch_put(watch);
	before.chips--;
	ok_same(before);
	let_go();
}

TEST("G4 a watch does not begin on another chip that has the number of the one that is gone")
{
	static struct sim other;
	char name[32];

	plug();
	strcpy(name, board.chip);
	unplug();
	/* As long as it is held the number is not given away. */
	make_sim(&other, "other", 8);
	sim_live(&other, 1);
	ok(strcmp(other.chip, name));
	ok_errno(gpiodref_watch_lines(chip, NULL, 0), ENODEV);
	sim_destroy(&other);
	let_go();
}
