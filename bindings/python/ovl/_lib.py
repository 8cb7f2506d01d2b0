# SPDX-License-Identifier: MIT OR Apache-2.0
"""Finding and loading libovl, once, when it is first needed.

In this order: the file that OVL_LIBRARY (or HOLDFAST_OVL_LIBRARY) names; libovl.so.0 beside this package; the system's
libovl.so.0; what the system calls "ovl".
"""

import ctypes
import ctypes.util
import os
import pathlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

from ._errors import Error, error
from ._signatures import SIGNATURES

SONAME = "libovl.so.0"
VARIABLES = ("HOLDFAST_OVL_LIBRARY", "OVL_LIBRARY")

_lock = threading.Lock()
_loaded: ctypes.CDLL | None = None


def library() -> Any:
    """The library, with the functions of the table. Any, because mypy knows nothing of them."""
    global _loaded
    if _loaded is None:
        with _lock:
            if _loaded is None:
                _loaded = _load()
    return _loaded


def last_error(number: int) -> Error:
    """The exception for what just failed on this thread."""
    return error(number, library().ovl_last_error().decode())


def _candidates() -> Iterator[str]:
    for variable in VARIABLES:
        if chosen := os.environ.get(variable):
            yield chosen
            return
    bundled = pathlib.Path(__file__).with_name(SONAME)
    if bundled.exists():
        yield str(bundled)
    yield SONAME
    if found := ctypes.util.find_library("ovl"):
        yield found


def _load() -> ctypes.CDLL:
    failures = []
    for candidate in _candidates():
        try:
            return _prepared(ctypes.CDLL(candidate, use_errno=True))
        except (OSError, AttributeError) as failure:
            failures.append(f"{candidate}: {failure}")
    raise OSError("libovl cannot be loaded; OVL_LIBRARY may name the file. Tried: " + "; ".join(failures))


def _prepared(dll: ctypes.CDLL) -> ctypes.CDLL:
    for name, (restype, argtypes, failed) in SIGNATURES.items():
        function = getattr(dll, name)
        function.restype, function.argtypes = restype, argtypes
        if failed:
            function.errcheck = _raising(failed, dll)
    return dll


def _raising(failed: Callable[[Any], int], dll: ctypes.CDLL) -> Callable[[Any, Any, Any], Any]:
    def errcheck(result: Any, _function: Any, _arguments: Any) -> Any:
        if number := failed(result):
            raise error(number, dll.ovl_last_error().decode())
        return result

    return errcheck
