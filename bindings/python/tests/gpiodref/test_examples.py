# SPDX-License-Identifier: MIT OR Apache-2.0
"""The examples run, and say what happens."""

import os
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).parents[2]


def example(name: str, *arguments: str) -> list[str]:
    """What an example says, in lines."""
    return subprocess.run(
        [sys.executable, TOP / "examples" / name, *arguments],
        env={**os.environ, "PYTHONPATH": str(TOP)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.splitlines()


def test_g3_g4_gpio_share() -> None:
    chip = 'virtual0 (board) line 1 "EEPROM_WP"'
    assert example("gpio_share.py") == [
        "both have the line: writes are refused",
        f'{chip}: wanted by "somebody else", held by "eeprom driver"',
        "the updater wants to write: writes are possible",
        "the driver does not mind: writes are possible",
        "the updater has put the line: writes are refused",
        f'{chip} of "eeprom driver": set: the chip is gone',
        "still known: EEPROM_WP, line 1 of board, requested by eeprom driver",
    ]


def test_g4_g5_g9_usb_expander() -> None:
    assert example("usb_expander.py") == [
        "plugged in: usb-expander, 8 lines",
        "USB_LED is set, and the device's pin is high",
        "USB_BUTTON RISING",
        "the cable is pulled out, while both lines are held",
        "USB_BUTTON FALLING",
        'virtual0 (usb-expander) line 2 "USB_LED" of "blinker": set: the chip is gone',
        "plugged in: usb-expander, 8 lines",
        "released: nobody holds the expander any more",
        "USB_BUTTON RISING",
        "released: nobody holds the expander any more",
    ]


def test_g4_g5_button_led() -> None:
    assert example("button_led.py", "--sim", "BUTTON", "LED") == [
        "plugged in: the LED is off",
        "pressed: the LED is on",
        "pressed: the LED is off",
        "pressed: the LED is on",
        "unplugged",
        "plugged in again: the LED is on",
        "pressed: the LED is off",
    ]


def test_g5_button_led_regains_one_chip_after_the_other() -> None:
    program = """
from button_led import Board
from gpiodref import Sim

plug_in = lambda name: Sim.new(name, names=[name])
sims = {name: plug_in(name) for name in ("BUTTON", "LED")}
board = Board("BUTTON", "LED")
for first, then in ("BUTTON", "LED"), ("LED", "BUTTON"):
    for sim in sims.values():
        sim.remove()
        sim.close()
    sims = {first: plug_in(first)}
    print(board.regain(), board.regain())
    sims[then] = plug_in(then)
    print(board.regain())
"""
    said = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": f"{TOP}:{TOP / 'examples'}"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert said == ["False False", "True"] * 2
