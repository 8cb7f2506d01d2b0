# SPDX-License-Identifier: MIT OR Apache-2.0
"""The program of docs/guide/gpiodref runs; all that it prints is compared by `make check-guides`."""

import os
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).parents[2]


def test_g3_g4_g5_g9_guide() -> None:
    said = subprocess.run(
        [sys.executable, TOP / "examples/guide_gpiodref.py"],
        env={**os.environ, "PYTHONPATH": str(TOP)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.splitlines()
    round_trip = ["BUTTON: RISING", "BUTTON: FALLING", "unplugged", "it is back"]
    assert said[0] == "BUTTON: value 0, level 1"
    assert said[2:-1] == ["{2: 1, 3: 0}", *round_trip, *round_trip, "['RISING']"]
    assert said[-1].endswith('(expander) line 0 "RELAY" of "the heating": set: the chip is gone')
