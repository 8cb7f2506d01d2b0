# SPDX-License-Identifier: MIT OR Apache-2.0
"""The examples run, and say what happens."""

import os
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).parents[2]


def test_m2_m3_fake_camera() -> None:
    said = subprocess.run(
        [sys.executable, TOP / "examples/fake_camera.py"],
        env={**os.environ, "PYTHONPATH": str(TOP)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    assert said.splitlines() == [
        "Sensor: pad 0 is connected",
        "Capture: pad 0 is connected",
        "fake: ioctl: the device is gone",
        "both handles are still held",
        "a handle is closed",
        "a handle is closed",
        "before_free: the graph is still there: Sensor Capture",
        "after_free: nothing is left",
    ]
