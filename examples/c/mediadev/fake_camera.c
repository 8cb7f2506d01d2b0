/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * fake_camera [NAME]: provides a media device that any program finds as /dev/NAME (media50), through the kernel's CUSE.
 *
 *     fake_camera media50 &
 *     media-ctl -d /dev/media50 -p
 *     media-ctl -d /dev/media50 -l "'Left sensor':0 -> 'Bridge':0 [1]"
 *
 * Two sensors can be linked to the bridge, which takes one at a time and refuses the other. To test programs that set up cameras; no data
 * flows. Says what happens to it. Ctrl-C or SIGTERM unregisters it: who has it open gets ENODEV, and when all have closed it, the program
 * ends. A second signal ends it at once. Needs the module cuse, and the right to open /dev/cuse.
 */
#include <errno.h>
#include <linux/media.h>
#include <mediadev.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define NOTHING (-1)

/* What the driver of the bridge knows: the pad that it takes its data from. Links change one after the other, so no lock is needed. */
struct bridge {
	int input;
};

/* Asked before a link changes, for each of its ends. */
static int link_setup(mediadev_entity *entity, unsigned pad, const struct mediadev_link_info *link, uint32_t flags, void *user_data)
{
	struct bridge *bridge = user_data;
	int enabled = flags & MEDIA_LNK_FL_ENABLED;

	if (strcmp(mediadev_entity_name(entity), "Bridge") || link->sink_entity != mediadev_entity_id(entity))
		return 0;
	if (enabled && bridge->input != NOTHING) {
		printf("Bridge: pad %u is refused, for pad %d is in use\n", pad, bridge->input);
		return -EBUSY;
	}
	bridge->input = enabled ? (int)pad : NOTHING;
	printf("Bridge: pad %u is %s\n", pad, enabled ? "connected" : "disconnected");
	return 0;
}

static int opened(mediadev_file *file, void *user_data)
{
	(void)file, (void)user_data;
	printf("opened\n");
	return 0;
}

static void closed(mediadev_file *file, void *user_data)
{
	(void)file, (void)user_data;
	printf("closed\n");
}

/* The last call: nothing of the device is left. */
static void after_free(void *user_data)
{
	free(user_data);
	printf("freed\n");
}

/* Sensors -> bridge -> capture. */
static int build(mediadev_device *device)
{
	static const uint32_t out[] = {MEDIA_PAD_FL_SOURCE}, in[] = {MEDIA_PAD_FL_SINK};
	static const uint32_t through[] = {MEDIA_PAD_FL_SINK, MEDIA_PAD_FL_SINK, MEDIA_PAD_FL_SOURCE};
	mediadev_entity *left = mediadev_entity_add(device, "Left sensor", MEDIA_ENT_F_CAM_SENSOR, out, 1);
	mediadev_entity *right = mediadev_entity_add(device, "Right sensor", MEDIA_ENT_F_CAM_SENSOR, out, 1);
	mediadev_entity *bridge = mediadev_entity_add(device, "Bridge", MEDIA_ENT_F_VID_IF_BRIDGE, through, 3);
	mediadev_entity *capture = mediadev_entity_add(device, "Capture", MEDIA_ENT_F_IO_V4L, in, 1);
	/* After an error the others are refused too: each of these accepts NULL. */
	int error = mediadev_link_add(left, 0, bridge, 0, 0);

	if (!error)
		error = mediadev_link_add(right, 0, bridge, 1, 0);
	if (!error)
		error = mediadev_link_add(bridge, 2, capture, 0, MEDIA_LNK_FL_ENABLED | MEDIA_LNK_FL_IMMUTABLE);
	/* They stay in the graph. */
	mediadev_entity_put(left);
	mediadev_entity_put(right);
	mediadev_entity_put(bridge);
	mediadev_entity_put(capture);
	return error;
}

/* Serves programs, until a signal has come and the last of them has closed the node: 0, or a negative errno. */
static int serve(mediadev_device *device, mediadev_export *export, const sigset_t *stop)
{
	struct pollfd ready[] = {{.fd = mediadev_export_fd(export), .events = POLLIN},
				 {.fd = signalfd(-1, stop, SFD_CLOEXEC), .events = POLLIN}};
	struct signalfd_siginfo signal;
	int served = 0;

	while (served >= 0 && poll(ready, 2, -1) > 0) {
		if (ready[0].revents)
			served = mediadev_export_serve(export, 0);
		if (ready[1].revents && read(ready[1].fd, &signal, sizeof(signal)) == sizeof(signal)) {
			/* Waits for nobody. The node is gone; programs that have it open are served on, and get ENODEV. */
			mediadev_unregister(device);
			printf("unregistered\n");
			sigprocmask(SIG_UNBLOCK, stop, NULL); /* the second one ends the program */
			close(ready[1].fd);
			ready[1].fd = -1;
		}
	}
	/* It ends with -ENODEV. If the device is still registered, the system has taken the node away. */
	return mediadev_is_registered(device) ? served : 0;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "media50";
	struct mediadev_info info = {
		.size = sizeof(info), .driver = "fake_camera", .model = "Fake camera", .bus_info = "platform:fake"};
	struct mediadev_ops ops = {.size = sizeof(ops),
				   .link_setup = link_setup,
				   .open = opened,
				   .close = closed,
				   .after_free = after_free};
	struct bridge *bridge = malloc(sizeof(*bridge));
	mediadev_export *export = NULL;
	sigset_t stop;

	if (!bridge)
		return perror("fake_camera"), 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	*bridge = (struct bridge){.input = NOTHING};
	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigprocmask(SIG_BLOCK, &stop, NULL);

	mediadev_device *device = mediadev_device_new(&info, &ops, bridge);
	int error = device ? build(device) : -errno;

	if (!error)
		error = mediadev_register(device);
	if (!error) {
		export = mediadev_export_cuse(device, name);
		error = export ? 0 : -errno;
	}
	if (!error) {
		printf("/dev/%s is a camera\n", name);
		error = serve(device, export, &stop);
	}
	if (error)
		fprintf(stderr, "fake_camera: %s\n", mediadev_last_error());
	mediadev_unregister(device);
	mediadev_export_put(export);
	mediadev_device_put(device); /* nobody has it any more */
	return error != 0;
}
