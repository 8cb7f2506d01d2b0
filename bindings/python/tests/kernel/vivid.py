# SPDX-License-Identifier: MIT OR Apache-2.0
"""A video node of the simulated card (vivid), whose buffers can be put into requests; needs root and tests/vm."""

import fcntl
import os
import struct
from types import TracebackType
from typing import Self

_CAPTURE, _MMAP, _IN_REQUEST = 1, 1, 0x0080_0000
_REQBUFS, _QBUF, _DQBUF, _STREAMON, _STREAMOFF = 0xC0145608, 0xC058560F, 0xC0585611, 0x40045612, 0x40045613
# struct v4l2_buffer, as a program of 64 bits has it.
_BUFFER = struct.Struct("=5I4x2q2I8x2IQ2Ii4x")


def _buffer(index: int = 0, flags: int = 0, request: int = 0) -> bytearray:
    return bytearray(_BUFFER.pack(index, _CAPTURE, 0, flags, 0, 0, 0, 0, 0, 0, _MMAP, 0, 0, 0, request))


class Capture:
    """A capture node that streams as long as the `with` block runs."""

    def __init__(self, path: str, buffers: int) -> None:
        self._file = os.open(path, os.O_RDWR)
        fcntl.ioctl(self._file, _REQBUFS, struct.pack("=5I", buffers, _CAPTURE, _MMAP, 0, 0))

    def put(self, index: int, request: int) -> None:
        """Puts a buffer into a request, by its file descriptor."""
        fcntl.ioctl(self._file, _QBUF, _buffer(index, _IN_REQUEST, request))

    def take(self) -> int:
        """The index of a buffer that has been filled; sleeps until there is one."""
        filled = _buffer()
        fcntl.ioctl(self._file, _DQBUF, filled)
        return int(_BUFFER.unpack(filled)[0])

    def __enter__(self) -> Self:
        fcntl.ioctl(self._file, _STREAMON, struct.pack("i", _CAPTURE))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        fcntl.ioctl(self._file, _STREAMOFF, struct.pack("i", _CAPTURE))
        os.close(self._file)
