// SPDX-License-Identifier: MIT OR Apache-2.0
//! Snapshots of graphs.

use super::parts::{mediadev_entity_info, mediadev_interface_info, mediadev_link_info, mediadev_pad_info};
use super::{
    c_str, flags, get, give_into, give_text, guard, mediadev_topology, object, out, put, versioned_out,
};
use crate::error::error;
use crate::{Direction, Topology};
use cabi::arg::Versioned;
use cabi::{Borrowed, Failure, Plain};
use kref::Ref;
use std::ffi::{c_char, c_int, c_uint, c_void, OsStr};
use std::os::unix::ffi::OsStrExt;

/// Entities.
pub const MEDIADEV_KIND_ENTITY: u32 = 0;
/// Pads.
pub const MEDIADEV_KIND_PAD: u32 = 1;
/// Links, of all kinds.
pub const MEDIADEV_KIND_LINK: u32 = 2;
/// Interfaces.
pub const MEDIADEV_KIND_INTERFACE: u32 = 3;

/// To where data comes from.
pub const MEDIADEV_UPSTREAM: u32 = 1;
/// To where data goes.
pub const MEDIADEV_DOWNSTREAM: u32 = 2;
/// Along links that are not enabled too.
pub const MEDIADEV_ALL_LINKS: u32 = 4;

fn topology<'a>(raw: *mut mediadev_topology) -> Result<Borrowed<'a, Ref<Topology>>, Failure> {
    object(raw, "topology")
}

/// Fills in the caller's struct.
fn tell<C: Versioned>(info: *mut C, found: impl FnOnce() -> Result<C, Failure>) -> Result<(), Failure> {
    let mut info = versioned_out(info, "info")?;
    info.set(found()?);
    Ok(())
}

/// What is at a place of a list.
fn at<T>(found: Option<T>, what: &str, index: c_uint, count: usize) -> Result<T, Failure> {
    found.ok_or_else(|| error!(NotFound, "there are {count} {what}, and none at {index}").into())
}

/// Adds a reference; returns its argument, NULL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_get(topology: *mut mediadev_topology) -> *mut mediadev_topology {
    get::<Ref<Topology>>(topology)
}

/// Drops a reference; NULL is allowed. A topology needs neither its device nor an open handle.
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_put(topology: *mut mediadev_topology) {
    put::<Ref<Topology>>(topology)
}

/// The version of the graph: it grows whenever something comes or goes. A link that is enabled or disabled does not change it. 0 with
/// errno EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_version(topology: *mut mediadev_topology) -> u64 {
    guard(|| Ok(Plain(self::topology(topology)?.version())))
}

/// Tells the graph of one device of this process from that of another one which took its place: each device has another number. 0 for
/// a device of the kernel, and with errno EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_generation(topology: *mut mediadev_topology) -> u64 {
    guard(|| Ok(Plain(self::topology(topology)?.generation())))
}

/// How many there are of a kind, MEDIADEV_KIND_. 0 with errno EINVAL for another kind or NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_count(topology: *mut mediadev_topology, kind: u32) -> c_uint {
    guard(|| {
        let topology = self::topology(topology)?;
        let count = match kind {
            MEDIADEV_KIND_ENTITY => topology.num_entities(),
            MEDIADEV_KIND_PAD => topology.num_pads(),
            MEDIADEV_KIND_LINK => topology.num_links(),
            MEDIADEV_KIND_INTERFACE => topology.num_interfaces(),
            other => return Err(Failure::invalid(format!("kind is {other}, and 3 is the highest"))),
        };
        Ok(Plain(count as c_uint))
    })
}

/// Tells the entity at a place of the list, the first one at 0. Set \p info->size before.
///
/// Returns 0, or -ENOENT the list is shorter, -EINVAL a NULL argument or a wrong size.
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_entity(
    topology: *mut mediadev_topology,
    index: c_uint,
    info: *mut mediadev_entity_info,
) -> c_int {
    guard(|| {
        let topology = self::topology(topology)?;
        tell(info, || {
            at(topology.entity(index as usize), "entities", index, topology.num_entities()).map(Into::into)
        })
    })
}

/// Tells the pad at a place of the list. As mediadev_topology_entity().
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_pad(
    topology: *mut mediadev_topology,
    index: c_uint,
    info: *mut mediadev_pad_info,
) -> c_int {
    guard(|| {
        let topology = self::topology(topology)?;
        tell(info, || at(topology.pad(index as usize), "pads", index, topology.num_pads()).map(Into::into))
    })
}

/// Tells the link at a place of the list. As mediadev_topology_entity().
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_link(
    topology: *mut mediadev_topology,
    index: c_uint,
    info: *mut mediadev_link_info,
) -> c_int {
    guard(|| {
        let topology = self::topology(topology)?;
        tell(info, || at(topology.link(index as usize), "links", index, topology.num_links()).map(Into::into))
    })
}

/// Tells the interface at a place of the list. As mediadev_topology_entity().
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_interface(
    topology: *mut mediadev_topology,
    index: c_uint,
    info: *mut mediadev_interface_info,
) -> c_int {
    guard(|| {
        let topology = self::topology(topology)?;
        let found = || at(topology.interface(index as usize), "interfaces", index, topology.num_interfaces());
        tell(info, || found().map(Into::into))
    })
}

/// Finds the first entity that is called \p glob, or else whose name matches it as a pattern of the shell (`*`, `?`, `[…]`). Set
/// \p info->size before.
///
/// Returns 0, or -ENOENT there is none, -EINVAL a NULL argument or a wrong size.
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_find(
    topology: *mut mediadev_topology,
    glob: *const c_char,
    info: *mut mediadev_entity_info,
) -> c_int {
    guard(|| {
        let (topology, glob) = (self::topology(topology)?, c_str(glob, "glob")?);
        tell(info, || Ok(topology.find(glob)?.into()))
    })
}

/// Finds the entity that has this id. As mediadev_topology_find().
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_by_id(
    topology: *mut mediadev_topology,
    id: u32,
    info: *mut mediadev_entity_info,
) -> c_int {
    guard(|| {
        let topology = self::topology(topology)?;
        tell(info, || Ok(topology.entity_by_id(id)?.into()))
    })
}

/// Finds the entities that have this function: the first one for \p nth 0, and so on. As mediadev_topology_find().
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_by_function(
    topology: *mut mediadev_topology,
    function: u32,
    nth: c_uint,
    info: *mut mediadev_entity_info,
) -> c_int {
    guard(|| {
        let topology = self::topology(topology)?;
        let called = || crate::names::function(function);
        tell(info, || {
            let found = topology.by_function(function).nth(nth as usize);
            Ok(found.ok_or_else(|| error!(NotFound, "no entity {nth} has the function {}", called()))?.into())
        })
    })
}

/// Finds the first entity that the interface controls whose device node this is: "/dev/video0". As mediadev_topology_find(); -EINVAL also
/// where \p path is not a character device.
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_by_devnode(
    topology: *mut mediadev_topology,
    path: *const c_char,
    info: *mut mediadev_entity_info,
) -> c_int {
    guard(|| {
        let (topology, path) =
            (self::topology(topology)?, OsStr::from_bytes(c_str(path, "path")?.to_bytes()));
        tell(info, || Ok(topology.entity_by_devnode(path.as_ref())?.into()))
    })
}

/// Finds the pad that has this id. Set \p info->size before.
///
/// Returns 0, or -ENOENT there is none, -EINVAL a NULL argument or a wrong size.
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_pad_by_id(
    topology: *mut mediadev_topology,
    id: u32,
    info: *mut mediadev_pad_info,
) -> c_int {
    guard(|| {
        let topology = self::topology(topology)?;
        tell(info, || Ok(topology.pad_by_id(id)?.into()))
    })
}

/// Finds the link that has this id. As mediadev_topology_pad_by_id().
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_link_by_id(
    topology: *mut mediadev_topology,
    id: u32,
    info: *mut mediadev_link_info,
) -> c_int {
    guard(|| {
        let topology = self::topology(topology)?;
        tell(info, || Ok(topology.link_by_id(id)?.into()))
    })
}

/// Finds the interface that has this id. As mediadev_topology_pad_by_id().
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_interface_by_id(
    topology: *mut mediadev_topology,
    id: u32,
    info: *mut mediadev_interface_info,
) -> c_int {
    guard(|| {
        let topology = self::topology(topology)?;
        tell(info, || Ok(topology.interface_by_id(id)?.into()))
    })
}

/// Finds the pad of an entity that has this index, which media-ctl writes as 'entity':index. As mediadev_topology_pad_by_id().
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_pad_of(
    topology: *mut mediadev_topology,
    entity_id: u32,
    index: u32,
    info: *mut mediadev_pad_info,
) -> c_int {
    guard(|| {
        let topology = self::topology(topology)?;
        tell(info, || Ok(topology.pad_of(entity_id, index)?.into()))
    })
}

/// Finds the data links at a pad: the first one for \p nth 0, and so on. As mediadev_topology_pad_by_id().
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_link_of(
    topology: *mut mediadev_topology,
    pad_id: u32,
    nth: c_uint,
    info: *mut mediadev_link_info,
) -> c_int {
    guard(|| {
        let topology = self::topology(topology)?;
        tell(info, || {
            let pad = topology.pad_by_id(pad_id)?.id;
            let found = topology.links_of(pad).nth(nth as usize);
            Ok(found.ok_or_else(|| error!(NotFound, "pad {pad:#x} has no link {nth}"))?.into())
        })
    })
}

/// Tells the pad at the other end of the link of a pad that is enabled. Of several *\p remote is the first one.
///
/// Returns 0, or -ENOLINK none is enabled, -ENOTUNIQ several are, -ENOENT no pad has the id, -EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_remote_pad(
    topology: *mut mediadev_topology,
    pad_id: u32,
    remote: *mut u32,
) -> c_int {
    guard(|| {
        let (topology, mut remote) = (self::topology(topology)?, out(remote, "remote")?);
        topology.remote_pads(pad_id)?.take(1).for_each(|first| remote.set(first));
        remote.set(topology.remote_pad(pad_id)?);
        Ok(())
    })
}

/// Is told of one entity, which is valid during the call; anything but 0 ends the walk.
pub type mediadev_visit =
    Option<unsafe extern "C-unwind" fn(entity: *const mediadev_entity_info, user_data: *mut c_void) -> c_int>;

/// Calls \p visit for every entity that can be reached from one, itself first, the near ones before the far ones. \p direction is
/// MEDIADEV_UPSTREAM, MEDIADEV_DOWNSTREAM or both; it goes along enabled links, with MEDIADEV_ALL_LINKS along all data links.
///
/// Returns 0, or what \p visit returned to end it; -ENOENT no entity has the id, -EINVAL a NULL argument, no direction, an unknown
/// flag.
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_walk(
    topology: *mut mediadev_topology,
    entity_id: u32,
    direction: u32,
    visit: mediadev_visit,
    user_data: *mut c_void,
) -> c_int {
    guard(|| {
        let topology = self::topology(topology)?;
        let visit = visit.ok_or_else(|| Failure::invalid("visit is NULL"))?;
        const WAYS: u32 = MEDIADEV_UPSTREAM | MEDIADEV_DOWNSTREAM;
        let all_links = flags(direction, WAYS | MEDIADEV_ALL_LINKS)? & MEDIADEV_ALL_LINKS != 0;
        let direction = match direction & WAYS {
            MEDIADEV_UPSTREAM => Direction::Upstream,
            MEDIADEV_DOWNSTREAM => Direction::Downstream,
            WAYS => Direction::Both,
            _ => return Err(Failure::invalid("direction is neither up nor down")),
        };
        for entity in topology.walk(entity_id, direction, all_links)? {
            // SAFETY: the caller's function, called as the header says.
            let said = unsafe { visit(&entity.into(), user_data) };
            if said != 0 {
                return Ok(said);
            }
        }
        Ok(0)
    })
}

/// Copies the path of the device node of an interface, or of the first interface that controls an entity, with its NUL. The system is
/// asked now, not before: the node of a device that has been renamed is found, and one that has gone is not.
///
/// Returns the length of the path; -ENOENT there is no such device, no interface controls the entity, no thing has the id; -ERANGE
/// \p size is too small (with 0 nothing is copied), -EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_devnode(
    topology: *mut mediadev_topology,
    interface_or_entity_id: u32,
    path: *mut c_char,
    size: usize,
) -> c_int {
    guard(|| {
        let found = self::topology(topology)?.devnode(interface_or_entity_id)?;
        give_into(&found, path, size, "path")
    })
}

/// Draws the graph in the language of Graphviz, as `media-ctl --print-dot` does. *\p text is the caller's, to be freed with
/// mediadev_free().
///
/// Returns 0, or -EINVAL a NULL argument, -ENOMEM.
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_to_dot(
    topology: *mut mediadev_topology,
    text: *mut *mut c_char,
) -> c_int {
    guard(|| {
        let (topology, mut text) = (self::topology(topology)?, out(text, "text")?);
        text.set(give_text(&topology.to_dot(|entity| topology.devnode(entity.id).ok()))?);
        Ok(())
    })
}
