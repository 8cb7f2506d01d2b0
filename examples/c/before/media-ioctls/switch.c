/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* switch BUS SOURCE PAD SINK PAD ON: enables or disables the link between two pads. */
#include "graph.h"

static uint32_t entity_called(const struct graph *graph, const char *name)
{
	for (unsigned int i = 0; i < graph->num_entities; i++)
		if (!strcmp(graph->entities[i].name, name))
			return graph->entities[i].id;
	fprintf(stderr, "switch: no entity \"%s\"\n", name);
	exit(1);
}

int main(int argc, char **argv)
{
	struct graph graph;
	int fd = argc == 7 ? open_media(argv[1]) : -1;

	if (fd < 0 || read_graph(fd, &graph))
		return perror("switch"), 1;
	struct media_link_desc link = {
		.source = {.entity = entity_called(&graph, argv[2]), .index = atoi(argv[3])},
		.sink = {.entity = entity_called(&graph, argv[4]), .index = atoi(argv[5])},
		.flags = atoi(argv[6]) ? MEDIA_LNK_FL_ENABLED : 0,
	};
	if (ioctl(fd, MEDIA_IOC_SETUP_LINK, &link))
		return perror("switch"), 1;
	free_graph(&graph);
	close(fd);
}
