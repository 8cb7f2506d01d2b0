# SPDX-License-Identifier: MIT OR Apache-2.0
"""The examples run, and say what happens."""

import os
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).parents[2]


def test_g3_g4_gpio_share() -> None:
    said = subprocess.run(
        [sys.executable, TOP / "examples/gpio_share.py"],
        env={**os.environ, "PYTHONPATH": str(TOP)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    chip = 'virtual0 (board) line 1 "EEPROM_WP"'
    assert said.splitlines() == [
        "both have the line: writes are refused",
        f'{chip}: wanted by "somebody else", held by "eeprom driver"',
        "the updater wants to write: writes are possible",
        "the driver does not mind: writes are possible",
        "the updater has put the line: writes are refused",
        f'{chip} of "eeprom driver": set: the chip is gone',
        "still known: EEPROM_WP, line 1 of board, requested by eeprom driver",
    ]
