/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * camera_pipeline DEVICE SENSOR CAPTURE CODE/WIDTHxHEIGHT [SECONDS]: sets up a camera, from its sensor to the node to capture from.
 *
 *     camera_pipeline vimc 'Sensor B' 'RGB/YUV Capture' SRGGB8_1X8/640x480
 *
 * DEVICE is a driver, a model, bus information or a path; SENSOR and CAPTURE are entities, by name or by a pattern of the shell. The way
 * from one to the other is searched and its links are enabled; those that would feed something else into it are disabled. The format is
 * set at the sensor, and its size from there on. Prints what is on the way: entity, device node, and what comes out of it.
 *
 * While a program streams, nothing can be changed: it is tried again for SECONDS. Exits with 0 done, 1 it cannot be done, 2 not called
 * as above, 3 a program streams, 4 the device has gone.
 */
#include <errno.h>
#include <linux/media.h>
#include <linux/videodev2.h>
#include <mediadev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An entity on the way, and the link by which it goes on. */
struct step {
	uint32_t entity;
	struct mediadev_link_info link;
	struct step *next; /* NULL: this is the capture */
};

/* The library finds a device by its path, its driver and where it is; by its model one has to look. */
static mediadev_node *open_device(const char *key)
{
	mediadev_node *node = mediadev_open(key);
	char name[32] = "";

	if (node || errno != ENOENT)
		return node;
	while (mediadev_next(*name ? name : NULL, name, sizeof(name)) > 0) {
		struct mediadev_info info = {.size = sizeof(info)};

		node = mediadev_open(name);
		if (node && !mediadev_info(node, &info) && !strcmp(info.model, key))
			return node;
		mediadev_node_put(node);
	}
	errno = ENOENT;
	return NULL;
}

/* The data link at a place of the list, if there is one. */
static int data_link(mediadev_topology *graph, unsigned index, struct mediadev_link_info *link)
{
	return !mediadev_topology_link(graph, index, link) &&
	       (link->flags & MEDIA_LNK_FL_LINK_TYPE) == MEDIA_LNK_FL_DATA_LINK;
}

/* The first step of the shortest way, over links that are enabled or not; NULL: there is none. There is room for every entity. */
static struct step *find_way(mediadev_topology *graph, uint32_t sensor, uint32_t capture, struct step *steps)
{
	unsigned links = mediadev_topology_count(graph, MEDIADEV_KIND_LINK);
	struct mediadev_link_info link = {.size = sizeof(link)};
	struct step *end = steps, *known;

	/* Upstream, the near ones before the far ones. */
	*end++ = (struct step){.entity = capture};
	for (struct step *here = steps; here < end; here++) {
		if (here->entity == sensor)
			return here;
		for (unsigned i = 0; i < links; i++) {
			if (!data_link(graph, i, &link) || link.sink_entity != here->entity)
				continue;
			for (known = steps; known < end && known->entity != link.source_entity; known++)
				;
			if (known == end)
				*end++ = (struct step){link.source_entity, link, here};
		}
	}
	return NULL;
}

/* Enables the links of the way. Where another one ends, that one is disabled before. */
static int connect(mediadev_node *node, mediadev_topology *graph, const struct step *way)
{
	int error = 0;

	for (; !error && way->next; way = way->next) {
		struct mediadev_link_info other = {.size = sizeof(other)};

		for (unsigned i = 0; !error && !mediadev_topology_link_of(graph, way->link.sink_id, i, &other); i++)
			if (other.id != way->link.id &&
			    (other.flags & (MEDIA_LNK_FL_ENABLED | MEDIA_LNK_FL_IMMUTABLE)) == MEDIA_LNK_FL_ENABLED)
				error = mediadev_setup_link(node, other.source_id, other.sink_id,
							    other.flags & ~MEDIA_LNK_FL_ENABLED);
		if (!error && !(way->link.flags & MEDIA_LNK_FL_ENABLED))
			error = mediadev_setup_link(node, way->link.source_id, way->link.sink_id,
						    way->link.flags | MEDIA_LNK_FL_ENABLED);
	}
	return error;
}

/* What is set at the end of a link where data comes from is set at the other end too. Drivers make of it what they can. */
static int set_formats(mediadev_node *node, const struct step *way, const struct mediadev_format *wanted)
{
	struct mediadev_format format = *wanted;
	int error = 0;

	for (const struct step *step = way; !error && step->next; step = step->next) {
		if (step != way) {
			/* The sensor's code is its own affair: who comes next has one for what goes out. */
			error = mediadev_get_format(node, step->link.source_id, 0, &format);
			format.told = MEDIADEV_FORMAT_FORMAT;
			format.width = wanted->width;
			format.height = wanted->height;
		}
		if (!error)
			error = mediadev_set_format(node, step->link.source_id, 0, &format);
		/* It has no node of its own: there is nothing to be set. */
		if (error == -ENOENT)
			error = 0;
	}
	return error;
}

static int show(mediadev_node *node, mediadev_topology *graph, const struct step *way)
{
	for (; way; way = way->next) {
		struct mediadev_entity_info entity = {.size = sizeof(entity)};
		struct mediadev_format format = {.size = sizeof(format)};
		char path[256] = "-", code[64];
		int error = way->next ? mediadev_get_format(node, way->link.source_id, 0, &format) : 0;

		if (error && error != -ENOENT)
			return error;
		mediadev_topology_by_id(graph, way->entity, &entity);
		mediadev_topology_devnode(graph, way->entity, path, sizeof(path));
		printf("%-20s %s", entity.name, path);
		if (format.told & MEDIADEV_FORMAT_FORMAT) {
			mediadev_name_format(format.code, code, sizeof(code));
			printf(" %s/%ux%u", code, format.width, format.height);
		}
		printf("\n");
	}
	return 0;
}

static int set_up(mediadev_node *node, const char *sensor, const char *capture, const struct mediadev_format *format)
{
	struct mediadev_entity_info from = {.size = sizeof(from)}, to = {.size = sizeof(to)};
	mediadev_topology *graph = mediadev_topology_read(node);
	struct step *steps = NULL, *way = NULL;
	int error;

	if (!graph)
		return -errno;
	error = mediadev_topology_find(graph, sensor, &from);
	if (!error)
		error = mediadev_topology_find(graph, capture, &to);
	if (!error) {
		steps = calloc(mediadev_topology_count(graph, MEDIADEV_KIND_ENTITY), sizeof(*steps));
		way = steps ? find_way(graph, from.id, to.id, steps) : NULL;
		error = way ? connect(node, graph, way) : steps ? -ENOLINK : -ENOMEM;
	}
	if (!error)
		error = set_formats(node, way, format);
	if (!error)
		error = show(node, graph, way);
	free(steps);
	mediadev_topology_put(graph);
	return error;
}

static const char *why(int error)
{
	return error == -ENOLINK  ? "no links lead from this sensor to this capture"
	       : error == -ENOMEM ? strerror(ENOMEM)
				  : mediadev_last_error();
}

int main(int argc, char **argv)
{
	struct mediadev_format format = {
		.size = sizeof(format), .told = MEDIADEV_FORMAT_FORMAT, .field = V4L2_FIELD_NONE};
	char code[64], rest;

	if (argc < 5 || argc > 6 || sscanf(argv[4], "%63[^/]/%ux%u%c", code, &format.width, &format.height, &rest) != 3) {
		fprintf(stderr, "usage: camera_pipeline DEVICE SENSOR CAPTURE CODE/WIDTHxHEIGHT [SECONDS]\n");
		return 2;
	}
	mediadev_node *node = open_device(argv[1]);
	int seconds = argc > 5 ? atoi(argv[5]) : 0;
	int error = node ? mediadev_format_called(code, &format.code) : -errno;

	if (!error)
		error = set_up(node, argv[2], argv[3], &format);
	if (error == -EBUSY && seconds > 0)
		fprintf(stderr, "camera_pipeline: %s; trying again\n", why(error));
	while (error == -EBUSY && seconds-- > 0) {
		mediadev_wait_gone(node, 1000); /* a second, or less if the device goes */
		error = set_up(node, argv[2], argv[3], &format);
	}
	if (error)
		fprintf(stderr, "camera_pipeline: %s\n", why(error));
	mediadev_node_put(node);
	return !error ? 0 : error == -EBUSY ? 3 : error == -ENODEV ? 4 : 1;
}
