/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* from_libfdt_devices BOARD.dtb: the devices that are switched on, where their registers are, and who takes their interrupts. */
#include "common.h"

/* The node that takes the interrupts of this one: named here, or by the next one above that names one. */
static ovl_node *interrupt_parent(ovl_node *node)
{
	ovl_node *at = ovl_node_get(node), *controller = NULL;

	while (at && ovl_node_phandle_args(at, "interrupt-parent", NULL, 0, &controller, NULL, NULL) < 0) {
		ovl_node *above = ovl_node_parent(at);

		ovl_node_put(at);
		at = above;
	}
	ovl_node_put(at);
	return controller;
}

static void show(ovl_node *node)
{
	char path[256], compatible[128];
	uint32_t reg;

	if (ovl_node_read_string(node, "compatible", 0, compatible, sizeof(compatible)) >= 0 &&
	    ovl_node_read_u32(node, "reg", &reg) == 0 && ovl_node_is_available(node)) {
		ovl_node_path(node, path, sizeof(path));
		printf("%s: %s at 0x%x", path, compatible, reg);
		ovl_node *controller = ovl_node_read_bool(node, "interrupts") ? interrupt_parent(node) : NULL;
		if (controller && ovl_node_path(controller, path, sizeof(path)) >= 0)
			printf(", interrupts to %s", path);
		ovl_node_put(controller);
		printf("\n");
	}
	for (ovl_node *child = ovl_node_first_child(node); child; child = next_child(child))
		show(child);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return fprintf(stderr, "usage: from_libfdt_devices BOARD.dtb\n"), 1;
	ovl_tree *tree = ovl_tree_from_file(argv[1], 0);
	if (!tree)
		give_up(argv[1]);
	ovl_node *root = ovl_tree_root(tree);

	show(root);
	ovl_node_put(root);
	ovl_tree_put(tree);
}
