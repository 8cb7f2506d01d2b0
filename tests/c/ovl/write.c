/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Writing: a tree as a blob, as source, and beside another tree. */
#include "fixtures.h"

TEST("O4 what is read is written again: nodes, properties, order, reservations")
{
	struct blob *blob = load("board.dtb");
	ovl_tree *tree = tree_of(blob), *again = tree_of(flatten(tree));
	struct blob *flat = flatten(tree);
	char *text;

	ok0(ovl_fdt_check(flat->data, flat->size));
	/* Version 17, compatible with 16. */
	ok(!memcmp(flat->data + 20, "\0\0\0\x11\0\0\0\x10", 8));
	ok_int(ovl_tree_diff(tree, again, 0, &text), 0);
	ok_str(text, "");
	ovl_free(text);
	ok_same(again, flat);
	/* The two reservations of the board, and the pair that ends them. */
	ok(!memcmp(flat->data + 40,
		   "\0\0\0\0\x10\0\0\0\0\0\0\0\0\0\x40\0"
		   "\0\0\0\0\x20\0\0\0\0\0\0\0\0\0\1\0"
		   "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 48));
	close_tree(again);
	close_tree(tree);
}

TEST("O4 the boot processor is kept")
{
	struct blob *blob = compile("/dts-v1/; / { };", "-b 3");
	ovl_tree *tree = tree_of(blob);

	ok(!memcmp(flatten(tree)->data + 28, "\0\0\0\3", 4));
	close_tree(tree);
}

TEST("O4 the same tree gives the same bytes, whatever was applied and removed meanwhile")
{
	ovl_tree *tree = board();
	struct blob *before = flatten(tree), *with, *again;
	int id = apply(tree, load("sensor.dtbo"));

	with = flatten(tree);
	ok0(ovl_overlay_remove(tree, id, 0));
	ok_same(tree, before);
	apply(tree, load("sensor.dtbo"));
	again = flatten(tree);
	ok(with->size == again->size && !memcmp(with->data, again->data, with->size));
	close_tree(tree);
}

/* dtc makes of the source the tree that it was written from. */
static void compiles_to(const char *dts, ovl_tree *tree, uint32_t flags)
{
	ovl_tree *back = tree_of(compile(dts, ""));
	char *text;

	ok(ovl_tree_diff(tree, back, flags, &text) >= 0);
	ok_str(text, "");
	ovl_free(text);
	close_tree(back);
}

TEST("O4 source that dtc compiles to an equal tree")
{
	ovl_tree *tree = board();
	char *dts;

	apply(tree, load("sensor.dtbo"));
	ok0(ovl_tree_to_dts(tree, &dts));
	ok_contains(dts, "/dts-v1/;\n\n/memreserve/ 0x10000000 0x4000;\n/memreserve/ 0x20000000 0x100;\n");
	ok_contains(dts, "uart0: serial@9000 {\n");
	ok_contains(dts, "compatible = \"holdfast,uart\", \"ns16550a\";\n");
	ok_contains(dts, "reg = <0x9000 0x100>;\n");
	ok_contains(dts, "short = [01 02];\n");
	ok_contains(dts, "empty;\n");
	compiles_to(dts, tree, 0);
	ovl_free(dts);
	close_tree(tree);
}

TEST("O4 source may be sorted, for comparing")
{
	ovl_tree *a = tree_of(TREE("/ { b { }; a { z; y = <1>; }; };"));
	ovl_tree *b = tree_of(TREE("/ { a { y = <1>; z; }; b { }; };"));
	const char *sorted = "/dts-v1/;\n\n/ {\n\ta {\n\t\ty = <0x1>;\n\t\tz;\n\t};\n\n\tb {\n\t};\n};\n";
	char *dts;

	ok0(ovl_tree_to_dts_with(a, OVL_DTS_SORTED, &dts));
	ok_str(dts, sorted);
	compiles_to(dts, a, OVL_DIFF_ANY_ORDER);
	ovl_free(dts);
	ok0(ovl_tree_to_dts_with(b, OVL_DTS_SORTED, &dts));
	ok_str(dts, sorted);
	ovl_free(dts);
	ok0(ovl_tree_to_dts_with(a, 0, &dts));
	ok_str(dts, "/dts-v1/;\n\n/ {\n\tb {\n\t};\n\n\ta {\n\t\tz;\n\t\ty = <0x1>;\n\t};\n};\n");
	ovl_free(dts);
	close_tree(b);
	close_tree(a);
}

TEST("O4 values that look like text and are not are written so that they survive")
{
	ovl_tree *tree = tree_of(TREE("/ {"
		"	quotes = \"a \\\"b\\\" \\\\ c\"; empty-string = \"\"; two-empty = \"\", \"\";"
		"	trailing = \"a\", \"\"; newline = \"a\\nb\"; zeros = [00 00 00 00]; not-ascii = \"caf\\xc3\\xa9\";"
		"	comment = \"*/ /* //\"; odd = [61 62 63 00 01];"
		"};"));
	char *dts;

	ok0(ovl_tree_to_dts(tree, &dts));
	compiles_to(dts, tree, 0);
	ovl_free(dts);
	close_tree(tree);
}

TEST("O4 O24 source says which overlay brought what, where it is asked to")
{
	ovl_tree *tree = board();
	char *with, *without, part[128];
	int id;

	ok0(apply_with(tree, load("sensor.dtbo"), 0, "a */ b", &id));
	ok0(ovl_tree_to_dts_with(tree, OVL_DTS_ORIGINS, &with));
	ok0(ovl_tree_to_dts_with(tree, 0, &without));
	/* Its name cannot end the comment. */
	snprintf(part, sizeof(part), "sensor: sensor@10 { /* overlay %d (a * / b) */\n", id);
	ok_contains(with, part);
	snprintf(part, sizeof(part), "clock-frequency = <0x61a80>; /* overlay %d (a * / b) */\n", id);
	ok_contains(with, part);
	/* In a node of the overlay only what is not the overlay's would need a comment. */
	ok_contains(with, "compatible = \"holdfast,sensor\";\n");
	ok(!strstr(without, "/*"));
	compiles_to(with, tree, 0);
	ovl_free(without);
	ok0(ovl_tree_to_dts(tree, &without));
	ok_str(without, with);
	ovl_free(with);
	ovl_free(without);
	close_tree(tree);
}

static void differs(const char *a_source, const char *b_source, uint32_t flags, int lines, const char *wanted)
{
	ovl_tree *a = tree_of(compile(a_source, "")), *b = tree_of(compile(b_source, ""));
	char *text;

	ok_int(ovl_tree_diff(a, b, flags, &text), lines);
	ok_str(text, wanted);
	ovl_free(text);
	ok_int(ovl_tree_diff(a, a, flags, &text), 0);
	ok_str(text, "");
	ovl_free(text);
	close_tree(b);
	close_tree(a);
}

#define SAME "same { x = <1>; };"

TEST("O4 a diff has a line for each difference, and returns their number")
{
	differs("/dts-v1/; / { a = <1>; b; " SAME " };", "/dts-v1/; / { a = <1>; b; " SAME " };", 0, 0, "");
	differs("/dts-v1/; / { a = <1>; b; gone; " SAME " old { x; }; };",
		"/dts-v1/; / { a = \"text\"; b; new = [01]; " SAME " new { x = <2>; y { z; }; }; };", 0, 9,
		"- /: a = <0x1>\n+ /: a = \"text\"\n- /: gone\n+ /: new = [01]\n- /old\n"
		"+ /new\n+ /new: x = <0x2>\n+ /new/y\n+ /new/y: z\n");
}

TEST("O4 a diff sees another order, unless it is told not to")
{
	const char *a = "/dts-v1/; / { p; q; n { x; y; }; m { }; };";
	const char *b = "/dts-v1/; / { q; p; m { }; n { x; y; }; };";

	differs(a, b, 0, 2, "~ /: order of properties\n~ /: order of nodes\n");
	differs(a, b, OVL_DIFF_ANY_ORDER, 0, "");
	/* What only one of them has is no matter of order. */
	differs("/dts-v1/; / { p; q; r; };", "/dts-v1/; / { p; r; };", 0, 1, "- /: q\n");
}

TEST("O4 a diff of two live trees, one of them with an overlay")
{
	ovl_tree *base = board(), *tree = board();
	int id = apply(tree, OVERLAY("&uart1 { status = \"okay\"; gps { }; };"));
	char *text;

	ok_int(ovl_tree_diff(base, tree, 0, &text), 3);
	ok_str(text, "- /soc/serial@a000: status = \"disabled\"\n+ /soc/serial@a000: status = \"okay\"\n"
		     "+ /soc/serial@a000/gps\n");
	ovl_free(text);
	ok0(ovl_overlay_remove(tree, id, 0));
	ok_int(ovl_tree_diff(base, tree, 0, &text), 0);
	ovl_free(text);
	close_tree(tree);
	close_tree(base);
}
