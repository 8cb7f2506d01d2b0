# SPDX-License-Identifier: MIT OR Apache-2.0
"""Errors: an `OSError` with the errno and the sentence of the library."""

import errno


class Error(OSError):
    """What the library refused: `errno` is the kind, `strerror` a sentence that names device, entity, pad, link and call."""


class GoneError(Error):
    """ENODEV: the device is gone, for good."""


class BusyError(Error):
    """EBUSY: data flows, or somebody else has what is wanted."""


class NotFoundError(Error, FileNotFoundError):
    """ENOENT: no such device, entity, pad or link."""


class DeniedError(Error, PermissionError):
    """EACCES, EPERM: the device may not be opened, or refuses."""


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
