# SPDX-License-Identifier: MIT OR Apache-2.0
"""Devices: drivers in Python probe and remove them."""

import errno
import gc
import sys

import ovl
import pytest

from .conftest import MakeTree, overlay

BOARD = """/dts-v1/; / {
    uart { compatible = "d"; clocks = <&clock>; };
    soc { };
    clock: clock { compatible = "d"; #clock-cells = <0>; };
};"""
PAIR = """&{/soc} {
    user { compatible = "d"; clocks = <&gate>; };
    gate: gate { compatible = "d"; #clock-cells = <0>; };
};"""


class Noting(ovl.Driver):
    """Notes what it is asked for."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.refuses: int | None = None

    def probe(self, device: ovl.Device) -> None:
        self.notes.append("+" + device.node.name)

    def remove(self, device: ovl.Device) -> None:
        self.notes.append("-" + device.node.name)

    def can_remove(self, device: ovl.Device) -> None:
        if self.refuses:
            raise OSError(self.refuses, "no")

    def taken(self) -> str:
        said, self.notes = " ".join(self.notes), []
        return said


@pytest.fixture
def tree(make_tree: MakeTree) -> ovl.Tree:
    return make_tree(BOARD)


def test_o25_overlays_bring_devices_and_take_them_away(tree: ovl.Tree) -> None:
    driver = Noting()
    pair = overlay(PAIR)
    with ovl.Bus(tree) as bus:
        bus.add_driver("d", driver)
        bus.populate(tree.root)
        assert driver.taken() == "+clock +uart"
        with tree.apply(pair):
            assert driver.taken() == "+gate +user"
            assert [device.node.name for device in bus] == ["uart", "clock", "user", "gate"]
            driver.refuses = errno.EBUSY
            with pytest.raises(ovl.Error, match=r"the driver \(d\) of device /soc/.* keeps it") as refused:
                tree.overlays[0].remove()
            assert refused.value.errno == errno.EBUSY
            driver.refuses = None
        assert driver.taken() == "-user -gate"
        bus.unpopulate(tree.root)
        assert driver.taken() == "-uart -clock"
        bus.remove_driver("d")
        with pytest.raises(ovl.NotFoundError, match='"d" has no driver'):
            bus.remove_driver("d")


def test_o25_a_function_probes_and_what_it_raises_counts(
    tree: ovl.Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: said.append(told.exc_value))
    raised: list[BaseException | None] = [ovl.ProbeDeferred(), OSError(errno.ENXIO, "none"), None]

    def probe(device: ovl.Device) -> None:
        if device.node.name == "clock" and (failure := raised.pop(0)):
            raise failure

    bus = ovl.Bus(tree)
    bus.add_driver("d", probe)
    bus.populate(tree.root)
    assert bus.unbound() == (
        "/uart (d): waits for /clock, which was deferred\n/clock (d): deferred by its driver\n"
    )
    assert not bus.device(tree["/clock"]).is_bound
    bus.unpopulate(tree.root)
    bus.populate(tree.root)
    assert "/clock (d): failed to probe: No such device or address" in bus.unbound()
    assert bus.device(tree["/uart"]).driver == "d"
    bus.unpopulate(tree.root)
    bus.remove_driver("d")

    def fails(_device: ovl.Device) -> None:
        raise ZeroDivisionError("planted")

    bus.add_driver("d", fails)
    bus.populate(tree["/"])
    assert [str(each) for each in said] == ["planted", "planted"]
    assert "Input/output error" in bus.unbound()
    bus.wait_idle(0)
    assert bus.device(tree["/uart"]).driver is None


def test_k8_o25_a_device_outlives_its_bus(tree: ovl.Tree) -> None:
    freed: list[str] = []

    def probe(device: ovl.Device) -> None:
        assert device.data is None
        device.data = {"of": device.node.name}
        device.manage(lambda: freed.append("first"))
        device.manage(lambda: freed.append("second"))

    bus = ovl.Bus(tree)
    bus.add_driver("d", probe)
    bus.populate(tree.root)
    device = bus.device(tree["/uart"])
    assert device.is_bound and device.parent is None
    bus.close()
    assert freed == ["second", "first"], "those of the clock"
    assert not device.is_bound
    assert (device.data, device.node.path) == ({"of": "uart"}, "/uart")
    assert repr(device) == "<ovl.Device /uart>"
    device.close()
    assert freed == ["second", "first"] * 2
    gc.collect()
    assert tree.holders() == ""


def test_k5_o25_a_probe_may_close_the_bus(tree: ovl.Tree) -> None:
    class Closing(Noting):
        def probe(self, device: ovl.Device) -> None:
            super().probe(device)
            if not bus.closed:
                with pytest.raises(ovl.Error) as deadlock:
                    bus.wait_idle()
                assert deadlock.value.errno == errno.EDEADLK
            bus.close()

    driver, bus = Closing(), ovl.Bus(tree)
    bus.add_driver("d", driver)
    bus.populate(tree.root)
    gc.collect()  # the exception kept the call, and that the bus
    assert driver.taken() == "+clock +uart -uart -clock"
    with pytest.raises(ValueError, match="the Bus is closed"):
        bus.populate(tree.root)
