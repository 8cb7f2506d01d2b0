/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * hold BASE.dtb OVERLAY.dtbo NODE: who still holds something of a removed overlay?
 *
 * Removing never waits. Who has to know when the memory is gone, before a module is unloaded for example, waits for
 * the releases with a timeout; with tracking on, the error names the holders.
 */
#include "common.h"

int main(int argc, char **argv)
{
	ovl_set_tracking(1);
	ovl_tree *tree = argc == 4 ? ovl_tree_from_file(argv[1], 0) : NULL;
	if (!tree)
		give_up(argc == 4 ? argv[1] : "usage: hold BASE.dtb OVERLAY.dtbo NODE");
	int id = apply_file(tree, argv[2]);
	if (id < 0)
		give_up(argv[2]);
	ovl_node *node = ovl_node_by_path(tree, argv[3]);
	if (!node || ovl_overlay_remove(tree, id, 0) < 0)
		give_up(argv[3]);

	if (ovl_tree_wait_released(tree, id, 100) < 0)
		printf("%s\n", ovl_last_error());
	ovl_node_put(node);
	if (ovl_tree_wait_released(tree, id, 100) < 0)
		give_up(argv[2]);
	printf("released\n");
	ovl_tree_put(tree);
}
