# SPDX-License-Identifier: MIT OR Apache-2.0
"""Waiting for things to read, in a thread and in an event loop: events of lines, changes of what is watched."""

import errno
from collections.abc import AsyncGenerator, Iterator
from typing import Any, ClassVar, Generic, TypeVar

from _holdfast.handle import Handle, Ref
from _holdfast.loop import readable
from _holdfast.timing import Deadline

from ._errors import GoneError
from ._lib import library
from ._types import Wait

T = TypeVar("T")


class Source(Handle, Generic[T]):
    """Something that tells of things until its chip is gone. `select` and `selectors` take it as it is."""

    __slots__ = ()
    _PREFIX: ClassVar[str]

    def __init__(self, raw: Any) -> None:
        super().__init__(Ref(raw, self._function("put")))

    @classmethod
    def _function(cls, name: str) -> Any:
        return getattr(library(), cls._PREFIX + name)

    def _take(self, ref: Ref) -> T | None:
        """The next thing, if there is one."""
        raise NotImplementedError

    def fileno(self) -> int:
        """A file descriptor for poll(): readable when there is something to read, and when the chip is gone.

        It is the library's: do not read or close it, nor use it when this is closed. Read until nothing is left before
        polling.
        """
        return int(self._function("fd")(self._held()))

    def wait(self, timeout: float | None = None) -> Wait:
        """Sleeps until there is something to read, the time is over (seconds; None: never), or the chip is gone."""
        return self._wait(self._held(), timeout)

    async def wait_async(self) -> Wait:
        """The same in an event loop; `asyncio.timeout()` limits it. Cancelling it loses nothing."""
        return await self._wait_async(self._held())

    # An exception keeps the frames that it came through, so these let go of the reference: what is closed shall be free.

    def _wait(self, ref: Ref, timeout: float | None) -> Wait:
        deadline, wait = Deadline(timeout), self._function("wait")
        try:
            while True:
                ended: int = wait(ref, deadline.milliseconds)
                # After a signal Python has run its handler by now; if that raised, we are not here.
                if ended < 0 and ended != -errno.EINTR:
                    raise library.last_error(-ended)
                # An int does not hold every limit.
                if ended > Wait.TIMEOUT or ended == Wait.TIMEOUT and deadline.passed:
                    return Wait(ended)
        finally:
            del ref

    async def _wait_async(self, ref: Ref) -> Wait:
        try:
            # Waiting first takes over what the system has; only then the file descriptor tells what comes.
            while (ended := self._wait(ref, 0)) is Wait.TIMEOUT:
                await readable(self._function("fd")(ref))
            return ended
        finally:
            del ref

    def _each(self) -> Iterator[T]:
        while (item := self._next()) is not None:
            yield item

    async def _each_async(self) -> AsyncGenerator[T, None]:
        while (item := await self._next_async()) is not None:
            yield item

    # One at a time, so that what an iteration has not handed out when it ends is still there for the next one.

    def _next(self) -> T | None:
        while self._wait(self._held(), None) is Wait.EVENT:
            try:
                if (item := self._take(self._held())) is not None:
                    return item
            except GoneError:
                break  # another thread had the last one
        return None

    async def _next_async(self) -> T | None:
        while await self._wait_async(self._held()) is Wait.EVENT:
            try:
                if (item := self._take(self._held())) is not None:
                    return item
            except GoneError:
                break
        return None
