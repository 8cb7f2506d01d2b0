/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The stories that this library was made for, each as one readable test: what programs that change a devicetree while it is in use
 * could not have before.
 */
#include "fixtures.h"

#define BUS "/soc/i2c@b000"

/* A listener that does something with each event, and counts its calls and its end. */
struct listener {
	ovl_tree *tree;
	int (*hear)(struct listener *, const ovl_event *);
	int calls, destroyed, id;
	ovl_changeset *kept;
};

static int call(const ovl_event *event, void *user_data)
{
	struct listener *listener = user_data;

	listener->calls++;
	return listener->hear(listener, event);
}

static void destroy(void *user_data)
{
	((struct listener *)user_data)->destroyed++;
}

static ovl_notifier *listen(struct listener *listener)
{
	ovl_notifier *notifier = ovl_notifier_register(listener->tree, 0, call, listener, destroy);

	ok(notifier);
	return notifier;
}

static struct blob *node_below_bus(const char *node)
{
	char source[1024];

	snprintf(source, sizeof(source), "/dts-v1/; /plugin/; &{" BUS "} { %s };", node);
	return compile(source, "-@");
}

/* The blob that an overlay came in belongs to the library, and goes with the last one who holds anything of it. */
TEST("O5 O18 story: the overlay's memory is owned, freed completely and never early")
{
	ovl_tree *tree = board();
	struct blob *before = flatten(tree), *overlay = node_below_bus("card { compatible = \"acme,card\"; };");
	char *mine = malloc(overlay->size);
	ovl_node *card;
	int id = 0;

	memcpy(mine, overlay->data, overlay->size);
	ok0(ovl_overlay_apply(tree, mine, overlay->size, NULL, &id));
	/* The caller's buffer is the caller's again at once. */
	memset(mine, 0xff, overlay->size);
	free(mine);
	card = at(tree, BUS "/card");
	ok0(ovl_overlay_remove(tree, id, 0));
	ok_int(ovl_node_is_compatible(card, "acme,card"), 1);
	ok_int(ovl_tree_wait_released(tree, id, 0), -ETIMEDOUT);
	ovl_node_put(card);
	ok0(ovl_tree_wait_released(tree, id, 0));
	ok_same(tree, before);
	close_tree(tree);
}

static int keep_changeset(struct listener *listener, const ovl_event *event)
{
	if (ovl_event_kind(event) == OVL_EVENT_POST_REMOVE)
		listener->kept = ovl_event_changeset(event);
	return 0;
}

/* What a listener keeps of an event cannot dangle: it is a view that holds what it shows. */
TEST("O20 story: a listener keeps the changeset of an overlay that is long gone")
{
	struct listener listener = {.tree = board(), .hear = keep_changeset};
	ovl_notifier *notifier = listen(&listener);
	int id = apply(listener.tree, node_below_bus("card { compatible = \"acme,card\"; };"));
	uint32_t action = 0;
	ovl_node *node;
	ovl_prop *now, *before;
	char path[64];

	ok0(ovl_overlay_remove(listener.tree, id, 0));
	ovl_notifier_unregister(notifier);
	ok_int(listener.destroyed, 1);
	ovl_tree_put(listener.tree);

	ok_int(ovl_changeset_id(listener.kept), id);
	ok_int(ovl_changeset_is_overlay(listener.kept), 1);
	for (unsigned i = 0; i < ovl_changeset_count(listener.kept) && action != OVL_ACTION_ATTACH; i++) {
		ok0(ovl_changeset_entry(listener.kept, i, &action, &node, &now, &before));
		ovl_prop_put(now);
		ovl_prop_put(before);
		if (action != OVL_ACTION_ATTACH)
			ovl_node_put(node);
	}
	ok_int(action, OVL_ACTION_ATTACH);
	ok_int(ovl_node_path(node, path, sizeof(path)), strlen(BUS "/card"));
	ok_str(path, BUS "/card");
	ovl_node_put(node);
	ok_int(ovl_changeset_revert(listener.kept), -EINVAL);
	ovl_changeset_put(listener.kept);
}

/* A value that was replaced stays for who holds it, and is freed with the last of them: nothing gathers. */
TEST("O19 story: replaced properties are freed")
{
	ovl_tree *tree = board();
	ovl_node *node = at(tree, BUS);
	ovl_prop *old = NULL, *replaced;
	char *held;
	size_t len;

	for (uint32_t i = 0; i < 1000; i++) {
		ovl_changeset *changes = ovl_changeset_new(tree);

		ok0(ovl_changeset_set_u32(changes, node, "count", i));
		ok0(ovl_changeset_apply(changes));
		/* With the last reference, what it did stays for good. */
		ovl_changeset_put(changes);
		if (i == 500)
			old = ovl_node_prop(node, "count");
	}
	ok_int(cell(tree, BUS, "count"), 999);
	ok(!memcmp(ovl_prop_data(old, &len), "\0\0\1\364", 4));
	replaced = ovl_node_prop(node, "count");
	ok(replaced && replaced != old);
	/* The node, the value in force, and the one that was replaced: nobody else is left. */
	ok_int(ovl_tree_holders(tree, &held), 3);
	ovl_free(held);
	ovl_prop_put(replaced);
	ovl_prop_put(old);
	ovl_node_put(node);
	close_tree(tree);
}

/* A part of the machine goes and comes back, while a driver never lets go of what it held of the old one. */
TEST("O18 story: a node is added again while references to the old one leak")
{
	enum { TIMES = 1000 };
	static ovl_node *leaked[TIMES];
	ovl_tree *tree = board();
	ovl_node *soc = at(tree, "/soc"), *found;
	char path[64];

	for (int i = 0; i < TIMES; i++) {
		ovl_changeset *changes = ovl_changeset_new(tree);

		ok0(ovl_changeset_create_node(changes, soc, "cpu@1", &leaked[i]));
		ok0(ovl_changeset_set_u32(changes, leaked[i], "reg", i));
		ok0(ovl_changeset_apply(changes));
		found = at(tree, "/soc/cpu@1");
		ok(found == leaked[i]);
		ovl_node_put(found);
		ok0(ovl_changeset_revert(changes));
		ovl_changeset_put(changes);
		ok(!is_there(tree, "/soc/cpu@1"));
	}
	for (int i = 0; i < TIMES; i++) {
		uint32_t reg = 0;

		/* No rename, no warning, no duplicate, and each is still what it was. */
		ok_int(ovl_node_is_attached(leaked[i]), 0);
		ok_int(ovl_node_path(leaked[i], path, sizeof(path)), strlen("/soc/cpu@1"));
		ok0(ovl_node_read_u32(leaked[i], "reg", &reg));
		ok_int(reg, i);
		ovl_node_put(leaked[i]);
	}
	ovl_node_put(soc);
	close_tree(tree);
}

static int note_removal(struct listener *listener, const ovl_event *event)
{
	if (ovl_event_kind(event) == OVL_EVENT_PRE_REMOVE)
		listener->id = ovl_event_id(event);
	return 0;
}

/* Removing never waits; who needs to know when the memory is free waits for that, and is told who still holds it. */
TEST("O17 story: removal, and releases that are deferred")
{
	struct listener listener = {.tree = board(), .hear = note_removal};
	ovl_notifier *notifier = listen(&listener);
	int id = apply(listener.tree, node_below_bus("card { };"));
	ovl_node *card;

	ok0(ovl_set_tracking(1));
	ok0(ovl_set_tag("the card's driver"));
	card = at(listener.tree, BUS "/card");
	ok0(ovl_set_tag(NULL));
	ok0(ovl_overlay_remove(listener.tree, id, 0));
	ok_int(listener.id, id);
	ok_int(ovl_tree_wait_released(listener.tree, id, 10), -ETIMEDOUT);
	ok_contains(ovl_last_error(), "the card's driver");
	ovl_node_put(card);
	ok0(ovl_tree_wait_released(listener.tree, id, 10));
	ok0(ovl_set_tracking(0));
	ovl_notifier_unregister(notifier);
	ok_int(listener.destroyed, 1);
	close_tree(listener.tree);
}

/* The driver of a card: its probe applies an overlay at the card's own node, its remove takes it out. */
static int drive_card(struct listener *driver, const ovl_event *event)
{
	ovl_node *node = ovl_event_node(event);
	int result = 0, is_card = node && ovl_node_is_compatible(node, "acme,card");

	if (is_card && ovl_event_state_change(event) == OVL_STATE_ADDED) {
		struct blob *inside = BY_HAND("fragment@0 { target-path = \"/\"; __overlay__ { eeprom { }; }; };");
		struct ovl_apply_options options = {.size = sizeof(options), .base = node};

		result = ovl_overlay_apply(driver->tree, inside->data, inside->size, &options, &driver->id);
	} else if (ovl_event_kind(event) == OVL_EVENT_PRE_REMOVE && driver->id && ovl_event_id(event) != driver->id) {
		/* What is in progress is busy; what is inside of it is not. */
		if (ovl_overlay_remove(driver->tree, ovl_event_id(event), 0) != -EBUSY)
			result = -EIO;
		else
			result = ovl_overlay_remove(driver->tree, driver->id, 0);
		driver->id = 0;
	}
	ovl_node_put(node);
	return result;
}

TEST("O8 O22 story: a PCI card's driver applies and removes an overlay inside of a listener")
{
	struct listener driver = {.tree = board(), .hear = drive_card};
	struct blob *before = flatten(driver.tree);
	ovl_notifier *notifier = listen(&driver);

	for (int i = 0; i < 3; i++) {
		int id = apply(driver.tree, node_below_bus("card { compatible = \"acme,card\"; };"));

		ok(is_there(driver.tree, BUS "/card/eeprom"));
		ok(driver.id > id);
		ok0(ovl_overlay_remove(driver.tree, id, 0));
		ok_same(driver.tree, before);
	}
	ok(driver.calls > 0);
	ovl_notifier_unregister(notifier);
	ok_int(driver.destroyed, 1);
	close_tree(driver.tree);
}

/* A template comes in switched off, is filled in, switched on, and taken out again. */
TEST("O19 story: a hypervisor's loader")
{
	ovl_tree *tree = board();
	struct blob *before = flatten(tree);
	int id = apply(tree, OVERLAY("&{/} { vm { status = \"disabled\"; memory { reg = <0 0>; }; spare { }; }; };"));
	ovl_node *vm = at(tree, "/vm"), *memory = at(tree, "/vm/memory"), *spare = at(tree, "/vm/spare"), *cpu;
	const char *const names[] = {"ram", "rom"};
	const uint32_t reg[] = {0x40000000, 0x1000000};
	ovl_changeset *edits = ovl_changeset_new(tree);

	ok0(ovl_changeset_set_u32_array(edits, memory, "reg", reg, 2));
	ok0(ovl_changeset_set_strings(edits, memory, "reg-names", names, 2));
	ok0(ovl_changeset_set_bool(edits, memory, "no-map", 1));
	ok0(ovl_changeset_detach_node(edits, spare));
	ok0(ovl_changeset_create_node(edits, vm, "cpu@0", &cpu));
	ok0(ovl_changeset_set_u64(edits, cpu, "entry", 0x40080000));
	ok0(ovl_changeset_update_prop(edits, vm, "status", "okay", 5));
	ok_int(ovl_node_is_available(vm), 0);
	ok0(ovl_changeset_apply(edits));
	ok_int(ovl_node_is_available(vm), 1);
	ok_int(ovl_node_match_string(memory, "reg-names", "rom"), 1);
	ok(is_there(tree, "/vm/cpu@0") && !is_there(tree, "/vm/spare"));

	/* The template stays as long as something is built on it. */
	ok_int(ovl_overlay_remove(tree, id, 0), -EBUSY);
	ok_contains(ovl_last_error(), "changeset ");
	ok0(ovl_changeset_revert(edits));
	ok_int(ovl_node_is_available(vm), 0);
	ok(is_there(tree, "/vm/spare"));
	ok0(ovl_overlay_remove(tree, id, 0));
	ok_same(tree, before);

	/* And nothing is left. */
	ovl_changeset_put(edits);
	ovl_node_put(cpu);
	ovl_node_put(spare);
	ovl_node_put(memory);
	ovl_node_put(vm);
	ok0(ovl_tree_wait_released(tree, 0, 0));
	close_tree(tree);
}
