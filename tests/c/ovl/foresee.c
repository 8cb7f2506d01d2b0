/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Before it happens: what two overlays would fight over, and what a removal would leave dangling. */
#include "fixtures.h"

static void fight(const struct blob *a, const struct blob *b, ovl_tree *base, const char *wanted)
{
	char *report;
	int lines = 0;

	for (const char *c = wanted; *c; c++)
		lines += *c == '\n';
	ok_int(ovl_overlay_conflicts(a->data, a->size, b->data, b->size, base, &report), lines);
	ok_str(report, wanted);
	ovl_free(report);
	/* Who wants to know only whether there are any need not ask for them. */
	ok_int(ovl_overlay_conflicts(a->data, a->size, b->data, b->size, base, NULL), lines);
}

TEST("O27 without a base, places are what the overlays call them")
{
	struct blob *a = OVERLAY("&uart1 { status = \"okay\"; };");
	struct blob *b = OVERLAY("&uart1 { status = \"fail\"; }; &i2c { eeprom@50 { reg = <0x50>; }; };");
	struct blob *c = OVERLAY("&i2c { rtc@50 { reg = <0x50>; }; };");

	fight(a, b, NULL, "property: both set \"status\" of &uart1, to \"okay\" and to \"fail\"\n");
	fight(b, c, NULL, "address: eeprom@50 of the first and rtc@50 of the second are at one address of &i2c\n");
	fight(a, c, NULL, "");
	fight(a, a, NULL, "");
}

TEST("O27 with a base, both orders are tried, and the base stays as it is")
{
	ovl_tree *tree = board();
	struct blob *before = flatten(tree);
	struct blob *a = OVERLAY("&soc { bus: bus { }; };");
	struct blob *b = OVERLAY("&bus { dev { }; };");
	struct blob *c = OVERLAY("&{/soc} { bus: other { }; };");

	fight(a, b, tree, "needs: the second goes into /soc/bus, which the first brings\n"
			  "needs: the second refers to label \"bus\", which the first brings\n");
	fight(a, c, tree,
	      "refused: the second cannot be applied after the first: overlay second: the label \"bus\" is in /__symbols__ already\n"
	      "refused: the first cannot be applied after the second: overlay first: the label \"bus\" is in /__symbols__ already\n");
	fight(a, c, NULL, "label: both bring the label \"bus\"\n");
	ok_same(tree, before);
	close_tree(tree);
}

TEST("O27 what is no overlay is refused")
{
	struct blob *a = OVERLAY("&uart1 { };"), *base = load("board.dtb");
	char *report = (char *)a;

	ok_int(ovl_overlay_conflicts(a->data, a->size, base->data, base->size, NULL, &report), -EINVAL);
	ok_str(ovl_last_error(), "the second overlay: no fragment with __overlay__");
	ok(!report);
	ok_int(ovl_overlay_conflicts(a->data, 7, a->data, a->size, NULL, NULL), -EINVAL);
	ok_contains(ovl_last_error(), "the first overlay: malformed");
}

/* An overlay with a clock, and one that refers to it by number, of which no fix-up tells. */
static int with_user(ovl_tree *tree, uint32_t *phandle)
{
	int id = apply(tree, OVERLAY("&soc { new: new { #clock-cells = <0>; }; }; &{/aliases} { new = \"/soc/new\"; };"));
	char user[256];

	*phandle = 0;
	ovl_node *node = at(tree, "/soc/new");
	*phandle = ovl_node_phandle(node);
	ovl_node_put(node);
	snprintf(user, sizeof(user), "/dts-v1/; / { fragment@0 { target-path = \"/soc\"; __overlay__ { user { "
		 "clocks = <%u>; }; }; }; };", *phandle);
	apply(tree, compile(user, ""));
	return id;
}

TEST("O28 the dry run of a removal tells what would dangle")
{
	ovl_tree *tree = board();
	uint32_t phandle;
	int id = with_user(tree, &phandle);
	char *report, wanted[256];

	snprintf(wanted, sizeof(wanted), "dangling: /soc/user: property \"clocks\" refers to /soc/new (phandle %#x)\n",
		 phandle);
	ok_int(ovl_overlay_check_remove(tree, id, 0, &report), 1);
	ok_str(report, wanted);
	ovl_free(report);
	ok_int(ovl_overlay_check_remove(tree, id, 0, NULL), 1);
	/* It has told, and done nothing. */
	ok(is_there(tree, "/soc/new"));
	ok0(ovl_overlay_remove(tree, id, 0));
	ok_int(ovl_overlay_check_remove(tree, id, 0, &report), -ENOENT);
	ok(!report);
	ok_int(ovl_overlay_check_remove(tree, id, OVL_REMOVE_LINUX, &report), -ENODEV);
	close_tree(tree);
}

TEST("O28 the dry run of a removal tells what refuses it")
{
	ovl_tree *tree = board();
	int id = apply(tree, OVERLAY("&soc { bus: bus { }; };"));
	char *report;

	apply(tree, OVERLAY("&bus { dev { vdd-supply = <&bus>; }; };"));
	ok_int(ovl_overlay_check_remove(tree, id, 0, &report), -EBUSY);
	ok_contains(report, "problem: overlay ");
	ok_contains(ovl_last_error(), "cannot be removed: ");
	ovl_free(report);
	close_tree(tree);
}

TEST("O28 what refers to a node")
{
	ovl_tree *tree = board();
	ovl_node *node = at(tree, "/soc/clock@1000"), *none = at(tree, "/values");
	char *report;

	ok_int(ovl_node_referrers(node, &report), 2);
	ok_contains(report, "/soc/serial@9000: property \"clocks\" refers to /soc/clock@1000 (phandle 0x");
	ok_contains(report, "/__symbols__: property \"clk\" refers to /soc/clock@1000\n");
	ovl_free(report);
	ok_int(ovl_node_referrers(none, &report), 0);
	ok_str(report, "");
	ovl_free(report);
	ovl_node_put(node);
	ovl_node_put(none);
	close_tree(tree);
}
