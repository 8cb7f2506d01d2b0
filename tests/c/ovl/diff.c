/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is not the same in two trees: but for their phandles, as JSON, and as an overlay that makes the one of the other. */
#include "fixtures.h"

static struct blob *difference(ovl_tree *a, ovl_tree *b, uint32_t flags)
{
	void *fdt;
	size_t size;

	ok0(ovl_tree_diff_overlay(a, b, flags, &fdt, &size));
	struct blob *blob = copy_blob(fdt, size);
	ovl_free(fdt);
	return blob;
}

static void same(ovl_tree *a, ovl_tree *b)
{
	char *text;

	ok_int(ovl_tree_diff(a, b, OVL_DIFF_ANY_ORDER | OVL_DIFF_ANY_PHANDLES, &text), 0);
	ok_str(text, "");
	ovl_free(text);
}

/* What fdtoverlay makes of a base and an overlay. */
static ovl_tree *merged(const struct blob *base, const struct blob *overlay)
{
	char dir[] = "/tmp/holdfast-XXXXXX", path[64], command[256];
	const struct blob *in[] = {base, overlay};

	ok(mkdtemp(dir));
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%d", dir, i);
		FILE *file = fopen(path, "wb");
		ok(file && fwrite(in[i]->data, 1, in[i]->size, file) == in[i]->size);
		fclose(file);
	}
	snprintf(command, sizeof(command), "fdtoverlay -i %s/0 -o %s/out %s/1", dir, dir, dir);
	ok_int(system(command), 0);
	snprintf(path, sizeof(path), "%s/out", dir);
	ovl_tree *tree = ovl_tree_from_file(path, 0);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	ok_int(system(command), 0);
	ok(tree);
	return tree;
}

#define BOARD(label) "/dts-v1/; / { "                                                                \
	"clk: clk { #clock-cells = <1>; }; " label "plain { }; "                                    \
	"uart0: uart { clocks = <&clk 7>; status = \"disabled\"; }; "

TEST("O26 the difference applied to a makes b, here and with fdtoverlay")
{
	/* With labels in the base and without: references by label, by number, and to a node that has no phandle yet. */
	const char *const options[] = {"-@", ""};
	const char *b_source = BOARD("p: ") "new: new { clocks = <&clk 8>, <&more 1>; vdd-supply = <&p>; }; "
		"more: more { #clock-cells = <1>; backlight = <&new>; }; }; &uart0 { status = \"okay\"; "
		"clocks = <&more 9>; };";

	for (int i = 0; i < 2; i++) {
		struct blob *base = compile(BOARD("") "};", options[i]), *overlay;
		ovl_tree *a = tree_of(base), *b = tree_of(compile(b_source, options[i])), *other;
		int id;

		overlay = difference(a, b, 0);
		id = apply(a, overlay);
		same(a, b);
		other = merged(base, overlay);
		same(other, b);
		close_tree(other);
		ok0(ovl_overlay_remove(a, id, 0));
		ok_same(a, base);
		close_tree(b);
		close_tree(a);
	}
}

TEST("O26 equal trees give an overlay that changes nothing")
{
	ovl_tree *a = board();
	struct blob *before = flatten(a);

	apply(a, difference(a, a, 0));
	ok_same(a, before);
	close_tree(a);
}

TEST("O26 what b lacks is refused by name, disabled, or kept")
{
	ovl_tree *a = tree_of(compile(BOARD("") "};", "")), *b = tree_of(TREE("/ { plain { }; };"));
	struct blob *before = flatten(a);
	void *fdt = &fdt;
	size_t size = 1;

	ok_int(ovl_tree_diff_overlay(a, b, 0, &fdt, &size), -EINVAL);
	ok_str(ovl_last_error(), "no overlay can do this:\n/clk: the second tree lacks this node\n"
				 "/uart: the second tree lacks this node");
	/* What is handed out is set only on success. */
	ok(fdt == &fdt && size == 1);
	int id = apply(a, difference(a, b, OVL_DIFF_OVERLAY_DISABLE));
	ovl_node *clk = at(a, "/clk");
	ok_int(ovl_node_is_available(clk), 0);
	ovl_node_put(clk);
	ok0(ovl_overlay_remove(a, id, 0));
	apply(a, difference(a, b, OVL_DIFF_OVERLAY_KEEP));
	ok_same(a, before);
	close_tree(b);
	close_tree(a);
}

TEST("O26 a diff may pass over phandles, and compares references by where they lead")
{
	ovl_tree *a = tree_of(TREE("/ { x { #clock-cells = <0>; phandle = <1>; }; y { phandle = <2>; }; u { clocks = <1>; }; };"));
	ovl_tree *b = tree_of(TREE("/ { x { #clock-cells = <0>; phandle = <7>; }; y { phandle = <1>; }; u { clocks = <7>; }; };"));
	ovl_tree *c = tree_of(TREE("/ { x { #clock-cells = <0>; phandle = <7>; }; y { phandle = <1>; }; u { clocks = <1>; }; };"));
	char *text;

	same(a, b);
	ok_int(ovl_tree_diff(a, b, 0, &text), 6);
	ovl_free(text);
	/* The same number, and another node. */
	ok_int(ovl_tree_diff(a, c, OVL_DIFF_ANY_PHANDLES, &text), 2);
	ok_str(text, "- /u: clocks = <0x1>\n+ /u: clocks = <0x1>\n");
	ovl_free(text);
	close_tree(c);
	close_tree(b);
	close_tree(a);
}

TEST("O26 a diff as JSON")
{
	ovl_tree *a = tree_of(TREE("/ { p; q; old { }; };")), *b = tree_of(TREE("/ { q; p; x = <1>; };"));
	char *text;

	ok_int(ovl_tree_diff(a, b, OVL_DIFF_JSON, &text), 3);
	ok_contains(text, "\"change\": \"remove\"");
	ok_contains(text, "\"path\": \"/old\"");
	ok_contains(text, "\"value\": \"<0x1>\"");
	ok_contains(text, "\"bytes\": \"00000001\"");
	ok_contains(text, "\"of\": \"properties\"");
	ovl_free(text);
	ok_int(ovl_tree_diff(a, a, OVL_DIFF_JSON, &text), 0);
	ok_str(text, "[]");
	ovl_free(text);
	close_tree(b);
	close_tree(a);
}
