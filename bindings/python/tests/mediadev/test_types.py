# SPDX-License-Identifier: MIT OR Apache-2.0
"""Names of what has one, numbers of what has none, and what a number may be."""

import pytest
from mediadev import (
    EntityFlag,
    Format,
    Frame,
    Interval,
    LinkInfo,
    LinkFlag,
    NotFoundError,
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
from mediadev._lib import library
from mediadev._types import _name


def test_m12_names_lead_to_numbers_and_back() -> None:
    assert (format_name(0x3014), format_called("SRGGB8_1X8"), format_called("srggb8")) == ("SRGGB8_1X8", 0x3014, 0x3014)
    assert (function_name(0x20001), function_called("cam_sensor")) == ("CAM_SENSOR", 0x20001)
    assert (interface_name(0x203), interface_called("V4L_SUBDEV")) == ("V4L_SUBDEV", 0x203)


def test_m12_unknown_kinds_are_kept_as_numbers() -> None:
    for name, called in (
        (format_name, format_called),
        (function_name, function_called),
        (interface_name, interface_called),
    ):
        assert (name(0x9999), called("0x9999")) == ("0x9999", 0x9999)
        with pytest.raises(NotFoundError, match="nothing of the kind"):
            called("nothing of the kind")
    assert PadFlag(0x81) == PadFlag.SINK | 0x80


def test_flags_are_those_of_the_library() -> None:
    # Which kind of link it is is not among the names.
    for flags, call in (
        ([*EntityFlag], library().mediadev_name_entity_flags),
        ([*PadFlag], library().mediadev_name_pad_flags),
        ([flag for flag in LinkFlag if flag < 1 << 28], library().mediadev_name_link_flags),
    ):
        assert flags
        for flag in flags:
            assert _name(call, flag) == flag.name


def test_kinds_of_links() -> None:
    def kinds(flags: int) -> tuple[bool, bool, bool]:
        link = LinkInfo(1, 2, 3, LinkFlag(flags), None, 0, None, 0)
        return link.is_data, link.is_interface, link.is_ancillary

    assert kinds(3) == (True, False, False)
    assert kinds(1 << 28 | 1) == (False, True, False)
    assert kinds(2 << 28) == (False, False, True)
    assert kinds(7 << 28) == (False, False, False)


def test_a_format_goes_to_c_and_back() -> None:
    whole = Format(Frame(640, 480, 0x3014, 1, 8, 2, 3, 1), Rect(-1, 2, 3, 4), Rect(5, 6, 7, 8), Interval(1, 30))
    for format in (whole, Format(), Format(crop=Rect(0, 0, 1, 1)), Format(interval=Interval(0, 0))):
        assert Format._of_c(format._for_c()) == format


def test_what_does_not_fit_is_refused() -> None:
    for format in (
        Format(Frame(-1, 1, 1)),
        Format(crop=Rect(0, 1 << 31, 1, 1)),
        Format(compose=Rect(0, 0, 1 << 32, 1)),
        Format(interval=Interval(1, -1)),
    ):
        with pytest.raises(ValueError, match="32 bits do not hold"):
            format._for_c()
    with pytest.raises(ValueError, match="32 bits do not hold"):
        format_name(1 << 32)


def test_versions_are_compared_and_printed() -> None:
    version = Version._of_c(6 << 16 | 12 << 8 | 3)
    assert (str(version), version > (6, 1, 0)) == ("6.12.3", True)
