# SPDX-License-Identifier: MIT OR Apache-2.0
"""Media devices of the kernel."""

from typing import Any, Self

from _holdfast.handle import Handle, Ref
from _holdfast.text import text_copied, text_in

from ._lib import library
from ._request import LOOK, Request
from ._signatures import mediadev_format, mediadev_info
from ._topology import Topology
from ._types import Format, Info, LinkFlag, PadKey, id_of, sized, unsigned
from ._wait import wait


class Node(Handle):
    """A media device of the kernel, opened. It stays this device, also when another one gets its path.

    It may go away: then `is_alive` is False, what it said of itself is still known, and what needs it raises `GoneError`.
    """

    __slots__ = ()

    def __init__(self, raw: Any) -> None:
        super().__init__(Ref(raw, library().mediadev_node_put))

    @classmethod
    def open(cls, key: str) -> Self:
        """A device by path ("/dev/media0"), name ("media0"), bus information ("platform:vimc") or driver ("vimc")."""
        return cls(library().mediadev_open(text_in(key)))

    def __repr__(self) -> str:
        return "<mediadev.Node closed>" if self.closed else f"<mediadev.Node {self.name} ({self.info.bus_info})>"

    @property
    def name(self) -> str:
        """The last part of the path that it was opened by, "media0"."""
        name: bytes = library().mediadev_node_name(self._held())
        return name.decode(errors="replace")

    @property
    def info(self) -> Info:
        """What it said of itself when it was opened."""
        info = sized(mediadev_info)
        library().mediadev_info(self._held(), info)
        return Info._of_c(info)

    @property
    def is_alive(self) -> bool:
        """Whether it is there, at some moment."""
        return bool(library().mediadev_node_is_alive(self._held()))

    def fileno(self) -> int:
        """A file descriptor for ioctl(), and for poll(), which says POLLERR or POLLHUP when the device has gone, but wakes nobody
        then. It is the library's.
        """
        return int(library().mediadev_node_fd(self._held()))

    def wait_gone(self, timeout: float | None = None) -> None:
        """Waits until the device has gone; `TimedOutError` after `timeout` seconds."""
        wait(library().mediadev_wait_gone, self._held(), timeout)

    async def wait_gone_async(self) -> None:
        """The same in an event loop; `asyncio.timeout()` limits it."""
        import asyncio  # not before it is needed: it is large

        while self.is_alive:
            await asyncio.sleep(LOOK)

    def topology(self) -> Topology:
        """The graph as it is now."""
        return Topology(library().mediadev_topology_read(self._held()))

    def setup_link(self, source: PadKey, sink: PadKey, flags: LinkFlag | int) -> None:
        """Sets the flags of the link between two pads of a topology of this node: `LinkFlag.ENABLED`, or 0.

        What other flags the link has must be told as they are.
        """
        library().mediadev_setup_link(self._held(), id_of(source), id_of(sink), unsigned(flags, "flags"))

    def setup_links(self, links: str) -> None:
        """Sets up links in media-ctl's notation: "'Sensor A':0 -> 'Debayer A':0 [1], 3:1 -> 5:0 [0]".

        Everything in it is found before the first link is changed.
        """
        library().mediadev_setup_links(self._held(), text_in(links))

    def reset_links(self) -> None:
        """Disables every link that is enabled and not immutable."""
        library().mediadev_reset_links(self._held())

    def format(self, pad: PadKey, stream: int = 0) -> Format:
        """What flows through a pad of a sub-device, and through which stream of it."""
        raw = sized(mediadev_format)
        library().mediadev_get_format(self._held(), id_of(pad), unsigned(stream, "the stream"), raw)
        return Format._of_c(raw)

    def set_format(self, pad: PadKey, format: Format, stream: int = 0) -> Format:
        """Sets what flows through a pad of a sub-device, and tells what the driver has made of it.

        What is set at a source pad is set at the sub-devices too that its enabled links lead to, as far as they take it.
        """
        raw = format._for_c()
        library().mediadev_set_format(self._held(), id_of(pad), unsigned(stream, "the stream"), raw)
        return Format._of_c(raw)

    def formats(self, pad: str | None = None) -> str:
        """What flows through a pad ("'Sensor A':0"), or through all pads of all sub-devices, as `set_formats()` takes it."""
        ref, wanted = self._held(), None if pad is None else text_in(pad)
        return library.text_given(lambda text: library().mediadev_get_formats(ref, wanted, text))[1] or ""

    def set_formats(self, formats: str) -> None:
        """Sets what flows through pads in media-ctl's notation, that of its option -V:
        "'Sensor A':0[fmt:SRGGB8_1X8/640x480 field:none @1/30], 'Scaler':0[crop:(0,0)/320x240]".

        Everything in it is found before the first pad is changed.
        """
        library().mediadev_set_formats(self._held(), text_in(formats))

    def routes(self, entity: str | None = None) -> str:
        """The routes through a sub-device ("'mux'"), or through each that has some, as `set_routes()` takes them."""
        ref, wanted = self._held(), None if entity is None else text_in(entity)
        return library.text_given(lambda text: library().mediadev_get_routes(ref, wanted, text))[1] or ""

    def set_routes(self, routes: str) -> None:
        """Sets the routes through sub-devices in media-ctl's notation, that of its option -R:
        "'mux'[0/0->2/0[1], 1/0->2/1[1]]". A sub-device then has these routes and no others.
        """
        library().mediadev_set_routes(self._held(), text_in(routes))

    def request(self) -> Request:
        """A new request, which is idle: to be filled through the video nodes, and queued."""
        return Request(library().mediadev_request_alloc(self._held()))


def nodes() -> list[str]:
    """The names of the kernel's media devices, by number."""
    names: list[str] = []
    previous: bytes | None = None
    while name := text_copied(lambda buffer, size: library().mediadev_next(previous, buffer, size)):
        names.append(name)
        previous = name.encode()
    return names
