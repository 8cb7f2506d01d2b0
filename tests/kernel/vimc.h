/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Media devices of the kernel for the kernel tests: vimc, which can be bound and unbound, and media-ctl beside it.
 */
#ifndef VIMC_H
#define VIMC_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <linux/media.h>
#include <mediadev.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define TAP_EXPLAIN mediadev_last_error
#include "tap.h"

#define UNUSED __attribute__((unused))

/* The machine is emulated, and busy: nobody may wake up later than this, and what surely comes comes in a minute. */
#define LATEST_MS 20000
#define SOON_MS 60000

static inline uint64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ull + now.tv_nsec / 1000000;
}

/* Writes "vimc.0" to a file of the driver: "bind" or "unbind". */
static inline void vimc_driver(const char *file)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/platform/drivers/vimc/%s", file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "vimc.0", 6) != 6)
		tap_fail("cannot write to %s: %s (kernel tests need root and vimc: `make check-kernel`)", path, strerror(errno));
	close(fd);
}

/* Opens it, when it is there. */
static inline mediadev_node *vimc_open(void)
{
	mediadev_node *node;

	for (int tries = 0; !(node = mediadev_open("platform:vimc")); tries++) {
		if (tries == 1000)
			tap_fail("vimc does not come");
		usleep(10000);
	}
	return node;
}

/* What media-ctl prints of a device, with these words. */
static inline void media_ctl(mediadev_node *node, const char *words, char *text, size_t size)
{
	char command[512];
	FILE *pipe;
	size_t length;

	snprintf(command, sizeof(command), "media-ctl -d /dev/%s %s", mediadev_node_name(node), words);
	pipe = popen(command, "re");
	ok(pipe);
	length = fread(text, 1, size - 1, pipe);
	text[length] = 0;
	ok_int(pclose(pipe), 0);
}

UNUSED static inline uint32_t pad_of(mediadev_topology *topology, const char *entity, unsigned index)
{
	struct mediadev_entity_info found = {.size = sizeof(found)};
	struct mediadev_pad_info pad = {.size = sizeof(pad)};

	ok0(mediadev_topology_find(topology, entity, &found));
	ok0(mediadev_topology_pad_of(topology, found.id, index, &pad));
	return pad.id;
}

#endif
