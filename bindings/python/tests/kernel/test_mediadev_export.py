# SPDX-License-Identifier: MIT OR Apache-2.0
"""Devices of this process as nodes in /dev, used by media-ctl and by a program that knows nothing of them."""

import asyncio
import fcntl
import os
import select
import subprocess
from collections.abc import Iterator

import mediadev
import pytest
from mediadev import Device, Export, File, GoneError, Info, LinkFlag, Node, PadFlag, Provider

from ..mediadev.conftest import nothing_is_left
from ..threads import PATIENCE, Worker

__all__ = ["nothing_is_left"]

NAME, EXPORTED = "media77", 0x6301


class Camera(Provider):
    """Says whether a call comes from another program."""

    def ioctl(self, file: File, request: int, argument: int) -> int:
        return int(file.is_exported) if request == EXPORTED else super().ioctl(file, request, argument)

    def poll(self, file: File) -> int:
        return select.POLLIN


@pytest.fixture
def device() -> Iterator[Device]:
    """A sensor with a link to a capture node."""
    with Device.new(Info("fake", "Fake camera", bus_info="platform:fake"), Camera()) as device:
        with (
            device.add_entity("Sensor", "CAM_SENSOR", [PadFlag.SOURCE]) as sensor,
            device.add_entity("Capture", "IO_V4L", [PadFlag.SINK]) as capture,
        ):
            sensor.add_link(0, capture, 0)
        device.register()
        yield device


def media_ctl(*words: str) -> str:
    command = ["media-ctl", "-d", f"/dev/{NAME}", *words]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=PATIENCE).stdout


def use(device: Device) -> None:
    """What media-ctl sees and sets is what the device has; and what the library's own consumer sees."""
    assert "Fake camera" in media_ctl("-p")
    media_ctl("-l", "'Sensor':0 -> 'Capture':0 [1]")
    with device.topology() as topology:
        assert [link.is_enabled for link in topology.links] == [True]
    media_ctl("-r")
    with Node.open(f"/dev/{NAME}") as node, node.topology() as told, device.topology() as topology:
        assert node.info.bus_info == "platform:fake"
        assert (told.entities, told.pads, told.links) == (topology.entities, topology.pads, topology.links)
        source, sink = told.pads
        node.setup_link(source, sink, LinkFlag.ENABLED)
        assert fcntl.ioctl(node, EXPORTED) == 1
        poll = select.poll()
        poll.register(node, select.POLLIN)
        assert poll.poll(PATIENCE * 1000) == [(node.fileno(), select.POLLIN)]
    with device.topology() as topology:
        assert [link.is_enabled for link in topology.links] == [True]


def ended(export: Export) -> None:
    """Serves until the export has ended."""
    with pytest.raises(GoneError):
        while True:
            export.serve()


def test_m11_a_node_that_a_thread_of_the_library_serves(device: Device) -> None:
    with device.export(NAME) as export:
        export.start()
        with pytest.raises(mediadev.BusyError):
            export.start()
        use(device)
        assert len(device.files) == 0
    assert not os.path.exists(f"/dev/{NAME}")


def test_m11_a_node_that_the_program_serves_until_it_is_stopped(device: Device) -> None:
    export = device.export(NAME)
    assert export.serve(0.05) == 0
    worker = Worker(ended, export).until_in("serve")
    use(device)
    export.stop()
    assert not os.path.exists(f"/dev/{NAME}")
    worker.result()
    assert device.is_registered
    export.close()


def test_m11_a_node_that_an_event_loop_serves(device: Device) -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()
        with device.export(NAME) as export:
            loop.add_reader(export, export.serve, 0)
            async with asyncio.timeout(2 * PATIENCE):
                await asyncio.to_thread(use, device)
            loop.remove_reader(export)

    asyncio.run(work())


def test_m1_m11_the_node_goes_with_the_device(device: Device) -> None:
    export = device.export(NAME)
    export.start()
    with Node.open(f"/dev/{NAME}") as node:
        waits = Worker(node.wait_gone, PATIENCE)
        device.unregister()
        assert not os.path.exists(f"/dev/{NAME}")
        waits.result()
        with pytest.raises(GoneError):
            node.topology()
    ended(export)
    export.close()
