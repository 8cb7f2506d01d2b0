// SPDX-License-Identifier: MIT OR Apache-2.0
//! Devices: made of nodes by a bus, probed and removed by drivers.

use super::{
    bus, callback, device, get, give_text, guard, node, none, out, ovl_bus, ovl_destroy, ovl_device,
    ovl_node, ovl_tree, put, taken, text, tree, versioned, Lent,
};
use crate::{Bus, Device, Driver, Probed};
use cabi::arg::Versioned;
use cabi::{Callback, Failure};
use kref::Ref;
use std::ffi::{c_char, c_int, c_void};

/// probe of struct ovl_driver_ops: something is missing that may come. The device is probed again when another one has been bound.
pub const OVL_PROBE_DEFER: i32 = 1;

/// What drives devices. Set it to zeros and \p size to its size; members may be added at its end. The table is copied.
///
/// They are called from any thread that is in a call of the bus or changes the tree, several at a time but never for the same device,
/// without a lock of the library, and may call the library, whatever it is. The device is held during the call: to keep it, get it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ovl_driver_ops {
    /// sizeof(struct ovl_driver_ops)
    pub size: usize,
    /// A device is there for the driver. Returns 0 if it takes it, OVL_PROBE_DEFER, or a negative errno: then it is not tried again.
    /// What was given to ovl_device_manage() is freed after a probe that did not return 0. Must be there.
    pub probe: Option<unsafe extern "C-unwind" fn(device: *mut ovl_device, user_data: *mut c_void) -> c_int>,
    /// A device that the driver took goes. Its node may have left the tree already. May be NULL.
    pub remove: Option<unsafe extern "C-unwind" fn(device: *mut ovl_device, user_data: *mut c_void)>,
    /// An overlay is about to be removed that has the node of a device which the driver took. 0 agrees; a negative errno refuses
    /// that. May be NULL.
    pub can_remove:
        Option<unsafe extern "C-unwind" fn(device: *mut ovl_device, user_data: *mut c_void) -> c_int>,
    /// The driver is not called any more: frees \p user_data. Called once, also where ovl_bus_add_driver() fails. May be NULL.
    pub destroy: ovl_destroy,
}

// SAFETY: a repr(C) struct of an integer and optional C functions, with the size in front.
unsafe impl Versioned for ovl_driver_ops {
    const FIRST_SIZE: usize = size_of::<ovl_driver_ops>();
}

/// The driver of a C program. Dropping it calls destroy.
struct Operations(Callback<ovl_driver_ops>);

impl Operations {
    fn new(ops: *const ovl_driver_ops, user_data: *mut c_void) -> Result<Self, Failure> {
        let table = versioned(ops, "ops")?;
        let destroy = table.and_then(|table| table.destroy);
        let operations = Operations(callback(table, user_data, destroy, "ops")?);
        match operations.0.function().probe {
            Some(_) => Ok(operations),
            None => Err(Failure::invalid("ops->probe is NULL")),
        }
    }
}

/// The errno of what a callback returned that is not a success.
fn errno(returned: c_int) -> i32 {
    match returned {
        ..0 => returned.checked_neg().unwrap_or(libc::EIO),
        _ => libc::EINVAL,
    }
}

// SAFETY, of every block below: the functions are the program's, called as the header says with the user data that they came with; the
// device is held during the call.
impl Driver for Operations {
    fn probe(&self, device: &Ref<Device>) -> Result<Probed, i32> {
        let Some(probe) = self.0.function().probe else { return Err(libc::EINVAL) };
        // SAFETY: as said above.
        match unsafe { probe(device.lend(), self.0.user_data()) } {
            0 => Ok(Probed::Bound),
            OVL_PROBE_DEFER => Ok(Probed::Deferred),
            other => Err(errno(other)),
        }
    }

    fn remove(&self, device: &Ref<Device>) {
        if let Some(remove) = self.0.function().remove {
            // SAFETY: as said above.
            unsafe { remove(device.lend(), self.0.user_data()) }
        }
    }

    fn can_remove(&self, device: &Ref<Device>) -> Result<(), i32> {
        let Some(can_remove) = self.0.function().can_remove else { return Ok(()) };
        // SAFETY: as said above.
        match unsafe { can_remove(device.lend(), self.0.user_data()) } {
            0 => Ok(()),
            other => Err(errno(other)),
        }
    }
}

/// Makes a bus without drivers and devices. It holds the tree.
///
/// Its devices are probed in the order of the document, but what a device needs comes first: the device above it, and those that its
/// node, or one below without a device, refers to by the properties of the common bindings (clocks, gpios, interrupts, *-supply and
/// so on). Of devices that need one another in a circle the first in the document is probed first. Not waited for is what has no
/// driver, is disabled, or has failed; only nothing below a device that failed is probed. Devices are removed in the reverse order in
/// which they were bound; one that is bound and needs another one that leaves is removed before that, and tried again.
///
/// Callbacks run on the thread whose call caused them. Nobody waits for one: what a call cannot do because a callback runs, in
/// this thread or another, is done by that thread when it has returned. ovl_bus_wait_idle() waits for that. While an overlay that
/// takes devices away is on its way out, none is probed; that comes when it is gone.
///
/// Returns a reference (drop it with ovl_bus_put()), or NULL with errno: EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_bus_new(tree: *mut ovl_tree) -> *mut ovl_bus {
    guard(|| Ok(Bus::new(&*self::tree(tree)?)))
}

/// Takes another reference to a bus. Returns its argument; NULL is allowed.
#[no_mangle]
pub unsafe extern "C" fn ovl_bus_get(bus: *mut ovl_bus) -> *mut ovl_bus {
    get::<Ref<Bus>>(bus)
}

/// Drops a reference to a bus; NULL is allowed.
///
/// With the last one it ends: it does not hear of the tree any more; its devices are removed; each driver is destroyed; the tree is
/// put. Devices that somebody holds stay readable until they are put.
#[no_mangle]
pub unsafe extern "C" fn ovl_bus_put(bus: *mut ovl_bus) {
    put::<Ref<Bus>>(bus)
}

/// Adds the driver of what is compatible with \p compatible, in upper or lower case. Of the strings of a node, the first that has a
/// driver decides. Devices that are there and that nobody drives are probed. \p ops and \p compatible are copied. Costs a pass over
/// the devices.
///
/// If this function fails, ops->destroy is called before it returns. (Not if the size of \p ops is not one: then the library does not
/// know it.)
///
/// Returns 0, or -EBUSY the string has a driver; -EINVAL a NULL argument, a NULL ops->probe, or an empty string; -E2BIG \p ops is newer
/// than the library and has something set in it.
#[no_mangle]
pub unsafe extern "C" fn ovl_bus_add_driver(
    bus: *mut ovl_bus,
    compatible: *const c_char,
    ops: *const ovl_driver_ops,
    user_data: *mut c_void,
) -> c_int {
    guard(|| {
        let driver = Operations::new(ops, user_data)?;
        Ok(self::bus(bus)?.add_driver(text(compatible, "compatible")?, driver)?)
    })
}

/// Takes a driver out. Its devices are removed, and probed by what other driver there is for them; then ops->destroy is called, if none
/// of its callbacks runs, or else when the last one has returned. Costs a pass over the devices.
///
/// Returns 0, or -ENOENT the string has no driver; -EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_bus_remove_driver(bus: *mut ovl_bus, compatible: *const c_char) -> c_int {
    guard(|| Ok(self::bus(bus)?.remove_driver(text(compatible, "compatible")?)?))
}

/// Makes devices of the nodes below \p node, at any depth, that have "compatible" and are available, with all nodes between them and
/// \p node; and probes them. From now on what comes there is made a device too, by an overlay, a changeset or a "status" that becomes
/// "okay", and what goes is removed.
///
/// What fails to probe is no error here: ovl_bus_unbound(). Costs a pass over what is below \p node, beside the probes.
///
/// Returns 0, or -ENODEV \p node is not in the tree any more; -EINVAL a NULL argument or a node of another tree.
#[no_mangle]
pub unsafe extern "C" fn ovl_bus_populate(bus: *mut ovl_bus, node: *mut ovl_node) -> c_int {
    guard(|| Ok(self::bus(bus)?.populate(&*self::node(node)?)?))
}

/// Removes the devices of all nodes below \p node. From now on none is made there, also where the bus is populated further up.
///
/// Returns 0, or the errors of ovl_bus_populate().
#[no_mangle]
pub unsafe extern "C" fn ovl_bus_unpopulate(bus: *mut ovl_bus, node: *mut ovl_node) -> c_int {
    guard(|| Ok(self::bus(bus)?.unpopulate(&*self::node(node)?)?))
}

/// The device of a node. Costs one hash.
///
/// Returns a reference (drop it with ovl_device_put()), or NULL with errno: ENOENT it has none on this bus, EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_bus_device(bus: *mut ovl_bus, node: *mut ovl_node) -> *mut ovl_device {
    guard(|| Ok(self::bus(bus)?.device(&*self::node(node)?)?))
}

/// The device behind \p prev, bound or not, in the order in which their nodes were found; NULL starts with the first. Puts \p prev, also
/// when it fails, so that a loop needs no put of its own. \p prev may have been removed.
///
/// Returns a reference (drop it with ovl_device_put()), or NULL with errno: ENOENT no further device, EINVAL a NULL bus.
#[no_mangle]
pub unsafe extern "C" fn ovl_bus_next_device(bus: *mut ovl_bus, prev: *mut ovl_device) -> *mut ovl_device {
    guard(|| {
        let prev: Option<Ref<Device>> = taken(prev);
        self::bus(bus)?.next_device(prev.as_deref()).ok_or_else(none)
    })
}

/// Lists the devices that have a driver and are not bound to it, a line each with the reason: what they wait for, what they refer to
/// that is not there, or what their probe returned. On success *\p report is the caller's, to be freed with ovl_free(). Costs a pass
/// over the devices.
///
/// Returns the number of lines, or -EINVAL for a NULL argument, -ENOMEM.
#[no_mangle]
pub unsafe extern "C" fn ovl_bus_unbound(bus: *mut ovl_bus, report: *mut *mut c_char) -> c_int {
    guard(|| {
        let mut report = out(report, "report")?;
        let unbound = self::bus(bus)?.unbound();
        report.set(give_text(&unbound)?);
        Ok(unbound.lines().count())
    })
}

/// Waits until no callback of the bus runs, on any thread, and none is left to be called. A negative \p timeout_ms waits forever, 0
/// only asks.
///
/// Returns 0, or -ETIMEDOUT; -EDEADLK a callback of the bus calls; -EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_bus_wait_idle(bus: *mut ovl_bus, timeout_ms: c_int) -> c_int {
    guard(|| Ok(self::bus(bus)?.wait_idle(cabi::arg::timeout(timeout_ms))?))
}

/// Takes another reference to a device. Returns its argument; NULL is allowed. While the device is being freed, when there is none left:
/// NULL with errno ENODEV.
#[no_mangle]
pub unsafe extern "C" fn ovl_device_get(device: *mut ovl_device) -> *mut ovl_device {
    get::<Ref<Device>>(device)
}

/// Drops a reference to a device; NULL is allowed. The last one, on its thread and without a lock of the library, frees what
/// ovl_device_manage() bound, the last first, and puts the node.
#[no_mangle]
pub unsafe extern "C" fn ovl_device_put(device: *mut ovl_device) {
    put::<Ref<Device>>(device)
}

/// The node of a device, which the device holds: it stays readable when both have been removed.
///
/// Returns a reference (drop it with ovl_node_put()), or NULL with errno: EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_device_node(device: *mut ovl_device) -> *mut ovl_node {
    guard(|| Ok(self::device(device)?.node().clone()))
}

/// The device of the next node above that has one, as it was when this one was probed.
///
/// Returns a reference (drop it with ovl_device_put()), or NULL with errno: ENOENT none is above it, or it was not probed yet; EINVAL
/// a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_device_parent(device: *mut ovl_device) -> *mut ovl_device {
    guard(|| self::device(device)?.parent().ok_or_else(none))
}

/// Whether a driver has the device, since its probe has returned 0 and until its remove has returned: 1 or 0, at some moment; -EINVAL for
/// a NULL argument. What was removed is never bound again: its node gets another device.
#[no_mangle]
pub unsafe extern "C" fn ovl_device_is_bound(device: *mut ovl_device) -> c_int {
    guard(|| Ok(self::device(device)?.is_bound()))
}

/// The compatible string by which the driver was found that has the device, or had it.
///
/// Borrowed: valid as long as the caller holds \p device. NULL with errno: ENOENT it was never bound, EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_device_driver(device: *mut ovl_device) -> *const c_char {
    guard(|| Ok(self::device(device)?.driver().ok_or_else(none)?.as_ptr()))
}

/// What the driver keeps at the device: a pointer of its own that the library does not look at.
///
/// Returns 0, or -EINVAL \p device is NULL.
#[no_mangle]
pub unsafe extern "C" fn ovl_device_set_data(device: *mut ovl_device, data: *mut c_void) -> c_int {
    guard(|| {
        self::device(device)?.set_data(data);
        Ok(())
    })
}

/// What ovl_device_set_data() was given last, NULL before; NULL with errno EINVAL for a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_device_data(device: *mut ovl_device) -> *mut c_void {
    guard(|| Ok(self::device(device)?.data()))
}

/// Binds a resource to the device: \p free is called with it once, when the device is freed, by whoever holds it last, and not when it is
/// removed; what was bound last is freed first. What a probe binds that does not return 0 is freed when it has returned. If this
/// function fails, \p free is called before it returns.
///
/// Returns 0, or -EINVAL \p device or \p free is NULL.
#[no_mangle]
pub unsafe extern "C" fn ovl_device_manage(
    device: *mut ovl_device,
    resource: *mut c_void,
    free: ovl_destroy,
) -> c_int {
    guard(|| {
        // What is never called, but dropped: that frees.
        let bound = callback(free, resource, free, "free")?;
        self::device(device)?.manage(move || drop(bound));
        Ok(())
    })
}
