/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the C tests of libmediadev have in common: a camera that lives in this process and writes down what happens to it, clocks
 * for threads, and the account of what a test leaves behind.
 */
#ifndef FIXTURES_H
#define FIXTURES_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <fcntl.h>
#include <linux/media.h>
#include <mediadev.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#define TAP_EXPLAIN mediadev_last_error
#include "tap.h"

#define UNUSED __attribute__((unused))
#define GONE (POLLERR | POLLHUP)
#define SOURCE MEDIA_PAD_FL_SOURCE
#define SINK MEDIA_PAD_FL_SINK
#define ENABLED MEDIA_LNK_FL_ENABLED

/* What happened, in order, with a space behind each; from any thread. */
static char happened[4096];
static pthread_mutex_t happening = PTHREAD_MUTEX_INITIALIZER;

static inline void say(const char *what)
{
	pthread_mutex_lock(&happening);
	strncat(happened, what, sizeof(happened) - strlen(happened) - 1);
	strncat(happened, " ", sizeof(happened) - strlen(happened) - 1);
	pthread_mutex_unlock(&happening);
}

/* What happened since this was last looked at. */
#define ok_happened(what)                                                                  \
	do {                                                                               \
		ok_str(happened, what);                                                    \
		*happened = 0;                                                             \
	} while (0)

/* What a test has the device do, on any thread; zero is what the library does by itself. */
static struct {
	atomic_int open, ioctl, setup, setup_pad, validate, request_validate;
	atomic_uint poll;
	/* Called in the middle of an operation. */
	void (*in_ioctl)(mediadev_file *file, void *arg);
	void (*in_setup)(mediadev_entity *entity, uint32_t flags);
	void (*in_close)(mediadev_file *file);
	void (*in_before_free)(mediadev_device *device);
	void (*in_queue)(mediadev_request *request);
	int notifies;
} does;

static inline int camera_open(mediadev_file *file, void *user_data)
{
	(void)file, (void)user_data;
	say("open");
	return does.open;
}

static inline void camera_close(mediadev_file *file, void *user_data)
{
	(void)user_data;
	say("close");
	if (does.in_close)
		does.in_close(file);
}

/* A private call: its argument is a number, which is counted up. */
#define CAMERA_COUNT _IOWR('C', 1, int)
/* One that has nothing to say yet. */
#define CAMERA_WAIT _IO('C', 2)
/* One that runs in_ioctl. */
#define CAMERA_RUN _IO('C', 3)

static inline int camera_ioctl(mediadev_file *file, uint32_t request, void *arg, void *user_data)
{
	(void)user_data;
	switch (request) {
	case CAMERA_COUNT:
		++*(int *)arg;
		return does.ioctl;
	case CAMERA_WAIT:
		return does.ioctl ? does.ioctl : MEDIADEV_NOT_YET;
	case CAMERA_RUN:
		does.in_ioctl(file, arg);
		return does.ioctl;
	}
	return -ENOTTY;
}

static inline uint32_t camera_poll(mediadev_file *file, void *user_data)
{
	(void)file, (void)user_data;
	return does.poll;
}

static inline int camera_link_setup(mediadev_entity *entity, unsigned pad, const struct mediadev_link_info *link,
				    uint32_t flags, void *user_data)
{
	char text[128];

	(void)user_data;
	snprintf(text, sizeof(text), "%s:%u(%u>%u)", mediadev_entity_name(entity), pad, link->flags, flags);
	say(text);
	if (does.in_setup)
		does.in_setup(entity, flags);
	return does.setup && does.setup_pad == (int)link->id && flags != link->flags ? does.setup : 0;
}

static inline void camera_link_notify(mediadev_device *device, const struct mediadev_link_info *link, uint32_t flags,
				      uint32_t when, void *user_data)
{
	char text[64];

	(void)device, (void)user_data;
	snprintf(text, sizeof(text), "%s(%u>%u)", when == MEDIADEV_NOTIFY_AFTER ? "after" : "before", link->flags, flags);
	if (does.notifies)
		say(text);
}

static inline int camera_link_validate(mediadev_entity *sink, unsigned pad, const struct mediadev_link_info *link,
				       void *user_data)
{
	(void)sink, (void)pad, (void)link, (void)user_data;
	return does.validate;
}

static inline int camera_request_validate(mediadev_request *request, void *user_data)
{
	(void)request, (void)user_data;
	return does.request_validate;
}

static inline void camera_request_queue(mediadev_request *request, void *user_data)
{
	(void)user_data;
	if (does.in_queue)
		does.in_queue(request);
}

static inline void camera_before_free(mediadev_device *device, void *user_data)
{
	(void)user_data;
	say("before_free");
	if (does.in_before_free)
		does.in_before_free(device);
}

static inline void camera_after_free(void *user_data)
{
	say("after_free");
	/* Who gave a counter wants to know that it was he. */
	if (user_data)
		++*(int *)user_data;
}

static const struct mediadev_ops camera_ops = {
	.size = sizeof(camera_ops),
	.link_setup = camera_link_setup,
	.link_notify = camera_link_notify,
	.open = camera_open,
	.close = camera_close,
	.ioctl = camera_ioctl,
	.poll = camera_poll,
	.before_free = camera_before_free,
	.after_free = camera_after_free,
	.link_validate = camera_link_validate,
	.request_validate = camera_request_validate,
	.request_queue = camera_request_queue,
};

static const struct mediadev_info camera_info = {
	.size = sizeof(camera_info),
	.driver = "camera",
	.model = "A camera",
	.serial = "0815",
	.bus_info = "platform:camera",
	.hw_revision = 3,
};

/* A camera: its sensor feeds a scaler, which feeds a capture node; no link is enabled. */
static mediadev_device *device;
static mediadev_entity *sensor, *scaler, *capture;

static inline void plug(void)
{
	memset(&does, 0, sizeof(does));
	*happened = 0;
	device = mediadev_device_new(&camera_info, &camera_ops, NULL);
	ok(device);
	sensor = mediadev_entity_add(device, "Sensor", MEDIA_ENT_F_CAM_SENSOR, (uint32_t[]){SOURCE}, 1);
	scaler = mediadev_entity_add(device, "Scaler", MEDIA_ENT_F_PROC_VIDEO_SCALER, (uint32_t[]){SINK, SOURCE}, 2);
	capture = mediadev_entity_add(device, "Capture", MEDIA_ENT_F_IO_V4L, (uint32_t[]){SINK}, 1);
	ok(sensor && scaler && capture);
	ok0(mediadev_link_add(sensor, 0, scaler, 0, 0));
	ok0(mediadev_link_add(scaler, 1, capture, 0, 0));
	ok0(mediadev_register(device));
}

/* The camera goes; this program may go on holding it. */
static inline void unplug(void)
{
	ok0(mediadev_unregister(device));
}

/* What this program holds of the camera, but for its device. */
static inline void put_entities(void)
{
	mediadev_entity_put(sensor);
	mediadev_entity_put(scaler);
	mediadev_entity_put(capture);
	sensor = scaler = capture = NULL;
}

static inline void let_go(void)
{
	put_entities();
	mediadev_device_put(device);
	device = NULL;
}

static inline void unplug_and_let_go(void)
{
	unplug();
	let_go();
}

static inline mediadev_file *open_file(void)
{
	mediadev_file *file = mediadev_file_open(device);

	ok(file);
	return file;
}

/* The flags that a link has now. */
static inline uint32_t flags_of(mediadev_entity *source, unsigned pad, mediadev_entity *sink, unsigned sink_pad)
{
	struct mediadev_link_info info = {.size = sizeof(info)};

	ok0(mediadev_link_find(source, pad, sink, sink_pad, &info));
	return info.flags;
}

static inline uint32_t pad_id(mediadev_entity *entity, unsigned pad)
{
	uint32_t id = 0;

	ok0(mediadev_entity_pad_id(entity, pad, &id));
	return id;
}

/* Says its name, which it is given, when it is freed. */
static inline void freed(void *name)
{
	say(name);
}

static inline uint64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ull + now.tv_nsec / 1000000;
}

static inline void sleep_ms(unsigned time)
{
	usleep(time * 1000);
}

static inline int under_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "vgpreload");
}

/*
 * Nobody may wake up later than this after the event that he waits for. A second is the promise; valgrind runs one thread at
 * a time and may leave another one waiting for longer on a busy machine, which says nothing about the library.
 */
static inline uint64_t latest_ms(void)
{
	return under_valgrind() ? 20000 : 1000;
}

static inline int open_fds(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = -1;

	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

UNUSED static int fds_at_start;

__attribute__((constructor)) static void count_fds(void)
{
	fds_at_start = open_fds();
}

#endif
