/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Devices: drivers probe and remove them in an order that holds, and whoever holds one is never left with nothing. */
#include "fixtures.h"

#include <pthread.h>

/* What happened, in order: +name a probe that took the device, ?name a deferred one, !name a failed one, -name a remove. */
static char happened[4096];

static void say(char what, ovl_device *device)
{
	ovl_node *node = ovl_device_node(device);
	size_t used = strlen(happened);

	snprintf(happened + used, sizeof(happened) - used, "%s%c%s", used ? " " : "", what, ovl_node_name(node));
	ovl_node_put(node);
}

#define ok_happened(want)                                                                  \
	do {                                                                               \
		ok_str(happened, want);                                                    \
		happened[0] = '\0';                                                        \
	} while (0)

/* A driver: what its probe returns, and what it does meanwhile. */
struct driver {
	int returns, destroyed;
	void (*probing)(ovl_device *), (*removing)(ovl_device *);
};

static int probe(ovl_device *device, void *user_data)
{
	struct driver *driver = user_data;

	if (driver->probing)
		driver->probing(device);
	say(driver->returns == 0 ? '+' : driver->returns == OVL_PROBE_DEFER ? '?' : '!', device);
	return driver->returns;
}

static void removed(ovl_device *device, void *user_data)
{
	struct driver *driver = user_data;

	say('-', device);
	ok_int(ovl_device_is_bound(device), 1);
	if (driver->removing)
		driver->removing(device);
}

static void destroy(void *user_data)
{
	((struct driver *)user_data)->destroyed++;
}

static const struct ovl_driver_ops ops = {
	.size = sizeof(ops), .probe = probe, .remove = removed, .destroy = destroy,
};

static ovl_bus *bus_with(ovl_tree *tree, const char *compatible, struct driver *driver)
{
	ovl_bus *bus = ovl_bus_new(tree);

	ok(bus);
	ok0(ovl_bus_add_driver(bus, compatible, &ops, driver));
	return bus;
}

static int populate(ovl_bus *bus, ovl_tree *tree, const char *path)
{
	ovl_node *node = at(tree, path);
	int result = ovl_bus_populate(bus, node);

	ovl_node_put(node);
	return result;
}

static int unpopulate(ovl_bus *bus, ovl_tree *tree, const char *path)
{
	ovl_node *node = at(tree, path);
	int result = ovl_bus_unpopulate(bus, node);

	ovl_node_put(node);
	return result;
}

static ovl_device *device_of(ovl_bus *bus, ovl_tree *tree, const char *path)
{
	ovl_node *node = at(tree, path);
	ovl_device *device = ovl_bus_device(bus, node);

	ovl_node_put(node);
	return device;
}

static void ok_unbound(ovl_bus *bus, int lines, const char *want)
{
	char *report;

	ok_int(ovl_bus_unbound(bus, &report), lines);
	ok_str(report, want);
	ovl_free(report);
}

TEST("O25 suppliers are probed before their consumers, and removed after them")
{
	struct driver driver = {0};
	ovl_tree *tree = tree_of(TREE("/ {"
		"uart { compatible = \"d\"; clocks = <&clock 3>; vdd-supply = <&ldo>; };"
		"pmic { compatible = \"d\"; interrupts-extended = <&intc 1>; ldo: ldo { }; };"
		"clock: clock { compatible = \"d\"; #clock-cells = <1>; };"
		"intc: intc { compatible = \"e\", \"D\"; #interrupt-cells = <1>; };"
		"off { compatible = \"d\"; status = \"disabled\"; }; };"));
	ovl_bus *bus = bus_with(tree, "d", &driver);

	ok0(populate(bus, tree, "/"));
	ok_happened("+clock +intc +pmic +uart");
	ovl_device *intc = device_of(bus, tree, "/intc");
	ok_str(ovl_device_driver(intc), "d");
	ok_none(device_of(bus, tree, "/off"), ENOENT, "/off has no device on this bus");
	ok_int(driver.destroyed, 0);
	ovl_bus_put(bus);
	ok_happened("-uart -pmic -intc -clock");
	ok_int(driver.destroyed, 1);
	ok_int(ovl_device_is_bound(intc), 0);
	ok_str(ovl_device_driver(intc), "d");
	ovl_device_put(intc);
	close_tree(tree);
}

TEST("O25 devices in a circle, and those that refer to what cannot come, are probed all the same")
{
	struct driver driver = {0};
	ovl_tree *tree = tree_of(TREE("/ {"
		"a: a { compatible = \"d\"; #clock-cells = <0>; clocks = <&b>; };"
		"b: b { compatible = \"d\"; #clock-cells = <0>; clocks = <&a>; };"
		"c { compatible = \"d\"; clocks = <&none>, <&off>; child { compatible = \"d\"; }; };"
		"none: none { compatible = \"nobody\"; #clock-cells = <0>; };"
		"off: off { compatible = \"d\"; status = \"disabled\"; #clock-cells = <0>; }; };"));
	ovl_bus *bus = bus_with(tree, "d", &driver);

	ok0(populate(bus, tree, "/"));
	ok_happened("+c +child +a +b");
	ovl_device *child = device_of(bus, tree, "/c/child"), *parent = ovl_device_parent(child);
	ovl_node *node = ovl_device_node(parent);
	ok_str(ovl_node_name(node), "c");
	ok_none(ovl_device_parent(parent), ENOENT, "there is none");
	ovl_node_put(node);
	ovl_device_put(parent);
	ovl_device_put(child);
	ok0(unpopulate(bus, tree, "/c"));
	ok_happened("-child");
	ovl_bus_put(bus);
	ok_happened("-b -a -c");
	close_tree(tree);
}

static void count(void *counter)
{
	++*(int *)counter;
}

static int freed;

static void bind_something(ovl_device *device)
{
	ok0(ovl_device_manage(device, &freed, count));
}

TEST("O25 a deferred probe is tried again when another device was bound, and says what is missing")
{
	struct driver later = {.returns = OVL_PROBE_DEFER, .probing = bind_something}, broken = {.returns = -EIO}, odd = {.returns = 7},
		      driver = {0};
	ovl_tree *tree = tree_of(TREE("/ {"
		"later { compatible = \"later\"; clocks = <&clock>; };"
		"broken { compatible = \"broken\"; inner { compatible = \"d\"; }; };"
		"odd { compatible = \"odd\"; };"
		"clock: clock { compatible = \"c\"; #clock-cells = <0>; }; };"));
	ovl_bus *bus = bus_with(tree, "later", &later);

	ok0(ovl_bus_add_driver(bus, "broken", &ops, &broken));
	ok0(ovl_bus_add_driver(bus, "odd", &ops, &odd));
	ok0(ovl_bus_add_driver(bus, "d", &ops, &driver));
	ok0(populate(bus, tree, "/"));
	ok_happened("!broken !odd ?later");
	ok_int(freed, 1);
	ok_unbound(bus, 4,
		   "/later (later): deferred by its driver; \"clocks\" refers to /clock, which has no driver\n"
		   "/broken (broken): failed to probe: Input/output error (os error 5)\n"
		   "/broken/inner (d): waits for /broken, which failed to probe: Input/output error (os error 5)\n"
		   "/odd (odd): failed to probe: Invalid argument (os error 22)\n");
	later.returns = 0;
	ok0(ovl_bus_add_driver(bus, "c", &ops, &driver));
	ok_happened("+clock +later");
	ok0(ovl_bus_remove_driver(bus, "broken"));
	ok_happened("+inner");
	ok0(ovl_bus_remove_driver(bus, "odd"));
	ok_unbound(bus, 0, "");
	ovl_bus_put(bus);
	ok_happened("-inner -later -clock");
	ok_int(freed, 2);
	ok_int(driver.destroyed, 2);
	close_tree(tree);
}

/* Resources say in which order they are freed. */
static void freed_letter(void *letter)
{
	strncat(happened, letter, sizeof(happened) - strlen(happened) - 1);
}

static void of_a_released_device(void *device)
{
	/* K1: there is none left to get. K2: the library may be called. */
	ok_errno(ovl_device_get(device), ENODEV);
	ovl_node *node = ovl_device_node(device);
	ok_str(ovl_node_name(node), "a");
	ovl_node_put(node);
}

TEST("K1 K2 K8 O25 a device that is held stays readable, and its release comes with the last put")
{
	struct driver driver = {0};
	ovl_tree *tree = tree_of(TREE("/ { a { compatible = \"d\"; number = <7>; }; };"));
	ovl_bus *bus = bus_with(tree, "d", &driver);

	ok0(populate(bus, tree, "/"));
	ovl_device *device = device_of(bus, tree, "/a");
	ok0(ovl_device_manage(device, "a", freed_letter));
	ok0(ovl_device_manage(device, device, of_a_released_device));
	ok0(ovl_device_manage(device, "b", freed_letter));
	ok0(ovl_device_set_data(device, &driver));
	ovl_bus_put(bus);
	ovl_tree_put(tree);
	ok_happened("+a -a");

	ovl_node *node = ovl_device_node(device);
	uint32_t number;
	ok0(ovl_node_read_u32(node, "number", &number));
	ok_int(number, 7);
	ovl_node_put(node);
	ok(ovl_device_data(device) == &driver);
	ok_int(ovl_device_is_bound(device), 0);
	ovl_device_put(device);
	ok_happened("ba");
}

/* What a callback works on. */
static ovl_tree *the_tree;
static ovl_bus *the_bus;

static void end_the_bus(ovl_device *device)
{
	(void)device;
	ok_int(ovl_bus_wait_idle(the_bus, -1), -EDEADLK);
	ovl_bus_put(the_bus);
}

TEST("K5 O25 the last reference to a bus is put by a probe")
{
	struct driver driver = {.probing = end_the_bus};

	the_tree = tree_of(TREE("/ { a { compatible = \"d\"; }; b { compatible = \"d\"; }; };"));
	the_bus = bus_with(the_tree, "d", &driver);
	ok0(populate(the_bus, the_tree, "/"));
	ok_happened("+a -a");
	ok_int(driver.destroyed, 1);
	close_tree(the_tree);
}

static void end_the_bus_in_remove(ovl_device *device)
{
	(void)device;
	ovl_bus_put(the_bus);
	the_bus = NULL;
}

TEST("K5 O25 the last reference to a bus is put by a remove")
{
	struct driver driver = {.removing = end_the_bus_in_remove};

	the_tree = tree_of(TREE("/ { a { compatible = \"d\"; }; b { b { compatible = \"d\"; }; }; };"));
	the_bus = bus_with(the_tree, "d", &driver);
	ok0(populate(the_bus, the_tree, "/"));
	driver.removing = NULL;
	ok0(unpopulate(the_bus, the_tree, "/"));
	ok0(populate(the_bus, the_tree, "/"));
	ok_happened("+a +b -b -a +a +b");
	driver.removing = end_the_bus_in_remove;
	ok0(unpopulate(the_bus, the_tree, "/b"));
	ok_int(driver.destroyed, 1);
	ok_happened("-b -a");
	close_tree(the_tree);
}
