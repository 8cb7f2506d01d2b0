# SPDX-License-Identifier: MIT OR Apache-2.0
"""Waiting for a file descriptor in an event loop."""

import os


async def readable(fd: int) -> None:
    """Sleeps until a file descriptor is readable, or has hung up."""
    import asyncio  # not before it is needed: it is large

    loop = asyncio.get_running_loop()
    woken: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        if not woken.done():
            woken.set_result(None)

    # A loop knows one reader for a file descriptor, so each of us has his own.
    mine = os.dup(fd)
    try:
        loop.add_reader(mine, wake)
        try:
            await woken
        finally:
            loop.remove_reader(mine)
    finally:
        os.close(mine)
