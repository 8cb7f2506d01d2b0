/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A device of this process as a node, served from the program's own loop or from a thread, and a client that knows nothing of us. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <linux/media.h>
#include <mediadev.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#define TAP_EXPLAIN mediadev_last_error
#include "tap.h"

/* A private call, which counts a number up, or waits. */
#define COUNT _IOWR('C', 1, int)
#define WAIT _IO('C', 2)

static const struct mediadev_info INFO = {.size = sizeof(INFO), .driver = "camera", .model = "A camera"};
static atomic_int waits;
static int freed;

static int camera_ioctl(mediadev_file *file, uint32_t request, void *arg, void *user_data)
{
	(void)user_data;
	switch (request) {
	case COUNT:
		if (mediadev_file_is_exported(file) != 1)
			return -EINVAL;
		return ++*(int *)arg;
	case WAIT:
		waits++;
		return (intptr_t)arg == 42 ? MEDIADEV_NOT_YET : -EPERM;
	default:
		return -ENOTTY;
	}
}

static void after_free(void *user_data)
{
	(void)user_data;
	freed++;
}

static mediadev_device *camera(void)
{
	static const struct mediadev_ops OPS = {.size = sizeof(OPS), .ioctl = camera_ioctl, .after_free = after_free};
	static const uint32_t SOURCE = MEDIA_PAD_FL_SOURCE, SINK = MEDIA_PAD_FL_SINK;
	mediadev_device *device = mediadev_device_new(&INFO, &OPS, NULL);
	mediadev_entity *sensor = mediadev_entity_add(device, "Sensor", MEDIA_ENT_F_CAM_SENSOR, &SOURCE, 1);
	mediadev_entity *capture = mediadev_entity_add(device, "Capture", MEDIA_ENT_F_IO_V4L, &SINK, 1);

	ok0(mediadev_link_add(sensor, 0, capture, 0, 0));
	mediadev_entity_put(sensor);
	mediadev_entity_put(capture);
	ok0(mediadev_register(device));
	freed = 0;
	return device;
}

/* Another process, which ends with 0 if all is as it wants it, or with a line number. */
#define want(condition)                                                                    \
	do {                                                                               \
		if (!(condition))                                                          \
			_exit(__LINE__ % 255 + 1);                                         \
	} while (0)

static pid_t client(void (*body)(void))
{
	pid_t pid = fork();

	if (!pid) {
		body();
		_exit(0);
	}
	return pid;
}

static void looks(void)
{
	struct media_device_info info;
	struct media_v2_entity entities[4];
	struct media_v2_topology topology = {.num_entities = 4, .ptr_entities = (uintptr_t)entities};
	int fd = open("/dev/media70", O_RDWR), number = 6;

	want(fd >= 0);
	want(!ioctl(fd, MEDIA_IOC_DEVICE_INFO, &info) && !strcmp(info.driver, "camera"));
	want(!ioctl(fd, MEDIA_IOC_G_TOPOLOGY, &topology) && topology.num_entities == 2);
	want(!strcmp(entities[1].name, "Capture") && topology.num_links == 1);
	want(ioctl(fd, COUNT, &number) == 7 && number == 7);
	want(ioctl(fd, WAIT, 0) < 0 && errno == EPERM);
	want(ioctl(fd, MEDIA_IOC_REQUEST_ALLOC, &number) < 0 && errno == ENOTTY);
}

/* Serves until a process has ended; with what. */
static int serve_until_ended(mediadev_export *export, pid_t pid)
{
	struct pollfd ready = {.fd = mediadev_export_fd(export), .events = POLLIN};
	int status;

	while (waitpid(pid, &status, WNOHANG) != pid)
		if (poll(&ready, 1, 20) > 0)
			ok(mediadev_export_serve(export, 0) >= 0);
	return status;
}

TEST("M11 a node is served from the program's own loop")
{
	mediadev_device *device = camera();
	mediadev_export *export = mediadev_export_cuse(device, "media70");

	ok(export);
	ok_int(mediadev_export_serve(export, 0), 0);
	ok_int(serve_until_ended(export, client(looks)), 0);
	ok0(mediadev_export_stop(export));
	ok(access("/dev/media70", F_OK));
	while (mediadev_export_serve(export, -1) >= 0)
		;
	ok_error(mediadev_export_serve(export, -1), -ENODEV, "/dev/media70: it is served no more");
	ok(mediadev_is_registered(device) && !freed);
	mediadev_export_put(export);
	ok0(mediadev_unregister(device));
	mediadev_device_put(device);
	ok_int(freed, 1);
}

static void waits_for_ever(void)
{
	int fd = open("/dev/media71", O_RDWR);

	want(fd >= 0);
	want(ioctl(fd, WAIT, 42) < 0 && errno == ENODEV);
	want(ioctl(fd, COUNT, &fd) < 0 && errno == ENODEV);
}

TEST("M2 M3 M11 a thread serves it; unregister wakes who waits, and the last one to close it ends it")
{
	mediadev_device *device = camera();
	mediadev_export *export = mediadev_export_cuse(device, "media71");
	int status;
	pid_t pid;

	ok0(mediadev_export_start(export));
	ok_error(mediadev_export_start(export), -EBUSY, "/dev/media71: a thread serves it already");
	waits = 0;
	pid = client(waits_for_ever);
	for (int tries = 0; !waits; tries++, usleep(10000))
		ok(tries < 6000);
	ok0(mediadev_unregister(device));
	ok(access("/dev/media71", F_OK));
	mediadev_device_put(device);
	ok_int(waitpid(pid, &status, 0), pid);
	ok_int(status, 0);
	while (mediadev_export_serve(export, -1) >= 0)
		;
	ok(!freed);
	mediadev_export_put(export);
	/* The thread may still be on its way out. */
	for (int tries = 0; !__atomic_load_n(&freed, __ATOMIC_RELAXED); tries++, usleep(10000))
		ok(tries < 6000);
	ok_int(freed, 1);
}

static pthread_barrier_t both;

static void *puts_the_export(void *export)
{
	pthread_barrier_wait(&both);
	mediadev_export_put(export);
	return NULL;
}

TEST("M2 M11 when unregistering returns its node has gone, also if the export ends at that moment")
{
	pthread_barrier_init(&both, NULL, 2);
	for (int round = 0; round < 200; round++) {
		/* Each has a name of its own: the system may still have the last one's. */
		char path[32];
		mediadev_device *device = camera();
		mediadev_export *export;
		pthread_t thread;

		snprintf(path, sizeof(path), "/dev/ending%d", round);
		export = mediadev_export_cuse(device, path + strlen("/dev/"));
		ok(export);
		ok0(mediadev_export_start(export));
		ok0(pthread_create(&thread, NULL, puts_the_export, export));
		pthread_barrier_wait(&both);
		ok0(mediadev_unregister(device));
		ok(access(path, F_OK));
		ok0(pthread_join(thread, NULL));
		mediadev_device_put(device);
	}
	pthread_barrier_destroy(&both);
}
