// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`File`]: a device of this process, opened (M10). Held by those who have it open and by every call that runs in it, so that it may be
//! closed at any moment, by the call itself too; when nobody is left, the provider is told and its context freed.
//!
//! A call takes no lock and allocates nothing on its way to the provider: one count is all.

mod calls;
mod memory;

pub use memory::{Memory, OwnMemory};

use crate::context::Slot;
use crate::device::Answer;
use crate::error::{Error, Result};
use crate::request::Issued;
use crate::{Device, Topology};
use kref::{Call, Port, Ref, SleepError};
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// See the module's description.
pub struct File {
    context: Slot,
    /// Whether the provider granted it, and has to be told of its end.
    granted: AtomicBool,
    /// Whether another program has opened it, through a node.
    exported: bool,
    /// The requests that were given out as file descriptors.
    issued: Issued,
    // Last, for the device may go with it.
    device: Ref<Device>,
}

impl File {
    /// Opens a device that is registered.
    pub fn open(device: &Ref<Device>) -> Result<Port<Self>> {
        Self::opened(device, false)
    }

    /// The same for another program (M11).
    pub(crate) fn open_exported(device: &Ref<Device>) -> Result<Port<Self>> {
        Self::opened(device, true)
    }

    fn opened(device: &Ref<Device>, exported: bool) -> Result<Port<Self>> {
        let device = Device::hold(device)?;
        if !device.is_registered() {
            return Err(device.closed("open"));
        }
        let about = device.clone();
        let gone = |_| about.gone("open");
        let (context, granted, issued) = (Slot::new(), AtomicBool::new(false), Issued::new());
        let made = File { context, granted, exported, issued, device };
        let file = Port::open(made).map_err(gone)?;
        let call = file.enter().map_err(gone)?;
        about.ops()?.open(&file).map_err(|errno| about.refused("open", errno))?;
        // Release: who finds it in the list sees what `open` put there.
        file.granted.store(true, Ordering::Release);
        drop(call);
        Ok(file)
    }

    /// Its device.
    pub fn device(&self) -> &Ref<Device> {
        &self.device
    }

    pub(crate) fn is_granted(&self) -> bool {
        self.granted.load(Ordering::Acquire)
    }

    /// Whether another program has opened it: addresses in the arguments of its calls are none of this process.
    pub fn is_exported(&self) -> bool {
        self.exported
    }

    /// What the program has here; freed when it is closed.
    pub fn context(&self) -> &Slot {
        &self.context
    }

    pub(crate) fn issued(&self) -> &Issued {
        &self.issued
    }

    /// The graph of its device as it is now.
    pub fn topology(this: &Port<Self>) -> Result<Ref<Topology>> {
        let _call = Self::enter(this, "topology")?;
        Ok(this.device.topology())
    }

    /// What an ioctl() on a device node does: `arg` is as `request` says. The calls of the media interface are understood here, others
    /// are the provider's.
    ///
    /// # Safety
    /// `arg`, and what it points to, is what the call demands.
    #[allow(unsafe_code)]
    pub unsafe fn ioctl(this: &Port<Self>, request: u32, arg: *mut c_void) -> Result<i32> {
        // SAFETY: the caller's promise.
        let result = unsafe { Self::ioctl_within(this, request, arg, None) }?;
        result.ok_or_else(|| this.device.gone("ioctl"))
    }

    /// The same, but None if the provider has nothing for the call within `timeout` (None: for ever).
    ///
    /// # Safety
    /// As [`ioctl`](Self::ioctl).
    #[allow(unsafe_code)]
    pub unsafe fn ioctl_within(
        this: &Port<Self>,
        request: u32,
        arg: *mut c_void,
        timeout: Option<Duration>,
    ) -> Result<Option<i32>> {
        if calls::is_known(request) {
            // SAFETY: the caller's promise.
            let memory = unsafe { OwnMemory::new() };
            return Self::media_call(this, request, arg.addr() as u64, &memory).map(Some);
        }
        Self::driver_call(this, request, arg, timeout)
    }

    /// A call of the media interface, by somebody whose memory this is; its argument lies at `arg`.
    pub fn media_call(this: &Port<Self>, request: u32, arg: u64, memory: &dyn Memory) -> Result<i32> {
        let _call = Self::enter(this, calls::name(request))?;
        calls::run(this, request, arg, memory)
    }

    /// Whether [`media_call`](Self::media_call) knows this call.
    pub fn is_media_call(request: u32) -> bool {
        calls::is_known(request)
    }

    /// A call that is the provider's. It sleeps as long as that says [`Answer::NotYet`], and comes to nothing after `timeout`.
    pub fn driver_call(
        this: &Port<Self>,
        request: u32,
        arg: *mut c_void,
        timeout: Option<Duration>,
    ) -> Result<Option<i32>> {
        let call = Self::enter(this, "ioctl")?;
        let ops = this.device.ops()?;
        let attempt = || match ops.ioctl(this, request, arg) {
            Ok(Answer::Done(value)) => Some(Ok(value)),
            Ok(Answer::NotYet) => None,
            Err(errno) => Some(Err(errno)),
        };
        let outcome = match attempt() {
            Some(outcome) => outcome,
            None => match Self::sleep(&call, timeout, attempt) {
                Ok(outcome) => outcome,
                Err(SleepError::TimedOut) => return Ok(None),
                Err(SleepError::Revoked) => return Err(this.device.gone("ioctl")),
            },
        };
        outcome.map(Some).map_err(|errno| this.refused(request, errno))
    }

    /// The same for who cannot wait: None where the provider said [`Answer::NotYet`], for him to try again after
    /// [`Device::notify`], of which [`Device::listen`] tells.
    pub fn try_driver_call(this: &Port<Self>, request: u32, arg: *mut c_void) -> Result<Option<i32>> {
        let _call = Self::enter(this, "ioctl")?;
        match this.device.ops()?.ioctl(this, request, arg) {
            Ok(Answer::Done(value)) => Ok(Some(value)),
            Ok(Answer::NotYet) => Ok(None),
            Err(errno) => Err(this.refused(request, errno)),
        }
    }

    /// What poll() on a device node would say: what the provider says, or ERR and HUP once the device has been unregistered. Waits for
    /// one of these, and after `timeout` says nothing, 0.
    pub fn poll(this: &Port<Self>, timeout: Option<Duration>) -> u32 {
        const GONE: u32 = (libc::POLLERR | libc::POLLHUP) as u32;
        let (Ok(call), Ok(ops)) = (this.enter(), this.device.ops()) else { return GONE };
        let ready = || Some(ops.poll(this)).filter(|&events| events != 0);
        match Self::sleep(&call, timeout, ready) {
            Ok(events) => events,
            Err(SleepError::TimedOut) => 0,
            Err(SleepError::Revoked) => GONE,
        }
    }

    /// Changes the flags of a link, as a call does.
    pub fn setup_link(this: &Port<Self>, source_pad_id: u32, sink_pad_id: u32, flags: u32) -> Result<()> {
        let _call = Self::enter(this, "setup_link")?;
        let topology = this.device.topology();
        let end = |id| topology.pad_by_id(id).map(|pad| (pad.entity_id, pad.index));
        Device::setup_link(&this.device, end(source_pad_id)?, end(sink_pad_id)?, flags)
    }

    pub(crate) fn enter<'a>(this: &'a Port<Self>, call: &str) -> Result<Call<'a, Self>> {
        this.enter().map_err(|_| this.device.gone(call))
    }

    /// Sleeps in a call until `ready` says something; it is not asked any more once the device has gone.
    fn sleep<R>(
        call: &Call<'_, Self>,
        timeout: Option<Duration>,
        mut ready: impl FnMut() -> Option<R>,
    ) -> std::result::Result<R, SleepError> {
        let guard = call.device.enter("sleep").map_err(|_| SleepError::Revoked)?;
        guard.sleep(timeout, || if call.is_alive() { ready() } else { None })
    }

    #[cold]
    fn refused(&self, request: u32, errno: i32) -> Error {
        self.device.refused(&format!("ioctl {request:#x}"), errno)
    }

    /// Nobody has it any more, and no call runs.
    pub(crate) fn closed(this: &Port<Self>) {
        if let (true, Ok(ops)) = (this.is_granted(), this.device.ops()) {
            ops.close(this);
        }
    }
}
