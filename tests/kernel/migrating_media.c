/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The programs of docs/migrating/libmediactl.md: with libmediadev they say and do what they did with the bare ioctls, on vimc. */
#include "vimc.h"

#define LIBRARY "mediadev"
#include "examples.h"

#define BEFORE EXAMPLES "/before/media-ioctls/"
#define AFTER EXAMPLES "/mediadev/from_ioctls_"

static char said_before[sizeof(said)];

static void both_say_the_same_links(void)
{
	ok0(run_into(said_before, sizeof(said_before), BEFORE "links platform:vimc 2>&1"));
	ok0(run_into(said, sizeof(said), AFTER "links platform:vimc 2>&1"));
	ok_str(said, said_before);
}

TEST("the examples from_ioctls_links and from_ioctls_switch")
{
	mediadev_node_put(vimc_open());
	both_say_the_same_links();
	ok_contains(said, "'Debayer A':1 -> 'Scaler':0 enabled\n");

	ok0(run_into(said_before, sizeof(said_before), BEFORE "switch platform:vimc 'Debayer A' 1 Scaler 0 0 2>&1"));
	both_say_the_same_links();
	ok_contains(said, "'Debayer A':1 -> 'Scaler':0\n");
	ok0(run_into(said, sizeof(said), AFTER "switch platform:vimc 'Debayer A' 1 Scaler 0 1 2>&1"));
	both_say_the_same_links();
	ok_contains(said, "'Debayer A':1 -> 'Scaler':0 enabled\n");
}

TEST("the examples from_ioctls_links and from_ioctls_switch say what is wrong")
{
	ok_int(run_into(said_before, sizeof(said_before), BEFORE "links platform:nowhere 2>&1"), 1);
	ok_str(said_before, "links: No such file or directory\n");
	ok_int(run_into(said, sizeof(said), AFTER "links platform:nowhere 2>&1"), 1);
	ok_contains(said, "platform:nowhere");

	ok_int(run_into(said_before, sizeof(said_before), BEFORE "switch platform:vimc 'Sensor C' 0 Scaler 0 1 2>&1"), 1);
	ok_str(said_before, "switch: no entity \"Sensor C\"\n");
	ok_int(run_into(said, sizeof(said), AFTER "switch platform:vimc 'Sensor C' 0 Scaler 0 1 2>&1"), 1);
	ok_contains(said, "Sensor C");
}
