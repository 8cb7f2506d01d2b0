// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Device`]: a media device that this process provides, and how long it lives.
//!
//! It is held by its owner, by open handles, entities and requests, by every running call, and by itself while it is registered. When
//! the last of them lets go, it is freed in this order (M3): `before_free`, with the graph still there; the graph; what was bound with
//! [`Device::manage`]; the operations, whose drop is `after_free`. There is no other way to the end, whatever the device went through.
//!
//! Locks are held for moments, and never when an operation of the provider runs. They are taken in this order: stage, graph.

mod ops;

pub use ops::{Answer, DeviceOps, OpResult, When};

use crate::error::{error, Error, Kind, Result};
use crate::graph::{Graph, Locked, Told};
use crate::{File, Info, Topology};
use kref::sync::{deadline, left, lock};
use kref::{DrainError, Guard, Managed, Ported, Ports, Ref, Revocable, Seat, Taken, Turn, TurnError};
use once_cell::sync::OnceCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// See the module's description.
pub struct Device {
    /// No other device of this process has or had it (M5, K7).
    generation: u64,
    stage: Mutex<Stage>,
    /// What runs without an open handle, and what sleeps.
    link: Revocable,
    /// What runs in open handles.
    files: Ports<File>,
    /// For changes that entities are asked about.
    turn: Turn,
    graph: Told,
    listeners: Mutex<Vec<(u64, Listener)>>,
    managed: Managed,
    setup: OnceCell<Setup>,
    // Last, so that no other device takes this one's place while anything of it is left (M9).
    seat: Option<Seat<String, Device>>,
}

/// What makes a device of what the allocator gives.
struct Setup {
    info: Info,
    ops: Box<dyn DeviceOps>,
}

type Listener = Arc<dyn Fn() + Send + Sync>;

enum Stage {
    New,
    /// It holds itself.
    Registered(Ref<Device>),
    Unregistered,
}

impl Device {
    /// A device that is nowhere to be seen yet. `ops` is dropped last of all.
    pub fn new(info: Info, ops: impl DeviceOps + 'static) -> Ref<Self> {
        let device = Self::blank(None);
        // Nobody else has it yet.
        let _ = device.setup.set(Setup { info: info.complete(), ops: Box::new(ops) });
        Ref::new(device)
    }

    /// A device that is not anything yet.
    pub(crate) fn blank(seat: Option<Seat<String, Device>>) -> Self {
        static GENERATION: AtomicU64 = AtomicU64::new(1);
        Device {
            generation: GENERATION.fetch_add(1, Ordering::Relaxed),
            stage: Mutex::new(Stage::New),
            link: Revocable::new(),
            files: Ports::new(),
            turn: Turn::new(),
            graph: Told::new(),
            listeners: Mutex::new(Vec::new()),
            managed: Managed::new(),
            setup: OnceCell::new(),
            seat,
        }
    }

    /// Makes a device of what [`allocator_get`](crate::allocator_get) gave: the first of those who share it does (M9).
    pub fn init(&self, info: Info, ops: impl DeviceOps + 'static) -> Result<()> {
        let setup = Setup { info: info.complete(), ops: Box::new(ops) };
        self.setup.set(setup).map_err(|_| error!(Busy, "{self}: it has been set up already"))
    }

    /// What it says of itself.
    pub fn info(&self) -> Result<&Info> {
        self.setup.get().map(|setup| &setup.info).ok_or_else(|| self.not_set_up())
    }

    /// Its number, which no other device of this process has or had.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// From now on it can be opened. It holds itself until it is unregistered.
    pub fn register(this: &Ref<Self>) -> Result<()> {
        let info = this.info()?;
        if info.driver().is_empty() || info.model().is_empty() {
            return Err(error!(Invalid, "{this}: register: it has no name of a driver, or none of a model"));
        }
        let held = Self::hold(this)?;
        let mut stage = lock(&this.stage);
        match *stage {
            Stage::New => *stage = Stage::Registered(held),
            Stage::Registered(_) => return Err(error!(Busy, "{this}: register: it is registered already")),
            Stage::Unregistered => {
                return Err(error!(Busy, "{this}: register: it has been unregistered for good"))
            }
        }
        Ok(())
    }

    /// Ends its life in public (M1): from the return on opening fails, no operation begins, sleepers have been woken. Never waits. A
    /// device that is not registered is left alone.
    pub fn unregister(&self) {
        if matches!(*lock(&self.stage), Stage::New) {
            return;
        }
        // Whoever comes here second does it too, so that it has been done when he returns.
        self.link.revoke();
        self.files.revoke();
        let own = match std::mem::replace(&mut *lock(&self.stage), Stage::Unregistered) {
            Stage::Registered(own) => own,
            Stage::New | Stage::Unregistered => return,
        };
        self.tell();
        drop(own);
    }

    /// Whether it can be opened, at some moment.
    pub fn is_registered(&self) -> bool {
        matches!(*lock(&self.stage), Stage::Registered(_)) && self.link.is_alive()
    }

    /// Waits until no operation of a device that was unregistered runs any more (K4).
    pub fn drain(&self, timeout: Option<Duration>) -> Result<()> {
        if self.link.is_inside() || self.files.is_inside() {
            return Err(error!(Deadlock, "{self}: drain: called by one of its own operations"));
        }
        let deadline = deadline(timeout);
        let left = || left(deadline);
        let drained = self.link.drain(left()).and_then(|()| self.files.drain(left()));
        drained.map_err(|failure| match failure {
            DrainError::TimedOut if self.link.is_alive() => {
                error!(TimedOut, "{self}: drain: it has not been unregistered")
            }
            DrainError::TimedOut => error!(TimedOut, "{self}: drain: an operation was still running"),
            DrainError::Deadlock => error!(Deadlock, "{self}: drain: called by one of its own operations"),
        })
    }

    /// Binds a resource to the device: `free` runs when that is freed, after its graph; what was bound last goes first (K8).
    pub fn manage(&self, free: impl FnOnce() + Send + 'static) {
        self.managed.bind(free);
    }

    /// Has those who wait look again: what `poll` says has changed, or a call that said [`Answer::NotYet`] may now have more to say.
    pub fn notify(&self) {
        self.link.notify();
        self.tell();
    }

    /// Has `listener` called after each [`notify`](Self::notify) and when the device has been unregistered; for whoever serves handles
    /// to others. Called with no lock held, and with the device alive.
    pub fn listen(this: &Ref<Self>, listener: impl Fn() + Send + Sync + 'static) -> Result<Listening> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let listening =
            Listening { device: Self::hold(this)?, number: NUMBER.fetch_add(1, Ordering::Relaxed) };
        lock(&this.listeners).push((listening.number, Arc::new(listener)));
        Ok(listening)
    }

    fn tell(&self) {
        let listeners = lock(&self.listeners).clone();
        listeners.iter().for_each(|(_, listener)| listener());
    }

    /// The graph as it is now, of a device in any state.
    pub fn topology(&self) -> Ref<Topology> {
        self.graph.snapshot(self.generation)
    }

    /// Those who have it open, at some moment (M10). One that the provider has yet to grant is not among them: others would call him
    /// with a handle that he has not seen to the end of `open`, or has refused.
    pub fn files(&self) -> Vec<kref::Port<File>> {
        let mut files = self.files.all();
        files.retain(|file| file.is_granted());
        files
    }

    pub(crate) fn ports(&self) -> &Ports<File> {
        &self.files
    }

    pub(crate) fn graph(&self) -> Locked<'_> {
        self.graph.lock()
    }

    /// The operations. A device without is one that nobody has set up yet, and nobody could open.
    pub(crate) fn ops(&self) -> Result<&dyn DeviceOps> {
        self.setup.get().map(|setup| &*setup.ops).ok_or_else(|| self.not_set_up())
    }

    fn not_set_up(&self) -> Error {
        error!(Invalid, "{self}: it has not been set up")
    }

    /// A reference for as long as something runs (K5); none of a device that is being freed (K1).
    pub(crate) fn hold(this: &Ref<Self>) -> Result<Ref<Self>> {
        this.try_clone().ok_or_else(|| error!(Gone, "{this}: it is being freed"))
    }

    /// Begins an operation that no open handle stands for.
    pub(crate) fn enter(&self, call: &str) -> Result<Guard<'_>> {
        self.link.enter().map_err(|_| self.gone(call))
    }

    #[cold]
    pub(crate) fn gone(&self, call: &str) -> Error {
        error!(Gone, "{self}: {call}: the device is gone")
    }

    /// Why it cannot be opened: its life in public is over, or has not begun.
    #[cold]
    pub(crate) fn closed(&self, call: &str) -> Error {
        if matches!(*lock(&self.stage), Stage::New) {
            return error!(Gone, "{self}: {call}: it has not been registered");
        }
        self.gone(call)
    }

    /// What an operation of the provider failed with.
    #[cold]
    pub(crate) fn refused(&self, call: &str, errno: i32) -> Error {
        let why = std::io::Error::from_raw_os_error(errno);
        Error::new(Kind::Call(errno), format!("{self}: {call}: {why}"))
    }

    /// Waits until nobody else changes what entities are asked about. None if this thread does already.
    pub(crate) fn turn<'a>(&'a self, guard: &Guard<'a>, call: &str) -> Result<Option<Taken<'a>>> {
        match self.turn.take(guard) {
            Ok(taken) => Ok(Some(taken)),
            Err(TurnError::Mine) => Ok(None),
            Err(TurnError::Revoked) => Err(self.gone(call)),
            Err(TurnError::Deadlock) => {
                Err(error!(Deadlock, "{self}: {call}: who changes it now waits for the caller"))
            }
        }
    }
}

/// Ends when it is dropped.
pub struct Listening {
    device: Ref<Device>,
    number: u64,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mine = |(number, _): &mut (u64, _)| *number == self.number;
        let gone: Vec<_> = lock(&self.device.listeners).extract_if(.., mine).collect();
        drop(gone);
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        let _leaving = self.seat.as_ref().map(Seat::leaving);
        // Also of a device that never was registered: what `before_free` calls begins nothing any more.
        self.link.revoke();
        self.files.revoke();
        if let Some(setup) = self.setup.get() {
            setup.ops.before_free(self);
        }
        let graph = std::mem::replace(&mut *self.graph(), Graph::new());
        drop(graph);
        self.managed.release();
        drop(self.setup.take());
    }
}

impl std::fmt::Display for Device {
    /// `vimc (platform:vimc)`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.setup.get() {
            Some(setup) => setup.info.fmt(f),
            None => match &self.seat {
                Some(seat) => write!(f, "the shared device {}", seat.key()),
                None => f.write_str("a media device"),
            },
        }
    }
}

impl Ported for File {
    fn ports(&self) -> &Ports<Self> {
        self.device().ports()
    }

    fn close(port: &kref::Port<Self>) {
        File::closed(port);
    }
}
