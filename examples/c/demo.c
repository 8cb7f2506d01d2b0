/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * demo BOARDS: what libovl is for, in six steps that say what they do (`make demo`).
 *
 * BOARDS is the folder of the compiled files of examples/boards. Every step checks what it shows; the program fails
 * where the library does not keep its promise.
 */
#include <errno.h>
#include <string.h>

#include "common.h"

#define THERMOMETER "/soc/i2c@30000/thermometer@48"

static const char *boards;
static const char *brought_by[8] = {"the board"};

static void step(const char *text)
{
	static int number;

	printf("\n\033[1m%d. %s\033[0m\n", ++number, text);
}

static const char *file(const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s", boards, name);
	return path;
}

static void expect(int truth, const char *promise)
{
	if (!truth) {
		fprintf(stderr, "demo: not kept: %s (%s)\n", promise, ovl_last_error());
		exit(1);
	}
}

static int apply(ovl_tree *tree, const char *name)
{
	int id = apply_file(tree, file(name));

	expect(id > 0 && id < 8, "ids of a new tree are small");
	brought_by[id] = name;
	printf("   applied %s: id %d\n", name, id);
	return id;
}

/* What overlays brought: whole nodes, and single properties of nodes that were there before. */
static void show_origins(ovl_node *node)
{
	char path[256];

	expect(ovl_node_path(node, path, sizeof(path)) >= 0, "an attached node has a path");
	int origin = ovl_node_origin(node);
	if (origin)
		printf("   %-38s %-18s %s\n", path, "(the node)", brought_by[origin]);
	for (ovl_prop *prop = ovl_node_next_prop(node, NULL); prop; prop = ovl_node_next_prop(node, prop))
		if (ovl_prop_origin(prop) != origin)
			printf("   %-38s %-18s %s\n", path, ovl_prop_name(prop), brought_by[ovl_prop_origin(prop)]);
	for (ovl_node *child = ovl_node_first_child(node); child; child = ovl_node_next_sibling(child))
		show_origins(child);
}

static uint32_t bus_speed(ovl_tree *tree)
{
	ovl_node *bus = ovl_node_by_label(tree, "i2c0");
	uint32_t speed = 0;

	expect(ovl_node_read_u32(bus, "clock-frequency", &speed) == 0, "the bus has a speed");
	ovl_node_put(bus);
	return speed;
}

int main(int argc, char **argv)
{
	void *before, *after;
	size_t size_before, size_after;
	char *text;

	if (argc != 2)
		return fprintf(stderr, "usage: demo BOARDS\n"), 1;
	boards = argv[1];
	ovl_set_tracking(1);

	step("A board, and two overlays that depend on its labels");
	ovl_tree *tree = ovl_tree_from_file(file("finch.dtb"), 0), *base = ovl_tree_from_file(file("finch.dtb"), 0);
	if (!tree || !base)
		give_up("finch.dtb");
	expect(ovl_tree_to_fdt(tree, &before, &size_before) == 0, "a tree can be written");
	printf("   finch.dtb: the I2C bus runs at %u Hz\n", bus_speed(tree));
	int hat = apply(tree, "sensor-hat.dtbo");
	int display = apply(tree, "display.dtbo");

	step("What changed");
	expect(ovl_tree_diff(base, tree, 0, &text) >= 0, "trees can be compared");
	fputs(text, stdout);
	ovl_free(text);
	ovl_tree_put(base);

	step("Which overlay brought it");
	ovl_node *root = ovl_tree_root(tree);
	show_origins(root);
	ovl_node_put(root);

	step("A third overlay that cannot be: the error says why, and nothing has changed");
	{
		static char blob[1 << 16];
		FILE *f = fopen(file("thermometer-clash.dtbo"), "rb");
		size_t size = f ? fread(blob, 1, sizeof(blob), f) : 0;
		int id = -1;

		expect(ovl_overlay_apply(tree, blob, size, NULL, &id) == -EINVAL, "a second thermometer is refused");
		printf("   %s\n", ovl_last_error());
		fclose(f);
	}

	step("Somebody holds a node while its overlay is removed, though a later overlay stays");
	ovl_node *held = ovl_node_by_path(tree, THERMOMETER);
	expect(held != NULL, "the thermometer is found");
	expect(ovl_overlay_remove(tree, hat, 0) == 0, "removing does not wait for holders");
	char compatible[32];
	expect(ovl_node_read_string(held, "compatible", 0, compatible, sizeof(compatible)) >= 0, "a held node is readable");
	expect(!ovl_node_is_attached(held), "a removed node knows that it is removed");
	expect(ovl_node_by_path(tree, THERMOMETER) == NULL, "a removed node is not found");
	printf("   removed sensor-hat.dtbo; %s is gone from the tree,\n"
	       "   but its holder still reads: %s, compatible \"%s\"\n", THERMOMETER, ovl_node_name(held), compatible);
	printf("   the I2C bus runs at %u Hz, as display.dtbo wants it\n", bus_speed(tree));
	expect(ovl_tree_wait_released(tree, hat, 0) == -ETIMEDOUT, "what is held is not freed");
	printf("   freed? %s\n", ovl_last_error());

	step("It lets go");
	ovl_node_put(held);
	expect(ovl_tree_wait_released(tree, hat, 1000) == 0, "the last holder frees the overlay");
	printf("   sensor-hat.dtbo is freed, its blob and its nodes\n");
	expect(ovl_overlay_remove(tree, display, 0) == 0, "the other overlay can be removed");
	expect(ovl_tree_wait_released(tree, display, 1000) == 0, "nobody holds anything of it");
	expect(ovl_tree_holders(tree, &text) >= 0, "holders can be listed");
	printf("   display.dtbo is removed and freed; still held by anybody: %s\n", *text ? text : "nothing");
	expect(!*text, "nothing is held");
	ovl_free(text);
	expect(ovl_tree_to_fdt(tree, &after, &size_after) == 0, "a tree can be written");
	expect(size_after == size_before && !memcmp(after, before, size_before), "removal restores the tree to the byte");
	printf("   the tree is what it was, to the byte (%zu bytes)\n\n", size_after);
	ovl_free(before);
	ovl_free(after);
	ovl_tree_put(tree);
}
