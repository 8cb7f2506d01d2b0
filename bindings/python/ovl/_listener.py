# SPDX-License-Identifier: MIT OR Apache-2.0
"""Listeners: functions that are told of everything that is applied to a tree or removed from it, and may refuse."""

import enum
import errno
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from _holdfast.callbacks import Calls, Kept

from ._changeset import Changeset
from ._errors import cause, elsewhere
from ._lib import library
from ._node import Node, Prop
from ._signatures import ovl_destroy, ovl_notifier_callback

if TYPE_CHECKING:
    from ._tree import Tree


class EventKind(enum.IntEnum):
    """What an event tells."""

    PRE_APPLY = 1
    POST_APPLY = 2
    ABORT_APPLY = 3
    PRE_REMOVE = 4
    POST_REMOVE = 5
    ABORT_REMOVE = 6
    ATTACH_NODE = 7
    DETACH_NODE = 8
    ADD_PROP = 9
    REMOVE_PROP = 10
    UPDATE_PROP = 11


class StateChange(enum.IntEnum):
    """What became of the device that a node may stand for."""

    ADDED = 1
    REMOVED = 2


class Event(NamedTuple):
    """What a listener is told. All of it is held, and may be kept."""

    kind: EventKind
    id: int
    changeset: Changeset
    """Everything that is applied or removed together, as a view that cannot be changed."""
    node: Node | None
    """Of an event of one change: the node."""
    prop: Prop | None
    """Its property as it is now."""
    before: Prop | None
    """Its property as it was."""
    state_change: StateChange | None
    """Whether with the whole of the change the device of the node has come or gone."""


class Listener:
    """A registration, ended by `close()`, by the end of its `with` block, or when Python forgets it."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def close(self) -> None:
        """No call starts any more; one that is running on another thread goes on to its end."""
        raw, self._raw = self._raw, None
        if raw:
            library().ovl_notifier_unregister(raw)

    __del__ = close

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Listening(NamedTuple):
    call: Callable[[Event], object]
    tree: "Tree"


_listening: Kept[_Listening] = Kept()
_calls = Calls("a listener")
_ABORTS = (EventKind.ABORT_APPLY, EventKind.ABORT_REMOVE)


def listen(tree: "Tree", call: Callable[[Event], object], priority: int) -> Listener:
    """See `Tree.listen()`."""
    number = _listening.keep(_Listening(call, tree))
    return Listener(library().ovl_notifier_register(tree._held(), priority, _CALLBACK, number, _FORGET))


def _told(raw: Any, tree: "Tree") -> Event:
    lib = library()
    node, prop, before = lib.ovl_event_node(raw), lib.ovl_event_prop(raw), lib.ovl_event_before(raw)
    state = lib.ovl_event_state_change(raw)
    return Event(
        EventKind(lib.ovl_event_kind(raw)),
        lib.ovl_event_id(raw),
        Changeset(tree, _raw=lib.ovl_event_changeset(raw)),
        Node(node, tree) if node else None,
        Prop(prop, tree) if prop else None,
        Prop(before, tree) if before else None,
        StateChange(state) if state else None,
    )


def _call(raw: Any, number: int) -> int:
    listening, event = _listening[number], None
    try:
        with elsewhere():
            event = _told(raw, listening.tree)
            listening.call(event)
    except BaseException as failure:
        if event is None or event.kind in _ABORTS:
            # Nobody gets it.
            return _calls.errno(failure, listening.call)
        # The first one counts, as in the library.
        cause.exception = cause.exception or failure
        event = None
        return -(failure.errno if isinstance(failure, OSError) and failure.errno else errno.EIO)
    return 0


def _forget(number: int) -> None:
    del _listening[number]


_CALLBACK = ovl_notifier_callback(_call)
_FORGET = ovl_destroy(_forget)
