# SPDX-License-Identifier: MIT OR Apache-2.0
"""Topologies: graphs as they were at one moment."""

import contextlib
import ctypes
import itertools
from collections.abc import Callable
from typing import Any, TypeVar

from _holdfast.handle import Handle, Ref
from _holdfast.text import Path, path_in, text_copied, text_in

from ._errors import NotFoundError
from ._lib import library
from ._signatures import (
    CONSTANTS,
    mediadev_entity_info,
    mediadev_interface_info,
    mediadev_link_info,
    mediadev_pad_info,
    mediadev_visit,
)
from ._types import (
    Direction,
    EntityInfo,
    EntityKey,
    InterfaceInfo,
    LinkInfo,
    PadInfo,
    PadKey,
    function_called,
    id_of,
    sized,
    unsigned,
)

T = TypeVar("T")
_ALL_LINKS = CONSTANTS["MEDIADEV_ALL_LINKS"]


class Topology(Handle):
    """A graph as it was when it was read. It never changes, and needs nobody's device.

    Where an entity or a pad is asked for, its id will do.
    """

    __slots__ = ()

    def __init__(self, raw: Any) -> None:
        super().__init__(Ref(raw, library().mediadev_topology_put))

    def __repr__(self) -> str:
        return "<mediadev.Topology closed>" if self.closed else f"<mediadev.Topology version {self.version}>"

    @property
    def version(self) -> int:
        """It grows whenever something comes or goes. A link that is enabled or disabled does not change it."""
        return int(library().mediadev_topology_version(self._held()))

    @property
    def generation(self) -> int:
        """Tells a device of this process from another one that took its place; 0 for a device of the kernel."""
        return int(library().mediadev_topology_generation(self._held()))

    @property
    def entities(self) -> list[EntityInfo]:
        """All entities."""
        return self._all("ENTITY", library().mediadev_topology_entity, mediadev_entity_info, EntityInfo._of_c)

    @property
    def pads(self) -> list[PadInfo]:
        """All pads."""
        return self._all("PAD", library().mediadev_topology_pad, mediadev_pad_info, PadInfo._of_c)

    @property
    def links(self) -> list[LinkInfo]:
        """All links, of all kinds."""
        return self._all("LINK", library().mediadev_topology_link, mediadev_link_info, LinkInfo._of_c)

    @property
    def interfaces(self) -> list[InterfaceInfo]:
        """All interfaces."""
        call = library().mediadev_topology_interface
        return self._all("INTERFACE", call, mediadev_interface_info, InterfaceInfo._of_c)

    def find(self, glob: str) -> EntityInfo:
        """The first entity that is called so, or else whose name matches it as a pattern of the shell."""
        return self._entity(library().mediadev_topology_find, text_in(glob))

    def entity(self, entity_id: int) -> EntityInfo:
        """The entity that has this id."""
        return self._entity(library().mediadev_topology_by_id, id_of(entity_id))

    def by_function(self, function: int | str) -> list[EntityInfo]:
        """The entities that have this function, a number or "CAM_SENSOR"."""
        number = function_called(function) if isinstance(function, str) else unsigned(function, "the function")
        return self._each(library().mediadev_topology_by_function, number, mediadev_entity_info, EntityInfo._of_c)

    def by_devnode(self, path: Path) -> EntityInfo:
        """The first entity that the interface controls whose device node this is."""
        return self._entity(library().mediadev_topology_by_devnode, path_in(path))

    def pad(self, pad_id: int) -> PadInfo:
        """The pad that has this id."""
        return self._pad(library().mediadev_topology_pad_by_id, id_of(pad_id))

    def pad_of(self, entity: EntityKey, index: int) -> PadInfo:
        """The pad of an entity that has this index."""
        return self._pad(library().mediadev_topology_pad_of, id_of(entity), unsigned(index, "the index"))

    def pads_of(self, entity: EntityKey) -> list[PadInfo]:
        """The pads of an entity."""
        wanted = id_of(entity)
        return [pad for pad in self.pads if pad.entity_id == wanted]

    def link(self, link_id: int) -> LinkInfo:
        """The link that has this id."""
        info = sized(mediadev_link_info)
        library().mediadev_topology_link_by_id(self._held(), id_of(link_id), info)
        return LinkInfo._of_c(info)

    def links_of(self, pad: PadKey) -> list[LinkInfo]:
        """The data links at a pad."""
        return self._each(library().mediadev_topology_link_of, id_of(pad), mediadev_link_info, LinkInfo._of_c)

    def interface(self, interface_id: int) -> InterfaceInfo:
        """The interface that has this id."""
        info = sized(mediadev_interface_info)
        library().mediadev_topology_interface_by_id(self._held(), id_of(interface_id), info)
        return InterfaceInfo._of_c(info)

    def remote_pad(self, pad: PadKey) -> PadInfo:
        """The pad at the other end of the enabled link of a pad: ENOLINK where none is enabled, ENOTUNIQ where several are."""
        remote = ctypes.c_uint32()
        library().mediadev_topology_remote_pad(self._held(), id_of(pad), remote)
        return self.pad(remote.value)

    def walk(self, entity: EntityKey, direction: Direction, *, all_links: bool = False) -> list[EntityInfo]:
        """The entities that can be reached from one, itself first, the near ones before the far ones.

        It goes along enabled links, with `all_links` along all data links.
        """
        found: list[EntityInfo] = []

        def visit(info: Any, _user_data: int | None) -> int:
            found.append(EntityInfo._of_c(info[0]))
            return 0

        flags = unsigned(direction, "the direction") | _ALL_LINKS * all_links
        library().mediadev_topology_walk(self._held(), id_of(entity), flags, mediadev_visit(visit), None)
        return found

    def devnode(self, thing: InterfaceInfo | EntityKey) -> str:
        """The path of the device node of an interface, or of the first one that controls an entity. The system is asked now."""
        ref, wanted = self._held(), id_of(thing)
        return text_copied(lambda buffer, size: library().mediadev_topology_devnode(ref, wanted, buffer, size))

    def to_dot(self) -> str:
        """The graph in the language of Graphviz, as `media-ctl --print-dot` draws it."""
        ref = self._held()
        return library.text_given(lambda text: library().mediadev_topology_to_dot(ref, text))[1] or ""

    def _all(self, kind: str, call: Any, struct: type[Any], of_c: Callable[[Any], T]) -> list[T]:
        ref, info = self._held(), sized(struct)
        count = library().mediadev_topology_count(ref, CONSTANTS[f"MEDIADEV_KIND_{kind}"])
        return [of_c(info) for index in range(count) if not call(ref, index, info)]

    def _entity(self, call: Any, *arguments: Any) -> EntityInfo:
        info = sized(mediadev_entity_info)
        call(self._held(), *arguments, info)
        return EntityInfo._of_c(info)

    def _pad(self, call: Any, *arguments: Any) -> PadInfo:
        info = sized(mediadev_pad_info)
        call(self._held(), *arguments, info)
        return PadInfo._of_c(info)

    def _each(self, call: Any, wanted: int, struct: type[Any], of_c: Callable[[Any], T]) -> list[T]:
        ref, info, found = self._held(), sized(struct), list[T]()
        with contextlib.suppress(NotFoundError):
            for nth in itertools.count():
                call(ref, wanted, nth, info)
                found.append(of_c(info))
        return found
