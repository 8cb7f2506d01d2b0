/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* unregister: a camera of this program is taken away while somebody has it open. No hardware and no kernel is needed. */
#include <linux/media.h>
#include <mediadev.h>
#include <stdio.h>

static void freed(void *name)
{
	printf("%s: nobody has it any more\n", (const char *)name);
}

int main(void)
{
	struct mediadev_info info = {.size = sizeof(info), .driver = "camera", .model = "A camera"};
	struct mediadev_ops ops = {.size = sizeof(ops), .after_free = freed};
	const uint32_t out = MEDIA_PAD_FL_SOURCE, in = MEDIA_PAD_FL_SINK;
	mediadev_device *device = mediadev_device_new(&info, &ops, "the camera");
	mediadev_entity *sensor = mediadev_entity_add(device, "Sensor", MEDIA_ENT_F_CAM_SENSOR, &out, 1);
	mediadev_entity *capture = mediadev_entity_add(device, "Capture", MEDIA_ENT_F_IO_V4L, &in, 1);

	if (mediadev_link_add(sensor, 0, capture, 0, 0) < 0 || mediadev_register(device) < 0)
		return fprintf(stderr, "%s\n", mediadev_last_error()), 1;
	mediadev_entity_put(sensor); /* it stays in the graph */
	mediadev_entity_put(capture);

	mediadev_file *file = mediadev_file_open(device); /* somebody opens it */
	mediadev_topology *graph = mediadev_topology_of(file);

	mediadev_unregister(device); /* never waits for anybody */
	mediadev_device_put(device);
	if (!mediadev_topology_of(file))
		printf("%s\n", mediadev_last_error());
	printf("%u entities, as it was\n", mediadev_topology_count(graph, MEDIADEV_KIND_ENTITY));

	mediadev_topology_put(graph);
	mediadev_file_close(file); /* the last one: now it is freed */
}
