# SPDX-License-Identifier: MIT OR Apache-2.0
"""Media graphs of the kernel's devices, which may go away at any moment, and media devices of a program's own.

    with mediadev.Node.open("vimc") as node:
        node.setup_links("'Debayer A':1 -> 'Scaler':0 [1]")
        with node.topology() as topology:
            for entity in topology.walk(topology.find("Sensor A"), Direction.DOWNSTREAM):
                print(entity.name, entity.function_name)

Whatever fails raises `mediadev.Error`, an `OSError` with errno and a sentence that names device, entity, pad, link and the failing
call; where the device is gone it is a `GoneError`. libmediadev itself is loaded at the first call.
"""

from ._device import NOT_YET, Device, Entity, Export, File, Pipeline, Provider
from ._errors import BusyError, DeniedError, Error, GoneError, NotFoundError, TimedOutError
from ._node import Node, nodes
from ._request import Request
from ._settings import holders, set_log_callback, set_tracking, tag, version
from ._topology import Topology
from ._types import (
    Direction,
    EntityInfo,
    EntityFlag,
    Format,
    Frame,
    Info,
    InterfaceInfo,
    Interval,
    LinkInfo,
    LinkFlag,
    PadInfo,
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
    "Device",
    "Direction",
    "Entity",
    "EntityFlag",
    "EntityInfo",
    "Error",
    "Export",
    "File",
    "Format",
    "Frame",
    "GoneError",
    "Info",
    "InterfaceInfo",
    "Interval",
    "LinkFlag",
    "LinkInfo",
    "NOT_YET",
    "Node",
    "NotFoundError",
    "PadFlag",
    "PadInfo",
    "Pipeline",
    "Provider",
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
