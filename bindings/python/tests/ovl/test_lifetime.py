# SPDX-License-Identifier: MIT OR Apache-2.0
"""Lifetimes: what is held stays readable, what is closed is given back at once, and nobody waits for anybody unasked."""

import errno
import gc
import re
import signal
import sys
import threading
import time
import types

import ovl
import pytest

from .conftest import BOARD, HAT, LED, MakeTree, dtc


def test_o18_a_held_node_stays_readable_when_its_overlay_is_gone(tree: ovl.Tree) -> None:
    with tree.apply(dtc(HAT)) as hat:
        node, probe = tree["/soc/thermometer@48"], tree["/soc/thermometer@48/probe"]
        phandle = node.phandle
    assert not node.is_attached
    assert (node.name, node.path) == ("thermometer@48", "/soc/thermometer@48")
    assert probe.path == "/soc/thermometer@48/probe"
    assert node["compatible"].strings() == ["test,thermometer"]
    assert node.read_u32("reg") == 0x48
    assert node.origin == hat.id
    assert (node.parent, node.children) == (None, [])
    assert "/soc/thermometer@48" not in tree
    with pytest.raises(ovl.NotFoundError):
        tree.by_phandle(phandle)
    with pytest.raises(ovl.NotFoundError):
        tree.by_label("thermometer")


def test_o18_a_path_can_be_added_again_while_old_nodes_are_held(tree: ovl.Tree) -> None:
    old = []
    for _ in range(50):
        with tree.apply(dtc(HAT)):
            old.append(tree["/soc/thermometer@48"])
            assert old[-1].is_attached
    assert len(set(old)) == 50
    assert {(node.path, node.is_attached) for node in old} == {("/soc/thermometer@48", False)}


def test_o18_a_value_stays_what_it_was(tree: ovl.Tree) -> None:
    uart = tree["serial0"]
    with tree.apply(dtc(HAT)):
        okay = uart["status"]
        with tree.apply(dtc(LED)):
            assert okay.value == b"okay\0"
            assert uart["status"].value == b"disabled\0"
        assert uart["status"] == okay
    assert "status" not in uart
    assert (okay.name, okay.value) == ("status", b"okay\0")


def test_o17_removal_does_not_wait_and_waiting_names_what_is_held(tree: ovl.Tree) -> None:
    with tree.apply(dtc(HAT), name="hat") as hat:
        with pytest.raises(ovl.Error, match="still applied") as busy:
            hat.wait_released(0)
        assert busy.value.errno == errno.EBUSY
        node = tree["/soc/thermometer@48"]
    with pytest.raises(TimeoutError, match="/soc/thermometer@48: 1 reference") as late:
        hat.wait_released(0.01)
    assert isinstance(late.value, ovl.Error)
    assert late.value.errno == errno.ETIMEDOUT
    node.close()
    hat.wait_released(0)
    tree.wait_released(0)


def test_k6_waiting_names_the_holders(tree: ovl.Tree, tracking: None) -> None:
    with tree.apply(dtc(HAT)) as hat:
        with ovl.tag("thermal daemon"):
            with ovl.tag("fan control"):
                fan = tree["/soc/thermometer@48"]
            daemon = tree["/soc/thermometer@48"]
        label = tree["/soc/thermometer@48/probe"]["label"]
    with pytest.raises(ovl.TimedOutError) as late:
        hat.wait_released(0)
    sentence = str(late.value)
    assert "thermal daemon" in sentence and "fan control" in sentence and '"label"' in sentence
    assert tree.holders() in sentence
    daemon.close()
    assert "thermal daemon" not in tree.holders()
    fan.close()
    label.close()
    assert tree.holders() == ""


def test_o17_a_wait_ends_when_another_thread_lets_go(tree: ovl.Tree) -> None:
    with tree.apply(dtc(HAT)) as hat:
        node = tree["/soc/thermometer@48"]
    threading.Timer(0.05, node.close).start()
    began = time.monotonic()
    hat.wait_released()
    assert 0.04 < time.monotonic() - began
    assert node.closed


def test_a_wait_can_be_interrupted(tree: ovl.Tree) -> None:
    def interrupt(number: int, frame: types.FrameType | None) -> None:
        raise KeyboardInterrupt

    with tree.apply(dtc(HAT)) as hat:
        node = tree["/soc/thermometer@48"]
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            hat.wait_released()
    finally:
        signal.signal(signal.SIGALRM, before)
    node.close()


def test_o18_nodes_outlive_a_closed_tree(tree: ovl.Tree) -> None:
    node, value = tree["serial0"], tree["serial0"]["reg"]
    tree.close()
    assert not node.is_attached
    assert (node.path, node.parent) == ("/soc/uart@9000", None)
    assert node["compatible"].strings() == ["test,uart", "ns16550a"]
    assert value.u32s() == [0x9000, 0x100]


def test_a_node_keeps_its_tree_open() -> None:
    node = ovl.Tree.from_bytes(dtc(BOARD))["/soc/uart@9000"]
    gc.collect()
    assert node.is_attached
    assert node.parent is not None and node.parent.name == "soc"


def test_what_is_closed_is_given_back_at_once(tree: ovl.Tree) -> None:
    node = tree["/soc"]
    assert tree.holders() == "base: node /soc: 1 reference\n"
    node.close()
    assert tree.holders() == ""
    with tree["/soc"] as node, node["#size-cells"] as prop:
        assert len(tree.holders().splitlines()) == 2
        assert prop.u32s() == [1]
    assert tree.holders() == ""
    del node, prop
    tree["/soc"].children
    assert tree.holders() == "", "what Python forgets is given back"


def test_closed_objects_raise_value_error_and_close_again_quietly(tree: ovl.Tree) -> None:
    node = tree["/soc"]
    prop = node["#size-cells"]
    for _ in range(2):
        node.close()
        prop.close()
    with pytest.raises(ValueError, match="the Node is closed"):
        node.path
    with pytest.raises(ValueError, match="the Prop is closed"):
        prop.value
    with pytest.raises(ValueError):
        with node:
            pass
    with pytest.raises(ValueError):
        tree.apply(dtc(HAT), base=node)
    assert node.closed and prop.closed
    assert repr(node) == "<ovl.Node closed>"
    assert node == node and node != tree["/soc"]
    tree.close()
    tree.close()
    with pytest.raises(ValueError, match="the Tree is closed"):
        tree.root


def test_k5_the_last_reference_goes_while_another_thread_uses_it(tree: ovl.Tree) -> None:
    # Every round one thread reads a node and another closes it: the reader sees it whole or closed.
    errors: list[BaseException] = []

    def read(node: ovl.Node) -> None:
        try:
            while True:
                assert node.path == "/soc/thermometer@48"
                assert node["compatible"].strings() == ["test,thermometer"]
        except ValueError as closed:
            assert "is closed" in str(closed)
        except BaseException as error:
            errors.append(error)

    for _ in range(50):
        hat = tree.apply(dtc(HAT))
        node = tree["/soc/thermometer@48"]
        reader = threading.Thread(target=read, args=(node,))
        reader.start()
        hat.remove()
        node.close()
        reader.join()
        hat.wait_released(5)
    assert errors == []


def test_k5_closing_a_tree_does_not_wait_and_running_calls_finish(tree: ovl.Tree) -> None:
    with tree.apply(dtc(HAT)) as hat:
        held = tree["/soc/thermometer@48"]
    node = tree["/soc"]
    waiter = threading.Thread(target=hat.wait_released)
    waiter.start()
    # Until the thread is where it has the tree's reference.
    while not any("ref" in frame.f_locals for id, frame in sys._current_frames().items() if id == waiter.ident):
        time.sleep(0.01)
    tree.close()
    assert tree.closed
    assert node.is_attached, "the call that is running has the tree"
    held.close()
    waiter.join()
    assert not node.is_attached


def test_o23_threads_see_an_overlay_whole_or_not_at_all(tree: ovl.Tree) -> None:
    without = {"clock@1000", "uart@9000", "uart@a000"}
    seen: set[frozenset[str]] = set()
    errors: list[BaseException] = []
    done = threading.Event()

    def look() -> None:
        try:
            while not done.is_set():
                seen.add(frozenset(re.findall(r"(\S+@\S+) {", tree.to_dts())))
                for node in tree["/soc"]:
                    # Whether it is still attached or not: it is readable.
                    assert node.path == f"/soc/{node.name}"
                    assert all(prop.name for prop in node.props.values())
                assert without <= {node.name for node in tree["/soc"]}
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(100):
        with tree.apply(dtc(HAT)):
            pass
    done.set()
    for thread in threads:
        thread.join()
    assert errors == []
    tree.wait_released(5)
    assert seen <= {frozenset(without), frozenset(without | {"thermometer@48", "hygrometer@49"})}
    assert frozenset(without) in seen


def test_applying_and_removing_again_and_again_keeps_nothing(tree: ovl.Tree, make_tree: MakeTree) -> None:
    before = tree.to_fdt()
    for _ in range(300):
        with tree.apply(dtc(HAT)) as hat:
            tree["/soc/thermometer@48"].read_u32("reg")
        hat.wait_released(0)
    assert tree.to_fdt() == before
