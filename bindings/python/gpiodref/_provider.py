# SPDX-License-Identifier: MIT OR Apache-2.0
"""Chips that this program provides: of its own making, or simulated."""

import ctypes
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, cast

from _holdfast.callbacks import Calls, Kept
from _holdfast.handle import Handle, Ref
from _holdfast.text import text_in
from _holdfast.timing import Deadline

from ._chip import Chip
from ._errors import TimedOutError
from ._lib import library
from ._signatures import gpiodref_chip_config, gpiodref_chip_ops
from ._types import Config, RemovePolicy, level, unsigned


class ProvidedChip(Chip):
    """A chip that this program provides. It is there until it is removed; the end of a `with` block removes it."""

    __slots__ = ("_remove_timeout",)

    def __init__(self, raw: Any, remove_timeout: float | None) -> None:
        super().__init__(raw)
        self._remove_timeout = remove_timeout

    def remove(self) -> None:
        """Takes the chip away, as its policy says. Removing it again does nothing.

        None of its operations starts after that, and what needs the chip raises `GoneError`.
        """
        ref = self._held()
        _until(self._remove_timeout, lambda deadline: library().gpiodref_chip_remove(ref))

    def drain(self, timeout: float | None = None) -> None:
        """Waits until no operation of the removed chip is running any more; `TimedOutError` after `timeout` seconds."""
        ref = self._held()
        _until(timeout, lambda deadline: library().gpiodref_chip_drain(ref, deadline.piece))

    def push_edge(self, line: int | str, level_now: int, timestamp_ns: int = 0) -> None:
        """Tells that a line has this level now: an event for whoever waits for that edge. The time is now by default."""
        library().gpiodref_chip_push_edge(
            self._held(), self._offset(line), level(level_now), unsigned(timestamp_ns, "timestamp_ns", 64)
        )

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.closed:
            self.remove()
        self.close()


def _until(timeout: float | None, call: Callable[[Deadline], object]) -> None:
    """Calls again while it says that the time is over and it is not: no signal ends the library's own waiting."""
    deadline = Deadline(timeout)
    while True:
        try:
            call(deadline)
            return
        except TimedOutError:
            if deadline.passed:
                raise


class ChipConfig:
    """What a chip is to be, for C. It holds what it points to."""

    def __init__(
        self,
        label: str,
        num_lines: int | None,
        names: Sequence[str | None],
        policy: RemovePolicy,
        timeout: float | None,
    ) -> None:
        count = len(names) if num_lines is None else unsigned(num_lines, "num_lines")
        if len(names) > count:
            raise ValueError(f"{len(names)} names for {count} lines")
        self._names = (ctypes.c_char_p * count)(*[text_in(name) if name else None for name in names])
        self.struct = gpiodref_chip_config(
            ctypes.sizeof(gpiodref_chip_config),
            text_in(label),
            ctypes.cast(self._names, ctypes.POINTER(ctypes.c_char_p)),
            count,
            policy,
            # Who removes it waits a piece, and then another one.
            Deadline(timeout).piece,
        )


class Provider:
    """The operations of a chip, to be overridden. They are called from any thread, several at a time, and may use this package.

    Levels are those of the wire: polarity, debouncing, and who may have which line are the library's work. An `OSError` that
    an operation raises comes to the consumer with its errno, `NotImplementedError` as EOPNOTSUPP; of anything else he sees
    EIO, and Python reports it as unraisable.
    """

    def request(self, offset: int) -> None:
        """Somebody claims a line; an exception refuses it."""

    def free(self, offset: int) -> None:
        """The line is let go that was granted."""

    def configure(self, offset: int, config: Config) -> None:
        """Makes a line an input or an output, from `config.value` on."""
        raise NotImplementedError

    def get(self, offset: int) -> int:
        """The level of a line, whichever way it goes."""
        raise NotImplementedError

    def set(self, offset: int, level: int) -> None:
        """Sets the level of an output."""
        raise NotImplementedError

    def get_multiple(self, offsets: Sequence[int]) -> list[int]:
        """The levels of at most 64 lines at once."""
        return [self.get(offset) for offset in offsets]

    def set_multiple(self, levels: dict[int, int]) -> None:
        """Sets the levels of at most 64 outputs at once, by offset."""
        for offset, level in levels.items():
            self.set(offset, level)

    def release(self) -> None:
        """Nothing of the chip is held any more: the last call."""

    def register(
        self,
        label: str,
        num_lines: int | None = None,
        *,
        names: Sequence[str | None] = (),
        remove_policy: RemovePolicy = RemovePolicy.NUMB,
        remove_timeout: float | None = None,
    ) -> ProvidedChip:
        """Registers a chip with these operations; without `num_lines` it has as many as `names`.

        The chip stays until it is removed, and this object until `release()` has run. With `RemovePolicy.WAIT`, removing
        waits `remove_timeout` seconds at most, for ever by default.
        """
        config = ChipConfig(label, num_lines, names, remove_policy, remove_timeout)
        number = providers.keep(self)
        return ProvidedChip(library().gpiodref_chip_register(config.struct, _OPS, number), remove_timeout)


# The library gets a number for a provider, and one table of C functions that are never freed, since another thread may be
# inside of them.
providers = Kept[Provider]()
_calls = Calls("an operation of a GPIO chip")


def _get(offset: int, number: int) -> int:
    found: list[int] = []
    provider = providers[number]
    return _calls.status(lambda: found.append(level(provider.get(offset)))) or found[0]


def _get_multiple(offsets: Any, count: int, levels: Any, number: int) -> int:
    provider = providers[number]

    def get_multiple() -> None:
        found = zip(range(count), provider.get_multiple(offsets[:count]), strict=True)
        levels[0] = sum(level(one) << place for place, one in found)

    return _calls.status(get_multiple)


def _set_multiple(offsets: Any, count: int, levels: int, number: int) -> int:
    wanted = {offset: levels >> place & 1 for place, offset in enumerate(offsets[:count])}
    return _calls.status(providers[number].set_multiple, wanted)


def _release(number: int) -> None:
    _calls.quietly(providers[number].release)
    del providers[number]


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "request": lambda offset, number: _calls.status(providers[number].request, offset),
    "free": lambda offset, number: _calls.quietly(providers[number].free, offset),
    "configure": lambda offset, config, number: _calls.status(
        lambda: providers[number].configure(offset, Config._of_c(config[0]))
    ),
    "get": _get,
    "set": lambda offset, level, number: _calls.status(providers[number].set, offset, level),
    "get_multiple": _get_multiple,
    "set_multiple": _set_multiple,
    "release": _release,
}
_SIZE, *_MEMBERS = gpiodref_chip_ops._fields_
_OPS = gpiodref_chip_ops(
    ctypes.sizeof(gpiodref_chip_ops), *[cast(Any, kind)(_OPERATIONS[name]) for name, kind, *_ in _MEMBERS]
)


class Sim(Handle):
    """A simulated chip, for tests of programs that use GPIO. Its lines are wires that are pulled down at first.

    The end of a `with` block removes it; the wires can be looked at as long as it is open.
    """

    __slots__ = ("_remove_timeout",)

    def __init__(self, raw: Any, remove_timeout: float | None) -> None:
        super().__init__(Ref(raw, library().gpiodref_sim_put))
        self._remove_timeout = remove_timeout

    @classmethod
    def new(
        cls,
        label: str,
        num_lines: int | None = None,
        *,
        names: Sequence[str | None] = (),
        remove_policy: RemovePolicy = RemovePolicy.NUMB,
        remove_timeout: float | None = None,
    ) -> Self:
        """Registers one; the arguments are those of `Provider.register()`."""
        config = ChipConfig(label, num_lines, names, remove_policy, remove_timeout)
        return cls(library().gpiodref_sim_new(config.struct), remove_timeout)

    def __repr__(self) -> str:
        return "<gpiodref.Sim closed>" if self.closed else f"<gpiodref.Sim {self.chip.name} ({self.chip.label})>"

    @property
    def chip(self) -> ProvidedChip:
        """The chip, to be used as any other."""
        return ProvidedChip(library().gpiodref_sim_chip(self._held()), self._remove_timeout)

    def pull(self, line: int | str, up: int) -> None:
        """Pulls a wire up (1) or down (0) from outside. A line that is driven stays as it is."""
        library().gpiodref_sim_set_pull(self._held(), self.chip._offset(line), level(up))

    def level(self, line: int | str) -> int:
        """The level of a wire, also when the chip has been removed."""
        return int(library().gpiodref_sim_level(self._held(), self.chip._offset(line)))

    def remove(self) -> None:
        """Takes the chip away, as its policy says."""
        ref = self._held()
        _until(self._remove_timeout, lambda deadline: library().gpiodref_sim_remove(ref))

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.closed:
            self.remove()
        self.close()
