/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * migrate BASE.dtb OVERLAY.dtbo COMPATIBLE: a partition that moves from machine to machine, with a driver that leaks.
 *
 * Each move takes the devices of the old machine out and brings them again on the new one, under the same paths. The driver
 * of COMPATIBLE takes a reference at each probe and never drops it. Nothing is renamed for that, nothing is there twice,
 * nothing fails; the old devices and nodes stay readable, and the report says who keeps them.
 */
#include "common.h"

enum { MOVES = 10000 };

static ovl_device *leaked[MOVES];
static int probes;

static int probe(ovl_device *device, void *user_data)
{
	(void)user_data;
	if (probes == MOVES)
		return -1;
	ovl_set_tag("the leaky driver");
	leaked[probes++] = ovl_device_get(device);
	ovl_set_tag(NULL);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct ovl_driver_ops ops = {.size = sizeof(ops), .probe = probe};

	ovl_set_tracking(1);
	ovl_tree *tree = argc == 4 ? ovl_tree_from_file(argv[1], 0) : NULL;
	ovl_bus *bus = tree ? ovl_bus_new(tree) : NULL;
	if (!bus)
		give_up(argc == 4 ? argv[1] : "usage: migrate BASE.dtb OVERLAY.dtbo COMPATIBLE");
	ovl_node *root = ovl_tree_root(tree);
	if (ovl_bus_add_driver(bus, argv[3], &ops, NULL) < 0 || ovl_bus_populate(bus, root) < 0)
		give_up(argv[3]);
	ovl_node_put(root);

	int id = 0;
	for (int move = 0; move < MOVES; move++) {
		if (id > 0 && ovl_overlay_remove(tree, id, 0) < 0)
			give_up("the old machine");
		id = apply_file(tree, argv[2]);
		if (id < 0)
			give_up(argv[2]);
	}
	if (ovl_overlay_remove(tree, id, 0) < 0)
		give_up("the last machine");

	ovl_node *first = ovl_device_node(leaked[0]), *last = ovl_device_node(leaked[probes - 1]);
	char path[256], again[256];
	ovl_node_path(first, path, sizeof(path));
	ovl_node_path(last, again, sizeof(again));
	printf("%d moves, %d probes: %s the first time, %s the last\n", MOVES, probes, path, again);
	ovl_node_put(first);
	ovl_node_put(last);

	if (ovl_tree_wait_released(tree, id, 0) < 0)
		printf("%s", ovl_last_error());
	while (probes > 0)
		ovl_device_put(leaked[--probes]);
	if (ovl_tree_wait_released(tree, 0, 1000) < 0)
		give_up("after all was put");
	printf("all released\n");
	ovl_bus_put(bus);
	ovl_tree_put(tree);
}
