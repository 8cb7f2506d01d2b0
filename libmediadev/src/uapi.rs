// SPDX-License-Identifier: MIT OR Apache-2.0
//! The kernel's media interface as it lies in memory: structs and request numbers of `linux/media.h`.
//!
//! Every struct is made of integers without gaps, so that any bytes are one and its bytes can be shown to anybody ([`Plain`]).
#![allow(unsafe_code)]

/// What the kernel tells of a device.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct DeviceInfo {
    pub driver: [u8; 16],
    pub model: [u8; 32],
    pub serial: [u8; 40],
    pub bus_info: [u8; 32],
    pub media_version: u32,
    pub hw_revision: u32,
    pub driver_version: u32,
    pub reserved: [u32; 31],
}

/// An entity, as the first version of the interface has it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct EntityDesc {
    pub id: u32,
    pub name: [u8; 32],
    pub kind: u32,
    pub revision: u32,
    pub flags: u32,
    pub group_id: u32,
    pub pads: u16,
    pub links: u16,
    pub reserved: [u32; 4],
    /// Of its device node.
    pub major: u32,
    pub minor: u32,
    pub rest: [u8; 176],
}

/// A pad, as the first version of the interface has it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct PadDesc {
    pub entity: u32,
    pub index: u16,
    pub gap: u16,
    pub flags: u32,
    pub reserved: [u32; 2],
}

/// A link, as the first version of the interface has it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct LinkDesc {
    pub source: PadDesc,
    pub sink: PadDesc,
    pub flags: u32,
    pub reserved: [u32; 2],
}

/// Where the pads and links of an entity are to be written, in a program of 64 bits.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct LinksEnum {
    pub entity: u32,
    pub gap: u32,
    pub pads: u64,
    pub links: u64,
    pub reserved: [u32; 4],
}

/// The same in a program of 32 bits.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct LinksEnum32 {
    pub entity: u32,
    pub pads: u32,
    pub links: u32,
    pub reserved: [u32; 4],
}

/// An entity of a topology.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Entity {
    pub id: u32,
    pub name: [u8; 64],
    pub function: u32,
    pub flags: u32,
    pub reserved: [u32; 5],
}

/// An interface of a topology.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Interface {
    pub id: u32,
    pub kind: u32,
    pub flags: u32,
    pub reserved: [u32; 9],
    /// Of its device node.
    pub major: u32,
    pub minor: u32,
    pub rest: [u32; 14],
}

/// A pad of a topology.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Pad {
    pub id: u32,
    pub entity_id: u32,
    pub flags: u32,
    pub index: u32,
    pub reserved: [u32; 4],
}

/// A link of a topology.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Link {
    pub id: u32,
    pub source_id: u32,
    pub sink_id: u32,
    pub flags: u32,
    pub reserved: [u32; 6],
}

/// How much of a topology there is, and where it is to be written.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct TopologyHead {
    pub version: u64,
    pub num_entities: u32,
    pub reserved1: u32,
    pub entities: u64,
    pub num_interfaces: u32,
    pub reserved2: u32,
    pub interfaces: u64,
    pub num_pads: u32,
    pub reserved3: u32,
    pub pads: u64,
    pub num_links: u32,
    pub reserved4: u32,
    pub links: u64,
}

/// A type that any bytes are a value of, and that has no bytes but those of its fields.
///
/// # Safety
/// `#[repr(C)]`, of integers and arrays of such types, without gaps.
pub unsafe trait Plain: Copy + 'static {
    /// All of it zero.
    fn zero() -> Self {
        // SAFETY: the promise of the trait.
        unsafe { std::mem::zeroed() }
    }

    /// Its bytes.
    fn bytes(&self) -> &[u8] {
        // SAFETY: the promise of the trait: all of them have been written.
        unsafe { std::slice::from_raw_parts(std::ptr::from_ref(self).cast(), size_of::<Self>()) }
    }

    /// Its bytes, to be overwritten.
    fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: the promise of the trait: any bytes will do.
        unsafe { std::slice::from_raw_parts_mut(std::ptr::from_mut(self).cast(), size_of::<Self>()) }
    }

    /// The bytes of all of them.
    fn all_bytes(all: &[Self]) -> &[u8] {
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts(all.as_ptr().cast(), size_of_val(all)) }
    }

    /// So many of them, that lie at the beginning of these words.
    ///
    /// # Panics
    /// When there are less.
    fn in_words(words: &[u32], count: usize) -> &[Self] {
        const { assert!(align_of::<Self>() <= align_of::<u32>()) };
        assert!(count <= size_of_val(words) / size_of::<Self>());
        // SAFETY: the promise of the trait; they are aligned, and there are so many.
        unsafe { std::slice::from_raw_parts(words.as_ptr().cast(), count) }
    }

    /// The same, to be overwritten.
    ///
    /// # Panics
    /// When there are less.
    fn in_words_mut(words: &mut [u32], count: usize) -> &mut [Self] {
        const { assert!(align_of::<Self>() <= align_of::<u32>()) };
        assert!(count <= size_of_val(words) / size_of::<Self>());
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts_mut(words.as_mut_ptr().cast(), count) }
    }
}

macro_rules! plain {
    ($($type:ty: $size:literal)*) => { $(
        // The kernel's size, and no gap in it: the fields' own sizes are what this asserts.
        const _: () = assert!(size_of::<$type>() == $size);
        // SAFETY: a repr(C) struct of integers; what would be a gap is a field.
        unsafe impl Plain for $type {}
    )* };
}
plain! {
    DeviceInfo: 256
    EntityDesc: 256
    PadDesc: 20
    LinkDesc: 52
    LinksEnum: 40
    LinksEnum32: 28
    Entity: 96
    Interface: 112
    Pad: 32
    Link: 40
    TopologyHead: 72
    u32: 4
}

pub mod v4l2;

/// A request number: direction, size of its argument, letter and number, as `asm-generic/ioctl.h` packs them.
const fn request_of(letter: u8, direction: u32, number: u32, size: usize) -> u32 {
    direction << 30 | (size as u32) << 16 | (letter as u32) << 8 | number
}
const fn request(direction: u32, number: u32, size: usize) -> u32 {
    request_of(b'|', direction, number, size)
}
const READ: u32 = 2;
const WRITE: u32 = 1;

/// Tells of the device.
pub const DEVICE_INFO: u32 = request(READ | WRITE, 0, size_of::<DeviceInfo>());
/// Tells of one entity.
pub const ENUM_ENTITIES: u32 = request(READ | WRITE, 1, size_of::<EntityDesc>());
/// Tells of the pads and links of an entity.
pub const ENUM_LINKS: u32 = request(READ | WRITE, 2, size_of::<LinksEnum>());
/// The same, asked by a program of 32 bits.
pub const ENUM_LINKS32: u32 = request(READ | WRITE, 2, size_of::<LinksEnum32>());
/// Sets the flags of a link.
pub const SETUP_LINK: u32 = request(READ | WRITE, 3, size_of::<LinkDesc>());
/// Tells the whole graph.
pub const G_TOPOLOGY: u32 = request(READ | WRITE, 4, size_of::<TopologyHead>());
/// Makes a request.
pub const REQUEST_ALLOC: u32 = request(READ, 5, size_of::<u32>());
/// Queues a request; on its own file descriptor.
pub const REQUEST_QUEUE: u32 = request(0, 0x80, 0);
/// Makes a request ready to be used again; on its own file descriptor.
pub const REQUEST_REINIT: u32 = request(0, 0x81, 0);

/// Added to an id, it asks for the entity that follows.
pub const ID_FLAG_NEXT: u32 = 1 << 31;

/// Data flows into the pad.
pub const PAD_SINK: u32 = 1 << 0;
/// Data flows out of the pad.
pub const PAD_SOURCE: u32 = 1 << 1;
/// The pad has to be linked before anything streams.
pub const PAD_MUST_CONNECT: u32 = 1 << 2;
/// The pad is inside of its entity, where data comes to be.
pub const PAD_INTERNAL: u32 = 1 << 3;

/// Data may flow.
pub const LINK_ENABLED: u32 = 1 << 0;
/// The link cannot be enabled or disabled.
pub const LINK_IMMUTABLE: u32 = 1 << 1;
/// The link may be enabled and disabled while data flows.
pub const LINK_DYNAMIC: u32 = 1 << 2;
/// Which kind of link it is, among its flags.
pub const LINK_TYPE: u32 = 0xf << 28;
/// From pad to pad.
pub const LINK_DATA: u32 = 0;
/// From an interface to the entity that it controls.
pub const LINK_INTERFACE: u32 = 1 << 28;
/// From an entity to one that belongs to it, as a lens to its sensor.
pub const LINK_ANCILLARY: u32 = 2 << 28;

/// The entity that a program should take if it knows no better.
pub const ENTITY_DEFAULT: u32 = 1 << 0;
/// The entity is a connector.
pub const ENTITY_CONNECTOR: u32 = 1 << 1;

/// The number of a device node whose interface is of this kind.
pub const INTERFACE_V4L_VIDEO: u32 = 0x200;
/// Of a sub-device.
pub const INTERFACE_V4L_SUBDEV: u32 = 0x203;

/// An entity's function that nobody has told.
pub const FUNCTION_UNKNOWN: u32 = 0;
/// Where functions of device nodes begin that the first version of the interface knew.
pub const FUNCTION_OLD_BASE: u32 = 0x1_0000;
/// Where functions of sub-devices begin that the first version of the interface knew. The first is one that nobody has told.
pub const FUNCTION_OLD_SUBDEV_BASE: u32 = 0x2_0000;
/// The last function that the first version of the interface knew.
pub const FUNCTION_TUNER: u32 = FUNCTION_OLD_SUBDEV_BASE + 5;
/// Input and output of V4L2.
pub const FUNCTION_IO_V4L: u32 = FUNCTION_OLD_BASE + 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_numbers_are_the_kernel_s() {
        let all = [
            DEVICE_INFO,
            ENUM_ENTITIES,
            ENUM_LINKS,
            SETUP_LINK,
            G_TOPOLOGY,
            REQUEST_ALLOC,
            REQUEST_QUEUE,
            REQUEST_REINIT,
        ];
        let wanted =
            [0xc100_7c00, 0xc100_7c01, 0xc028_7c02, 0xc034_7c03, 0xc048_7c04, 0x8004_7c05, 0x7c80, 0x7c81];
        assert_eq!(all.map(|n| format!("{n:#x}")), wanted.map(|n: u32| format!("{n:#x}")));
    }

    #[test]
    fn bytes_are_the_fields_in_order() {
        let mut pad = Pad { id: 1, entity_id: 2, flags: 3, index: 4, reserved: [0; 4] };
        assert_eq!(pad.bytes()[..8], [1u32.to_ne_bytes(), 2u32.to_ne_bytes()].concat());
        pad.bytes_mut()[8..12].copy_from_slice(&9u32.to_ne_bytes());
        assert_eq!(pad.flags, 9);
        assert!(Pad::zero().bytes().iter().all(|&byte| byte == 0));
        assert_eq!(Pad::all_bytes(&[pad, pad]).len(), 64);
    }
}
