# SPDX-License-Identifier: MIT OR Apache-2.0
"""listen.py BASE.dtb OVERLAY.dtbo: a program that keeps a table of the devices of a tree while overlays come and go.

A listener hears of overlays and changesets alike. Before a removal it is asked, and may refuse: here as long as somebody uses a device.
"""

import errno
import sys

import ovl
from ovl import Event, EventKind, StateChange


class Devices:
    """What the tree has with "compatible", by path."""

    def __init__(self, tree: ovl.Tree) -> None:
        self.used: set[str] = set()
        # First listen, then look: so nothing is missed.
        self.table: dict[str, str] = {}
        self.listener = tree.listen(self.hear)
        for node in tree:
            self.add(node)

    def add(self, node: ovl.Node) -> None:
        if "compatible" in node and node.is_available:
            self.table[node.path] = node.read_string("compatible")

    def hear(self, event: Event) -> None:
        match event:
            case Event(kind=EventKind.PRE_REMOVE):
                in_use = {path for path in self.used for change in event.changeset if change.node.path == path}
                if in_use:
                    # What the caller gets has this as its __cause__.
                    raise OSError(errno.EBUSY, f"in use: {', '.join(sorted(in_use))}")
            case Event(node=ovl.Node() as node, state_change=StateChange.ADDED):
                self.add(node)
                print(f"come: {node.path}")
            case Event(node=ovl.Node() as node, state_change=StateChange.REMOVED):
                self.table.pop(node.path, None)
                print(f"gone: {node.path}")
            case Event(kind=EventKind.UPDATE_PROP, node=ovl.Node() as node, prop=ovl.Prop() as prop):
                print(f"changed: {node.path} {prop.name}")


def main() -> str | None:
    """What went wrong."""
    if len(sys.argv) != 3:
        return "usage: listen.py BASE.dtb OVERLAY.dtbo"
    with ovl.Tree.from_file(sys.argv[1]) as tree:
        devices = Devices(tree)
        before = set(devices.table)
        overlay = tree.apply(sys.argv[2])
        devices.used = set(devices.table) - before
        print(f"{len(before)} devices before, {len(devices.table)} now")
        try:
            overlay.remove()
        except ovl.Error as refused:
            print(f"{refused.strerror}: {refused.__cause__}")
        devices.used.clear()
        overlay.remove()
        print(f"{len(devices.table)} devices again")
        devices.listener.close()
    return None


if __name__ == "__main__":
    sys.exit(main())
