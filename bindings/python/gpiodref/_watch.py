# SPDX-License-Identifier: MIT OR Apache-2.0
"""Watching lines: who requests, releases and configures them."""

import ctypes
from collections.abc import AsyncGenerator, Iterator

from _holdfast.handle import Ref

from ._signatures import gpiodref_info_event
from ._source import Source
from ._types import LineChange


class Watch(Source[LineChange]):
    """Lines that are being watched. It holds the chip, and claims nothing."""

    __slots__ = ()
    _PREFIX = "gpiodref_watch_"

    def __repr__(self) -> str:
        return "<gpiodref.Watch closed>" if self.closed else "<gpiodref.Watch>"

    def read(self) -> LineChange | None:
        """The next change, or None; never sleeps. Raises `GoneError` when the chip is gone and all have been read."""
        return self._take(self._held())

    def changes(self) -> Iterator[LineChange]:
        """Changes as they come. Ends when the chip is gone and all have been handed out."""
        self._held()
        return self._each()

    def achanges(self) -> AsyncGenerator[LineChange, None]:
        """The same for an event loop. Cancelling it loses no change."""
        self._held()
        return self._each_async()

    def _take(self, ref: Ref) -> LineChange | None:
        event = gpiodref_info_event(ctypes.sizeof(gpiodref_info_event))
        return LineChange._of_c(event) if self._function("read")(ref, event) else None
