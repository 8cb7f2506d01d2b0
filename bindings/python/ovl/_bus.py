# SPDX-License-Identifier: MIT OR Apache-2.0
"""Devices: a bus makes them of nodes, and drivers of this program probe and remove them."""

import ctypes
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from _holdfast.callbacks import Calls, Kept
from _holdfast.handle import Handle, Ref
from _holdfast.text import text_in
from _holdfast.timing import PIECE, Deadline

from ._errors import NotFoundError, TimedOutError, elsewhere
from ._lib import library
from ._node import Node
from ._signatures import CONSTANTS, ovl_destroy, ovl_driver_ops

if TYPE_CHECKING:
    from ._tree import Tree


class ProbeDeferred(Exception):
    """Raised by a probe that finds something missing: it is tried again when another device has been bound."""


class Driver:
    """A driver, to be derived from. Its methods are called from any thread that is in a call of the bus or changes the tree, and
    may call everything.
    """

    def probe(self, device: "Device") -> object:
        """A device is there. The driver takes it unless this raises: `ProbeDeferred`, or an `OSError` whose errno counts."""
        raise NotImplementedError

    def remove(self, device: "Device") -> object:
        """A device that the driver took goes. Its node may have left the tree already."""

    def can_remove(self, device: "Device") -> object:
        """An overlay is about to be removed that has the node of such a device. An exception refuses that."""


class Device(Handle):
    """A device of a bus. It holds its node, and stays readable when both have been removed."""

    __slots__ = ("tree",)

    def __init__(self, raw: Any, tree: "Tree") -> None:
        super().__init__(Ref(raw, library().ovl_device_put))
        self.tree = tree

    def __repr__(self) -> str:
        return "<ovl.Device closed>" if self.closed else f"<ovl.Device {self.node.path}>"

    @property
    def node(self) -> Node:
        """The node that it was made of."""
        return Node(library().ovl_device_node(self._held()), self.tree)

    @property
    def parent(self) -> "Device | None":
        """The device of the next node above that has one, as it was when this one was probed."""
        raw = library().ovl_device_parent(self._held())
        return Device(raw, self.tree) if raw else None

    @property
    def is_bound(self) -> bool:
        """Whether a driver has it, at some moment. What was removed is never bound again: its node gets another device."""
        return bool(library().ovl_device_is_bound(self._held()))

    @property
    def driver(self) -> str | None:
        """The compatible string by which its driver was found, None if it never was bound."""
        try:
            compatible: bytes = library().ovl_device_driver(self._held())
        except NotFoundError:
            return None
        return compatible.decode()

    @property
    def data(self) -> Any:
        """What the driver keeps at the device, None at first. Python lets go of it when the device is freed."""
        return _things.get(library().ovl_device_data(self._held()))

    @data.setter
    def data(self, thing: object) -> None:
        ref, number = self._held(), _things.keep(thing)
        library().ovl_device_manage(ref, number, _LET_GO)
        library().ovl_device_set_data(ref, number)

    def manage(self, free: Callable[[], object]) -> None:
        """Has a function called when the device is freed, by whoever holds it last, and not when it is removed. What was bound last
        goes first. What a probe binds that fails is freed when that has returned.
        """
        ref = self._held()
        library().ovl_device_manage(ref, _managed.keep(free), _FREE)


class Bus(Handle):
    """Drivers, and the devices of some nodes of a tree. Closing it removes the devices, consumers before suppliers.

    Devices are probed in the order of the document, but what a device needs comes first: the device above it, and those that its
    node refers to by the properties of the common bindings. What an overlay or a changeset brings below a populated node is probed
    when it is there, and removed before it goes.
    """

    __slots__ = ("tree",)

    def __init__(self, tree: "Tree") -> None:
        """A bus of a tree, without drivers and devices."""
        super().__init__(Ref(library().ovl_bus_new(tree._held()), library().ovl_bus_put))
        self.tree = tree

    def __repr__(self) -> str:
        return "<ovl.Bus closed>" if self.closed else f"<ovl.Bus with {len(self.devices)} devices>"

    def add_driver(self, compatible: str, driver: Driver | Callable[[Device], object]) -> None:
        """Adds the driver of what is compatible with a string; a function is a driver that only probes."""
        ref, encoded = self._held(), text_in(compatible)
        number = _drivers.keep(_Kept(driver if isinstance(driver, Driver) else _Probing(driver), self.tree))
        library().ovl_bus_add_driver(ref, encoded, _OPERATIONS, number)

    def remove_driver(self, compatible: str) -> None:
        """Takes a driver out. Its devices are removed, and probed by what other driver there is for them."""
        library().ovl_bus_remove_driver(self._held(), text_in(compatible))

    def populate(self, node: Node) -> None:
        """Makes devices of all nodes below this one that are available and have "compatible", now and from now on."""
        library().ovl_bus_populate(self._held(), node._held())

    def unpopulate(self, node: Node) -> None:
        """Removes the devices of all nodes below this one; from now on none is made there."""
        library().ovl_bus_unpopulate(self._held(), node._held())

    def device(self, node: Node) -> Device:
        """The device of a node. Raises `NotFoundError` if it has none on this bus."""
        return Device(library().ovl_bus_device(self._held(), node._held()), self.tree)

    @property
    def devices(self) -> list[Device]:
        """All devices, bound or not, in the order in which their nodes were found."""
        return list(self)

    def __iter__(self) -> Iterator[Device]:
        # The caller may close what is handed out, so a reference is kept here until the next step.
        last: Ref | None = None
        while raw := library().ovl_bus_next_device(self._held(), library().ovl_device_get(last) if last else None):
            device = Device(raw, self.tree)
            last = device._held()
            yield device

    def unbound(self) -> str:
        """The devices that have a driver and are not bound to it, a line each with the reason."""
        ref = self._held()
        return library.text_given(lambda report: library().ovl_bus_unbound(ref, report))[1] or ""

    def wait_idle(self, timeout: float | None = None) -> None:
        """Waits until no probe and no remove runs, on any thread; `TimedOutError` after `timeout` seconds."""
        ref, deadline = self._held(), Deadline(timeout)
        while True:
            piece, last = deadline.piece, deadline.left <= PIECE
            try:
                library().ovl_bus_wait_idle(ref, piece)
                return
            except TimedOutError:
                if last:
                    raise


class _Probing(Driver):
    """A function as a driver."""

    def __init__(self, probe: Callable[[Device], object]) -> None:
        self._probe = probe

    def probe(self, device: Device) -> object:
        return self._probe(device)


class _Kept(NamedTuple):
    """A driver that a bus has, and the tree of that bus."""

    driver: Driver
    tree: "Tree"


_drivers: Kept[_Kept] = Kept()
_managed: Kept[Callable[[], object]] = Kept()
_things: Kept[object] = Kept()
_calls = Calls("a driver of a bus")


def _device(raw: Any, tree: "Tree") -> Device:
    return Device(library().ovl_device_get(raw), tree)


def _probe(raw: Any, number: int) -> int:
    driver, tree = _drivers[number]
    try:
        with elsewhere():
            driver.probe(_device(raw, tree))
    except ProbeDeferred:
        return CONSTANTS["OVL_PROBE_DEFER"]
    except BaseException as failure:
        return _calls.errno(failure, driver.probe)
    return 0


def _remove(raw: Any, number: int) -> None:
    driver, tree = _drivers[number]
    with elsewhere():
        _calls.quietly(driver.remove, _device(raw, tree))


def _can_remove(raw: Any, number: int) -> int:
    driver, tree = _drivers[number]
    with elsewhere():
        return _calls.status(driver.can_remove, _device(raw, tree))


def _free(number: int) -> None:
    free = _managed.pop(number)
    with elsewhere():
        _calls.quietly(free)


def _let_go(number: int) -> None:
    del _things[number]


def _drop_driver(number: int) -> None:
    del _drivers[number]


_members: dict[str, Any] = {field[0]: field[1] for field in ovl_driver_ops._fields_}
_OPERATIONS = ovl_driver_ops(
    ctypes.sizeof(ovl_driver_ops),
    _members["probe"](_probe),
    _members["remove"](_remove),
    _members["can_remove"](_can_remove),
    ovl_destroy(_drop_driver),
)
_FREE = ovl_destroy(_free)
_LET_GO = ovl_destroy(_let_go)
