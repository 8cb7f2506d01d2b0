/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What concerns the library as a whole: its version, its last error, its settings, names. */
#include "fixtures.h"

TEST("the version is a number")
{
	int major, minor, patch, end = 0;

	ok_int(sscanf(mediadev_version(), "%d.%d.%d%n", &major, &minor, &patch, &end), 3);
	ok_int(mediadev_version()[end], '\0');
}

TEST("the last error is empty, then that of the last call that failed")
{
	ok_str(mediadev_last_error(), "");
	ok_error(mediadev_set_tracking(3), -EINVAL, "level is 3, and 2 is the highest");
	ok0(mediadev_set_tracking(0));
	ok_str(mediadev_last_error(), "level is 3, and 2 is the highest");
}

static void hear(int level, const char *message, void *user_data)
{
	(void)level, (void)message, (void)user_data;
}

static void destroy(void *user_data)
{
	++*(int *)user_data;
}

TEST("K2 the user data of the log callback is destroyed once, when another takes its place")
{
	int destroyed = 0;

	ok0(mediadev_set_log_callback(hear, &destroyed, destroy));
	ok_int(destroyed, 0);
	ok0(mediadev_set_log_callback(NULL, NULL, NULL));
	ok_int(destroyed, 1);
	ok0(mediadev_set_log_callback(NULL, &destroyed, destroy));
	ok_int(destroyed, 2);
}

TEST("K6 who still holds something is named")
{
	char *report;

	ok0(mediadev_set_tracking(1));
	ok0(mediadev_set_tag("the streamer"));
	plug();
	mediadev_file *file = open_file();
	ok0(mediadev_set_tag(NULL));
	unplug_and_let_go();
	ok(mediadev_holders(&report) > 0);
	ok_contains(report, " × mediadev_file held by the streamer");
	ok_contains(report, " × mediadev_device held by the streamer");
	ok(!strstr(report, "mediadev_entity"));
	mediadev_free(report);
	mediadev_file_close(file);
	ok_int(mediadev_holders(&report), 0);
	ok_str(report, "");
	mediadev_free(report);
	ok0(mediadev_set_tracking(0));
}

TEST("M12 M14 names are those of linux/media.h, and what has none is its number")
{
	char name[64];
	uint32_t number;

	ok_int(mediadev_name_function(MEDIA_ENT_F_CAM_SENSOR, name, sizeof(name)), 10);
	ok_str(name, "CAM_SENSOR");
	ok_int(mediadev_name_function(0x7fff0001, name, sizeof(name)), 10);
	ok_str(name, "0x7fff0001");
	ok0(mediadev_function_called("0x7fff0001", &number));
	ok_int(number, 0x7fff0001);
	ok0(mediadev_function_called("proc_video_scaler", &number));
	ok_int(number, MEDIA_ENT_F_PROC_VIDEO_SCALER);
	ok_error(mediadev_function_called("TOASTER", &number), -ENOENT, "no function is called \"TOASTER\"");
	ok(mediadev_name_interface(MEDIA_INTF_T_V4L_SUBDEV, name, sizeof(name)) > 0);
	ok_str(name, "V4L_SUBDEV");
	ok0(mediadev_interface_called("V4L_VIDEO", &number));
	ok_int(number, MEDIA_INTF_T_V4L_VIDEO);
	ok_int(mediadev_interface_called("TOASTER", &number), -ENOENT);
	ok(mediadev_name_pad_flags(SINK | MEDIA_PAD_FL_MUST_CONNECT, name, sizeof(name)) > 0);
	ok_str(name, "SINK,MUST_CONNECT");
	ok(mediadev_name_link_flags(MEDIA_LNK_FL_IMMUTABLE | ENABLED | MEDIA_LNK_FL_ANCILLARY_LINK, name, sizeof(name)) > 0);
	ok_str(name, "ENABLED,IMMUTABLE");
	ok_int(mediadev_name_entity_flags(0, name, sizeof(name)), 0);
	ok_str(name, "");
	ok_int(mediadev_name_entity_flags(MEDIA_ENT_FL_CONNECTOR, name, sizeof(name)), 9);
	ok_str(name, "CONNECTOR");
	/* With no room only the length is told; with too little nothing is written. */
	ok_int(mediadev_name_function(MEDIA_ENT_F_LENS, NULL, 0), 4);
	strcpy(name, "?");
	ok_error(mediadev_name_function(MEDIA_ENT_F_LENS, name, 4), -ERANGE, "name has 4 bytes, 5 are needed");
	ok_str(name, "?");
}
