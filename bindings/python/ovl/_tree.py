# SPDX-License-Identifier: MIT OR Apache-2.0
"""The live tree: made of a blob, a file or a directory; looked through, changed by overlays, written."""

import ctypes
import json
from collections.abc import Callable, Iterator
from typing import Any, Literal, Self

from _holdfast.handle import Handle, Ref
from _holdfast.text import Blob, Path, path_in, text_copied, text_in

from ._errors import NotFoundError
from ._lib import library
from ._listener import Event, Listener, listen
from ._node import Node
from ._overlay import Mode, Overlay, Report, Request, wait_released
from ._params import Params
from ._signatures import CONSTANTS

Missing = Literal["refuse", "disable", "keep"]

_MISSING = {
    "refuse": 0,
    "disable": CONSTANTS["OVL_DIFF_OVERLAY_DISABLE"],
    "keep": CONSTANTS["OVL_DIFF_OVERLAY_KEEP"],
}


class Tree(Handle):
    """A live devicetree. Any thread may use it. `tree["/soc/uart@9000"]` is a node, iteration goes over all nodes.

    Closing it detaches all nodes; those that are held stay readable.
    """

    __slots__ = ()

    def __init__(self, raw: Any) -> None:
        super().__init__(Ref(raw, library().ovl_tree_put))

    @classmethod
    def new(cls) -> Self:
        """A tree with nothing but an empty root."""
        return cls(library().ovl_tree_new())

    @classmethod
    def from_bytes(cls, blob: Blob) -> Self:
        """A tree of a flattened devicetree, which is checked completely and copied."""
        blob = bytes(blob)
        return cls(library().ovl_tree_from_fdt(blob, len(blob), 0))

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """A tree of a .dtb file; "-" reads standard input."""
        return cls(library().ovl_tree_from_file(path_in(path), 0))

    @classmethod
    def from_dir(cls, path: Path) -> Self:
        """A tree of a directory such as /proc/device-tree."""
        return cls(library().ovl_tree_from_dir(path_in(path), 0))

    def __repr__(self) -> str:
        return "<ovl.Tree closed>" if self.closed else f"<ovl.Tree with {len(self.overlays)} overlays>"

    # --- finding nodes ---

    @property
    def root(self) -> Node:
        """The root node."""
        return Node(library().ovl_tree_root(self._held()), self)

    def node(self, path: str) -> Node:
        """The node at an absolute path or one that starts with an alias ("serial0/child").

        Unit addresses may be left out where that is unambiguous. Raises `NotFoundError`, which is a `KeyError` too.
        """
        return Node(library().ovl_node_by_path(self._held(), text_in(path)), self)

    __getitem__ = node

    def __contains__(self, path: str) -> bool:
        try:
            self.node(path)
        except NotFoundError:
            return False
        return True

    def by_phandle(self, phandle: int) -> Node:
        """The node with this phandle."""
        return Node(library().ovl_node_by_phandle(self._held(), phandle), self)

    def by_label(self, label: str) -> Node:
        """The node with this label in /__symbols__."""
        return Node(library().ovl_node_by_label(self._held(), text_in(label)), self)

    def compatible(self, compatible: str) -> Iterator[Node]:
        """The nodes that are compatible with this, in document order.

        Raises ENODEV if the node that came last is taken out of the tree before the next one is asked for.
        """
        encoded = text_in(compatible)
        # The caller may close what is handed out, so a reference is kept here until the next step.
        last: Ref | None = None
        while raw := library().ovl_node_by_compatible(self._held(), library().ovl_node_get(last), encoded):
            node = Node(raw, self)
            last = node._held()
            yield node

    def __iter__(self) -> Iterator[Node]:
        return self.root.walk()

    # --- overlays ---

    def apply(
        self,
        source: Blob | Path,
        *,
        mode: Mode = "default",
        base: Node | None = None,
        name: str | None = None,
        params: Params | None = None,
    ) -> Overlay:
        """Applies an overlay, a blob or a file, completely or not at all.

        `base` is where each target-path starts, the root unless given. `name` is what messages call the overlay, for a file
        its name unless given. `params` are set first, see `set_params()`. Used with `with`, the overlay is removed at the end of
        the block.
        """
        request, id = Request(source, mode, base, name, params), ctypes.c_int()
        library().ovl_overlay_apply(self._held(), request.blob, len(request.blob), request.options, id)
        return Overlay(self, id.value, request.name)

    def check(
        self,
        source: Blob | Path,
        *,
        mode: Mode = "default",
        base: Node | None = None,
        name: str | None = None,
        params: Params | None = None,
    ) -> Report:
        """What `apply()` would do, without doing it: all problems, and all changes."""
        ref, request = self._held(), Request(source, mode, base, name, params)
        result, text = library.text_given(
            lambda report: library().ovl_overlay_check(
                ref, request.blob, len(request.blob), request.options, report
            )
        )
        if text is None:
            raise library.last_error(-result)
        return Report(text, -result)

    @property
    def overlays(self) -> list[Overlay]:
        """The applied overlays, in the order of their application."""
        ref, found, id = self._held(), [], 0
        while id := library().ovl_overlay_next(ref, id):
            try:
                name = text_copied(lambda buffer, size: library().ovl_overlay_name(ref, id, buffer, size))
            except NotFoundError:
                continue  # removed meanwhile
            found.append(Overlay(self, id, name or None))
        return found

    def remove_all(self) -> None:
        """Removes all overlays, the last one first."""
        library().ovl_overlay_remove_all(self._held())

    def listen(self, listener: Callable[[Event], object], priority: int = 0) -> Listener:
        """Has a function called for everything that is applied or removed from now on, until the result is closed or forgotten. A
        higher priority is told first.

        What it raises at a PRE event refuses the change, and is the `__cause__` of what the caller gets; at another event the caller
        gets it too, and nothing is undone. It may apply and remove other overlays and changesets.
        """
        return listen(self, listener, priority)

    def wait_released(self, timeout: float | None = None) -> None:
        """Waits until nothing is held of any removed overlay; see `Overlay.wait_released()`."""
        wait_released(self, 0, timeout)

    def holders(self) -> str:
        """All references that are held to nodes and properties, a line each; with `set_tracking()` on it names the holders."""
        ref = self._held()
        return library.text_given(lambda report: library().ovl_tree_holders(ref, report))[1] or ""

    # --- writing ---

    def to_fdt(self) -> bytes:
        """The tree as a flattened devicetree. The same tree gives the same bytes."""
        blob, size = ctypes.c_void_p(), ctypes.c_size_t()
        library().ovl_tree_to_fdt(self._held(), blob, size)
        return _taken(blob, size)

    def to_dts(self, *, sorted: bool = False, origins: bool = False) -> str:
        """The tree as source that dtc compiles to an equal tree; `origins` says in comments which overlay brought what."""
        ref = self._held()
        flags = CONSTANTS["OVL_DTS_SORTED"] * sorted | CONSTANTS["OVL_DTS_ORIGINS"] * origins
        return library.text_given(lambda dts: library().ovl_tree_to_dts_with(ref, flags, dts))[1] or ""

    def diff(self, other: "Tree", *, any_order: bool = False, any_phandles: bool = False) -> str:
        """What leads from this tree to the other, a line for each difference; empty if they are equal.

        With `any_phandles` references are compared by where they lead, as far as it is known which properties hold some.
        """
        return self._diff(other, any_order, any_phandles, 0)

    def differences(
        self, other: "Tree", *, any_order: bool = False, any_phandles: bool = False
    ) -> list[dict[str, str]]:
        """The same as a list of dictionaries: "change" ("remove", "add", "order") and "path"; for a property also "property",
        "value" as source and "bytes" in hexadecimal; for an order, "of" what."""
        found: list[dict[str, str]] = json.loads(
            self._diff(other, any_order, any_phandles, CONSTANTS["OVL_DIFF_JSON"])
        )
        return found

    def _diff(self, other: "Tree", any_order: bool, any_phandles: bool, flags: int) -> str:
        mine, theirs = self._held(), other._held()
        flags |= CONSTANTS["OVL_DIFF_ANY_ORDER"] * any_order
        flags |= CONSTANTS["OVL_DIFF_ANY_PHANDLES"] * any_phandles
        return library.text_given(lambda text: library().ovl_tree_diff(mine, theirs, flags, text))[1] or ""

    def diff_overlay(self, other: "Tree", *, missing: Missing = "refuse") -> bytes:
        """An overlay that makes the other tree of this one, but for order and the numbers of phandles.

        Overlays cannot take anything away. What the other tree lacks is refused, all of it named; with "disable" nodes get
        `status = "disabled"`, and with "keep" it stays.
        """
        if missing not in _MISSING:
            raise ValueError(f"missing is {missing!r}, not one of {', '.join(map(repr, _MISSING))}")
        blob, size = ctypes.c_void_p(), ctypes.c_size_t()
        library().ovl_tree_diff_overlay(self._held(), other._held(), _MISSING[missing], blob, size)
        return _taken(blob, size)


def _taken(blob: ctypes.c_void_p, size: ctypes.c_size_t) -> bytes:
    """The bytes that the library gave away."""
    try:
        return ctypes.string_at(blob, size.value)
    finally:
        library().ovl_free(blob)
