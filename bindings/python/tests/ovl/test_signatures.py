# SPDX-License-Identifier: MIT OR Apache-2.0
"""The signature table says what include/ovl.h says, in both directions."""

import ctypes

import pytest
from _holdfast.signature import negative
from ovl import _signatures as table

from ..header import Header

HEADER = Header("ovl", table)


def test_the_parser_sees_every_function_of_the_header() -> None:
    assert set(HEADER.functions) == HEADER.called - set(HEADER.callbacks)
    assert len(HEADER.functions) > 50


def test_the_table_has_what_the_header_has_and_nothing_else() -> None:
    assert set(table.SIGNATURES) == set(HEADER.functions)


@pytest.mark.parametrize("name", sorted(HEADER.functions))
def test_signature(name: str) -> None:
    restype, argtypes, failed = table.SIGNATURES[name]
    assert (restype, argtypes) == HEADER.functions[name]
    if failed:
        # A check that does not fit the result would never see an error.
        assert (failed is negative) == (restype is ctypes.c_int)


def test_structs_have_the_members_of_the_header() -> None:
    assert set(HEADER.structs) == {"ovl_apply_options", "ovl_driver_ops"}
    for name, members in HEADER.structs.items():
        assert getattr(table, name)._fields_ == members, name


def test_callbacks_are_those_of_the_header() -> None:
    assert set(HEADER.callbacks) == {"ovl_log_callback", "ovl_destroy", "ovl_notifier_callback"}
    for name, (result, arguments) in HEADER.callbacks.items():
        callback = getattr(table, name)
        assert (callback._restype_, list(callback._argtypes_)) == (result, arguments)


def test_constants_are_those_of_the_header() -> None:
    assert HEADER.constants == table.CONSTANTS


def test_one_kind_of_object_is_refused_for_another() -> None:
    with pytest.raises(TypeError):
        table.TREE.from_param(table.NODE())
