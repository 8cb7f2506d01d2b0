# SPDX-License-Identifier: MIT OR Apache-2.0
"""The signature table says what include/gpiodref.h says, in both directions; and the enums say what the table says."""

import ctypes
import enum

import gpiodref
import pytest
from _holdfast.signature import negative
from gpiodref import _signatures as table

from ..header import Header

HEADER = Header("gpiodref", table)


def test_the_parser_sees_every_function_of_the_header() -> None:
    assert set(HEADER.functions) == HEADER.called - set(HEADER.callbacks)
    assert len(HEADER.functions) > 80


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
    assert unchecked == {"gpiodref_wait", "gpiodref_group_wait", "gpiodref_watch_wait"}


def test_structs_have_the_members_of_the_header() -> None:
    assert len(HEADER.structs) == 6
    for name, members in HEADER.structs.items():
        assert getattr(table, name)._fields_ == members, name


def test_callbacks_are_those_of_the_header() -> None:
    assert set(HEADER.callbacks) == {"gpiodref_log_callback", "gpiodref_destroy"}
    for name, (result, arguments) in HEADER.callbacks.items():
        callback = getattr(table, name)
        assert (callback._restype_, list(callback._argtypes_)) == (result, arguments)


def test_constants_are_those_of_the_header() -> None:
    assert HEADER.constants == table.CONSTANTS


ENUMS: dict[str, type[enum.IntEnum]] = {
    "DIRECTION": gpiodref.Direction,
    "EDGE": gpiodref.Edge,
    "BIAS": gpiodref.Bias,
    "DRIVE": gpiodref.Drive,
    "CLOCK": gpiodref.Clock,
    "WAIT": gpiodref.Wait,
    "CHANGE": gpiodref.Change,
    "REMOVE": gpiodref.RemovePolicy,
}


def test_enums_are_those_of_the_header() -> None:
    enums = {f"GPIODREF_{kind}_{each.name}": each.value for kind, members in ENUMS.items() for each in members}
    # An event has an edge, and only these two.
    enums |= {f"GPIODREF_EVENT_{edge.name}": edge.value for edge in (gpiodref.Edge.RISING, gpiodref.Edge.FALLING)}
    assert enums == {name: value for name, value in table.CONSTANTS.items() if "_FLAG_" not in name}


def test_one_kind_of_object_is_refused_for_another() -> None:
    with pytest.raises(TypeError):
        table.CHIP.from_param(table.DESC())
