/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The programs of docs/guide/ovl do what it tells. Their whole output stands there; make check-guides compares it. */
#include "fixtures.h"

#define LIBRARY "ovl"
#include "examples.h"

#define IN_BOARDS(name) "cd " DTS_DIR "/boards && " EXAMPLE(name)

TEST("O3 the example guide_read")
{
	ok0(run(IN_BOARDS("guide_read") "finch.dtb"));
	ok_contains(said, "three ways to one node:\nserial@20000\n  reg: 0x20000, 0x100 bytes\n");
	ok_contains(said, "led-power: line 0 of gpio@50000\n");
	ok_contains(said, "not there: /soc/i2c@30000/eeprom@50: ");
	ok_int(run(IN_BOARDS("guide_read") "nowhere 2>&1"), 1);
	ok_contains(said, "nowhere: No such file or directory");
}

TEST("O13 O16 O24 O27 O28 O29 the example guide_overlays")
{
	ok0(run(IN_BOARDS("guide_overlays") "finch.dtb"));
	ok_contains(said, "the hat can be applied:\nchange: update /soc/i2c@30000: status\n");
	ok_contains(said, "6 conflicts:\n");
	ok_contains(said, "\"far away\" is not a number");
	ok_contains(said, ": address 0x4a, from overlay ");
	ok_contains(said, "0 differences\n");
	ok_contains(said, " cannot be removed: overlay ");
}

TEST("O19 the example guide_changes")
{
	ok0(run(IN_BOARDS("guide_changes") "finch.dtb"));
	ok_contains(said, "the template: the guest is off\nthe edits: the guest is on\n");
	ok_contains(said, " has set properties of /guest");
	ok_contains(said, "in the end: no guest\n");
}

TEST("O25 the example guide_devices")
{
	ok0(run(IN_BOARDS("guide_devices") "finch.dtb sensor-hat.dtbo"));
	ok_contains(said, "(ti,tmp102): waits for /soc/gpio@50000, which was deferred\n");
	ok_contains(said, "  probe: the regulator\n  probe: the GPIO controller\n  probe: a thermometer at 0x48\n");
	ok_contains(said, " keeps it: Device or resource busy");
	ok_contains(said, "ti,tmp102, not bound any more\n  the thermometer at 0x48 is freed\n");
}

TEST("O17 O18 O21 the example guide_unplug")
{
	ok0(run(IN_BOARDS("guide_unplug") "finch.dtb sensor-hat.dtbo"));
	ok_contains(said, ": reg 0x48, compatible ti,tmp102, not in the tree\n  its parent: No such file or directory\n");
	ok_contains(said, ": 1 reference (the fan control, thread ");
	ok_contains(said, "it comes back\n  my node comes\nand goes\n  my node goes\nnothing is held\n");
}

TEST("O19 the example guide_test")
{
	ok0(run(EXAMPLE("guide_test")));
	ok_str(said, "all is well\n");
}
