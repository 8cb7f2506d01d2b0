# SPDX-License-Identifier: MIT OR Apache-2.0
"""Nodes and properties: they stay readable for as long as they are held, also when their overlay is removed."""

import ctypes
import struct
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from _holdfast.handle import Handle, Ref
from _holdfast.text import text_copied, text_in

from ._errors import NotFoundError
from ._lib import library
from ._signatures import NODE

if TYPE_CHECKING:
    from ._tree import Tree


class PhandleArgs(NamedTuple):
    """An entry of a list such as "clocks"."""

    node: "Node"
    args: list[int]


class Node(Handle):
    """A node. It keeps its `Tree` open, as `tree`; `tree.close()` detaches it, and it stays readable.

    `node["reg"]` is a property, `"reg" in node` asks for one, and iteration goes over the children.
    """

    __slots__ = ("tree",)

    def __init__(self, raw: Any, tree: "Tree") -> None:
        super().__init__(Ref(raw, library().ovl_node_put))
        self.tree = tree

    def __repr__(self) -> str:
        return "<ovl.Node closed>" if self.closed else f"<ovl.Node {self.path}>"

    @property
    def name(self) -> str:
        """The name with its unit address, empty for the root."""
        name: bytes = library().ovl_node_name(self._held())
        return name.decode()

    @property
    def path(self) -> str:
        """The absolute path; for a detached node, the one that it had."""
        ref = self._held()
        return text_copied(lambda buffer, size: library().ovl_node_path(ref, buffer, size))

    @property
    def phandle(self) -> int:
        """The phandle, 0 if there is none."""
        return int(library().ovl_node_phandle(self._held()))

    def referrers(self) -> list[str]:
        """What refers to this node or one below it from elsewhere in the tree, and would dangle without it; a line each."""
        ref = self._held()
        text = library.text_given(lambda report: library().ovl_node_referrers(ref, report))[1] or ""
        return text.splitlines()

    @property
    def origin(self) -> int:
        """The id of the overlay that brought the node, 0 for the base."""
        return int(library().ovl_node_origin(self._held()))

    @property
    def is_attached(self) -> bool:
        """Whether the node is in its tree."""
        return bool(library().ovl_node_is_attached(self._held()))

    @property
    def is_available(self) -> bool:
        """Whether "status" is missing, "okay" or "ok"."""
        return bool(library().ovl_node_is_available(self._held()))

    def is_compatible(self, compatible: str) -> bool:
        """Whether this is one of the strings in "compatible", in upper or lower case."""
        return bool(library().ovl_node_is_compatible(self._held(), text_in(compatible)))

    # --- neighbours ---

    @property
    def parent(self) -> "Node | None":
        """The parent; None for the root and for a detached node."""
        raw = library().ovl_node_parent(self._held())
        return Node(raw, self.tree) if raw else None

    @property
    def children(self) -> "list[Node]":
        """The children as they are now; none for a detached node."""
        return children(self._held(), self.tree)

    def __iter__(self) -> "Iterator[Node]":
        return iter(self.children)

    def child(self, name: str) -> "Node":
        """The child of this name; its unit address may be left out where that is unambiguous."""
        return Node(library().ovl_node_child(self._held(), text_in(name)), self.tree)

    def walk(self) -> "Iterator[Node]":
        """The node and everything below it, in document order; each node's children as they are when it is passed."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            # The caller may close what is handed out.
            ref = node._held()
            yield node
            waiting.extend(reversed(children(ref, self.tree)))

    # --- properties ---

    @property
    def props(self) -> "dict[str, Prop]":
        """The properties in force by name, in the node's order, as they are now."""
        ref = self._held()
        while True:
            found: list[Prop] = []
            previous = None
            while raw := library().ovl_node_next_prop(ref, library().ovl_prop_get(previous)):
                found.append(Prop(raw, self.tree))
                previous = found[-1]._held()
            # Behind one that was taken out meanwhile the rest would be missing.
            if not found or library().ovl_node_read_bool(ref, text_in(found[-1].name)):
                return {prop.name: prop for prop in found}

    def __getitem__(self, name: str) -> "Prop":
        return Prop(library().ovl_node_prop(self._held(), text_in(name)), self.tree)

    def __contains__(self, name: str) -> bool:
        return self.read_bool(name)

    def get(self, name: str) -> "Prop | None":
        """The property of this name, or None."""
        try:
            return self[name]
        except NotFoundError:
            return None

    # --- typed reads; errors as in Linux: EINVAL no such property, ENODATA no value, EOVERFLOW too short, EILSEQ no text ---

    def read_u32(self, name: str) -> int:
        """The first cell of a property."""
        value = ctypes.c_uint32()
        library().ovl_node_read_u32(self._held(), text_in(name), value)
        return value.value

    def read_u64(self, name: str) -> int:
        """The first two cells of a property as one number."""
        value = ctypes.c_uint64()
        library().ovl_node_read_u64(self._held(), text_in(name), value)
        return value.value

    def read_u32_array(self, name: str, count: int) -> list[int]:
        """The first `count` cells of a property, which may have more. For all of them: `node[name].u32s()`."""
        values = (ctypes.c_uint32 * count)()
        library().ovl_node_read_u32_array(self._held(), text_in(name), values, count)
        return list(values)

    def read_string(self, name: str, index: int = 0) -> str:
        """The string at `index` of a property."""
        ref, encoded = self._held(), text_in(name)
        return text_copied(
            lambda buffer, size: library().ovl_node_read_string(ref, encoded, index, buffer, size)
        )

    def read_strings(self, name: str) -> list[str]:
        """All strings of a property."""
        # The count checks what the binding promises; the value is then taken at once.
        library().ovl_node_count_strings(self._held(), text_in(name))
        return self[name].strings()

    def match_string(self, name: str, string: str) -> int:
        """The index of a string in a property."""
        return int(library().ovl_node_match_string(self._held(), text_in(name), text_in(string)))

    def read_bool(self, name: str) -> bool:
        """Whether the property is there, whatever its value."""
        return bool(library().ovl_node_read_bool(self._held(), text_in(name)))

    def phandle_args(self, list_name: str, cells_name: str | None = None, index: int = 0) -> PhandleArgs:
        """The node that entry `index` of a list of phandles leads to, and the arguments behind it.

        `list_name` is a property such as "clocks"; `cells_name` the property of each target that says how many arguments it
        takes, such as "#clock-cells"; None: none.
        """
        # The list itself has more cells than any entry of it.
        room = len(self[list_name].value) // 4
        args, count, target = (ctypes.c_uint32 * room)(), ctypes.c_uint(room), NODE()
        cells = None if cells_name is None else text_in(cells_name)
        library().ovl_node_phandle_args(
            self._held(), text_in(list_name), cells, index, target, args, count
        )
        return PhandleArgs(Node(target, self.tree), args[: count.value])


def children(ref: Ref, tree: "Tree") -> list[Node]:
    """The children of a node as they are at one moment."""
    while True:
        found: list[Node] = []
        step: Callable[[Ref], Any] = library().ovl_node_first_child
        at = ref
        while raw := step(at):
            found.append(Node(raw, tree))
            at, step = found[-1]._held(), library().ovl_node_next_sibling
        # A child that was taken out meanwhile has no next one: what is behind it would be missing.
        if not found or found[-1].is_attached or not library().ovl_node_is_attached(ref):
            return found


class Prop(Handle):
    """A property with its value, which never changes: an update puts another one in its place."""

    __slots__ = ("tree",)

    def __init__(self, raw: Any, tree: "Tree") -> None:
        super().__init__(Ref(raw, library().ovl_prop_put))
        self.tree = tree

    def __repr__(self) -> str:
        return "<ovl.Prop closed>" if self.closed else f"<ovl.Prop {self.name} = {self.value!r}>"

    @property
    def name(self) -> str:
        """The property's name."""
        name: bytes = library().ovl_prop_name(self._held())
        return name.decode()

    @property
    def value(self) -> bytes:
        """The value, copied."""
        ref, size = self._held(), ctypes.c_size_t()
        data = library().ovl_prop_data(ref, size)
        return ctypes.string_at(data, size.value)

    @property
    def origin(self) -> int:
        """The id of the overlay that brought this value, 0 for the base."""
        return int(library().ovl_prop_origin(self._held()))

    def u32s(self) -> list[int]:
        """The value as cells."""
        value = self.value
        if len(value) % 4:
            raise ValueError(f'property "{self.name}": {len(value)} bytes are not whole cells')
        return list(struct.unpack(f">{len(value) // 4}I", value))

    def strings(self) -> list[str]:
        """The value as strings."""
        value = self.value
        if not value:
            return []
        if value[-1]:
            raise ValueError(f'property "{self.name}" is not a list of strings: it does not end in NUL')
        return [string.decode() for string in value[:-1].split(b"\0")]
