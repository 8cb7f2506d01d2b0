// SPDX-License-Identifier: MIT OR Apache-2.0
//! Chips that this process provides: a table of operations, [`ChipOps`], behind the library's traits.
//!
//! The provider's operations run inside of the chip's [`Revocable`], so that none starts after the chip has been removed
//! (K4), and with no lock held, so that they may call the library. Locks are taken in this order: the gate of the chip, a
//! line, a queue.

mod edges;
mod lines;
mod ops;
mod queue;

pub(crate) use ops::{get_each, set_each};
pub use ops::{ChipConfig, ChipOps, OpResult, RemovePolicy};

use super::{Changes, Claimed, Identity, Provided, Provider, RequestError, Wanted};
use crate::chip::{self, Chip};
use crate::config::{Clock, Config, Direction};
use crate::error::{Error, Fault, Result};
use crate::info::{Change, InfoEvent, LineInfo};
use crate::sys::{self, Signal};
use kref::sync::{deadline, lock, passed, wait};
use kref::{DrainError, Guard, Ref, Revocable};
use lines::{Grant, VirtualLines};
use once_cell::sync::OnceCell;
use queue::Queue;
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// Changes that are kept for one who watches and does not read.
const MAX_CHANGES: usize = 64;

impl Chip {
    /// Registers a chip that this process provides. It is called "virtual0", or with a higher number, none of which is used
    /// twice (K7), and stays until [`Chip::remove`].
    ///
    /// `ops` is dropped, with no lock held, when the last who holds the chip or a line of it has let go (K2, G1), and when
    /// registering fails.
    pub fn register(config: ChipConfig, ops: impl ChipOps + 'static) -> Result<Ref<Chip>> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        config.check()?;
        let ChipConfig { label, num_lines, mut names, remove_policy } = config;
        names.resize(num_lines as usize, String::new());
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("virtual{number}");
        let board = Arc::new(Board {
            number,
            title: format!("{name} ({label})"),
            link: Revocable::new(),
            policy: remove_policy,
            gate: Mutex::default(),
            let_go: Condvar::new(),
            lines: names.into_iter().map(Line::new).collect(),
            hang_up: OnceCell::new(),
            ops: Box::new(ops),
        });
        let chip = Ref::new(Chip::new(&name, &label, num_lines, Box::new(VirtualChip(board)))?);
        chip::publish(&chip);
        Ok(chip)
    }
}

struct VirtualChip(Arc<Board>);

/// What a chip and the claims on its lines have in common. Whoever goes last drops the provider's operations.
struct Board {
    number: u64,
    /// The chip in the words of a message.
    title: String,
    link: Revocable,
    policy: RemovePolicy,
    gate: Mutex<Gate>,
    /// Tells those who wait to remove the chip that no line is held any more.
    let_go: Condvar,
    lines: Box<[Line]>,
    hang_up: OnceCell<Signal>,
    ops: Box<dyn ChipOps>,
}

/// Whether lines may be claimed. Claiming is decided under its lock, and so is removing.
#[derive(Default)]
struct Gate {
    removed: bool,
    /// How many wait to remove the chip: nobody claims a line meanwhile.
    closing: u32,
    /// Lines that are claimed, hogs aside: those go with the chip.
    held: usize,
}

struct Line {
    name: String,
    state: Mutex<LineState>,
}

#[derive(Default)]
struct LineState {
    /// Who has it, and as which of his lines.
    grant: Option<(Arc<Grant>, usize)>,
    config: Config,
    watches: Vec<Arc<Queue<InfoEvent>>>,
}

impl Line {
    fn new(name: String) -> Self {
        let config = Config { direction: Direction::Input, ..Config::default() };
        Line { name, state: Mutex::new(LineState { config, ..LineState::default() }) }
    }

    fn info(&self, offset: u32, state: &LineState) -> LineInfo {
        let consumer = state.grant.as_ref().map_or(String::new(), |(grant, _)| grant.consumer.clone());
        let name = self.name.clone();
        LineInfo { offset, name, consumer, used: state.grant.is_some(), config: state.config }
    }

    /// Tells those who watch the line; under its lock, so that they see changes in their order.
    fn tell(&self, offset: u32, state: &LineState, change: Change) {
        for watch in &state.watches {
            let info = self.info(offset, state);
            let timestamp_ns = sys::now(Clock::Monotonic);
            watch.push(|_| InfoEvent { timestamp_ns, change, info });
        }
    }
}

impl Board {
    fn enter(&self, call: &'static str) -> std::result::Result<Guard<'_>, Fault> {
        self.link.enter().map_err(|_| Fault { call, errno: libc::ENODEV })
    }

    fn line(&self, offset: u32) -> &Line {
        &self.lines[offset as usize]
    }

    fn line_text(&self, offset: u32) -> String {
        match &*self.line(offset).name {
            "" => format!("{} line {offset}", self.title),
            name => format!("{} line {offset} \"{name}\"", self.title),
        }
    }

    /// Gives lines to somebody, all or none.
    fn grant(&self, grant: &Arc<Grant>) -> std::result::Result<(), Fault> {
        let refused = |errno| Err(Fault { call: "request", errno });
        let mut gate = lock(&self.gate);
        if gate.removed || gate.closing > 0 {
            return refused(libc::ENODEV);
        }
        if grant.offsets.iter().any(|&offset| lock(&self.line(offset).state).grant.is_some()) {
            return refused(libc::EBUSY);
        }
        for (n, &offset) in grant.offsets.iter().enumerate() {
            lock(&self.line(offset).state).grant = Some((grant.clone(), n));
        }
        gate.held += grant.counts();
        Ok(())
    }

    /// The lines are nobody's any more. What they do electrically stays as the provider left it.
    fn take_back(&self, grant: &Grant, was_told: bool) {
        let mut gate = lock(&self.gate);
        for &offset in &grant.offsets {
            let line = self.line(offset);
            let mut state = lock(&line.state);
            state.grant = None;
            state.config = Config { direction: state.config.direction, ..Config::default() };
            if was_told {
                line.tell(offset, &state, Change::Released);
            }
        }
        gate.held -= grant.counts();
        if gate.held == 0 {
            self.let_go.notify_all();
        }
    }

    /// Waits until no line is held; meanwhile nobody gets one.
    fn wait_let_go<'a>(
        &'a self,
        mut gate: MutexGuard<'a, Gate>,
        timeout: Option<Duration>,
    ) -> Result<MutexGuard<'a, Gate>> {
        let deadline = deadline(timeout);
        let done = |gate: &Gate| gate.removed || gate.held == 0;
        gate.closing += 1;
        while !done(&gate) && !passed(deadline) {
            wait(&self.let_go, gate, deadline);
            gate = lock(&self.gate);
        }
        gate.closing -= 1;
        match done(&gate) {
            true => Ok(gate),
            false => Err(Error::TimedOut(self.held("was still held when the time was over"))),
        }
    }

    /// A line that keeps the chip from being removed, and its consumer.
    fn held(&self, how: &str) -> String {
        let held = (0..).zip(&self.lines).find_map(|(offset, line)| {
            let state = lock(&line.state);
            let (grant, _) = state.grant.as_ref().filter(|(grant, _)| grant.counts() > 0)?;
            Some((offset, grant.consumer.clone()))
        });
        let (offset, consumer) = held.unwrap_or_default();
        format!("{}: remove: {how} by \"{consumer}\"", self.line_text(offset))
    }

    /// Those who wait for something of the chip learn that nothing will come.
    fn hang_up_all(&self) {
        for line in &self.lines {
            let state = lock(&line.state);
            state.grant.iter().for_each(|(grant, _)| grant.edges.hang_up());
            state.watches.iter().for_each(|watch| watch.hang_up());
        }
        let _gate = lock(&self.gate);
        self.hang_up.get().into_iter().for_each(Signal::hang_up);
    }
}

impl Provider for VirtualChip {
    fn identity(&self) -> Identity {
        Identity::Process(self.0.number)
    }

    fn is_alive(&self) -> bool {
        self.0.link.is_alive()
    }

    fn fd(&self) -> std::result::Result<BorrowedFd<'_>, Fault> {
        // Under the lock: either this sees that the chip has been removed, or who removes it sees the signal.
        let gate = lock(&self.0.gate);
        let signal = self.0.hang_up.get_or_try_init(|| {
            let signal = sys::signal()?;
            if gate.removed {
                signal.hang_up();
            }
            Ok(signal)
        })?;
        Ok(signal.fd())
    }

    fn line_info(&self, offset: u32) -> std::result::Result<LineInfo, Fault> {
        let _guard = self.0.enter("line_info")?;
        let line = self.0.line(offset);
        Ok(line.info(offset, &lock(&line.state)))
    }

    fn request(&self, wanted: &Wanted<'_>) -> std::result::Result<Claimed, RequestError> {
        Ok(Claimed::Process(Box::new(VirtualLines::new(&self.0, wanted)?)))
    }

    fn watch(&self, offsets: &[u32]) -> std::result::Result<Box<dyn Changes>, Fault> {
        let queue = Arc::new(Queue::new(MAX_CHANGES));
        // Made here, where it can fail.
        queue.fd()?;
        let changes = VirtualChanges { board: self.0.clone(), queue, offsets: offsets.into() };
        // Kept from being removed meanwhile: what hangs up goes through all lines, and comes after us.
        let gate = lock(&self.0.gate);
        if gate.removed {
            return Err(Fault { call: "watch", errno: libc::ENODEV });
        }
        for &offset in offsets {
            lock(&self.0.line(offset).state).watches.push(changes.queue.clone());
        }
        drop(gate);
        Ok(Box::new(changes))
    }

    fn provided(&self) -> Option<&dyn Provided> {
        Some(self)
    }
}

impl Provided for VirtualChip {
    fn remove(&self) -> Result<()> {
        let board = &*self.0;
        let mut gate = lock(&board.gate);
        if !gate.removed && gate.held > 0 {
            match board.policy {
                RemovePolicy::Numb => (),
                RemovePolicy::Refuse => return Err(Error::Busy(board.held("it is held"))),
                RemovePolicy::Wait(_) if board.link.is_inside() => {
                    return Err(Error::Deadlock(
                        board.held("this operation would wait for itself: it is held"),
                    ))
                }
                RemovePolicy::Wait(timeout) => gate = board.wait_let_go(gate, timeout)?,
            }
        }
        gate.removed = true;
        drop(gate);
        board.link.revoke();
        board.hang_up_all();
        Ok(())
    }

    fn drain(&self, timeout: Option<Duration>) -> Result<()> {
        let title = &self.0.title;
        self.0.link.drain(timeout).map_err(|error| match error {
            DrainError::TimedOut if self.0.link.is_alive() => {
                Error::TimedOut(format!("{title}: drain: it has not been removed"))
            }
            DrainError::TimedOut => {
                Error::TimedOut(format!("{title}: drain: an operation was still running: {error}"))
            }
            DrainError::Deadlock => {
                Error::Deadlock(format!("{title}: drain: called by one of its operations"))
            }
        })
    }

    fn push_edge(&self, offset: u32, level: bool, timestamp_ns: u64) -> Result<()> {
        let line = self.0.line(offset);
        if !self.0.link.is_alive() {
            let fault = Fault { call: "push_edge", errno: libc::ENODEV };
            return Err(fault.about(|| self.0.line_text(offset)));
        }
        if let Some((grant, n)) = &lock(&line.state).grant {
            grant.edges.push(*n, level, timestamp_ns);
        }
        Ok(())
    }
}

struct VirtualChanges {
    board: Arc<Board>,
    queue: Arc<Queue<InfoEvent>>,
    offsets: Box<[u32]>,
}

impl Changes for VirtualChanges {
    fn fd(&self) -> BorrowedFd<'_> {
        self.queue.fd().expect("made with the watch")
    }

    fn has_some(&self) -> std::result::Result<bool, Fault> {
        self.queue.has_some()
    }

    fn read(&self) -> std::result::Result<Option<InfoEvent>, Fault> {
        let mut change = None;
        self.queue.take(1, |item| change = Some(item))?;
        Ok(change)
    }
}

impl Drop for VirtualChanges {
    fn drop(&mut self) {
        for &offset in &self.offsets {
            lock(&self.board.line(offset).state).watches.retain(|watch| !Arc::ptr_eq(watch, &self.queue));
        }
    }
}

#[cfg(test)]
mod tests;
