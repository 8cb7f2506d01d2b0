/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* apply_remove BASE.dtb OVERLAY.dtbo NODE: a node stays valid while it is held, though its overlay is gone. */
#include <ovl.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	if (argc != 4)
		return fprintf(stderr, "usage: apply_remove BASE.dtb OVERLAY.dtbo NODE\n"), 1;
	static char blob[1 << 20];
	FILE *file = fopen(argv[2], "rb");
	if (!file)
		return perror(argv[2]), 1;
	size_t size = fread(blob, 1, sizeof(blob), file);
	fclose(file);

	ovl_tree *tree = ovl_tree_from_file(argv[1], 0);
	int id;
	if (!tree || ovl_overlay_apply(tree, blob, size, NULL, &id) < 0)
		return fprintf(stderr, "%s\n", ovl_last_error()), 1;
	ovl_node *node = ovl_node_by_path(tree, argv[3]);
	if (!node)
		return fprintf(stderr, "%s\n", ovl_last_error()), ovl_tree_put(tree), 1;

	ovl_overlay_remove(tree, id, 0); /* never waits for holders */
	printf("%s: %s\n", ovl_node_name(node), ovl_node_is_attached(node) ? "attached" : "removed, still readable");

	ovl_node_put(node); /* the last one: now the memory of the overlay is freed */
	ovl_tree_put(tree);
}
