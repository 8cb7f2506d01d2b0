# SPDX-License-Identifier: MIT OR Apache-2.0
"""The program of docs/guide/ovl runs; all that it prints is compared by `make check-guides`."""

import os
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).parents[2]
BOARDS = pathlib.Path(os.environ["OVL_DTS"]) / "boards"


def test_o3_o13_o16_o17_o18_o19_guide() -> None:
    said = subprocess.run(
        [sys.executable, TOP / "examples/guide_ovl.py", "finch.dtb", "sensor-hat.dtbo", "display.dtbo"],
        env={**os.environ, "PYTHONPATH": str(TOP)},
        cwd=BOARDS,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    for line in (
        "led-power: line 0 of gpio@50000",
        "sensor-hat.dtbo can be applied:",
        "[115200] False\nFalse True",
        "/soc/i2c@30000/thermometer@48 False 72\nstill held:",
        "1 reference (the fan control, thread ",
        "refused with errno 22: overlay finch.dtb: nothing to apply",
    ):
        assert line in said
