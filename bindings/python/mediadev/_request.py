# SPDX-License-Identifier: MIT OR Apache-2.0
"""Requests to devices of both kinds."""

import contextlib
import select
from typing import Any

from _holdfast.handle import Handle, Ref
from _holdfast.loop import readable

from ._context import context_in, contexts
from ._errors import TimedOutError
from ._lib import library
from ._wait import wait

# The kernel wakes nobody who waits for a device to go, so a coroutine looks as often as the library does.
LOOK = 0.05


class Request(Handle):
    """Buffers and settings that a device takes together, of the kernel or of this process. It holds its node or device."""

    __slots__ = ()

    def __init__(self, raw: Any) -> None:
        super().__init__(Ref(raw, library().mediadev_request_put))

    def __repr__(self) -> str:
        return "<mediadev.Request closed>" if self.closed else "<mediadev.Request>"

    def fileno(self) -> int:
        """A file descriptor by which the kernel's video nodes are told what belongs to it. When it has been completed, poll() says
        POLLPRI; of a device of this process POLLIN. It is the library's.
        """
        return int(library().mediadev_request_fd(self._held()))

    @property
    def context(self) -> Any:
        """What the program has at it, None at first; of a device of this process."""
        return contexts.get(library().mediadev_request_context(self._held()))

    @context.setter
    def context(self, thing: object) -> None:
        library().mediadev_request_set_context(self._held(), *context_in(thing))

    def complete(self) -> None:
        """The provider has done what it asks for: who waits for it wakes up."""
        library().mediadev_request_complete(self._held())

    def queue(self) -> None:
        """Hands it to the driver, or to the provider, who may refuse it."""
        library().mediadev_request_queue(self._held())

    def reinit(self) -> None:
        """Makes it idle and empty again, without context."""
        library().mediadev_request_reinit(self._held())

    def wait(self, timeout: float | None = None) -> None:
        """Waits until it has been completed; `TimedOutError` after `timeout` seconds."""
        wait(library().mediadev_request_wait, self._held(), timeout)

    async def wait_async(self) -> None:
        """The same in an event loop; `asyncio.timeout()` limits it."""
        import asyncio

        while True:
            with contextlib.suppress(TimedOutError):
                return self.wait(0)
            # A loop waits for what is readable. What looks for something else is readable when it has found it.
            with select.epoll() as urgent:
                urgent.register(self, select.EPOLLPRI | select.EPOLLIN)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK):
                        await readable(urgent.fileno())
