/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * demo BOARDS: what libovl is for, in six steps that say what they do (`make demo`).
 *
 * BOARDS is the folder of the compiled files of examples/boards. Every step checks what it shows; the program fails
 * where the library does not keep its promise.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common.h"

#define THERMOMETER "/soc/i2c@30000/thermometer@48"

static const char *boards;

static void step(const char *text)
{
	static int number;

	printf(isatty(1) ? "\n\033[1m%d. %s\033[0m\n" : "\n%d. %s\n", ++number, text);
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

	if (id < 0)
		give_up(name);
	printf("   applied %s: id %d\n", name, id);
	return id;
}

static void show_origin(ovl_tree *tree, const char *path, const char *what, int origin)
{
	char name[4096] = "the board";

	expect(!origin || ovl_overlay_name(tree, origin, name, sizeof(name)) >= 0, "an overlay has the name given to it");
	printf("   %-32s %-17s %s\n", path, what, strrchr(name, '/') ? strrchr(name, '/') + 1 : name);
}

/* What overlays brought: whole nodes, and single properties of nodes that were there before. */
static void show_origins(ovl_tree *tree, ovl_node *node)
{
	char path[256];

	expect(ovl_node_path(node, path, sizeof(path)) >= 0, "a node has a path");
	int origin = ovl_node_origin(node);
	if (origin)
		show_origin(tree, path, "(the node)", origin);
	for (ovl_prop *prop = ovl_node_next_prop(node, NULL); prop; prop = ovl_node_next_prop(node, prop))
		if (ovl_prop_origin(prop) != origin)
			show_origin(tree, path, ovl_prop_name(prop), ovl_prop_origin(prop));
	for (ovl_node *child = ovl_node_first_child(node); child; child = next_child(child))
		show_origins(tree, child);
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
	show_origins(tree, root);
	ovl_node_put(root);

	step("A third overlay that cannot be: the error says why, and nothing has changed");
	expect(apply_file(tree, file("thermometer-clash.dtbo")) == -EINVAL, "a second thermometer is refused");
	printf("   %s\n", ovl_last_error());

	step("Somebody holds a node while its overlay is removed, though a later overlay stays");
	ovl_set_tag("the demo, for show");
	ovl_node *held = ovl_node_by_path(tree, THERMOMETER);
	ovl_set_tag(NULL);
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
	printf("   is it freed? %s", ovl_last_error());

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
