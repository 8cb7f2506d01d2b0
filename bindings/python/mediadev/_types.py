# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a graph is made of, as plain data. Ids, functions and flags are those of linux/media.h; unknown ones are kept."""

import ctypes
import dataclasses
import enum
from typing import Any, NamedTuple, Self

from _holdfast.text import text_copied, text_in

from ._lib import library
from ._signatures import (
    CONSTANTS,
    mediadev_entity_info,
    mediadev_format,
    mediadev_info,
    mediadev_interface_info,
    mediadev_link_info,
    mediadev_pad_info,
    mediadev_rect,
)

_FORMAT = CONSTANTS["MEDIADEV_FORMAT_FORMAT"]
_CROP = CONSTANTS["MEDIADEV_FORMAT_CROP"]
_COMPOSE = CONSTANTS["MEDIADEV_FORMAT_COMPOSE"]
_INTERVAL = CONSTANTS["MEDIADEV_FORMAT_INTERVAL"]


class EntityFlag(enum.IntFlag):
    """MEDIA_ENT_FL_"""

    DEFAULT = 1
    CONNECTOR = 2


class PadFlag(enum.IntFlag):
    """MEDIA_PAD_FL_"""

    SINK = 1
    SOURCE = 2
    MUST_CONNECT = 4
    INTERNAL = 8


class LinkFlag(enum.IntFlag):
    """MEDIA_LNK_FL_; a link with neither INTERFACE nor ANCILLARY is a data link."""

    ENABLED = 1
    IMMUTABLE = 2
    DYNAMIC = 4
    INTERFACE = 1 << 28
    ANCILLARY = 2 << 28


_LINK_KIND = 0xF << 28


class Direction(enum.IntFlag):
    """Which way a walk goes: to where data comes from, to where it goes, or both."""

    UPSTREAM = 1
    DOWNSTREAM = 2


def unsigned(number: int, what: str, bits: int = 32) -> int:
    """A number for C, which would silently cut it."""
    if not 0 <= number < 1 << bits:
        raise ValueError(f"{what} is {number}, which {bits} bits do not hold")
    return number


def sized(kind: type[Any]) -> Any:
    """A struct of this kind that says how large it is."""
    return kind(ctypes.sizeof(kind))


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")


def _name(call: Any, number: int) -> str:
    return text_copied(lambda buffer, size: call(unsigned(number, "the number"), buffer, size))


def _called(call: Any, name: str) -> int:
    number = ctypes.c_uint32()
    call(text_in(name), number)
    return number.value


def format_name(code: int) -> str:
    """The name of a media bus format, "SRGGB8_1X8"; its number where it has none."""
    return _name(library().mediadev_name_format, code)


def format_called(name: str) -> int:
    """The media bus format that has this name, or one of media-ctl's shorter ones, or is this number."""
    return _called(library().mediadev_format_called, name)


def function_name(function: int) -> str:
    """The name of an entity's function, "CAM_SENSOR"; its number where it has none."""
    return _name(library().mediadev_name_function, function)


def function_called(name: str) -> int:
    """The function that has this name, or is this number."""
    return _called(library().mediadev_function_called, name)


def interface_name(kind: int) -> str:
    """The name of an interface's type, "V4L_SUBDEV"; its number where it has none."""
    return _name(library().mediadev_name_interface, kind)


def interface_called(name: str) -> int:
    """The interface type that has this name, or is this number."""
    return _called(library().mediadev_interface_called, name)


class Version(NamedTuple):
    """6.12.0"""

    major: int
    minor: int
    patch: int

    @classmethod
    def _of_c(cls, number: int) -> Self:
        return cls(number >> 16, number >> 8 & 0xFF, number & 0xFF)

    def _for_c(self) -> int:
        major = unsigned(self.major, "the major version", 16)
        return major << 16 | unsigned(self.minor, "the minor version", 8) << 8 | unsigned(self.patch, "the patch version", 8)

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


class Info(NamedTuple):
    """What a device says of itself."""

    driver: str
    model: str
    serial: str = ""
    bus_info: str = ""
    media_version: Version = Version(0, 0, 0)
    hw_revision: int = 0
    driver_version: Version = Version(0, 0, 0)

    def _for_c(self) -> Any:
        return mediadev_info(
            ctypes.sizeof(mediadev_info),
            *[text_in(text) for text in (self.driver, self.model, self.serial, self.bus_info)],
            self.media_version._for_c(),
            unsigned(self.hw_revision, "hw_revision"),
            self.driver_version._for_c(),
        )

    @classmethod
    def _of_c(cls, info: mediadev_info) -> Self:
        return cls(
            _text(info.driver),
            _text(info.model),
            _text(info.serial),
            _text(info.bus_info),
            Version._of_c(info.media_version),
            info.hw_revision,
            Version._of_c(info.driver_version),
        )


@dataclasses.dataclass(frozen=True, slots=True)
class EntityInfo:
    """An entity of a graph. `num_links` counts the data links at its pads."""

    id: int
    name: str
    function: int
    flags: EntityFlag
    num_pads: int
    num_links: int

    @property
    def function_name(self) -> str:
        """Its function in words."""
        return function_name(self.function)

    @classmethod
    def _of_c(cls, info: mediadev_entity_info) -> Self:
        return cls(
            info.id, _text(info.name), info.function, EntityFlag(info.flags), info.num_pads, info.num_links
        )


@dataclasses.dataclass(frozen=True, slots=True)
class PadInfo:
    """A pad of an entity; media-ctl writes it as 'entity':index."""

    id: int
    entity_id: int
    index: int
    flags: PadFlag

    @property
    def is_sink(self) -> bool:
        """Whether data goes in here."""
        return PadFlag.SINK in self.flags

    @property
    def is_source(self) -> bool:
        """Whether data comes out here."""
        return PadFlag.SOURCE in self.flags

    @classmethod
    def _of_c(cls, info: mediadev_pad_info) -> Self:
        return cls(info.id, info.entity_id, info.index, PadFlag(info.flags))


@dataclasses.dataclass(frozen=True, slots=True)
class LinkInfo:
    """A link of a graph: from pad to pad, from an interface to an entity that it controls, or from an entity to one that belongs
    to it. The entities are None where there is none, the pads 0.
    """

    id: int
    source_id: int
    sink_id: int
    flags: LinkFlag
    source_entity: int | None
    source_pad: int
    sink_entity: int | None
    sink_pad: int

    @property
    def is_enabled(self) -> bool:
        """Whether data can flow, or the interface controls the entity."""
        return LinkFlag.ENABLED in self.flags

    @property
    def is_immutable(self) -> bool:
        """Whether nothing of it can be changed."""
        return LinkFlag.IMMUTABLE in self.flags

    @property
    def is_data(self) -> bool:
        """Whether it goes from pad to pad."""
        return self.flags & _LINK_KIND == 0

    @property
    def is_interface(self) -> bool:
        """Whether it goes from an interface to an entity."""
        return self.flags & _LINK_KIND == LinkFlag.INTERFACE

    @property
    def is_ancillary(self) -> bool:
        """Whether it goes from an entity to one that belongs to it."""
        return self.flags & _LINK_KIND == LinkFlag.ANCILLARY

    @classmethod
    def _of_c(cls, info: mediadev_link_info) -> Self:
        return cls(
            info.id,
            info.source_id,
            info.sink_id,
            LinkFlag(info.flags),
            info.source_entity or None,
            info.source_pad,
            info.sink_entity or None,
            info.sink_pad,
        )


@dataclasses.dataclass(frozen=True, slots=True)
class InterfaceInfo:
    """An interface of a graph: a device node, with its numbers."""

    id: int
    kind: int
    flags: int
    major: int
    minor: int

    @property
    def kind_name(self) -> str:
        """Its type in words."""
        return interface_name(self.kind)

    @classmethod
    def _of_c(cls, info: mediadev_interface_info) -> Self:
        return cls(info.id, info.kind, info.flags, info.major, info.minor)


class Rect(NamedTuple):
    """A rectangle in pixels."""

    left: int
    top: int
    width: int
    height: int

    @classmethod
    def _of_c(cls, rect: mediadev_rect) -> Self:
        return cls(rect.left, rect.top, rect.width, rect.height)

    def _for_c(self) -> mediadev_rect:
        for number, what in (self.left, "left"), (self.top, "top"):
            if not -(1 << 31) <= number < 1 << 31:
                raise ValueError(f"{what} is {number}, which 32 bits do not hold")
        return mediadev_rect(self.left, self.top, unsigned(self.width, "width"), unsigned(self.height, "height"))


class Interval(NamedTuple):
    """Seconds from one frame to the next: numerator / denominator."""

    numerator: int
    denominator: int


class Frame(NamedTuple):
    """What the frames are that flow through a pad. `code` is a MEDIA_BUS_FMT_; the others are numbers of linux/videodev2.h."""

    width: int
    height: int
    code: int
    field: int = 1
    colorspace: int = 0
    xfer_func: int = 0
    ycbcr_enc: int = 0
    quantization: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Format:
    """What flows through a pad. What is None the driver does not tell, or is left alone when it is set.

    `crop` is what is taken of what comes in, `compose` where that is put.
    """

    frame: Frame | None = None
    crop: Rect | None = None
    compose: Rect | None = None
    interval: Interval | None = None

    def _for_c(self) -> Any:
        raw = sized(mediadev_format)
        if self.frame is not None:
            raw.told |= _FORMAT
            for name, number in self.frame._asdict().items():
                setattr(raw, name, unsigned(number, name))
        if self.crop is not None:
            raw.told |= _CROP
            raw.crop = self.crop._for_c()
        if self.compose is not None:
            raw.told |= _COMPOSE
            raw.compose = self.compose._for_c()
        if self.interval is not None:
            raw.told |= _INTERVAL
            raw.interval_numerator = unsigned(self.interval.numerator, "the numerator")
            raw.interval_denominator = unsigned(self.interval.denominator, "the denominator")
        return raw

    @classmethod
    def _of_c(cls, raw: Any) -> Self:
        told = raw.told
        return cls(
            Frame(*[getattr(raw, name) for name in Frame._fields]) if told & _FORMAT else None,
            Rect._of_c(raw.crop) if told & _CROP else None,
            Rect._of_c(raw.compose) if told & _COMPOSE else None,
            Interval(raw.interval_numerator, raw.interval_denominator) if told & _INTERVAL else None,
        )


EntityKey = EntityInfo | int
PadKey = PadInfo | int


def id_of(thing: EntityInfo | PadInfo | InterfaceInfo | int) -> int:
    """The id of something that may be said by its id."""
    return unsigned(thing, "the id") if isinstance(thing, int) else thing.id
