/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* from_libfdt_fixup IN.dtb OUT.dtb BYTES: what a boot loader tells its kernel: the memory that is there, its arguments. */
#include "common.h"

int main(int argc, char **argv)
{
	if (argc != 4)
		return fprintf(stderr, "usage: from_libfdt_fixup IN.dtb OUT.dtb BYTES\n"), 1;
	ovl_tree *tree = ovl_tree_from_file(argv[1], 0);
	if (!tree)
		give_up(argv[1]);
	ovl_node *memory = ovl_node_by_path(tree, "/memory");
	ovl_node *chosen = ovl_node_by_path(tree, "/chosen");
	ovl_node *leds = ovl_node_by_path(tree, "/leds");
	ovl_node *firmware = NULL;
	uint32_t reg[2];
	if (ovl_node_read_u32_array(memory, "reg", reg, 1) < 0)
		give_up("/memory: reg");
	reg[1] = strtoul(argv[3], NULL, 0);

	/* Nothing of this is in the tree before all of it is; and nodes stay what they are, whatever changes beside them. */
	ovl_changeset *changes = ovl_changeset_new(tree);
	if (ovl_changeset_set_u32_array(changes, memory, "reg", reg, 2) < 0 ||
	    ovl_changeset_set_string(changes, chosen, "bootargs", "console=ttyS0 root=/dev/ram0") < 0 ||
	    ovl_changeset_set_u64(changes, chosen, "linux,initrd-start", 0x82000000) < 0 ||
	    ovl_changeset_set_u64(changes, chosen, "linux,initrd-end", 0x82400000) < 0 ||
	    ovl_changeset_create_node(changes, chosen, "firmware", &firmware) < 0 ||
	    ovl_changeset_set_string(changes, firmware, "version", "2.1") < 0 ||
	    (leds && ovl_changeset_detach_node(changes, leds) < 0) || ovl_changeset_apply(changes) < 0)
		give_up(argv[1]);

	void *blob;
	size_t size;
	if (ovl_tree_to_fdt(tree, &blob, &size) < 0)
		give_up(argv[2]);
	FILE *out = fopen(argv[2], "wb");
	if (!out || fwrite(blob, 1, size, out) != size || fclose(out))
		return perror(argv[2]), 1;
	ovl_free(blob);
	ovl_node_put(firmware);
	ovl_node_put(leds);
	ovl_node_put(chosen);
	ovl_node_put(memory);
	ovl_changeset_put(changes);
	ovl_tree_put(tree);
}
