/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * card BASE.dtb CARD.dtbo INSIDE.dtbo: a card is plugged in, and its driver knows what is on it.
 *
 * The driver's probe applies an overlay at the card's own node, while the overlay that brings the card is still being told; its
 * remove takes it out again. The devices that this brings have drivers too, and go before the card does.
 */
#include "common.h"

#include <stdint.h>

struct board {
	ovl_tree *tree;
	const char *inside;
};

static void say(const char *what, ovl_device *device)
{
	ovl_node *node = ovl_device_node(device);
	char path[256] = "";

	ovl_node_path(node, path, sizeof(path));
	printf("  %s %s\n", what, path);
	ovl_node_put(node);
}

static int probe_card(ovl_device *device, void *user_data)
{
	struct board *board = user_data;
	ovl_node *node = ovl_device_node(device);
	int id = apply_file_at(board->tree, node, board->inside);

	ovl_node_put(node);
	if (id < 0)
		return id;
	say("the driver has", device);
	return ovl_device_set_data(device, (void *)(intptr_t)id);
}

static void remove_card(ovl_device *device, void *user_data)
{
	struct board *board = user_data;

	say("the driver leaves", device);
	if (ovl_overlay_remove(board->tree, (int)(intptr_t)ovl_device_data(device), 0) < 0)
		give_up(board->inside);
}

static int probe_eeprom(ovl_device *device, void *user_data)
{
	(void)user_data;
	say("the driver has", device);
	return 0;
}

static void remove_eeprom(ovl_device *device, void *user_data)
{
	(void)user_data;
	say("the driver leaves", device);
}

int main(int argc, char **argv)
{
	static const struct ovl_driver_ops card = {
		.size = sizeof(card), .probe = probe_card, .remove = remove_card};
	static const struct ovl_driver_ops eeprom = {
		.size = sizeof(eeprom), .probe = probe_eeprom, .remove = remove_eeprom};
	struct board board = {
		.tree = argc == 4 ? ovl_tree_from_file(argv[1], 0) : NULL, .inside = argc == 4 ? argv[3] : NULL};
	ovl_bus *bus = board.tree ? ovl_bus_new(board.tree) : NULL;

	if (!bus)
		give_up(argc == 4 ? argv[1] : "usage: card BASE.dtb CARD.dtbo INSIDE.dtbo");
	ovl_node *root = ovl_tree_root(board.tree);
	if (ovl_bus_add_driver(bus, "holdfast,card", &card, &board) < 0 ||
	    ovl_bus_add_driver(bus, "holdfast,card-eeprom", &eeprom, NULL) < 0 || ovl_bus_populate(bus, root) < 0)
		give_up("populate");
	ovl_node_put(root);

	for (int times = 1; times <= 2; times++) {
		printf("plugged in, %d\n", times);
		int id = apply_file(board.tree, argv[2]);
		if (id < 0)
			give_up(argv[2]);
		printf("unplugged, %d\n", times);
		if (ovl_overlay_remove(board.tree, id, 0) < 0)
			give_up(argv[2]);
	}
	if (ovl_overlay_next(board.tree, 0) != 0)
		printf("something stayed\n");
	ovl_bus_put(bus);
	ovl_tree_put(board.tree);
}
