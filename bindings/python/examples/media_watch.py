# SPDX-License-Identifier: MIT OR Apache-2.0
"""media_watch.py: says which media devices there are, and then which ones come and go.

A device that is held stays itself: the one that has gone is told from the one that has its name now.
"""

import asyncio
import contextlib

import mediadev
from mediadev import Node

LOOK = 0.2  # seconds


def say(what: str, node: Node) -> None:
    info = node.info
    print(f"{what} /dev/{node.name}: {info.model}, driver {info.driver} at {info.bus_info}", flush=True)


async def follow(node: Node) -> None:
    """Until it has gone."""
    with node:
        say("here", node)
        await node.wait_gone_async()
        say("gone", node)


async def main() -> None:
    """One task for each device, and this one for those that come."""
    known: dict[str, asyncio.Task[None]] = {}
    while True:
        for name in mediadev.nodes():
            if name not in known or known[name].done():
                with contextlib.suppress(mediadev.Error):  # it may be gone again, or not be ours yet
                    known[name] = asyncio.create_task(follow(Node.open(name)))
        await asyncio.sleep(LOOK)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
