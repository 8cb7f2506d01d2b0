// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Request`]: settings and buffers that a device is to take together (M8). Idle, queued, complete, and idle again. It holds its
//! device, and may outlive that in public: then it says ENODEV.

use crate::context::Slot;
use crate::device::Listening;
use crate::error::{error, Error, Result};
use crate::sys::{self, FileId};
use crate::{Device, File};
use kref::sync::lock;
use kref::{Port, Ref, Signal, SleepError};
use once_cell::sync::OnceCell;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// See the module's description. Whoever stands behind it, a device of this process or one of the kernel, is a [`Requested`].
pub struct Request(Box<dyn Requested>);

/// Who does what a request asks for.
pub(crate) trait Requested: Send + Sync {
    fn queue(&self, request: &Ref<Request>) -> Result<()>;
    fn reinit(&self) -> Result<()>;
    fn wait(&self, timeout: Option<Duration>) -> Result<()>;
    fn fd(&self) -> Result<BorrowedFd<'_>>;
    /// The request as one that this process serves.
    fn provided(&self) -> Option<&Provided> {
        None
    }
}

/// A request to a device of this process.
pub(crate) struct Provided {
    state: Mutex<State>,
    context: Slot,
    poll: OnceCell<Poll>,
    // Last, for the device may go with it.
    device: Ref<Device>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    /// The provider is asked whether it may be queued, or what it had is being freed.
    Changing,
    Queued,
    Complete,
}

/// For those who sleep in poll().
struct Poll {
    signal: Arc<Signal>,
    _hangs_up: Listening,
}

impl Request {
    /// A request to the device of an open handle, idle.
    pub fn new(file: &Port<File>) -> Result<Ref<Self>> {
        let _call = File::enter(file, "request_alloc")?;
        let device = file.device();
        if !device.ops()?.has_requests() {
            return Err(error!(Unsupported, "{device}: it has no requests"));
        }
        let (state, context) = (Mutex::new(State::Idle), Slot::new());
        Ok(Self::of(Provided { state, context, poll: OnceCell::new(), device: Device::hold(device)? }))
    }

    pub(crate) fn of(requested: impl Requested + 'static) -> Ref<Self> {
        Ref::new(Request(Box::new(requested)))
    }

    /// Queues it, if it is idle and the provider agrees.
    pub fn queue(this: &Ref<Self>) -> Result<()> {
        this.0.queue(&Self::hold(this)?)
    }

    /// Makes it idle again, unless it is queued.
    pub fn reinit(this: &Ref<Self>) -> Result<()> {
        Self::hold(this)?.0.reinit()
    }

    /// Waits until it is complete.
    pub fn wait(this: &Ref<Self>, timeout: Option<Duration>) -> Result<()> {
        Self::hold(this)?.0.wait(timeout)
    }

    /// A reference for as long as something runs: foreign code may drop the caller's meanwhile (K5).
    fn hold(this: &Ref<Self>) -> Result<Ref<Self>> {
        this.try_clone().ok_or_else(|| error!(Gone, "the request is being freed"))
    }

    /// A file descriptor that has something to tell when the request is complete, and hangs up when its device has gone.
    pub fn fd(&self) -> Result<BorrowedFd<'_>> {
        self.0.fd()
    }

    /// The provider has done what a queued request asked for.
    pub fn complete(&self) -> Result<()> {
        let provided = self.provided()?;
        let mut state = lock(&provided.state);
        if *state != State::Queued {
            return Err(error!(Invalid, "{}: request_complete: the request is not queued", provided.device));
        }
        *state = State::Complete;
        if let Some(poll) = provided.poll.get() {
            poll.signal.set();
        }
        drop(state);
        provided.device.notify();
        Ok(())
    }

    /// What the program has here, until the request is made idle again.
    pub fn context(&self) -> Result<&Slot> {
        Ok(&self.provided()?.context)
    }

    /// The device that serves it.
    pub fn device(&self) -> Result<&Ref<Device>> {
        Ok(&self.provided()?.device)
    }

    /// The request that was given out as this file descriptor in an open handle.
    pub fn by_fd(file: &Port<File>, fd: i32) -> Result<Ref<Self>> {
        let _call = File::enter(file, "request_by_fd")?;
        let found = file.issued().find(fd);
        found
            .ok_or_else(|| error!(Invalid, "{}: file descriptor {fd} is none of its requests", file.device()))
    }

    fn provided(&self) -> Result<&Provided> {
        self.0
            .provided()
            .ok_or_else(|| error!(Invalid, "the request is one of the kernel's, not of this process"))
    }
}

impl Provided {
    /// Leaves one state for another; what it was in if that is none of those.
    fn step(&self, from: &[State], to: State) -> std::result::Result<(), State> {
        let mut state = lock(&self.state);
        match from.contains(&state) {
            true => *state = to,
            false => return Err(*state),
        }
        Ok(())
    }

    fn busy(&self, call: &str, state: State) -> Error {
        let how = match state {
            State::Queued => "queued",
            State::Complete => "complete, and has to be made idle first",
            State::Idle | State::Changing => "being queued or freed",
        };
        error!(Busy, "{}: {call}: the request is {how}", self.device)
    }
}

impl Requested for Provided {
    fn queue(&self, request: &Ref<Request>) -> Result<()> {
        const CALL: &str = "request_queue";
        let device = Device::hold(&self.device)?;
        let _running = device.enter(CALL)?;
        self.step(&[State::Idle], State::Changing).map_err(|state| self.busy(CALL, state))?;
        if let Err(errno) = device.ops()?.request_validate(request) {
            let _ = self.step(&[State::Changing], State::Idle);
            return Err(device.refused("request_validate", errno));
        }
        let _ = self.step(&[State::Changing], State::Queued);
        device.ops()?.request_queue(request);
        Ok(())
    }

    fn reinit(&self) -> Result<()> {
        const CALL: &str = "request_reinit";
        let _running = self.device.enter(CALL)?;
        self.step(&[State::Idle, State::Complete], State::Changing)
            .map_err(|state| self.busy(CALL, state))?;
        self.context.clear();
        if let Some(poll) = self.poll.get() {
            poll.signal.clear();
        }
        let _ = self.step(&[State::Changing], State::Idle);
        Ok(())
    }

    fn wait(&self, timeout: Option<Duration>) -> Result<()> {
        const CALL: &str = "request_wait";
        let about = |error: fn(&Self) -> Error| Some(Err(error(self)));
        let ready = || match *lock(&self.state) {
            State::Complete => Some(Ok(())),
            State::Queued => None,
            State::Idle | State::Changing => {
                about(|this| error!(Invalid, "{}: {CALL}: the request is not queued", this.device))
            }
        };
        // What is complete is complete, whatever became of the device.
        if let Some(Ok(())) = ready() {
            return Ok(());
        }
        let device = Device::hold(&self.device)?;
        let running = device.enter(CALL)?;
        running.sleep(timeout, ready).unwrap_or_else(|failure| {
            Err(match failure {
                SleepError::Revoked => device.gone(CALL),
                SleepError::TimedOut => {
                    error!(TimedOut, "{device}: {CALL}: the request was not complete when the time was over")
                }
            })
        })
    }

    fn fd(&self) -> Result<BorrowedFd<'_>> {
        if let Some(poll) = self.poll.get() {
            return Ok(poll.signal.fd());
        }
        let failed =
            |e: std::io::Error| self.device.refused("request_fd", e.raw_os_error().unwrap_or(libc::EIO));
        let signal = Arc::new(Signal::new().map_err(failed)?);
        let (told, device) = (signal.clone(), Ref::downgrade(&self.device));
        let hangs_up = Device::listen(&self.device, move || {
            if device.upgrade().is_none_or(|device| !device.is_registered()) {
                told.hang_up();
            }
        })?;
        // Under the lock: either it is complete already, or who completes it sees the signal.
        let state = lock(&self.state);
        let poll = self.poll.get_or_init(|| Poll { signal, _hangs_up: hangs_up });
        if *state == State::Complete {
            poll.signal.set();
        }
        drop(state);
        if !self.device.is_registered() {
            poll.signal.hang_up();
        }
        Ok(poll.signal.fd())
    }

    fn provided(&self) -> Option<&Provided> {
        Some(self)
    }
}

/// The requests of an open handle that were given out as file descriptors, as the kernel does. Whoever got one closes it, which nobody
/// tells us: that it is closed is seen when the next one is given out.
pub(crate) struct Issued(Mutex<Vec<Entry>>);

struct Entry {
    fd: i32,
    /// Which pipe it is: the number of a file descriptor that was closed may soon be another one's.
    pipe: FileId,
    request: Ref<Request>,
}

impl Issued {
    pub(crate) fn new() -> Self {
        Issued(Mutex::new(Vec::new()))
    }

    /// A file descriptor for a request, which is the caller's to close. As long as it is open the request is held.
    pub(crate) fn issue(&self, request: Ref<Request>) -> Result<OwnedFd> {
        let about = request.device()?.clone();
        let failed =
            |e: std::io::Error| about.refused("REQUEST_ALLOC", e.raw_os_error().unwrap_or(libc::EMFILE));
        let fd = request.fd()?.try_clone_to_owned().map_err(failed)?;
        let number = fd.as_raw_fd();
        let pipe = sys::file_id(number).map_err(|errno| about.refused("REQUEST_ALLOC", errno))?;
        let mut entries = lock(&self.0);
        let closed: Vec<_> =
            entries.extract_if(.., |entry| sys::file_id(entry.fd) != Ok(entry.pipe)).collect();
        entries.push(Entry { fd: number, pipe, request });
        drop(entries);
        drop(closed);
        Ok(fd)
    }

    pub(crate) fn find(&self, fd: i32) -> Option<Ref<Request>> {
        let pipe = sys::file_id(fd).ok()?;
        lock(&self.0).iter().find(|entry| entry.pipe == pipe).map(|entry| entry.request.clone())
    }
}
