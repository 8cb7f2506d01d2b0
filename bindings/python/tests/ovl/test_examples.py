# SPDX-License-Identifier: MIT OR Apache-2.0
"""The examples run, and say what the documentation says that they say."""

import os
import pathlib
import subprocess
import sys

import ovl
import pytest

from .conftest import BOARD, HAT, dtc

TOP = pathlib.Path(__file__).parents[2]


BOARDS = TOP.parents[1] / "examples/boards"


def example(
    name: str, *arguments: str | pathlib.Path, code: int = 0, cwd: pathlib.Path | None = None
) -> tuple[list[str], list[str]]:
    """What an example says: its output and its errors, in lines."""
    done = subprocess.run(
        [sys.executable, TOP / "examples" / name, *arguments],
        env={**os.environ, "PYTHONPATH": str(TOP)},
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == code, done.stderr
    return done.stdout.splitlines(), done.stderr.splitlines()


@pytest.fixture
def boards(tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder with the compiled examples/boards."""
    for source in BOARDS.glob("*.dts*"):
        (tmp_path / source.name.replace(".dts", ".dtb")).write_bytes(dtc(source.read_text()))
    return tmp_path


def test_o12_o29_boot(boards: pathlib.Path) -> None:
    config, out = BOARDS / "config.txt", boards / "out.dtb"
    said, wrong = example("boot.py", boards / "finch.dtb", config, boards, out)
    assert said == [
        f"{config}:7: sensor-hat: applied, with address=0x49",
        f"{config}:11: eeprom: applied, with type=24c256",
        f"{config}:12: eeprom: applied, with address=0x51, wp=7, readonly=true",
        f"{out}: 3 overlays, {out.stat().st_size} bytes",
    ]
    assert not wrong
    with ovl.Tree.from_file(out) as tree:
        assert tree["/soc/i2c/eeprom@50"]["compatible"].strings() == ["atmel,24c256"]
        assert tree["/soc/i2c/eeprom@51"]["wp-gpios"].u32s() == [tree.by_label("gpio0").phandle, 7, 0]
        assert tree["/soc/i2c/thermometer@49"]["reg"].u32s() == [0x49]


def test_o12_boot_tells_every_problem_with_its_line(boards: pathlib.Path) -> None:
    config, out = boards / "config.txt", boards / "out.dtb"
    config.write_text(
        "dtparam=spi=on\n\ndtoverlay=nowhere\ngpu_mem=16\n"
        "dtoverlay=eeprom,address=0x52\ndtparam=wp=up,type=24c64\ndtparam=size=1\n"
        "dtoverlay=sensor-hat\ndtoverlay=finch-too\ndtparam=,\ndtoverlay=\ndtparam=i2c=on"
    )
    (boards / "finch-too.dtbo").write_bytes((boards / "finch.dtb").read_bytes())
    said, wrong = example("boot.py", boards / "finch.dtb", config, boards, out, code=1)
    assert said == [f"{config}:8: sensor-hat: applied"]
    expected = [
        f'{config}:4: "gpu_mem" is neither dtoverlay= nor dtparam=',
        f"{config}:10: a parameter without a name",
        f'{config}:1: devicetree {boards}/finch.dtb: no parameter "spi" among i2c, i2c_baudrate',
        f"{config}:3: {boards}/nowhere.dtbo: No such file or directory",
        f'{config}:6: overlay eeprom: parameter "type"',
        f'{config}:7: overlay eeprom: no parameter "size" among ',
        f"{config}:9: ",
        f"{out} is not written: problems: 7",
    ]
    assert [line[: len(part)] for line, part in zip(wrong, expected, strict=True)] == expected
    assert not out.exists()


def test_o17_o18_o20_o21_fpga_region(boards: pathlib.Path) -> None:
    program = "fpga_region.py", boards / "lark.dtb", boards / "fpga-serial.dtbo", boards
    said, wrong = example(*program, code=1)
    assert "a listener refuses: No such file or directory" in said[0] and f"{boards}/serial.bit" in said[0]
    assert len(said) == 1 and wrong == ["the FPGA has no devices"]

    (boards / "serial.bit").write_bytes(b"holdfast,wren-fpga\nXXX")
    said, wrong = example(*program, code=1)
    assert said[0].endswith("serial.bit is for holdfast,wren-fpga, not for /fpga-manager@60000")
    assert len(said) == 1 and wrong == ["the FPGA has no devices"]

    (boards / "serial.bit").write_bytes(b"holdfast,lark-fpga\nXXX")
    said, wrong = example(*program)
    devices = [
        "FPGA: programmed with serial.bit",
        "a device has come: /fpga-region@c0000000/serial@0",
        "a device has come: /fpga-region@c0000000/gpio@1000",
        "a device has gone: /fpga-region@c0000000/gpio@1000",
        "a device has gone: /fpga-region@c0000000/serial@0",
        "FPGA: cleared",
    ]
    held = said[len(devices) : -len(devices)]
    assert said == [*devices, *held, *devices] and not wrong
    assert held[0] == "the driver still has serial@0" and held[-1] == "the driver lets go"
    assert "a listener refuses: Device or resource busy" in held[1] and held[1].endswith("in use, still held:")
    assert "node /fpga-region@c0000000/serial@0: 1 reference (the driver of the serial port, " in "".join(held)


def test_o17_o18_hold(tmp_path: pathlib.Path) -> None:
    (tmp_path / "board.dtb").write_bytes(dtc(BOARD))
    (tmp_path / "hat.dtbo").write_bytes(dtc(HAT))
    (first, *held), _ = example("hold.py", "board.dtb", "hat.dtbo", "/soc/thermometer", cwd=tmp_path)
    assert first.startswith("/soc/thermometer@48 removed, still readable: ['compatible', 'reg', 'clocks'")
    assert "node /soc/thermometer@48: 1 reference (the thermal daemon" in "".join(held)


def test_o25_devices(tmp_path: pathlib.Path) -> None:
    (tmp_path / "board.dtb").write_bytes(dtc(BOARD))
    (tmp_path / "hat.dtbo").write_bytes(dtc(HAT))
    said, _ = example("devices.py", "board.dtb", "hat.dtbo", cwd=tmp_path)
    board = ["probe /soc/clock@1000", "probe /soc/uart@9000"]
    hat = ["probe /soc/thermometer@48", "probe /soc/hygrometer@49"]
    gone = [line.replace("probe", "remove") for line in reversed(hat)]
    end = [line.replace("probe", "remove") for line in reversed(board)]
    assert said == [*board, *hat, "applied", *gone, "removed", *end, "the end"]


def test_o19_guests(boards: pathlib.Path) -> None:
    said, wrong = example("guests.py", "guest.dtb", "alder=64", "birch=8192", cwd=boards)
    assert said == [
        *(
            line
            for name in ("alder", "birch")
            for line in (
                f"{name}: attach /memory@40000000",
                f"{name}: add /memory@40000000 device_type",
                f"{name}: add /memory@40000000 reg",
                f"{name}: add /chosen bootargs",
                f"{name}: update / model, which was Holdfast guest",
            )
        ),
        "the base is as it was",
    ]
    with ovl.Tree.from_file(boards / "alder.dtb") as alder, ovl.Tree.from_file(boards / "birch.dtb") as birch:
        assert alder["/memory"]["reg"].u32s() == [0, 0x40000000, 0, 64 << 20]
        assert birch["/memory"]["reg"].u32s() == [0, 0x40000000, 2, 0]
        assert birch["/chosen"].read_string("bootargs") == "console=ttyAMA0 hostname=birch"
    assert example("guests.py", boards / "guest.dtb", "alder", code=1)[1] == ["usage: guests.py BASE.dtb NAME=MIB…"]


def test_o20_o21_listen(boards: pathlib.Path) -> None:
    said, _ = example("listen.py", boards / "finch.dtb", boards / "sensor-hat.dtbo")
    bus, hat = "/soc/i2c@30000", ["/soc/i2c@30000/thermometer@48", "/soc/i2c@30000/light-sensor@39", "/leds/led-hat"]
    assert said[:6] == [f"come: {bus}", f"changed: {bus} clock-frequency", *(f"come: {path}" for path in hat), "8 devices before, 11 now"]
    assert "a listener refuses: Device or resource busy" in said[6] and said[6].endswith(f"in use: {bus}, {hat[1]}, {hat[0]}")
    assert said[7:] == [*(f"gone: {path}" for path in reversed(hat)), f"changed: {bus} clock-frequency", f"gone: {bus}", "8 devices again"]
