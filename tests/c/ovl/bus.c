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
	ok_happened("?later !broken !odd");
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

/* A device that needs another one, in one overlay. */
#define PAIR "&{/soc} {"                                                                   \
	     "	user { compatible = \"d\"; clocks = <&clock>; };"                           \
	     "	clock: clock { compatible = \"d\"; #clock-cells = <0>; }; };"

TEST("O25 an overlay brings devices, and takes them away, consumers first")
{
	struct driver driver = {0};
	ovl_tree *tree = tree_of(TREE("/ { soc { a { compatible = \"d\"; }; }; };"));
	struct blob *pair = OVERLAY(PAIR);
	ovl_bus *bus = bus_with(tree, "d", &driver);

	ok0(populate(bus, tree, "/"));
	ok_happened("+a");
	int id = apply(tree, pair);
	ok_happened("+clock +user");
	ok0(ovl_overlay_remove(tree, id, 0));
	ok_happened("-user -clock");
	ok0(ovl_tree_wait_released(tree, id, 0));
	ok0(unpopulate(bus, tree, "/soc"));
	ok_happened("-a");
	id = apply(tree, pair);
	ok_happened("");
	ok0(populate(bus, tree, "/soc"));
	ok_happened("+a +clock +user");
	ovl_bus_put(bus);
	ok_happened("-user -clock -a");
	ok0(ovl_overlay_remove(tree, id, 0));
	close_tree(tree);
}

TEST("O25 a status that becomes okay makes devices, and another one takes them away")
{
	struct driver driver = {0};
	ovl_tree *tree = tree_of(TREE("/ { a { compatible = \"d\"; status = \"disabled\"; b { compatible = \"d\"; }; }; };"));
	ovl_bus *bus = bus_with(tree, "d", &driver);

	ok0(populate(bus, tree, "/"));
	int id = apply(tree, OVERLAY("&{/a} { status = \"okay\"; };"));
	ok_happened("+a +b");
	int off = apply(tree, OVERLAY("&{/a/b} { status = \"fail\"; };"));
	ok_happened("-b");
	ok0(ovl_overlay_remove(tree, off, 0));
	ok_happened("+b");
	ok0(ovl_overlay_remove(tree, id, 0));
	ok_happened("-b -a");
	ovl_bus_put(bus);
	close_tree(tree);
}

static int keeps(ovl_device *device, void *user_data)
{
	(void)device;
	return ((struct driver *)user_data)->returns;
}

TEST("O20 O25 a driver may keep the overlay that has its device")
{
	struct ovl_driver_ops keeping = ops;
	struct driver driver = {0};
	ovl_tree *tree = tree_of(TREE("/ { soc { }; };"));
	ovl_bus *bus = ovl_bus_new(tree);

	keeping.can_remove = keeps;
	ok0(ovl_bus_add_driver(bus, "d", &keeping, &driver));
	ok0(populate(bus, tree, "/"));
	int id = apply(tree, OVERLAY(PAIR));
	ok_happened("+clock +user");
	driver.returns = -EPERM;
	ok_int(ovl_overlay_remove(tree, id, 0), -EPERM);
	ok_contains(ovl_last_error(), "the driver (d) of device /soc/");
	ok_contains(ovl_last_error(), " keeps it: Operation not permitted");
	ok_happened("");
	driver.returns = 0;
	ok0(ovl_overlay_remove(tree, id, 0));
	ok_happened("-user -clock");
	ovl_bus_put(bus);
	close_tree(tree);
}

/* The PCI card: its driver brings the card's own devicetree and takes it away again. */
static struct blob *card_tree;
static int card_id;

static int is_card(ovl_node *node)
{
	return !strcmp(ovl_node_name(node), "card@0");
}

static void bring(ovl_device *device)
{
	ovl_node *node = ovl_device_node(device);
	struct ovl_apply_options options = {.size = sizeof(options), .base = node};

	if (is_card(node))
		ok0(ovl_overlay_apply(the_tree, card_tree->data, card_tree->size, &options, &card_id));
	ovl_node_put(node);
}

static void take_away(ovl_device *device)
{
	ovl_node *node = ovl_device_node(device);

	if (is_card(node))
		ok0(ovl_overlay_remove(the_tree, card_id, 0));
	ovl_node_put(node);
}

TEST("O22 O25 a driver's probe applies an overlay at its own node, and its remove takes it out")
{
	struct driver driver = {.probing = bring, .removing = take_away};

	card_tree = OVERLAY("/ { fragment@0 { target-path = \"\"; __overlay__ {"
			    " i2c@0 { compatible = \"d\"; sensor@48 { compatible = \"d\"; }; }; }; }; };");
	the_tree = tree_of(TREE("/ { pci { }; };"));
	struct blob *before = flatten(the_tree), *card = OVERLAY("&{/pci} { card@0 { compatible = \"d\"; }; };");
	ovl_bus *bus = bus_with(the_tree, "d", &driver);
	ok0(populate(bus, the_tree, "/"));
	for (int round = 0; round < 20; round++) {
		int id = apply(the_tree, card);
		ok_happened("+card@0 +i2c@0 +sensor@48");
		ok0(ovl_overlay_remove(the_tree, id, 0));
		ok_happened("-sensor@48 -i2c@0 -card@0");
		ok0(ovl_tree_wait_released(the_tree, 0, 0));
	}
	ok_same(the_tree, before);
	ovl_bus_put(bus);
	close_tree(the_tree);
}

/* What it was told that should never be said. */
static int warnings;

static void warned(int level, const char *message, void *user_data)
{
	(void)user_data;
	warnings++;
	printf("# %d: %s\n", level, message);
}

enum { MOVES = 10000 };
static ovl_device *leaked[MOVES];
static int leaks;

static void leak(ovl_device *device)
{
	ok0(ovl_set_tag("leaky"));
	leaked[leaks++] = ovl_device_get(device);
	ok0(ovl_set_tag(NULL));
}

TEST("O18 O25 K6 a subtree that comes and goes while a driver leaks: no rename, no warning, nothing twice, the leak named")
{
	struct driver driver = {.probing = leak};
	char want[128];
	int id = 0;

	ok0(ovl_set_tracking(1));
	ok0(ovl_set_log_callback(warned, NULL, NULL));
	ovl_tree *tree = tree_of(TREE("/ { vdevice { }; };"));
	struct blob *before = flatten(tree), *partition = OVERLAY("&{/vdevice} { vty@30 { compatible = \"d\"; }; };"), *after = NULL;
	ovl_bus *bus = bus_with(tree, "d", &driver);
	ok0(populate(bus, tree, "/"));
	for (int move = 0; move < MOVES; move++) {
		id = apply(tree, partition);
		ok_happened("+vty@30");
		if (move % 1000 == 0) {
			after = after ? after : flatten(tree);
			ok_same(tree, after);
		}
		ok0(ovl_overlay_remove(tree, id, 0));
		ok_happened("-vty@30");
	}
	ok_same(tree, before);
	ok_int(leaks, MOVES);
	ok_int(ovl_tree_wait_released(tree, id, 0), -ETIMEDOUT);
	snprintf(want, sizeof(want), "still held:\noverlay %d: device /vdevice/vty@30: 1 reference (leaky, thread ", id);
	ok_contains(ovl_last_error(), want);
	while (leaks)
		ovl_device_put(leaked[--leaks]);
	ok0(ovl_tree_wait_released(tree, 0, 0));
	ovl_bus_put(bus);
	close_tree(tree);
	ok_int(warnings, 0);
	ok0(ovl_set_log_callback(NULL, NULL, NULL));
	ok0(ovl_set_tracking(0));
}

/* From several threads: one populates, one applies and removes, one looks at devices. */
enum { ROUNDS = 200 };

static int probe_quietly(ovl_device *device, void *user_data)
{
	(void)user_data;
	return ovl_device_set_data(device, device);
}

static void remove_quietly(ovl_device *device, void *user_data)
{
	(void)user_data;
	ok(ovl_device_data(device) == device);
}

static struct blob *pair_of_threads;

static void *comes_and_goes(void *unused)
{
	for (int round = 0; round < ROUNDS && !tap_failed; round++) {
		int id;

		ok0(ovl_overlay_apply(the_tree, pair_of_threads->data, pair_of_threads->size, NULL, &id));
		ok0(ovl_overlay_remove(the_tree, id, 0));
	}
	return unused;
}

static void *populates(void *unused)
{
	for (int round = 0; round < ROUNDS && !tap_failed; round++) {
		ok0(populate(the_bus, the_tree, "/"));
		ok0(unpopulate(the_bus, the_tree, round % 2 ? "/soc" : "/"));
	}
	return unused;
}

static void *looks(void *unused)
{
	for (int round = 0; round < ROUNDS && !tap_failed; round++) {
		ovl_device *device = NULL;
		char *report;

		while ((device = ovl_bus_next_device(the_bus, device))) {
			ovl_node *node = ovl_device_node(device);
			ok(ovl_node_name(node) && ovl_device_is_bound(device) >= 0);
			ovl_node_put(node);
			ovl_device_put(ovl_device_parent(device));
		}
		ok(ovl_bus_unbound(the_bus, &report) >= 0);
		ovl_free(report);
		ok(ovl_tree_holders(the_tree, &report) >= 0);
		ovl_free(report);
	}
	return unused;
}

TEST("O22 O25 devices come and go on several threads")
{
	static const struct ovl_driver_ops quiet = {.size = sizeof(quiet), .probe = probe_quietly, .remove = remove_quietly};
	void *(*const bodies[])(void *) = {comes_and_goes, populates, looks};
	pthread_t threads[3];

	pair_of_threads = OVERLAY(PAIR);
	the_tree = tree_of(TREE("/ { soc { a { compatible = \"d\"; b { compatible = \"d\"; }; }; }; c { compatible = \"d\"; }; };"));
	the_bus = ovl_bus_new(the_tree);
	ok0(ovl_bus_add_driver(the_bus, "d", &quiet, NULL));
	for (int i = 0; i < 3; i++)
		ok0(pthread_create(&threads[i], NULL, bodies[i], NULL));
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	ok0(populate(the_bus, the_tree, "/"));
	ok0(ovl_bus_wait_idle(the_bus, 10000));
	ovl_device *device = NULL;
	int devices = 0;
	while ((device = ovl_bus_next_device(the_bus, device)))
		devices += ovl_device_is_bound(device);
	ok_int(devices, 3);
	ovl_bus_put(the_bus);
	close_tree(the_tree);
}
