# SPDX-License-Identifier: MIT OR Apache-2.0
"""The everyday tasks of libmediadev, one function each, on a camera of this program (docs/guide/mediadev)."""

import asyncio
import ctypes
import threading

import mediadev
from mediadev import NOT_YET, Device, Direction, Entity, File, Info, LinkFlag, LinkInfo, PadFlag, Provider, Topology

FRAME = 0x80044301  # _IOR('C', 1, uint32_t), a call of the camera's own


class Camera(Provider):
    def __init__(self) -> None:
        self.frames = 0

    def open(self, file: File) -> None:
        file.context = {"seen": 0}

    def ioctl(self, file: File, request: int, argument: int) -> int:
        if file.context["seen"] == self.frames:
            return NOT_YET  # the caller sleeps until device.notify()
        file.context["seen"] += 1
        ctypes.c_uint32.from_address(argument).value = file.context["seen"]
        return 0

    def link_setup(self, entity: Entity, pad: int, link: LinkInfo, flags: LinkFlag) -> None:
        print(f"link_setup: {entity.name}, pad {pad}, {'on' if flags & LinkFlag.ENABLED else 'off'}")

    def after_free(self) -> None:
        print("nothing is left of the camera")


def plug_in(camera: Camera) -> Device:
    device = Device.new(Info("guide", "A camera", bus_info="platform:guide"), camera)
    with (
        device.add_entity("Sensor", "CAM_SENSOR", [PadFlag.SOURCE]) as sensor,
        device.add_entity("Capture", "IO_V4L", [PadFlag.SINK]) as capture,
    ):
        sensor.add_link(0, capture, 0)
    device.register()
    return device


def show(topology: Topology) -> None:
    """The same for a device of the kernel: `mediadev.Node.open("media0").topology()`."""
    for entity in topology.entities:
        print(f"{entity.name} ({entity.function_name}), {entity.num_pads} pad")
    capture = topology.find("Capt*")
    print("from:", *(entity.name for entity in topology.walk(capture, Direction.UPSTREAM)))


def connect(file: File) -> None:
    with file.topology() as topology:
        source = topology.pad_of(topology.find("Sensor"), 0)
        sink = topology.pad_of(topology.find("Capture"), 0)
    file.setup_link(source, sink, LinkFlag.ENABLED)


def view(file: File) -> None:
    frame = ctypes.c_uint32()
    try:
        while True:
            file.ioctl(FRAME, ctypes.addressof(frame))
            print(f"frame {frame.value}")
    except mediadev.GoneError as gone:  # also when it goes while we sleep
        print(gone.strerror)


async def main() -> None:
    camera = Camera()
    device = plug_in(camera)
    file = device.open()
    with file.topology() as before:
        show(before)
    connect(file)
    with file.topology() as now:
        show(now)

    viewer = threading.Thread(target=view, args=(file,))
    viewer.start()
    for _ in range(2):
        camera.frames += 1
        device.notify()
        while file.context["seen"] < camera.frames:
            await asyncio.sleep(0.01)
    device.unregister()
    viewer.join()
    file.close()
    device.close()


if __name__ == "__main__":
    asyncio.run(main())
