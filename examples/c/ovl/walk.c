/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* walk BASE.dtb [OVERLAY.dtbo...]: prints every node and property, and which overlay brought it. */
#include "common.h"

static void print_origin(ovl_tree *tree, int origin)
{
	char name[256];

	if (origin && ovl_overlay_name(tree, origin, name, sizeof(name)) >= 0)
		printf("    <- %s", name);
	putchar('\n');
}

static void walk(ovl_tree *tree, ovl_node *node, int depth)
{
	printf("%*s%s/", 4 * depth, "", ovl_node_name(node));
	print_origin(tree, ovl_node_origin(node));

	/* Each step drops the reference to the property before; the last one returns NULL. */
	for (ovl_prop *prop = ovl_node_next_prop(node, NULL); prop; prop = ovl_node_next_prop(node, prop)) {
		size_t length;

		ovl_prop_data(prop, &length);
		printf("%*s%s (%zu bytes)", 4 * depth + 4, "", ovl_prop_name(prop), length);
		print_origin(tree, ovl_prop_origin(prop));
	}
	for (ovl_node *child = ovl_node_first_child(node); child; child = next_child(child))
		walk(tree, child, depth + 1);
}

int main(int argc, char **argv)
{
	ovl_tree *tree = argc > 1 ? ovl_tree_from_file(argv[1], 0) : NULL;

	if (!tree)
		give_up(argc > 1 ? argv[1] : "usage: walk BASE.dtb [OVERLAY.dtbo...]");
	for (int i = 2; i < argc; i++)
		if (apply_file(tree, argv[i]) < 0)
			give_up(argv[i]);

	ovl_node *root = ovl_tree_root(tree);
	walk(tree, root, 0);
	ovl_node_put(root);
	ovl_tree_put(tree);
}
