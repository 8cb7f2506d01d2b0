# SPDX-License-Identifier: MIT OR Apache-2.0
"""The signature table says what include/ovl.h says, in both directions."""

import ctypes
import pathlib
import re
from typing import Any

import pytest
from ovl import _signatures as table

HEADER = (pathlib.Path(__file__).parents[4] / "include" / "ovl.h").read_text()
# Without comments, preprocessor lines, and the C++ guard.
CODE = re.sub(r'^\s*#.*$|extern "C" \{', "", re.sub(r"/\*.*?\*/|//[^\n]*", "", HEADER, flags=re.S), flags=re.M)
DECLARATION = re.compile(r"([\w ]+[ *]+)(ovl_\w+)\s*\(([^()]*)\)\s*;")
# What ctypes calls each C type. Text that a function reads is `const char *`, what it writes to is not const.
PLAIN: dict[str, Any] = {
    "void": None,
    "int": ctypes.c_int,
    "unsigned int": ctypes.c_uint,
    "size_t": ctypes.c_size_t,
    "uint32_t": ctypes.c_uint32,
    "uint64_t": ctypes.c_uint64,
    "const char *": ctypes.c_char_p,
    "char *": ctypes.c_void_p,
    "char **": ctypes.POINTER(ctypes.c_char_p),
    "const void *": ctypes.c_void_p,
    "void *": ctypes.c_void_p,
    "ovl_log_callback": table.ovl_log_callback,
    "ovl_destroy": table.ovl_destroy,
}


def kind(c_type: str) -> Any:
    """The ctypes type of a C type such as `struct ovl_node **`."""
    c_type = re.sub(r"\s+", " ", c_type.replace("struct ", "").replace("*", " * ")).strip().replace("* *", "**")
    if c_type in PLAIN:
        return PLAIN[c_type]
    if c_type.endswith("*"):
        return ctypes.POINTER(kind(c_type.removeprefix("const ")[:-1]))
    return getattr(table, c_type)


def parameter(declared: str) -> tuple[str, Any]:
    """The name and type of `const char *name`."""
    match = re.fullmatch(r"(.*?)(\w+)", declared.strip(), re.S)
    assert match, declared
    return match[2], kind(match[1])


def declared() -> dict[str, tuple[Any, list[Any]]]:
    functions = {}
    for result, name, parameters in DECLARATION.findall(CODE):
        listed = [] if parameters.strip() == "void" else parameters.split(",")
        functions[name] = (kind(result), [parameter(one)[1] for one in listed])
    return functions


FUNCTIONS = declared()


def test_the_parser_sees_every_function_of_the_header() -> None:
    called = set(re.findall(r"\b(ovl_\w+)\s*\(", CODE)) - {"ovl_log_callback", "ovl_destroy"}
    assert set(FUNCTIONS) == called
    assert len(FUNCTIONS) > 50


def test_the_table_has_what_the_header_has_and_nothing_else() -> None:
    assert set(table.SIGNATURES) == set(FUNCTIONS)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_signature(name: str) -> None:
    restype, argtypes, failed = table.SIGNATURES[name]
    assert (restype, argtypes) == FUNCTIONS[name]
    if failed:
        # A check that does not fit the result would never see an error.
        assert (failed is table.negative) == (restype is ctypes.c_int)


def test_structs_have_the_members_of_the_header() -> None:
    structs = re.findall(r"typedef struct (\w+) \{(.*?)\}", CODE, re.S)
    assert [name for name, _ in structs] == ["ovl_apply_options"]
    for name, members in structs:
        fields = [parameter(member) for member in members.split(";") if member.strip()]
        assert getattr(table, name)._fields_ == fields


def test_callbacks_are_those_of_the_header() -> None:
    callbacks = re.findall(r"typedef (\w+) \(\*(\w+)\)\((.*?)\);", CODE, re.S)
    assert {name for _, name, _ in callbacks} == {"ovl_log_callback", "ovl_destroy"}
    for result, name, parameters in callbacks:
        callback = getattr(table, name)
        assert callback._restype_ is kind(result)
        assert list(callback._argtypes_) == [parameter(one)[1] for one in parameters.split(",")]


def test_constants_are_those_of_the_header() -> None:
    constants = {name: int(value, 0) for name, value in re.findall(r"^#define (OVL_\w+) (\w+)$", HEADER, re.M)}
    assert constants == table.CONSTANTS


def test_one_kind_of_object_is_refused_for_another() -> None:
    with pytest.raises(TypeError):
        table.TREE.from_param(table.NODE())
