/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Simulated chips that are removed: what had come is read (G5), and the policies of their providers (K4, K5, G9). */
#include "fixtures.h"
#include "gpio/removing.h"

TEST("G5 events that had come are read before the end, taken over or not")
{
	for (int taken_over = 0; taken_over < 2; taken_over++) {
		struct gpiodref_event events[8];

		plug();
		gpiodref_desc *desc = request(3, EDGES(), "button");
		for (int n = 1; n <= 3; n++)
			pull(3, n & 1);
		if (taken_over)
			ok_int(gpiodref_wait(desc, -1), GPIODREF_WAIT_EVENT);
		unplug_and_let_go();
		ok_int(gpiodref_wait(desc, -1), GPIODREF_WAIT_EVENT);
		ok_int(gpiodref_read_events(desc, events, 2), 2);
		ok_int(gpiodref_wait(desc, -1), GPIODREF_WAIT_EVENT);
		ok_int(gpiodref_read_events(desc, events + 2, 6), 1);
		for (unsigned n = 0; n < 3; n++)
			ok_int(events[n].global_seqno, n + 1);
		ok_int(gpiodref_wait(desc, -1), GPIODREF_WAIT_GONE);
		ok_int(gpiodref_read_events(desc, events, 8), -ENODEV);
		gpiodref_put(desc);
	}
}

/* --- policies ---------------------------------------------------------------------------------------------------------- */

static void plug_with(uint32_t policy, int timeout_ms)
{
	struct gpiodref_chip_config config = {.size = sizeof(config),
					      .label = "board",
					      .names = line_names,
					      .num_lines = 8,
					      .remove_policy = policy,
					      .remove_timeout_ms = timeout_ms};

	board = gpiodref_sim_new(&config);
	ok(board);
	chip = gpiodref_sim_chip(board);
}

static int remove_chip(void *unused)
{
	(void)unused;
	return gpiodref_chip_remove(chip);
}

TEST("G9 NUMB: a chip goes whoever has its lines; removed again, nothing happens")
{
	struct call calls[3];

	plug();
	gpiodref_desc *desc = request(2, OUTPUT(), "led");
	for (int i = 0; i < 3; i++)
		call_start(&calls[i], remove_chip, NULL);
	uint64_t since = milliseconds();
	for (int i = 0; i < 3; i++)
		ok0(call_end(&calls[i], since));
	ok0(gpiodref_chip_remove(chip));
	ok0(gpiodref_sim_remove(board));
	ok_int(gpiodref_set_value(desc, 1), -ENODEV);
	ok0(gpiodref_chip_drain(chip, 0));
	gpiodref_put(desc);
	let_go();
}

TEST("G9 REFUSE: a chip does not go while a line is requested, plainly, shared or in a group; the line is named")
{
	char sentence[128];

	plug_with(GPIODREF_REMOVE_REFUSE, 0);
	ok0(gpiodref_hog(chip, 0, "hog", 1));
	gpiodref_desc *led = request(2, OUTPUT(), "led"), *one = request(1, OUTPUT(.flags = SHARED), "one");
	gpiodref_desc *two = request(1, OUTPUT(.flags = SHARED), "two");
	gpiodref_group *group = gpiodref_request_group(chip, (unsigned[]){6, 7}, 2, INPUT(), "group");
	ok(group);
	snprintf(sentence, sizeof(sentence), "%s (board) line 1 \"EEPROM_WP\": remove: it is held by \"one\"", gpiodref_chip_name(chip));
	ok_error(gpiodref_chip_remove(chip), -EBUSY, sentence);
	ok_int(gpiodref_sim_remove(board), -EBUSY);
	/* Nothing has happened. */
	ok0(gpiodref_set_value(led, 1));
	ok_int(gpiodref_chip_is_alive(chip), 1);
	gpiodref_put(one);
	ok_int(gpiodref_chip_remove(chip), -EBUSY);
	gpiodref_put(two);
	ok_int(gpiodref_chip_remove(chip), -EBUSY);
	ok_contains(gpiodref_last_error(), "line 2 \"LED\": remove: it is held by \"led\"");
	gpiodref_put(led);
	ok_int(gpiodref_chip_remove(chip), -EBUSY);
	ok_contains(gpiodref_last_error(), "line 6: remove: it is held by \"group\"");
	gpiodref_group_put(group);
	/* A weak handle and a watch hold no line, nor does the hog. */
	gpiodref_desc *last = request(3, NULL, "last");
	gpiodref_weak *weak = gpiodref_downgrade(last);
	gpiodref_watch *watch = gpiodref_watch_lines(chip, NULL, 0);
	gpiodref_put(last);
	ok0(gpiodref_chip_remove(chip));
	ok0(gpiodref_chip_remove(chip));
	gpiodref_weak_put(weak);
	gpiodref_watch_put(watch);
	let_go();
}

TEST("G9 WAIT: a chip goes when its last line has been let go, and nobody gets one meanwhile")
{
	struct call call;

	plug_with(GPIODREF_REMOVE_WAIT, -1);
	gpiodref_desc *one = request(1, OUTPUT(), "one"), *two = request(2, OUTPUT(.flags = SHARED), "two");
	call_start(&call, remove_chip, NULL);
	/* As soon as it waits. */
	for (gpiodref_desc *late; (late = gpiodref_request(chip, 5, NULL, "late")); gpiodref_put(late))
		sleep_ms(1);
	ok_int(errno, ENODEV);
	ok_errno(gpiodref_request_group(chip, (unsigned[]){5, 6}, 2, NULL, "late"), ENODEV);
	ok_int(gpiodref_hog(chip, 5, "late", 1), -ENODEV);
	/* Who has a line goes on. */
	ok0(gpiodref_set_value(one, 1));
	ok_int(level(1), 1);
	ok_int(gpiodref_chip_is_alive(chip), 1);
	gpiodref_put(one);
	ok0(gpiodref_vote(two, 1));
	sleep_ms(20);
	ok_int(pthread_tryjoin_np(call.thread, NULL), EBUSY);
	uint64_t since = milliseconds();
	gpiodref_put(two);
	ok0(call_end(&call, since));
	ok_int(gpiodref_chip_is_alive(chip), 0);
	let_go();
}

TEST("G9 WAIT: when the time is over the chip is as it was")
{
	plug_with(GPIODREF_REMOVE_WAIT, 30);
	gpiodref_desc *desc = request(2, OUTPUT(), "led");
	uint64_t began = milliseconds();
	ok_int(gpiodref_chip_remove(chip), -ETIMEDOUT);
	ok(milliseconds() - began >= 29);
	ok_contains(gpiodref_last_error(), "line 2 \"LED\": remove: was still held when the time was over by \"led\"");
	ok_int(gpiodref_chip_is_alive(chip), 1);
	ok0(gpiodref_set_value(desc, 1));
	gpiodref_put(request(5, NULL, "next"));
	gpiodref_put(desc);
	unplug_and_let_go();

	plug_with(GPIODREF_REMOVE_WAIT, 0);
	desc = request(2, OUTPUT(), "led");
	ok_int(gpiodref_chip_remove(chip), -ETIMEDOUT);
	gpiodref_put(desc);
	unplug_and_let_go();
}

TEST("G9 WAIT: several may wait to remove one chip")
{
	struct call calls[3];

	plug_with(GPIODREF_REMOVE_WAIT, -1);
	gpiodref_desc *desc = request(2, OUTPUT(), "led");
	for (int i = 0; i < 3; i++)
		call_start(&calls[i], remove_chip, NULL);
	sleep_ms(20);
	uint64_t since = milliseconds();
	gpiodref_put(desc);
	for (int i = 0; i < 3; i++)
		ok0(call_end(&calls[i], since));
	let_go();
}

/* --- operations that are running ---------------------------------------------------------------------------------------- */

/* A chip whose get takes as long as the test wants, or does what it wants. */
static struct {
	atomic_int running, may_end, released;
	int (*inside)(void);
} slow;

static int slow_configure(unsigned offset, const struct gpiodref_config *config, void *unused)
{
	(void)offset, (void)config, (void)unused;
	return 0;
}

static int slow_get(unsigned offset, void *unused)
{
	(void)offset, (void)unused;
	if (slow.inside)
		return slow.inside();
	atomic_fetch_add(&slow.running, 1);
	while (!atomic_load(&slow.may_end))
		sleep_ms(1);
	atomic_fetch_sub(&slow.running, 1);
	return 1;
}

static int slow_set(unsigned offset, int level, void *unused)
{
	(void)offset, (void)level, (void)unused;
	return 0;
}

static void slow_release(void *unused)
{
	(void)unused;
	atomic_fetch_add(&slow.released, 1);
}

static void plug_slow(uint32_t policy)
{
	static const struct gpiodref_chip_ops ops = {
		.size = sizeof(ops), .configure = slow_configure, .get = slow_get, .set = slow_set, .release = slow_release};
	struct gpiodref_chip_config config = {
		.size = sizeof(config), .label = "slow", .num_lines = 2, .remove_policy = policy, .remove_timeout_ms = -1};

	atomic_store(&slow.may_end, 0);
	atomic_store(&slow.released, 0);
	slow.inside = NULL;
	chip = gpiodref_chip_register(&config, &ops, NULL);
	ok(chip);
}

static int get_value(void *desc)
{
	return gpiodref_get_value(desc);
}

static int drain(void *unused)
{
	(void)unused;
	return gpiodref_chip_drain(chip, -1);
}

TEST("K4 G9 removing does not wait for an operation that runs, draining does")
{
	struct call get, drainer;

	plug_slow(GPIODREF_REMOVE_NUMB);
	gpiodref_desc *desc = request(0, INPUT(), "test"), *other = request(1, OUTPUT(), "other");
	ok_int(gpiodref_chip_drain(chip, 0), -ETIMEDOUT);
	ok_contains(gpiodref_last_error(), "(slow): drain: it has not been removed");
	call_start(&get, get_value, desc);
	while (!atomic_load(&slow.running))
		sleep_ms(1);
	ok0(gpiodref_chip_remove(chip));
	ok_int(atomic_load(&slow.running), 1);
	ok_int(gpiodref_get_value(desc), -ENODEV);
	ok_int(gpiodref_set_value(other, 1), -ENODEV);
	ok_int(gpiodref_chip_drain(chip, 0), -ETIMEDOUT);
	ok_int(gpiodref_chip_drain(chip, 20), -ETIMEDOUT);
	ok_contains(gpiodref_last_error(), "(slow): drain: an operation was still running");
	call_start(&drainer, drain, NULL);
	uint64_t since = milliseconds();
	atomic_store(&slow.may_end, 1);
	ok0(call_end(&drainer, since));
	ok_int(atomic_load(&slow.running), 0);
	/* It ended in the ordinary way. */
	ok_int(call_end(&get, since), 1);
	ok0(gpiodref_chip_drain(chip, 0));
	gpiodref_put(desc);
	gpiodref_put(other);
	gpiodref_chip_put(chip);
	ok_int(atomic_load(&slow.released), 1);
}

static int remove_inside(void)
{
	return gpiodref_chip_remove(chip);
}

static int drain_inside(void)
{
	return gpiodref_chip_drain(chip, -1);
}

static int remove_and_drain_inside(void)
{
	return gpiodref_chip_remove(chip) ? -EIO : gpiodref_chip_drain(chip, -1);
}

TEST("K4 G9 an operation may remove its chip, but not wait for itself")
{
	plug_slow(GPIODREF_REMOVE_NUMB);
	gpiodref_desc *desc = request(0, INPUT(), "test");
	slow.inside = drain_inside;
	ok_int(gpiodref_get_value(desc), -EDEADLK);
	slow.inside = remove_and_drain_inside;
	ok_int(gpiodref_get_value(desc), -EDEADLK);
	ok_int(gpiodref_chip_is_alive(chip), 0);
	ok0(gpiodref_chip_drain(chip, -1));
	gpiodref_put(desc);
	gpiodref_chip_put(chip);

	plug_slow(GPIODREF_REMOVE_WAIT);
	desc = request(0, INPUT(), "test");
	slow.inside = remove_inside;
	ok_int(gpiodref_get_value(desc), -EDEADLK);
	ok_int(gpiodref_chip_is_alive(chip), 1);
	gpiodref_put(desc);
	ok0(gpiodref_chip_remove(chip));
	gpiodref_chip_put(chip);

	plug_slow(GPIODREF_REMOVE_REFUSE);
	desc = request(0, INPUT(), "test");
	slow.inside = remove_inside;
	ok_int(gpiodref_get_value(desc), -EBUSY);
	gpiodref_put(desc);
	ok0(gpiodref_chip_remove(chip));
	gpiodref_chip_put(chip);
}

static gpiodref_desc *last;

static int put_last_inside(void)
{
	gpiodref_chip_remove(chip);
	gpiodref_chip_put(chip);
	gpiodref_put(last);
	return atomic_load(&slow.released) ? -EIO : 0;
}

TEST("K5 G9 an operation may remove its chip and put the last references to it: it ends on valid memory")
{
	plug_slow(GPIODREF_REMOVE_NUMB);
	last = request(0, INPUT(), "test");
	slow.inside = put_last_inside;
	/* The call itself needs the descriptor. */
	gpiodref_desc *mine = gpiodref_get(last);
	ok_int(gpiodref_get_value(mine), 0);
	ok_int(atomic_load(&slow.released), 0);
	gpiodref_put(mine);
	ok_int(atomic_load(&slow.released), 1);
}
