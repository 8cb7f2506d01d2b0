# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a table of signatures is made of, and what all libraries have in common in theirs."""

import ctypes
from collections.abc import Callable
from ctypes import CFUNCTYPE, c_char_p, c_int, c_void_p
from typing import Any

# The result, the arguments, and what makes an errno of the result (0: success). None there: the function cannot fail, or its
# caller looks at the result.
Signature = tuple[Any, list[Any], Callable[[Any], int] | None]

log_callback = CFUNCTYPE(None, c_int, c_char_p, c_void_p)
destroy = CFUNCTYPE(None, c_void_p)


def negative(result: int) -> int:
    """The errno of a result that is 0, a count or a negative errno."""
    return max(-result, 0)


def null(result: Any) -> int:
    """The errno of a pointer to an object that may not be NULL."""
    return 0 if result else ctypes.get_errno()


def null_data(result: bytes | int | None) -> int:
    """The errno of text or an address that may not be NULL, but may be empty."""
    return ctypes.get_errno() if result is None else 0
