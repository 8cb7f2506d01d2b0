# SPDX-License-Identifier: MIT OR Apache-2.0
"""Chips: opened, listed, asked, and what is requested of them."""

import ctypes
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Self

from _holdfast.handle import Handle, Ref
from _holdfast.text import text_copied, text_in

from ._lib import library
from ._line import Configs, Group, Line, consumer_in
from ._signatures import CHIP, gpiodref_line_info
from ._types import Config, LineInfo, config_for_c, level, unsigned
from ._watch import Watch

# A line of a chip: its number, or its name.
LineKey = int | str


class Chip(Handle):
    """A GPIO chip. It may go away: then `is_alive` is False, its name, label and size are still known, and what needs it
    raises `GoneError`. It does not come back; a chip that does is another one.
    """

    __slots__ = ()

    def __init__(self, raw: Any) -> None:
        super().__init__(Ref(raw, library().gpiodref_chip_put))

    @classmethod
    def open(cls, path_name_or_label: str) -> Self:
        """A chip by path ("/dev/gpiochip0"), by name ("gpiochip0"), or by label."""
        return cls(library().gpiodref_chip_open(text_in(path_name_or_label)))

    def __repr__(self) -> str:
        return "<gpiodref.Chip closed>" if self.closed else f"<gpiodref.Chip {self.name} ({self.label})>"

    @property
    def name(self) -> str:
        """ "gpiochip0" """
        name: bytes = library().gpiodref_chip_name(self._held())
        return name.decode(errors="replace")

    @property
    def label(self) -> str:
        """What its maker calls it."""
        label: bytes = library().gpiodref_chip_label(self._held())
        return label.decode(errors="replace")

    @property
    def num_lines(self) -> int:
        """How many lines it has."""
        return int(library().gpiodref_chip_num_lines(self._held()))

    @property
    def is_alive(self) -> bool:
        """Whether it is there, at some moment."""
        return bool(library().gpiodref_chip_is_alive(self._held()))

    def fileno(self) -> int:
        """A file descriptor for poll() that says POLLERR or POLLHUP when the chip is gone. It is the library's."""
        return int(library().gpiodref_chip_fd(self._held()))

    def find_line(self, name_or_number: str) -> int:
        """The number of the line that is called so; a name comes before a number."""
        offset = ctypes.c_uint()
        library().gpiodref_chip_find_line(self._held(), text_in(name_or_number), offset)
        return offset.value

    def info(self, line: LineKey) -> LineInfo:
        """What a line is now."""
        info = gpiodref_line_info(ctypes.sizeof(gpiodref_line_info))
        library().gpiodref_line_info(self._held(), self._offset(line), info)
        return LineInfo._of_c(info)

    def infos(self) -> list[LineInfo]:
        """What all lines are now, one after the other."""
        return [self.info(offset) for offset in range(self.num_lines)]

    def request(self, line: LineKey, config: Config | None = None, *, consumer: str | None = None) -> Line:
        """Requests a line, under the name `consumer` (at most 31 bytes; the program's own by default).

        With `shared` in the configurations of all who request it, each of them gets a line of his own: the first settles what
        it is, and the value of an output is voted on. Else `BusyError` says who has it.
        """
        raw = library().gpiodref_request(
            self._held(), self._offset(line), config_for_c(config), consumer_in(consumer)
        )
        return Line(raw)

    def request_group(
        self,
        lines: Iterable[LineKey],
        config: Config | None | Sequence[Config | None] = None,
        *,
        consumer: str | None = None,
    ) -> Group:
        """Requests lines together, at most 64: all with one configuration, or each with its own of a list."""
        ref, offsets, name = self._held(), self._offsets(lines), consumer_in(consumer)
        if config is None or isinstance(config, Config):
            wanted = config_for_c(config)
            return Group(library().gpiodref_request_group(ref, offsets, len(offsets), wanted, name))
        if len(config) != len(offsets):
            raise ValueError(f"{len(config)} configurations for {len(offsets)} lines")
        configs = Configs(config)
        return Group(library().gpiodref_request_group_each(ref, offsets, len(offsets), configs.pointers, name))

    def hog(self, line: LineKey, name: str, value: int) -> None:
        """Claims a line as an output with a fixed value, until the chip goes or nobody holds it any more."""
        library().gpiodref_hog(self._held(), self._offset(line), text_in(name), level(value))

    def watch(self, lines: Iterable[LineKey] | None = None) -> Watch:
        """Watches lines, all by default: who requests, releases and configures them, in this process and others."""
        offsets = self._offsets(() if lines is None else lines)
        if lines is not None and not len(offsets):
            raise ValueError("no lines to watch")
        return Watch(library().gpiodref_watch_lines(self._held(), offsets, len(offsets)))

    def _offset(self, line: LineKey) -> int:
        return self.find_line(line) if isinstance(line, str) else unsigned(line, "the line's number")

    def _offsets(self, lines: Iterable[LineKey]) -> Any:
        offsets = [self._offset(line) for line in lines]
        return (ctypes.c_uint * len(offsets))(*offsets)


class Found(NamedTuple):
    """Where a line is."""

    chip: Chip
    offset: int


def chips() -> list[str]:
    """The names of all chips: the system's by number, then those of this process."""
    names: list[str] = []
    previous: bytes | None = None
    while name := text_copied(lambda buffer, size: library().gpiodref_chip_next(previous, buffer, size)):
        names.append(name)
        previous = name.encode()
    return names


def find_line(name: str) -> Found:
    """Finds the line that is called so, of all chips."""
    chip, offset = CHIP(), ctypes.c_uint()
    library().gpiodref_find_line(text_in(name), chip, offset)
    return Found(Chip(chip), offset.value)
