/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The examples do what they say. */
#include <mediadev.h>

#define TAP_EXPLAIN mediadev_last_error
#include "tap.h"

#define LIBRARY "mediadev"
#include "examples.h"

TEST("M1 M3 the example unregister")
{
	ok0(run(EXAMPLE("unregister")));
	ok_str(said, "camera: topology: the device is gone\n"
		     "2 entities, as it was\n"
		     "the camera: nobody has it any more\n");
}

TEST("M1 M2 M3 M4 M6 M7 M10 the example demo")
{
	ok0(run(EXAMPLE("demo")));
	ok_contains(said, "unregistered: the sleeper got \"No such device\"");
	ok_contains(said, "with tracking on one can ask: held by the first viewer");
	ok_contains(said, "and was released once, last, and in order\n");
}

TEST("M8 the example request")
{
	ok0(run(EXAMPLE("request")));
	ok_str(said, "the camera takes brightness 10 with exposure 20\n"
		     "the camera takes brightness 30 with exposure 40\n"
		     "camera: request_validate: No such file or directory (os error 2)\n");
}

/* Those that need a device of the kernel, where there is none; with one, tests/kernel has them. */
TEST("the examples camera_pipeline, fake_camera and media_graph say what they miss")
{
	ok_int(run(EXAMPLE("camera_pipeline") "vimc 2>&1"), 2);
	ok_str(said, "usage: camera_pipeline DEVICE SENSOR CAPTURE CODE/WIDTHxHEIGHT [SECONDS]\n");
	ok_int(run(EXAMPLE("camera_pipeline") "vimc sensor capture RGB888_1X24/64 2>&1"), 2);
	ok_int(run(EXAMPLE("camera_pipeline") "none sensor capture RGB888_1X24/64x48 2>&1"), 1);
	ok_str(said, "camera_pipeline: no media device has the path, name, bus information or driver \"none\"\n");
	ok_int(run(EXAMPLE("fake_camera") "no/name 2>&1"), 1);
	ok_str(said, "fake_camera: \"no/name\" cannot be the name of a node\nfreed\n");
	ok_int(run(EXAMPLE("media_graph") "none 2>&1"), 1);
	ok_str(said, "media_graph: no media device has the path, name, bus information or driver \"none\"\n");
	ok0(run(EXAMPLE("media_graph")));
}
