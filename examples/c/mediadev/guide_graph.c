/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * guide_graph: looks at the graph of a media device, and changes links in it (docs/guide/mediadev). The device is one of this program, so
 * that it runs anywhere; what begins with show() is the same for one of the kernel.
 */
#include <errno.h>
#include <linux/media.h>
#include <mediadev.h>
#include <stdio.h>
#include <stdlib.h>

static _Noreturn void give_up(void)
{
	fprintf(stderr, "%s\n", mediadev_last_error());
	exit(1);
}

static mediadev_entity *add(mediadev_device *device, const char *name, uint32_t function, const uint32_t *pads, size_t n)
{
	mediadev_entity *entity = mediadev_entity_add(device, name, function, pads, n);

	if (!entity)
		give_up();
	return entity;
}

/* Two sensors before one scaler, and a capture behind it. */
static mediadev_device *camera(void)
{
	static const uint32_t out[] = {MEDIA_PAD_FL_SOURCE}, in[] = {MEDIA_PAD_FL_SINK};
	static const uint32_t through[] = {MEDIA_PAD_FL_SINK, MEDIA_PAD_FL_SOURCE};
	struct mediadev_info info = {
		.size = sizeof(info), .driver = "guide", .model = "A camera", .bus_info = "platform:guide"};
	mediadev_device *device = mediadev_device_new(&info, NULL, NULL);
	mediadev_entity *front, *back, *scaler, *capture;

	if (!device)
		give_up();
	front = add(device, "Front sensor", MEDIA_ENT_F_CAM_SENSOR, out, 1);
	back = add(device, "Back sensor", MEDIA_ENT_F_CAM_SENSOR, out, 1);
	scaler = add(device, "Scaler", MEDIA_ENT_F_PROC_VIDEO_SCALER, through, 2);
	capture = add(device, "Capture", MEDIA_ENT_F_IO_V4L, in, 1);
	if (mediadev_link_add(front, 0, scaler, 0, MEDIA_LNK_FL_ENABLED) < 0 ||
	    mediadev_link_add(back, 0, scaler, 0, 0) < 0 ||
	    mediadev_link_add(scaler, 1, capture, 0, MEDIA_LNK_FL_ENABLED | MEDIA_LNK_FL_IMMUTABLE) < 0)
		give_up();
	/* They stay in the graph. */
	mediadev_entity_put(capture);
	mediadev_entity_put(scaler);
	mediadev_entity_put(back);
	mediadev_entity_put(front);
	if (mediadev_register(device) < 0)
		give_up();
	return device;
}

static void show(mediadev_topology *graph)
{
	struct mediadev_entity_info entity = {.size = sizeof(entity)};
	struct mediadev_link_info link = {.size = sizeof(link)};
	char function[64], flags[64];

	for (unsigned int i = 0; mediadev_topology_entity(graph, i, &entity) == 0; i++) {
		mediadev_name_function(entity.function, function, sizeof(function));
		printf("  entity %u: %s (%s), %u pads\n", entity.id, entity.name, function, entity.num_pads);
	}
	for (unsigned int i = 0; mediadev_topology_link(graph, i, &link) == 0; i++) {
		mediadev_name_link_flags(link.flags, flags, sizeof(flags));
		printf("  link: %u:%u -> %u:%u [%s]\n", link.source_entity, link.source_pad, link.sink_entity, link.sink_pad,
		       flags);
	}
}

static int print_name(const struct mediadev_entity_info *entity, void *user_data)
{
	(void)user_data;
	printf(" <- %s", entity->name);
	return 0;
}

/* Where does what we capture come from? */
static void show_way(mediadev_topology *graph)
{
	struct mediadev_entity_info capture = {.size = sizeof(capture)};

	if (mediadev_topology_find(graph, "Capture", &capture) < 0 ||
	    mediadev_topology_walk(graph, capture.id, MEDIADEV_UPSTREAM, print_name, NULL) < 0)
		give_up();
	printf("\n");
}

/* The id of a pad, which is what links are set up by. */
static uint32_t pad_id(mediadev_topology *graph, const char *entity, uint32_t index)
{
	struct mediadev_entity_info found = {.size = sizeof(found)};
	struct mediadev_pad_info pad = {.size = sizeof(pad)};

	if (mediadev_topology_find(graph, entity, &found) < 0 || mediadev_topology_pad_of(graph, found.id, index, &pad) < 0)
		give_up();
	return pad.id;
}

static void use_back_sensor(mediadev_file *file, mediadev_topology *graph)
{
	uint32_t front = pad_id(graph, "Front*", 0), back = pad_id(graph, "Back*", 0), sink = pad_id(graph, "Scaler", 0);

	if (mediadev_file_setup_link(file, front, sink, 0) < 0 ||
	    mediadev_file_setup_link(file, back, sink, MEDIA_LNK_FL_ENABLED) < 0)
		give_up();
	/* What cannot be changed says so. */
	if (mediadev_file_setup_link(file, pad_id(graph, "Scaler", 1), pad_id(graph, "Capture", 0), 0) < 0)
		printf("%s\n", mediadev_last_error());
}

int main(void)
{
	mediadev_device *device = camera();
	mediadev_file *file = mediadev_file_open(device);
	mediadev_topology *before = file ? mediadev_topology_of(file) : NULL;

	if (!before)
		give_up();
	show(before);
	show_way(before);
	use_back_sensor(file, before);

	/* A topology never changes: the new state is another one. */
	mediadev_topology *now = mediadev_topology_of(file);
	if (!now)
		give_up();
	show_way(before);
	show_way(now);

	char *dot;
	if (mediadev_topology_to_dot(now, &dot) == 0)
		printf("%.16s...\n", dot);
	mediadev_free(dot);
	mediadev_topology_put(now);
	mediadev_topology_put(before);
	mediadev_file_close(file);
	mediadev_unregister(device);
	mediadev_device_put(device);
}
