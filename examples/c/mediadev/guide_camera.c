/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * guide_camera: a program that provides a camera: handles, calls that sleep, links that are asked for, streaming, requests, and an end
 * under its viewers (docs/guide/mediadev).
 */
#include <errno.h>
#include <linux/media.h>
#include <mediadev.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A call of the camera's own: the number of the next frame. Sleeps until there is one. */
#define CAMERA_FRAME _IOR('C', 1, uint32_t)

static _Noreturn void give_up(void)
{
	fprintf(stderr, "%s\n", mediadev_last_error());
	exit(1);
}

/* What the camera has. Calls use it, so it is freed in after_free, when none is left. */
struct camera {
	atomic_uint frames;
};

/* What each open handle has. Several threads may call with one handle: here one polls while another one reads. */
struct viewer {
	atomic_uint seen;
};

static int camera_open(mediadev_file *file, void *user_data)
{
	struct viewer *viewer = calloc(1, sizeof(*viewer));

	(void)user_data;
	if (!viewer)
		return -ENOMEM;
	mediadev_file_set_context(file, viewer, free);
	return 0;
}

static void camera_close(mediadev_file *file, void *user_data)
{
	struct viewer *viewer = mediadev_file_context(file);

	(void)user_data;
	printf("  close: a viewer who has seen %u frames\n", viewer->seen);
}

static int camera_ioctl(mediadev_file *file, uint32_t request, void *argument, void *user_data)
{
	struct camera *camera = user_data;
	struct viewer *viewer = mediadev_file_context(file);

	if (request != CAMERA_FRAME)
		return -ENOTTY;
	if (viewer->seen == atomic_load(&camera->frames))
		return MEDIADEV_NOT_YET; /* the library sleeps, and asks again after mediadev_notify() */
	*(uint32_t *)argument = ++viewer->seen;
	return 0;
}

static uint32_t camera_poll(mediadev_file *file, void *user_data)
{
	struct camera *camera = user_data;
	struct viewer *viewer = mediadev_file_context(file);

	return viewer->seen == atomic_load(&camera->frames) ? 0 : POLLIN;
}

/* Somebody wants a link enabled or disabled; each end is asked. */
static int camera_link_setup(mediadev_entity *entity, unsigned int pad, const struct mediadev_link_info *link, uint32_t flags,
			     void *user_data)
{
	(void)link, (void)user_data;
	printf("  link_setup: %s, pad %u, %s\n", mediadev_entity_name(entity), pad,
	       flags & MEDIA_LNK_FL_ENABLED ? "on" : "off");
	return 0;
}

static void camera_request_queue(mediadev_request *request, void *user_data)
{
	(void)user_data;
	printf("  request_queue\n");
	mediadev_request_complete(request); /* or later, from another thread, with a reference of one's own */
}

static void camera_before_free(mediadev_device *device, void *user_data)
{
	(void)device, (void)user_data;
	printf("  before_free: nobody has the camera any more\n");
}

static void camera_after_free(void *user_data)
{
	printf("  after_free: nothing is left of it\n");
	free(user_data);
}

static void clock_off(void *name)
{
	printf("  %s is switched off\n", (char *)name);
}

static const struct mediadev_ops ops = {
	.size = sizeof(ops),
	.open = camera_open,
	.close = camera_close,
	.ioctl = camera_ioctl,
	.poll = camera_poll,
	.link_setup = camera_link_setup,
	.request_queue = camera_request_queue,
	.before_free = camera_before_free,
	.after_free = camera_after_free,
};

/* A frame has come: those who wait look again. */
static void expose(mediadev_device *device, struct camera *camera)
{
	atomic_fetch_add(&camera->frames, 1);
	mediadev_notify(device);
}

static void *view(void *opened)
{
	mediadev_file *file = opened;
	uint32_t frame;
	int result;

	while ((result = mediadev_file_ioctl(file, CAMERA_FRAME, &frame)) == 0)
		printf("  viewer: frame %u\n", frame);
	if (result != -ENODEV)
		give_up();
	printf("  viewer: %s\n", mediadev_last_error());
	mediadev_file_close(file);
	return NULL;
}

static mediadev_device *plug_in(struct camera *camera, mediadev_entity **sensor)
{
	static const uint32_t out[] = {MEDIA_PAD_FL_SOURCE}, in[] = {MEDIA_PAD_FL_SINK};
	struct mediadev_info info = {
		.size = sizeof(info), .driver = "guide", .model = "A camera", .bus_info = "platform:guide"};
	/* From here on camera is freed by after_free, also if this fails. */
	mediadev_device *device = mediadev_device_new(&info, &ops, camera);

	if (!device || mediadev_manage(device, "the clock", clock_off) < 0)
		give_up();
	*sensor = mediadev_entity_add(device, "Sensor", MEDIA_ENT_F_CAM_SENSOR, out, 1);
	mediadev_entity *capture = mediadev_entity_add(device, "Capture", MEDIA_ENT_F_IO_V4L, in, 1);
	if (mediadev_link_add(*sensor, 0, capture, 0, 0) < 0 || mediadev_register(device) < 0)
		give_up();
	mediadev_entity_put(capture);
	return device;
}

static void stream(mediadev_file *file, mediadev_entity *sensor)
{
	mediadev_pipeline pipeline = {0};
	mediadev_topology *graph = mediadev_topology_of(file);
	struct mediadev_link_info link = {.size = sizeof(link)};

	if (!graph || mediadev_topology_link(graph, 0, &link) < 0 ||
	    mediadev_file_setup_link(file, link.source_id, link.sink_id, MEDIA_LNK_FL_ENABLED) < 0 ||
	    mediadev_pipeline_start(sensor, 0, &pipeline) < 0)
		give_up();
	if (mediadev_file_setup_link(file, link.source_id, link.sink_id, 0) == -EBUSY)
		printf("  while data flows: %s\n", mediadev_last_error());
	mediadev_pipeline_stop(sensor, 0, &pipeline);
	mediadev_topology_put(graph);
}

static void queue_request(mediadev_file *file)
{
	mediadev_request *request = mediadev_file_request_alloc(file);

	if (!request || mediadev_request_queue(request) < 0 || mediadev_request_wait(request, 1000) < 0)
		give_up();
	printf("  the request is complete\n");
	mediadev_request_put(request);
}

int main(void)
{
	struct camera *camera = calloc(1, sizeof(*camera));
	if (!camera)
		return perror("guide_camera"), 1;
	mediadev_entity *sensor;
	mediadev_device *device = plug_in(camera, &sensor);
	mediadev_file *file = mediadev_file_open(device);
	pthread_t viewer;

	if (!file)
		give_up();
	printf("links and streaming\n");
	stream(file, sensor);
	printf("a request\n");
	queue_request(file);

	printf("two frames, and the camera is pulled out under the viewer, who sleeps\n");
	expose(device, camera);
	expose(device, camera);
	pthread_create(&viewer, NULL, view, file);
	while (mediadev_file_poll(file, 0) & POLLIN) /* until he has seen both */
		usleep(1000);
	mediadev_unregister(device);
	pthread_join(viewer, NULL);
	if (mediadev_drain(device, 1000) < 0)
		give_up();

	printf("the last ones let go\n");
	mediadev_device_put(device);
	printf("  still held: %s, %s\n", mediadev_entity_name(sensor),
	       mediadev_entity_is_attached(sensor) ? "in its graph" : "alone");
	mediadev_entity_put(sensor);
}
