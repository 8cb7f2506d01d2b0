/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * listen BASE.dtb OVERLAY.dtbo: what is a program told that listens to a tree?
 *
 * Each change is told before it is made, and may be refused then; node by node and property by property when all of it is made; and
 * once more as a whole. A removal is told backward.
 */
#include "common.h"

#include <errno.h>

static const char *const kinds[] = {
	[OVL_EVENT_PRE_APPLY] = "about to be applied", [OVL_EVENT_POST_APPLY] = "applied",
	[OVL_EVENT_ABORT_APPLY] = "not applied",       [OVL_EVENT_PRE_REMOVE] = "about to be removed",
	[OVL_EVENT_POST_REMOVE] = "removed",	       [OVL_EVENT_ABORT_REMOVE] = "not removed",
	[OVL_EVENT_ATTACH_NODE] = "new node",	       [OVL_EVENT_DETACH_NODE] = "node gone",
	[OVL_EVENT_ADD_PROP] = "new property",	       [OVL_EVENT_REMOVE_PROP] = "property gone",
	[OVL_EVENT_UPDATE_PROP] = "new value",
};

static int hear(const ovl_event *event, void *refuse)
{
	uint32_t kind = ovl_event_kind(event);
	ovl_node *node = ovl_event_node(event);
	ovl_prop *prop = ovl_event_prop(event), *before = ovl_event_before(event);
	ovl_changeset *changes = ovl_event_changeset(event);
	int state = ovl_event_state_change(event);
	char path[256] = "";

	ovl_node_path(node, path, sizeof(path));
	if (node)
		printf("  %s: %s %s%s\n", kinds[kind], path, prop || before ? ovl_prop_name(prop ? prop : before) : "",
		       state == OVL_STATE_ADDED	    ? " (a device has come)"
		       : state == OVL_STATE_REMOVED ? " (a device has gone)"
						    : "");
	else
		printf("%s: %u changes\n", kinds[kind], ovl_changeset_count(changes));
	/* All of them are references; each of these accepts NULL. */
	ovl_changeset_put(changes);
	ovl_prop_put(before);
	ovl_prop_put(prop);
	ovl_node_put(node);
	return kind == OVL_EVENT_PRE_REMOVE && *(int *)refuse ? -EPERM : 0;
}

static void bye(void *refuse)
{
	(void)refuse;
	printf("nobody listens any more\n");
}

int main(int argc, char **argv)
{
	ovl_tree *tree = argc == 3 ? ovl_tree_from_file(argv[1], 0) : NULL;
	if (!tree)
		give_up(argc == 3 ? argv[1] : "usage: listen BASE.dtb OVERLAY.dtbo");
	int refuse = 1;
	ovl_notifier *notifier = ovl_notifier_register(tree, 0, hear, &refuse, bye);
	if (!notifier)
		give_up("listen");

	int id = apply_file(tree, argv[2]);
	if (id < 0)
		give_up(argv[2]);
	if (ovl_overlay_remove(tree, id, 0) < 0)
		printf("%s\n", ovl_last_error());
	refuse = 0;
	if (ovl_overlay_remove(tree, id, 0) < 0)
		give_up(argv[2]);
	ovl_notifier_unregister(notifier);
	ovl_tree_put(tree);
}
