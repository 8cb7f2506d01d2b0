/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * K3 at every door: whatever is NULL where something is needed, or is no text, or no flag, is refused by its name. One
 * test for each function, and a last one that no function is without.
 */
#include "fixtures.h"
#include "arguments.h"

static ovl_tree *tree;
static ovl_node *node;
static ovl_prop *prop;

__attribute__((constructor)) static void set_up(void)
{
	tree = board();
	node = at(tree, "/soc/serial@9000");
	prop = ovl_node_prop(node, "clocks");
}

/* Each bit from `first` on, as `flag` in this call, is refused. */
#define flags_int(call, first)                                                             \
	for (uint32_t flag = first; flag; flag <<= 1) {                                    \
		ok_int(call, -EINVAL);                                                     \
		ok_contains(ovl_last_error(), "unknown flags 0x");                         \
	}
#define flags_pointer(call, first)                                                         \
	for (uint32_t flag = first; flag; flag <<= 1) {                                    \
		ok_errno(call, EINVAL);                                                    \
		ok_contains(ovl_last_error(), "unknown flags 0x");                         \
	}

TEST("K3 ovl_version")
{
	ok_contains(ovl_version(), ".");
}

TEST("K3 ovl_last_error")
{
	ok(ovl_last_error());
	null_int(ovl_node_origin(NULL), "node");
	/* What succeeds leaves it alone. */
	ok_int(ovl_node_origin(node), 0);
	ok_str(ovl_last_error(), "node is NULL");
}

TEST("K3 ovl_free")
{
	ovl_free(NULL);
}

TEST("K3 ovl_set_log_callback")
{
	ok0(ovl_set_log_callback(NULL, NULL, NULL));
}

TEST("K3 ovl_set_tracking")
{
	for (uint32_t level = 3; level; level <<= 1)
		ok_int(ovl_set_tracking(level), -EINVAL);
	ok_contains(ovl_last_error(), "level is ");
}

TEST("K3 ovl_set_tag")
{
	ok0(ovl_set_tag(NULL));
	ok_int(ovl_set_tag("\xff"), -EINVAL);
	ok_contains(ovl_last_error(), "tag is not UTF-8");
}

TEST("K3 ovl_fdt_check")
{
	null_int(ovl_fdt_check(NULL, 0), "fdt");
	null_int(ovl_fdt_check(NULL, 100), "fdt");
	ok_int(ovl_fdt_check("", 0), -EINVAL);
	/* A negative length. */
	ok_error(ovl_fdt_check("", -1), -EINVAL, "fdt cannot have 18446744073709551615 elements");
}

TEST("K3 ovl_tree_new")
{
	ovl_tree_put(ovl_tree_new());
}

TEST("K3 ovl_tree_from_fdt")
{
	struct blob *blob = load("board.dtb");

	null_pointer(ovl_tree_from_fdt(NULL, 0, 0), "fdt");
	ok_errno(ovl_tree_from_fdt(blob->data, 0, 0), EINVAL);
	ok_errno(ovl_tree_from_fdt(blob->data, -1, 0), EINVAL);
	flags_pointer(ovl_tree_from_fdt(blob->data, blob->size, flag), 1);
}

TEST("K3 ovl_tree_from_file")
{
	text_pointer(ovl_tree_from_file(text, 0), "path");
	flags_pointer(ovl_tree_from_file(DTS_DIR "/board.dtb", flag), 1);
}

TEST("K3 ovl_tree_from_dir")
{
	text_pointer(ovl_tree_from_dir(text, 0), "path");
	flags_pointer(ovl_tree_from_dir(DTS_DIR, flag), 1);
}

TEST("K3 ovl_tree_get")
{
	ok(!ovl_tree_get(NULL));
}

TEST("K3 ovl_tree_put")
{
	ovl_tree_put(NULL);
}

TEST("K3 ovl_tree_to_fdt")
{
	void *fdt;
	size_t size;

	null_int(ovl_tree_to_fdt(NULL, &fdt, &size), "tree");
	null_int(ovl_tree_to_fdt(tree, NULL, &size), "fdt");
	null_int(ovl_tree_to_fdt(tree, &fdt, NULL), "size");
}

TEST("K3 ovl_tree_to_dts")
{
	char *dts;

	null_int(ovl_tree_to_dts(NULL, &dts), "tree");
	null_int(ovl_tree_to_dts(tree, NULL), "dts");
}

TEST("K3 ovl_tree_to_dts_with")
{
	char *dts;

	null_int(ovl_tree_to_dts_with(NULL, 0, &dts), "tree");
	null_int(ovl_tree_to_dts_with(tree, 0, NULL), "dts");
	flags_int(ovl_tree_to_dts_with(tree, flag, &dts), 4);
}

TEST("K3 ovl_tree_diff")
{
	char *out;

	null_int(ovl_tree_diff(NULL, tree, 0, &out), "a");
	null_int(ovl_tree_diff(tree, NULL, 0, &out), "b");
	null_int(ovl_tree_diff(tree, tree, 0, NULL), "text");
	flags_int(ovl_tree_diff(tree, tree, flag, &out), 8);
}

TEST("K3 ovl_tree_diff_overlay")
{
	void *fdt;
	size_t size;

	null_int(ovl_tree_diff_overlay(NULL, tree, 0, &fdt, &size), "a");
	null_int(ovl_tree_diff_overlay(tree, NULL, 0, &fdt, &size), "b");
	null_int(ovl_tree_diff_overlay(tree, tree, 0, NULL, &size), "fdt");
	null_int(ovl_tree_diff_overlay(tree, tree, 0, &fdt, NULL), "size");
	flags_int(ovl_tree_diff_overlay(tree, tree, flag, &fdt, &size), 4);
	ok_error(ovl_tree_diff_overlay(tree, tree, 3, &fdt, &size), -EINVAL,
		 "OVL_DIFF_OVERLAY_DISABLE and OVL_DIFF_OVERLAY_KEEP exclude each other");
}

TEST("K3 ovl_tree_root")
{
	null_pointer(ovl_tree_root(NULL), "tree");
}

TEST("K3 ovl_tree_holders")
{
	char *report;

	null_int(ovl_tree_holders(NULL, &report), "tree");
	null_int(ovl_tree_holders(tree, NULL), "report");
}

TEST("K3 ovl_tree_wait_released")
{
	null_int(ovl_tree_wait_released(NULL, 0, 0), "tree");
}

TEST("K3 ovl_node_by_path")
{
	null_pointer(ovl_node_by_path(NULL, "/"), "tree");
	text_pointer(ovl_node_by_path(tree, text), "path");
}

TEST("K3 ovl_node_by_phandle")
{
	null_pointer(ovl_node_by_phandle(NULL, 1), "tree");
}

TEST("K3 ovl_node_by_label")
{
	null_pointer(ovl_node_by_label(NULL, "clk"), "tree");
	text_pointer(ovl_node_by_label(tree, text), "label");
}

TEST("K3 ovl_node_by_compatible")
{
	null_pointer(ovl_node_by_compatible(NULL, NULL, "x"), "tree");
	text_pointer(ovl_node_by_compatible(tree, NULL, text), "compatible");
	/* What it takes it takes in any case. */
	null_pointer(ovl_node_by_compatible(NULL, ovl_node_get(node), "x"), "tree");
	text_pointer(ovl_node_by_compatible(tree, ovl_node_get(node), text), "compatible");
}

TEST("K3 ovl_node_get")
{
	ok(!ovl_node_get(NULL));
}

TEST("K3 ovl_node_put")
{
	ovl_node_put(NULL);
}

TEST("K3 ovl_node_parent")
{
	null_pointer(ovl_node_parent(NULL), "node");
}

TEST("K3 ovl_node_first_child")
{
	null_pointer(ovl_node_first_child(NULL), "node");
}

TEST("K3 ovl_node_next_sibling")
{
	null_pointer(ovl_node_next_sibling(NULL), "node");
}

TEST("K3 ovl_node_child")
{
	null_pointer(ovl_node_child(NULL, "x"), "node");
	text_pointer(ovl_node_child(node, text), "name");
}

TEST("K3 ovl_node_name")
{
	null_pointer(ovl_node_name(NULL), "node");
}

TEST("K3 ovl_node_path")
{
	char buf[64];

	null_int(ovl_node_path(NULL, buf, sizeof(buf)), "node");
	null_int(ovl_node_path(node, NULL, sizeof(buf)), "buf");
	ok_int(ovl_node_path(node, buf, -1), -EINVAL);
}

TEST("K3 ovl_node_phandle")
{
	null_number(ovl_node_phandle(NULL), "node");
}

TEST("K3 ovl_node_is_attached")
{
	null_int(ovl_node_is_attached(NULL), "node");
}

TEST("K3 ovl_node_is_available")
{
	null_int(ovl_node_is_available(NULL), "node");
}

TEST("K3 ovl_node_is_compatible")
{
	null_int(ovl_node_is_compatible(NULL, "x"), "node");
	text_int(ovl_node_is_compatible(node, text), "compatible");
}

TEST("K3 ovl_node_origin")
{
	null_int(ovl_node_origin(NULL), "node");
}

TEST("K3 ovl_node_prop")
{
	null_pointer(ovl_node_prop(NULL, "reg"), "node");
	text_pointer(ovl_node_prop(node, text), "name");
}

TEST("K3 ovl_node_next_prop")
{
	null_pointer(ovl_node_next_prop(NULL, NULL), "node");
	null_pointer(ovl_node_next_prop(NULL, ovl_prop_get(prop)), "node");
}

TEST("K3 ovl_node_read_u32")
{
	uint32_t value[2];

	null_int(ovl_node_read_u32(NULL, "reg", value), "node");
	text_int(ovl_node_read_u32(node, text, value), "name");
	null_int(ovl_node_read_u32(node, "reg", NULL), "value");
	ok_int(ovl_node_read_u32(node, "reg", (uint32_t *)((char *)value + 1)), -EINVAL);
	ok_contains(ovl_last_error(), "value is not aligned");
}

TEST("K3 ovl_node_read_u64")
{
	uint64_t value;

	null_int(ovl_node_read_u64(NULL, "reg", &value), "node");
	text_int(ovl_node_read_u64(node, text, &value), "name");
	null_int(ovl_node_read_u64(node, "reg", NULL), "value");
}

TEST("K3 ovl_node_read_u32_array")
{
	uint32_t values[2];

	null_int(ovl_node_read_u32_array(NULL, "reg", values, 2), "node");
	text_int(ovl_node_read_u32_array(node, text, values, 2), "name");
	null_int(ovl_node_read_u32_array(node, "reg", NULL, 2), "values");
	ok_int(ovl_node_read_u32_array(node, "reg", values, -1), -EINVAL);
	ok_contains(ovl_last_error(), "values cannot have 18446744073709551615 elements");
}

TEST("K3 ovl_node_read_string")
{
	char buf[64];

	null_int(ovl_node_read_string(NULL, "compatible", 0, buf, sizeof(buf)), "node");
	text_int(ovl_node_read_string(node, text, 0, buf, sizeof(buf)), "name");
	null_int(ovl_node_read_string(node, "compatible", 0, NULL, sizeof(buf)), "buf");
	ok_int(ovl_node_read_string(node, "compatible", -1, buf, sizeof(buf)), -ENODATA);
}

TEST("K3 ovl_node_count_strings")
{
	null_int(ovl_node_count_strings(NULL, "compatible"), "node");
	text_int(ovl_node_count_strings(node, text), "name");
}

TEST("K3 ovl_node_match_string")
{
	null_int(ovl_node_match_string(NULL, "compatible", "x"), "node");
	text_int(ovl_node_match_string(node, text, "x"), "name");
	text_int(ovl_node_match_string(node, "compatible", text), "string");
}

TEST("K3 ovl_node_read_bool")
{
	null_int(ovl_node_read_bool(NULL, "reg"), "node");
	text_int(ovl_node_read_bool(node, text), "name");
}

TEST("K3 ovl_node_phandle_args")
{
	uint32_t args[4];
	unsigned n = 4;
	ovl_node *target;

	null_int(ovl_node_phandle_args(NULL, "clocks", "#clock-cells", 0, &target, args, &n), "node");
	text_int(ovl_node_phandle_args(node, text, "#clock-cells", 0, &target, args, &n), "list");
	ok_int(ovl_node_phandle_args(node, "clocks", "\xff", 0, &target, args, &n), -EINVAL);
	ok_contains(ovl_last_error(), "cells is not UTF-8");
	ok_int(ovl_node_phandle_args(node, "clocks", "#clock-cells", -1, &target, args, &n), -ENOENT);
	/* Room of unknown size is no room. */
	ok_int(ovl_node_phandle_args(node, "clocks", "#clock-cells", 0, &target, args, NULL), -ERANGE);
}

TEST("K3 ovl_prop_get")
{
	ok(!ovl_prop_get(NULL));
}

TEST("K3 ovl_prop_put")
{
	ovl_prop_put(NULL);
}

TEST("K3 ovl_prop_name")
{
	null_pointer(ovl_prop_name(NULL), "prop");
}

TEST("K3 ovl_prop_data")
{
	size_t len;

	null_pointer(ovl_prop_data(NULL, &len), "prop");
	ok(ovl_prop_data(prop, NULL));
}

TEST("K3 ovl_prop_origin")
{
	null_int(ovl_prop_origin(NULL), "prop");
}

TEST("K3 ovl_overlay_apply")
{
	struct blob *overlay = load("sensor.dtbo");
	int id;

	null_int(ovl_overlay_apply(NULL, overlay->data, overlay->size, NULL, &id), "tree");
	null_int(ovl_overlay_apply(tree, NULL, overlay->size, NULL, &id), "fdt");
	ok_int(ovl_overlay_apply(tree, overlay->data, 0, NULL, &id), -EINVAL);
	ok_int(ovl_overlay_apply(tree, overlay->data, -1, NULL, &id), -EINVAL);
	flags_int(apply_with(tree, overlay, flag, NULL, &id), 4);
	ok_int(apply_with(tree, overlay, 0, "\xff", &id), -EINVAL);
	ok_contains(ovl_last_error(), "is not UTF-8");
	ok_int(ovl_overlay_next(tree, 0), 0);
}

TEST("K3 ovl_overlay_check")
{
	struct blob *overlay = load("sensor.dtbo");
	struct ovl_apply_options options = {.size = sizeof(options)};
	char *report = (char *)1;

	null_int(ovl_overlay_check(NULL, overlay->data, overlay->size, NULL, &report), "tree");
	/* What is not written is NULL, so that it may be freed in any case. */
	ok(!report);
	null_int(ovl_overlay_check(tree, NULL, overlay->size, NULL, NULL), "fdt");
	for (options.flags = 4; options.flags; options.flags <<= 1) {
		report = (char *)1;
		ok_int(ovl_overlay_check(tree, overlay->data, overlay->size, &options, &report), -EINVAL);
		ok_contains(ovl_last_error(), "unknown flags 0x");
		ok(!report);
	}
}

TEST("K3 ovl_fdt_params")
{
	const struct blob *blob = load("params.dtbo");
	char *list;

	null_int(ovl_fdt_params(NULL, blob->size, NULL, &list), "fdt");
	ok_error(ovl_fdt_params(blob->data, blob->size, "\xff", &list), -EINVAL,
		 "name is not UTF-8: invalid utf-8 sequence of 1 bytes from index 0");
	ok_int(ovl_fdt_params("no", 2, NULL, &list), -EINVAL);
	ok_int(ovl_fdt_params(blob->data, (size_t)-1, NULL, &list), -EINVAL);
}

TEST("K3 ovl_fdt_set_params")
{
	const struct blob *blob = load("params.dtbo");
	const char *settings[] = {"rtc", NULL};
	void *fdt;
	size_t size;

	null_int(ovl_fdt_set_params(NULL, 1, NULL, NULL, 0, &fdt, &size), "fdt");
	null_int(ovl_fdt_set_params(blob->data, blob->size, NULL, NULL, 1, &fdt, &size), "settings");
	null_int(ovl_fdt_set_params(blob->data, blob->size, NULL, settings, 2, &fdt, &size), "settings[1]");
	null_int(ovl_fdt_set_params(blob->data, blob->size, NULL, settings, 1, NULL, &size), "new_fdt");
	null_int(ovl_fdt_set_params(blob->data, blob->size, NULL, settings, 1, &fdt, NULL), "new_size");
	ok_int(ovl_fdt_set_params(blob->data, blob->size, NULL, settings, (size_t)-1, &fdt, &size), -EINVAL);
	ok_error(ovl_fdt_set_params("\1\2\3\4", 4, NULL, settings, 1, &fdt, &size), -EINVAL,
		 "malformed devicetree blob: no magic number 0xd00dfeed at offset 0x0");
	ok0(ovl_fdt_set_params(blob->data, blob->size, NULL, NULL, 0, &fdt, &size));
	ovl_free(fdt);
}

TEST("K3 ovl_overlay_remove")
{
	null_int(ovl_overlay_remove(NULL, 1, 0), "tree");
	flags_int(ovl_overlay_remove(tree, 1, flag), 2);
}

TEST("K3 ovl_overlay_check_remove")
{
	null_int(ovl_overlay_check_remove(NULL, 1, 0, NULL), "tree");
	flags_int(ovl_overlay_check_remove(tree, 1, flag, NULL), 2);
}

TEST("K3 ovl_overlay_conflicts")
{
	struct blob *blob = load("sensor.dtbo");

	null_int(ovl_overlay_conflicts(NULL, blob->size, blob->data, blob->size, NULL, NULL), "a");
	null_int(ovl_overlay_conflicts(blob->data, blob->size, NULL, blob->size, NULL, NULL), "b");
}

TEST("K3 ovl_node_referrers")
{
	char *report;

	null_int(ovl_node_referrers(NULL, &report), "node");
	null_int(ovl_node_referrers(node, NULL), "report");
}

TEST("K3 ovl_overlay_remove_all")
{
	null_int(ovl_overlay_remove_all(NULL), "tree");
}

TEST("K3 ovl_overlay_next")
{
	null_int(ovl_overlay_next(NULL, 0), "tree");
	ok_int(ovl_overlay_next(tree, -1), 0);
	ok_int(ovl_overlay_next(tree, 0x7fffffff), 0);
}

TEST("K3 ovl_overlay_name")
{
	char buf[64];
	int id = apply(tree, load("sensor.dtbo"));

	null_int(ovl_overlay_name(NULL, id, buf, sizeof(buf)), "tree");
	null_int(ovl_overlay_name(tree, id, NULL, sizeof(buf)), "buf");
	ok0(ovl_overlay_remove(tree, id, 0));
}

/* For the bus: a driver that counts how often it is destroyed. */
static int destroyed;

static int take(ovl_device *device, void *user_data)
{
	return (void)device, (void)user_data, 0;
}

static void destroy(void *user_data)
{
	(void)user_data;
	destroyed++;
}

static const struct ovl_driver_ops ops = {.size = sizeof(ops), .probe = take, .destroy = destroy};

static ovl_bus *bus;
static ovl_device *device;

TEST("K3 ovl_bus_new")
{
	ovl_node *root = at(tree, "/");

	null_pointer(ovl_bus_new(NULL), "tree");
	bus = ovl_bus_new(tree);
	ok0(ovl_bus_populate(bus, root));
	ovl_node_put(root);
	device = ovl_bus_device(bus, node);
	ok(device);
}

TEST("K3 ovl_bus_get")
{
	ok(!ovl_bus_get(NULL));
	ok(ovl_bus_get(bus) == bus);
}

TEST("K3 ovl_bus_put")
{
	ovl_bus_put(NULL);
	ovl_bus_put(bus);
}

TEST("K3 ovl_bus_add_driver")
{
	struct {
		struct ovl_driver_ops ops;
		int newer;
	} newer = {.ops = ops, .newer = 1};
	struct ovl_driver_ops wrong = ops;

	newer.ops.size = sizeof(newer);
	null_int(ovl_bus_add_driver(bus, "x", NULL, NULL), "ops");
	wrong.size--;
	ok_int(ovl_bus_add_driver(bus, "x", &wrong, NULL), -EINVAL);
	ok_contains(ovl_last_error(), "ops->size is ");
	ok_int(ovl_bus_add_driver(bus, "x", &newer.ops, NULL), -E2BIG);
	ok_int(destroyed, 0);
	/* From here on the library knows what destroys. */
	null_int(ovl_bus_add_driver(NULL, "x", &ops, NULL), "bus");
	text_int(ovl_bus_add_driver(bus, text, &ops, NULL), "compatible");
	ok_error(ovl_bus_add_driver(bus, "", &ops, NULL), -EINVAL, "\"\" is no compatible string");
	wrong = ops;
	wrong.probe = NULL;
	null_int(ovl_bus_add_driver(bus, "x", &wrong, NULL), "ops->probe");
	ok_int(destroyed, 5);
	ok0(ovl_bus_add_driver(bus, "x", &ops, NULL));
	ok_error(ovl_bus_add_driver(bus, "X", &ops, NULL), -EBUSY, "\"X\" has a driver on this bus");
	ok_int(destroyed, 6);
}

TEST("K3 ovl_bus_remove_driver")
{
	null_int(ovl_bus_remove_driver(NULL, "x"), "bus");
	text_int(ovl_bus_remove_driver(bus, text), "compatible");
	ok0(ovl_bus_remove_driver(bus, "x"));
	ok_int(destroyed, 7);
	ok_error(ovl_bus_remove_driver(bus, "x"), -ENOENT, "\"x\" has no driver on this bus");
}

TEST("K3 ovl_bus_populate")
{
	ovl_tree *other = board();
	ovl_node *theirs = at(other, "/soc");

	null_int(ovl_bus_populate(NULL, node), "bus");
	null_int(ovl_bus_populate(bus, NULL), "node");
	ok_error(ovl_bus_populate(bus, theirs), -EINVAL, "soc is a node of another tree");
	ovl_tree_put(other);
	ovl_node_put(theirs);
}

TEST("K3 ovl_bus_unpopulate")
{
	int id = apply(tree, OVERLAY("&{/} { gone { }; };"));
	ovl_node *gone = at(tree, "/gone");

	ok0(ovl_overlay_remove(tree, id, 0));
	null_int(ovl_bus_unpopulate(NULL, node), "bus");
	null_int(ovl_bus_unpopulate(bus, NULL), "node");
	ok_error(ovl_bus_unpopulate(bus, gone), -ENODEV, "/gone is not in the tree any more");
	ok_int(ovl_bus_populate(bus, gone), -ENODEV);
	ovl_node_put(gone);
}

TEST("K3 ovl_bus_device")
{
	ovl_node *root = at(tree, "/");

	null_pointer(ovl_bus_device(NULL, node), "bus");
	null_pointer(ovl_bus_device(bus, NULL), "node");
	ok_none(ovl_bus_device(bus, root), ENOENT, "/ has no device on this bus");
	ovl_node_put(root);
}

TEST("K3 ovl_bus_next_device")
{
	ovl_device *last = NULL;

	null_pointer(ovl_bus_next_device(NULL, NULL), "bus");
	/* prev is put even so. */
	null_pointer(ovl_bus_next_device(NULL, ovl_device_get(device)), "bus");
	while ((last = ovl_bus_next_device(bus, last)))
		;
	ok_int(errno, ENOENT);
}

TEST("K3 ovl_bus_unbound")
{
	char *report;

	null_int(ovl_bus_unbound(NULL, &report), "bus");
	null_int(ovl_bus_unbound(bus, NULL), "report");
}

TEST("K3 ovl_bus_wait_idle")
{
	null_int(ovl_bus_wait_idle(NULL, 0), "bus");
	ok0(ovl_bus_wait_idle(bus, 0));
	ok0(ovl_bus_wait_idle(bus, -1));
}

TEST("K3 ovl_device_get")
{
	ok(!ovl_device_get(NULL));
	ok(ovl_device_get(device) == device);
}

TEST("K3 ovl_device_put")
{
	ovl_device_put(NULL);
	ovl_device_put(device);
}

TEST("K3 ovl_device_node")
{
	null_pointer(ovl_device_node(NULL), "device");
	ok(ovl_device_node(device) == node);
	ovl_node_put(node);
}

TEST("K3 ovl_device_parent")
{
	null_pointer(ovl_device_parent(NULL), "device");
}

TEST("K3 ovl_device_is_bound")
{
	null_int(ovl_device_is_bound(NULL), "device");
	ok_int(ovl_device_is_bound(device), 0);
}

TEST("K3 ovl_device_driver")
{
	null_pointer(ovl_device_driver(NULL), "device");
	ok_none(ovl_device_driver(device), ENOENT, "there is none");
}

TEST("K3 ovl_device_set_data")
{
	null_int(ovl_device_set_data(NULL, &bus), "device");
	ok0(ovl_device_set_data(device, &bus));
	ok0(ovl_device_set_data(device, NULL));
}

TEST("K3 ovl_device_data")
{
	null_pointer(ovl_device_data(NULL), "device");
	ok(!ovl_device_data(device));
}

TEST("K3 ovl_device_manage")
{
	destroyed = 0;
	null_int(ovl_device_manage(NULL, &bus, destroy), "device");
	ok_int(destroyed, 1);
	null_int(ovl_device_manage(device, &bus, NULL), "free");
	ok0(ovl_device_manage(device, NULL, destroy));
	ovl_device_put(device);
	ok_int(destroyed, 1);
	ovl_bus_put(bus);
	ok_int(destroyed, 2);
}

/* Both NULL arguments of a function that puts a property, and its name. */
#define changes_prop(call)                                                                 \
	do {                                                                               \
		ovl_changeset *changes = NULL;                                             \
		ovl_node *on = node;                                                       \
		const char *name = "x";                                                    \
		null_int(call, "changeset");                                               \
		changes = ovl_changeset_new(tree);                                         \
		on = NULL;                                                                 \
		null_int(call, "node");                                                    \
		on = node;                                                                 \
		name = NULL;                                                               \
		null_int(call, "name");                                                    \
		name = "\xff";                                                             \
		ok_int(call, -EINVAL);                                                     \
		ok_contains(ovl_last_error(), "name is not UTF-8");                        \
		name = "a b";                                                              \
		ok_int(call, -EINVAL);                                                     \
		ok_contains(ovl_last_error(), "cannot be called \"a b\"");                 \
		ok_int(ovl_changeset_count(changes), 0);                                   \
		ovl_changeset_put(changes);                                                \
	} while (0)

TEST("K3 ovl_changeset_new")
{
	null_pointer(ovl_changeset_new(NULL), "tree");
}

TEST("K3 ovl_changeset_get")
{
	ok(!ovl_changeset_get(NULL));
}

TEST("K3 ovl_changeset_put")
{
	ovl_changeset_put(NULL);
}

TEST("K3 ovl_changeset_create_node")
{
	ovl_changeset *changes = ovl_changeset_new(tree);
	ovl_node *made = (ovl_node *)1;

	null_int(ovl_changeset_create_node(NULL, node, "x", &made), "changeset");
	text_int(ovl_changeset_create_node(changes, node, text, &made), "name");
	ok_int(ovl_changeset_create_node(changes, node, "", &made), -EINVAL);
	ok_error(ovl_changeset_create_node(changes, node, "a/b", &made), -EINVAL,
		 "a node cannot be called \"a/b\": node name with a slash");
	ok(made == (ovl_node *)1);
	ok0(ovl_changeset_create_node(changes, node, "x", NULL));
	ovl_changeset_put(changes);
}

TEST("K3 ovl_changeset_attach_node")
{
	ovl_changeset *changes = ovl_changeset_new(tree);

	null_int(ovl_changeset_attach_node(NULL, node, node), "changeset");
	null_int(ovl_changeset_attach_node(changes, NULL, node), "parent");
	null_int(ovl_changeset_attach_node(changes, node, NULL), "node");
	ok_int(ovl_changeset_attach_node(changes, node, node), -EINVAL);
	ok_contains(ovl_last_error(), "neither made by a changeset nor detached by this one");
	ovl_changeset_put(changes);
}

TEST("K3 ovl_changeset_detach_node")
{
	ovl_changeset *changes = ovl_changeset_new(tree);

	null_int(ovl_changeset_detach_node(NULL, node), "changeset");
	null_int(ovl_changeset_detach_node(changes, NULL), "node");
	ovl_changeset_put(changes);
}

TEST("K3 ovl_changeset_add_prop")
{
	ovl_changeset *changes = ovl_changeset_new(tree);

	changes_prop(ovl_changeset_add_prop(changes, on, name, "", 0));
	null_int(ovl_changeset_add_prop(changes, node, "x", NULL, 4), "data");
	ok0(ovl_changeset_add_prop(changes, node, "x", NULL, 0));
	ovl_changeset_put(changes);
}

TEST("K3 ovl_changeset_update_prop")
{
	ovl_changeset *changes = ovl_changeset_new(tree);

	changes_prop(ovl_changeset_update_prop(changes, on, name, "", 0));
	null_int(ovl_changeset_update_prop(changes, node, "x", NULL, 4), "data");
	ovl_changeset_put(changes);
}

TEST("K3 ovl_changeset_set_prop")
{
	ovl_changeset *changes = ovl_changeset_new(tree);

	changes_prop(ovl_changeset_set_prop(changes, on, name, "", 0));
	null_int(ovl_changeset_set_prop(changes, node, "x", NULL, 4), "data");
	ovl_changeset_put(changes);
}

TEST("K3 ovl_changeset_remove_prop")
{
	changes_prop(ovl_changeset_remove_prop(changes, on, name));
}

TEST("K3 ovl_changeset_set_u32")
{
	changes_prop(ovl_changeset_set_u32(changes, on, name, 1));
}

TEST("K3 ovl_changeset_set_u64")
{
	changes_prop(ovl_changeset_set_u64(changes, on, name, 1));
}

TEST("K3 ovl_changeset_set_u32_array")
{
	ovl_changeset *changes = ovl_changeset_new(tree);
	uint32_t value = 1;

	changes_prop(ovl_changeset_set_u32_array(changes, on, name, &value, 1));
	null_int(ovl_changeset_set_u32_array(changes, node, "x", NULL, 1), "values");
	ok_int(ovl_changeset_set_u32_array(changes, node, "x", &value, -1), -EINVAL);
	ok0(ovl_changeset_set_u32_array(changes, node, "x", NULL, 0));
	ovl_changeset_put(changes);
}

TEST("K3 ovl_changeset_set_string")
{
	ovl_changeset *changes = ovl_changeset_new(tree);

	changes_prop(ovl_changeset_set_string(changes, on, name, "x"));
	text_int(ovl_changeset_set_string(changes, node, "x", text), "value");
	ovl_changeset_put(changes);
}

TEST("K3 ovl_changeset_set_strings")
{
	ovl_changeset *changes = ovl_changeset_new(tree);
	const char *values[] = {"a", NULL};

	changes_prop(ovl_changeset_set_strings(changes, on, name, values, 1));
	null_int(ovl_changeset_set_strings(changes, node, "x", NULL, 1), "values");
	null_int(ovl_changeset_set_strings(changes, node, "x", values, 2), "values[1]");
	ok_int(ovl_changeset_set_strings(changes, node, "x", values, -1), -EINVAL);
	ok0(ovl_changeset_set_strings(changes, node, "x", NULL, 0));
	ovl_changeset_put(changes);
}

TEST("K3 ovl_changeset_set_bool")
{
	changes_prop(ovl_changeset_set_bool(changes, on, name, 1));
}

TEST("K3 ovl_changeset_apply")
{
	null_int(ovl_changeset_apply(NULL), "changeset");
}

TEST("K3 ovl_changeset_revert")
{
	null_int(ovl_changeset_revert(NULL), "changeset");
}

TEST("K3 ovl_changeset_is_applied")
{
	null_int(ovl_changeset_is_applied(NULL), "changeset");
}

TEST("K3 ovl_changeset_id")
{
	null_int(ovl_changeset_id(NULL), "changeset");
}

TEST("K3 ovl_changeset_is_overlay")
{
	null_int(ovl_changeset_is_overlay(NULL), "changeset");
}

TEST("K3 ovl_changeset_name")
{
	ovl_changeset *changes = ovl_changeset_new(tree);
	char buf[8];

	null_int(ovl_changeset_name(NULL, buf, sizeof(buf)), "changeset");
	null_int(ovl_changeset_name(changes, NULL, sizeof(buf)), "buf");
	ok_int(ovl_changeset_name(changes, buf, sizeof(buf)), 0);
	ovl_changeset_put(changes);
}

TEST("K3 ovl_changeset_count")
{
	null_number(ovl_changeset_count(NULL), "changeset");
}

TEST("K3 ovl_changeset_entry")
{
	ovl_changeset *changes = ovl_changeset_new(tree);

	null_int(ovl_changeset_entry(NULL, 0, NULL, NULL, NULL, NULL), "changeset");
	ok_int(ovl_changeset_entry(changes, 0, NULL, NULL, NULL, NULL), -ENOENT);
	ok0(ovl_changeset_set_u32(changes, node, "x", 1));
	ok0(ovl_changeset_entry(changes, 0, NULL, NULL, NULL, NULL));
	ovl_changeset_put(changes);
}

static void count_destroyed(void *count)
{
	++*(int *)count;
}

static int hear_nothing(const ovl_event *event, void *user_data)
{
	(void)user_data;
	return !event;
}

TEST("K3 ovl_notifier_register")
{
	int destroyed = 0;

	null_pointer(ovl_notifier_register(NULL, 0, hear_nothing, &destroyed, count_destroyed), "tree");
	ok_int(destroyed, 1);
	null_pointer(ovl_notifier_register(tree, 0, NULL, &destroyed, count_destroyed), "callback");
	ok_int(destroyed, 2);
}

TEST("K3 ovl_notifier_unregister")
{
	ovl_notifier_unregister(NULL);
	ovl_notifier_unregister(ovl_notifier_register(tree, 0, hear_nothing, NULL, NULL));
}

TEST("K3 ovl_event_kind")
{
	null_number(ovl_event_kind(NULL), "event");
}

TEST("K3 ovl_event_id")
{
	null_int(ovl_event_id(NULL), "event");
}

TEST("K3 ovl_event_changeset")
{
	null_pointer(ovl_event_changeset(NULL), "event");
}

TEST("K3 ovl_event_node")
{
	null_pointer(ovl_event_node(NULL), "event");
}

TEST("K3 ovl_event_prop")
{
	null_pointer(ovl_event_prop(NULL), "event");
}

TEST("K3 ovl_event_before")
{
	null_pointer(ovl_event_before(NULL), "event");
}

TEST("K3 ovl_event_state_change")
{
	null_int(ovl_event_state_change(NULL), "event");
}

TEST("no function is without its test")
{
	ok_all_tested(TOP "/libovl/ovl.symbols", 50);
}

TEST("K3 whatever was refused, nothing is held but what this program holds")
{
	ovl_node_put(node);
	ovl_prop_put(prop);
	close_tree(tree);
}
