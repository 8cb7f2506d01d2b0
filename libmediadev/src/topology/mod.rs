// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Topology`]: a media graph as it was at one moment, the same type for a device of the kernel and for one of this process
//! (M12). It never changes, and whoever holds it need not hold the device.
//!
//! The arrays are the kernel's own; beside them lies only what makes looking things up short.

mod arrays;
mod check;
mod dot;
mod index;
mod walk;

pub(crate) use arrays::Arrays;
pub use walk::Direction;

use crate::error::{error, Result};
use crate::{sys, uapi};
use index::{Groups, Places};
use once_cell::sync::OnceCell;
use std::ffi::CStr;

/// A graph as the kernel tells it: what a [`Topology`] is made of.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Raw {
    pub version: u64,
    pub entities: Vec<uapi::Entity>,
    pub interfaces: Vec<uapi::Interface>,
    pub pads: Vec<uapi::Pad>,
    pub links: Vec<uapi::Link>,
}

/// See the module's description.
pub struct Topology {
    version: u64,
    generation: u64,
    arrays: Arrays,
    places: Places,
    // Made when somebody asks.
    pads_of: OnceCell<Groups>,
    links_of: OnceCell<Groups>,
    controls_of: OnceCell<Groups>,
}

/// An entity.
#[derive(Clone, Copy, Debug)]
pub struct EntityInfo {
    /// No other thing of the graph has it.
    pub id: u32,
    /// What it does: [`names::function`](crate::names::function).
    pub function: u32,
    /// [`names::entity_flags`](crate::names::entity_flags).
    pub flags: u32,
    /// How many pads it has.
    pub num_pads: u32,
    /// How many data links there are at its pads.
    pub num_links: u32,
    name: [u8; 64],
}

/// A pad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PadInfo {
    /// No other thing of the graph has it.
    pub id: u32,
    /// Whose pad it is.
    pub entity_id: u32,
    /// Which of its pads.
    pub index: u32,
    /// [`names::pad_flags`](crate::names::pad_flags).
    pub flags: u32,
}

/// A link: of data from pad to pad, from an interface to an entity that it controls, from an entity to one that belongs to it,
/// or of a kind that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkInfo {
    /// No other thing of the graph has it.
    pub id: u32,
    /// The id of what it comes from.
    pub source_id: u32,
    /// The id of what it goes to.
    pub sink_id: u32,
    /// [`names::link_flags`](crate::names::link_flags), and [`uapi::LINK_TYPE`].
    pub flags: u32,
    /// The entity that it comes from, 0 for none.
    pub source_entity: u32,
    /// The index of the pad that it comes from.
    pub source_pad: u32,
    /// The entity that it goes to, 0 for none.
    pub sink_entity: u32,
    /// The index of the pad that it goes to.
    pub sink_pad: u32,
}

/// An interface: a device node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InterfaceInfo {
    /// No other thing of the graph has it.
    pub id: u32,
    /// [`names::interface`](crate::names::interface).
    pub kind: u32,
    /// None are known.
    pub flags: u32,
    /// Of its device node.
    pub major: u32,
    /// Of its device node.
    pub minor: u32,
}

impl Topology {
    /// Grows with every change of what there is in the graph (M5). A link that is enabled or disabled is no such change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Tells one device of this process from another that had the same name before it (M5); 0 where it is not known.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// How many entities there are.
    pub fn num_entities(&self) -> usize {
        self.arrays.entities().len()
    }

    /// How many pads there are.
    pub fn num_pads(&self) -> usize {
        self.arrays.pads().len()
    }

    /// How many links there are, of all kinds.
    pub fn num_links(&self) -> usize {
        self.arrays.links().len()
    }

    /// How many interfaces there are.
    pub fn num_interfaces(&self) -> usize {
        self.arrays.interfaces().len()
    }

    /// Entities, interfaces, pads, links: how many there are.
    pub(crate) fn counts(&self) -> [usize; 4] {
        self.arrays.counts()
    }

    /// The entity at this place of the list.
    pub fn entity(&self, index: usize) -> Option<EntityInfo> {
        let of = self.arrays.entities().get(index)?;
        let pads = self.pads_by_entity().of(index);
        let links = pads.iter().map(|&pad| self.links_by_pad().of(pad as usize).len()).sum::<usize>();
        Some(EntityInfo {
            id: of.id,
            function: of.function,
            flags: of.flags,
            num_pads: pads.len() as u32,
            num_links: links as u32,
            name: terminated(of.name),
        })
    }

    /// All entities.
    pub fn entities(&self) -> impl Iterator<Item = EntityInfo> + '_ {
        (0..self.arrays.entities().len()).filter_map(|at| self.entity(at))
    }

    /// The pad at this place of the list.
    pub fn pad(&self, index: usize) -> Option<PadInfo> {
        self.arrays.pads().get(index).map(PadInfo::of)
    }

    /// All pads.
    pub fn pads(&self) -> impl Iterator<Item = PadInfo> + '_ {
        self.arrays.pads().iter().map(PadInfo::of)
    }

    /// The link at this place of the list.
    pub fn link(&self, index: usize) -> Option<LinkInfo> {
        self.arrays.links().get(index).map(|link| self.link_info(link))
    }

    /// All links.
    pub fn links(&self) -> impl Iterator<Item = LinkInfo> + '_ {
        self.arrays.links().iter().map(|link| self.link_info(link))
    }

    /// The interface at this place of the list.
    pub fn interface(&self, index: usize) -> Option<InterfaceInfo> {
        self.arrays.interfaces().get(index).map(InterfaceInfo::of)
    }

    /// All interfaces.
    pub fn interfaces(&self) -> impl Iterator<Item = InterfaceInfo> + '_ {
        self.arrays.interfaces().iter().map(InterfaceInfo::of)
    }

    /// The entity that has this id.
    pub fn entity_by_id(&self, id: u32) -> Result<EntityInfo> {
        let found = self.places.find(self.arrays.entities(), id).and_then(|at| self.entity(at));
        found.ok_or_else(|| error!(NotFound, "no entity has the id {id:#x}"))
    }

    /// The pad that has this id.
    pub fn pad_by_id(&self, id: u32) -> Result<PadInfo> {
        self.pad_with(id).ok_or_else(|| error!(NotFound, "no pad has the id {id:#x}"))
    }

    /// The same, where nobody wants to know why not.
    #[inline]
    pub(crate) fn pad_with(&self, id: u32) -> Option<PadInfo> {
        self.places.find(self.arrays.pads(), id).and_then(|at| self.pad(at))
    }

    /// The link that has this id.
    pub fn link_by_id(&self, id: u32) -> Result<LinkInfo> {
        let found = self.places.find(self.arrays.links(), id).and_then(|at| self.link(at));
        found.ok_or_else(|| error!(NotFound, "no link has the id {id:#x}"))
    }

    /// The interface that has this id.
    pub fn interface_by_id(&self, id: u32) -> Result<InterfaceInfo> {
        let found = self.places.find(self.arrays.interfaces(), id).and_then(|at| self.interface(at));
        found.ok_or_else(|| error!(NotFound, "no interface has the id {id:#x}"))
    }

    /// The first entity that is called so, or else the first one whose name matches the shell's pattern (`*`, `?`, `[…]`).
    pub fn find(&self, glob: &CStr) -> Result<EntityInfo> {
        let by = |wanted: &dyn Fn(&CStr) -> bool| self.entities().find(|entity| wanted(entity.name()));
        by(&|name| name == glob)
            .or_else(|| by(&|name| sys::matches(glob, name)))
            .ok_or_else(|| error!(NotFound, "no entity is called {glob:?}"))
    }

    /// The entities whose names match the shell's pattern.
    pub fn find_all<'a>(&'a self, glob: &'a CStr) -> impl Iterator<Item = EntityInfo> + 'a {
        self.entities().filter(move |entity| entity.name() == glob || sys::matches(glob, entity.name()))
    }

    /// The entities that have this function.
    pub fn by_function(&self, function: u32) -> impl Iterator<Item = EntityInfo> + '_ {
        self.entities().filter(move |entity| entity.function == function)
    }

    /// The pads of an entity, by their index.
    pub fn pads_of(&self, entity_id: u32) -> impl Iterator<Item = PadInfo> + '_ {
        let at = self.places.find(self.arrays.entities(), entity_id);
        at.into_iter().flat_map(|at| self.pads_by_entity().of(at)).filter_map(|&pad| self.pad(pad as usize))
    }

    /// The pad of an entity that has this index.
    pub fn pad_of(&self, entity_id: u32, index: u32) -> Result<PadInfo> {
        let entity = self.entity_by_id(entity_id)?;
        let found = self.pads_of(entity_id).find(|pad| pad.index == index);
        found.ok_or_else(|| error!(NotFound, "{entity}: it has {} pads, and no pad {index}", entity.num_pads))
    }

    /// The data links at a pad.
    pub fn links_of(&self, pad_id: u32) -> impl Iterator<Item = LinkInfo> + '_ {
        let at = self.places.find(self.arrays.pads(), pad_id);
        at.into_iter().flat_map(|at| self.links_by_pad().of(at)).filter_map(|&link| self.link(link as usize))
    }

    /// The data link between two pads.
    pub fn link_between(&self, source_pad_id: u32, sink_pad_id: u32) -> Option<LinkInfo> {
        self.links_of(source_pad_id).find(|l| l.source_id == source_pad_id && l.sink_id == sink_pad_id)
    }

    /// The data links that come from an entity, in the order of the list.
    pub fn links_from(&self, entity_id: u32) -> impl Iterator<Item = LinkInfo> + '_ {
        let at = self.places.find(self.arrays.entities(), entity_id);
        let pads = at.map_or(&[][..], |at| self.pads_by_entity().of(at));
        let mut links: Vec<u32> =
            pads.iter().flat_map(|&pad| self.links_by_pad().of(pad as usize)).copied().collect();
        links.sort_unstable();
        // One that ends here too is there twice.
        links.dedup();
        let all = links.into_iter().filter_map(|link| self.link(link as usize));
        all.filter(move |link| link.source_entity == entity_id)
    }

    /// The interfaces that control an entity.
    pub fn interfaces_of(&self, entity_id: u32) -> impl Iterator<Item = InterfaceInfo> + '_ {
        let at = self.places.find(self.arrays.entities(), entity_id);
        let links = at.map_or(&[][..], |at| self.controls_by_entity().of(at));
        let mine = links.iter().filter_map(|&link| self.arrays.links().get(link as usize));
        mine.filter_map(|link| self.places.find(self.arrays.interfaces(), link.source_id))
            .filter_map(|at| self.interface(at))
    }

    /// The interface whose device node has these numbers.
    pub fn interface_by_device(&self, major: u32, minor: u32) -> Result<InterfaceInfo> {
        let found = self.interfaces().find(|interface| (interface.major, interface.minor) == (major, minor));
        found.ok_or_else(|| error!(NotFound, "no interface is the device {major}:{minor}"))
    }

    /// The first entity that the interface controls whose device node this is: "/dev/video0".
    pub fn entity_by_devnode(&self, path: &std::path::Path) -> Result<EntityInfo> {
        let (major, minor) = sys::device_at(path)?;
        let interface = self.interface_by_device(major, minor)?;
        let controls = |link: &&uapi::Link| {
            kind_of(link.flags) == uapi::LINK_INTERFACE && link.source_id == interface.id
        };
        let entity = self.arrays.links().iter().find(controls).map(|link| self.entity_by_id(link.sink_id));
        entity.unwrap_or_else(|| Err(error!(NotFound, "{} controls no entity", path.display())))
    }

    /// The numbers of the device node of an interface, or of the first interface that controls an entity.
    pub fn device_number(&self, interface_or_entity_id: u32) -> Result<(u32, u32)> {
        let id = interface_or_entity_id;
        let interface = match self.interface_by_id(id) {
            Ok(interface) => interface,
            Err(_) => match (self.entity_by_id(id), self.interfaces_of(id).next()) {
                (Ok(_), Some(interface)) => interface,
                (Ok(entity), None) => return Err(error!(NotFound, "{entity}: no interface controls it")),
                (Err(_), _) => return Err(error!(NotFound, "no interface and no entity has the id {id:#x}")),
            },
        };
        Ok((interface.major, interface.minor))
    }

    /// The path of that device node, as it is called now.
    pub fn devnode(&self, interface_or_entity_id: u32) -> Result<String> {
        let (major, minor) = self.device_number(interface_or_entity_id)?;
        sys::device_node(major, minor)
    }

    /// The entity's function, or where the first version of the interface does not know that, whether it has a device node or is a
    /// sub-device: what that version calls its type.
    pub fn old_type(&self, entity: &EntityInfo) -> u32 {
        match entity.function {
            uapi::FUNCTION_OLD_BASE..=uapi::FUNCTION_TUNER => entity.function,
            // Input and output of kinds that came later: none of them is a sub-device.
            0x1001..=0x1fff => uapi::FUNCTION_OLD_BASE | 0xffff,
            _ => {
                let mut kinds = self.interfaces_of(entity.id).map(|interface| interface.kind).peekable();
                match kinds.peek().is_some() && kinds.all(|kind| kind != uapi::INTERFACE_V4L_SUBDEV) {
                    true => uapi::FUNCTION_OLD_BASE | 0xffff,
                    false => uapi::FUNCTION_OLD_SUBDEV_BASE,
                }
            }
        }
    }

    /// What the kernel tells of this graph.
    pub fn raw(&self) -> RawParts<'_> {
        self.arrays.parts()
    }

    /// Whether this is what the kernel told.
    pub(crate) fn is(&self, version: u64, told: &Arrays) -> bool {
        self.version == version && self.arrays.are(told)
    }

    fn link_info(&self, link: &uapi::Link) -> LinkInfo {
        let end = |id| match kind_of(link.flags) {
            uapi::LINK_DATA => {
                let pad = self.places.find(self.arrays.pads(), id).and_then(|at| self.arrays.pads().get(at));
                pad.map_or((0, 0), |pad| (pad.entity_id, pad.index))
            }
            _ => (self.places.find(self.arrays.entities(), id).map_or(0, |_| id), 0),
        };
        let ((source_entity, source_pad), (sink_entity, sink_pad)) = (end(link.source_id), end(link.sink_id));
        let uapi::Link { id, source_id, sink_id, flags, .. } = *link;
        LinkInfo { id, source_id, sink_id, flags, source_entity, source_pad, sink_entity, sink_pad }
    }
}

/// The arrays of a topology, as the kernel tells them.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct RawParts<'a> {
    pub entities: &'a [uapi::Entity],
    pub interfaces: &'a [uapi::Interface],
    pub pads: &'a [uapi::Pad],
    pub links: &'a [uapi::Link],
}

/// A name ends with a zero, and nothing else stands behind that.
fn terminated(mut name: [u8; 64]) -> [u8; 64] {
    let end = CStr::from_bytes_until_nul(&name).map_or(63, CStr::count_bytes);
    name[end..].fill(0);
    name
}

/// Which kind of link it is.
pub(crate) fn kind_of(link_flags: u32) -> u32 {
    link_flags & uapi::LINK_TYPE
}

impl PadInfo {
    fn of(pad: &uapi::Pad) -> Self {
        PadInfo { id: pad.id, entity_id: pad.entity_id, index: pad.index, flags: pad.flags }
    }
}

impl LinkInfo {
    /// Which kind of link it is: [`uapi::LINK_DATA`] for one.
    pub fn kind(&self) -> u32 {
        kind_of(self.flags)
    }

    /// Whether data may flow.
    pub fn is_enabled(&self) -> bool {
        self.flags & uapi::LINK_ENABLED != 0
    }
}

impl InterfaceInfo {
    fn of(interface: &uapi::Interface) -> Self {
        let uapi::Interface { id, kind, flags, major, minor, .. } = *interface;
        InterfaceInfo { id, kind, flags, major, minor }
    }
}

impl EntityInfo {
    /// What it is called.
    pub fn name(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.name).unwrap_or_default()
    }

    /// The name and the zeros behind it.
    pub fn name_bytes(&self) -> &[u8; 64] {
        &self.name
    }
}

impl std::fmt::Display for EntityInfo {
    /// `"Sensor A" (1)`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\" ({})", self.name().to_string_lossy(), self.id)
    }
}

#[cfg(test)]
mod tests;
