// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a graph is made of, as it is told to a C program.

use crate::{EntityInfo, InterfaceInfo, LinkInfo, PadInfo};
use cabi::arg::Versioned;
use std::ffi::c_char;

/// An entity of a graph. Set \p size to its size; members may be added at its end. Functions and flags are those of linux/media.h.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mediadev_entity_info {
    /// sizeof(struct mediadev_entity_info)
    pub size: usize,
    /// No other thing of the graph has it
    pub id: u32,
    /// MEDIA_ENT_F_, or a number that has no name yet
    pub function: u32,
    /// MEDIA_ENT_FL_
    pub flags: u32,
    /// How many pads it has
    pub num_pads: u32,
    /// How many data links there are at its pads
    pub num_links: u32,
    /// What it is called; ends with NUL
    pub name: [c_char; 64],
}

/// A pad of a graph. Set \p size to its size; members may be added at its end.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mediadev_pad_info {
    /// sizeof(struct mediadev_pad_info)
    pub size: usize,
    /// No other thing of the graph has it
    pub id: u32,
    /// Whose pad it is
    pub entity_id: u32,
    /// Which of its pads
    pub index: u32,
    /// MEDIA_PAD_FL_
    pub flags: u32,
}

/// A link of a graph. Set \p size to its size; members may be added at its end.
///
/// A data link goes from pad to pad, an interface link from an interface to an entity that it controls, an ancillary link from an
/// entity to one that belongs to it. flags & MEDIA_LNK_FL_LINK_TYPE says which of them it is; other kinds are told as they are.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mediadev_link_info {
    /// sizeof(struct mediadev_link_info)
    pub size: usize,
    /// No other thing of the graph has it
    pub id: u32,
    /// The id of the pad, interface or entity that it comes from
    pub source_id: u32,
    /// The id of the pad or entity that it goes to
    pub sink_id: u32,
    /// MEDIA_LNK_FL_
    pub flags: u32,
    /// The entity that it comes from, 0 for none
    pub source_entity: u32,
    /// The index of the pad that it comes from
    pub source_pad: u32,
    /// The entity that it goes to, 0 for none
    pub sink_entity: u32,
    /// The index of the pad that it goes to
    pub sink_pad: u32,
}

/// An interface of a graph: a device node. Set \p size to its size; members may be added at its end.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mediadev_interface_info {
    /// sizeof(struct mediadev_interface_info)
    pub size: usize,
    /// No other thing of the graph has it
    pub id: u32,
    /// MEDIA_INTF_T_, or a number that has no name yet
    pub kind: u32,
    /// None are known
    pub flags: u32,
    /// The device node's numbers
    pub major: u32,
    /// The device node's numbers
    pub minor: u32,
}

macro_rules! versioned {
    ($($type:ty)*) => { $(
        // SAFETY: a repr(C) struct of integers, with the size in front.
        unsafe impl Versioned for $type {
            const FIRST_SIZE: usize = size_of::<$type>();
        }
    )* };
}
versioned!(mediadev_entity_info mediadev_pad_info mediadev_link_info mediadev_interface_info);

impl From<EntityInfo> for mediadev_entity_info {
    fn from(info: EntityInfo) -> Self {
        let EntityInfo { id, function, flags, num_pads, num_links, .. } = info;
        let name = info.name_bytes().map(|byte| byte as c_char);
        mediadev_entity_info { size: size_of::<Self>(), id, function, flags, num_pads, num_links, name }
    }
}

impl From<PadInfo> for mediadev_pad_info {
    fn from(info: PadInfo) -> Self {
        let PadInfo { id, entity_id, index, flags } = info;
        mediadev_pad_info { size: size_of::<Self>(), id, entity_id, index, flags }
    }
}

impl From<LinkInfo> for mediadev_link_info {
    fn from(info: LinkInfo) -> Self {
        let LinkInfo { id, source_id, sink_id, flags, source_entity, source_pad, sink_entity, sink_pad } =
            info;
        let size = size_of::<Self>();
        mediadev_link_info {
            size,
            id,
            source_id,
            sink_id,
            flags,
            source_entity,
            source_pad,
            sink_entity,
            sink_pad,
        }
    }
}

impl From<InterfaceInfo> for mediadev_interface_info {
    fn from(info: InterfaceInfo) -> Self {
        let InterfaceInfo { id, kind, flags, major, minor } = info;
        mediadev_interface_info { size: size_of::<Self>(), id, kind, flags, major, minor }
    }
}
