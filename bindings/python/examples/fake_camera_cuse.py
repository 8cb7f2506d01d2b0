# SPDX-License-Identifier: MIT OR Apache-2.0
"""fake_camera_cuse.py [NAME]: provides a media device that any program finds as /dev/NAME (media50), through the kernel's CUSE.

    fake_camera_cuse.py media50 &
    media-ctl -d /dev/media50 -p
    media-ctl -d /dev/media50 -l "'Left sensor':0 -> 'Bridge':0 [1]"

Two sensors can be linked to the bridge, which takes one at a time and refuses the other. To test programs that set up cameras; no data
flows. Says what happens to it. Ctrl-C or SIGTERM unregisters it: who has it open gets ENODEV, and when all have closed it, the program
ends. A second signal ends it at once. Needs the module cuse, and the right to open /dev/cuse.
"""

import errno
import signal
import sys
from types import FrameType

import mediadev
from mediadev import Device, Export, File, Info, LinkFlag, LinkInfo, PadFlag, Provider

STOP = signal.SIGINT, signal.SIGTERM


class Camera(Provider):
    input: int | None = None  # the pad from which the bridge takes its data

    def link_setup(self, entity: mediadev.Entity, pad: int, link: LinkInfo, flags: LinkFlag) -> None:
        """Asked before a link changes, for each of its ends. Links change one after the other, so no lock is needed."""
        if entity.name != "Bridge" or link.sink_entity != entity.id:
            return
        enabled = LinkFlag.ENABLED in flags
        if enabled and self.input is not None:
            print(f"Bridge: pad {pad} is refused, for pad {self.input} is in use", flush=True)
            raise OSError(errno.EBUSY, "one sensor at a time")
        self.input = pad if enabled else None
        print(f"Bridge: pad {pad} is {'connected' if enabled else 'disconnected'}", flush=True)

    def open(self, file: File) -> None:
        print("opened", flush=True)

    def close(self, file: File) -> None:
        print("closed", flush=True)

    def after_free(self) -> None:
        """The last call: nothing of the device is left."""
        print("freed", flush=True)


def build(device: Device) -> None:
    """Sensors -> bridge -> capture. They stay in the graph when nobody here holds them any more."""
    through = [PadFlag.SINK, PadFlag.SINK, PadFlag.SOURCE]
    with (
        device.add_entity("Left sensor", "CAM_SENSOR", [PadFlag.SOURCE]) as left,
        device.add_entity("Right sensor", "CAM_SENSOR", [PadFlag.SOURCE]) as right,
        device.add_entity("Bridge", "VID_IF_BRIDGE", through) as bridge,
        device.add_entity("Capture", "IO_V4L", [PadFlag.SINK]) as capture,
    ):
        left.add_link(0, bridge, 0)
        right.add_link(0, bridge, 1)
        bridge.add_link(2, capture, 0, LinkFlag.ENABLED | LinkFlag.IMMUTABLE)


def serve(device: Device, export: Export) -> None:
    """Serves programs, until a signal has come and the last of them has closed the node."""

    def stop(number: int, frame: FrameType | None) -> None:
        # Waits for nobody. The node is gone; programs that have it open are served on, and get ENODEV.
        device.unregister()
        for each in STOP:
            signal.signal(each, signal.SIG_DFL)  # the second one ends the program

    for each in STOP:
        signal.signal(each, stop)
    try:
        while True:
            export.serve()
    except mediadev.GoneError:
        # So it ends. If the device is still registered, the system has taken the node away.
        if device.is_registered:
            raise


def main(name: str) -> None:
    with Device.new(Info("fake_camera", "Fake camera", bus_info="platform:fake"), Camera()) as device:
        build(device)
        device.register()
        with device.export(name) as export:
            print(f"/dev/{name} is a camera", flush=True)
            serve(device, export)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:] or ["media50"])
    except mediadev.Error as error:
        sys.exit(f"fake_camera_cuse: {error.strerror}")
