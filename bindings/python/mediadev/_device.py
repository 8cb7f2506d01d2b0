# SPDX-License-Identifier: MIT OR Apache-2.0
"""Media devices that this program provides: their graph, who has them open, and what becomes of them."""

import ctypes
import errno
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self

from _holdfast.callbacks import Calls, Kept
from _holdfast.handle import Handle, Ref
from _holdfast.text import text_in
from _holdfast.timing import Deadline

from ._context import context_in, contexts
from ._lib import library
from ._request import Request
from ._signatures import (
    CONSTANTS,
    mediadev_destroy,
    mediadev_file_visit,
    mediadev_info,
    mediadev_link_info,
    mediadev_ops,
    mediadev_pipeline,
)
from ._topology import Topology
from ._types import (
    EntityFlag,
    Info,
    LinkFlag,
    LinkInfo,
    PadFlag,
    PadKey,
    function_called,
    id_of,
    interface_called,
    sized,
    unsigned,
)
from ._wait import wait

# As long as a thread of an event loop sleeps at a time.
PIECE_MS = 200

# What `Provider.ioctl()` returns where there is nothing yet.
NOT_YET = CONSTANTS["MEDIADEV_NOT_YET"]


class Device(Handle):
    """A media device that this program provides. The end of a `with` block unregisters it.

    It lives as long as anybody holds it: its owner, an open handle, an entity, a request, a running call, and the device itself
    while it is registered. Then its provider is told, its graph freed, and what `manage()` bound.
    """

    __slots__ = ()

    def __init__(self, raw: Any) -> None:
        super().__init__(Ref(raw, library().mediadev_device_put))

    @classmethod
    def new(cls, info: Info, provider: "Provider | None" = None) -> Self:
        """A device that nobody sees before it is registered: its graph can be built meanwhile. Versions that are 0 are filled in.

        Without a provider it has a graph and nothing else.
        """
        return cls(library().mediadev_device_new(info._for_c(), *_operations(provider)))

    @classmethod
    def shared(cls, bus_id: str, owner: str) -> Self:
        """The device of the piece of hardware that has this bus id, for all its drivers the same. The first one makes a device of
        it with `init()`. `owner` stands in `holders()` for who asked.
        """
        return cls(library().mediadev_allocator_get(text_in(bus_id), text_in(owner)))

    def init(self, info: Info, provider: "Provider | None" = None) -> None:
        """Makes a device of what `shared()` gave; `BusyError` where another one has done it before."""
        library().mediadev_device_init(self._held(), info._for_c(), *_operations(provider))

    def __repr__(self) -> str:
        return "<mediadev.Device closed>" if self.closed else f"<mediadev.Device {self.generation}>"

    def register(self) -> None:
        """From now on it can be opened; once, and not again when it has been unregistered."""
        library().mediadev_register(self._held())

    def unregister(self) -> None:
        """Ends its life in public, and never waits: what begins later raises `GoneError`, who sleeps wakes up with it. Doing so
        again does nothing.
        """
        library().mediadev_unregister(self._held())

    def drain(self, timeout: float | None = None) -> None:
        """Waits until no operation of the unregistered device runs any more; `TimedOutError` after `timeout` seconds."""
        wait(library().mediadev_drain, self._held(), timeout)

    @property
    def is_registered(self) -> bool:
        """Whether it can be opened, at some moment."""
        return bool(library().mediadev_is_registered(self._held()))

    @property
    def info(self) -> Info:
        """What it says of itself."""
        info = sized(mediadev_info)
        library().mediadev_device_info(self._held(), info)
        return Info._of_c(info)

    @property
    def generation(self) -> int:
        """Its number, which no other device of this process has or had."""
        return int(library().mediadev_device_generation(self._held()))

    def topology(self) -> Topology:
        """The graph as it is now, of a device in any state."""
        return Topology(library().mediadev_device_topology(self._held()))

    def entity(self, entity_id: int) -> "Entity":
        """The entity of the graph that has this id."""
        return Entity(library().mediadev_device_entity(self._held(), unsigned(entity_id, "the id")))

    def add_entity(self, name: str, function: int | str, pads: Iterable[PadFlag] = ()) -> "Entity":
        """Puts an entity into the graph, where it stays until it is removed. Each pad is a sink or a source. The function is a
        number or "CAM_SENSOR".
        """
        number = function_called(function) if isinstance(function, str) else unsigned(function, "the function")
        flags = [unsigned(pad, "a pad's flags") for pad in pads]
        array = (ctypes.c_uint32 * len(flags))(*flags)
        return Entity(library().mediadev_entity_add(self._held(), text_in(name), number, array, len(flags)))

    def add_interface(self, kind: int | str, major: int, minor: int, flags: int = 0) -> int:
        """Adds a device node that the graph tells of, and gives its id. The kind is a number or "V4L_VIDEO"."""
        number = interface_called(kind) if isinstance(kind, str) else unsigned(kind, "the kind")
        told = [unsigned(each, "flags, major or minor") for each in (flags, major, minor)]
        interface_id = ctypes.c_uint32()
        library().mediadev_interface_add(self._held(), number, *told, interface_id)
        return interface_id.value

    def remove_interface(self, interface_id: int) -> None:
        """Takes an interface out, with its links."""
        library().mediadev_interface_remove(self._held(), unsigned(interface_id, "the id"))

    def manage(self, free: Callable[[], object]) -> None:
        """Has a function called when the device is freed, which is not when it is unregistered. What was bound last goes first."""
        ref = self._held()
        library().mediadev_manage(ref, managed.keep(free), _FREE)

    def notify(self) -> None:
        """Has those who wait look again: `poll()` is asked anew, and calls that were `NOT_YET` are tried again."""
        library().mediadev_notify(self._held())

    def open(self) -> "File":
        """Opens it, if it is registered and its provider agrees."""
        return File(library().mediadev_file_open(self._held()))

    def export(self, name: str) -> "Export":
        """Makes a node of this name in /dev ("media7") by which unmodified programs use the device; needs root. It is to be served."""
        return Export(library().mediadev_export_cuse(self._held(), text_in(name)))

    @property
    def files(self) -> list["File"]:
        """The handles that are open now, in no order."""
        found: list[File] = []

        def visit(raw: Any, _user_data: int | None) -> int:
            found.append(File(library().mediadev_file_get(raw)))
            return 0

        library().mediadev_device_files(self._held(), mediadev_file_visit(visit), None)
        return found

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.closed:
            self.unregister()
        self.close()


class Entity(Handle):
    """An entity of a device of this process. It stays in the graph until it is removed; its name and id stay known after that."""

    __slots__ = ()

    def __init__(self, raw: Any) -> None:
        super().__init__(Ref(raw, library().mediadev_entity_put))

    def __repr__(self) -> str:
        return "<mediadev.Entity closed>" if self.closed else f"<mediadev.Entity {self.id} ({self.name})>"

    @property
    def id(self) -> int:
        """Nothing else of the graph has or had it."""
        return int(library().mediadev_entity_id(self._held()))

    @property
    def name(self) -> str:
        """What it is called."""
        name: bytes = library().mediadev_entity_name(self._held())
        return name.decode(errors="replace")

    @property
    def function(self) -> int:
        """What it is."""
        return int(library().mediadev_entity_function(self._held()))

    @property
    def num_pads(self) -> int:
        """How many pads it has, or had."""
        return int(library().mediadev_entity_num_pads(self._held()))

    @property
    def is_attached(self) -> bool:
        """Whether it is in the graph, at some moment."""
        return bool(library().mediadev_entity_is_attached(self._held()))

    @property
    def device(self) -> Device:
        """Its device."""
        return Device(library().mediadev_entity_device(self._held()))

    @property
    def context(self) -> Any:
        """What the program has at it, None at first."""
        return contexts.get(library().mediadev_entity_context(self._held()))

    @context.setter
    def context(self, thing: object) -> None:
        library().mediadev_entity_set_context(self._held(), *context_in(thing))

    def pad_id(self, pad: int) -> int:
        """The id of one of its pads."""
        pad_id = ctypes.c_uint32()
        library().mediadev_entity_pad_id(self._held(), _pad(pad), pad_id)
        return pad_id.value

    def set_flags(self, flags: EntityFlag | int) -> None:
        """Gives it flags, of which it has none at first."""
        library().mediadev_entity_set_flags(self._held(), unsigned(flags, "flags"))

    def remove(self) -> None:
        """Takes it out of the graph, with its links."""
        library().mediadev_entity_remove(self._held())

    def add_link(self, pad: int, sink: "Entity", sink_pad: int, flags: LinkFlag | int = 0) -> None:
        """Links a source pad of this entity to a sink pad. Nobody is asked."""
        library().mediadev_link_add(*self._link(pad, sink, sink_pad), unsigned(flags, "flags"))

    def remove_link(self, pad: int, sink: "Entity", sink_pad: int) -> None:
        """Takes that link out. Nobody is asked."""
        library().mediadev_link_remove(*self._link(pad, sink, sink_pad))

    def find_link(self, pad: int, sink: "Entity", sink_pad: int) -> LinkInfo:
        """What that link is now."""
        info = sized(mediadev_link_info)
        library().mediadev_link_find(*self._link(pad, sink, sink_pad), info)
        return LinkInfo._of_c(info)

    def setup_link(self, pad: int, sink: "Entity", sink_pad: int, flags: LinkFlag | int) -> None:
        """Changes the flags of that link, if the provider agrees: only ENABLED can change."""
        library().mediadev_link_setup(*self._link(pad, sink, sink_pad), unsigned(flags, "flags"))

    def link_interface(self, interface_id: int, flags: LinkFlag | int = LinkFlag.ENABLED) -> None:
        """Says that an interface controls it."""
        library().mediadev_interface_link(
            self._held(), unsigned(interface_id, "the id"), unsigned(flags, "flags")
        )

    def link_ancillary(self, ancillary: "Entity") -> None:
        """Says that another entity belongs to it, as a lens does to its sensor."""
        library().mediadev_ancillary_link(self._held(), ancillary._held())

    def start(self, pad: int, pipeline: "Pipeline") -> None:
        """Starts a pipeline at a pad: everything that can be reached along enabled links streams. Pipelines nest."""
        library().mediadev_pipeline_start(self._held(), _pad(pad), pipeline._struct)

    def stop(self, pad: int, pipeline: "Pipeline") -> None:
        """One start less; after the last one the pads are free."""
        library().mediadev_pipeline_stop(self._held(), _pad(pad), pipeline._struct)

    def is_streaming(self, pad: int) -> bool:
        """Whether a pad is in a pipeline that has been started, at some moment."""
        return bool(library().mediadev_pad_is_streaming(self._held(), _pad(pad)))

    def _link(self, pad: int, sink: "Entity", sink_pad: int) -> tuple[Ref, int, Ref, int]:
        return self._held(), _pad(pad), sink._held(), _pad(sink_pad)


def _pad(pad: int) -> int:
    return unsigned(pad, "the pad")


class Pipeline:
    """A pipeline, to be started and stopped by those who stream. It holds nothing."""

    __slots__ = ("_struct",)

    def __init__(self) -> None:
        """One that is not started."""
        self._struct = mediadev_pipeline()


class File(Handle):
    """A device of this process, opened. It may be closed while calls run in it, which end in the ordinary way."""

    __slots__ = ()

    def __init__(self, raw: Any) -> None:
        super().__init__(Ref(raw, library().mediadev_file_close))

    def __repr__(self) -> str:
        return "<mediadev.File closed>" if self.closed else "<mediadev.File>"

    @property
    def device(self) -> Device:
        """Its device."""
        return Device(library().mediadev_file_device(self._held()))

    @property
    def context(self) -> Any:
        """What the program has at it, None at first. Python lets go of it when the handle has been closed."""
        return contexts.get(library().mediadev_file_context(self._held()))

    @context.setter
    def context(self, thing: object) -> None:
        library().mediadev_file_set_context(self._held(), *context_in(thing))

    @property
    def is_exported(self) -> bool:
        """Whether another program has opened the node of an export, and this handle is its: addresses in its calls are its own."""
        return bool(library().mediadev_file_is_exported(self._held()))

    def topology(self) -> Topology:
        """The graph of its device as it is now."""
        return Topology(library().mediadev_topology_of(self._held()))

    def setup_link(self, source: PadKey, sink: PadKey, flags: LinkFlag | int) -> None:
        """Changes the flags of the link between two pads, by their ids, if the provider agrees."""
        library().mediadev_file_setup_link(self._held(), id_of(source), id_of(sink), unsigned(flags, "flags"))

    def ioctl(self, request: int, argument: Any = 0) -> int:
        """What ioctl() does on a device node. The argument is a number, or something that can be written to: a ctypes object, a
        bytearray. Calls of the media interface are answered by the library, others by the provider. A call that he has nothing for
        yet sleeps until he has, or the device is unregistered; he is asked again every second, so that Ctrl-C can end it.
        """
        if not isinstance(argument, int):
            size, room = request >> 16 & 0x3FFF, memoryview(argument).nbytes
            if room < size:
                raise ValueError(f"the argument has {room} bytes, and the call {request:#x} takes {size}")
            argument = (ctypes.c_char * room).from_buffer(argument)
        ref, call, forever = self._held(), unsigned(request, "the call"), Deadline(None)
        try:
            while (result := library().mediadev_file_ioctl_timeout(ref, call, argument, forever.piece)) == NOT_YET:
                pass
            if result < 0:
                raise library.last_error(-result)
            return int(result)
        finally:
            del ref

    def poll(self, timeout: float | None = None) -> int:
        """What poll() would say, `select.POLLIN` for one, as soon as there is something, or 0 after `timeout` seconds. It is
        `POLLERR | POLLHUP` once the device has been unregistered.
        """
        ref, deadline = self._held(), Deadline(timeout)
        while not (events := library().mediadev_file_poll(ref, deadline.piece)) and not deadline.passed:
            pass
        return int(events)

    async def poll_async(self) -> int:
        """The same in an event loop, where a thread of the loop's sleeps; `asyncio.timeout()` limits it."""
        import asyncio  # not before it is needed: it is large

        loop, ref = asyncio.get_running_loop(), self._held()
        try:
            # In pieces, so that the thread comes back some time after this was cancelled.
            while not (events := await loop.run_in_executor(None, library().mediadev_file_poll, ref, PIECE_MS)):
                pass
        finally:
            del ref
        return int(events)

    def request(self) -> Request:
        """A new request, which is idle. It holds the device and not this handle."""
        return Request(library().mediadev_file_request_alloc(self._held()))

    def request_by_fd(self, fd: int) -> Request:
        """The request for which MEDIA_IOC_REQUEST_ALLOC gave this file descriptor."""
        return Request(library().mediadev_request_by_fd(self._held(), fd))


class Export(Handle):
    """A node in /dev behind which is a device of this process. Nothing is answered until somebody serves.

    The end of a `with` block takes the node away at once. It goes too when the device is unregistered.
    """

    __slots__ = ()

    def __init__(self, raw: Any) -> None:
        super().__init__(Ref(raw, library().mediadev_export_put))

    def __repr__(self) -> str:
        return "<mediadev.Export closed>" if self.closed else "<mediadev.Export>"

    def fileno(self) -> int:
        """A file descriptor for poll(): readable when `serve()` has something to do. It is the library's."""
        return int(library().mediadev_export_fd(self._held()))

    def serve(self, timeout: float | None = None) -> int:
        """Waits until programs want something and does it: the number of messages, 0 after `timeout` seconds. `GoneError` when the
        export has ended. With 0 seconds it is for an event loop: `loop.add_reader(export, serve)` with a function of yours that calls
        `export.serve(0)`, and at the `GoneError` `loop.remove_reader(export)`, for the end stays readable.
        """
        ref, deadline = self._held(), Deadline(timeout)
        try:
            while True:
                done: int = library().mediadev_export_serve(ref, deadline.piece)
                if done < 0 and done != -errno.EINTR:
                    raise library.last_error(-done)
                if done > 0 or deadline.passed:
                    return max(done, 0)
        finally:
            del ref

    def start(self) -> None:
        """Starts a thread of the library's that serves until the export ends."""
        library().mediadev_export_start(self._held())

    def stop(self) -> None:
        """Takes the node away; the device lives on. It is to be served until programs that have it open have closed it."""
        library().mediadev_export_stop(self._held())


class Provider:
    """The operations of a device, to be overridden. They are called from any thread, several at a time, and may use this package.

    An `OSError` that an operation raises comes to the caller with its errno, `NotImplementedError` as EOPNOTSUPP; of anything else
    he sees EIO, and Python reports it as unraisable. After the device has been unregistered none begins but `close()`,
    `before_free()` and `after_free()`.
    """

    def link_setup(self, entity: Entity, pad: int, link: LinkInfo, flags: LinkFlag) -> None:
        """The flags of a link at a pad of this entity are to change; an exception refuses that. The source is asked first, then the
        sink; if he refuses, the source is asked again for the flags that the link had.
        """

    def link_notify(self, device: Device, link: LinkInfo, flags: LinkFlag, after: bool) -> None:
        """The flags of a link are about to change, or (`after`) have changed, or were refused."""

    def link_validate(self, sink: Entity, pad: int, link: LinkInfo) -> None:
        """A pipeline is to start that this link is part of; an exception refuses that."""

    def open(self, file: File) -> None:
        """Somebody opens the device; an exception refuses that. What is his own can be his handle's `context`."""

    def close(self, file: File) -> None:
        """A handle that was granted is closed. Nobody holds it any more: it must not be kept, nor be given to another thread."""

    def ioctl(self, file: File, request: int, argument: int) -> int:
        """A call that the library does not know, and its result, or `NOT_YET`: tried again after `Device.notify()`. The argument is
        a number or an address, as the call says; addresses in it must not be followed where `file.is_exported`.
        """
        raise OSError(errno.ENOTTY, "no such call")

    def poll(self, file: File) -> int:
        """What poll() would say now, `select.POLLIN` for one, or 0. Must not wait: `Device.notify()` has it asked again."""
        raise NotImplementedError

    def request_validate(self, request: Request) -> None:
        """A request is to be queued; an exception refuses that: ENOENT where there is nothing in it."""

    def request_queue(self, request: Request) -> None:
        """A request has been queued: `request.complete()` when it is done, from here or later. Who does not override this has no
        requests.
        """
        raise NotImplementedError

    def before_free(self, device: Device) -> None:
        """The last one who held the device has let go. Its graph is still there; the device must not be kept, nor be given to another
        thread.
        """

    def after_free(self) -> None:
        """Nothing of the device is left: the last call."""


# The library gets a number for a provider or a function, and C functions that are never freed, since another thread
# may be inside of them.
providers, managed = Kept[Provider](), Kept[Callable[[], object]]()
_calls = Calls("an operation of a media device")


def _free(number: int) -> None:
    _calls.quietly(managed.pop(number))


_FREE = mediadev_destroy(_free)


class _Lent:
    """A handle on what nobody holds any more, as long as the `with` block runs."""

    def __init__(self, kind: type[Handle], raw: Any) -> None:
        self._handle = kind.__new__(kind)
        Handle.__init__(self._handle, Ref(raw, lambda raw: None))

    def __enter__(self) -> Any:
        return self._handle

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        Handle.close(self._handle)


def _file(raw: Any) -> File:
    return File(library().mediadev_file_get(raw))


def _entity(raw: Any) -> Entity:
    return Entity(library().mediadev_entity_get(raw))


def _request(raw: Any) -> Request:
    return Request(library().mediadev_request_get(raw))


def _device(raw: Any) -> Device:
    return Device(library().mediadev_device_get(raw))


def _link_setup(entity: Any, pad: int, link: Any, flags: int, number: int) -> int:
    return _calls.status(
        lambda: providers[number].link_setup(_entity(entity), pad, LinkInfo._of_c(link[0]), LinkFlag(flags))
    )


def _link_notify(device: Any, link: Any, flags: int, when: int, number: int) -> None:
    after = when == CONSTANTS["MEDIADEV_NOTIFY_AFTER"]
    _calls.quietly(
        lambda: providers[number].link_notify(
            _device(device), LinkInfo._of_c(link[0]), LinkFlag(flags), after
        )
    )


def _link_validate(sink: Any, pad: int, link: Any, number: int) -> int:
    return _calls.status(
        lambda: providers[number].link_validate(_entity(sink), pad, LinkInfo._of_c(link[0]))
    )


def _open(file: Any, number: int) -> int:
    return _calls.status(lambda: providers[number].open(_file(file)))


def _close(file: Any, number: int) -> None:
    with _Lent(File, file) as lent:
        _calls.quietly(providers[number].close, lent)


def _ioctl(file: Any, request: int, argument: int | None, number: int) -> int:
    results: list[int] = []
    provider = providers[number]
    status = _calls.status(lambda: results.append(int(provider.ioctl(_file(file), request, argument or 0))))
    return status or results[0]


def _poll(file: Any, number: int) -> int:
    events: list[int] = []
    provider = providers[number]
    _calls.quietly(lambda: events.append(unsigned(provider.poll(_file(file)), "what poll() says")))
    return events[0] if events else 0


def _before_free(device: Any, number: int) -> None:
    with _Lent(Device, device) as lent:
        _calls.quietly(providers[number].before_free, lent)


def _after_free(number: int) -> None:
    _calls.quietly(providers[number].after_free)
    del providers[number]


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "link_setup": _link_setup,
    "link_notify": _link_notify,
    "link_validate": _link_validate,
    "open": _open,
    "close": _close,
    "ioctl": _ioctl,
    "poll": _poll,
    "request_validate": lambda request, number: _calls.status(
        lambda: providers[number].request_validate(_request(request))
    ),
    "request_queue": lambda request, number: _calls.quietly(
        lambda: providers[number].request_queue(_request(request))
    ),
    "before_free": _before_free,
    "after_free": _after_free,
}
_FUNCTIONS: dict[str, Any] = {name: kind(_OPERATIONS[name]) for name, kind, *_ in mediadev_ops._fields_[1:]}


def _operations(provider: Provider | None) -> tuple[mediadev_ops | None, int | None]:
    """The table of a provider, which has what he has overridden, and his number."""
    if provider is None:
        return None, None
    ops: mediadev_ops = sized(mediadev_ops)
    for name, function in _FUNCTIONS.items():
        # His number is forgotten there.
        if name == "after_free" or getattr(type(provider), name) is not getattr(Provider, name):
            setattr(ops, name, function)
    return ops, providers.keep(provider)
