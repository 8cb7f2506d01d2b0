# SPDX-License-Identifier: MIT OR Apache-2.0
"""Errors: an `OSError` with the errno and the sentence of the library."""

import errno


class Error(OSError):
    """What the library refused: `errno` is the kind, `strerror` a sentence that names chip, line, consumer and call."""


class GoneError(Error):
    """ENODEV: the chip is gone, for good."""


class BusyError(Error):
    """EBUSY: somebody has the line. The sentence says who."""


class NotFoundError(Error, FileNotFoundError):
    """ENOENT: no such chip, line or entry of the table."""


class DeniedError(Error, PermissionError):
    """EACCES, EPERM: the chip may not be opened, or the line is no output."""


class TimedOutError(Error, TimeoutError):
    """ETIMEDOUT: a wait was over before its condition came."""


_KINDS: dict[int, type[Error]] = {
    errno.ENODEV: GoneError,
    errno.EBUSY: BusyError,
    errno.ENOENT: NotFoundError,
    errno.EACCES: DeniedError,
    errno.EPERM: DeniedError,
    errno.ETIMEDOUT: TimedOutError,
}


def error(number: int, sentence: str) -> Error:
    """The exception for an errno of the library."""
    return _KINDS.get(number, Error)(number, sentence)
