// SPDX-License-Identifier: MIT OR Apache-2.0
//! Nodes: media devices of the kernel.

use super::info::mediadev_info;
use super::{
    buffer, get, give_into, guard, mediadev_node, mediadev_topology, object, put, text, text_or_none,
    timeout, versioned_out,
};
use crate::Node;
use cabi::{Borrowed, Failure};
use kref::Ref;
use std::ffi::{c_char, c_int};
use std::os::fd::AsRawFd;

pub(super) fn node<'a>(raw: *mut mediadev_node) -> Result<Borrowed<'a, Ref<Node>>, Failure> {
    object(raw, "node")
}

/// Opens a media device of the kernel: by path ("/dev/media0"), by name ("media0"), by bus information ("platform:vimc") or by driver
/// ("vimc"). A path begins with "/", "./" or "../". By the last two it opens all of them to look.
///
/// The node stays this device, also when another one gets its path. What it says of itself answers after it has gone; everything
/// that needs the device is -ENODEV then.
///
/// Returns a reference (drop it with mediadev_node_put()), or NULL with errno: ENOENT there is none; ENOTUNIQ several devices have the
/// driver or bus information; EINVAL it is not a media device, or a NULL argument; ENODEV it has just gone; that of open(), EACCES for
/// one, also where a device that could not be opened may be the one that is meant.
#[no_mangle]
pub unsafe extern "C" fn mediadev_open(key: *const c_char) -> *mut mediadev_node {
    guard(|| Ok(Node::open(text(key, "key")?)?))
}

/// Adds a reference; returns its argument, NULL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_node_get(node: *mut mediadev_node) -> *mut mediadev_node {
    get::<Ref<Node>>(node)
}

/// Drops a reference; NULL is allowed. The last one closes the device. Topologies do not need their node, requests hold it.
#[no_mangle]
pub unsafe extern "C" fn mediadev_node_put(node: *mut mediadev_node) {
    put::<Ref<Node>>(node)
}

/// Lists the media devices of the kernel by number: copies the name that follows \p prev, the first one for NULL, into \p name with
/// its NUL; both may be the same buffer. A device that comes or goes meanwhile does not disturb the list.
///
/// Returns the length of the name, or 0 if there is no further one; -ERANGE \p size is too small (32 is enough; with 0 nothing is
/// copied), -EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn mediadev_next(prev: *const c_char, name: *mut c_char, size: usize) -> c_int {
    guard(|| match Node::next(text_or_none(prev, "prev")?) {
        Some(next) => give_into(&next, name, size, "name"),
        // The buffer stays as it is, and yet it has to be one.
        None => buffer(name.cast::<u8>(), size, "name").map(|_| 0),
    })
}

/// The last part of the path that the node was opened by, "media0". Borrowed: valid as long as the node is held, also when the device
/// has gone. NULL with errno EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_node_name(node: *mut mediadev_node) -> *const c_char {
    guard(|| Ok(self::node(node)?.name().as_ptr()))
}

/// Tells what the device said of itself when it was opened. Set \p info->size before. The kernel is not asked.
///
/// Returns 0, or -EINVAL a NULL argument or a wrong size.
#[no_mangle]
pub unsafe extern "C" fn mediadev_info(node: *mut mediadev_node, info: *mut mediadev_info) -> c_int {
    guard(|| {
        let mut info = versioned_out(info, "info")?;
        info.set(self::node(node)?.info().into());
        Ok(())
    })
}

/// Returns 1 if the device is there, 0 if it has gone, at some moment; -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_node_is_alive(node: *mut mediadev_node) -> c_int {
    guard(|| Ok(self::node(node)?.is_alive()))
}

/// A file descriptor for ioctl(), and for poll(), which says POLLERR or POLLHUP when the device has gone. The kernel wakes nobody who
/// sleeps in poll() when a media device goes: give it a time limit, or use mediadev_wait_gone(). Borrowed: do not close it.
///
/// Returns it, or -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_node_fd(node: *mut mediadev_node) -> c_int {
    guard(|| Ok(self::node(node)?.fd().as_raw_fd()))
}

/// Waits until the device has gone, no longer than \p timeout_ms; a negative limit is none. Looks twenty times a second, for the kernel
/// wakes nobody then.
///
/// Returns 0 it has gone, -ETIMEDOUT it is still there, -EINTR a signal was handled, -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_wait_gone(node: *mut mediadev_node, timeout_ms: c_int) -> c_int {
    guard(|| Ok(self::node(node)?.wait_gone(timeout(timeout_ms))?))
}

/// Reads the graph as it is now. One call of the kernel as a rule; the first time, and where the graph has grown, up to three. A graph
/// that changes meanwhile is read again, and one that has not changed is the topology that was read last. From a kernel before 4.5 all
/// that its older interface tells, with ids of pads, links and interfaces that are made up.
///
/// Returns a reference (drop it with mediadev_topology_put()), or NULL with errno: ENODEV the device is gone; EAGAIN the graph changed
/// all the time; EBADMSG the device tells what makes no sense; ENOSPC there are more than 65536 of a kind; EINVAL for NULL; ENOMEM.
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_read(node: *mut mediadev_node) -> *mut mediadev_topology {
    guard(|| Ok(self::node(node)?.topology_read()?))
}

/// Sets the flags of the link between two pads, by their ids in any topology of this node: 0, or MEDIA_LNK_FL_ENABLED. What other flags
/// the link has must be told as they are. One call of the kernel where the pads are known from the last topology that was read.
///
/// Returns 0, or -EBUSY data flows and the link is not one to be changed then; -EINVAL there is no such link, or it cannot be changed
/// so, or a NULL argument; -ENOENT there is no such pad; -ENODEV the device is gone; what the driver says, which may refuse.
#[no_mangle]
pub unsafe extern "C" fn mediadev_setup_link(
    node: *mut mediadev_node,
    source_pad_id: u32,
    sink_pad_id: u32,
    flags: u32,
) -> c_int {
    guard(|| Ok(self::node(node)?.setup_link(source_pad_id, sink_pad_id, flags)?))
}

/// Sets up links in media-ctl's notation: "'Sensor A':0 -> 'Debayer A':0 [1], 3:1 -> 5:0 [0]". An entity is its name in single or double
/// quotes, or its id; a pad is its index; [1] enables. Other flags of the link need not be told.
///
/// All of it is read, and everything in it found, before the first link is changed; then one is changed after the other, until one
/// cannot be.
///
/// Returns 0, or -EINVAL the text is wrong (mediadev_last_error() says where), or NULL; -ENOENT there is no such entity, pad or link;
/// -ENOTUNIQ several entities have the name; and as mediadev_setup_link() and mediadev_topology_read().
#[no_mangle]
pub unsafe extern "C" fn mediadev_setup_links(node: *mut mediadev_node, links: *const c_char) -> c_int {
    guard(|| Ok(self::node(node)?.setup_links(text(links, "links")?)?))
}

/// Disables every link that is enabled and is not immutable. Goes on where one cannot be disabled.
///
/// Returns 0, or what the first one said that could not be: as mediadev_setup_link() and mediadev_topology_read().
#[no_mangle]
pub unsafe extern "C" fn mediadev_reset_links(node: *mut mediadev_node) -> c_int {
    guard(|| Ok(self::node(node)?.reset_links()?))
}
