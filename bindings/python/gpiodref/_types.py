# SPDX-License-Identifier: MIT OR Apache-2.0
"""Configurations, events and line information. Their numbers are those of gpiodref.h."""

import ctypes
import dataclasses
import enum
from typing import NamedTuple, Self

from ._signatures import CONSTANTS, gpiodref_config, gpiodref_event, gpiodref_info_event, gpiodref_line_info

_ACTIVE_LOW = CONSTANTS["GPIODREF_FLAG_ACTIVE_LOW"]
_SHARED = CONSTANTS["GPIODREF_FLAG_SHARED"]


class Direction(enum.IntEnum):
    """Which way a line goes."""

    AS_IS = 0
    INPUT = 1
    OUTPUT = 2


class Edge(enum.IntEnum):
    """When a line becomes active (RISING) or inactive (FALLING); an event has one of the two."""

    NONE = 0
    RISING = 1
    FALLING = 2
    BOTH = 3


class Bias(enum.IntEnum):
    """The line's own resistors."""

    AS_IS = 0
    DISABLED = 1
    PULL_UP = 2
    PULL_DOWN = 3


class Drive(enum.IntEnum):
    """Which levels an output drives."""

    PUSH_PULL = 0
    OPEN_DRAIN = 1
    OPEN_SOURCE = 2


class Clock(enum.IntEnum):
    """Whose time events have."""

    MONOTONIC = 0
    REALTIME = 1
    HTE = 2


class Wait(enum.IntEnum):
    """How a wait ended. GONE: the chip is gone, and everything that had come before has been read."""

    TIMEOUT = 0
    EVENT = 1
    GONE = 2


class Change(enum.IntEnum):
    """What happened to a line that is watched."""

    REQUESTED = 1
    RELEASED = 2
    RECONFIGURED = 3


class RemovePolicy(enum.IntEnum):
    """What removing a chip of this process does while lines are requested: it removes, refuses, or waits."""

    NUMB = 0
    REFUSE = 1
    WAIT = 2


def unsigned(number: int, what: str, bits: int = 32) -> int:
    """A number for C, which would silently cut it."""
    if not 0 <= number < 1 << bits:
        raise ValueError(f"{what} is {number}, which {bits} bits do not hold")
    return number


def level(value: int) -> int:
    """A value of a line for C."""
    if value not in (0, 1):
        raise ValueError(f"the value is {value}, and only 0 and 1 are values")
    return int(value)


@dataclasses.dataclass(frozen=True, slots=True)
class Config:
    """How a line is wanted; what is not given stays as it is. `Config.input()` and `Config.output()` are the usual ones."""

    direction: Direction = Direction.AS_IS
    edge: Edge = Edge.NONE
    bias: Bias = Bias.AS_IS
    drive: Drive = Drive.PUSH_PULL
    clock: Clock = Clock.MONOTONIC
    active_low: bool = False
    shared: bool = False
    debounce_us: int = 0
    value: int = 0
    event_buffer: int = 0

    @classmethod
    def input(
        cls,
        edge: Edge = Edge.NONE,
        *,
        bias: Bias = Bias.AS_IS,
        clock: Clock = Clock.MONOTONIC,
        active_low: bool = False,
        shared: bool = False,
        debounce_us: int = 0,
        event_buffer: int = 0,
    ) -> Self:
        """A line that is read. `event_buffer` is how many events are kept until they are read: 0 is 16 a line, 1024 the most."""
        return cls(
            Direction.INPUT,
            edge,
            bias,
            clock=clock,
            active_low=active_low,
            shared=shared,
            debounce_us=debounce_us,
            event_buffer=event_buffer,
        )

    @classmethod
    def output(
        cls,
        value: int = 0,
        *,
        drive: Drive = Drive.PUSH_PULL,
        bias: Bias = Bias.AS_IS,
        active_low: bool = False,
        shared: bool = False,
    ) -> Self:
        """A line that is driven, from the logical `value` on."""
        return cls(
            Direction.OUTPUT, bias=bias, drive=drive, active_low=active_low, shared=shared, value=value
        )

    def _for_c(self) -> gpiodref_config:
        return gpiodref_config(
            ctypes.sizeof(gpiodref_config),
            self.direction,
            self.edge,
            self.bias,
            self.drive,
            self.clock,
            _ACTIVE_LOW * self.active_low | _SHARED * self.shared,
            unsigned(self.debounce_us, "debounce_us"),
            level(self.value),
            unsigned(self.event_buffer, "event_buffer"),
        )

    @classmethod
    def _of_c(cls, config: gpiodref_config) -> Self:
        return cls(
            Direction(config.direction),
            Edge(config.edge),
            Bias(config.bias),
            Drive(config.drive),
            Clock(config.clock),
            bool(config.flags & _ACTIVE_LOW),
            bool(config.flags & _SHARED),
            config.debounce_us,
            config.value,
            config.event_buffer,
        )


def config_for_c(config: Config | None) -> gpiodref_config | None:
    """A configuration for C; None leaves the line as it is."""
    return None if config is None else config._for_c()


class LineInfo(NamedTuple):
    """A line as it was when it was asked for. `used`: it cannot be requested, somebody or the system itself has it."""

    offset: int
    name: str
    consumer: str
    used: bool
    direction: Direction
    edge: Edge
    bias: Bias
    drive: Drive
    clock: Clock
    active_low: bool
    debounce_us: int

    @classmethod
    def _of_c(cls, info: gpiodref_line_info) -> Self:
        return cls(
            info.offset,
            info.name.decode(errors="replace"),
            info.consumer.decode(errors="replace"),
            bool(info.used),
            Direction(info.direction),
            Edge(info.edge),
            Bias(info.bias),
            Drive(info.drive),
            Clock(info.clock),
            bool(info.flags & _ACTIVE_LOW),
            info.debounce_us,
        )


class Event(NamedTuple):
    """An edge of a line. The sequence numbers count from 1, those of the line and of the request; a gap is what was lost."""

    timestamp_ns: int
    edge: Edge
    offset: int
    line_seqno: int
    global_seqno: int

    @classmethod
    def _of_c(cls, event: gpiodref_event) -> Self:
        return cls(event.timestamp_ns, Edge(event.type), event.offset, event.line_seqno, event.global_seqno)


class LineChange(NamedTuple):
    """A change of a watched line, with the line as it was then."""

    timestamp_ns: int
    change: Change
    info: LineInfo

    @classmethod
    def _of_c(cls, event: gpiodref_info_event) -> Self:
        return cls(event.timestamp_ns, Change(event.change), LineInfo._of_c(event.info))
