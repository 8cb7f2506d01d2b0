/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The examples do what they say, and give up with the library's sentence where they cannot. What needs a chip of the system
 * is in tests/kernel/examples.c.
 */
#include <gpiodref.h>

#define TAP_EXPLAIN gpiodref_last_error
#include "tap.h"

#define LIBRARY "gpiodref"
#include "examples.h"

TEST("G2 G8 the example write_protect")
{
	ok0(run(EXAMPLE("write_protect")));
	ok_str(said, "EEPROM_WP is still the component's: level 1\n");
}

TEST("G2 G3 G4 G5 the example demo")
{
	ok0(run(EXAMPLE("demo")));
	ok_contains(said, "with tracking on one can ask: held by the EEPROM's driver");
	ok_contains(said, "the thread got 2 edges, and then GONE");
	ok_contains(said, "nothing is held any more\n");
}

TEST("G4 G5 G9 the example usb_expander")
{
	ok0(run(EXAMPLE("usb_expander")));
	ok_str(said, "plugged in: usb-expander, 8 lines\n"
		     "USB_LED is set, and the device's pin is high\n"
		     "USB_BUTTON: pressed\n"
		     "USB_BUTTON reads 1\n"
		     "the cable is pulled out, while both lines are held\n"
		     "USB_BUTTON: released\n"
		     "USB_BUTTON: the chip is gone\n"
		     "virtual0 (usb-expander) line 2 \"USB_LED\" of \"blinker\": set: the chip is gone\n"
		     "plugged in: usb-expander, 8 lines\n"
		     "released: nobody holds the expander any more\n"
		     "USB_BUTTON: pressed\n"
		     "released: nobody holds the expander any more\n");
}

TEST("G4 G5 the example button_led on a simulated chip that is unplugged")
{
	ok0(run(EXAMPLE("button_led") "-s BUTTON LED"));
	ok_str(said, "plugged in: the LED is off\n"
		     "pressed: the LED is on\n"
		     "pressed: the LED is off\n"
		     "pressed: the LED is on\n"
		     "unplugged\n"
		     "plugged in again: the LED is on\n"
		     "pressed: the LED is off\n");
	ok_int(run(EXAMPLE("button_led") "BUTTON LED 2>&1"), 1);
	ok_str(said, "button_led: no line of any chip is called \"BUTTON\"\n");
	ok_int(run(EXAMPLE("button_led") "BUTTON 2>&1"), 1);
	ok_str(said, "usage: button_led [-s] BUTTON LED\n");
}

TEST("G4 G5 the example line_watch on a simulated chip that is removed")
{
	ok0(run(EXAMPLE("line_watch") "-s"));
	ok_str(said, "line 0 LED: requested by somebody\n"
		     "line 0 LED: released\n"
		     "the chip has gone\n");
	ok_int(run(EXAMPLE("line_watch") "none 2>&1"), 1);
	ok_str(said, "line_watch: no GPIO chip has the path, name or label \"none\"\n");
}

TEST("G3 G4 the example eeprom")
{
	ok0(run(EXAMPLE("eeprom")));
	ok_str(said, "nvmem writes without a window: Read-only file system; the EEPROM is protected\n"
		     "nvmem writes: done; the EEPROM is protected\n"
		     "the updater opens its window: done; the EEPROM is open\n"
		     "nvmem writes meanwhile: done; the EEPROM is open\n"
		     "the updater writes: done; the EEPROM is open\n"
		     "the updater closes its window: done; the EEPROM is protected\n"
		     "virtual0 (board) line 3 \"EEPROM_WP\": wanted by \"a stranger\", held by \"nvmem\"\n"
		     "the updater opens its window: done; the EEPROM is open\n"
		     "the updater ends in the middle: done; the EEPROM is protected\n"
		     "nvmem opens its window: done; the EEPROM is open\n"
		     "the chip is unplugged: done; the EEPROM is protected\n"
		     "nvmem writes: Read-only file system; the EEPROM is protected\n"
		     "nvmem closes its window: No such device; the EEPROM is protected\n"
		     "virtual0 (board) line 3 \"EEPROM_WP\" of \"nvmem\": set: the chip is gone\n"
		     "the chip is plugged in again: done; the EEPROM is protected\n"
		     "nvmem writes: done; the EEPROM is protected\n"
		     "nobody has the line: done; the EEPROM is protected\n"
		     "in the EEPROM: serial, boot count, firmware 2, not lost\n");
}

TEST("the examples blink and button give up where there is no such line")
{
	ok_int(run(EXAMPLE("blink") "'no such line' 2>&1"), 1);
	ok_str(said, "blink: no line of any chip is called \"no such line\"\n");
	ok_int(run(EXAMPLE("button") "'no such line' 2>&1"), 1);
	ok_str(said, "button: no line of any chip is called \"no such line\"\n");
	ok_int(run(EXAMPLE("button") "2>&1"), 1);
	ok_str(said, "usage: button LINE\n");
}
