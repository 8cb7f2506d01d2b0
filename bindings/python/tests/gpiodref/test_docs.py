# SPDX-License-Identifier: MIT OR Apache-2.0
"""Every snippet of docs/python.md about libgpiodref runs, and gives what it says."""

import re

import gpiodref
import pytest

from ..chapter import Chapter


def test_the_snippets_do_what_the_document_says() -> None:
    chapter = Chapter("libgpiodref")
    assert len(chapter.snippets) > 10
    try:
        first, second = chapter.run()
    finally:
        # Also where it failed, the next test has its chips for itself.
        for each in chapter.names.values():
            if isinstance(each, gpiodref.Sim):
                each.remove()
        chapter.names.clear()
    assert re.fullmatch(r'virtual\d+ \(board\) line 1 "BUTTON" of ".*": get: the chip is gone', first)
    assert re.fullmatch(r'virtual\d+ \(expander\) line 7: remove: it is held by ".*"', second)


def test_a_promise_that_is_not_kept_is_seen() -> None:
    with pytest.raises(AssertionError):
        Chapter("libgpiodref").run_one("    1 + 1   # → 3")
