/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Provenance: each node and value says which overlay brought it. */
#include "fixtures.h"

static int of_node(ovl_tree *tree, const char *path)
{
	ovl_node *node = at(tree, path);
	int origin = ovl_node_origin(node);

	ovl_node_put(node);
	return origin;
}

static int of_value(ovl_tree *tree, const char *path, const char *name)
{
	ovl_node *node = at(tree, path);
	ovl_prop *prop = ovl_node_prop(node, name);

	ok(prop);
	int origin = ovl_prop_origin(prop);
	ovl_prop_put(prop);
	ovl_node_put(node);
	return origin;
}

TEST("O24 what is of the base, and what an overlay brought")
{
	ovl_tree *tree = board();
	int id = apply(tree, load("sensor.dtbo"));

	ok_int(of_node(tree, "/"), 0);
	ok_int(of_node(tree, "/soc/i2c"), 0);
	ok_int(of_node(tree, "/soc/i2c/sensor"), id);
	ok_int(of_node(tree, "/soc/i2c/sensor/channel"), id);
	ok_int(of_value(tree, "/soc/i2c", "compatible"), 0);
	ok_int(of_value(tree, "/soc/i2c", "clock-frequency"), id);
	ok_int(of_value(tree, "/soc/i2c", "status"), id);
	ok_int(of_value(tree, "/soc/i2c/sensor", "reg"), id);
	ok_int(of_value(tree, "/__symbols__", "clk"), 0);
	ok_int(of_value(tree, "/__symbols__", "sensor"), id);
	close_tree(tree);
}

TEST("O24 the value that is in force says whose it is, as overlays come and go")
{
	ovl_tree *tree = board();
	int first = apply(tree, OVERLAY("&i2c { clock-frequency = <1>; };"));
	int second = apply(tree, OVERLAY("&i2c { clock-frequency = <2>; };"));

	ok_int(of_value(tree, "/soc/i2c", "clock-frequency"), second);
	ok0(ovl_overlay_remove(tree, first, 0));
	ok_int(of_value(tree, "/soc/i2c", "clock-frequency"), second);
	ok0(ovl_overlay_remove(tree, second, 0));
	ok_int(of_value(tree, "/soc/i2c", "clock-frequency"), 0);
	close_tree(tree);
}

TEST("O24 a property put into another overlay's node, and a phandle that had to be given")
{
	ovl_tree *tree = board();
	int first = apply(tree, load("sensor.dtbo"));
	int second = apply(tree, OVERLAY("&sensor { mine; inner { }; }; &uart0 { ref = <&plain>; };"));

	ok_int(of_node(tree, "/soc/i2c/sensor"), first);
	ok_int(of_value(tree, "/soc/i2c/sensor", "reg"), first);
	ok_int(of_value(tree, "/soc/i2c/sensor", "mine"), second);
	ok_int(of_node(tree, "/soc/i2c/sensor/inner"), second);
	ok_int(of_value(tree, "/plain", "phandle"), second);
	close_tree(tree);
}

TEST("O24 what is held of a removed overlay still says whose it was")
{
	ovl_tree *tree = board();
	int id = apply(tree, load("sensor.dtbo"));
	ovl_node *node = at(tree, "/soc/i2c/sensor");
	ovl_prop *prop = ovl_node_prop(node, "reg");

	ok0(ovl_overlay_remove(tree, id, 0));
	ok_int(ovl_node_origin(node), id);
	ok_int(ovl_prop_origin(prop), id);
	ovl_prop_put(prop);
	ovl_node_put(node);
	close_tree(tree);
}

TEST("O24 in every mode")
{
	static const uint32_t modes[] = {OVL_APPLY_LINUX, OVL_APPLY_LIBFDT};

	for (int i = 0; i < 2; i++) {
		ovl_tree *tree = board();
		int id;

		ok0(apply_with(tree, load("sensor.dtbo"), modes[i], NULL, &id));
		ok_int(of_node(tree, "/soc/i2c/sensor"), id);
		ok_int(of_value(tree, "/soc/i2c", "status"), id);
		ok_int(of_value(tree, "/soc/i2c", "compatible"), 0);
		close_tree(tree);
	}
}
