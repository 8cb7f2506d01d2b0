/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * K3 at the doors of nodes, formats and kernel requests: whatever is NULL where something is needed is refused by its name. What
 * needs a device is in tests/kernel.
 */
#include <mediadev.h>
#include <stdlib.h>

#define TAP_EXPLAIN mediadev_last_error
#include "tap.h"

/* The argument called `name`, which is NULL in this call, is refused. */
#define null_int(call, name) ok_error(call, -EINVAL, name " is NULL")
#define null_pointer(call, name) ok_none(call, EINVAL, name " is NULL")

TEST("K3 a NULL node is refused by every function, and may be got and put")
{
	struct mediadev_format format = {.size = sizeof(format)};
	struct mediadev_info info = {.size = sizeof(info)};
	char *text = NULL;

	ok(!mediadev_node_get(NULL));
	mediadev_node_put(NULL);
	null_int(mediadev_info(NULL, &info), "node");
	null_pointer(mediadev_node_name(NULL), "node");
	null_int(mediadev_node_is_alive(NULL), "node");
	null_int(mediadev_node_fd(NULL), "node");
	null_int(mediadev_wait_gone(NULL, -1), "node");
	null_pointer(mediadev_topology_read(NULL), "node");
	null_int(mediadev_setup_link(NULL, 1, 2, 0), "node");
	null_int(mediadev_setup_links(NULL, "1:0->2:0[1]"), "node");
	null_int(mediadev_reset_links(NULL), "node");
	null_int(mediadev_get_format(NULL, 1, 0, &format), "node");
	null_int(mediadev_set_format(NULL, 1, 0, &format), "node");
	null_int(mediadev_set_formats(NULL, "1:0[]"), "node");
	null_int(mediadev_get_formats(NULL, NULL, &text), "node");
	null_int(mediadev_set_routes(NULL, "1[]"), "node");
	null_int(mediadev_get_routes(NULL, "1", &text), "node");
	null_pointer(mediadev_request_alloc(NULL), "node");
	ok(!text);
}

TEST("K3 other arguments that are NULL, or no text, are refused")
{
	struct mediadev_entity_info entity = {.size = sizeof(entity)};
	char name[64];
	uint32_t code;

	null_pointer(mediadev_open(NULL), "key");
	ok_errno(mediadev_open("\xff"), EINVAL);
	ok_contains(mediadev_last_error(), "key is not UTF-8");
	ok_int(mediadev_next("\xff", name, sizeof(name)), -EINVAL);
	null_int(mediadev_info(NULL, NULL), "info");
	null_int(mediadev_topology_by_devnode(NULL, "/dev/null", &entity), "topology");
	null_int(mediadev_format_called(NULL, &code), "name");
	null_int(mediadev_format_called("Y8", NULL), "code");
	null_int(mediadev_name_format(1, NULL, 64), "name");
	struct mediadev_info info = {.size = sizeof(info) - 1};
	ok_int(mediadev_info(NULL, &info), -EINVAL);
	ok_contains(mediadev_last_error(), "info->size is ");
}

TEST("what is no media device is not opened, and is told by name")
{
	ok_none(mediadev_open("/dev/no-such"), ENOENT, "/dev/no-such: there is no such media device");
	ok_none(mediadev_open("/dev/null"), EINVAL, "/dev/null: MEDIA_IOC_DEVICE_INFO: this is not a media device");
	ok_none(mediadev_open("platform:no such"), ENOENT,
		"no media device has the path, name, bus information or driver \"platform:no such\"");
}

TEST("M14 media bus formats are named as media-ctl names them")
{
	char name[64], called[64];
	uint32_t code;

	ok_int(mediadev_name_format(0x3014, name, sizeof(name)), 10);
	ok_str(name, "SRGGB8_1X8");
	ok_int(mediadev_name_format(0x9999, called, sizeof(called)), 6);
	ok_str(called, "0x9999");
	ok_int(mediadev_name_format(0x3014, name, 4), -ERANGE);
	const char *same[] = {"SRGGB8_1X8", "SRGGB8", "srggb8_1x8", "0x3014", "12308"};
	for (int i = 0; i < 5; i++) {
		ok0(mediadev_format_called(same[i], &code));
		ok_int(code, 0x3014);
	}
	ok_error(mediadev_format_called("SRGGB", &code), -ENOENT, "no media bus format is called \"SRGGB\"");
}
