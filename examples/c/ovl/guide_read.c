/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* guide_read BASE.dtb: finds nodes of a board in all the ways there are, and reads them (docs/guide/ovl). */
#include "common.h"

#include <errno.h>
#include <string.h>

/* Whatever it is asked about stays its caller's: it takes no reference. */
static void show_uart(ovl_node *uart)
{
	uint32_t reg[2], clock = 0;
	char compatible[64];

	printf("%s\n", ovl_node_name(uart));
	if (ovl_node_read_u32_array(uart, "reg", reg, 2) == 0)
		printf("  reg: 0x%x, 0x%x bytes\n", reg[0], reg[1]);
	if (ovl_node_read_string(uart, "compatible", 0, compatible, sizeof(compatible)) >= 0)
		printf("  compatible: %s\n", compatible);
	/* Optional: 0 stays where there is none. Another error would be a broken tree, and worth a message. */
	int result = ovl_node_read_u32(uart, "clock-frequency", &clock);
	if (result < 0 && result != -EINVAL)
		fprintf(stderr, "%s\n", ovl_last_error());
	printf("  clock-frequency: %u\n  %s\n", clock, ovl_node_is_available(uart) ? "available" : "disabled");
}

static void find(ovl_tree *tree)
{
	ovl_node *by_path = ovl_node_by_path(tree, "/soc/serial@20000");
	ovl_node *by_alias = ovl_node_by_path(tree, "serial0");
	ovl_node *by_label = ovl_node_by_label(tree, "uart0");

	if (!by_path || !by_alias || !by_label)
		give_up("find");
	/* There is one object for each node, so pointers can be compared. */
	printf("%s\n", by_path == by_alias && by_path == by_label ? "three ways to one node:" : "different nodes?");
	show_uart(by_path);
	ovl_node_put(by_label);
	ovl_node_put(by_alias);
	ovl_node_put(by_path);
}

static void find_compatible(ovl_tree *tree)
{
	char path[256];

	/* Each step puts the node before it, so the loop needs no put. */
	for (ovl_node *node = NULL; (node = ovl_node_by_compatible(tree, node, "gpio-leds"));)
		if (ovl_node_path(node, path, sizeof(path)) >= 0)
			printf("LEDs: %s\n", path);
}

static void follow(ovl_tree *tree)
{
	ovl_node *led = ovl_node_by_path(tree, "/leds/led-power"), *chip;
	uint32_t args[4];
	unsigned int n = 4; /* the room there is, and then what there was */

	if (!led || ovl_node_phandle_args(led, "gpios", "#gpio-cells", 0, &chip, args, &n) < 0)
		give_up("the LED");
	printf("%s: line %u of %s\n", ovl_node_name(led), args[0], ovl_node_name(chip));
	ovl_node_put(chip);
	ovl_node_put(led);
}

static void walk(ovl_node *node, int depth)
{
	printf("%*s%s:", 2 * depth, "", depth ? ovl_node_name(node) : "/");
	for (ovl_prop *prop = ovl_node_next_prop(node, NULL); prop; prop = ovl_node_next_prop(node, prop))
		printf(" %s", ovl_prop_name(prop));
	printf("\n");
	for (ovl_node *child = ovl_node_first_child(node); child; child = next_child(child))
		walk(child, depth + 1);
}

int main(int argc, char **argv)
{
	ovl_tree *tree = argc == 2 ? ovl_tree_from_file(argv[1], 0) : NULL;

	if (!tree)
		give_up(argc == 2 ? argv[1] : "usage: guide_read BASE.dtb");
	find(tree);
	find_compatible(tree);
	follow(tree);
	ovl_node *leds = ovl_node_by_label(tree, "leds");
	walk(leds, 0);
	ovl_node_put(leds);

	if (!ovl_node_by_path(tree, "/soc/i2c@30000/eeprom@50"))
		printf("%s: %s\n", errno == ENOENT ? "not there" : "broken", ovl_last_error());
	ovl_tree_put(tree);
}
