# SPDX-License-Identifier: MIT OR Apache-2.0
"""Functions of Python that a library calls, and objects of Python that it keeps."""

import errno
import itertools
import sys
import types
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Kept(dict[int, T], Generic[T]):
    """Objects that a library has under a number, until it gives that back."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def keep(self, thing: T) -> int:
        """A number for it, which no other one has or had."""
        number = next(self._numbers)
        self[number] = thing
        return number


class Calls:
    """Calls operations for a library; `what` they are stands where Python reports an exception that nobody gets."""

    def __init__(self, what: str) -> None:
        self._what = what

    def status(self, operation: Callable[..., Any], *arguments: Any) -> int:
        """Calls an operation: 0, or a negative errno."""
        try:
            operation(*arguments)
        except BaseException as failure:
            return self.errno(failure, operation)
        return 0

    def quietly(self, operation: Callable[..., Any], *arguments: Any) -> None:
        """Calls an operation that cannot fail."""
        try:
            operation(*arguments)
        except BaseException as failure:
            self.report(failure, operation)

    def errno(self, failure: BaseException, operation: Callable[..., Any]) -> int:
        """What the caller gets for an exception of an operation."""
        if isinstance(failure, OSError) and failure.errno:
            return -failure.errno
        if isinstance(failure, NotImplementedError):
            return -errno.EOPNOTSUPP
        self.report(failure, operation)
        return -(errno.EINTR if isinstance(failure, KeyboardInterrupt) else errno.EIO)

    def report(self, failure: BaseException, operation: Callable[..., Any]) -> None:
        """Has Python say what nobody gets."""
        sys.unraisablehook(
            types.SimpleNamespace(
                exc_type=type(failure),
                exc_value=failure,
                exc_traceback=failure.__traceback__,
                err_msg=f"Exception in {self._what}",
                object=operation,
            )
        )
