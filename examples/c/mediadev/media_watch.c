/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * media_watch: says which media devices there are, and then which ones come and go.
 *
 * inotify tells that something has happened in /dev, and the library what: a device that is held stays itself, so the one that has gone
 * is told from the one that has its name now.
 */
#include <mediadev.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define MOST 64

static mediadev_node *nodes[MOST];

static void say(const char *what, mediadev_node *node)
{
	struct mediadev_info info = {.size = sizeof(info)};

	mediadev_info(node, &info);
	printf("%s /dev/%s: %s, driver %s at %s\n", what, mediadev_node_name(node), info.model, info.driver, info.bus_info);
}

/* Puts those that have gone. */
static void look_after_old(void)
{
	for (int i = 0; i < MOST; i++)
		if (nodes[i] && !mediadev_node_is_alive(nodes[i])) {
			say("gone", nodes[i]);
			mediadev_node_put(nodes[i]);
			nodes[i] = NULL;
		}
}

static int is_known(const char *name)
{
	for (int i = 0; i < MOST; i++)
		if (nodes[i] && !strcmp(mediadev_node_name(nodes[i]), name))
			return 1;
	return 0;
}

/* Opens those that have come. One that cannot be opened yet, since it has just been made, is told of again. */
static void look_for_new(void)
{
	char name[32] = "";

	while (mediadev_next(*name ? name : NULL, name, sizeof(name)) > 0) {
		int i = 0;

		while (i < MOST && nodes[i])
			i++;
		if (i < MOST && !is_known(name) && (nodes[i] = mediadev_open(name)))
			say("here", nodes[i]);
	}
}

int main(void)
{
	char events[4096];
	int changes = inotify_init1(IN_CLOEXEC);

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (inotify_add_watch(changes, "/dev", IN_CREATE | IN_ATTRIB | IN_DELETE) < 0)
		return perror("media_watch: /dev"), 1;
	do {
		look_after_old();
		look_for_new();
	} while (read(changes, events, sizeof(events)) > 0);
	perror("media_watch");
	return 1;
}
