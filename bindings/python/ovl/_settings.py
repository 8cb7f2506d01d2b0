# SPDX-License-Identifier: MIT OR Apache-2.0
"""What concerns the library as a whole: its version, who is said to hold references, where its messages go."""

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator

from ._convert import Blob, text_in
from ._lib import library
from ._signatures import ovl_destroy, ovl_log_callback

LogCallback = Callable[[int, str], None]


def version() -> str:
    """The version of the library."""
    text: bytes = library().ovl_version()
    return text.decode()


def check_fdt(blob: Blob) -> None:
    """Checks a flattened devicetree completely; the error names the check that failed and its offset."""
    blob = bytes(blob)
    library().ovl_fdt_check(blob, len(blob))


def set_tracking(level: int) -> None:
    """Remembers who takes references: 0 nobody, 1 the tag and thread of the taker, 2 a backtrace too."""
    library().ovl_set_tracking(level)


_current = threading.local()


@contextlib.contextmanager
def tag(name: str) -> Iterator[None]:
    """Names the taker of the references that this thread takes in the block."""
    before: bytes | None = getattr(_current, "tag", None)
    _current.tag = text_in(name)
    library().ovl_set_tag(_current.tag)
    try:
        yield
    finally:
        _current.tag = before
        library().ovl_set_tag(before)


# The library gets a number for the callback, and one pair of C functions that are never freed, since another thread may
# be inside of them.
_callbacks: dict[int, LogCallback] = {}
_numbers = itertools.count(1)


def _log(level: int, message: bytes, number: int) -> None:
    if callback := _callbacks.get(number):
        callback(level, message.decode(errors="replace"))


def _forget(number: int) -> None:
    _callbacks.pop(number, None)


_log_for_c, _forget_for_c = ovl_log_callback(_log), ovl_destroy(_forget)


def set_log_callback(callback: LogCallback | None) -> None:
    """Sends the library's messages, with a syslog level, to a function, from any thread; None sends them nowhere."""
    if callback is None:
        library().ovl_set_log_callback(ovl_log_callback(), None, ovl_destroy())
        return
    number = next(_numbers)
    _callbacks[number] = callback
    library().ovl_set_log_callback(_log_for_c, number, _forget_for_c)
