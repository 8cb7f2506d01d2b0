/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * request: settings that a camera of this program takes together, and how one hears that it has. No hardware and no kernel is needed.
 *
 * The settings are kept at the request, and freed with them when it is made idle again.
 */
#include <errno.h>
#include <mediadev.h>
#include <stdio.h>
#include <stdlib.h>

struct settings {
	int brightness, exposure;
};

/* A request is to be queued: one without settings is none. */
static int validate(mediadev_request *request, void *user_data)
{
	(void)user_data;
	return mediadev_request_context(request) ? 0 : -ENOENT;
}

/* It has been queued. A camera with hardware would complete it when the frame is there, from another thread. */
static void queued(mediadev_request *request, void *user_data)
{
	const struct settings *settings = mediadev_request_context(request);

	(void)user_data;
	printf("the camera takes brightness %d with exposure %d\n", settings->brightness, settings->exposure);
	mediadev_request_complete(request);
}

/* 0, or a negative errno. */
static int take_frame(mediadev_request *request, int brightness, int exposure)
{
	struct settings *settings = malloc(sizeof(*settings));

	if (!settings)
		return -ENOMEM;
	*settings = (struct settings){brightness, exposure};
	int error = mediadev_request_set_context(request, settings, free);
	if (!error)
		error = mediadev_request_queue(request);
	if (!error)
		error = mediadev_request_wait(request, 1000);
	return error ? error : mediadev_request_reinit(request);
}

int main(void)
{
	struct mediadev_info info = {.size = sizeof(info), .driver = "camera", .model = "A camera"};
	struct mediadev_ops ops = {.size = sizeof(ops), .request_validate = validate, .request_queue = queued};
	mediadev_device *device = mediadev_device_new(&info, &ops, NULL);
	mediadev_file *file = device && !mediadev_register(device) ? mediadev_file_open(device) : NULL;
	mediadev_request *request = file ? mediadev_file_request_alloc(file) : NULL;
	int error = request ? 0 : -errno;

	if (!error)
		error = take_frame(request, 10, 20);
	if (!error)
		error = take_frame(request, 30, 40);
	if (error)
		fprintf(stderr, "request: %s\n", mediadev_last_error());
	else if (mediadev_request_queue(request) < 0)
		printf("%s\n", mediadev_last_error()); /* it is idle again, and has nothing in it */

	mediadev_request_put(request);
	mediadev_file_close(file);
	mediadev_unregister(device);
	mediadev_device_put(device);
	return error != 0;
}
