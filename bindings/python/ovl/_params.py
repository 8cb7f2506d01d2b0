# SPDX-License-Identifier: MIT OR Apache-2.0
"""Parameters of a blob, an overlay or a base: Raspberry Pi's /__overrides__."""

import ctypes
import os
import pathlib
from collections.abc import Mapping
from typing import NamedTuple

from _holdfast.text import Blob, Path, text_in

from ._lib import library

# False and True become "off" and "on".
Params = Mapping[str, str | int | bool]


class ParamTarget(NamedTuple):
    """One thing that a parameter sets."""

    kind: str
    """As what: "string", "u8" to "u64", "bool", "inverted", "bytes" or "fragments"."""
    offset: int | None
    """For numbers, in bytes."""
    node: str
    """The path of the node in the blob."""
    property: str
    """The property, or what is done to fragments."""
    rule: str
    """What is written instead of the value given: "", "=okay", "{low=1,high=2}"."""


def params(source: Blob | Path, *, name: str | None = None) -> dict[str, list[ParamTarget]]:
    """The parameters of a blob or a file, and what each of them sets."""
    blob, name = loaded(source, name)
    _, text = library.text_given(
        lambda text: library().ovl_fdt_params(blob, len(blob), None if name is None else text_in(name), text)
    )
    found: dict[str, list[ParamTarget]] = {}
    for line in (text or "").splitlines():
        parameter, kind, offset, node, property, rule = line.split("\t")
        targets = found.setdefault(parameter, [])
        if kind:
            targets.append(ParamTarget(kind, int(offset) if offset else None, node, property, rule))
    return found


def set_params(source: Blob | Path, params: Params, *, name: str | None = None) -> bytes:
    """A new blob of a blob or a file, with its parameters set in the order of `params`.

    An overlay becomes a plain one, to be applied; a base keeps its parameters. `name` is what messages call it, for a file its
    name unless given. Raises ENOENT for a parameter that is not there, EINVAL for a value that is none for its target,
    EOVERFLOW for a number that does not fit.
    """
    blob, name = loaded(source, name)
    settings = [text_in(f"{parameter}={_text(value)}") for parameter, value in params.items()]
    new, size = ctypes.c_void_p(), ctypes.c_size_t()
    library().ovl_fdt_set_params(
        blob,
        len(blob),
        None if name is None else text_in(name),
        (ctypes.c_char_p * len(settings))(*settings),
        len(settings),
        new,
        size,
    )
    try:
        return ctypes.string_at(new, size.value)
    finally:
        library().ovl_free(new)


def loaded(source: Blob | Path, name: str | None) -> tuple[bytes, str | None]:
    """A blob with what it is called: a file has a name."""
    if isinstance(source, (str, os.PathLike)):
        path = pathlib.Path(source)
        return path.read_bytes(), path.name if name is None else name
    return bytes(source), name


def _text(value: str | int | bool) -> str:
    match value:
        case True:
            return "on"
        case False:
            return "off"
        case _:
            return str(value)
