/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * replace BASE.dtb: a property gets a new value ten thousand times, for good. Who holds an old value reads it as long as it
 * likes; all others are freed at once, and nothing gathers.
 */
#include "common.h"

int main(int argc, char **argv)
{
	enum { TIMES = 10000, KEPT = 500 };
	ovl_tree *tree = argc == 2 ? ovl_tree_from_file(argv[1], 0) : NULL;

	ovl_set_tracking(1);
	if (!tree)
		give_up(argc == 2 ? argv[1] : "usage: replace BASE.dtb");
	ovl_node *root = ovl_tree_root(tree);
	ovl_prop *old = NULL;
	for (uint32_t i = 0; i < TIMES; i++) {
		ovl_changeset *change = ovl_changeset_new(tree);
		if (ovl_changeset_set_u32(change, root, "counter", i) < 0 || ovl_changeset_apply(change) < 0)
			give_up("counter");
		/* The last reference: nobody can revert it, so what it has replaced is freed. */
		ovl_changeset_put(change);
		if (i == KEPT)
			old = ovl_node_prop(root, "counter");
	}

	size_t size;
	const unsigned char *data = ovl_prop_data(old, &size);
	uint32_t now = 0;
	ovl_node_read_u32(root, "counter", &now);
	printf("held: %d, in force: %u\n", data[2] << 8 | data[3], now);
	char *holders;
	int count = ovl_tree_holders(tree, &holders);
	printf("%d are held:\n%s", count, holders);
	ovl_free(holders);
	ovl_prop_put(old);
	ovl_node_put(root);
	ovl_tree_put(tree);
}
