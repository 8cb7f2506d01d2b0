/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* links BUS: the data links of a media device, from pad to pad. */
#include "graph.h"

int main(int argc, char **argv)
{
	struct graph graph;
	int fd = argc == 2 ? open_media(argv[1]) : -1;

	if (fd < 0 || read_graph(fd, &graph))
		return perror("links"), 1;
	for (unsigned int i = 0; i < graph.num_links; i++) {
		const struct media_v2_link *link = &graph.links[i];
		const struct media_v2_pad *source = pad_called(&graph, link->source_id);
		const struct media_v2_pad *sink = pad_called(&graph, link->sink_id);

		if ((link->flags & MEDIA_LNK_FL_LINK_TYPE) != MEDIA_LNK_FL_DATA_LINK || !source || !sink)
			continue;
		printf("'%s':%u -> '%s':%u%s\n", name_of(&graph, source->entity_id), source->index,
		       name_of(&graph, sink->entity_id), sink->index, link->flags & MEDIA_LNK_FL_ENABLED ? " enabled" : "");
	}
	free_graph(&graph);
	close(fd);
}
