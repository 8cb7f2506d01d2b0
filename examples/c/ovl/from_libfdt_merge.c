/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* from_libfdt_merge OUT.dtb BASE.dtb OVERLAY.dtbo…: applies overlays, each of them completely or not at all. */
#include "common.h"

int main(int argc, char **argv)
{
	if (argc < 4)
		return fprintf(stderr, "usage: from_libfdt_merge OUT.dtb BASE.dtb OVERLAY.dtbo…\n"), 1;
	ovl_tree *tree = ovl_tree_from_file(argv[2], 0);
	if (!tree)
		give_up(argv[2]);

	for (int i = 3; i < argc; i++)
		if (apply_file(tree, argv[i]) < 0) /* the tree is what it was */
			give_up(argv[i]);

	void *merged;
	size_t size;
	if (ovl_tree_to_fdt(tree, &merged, &size) < 0)
		give_up(argv[1]);
	FILE *out = fopen(argv[1], "wb");
	if (!out || fwrite(merged, 1, size, out) != size || fclose(out))
		return perror(argv[1]), 1;
	ovl_free(merged);
	ovl_tree_put(tree);
}
