# SPDX-License-Identifier: MIT OR Apache-2.0
"""devices.py BASE.dtb OVERLAY.dtbo: the devices of a board, and those that an overlay brings and takes away again.

Every compatible string of the board and the overlay gets a driver that only tells what is asked of it.
"""

import sys

import ovl


class Telling(ovl.Driver):
    def probe(self, device: ovl.Device) -> None:
        print(f"probe {device.node.path}")

    def remove(self, device: ovl.Device) -> None:
        print(f"remove {device.node.path}")


base, overlay = sys.argv[1:]
with ovl.Tree.from_file(base) as tree:
    with tree.apply(overlay):
        strings = {s for node in tree for s in (node["compatible"].strings() if "compatible" in node else [])}
    with ovl.Bus(tree) as bus:
        for compatible in strings:
            bus.add_driver(compatible, Telling())
        bus.populate(tree.root)
        with tree.apply(overlay):
            print("applied")
        print("removed")
    print("the end")
