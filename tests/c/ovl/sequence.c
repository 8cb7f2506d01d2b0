/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Overlays come and go at random, while their nodes are held. After each step the tree is what those that are applied make
 * of a fresh one. HOLDFAST_SEED=N repeats a run; SEQUENCES=N makes more of them.
 */
#include "fixtures.h"

enum { KINDS = 10, MOST = 8, STEPS = 60, HELD = 6 };

/* They touch the same nodes, properties and labels; none brings phandles, for their numbers tell what came before. */
static const struct blob *kinds[KINDS];

static void make_kinds(void)
{
	if (kinds[0])
		return;
	kinds[0] = OVERLAY("&i2c { clock-frequency = <1>; speed = <1>; dev@1 { reg = <1>; }; };");
	kinds[1] = OVERLAY("&i2c { late; speed = <2>; clock-frequency = <2>; dev@2 { }; };");
	kinds[2] = OVERLAY("&i2c { dev@1 { reg = <3>; extra; sub { deep; }; }; };");
	kinds[3] = OVERLAY("&{/} { #a = <1>; bus { #address-cells = <1>; x { }; }; };");
	kinds[4] = OVERLAY("&{/} { #a = <2>; bus { #size-cells = <0>; #address-cells = <1>; y { }; }; };");
	kinds[5] = OVERLAY("&uart0 { status = \"disabled\"; compatible = \"x\"; }; &uart1 { status = \"okay\"; };");
	kinds[6] = OVERLAY("&uart1 { late; status = \"fail\"; bluetooth { }; }; &uart0 { bluetooth { on; }; };");
	kinds[7] = BY_HAND("f { target-path = \"/soc\"; __overlay__ { p { q { }; }; }; };"
			   "__symbols__ { p = \"/f/__overlay__/p\"; q = \"/f/__overlay__/p/q\"; };");
	kinds[8] = BY_HAND("f { target-path = \"/soc\"; __overlay__ { r { }; }; };"
			   "__symbols__ { r = \"/f/__overlay__/r\"; q = \"/f/__overlay__/r\"; };");
	kinds[9] = OVERLAY("&{/soc/p} { in-p; r { }; };");
}

struct applied {
	int kind, id;
};

/* What has happened, so that it is sure that everything did. */
static int refusals, busy, out_of_order;

static unsigned random_state;

static int below(int limit)
{
	random_state = random_state * 1103515245 + 12345;
	return random_state / 65536 % limit;
}

/* What a fresh tree becomes with these. */
static struct blob *model(const struct applied *applied, int count)
{
	ovl_tree *tree = board();

	for (int i = 0; i < count; i++)
		apply(tree, kinds[applied[i].kind]);
	struct blob *blob = flatten(tree);
	close_tree(tree);
	return blob;
}

static void one_sequence(void)
{
	ovl_tree *tree = board();
	struct applied applied[MOST];
	ovl_node *held[HELD] = {0};
	int count = 0;

	for (int step = 0; step < STEPS; step++) {
		struct blob *before = flatten(tree);
		int done;

		if (count < MOST && below(2)) {
			struct applied new = {.kind = below(KINDS)};

			done = !apply_with(tree, kinds[new.kind], 0, NULL, &new.id);
			if (done)
				applied[count++] = new;
			refusals += !done;
		} else if (count) {
			int which = below(count), result = ovl_overlay_remove(tree, applied[which].id, 0);

			ok(!result || result == -EBUSY);
			/* Nothing stands on the last one. */
			ok(!result || which < count - 1);
			done = !result;
			busy += !done;
			out_of_order += done && which < count - 1;
			if (done)
				memmove(applied + which, applied + which + 1, (--count - which) * sizeof(*applied));
		} else {
			continue;
		}
		if (done)
			ok_same(tree, model(applied, count));
		else
			ok_same(tree, before);

		/* Somebody holds something of it, and lets go of something else. */
		static const char *const paths[] = {"/soc/i2c/dev@1", "/soc/i2c/dev@1/sub", "/bus", "/soc/p", "/soc/r", "/bus/y"};
		int slot = below(HELD);
		ovl_node_put(held[slot]);
		held[slot] = ovl_node_by_path(tree, paths[below(6)]);
	}
	for (int i = 0; i < HELD; i++)
		ovl_node_put(held[i]);
	ok0(ovl_overlay_remove_all(tree));
	ok0(ovl_tree_wait_released(tree, 0, 0));
	ok_same(tree, model(NULL, 0));
	close_tree(tree);
}

TEST("O12 O14 O16 O18 whatever came and went, the tree is what the applied overlays make of a fresh one")
{
	const char *seed = getenv("HOLDFAST_SEED"), *more = getenv("SEQUENCES");
	unsigned first = seed ? strtoul(seed, NULL, 0) : 1, sequences = more ? strtoul(more, NULL, 0) : 20;

	make_kinds();
	for (unsigned i = 0; i < sequences && !tap_failed; i++) {
		random_state = first + i;
		printf("# HOLDFAST_SEED=%u\n", random_state);
		one_sequence();
	}
	ok(refusals && busy && out_of_order);
}
