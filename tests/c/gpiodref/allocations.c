/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is done over and over again with a line that one has allocates nothing (G10). */
#include "allocations.h"
#include "fixtures.h"

/* Valgrind has taken the place of malloc() before us. */
#define need_counting()                                                                    \
	do {                                                                               \
		if (under_valgrind())                                                      \
			skip("allocations are counted without valgrind");                  \
	} while (0)

/* What the statement allocates or frees. */
#define CALLS_OF(statement)                                                                \
	({                                                                                 \
		unsigned long tap_before = allocation_calls;                               \
		statement;                                                                 \
		allocation_calls - tap_before;                                             \
	})

TEST("allocations are counted: of a request there are some, and all are freed")
{
	need_counting();
	plug();
	gpiodref_put(request(0, OUTPUT(), "test"));
	long blocks = atomic_load(&live_blocks);
	gpiodref_desc *desc = NULL;
	ok(CALLS_OF(desc = gpiodref_request(chip, 0, OUTPUT(), "test")) > 0);
	ok(atomic_load(&live_blocks) > blocks);
	ok(CALLS_OF(gpiodref_put(desc)) > 0);
	ok_int(atomic_load(&live_blocks), blocks);
	unplug_and_let_go();
}

/* What is done with a line for as long as one has it. */
static void use(gpiodref_desc *in, gpiodref_desc *out)
{
	struct gpiodref_event events[8];

	ok0(gpiodref_set_value(out, 1));
	ok_int(gpiodref_get_value(out), 1);
	ok0(gpiodref_set_raw_value(out, 0));
	ok_int(gpiodref_get_raw_value(out), 0);
	gpiodref_put(gpiodref_get(out));
	ok_int(gpiodref_is_alive(out), 1);
	pull(3, 1);
	pull(3, 0);
	ok_int(gpiodref_wait(in, -1), GPIODREF_WAIT_EVENT);
	ok_int(gpiodref_read_events(in, events, 8), 2);
	ok_int(gpiodref_read_events(in, events, 8), 0);
	ok_int(gpiodref_wait(in, 0), GPIODREF_WAIT_TIMEOUT);
}

TEST("G10 getting, setting, waiting, reading events, get and put allocate nothing")
{
	need_counting();
	plug();
	gpiodref_desc *in = request(3, EDGES(), "in"), *out = request(2, OUTPUT(), "out");

	/* The first time is for what is made when it is needed. */
	use(in, out);
	ok_int(CALLS_OF(use(in, out)), 0);
	gpiodref_put(in);
	gpiodref_put(out);
	unplug_and_let_go();
}

TEST("G3 G10 nor do they where the line is shared, voting among them")
{
	need_counting();
	plug();
	gpiodref_desc *in = request(3, EDGES(.flags = SHARED), "in"), *out = request(2, OUTPUT(.flags = SHARED), "out");
	gpiodref_desc *other = request(3, EDGES(.flags = SHARED), "other"), *voter = request(2, OUTPUT(.flags = SHARED), "voter");
	struct gpiodref_event events[2];

	for (int round = 0; round < 2; round++) {
		unsigned long calls = CALLS_OF({
			use(in, out);
			ok_int(gpiodref_read_events(other, events, 2), 2);
			ok0(gpiodref_vote(voter, 1));
			ok0(gpiodref_vote(voter, 0));
		});
		ok(!round || calls == 0);
	}
	gpiodref_put(in);
	gpiodref_put(out);
	gpiodref_put(other);
	gpiodref_put(voter);
	unplug_and_let_go();
}

TEST("G10 nor for a group")
{
	struct gpiodref_event events[8];
	uint64_t values;

	need_counting();
	plug();
	const struct gpiodref_config *configs[] = {OUTPUT(), OUTPUT(), EDGES()};
	gpiodref_group *group = gpiodref_request_group_each(chip, (unsigned[]){0, 1, 3}, 3, configs, "group");
	ok(group);
	for (int round = 0; round < 2; round++) {
		unsigned long calls = CALLS_OF({
			ok0(gpiodref_group_set_values(group, 3, round));
			ok0(gpiodref_group_get_values(group, 7, &values));
			gpiodref_group_put(gpiodref_group_get(group));
			pull(3, !round);
			ok_int(gpiodref_group_wait(group, -1), GPIODREF_WAIT_EVENT);
			ok_int(gpiodref_group_read_events(group, events, 8), 1);
		});
		ok(!round || calls == 0);
	}
	gpiodref_group_put(group);
	unplug_and_let_go();
}
