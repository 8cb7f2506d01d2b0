# SPDX-License-Identifier: MIT OR Apache-2.0
"""Waiting that Ctrl-C ends, and no other signal: in pieces, for not every wait of the library ends with a signal."""

import errno
from typing import Any

from _holdfast.handle import Ref
from _holdfast.timing import Deadline

from ._lib import library


def wait(call: Any, ref: Ref, timeout: float | None) -> None:
    """Has a function of the library wait, which takes the object and milliseconds."""
    deadline = Deadline(timeout)
    try:
        while ended := call(ref, deadline.piece):
            # After a piece or a signal Python has run its handlers; if one of them raised, we are not here.
            if ended != -errno.EINTR and (ended != -errno.ETIMEDOUT or deadline.passed):
                raise library.last_error(-ended)
    finally:
        # An exception keeps the frames that it came through, and what is closed shall be free.
        del ref
