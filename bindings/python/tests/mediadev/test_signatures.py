# SPDX-License-Identifier: MIT OR Apache-2.0
"""The signature table says what include/mediadev.h says, in both directions; and the enums say what the table says."""

import ctypes

import mediadev
import pytest
from _holdfast.signature import negative
from mediadev import _signatures as table

from ..header import Header

HEADER = Header("mediadev", table)


def test_the_parser_sees_every_function_of_the_header() -> None:
    assert set(HEADER.functions) == HEADER.called - set(HEADER.callbacks)
    assert len(HEADER.functions) > 110


def test_the_table_has_what_the_header_has_and_nothing_else() -> None:
    assert set(table.SIGNATURES) == set(HEADER.functions)


@pytest.mark.parametrize("name", sorted(HEADER.functions))
def test_signature(name: str) -> None:
    restype, argtypes, failed = table.SIGNATURES[name]
    assert (restype, argtypes) == HEADER.functions[name]
    if failed:
        # A check that does not fit the result would never see an error.
        assert (failed is negative) == (restype is ctypes.c_int)


def test_every_count_or_errno_is_checked() -> None:
    unchecked = {name for name, (restype, _, failed) in table.SIGNATURES.items() if restype is ctypes.c_int and not failed}
    assert unchecked == {
        "mediadev_wait_gone",
        "mediadev_request_wait",
        "mediadev_drain",
        "mediadev_export_serve",
        "mediadev_file_ioctl_timeout",
    }


def test_structs_have_the_members_of_the_header() -> None:
    assert len(HEADER.structs) == 9
    for name, members in HEADER.structs.items():
        assert getattr(table, name)._fields_ == members, name


def test_callbacks_are_those_of_the_header() -> None:
    assert set(HEADER.callbacks) == {"mediadev_log_callback", "mediadev_destroy", "mediadev_visit", "mediadev_file_visit"}
    for name, (result, arguments) in HEADER.callbacks.items():
        callback = getattr(table, name)
        assert (callback._restype_, list(callback._argtypes_)) == (result, arguments)


def test_constants_are_those_of_the_header() -> None:
    assert HEADER.constants == table.CONSTANTS


def test_directions_are_those_of_the_header() -> None:
    assert {f"MEDIADEV_{each.name}": each.value for each in mediadev.Direction} == {
        name: value for name, value in table.CONSTANTS.items() if name.endswith("STREAM")
    }


def test_one_kind_of_object_is_refused_for_another() -> None:
    with pytest.raises(TypeError):
        table.NODE.from_param(table.TOPOLOGY())
