/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* apply_remove BASE.dtb OVERLAY.dtbo NODE: a node stays valid while it is held, though its overlay is gone. */
#include <ovl.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	static char blob[1 << 20];
	FILE *file = argc == 4 ? fopen(argv[2], "rb") : NULL;
	size_t size = file ? fread(blob, 1, sizeof(blob), file) : 0;
	ovl_tree *tree = file ? ovl_tree_from_file(argv[1], 0) : NULL;
	int id;

	if (!tree || ovl_overlay_apply(tree, blob, size, NULL, &id) < 0)
		return fprintf(stderr, "%s\n", ovl_last_error()), 1;

	ovl_node *node = ovl_node_by_path(tree, argv[3]);
	ovl_overlay_remove(tree, id, 0); /* never waits for holders */
	printf("%s: %s\n", ovl_node_name(node), ovl_node_is_attached(node) ? "attached" : "removed, still readable");

	ovl_node_put(node); /* the last one: now the memory of the overlay is freed */
	ovl_tree_put(tree);
}
