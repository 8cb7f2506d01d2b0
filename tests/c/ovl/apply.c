/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Applying: what an overlay becomes in the tree, whose rules it follows, and what is refused with which words. */
#include "fixtures.h"

#define LINUX OVL_APPLY_LINUX
#define LIBFDT OVL_APPLY_LIBFDT

/* Refused as "overlay hat", with nothing changed: neither the tree, nor the id, nor the list. */
static void refused(ovl_tree *tree, const struct blob *overlay, uint32_t flags, int want, const char *sentence)
{
	struct blob *before = flatten(tree);
	int id = 4711, last = ovl_overlay_next(tree, 0);

	ok_error(apply_with(tree, overlay, flags, "hat", &id), want, sentence);
	ok_int(id, 4711);
	ok_int(ovl_overlay_next(tree, last), 0);
	ok_same(tree, before);
	ok0(ovl_tree_wait_released(tree, 0, 0));
}

/* Refused by a board. */
static void bad(const struct blob *overlay, uint32_t flags, int want, const char *sentence)
{
	ovl_tree *tree = board();

	refused(tree, overlay, flags, want, sentence);
	close_tree(tree);
}

/* A board with this overlay. */
static ovl_tree *with(const struct blob *overlay, uint32_t flags)
{
	ovl_tree *tree = board();
	int id;

	ok0(apply_with(tree, overlay, flags, NULL, &id));
	return tree;
}

static uint32_t phandle_of(ovl_tree *tree, const char *path)
{
	ovl_node *node = at(tree, path);
	uint32_t phandle = ovl_node_phandle(node);

	ovl_node_put(node);
	return phandle;
}

static uint32_t highest_phandle(void)
{
	ovl_tree *tree = board();
	ovl_node *node;
	uint32_t highest = 0;

	/* dtc counts from 1 on. */
	while ((node = ovl_node_by_phandle(tree, highest + 1))) {
		ovl_node_put(node);
		highest++;
	}
	close_tree(tree);
	ok(highest > 3);
	return highest;
}

static void text_is(ovl_tree *tree, const char *path, const char *name, const char *want)
{
	ovl_node *node = at(tree, path);
	char buf[256];

	ok(ovl_node_read_string(node, name, 0, buf, sizeof(buf)) >= 0);
	ok_str(buf, want);
	ovl_node_put(node);
}

TEST("O5 the caller may free or change the blob at once, and the library frees all of it")
{
	struct blob *sensor = load("sensor.dtbo");
	ovl_tree *tree = board();
	struct blob *before = flatten(tree);
	char *mine = malloc(sensor->size);
	int id;

	memcpy(mine, sensor->data, sensor->size);
	ok0(ovl_overlay_apply(tree, mine, sensor->size, NULL, &id));
	memset(mine, 0xee, sensor->size);
	free(mine);
	text_is(tree, "/soc/i2c/sensor", "compatible", "holdfast,sensor");
	ok0(ovl_overlay_remove(tree, id, 0));
	ok0(ovl_tree_wait_released(tree, id, 0));
	ok_same(tree, before);
	close_tree(tree);
}

TEST("O6 phandles of the overlay move behind the tree's, and its references with them")
{
	struct blob *overlay = BY_HAND(
		"fragment { target-path = \"/soc\"; __overlay__ {"
		"	it { phandle = <5>; linux,phandle = <5>; };"
		"	user { refs = <1 5 5>; };"
		"}; };"
		"__local_fixups__ { fragment { __overlay__ { user { refs = <4 8>; }; }; }; };");
	static const struct { uint32_t flags, delta; } modes[] = {{0, 1}, {LINUX, 1}, {LIBFDT, 0}};

	for (int i = 0; i < 3; i++) {
		ovl_tree *tree = with(overlay, modes[i].flags);
		uint32_t moved = highest_phandle() + modes[i].delta + 5, refs[3];
		ovl_node *user = at(tree, "/soc/user");

		ok_int(phandle_of(tree, "/soc/it"), moved);
		ok_int(cell(tree, "/soc/it", "phandle"), moved);
		ok_int(cell(tree, "/soc/it", "linux,phandle"), moved);
		ok0(ovl_node_read_u32_array(user, "refs", refs, 3));
		ok(refs[0] == 1 && refs[1] == moved && refs[2] == moved);
		ovl_node_put(user);
		ovl_node *it = ovl_node_by_phandle(tree, moved);
		ok(it);
		ovl_node_put(it);
		close_tree(tree);
	}
}

TEST("O6 a phandle past 0xfffffffe is -EOVERFLOW")
{
	ovl_tree *tree = tree_of(TREE("/ { last { phandle = <0xfffffffd>; }; };"));
	struct blob *it = BY_HAND("fragment { target-path = \"/\"; __overlay__ { it { phandle = <1>; }; }; };");

	refused(tree, it, 0, -EOVERFLOW,
		"overlay hat: /fragment/__overlay__/it: phandle 0x1 cannot be moved by 0xfffffffe: no numbers left");
	/* The highest itself, and one more, is still a phandle. */
	int id;
	ok0(apply_with(tree, it, LIBFDT, NULL, &id));
	ok_int(phandle_of(tree, "/it"), 0xfffffffe);
	close_tree(tree);
}

TEST("O7 an unknown label is named, with where it is used")
{
	bad(OVERLAY("&i2c_arm { };"), 0, -EINVAL,
	    "overlay hat: fragment@0: label \"i2c_arm\" (used by property \"target\") is not in /__symbols__ of the base");
	bad(OVERLAY("&i2c { dev@1 { clocks = <&pll 1>; }; };"), 0, -EINVAL,
	    "overlay hat: fragment@0: label \"pll\" (used by /fragment@0/__overlay__/dev@1, property \"clocks\") "
	    "is not in /__symbols__ of the base");
	bad(OVERLAY("&i2c_arm { };"), LINUX, -EINVAL,
	    "overlay hat: fragment@0: label \"i2c_arm\" (used by property \"target\") is not in /__symbols__ of the base");
	bad(OVERLAY("&i2c_arm { };"), LIBFDT, -ENOENT,
	    "overlay hat: fragment@0: label \"i2c_arm\" (used by property \"target\") is not in /__symbols__ of the base");
}

TEST("O7 a base without /__symbols__, or with one that leads nowhere")
{
	ovl_tree *bare = tree_of(TREE("/ { soc { }; };"));

	refused(bare, OVERLAY("&soc { };"), 0, -EINVAL,
		"overlay hat: fragment@0: label \"soc\" (used by property \"target\"): the base has no /__symbols__; "
		"compile it with dtc -@, or give the fragment a target-path");
	refused(bare, OVERLAY("&soc { };"), LINUX, -EINVAL, "overlay hat: the base has no /__symbols__");
	close_tree(bare);
	bad(OVERLAY("&stale { };"), 0, -EINVAL,
	    "overlay hat: fragment@0: label \"stale\" (used by property \"target\"): /__symbols__ leads to no node");
}

TEST("O7 a fix-up that is malformed or leads nowhere is named")
{
#define FIXUP(entry)                                                                       \
	BY_HAND("fragment@0 { target-path = \"/soc\"; __overlay__ { x { ref = <0>; }; }; };" \
		"__fixups__ { clk = " entry "; };")
	bad(FIXUP("\"/fragment@0/__overlay__/x:ref\""), 0, -EINVAL,
	    "overlay hat: label \"clk\": the fix-up \"/fragment@0/__overlay__/x:ref\" is not path:property:offset");
	bad(FIXUP("\"/fragment@0/__overlay__/x:ref:one\""), 0, -EINVAL,
	    "overlay hat: label \"clk\": the fix-up \"/fragment@0/__overlay__/x:ref:one\" is not path:property:offset");
	bad(FIXUP("[61 62]"), 0, -EINVAL, "overlay hat: label \"clk\": its fix-ups are not strings");
	bad(FIXUP("\"/fragment@0/__overlay__/y:ref:0\""), 0, -ENOENT,
	    "overlay hat: label \"clk\" is used by /fragment@0/__overlay__/y, which the overlay does not have");
	bad(FIXUP("\"/fragment@0/__overlay__/x:reg:0\""), 0, -ENOENT,
	    "overlay hat: label \"clk\" is used by /fragment@0/__overlay__/x, property \"reg\", which does not exist");
	bad(FIXUP("\"/fragment@0/__overlay__/x:ref:1\""), 0, -EINVAL,
	    "overlay hat: label \"clk\": no reference fits at offset 1 of /fragment@0/__overlay__/x, property \"ref\"");
	bad(FIXUP("\"/fragment@0/__overlay__/x:ref:-4\""), 0, -EINVAL,
	    "overlay hat: label \"clk\": no reference fits at offset -4 of /fragment@0/__overlay__/x, property \"ref\"");

	/* A missing path is passed over by Linux. */
	ovl_tree *tree = with(FIXUP("\"/fragment@0/__overlay__/y:ref:0\""), LINUX);
	ok_int(cell(tree, "/soc/x", "ref"), 0);
	close_tree(tree);
	tree = with(FIXUP("\"/fragment@0/__overlay__/x:ref:0\""), 0);
	ok_int(cell(tree, "/soc/x", "ref"), phandle_of(tree, "/soc/clock"));
	close_tree(tree);
}

TEST("O6 O7 /__local_fixups__ that leads nowhere is named")
{
#define LOCAL(entry)                                                                       \
	BY_HAND("f { target-path = \"/soc\"; __overlay__ { x { phandle = <1>; ref = <1>; }; }; };" \
		"__local_fixups__ { f { __overlay__ { " entry " }; }; };")
	bad(LOCAL("y { ref = <0>; };"), 0, -EINVAL,
	    "overlay hat: /__local_fixups__ names a node /f/__overlay__/y that the overlay does not have");
	bad(LOCAL("x { reg = <0>; };"), 0, -EINVAL,
	    "overlay hat: /f/__overlay__/x: property \"reg\" is named in /__local_fixups__, but does not exist");
	bad(LOCAL("x { ref = <2>; };"), 0, -EINVAL,
	    "overlay hat: /f/__overlay__/x: property \"ref\": no reference fits at offset 2");
	bad(LOCAL("x { ref = [00]; };"), 0, -EINVAL,
	    "overlay hat: /f/__overlay__/x: property \"ref\": its entry in /__local_fixups__ is not a list of offsets");
}

TEST("O7 a labelled node without a phandle gets one, which goes with the overlay")
{
	struct blob *overlay = OVERLAY("&plain { new; }; &i2c { dev@1 { ref = <&plain>; }; };");
	ovl_tree *tree = board();
	struct blob *before = flatten(tree);
	int id = apply(tree, overlay);
	uint32_t given = phandle_of(tree, "/plain");

	ok(given > highest_phandle());
	ok_int(cell(tree, "/plain", "phandle"), given);
	ok_int(cell(tree, "/soc/i2c/dev@1", "ref"), given);
	ovl_node *plain = ovl_node_by_phandle(tree, given);
	ok(plain);
	ovl_node_put(plain);
	ok0(ovl_overlay_remove(tree, id, 0));
	ok_errno(ovl_node_by_phandle(tree, given), ENOENT);
	ok_same(tree, before);
	close_tree(tree);

	/* Linux writes 0, libfdt refuses. */
	tree = with(OVERLAY("&i2c { dev@1 { ref = <&plain>; }; };"), LINUX);
	ok_int(cell(tree, "/soc/i2c@b000/dev@1", "ref"), 0);
	close_tree(tree);
	bad(overlay, LIBFDT, -ENOENT,
	    "overlay hat: fragment@0: label \"plain\" (used by property \"target\"): its node has no phandle");
}

TEST("O8 target wins over target-path, and nobody falls back")
{
#define BOTH(target) BY_HAND("f { target = <" target ">; target-path = \"/soc\"; __overlay__ { x { }; }; };")
	ovl_tree *tree = with(BOTH("2"), 0);
	ovl_node *two = ovl_node_by_phandle(tree, 2), *x = ovl_node_child(two, "x");

	ok(x);
	ovl_node_put(x);
	ovl_node_put(two);
	close_tree(tree);
	bad(BOTH("0x7777"), 0, -EINVAL, "overlay hat: f: target is phandle 0x7777, which no node has");
	bad(BY_HAND("f { target = [01]; target-path = \"/soc\"; __overlay__ { }; };"), 0, -EINVAL,
	    "overlay hat: f: target is not one phandle");
	bad(BY_HAND("f { __overlay__ { }; };"), 0, -EINVAL, "overlay hat: f: neither target nor target-path");
	bad(BY_HAND("f { target-path = \"/nowhere\"; __overlay__ { }; };"), 0, -EINVAL,
	    "overlay hat: f: target-path /nowhere leads to no node");
	bad(BY_HAND("f { target-path = <1>; __overlay__ { }; };"), 0, -EINVAL,
	    "overlay hat: f: target-path is not a string");
}

TEST("O8 a later fragment may target what an earlier one makes, but not in LINUX mode")
{
	struct blob *overlay = OVERLAY("&{/soc} { new { }; }; &{/soc/new} { inside; };");
	ovl_tree *tree = with(overlay, 0);
	ovl_node *node = at(tree, "/soc/new");

	ok_int(ovl_node_read_bool(node, "inside"), 1);
	ovl_node_put(node);
	close_tree(tree);
	close_tree(with(overlay, LIBFDT));
	bad(overlay, LINUX, -EINVAL, "overlay hat: fragment@1: target-path /soc/new leads to no node");
}

TEST("O8 an overlay with nothing to apply is refused, a base too")
{
	bad(BY_HAND("x { };"), 0, -EINVAL, "overlay hat: nothing to apply: no fragment with __overlay__");
	bad(BY_HAND("x { };"), LINUX, -EINVAL, "overlay hat: nothing to apply: no fragment with __overlay__");
	close_tree(with(BY_HAND("x { };"), LIBFDT));
	bad(TREE("/ { soc { }; __symbols__ { soc = \"/soc\"; }; };"), 0, -EINVAL,
	    "overlay hat: nothing to apply: no fragment with __overlay__");
}

TEST("O8 target-path is relative to a base node")
{
	ovl_tree *tree = board(), *other = board();
	struct blob *card = BY_HAND("f { target-path = \"\"; __overlay__ { a { }; }; };"
				    "g { target-path = \"/bluetooth\"; __overlay__ { b { }; }; };");
	struct blob *lost = BY_HAND("f { target-path = \"/soc\"; __overlay__ { }; };");
	ovl_node *uart = at(tree, "serial0"), *theirs = at(other, "/soc");
	struct ovl_apply_options options = {.size = sizeof(options), .base = uart, .name = "card"};
	int id;

	ok0(ovl_overlay_apply(tree, card->data, card->size, &options, &id));
	ok(is_there(tree, "/soc/serial@9000/a"));
	ok(is_there(tree, "/soc/serial@9000/bluetooth/b"));
	ok_error(ovl_overlay_apply(tree, lost->data, lost->size, &options, &id), -EINVAL,
		 "overlay card: f: target-path /soc leads to no node below /soc/serial@9000");
	options.base = theirs;
	ok_error(ovl_overlay_apply(tree, card->data, card->size, &options, &id), -EINVAL,
		 "the base node soc belongs to another tree");
	ovl_node_put(theirs);
	close_tree(other);

	options.base = at(tree, "/soc/serial@9000/a");
	ok0(ovl_overlay_remove(tree, id, 0));
	ok_error(ovl_overlay_apply(tree, card->data, card->size, &options, &id), -ENODEV,
		 "overlay card: the base node /soc/serial@9000/a was detached");
	ovl_node_put(options.base);
	ovl_node_put(uart);
	close_tree(tree);
}

TEST("O8 a later fragment may target by its label a node that the overlay labels or makes")
{
	ovl_tree *tree = board();
	struct blob *before = flatten(tree);
	int id = apply(tree, BY_HAND(
		"a { target-path = \"/\"; __overlay__ { new { phandle = <1>; }; plain { phandle = <2>; }; }; };"
		"b { target-path = \"/soc\"; __overlay__ { phandle = <3>; }; };"
		"c { target = <1>; __overlay__ { in-new; }; };"
		"d { target = <2>; __overlay__ { in-plain; }; };"
		"e { target = <3>; __overlay__ { in-soc; }; };"
		"__local_fixups__ { c { target = <0>; }; d { target = <0>; }; e { target = <0>; }; };"));
	static const char *const places[][2] = {{"/new", "in-new"}, {"/plain", "in-plain"}, {"/soc", "in-soc"}};

	for (int i = 0; i < 3; i++) {
		ovl_node *node = at(tree, places[i][0]);

		ok_int(ovl_node_read_bool(node, places[i][1]), 1);
		ovl_node_put(node);
	}
	ok0(ovl_overlay_remove(tree, id, 0));
	ok_same(tree, before);
	close_tree(tree);
}

TEST("O9 labels of the overlay become labels of the tree")
{
	ovl_tree *tree = with(load("sensor.dtbo"), 0);
	ovl_node *channel = ovl_node_by_label(tree, "channel");

	ok(channel);
	ok_str(ovl_node_name(channel), "channel@0");
	ovl_node_put(channel);
	text_is(tree, "/__symbols__", "sensor", "/soc/i2c@b000/sensor@10");
	text_is(tree, "/__symbols__", "channel", "/soc/i2c@b000/sensor@10/channel@0");
	/* And the next overlay refers to them. */
	apply(tree, OVERLAY("&channel { scale = <2>; };"));
	ok_int(cell(tree, "/soc/i2c/sensor/channel", "scale"), 2);
	close_tree(tree);
}

TEST("O9 a label that is taken is refused; in LIBFDT mode the last one wins")
{
	struct blob *clash = OVERLAY("&{/} { clk: other { }; };");
	ovl_tree *tree;

	bad(clash, 0, -EINVAL, "overlay hat: the label \"clk\" is in /__symbols__ already");
	bad(clash, LINUX, -EINVAL, "overlay hat: the label \"clk\" is in /__symbols__ already");
	tree = with(clash, LIBFDT);
	text_is(tree, "/__symbols__", "clk", "/other");
	close_tree(tree);
	bad(BY_HAND("f { target-path = \"/\"; __overlay__ { }; }; __symbols__ { x = <1>; };"), 0, -EINVAL,
	    "overlay hat: label \"x\": its entry in the overlay's /__symbols__ is not a path");
}

TEST("O9 a tree without /__symbols__ gets one, and loses it with the last symbol")
{
	struct blob *first = OVERLAY("&{/} { a: a { }; };"), *second = OVERLAY("&{/} { b: b { }; };");
	ovl_tree *tree = tree_of(TREE("/ { };"));
	struct blob *before = flatten(tree);

	refused(tree, first, LINUX, -EINVAL, "overlay hat: it has symbols, but the base has no /__symbols__");
	int a = apply(tree, first), b = apply(tree, second);
	text_is(tree, "/__symbols__", "a", "/a");
	text_is(tree, "/__symbols__", "b", "/b");
	ok0(ovl_overlay_remove(tree, a, 0));
	text_is(tree, "/__symbols__", "b", "/b");
	ok0(ovl_overlay_remove(tree, b, 0));
	ok_same(tree, before);
	close_tree(tree);
}

TEST("O10 properties of a node that is there are updated or added, its cells may not change")
{
	ovl_tree *tree = with(load("sensor.dtbo"), 0);

	ok_int(cell(tree, "/soc/i2c", "clock-frequency"), 400000);
	text_is(tree, "/soc/i2c", "status", "okay");
	close_tree(tree);
	bad(OVERLAY("&i2c { #address-cells = <2>; };"), 0, -EINVAL,
	    "overlay hat: fragment@0: property \"#address-cells\" of /soc/i2c@b000: its value may not be changed");
	bad(OVERLAY("&i2c { #size-cells = <1>; };"), LINUX, -EINVAL,
	    "overlay hat: fragment@0: property \"#size-cells\" of /soc/i2c@b000: its value may not be changed");
	tree = with(OVERLAY("&i2c { #address-cells = <2>; };"), LIBFDT);
	ok_int(cell(tree, "/soc/i2c", "#address-cells"), 2);
	close_tree(tree);
}

TEST("O10 name and phandle of a node that is there stay, and a reference to the overlay's means the node's")
{
	ovl_tree *tree = board();
	uint32_t own = phandle_of(tree, "/soc/i2c");

	apply(tree, BY_HAND("f { target-path = \"/soc/i2c\"; __overlay__ { phandle = <1>; name = \"x\"; };"
			    "}; g { target-path = \"/\"; __overlay__ { user { ref = <1>; }; }; };"
			    "__local_fixups__ { g { __overlay__ { user { ref = <0>; }; }; }; };"));
	ok_int(phandle_of(tree, "/soc/i2c"), own);
	ok_int(cell(tree, "/soc/i2c", "phandle"), own);
	ok_int(cell(tree, "/soc/i2c", "name"), ~0u);
	ok_int(cell(tree, "/user", "ref"), own);
	close_tree(tree);
}

TEST("O10 a label put on a node without a phandle gives it one; in LINUX mode it is lost")
{
	struct blob *overlay = OVERLAY("&{/} { mine: plain { }; user { ref = <&mine>; }; };");
	ovl_tree *tree = with(overlay, 0);
	uint32_t phandle = phandle_of(tree, "/plain");

	ok(phandle > highest_phandle());
	ok_int(cell(tree, "/user", "ref"), phandle);
	text_is(tree, "/__symbols__", "mine", "/plain");
	close_tree(tree);
	tree = with(overlay, LINUX);
	ok_int(phandle_of(tree, "/plain"), 0);
	close_tree(tree);
}

TEST("O11 children are matched by their full name")
{
	ovl_tree *tree = with(OVERLAY("&{/soc} { i2c { other; }; i2c@b000 { same; }; };"), 0);
	ovl_node *same = at(tree, "/soc/i2c@b000"), *other = at(tree, "/soc/i2c");

	ok(same != other);
	ok_int(ovl_node_read_bool(same, "same"), 1);
	ok_int(ovl_node_read_bool(other, "other"), 1);
	ovl_node_put(other);
	ovl_node_put(same);
	close_tree(tree);
}

TEST("O11 what two fragments do to one thing is refused; in LIBFDT mode the last one wins")
{
	struct blob *nodes = OVERLAY("&{/} { x { v = <1>; }; }; &{/} { x { v = <2>; }; };");
	struct blob *values = OVERLAY("&i2c { v = <1>; }; &{/soc/i2c@b000} { v = <2>; };");
	struct blob *phandles = BY_HAND("f { target-path = \"/soc\"; __overlay__ { i2c@b000 { phandle = <1>; }; }; };");
	ovl_tree *tree;

	bad(nodes, 0, -EINVAL, "overlay hat: fragment@1: /x: it is added twice");
	bad(nodes, LINUX, -EINVAL, "overlay hat: fragment@1: /x: it is added twice");
	tree = with(nodes, LIBFDT);
	ok_int(cell(tree, "/x", "v"), 2);
	close_tree(tree);
	bad(values, 0, -EINVAL,
	    "overlay hat: fragment@1: property \"v\" of /soc/i2c@b000: two fragments touch it");
	bad(values, LINUX, -EINVAL,
	    "overlay hat: fragment@1: property \"v\" of /soc/i2c@b000: two fragments touch it");
	tree = with(values, LIBFDT);
	ok_int(cell(tree, "/soc/i2c", "v"), 2);
	close_tree(tree);
	bad(phandles, 0, -EINVAL,
	    "overlay hat: f: /soc/i2c@b000 has a phandle already, and the overlay brings another one");
	bad(BY_HAND("f { target-path = \"/soc\"; __overlay__ { a { phandle = <1>; }; b { phandle = <1>; }; }; };"), 0,
	    -EINVAL, "overlay hat: f: /soc/b: /soc/a has its phandle too");
	bad(BY_HAND("f { target-path = \"/\"; __overlay__ { a { phandle = <1>; }; plain { phandle = <1>; }; }; };"), 0,
	    -EINVAL, "overlay hat: f: /plain: /a has its phandle too");
}

TEST("O12 after a failure nothing is left behind: the next overlay finds the tree as it was")
{
	/* Good fragments first, then one that cannot be. */
	struct blob *half = OVERLAY("&i2c { status = \"okay\"; dev@1 { }; }; &{/nowhere} { };");
	struct blob *good = OVERLAY("&i2c { status = \"okay\"; dev@1 { }; };");
	static const uint32_t modes[] = {0, LINUX, LIBFDT};

	for (int i = 0; i < 3; i++) {
		ovl_tree *tree = board();
		int before, after;

		ok0(apply_with(tree, load("sensor.dtbo"), modes[i], NULL, &before));
		refused(tree, half, modes[i], -EINVAL,
			"overlay hat: fragment@1: target-path /nowhere leads to no node");
		ok0(ovl_overlay_remove(tree, before, 0));
		ok0(apply_with(tree, good, modes[i], NULL, &after));
		ok(is_there(tree, "/soc/i2c@b000/dev@1"));
		close_tree(tree);
	}
}

TEST("O1 O12 a malformed overlay is refused before anything else")
{
	struct blob *cut = load("sensor.dtbo");

	cut->size -= 4;
	bad(cut, 0, -EINVAL,
	    "overlay hat: malformed devicetree blob: total size larger than the buffer at offset 0x4");
}

/* So many nodes inside of each other, below one at the fourth level. */
static struct blob *nested(int depth)
{
	char source[4096] = "/dts-v1/; / { f { target-path = \"/soc/serial@9000/bluetooth\"; __overlay__ {";

	for (int i = 0; i < depth; i++)
		strcat(source, " n {");
	for (int i = 0; i < depth; i++)
		strcat(source, " };");
	return compile(strcat(source, " }; }; };"), "");
}

TEST("O2 O12 an overlay that would nest nodes deeper than 64 levels is -E2BIG")
{
	close_tree(with(nested(60), 0));
	bad(nested(61), 0, -E2BIG,
	    "overlay hat: f: /soc/serial@9000/bluetooth/n: nested deeper than 64");
}

TEST("O13 a dry run reports every problem and every change, and makes none")
{
	struct blob *overlay = OVERLAY("&nothing { }; &i2c { status = \"okay\"; clock-frequency = <1>; dev@1 { }; };"
				       "&{/nowhere} { }; &i2c { #size-cells = <7>; dev@1 { }; };");
	ovl_tree *tree = board();
	struct blob *before = flatten(tree);
	struct ovl_apply_options options = {.size = sizeof(options), .name = "hat"};
	char *report = NULL;

	ok_error(ovl_overlay_check(tree, overlay->data, overlay->size, &options, &report), -EINVAL,
		 "overlay hat: fragment@0: label \"nothing\" (used by property \"target\") is not in /__symbols__ of the base");
	ok_contains(report, "problem: overlay hat: fragment@0: label \"nothing\" (used by property \"target\") "
			    "is not in /__symbols__ of the base\n");
	ok_contains(report, "problem: overlay hat: fragment@2: target-path /nowhere leads to no node\n");
	ok_contains(report, "problem: overlay hat: fragment@3: property \"#size-cells\" of /soc/i2c@b000: "
			    "its value may not be changed\n");
	ok_contains(report, "problem: overlay hat: fragment@3: /soc/i2c@b000/dev@1: it is added twice\n");
	ok_contains(report, "change: add /soc/i2c@b000: status\nchange: update /soc/i2c@b000: clock-frequency\n");
	ok_contains(report, "change: attach /soc/i2c@b000/dev@1\n");
	ovl_free(report);
	ok_same(tree, before);
	ok_int(ovl_overlay_next(tree, 0), 0);
	close_tree(tree);
}

TEST("O13 a dry run of a good overlay")
{
	struct blob *overlay = load("sensor.dtbo");
	ovl_tree *tree = board();
	struct blob *before = flatten(tree);
	char *report = NULL;

	ok0(ovl_overlay_check(tree, overlay->data, overlay->size, NULL, &report));
	ok_str(report, "change: update /soc/i2c@b000: clock-frequency\n"
		       "change: add /soc/i2c@b000: status\n"
		       "change: attach /soc/i2c@b000/sensor@10\n"
		       "change: attach /soc/i2c@b000/reader@11\n"
		       "change: add /__symbols__: sensor\n"
		       "change: add /__symbols__: channel\n");
	ovl_free(report);
	/* The report may be left out. */
	ok0(ovl_overlay_check(tree, overlay->data, overlay->size, NULL, NULL));
	overlay->size -= 4;
	ok_int(ovl_overlay_check(tree, overlay->data, overlay->size, NULL, &report), -EINVAL);
	ok_str(report, "problem: overlay: malformed devicetree blob: total size larger than the buffer at offset 0x4\n");
	ovl_free(report);
	ok_same(tree, before);
	ok0(ovl_tree_wait_released(tree, 0, 0));
	close_tree(tree);
}
