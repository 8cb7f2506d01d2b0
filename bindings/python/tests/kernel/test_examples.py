# SPDX-License-Identifier: MIT OR Apache-2.0
"""The examples of gpiodref on chips of the system."""

import os
import pathlib
import subprocess
import sys

from .sim import Sim

TOP = pathlib.Path(__file__).parents[2]


def test_g4_g5_button_led_on_a_chip_that_is_unplugged_and_comes_back() -> None:
    with (
        Sim("board", 8, names={3: "BUTTON", 4: "LED"}) as sim,
        subprocess.Popen(
            [sys.executable, TOP / "examples/button_led.py", "BUTTON", "LED"],
            env={**os.environ, "PYTHONPATH": str(TOP)},
            stdout=subprocess.PIPE,
            text=True,
        ) as program,
    ):
        assert program.stdout
        try:
            assert program.stdout.readline() == "plugged in: the LED is off\n"
            sim.pull(3, 1)
            assert program.stdout.readline() == "pressed: the LED is on\n"
            assert sim.value(4) == 1
            sim.pull(3, 0)
            sim.live(False)
            assert program.stdout.readline() == "unplugged\n"
            sim.live(True)
            assert program.stdout.readline() == "plugged in again: the LED is on\n"
            assert sim.value(4) == 1
            sim.pull(3, 1)
            assert program.stdout.readline() == "pressed: the LED is off\n"
            assert sim.value(4) == 0
            program.terminate()
            assert program.wait() == 0 and not program.stdout.read()
        finally:
            program.kill()
