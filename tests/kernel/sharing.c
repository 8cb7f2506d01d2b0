/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines of the system that several components of a program have at once (G3). */
#include "board.h"

/* Regulator enable: low unless somebody wants it high. */
#define ENABLE(...) OUTPUT(.flags = SHARED, __VA_ARGS__)

static unsigned read_all(gpiodref_desc *desc, struct gpiodref_event *events, unsigned room)
{
	int got = gpiodref_read_events(desc, events, room);

	ok(got >= 0);
	return got;
}

TEST("G3 who shares a line has a descriptor of his own, whichever way he came to the chip, and the line is free with the last")
{
	plug();
	struct account before = account();
	gpiodref_chip *other = gpiodref_chip_open("board");
	gpiodref_desc *one = request(0, ENABLE(), "camera"), *two = gpiodref_request(other, 0, ENABLE(), "display");
	ok(two && one != two);
	gpiodref_chip_put(other);
	ok_str(gpiodref_desc_consumer(one), "camera");
	ok_str(gpiodref_desc_consumer(two), "display");
	ok_holder(0, "camera");
	gpiodref_put(one);
	ok_holder(0, "camera");
	ok_errno(gpiodref_request(chip, 0, OUTPUT(), "plain"), EBUSY);
	gpiodref_put(two);
	ok_holder(0, "");
	gpiodref_put(request(0, OUTPUT(), "plain"));
	ok_same(before);
	let_go();
}

TEST("G3 the line keeps its default until somebody votes otherwise, and gets it back")
{
	for (int value = 0; value < 2; value++) {
		plug();
		gpiodref_desc *one = request(0, ENABLE(.value = value), "camera"), *two = request(0, ENABLE(.value = value), "display");
		ok_int(level(0), value);
		ok0(gpiodref_vote(one, !value));
		ok_int(level(0), !value);
		ok0(gpiodref_vote(two, value));
		ok_int(level(0), !value);
		ok0(gpiodref_set_value(two, !value));
		ok0(gpiodref_vote(one, value));
		ok_int(level(0), !value);
		ok_int(gpiodref_get_value(one), !value);
		/* A vote goes with its holder. */
		gpiodref_put(two);
		ok_int(level(0), value);
		gpiodref_put(one);
		let_go();
	}
}

TEST("G3 a conflicting wish is EBUSY, before anything happens to the line")
{
	plug();
	gpiodref_desc *one = request(0, ENABLE(.value = 1), "camera");

	ok_errno(gpiodref_request(chip, 0, INPUT(.flags = SHARED), "wifi"), EBUSY);
	ok_contains(gpiodref_last_error(), "line 0 \"RESET\": wanted by \"wifi\", but \"camera\" shares it with direction output");
	ok_int(gpiodref_direction_input(one), -EBUSY);
	ok_int(gpiodref_reconfigure(one, OUTPUT(.flags = SHARED | ACTIVE_LOW)), -EBUSY);
	ok_int(level(0), 1);
	ok_int(info_of(chip, 0).flags, 0);
	gpiodref_put(one);
	let_go();
}

TEST("G3 sharing is this program's: what another one has is EBUSY, shared or not, and the other way round")
{
	struct gpio_v2_line_request theirs = {.num_lines = 1, .offsets = {0}, .config.flags = GPIO_V2_LINE_FLAG_INPUT};

	plug();
	int line = stranger(0, 1, GPIO_V2_LINE_FLAG_OUTPUT);
	ok_errno(gpiodref_request(chip, 0, ENABLE(), "camera"), EBUSY);
	ok_contains(gpiodref_last_error(), "held by \"stranger\"");
	close(line);
	gpiodref_desc *one = request(0, ENABLE(), "camera");
	int node = open(board.path, O_RDWR | O_CLOEXEC);
	errno = 0;
	ok_int(ioctl(node, GPIO_V2_GET_LINE_IOCTL, &theirs), -1);
	ok_int(errno, EBUSY);
	close(node);
	gpiodref_put(one);
	let_go();
}

static int wait_for_ever(void *desc)
{
	return gpiodref_wait(desc, -1);
}

TEST("G3 an edge wakes all who share the line, and comes to each of them")
{
	gpiodref_desc *descs[3];
	struct call calls[3];
	struct gpiodref_event event;

	plug();
	for (int i = 0; i < 3; i++)
		descs[i] = request(3, EDGES(.flags = SHARED), "waiter");
	for (unsigned round = 1; round <= 4; round++) {
		for (int i = 0; i < 3; i++)
			call_start(&calls[i], wait_for_ever, descs[i]);
		sim_sleep(20);
		uint64_t since = milliseconds();
		pull(3, round & 1);
		for (int i = 0; i < 3; i++)
			ok_int(call_end(&calls[i], since), GPIODREF_WAIT_EVENT);
		for (int i = 0; i < 3; i++) {
			ok_int(polled(gpiodref_fd(descs[i]), 0), POLLIN);
			ok_int(read_all(descs[i], &event, 1), 1);
			ok_int(event.line_seqno, round);
			ok_int(read_all(descs[i], &event, 1), 0);
			ok_int(polled(gpiodref_fd(descs[i]), 0), 0);
		}
	}
	for (int i = 0; i < 3; i++)
		gpiodref_put(descs[i]);
	let_go();
}

TEST("G3 G7 who reads too late loses the oldest, he alone, and is told how many")
{
	struct gpiodref_event event;

	plug();
	gpiodref_desc *quick = request(3, EDGES(.flags = SHARED), "quick");
	gpiodref_desc *slow = request(3, EDGES(.flags = SHARED, .event_buffer = 4), "slow");
	for (unsigned i = 1; i <= 10; i++) {
		pull(3, i & 1);
		ok_int(gpiodref_wait(quick, SOON_MS), GPIODREF_WAIT_EVENT);
		ok_int(read_all(quick, &event, 1), 1);
		ok_int(event.global_seqno, i);
	}
	for (unsigned i = 7; i <= 10; i++) {
		ok_int(read_all(slow, &event, 1), 1);
		ok_int(event.global_seqno, i);
	}
	ok_int(gpiodref_events_lost(slow), 6);
	ok_int(gpiodref_events_lost(quick), 0);
	gpiodref_put(quick);
	gpiodref_put(slow);
	let_go();
}

TEST("G3 G4 G5 the chip goes under those who share a line: each reads what he has, then all is ENODEV, and puts are silent")
{
	struct gpiodref_event event;

	plug();
	struct account before = account();
	gpiodref_desc *one = request(3, EDGES(.flags = SHARED), "one"), *two = request(3, EDGES(.flags = SHARED), "two");
	gpiodref_desc *out = request(2, ENABLE(), "out");
	ok0(gpiodref_vote(out, 1));
	pull(3, 1);
	/* Taken over by one, for both. */
	ok_int(gpiodref_wait(one, SOON_MS), GPIODREF_WAIT_EVENT);
	unplug();
	ok_int(gpiodref_wait(two, -1), GPIODREF_WAIT_EVENT);
	gpiodref_desc *both[] = {one, two};
	for (int i = 0; i < 2; i++) {
		ok_int(gpiodref_read_events(both[i], &event, 1), 1);
		ok_int(gpiodref_read_events(both[i], &event, 1), -ENODEV);
		ok_int(gpiodref_wait(both[i], -1), GPIODREF_WAIT_GONE);
	}
	for (int value = 0; value < 2; value++) {
		ok_int(gpiodref_vote(out, value), -ENODEV);
		ok_int(gpiodref_set_value(out, value), -ENODEV);
		ok_int(gpiodref_direction_output(out, value), -ENODEV);
	}
	ok_int(gpiodref_get_value(out), -ENODEV);
	ok_str(gpiodref_desc_consumer(two), "two");
	ok_str(gpiodref_desc_name(two), "BUTTON");
	gpiodref_put(one);
	gpiodref_put(two);
	gpiodref_put(out);
	before.chips--;
	ok_same(before);
	let_go();
}

TEST("G3 G4 who shared a line of a chip that went shares it again on the one that came back")
{
	plug();
	gpiodref_desc *one = request(0, ENABLE(), "one"), *two = request(0, ENABLE(), "two");
	unplug();
	sim_live(&board, 1);
	gpiodref_desc *again = gpiodref_reattach(one), *joined = gpiodref_reattach(two);
	ok(again && joined);
	ok0(gpiodref_vote(joined, 1));
	ok_int(level(0), 1);
	gpiodref_put(two);
	gpiodref_put(one);
	ok_int(level(0), 1);
	gpiodref_put(joined);
	ok_int(level(0), 0);
	gpiodref_put(again);
	let_go();
}

enum { THREADS = 3, ROUNDS = 100 };

static int come_vote_and_go(void *unused)
{
	(void)unused;
	for (int round = 0; round < ROUNDS; round++) {
		gpiodref_desc *mine = gpiodref_request(chip, 0, ENABLE(), "voter");

		if (!mine)
			return -errno;
		/* As long as this one wants it the line is 1, whatever the others do. */
		if (gpiodref_vote(mine, 1) || gpiodref_get_value(mine) != 1)
			return -1;
		if (round & 1 && gpiodref_vote(mine, 0))
			return -2;
		gpiodref_put(mine);
	}
	return 0;
}

TEST("G3 G10 many come, vote and go at once: a vote counts from its return until its end")
{
	struct call calls[THREADS];

	plug();
	for (int i = 0; i < THREADS; i++)
		call_start(&calls[i], come_vote_and_go, NULL);
	for (int i = 0; i < THREADS; i++)
		ok0(call_end(&calls[i], UINT64_MAX));
	ok_holder(0, "");
	let_go();
}
