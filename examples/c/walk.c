/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* walk BASE.dtb [OVERLAY.dtbo...]: prints every node and property, and which overlay brought it. */
#include "common.h"

static void print_origin(int origin, char **overlays)
{
	if (origin)
		printf("    <- %s", overlays[origin]);
	putchar('\n');
}

static void walk(ovl_node *node, int depth, char **overlays)
{
	printf("%*s%s/", 4 * depth, "", ovl_node_name(node));
	print_origin(ovl_node_origin(node), overlays);

	/* Each step of an iteration drops the reference to the one before; the last step returns NULL. */
	for (ovl_prop *prop = ovl_node_next_prop(node, NULL); prop; prop = ovl_node_next_prop(node, prop)) {
		size_t length;

		ovl_prop_data(prop, &length);
		printf("%*s%s (%zu bytes)", 4 * depth + 4, "", ovl_prop_name(prop), length);
		print_origin(ovl_prop_origin(prop), overlays);
	}
	for (ovl_node *child = ovl_node_first_child(node); child; child = ovl_node_next_sibling(child))
		walk(child, depth + 1, overlays);
}

int main(int argc, char **argv)
{
	ovl_tree *tree = argc > 1 ? ovl_tree_from_file(argv[1], 0) : NULL;

	if (!tree)
		give_up(argc > 1 ? argv[1] : "usage: walk BASE.dtb [OVERLAY.dtbo...]");

	/* Ids count up from 1 in a new tree, but only the tree may say so: keep the name for each. */
	char **overlays = calloc(argc, sizeof(*overlays));
	for (int i = 2; i < argc; i++) {
		int id = apply_file(tree, argv[i]);

		if (id >= argc)
			return fprintf(stderr, "id %d out of %d\n", id, argc), 1;
		overlays[id] = argv[i];
	}

	ovl_node *root = ovl_tree_root(tree);
	walk(root, 0, overlays);
	ovl_node_put(root);
	ovl_tree_put(tree);
	free(overlays);
}
