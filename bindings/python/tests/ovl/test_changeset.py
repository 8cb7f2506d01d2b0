# SPDX-License-Identifier: MIT OR Apache-2.0
"""Changesets: listed, applied as one, reverted exactly."""

import errno

import ovl
import pytest


def test_o19_a_changeset_is_applied_and_reverted_exactly(tree: ovl.Tree) -> None:
    before, uart = tree.to_fdt(), tree["/soc/uart@9000"]
    with ovl.Changeset(tree) as change:
        change.set(uart, "status", "disabled")
        change.set(uart, "current-speed", 115200)
        change.set(uart, "names", ["rx", "tx"])
        change.set(uart, "cells", [1, 2, 3])
        change.set(uart, "nothing", [])
        change.set(uart, "bytes", b"\x07")
        change.set(uart, "wakeup-source", False)
        change.set(uart, "uart-has-rtscts", True)
        change.set_u64(uart, "size", 1 << 40)
        change.remove_prop(uart, "big")
        new = change.create_node("child@1", uart)
        change.add_prop(new, "reg", b"\0\0\0\1")
        assert not change.is_applied and tree.to_fdt() == before
    assert change.is_applied and change.id == new.origin
    assert (uart.read_string("status", 0), uart.read_u32("current-speed")) == ("disabled", 115200)
    assert (uart["names"].strings(), uart["cells"].u32s(), uart["nothing"].value) == (["rx", "tx"], [1, 2, 3], b"")
    assert (uart["bytes"].value, uart.read_u64("size")) == (b"\x07", 1 << 40)
    assert "wakeup-source" not in uart and "uart-has-rtscts" in uart and "big" not in uart
    assert tree["/soc/uart@9000/child@1"].read_u32("reg") == 1
    change.revert()
    assert tree.to_fdt() == before
    with change.applied() as again:
        assert again.is_applied
    assert tree.to_fdt() == before


def test_o19_what_a_block_has_reverted_its_end_does_not_apply(tree: ovl.Tree) -> None:
    before, uart = tree.to_fdt(), tree["/soc/uart@9000"]
    with ovl.Changeset(tree) as change:
        change.set(uart, "x", 1)
        with change.applied():
            assert "x" in uart
    assert not change.is_applied and tree.to_fdt() == before
    with change:
        pass
    assert change.is_applied and "x" in uart
    change.revert()


def test_o19_all_or_nothing(tree: ovl.Tree) -> None:
    before, uart = tree.to_fdt(), tree["/soc/uart@9000"]
    change = ovl.Changeset(tree)
    change.set(uart, "status", "okay")
    change.update_prop(uart, "no-such", b"")
    with pytest.raises(ovl.NotFoundError, match="no-such"):
        change.apply()
    assert tree.to_fdt() == before
    with pytest.raises(ZeroDivisionError), ovl.Changeset(tree) as other:
        other.set(uart, "status", "okay")
        raise ZeroDivisionError
    assert tree.to_fdt() == before
    for wrong in (-1, 1 << 32):
        with pytest.raises(OverflowError, match="does not fit a cell"):
            other.set(uart, "x", wrong)
        with pytest.raises(OverflowError, match="does not fit a cell"):
            other.set(uart, "x", [wrong])
    with pytest.raises(OverflowError, match="does not fit two cells"):
        other.set_u64(uart, "x", 1 << 64)


def test_o19_nodes_are_detached_and_come_back(tree: ovl.Tree) -> None:
    before, uart = tree.to_fdt(), tree["/soc/uart@9000"]
    change = ovl.Changeset(tree)
    change.detach_node(uart)
    with change.applied():
        assert not uart.is_attached and "/soc/uart@9000" not in tree
        with pytest.raises(ovl.Error) as gone, ovl.Changeset(tree) as other:
            other.set(uart, "x", 1)
        assert gone.value.errno == errno.ENODEV
    assert uart.is_attached and tree.to_fdt() == before
    free = ovl.Changeset(tree)
    template = free.create_node("template")
    free.set(template, "x", 1)
    free.attach_node(tree["/soc"], template)
    with free.applied():
        assert tree["/soc/template"] == template


def test_o19_its_entries_can_be_looked_at(tree: ovl.Tree) -> None:
    uart = tree["/soc/uart@9000"]
    with ovl.Changeset(tree) as change:
        change.set(uart, "bytes", b"\x07")
        change.remove_prop(uart, "wakeup-source")
    assert len(change) == 2 and repr(change) == "<ovl.Changeset with 2 entries>"
    first, second = change
    assert (first.action, first.node) == (ovl.Action.UPDATE, uart)
    assert first.now and first.before
    assert (first.now.value, first.before.value) == (b"\x07", b"\x01\x02\x03")
    assert (second.action, second.now) == (ovl.Action.REMOVE, None)
    assert change[-1].action == ovl.Action.REMOVE
    with pytest.raises(IndexError, match="entry 2 of 2"):
        change[2]
    assert not change.is_overlay and change.name is None
    change.revert()
