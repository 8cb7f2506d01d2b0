# SPDX-License-Identifier: MIT OR Apache-2.0
"""The examples run, and say what the documentation says that they say."""

import os
import pathlib
import subprocess
import sys

from .conftest import BOARD, HAT, dtc

TOP = pathlib.Path(__file__).parents[2]


def test_o17_o18_hold(tmp_path: pathlib.Path) -> None:
    (tmp_path / "board.dtb").write_bytes(dtc(BOARD))
    (tmp_path / "hat.dtbo").write_bytes(dtc(HAT))
    said = subprocess.run(
        [sys.executable, TOP / "examples/hold.py", "board.dtb", "hat.dtbo", "/soc/thermometer"],
        env={**os.environ, "PYTHONPATH": str(TOP)},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    first, *held = said.splitlines()
    assert first.startswith("/soc/thermometer@48 removed, still readable: ['compatible', 'reg', 'clocks'")
    assert "node /soc/thermometer@48: 1 reference (the thermal daemon" in "".join(held)


def test_o25_devices(tmp_path: pathlib.Path) -> None:
    (tmp_path / "board.dtb").write_bytes(dtc(BOARD))
    (tmp_path / "hat.dtbo").write_bytes(dtc(HAT))
    said = subprocess.run(
        [sys.executable, TOP / "examples/devices.py", "board.dtb", "hat.dtbo"],
        env={**os.environ, "PYTHONPATH": str(TOP)},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    board = ["probe /soc/clock@1000", "probe /soc/uart@9000"]
    hat = ["probe /soc/thermometer@48", "probe /soc/hygrometer@49"]
    gone = [line.replace("probe", "remove") for line in reversed(hat)]
    end = [line.replace("probe", "remove") for line in reversed(board)]
    assert said.splitlines() == [*board, *hat, "applied", *gone, "removed", *end, "the end"]
