/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Requests on vivid: buffers of a video node that are queued as a request, completed, and used again. */
#include <linux/videodev2.h>
#include <sys/ioctl.h>

#include "vimc.h"

enum { BUFFERS = 2 };

static mediadev_node *node;
static int video;

static void video_call(unsigned long request, void *argument, const char *name)
{
	if (ioctl(video, request, argument))
		tap_fail("%s: %s", name, strerror(errno));
}
#define CALL(request, argument) video_call(request, argument, #request)

static void set_up(void)
{
	struct mediadev_entity_info entity = {.size = sizeof(entity)};
	struct v4l2_requestbuffers buffers = {
		.count = BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
	char path[64];

	if (node)
		return;
	node = mediadev_open("vivid");
	ok(node);
	mediadev_topology *topology = mediadev_topology_read(node);
	ok(topology);
	ok0(mediadev_topology_find(topology, "*-vid-cap", &entity));
	ok(mediadev_topology_devnode(topology, entity.id, path, sizeof(path)) > 0);
	mediadev_topology_put(topology);
	video = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	ok(video >= 0);
	CALL(VIDIOC_REQBUFS, &buffers);
	ok_int(buffers.count, BUFFERS);
	ok(buffers.capabilities & V4L2_BUF_CAP_SUPPORTS_REQUESTS);
}

static void fill(mediadev_request *request, unsigned index)
{
	struct v4l2_buffer buffer = {.index = index,
				     .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
				     .memory = V4L2_MEMORY_MMAP,
				     .flags = V4L2_BUF_FLAG_REQUEST_FD,
				     .request_fd = mediadev_request_fd(request)};

	CALL(VIDIOC_QBUF, &buffer);
}

TEST("a request is filled, queued, completed, and used again")
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	mediadev_request *requests[BUFFERS];

	set_up();
	for (int i = 0; i < BUFFERS; i++) {
		requests[i] = mediadev_request_alloc(node);
		ok(requests[i]);
		ok_int(mediadev_request_wait(requests[i], -1), -EINVAL);
		ok_int(mediadev_request_queue(requests[i]), -ENOENT);
		fill(requests[i], i);
		ok0(mediadev_request_queue(requests[i]));
		ok_int(mediadev_request_queue(requests[i]), -EBUSY);
		ok_int(mediadev_request_reinit(requests[i]), -EBUSY);
		ok_contains(mediadev_last_error(), "(platform:vivid-000): a request: MEDIA_REQUEST_IOC_REINIT: ");
	}
	ok_int(mediadev_request_wait(requests[0], 0), -ETIMEDOUT);
	ok_int(mediadev_request_wait(requests[0], 60), -ETIMEDOUT);
	CALL(VIDIOC_STREAMON, &type);
	for (int round = 0; round < 6; round++) {
		mediadev_request *request = requests[round % BUFFERS];
		struct v4l2_buffer buffer = {.type = type, .memory = V4L2_MEMORY_MMAP};
		ok0(mediadev_request_wait(request, SOON_MS));
		struct pollfd entry = {.fd = mediadev_request_fd(request), .events = POLLPRI};
		ok_int(poll(&entry, 1, 0), 1);
		ok(entry.revents & POLLPRI);
		CALL(VIDIOC_DQBUF, &buffer);
		ok_int(buffer.index, round % BUFFERS);
		ok(!(buffer.flags & V4L2_BUF_FLAG_ERROR));
		ok0(mediadev_request_reinit(request));
		fill(request, buffer.index);
		ok0(mediadev_request_queue(request));
	}
	CALL(VIDIOC_STREAMOFF, &type);
	for (int i = 0; i < BUFFERS; i++)
		mediadev_request_put(requests[i]);
}

static void *wait(void *request)
{
	return (void *)(intptr_t)mediadev_request_wait(request, SOON_MS);
}

TEST("who waits for a request is woken when it is completed, from another thread")
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	pthread_t waiter;
	void *result;

	set_up();
	struct v4l2_requestbuffers none = {.type = type, .memory = V4L2_MEMORY_MMAP};
	CALL(VIDIOC_REQBUFS, &none);
	none.count = BUFFERS;
	CALL(VIDIOC_REQBUFS, &none);
	mediadev_request *request = mediadev_request_alloc(node);
	fill(request, 0);
	ok0(mediadev_request_queue(request));
	ok0(pthread_create(&waiter, NULL, wait, request));
	usleep(100000);
	CALL(VIDIOC_STREAMON, &type);
	ok0(pthread_join(waiter, &result));
	ok0((intptr_t)result);
	CALL(VIDIOC_STREAMOFF, &type);
	/* A request holds its node. */
	mediadev_node_put(node);
	node = NULL;
	ok0(mediadev_request_reinit(request));
	mediadev_request_put(request);
}

TEST("a device without requests says so")
{
	mediadev_node *vimc = vimc_open();

	ok_errno(mediadev_request_alloc(vimc), ENOTTY);
	ok_contains(mediadev_last_error(), "MEDIA_IOC_REQUEST_ALLOC: the device does not know this call");
	mediadev_node_put(vimc);
}
