/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * fpga_region BASE.dtb OVERLAY.dtbo FOLDER: an overlay brings devices that an FPGA first has to be programmed with.
 *
 * The overlay gives an fpga-region its firmware-name. A listener programs the FPGA with that file of FOLDER before the nodes appear, and
 * refuses the overlay if there is no such image, or one for another part: an image's first line says which. Then it hears the devices come and
 * go. A driver keeps the node of its device when the overlay is removed; until it lets go the FPGA is not programmed anew.
 */
#include <string.h>

#include "common.h"

struct fpga {
	ovl_tree *tree;
	const char *folder;
	int overlay; /* what it is programmed for, or was last */
	int is_programmed;
	ovl_node *in_use; /* the device of the driver */
};

static int refuse(const char *image, const char *why, int error)
{
	printf("FPGA: not programmed with %s: %s\n", image, why);
	return error;
}

/* The image is for the part that the region's manager is. */
static int is_for(const char *image, size_t size, ovl_node *region)
{
	ovl_node *manager = NULL;
	char part[64] = "";

	if (size && memchr(image, '\n', size))
		snprintf(part, sizeof(part), "%.*s", (int)strcspn(image, "\n"), image);
	int fits = !ovl_node_phandle_args(region, "fpga-mgr", NULL, 0, &manager, NULL, NULL) &&
		   ovl_node_is_compatible(manager, part) == 1;
	ovl_node_put(manager);
	return fits;
}

static int program(struct fpga *fpga, ovl_node *region, const char *name, int overlay)
{
	char path[4096];
	size_t size;

	if (fpga->is_programmed)
		return refuse(name, "another overlay has the region", -EBUSY);
	/* Who still holds a node of the last one may still drive it. */
	if (fpga->overlay && ovl_tree_wait_released(fpga->tree, fpga->overlay, 0)) {
		fputs(ovl_last_error(), stdout);
		return refuse(name, "the last devices are still in use", -EBUSY);
	}
	snprintf(path, sizeof(path), "%s/%s", fpga->folder, name);
	char *image = read_file(path, &size);
	if (!image)
		return refuse(name, strerror(errno), -errno);
	int fits = is_for(image, size, region);
	free(image);
	if (!fits)
		return refuse(name, "it is for another part", -EINVAL);
	/* Here the image goes to the FPGA. */
	printf("FPGA: programmed with %s, %zu bytes\n", name, size);
	fpga->is_programmed = 1;
	fpga->overlay = overlay;
	return 0;
}

/* If it is programmed for this overlay. `last` is whose devices may still be in use, 0 for nobody's. */
static void clear(struct fpga *fpga, const ovl_event *event, int last)
{
	if (!fpga->is_programmed || ovl_event_id(event) != fpga->overlay)
		return;
	printf("FPGA: cleared\n");
	fpga->is_programmed = 0;
	fpga->overlay = last;
}

/* Whether what is about to be applied wants a region programmed. */
static int before(struct fpga *fpga, const ovl_event *event)
{
	ovl_changeset *changes = ovl_event_changeset(event);
	int result = 0;

	for (unsigned int i = 0; i < ovl_changeset_count(changes) && !result; i++) {
		ovl_node *node;
		ovl_prop *now;

		/* The property of an entry that has one; a node that comes as a whole has it already. */
		if (ovl_changeset_entry(changes, i, NULL, &node, &now, NULL))
			continue;
		if (!now)
			now = ovl_node_prop(node, "firmware-name");
		if (now && !strcmp(ovl_prop_name(now), "firmware-name") &&
		    ovl_node_is_compatible(node, "fpga-region") == 1) {
			size_t length;
			const char *name = ovl_prop_data(now, &length);

			if (!length || name[length - 1] || strchr(name, '/'))
				result = refuse("firmware-name", "it is no file's name", -EINVAL);
			else
				result = program(fpga, node, name, ovl_event_id(event));
		}
		ovl_prop_put(now);
		ovl_node_put(node);
	}
	ovl_changeset_put(changes);
	/* Who refuses is not told that it is aborted. */
	if (result)
		clear(fpga, event, 0);
	return result;
}

static void come_or_gone(struct fpga *fpga, const ovl_event *event, int come)
{
	ovl_node *node = ovl_event_node(event);
	char path[256] = "";

	ovl_node_path(node, path, sizeof(path));
	printf("%s: %s\n", come ? "a device has come" : "a device has gone", path);
	if (come && !fpga->in_use && ovl_node_is_compatible(node, "holdfast,fpga-serial") == 1) {
		ovl_set_tag("the driver of the serial port");
		fpga->in_use = ovl_node_get(node);
		ovl_set_tag(NULL);
	}
	ovl_node_put(node);
}

/* Called by whoever changes the tree. With several threads that do, struct fpga would need a lock. */
static int hear(const ovl_event *event, void *user_data)
{
	struct fpga *fpga = user_data;

	switch (ovl_event_kind(event)) {
	case OVL_EVENT_PRE_APPLY:
		return before(fpga, event);
	case OVL_EVENT_ABORT_APPLY: /* another listener refused, or it will be told anew */
		clear(fpga, event, 0);
		return 0;
	case OVL_EVENT_POST_REMOVE:
		clear(fpga, event, fpga->overlay);
		return 0;
	}
	int state = ovl_event_state_change(event);
	if (state > 0)
		come_or_gone(fpga, event, state == OVL_STATE_ADDED);
	return 0;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	ovl_set_tracking(1);
	struct fpga fpga = {.tree = argc == 4 ? ovl_tree_from_file(argv[1], 0) : NULL, .folder = argv[argc - 1]};
	if (!fpga.tree)
		give_up(argc == 4 ? argv[1] : "usage: fpga_region BASE.dtb OVERLAY.dtbo FOLDER");
	ovl_notifier *notifier = ovl_notifier_register(fpga.tree, 0, hear, &fpga, NULL);
	int id = notifier ? apply_file(fpga.tree, argv[2]) : -1;
	if (id < 0)
		give_up(argv[2]);

	if (ovl_overlay_remove(fpga.tree, id, 0)) /* waits for nobody */
		give_up(argv[2]);
	if (fpga.in_use) {
		printf("the driver still has %s\n", ovl_node_name(fpga.in_use));
		if (apply_file(fpga.tree, argv[2]) < 0)
			printf("%s\n", ovl_last_error());
		printf("the driver lets go\n");
		ovl_node_put(fpga.in_use);
		fpga.in_use = NULL;
	}
	id = apply_file(fpga.tree, argv[2]);
	if (id < 0 || ovl_overlay_remove(fpga.tree, id, 0))
		give_up(argv[2]);

	ovl_notifier_unregister(notifier);
	ovl_node_put(fpga.in_use);
	ovl_tree_put(fpga.tree);
}
