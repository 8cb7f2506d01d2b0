# SPDX-License-Identifier: MIT OR Apache-2.0
"""A live devicetree: overlays that can be applied and removed, with nodes that stay valid while held.

    with ovl.Tree.from_file("board.dtb") as tree:
        with tree.apply("hat.dtbo"):
            print(tree["/soc/i2c/thermometer"].path)
        tree.to_fdt()

Whatever fails raises `ovl.Error`, an `OSError` with errno and a sentence that names overlay, fragment, label, node and
property. libovl itself is loaded at the first call.
"""

from ._bus import Bus, Device, Driver, ProbeDeferred
from ._changeset import Action, Changed, Changeset
from ._errors import Error, NotFoundError, TimedOutError
from ._listener import Event, EventKind, Listener, StateChange
from ._node import Node, PhandleArgs, Prop
from ._overlay import Mode, Overlay, RemoveMode, RemoveReport, Report, conflicts
from ._params import Params, ParamTarget, params, set_params
from ._settings import check_fdt, set_log_callback, set_tracking, tag, version
from ._tree import Missing, Tree

__all__ = [
    "Action",
    "Bus",
    "Changed",
    "Changeset",
    "Device",
    "Driver",
    "Error",
    "Event",
    "EventKind",
    "Listener",
    "Missing",
    "Mode",
    "Node",
    "NotFoundError",
    "Overlay",
    "ParamTarget",
    "Params",
    "PhandleArgs",
    "ProbeDeferred",
    "Prop",
    "RemoveMode",
    "RemoveReport",
    "Report",
    "StateChange",
    "TimedOutError",
    "Tree",
    "check_fdt",
    "conflicts",
    "params",
    "set_log_callback",
    "set_params",
    "set_tracking",
    "tag",
    "version",
]
