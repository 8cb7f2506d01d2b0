/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * guide_unplug BASE.dtb OVERLAY.dtbo: a component whose node is taken away under it, and how it comes back (docs/guide/ovl).
 */
#include "common.h"

#include <errno.h>
#include <string.h>

#define THERMOMETER "/soc/i2c@30000/thermometer@48"

/* What the component knows: where its node is found, and the node itself while it has one. */
struct component {
	ovl_tree *tree;
	ovl_node *node;
	ovl_notifier *listening;
};

static void forget(struct component *component)
{
	ovl_node_put(component->node);
	component->node = NULL;
}

/* Told of every change of the tree, on the thread that makes it. */
static int hear(const ovl_event *event, void *user_data)
{
	struct component *component = user_data;
	ovl_node *node = ovl_event_node(event);
	int state = ovl_event_state_change(event);
	char path[256] = "";

	if (node)
		ovl_node_path(node, path, sizeof(path));
	if (state == OVL_STATE_REMOVED && node == component->node) {
		printf("  my node goes\n");
		forget(component);
	} else if (state == OVL_STATE_ADDED && !component->node && !strcmp(path, THERMOMETER)) {
		printf("  my node comes\n");
		component->node = ovl_node_get(node);
	}
	ovl_node_put(node);
	return 0;
}

static void start_listening(struct component *component)
{
	component->listening = ovl_notifier_register(component->tree, 0, hear, component, NULL);
	if (!component->listening)
		give_up("listen");
}

/* What can still be had of a node that is not in the tree any more. */
static void show_what_is_left(ovl_tree *tree, ovl_node *node)
{
	char path[256], compatible[32];
	uint32_t reg = 0;

	ovl_node_path(node, path, sizeof(path));
	ovl_node_read_u32(node, "reg", &reg);
	ovl_node_read_string(node, "compatible", 0, compatible, sizeof(compatible));
	printf("  %s: reg 0x%x, compatible %s, %s\n", path, reg, compatible,
	       ovl_node_is_attached(node) ? "attached" : "not in the tree");

	ovl_node *parent = ovl_node_parent(node);
	printf("  its parent: %s\n", parent ? ovl_node_name(parent) : strerror(errno));
	ovl_node_put(parent);
	ovl_node *found = ovl_node_by_path(tree, path);
	printf("  found by its path: %s\n", found ? ovl_node_name(found) : ovl_last_error());
	ovl_node_put(found);

	ovl_changeset *change = ovl_changeset_new(tree);
	if (ovl_changeset_set_u32(change, node, "reg", 0x49) < 0 || ovl_changeset_apply(change) < 0)
		printf("  changing it: %s\n", ovl_last_error());
	ovl_changeset_put(change);
}

int main(int argc, char **argv)
{
	struct component component = {.tree = argc == 3 ? ovl_tree_from_file(argv[1], 0) : NULL};

	if (!component.tree)
		give_up(argc == 3 ? argv[1] : "usage: guide_unplug BASE.dtb OVERLAY.dtbo");
	int id = apply_file(component.tree, argv[2]);
	if (id < 0)
		give_up(argv[2]);

	/* Who takes references says who he is; this costs a branch while tracking is off. */
	ovl_set_tracking(1);
	ovl_set_tag("the fan control");
	component.node = ovl_node_by_path(component.tree, THERMOMETER);
	ovl_set_tag(NULL);

	printf("removed while it is held\n");
	if (!component.node || ovl_overlay_remove(component.tree, id, 0) < 0)
		give_up(THERMOMETER);
	show_what_is_left(component.tree, component.node);

	printf("who keeps it?\n");
	if (ovl_tree_wait_released(component.tree, id, 100) == -ETIMEDOUT)
		printf("%s", ovl_last_error());
	forget(&component);
	if (ovl_tree_wait_released(component.tree, id, 100) == 0)
		printf("nobody any more: its memory is free\n");

	start_listening(&component);
	printf("it comes back\n");
	id = apply_file(component.tree, argv[2]);
	if (id < 0)
		give_up(argv[2]);
	printf("and goes\n");
	if (ovl_overlay_remove(component.tree, id, 0) < 0)
		give_up(argv[2]);
	printf("%s\n", component.node ? "still held" : "nothing is held");

	ovl_notifier_unregister(component.listening);
	ovl_tree_put(component.tree);
}
