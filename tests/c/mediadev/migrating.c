/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The programs of docs/migrating without a device; with vimc they are in tests/kernel/migrating_media.c. */
#include <mediadev.h>

#define TAP_EXPLAIN mediadev_last_error
#include "tap.h"

#define LIBRARY "mediadev"
#include "examples.h"

TEST("the examples from_ioctls give up where there is no such device")
{
	ok_int(run(EXAMPLE("from_ioctls_links") "platform:nowhere 2>&1"), 1);
	ok_contains(said, "links: ");
	ok_contains(said, "platform:nowhere");
	ok_int(run(EXAMPLE("from_ioctls_switch") "platform:nowhere a 0 b 0 1 2>&1"), 1);
	ok_contains(said, "switch: ");
	ok_contains(said, "platform:nowhere");
	ok_int(run(EXAMPLE("from_ioctls_switch") "platform:nowhere 2>&1"), 1);
	ok_str(said, "usage: from_ioctls_switch BUS SOURCE PAD SINK PAD ON\n");
}
