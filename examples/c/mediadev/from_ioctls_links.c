/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* from_ioctls_links BUS: the data links of a media device, from pad to pad. */
#include <linux/media.h>
#include <mediadev.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	mediadev_node *node = mediadev_open(argc == 2 ? argv[1] : NULL);
	mediadev_topology *graph = node ? mediadev_topology_read(node) : NULL;
	struct mediadev_link_info link = {.size = sizeof(link)};

	if (!graph)
		return fprintf(stderr, "links: %s\n", mediadev_last_error()), 1;
	mediadev_node_put(node); /* the graph does not need it any more */
	for (unsigned int i = 0; mediadev_topology_link(graph, i, &link) == 0; i++) {
		struct mediadev_entity_info source = {.size = sizeof(source)}, sink = source;

		if ((link.flags & MEDIA_LNK_FL_LINK_TYPE) != MEDIA_LNK_FL_DATA_LINK ||
		    mediadev_topology_by_id(graph, link.source_entity, &source) < 0 ||
		    mediadev_topology_by_id(graph, link.sink_entity, &sink) < 0)
			continue;
		printf("'%s':%u -> '%s':%u%s\n", source.name, link.source_pad, sink.name, link.sink_pad,
		       link.flags & MEDIA_LNK_FL_ENABLED ? " enabled" : "");
	}
	mediadev_topology_put(graph);
}
