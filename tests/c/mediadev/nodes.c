/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Nodes of the kernel: what can be said without one. What needs a device is in tests/kernel. */
#include <mediadev.h>

#define TAP_EXPLAIN mediadev_last_error
#include "tap.h"

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
