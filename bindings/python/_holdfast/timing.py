# SPDX-License-Identifier: MIT OR Apache-2.0
"""Limits of time on their way into a library: seconds here, milliseconds there; None here, something negative there."""

import math
import time

# A wait that no signal ends is cut into pieces of this many seconds, so that Ctrl-C reaches Python in between.
PIECE = 1.0
_MOST = 2**31 - 1


class Deadline:
    """When a wait that begins now is over."""

    def __init__(self, timeout: float | None) -> None:
        self._at = math.inf if timeout is None else time.monotonic() + timeout

    @property
    def left(self) -> float:
        """Seconds."""
        return max(self._at - time.monotonic(), 0.0)

    @property
    def passed(self) -> bool:
        """Whether nothing is left."""
        return self.left == 0.0

    @property
    def milliseconds(self) -> int:
        """For C: what is left, as much as an int holds; -1 for ever."""
        left = self.left
        return -1 if left == math.inf else math.ceil(min(left * 1000, _MOST))

    @property
    def piece(self) -> int:
        """For C: what is left, but no more than a piece."""
        return math.ceil(min(self.left, PIECE) * 1000)
