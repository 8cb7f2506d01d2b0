# SPDX-License-Identifier: MIT OR Apache-2.0
"""A camera that is a few lines of Python: opened twice, unregistered under a running call, and released last of all."""

import threading

import mediadev
from mediadev import NOT_YET, Device, File, Info, LinkFlag, LinkInfo, PadFlag, Provider

NEXT_FRAME = 0x6301  # _IO('c', 1), a call of our own
asked = threading.Event()


class Camera(Provider):
    def link_setup(self, entity: mediadev.Entity, pad: int, link: LinkInfo, flags: LinkFlag) -> None:
        print(f"{entity.name}: pad {pad} is {'connected' if flags & LinkFlag.ENABLED else 'disconnected'}")

    def ioctl(self, file: File, request: int, argument: int) -> int:
        asked.set()
        return NOT_YET  # there never is a frame: the caller sleeps

    def close(self, file: File) -> None:
        print("a handle is closed")

    def before_free(self, device: Device) -> None:
        print("before_free: the graph is still there:", *(entity.name for entity in device.topology().entities))

    def after_free(self) -> None:
        print("after_free: nothing is left")


def wait_for_frame(file: File) -> None:
    try:
        file.ioctl(NEXT_FRAME)
    except mediadev.GoneError as gone:
        print(gone.strerror)


with Device.new(Info("fake", "Fake camera"), Camera()) as device:
    with (
        device.add_entity("Sensor", "CAM_SENSOR", [PadFlag.SOURCE]) as sensor,
        device.add_entity("Capture", "IO_V4L", [PadFlag.SINK]) as capture,
    ):
        sensor.add_link(0, capture, 0)
    device.register()

    first, second = device.open(), device.open()
    with first.topology() as topology:
        source, sink = topology.pads
        first.setup_link(source, sink, LinkFlag.ENABLED)
    waiting = threading.Thread(target=wait_for_frame, args=(second,))
    waiting.start()
    asked.wait()

    device.unregister()
    waiting.join()

del waiting
print("both handles are still held")
first.close()
second.close()
