# SPDX-License-Identifier: MIT OR Apache-2.0
"""Every snippet of docs/python.md about libgpiodref runs, and `# → …` is what its line gives."""

import ast
import contextlib
import io
import pathlib
import re
import textwrap

import gpiodref
import pytest

DOCUMENT = (pathlib.Path(__file__).parents[4] / "docs" / "python.md").read_text()
SNIPPETS = re.findall(r"(?:^(?: {4}.*)?\n)*^ {4}.*\n", DOCUMENT.partition("\n# libgpiodref\n")[2], re.M)

PROMISE = re.compile(r"^(\s*)(\S.*?)\s+# → (.*)$", re.M)


def checked(snippet: str) -> str:
    """The snippet with its promises as assertions."""
    return PROMISE.sub(r"\1promised((\2), \3)", textwrap.dedent(snippet))


def promised(got: object, said: object) -> None:
    assert repr(got) == repr(said)
    kept.append(repr(got))


kept: list[str] = []


def test_the_snippets_do_what_the_document_says() -> None:
    names: dict[str, object] = {"promised": promised}
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            for snippet in SNIPPETS:
                exec(compile(ast.parse(checked(snippet)), "docs/python.md", "exec"), names)
    finally:
        # Also where it failed, the next test has its chips for itself.
        for each in names.values():
            if isinstance(each, gpiodref.Sim):
                each.remove()
        names.clear()
    assert len(kept) == DOCUMENT.count("# → ")
    first, second = said.getvalue().splitlines()
    assert re.fullmatch(r'virtual\d+ \(board\) line 1 "BUTTON" of ".*": get: the chip is gone', first)
    assert re.fullmatch(r'virtual\d+ \(expander\) line 7: remove: it is held by ".*"', second)


def test_a_promise_that_is_not_kept_is_seen() -> None:
    with pytest.raises(AssertionError):
        exec(checked("    1 + 1   # → 3"), {"promised": promised})
    assert len(SNIPPETS) > 10
