// SPDX-License-Identifier: MIT OR Apache-2.0
//! The operations of a C program's device.

use super::parts::mediadev_link_info;
use super::{
    callback, mediadev_destroy, mediadev_device, mediadev_entity, mediadev_file, mediadev_request, versioned,
    Lent,
};
use crate::device::{Answer, DeviceOps, OpResult, When};
use crate::{Device, Entity, File, LinkInfo, Request};
use cabi::arg::Versioned;
use cabi::{Callback, Failure};
use kref::{Port, Ref};
use std::ffi::{c_int, c_uint, c_void};

/// ops->ioctl returns it where there is nothing yet: the call sleeps until mediadev_notify() and is tried again then, or fails with
/// -ENODEV when the device is unregistered.
pub const MEDIADEV_NOT_YET: i32 = -4096;

/// ops->link_notify is called before the entities are asked.
pub const MEDIADEV_NOTIFY_BEFORE: u32 = 0;
/// ops->link_notify is called after the flags have changed, or were refused: the link has those that it has now.
pub const MEDIADEV_NOTIFY_AFTER: u32 = 1;

const _: () = {
    assert!(When::Before as u32 == MEDIADEV_NOTIFY_BEFORE);
    assert!(When::After as u32 == MEDIADEV_NOTIFY_AFTER);
};

/// The operations of a device. Set \p size to its size; members may be added at its end. The table is copied. Each may be NULL.
///
/// They are called from any thread, several at a time, without a lock of the library, and may call the library, whatever it is. After
/// the device has been unregistered none begins but close and before_free, and after_free at the end; mediadev_drain() waits for
/// those that run. Those that return an int return 0, or what they say, or a negative errno, which the caller gets. Objects that they
/// are given are held during the call: to keep one, get it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mediadev_ops {
    /// sizeof(struct mediadev_ops)
    pub size: usize,
    /// The flags of \p link are to become \p flags, and \p pad of this entity is one of its ends: the source is asked first, then the
    /// sink. An error refuses that; if it is the sink's, the source is asked again, for the flags that the link had. \p link is valid
    /// during the call and has its flags of before. NULL agrees.
    pub link_setup: Option<
        unsafe extern "C-unwind" fn(
            entity: *mut mediadev_entity,
            pad: c_uint,
            link: *const mediadev_link_info,
            flags: u32,
            user_data: *mut c_void,
        ) -> c_int,
    >,
    /// The flags of \p link are about to become \p flags (MEDIADEV_NOTIFY_BEFORE), or have, or were refused (MEDIADEV_NOTIFY_AFTER).
    pub link_notify: Option<
        unsafe extern "C-unwind" fn(
            device: *mut mediadev_device,
            link: *const mediadev_link_info,
            flags: u32,
            when: u32,
            user_data: *mut c_void,
        ),
    >,
    /// Somebody opens the device; an error refuses that. What is his own can be kept with mediadev_file_set_context().
    pub open: Option<unsafe extern "C-unwind" fn(file: *mut mediadev_file, user_data: *mut c_void) -> c_int>,
    /// A handle is closed that was granted: nobody holds it any more, and no call runs in it. Called also after the device has been
    /// unregistered. Its context is freed next.
    pub close: Option<unsafe extern "C-unwind" fn(file: *mut mediadev_file, user_data: *mut c_void)>,
    /// A call that the library does not know. Returns its result, or MEDIADEV_NOT_YET. NULL is -ENOTTY.
    pub ioctl: Option<
        unsafe extern "C-unwind" fn(
            file: *mut mediadev_file,
            request: u32,
            arg: *mut c_void,
            user_data: *mut c_void,
        ) -> c_int,
    >,
    /// What poll() would say of the handle now: POLLIN, POLLPRI and so on, 0 for nothing. Must not wait: mediadev_notify() has it
    /// asked again. NULL never has anything to say.
    pub poll: Option<unsafe extern "C-unwind" fn(file: *mut mediadev_file, user_data: *mut c_void) -> u32>,
    /// The last one who held the device has let go. Its graph is still there, to be looked at (mediadev_device_topology()); the provider
    /// may stop its threads, which may call the library with \p device until this returns. The device cannot be had any more
    /// (mediadev_device_get() is NULL), and nothing of it begins.
    pub before_free:
        Option<unsafe extern "C-unwind" fn(device: *mut mediadev_device, user_data: *mut c_void)>,
    /// Nothing of the device is left. Frees \p user_data.
    pub after_free: Option<unsafe extern "C-unwind" fn(user_data: *mut c_void)>,
    /// A pipeline is to start that this enabled link is part of, \p pad of this entity being its sink. An error refuses that.
    pub link_validate: Option<
        unsafe extern "C-unwind" fn(
            sink: *mut mediadev_entity,
            pad: c_uint,
            link: *const mediadev_link_info,
            user_data: *mut c_void,
        ) -> c_int,
    >,
    /// A request is to be queued; an error refuses that: -ENOENT for one that has nothing in it. May be NULL.
    pub request_validate:
        Option<unsafe extern "C-unwind" fn(request: *mut mediadev_request, user_data: *mut c_void) -> c_int>,
    /// A request has been queued: mediadev_request_complete() when it is done, from here or later. NULL: the device has no requests.
    pub request_queue:
        Option<unsafe extern "C-unwind" fn(request: *mut mediadev_request, user_data: *mut c_void)>,
}

// SAFETY: a repr(C) struct of an integer and optional C functions, with the size in front.
unsafe impl Versioned for mediadev_ops {
    // What came after after_free may be missing.
    const FIRST_SIZE: usize = std::mem::offset_of!(mediadev_ops, link_validate);
}

/// The operations of a C program. Dropping them calls after_free.
pub(super) struct Operations(Callback<mediadev_ops>);

impl Operations {
    pub(super) fn new(ops: *const mediadev_ops, user_data: *mut c_void) -> Result<Self, Failure> {
        const NONE: mediadev_ops = mediadev_ops {
            size: size_of::<mediadev_ops>(),
            link_setup: None,
            link_notify: None,
            open: None,
            close: None,
            ioctl: None,
            poll: None,
            before_free: None,
            after_free: None,
            link_validate: None,
            request_validate: None,
            request_queue: None,
        };
        let table = versioned(ops, "ops")?.unwrap_or(NONE);
        let after_free: mediadev_destroy = table.after_free;
        Ok(Operations(callback(Some(table), user_data, after_free, "ops")?))
    }
}

/// What an operation returned: a value, or an errno.
fn returned(value: c_int) -> OpResult<c_int> {
    match value {
        0.. => Ok(value),
        _ => Err(value.checked_neg().unwrap_or(libc::EIO)),
    }
}

// SAFETY, of every block below: the functions are the program's, called as the header says with the user data that they came with; what
// is given to them is valid during the call.
impl DeviceOps for Operations {
    fn open(&self, file: &Port<File>) -> OpResult<()> {
        let Some(open) = self.0.function().open else { return Ok(()) };
        // SAFETY: as said above.
        returned(unsafe { open(file.lend(), self.0.user_data()) }).map(drop)
    }

    fn close(&self, file: &Port<File>) {
        if let Some(close) = self.0.function().close {
            // SAFETY: as said above.
            unsafe { close(file.lend(), self.0.user_data()) }
        }
    }

    #[inline]
    fn ioctl(&self, file: &Port<File>, request: u32, arg: *mut c_void) -> OpResult<Answer> {
        let Some(ioctl) = self.0.function().ioctl else { return Err(libc::ENOTTY) };
        // SAFETY: as said above.
        match unsafe { ioctl(file.lend(), request, arg, self.0.user_data()) } {
            MEDIADEV_NOT_YET => Ok(Answer::NotYet),
            value => returned(value).map(Answer::Done),
        }
    }

    fn poll(&self, file: &Port<File>) -> u32 {
        let Some(poll) = self.0.function().poll else { return 0 };
        // SAFETY: as said above.
        unsafe { poll(file.lend(), self.0.user_data()) }
    }

    fn link_setup(&self, entity: &Ref<Entity>, pad: u32, link: &LinkInfo, flags: u32) -> OpResult<()> {
        let Some(setup) = self.0.function().link_setup else { return Ok(()) };
        let link = mediadev_link_info::from(*link);
        // SAFETY: as said above.
        returned(unsafe { setup(entity.lend(), pad, &link, flags, self.0.user_data()) }).map(drop)
    }

    fn link_notify(&self, device: &Ref<Device>, link: &LinkInfo, flags: u32, when: When) {
        if let Some(notify) = self.0.function().link_notify {
            let link = mediadev_link_info::from(*link);
            // SAFETY: as said above.
            unsafe { notify(device.lend(), &link, flags, when as u32, self.0.user_data()) }
        }
    }

    fn link_validate(&self, sink: &Ref<Entity>, pad: u32, link: &LinkInfo) -> OpResult<()> {
        let Some(validate) = self.0.function().link_validate else { return Ok(()) };
        let link = mediadev_link_info::from(*link);
        // SAFETY: as said above.
        returned(unsafe { validate(sink.lend(), pad, &link, self.0.user_data()) }).map(drop)
    }

    fn has_requests(&self) -> bool {
        self.0.function().request_queue.is_some()
    }

    fn request_validate(&self, request: &Ref<Request>) -> OpResult<()> {
        let Some(validate) = self.0.function().request_validate else { return Ok(()) };
        // SAFETY: as said above.
        returned(unsafe { validate(request.lend(), self.0.user_data()) }).map(drop)
    }

    fn request_queue(&self, request: &Ref<Request>) {
        if let Some(queue) = self.0.function().request_queue {
            // SAFETY: as said above.
            unsafe { queue(request.lend(), self.0.user_data()) }
        }
    }

    fn before_free(&self, device: &Device) {
        if let Some(before_free) = self.0.function().before_free {
            let device = std::ptr::from_ref(device).cast_mut().cast();
            // SAFETY: as said above: an object lies where its handle points.
            unsafe { before_free(device, self.0.user_data()) }
        }
    }
}
