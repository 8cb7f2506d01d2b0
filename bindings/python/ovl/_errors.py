# SPDX-License-Identifier: MIT OR Apache-2.0
"""Errors: an `OSError` with the errno and the sentence of the library."""

import contextlib
import errno
import threading
from collections.abc import Iterator


class Error(OSError):
    """What the library refused: `errno` is the kind, `strerror` a sentence that names the thing."""


class NotFoundError(Error, FileNotFoundError, KeyError):
    """ENOENT: no such node, property, overlay or file. A `KeyError` too, for that is what `tree[path]` raises."""


class TimedOutError(Error, TimeoutError):
    """ETIMEDOUT: a wait was over before its condition came. The sentence lists what is still held."""


_KINDS: dict[int, type[Error]] = {errno.ENOENT: NotFoundError, errno.ETIMEDOUT: TimedOutError}


class _Cause(threading.local):
    """What a listener has raised on this thread, on its way to the caller of the change."""

    exception: BaseException | None = None


cause = _Cause()


@contextlib.contextmanager
def elsewhere() -> Iterator[None]:
    """Inside of a callback: what fails here has nothing to do with what was raised before."""
    earlier, cause.exception = cause.exception, None
    try:
        yield
    finally:
        cause.exception = earlier


def error(number: int, sentence: str) -> Error:
    """The exception for an errno of the library."""
    failure = _KINDS.get(number, Error)(number, sentence)
    failure.__cause__, cause.exception = cause.exception, None
    return failure
