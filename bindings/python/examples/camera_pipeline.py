# SPDX-License-Identifier: MIT OR Apache-2.0
"""camera_pipeline.py DEVICE SENSOR CAPTURE CODE/WIDTHxHEIGHT [SECONDS]: sets up a camera, from its sensor to the node to capture from.

    camera_pipeline.py vimc 'Sensor B' 'RGB/YUV Capture' SRGGB8_1X8/640x480

DEVICE is a driver, a model, bus information or a path; SENSOR and CAPTURE are entities, by name or by a pattern of the shell. The way
from one to the other is searched and its links are enabled; those that would feed something else into it are disabled. The format is
set at the sensor, and its size from there on. Prints what is on the way: entity, device node, and what comes out of it.

While a program streams, nothing can be changed: it is tried again for SECONDS. Exits with 0 done, 1 it cannot be done, 2 not called
as above, 3 a program streams, 4 the device has gone.
"""

import argparse
import contextlib
import sys

import mediadev
from mediadev import Direction, EntityInfo, Format, Frame, LinkFlag, LinkInfo, Node, Topology


def open_device(key: str) -> Node:
    """The library finds a device by its path, its driver and where it is; by its model one has to look."""
    try:
        return Node.open(key)
    except mediadev.NotFoundError:
        for name in mediadev.nodes():
            with contextlib.suppress(mediadev.Error):
                node = Node.open(name)
                if node.info.model == key:
                    return node
                node.close()
        raise


def find_way(topology: Topology, sensor: EntityInfo, capture: EntityInfo) -> list[LinkInfo]:
    """The shortest way, over links that are enabled or not."""
    ways: dict[int | None, list[LinkInfo]] = {capture.id: []}
    # The near ones before the far ones.
    for entity in topology.walk(capture, Direction.UPSTREAM, all_links=True):
        for link in topology.links:
            if link.is_data and link.sink_entity == entity.id:
                ways.setdefault(link.source_entity, [link, *ways[entity.id]])
    if not ways.get(sensor.id):
        sys.exit(f"camera_pipeline: no links lead from {sensor.name} to {capture.name}")
    return ways[sensor.id]


def connect(node: Node, topology: Topology, way: list[LinkInfo]) -> None:
    """Enables the links of the way. Where another one ends, that one is disabled before."""
    for link in way:
        for other in topology.links_of(link.sink_id):
            if other != link and other.is_enabled and not other.is_immutable:
                node.setup_link(other.source_id, other.sink_id, other.flags & ~LinkFlag.ENABLED)
        if not link.is_enabled:
            node.setup_link(link.source_id, link.sink_id, link.flags | LinkFlag.ENABLED)


def frame_at(node: Node, pad: int) -> Frame | None:
    """What comes out of a pad; None where its entity has no node to ask."""
    try:
        return node.format(pad).frame
    except mediadev.NotFoundError:
        return None


def set_formats(node: Node, way: list[LinkInfo], wanted: Frame) -> None:
    """What is set at the end of a link where data comes from is set at the other end too. Drivers make of it what they can."""
    for link in way:
        if frame := frame_at(node, link.source_id):
            # The sensor's code is its own affair: who comes next has one for what goes out.
            code = wanted.code if link is way[0] else frame.code
            node.set_format(link.source_id, Format(wanted._replace(code=code)))


def show(node: Node, topology: Topology, way: list[LinkInfo]) -> None:
    for link in [*way, None]:
        entity = topology.entity((link.source_entity if link else way[-1].sink_entity) or 0)
        try:
            path = topology.devnode(entity)
        except mediadev.NotFoundError:
            path = "-"
        frame = frame_at(node, link.source_id) if link else None
        made = f" {mediadev.format_name(frame.code)}/{frame.width}x{frame.height}" if frame else ""
        print(f"{entity.name:20} {path}{made}")


def set_up(node: Node, sensor: str, capture: str, wanted: Frame) -> None:
    with node.topology() as topology:
        way = find_way(topology, topology.find(sensor), topology.find(capture))
        connect(node, topology, way)
        set_formats(node, way, wanted)
        show(node, topology, way)


def set_up_in_time(node: Node, sensor: str, capture: str, wanted: Frame, seconds: int) -> None:
    for left in range(seconds, -1, -1):
        try:
            return set_up(node, sensor, capture, wanted)
        except mediadev.BusyError as busy:
            if not left:
                raise
            if left == seconds:
                print(f"camera_pipeline: {busy.strerror}; trying again", file=sys.stderr)
            with contextlib.suppress(mediadev.TimedOutError):
                node.wait_gone(1)  # a second, or less if the device goes


def frame(text: str) -> Frame:
    code, size = text.split("/")
    width, height = size.split("x")
    return Frame(int(width), int(height), mediadev.format_called(code))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in "device", "sensor", "capture":
        parser.add_argument(name)
    parser.add_argument("frame", type=frame, metavar="code/WIDTHxHEIGHT")
    parser.add_argument("seconds", type=int, nargs="?", default=0)
    try:
        told = parser.parse_args()
        with open_device(told.device) as node:
            set_up_in_time(node, told.sensor, told.capture, told.frame, told.seconds)
        return 0
    except mediadev.Error as error:
        print(f"camera_pipeline: {error.strerror}", file=sys.stderr)
        return 3 if isinstance(error, mediadev.BusyError) else 4 if isinstance(error, mediadev.GoneError) else 1


if __name__ == "__main__":
    sys.exit(main())
