/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The programs of docs/guide/mediadev do what it tells. Their whole output stands there; make check-guides compares it. guide_node, which
 * needs a device of the kernel, is in tests/kernel/guide.c.
 */
#include <mediadev.h>

#define TAP_EXPLAIN mediadev_last_error
#include "tap.h"

#define LIBRARY "mediadev"
#include "examples.h"

TEST("M5 M6 M12 the example guide_graph")
{
	ok0(run(EXAMPLE("guide_graph")));
	ok_contains(said, "  link: 5:1 -> 8:0 [ENABLED,IMMUTABLE]\n <- Capture <- Scaler <- Front sensor\n");
	ok_contains(said, "only ENABLED can change, and nothing of an immutable link\n <- Capture <- Scaler <- Front sensor\n <- Capture "
			  "<- Scaler <- Back sensor\n");
}

TEST("M2 M3 M7 M8 M10 the example guide_camera")
{
	ok0(run(EXAMPLE("guide_camera")));
	ok_contains(said, "  link_setup: Capture, pad 0, on\n  while data flows: ");
	ok_contains(said, "  request_queue\n  the request is complete\n");
	ok_contains(said, "  viewer: frame 2\n  viewer: guide (platform:guide): ioctl: the device is gone\n  close: a viewer who has seen 2 "
			  "frames\n");
	ok_contains(said, "  before_free: nobody has the camera any more\n  the clock is switched off\n  after_free: nothing is left of it\n");
}

TEST("M1 M12 the example guide_test")
{
	ok0(run(EXAMPLE("guide_test")));
	ok_str(said, "all is well\n");
}

TEST("the example guide_node gives up where there is no such device")
{
	ok_int(run(EXAMPLE("guide_node") "'no such device' '' '' '' 2>&1"), 1);
	ok_contains(said, "no media device has the path, name, bus information or driver \"no such device\"");
}
