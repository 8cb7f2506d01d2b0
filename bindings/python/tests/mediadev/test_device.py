# SPDX-License-Identifier: MIT OR Apache-2.0
"""Devices of this process: their graph, their operations, who has them open, and what becomes of them."""

import asyncio
import ctypes
import errno
import gc
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import mediadev
import pytest
from mediadev import (
    NOT_YET,
    BusyError,
    Device,
    DeniedError,
    Direction,
    Entity,
    EntityFlag,
    Error,
    File,
    GoneError,
    Info,
    LinkFlag,
    LinkInfo,
    NotFoundError,
    PadFlag,
    Pipeline,
    Provider,
    Request,
    TimedOutError,
)
from mediadev._context import contexts
from mediadev._device import managed, providers

from ..threads import PATIENCE, Worker, interrupt, signals

CAMERA = Info("camera", "Test camera", bus_info="platform:camera")
# _IOWR('c', 1, int), _IO('c', 2), _IO('c', 3) and what nobody knows.
DOUBLE, WAIT, FAIL, UNKNOWN = 0xC004_6301, 0x6302, 0x6303, 0x6304
ENABLED = LinkFlag.ENABLED


class Camera(Provider):
    """Writes down what it is asked."""

    def __init__(self) -> None:
        self.log: list[object] = []
        self.refuses: str | None = None
        self.ready = 0
        self.mistake: Exception = ValueError("a mistake")

    def _asked(self, *what: object) -> None:
        self.log.append(what if len(what) > 1 else what[0])
        if self.refuses and self.refuses in what:
            raise PermissionError(errno.EPERM, "no")

    def link_setup(self, entity: Entity, pad: int, link: LinkInfo, flags: LinkFlag) -> None:
        self._asked("setup", entity.name, pad, link.flags, flags)

    def link_notify(self, device: Device, link: LinkInfo, flags: LinkFlag, after: bool) -> None:
        self.log.append(("notify", device.info.driver, flags, after))

    def link_validate(self, sink: Entity, pad: int, link: LinkInfo) -> None:
        self._asked("validate", sink.name, pad)

    def open(self, file: File) -> None:
        self._asked("open")
        file.context = ["opened"]

    def close(self, file: File) -> None:
        self._asked("close", file.context[0])

    def ioctl(self, file: File, request: int, argument: int) -> int:
        if request == DOUBLE:
            number = ctypes.c_int.from_address(argument)
            number.value *= 2
            return 7
        if request == WAIT:
            return self.ready or NOT_YET
        if request == FAIL:
            raise self.mistake
        return super().ioctl(file, request, argument)

    def poll(self, file: File) -> int:
        return select.POLLIN if self.ready else 0

    def request_validate(self, request: Request) -> None:
        self._asked("validate request", request.context)

    def request_queue(self, request: Request) -> None:
        self.log.append("queue")
        if self.ready:
            request.complete()

    def before_free(self, device: Device) -> None:
        with device.topology() as topology:
            self.log.append(("before_free", len(topology.entities)))

    def after_free(self) -> None:
        self.log.append("after_free")


@pytest.fixture(autouse=True)
def nothing_is_kept() -> Iterator[None]:
    """What the library had of Python it has given back."""
    # What a test that has failed left is its own affair.
    before = {*providers}, {*contexts}, {*managed}
    yield
    gc.collect()
    after = {*providers}, {*contexts}, {*managed}
    assert [now - then for now, then in zip(after, before)] == [set()] * 3


@pytest.fixture
def camera() -> Camera:
    """The provider."""
    return Camera()


@pytest.fixture
def device(camera: Camera) -> Iterator[Device]:
    """A sensor with a link to a scaler, whose other pad has one to a capture node."""
    with Device.new(CAMERA, camera) as device:
        with (
            device.add_entity("Sensor", "CAM_SENSOR", [PadFlag.SOURCE]) as sensor,
            device.add_entity("Scaler", "PROC_VIDEO_SCALER", [PadFlag.SINK, PadFlag.SOURCE]) as scaler,
            device.add_entity("Capture", "IO_V4L", [PadFlag.SINK | PadFlag.MUST_CONNECT]) as capture,
        ):
            sensor.add_link(0, scaler, 0)
            scaler.add_link(1, capture, 0, ENABLED | LinkFlag.IMMUTABLE)
        device.register()
        yield device


def entity(device: Device, name: str) -> Entity:
    with device.topology() as topology:
        return device.entity(topology.find(name).id)


def test_m12_pads_are_told_with_all_their_flags(device: Device) -> None:
    with device.add_entity("Pattern", "CAM_SENSOR", [PadFlag.SINK | PadFlag.INTERNAL]) as added:
        with device.topology() as topology:
            assert [pad.flags for pad in topology.pads_of(added.id)] == [PadFlag.SINK | PadFlag.INTERNAL]


def test_m3_release_runs_once_last_and_in_order(camera: Camera) -> None:
    freed: list[str] = []
    for registers in (True, False):
        camera.log.clear()
        freed.clear()
        device = Device.new(CAMERA, camera)
        device.add_entity("Sensor", "CAM_SENSOR").close()
        device.manage(lambda: freed.append(f"first, after {camera.log[-1]}"))
        device.manage(lambda: freed.append("second"))
        if registers:
            device.register()
            file = device.open()
            device.unregister()
            device.close()
            assert camera.log == ["open"], "an open handle holds it"
            file.close()
            assert camera.log[1:2] == [("close", "opened")]
            del camera.log[:2]
        device.close()
        assert camera.log == [("before_free", 1), "after_free"]
        assert freed == ["second", "first, after ('before_free', 1)"]


def test_m1_a_device_that_is_unregistered_is_gone(camera: Camera, device: Device) -> None:
    assert device.is_registered
    with pytest.raises(BusyError):
        device.register()
    with device.open() as file:
        assert (file.device, device.files) == (device, [file])
        device.unregister()
        device.unregister()
        assert not device.is_registered
        calls: list[Callable[[], object]] = [
            device.open,
            file.topology,
            lambda: file.setup_link(1, 2, 0),
            lambda: file.ioctl(DOUBLE, ctypes.c_int(4)),
            file.request,
            lambda: device.add_entity("late", 0),
        ]
        for call in calls:
            with pytest.raises(GoneError):
                call()
        assert file.poll() == select.POLLERR | select.POLLHUP
        with pytest.raises(BusyError, match="for good"):
            device.register()
    device.drain()


def test_m2_who_sleeps_wakes_up_and_the_others_are_drained(camera: Camera, device: Device) -> None:
    with device.open() as file:
        asleep = [Worker(file.ioctl, WAIT).until_in("ioctl"), Worker(file.poll).until_in("poll")]
        with pytest.raises(TimedOutError):
            device.drain(0)
        device.unregister()
        with pytest.raises(GoneError):
            asleep[0].result()
        assert asleep[1].result() == select.POLLERR | select.POLLHUP
        device.drain(PATIENCE)


def test_m2_notify_has_those_who_wait_look_again(camera: Camera, device: Device) -> None:
    with device.open() as file:
        assert file.poll(0.05) == 0
        asleep = [Worker(file.ioctl, WAIT).until_in("ioctl"), Worker(file.poll).until_in("poll")]
        camera.ready = 5
        device.notify()
        assert [worker.result() for worker in asleep] == [5, select.POLLIN]


def test_m2_an_event_loop_waits_for_what_poll_says(camera: Camera, device: Device) -> None:
    async def waits() -> int:
        camera.ready = 0
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await file.poll_async()
        asyncio.get_running_loop().call_later(0.05, comes)
        async with asyncio.timeout(PATIENCE):
            return await file.poll_async()

    def comes() -> None:
        camera.ready = 1
        device.notify()

    with device.open() as file:
        assert asyncio.run(waits()) == select.POLLIN
        assert asyncio.run(waits()) == select.POLLIN
        device.unregister()
        assert asyncio.run(file.poll_async()) == select.POLLERR | select.POLLHUP


def test_a_call_that_sleeps_ends_with_ctrl_c(camera: Camera, device: Device) -> None:
    def comes_later() -> None:
        time.sleep(0.2)
        camera.ready = 3
        device.notify()

    with device.open() as file:
        with signals("ioctl", interrupt), pytest.raises(KeyboardInterrupt):
            file.ioctl(WAIT)
        # Other signals do not end it.
        comes = Worker(comes_later)
        with signals("ioctl", lambda: None):
            assert file.ioctl(WAIT) == 3
        comes.result()


def test_calls_reach_the_provider_and_come_back(camera: Camera, device: Device) -> None:
    with device.open() as file:
        assert not file.is_exported
        number = ctypes.c_int(21)
        assert (file.ioctl(DOUBLE, number), number.value) == (7, 42)
        raw = bytearray(number)
        file.ioctl(DOUBLE, raw)
        assert int.from_bytes(raw, sys.byteorder) == 84
        with pytest.raises(ValueError, match="2 bytes"):
            file.ioctl(DOUBLE, bytearray(2))
        with pytest.raises(Error) as unknown:
            file.ioctl(UNKNOWN)
        assert unknown.value.errno == errno.ENOTTY
        # MEDIA_IOC_DEVICE_INFO is the library's.
        info = bytearray(256)
        assert file.ioctl(0xC100_7C00, info) == 0
        assert info.startswith(b"camera\0")


def test_mistakes_of_operations_are_reported(
    camera: Camera, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: reported.append((told.err_msg, str(told.exc_value))))
    with device.open() as file:
        for mistake, number in (
            (ValueError("a mistake"), errno.EIO),
            (NotImplementedError(), errno.EOPNOTSUPP),
            (BlockingIOError(errno.EAGAIN, "later"), errno.EAGAIN),
        ):
            camera.mistake = mistake
            with pytest.raises(Error) as seen:
                file.ioctl(FAIL)
            assert seen.value.errno == number
    # Its traceback holds the handle, and the provider is held as long as his device.
    camera.mistake = ValueError("another one")
    del mistake
    assert reported == [("Exception in an operation of a media device", "a mistake")]
    reported.clear()


def test_a_refused_open_leaves_nothing(camera: Camera, device: Device) -> None:
    camera.refuses = "open"
    with pytest.raises(DeniedError):
        device.open()
    assert (device.files, camera.log) == ([], ["open"])


def test_m10_handles_have_contexts_that_go_with_them(camera: Camera, device: Device) -> None:
    first, second = device.open(), device.open()
    first.context = "mine"
    assert (first.context, second.context) == ("mine", ["opened"])
    files = device.files
    assert set(files) == {first, second} and first != second
    files.clear()
    kept = len(contexts)
    first.context = None
    assert (first.context, len(contexts)) == (None, kept - 1)
    first.context = ["again"]
    first.close()
    second.close()
    assert camera.log[-2:] == [("close", "again"), ("close", "opened")]
    assert (len(contexts), device.files) == (kept - 2, [])


def test_m4_an_entity_holds_its_device_and_reads_as_detached(camera: Camera) -> None:
    device = Device.new(CAMERA, camera)
    sensor = device.add_entity("Sensor", "CAM_SENSOR", [PadFlag.SOURCE])
    sensor.set_flags(EntityFlag.DEFAULT)
    sensor.context = "mine"
    number = sensor.id
    with device.topology() as topology:
        told = topology.find("Sensor")
        assert (told.id, told.flags, topology.pad(sensor.pad_id(0)).entity_id) == (number, EntityFlag.DEFAULT, number)
    assert device.entity(number) == sensor
    sensor.remove()
    assert (sensor.name, sensor.function, sensor.num_pads, sensor.is_attached) == ("Sensor", 0x20001, 1, False)
    assert (sensor.context, sensor.device == device) == ("mine", True)
    with device.add_entity("Sensor", "CAM_SENSOR") as other:
        assert other.id != number
    for call in (sensor.remove, lambda: device.entity(number), lambda: sensor.pad_id(0)):
        with pytest.raises(NotFoundError):
            call()
    device.close()
    assert camera.log == []
    sensor.close()
    assert camera.log == [("before_free", 1), "after_free"]


def test_m5_versions_grow_and_generations_differ(device: Device) -> None:
    with device.topology() as before, device.add_entity("Lens", "LENS") as lens, device.topology() as after:
        assert after.version > before.version
        assert before.generation == after.generation == device.generation
        lens.remove()
    with Device.new(CAMERA) as other:
        assert other.generation > device.generation


def test_m12_the_graph_is_told_as_that_of_a_device_of_the_kernel(device: Device) -> None:
    video = device.add_interface("V4L_VIDEO", 81, 3)
    with entity(device, "Capture") as capture, entity(device, "Sensor") as sensor:
        capture.link_interface(video)
        with device.add_entity("Lens", "LENS") as lens:
            sensor.link_ancillary(lens)
    with device.open() as file, file.topology() as topology:
        names = [each.name for each in topology.entities]
        assert names == ["Sensor", "Scaler", "Capture", "Lens"]
        [interface] = topology.interfaces
        assert (interface.kind_name, interface.major, interface.minor) == ("V4L_VIDEO", 81, 3)
        kinds = [(link.is_data, link.is_interface, link.is_ancillary) for link in topology.links]
        assert [sum(each) for each in zip(*kinds)] == [2, 1, 1]
        scaler = topology.find("Sca*")
        assert [pad.is_sink for pad in topology.pads_of(scaler)] == [True, False]
        reached = topology.walk(scaler, Direction.UPSTREAM | Direction.DOWNSTREAM)
        assert [each.name for each in reached] == ["Scaler", "Capture"]
        reached = topology.walk(scaler, Direction.UPSTREAM, all_links=True)
        assert [each.name for each in reached] == ["Scaler", "Sensor"]
        assert topology.entity(topology.remote_pad(topology.pad_of(scaler, 1)).entity_id).name == "Capture"
        assert topology.by_function("CAM_SENSOR") == [topology.find("Sensor")]
        assert '"Sensor' in topology.to_dot() or "Sensor" in topology.to_dot()
    device.remove_interface(video)
    with device.topology() as after:
        assert after.interfaces == [] and not any(link.is_interface for link in after.links)


def test_m6_links_ask_both_ends_and_a_refusal_restores_them(camera: Camera, device: Device) -> None:
    with entity(device, "Sensor") as sensor, entity(device, "Scaler") as scaler, device.open() as file:
        camera.log.clear()
        none = LinkFlag(0)
        sensor.setup_link(0, scaler, 0, ENABLED)
        sensor.setup_link(0, scaler, 0, ENABLED)
        assert camera.log == [
            ("notify", "camera", ENABLED, False),
            ("setup", "Sensor", 0, none, ENABLED),
            ("setup", "Scaler", 0, none, ENABLED),
            ("notify", "camera", ENABLED, True),
        ]
        camera.refuses = "Scaler"
        with pytest.raises(DeniedError, match='"Sensor":0 -> "Scaler":0'):
            file.setup_link(sensor.pad_id(0), scaler.pad_id(0), 0)
        assert sensor.find_link(0, scaler, 0).flags == ENABLED
        assert camera.log[-2] == ("setup", "Sensor", 0, ENABLED, ENABLED)
        with pytest.raises(Error) as wrong:
            sensor.setup_link(0, scaler, 0, LinkFlag.DYNAMIC)
        assert wrong.value.errno == errno.EINVAL
        sensor.remove_link(0, scaler, 0)
        with pytest.raises(NotFoundError):
            sensor.find_link(0, scaler, 0)


def test_m7_pipelines_nest_and_their_links_stay(camera: Camera, device: Device) -> None:
    mine, other = Pipeline(), Pipeline()
    with entity(device, "Sensor") as sensor, entity(device, "Scaler") as scaler, entity(device, "Capture") as capture:
        sensor.setup_link(0, scaler, 0, ENABLED)
        sensor.start(0, mine)
        assert ("validate", "Capture", 0) in camera.log
        capture.start(0, mine)
        assert capture.is_streaming(0) and scaler.is_streaming(1)
        calls: list[Callable[[], object]] = [
            lambda: capture.start(0, other),
            lambda: sensor.setup_link(0, scaler, 0, 0),
        ]
        for call in calls:
            with pytest.raises(BusyError):
                call()
        sensor.stop(0, mine)
        assert sensor.is_streaming(0)
        sensor.stop(0, mine)
        assert not sensor.is_streaming(0)
        with pytest.raises(Error) as twice:
            sensor.stop(0, mine)
        assert twice.value.errno == errno.EINVAL
        camera.refuses = "validate"
        with pytest.raises(DeniedError):
            sensor.start(0, other)


def test_m8_requests_are_idle_queued_complete_and_idle_again(camera: Camera, device: Device) -> None:
    file = device.open()
    with file.request() as request:
        file.close()
        request.context = "settings"
        request.queue()
        assert camera.log[-2:] == [("validate request", "settings"), "queue"]
        for call in (request.queue, request.reinit):
            with pytest.raises(BusyError):
                call()
        with pytest.raises(TimedOutError):
            request.wait(0)
        worker = Worker(request.wait).until_in("wait")
        looped = Worker(lambda: asyncio.run(request.wait_async()))
        request.complete()
        worker.result()
        looped.result()
        request.reinit()
        assert request.context is None
        camera.refuses = "validate request"
        with pytest.raises(DeniedError):
            request.queue()
        camera.refuses, camera.ready = None, 1
        request.queue()
        request.wait(0)
        device.unregister()
        request.wait(0)
        with pytest.raises(GoneError):
            request.reinit()


def test_m8_a_device_has_requests_if_its_provider_takes_them() -> None:
    with Device.new(CAMERA, Provider()) as device:
        device.register()
        with device.open() as file, pytest.raises(Error) as none:
            file.request()
        assert none.value.errno == errno.ENOTTY


def test_m9_who_asks_for_the_same_hardware_gets_the_same_device(camera: Camera) -> None:
    with Device.shared("usb-1", "audio") as first, Device.shared("usb-1", "video") as second:
        assert first == second
        first.init(CAMERA, camera)
        with pytest.raises(BusyError):
            second.init(CAMERA)
        assert second.info.model == "Test camera"
        generation = first.generation
        with Device.shared("usb-2", "video") as other:
            assert other != first
    with Device.shared("usb-1", "audio") as next_one:
        assert next_one.generation > generation


def test_what_a_device_says_of_itself(device: Device) -> None:
    info = device.info
    assert info[:4] == ("camera", "Test camera", "", "platform:camera")
    assert info.media_version > (4, 0, 0)
    with pytest.raises(ValueError):
        Device.new(Info("a name of more than sixteen bytes", "x"))
    with pytest.raises(Error, match="name"):
        Device.new(Info("", "x")).register()


def test_a_lent_handle_is_closed_when_the_operation_is_over() -> None:
    kept: list[Device | File] = []

    class Keeps(Provider):
        def close(self, file: File) -> None:
            kept.append(file)

        def before_free(self, device: Device) -> None:
            kept.append(device)

    with Device.new(CAMERA, Keeps()) as device:
        device.register()
        device.open().close()
    assert [type(each) for each in kept] == [File, Device]
    for each in kept:
        with pytest.raises(ValueError, match="is closed"):
            each.topology()


def test_m1_threads_that_read_while_the_device_goes_get_a_graph_or_are_told(camera: Camera) -> None:
    def read(device: Device, ready: threading.Barrier) -> None:
        file = device.open()
        ready.wait()
        try:
            while True:
                assert len(file.topology().entities) == 1
        except GoneError:
            pass

    for _ in range(10):
        with Device.new(CAMERA, camera) as device:
            device.add_entity("Sensor", "CAM_SENSOR").close()
            device.register()
            ready = threading.Barrier(4)
            workers = [Worker(read, device, ready) for _ in range(3)]
            ready.wait(PATIENCE)
            device.unregister()
            for worker in workers:
                worker.result()
        del workers
    gc.collect()
    assert camera.log.count("after_free") == 10


def test_a_program_ends_quietly_with_devices_and_waiting_threads_left() -> None:
    program = """
import threading, mediadev
from mediadev import Device, Info, Provider
class Camera(Provider):
    def close(self, file): print("close")
    def after_free(self): print("free")
device = Device.new(Info("camera", "Camera"), Camera())
device.register()
file = device.open()
file.context = object()
threading.Thread(target=file.poll, daemon=True).start()
mediadev.set_log_callback(print)
kept = [device, file]
kept.append(kept)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
