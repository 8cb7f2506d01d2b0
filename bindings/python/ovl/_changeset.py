# SPDX-License-Identifier: MIT OR Apache-2.0
"""Changesets: changes to a live tree that are listed, and then applied and reverted as one."""

import contextlib
import ctypes
import enum
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from _holdfast.handle import Handle, Ref
from _holdfast.text import Blob, text_copied, text_in

from ._lib import library
from ._node import Node, Prop
from ._signatures import NODE, PROP

if TYPE_CHECKING:
    from ._tree import Tree

# What a property may be set to: a cell, a string, cells, strings, presence, or bytes as they are.
Value = int | str | bool | Blob | Sequence[int] | Sequence[str]


class Action(enum.IntEnum):
    """What is done to a node or a property."""

    ATTACH = 1
    DETACH = 2
    ADD = 3
    REMOVE = 4
    UPDATE = 5


class Changed(NamedTuple):
    """An entry of a changeset: `now` is the value that the property gets, `before` the one that it had."""

    action: Action
    node: Node
    now: Prop | None
    before: Prop | None


class Changeset(Handle):
    """A list of changes to a tree.

        with ovl.Changeset(tree) as change:        # applied at the end of the block, unless that raises
            change.set(node, "status", "okay")
        change.revert()

    What was applied within the block is left as the block leaves it, also if that is reverted. Closing one that is applied
    leaves what it changed for good. `len()`, indexing and iteration show its entries.
    """

    __slots__ = ("tree", "_before")

    def __init__(self, tree: "Tree", *, _raw: Any = None) -> None:
        """An empty one, of a tree."""
        super().__init__(Ref(_raw or library().ovl_changeset_new(tree._held()), library().ovl_changeset_put))
        self.tree = tree

    def __repr__(self) -> str:
        return "<ovl.Changeset closed>" if self.closed else f"<ovl.Changeset with {len(self)} entries>"

    # --- filling ---

    def create_node(self, name: str, parent: Node | None = None) -> Node:
        """A new node ("uart@9000"), the last child of `parent`; without one it stays outside until `attach_node()`."""
        raw, above = NODE(), None if parent is None else parent._held()
        library().ovl_changeset_create_node(self._held(), above, text_in(name), raw)
        return Node(raw, self.tree)

    def attach_node(self, parent: Node, node: Node) -> None:
        """Attaches a node that is not in the tree as the last child of `parent`, with all that is below it."""
        library().ovl_changeset_attach_node(self._held(), parent._held(), node._held())

    def detach_node(self, node: Node) -> None:
        """Detaches a node, with all that is below it."""
        library().ovl_changeset_detach_node(self._held(), node._held())

    def add_prop(self, node: Node, name: str, value: Blob = b"") -> None:
        """Adds a property, which must not be there when the changeset is applied."""
        value = bytes(value)
        library().ovl_changeset_add_prop(self._held(), node._held(), text_in(name), value, len(value))

    def update_prop(self, node: Node, name: str, value: Blob) -> None:
        """Gives a property another value. It must be there when the changeset is applied."""
        value = bytes(value)
        library().ovl_changeset_update_prop(self._held(), node._held(), text_in(name), value, len(value))

    def remove_prop(self, node: Node, name: str) -> None:
        """Removes a property. It must be there when the changeset is applied."""
        library().ovl_changeset_remove_prop(self._held(), node._held(), text_in(name))

    def set(self, node: Node, name: str, value: Value) -> None:
        """Gives a property a value, whether it is there or not: an `int` is a cell, a list of them cells, a `str` a string, a list of
        them strings, `bytes` are taken as they are, and `True` or `False` say whether an empty property is there.
        """
        ref, on, encoded = self._held(), node._held(), text_in(name)
        if isinstance(value, bool):
            library().ovl_changeset_set_bool(ref, on, encoded, value)
        elif isinstance(value, int):
            library().ovl_changeset_set_u32(ref, on, encoded, _cell(value))
        elif isinstance(value, str):
            library().ovl_changeset_set_string(ref, on, encoded, text_in(value))
        elif isinstance(value, (bytes, bytearray, memoryview)):
            blob = bytes(value)
            library().ovl_changeset_set_prop(ref, on, encoded, blob, len(blob))
        elif value and isinstance(value[0], str):
            strings = (ctypes.c_char_p * len(value))(*(text_in(str(each)) for each in value))
            library().ovl_changeset_set_strings(ref, on, encoded, strings, len(value))
        else:
            cells = (ctypes.c_uint32 * len(value))(*(_cell(int(each)) for each in value))
            library().ovl_changeset_set_u32_array(ref, on, encoded, cells, len(value))

    def set_u64(self, node: Node, name: str, value: int) -> None:
        """Sets a property to two cells that are one number."""
        if not 0 <= value < 1 << 64:
            raise OverflowError(f"{value} does not fit two cells")
        library().ovl_changeset_set_u64(self._held(), node._held(), text_in(name), value)

    # --- applying ---

    def apply(self) -> Self:
        """Checks everything and applies all of it or nothing."""
        library().ovl_changeset_apply(self._held())
        return self

    def revert(self) -> None:
        """Reverts everything: content and order are what they would be without it. It can be applied again."""
        library().ovl_changeset_revert(self._held())

    @contextlib.contextmanager
    def applied(self) -> Iterator[Self]:
        """Applies it, and reverts it at the end of the block."""
        self.apply()
        try:
            yield self
        finally:
            self.revert()

    def __enter__(self) -> Self:
        self._before = self.id
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Each application has an id of its own.
        if kind is None and self.id == self._before and not self.is_applied:
            self.apply()

    # --- looking ---

    @property
    def is_applied(self) -> bool:
        """Whether what it lists is in the tree."""
        return bool(library().ovl_changeset_is_applied(self._held()))

    @property
    def id(self) -> int:
        """The id under which it is applied, or was: the origin of what it brought. 0 before."""
        return int(library().ovl_changeset_id(self._held()))

    @property
    def is_overlay(self) -> bool:
        """Whether it shows an overlay, as that of an event may."""
        return bool(library().ovl_changeset_is_overlay(self._held()))

    @property
    def name(self) -> str | None:
        """The name of the overlay that it shows."""
        ref = self._held()
        return text_copied(lambda buffer, size: library().ovl_changeset_name(ref, buffer, size)) or None

    def __len__(self) -> int:
        return int(library().ovl_changeset_count(self._held()))

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, index: int) -> Changed:
        ref, count = self._held(), len(self)
        if not -count <= index < count:
            raise IndexError(f"entry {index} of {count}")
        action, node, now, before = ctypes.c_uint32(), NODE(), PROP(), PROP()
        library().ovl_changeset_entry(ref, index % count, action, node, now, before)
        tree = self.tree
        return Changed(Action(action.value), Node(node, tree), _prop(now, tree), _prop(before, tree))

    def __iter__(self) -> Iterator[Changed]:
        return (self[index] for index in range(len(self)))


def _prop(raw: Any, tree: "Tree") -> Prop | None:
    return Prop(raw, tree) if raw else None


def _cell(value: int) -> int:
    if not 0 <= value < 1 << 32:
        raise OverflowError(f"{value} does not fit a cell")
    return value
