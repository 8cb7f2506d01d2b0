# SPDX-License-Identifier: MIT OR Apache-2.0
"""Overlays that are in a tree, and how they get there."""

import ctypes
import errno
import math
import time
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from _holdfast.text import Blob, Path, text_in

from ._errors import NotFoundError, TimedOutError
from ._lib import library
from ._node import Node
from ._params import Params, loaded, set_params
from ._signatures import CONSTANTS, ovl_apply_options

if TYPE_CHECKING:
    from ._tree import Tree

Mode = Literal["default", "linux", "libfdt"]
RemoveMode = Literal["default", "linux"]

_APPLY = {"default": 0, "linux": CONSTANTS["OVL_APPLY_LINUX"], "libfdt": CONSTANTS["OVL_APPLY_LIBFDT"]}
_REMOVE = {"default": 0, "linux": CONSTANTS["OVL_REMOVE_LINUX"]}

# A wait is cut into pieces of this many seconds, so that Ctrl-C reaches Python in between.
_PIECE = 1.0


class Overlay:
    """An overlay of a tree: `tree`, `id`, and `name`, None if it was given none.

    As a context manager it removes the overlay at the end of the block, if it is still there.
    """

    __slots__ = ("tree", "id", "name")

    def __init__(self, tree: "Tree", id: int, name: str | None) -> None:
        self.tree = tree
        self.id = id
        self.name = name

    def __repr__(self) -> str:
        return f"<ovl.Overlay {self.id}{f' ({self.name})' if self.name else ''}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Overlay) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def is_applied(self) -> bool:
        """Whether the overlay is in its tree."""
        return bool(library().ovl_overlay_next(self.tree._held(), self.id - 1) == self.id)

    def remove(self, mode: RemoveMode = "default") -> None:
        """Takes the overlay out of the tree. Never waits: what is held of it stays readable. EBUSY names what stands on it."""
        library().ovl_overlay_remove(self.tree._held(), self.id, _flag(_REMOVE, mode))

    def check_remove(self, mode: RemoveMode = "default") -> "RemoveReport":
        """What `remove()` would do, without doing it: what refuses it, and what it would leave dangling."""
        ref, flags = self.tree._held(), _flag(_REMOVE, mode)
        result, text = library.text_given(
            lambda report: library().ovl_overlay_check_remove(ref, self.id, flags, report)
        )
        if text is None:
            raise library.last_error(-result)
        return RemoveReport(text, max(-result, 0))

    def wait_released(self, timeout: float | None = None) -> None:
        """Waits until nothing of the removed overlay is held and its memory is free.

        Raises `TimedOutError`, which lists the holders, after `timeout` seconds; None waits forever.
        """
        wait_released(self.tree, self.id, timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.remove()
        except NotFoundError:
            pass  # somebody has removed it already


class Report(str):
    """What a dry run found: a line "problem: …" or "change: …" for each thing."""

    errno: int

    def __new__(cls, text: str, errno: int) -> Self:
        report = super().__new__(cls, text)
        report.errno = errno
        return report

    @property
    def ok(self) -> bool:
        """Whether the overlay can be applied; if not, `errno` is what applying it would raise."""
        return self.errno == 0

    @property
    def problems(self) -> list[str]:
        """Everything that would stop the application."""
        return self._lines("problem: ")

    @property
    def changes(self) -> list[str]:
        """The changes that would be made."""
        return self._lines("change: ")

    def _lines(self, kind: str) -> list[str]:
        return [line.removeprefix(kind) for line in self.splitlines() if line.startswith(kind)]


class RemoveReport(Report):
    """What the dry run of a removal found: a line "problem: …" or "dangling: …" for each thing."""

    @property
    def ok(self) -> bool:
        """Whether the overlay can be removed, and nothing dangles afterwards."""
        return self == ""

    @property
    def dangling(self) -> list[str]:
        """The references to what would go, in nodes and properties that stay."""
        return self._lines("dangling: ")


def conflicts(a: Blob | Path, b: Blob | Path, base: "Tree | None" = None) -> list[str]:
    """What two overlays, blobs or files, would fight over; empty if nothing.

    Each line begins with what it is: "property: …", "node: …", "label: …", "phandle: …", "address: …", or "needs: …" where one goes
    into what the other brings. Without a base, places are what the overlays call them. With one it is known exactly, and both
    orders are tried on copies of it: "refused: …", "order: …".
    """
    first, second = (loaded(source, None)[0] for source in (a, b))
    ref = None if base is None else base._held()
    _, text = library.text_given(
        lambda report: library().ovl_overlay_conflicts(
            first, len(first), second, len(second), ref, report
        )
    )
    return (text or "").splitlines()


def _flag(flags: dict[str, int], mode: str) -> int:
    if mode not in flags:
        raise ValueError(f"mode is {mode!r}, not one of {', '.join(map(repr, flags))}")
    return flags[mode]


class Request:
    """The arguments of an application or a dry run. It holds what they point to."""

    def __init__(
        self, source: Blob | Path, mode: Mode, base: Node | None, name: str | None, params: Params | None
    ) -> None:
        self.blob, self.name = loaded(source, name)
        if params is not None:
            self.blob = set_params(self.blob, params, name=self.name)
        self._base = None if base is None else base._held()
        self.options = ovl_apply_options(
            ctypes.sizeof(ovl_apply_options),
            _flag(_APPLY, mode),
            None if self._base is None else self._base._as_parameter_,
            None if self.name is None else text_in(self.name),
        )


def wait_released(tree: "Tree", id: int, timeout: float | None) -> None:
    """Waits for one removed overlay, or with id 0 for all."""
    ref = tree._held()
    deadline = None if timeout is None else time.monotonic() + timeout
    while True:
        left = math.inf if deadline is None else max(deadline - time.monotonic(), 0)
        try:
            library().ovl_tree_wait_released(ref, id, math.ceil(min(left, _PIECE) * 1000))
            return
        except TimedOutError:
            if left <= _PIECE:
                raise
