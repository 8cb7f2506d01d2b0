# SPDX-License-Identifier: MIT OR Apache-2.0
"""A chapter of docs/python.md: its snippets run, and `# → …` is what a line gives."""

import ast
import contextlib
import io
import pathlib
import re
import textwrap

_DOCUMENT = (pathlib.Path(__file__).parents[3] / "docs" / "python.md").read_text()
_PROMISE = re.compile(r"^(\s*)(\S.*?)\s+# → (.*)$", re.M)


class Chapter:
    """The one of this title."""

    def __init__(self, title: str) -> None:
        self.text = _DOCUMENT.partition(f"\n# {title}\n")[2].partition("\n# ")[0]
        self.snippets: list[str] = re.findall(r"(?:^(?: {4}.*)?\n)*^ {4}.*\n", self.text, re.M)
        self.kept: list[str] = []
        self.names: dict[str, object] = {"promised": self._promised}

    def run(self) -> list[str]:
        """Runs the snippets, and gives the lines that they print. `names` is then what they have defined."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            for snippet in self.snippets:
                self.run_one(snippet)
        assert len(self.kept) == "".join(self.snippets).count("# → ")
        return said.getvalue().splitlines()

    def run_one(self, snippet: str) -> None:
        """Runs a snippet with its promises as assertions."""
        checked = _PROMISE.sub(r"\1promised((\2), \3)", textwrap.dedent(snippet))
        exec(compile(ast.parse(checked), "docs/python.md", "exec"), self.names)

    def _promised(self, got: object, said: object) -> None:
        assert repr(got) == repr(said)
        self.kept.append(repr(got))
