/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * guide_node DEVICE LINKS FORMATS PAD: sets up a media device of the kernel in media-ctl's notation, and waits until it goes (docs/guide/mediadev).
 */
#include <errno.h>
#include <mediadev.h>
#include <stdio.h>
#include <stdlib.h>

static _Noreturn void give_up(void)
{
	fprintf(stderr, "guide_node: %s\n", mediadev_last_error());
	exit(1);
}

static void list(void)
{
	char name[32] = "";

	while (mediadev_next(*name ? name : NULL, name, sizeof(name)) > 0)
		printf("%s\n", name);
}

/* All of a text is understood and found before the first thing is changed. */
static void set_up(mediadev_node *node, const char *links, const char *formats)
{
	if (mediadev_reset_links(node) < 0 || mediadev_setup_links(node, links) < 0 || mediadev_set_formats(node, formats) < 0)
		give_up();
}

static void show(mediadev_node *node, const char *pad)
{
	struct mediadev_info info = {.size = sizeof(info)};
	mediadev_topology *graph = mediadev_topology_read(node);
	char *formats;

	if (!graph || mediadev_info(node, &info) < 0 || mediadev_get_formats(node, pad, &formats) < 0)
		give_up();
	printf("%s at %s: %u entities\n%s\n", info.model, info.bus_info, mediadev_topology_count(graph, MEDIADEV_KIND_ENTITY),
	       formats);
	mediadev_free(formats);
	mediadev_topology_put(graph);
}

int main(int argc, char **argv)
{
	if (argc != 5) {
		list();
		return fprintf(stderr, "usage: guide_node DEVICE LINKS FORMATS PAD\n"), 1;
	}
	mediadev_node *node = mediadev_open(argv[1]);
	if (!node)
		give_up();
	set_up(node, argv[2], argv[3]);
	show(node, argv[4]);
	if (mediadev_wait_gone(node, 100) == -ETIMEDOUT)
		printf("%s is still there\n", mediadev_node_name(node));
	mediadev_node_put(node);
}
