# SPDX-License-Identifier: MIT OR Apache-2.0
"""The program of docs/guide/mediadev runs; all that it prints is compared by `make check-guides`."""

import os
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).parents[2]


def test_m2_m3_m6_m12_guide() -> None:
    said = subprocess.run(
        [sys.executable, TOP / "examples/guide_mediadev.py"],
        env={**os.environ, "PYTHONPATH": str(TOP)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.splitlines()
    entities = ["Sensor (CAM_SENSOR), 1 pad", "Capture (IO_V4L), 1 pad"]
    assert said == [
        *entities,
        "from: Capture",
        "link_setup: Sensor, pad 0, on",
        "link_setup: Capture, pad 0, on",
        *entities,
        "from: Capture Sensor",
        "frame 1",
        "frame 2",
        "guide (platform:guide): ioctl: the device is gone",
        "nothing is left of the camera",
    ]
