# SPDX-License-Identifier: MIT OR Apache-2.0
"""Text and bytes on their way into a library and out of it."""

import ctypes
import errno
import os
from collections.abc import Callable
from typing import Any

Blob = bytes | bytearray | memoryview
Path = str | os.PathLike[str]


def text_in(text: str) -> bytes:
    """Text for C, which would silently end at a NUL."""
    if "\0" in text:
        raise ValueError(f"a NUL in {text!r}")
    return text.encode()


def path_in(path: Path) -> bytes:
    """A file name for C."""
    return text_in(os.fspath(path))


def text_copied(copy: Callable[[Any, int], int]) -> str:
    """The text that a function copies into a buffer of ours, asked again with more room if it does not fit."""
    size = 256
    while True:
        buffer = ctypes.create_string_buffer(size)
        try:
            copy(buffer, size)
        except OSError as failure:
            if failure.errno != errno.ERANGE:
                raise
            size = copy(None, 0) + 1
        else:
            return buffer.value.decode()
