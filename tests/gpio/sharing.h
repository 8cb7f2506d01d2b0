/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Lines that several components of a program have at once (G3), on every board: the first settles what the line is, its value is
 * voted on.
 */
#ifndef GPIO_SHARING_H
#define GPIO_SHARING_H

/* Regulator enable: low unless somebody wants it high. */
static gpiodref_desc *share(const gpiodref_config *config, const char *consumer)
{
	return request(0, config, consumer);
}

#define ENABLE(...) OUTPUT(.flags = SHARED, __VA_ARGS__)

TEST("G3 who shares a line has a descriptor of his own, whichever way he came to the chip, and the line is free with the last")
{
	plug();
	struct account before = account();
	gpiodref_chip *found = gpiodref_chip_open("board");
	gpiodref_desc *one = share(ENABLE(), "camera"), *two = gpiodref_request(found, 0, ENABLE(), "display");

	ok(two && one != two);
	gpiodref_chip_put(found);
	ok_str(gpiodref_desc_consumer(one), "camera");
	ok_str(gpiodref_desc_consumer(two), "display");
	ok_str(gpiodref_desc_name(two), "RESET");
	/* The line is the first one's for all who ask the chip. */
	ok_holder(0, "camera");
	ok(gpiodref_get(two) == two);
	gpiodref_put(two);
	gpiodref_put(one);
	ok_holder(0, "camera");
	ok_errno(gpiodref_request(chip, 0, OUTPUT(), "plain"), EBUSY);
	gpiodref_put(two);
	ok_holder(0, "");
	gpiodref_put(request(0, OUTPUT(), "plain"));
	ok_same(before);
	unplug_and_let_go();
}

TEST("G3 the line keeps its default until somebody votes otherwise, and gets it back; whatever the default and the polarity")
{
	for (int way = 0; way < 4; way++) {
		int usual = way & 1, low = way >> 1, other = !usual;
		const gpiodref_config *config = OUTPUT(.flags = SHARED | (low ? ACTIVE_LOW : 0), .value = usual);

		plug();
		gpiodref_desc *one = share(config, "camera"), *two = share(config, "display"), *three = share(config, "wifi");
		ok_int(level(0), usual ^ low);
		ok0(gpiodref_vote(one, other));
		ok_int(level(0), other ^ low);
		ok_int(gpiodref_get_value(three), other);
		ok0(gpiodref_vote(two, usual));
		ok_int(level(0), other ^ low);
		ok0(gpiodref_vote(two, other));
		ok0(gpiodref_vote(three, usual));
		ok_int(level(0), other ^ low);
		ok0(gpiodref_vote(one, usual));
		ok_int(level(0), other ^ low);
		ok_int(gpiodref_get_value(one), other);
		/* A vote goes with its holder. */
		gpiodref_put(two);
		ok_int(level(0), usual ^ low);
		ok0(gpiodref_set_value(three, other));
		ok_int(level(0), other ^ low);
		ok_int(gpiodref_get_value(one), other);
		ok_int(gpiodref_get_raw_value(one), other ^ low);
		gpiodref_put(gpiodref_get(three));
		ok_int(level(0), other ^ low);
		gpiodref_put(three);
		ok_int(level(0), usual ^ low);
		gpiodref_put(one);
		unplug_and_let_go();
	}
}

TEST("G3 setting a shared line is voting, by its value, its level and its direction")
{
	plug();
	gpiodref_desc *one = share(OUTPUT(.flags = SHARED | ACTIVE_LOW), "camera");
	gpiodref_desc *two = share(OUTPUT(.flags = SHARED | ACTIVE_LOW), "display");

	ok0(gpiodref_set_value(one, 1));
	ok_int(gpiodref_get_value(two), 1);
	ok0(gpiodref_set_value(two, 0));
	ok_int(gpiodref_get_value(two), 1);
	ok0(gpiodref_set_value(one, 0));
	ok_int(gpiodref_get_value(two), 0);
	ok0(gpiodref_set_raw_value(one, 0));
	ok_int(level(0), 0);
	ok_int(gpiodref_get_value(two), 1);
	ok0(gpiodref_set_raw_value(one, 1));
	ok_int(level(0), 1);
	ok0(gpiodref_direction_output(two, 1));
	ok_int(gpiodref_get_value(one), 1);
	ok0(gpiodref_direction_output(two, 0));
	ok_int(gpiodref_get_value(one), 0);
	ok0(gpiodref_reconfigure(two, OUTPUT(.flags = SHARED | ACTIVE_LOW, .value = 1)));
	ok_int(gpiodref_get_value(one), 1);
	gpiodref_put(two);
	ok_int(gpiodref_get_value(one), 0);
	gpiodref_put(one);
	unplug_and_let_go();
}

TEST("G3 a conflicting wish is EBUSY, and says what the others have")
{
	static const struct {
		struct gpiodref_config config;
		const char *sentence;
	} wishes[] = {
#define WISH(text, ...) {{.size = sizeof(struct gpiodref_config), __VA_ARGS__}, text}
		WISH("direction output instead of input", .flags = SHARED, .direction = GPIODREF_DIRECTION_INPUT),
		WISH("direction output instead of as-is", .flags = SHARED, .direction = GPIODREF_DIRECTION_AS_IS),
		WISH("drive push-pull instead of open-drain", .flags = SHARED, .direction = GPIODREF_DIRECTION_OUTPUT,
		     .drive = GPIODREF_DRIVE_OPEN_DRAIN),
		WISH("bias as-is instead of pull-up", .flags = SHARED, .direction = GPIODREF_DIRECTION_OUTPUT,
		     .bias = GPIODREF_BIAS_PULL_UP),
		WISH("active-low false instead of true", .flags = SHARED | ACTIVE_LOW, .direction = GPIODREF_DIRECTION_OUTPUT),
	};

	plug();
	gpiodref_desc *one = share(ENABLE(.value = 1), "camera"), *two = share(ENABLE(.value = 1), "display");
	for (unsigned i = 0; i < sizeof(wishes) / sizeof(*wishes); i++) {
		ok_errno(gpiodref_request(chip, 0, &wishes[i].config, "wifi"), EBUSY);
		ok_contains(gpiodref_last_error(), "line 0 \"RESET\": wanted by \"wifi\", but \"camera\" shares it with ");
		ok_contains(gpiodref_last_error(), wishes[i].sentence);
		ok_int(gpiodref_reconfigure(two, &wishes[i].config), -EBUSY);
		ok_contains(gpiodref_last_error(), wishes[i].sentence);
		ok_int(gpiodref_reconfigure(one, &wishes[i].config), -EBUSY);
	}
	ok_int(gpiodref_direction_input(one), -EBUSY);
	ok_int(gpiodref_direction_input(two), -EBUSY);
	ok_int(gpiodref_reconfigure(two, OUTPUT()), -EINVAL);
	/* Nothing has happened to the line. */
	ok_int(level(0), 1);
	ok_int(info_of(chip, 0).flags, 0);
	ok0(gpiodref_vote(two, 0));
	ok_int(level(0), 0);
	gpiodref_put(one);
	gpiodref_put(two);
	/* Who comes alone settles it anew. */
	one = share(INPUT(.flags = SHARED), "wifi");
	gpiodref_put(one);
	unplug_and_let_go();
}

TEST("G3 the value and the buffer of a later one are no conflict")
{
	plug();
	gpiodref_desc *one = share(ENABLE(), "camera");
	gpiodref_desc *two = share(ENABLE(.value = 1, .event_buffer = 100), "display");

	ok_int(level(0), 0);
	gpiodref_put(one);
	gpiodref_put(two);
	unplug_and_let_go();
}

TEST("G3 a vote on what is no output is EPERM, on what is not shared EINVAL")
{
	plug();
	gpiodref_desc *in = share(INPUT(.flags = SHARED), "camera"), *plain = request(2, OUTPUT(), "led");

	ok_int(gpiodref_vote(in, 1), -EPERM);
	ok_int(gpiodref_vote(in, 0), -EPERM);
	ok_int(gpiodref_set_value(in, 0), -EPERM);
	ok_int(gpiodref_vote(plain, 1), -EINVAL);
	ok_contains(gpiodref_last_error(), "line 2 \"LED\": a vote on a line that is not shared");
	gpiodref_put(in);
	gpiodref_put(plain);
	unplug_and_let_go();
}

static unsigned read_all(gpiodref_desc *desc, struct gpiodref_event *events, unsigned room)
{
	int got = gpiodref_read_events(desc, events, room);

	ok(got >= 0);
	return got;
}

/* An edge of the line, and that all who have it can read it. */
static void edge(gpiodref_desc *desc, int up)
{
	pull(0, up);
	if (SOON_MS)
		ok_int(gpiodref_wait(desc, SOON_MS), GPIODREF_WAIT_EVENT);
}

TEST("G3 G7 who reads too late loses the oldest, he alone, and is told how many")
{
	struct gpiodref_event event;

	plug();
	gpiodref_desc *quick = share(EDGES(.flags = SHARED), "quick");
	gpiodref_desc *slow = share(EDGES(.flags = SHARED, .event_buffer = 4), "slow");
	for (unsigned i = 1; i <= 10; i++) {
		edge(quick, i & 1);
		ok_int(read_all(quick, &event, 1), 1);
		ok_int(event.global_seqno, i);
	}
	for (unsigned i = 7; i <= 10; i++) {
		ok_int(read_all(slow, &event, 1), 1);
		ok_int(event.global_seqno, i);
		ok_int(gpiodref_events_lost(slow), 6);
	}
	ok_int(read_all(slow, &event, 1), 0);
	ok_int(gpiodref_events_lost(quick), 0);
	gpiodref_put(quick);
	gpiodref_put(slow);
	unplug_and_let_go();
}

static int wait_for_event(void *desc)
{
	return gpiodref_wait(desc, -1);
}

TEST("G3 an edge wakes all who share the line, whoever takes it over, and comes to each of them")
{
	gpiodref_desc *descs[3];
	struct call calls[3];
	struct gpiodref_event event;

	plug();
	for (int i = 0; i < 3; i++)
		descs[i] = share(EDGES(.flags = SHARED), "waiter");
	for (int round = 1; round <= wake_rounds(); round++) {
		for (int i = 0; i < 3; i++)
			call_start(&calls[i], wait_for_event, descs[i]);
		sleep_ms(ASLEEP_MS);
		uint64_t since = milliseconds();
		pull(0, round & 1);
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
	unplug_and_let_go();
}

TEST("G3 G10 an edge wakes all who wait on one descriptor of several, and none is woken for nothing after it is read")
{
	enum { WAITERS = 4 };
	struct call calls[WAITERS];
	struct gpiodref_event event;

	plug();
	gpiodref_desc *one = share(EDGES(.flags = SHARED), "one"), *two = share(EDGES(.flags = SHARED), "two");
	for (int round = 0; round < wake_rounds(); round++) {
		for (int i = 0; i < WAITERS; i++)
			call_start(&calls[i], wait_for_event, two);
		sleep_ms(ASLEEP_MS);
		uint64_t now = milliseconds();
		pull(0, !(round & 1));
		for (int i = 0; i < WAITERS; i++)
			ok_int(call_end(&calls[i], now), GPIODREF_WAIT_EVENT);
		ok_int(read_all(two, &event, 1), 1);
		ok_int(read_all(two, &event, 1), 0);
		ok_int(polled(gpiodref_fd(two), 0), 0);
		ok_int(read_all(one, &event, 1), 1);
	}
	gpiodref_put(one);
	gpiodref_put(two);
	unplug_and_let_go();
}

TEST("G3 G4 G5 the chip goes under those who share a line: each reads what he has, then all is ENODEV, and puts are silent")
{
	struct gpiodref_event event;
	struct account before = account();

	plug();
	gpiodref_desc *one = share(EDGES(.flags = SHARED), "one"), *two = share(EDGES(.flags = SHARED), "two");
	gpiodref_desc *out = request(2, ENABLE(), "out");
	ok0(gpiodref_vote(out, 1));
	/* The kernel's chip takes along what nobody has taken over; one does so for both. */
	edge(one, 1);
	unplug_and_let_go();
	gpiodref_desc *both[] = {one, two};
	for (int i = 0; i < 2; i++) {
		ok_int(gpiodref_wait(both[i], -1), GPIODREF_WAIT_EVENT);
		ok_int(gpiodref_read_events(both[i], &event, 1), 1);
		ok_int(gpiodref_read_events(both[i], &event, 1), -ENODEV);
		ok_int(gpiodref_wait(both[i], -1), GPIODREF_WAIT_GONE);
	}

	for (int value = 0; value < 2; value++) {
		ok_int(gpiodref_vote(out, value), -ENODEV);
		ok_int(gpiodref_set_value(out, value), -ENODEV);
		ok_int(gpiodref_set_raw_value(out, value), -ENODEV);
		ok_int(gpiodref_direction_output(out, value), -ENODEV);
	}
	ok_int(gpiodref_get_value(out), -ENODEV);
	ok_int(gpiodref_reconfigure(out, ENABLE()), -ENODEV);
	ok_int(gpiodref_is_alive(out), 0);
	ok_str(gpiodref_desc_consumer(two), "two");
	ok_str(gpiodref_desc_name(two), "RESET");
	gpiodref_put(one);
	gpiodref_put(two);
	gpiodref_put(out);
	ok_same(before);
}

TEST("G3 G4 who shared a line of a chip that went shares it again on the one that came back")
{
	plug();
	gpiodref_desc *one = share(ENABLE(), "one"), *two = share(ENABLE(), "two");
	unplug_and_let_go();
	plug();
	gpiodref_desc *again = gpiodref_reattach(one), *joined = gpiodref_reattach(two);
	ok(again && joined);
	ok0(gpiodref_vote(joined, 1));
	ok_int(gpiodref_get_value(again), 1);
	ok_int(level(0), 1);
	ok_int(gpiodref_get_value(one), -ENODEV);
	gpiodref_put(two);
	gpiodref_put(one);
	ok_int(gpiodref_get_value(again), 1);
	gpiodref_put(joined);
	ok_int(gpiodref_get_value(again), 0);
	ok_int(level(0), 0);
	gpiodref_put(again);
	unplug_and_let_go();
}

enum { THREADS = 4, ROUNDS = MANY_ROUNDS };

static int come_vote_and_go(void *unused)
{
	(void)unused;
	for (int round = 0; round < ROUNDS; round++) {
		gpiodref_desc *mine = gpiodref_request(chip, 0, ENABLE(), "voter");

		if (!mine)
			return -errno;
		/* As long as this one wants it the line is 1, whatever the others do. */
		if (gpiodref_vote(mine, 1) || gpiodref_get_value(mine) != 1 || level(0) != 1)
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
	struct account before = account();
	ok0(gpiodref_set_tracking(0));
	for (int i = 0; i < THREADS; i++)
		call_start(&calls[i], come_vote_and_go, NULL);
	for (int i = 0; i < THREADS; i++)
		ok0(call_end(&calls[i], UINT64_MAX));
	ok_int(level(0), 0);
	ok_holder(0, "");
	ok_same(before);
	unplug_and_let_go();
}

#endif
