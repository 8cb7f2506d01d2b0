// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Server`]: answers what comes through a node, for a device. It gets messages and gives messages, and neither reads nor writes
//! anything itself; nor does it wait: a call that has no result yet is parked.
//!
//! The argument of an ioctl lies in the memory of the one who calls, and may point to more of it. The kernel copies what the server asks
//! for ([`protocol::retry`]), and then makes the call again. Each time it is answered from the graph as it is then, as a whole; only
//! where what it writes lies exactly where the kernel was told, it is written, else the kernel is told anew.

use super::caller::{Argument, Caller, Written};
use super::protocol::{self, Call, Malformed, Request, Span, MAX_REQUEST};
use crate::device::Listening;
use crate::error::Result;
use crate::{uapi, Device, File};
use kref::sync::lock;
use kref::{Port, Ref};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// See the module's description.
pub struct Server {
    device: Ref<Device>,
    /// What the node is to be called.
    name: String,
    /// How often the device has said that those who wait should look again.
    changes: Arc<AtomicU64>,
    state: Mutex<State>,
    _listening: Listening,
}

#[derive(Default)]
struct State {
    stopped: bool,
    /// The last number of a handle; none is given twice (K7).
    last: u64,
    open: BTreeMap<u64, Open>,
    parked: Vec<Parked>,
    /// Of calls that were interrupted when they were not parked: they are running, or they have been answered.
    interrupted: BTreeSet<u64>,
}

/// The node, opened by somebody.
struct Open {
    /// None once the server was stopped.
    file: Option<Port<File>>,
    /// Who sleeps in poll().
    waker: Option<u64>,
    told: Vec<Told>,
}

/// Where the kernel was told last that an ioctl writes.
struct Told {
    /// A thread makes one call at a time. But all threads of other PID namespaces are 0, and they would take each other's place for
    /// ever if they were not told apart by where their arguments lie.
    of: (u32, u64),
    writes: Vec<Span>,
}

/// An ioctl that the library does not know, and to which the provider has nothing to say yet.
struct Parked {
    unique: u64,
    file: Port<File>,
    command: u32,
    argument: Argument,
    /// A copy of the argument, aligned for anything.
    copy: Vec<u64>,
}

/// As many calls as may be interrupted before anybody knows that they exist: many times the calls that can be under way, for one that
/// is forgotten would sleep on. Those that were answered meanwhile are the oldest.
const MOST_INTERRUPTED: usize = 1 << 14;
/// As many threads as may be in the middle of an ioctl on one handle. Another one has it told twice.
const MOST_TOLD: usize = 64;
const GONE: u32 = (libc::POLLERR | libc::POLLHUP) as u32;

/// What becomes of a request: an answer, or none (yet), or an errno.
type Outcome = std::result::Result<Option<Vec<u8>>, i32>;

impl Server {
    /// Serves a device under a name. After each call of `poke` [`news`](Self::news) may have something to say.
    pub fn new(device: &Ref<Device>, name: &str, poke: impl Fn() + Send + Sync + 'static) -> Result<Self> {
        let changes = Arc::new(AtomicU64::new(0));
        let counter = changes.clone();
        let listening = Device::listen(device, move || {
            counter.fetch_add(1, Ordering::AcqRel);
            poke();
        })?;
        let (device, name) = (Device::hold(device)?, name.to_owned());
        Ok(Server { device, name, changes, state: Mutex::default(), _listening: listening })
    }

    /// The device that is served.
    pub fn device(&self) -> &Ref<Device> {
        &self.device
    }

    /// Answers a message of the kernel, or not, where there is nothing to be said, or not yet.
    pub fn receive(&self, message: &[u8]) -> Option<Vec<u8>> {
        match Request::parse(message) {
            Ok(request) => {
                self.answer(&request).unwrap_or_else(|errno| Some(protocol::failed(request.unique, errno)))
            }
            Err(Malformed(unique)) => unique.map(|unique| protocol::failed(unique, libc::EIO)),
        }
    }

    fn answer(&self, request: &Request<'_>) -> Outcome {
        let unique = request.unique;
        match request.call {
            Call::Init { major, minor, flags } => {
                let understood = major == protocol::MAJOR
                    && minor >= protocol::OLDEST_MINOR
                    && flags & protocol::UNRESTRICTED_IOCTL != 0;
                let answer = || protocol::init(unique, minor, &self.name);
                understood.then(answer).ok_or(libc::EPROTO).map(Some)
            }
            Call::Open => self.open(unique).map(Some),
            Call::Release { handle } => {
                let closed = lock(&self.state).open.remove(&handle);
                closed.map(|_| Some(protocol::done(unique))).ok_or(libc::EBADF)
            }
            Call::Ioctl { .. } => self.ioctl(request),
            Call::Poll { handle, waker, flags } => {
                if flags & protocol::POLL_SCHEDULE_NOTIFY != 0 {
                    // Before anything is looked at, so that what comes from now on is told.
                    lock(&self.state).open.get_mut(&handle).ok_or(libc::EBADF)?.waker = Some(waker);
                }
                let events = match self.file(handle) {
                    Ok(file) => File::poll(&file, Some(Duration::ZERO)),
                    Err(libc::ENODEV) => GONE,
                    Err(errno) => return Err(errno),
                };
                Ok(Some(protocol::poll(unique, events)))
            }
            Call::Interrupt { unique } => Ok(self.interrupt(unique)),
            // A media device has nothing to be read or written, as in the kernel.
            Call::Read { handle } | Call::Write { handle, .. } => match self.file(handle)?.is_alive() {
                true => Err(libc::EINVAL),
                false => Err(libc::ENODEV),
            },
            Call::Other { .. } => Err(libc::ENOSYS),
        }
    }

    fn open(&self, unique: u64) -> std::result::Result<Vec<u8>, i32> {
        if lock(&self.state).stopped {
            return Err(libc::ENODEV);
        }
        let file = File::open_exported(&self.device).map_err(|error| error.errno())?;
        let mut state = lock(&self.state);
        if state.stopped {
            return Err(libc::ENODEV);
        }
        state.last += 1;
        let handle = state.last;
        state.open.insert(handle, Open { file: Some(file), waker: None, told: Vec::new() });
        Ok(protocol::open(unique, handle))
    }

    fn file(&self, handle: u64) -> std::result::Result<Port<File>, i32> {
        let state = lock(&self.state);
        let open = state.open.get(&handle).ok_or(libc::EBADF)?;
        open.file.clone().ok_or(libc::ENODEV)
    }

    fn ioctl(&self, request: &Request<'_>) -> Outcome {
        let unique = request.unique;
        let Call::Ioctl { handle, flags, command, arg, input, room } = request.call else {
            return Err(libc::EIO);
        };
        let file = self.file(handle)?;
        if !file.is_alive() {
            return Err(libc::ENODEV);
        }
        if command == uapi::REQUEST_ALLOC {
            // A file descriptor of this process would be of no use to the caller.
            return Err(libc::ENOTTY);
        }
        let argument = Argument::of(command, arg);
        let retry = |writes: &[Span]| {
            if flags & protocol::IOCTL_UNRESTRICTED == 0 {
                return Err(libc::EIO);
            }
            Ok(Some(protocol::retry(unique, &argument.reads(), writes)))
        };
        // With room for the argument, so that nothing is done twice that does anything.
        if input.len() != argument.input || room < argument.output {
            return retry(&argument.writes());
        }
        if !File::is_media_call(command) {
            let mut copy = vec![0; argument.length().div_ceil(8)];
            for (word, bytes) in copy.iter_mut().zip(input.chunks(8)) {
                let mut whole = [0; 8];
                whole[..bytes.len()].copy_from_slice(bytes);
                *word = u64::from_ne_bytes(whole);
            }
            return Ok(self.attempt(Parked { unique, file, command, argument, copy }));
        }
        let caller = Caller::new(arg, input, room.min(MAX_REQUEST));
        let result = File::media_call(&file, command, arg, &caller).map_err(|error| error.errno())?;
        let Written { spans: writes, bytes } = caller.written();
        if flags & protocol::IOCTL_COMPAT != 0 && writes.iter().any(|span| u32::try_from(span.at).is_err()) {
            return Err(libc::EFAULT);
        }
        let mut state = lock(&self.state);
        let open = state.open.get_mut(&handle).ok_or(libc::EBADF)?;
        let of = (request.thread, arg);
        let mine = open.told.iter().position(|told| told.of == of);
        let told = match mine.map(|at| open.told.swap_remove(at).writes) {
            Some(told) if room != argument.output => told,
            // What every call of this number is told first.
            _ => argument.writes(),
        };
        if told == writes && total(&told) == room as u64 {
            return Ok(Some(protocol::ioctl(unique, result, &bytes)));
        }
        let again = retry(&writes)?;
        if open.told.len() >= MOST_TOLD {
            open.told.remove(0);
        }
        open.told.push(Told { of, writes });
        Ok(again)
    }

    /// Has the provider asked once more, until it says something or there is nothing new: then the call is parked.
    fn attempt(&self, mut call: Parked) -> Option<Vec<u8>> {
        let unique = call.unique;
        loop {
            let seen = self.changes.load(Ordering::Acquire);
            // A number that says nothing of an argument has one that is no address.
            let pointer = match call.copy.is_empty() {
                true => std::ptr::without_provenance_mut(call.argument.at as usize),
                false => call.copy.as_mut_ptr().cast(),
            };
            match File::try_driver_call(&call.file, call.command, pointer) {
                Ok(Some(result)) => {
                    let copy: Vec<u8> = call.copy.iter().flat_map(|word| word.to_ne_bytes()).collect();
                    return Some(protocol::ioctl(unique, result, &copy[..call.argument.output]));
                }
                Ok(None) => (),
                Err(error) => return Some(protocol::failed(unique, error.errno())),
            }
            let mut state = lock(&self.state);
            let errno = if state.stopped {
                libc::ENODEV
            } else if state.interrupted.remove(&unique) {
                libc::EINTR
            } else if self.changes.load(Ordering::Acquire) != seen {
                // What was said meanwhile would not be said to it again.
                continue;
            } else {
                state.parked.push(call);
                return None;
            };
            return Some(protocol::failed(unique, errno));
        }
    }

    fn interrupt(&self, unique: u64) -> Option<Vec<u8>> {
        let mut state = lock(&self.state);
        if let Some(at) = state.parked.iter().position(|call| call.unique == unique) {
            let call = state.parked.swap_remove(at);
            drop(state);
            return Some(protocol::failed(call.unique, libc::EINTR));
        }
        if state.interrupted.len() >= MOST_INTERRUPTED {
            state.interrupted.pop_first();
        }
        state.interrupted.insert(unique);
        None
    }

    /// What there is to be said unasked: the end of calls that were parked, and who should wake up.
    pub fn news(&self) -> Vec<Vec<u8>> {
        let mut state = lock(&self.state);
        let parked = std::mem::take(&mut state.parked);
        let sleepers: Vec<_> = state
            .open
            .iter()
            .filter_map(|(&handle, open)| Some((handle, open.waker?, open.file.clone()?)))
            .collect();
        drop(state);
        let mut news: Vec<_> = parked.into_iter().filter_map(|call| self.attempt(call)).collect();
        for (handle, waker, file) in sleepers {
            if File::poll(&file, Some(Duration::ZERO)) != 0 {
                // Once: who goes to sleep again says so.
                if let Some(open) = lock(&self.state).open.get_mut(&handle) {
                    open.waker = None;
                }
                news.push(protocol::wake(waker));
            }
        }
        news
    }

    /// Everything is ENODEV from now on, though the device may live on: what there is to be said to those who wait.
    pub fn stop(&self) -> Vec<Vec<u8>> {
        let mut state = lock(&self.state);
        state.stopped = true;
        let parked = std::mem::take(&mut state.parked);
        let files: Vec<_> = state.open.values_mut().filter_map(|open| open.file.take()).collect();
        let wakers: Vec<_> = state.open.values_mut().filter_map(|open| open.waker.take()).collect();
        drop(state);
        drop(files);
        let failed = parked.iter().map(|call| protocol::failed(call.unique, libc::ENODEV));
        failed.chain(wakers.into_iter().map(protocol::wake)).collect()
    }

    /// Whether nobody can come any more and all have gone, who would get another errno than ENODEV if the channel were closed.
    pub fn is_over(&self) -> bool {
        let state = lock(&self.state);
        state.open.is_empty() && (state.stopped || !self.device.is_registered())
    }
}

fn total(spans: &[Span]) -> u64 {
    spans.iter().map(|span| span.length).sum()
}
