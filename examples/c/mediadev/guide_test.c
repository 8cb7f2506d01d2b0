/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* guide_test: how a program that sets up cameras is tested without a camera, rights and a kernel module (docs/guide/mediadev). */
#include <assert.h>
#include <errno.h>
#include <linux/media.h>
#include <mediadev.h>
#include <stdio.h>
#include <string.h>

/* The code under test: which sensor is connected to the capture? It needs only a topology, of whatever device. */
static int first_sensor(const struct mediadev_entity_info *entity, void *found)
{
	if (entity->function != MEDIA_ENT_F_CAM_SENSOR)
		return 0;
	*(struct mediadev_entity_info *)found = *entity;
	return 1;
}

static int connected_sensor(mediadev_topology *graph, char *name, size_t size)
{
	struct mediadev_entity_info capture = {.size = sizeof(capture)}, sensor;
	int result = mediadev_topology_by_function(graph, MEDIA_ENT_F_IO_V4L, 0, &capture);

	if (result == 0)
		result = mediadev_topology_walk(graph, capture.id, MEDIADEV_UPSTREAM, first_sensor, &sensor);
	if (result == 1)
		snprintf(name, size, "%s", sensor.name);
	return result == 1 ? 0 : result == 0 ? -ENOLINK : result;
}

static int ask(mediadev_file *file, char *name, size_t size)
{
	mediadev_topology *graph = mediadev_topology_of(file);
	int result = graph ? connected_sensor(graph, name, size) : -errno;

	mediadev_topology_put(graph);
	return result;
}

int main(void)
{
	static const uint32_t out[] = {MEDIA_PAD_FL_SOURCE}, in[] = {MEDIA_PAD_FL_SINK};
	struct mediadev_info info = {.size = sizeof(info), .driver = "test", .model = "Test"};
	char name[64] = "", *holders;

	mediadev_set_tracking(1);
	mediadev_device *device = mediadev_device_new(&info, NULL, NULL);
	mediadev_entity *sensor = mediadev_entity_add(device, "imx219", MEDIA_ENT_F_CAM_SENSOR, out, 1);
	mediadev_entity *capture = mediadev_entity_add(device, "capture", MEDIA_ENT_F_IO_V4L, in, 1);
	assert(mediadev_link_add(sensor, 0, capture, 0, 0) == 0 && mediadev_register(device) == 0);
	mediadev_file *file = mediadev_file_open(device);
	assert(file);

	assert(ask(file, name, sizeof(name)) == -ENOLINK);
	assert(mediadev_link_setup(sensor, 0, capture, 0, MEDIA_LNK_FL_ENABLED) == 0);
	assert(ask(file, name, sizeof(name)) == 0 && !strcmp(name, "imx219"));

	/* Hardware that comes and goes. */
	assert(mediadev_entity_remove(sensor) == 0);
	assert(ask(file, name, sizeof(name)) == -ENOLINK);
	mediadev_unregister(device);
	assert(ask(file, name, sizeof(name)) == -ENODEV);

	mediadev_entity_put(sensor);
	mediadev_entity_put(capture);
	mediadev_file_close(file);
	mediadev_device_put(device);
	assert(mediadev_holders(&holders) == 0);
	mediadev_free(holders);
	printf("all is well\n");
}
