# SPDX-License-Identifier: MIT OR Apache-2.0
"""Listeners: told of every change before and after, with the right to refuse."""

import errno
import gc

import ovl
import pytest

from .conftest import HAT, LED, dtc

Kind = ovl.EventKind


def test_o20_o21_a_listener_is_told_of_everything(tree: ovl.Tree) -> None:
    told: list[ovl.Event] = []
    with tree.listen(told.append):
        overlay = tree.apply(dtc(HAT), name="hat")
        pre, *changes, post = told
        assert (pre.kind, post.kind, pre.id) == (Kind.PRE_APPLY, Kind.POST_APPLY, overlay.id)
        assert pre.changeset.is_overlay and pre.changeset.name == "hat" and pre.node is None
        attached = [event.node.path for event in changes if event.kind == Kind.ATTACH_NODE and event.node]
        assert attached[:2] == ["/soc/thermometer@48", "/soc/thermometer@48/probe"]
        assert {event.state_change for event in changes if event.kind == Kind.ATTACH_NODE} >= {ovl.StateChange.ADDED}
        status = next(event for event in changes if event.prop and event.prop.name == "status")
        assert (status.kind, status.before) == (Kind.ADD_PROP, None)
        told.clear()
        overlay.remove()
        assert (told[0].kind, told[-1].kind) == (Kind.PRE_REMOVE, Kind.POST_REMOVE)
        detached = [event.node.path for event in told if event.kind == Kind.DETACH_NODE and event.node]
        assert detached[-1] == "/soc/thermometer@48"
        assert told[0].changeset[0].node.name, "what was told stays readable"
        told.clear()
    del pre, changes, post, status
    with tree.apply(dtc(LED)):
        pass
    assert not told, "it was unregistered"


def test_o20_an_exception_refuses_and_the_caller_sees_it(tree: ovl.Tree) -> None:
    told: list[Kind] = []

    def refuses(event: ovl.Event) -> None:
        if event.kind == Kind.PRE_APPLY:
            raise PermissionError(errno.EPERM, "not today")

    before = tree.to_fdt()
    with tree.listen(lambda event: told.append(event.kind), priority=1), tree.listen(refuses):
        with pytest.raises(ovl.Error, match="a listener refuses") as refused:
            tree.apply(dtc(LED))
    assert refused.value.errno == errno.EPERM
    assert isinstance(refused.value.__cause__, PermissionError) and "not today" in str(refused.value.__cause__)
    assert told == [Kind.PRE_APPLY, Kind.ABORT_APPLY]
    assert tree.to_fdt() == before

    def fails(_event: ovl.Event) -> None:
        raise ZeroDivisionError("planted")

    with tree.listen(fails), pytest.raises(ovl.Error) as failed:
        tree.apply(dtc(LED))
    assert failed.value.errno == errno.EIO and isinstance(failed.value.__cause__, ZeroDivisionError)
    with pytest.raises(ovl.NotFoundError) as other:
        tree["/nowhere"]
    assert other.value.__cause__ is None, "that was another one"
    refused.value.__cause__ = failed.value.__cause__ = None


def test_o22_a_listener_may_change_the_tree(tree: ovl.Tree) -> None:
    inner: list[ovl.Overlay] = []
    hat, led = dtc(HAT), dtc(LED)

    def follows(event: ovl.Event) -> None:
        if event.changeset.name != "hat":
            return
        if event.kind == Kind.POST_APPLY:
            with pytest.raises(ovl.Error) as busy:
                tree.overlays[0].remove()
            assert busy.value.errno == errno.EBUSY
            inner.append(tree.apply(led, name="led"))
        elif event.kind == Kind.PRE_REMOVE:
            inner.pop().remove()

    before = tree.to_fdt()
    with tree.listen(follows):
        overlay = tree.apply(hat, name="hat")
        assert [each.name for each in tree.overlays] == ["hat", "led"]
        overlay.remove()
    assert tree.to_fdt() == before and not inner


def test_k5_a_listener_may_end_itself(tree: ovl.Tree) -> None:
    listeners: list[ovl.Listener] = []
    told: list[Kind] = []

    def once(event: ovl.Event) -> None:
        told.append(event.kind)
        listeners.pop().close()

    listeners.append(tree.listen(once))
    with tree.apply(dtc(LED)):
        pass
    assert told == [Kind.PRE_APPLY]
    tree.listen(once)
    gc.collect()
    with tree.apply(dtc(LED)):
        pass
    assert told == [Kind.PRE_APPLY], "nobody kept it"
