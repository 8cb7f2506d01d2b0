# SPDX-License-Identifier: MIT OR Apache-2.0
"""guests.py BASE.dtb NAME=MIB…: a devicetree for each of several guests of a virtual machine monitor, NAME.dtb, from one base.

What a guest has of its own is a changeset: applied as a whole or not at all, written, and reverted, which leaves the base for the next
guest as it was. examples/c/ovl/loader.c does more of it.
"""

import pathlib
import sys

import ovl
from ovl import Action, Changeset, Tree

RAM = 0x4000_0000


def describe(tree: Tree, name: str, mebibytes: int) -> Changeset:
    """What this guest has of its own: listed, and not yet in the tree."""
    change = Changeset(tree)
    memory = change.create_node(f"memory@{RAM:x}", tree.root)
    change.set(memory, "device_type", "memory")
    change.set(memory, "reg", [0, RAM, mebibytes >> 12, mebibytes << 20 & 0xFFFF_FFFF])
    change.set(tree["/chosen"], "bootargs", f"console=ttyAMA0 hostname={name}")
    change.set(tree.root, "model", f"{name}, {mebibytes} MiB")
    return change


def main() -> str | None:
    """What went wrong."""
    try:
        base, *guests = sys.argv[1:]
        wanted = {name: int(mebibytes) for name, _, mebibytes in (guest.partition("=") for guest in guests)}
    except ValueError:
        return "usage: guests.py BASE.dtb NAME=MIB…"
    try:
        with Tree.from_file(base) as tree:
            before = tree.to_fdt()
            for name, mebibytes in wanted.items():
                change = describe(tree, name, mebibytes)
                with change.applied():
                    pathlib.Path(f"{name}.dtb").write_bytes(tree.to_fdt())
                for action, node, now, old in change:
                    what = f"{node.path} {now.name}" if now else node.path
                    print(f"{name}: {Action(action).name.lower()} {what}{f', which was {old.strings()[0]}' if old else ''}")
            if tree.to_fdt() == before:
                print("the base is as it was")
    except ovl.Error as error:
        return f"guests.py: {error.strerror}"
    except OSError as error:
        return f"guests.py: {error}"
    return None


if __name__ == "__main__":
    sys.exit(main())
