# SPDX-License-Identifier: MIT OR Apache-2.0
"""Errors: an `OSError` with the errno and the sentence of the library."""

import errno


class Error(OSError):
    """What the library refused: `errno` is the kind, `strerror` a sentence that names the thing."""


class NotFoundError(Error, FileNotFoundError, KeyError):
    """ENOENT: no such node, property, overlay or file. A `KeyError` too, for that is what `tree[path]` raises."""


class TimedOutError(Error, TimeoutError):
    """ETIMEDOUT: a wait was over before its condition came. The sentence lists what is still held."""


_KINDS: dict[int, type[Error]] = {errno.ENOENT: NotFoundError, errno.ETIMEDOUT: TimedOutError}


def error(number: int, sentence: str) -> Error:
    """The exception for an errno of the library."""
    return _KINDS.get(number, Error)(number, sentence)
