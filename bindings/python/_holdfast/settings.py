# SPDX-License-Identifier: MIT OR Apache-2.0
"""What concerns a library as a whole: its version, who is said to hold references, where its messages go."""

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator

from .library import Library
from .signature import destroy, log_callback
from .text import text_in

LogCallback = Callable[[int, str], None]


class Settings:
    """The functions that every library has. A package gives them away as its own."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._current = threading.local()

    def version(self) -> str:
        """The version of the library."""
        text: bytes = self._library.function("version")()
        return text.decode()

    def set_tracking(self, level: int) -> None:
        """Remembers who takes references: 0 nobody, 1 the tag and thread of the taker, 2 a backtrace too."""
        self._library.function("set_tracking")(level)

    @contextlib.contextmanager
    def tag(self, name: str) -> Iterator[None]:
        """Names the taker of the references that this thread takes in the block."""
        before: bytes | None = getattr(self._current, "tag", None)
        set_tag = self._library.function("set_tag")
        self._current.tag = text_in(name)
        set_tag(self._current.tag)
        try:
            yield
        finally:
            self._current.tag = before
            set_tag(before)

    def set_log_callback(self, callback: LogCallback | None) -> None:
        """Sends the library's messages, with a syslog level, to a function, from any thread; None sends them nowhere."""
        set_callback = self._library.function("set_log_callback")
        if callback is None:
            set_callback(log_callback(), None, destroy())
            return
        number = next(_numbers)
        callbacks[number] = callback
        set_callback(_log_for_c, number, _forget_for_c)


# A library gets a number for the callback, and one pair of C functions that are never freed, since another thread may be
# inside of them.
callbacks: dict[int, LogCallback] = {}
_numbers = itertools.count(1)


def _log(level: int, message: bytes, number: int) -> None:
    if callback := callbacks.get(number):
        callback(level, message.decode(errors="replace"))


def _forget(number: int) -> None:
    callbacks.pop(number, None)


_log_for_c, _forget_for_c = log_callback(_log), destroy(_forget)
