# SPDX-License-Identifier: MIT OR Apache-2.0
"""Lines that are requested: one by one, and in groups. They are claimed as long as somebody holds them."""

import ctypes
import threading
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from _holdfast.handle import Handle, Ref
from _holdfast.text import text_in

from ._errors import GoneError
from ._lib import library
from ._signatures import gpiodref_config, gpiodref_event
from ._source import Source
from ._types import Config, Event, config_for_c, level, unsigned

if TYPE_CHECKING:
    from ._chip import Chip


class _Room(threading.local):
    """Room for events to be read into, for each thread."""

    def __init__(self) -> None:
        self.events: Any = (gpiodref_event * 64)()

    def of(self, count: int) -> Any:
        if count > len(self.events):
            self.events = (gpiodref_event * count)()
        return self.events


_room = _Room()


class Requested(Source[Event]):
    """What lines and groups have in common."""

    __slots__ = ()

    @classmethod
    def adopt(cls, fd: int) -> Self:
        """Takes over what another library or program has requested from the system; only then `fd` is no longer yours."""
        return cls(cls._function("adopt")(fd))

    def export_fd(self) -> int:
        """A file descriptor of the system's that claims the same, for another library or program. The caller closes it."""
        return int(self._function("export_fd")(self._held()))

    def reattach(self) -> Self:
        """Requests the same anew after the chip has gone and come back: by the chip's label and names of lines, never by number."""
        return type(self)(self._function("reattach")(self._held()))

    def share(self) -> Self:
        """Another handle on the same request, which lasts until the last of them is closed."""
        return type(self)(self._function("get")(self._held()))

    @property
    def is_alive(self) -> bool:
        """Whether the chip is there, at some moment."""
        return bool(self._function("is_alive")(self._held()))

    @property
    def events_lost(self) -> int:
        """How many events were lost so far because nobody read them in time."""
        return int(self._function("events_lost")(self._held()))

    def read_events(self, count: int = 64) -> list[Event]:
        """At most `count` events that have come; never sleeps. Raises `GoneError` when the chip is gone and all have been read."""
        return self._read(self._held(), count)

    def events(self) -> Iterator[Event]:
        """Events as they come. Ends when the chip is gone and all have been handed out."""
        self._held()
        return self._each()

    def aevents(self) -> AsyncGenerator[Event, None]:
        """The same for an event loop. Cancelling it loses no event."""
        self._held()
        return self._each_async()

    def _take(self, ref: Ref) -> Event | None:
        return next(iter(self._read(ref, 1)), None)

    def _read(self, ref: Ref, count: int) -> list[Event]:
        events = _room.of(count)
        got = self._function("read_events")(ref, events, count)
        return [Event._of_c(events[i]) for i in range(got)]


class Line(Requested):
    """A line that is requested. Free again when the last handle on it is closed.

    Name, offset, consumer, configuration and chip are known also when the chip is gone; all else raises `GoneError` then.
    """

    __slots__ = ()
    _PREFIX = "gpiodref_"

    def __repr__(self) -> str:
        if self.closed:
            return "<gpiodref.Line closed>"
        name = f' "{self.name}"' if self.name else ""
        return f"<gpiodref.Line {self.offset}{name} of {self.chip.name}>"

    @property
    def name(self) -> str:
        """The line's name, empty if it has none."""
        return _text(library().gpiodref_desc_name(self._held()))

    @property
    def consumer(self) -> str:
        """Who requested it."""
        return _text(library().gpiodref_desc_consumer(self._held()))

    @property
    def offset(self) -> int:
        """The line's number on its chip."""
        return int(library().gpiodref_desc_offset(self._held()))

    @property
    def chip(self) -> "Chip":
        """The line's chip."""
        from ._chip import Chip

        return Chip(library().gpiodref_desc_chip(self._held()))

    @property
    def config(self) -> Config:
        """How it was configured last, through this library."""
        config = gpiodref_config(ctypes.sizeof(gpiodref_config))
        library().gpiodref_desc_config(self._held(), config)
        return Config._of_c(config)

    @property
    def value(self) -> int:
        """The logical value, 0 or 1. Setting that of a shared line is a vote."""
        return int(library().gpiodref_get_value(self._held()))

    @value.setter
    def value(self, value: int) -> None:
        library().gpiodref_set_value(self._held(), level(value))

    @property
    def raw_value(self) -> int:
        """The level, whatever is active."""
        return int(library().gpiodref_get_raw_value(self._held()))

    @raw_value.setter
    def raw_value(self, value: int) -> None:
        library().gpiodref_set_raw_value(self._held(), level(value))

    def vote(self, value: int) -> None:
        """Votes for the value of a shared output: it keeps its first value until somebody votes otherwise. Closing takes it back."""
        library().gpiodref_vote(self._held(), level(value))

    def direction_input(self) -> None:
        """Makes it an input without edge detection; bias, clock and polarity stay."""
        library().gpiodref_direction_input(self._held())

    def direction_output(self, value: int) -> None:
        """Makes it an output with a logical value; bias, drive and polarity stay."""
        library().gpiodref_direction_output(self._held(), level(value))

    def reconfigure(self, config: Config | None) -> None:
        """Configures it anew, completely."""
        library().gpiodref_reconfigure(self._held(), config_for_c(config))

    def weak(self) -> "WeakLine":
        """A handle that does not keep the line claimed."""
        return WeakLine(library().gpiodref_downgrade(self._held()))


class WeakLine(Handle):
    """A handle on a line that does not keep it claimed."""

    __slots__ = ()

    def __init__(self, raw: Any) -> None:
        super().__init__(Ref(raw, library().gpiodref_weak_put))

    def upgrade(self) -> Line | None:
        """The line, if somebody still has it; else None."""
        raw = library().gpiodref_upgrade(self._held())
        return Line(raw) if raw else None


class Group(Requested):
    """Lines of a chip that are requested together, and read and set in one call. Free again when the last handle is closed.

    Line n of the group is bit n of masks.
    """

    __slots__ = ()
    _PREFIX = "gpiodref_group_"

    def __repr__(self) -> str:
        return "<gpiodref.Group closed>" if self.closed else f"<gpiodref.Group {self.offsets} of {self.chip.name}>"

    def __len__(self) -> int:
        return int(library().gpiodref_group_num_lines(self._held()))

    @property
    def offsets(self) -> list[int]:
        """The lines' numbers on their chip, also when it is gone."""
        ref = self._held()
        return [library().gpiodref_group_offset(ref, index) for index in range(len(self))]

    @property
    def chip(self) -> "Chip":
        """The lines' chip."""
        from ._chip import Chip

        return Chip(library().gpiodref_group_chip(self._held()))

    def get_mask(self, mask: int | None = None) -> int:
        """The logical values of the lines in `mask`, all by default, as bits."""
        values = ctypes.c_uint64()
        library().gpiodref_group_get_values(self._held(), self._mask(mask), values)
        return values.value

    def set_mask(self, values: int, mask: int | None = None) -> None:
        """Sets the lines in `mask`, all by default, to logical values that are bits."""
        library().gpiodref_group_set_values(self._held(), self._mask(mask), unsigned(values, "values", 64))

    @property
    def values(self) -> list[int]:
        """The logical values of all lines, in the order of the request."""
        bits = self.get_mask()
        return [bits >> index & 1 for index in range(len(self))]

    @values.setter
    def values(self, values: Sequence[int]) -> None:
        if len(values) != len(self):
            raise ValueError(f"{len(values)} values for {len(self)} lines")
        self.set_mask(_bits(dict(enumerate(values))))

    def get(self, offsets: Sequence[int] | None = None) -> dict[int, int]:
        """The logical values of the lines with these offsets, all by default."""
        places = self._places()
        wanted = {offset: self._place(places, offset) for offset in (places if offsets is None else offsets)}
        bits = self.get_mask(_bits(dict.fromkeys(wanted.values(), 1)))
        return {offset: bits >> place & 1 for offset, place in wanted.items()}

    def set(self, values: Mapping[int, int]) -> None:
        """Sets lines by their offsets, in one call; the others stay."""
        places = self._places()
        wanted = {self._place(places, offset): value for offset, value in values.items()}
        self.set_mask(_bits(wanted), _bits(dict.fromkeys(wanted, 1)))

    def _mask(self, mask: int | None) -> int:
        return (1 << len(self)) - 1 if mask is None else unsigned(mask, "mask", 64)

    def _places(self) -> dict[int, int]:
        return {offset: index for index, offset in enumerate(self.offsets)}

    def _place(self, places: dict[int, int], offset: int) -> int:
        if offset not in places:
            raise ValueError(f"the group has no line {offset}, it has {list(places)}")
        return places[offset]

    def reconfigure(self, config: "Config | None | Sequence[Config | None]") -> None:
        """Configures all lines anew, completely: alike, or each with its own of a list."""
        if config is None or isinstance(config, Config):
            library().gpiodref_group_reconfigure(self._held(), config_for_c(config))
        else:
            configs = Configs(config)
            library().gpiodref_group_reconfigure_each(self._held(), configs.pointers, len(config))


class Configs:
    """A list of configurations for C. It holds what its pointers point to."""

    def __init__(self, configs: Sequence[Config | None]) -> None:
        self._structs = [config_for_c(config) for config in configs]
        pointer = ctypes.POINTER(gpiodref_config)
        self.pointers = (pointer * len(configs))(
            *[pointer() if struct is None else ctypes.pointer(struct) for struct in self._structs]
        )


def _bits(values: Mapping[int, int]) -> int:
    """Values by place as bits."""
    return sum(level(value) << place for place, value in values.items())


def _text(text: bytes) -> str:
    return text.decode(errors="replace")


# --- lines by name, and by what they are for ---


def request(name: str, config: Config | None = None, *, consumer: str | None = None) -> Line:
    """Requests the line that is called so, of whatever chip has it."""
    return Line(library().gpiodref_request_by_name(text_in(name), config_for_c(config), consumer_in(consumer)))


def lookup(device: str, function: str, index: int = 0, config: Config | None = None) -> Line:
    """Requests the line that the table has for a function of a device."""
    wanted = text_in(device), text_in(function), unsigned(index, "index"), config_for_c(config)
    return Line(library().gpiodref_lookup(*wanted))


def lookup_optional(device: str, function: str, index: int = 0, config: Config | None = None) -> Line | None:
    """As `lookup()`, but None where the table has no such entry: the board has no such line."""
    wanted = text_in(device), text_in(function), unsigned(index, "index"), config_for_c(config)
    raw = library().gpiodref_lookup_optional(*wanted)
    return Line(raw) if raw else None


def table_add(
    device: str,
    function: str,
    chip_label: str,
    line: str | int,
    *,
    index: int = 0,
    active_low: bool = False,
    shared: bool = False,
) -> None:
    """Says which line, by name or number, of the chip with this label is for a function of a device. The chip may come later."""
    flags = Config(active_low=active_low, shared=shared)._for_c().flags
    library().gpiodref_table_add(
        text_in(device), text_in(function), unsigned(index, "index"), text_in(chip_label), text_in(str(line)), flags
    )


def table_remove(device: str, function: str, index: int = 0) -> None:
    """Takes an entry out of the table; lines that were found through it stay as they are."""
    library().gpiodref_table_remove(text_in(device), text_in(function), unsigned(index, "index"))


def consumer_in(consumer: str | None) -> bytes | None:
    """A consumer's name for C; None is the program's own."""
    return None if consumer is None else text_in(consumer)
