/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * guide_overlays BASE.dtb: two overlays are looked at, applied with a parameter, told apart, written, and removed (docs/guide/ovl).
 * Wants the overlays of examples/boards, compiled, in the current folder.
 */
#include "common.h"

#include <errno.h>

struct blob {
	char bytes[1 << 16];
	size_t size;
};

static struct blob *read_blob(const char *path)
{
	struct blob *blob = malloc(sizeof(*blob));
	FILE *file = fopen(path, "rb");

	if (!file || !blob) {
		perror(path);
		exit(1);
	}
	blob->size = fread(blob->bytes, 1, sizeof(blob->bytes), file);
	fclose(file);
	return blob;
}

static void foresee(ovl_tree *tree, const struct blob *hat, const struct blob *clash)
{
	const struct ovl_apply_options options = {.size = sizeof(options), .name = "the hat"};
	char *report;

	/* What would it do, or what is all in the way? */
	if (ovl_overlay_check(tree, hat->bytes, hat->size, &options, &report) == 0)
		printf("the hat can be applied:\n%s", report);
	ovl_free(report);

	/* What would two of them fight over? With a base, both orders are tried as well. */
	int conflicts = ovl_overlay_conflicts(hat->bytes, hat->size, clash->bytes, clash->size, tree, &report);
	if (conflicts < 0)
		give_up("conflicts");
	printf("%d conflicts:\n%s", conflicts, report);
	ovl_free(report);
}

static void list_params(const struct blob *hat)
{
	char *list;

	if (ovl_fdt_params(hat->bytes, hat->size, "the hat", &list) < 0)
		give_up("params");
	printf("%s", list);
	ovl_free(list);
}

/* The thermometer's address comes from the command line, a configuration file, an EEPROM… */
static int apply_with_address(ovl_tree *tree, const struct blob *hat, const char *setting)
{
	struct ovl_apply_options options = {.size = sizeof(options), .name = "the hat"};
	const char *settings[] = {setting};
	void *moved;
	size_t size;
	int id;

	int result = ovl_fdt_set_params(hat->bytes, hat->size, "the hat", settings, 1, &moved, &size);
	if (result < 0)
		return result;
	result = ovl_overlay_apply(tree, moved, size, &options, &id);
	ovl_free(moved);
	return result < 0 ? result : id;
}

static void show_overlays(ovl_tree *tree)
{
	char name[64];

	for (int id = ovl_overlay_next(tree, 0); id > 0; id = ovl_overlay_next(tree, id))
		if (ovl_overlay_name(tree, id, name, sizeof(name)) >= 0)
			printf("  overlay %d: %s\n", id, name);
}

static void show_origins(ovl_tree *tree)
{
	ovl_node *bus = ovl_node_by_label(tree, "i2c0"), *thermometer = ovl_node_child(bus, "thermometer");
	ovl_prop *speed = ovl_node_prop(bus, "clock-frequency");
	uint32_t hertz = 0, address = 0;

	ovl_node_read_u32(bus, "clock-frequency", &hertz);
	ovl_node_read_u32(thermometer, "reg", &address);
	printf("  %s: %u Hz, from overlay %d\n", ovl_node_name(bus), hertz, ovl_prop_origin(speed));
	if (thermometer)
		printf("  %s: address 0x%x, from overlay %d\n", ovl_node_name(thermometer), address,
		       ovl_node_origin(thermometer));
	ovl_prop_put(speed);
	ovl_node_put(thermometer);
	ovl_node_put(bus);
}

static void write_tree(ovl_tree *tree, const char *path)
{
	void *fdt;
	size_t size;

	if (ovl_tree_to_fdt(tree, &fdt, &size) < 0)
		give_up(path);
	FILE *file = fopen(path, "wb");
	if (!file || fwrite(fdt, 1, size, file) != size || fclose(file)) {
		perror(path);
		exit(1);
	}
	ovl_free(fdt);
	printf("%s: %zu bytes\n", path, size);
}

static void show_difference(ovl_tree *before, ovl_tree *after)
{
	char *text;
	int count = ovl_tree_diff(before, after, OVL_DIFF_ANY_ORDER, &text);

	if (count < 0)
		give_up("diff");
	printf("%d differences\n%s", count, text);
	ovl_free(text);
}

/* Who still refers to what would go? */
static void remove_with_a_look(ovl_tree *tree, int id)
{
	char *report = NULL;
	int dangling = ovl_overlay_check_remove(tree, id, 0, &report);

	printf("removing overlay %d: %d references would dangle\n%s", id, dangling, report ? report : "");
	ovl_free(report);
	if (ovl_overlay_remove(tree, id, 0) < 0)
		printf("  %s\n", ovl_last_error());
}

/* What another one stands on stays. */
static void stack(ovl_tree *tree)
{
	int card = apply_file(tree, "card.dtbo");
	ovl_node *node = ovl_node_by_path(tree, "/soc/card@70000");
	int inside = card < 0 || !node ? -1 : apply_file_at(tree, node, "card-inside.dtbo");

	ovl_node_put(node);
	if (inside < 0)
		give_up("card");
	if (ovl_overlay_remove(tree, card, 0) == -EBUSY)
		printf("%s\n", ovl_last_error());
	if (ovl_overlay_remove_all(tree) < 0) /* the last one first */
		give_up("remove all");
}

int main(int argc, char **argv)
{
	struct blob *hat = read_blob("sensor-hat.dtbo"), *clash = read_blob("thermometer-clash.dtbo");
	ovl_tree *tree = argc == 2 ? ovl_tree_from_file(argv[1], 0) : NULL;
	ovl_tree *base = argc == 2 ? ovl_tree_from_file(argv[1], 0) : NULL;

	if (!tree || !base)
		give_up(argc == 2 ? argv[1] : "usage: guide_overlays BASE.dtb");
	foresee(tree, hat, clash);

	list_params(hat);
	if (apply_with_address(tree, hat, "address=far away") < 0)
		printf("%s\n", ovl_last_error());
	int first = apply_with_address(tree, hat, "address=0x4a");
	int second = apply_file(tree, "display.dtbo");
	if (first < 0 || second < 0)
		give_up("apply");
	show_overlays(tree);
	show_origins(tree);
	write_tree(tree, "merged.dtb");

	remove_with_a_look(tree, first);
	show_origins(tree);
	remove_with_a_look(tree, second);
	show_difference(base, tree);
	stack(tree);

	ovl_tree_put(base);
	ovl_tree_put(tree);
	free(clash);
	free(hat);
}
