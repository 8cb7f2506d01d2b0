# SPDX-License-Identifier: MIT OR Apache-2.0
"""GPIO lines that several components share, on chips that may go away at any moment.

    with gpiodref.Chip.open("gpiochip0") as chip:
        with chip.request("BUTTON", Config.input(Edge.BOTH), consumer="door") as button:
            for event in button.events():
                print(event.edge.name, event.timestamp_ns)

Whatever fails raises `gpiodref.Error`, an `OSError` with errno and a sentence that names chip, line, consumer and the failing
call; where the chip is gone it is a `GoneError`. libgpiodref itself is loaded at the first call.
"""

from ._chip import Chip, Found, chips, find_line
from ._errors import BusyError, DeniedError, Error, GoneError, NotFoundError, TimedOutError
from ._line import Group, Line, WeakLine, lookup, lookup_optional, request, table_add, table_remove
from ._provider import ProvidedChip, Provider, Sim
from ._settings import holders, set_log_callback, set_tracking, tag, version
from ._types import (
    Bias,
    Change,
    Clock,
    Config,
    Direction,
    Drive,
    Edge,
    Event,
    LineChange,
    LineInfo,
    RemovePolicy,
    Wait,
)
from ._watch import Watch

__all__ = [
    "Bias",
    "BusyError",
    "Change",
    "Chip",
    "Clock",
    "Config",
    "DeniedError",
    "Direction",
    "Drive",
    "Edge",
    "Error",
    "Event",
    "Found",
    "GoneError",
    "Group",
    "Line",
    "LineChange",
    "LineInfo",
    "NotFoundError",
    "ProvidedChip",
    "Provider",
    "RemovePolicy",
    "Sim",
    "TimedOutError",
    "Wait",
    "Watch",
    "WeakLine",
    "chips",
    "find_line",
    "holders",
    "lookup",
    "lookup_optional",
    "request",
    "set_log_callback",
    "set_tracking",
    "table_add",
    "table_remove",
    "tag",
    "version",
]
