// SPDX-License-Identifier: MIT OR Apache-2.0
//! Devices that this process provides.

use super::info::mediadev_info;
use super::ops::{mediadev_ops, Operations};
use super::{
    callback, device, get, guard, mediadev_destroy, mediadev_device, mediadev_entity, mediadev_file,
    mediadev_topology, out, put, text, timeout, versioned_out, Lent,
};
use crate::{allocator_get, Device};
use cabi::{Failure, Plain};
use kref::Ref;
use std::ffi::{c_char, c_int, c_void};

/// Makes a device that this process provides. Nobody sees it before mediadev_register(): its graph can be built meanwhile. Versions
/// that are 0 in \p info are filled in. \p ops may be NULL for a device that has a graph and nothing else; both are copied.
///
/// The device lives as long as anybody holds it: its owner, an open handle, an entity, a request, a running call, and the device
/// itself while it is registered. When the last of them lets go, on his thread and without a lock of the library: ops->before_free
/// is called, with the graph still there; the graph is freed with what the program has at its entities; what mediadev_manage() bound
/// is freed, the last first; ops->after_free is called. That order holds for a device that never was registered too. If this function
/// fails, ops->after_free is called before it returns. (Not if the size of \p ops is not one: then the library does not know it.)
///
/// Returns a reference (drop it with mediadev_device_put()), or NULL with errno: EINVAL \p info is NULL or a text in it does not end;
/// E2BIG a struct that is newer than the library has something set in it.
#[no_mangle]
pub unsafe extern "C" fn mediadev_device_new(
    info: *const mediadev_info,
    ops: *const mediadev_ops,
    user_data: *mut c_void,
) -> *mut mediadev_device {
    guard(|| {
        let ops = Operations::new(ops, user_data)?;
        Ok(Device::new(mediadev_info::read(info)?, ops))
    })
}

/// Gives the drivers of one piece of hardware one device: who asks for the same bus id gets the same, as long as anybody holds it. The
/// next one is made when nothing of the last one is left, its ops->after_free included; who asks meanwhile waits for that, but not
/// for ever. \p owner stands in mediadev_holders() for who asked. Both are copied.
///
/// The first one to get it makes a device of it with mediadev_device_init() and registers it.
///
/// Returns a reference (drop it with mediadev_device_put()), or NULL with errno: EINVAL a NULL argument or an empty bus id; EBUSY the
/// last one is being freed, and that takes longer than ten seconds or calls this function.
#[no_mangle]
pub unsafe extern "C" fn mediadev_allocator_get(
    bus_id: *const c_char,
    owner: *const c_char,
) -> *mut mediadev_device {
    guard(|| Ok(allocator_get(text(bus_id, "bus_id")?, text(owner, "owner")?)?))
}

/// Makes a device of what mediadev_allocator_get() gave. As mediadev_device_new() otherwise.
///
/// Returns 0, or -EBUSY another one has done it before, which is no error where drivers share; -EINVAL a NULL argument, or a text that
/// does not end; -E2BIG.
#[no_mangle]
pub unsafe extern "C" fn mediadev_device_init(
    device: *mut mediadev_device,
    info: *const mediadev_info,
    ops: *const mediadev_ops,
    user_data: *mut c_void,
) -> c_int {
    guard(|| {
        let ops = Operations::new(ops, user_data)?;
        Ok(self::device(device)?.init(mediadev_info::read(info)?, ops)?)
    })
}

/// Adds a reference; returns its argument, NULL for NULL. In before_free, when there is none left, NULL with errno ENODEV.
#[no_mangle]
pub unsafe extern "C" fn mediadev_device_get(device: *mut mediadev_device) -> *mut mediadev_device {
    get::<Ref<Device>>(device)
}

/// Drops a reference; NULL is allowed. The last one frees the device: mediadev_device_new().
#[no_mangle]
pub unsafe extern "C" fn mediadev_device_put(device: *mut mediadev_device) {
    put::<Ref<Device>>(device)
}

/// From now on the device can be opened. It holds itself until mediadev_unregister().
///
/// Returns 0, or -EBUSY it is registered, or was: that is for once; -EINVAL NULL, a device without names of a driver and a model, or one
/// of the allocator that nobody has made a device of; -ENODEV it is being freed.
#[no_mangle]
pub unsafe extern "C" fn mediadev_register(device: *mut mediadev_device) -> c_int {
    guard(|| Ok(Device::register(&*self::device(device)?)?))
}

/// Ends the life of a device in public. From the return on it cannot be opened, and whatever begins later fails with -ENODEV; poll says
/// POLLERR and POLLHUP. Those who sleep wake up with that; what runs goes on, on valid memory, to its end. Never waits for any of it:
/// that is mediadev_drain(). May be called from anywhere, also from an operation of the device.
///
/// Handles that are open are closed by those who have them, for which ops->close is still called. Again, or on a device that is not
/// registered, it does nothing.
///
/// Returns 0, or -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_unregister(device: *mut mediadev_device) -> c_int {
    guard(|| {
        self::device(device)?.unregister();
        Ok(())
    })
}

/// Waits until no operation of a device that was unregistered runs any more. A negative \p timeout_ms waits for ever, 0 only asks.
/// Handles that are still open do not count, only what runs.
///
/// Returns 0, or -ETIMEDOUT something was still running, or the device has not been unregistered; -EDEADLK one of its operations
/// calls; -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_drain(device: *mut mediadev_device, timeout_ms: c_int) -> c_int {
    guard(|| Ok(self::device(device)?.drain(timeout(timeout_ms))?))
}

/// Returns 1 if the device can be opened, 0 if not, at some moment; -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_is_registered(device: *mut mediadev_device) -> c_int {
    guard(|| Ok(self::device(device)?.is_registered()))
}

/// Tells what the device says of itself. Set \p info->size before.
///
/// Returns 0, or -EINVAL a NULL argument, a wrong size, or a device of the allocator that nobody has made a device of.
#[no_mangle]
pub unsafe extern "C" fn mediadev_device_info(
    device: *mut mediadev_device,
    info: *mut mediadev_info,
) -> c_int {
    guard(|| {
        let (device, mut info) = (self::device(device)?, versioned_out(info, "info")?);
        info.set(device.info()?.into());
        Ok(())
    })
}

/// The number of the device, which no other device of this process has or had: it tells one from another that took its place. 0 with
/// errno EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_device_generation(device: *mut mediadev_device) -> u64 {
    guard(|| Ok(Plain(self::device(device)?.generation())))
}

/// The graph of the device as it is now, whether that is registered or not, also in before_free. Costs a reference if it has not changed
/// since somebody last asked.
///
/// Returns a reference (drop it with mediadev_topology_put()), or NULL with errno EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_device_topology(device: *mut mediadev_device) -> *mut mediadev_topology {
    guard(|| Ok(self::device(device)?.topology()))
}

/// The entity that has this id.
///
/// Returns a reference (drop it with mediadev_entity_put()), or NULL with errno: ENOENT there is none now, EINVAL for NULL, ENODEV the
/// device is being freed.
#[no_mangle]
pub unsafe extern "C" fn mediadev_device_entity(
    device: *mut mediadev_device,
    id: u32,
) -> *mut mediadev_entity {
    guard(|| Ok(Device::entity(&*self::device(device)?, id)?))
}

/// Binds a resource to the device: \p free is called with it once, when the device is freed and not when it is unregistered; what was
/// bound last is freed first. If this function fails, \p free is called before it returns.
///
/// Returns 0, or -EINVAL \p device or \p free is NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_manage(
    device: *mut mediadev_device,
    resource: *mut c_void,
    free: mediadev_destroy,
) -> c_int {
    guard(|| {
        // What is never called, but dropped: that frees.
        let bound = callback(free, resource, free, "free")?;
        self::device(device)?.manage(move || drop(bound));
        Ok(())
    })
}

/// Has those who wait look again: ops->poll is asked anew, and calls for which ops->ioctl said MEDIADEV_NOT_YET are tried again. To be
/// called after whatever makes the one or the other say something else. Never waits; costs nothing else where nobody waits.
///
/// Returns 0, or -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_notify(device: *mut mediadev_device) -> c_int {
    guard(|| {
        self::device(device)?.notify();
        Ok(())
    })
}

/// Is told of an open handle, which is held during the call; anything but 0 ends the walk.
pub type mediadev_file_visit =
    Option<unsafe extern "C-unwind" fn(file: *mut mediadev_file, user_data: *mut c_void) -> c_int>;

/// Calls \p visit for every handle that is open now, in no order; not for one that ops->open has yet to grant. It may close and open
/// handles.
///
/// Returns 0, or what \p visit returned to end it; -EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn mediadev_device_files(
    device: *mut mediadev_device,
    visit: mediadev_file_visit,
    user_data: *mut c_void,
) -> c_int {
    guard(|| {
        let device = self::device(device)?;
        let visit = visit.ok_or_else(|| Failure::invalid("visit is NULL"))?;
        for file in device.files() {
            // SAFETY: the caller's function, called as the header says.
            let said = unsafe { visit(file.lend(), user_data) };
            if said != 0 {
                return Ok(said);
            }
        }
        Ok(0)
    })
}

/// Adds an interface, a device node that the graph tells of: \p kind is one of MEDIA_INTF_T_ or a number of your own, \p major and
/// \p minor are those of its node. *\p id is its id.
///
/// Returns 0, or -ENODEV the device has been unregistered; -ENOSPC no id is left; -EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn mediadev_interface_add(
    device: *mut mediadev_device,
    kind: u32,
    flags: u32,
    major: u32,
    minor: u32,
    id: *mut u32,
) -> c_int {
    guard(|| {
        let (device, mut id) = (self::device(device)?, out(id, "id")?);
        id.set(device.add_interface(kind, flags, major, minor)?);
        Ok(())
    })
}

/// Takes an interface out, with its links.
///
/// Returns 0, or -ENOENT there is none, -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_interface_remove(device: *mut mediadev_device, id: u32) -> c_int {
    guard(|| Ok(self::device(device)?.remove_interface(id)?))
}
