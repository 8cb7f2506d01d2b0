# SPDX-License-Identifier: MIT OR Apache-2.0
"""mediadev over the system's own devices: vimc, whose graph has sub-devices and links, and vivid. What either of the library and
media-ctl sets the other one sees.
"""

import asyncio
import errno
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import mediadev
import pytest
from mediadev import (
    Direction,
    EntityFlag,
    Error,
    Format,
    Frame,
    GoneError,
    Interval,
    LinkFlag,
    Node,
    NotFoundError,
    PadInfo,
    Rect,
    TimedOutError,
    Topology,
)

from ..chapter import Chapter
from ..mediadev.conftest import nothing_is_left
from ..threads import PATIENCE, Worker, interrupt, signals
from .vimc import Unplugged
from .vivid import Capture

__all__ = ["nothing_is_left"]

SRGGB8, RGB888 = 0x3014, 0x100A


@pytest.fixture
def vimc() -> Iterator[Node]:
    """The camera, with the links that it begins with."""
    with Node.open("vimc") as node:
        node.reset_links()
        node.setup_links("'Debayer A':1 -> 'Scaler':0 [1]")
        yield node


@pytest.fixture
def topology(vimc: Node) -> Iterator[Topology]:
    """Its graph."""
    with vimc.topology() as topology:
        yield topology


@pytest.fixture
def vivid() -> Iterator[Node]:
    """The card."""
    with Node.open("vivid") as node:
        yield node


def media_ctl(node: Node, *words: str) -> str:
    said = subprocess.run(
        ["media-ctl", "-d", f"/dev/{node.name}", *words], stdout=subprocess.PIPE, text=True, check=True
    )
    return said.stdout


def pad(topology: Topology, entity: str, index: int) -> PadInfo:
    return topology.pad_of(topology.find(entity), index)


def enabled(node: Node, source: str) -> bool:
    """Whether the debayer's link to the scaler is, as the system has it now."""
    with node.topology() as topology:
        [link] = topology.links_of(pad(topology, source, 1))
        assert link.sink_id == pad(topology, "Scaler", 0).id
        return link.is_enabled


def printed(node: Node) -> str:
    """What media-ctl -p prints, from what the library says; without formats."""
    info = node.info
    lines = [
        f"driver          {info.driver}",
        f"model           {info.model}",
        f"serial          {info.serial}",
        f"bus info        {info.bus_info}",
        f"hw revision     {info.hw_revision:#x}",
        f"driver version  {info.driver_version}",
    ]
    with node.topology() as topology:
        names = {entity.id: entity.name for entity in topology.entities}
        for entity in topology.entities:
            pads, links = (
                f"{count} {what}{'s' * (count > 1)}"
                for count, what in ((entity.num_pads, "pad"), (entity.num_links, "link"))
            )
            lines.append(f"- entity {entity.id}: {entity.name} ({pads}, {links})")
            lines.append(f"device node name {topology.devnode(entity)}")
            for one in topology.pads_of(entity):
                lines.append(f"pad{one.index}: {'Sink' if one.is_sink else 'Source'}")
                for link in topology.links_of(one):
                    out = link.source_id == one.id
                    other = link.sink_entity if out else link.source_entity
                    index = link.sink_pad if out else link.source_pad
                    flags = ",".join(flag.name or "" for flag in link.flags)
                    lines.append(f'{"->" if out else "<-"} "{names[other or 0]}":{index} [{flags}]')
    return "\n".join(lines)


def said_by_media_ctl(node: Node) -> str:
    """The same of what it prints."""
    kept = re.compile(r"(driver|model|serial|bus info|hw rev|- entity|device node|pad\d|->|<-)")
    lines = (line.strip() for line in media_ctl(node, "-p").splitlines())
    return "\n".join(line for line in lines if kept.match(line))


def same_as_media_ctl(node: Node) -> None:
    assert [line.rstrip() for line in printed(node).splitlines()] == said_by_media_ctl(node).splitlines()


def test_a_node_is_opened_by_path_name_bus_information_and_driver(vimc: Node) -> None:
    assert sorted(Node.open(name).info.driver for name in mediadev.nodes()) == ["vimc", "vivid"]
    assert vimc.name in mediadev.nodes()
    for key in ("platform:vimc", vimc.name, f"/dev/{vimc.name}"):
        with Node.open(key) as node:
            assert (node.name, node.info) == (vimc.name, vimc.info)
    info = vimc.info
    assert (info.driver, info.model, info.serial, info.bus_info) == ("vimc", "VIMC MDEV", "", "platform:vimc")
    assert info.media_version == info.driver_version >= (6, 0, 0)
    assert repr(vimc) == f"<mediadev.Node {vimc.name} (platform:vimc)>"
    assert vimc.is_alive and os.fstat(vimc.fileno()).st_rdev == os.stat(f"/dev/{vimc.name}").st_rdev
    with pytest.raises(NotFoundError, match="media99"):
        Node.open("media99")
    with pytest.raises(Error) as wrong:
        Node.open("/dev/video0")
    assert wrong.value.errno == errno.EINVAL


def test_m12_the_topology_is_what_media_ctl_prints(vimc: Node, vivid: Node) -> None:
    for node in (vimc, vivid):
        same_as_media_ctl(node)
        with node.topology() as topology:
            assert topology.to_dot() == media_ctl(node, "--print-dot")
            for entity in topology.entities:
                path = topology.devnode(entity)
                assert f"{path}\n" == media_ctl(node, "-e", entity.name)
                assert topology.by_devnode(path) == entity


def test_m12_all_kinds_of_things_are_there_and_found_by_id(topology: Topology, vivid: Node) -> None:
    counts = [len(each) for each in (topology.entities, topology.pads, topology.links, topology.interfaces)]
    assert counts == [11, 12, 21, 11]
    links = topology.links
    assert [sum(kinds) for kinds in zip(*((l.is_data, l.is_interface, l.is_ancillary) for l in links))] == [8, 11, 2]
    assert [topology.entity(each.id) for each in topology.entities] == topology.entities
    assert [topology.pad(each.id) for each in topology.pads] == topology.pads
    assert [topology.link(each.id) for each in links] == links
    assert [topology.interface(each.id) for each in topology.interfaces] == topology.interfaces
    by_entity = [one for entity in topology.entities for one in topology.pads_of(entity)]
    assert sorted(each.id for each in by_entity) == sorted(each.id for each in topology.pads)
    for one in topology.pads:
        assert topology.links_of(one) == [
            each for each in links if each.is_data and one.id in (each.source_id, each.sink_id)
        ]
    for absent in (topology.entity, topology.pad, topology.link, topology.interface):
        with pytest.raises(NotFoundError):
            absent(0x7FFF_FFFF)
    with vivid.topology() as card:
        kinds = {interface.kind_name for interface in card.interfaces}
        assert kinds == {"V4L_RADIO", "V4L_SWRADIO", "V4L_TOUCH", "V4L_VBI", "V4L_VIDEO"}
        for interface in card.interfaces:
            number = os.stat(card.devnode(interface)).st_rdev
            assert (os.major(number), os.minor(number)) == (interface.major, interface.minor)


def test_m12_entities_are_found_by_name_function_and_node(topology: Topology) -> None:
    sensor = topology.find("Sensor A")
    assert topology.find("Sensor*") == topology.find("?ensor [A]") == sensor
    assert (sensor.function_name, sensor.num_pads, sensor.num_links) == ("CAM_SENSOR", 1, 2)
    sensors = topology.by_function("CAM_SENSOR")
    assert sensors == topology.by_function(sensor.function)
    assert sensors == [each for each in topology.entities if each.function == sensor.function] and len(sensors) == 3
    assert topology.by_function("TUNER") == []
    assert EntityFlag.DEFAULT not in sensor.flags
    [lens] = [link for link in topology.links if link.is_ancillary and link.source_entity == sensor.id]
    assert topology.entity(lens.sink_entity or 0).name == "Lens A"
    with pytest.raises(NotFoundError, match="Sensor Z"):
        topology.find("Sensor Z")
    with pytest.raises(Error) as wrong:
        topology.by_devnode("/proc/version")
    assert wrong.value.errno == errno.EINVAL


def test_m12_walks_and_the_pad_at_the_other_end(vimc: Node, topology: Topology) -> None:
    def names(entity: str, direction: Direction, all_links: bool = False) -> list[str]:
        return [each.name for each in topology.walk(topology.find(entity), direction, all_links=all_links)]

    sensor = topology.find("Sensor A")
    down = names("Sensor A", Direction.DOWNSTREAM)
    assert down[0] == "Sensor A" and set(down[1:3]) == {"Debayer A", "Raw Capture 0"}
    assert down[3:] == ["Scaler", "RGB/YUV Capture"]
    up = names("RGB/YUV Capture", Direction.UPSTREAM)
    assert up == ["RGB/YUV Capture", "Scaler", "Debayer A", "Sensor A"]
    assert set(names("RGB/YUV Capture", Direction.UPSTREAM, True)) > set(up)
    assert set(names("Scaler", Direction.UPSTREAM | Direction.DOWNSTREAM)) == set(up + down)
    with pytest.raises(Error) as nowhere:
        topology.walk(sensor, Direction(0))
    assert nowhere.value.errno == errno.EINVAL
    assert topology.remote_pad(pad(topology, "Scaler", 0)) == pad(topology, "Debayer A", 1)
    with pytest.raises(Error) as several:
        topology.remote_pad(pad(topology, "Sensor A", 0))
    assert several.value.errno == errno.ENOTUNIQ
    with pytest.raises(Error) as none:
        topology.remote_pad(pad(topology, "Debayer B", 1))
    assert none.value.errno == errno.ENOLINK


def test_m12_a_topology_needs_no_node_and_never_changes(vimc: Node) -> None:
    with Node.open("vimc") as node:
        before = node.topology()
    with before:
        assert before.generation == 0
        links = before.links
        vimc.setup_links("'Debayer A':1 -> 'Scaler':0 [0]")
        assert before.links == links
        with vimc.topology() as after:
            assert after.links != links and after.version == before.version
    with pytest.raises(ValueError, match="the Topology is closed"):
        before.entities
    assert repr(before) == "<mediadev.Topology closed>"


def test_m14_links_that_one_sets_the_other_sees(vimc: Node, topology: Topology) -> None:
    same_as_media_ctl(vimc)
    vimc.setup_links("'Debayer A':1->'Scaler':0[0], \"Debayer B\":1 -> \"Scaler\":0 [1]")
    assert (enabled(vimc, "Debayer A"), enabled(vimc, "Debayer B")) == (False, True)
    same_as_media_ctl(vimc)
    media_ctl(vimc, "-l", "'Debayer A':1->'Scaler':0[1],'Debayer B':1->'Scaler':0[0]")
    assert (enabled(vimc, "Debayer A"), enabled(vimc, "Debayer B")) == (True, False)
    source, sink = pad(topology, "Debayer A", 1), pad(topology, "Scaler", 0)
    vimc.setup_link(source, sink, 0)
    assert not enabled(vimc, "Debayer A")
    vimc.setup_link(source.id, sink.id, LinkFlag.ENABLED)
    assert enabled(vimc, "Debayer A")
    same_as_media_ctl(vimc)
    vimc.reset_links()
    assert not enabled(vimc, "Debayer A")
    ours = printed(vimc)
    vimc.setup_link(source, sink, LinkFlag.ENABLED)
    media_ctl(vimc, "-r")
    assert printed(vimc) == ours


def test_m14_links_that_cannot_be_set_are_told_by_name(vimc: Node) -> None:
    before = printed(vimc)
    for links, number, said in (
        ("'Sensor A':0->'Debayer A':0[0]", errno.EINVAL, '"Sensor A":0 -> "Debayer A":0: MEDIA_IOC_SETUP_LINK'),
        ("'Sensor A':0->'Scaler':0[1]", errno.ENOENT, 'there is no link from "Sensor A":0 to "Scaler":0'),
        ("'Sensor C':0->'Scaler':0[1]", errno.ENOENT, 'no entity is called "Sensor C"'),
        ("'Debayer A':1->'Scaler':0[0],'Debayer A':1->'Nothing':0[0]", errno.ENOENT, "Nothing"),
        ("'Scaler'", errno.EINVAL, ""),
    ):
        with pytest.raises(Error) as refused:
            vimc.setup_links(links)
        assert refused.value.errno == number and said in str(refused.value)
    assert printed(vimc) == before, "all of it is found before the first link is changed"
    with pytest.raises(NotFoundError, match="no pad has the id 0x1"):
        vimc.setup_link(1, 2, 0)


def test_m14_formats_that_one_sets_the_other_sees(vimc: Node, topology: Topology) -> None:
    before = vimc.formats()
    vimc.set_formats("'Sensor A':0[fmt:SRGGB8_1X8/320x240 field:none colorspace:srgb]")
    # It goes on along the link that is enabled.
    for name in ("Sensor A", "Debayer A"):
        assert "[fmt:SRGGB8_1X8/320x240 field:none" in vimc.formats(f"'{name}':0")
        assert "fmt:SRGGB8_1X8/320x240 field:none" in media_ctl(vimc, "--get-v4l2", f"'{name}':0")
        frame = vimc.format(pad(topology, name, 0)).frame
        assert frame and frame[:5] == (320, 240, SRGGB8, 1, 8)
    assert "320x240" not in vimc.formats("'Debayer B':0")
    media_ctl(vimc, "-V", "'Sensor B':0[fmt:SRGGB8_1X8/400x300]")
    assert "400x300" in vimc.formats("'Debayer B':0")
    scaler = pad(topology, "Scaler", 0)
    made = vimc.set_format(scaler, Format(crop=Rect(16, 8, 128, 64)))
    assert (made.crop, vimc.format(scaler).crop) == (Rect(16, 8, 128, 64), Rect(16, 8, 128, 64))
    assert "crop:(16,8)/128x64" in media_ctl(vimc, "-p")
    media_ctl(vimc, "-V", "'Scaler':0[crop:(0,0)/100x50]")
    assert vimc.formats("'Scaler':0").endswith("crop:(0,0)/100x50]")
    small = vimc.set_format(pad(topology, "Sensor B", 0), Format(Frame(1, 1, SRGGB8)))
    assert small.frame and (small.frame.width, small.frame.height) == (16, 16), "what the driver has made of it"
    made = vimc.set_format(pad(topology, "Scaler", 1), Format(Frame(160, 120, RGB888)))
    assert made.frame and made.frame[:3] == (160, 120, RGB888)
    # What is told can be set: it is then as it was.
    vimc.set_formats(before)
    assert vimc.formats() == before
    assert vimc.routes() == "", "none of its sub-devices has any"


def test_m14_formats_that_cannot_be_set_are_told_by_name(vimc: Node, topology: Topology) -> None:
    sensor, capture = pad(topology, "Sensor A", 0), pad(topology, "Raw Capture 0", 0)
    calls: list[tuple[Callable[[], object], int, str]] = [
        (lambda: vimc.set_formats("'Raw Capture 0':0[fmt:Y8/1x1]"), errno.ENOENT, '"Raw Capture 0"'),
        (lambda: vimc.format(capture), errno.ENOENT, '"Raw Capture 0"'),
        (lambda: vimc.set_formats("'Sensor A':0[@1/30]"), errno.ENOTTY, '"Sensor A"'),
        (lambda: vimc.set_format(sensor, Format(interval=Interval(1, 30))), errno.ENOTTY, '"Sensor A"'),
        (lambda: vimc.format(sensor, stream=1), errno.ENOTTY, '"Sensor A"'),
        (lambda: vimc.set_formats("'Sensor Z':0[fmt:Y8/1x1]"), errno.ENOENT, "Sensor Z"),
        (lambda: vimc.set_formats("'Sensor A':0[fmt:Y8]"), errno.EINVAL, ""),
        (lambda: vimc.set_routes("'Scaler'[0/0->1/0[1]]"), errno.ENOTTY, '"Scaler"'),
        (lambda: vimc.routes("'Scaler'"), errno.ENOTTY, '"Scaler"'),
    ]
    for call, number, said in calls:
        with pytest.raises(Error) as refused:
            call()
        assert refused.value.errno == number and said in str(refused.value)


def test_requests_are_filled_queued_waited_for_and_used_again(vivid: Node) -> None:
    with vivid.topology() as topology:
        path = topology.devnode(topology.find("vivid-*-vid-cap"))
    with Capture(path, 2) as capture, vivid.request() as request:
        for _ in range(3):
            capture.put(1, request.fileno())
            request.queue()
            request.wait(PATIENCE)
            assert capture.take() == 1
            request.wait(0)  # it stays complete
            request.reinit()

        async def work() -> None:
            async with asyncio.timeout(PATIENCE):
                for _ in range(3):
                    capture.put(0, request.fileno())
                    request.queue()
                    await request.wait_async()
                    assert capture.take() == 0
                    request.reinit()

        asyncio.run(work())


def test_a_request_that_is_not_queued_is_not_waited_for(vimc: Node, vivid: Node) -> None:
    with vivid.request() as request:
        with pytest.raises(Error) as idle:
            request.wait()
        assert idle.value.errno == errno.EINVAL
        with pytest.raises(Error) as awaited:
            asyncio.run(request.wait_async())
        assert awaited.value.errno == errno.EINVAL
        with pytest.raises(NotFoundError):
            request.queue()
        request.reinit()
    with pytest.raises(Error) as none:
        vimc.request()
    assert none.value.errno == errno.ENOTTY


def test_m13_a_device_that_has_gone_is_told_so_and_what_was_told_stays(vimc: Node, topology: Topology) -> None:
    source, sink = pad(topology, "Debayer A", 1), pad(topology, "Scaler", 0)
    sensor, info = pad(topology, "Sensor A", 0), vimc.info
    calls: list[Callable[[], object]] = [
        vimc.topology,
        lambda: vimc.setup_link(source, sink, LinkFlag.ENABLED),
        lambda: vimc.setup_links("'Debayer A':1->'Scaler':0[1]"),
        vimc.reset_links,
        lambda: vimc.format(sensor),
        lambda: vimc.set_format(sensor, Format(Frame(64, 64, SRGGB8))),
        vimc.formats,
        lambda: vimc.set_formats("'Sensor A':0[fmt:SRGGB8/64x64]"),
        lambda: vimc.routes("'Scaler'"),
        lambda: vimc.set_routes("'Scaler'[]"),
        vimc.request,
    ]
    poll = select.poll()
    poll.register(vimc)
    with Unplugged():
        assert not vimc.is_alive
        vimc.wait_gone()
        assert poll.poll(0)[0][1] & (select.POLLHUP | select.POLLERR)
        for call in calls:
            with pytest.raises(GoneError, match="the device is gone"):
                call()
        assert (vimc.info, topology.find("Sensor A").id) == (info, sensor.entity_id)
        with pytest.raises(NotFoundError):
            topology.devnode(sensor.entity_id)
        with pytest.raises(NotFoundError):
            Node.open("platform:vimc")
    # Another device by the same path is not taken for it.
    with Node.open("platform:vimc") as back:
        assert back.is_alive and not vimc.is_alive
        for call in calls:
            with pytest.raises((GoneError, NotFoundError)):
                call()
        same_as_media_ctl(back)


def test_m13_threads_and_coroutines_that_wait_are_told_when_it_goes(vimc: Node) -> None:
    with pytest.raises(TimedOutError):
        vimc.wait_gone(0.1)
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(vimc.wait_gone_async(), 0.1))
    worker = Worker(vimc.wait_gone, PATIENCE).until_in("wait")
    looped = Worker(lambda: asyncio.run(vimc.wait_gone_async()))
    with Unplugged():
        worker.result()
        looped.result()


def test_m13_calls_of_other_threads_end_when_it_goes(vimc: Node) -> None:
    def read() -> str:
        try:
            while True:
                vimc.topology().close()
                # The system itself may not stand who reads at the very moment when the driver is unbound.
                time.sleep(0.01)
        except GoneError as gone:
            return str(gone)

    worker = Worker(read)
    time.sleep(0.05)
    with Unplugged():
        assert "the device is gone" in worker.result()


def test_waiting_can_be_interrupted_and_other_signals_do_not_end_it(vimc: Node) -> None:
    with signals("wait", interrupt), pytest.raises(KeyboardInterrupt):
        vimc.wait_gone()
    seen: list[None] = []
    with signals("wait", lambda: seen.append(None)):
        while not seen:
            with pytest.raises(TimedOutError):
                vimc.wait_gone(0.2)


def test_the_snippets_of_the_document_about_devices_of_the_kernel_do_what_it_says(vimc: Node) -> None:
    chapter = Chapter("libmediadev")
    beginning, of_the_kernel = chapter.snippets[:2]
    before = vimc.formats()
    try:
        chapter.run_one(beginning)
        chapter.run_one(of_the_kernel)
    finally:
        vimc.set_formats(before)
        chapter.names.clear()
    assert len(chapter.kept) == of_the_kernel.count("# → ") == 4


def test_who_may_not_open_a_device_is_told_so(vimc: Node) -> None:
    path = f"/dev/{vimc.name}"
    program = f"""
import os, mediadev
# Loaded before the rights are given up: where the library lies may be nobody's to see.
mediadev.version(); os.setgid(65534); os.setuid(65534)
try: mediadev.Node.open({path!r})
except PermissionError as denied: print(type(denied).__name__, denied.strerror)
"""
    mode = os.stat(path).st_mode & 0o777
    os.chmod(path, 0o600)
    try:
        said = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True).stdout
    finally:
        os.chmod(path, mode)
    assert said.startswith("DeniedError") and vimc.name in said
