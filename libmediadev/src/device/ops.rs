// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the provider of a device writes: its operations.

use crate::{Device, Entity, File, LinkInfo, Request};
use kref::{Port, Ref};
use std::ffi::c_void;

/// The result of an operation; its error is a positive errno, which the caller gets.
pub type OpResult<T> = std::result::Result<T, i32>;

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done, and this is its result.
    Done(i32),
    /// There is nothing yet. The call sleeps until [`Device::notify`], and is tried again then (M2).
    NotYet,
}

/// When a change of a link is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Before the entities are asked.
    Before = 0,
    /// After it was done, or refused: the link has the flags that it has now.
    After = 1,
}

/// The operations of a device. They are called from any thread, several at a time, with no lock of the library held, and may call
/// the library. After the device has been unregistered none begins but `close` and `before_free`. Dropping it is what comes after
/// everything else has been freed (M3).
pub trait DeviceOps: Send + Sync {
    /// Somebody opens the device; an error refuses it.
    fn open(&self, file: &Port<File>) -> OpResult<()> {
        let _ = file;
        Ok(())
    }

    /// An open handle that was granted is closed: nobody holds it any more, and no call of it runs. Also after the device has been
    /// unregistered.
    fn close(&self, file: &Port<File>) {
        let _ = file;
    }

    /// A call that the library does not know.
    fn ioctl(&self, file: &Port<File>, request: u32, arg: *mut c_void) -> OpResult<Answer> {
        let _ = (file, request, arg);
        Err(libc::ENOTTY)
    }

    /// What poll() would say of the handle now, POLLIN for one; 0 for nothing. [`Device::notify`] has it asked again.
    fn poll(&self, file: &Port<File>) -> u32 {
        let _ = file;
        0
    }

    /// The flags of a link at a pad of this entity are to change; an error refuses that. `link` has those that it has until then.
    fn link_setup(&self, entity: &Ref<Entity>, pad: u32, link: &LinkInfo, flags: u32) -> OpResult<()> {
        let _ = (entity, pad, link, flags);
        Ok(())
    }

    /// The flags of a link are about to change, or were to.
    fn link_notify(&self, device: &Ref<Device>, link: &LinkInfo, flags: u32, when: When) {
        let _ = (device, link, flags, when);
    }

    /// A pipeline is to start to which this enabled link belongs, whose sink is a pad of this entity; an error refuses that.
    fn link_validate(&self, sink: &Ref<Entity>, pad: u32, link: &LinkInfo) -> OpResult<()> {
        let _ = (sink, pad, link);
        Ok(())
    }

    /// Whether the device has requests.
    fn has_requests(&self) -> bool {
        false
    }

    /// A request is to be queued; an error refuses that.
    fn request_validate(&self, request: &Ref<Request>) -> OpResult<()> {
        let _ = request;
        Ok(())
    }

    /// A request has been queued: [`Request::complete`] when it is done.
    fn request_queue(&self, request: &Ref<Request>) {
        let _ = request;
    }

    /// The last who held the device has let go. Its graph is still there, to be looked at; the provider may stop its threads.
    fn before_free(&self, device: &Device) {
        let _ = device;
    }
}
