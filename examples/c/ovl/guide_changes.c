/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* guide_changes BASE.dtb: a program's own changes to a tree, checked, applied and reverted as one (docs/guide/ovl). */
#include "common.h"

static void must(int result, const char *what)
{
	if (result < 0)
		give_up(what);
}

static void show(ovl_tree *tree, const char *when)
{
	ovl_node *vm = ovl_node_by_path(tree, "/guest");

	printf("%s: %s\n", when, !vm ? "no guest" : ovl_node_is_available(vm) ? "the guest is on" : "the guest is off");
	ovl_node_put(vm);
}

int main(int argc, char **argv)
{
	ovl_tree *tree = argc == 2 ? ovl_tree_from_file(argv[1], 0) : NULL;
	if (!tree)
		give_up(argc == 2 ? argv[1] : "usage: guide_changes BASE.dtb");
	ovl_node *root = ovl_tree_root(tree), *guest, *memory;
	ovl_changeset *template = ovl_changeset_new(tree), *edits = ovl_changeset_new(tree);

	must(ovl_changeset_create_node(template, root, "guest", &guest), "guest");
	must(ovl_changeset_set_string(template, guest, "status", "disabled"), "status");
	must(ovl_changeset_create_node(template, guest, "memory", &memory), "memory");
	must(ovl_changeset_set_u64(template, memory, "base", 0), "base");
	must(ovl_changeset_apply(template), "the template");
	show(tree, "the template");

	must(ovl_changeset_set_u64(edits, memory, "base", 0x40000000), "base");
	must(ovl_changeset_set_bool(edits, memory, "no-map", 1), "no-map");
	must(ovl_changeset_set_string(edits, guest, "status", "okay"), "status");
	must(ovl_changeset_apply(edits), "the edits");
	show(tree, "the edits");

	/* What is built on cannot be taken away: the error says what is in the way. */
	if (ovl_changeset_revert(template) < 0)
		printf("%s\n", ovl_last_error());
	must(ovl_changeset_revert(edits), "the edits");
	must(ovl_changeset_revert(template), "the template");
	show(tree, "in the end");

	ovl_changeset_put(edits);
	ovl_changeset_put(template);
	ovl_node_put(memory);
	ovl_node_put(guest);
	ovl_node_put(root);
	ovl_tree_put(tree);
}
