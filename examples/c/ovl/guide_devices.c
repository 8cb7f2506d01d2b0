/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * guide_devices BASE.dtb OVERLAY.dtbo: drivers in a program, for devices that an overlay brings and takes away (docs/guide/ovl).
 */
#include "common.h"

#include <errno.h>
#include <stdbool.h>

/* What the driver has for each device. */
struct thermometer {
	uint32_t address;
};

static bool in_use, powered;

static void free_thermometer(void *resource)
{
	struct thermometer *thermometer = resource;

	printf("  the thermometer at 0x%x is freed\n", thermometer->address);
	free(thermometer);
}

static int probe_thermometer(ovl_device *device, void *user_data)
{
	struct thermometer *thermometer = calloc(1, sizeof(*thermometer));
	(void)user_data;

	if (!thermometer)
		return -ENOMEM;
	/* From here on it is the device's: it is freed with it, also if this probe fails. */
	int result = ovl_device_manage(device, thermometer, free_thermometer);
	if (result < 0)
		return result;
	ovl_node *node = ovl_device_node(device);
	result = ovl_node_read_u32(node, "reg", &thermometer->address);
	ovl_node_put(node);
	if (result < 0)
		return result;
	printf("  probe: a thermometer at 0x%x\n", thermometer->address);
	return ovl_device_set_data(device, thermometer);
}

static void remove_thermometer(ovl_device *device, void *user_data)
{
	struct thermometer *thermometer = ovl_device_data(device);
	(void)user_data;

	/* Here the hardware is switched off. What is only memory has its time: somebody may hold the device. */
	printf("  remove: the thermometer at 0x%x\n", thermometer->address);
}

/* Asked before an overlay is removed that has the device's node. */
static int can_remove_thermometer(ovl_device *device, void *user_data)
{
	(void)device;
	(void)user_data;
	return in_use ? -EBUSY : 0;
}

/* Needs its power, which no property of its node says; so it says itself that it has to wait. */
static int probe_gpio(ovl_device *device, void *user_data)
{
	(void)device;
	(void)user_data;
	if (!powered)
		return OVL_PROBE_DEFER;
	printf("  probe: the GPIO controller\n");
	return 0;
}

static int probe_regulator(ovl_device *device, void *user_data)
{
	(void)device;
	(void)user_data;
	printf("  probe: the regulator\n");
	powered = true;
	return 0;
}

static void show_unbound(ovl_bus *bus)
{
	char *report;

	if (ovl_bus_unbound(bus, &report) < 0)
		give_up("unbound");
	printf("%s", report);
	ovl_free(report);
}

int main(int argc, char **argv)
{
	static const struct ovl_driver_ops thermometer = {
		.size = sizeof(thermometer),
		.probe = probe_thermometer,
		.remove = remove_thermometer,
		.can_remove = can_remove_thermometer,
	};
	static const struct ovl_driver_ops gpio = {.size = sizeof(gpio), .probe = probe_gpio};
	static const struct ovl_driver_ops regulator = {.size = sizeof(regulator), .probe = probe_regulator};
	ovl_tree *tree = argc == 3 ? ovl_tree_from_file(argv[1], 0) : NULL;
	ovl_bus *bus = tree ? ovl_bus_new(tree) : NULL;

	if (!bus)
		give_up(argc == 3 ? argv[1] : "usage: guide_devices BASE.dtb OVERLAY.dtbo");

	ovl_node *root = ovl_tree_root(tree);
	if (ovl_bus_add_driver(bus, "ti,tmp102", &thermometer, NULL) < 0 ||
	    ovl_bus_add_driver(bus, "holdfast,finch-gpio", &gpio, NULL) < 0 || ovl_bus_populate(bus, root) < 0)
		give_up("populate");
	ovl_node_put(root);

	printf("the overlay comes\n");
	int id = apply_file(tree, argv[2]);
	if (id < 0)
		give_up(argv[2]);
	show_unbound(bus);

	printf("what was missing comes\n");
	if (ovl_bus_add_driver(bus, "regulator-fixed", &regulator, NULL) < 0)
		give_up("regulator");
	show_unbound(bus);

	ovl_node *node = ovl_node_by_label(tree, "thermometer");
	ovl_device *held = ovl_bus_device(bus, node);
	if (!held)
		give_up("the thermometer");
	ovl_node_put(node);

	printf("the overlay shall go\n");
	in_use = true;
	if (ovl_overlay_remove(tree, id, 0) < 0)
		printf("  %s\n", ovl_last_error());
	in_use = false;
	if (ovl_overlay_remove(tree, id, 0) < 0)
		give_up(argv[2]);
	printf("who holds the device still has it: %s, %s\n", ovl_device_driver(held),
	       ovl_device_is_bound(held) ? "bound" : "not bound any more");
	ovl_device_put(held);

	ovl_bus_put(bus);
	ovl_tree_put(tree);
}
