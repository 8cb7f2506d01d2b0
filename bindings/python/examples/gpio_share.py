# SPDX-License-Identifier: MIT OR Apache-2.0
"""Two components share the write-protect line of an EEPROM, on a simulated chip: neither has to know when the other is done."""

import gpiodref
from gpiodref import Config, Sim

# Protected, unless somebody votes otherwise. All who share the line say the same.
WRITE_PROTECT = Config.output(1, shared=True)


def show(event: str) -> None:
    print(f"{event}: writes are {'refused' if sim.level('EEPROM_WP') else 'possible'}")


with Sim.new("board", names=["LED", "EEPROM_WP"]) as sim:
    driver = gpiodref.request("EEPROM_WP", WRITE_PROTECT, consumer="eeprom driver")
    updater = gpiodref.request("EEPROM_WP", WRITE_PROTECT, consumer="firmware updater")
    show("both have the line")

    try:
        gpiodref.request("EEPROM_WP", Config.output(0), consumer="somebody else")
    except gpiodref.BusyError as busy:
        print(busy.strerror)

    updater.vote(0)
    show("the updater wants to write")
    driver.vote(1)
    show("the driver does not mind")
    updater.close()
    show("the updater has put the line")

    sim.remove()
    try:
        driver.vote(0)
    except gpiodref.GoneError as gone:
        print(gone.strerror)
    print(f"still known: {driver.name}, line {driver.offset} of {driver.chip.label}, requested by {driver.consumer}")
    driver.close()
