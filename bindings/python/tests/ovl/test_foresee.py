# SPDX-License-Identifier: MIT OR Apache-2.0
"""Before it happens: what two overlays would fight over, and what a removal would leave dangling."""

import errno
import pathlib

import ovl
import pytest

from .conftest import overlay


def test_o27_what_two_overlays_would_fight_over(tree: ovl.Tree, tmp_path: pathlib.Path) -> None:
    okay, fail = (overlay(f'&soc {{ status = "{value}"; }};') for value in ("okay", "fail"))
    before = tree.to_fdt()
    assert ovl.conflicts(okay, fail) == ['property: both set "status" of &soc, to "okay" and to "fail"']
    assert ovl.conflicts(okay, fail, tree) == ['property: both set "status" of /soc, to "okay" and to "fail"']
    assert ovl.conflicts(okay, okay, base=tree) == []
    assert tree.to_fdt() == before
    file = tmp_path / "fail.dtbo"
    file.write_bytes(fail)
    assert len(ovl.conflicts(okay, file)) == 1
    with pytest.raises(ovl.Error, match="the second overlay: no fragment"):
        ovl.conflicts(okay, before)


def test_o28_what_a_removal_would_break(tree: ovl.Tree) -> None:
    bus = tree.apply(overlay("&soc { bus: bus { }; };"))
    assert bus.check_remove().ok
    user = tree.apply(overlay("&bus { dev { vdd-supply = <&bus>; }; };"))
    report = bus.check_remove()
    assert not report.ok
    assert report.errno == errno.EBUSY
    assert "stands on" in report.problems[0] or "has added" in report.problems[0]
    assert user.check_remove().ok
    user.remove()
    bus.remove()
    with pytest.raises(ovl.NotFoundError):
        bus.check_remove()


def test_o28_what_dangles(tree: ovl.Tree) -> None:
    bus = tree.apply(overlay("&soc { bus: bus { }; };"))
    phandle = tree["/soc/bus"].phandle
    tree.apply(overlay(f"&{{/soc}} {{ user {{ vdd-supply = <{phandle}>; }}; }};"))
    line = f'/soc/user: property "vdd-supply" refers to /soc/bus (phandle {phandle:#x})'
    report = bus.check_remove()
    assert (report.ok, report.errno, report.problems, report.dangling) == (False, 0, [], [line])
    by_label = '/__symbols__: property "bus" refers to /soc/bus'
    assert sorted(tree["/soc/bus"].referrers()) == sorted([line, by_label])
