/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What docs/guide shows of the kernel's devices, on vimc. */
#include "vimc.h"

#define LIBRARY "mediadev"
#include "examples.h"

TEST("M13 M14 the example guide_node")
{
	ok0(run(EXAMPLE("guide_node") "vimc \"'Debayer A':1 -> 'Scaler':0 [1]\" "
			 "\"'Sensor A':0 [fmt:SRGGB8_1X8/640x480]\" \"'Debayer A':0\""));
	ok_contains(said, "VIMC MDEV at platform:vimc: 11 entities\n\"Debayer A\":0[fmt:SRGGB8_1X8/640x480 field:none]\nmedia");
	ok_contains(said, " is still there\n");
	ok_int(run(EXAMPLE("guide_node") "vimc \"'Debayer A':1 -> 'Scalar':0 [1]\" '' '' 2>&1"), 1);
	ok_contains(said, "(platform:vimc): no entity is called \"Scalar\"\n");
	ok_int(run(EXAMPLE("guide_node") "vimc \"'Debayer A':1 > 'Scaler':0 [1]\" '' '' 2>&1"), 1);
	ok_str(said, "guide_node: links, character 15: \"->\" is expected, and here is \"> 'Scaler':0\"…\n");
}
