# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a program has at entities, open handles and requests: objects of Python, of which the library gets a number."""

from typing import Any

from _holdfast.callbacks import Kept

from ._signatures import mediadev_destroy

contexts = Kept[object]()


def _forget(number: int) -> None:
    del contexts[number]


# Never freed, since another thread may be inside of it.
_FORGET = mediadev_destroy(_forget)


def context_in(thing: object) -> tuple[int | None, Any]:
    """A context for C, and what frees it."""
    return (None, mediadev_destroy()) if thing is None else (contexts.keep(thing), _FORGET)
