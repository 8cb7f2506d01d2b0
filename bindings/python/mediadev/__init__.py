# SPDX-License-Identifier: MIT OR Apache-2.0
"""Media graphs of the kernel's devices, which may go away at any moment.

    with mediadev.Node.open("vimc") as node:
        node.setup_links("'Debayer A':1 -> 'Scaler':0 [1]")
        with node.topology() as topology:
            for entity in topology.walk(topology.find("Sensor A"), Direction.DOWNSTREAM):
                print(entity.name, entity.function_name)

Whatever fails raises `mediadev.Error`, an `OSError` with errno and a sentence that names device, entity, pad, link and the failing
call; where the device is gone it is a `GoneError`. libmediadev itself is loaded at the first call.
"""

from ._errors import BusyError, DeniedError, Error, GoneError, NotFoundError, TimedOutError
from ._node import Node, Request, nodes
from ._settings import holders, set_log_callback, set_tracking, tag, version
from ._topology import Topology
from ._types import (
    Direction,
    Entity,
    EntityFlag,
    Format,
    Frame,
    Info,
    Interface,
    Interval,
    Link,
    LinkFlag,
    Pad,
    PadFlag,
    Rect,
    Version,
    format_called,
    format_name,
    function_called,
    function_name,
    interface_called,
    interface_name,
)

__all__ = [
    "BusyError",
    "DeniedError",
    "Direction",
    "Entity",
    "EntityFlag",
    "Error",
    "Format",
    "Frame",
    "GoneError",
    "Info",
    "Interface",
    "Interval",
    "Link",
    "LinkFlag",
    "Node",
    "NotFoundError",
    "Pad",
    "PadFlag",
    "Rect",
    "Request",
    "TimedOutError",
    "Topology",
    "Version",
    "format_called",
    "format_name",
    "function_called",
    "function_name",
    "holders",
    "interface_called",
    "interface_name",
    "nodes",
    "set_log_callback",
    "set_tracking",
    "tag",
    "version",
]
