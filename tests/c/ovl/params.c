/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Parameters, as dtc lays them out: listed, set, and the result applied like any overlay. */
#include "fixtures.h"

static struct blob *set(const struct blob *blob, const char *const *settings, size_t count)
{
	void *fdt;
	size_t size;

	ok0(ovl_fdt_set_params(blob->data, blob->size, "hat", settings, count, &fdt, &size));
	struct blob *new = copy_blob(fdt, size);
	ovl_free(fdt);
	return new;
}

#define SET(blob, ...) set(blob, (const char *[]){__VA_ARGS__}, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *))

static void refused(const char *setting, int error, const char *sentence)
{
	const struct blob *blob = load("params.dtbo");
	void *fdt = (void *)1;
	size_t size;

	ok_error(ovl_fdt_set_params(blob->data, blob->size, "hat", &setting, 1, &fdt, &size), error, sentence);
	ok(fdt == (void *)1);
}

TEST("O29 parameters of an overlay are listed with kind, offset, node, property and rule")
{
	const struct blob *blob = load("params.dtbo");
	char *list;

	ok_int(ovl_fdt_params(blob->data, blob->size, NULL, &list), 11);
	ok_str(list, "rtc\tfragments\t\t/\t+1\t\n"
		     "addr\tu32\t0\t/fragment@1/__dormant__/rtc@68\treg\t\n"
		     "mac\tbytes\t\t/fragment@1/__dormant__/rtc@68\tmac\t\n"
		     "bus\tu32\t0\t/fragment@0\ttarget\t{i2c=&i2c,soc=&soc}\n"
		     "pin\tu32\t4\t/fragment@2/__overlay__/button\tgpios\t\n"
		     "pin\tu8\t1\t/fragment@2/__overlay__/button\tdebounce\t\n"
		     "label\tstring\t\t/fragment@2/__overlay__/button\tlabel\t{p=power,r=reset,='user defined'}\n"
		     "internal\tu32\t0\t/fragment@2/__overlay__/button\tgpios\t=&{/fragment@1/__dormant__/rtc@68}\n"
		     "internal\tu32\t4\t/fragment@2/__overlay__/button\tgpios\t=0\n"
		     "wakeup\tbool\t\t/fragment@2/__overlay__/button\twakeup-source\t\n"
		     "wakeup\tinverted\t\t/fragment@2/__overlay__/button\tquiet\t\n");
	ovl_free(list);
	ok_int(ovl_fdt_params(blob->data, blob->size, "hat", NULL), 11);
	blob = load("board.dtb");
	ok_int(ovl_fdt_params(blob->data, blob->size, NULL, &list), 0);
	ok_str(list, "");
	ovl_free(list);
}

TEST("O14 O29 an overlay with its parameters set is applied and removed like any other")
{
	ovl_tree *tree = board();
	struct blob *before = flatten(tree);
	int id = apply(tree, SET(load("params.dtbo"), "rtc", "addr=0x51", "mac=b8:27:eb", "pin=17", "label=r", "wakeup=on"));
	char path[64];

	ovl_node *bus = ovl_node_by_label(tree, "i2c");
	ovl_node *clock = ovl_node_child(bus, "rtc@51"), *button = at(tree, "/button");
	uint32_t reg, gpios[2];
	char label[16];

	ok(clock);
	ok0(ovl_node_read_u32(clock, "reg", &reg));
	ok_int(reg, 0x51);
	ok0(ovl_node_read_u32_array(button, "gpios", gpios, 2));
	ok_int(gpios[1], 17);
	ok(ovl_node_read_string(button, "label", 0, label, sizeof(label)) >= 0);
	ok_str(label, "reset");
	ok_int(ovl_node_read_bool(button, "wakeup-source"), 1);
	ok_int(ovl_node_read_bool(button, "quiet"), 0);
	ok(ovl_node_path(clock, path, sizeof(path)) > 0);
	ok_contains(path, "/rtc@51");
	ovl_node_put(bus);
	ovl_node_put(clock);
	ovl_node_put(button);
	ok0(ovl_overlay_remove(tree, id, 0));
	ok_same(tree, before);
	close_tree(tree);
}

TEST("O29 labels are the overlay's own, so that it can be applied twice with two addresses")
{
	ovl_tree *tree = board();
	const struct blob *hat = BY_HAND(
		"fragment@0 { target-path = \"/soc\"; __overlay__ { rtc@68 { reg = <0x68>; phandle = <1>; }; }; };"
		"__symbols__ { clock = \"/fragment@0/__overlay__/rtc@68\"; };"
		"__overrides__ { addr = <1>, \"reg:0\"; };");

	apply(tree, SET(hat, "addr=0x50"));
	apply(tree, SET(hat, "addr=0x51"));
	ok(is_there(tree, "/soc/rtc@50") && is_there(tree, "/soc/rtc@51"));
	close_tree(tree);
}

TEST("O29 a target comes from a table of labels, and nothing is left of what is not enabled")
{
	ovl_tree *tree = board();

	apply(tree, SET(load("params.dtbo"), "bus=soc"));
	ok(!is_there(tree, "/soc/rtc@68"));
	ok(is_there(tree, "/button"));
	ovl_node *soc = at(tree, "/soc");
	ok_int(ovl_node_read_bool(soc, "status"), 1);
	ovl_node_put(soc);
	close_tree(tree);
}

TEST("O29 parameters of a base")
{
	const struct blob *base = TREE("/ { aliases { uart = &u; }; u: uart@9 { status = \"disabled\"; reg = <9>; };"
				       "__overrides__ { uart = <&u>, \"status\"; at = <&u>, \"reg:0\"; }; };");
	ovl_tree *tree = tree_of(SET(base, "uart=on", "at=0xa"));

	ok(is_there(tree, "/uart@a"));
	ok(is_there(tree, "uart"));
	ovl_node *uart = at(tree, "uart");
	ok_int(ovl_node_is_available(uart), 1);
	ovl_node_put(uart);
	close_tree(tree);
}

TEST("O29 errors name overlay, parameter, node, property, and what was expected")
{
	refused("speed=1", -ENOENT, "overlay hat: no parameter \"speed\" among rtc, addr, mac, bus, pin, label, internal, wakeup");
	refused("pin=x", -EINVAL,
		"overlay hat: parameter \"pin\": /fragment@2/__overlay__/button: property \"gpios\": \"x\" is not a number "
		"(decimal, or hexadecimal with 0x), y, yes, on, true, n, no, off, false, up or down");
	refused("pin=256", -EOVERFLOW,
		"overlay hat: parameter \"pin\": /fragment@2/__overlay__/button: property \"debounce\": 256 does not fit 8 bits");
	refused("bus=spi", -EINVAL,
		"overlay hat: parameter \"bus\": /fragment@0: property \"target\": \"spi\" is not in its table, which has i2c, soc");
	refused("mac=x", -EINVAL,
		"overlay hat: parameter \"mac\": /fragment@1/__dormant__/rtc@68: property \"mac\": \"x\" is not bytes of two "
		"hexadecimal digits each, with or without colons between them");
}
