# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a header of ours says, in the words of ctypes, to be compared with a package's table of signatures."""

import ctypes
import pathlib
import re
from types import ModuleType
from typing import Any

# What ctypes calls each C type. Text that a function reads is `const char *`, what it writes to is not const.
PLAIN: dict[str, Any] = {
    "void": None,
    "int": ctypes.c_int,
    "unsigned int": ctypes.c_uint,
    "size_t": ctypes.c_size_t,
    "int32_t": ctypes.c_int32,
    "uint32_t": ctypes.c_uint32,
    "uint64_t": ctypes.c_uint64,
    "const char *": ctypes.c_char_p,
    "char *": ctypes.c_void_p,
    "char **": ctypes.POINTER(ctypes.c_char_p),
    "const char *const *": ctypes.POINTER(ctypes.c_char_p),
    "const void *": ctypes.c_void_p,
    "void *": ctypes.c_void_p,
}


class Header:
    """include/NAME.h; `table` has the types that it declares, under the names that they have there."""

    def __init__(self, name: str, table: ModuleType) -> None:
        text = (pathlib.Path(__file__).parents[3] / "include" / f"{name}.h").read_text()
        # Without comments, preprocessor lines, and the C++ guard.
        bare = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.S)
        code = re.sub(r'^\s*#.*$|extern "C" \{', "", bare, flags=re.M)
        self._table = table
        prefix = name.upper()
        self.constants = {n: int(v, 0) for n, v in re.findall(rf"^#define ({prefix}_\w+) (-?\w+)$", text, re.M)}
        found = re.findall(r"typedef ([\w ]+[ *]+)\(\*(\w+)\)\((.*?)\);", code, re.S)
        self.callbacks = {name: self._function(result, parameters) for result, name, parameters in found}
        self.structs = {
            name: [self._member(one) for one in members.split(";") if one.strip()]
            for name, members in re.findall(r"struct (\w+) \{(.*?)\}", code, re.S)
        }
        without_structs = re.sub(r"struct \w+ \{.*?\}", "", code, flags=re.S)
        declarations = re.findall(rf"([\w ]+[ *]+)({name}_\w+)\s*\(([^()]*)\)\s*;", without_structs)
        self.functions = {name: self._function(result, parameters) for result, name, parameters in declarations}
        # Whatever is followed by a parenthesis, to see that the line above misses none.
        self.called = set(re.findall(rf"\b({name}_\w+)\s*\(", without_structs))

    def _kind(self, c_type: str) -> Any:
        """The ctypes type of a C type such as `struct ovl_node **`."""
        c_type = re.sub(r"\s+", " ", c_type.replace("struct ", "").replace("*", " * ")).strip()
        c_type = c_type.replace("* *", "**").replace("* const", "*const")
        if c_type in PLAIN:
            return PLAIN[c_type]
        if c_type.endswith("*"):
            return ctypes.POINTER(self._kind(c_type[:-1].strip().removeprefix("const ").removesuffix("const")))
        return getattr(self._table, c_type)

    def _parameter(self, declared: str) -> tuple[str, Any]:
        """The name and type of `const char *name`."""
        match = re.fullmatch(r"(.*?)(\w+)", declared.strip(), re.S)
        assert match, declared
        return match[2], self._kind(match[1])

    def _member(self, declared: str) -> tuple[str, Any]:
        """The same for a member of a struct, which may also be `char name[32]` or `int (*name)(void *)`."""
        if pointer := re.fullmatch(r"(.*?)\(\*(\w+)\)\((.*)\)", declared.strip(), re.S):
            result, arguments = self._function(pointer[1], pointer[3])
            return pointer[2], ctypes.CFUNCTYPE(result, *arguments)
        if array := re.fullmatch(r"char (\w+)\[(\d+)\]", declared.strip()):
            return array[1], ctypes.c_char * int(array[2])
        return self._parameter(declared)

    def _function(self, result: str, parameters: str) -> tuple[Any, list[Any]]:
        listed = [] if parameters.strip() == "void" else parameters.split(",")
        return self._kind(result), [self._parameter(one)[1] for one in listed]
