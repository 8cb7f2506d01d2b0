/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* handles BASE.dtb OVERLAY.dtbo NODE: one of each kind of handle, and a stop to look at them with a debugger. tests/gdb/run does. */
#include <gpiodref.h>
#include <linux/media.h>
#include <mediadev.h>
#include <ovl.h>
#include <stdio.h>
#include <stdlib.h>

static void must(int good, const char *what)
{
	if (!good) {
		fprintf(stderr, "handles: %s: %s%s%s\n", what, ovl_last_error(), gpiodref_last_error(), mediadev_last_error());
		exit(1);
	}
}

/* Where the debugger stops. */
__attribute__((noinline)) static void look(void)
{
	__asm__ volatile("" ::: "memory");
}

int main(int argc, char **argv)
{
	static char blob[1 << 20];
	struct mediadev_info info = {.size = sizeof(info), .driver = "camera", .model = "A camera"};
	const char *names[] = {NULL, NULL, "LED", NULL};
	struct gpiodref_chip_config board = {.size = sizeof(board), .label = "board", .names = names, .num_lines = 4};
	struct gpiodref_config output = {.size = sizeof(output), .direction = GPIODREF_DIRECTION_OUTPUT};
	const uint32_t out = MEDIA_PAD_FL_SOURCE;
	FILE *file = argc == 4 ? fopen(argv[2], "rb") : NULL;
	size_t size = file ? fread(blob, 1, sizeof(blob), file) : 0;
	int id;

	must(size > 0, "usage: handles BASE.dtb OVERLAY.dtbo NODE");
	fclose(file);
	ovl_tree *tree = ovl_tree_from_file(argv[1], 0);
	must(tree && ovl_overlay_apply(tree, blob, size, NULL, &id) == 0, "apply");
	ovl_node *root = ovl_tree_root(tree), *none = NULL;
	ovl_node *node = ovl_node_by_path(tree, argv[3]), *again = ovl_node_get(node);
	ovl_prop *compatible = ovl_node_prop(node, "compatible"), *reg = ovl_node_prop(node, "reg");
	ovl_changeset *changes = ovl_changeset_new(tree);
	must(node && compatible && reg && changes, "the node and its properties");
	must(ovl_changeset_set_u32(changes, root, "made", 7) == 0 && ovl_changeset_apply(changes) == 0, "changeset");
	ovl_prop *made = ovl_node_prop(root, "made");

	gpiodref_sim *sim = gpiodref_sim_new(&board);
	gpiodref_chip *chip = gpiodref_sim_chip(sim);
	must(gpiodref_set_tracking(1) == 0 && gpiodref_set_tag("the debugged") == 0, "tracking");
	gpiodref_desc *line = gpiodref_request(chip, 2, &output, "blinker");
	must(line != NULL, "request");
	gpiodref_weak *weak = gpiodref_downgrade(line);

	mediadev_device *device = mediadev_device_new(&info, NULL, NULL);
	mediadev_entity *sensor = mediadev_entity_add(device, "Sensor", MEDIA_ENT_F_CAM_SENSOR, &out, 1);
	must(sensor && mediadev_register(device) == 0, "register");
	mediadev_file *open = mediadev_file_open(device);
	must(open != NULL, "open");
	must(ovl_node_by_path(tree, "/nowhere") == NULL, "/nowhere");
	look();

	must(ovl_overlay_remove(tree, id, 0) == 0 && mediadev_unregister(device) == 0, "remove");
	look();

	gpiodref_put(line);
	look();

	mediadev_file_close(open);
	mediadev_entity_put(sensor);
	mediadev_device_put(device);
	gpiodref_weak_put(weak);
	gpiodref_sim_remove(sim);
	gpiodref_chip_put(chip);
	gpiodref_sim_put(sim);
	ovl_prop_put(made);
	ovl_changeset_put(changes);
	ovl_prop_put(reg);
	ovl_prop_put(compatible);
	ovl_node_put(again);
	ovl_node_put(node);
	ovl_node_put(root);
	ovl_node_put(none);
	ovl_tree_put(tree);
	return 0;
}
