/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The kernel's graph of a media device, by its ioctls alone. */
#ifndef GRAPH_H
#define GRAPH_H

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/media.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct graph {
	struct media_v2_entity *entities;
	struct media_v2_pad *pads;
	struct media_v2_link *links;
	unsigned int num_entities, num_pads, num_links;
};

/* Opens the device with this bus information. */
static inline int open_media(const char *bus_info)
{
	glob_t paths;
	int found = -1;

	if (glob("/dev/media*", 0, NULL, &paths))
		return -1;
	for (size_t i = 0; i < paths.gl_pathc && found < 0; i++) {
		struct media_device_info info;
		int fd = open(paths.gl_pathv[i], O_RDWR | O_CLOEXEC);

		if (fd >= 0 && !ioctl(fd, MEDIA_IOC_DEVICE_INFO, &info) && !strcmp(info.bus_info, bus_info))
			found = fd;
		else if (fd >= 0)
			close(fd);
	}
	globfree(&paths);
	errno = ENOENT;
	return found;
}

/* Reads it: how much there is, then what there is, and again where it has changed in between. */
static inline int read_graph(int fd, struct graph *graph)
{
	struct media_v2_topology topology = {0};

	memset(graph, 0, sizeof(*graph));
	for (;;) {
		topology.ptr_entities = topology.ptr_interfaces = topology.ptr_pads = topology.ptr_links = 0;
		if (ioctl(fd, MEDIA_IOC_G_TOPOLOGY, &topology))
			return -1;
		uint64_t version = topology.topology_version;
		graph->entities = realloc(graph->entities, (topology.num_entities + 1) * sizeof(*graph->entities));
		graph->pads = realloc(graph->pads, (topology.num_pads + 1) * sizeof(*graph->pads));
		graph->links = realloc(graph->links, (topology.num_links + 1) * sizeof(*graph->links));
		if (!graph->entities || !graph->pads || !graph->links)
			return -1;
		topology.ptr_entities = (uintptr_t)graph->entities;
		topology.ptr_pads = (uintptr_t)graph->pads;
		topology.ptr_links = (uintptr_t)graph->links;
		if (ioctl(fd, MEDIA_IOC_G_TOPOLOGY, &topology)) {
			if (errno == ENOSPC)
				continue;
			return -1;
		}
		if (topology.topology_version == version)
			break;
	}
	graph->num_entities = topology.num_entities;
	graph->num_pads = topology.num_pads;
	graph->num_links = topology.num_links;
	return 0;
}

static inline const struct media_v2_pad *pad_called(const struct graph *graph, uint32_t id)
{
	for (unsigned int i = 0; i < graph->num_pads; i++)
		if (graph->pads[i].id == id)
			return &graph->pads[i];
	return NULL;
}

static inline const char *name_of(const struct graph *graph, uint32_t entity)
{
	for (unsigned int i = 0; i < graph->num_entities; i++)
		if (graph->entities[i].id == entity)
			return graph->entities[i].name;
	return "?";
}

static inline void free_graph(struct graph *graph)
{
	free(graph->entities);
	free(graph->pads);
	free(graph->links);
}

#endif
