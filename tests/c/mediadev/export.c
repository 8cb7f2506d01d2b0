/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Nodes in /dev: what can be said without one. Those that there are stand in tests/kernel/export.c. */
#include <errno.h>
#include <mediadev.h>

#define TAP_EXPLAIN mediadev_last_error
#include "tap.h"

static const struct mediadev_info INFO = {.size = sizeof(INFO), .driver = "camera", .model = "A camera"};

TEST("M11 only a registered device can be exported, and only under the name of a node")
{
	mediadev_device *device = mediadev_device_new(&INFO, NULL, NULL);
	mediadev_file *file;

	ok_none(mediadev_export_cuse(device, "media90"), ENODEV, "camera: export: it has not been registered");
	ok0(mediadev_register(device));
	file = mediadev_file_open(device);
	ok_int(mediadev_file_is_exported(file), 0);
	mediadev_file_close(file);
	ok_none(mediadev_export_cuse(device, "../media90"), EINVAL,
		"\"../media90\" cannot be the name of a node");
	ok_none(mediadev_export_cuse(device, ""), EINVAL, "\"\" cannot be the name of a node");
	ok_none(mediadev_export_cuse(device, "null"), EEXIST, "/dev/null: there is such a node already");
	ok0(mediadev_unregister(device));
	ok_none(mediadev_export_cuse(device, "media90"), ENODEV, "camera: export: the device is gone");
	mediadev_device_put(device);
}
