# SPDX-License-Identifier: MIT OR Apache-2.0
"""The examples of mediadev on devices of the kernel, with the tools of v4l-utils as witnesses."""

import errno
import fcntl
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from ..threads import PATIENCE
from .vimc import Unplugged

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"
FORMAT = "SRGGB8_1X8/320x240"
MEDIA_IOC_DEVICE_INFO, INFO_SIZE = 0xC1007C00, 256

Start = Callable[[list[str]], subprocess.Popen[str]]


def said(*words: str, code: int = 0) -> str:
    """What a program says, errors included; it ends with this code."""
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE)
    assert done.returncode == code, done
    return done.stdout


def example(name: str, *words: str) -> list[str]:
    return [sys.executable, "-u", str(EXAMPLES / name), *words]


def pipeline(sensor: str = "Sensor B", capture: str = "RGB/YUV Capture", *seconds: str) -> list[str]:
    return example("camera_pipeline.py", "vimc", sensor, capture, FORMAT, *seconds)


def devnode(entity: str) -> str:
    return said("media-ctl", "-d", "platform:vimc", "-e", entity).strip()


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts programs, which the end of the test ends."""
    programs: list[subprocess.Popen[str]] = []

    def run(words: list[str]) -> subprocess.Popen[str]:
        program = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        programs.append(program)
        return program

    yield run
    for program in programs:
        program.kill()
        program.communicate()


def line(program: subprocess.Popen[str]) -> str:
    assert program.stdout
    return program.stdout.readline()


def rest(program: subprocess.Popen[str]) -> str:
    """What it has yet to say, until it ends."""
    return program.communicate(timeout=PATIENCE)[0]


def stream(count: int = 0) -> list[str]:
    """v4l2-ctl captures so many frames, or for ever. What is at the sensor's other link has to fit too."""
    video = "--set-fmt-video=width=320,height=240,pixelformat="
    said("v4l2-ctl", "-d", devnode("Raw Capture 1"), video + "RGGB")
    return ["v4l2-ctl", "-d", devnode("RGB/YUV Capture"), video + "RGB3", "--stream-mmap", f"--stream-count={count}"]


def streams(start: Start) -> subprocess.Popen[str]:
    """When there is a first frame."""
    program = start(stream())
    assert program.stdout and program.stdout.read(1) == "<"
    return program


def test_m12_m14_camera_pipeline_sets_up_a_camera_that_streams() -> None:
    said("media-ctl", "-d", "platform:vimc", "-r")
    said("media-ctl", "-d", "platform:vimc", "-l", "'Debayer A':1->'Scaler':0[1]")
    way = [
        f"{entity:20} {devnode(entity)}{made}"
        for entity, made in (
            ("Sensor B", f" {FORMAT}"),
            ("Debayer B", " RGB888_1X24/320x240"),
            ("Scaler", " RGB888_1X24/320x240"),
            ("RGB/YUV Capture", ""),
        )
    ]
    by_model = example("camera_pipeline.py", "VIMC MDEV", "Sensor B", "*YUV Cap*", FORMAT)
    assert said(*by_model).splitlines() == way
    printed = said("media-ctl", "-d", "platform:vimc", "-p")
    assert '<- "Debayer B":1 [ENABLED]\n' in printed
    assert '<- "Debayer A":1 []\n' in printed
    assert "<<<" in said(*stream(3))
    assert said(*pipeline()).splitlines() == way


def test_camera_pipeline_waits_for_who_streams(start: Start) -> None:
    said(*pipeline())
    streaming = streams(start)
    assert "Device or resource busy" in said(*pipeline(), code=3)
    waits = start(pipeline("Sensor B", "RGB/YUV Capture", "60"))
    assert line(waits).endswith("Device or resource busy (os error 16); trying again\n")
    streaming.kill()
    assert rest(waits).startswith("Sensor B ")
    assert waits.returncode == 0


def test_m13_camera_pipeline_says_that_its_device_has_gone_in_the_middle_of_it(start: Start) -> None:
    said(*pipeline())
    streams(start)
    waits = start(pipeline("Sensor B", "RGB/YUV Capture", "60"))
    assert line(waits).endswith("trying again\n")
    with Unplugged():
        assert "(platform:vimc): MEDIA_IOC_G_TOPOLOGY: the device is gone\n" in rest(waits)
        assert waits.returncode == 4


def test_camera_pipeline_says_what_is_wrong() -> None:
    no_way = said(*pipeline("Sensor A", "Raw Capture 1"), code=1)
    assert no_way == "camera_pipeline: no links lead from Sensor A to Raw Capture 1\n"
    assert said(*pipeline("Sensor C"), code=1) == 'camera_pipeline: no entity is called "Sensor C"\n'
    assert '"A model"' in said(*example("camera_pipeline.py", "A model", "a", "b", FORMAT), code=1)
    assert "usage:" in said(*example("camera_pipeline.py", "vimc", "a", "b", "large"), code=2)


def media_ctl(*words: str, code: int = 0) -> str:
    return said("media-ctl", "-d", "/dev/media74", *words, code=code)


def test_m6_m11_fake_camera_cuse_is_a_device_for_media_ctl_and_goes_under_who_has_it_open(start: Start) -> None:
    camera = start(example("fake_camera_cuse.py", "media74"))
    assert line(camera) == "/dev/media74 is a camera\n"
    assert "driver          fake_camera\n" in (printed := media_ctl("-p"))
    assert "- entity 5: Bridge (3 pads, 3 links)\n" in printed
    media_ctl("-l", "'Left sensor':0 -> 'Bridge':0 [1]")
    assert "Device or resource busy" in media_ctl("-l", "'Right sensor':0 -> 'Bridge':1 [1]", code=1)
    assert '\t\t<- "Left sensor":0 [ENABLED]\n' in (printed := media_ctl("-p"))
    assert '\t\t<- "Right sensor":0 []\n' in printed
    media_ctl("-r")
    media_ctl("-l", "'Right sensor':0 -> 'Bridge':1 [1]")

    held = os.open("/dev/media74", os.O_RDWR)
    assert b"Fake camera" in fcntl.ioctl(held, MEDIA_IOC_DEVICE_INFO, bytes(INFO_SIZE))
    camera.terminate()
    end = time.monotonic() + PATIENCE
    while os.path.exists("/dev/media74"):
        assert time.monotonic() < end
        time.sleep(0.01)
    with pytest.raises(OSError) as gone:
        fcntl.ioctl(held, MEDIA_IOC_DEVICE_INFO, bytes(INFO_SIZE))
    assert gone.value.errno == errno.ENODEV
    assert camera.poll() is None
    os.close(held)
    happened = rest(camera)
    assert camera.returncode == 0
    assert "Bridge: pad 0 is connected\n" in happened
    assert "Bridge: pad 1 is refused, for pad 0 is in use\n" in happened
    assert happened.endswith("Bridge: pad 1 is connected\nclosed\nopened\nclosed\nfreed\n")


def test_fake_camera_cuse_ends_at_the_second_signal_whoever_has_it_open(start: Start) -> None:
    camera = start(example("fake_camera_cuse.py", "media75"))
    line(camera)
    with open("/dev/media75"):
        camera.send_signal(signal.SIGINT)
        end = time.monotonic() + PATIENCE
        while os.path.exists("/dev/media75"):
            assert time.monotonic() < end
            time.sleep(0.01)
        while camera.poll() is None:
            # The first one may still be in its handler.
            camera.send_signal(signal.SIGINT)
            time.sleep(0.1)
            assert time.monotonic() < end
        assert camera.returncode == -signal.SIGINT


def test_m12_media_graph_lists_devices_and_draws_them_as_media_ctl_does() -> None:
    assert ": VIMC MDEV, driver vimc at platform:vimc\n" in said(*example("media_graph.py"))
    assert said(*example("media_graph.py", "vimc")) == said("media-ctl", "-d", "platform:vimc", "--print-dot")
    assert "nothing" in said(*example("media_graph.py", "nothing"), code=1)


def test_m13_media_watch_says_who_comes_and_goes(start: Start) -> None:
    watch = start(example("media_watch.py"))
    while not (here := line(watch)).endswith(": VIMC MDEV, driver vimc at platform:vimc\n"):
        assert here
    with Unplugged():
        assert line(watch) == here.replace("here", "gone")
    assert line(watch) == here
    watch.send_signal(signal.SIGINT)
    assert rest(watch) == ""
    assert watch.returncode == 0
