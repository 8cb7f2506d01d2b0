# SPDX-License-Identifier: MIT OR Apache-2.0
"""fpga_region.py BASE.dtb OVERLAY.dtbo FOLDER: an overlay brings devices that an FPGA first has to be programmed with.

The overlay gives an fpga-region its firmware-name. A listener programs the FPGA with that file of FOLDER before the nodes appear, and
refuses the overlay if there is no such image, or one for another part: an image's first line says which. Then it hears the devices come
and go. A driver keeps the node of its device when the overlay is removed; until it lets go the FPGA is not programmed anew.
"""

import errno
import pathlib
import sys

import ovl
from ovl import EventKind, StateChange


class Fpga:
    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.overlay: ovl.Overlay | None = None  # what it is programmed for, or was last
        self.is_programmed = False
        self.in_use: ovl.Node | None = None  # the device of the driver

    def hear(self, event: ovl.Event) -> None:
        """Called by whoever changes the tree. With several threads that do, this would need a lock."""
        match event.kind:
            case EventKind.PRE_APPLY:
                try:
                    self.before(event)
                except Exception:  # who refuses is not told that it is aborted
                    self.clear(event, None)
                    raise
            case EventKind.ABORT_APPLY:  # another listener refused, or it will be told anew
                self.clear(event, None)
            case EventKind.POST_REMOVE:
                self.clear(event, self.overlay)
            case _ if event.node and event.state_change:
                self.come_or_gone(event.node, event.state_change)

    def before(self, event: ovl.Event) -> None:
        for change in event.changeset:
            image = change.now or change.node.get("firmware-name")
            if image and image.name == "firmware-name" and change.node.is_compatible("fpga-region"):
                self.program(change.node, image.strings()[0], event)

    def clear(self, event: ovl.Event, last: ovl.Overlay | None) -> None:
        """If it is programmed for this overlay. `last` is whose devices may still be in use."""
        if self.is_programmed and self.overlay and event.id == self.overlay.id:
            print("FPGA: cleared")
            self.is_programmed, self.overlay = False, last

    def program(self, region: ovl.Node, name: str, event: ovl.Event) -> None:
        if self.is_programmed:
            raise OSError(errno.EBUSY, "another overlay has the region")
        if self.overlay:
            try:
                self.overlay.wait_released(timeout=0)
            except ovl.TimedOutError as held:  # who still holds a node of the last one may still drive it
                raise OSError(errno.EBUSY, f"the last devices are in use, {held.strerror}") from None
        if "/" in name:
            raise OSError(errno.EINVAL, f"firmware-name {name} is no file's name")
        part = (self.folder / name).read_bytes().partition(b"\n")[0].decode(errors="replace")
        manager = region.phandle_args("fpga-mgr").node
        if not manager.is_compatible(part):
            raise OSError(errno.EINVAL, f"{name} is for {part}, not for {manager.path}")
        print(f"FPGA: programmed with {name}")  # here the image goes to the FPGA
        self.is_programmed, self.overlay = True, ovl.Overlay(event.changeset.tree, event.id, name)

    def come_or_gone(self, node: ovl.Node, state: StateChange) -> None:
        print(f"a device has {'come' if state is StateChange.ADDED else 'gone'}: {node.path}")
        if state is StateChange.ADDED and not self.in_use and node.is_compatible("holdfast,fpga-serial"):
            with ovl.tag("the driver of the serial port"):
                self.in_use = node.tree[node.path]


def apply(tree: ovl.Tree, path: str) -> ovl.Overlay | None:
    try:
        return tree.apply(path)
    except ovl.Error as refused:
        # What the listener raised.
        print(f"{refused.strerror}: {refused.__cause__}")
        return None


def main() -> str | None:
    """What went wrong."""
    if len(sys.argv) != 4:
        return "usage: fpga_region.py BASE.dtb OVERLAY.dtbo FOLDER"
    base, path, folder = sys.argv[1:]
    ovl.set_tracking(1)
    fpga = Fpga(pathlib.Path(folder))
    with ovl.Tree.from_file(base) as tree, tree.listen(fpga.hear):
        overlay = apply(tree, path)
        if not overlay:
            return "the FPGA has no devices"
        overlay.remove()  # waits for nobody
        if fpga.in_use:
            print(f"the driver still has {fpga.in_use.name}")
            apply(tree, path)
            print("the driver lets go")
            fpga.in_use.close()
            fpga.in_use = None
        with tree.apply(path):
            pass
        if fpga.in_use:
            fpga.in_use.close()
    return None


if __name__ == "__main__":
    sys.exit(main())
