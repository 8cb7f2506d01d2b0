/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The listener of the example fpga_region, where an overlay is refused after the FPGA was programmed for it. */
#pragma GCC diagnostic ignored "-Wreturn-type" /* main() is one no more */
#define main example
#include "../../../examples/c/ovl/fpga_region.c"
#undef main

#define TAP_EXPLAIN ovl_last_error
#include "tap.h"

#define OVERLAY DTS_DIR "/boards/fpga-serial.dtbo"

static struct fpga lark(char *folder)
{
	char path[64];

	ok(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/serial.bit", folder);
	FILE *image = fopen(path, "w");
	ok(image && fputs("holdfast,lark-fpga\nXXX", image) >= 0 && !fclose(image));
	return (struct fpga){.tree = ovl_tree_from_file(DTS_DIR "/boards/lark.dtb", 0), .folder = folder};
}

static void end(struct fpga *fpga)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/serial.bit", fpga->folder);
	unlink(path);
	rmdir(fpga->folder);
	ovl_node_put(fpga->in_use);
	ovl_tree_put(fpga->tree);
}

static int refuse_if(const ovl_event *event, void *refuses)
{
	return *(int *)refuses && ovl_event_kind(event) == OVL_EVENT_PRE_APPLY ? -EPERM : 0;
}

TEST("O20 the example fpga_region is refused by another listener, and then not")
{
	char folder[] = "/tmp/holdfast-XXXXXX";
	struct fpga fpga = lark(folder);
	int refuses = 1;
	ovl_notifier *listener = ovl_notifier_register(fpga.tree, 0, hear, &fpga, NULL);
	ovl_notifier *other = ovl_notifier_register(fpga.tree, -1, refuse_if, &refuses, NULL);

	ok_int(apply_file(fpga.tree, OVERLAY), -EPERM);
	ok_int(fpga.is_programmed, 0);
	refuses = 0;
	int id = apply_file(fpga.tree, OVERLAY);
	ok(id > 0);
	ok_int(fpga.is_programmed, 1);
	ok0(ovl_overlay_remove(fpga.tree, id, 0));
	ok_int(fpga.is_programmed, 0);
	ovl_notifier_unregister(other);
	ovl_notifier_unregister(listener);
	end(&fpga);
}

TEST("O20 the example fpga_region refuses an overlay itself, after its first region")
{
	char folder[] = "/tmp/holdfast-XXXXXX";
	struct fpga fpga = lark(folder);
	ovl_notifier *listener = ovl_notifier_register(fpga.tree, 0, hear, &fpga, NULL);

	ok_int(apply_file(fpga.tree, DTS_DIR "/two-regions.dtbo"), -EBUSY);
	ok_int(fpga.is_programmed, 0);
	int id = apply_file(fpga.tree, OVERLAY);
	ok(id > 0);
	ok0(ovl_overlay_remove(fpga.tree, id, 0));
	ovl_notifier_unregister(listener);
	end(&fpga);
}
