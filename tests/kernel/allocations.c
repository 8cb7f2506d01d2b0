/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is done over and over again with a line of the system that one has allocates nothing (G10). */
#include "allocations.h"
#include "board.h"

/* What is done with lines for as long as one has them. */
static void use(gpiodref_desc *in, gpiodref_desc *out, gpiodref_group *group, int up)
{
	struct gpiodref_event events[8];
	uint64_t values;

	ok0(gpiodref_set_value(out, 1));
	ok_int(gpiodref_get_value(out), 1);
	ok0(gpiodref_set_raw_value(out, 0));
	ok_int(gpiodref_get_raw_value(out), 0);
	gpiodref_put(gpiodref_get(out));
	ok_int(gpiodref_is_alive(out), 1);
	pull(3, up);
	ok_int(gpiodref_wait(in, SOON_MS), GPIODREF_WAIT_EVENT);
	ok_int(gpiodref_read_events(in, events, 8), 1);
	ok_int(gpiodref_read_events(in, events, 8), 0);
	ok_int(gpiodref_wait(in, 0), GPIODREF_WAIT_TIMEOUT);
	ok0(gpiodref_group_set_values(group, 3, 1));
	ok0(gpiodref_group_get_values(group, 3, &values));
	ok_int(values, 1);
	gpiodref_group_put(gpiodref_group_get(group));
}

/* The second time: the first is for what is made when it is needed. */
static unsigned long calls_of_use(gpiodref_desc *in, gpiodref_desc *out, gpiodref_group *group)
{
	use(in, out, group, 1);
	unsigned long before = allocation_calls;
	use(in, out, group, 0);
	return allocation_calls - before;
}

TEST("G10 getting, setting, waiting, reading events, get and put allocate nothing, where the line is shared neither")
{
	if (under_valgrind())
		skip("allocations are counted without valgrind");
	for (uint32_t flags = 0; flags <= SHARED; flags += SHARED) {
		plug();
		unsigned long before = allocation_calls;
		gpiodref_desc *in = request(3, EDGES(.flags = flags), "in"), *out = request(2, OUTPUT(.flags = flags), "out");
		ok(allocation_calls > before);
		gpiodref_group *group = gpiodref_request_group(chip, (unsigned[]){0, 1}, 2, OUTPUT(), "group");
		ok(group);
		ok_int(calls_of_use(in, out, group), 0);
		gpiodref_put(in);
		gpiodref_put(out);
		gpiodref_group_put(group);
		let_go();
	}
}
