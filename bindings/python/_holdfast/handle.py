# SPDX-License-Identifier: MIT OR Apache-2.0
"""References of the library as objects of Python.

A `Ref` owns one reference and puts it when Python lets go of it. A handle (tree, node, property) has a `Ref` until it is
closed; a call that is running has it too. So another thread may close a handle at any moment: the reference is put when
the last call that uses it has returned.
"""

import ctypes
from types import TracebackType
from typing import Any, Self


class Ref:
    """One reference, passed to functions of the library as what it is."""

    __slots__ = ("_as_parameter_", "_put", "address")

    def __init__(self, raw: Any, put: Any) -> None:
        self._as_parameter_ = raw
        self._put = put
        self.address = ctypes.cast(raw, ctypes.c_void_p).value

    def __del__(self) -> None:
        self._put(self._as_parameter_)


class Handle:
    """A counted object of the library. Held until `close()`, the end of its `with` block, or Python's garbage collection.

    Closing twice is allowed; using what is closed raises `ValueError`. Two handles are equal if they are the same object of
    the library and both open.
    """

    __slots__ = ("_ref", "_hash", "__weakref__")

    def __init__(self, ref: Ref) -> None:
        self._ref: Ref | None = ref
        self._hash = hash(ref.address)

    def _held(self) -> Ref:
        ref = self._ref
        if ref is None:
            raise ValueError(f"the {type(self).__name__} is closed")
        return ref

    @property
    def closed(self) -> bool:
        """Whether the reference was given back."""
        return self._ref is None

    def close(self) -> None:
        """Gives the reference back."""
        self._ref = None

    def __enter__(self) -> Self:
        self._held()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        mine, theirs = self._ref, other._ref
        return self is other or (mine is not None and theirs is not None and mine.address == theirs.address)

    def __hash__(self) -> int:
        return self._hash
