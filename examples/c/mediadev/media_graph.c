/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * media_graph [DEVICE]: draws the graph of a media device for Graphviz; without a word, lists the devices.
 *
 *     media_graph vimc | dot -Tsvg > vimc.svg
 *
 * DEVICE is a path, a name ("media0"), bus information ("platform:vimc") or a driver ("vimc").
 */
#include <mediadev.h>
#include <stdio.h>

static int fail(void)
{
	fprintf(stderr, "media_graph: %s\n", mediadev_last_error());
	return 1;
}

static void list(void)
{
	char name[32] = "";

	while (mediadev_next(*name ? name : NULL, name, sizeof(name)) > 0) {
		struct mediadev_info info = {.size = sizeof(info)};
		mediadev_node *node = mediadev_open(name);

		if (!node || mediadev_info(node, &info))
			fail(); /* with the next one, all the same */
		else
			printf("/dev/%s: %s, driver %s at %s\n", name, info.model, info.driver, info.bus_info);
		mediadev_node_put(node);
	}
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return list(), 0;

	mediadev_node *node = mediadev_open(argv[1]);
	mediadev_topology *graph = node ? mediadev_topology_read(node) : NULL;
	char *dot;

	mediadev_node_put(node); /* the graph does not need it */
	if (!graph || mediadev_topology_to_dot(graph, &dot))
		return fail();
	fputs(dot, stdout);
	mediadev_free(dot);
	mediadev_topology_put(graph);
}
