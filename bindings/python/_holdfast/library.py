# SPDX-License-Identifier: MIT OR Apache-2.0
"""Finding and loading a library, once, when it is first needed.

For libovl, in this order: the file that OVL_LIBRARY (or HOLDFAST_OVL_LIBRARY) names; libovl.so.0 beside its package; the
system's libovl.so.0; what the system calls "ovl".
"""

import ctypes
import ctypes.util
import os
import pathlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

from .signature import Signature

ErrorMaker = Callable[[int, str], OSError]


class Library:
    """A library. Called, it gives the loaded one with the functions of its table: Any, because mypy knows nothing of them."""

    def __init__(self, name: str, package: str, signatures: dict[str, Signature], error: ErrorMaker) -> None:
        self.name = name
        self.soname = f"lib{name}.so.0"
        self.variables = (f"HOLDFAST_{name.upper()}_LIBRARY", f"{name.upper()}_LIBRARY")
        self._package = pathlib.Path(package)
        self._signatures = signatures
        self._error = error
        self._lock = threading.Lock()
        self._loaded: ctypes.CDLL | None = None

    def __call__(self) -> Any:
        if self._loaded is None:
            with self._lock:
                if self._loaded is None:
                    self._loaded = self._load()
        return self._loaded

    def function(self, name: str) -> Any:
        """One of the functions that every library has, by its name without the prefix."""
        return getattr(self(), f"{self.name}_{name}")

    def last_error(self, number: int) -> OSError:
        """The exception for what just failed on this thread."""
        return self._error(number, self.function("last_error")().decode())

    def text_given(self, give: Callable[[Any], int]) -> tuple[int, str | None]:
        """The result of a function that gives text away, and the text."""
        text = ctypes.c_char_p()
        try:
            result = give(text)
            return result, None if text.value is None else text.value.decode()
        finally:
            self.function("free")(text)

    def _candidates(self) -> Iterator[str]:
        for variable in self.variables:
            if chosen := os.environ.get(variable):
                yield chosen
                return
        bundled = self._package.with_name(self.soname)
        if bundled.exists():
            yield str(bundled)
        yield self.soname
        if found := ctypes.util.find_library(self.name):
            yield found

    def _load(self) -> ctypes.CDLL:
        failures = []
        for candidate in self._candidates():
            try:
                return self._prepared(ctypes.CDLL(candidate, use_errno=True))
            except (OSError, AttributeError) as failure:
                failures.append(f"{candidate}: {failure}")
        chosen = self.variables[-1]
        raise OSError(f"lib{self.name} cannot be loaded; {chosen} may name the file. Tried: " + "; ".join(failures))

    def _prepared(self, dll: ctypes.CDLL) -> ctypes.CDLL:
        for name, (restype, argtypes, failed) in self._signatures.items():
            function = getattr(dll, name)
            function.restype, function.argtypes = restype, argtypes
            if failed:
                function.errcheck = self._raising(failed, dll)
        return dll

    def _raising(self, failed: Callable[[Any], int], dll: ctypes.CDLL) -> Callable[[Any, Any, Any], Any]:
        last_error = getattr(dll, f"{self.name}_last_error")

        def errcheck(result: Any, _function: Any, arguments: Any) -> Any:
            if number := failed(result):
                # Who keeps the exception keeps this frame, and shall not keep what the call was given.
                del arguments
                raise self._error(number, last_error().decode())
            return result

        return errcheck
