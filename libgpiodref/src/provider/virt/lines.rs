// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`VirtualLines`]: lines of a chip of this process that somebody has claimed.

use super::edges::Edges;
use super::Board;
use crate::config::{Config, Direction, Edge};
use crate::error::Fault;
use crate::info::{Change, Event};
use crate::provider::{Lines, RequestError, Wanted};
use kref::sync::lock;
use kref::{Turn, TurnError};
use std::mem::MaybeUninit;
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

type Outcome<T> = Result<T, Fault>;

/// What a chip has granted: who has the lines, and where their events go.
pub(super) struct Grant {
    pub(super) offsets: Box<[u32]>,
    pub(super) consumer: String,
    pub(super) edges: Edges,
    hog: bool,
}

impl Grant {
    /// How many lines of it keep the chip from being removed.
    pub(super) fn counts(&self) -> usize {
        if self.hog {
            0
        } else {
            self.offsets.len()
        }
    }
}

pub(super) struct VirtualLines {
    board: Arc<Board>,
    grant: Arc<Grant>,
    setup: Setup,
    turn: Turn,
    /// How many of them the provider was asked for, and has to free.
    requested: usize,
    /// Whether those who watch have been told.
    told: bool,
}

/// What reading and writing have to know of the lines' configurations, without a lock (G10): bit n is line n.
#[derive(Default)]
struct Setup {
    outputs: AtomicU64,
    active_low: AtomicU64,
    debounced: AtomicU64,
}

impl Setup {
    fn get(&self) -> (u64, u64) {
        // Who sees a line as an output sees its polarity too.
        let outputs = self.outputs.load(Ordering::Acquire);
        (outputs, self.active_low.load(Ordering::Relaxed))
    }

    fn put(&self, line: usize, config: &Config) {
        let put = |word: &AtomicU64, set: bool| match set {
            true => word.fetch_or(1 << line, Ordering::AcqRel),
            false => word.fetch_and(!(1 << line), Ordering::AcqRel),
        };
        put(&self.active_low, config.active_low);
        put(&self.debounced, config.debounce_us != 0);
        put(&self.outputs, config.direction == Direction::Output);
    }
}

impl VirtualLines {
    pub(super) fn new(board: &Arc<Board>, wanted: &Wanted<'_>) -> Result<Self, RequestError> {
        let largest = wanted.configs.iter().max_by_key(|config| config.event_buffer);
        let buffered = largest.map_or(0, |config| config.buffered(wanted.offsets.len()));
        let grant = Arc::new(Grant {
            offsets: wanted.offsets.into(),
            consumer: wanted.consumer.as_str().to_owned(),
            edges: Edges::new(wanted.offsets, buffered),
            hog: wanted.hog,
        });
        let _guard = board.enter("request")?;
        board.grant(&grant)?;
        let (setup, turn) = (Setup::default(), Turn::default());
        let mut lines = VirtualLines { board: board.clone(), grant, setup, turn, requested: 0, told: false };
        for (n, (&offset, config)) in wanted.offsets.iter().zip(wanted.configs).enumerate() {
            board.ops.request(offset).map_err(|errno| refusal("request", errno))?;
            lines.requested += 1;
            // A line that is to stay as it is goes the way that it went.
            let before = lock(&board.line(offset).state).config;
            let stays = Config { active_low: config.active_low, ..before };
            match config.direction {
                Direction::AsIs => lines.note(n, &stays)?,
                _ => lines.configure(n, config)?,
            }
        }
        lines.tell(Change::Requested);
        lines.told = true;
        Ok(lines)
    }

    /// Configures line `n`.
    fn configure(&self, n: usize, config: &Config) -> Outcome<()> {
        let offset = self.grant.offsets[n];
        let before = lock(&self.board.line(offset).state).config;
        // What happens to the wire from here on is our own doing, and no edge.
        if config.direction == Direction::Output {
            self.grant.edges.configure(n, config);
        }
        // First, so that who writes at the same time either writes before the provider configures, or sees it.
        self.setup.put(n, config);
        match self.board.ops.configure(offset, &physical(config)) {
            Ok(()) => self.note(n, config),
            Err(errno) => {
                // The provider's own word on why it refused counts, not what it says of the level.
                let _ = self.note(n, &before);
                Err(refusal("configure", errno))
            }
        }
    }

    /// Line `n` is configured so, for all who ask.
    fn note(&self, n: usize, config: &Config) -> Outcome<()> {
        let offset = self.grant.offsets[n];
        self.setup.put(n, config);
        // First, so that who sees a line with edge detection can count on its edges being told (G5).
        let asks_level = self.grant.edges.configure(n, config);
        // What is a request's own affair is nothing that the line is.
        let known = Config { shared: false, value: false, event_buffer: 0, ..*config };
        lock(&self.board.line(offset).state).config = known;
        if asks_level {
            let level = self.board.ops.get(offset).map_err(|errno| refusal("get", errno))?;
            self.grant.edges.starts(n, level);
        }
        Ok(())
    }

    fn tell(&self, change: Change) {
        for &offset in &self.grant.offsets {
            let line = self.board.line(offset);
            line.tell(offset, &lock(&line.state), change);
        }
    }

    /// Calls with the offsets of the lines in `mask`.
    fn with_lines<R>(&self, mask: u64, operation: impl FnOnce(&[u32]) -> R) -> R {
        let offsets = &self.grant.offsets;
        if mask.count_ones() as usize == offsets.len() {
            return operation(offsets);
        }
        let mut some = [0; 64];
        let wanted = bits(mask).map(|n| offsets[n as usize]);
        let filled = some.iter_mut().zip(wanted).map(|(slot, offset)| *slot = offset).count();
        operation(&some[..filled])
    }

    fn levels(&self, mask: u64) -> Outcome<u64> {
        let ops = &self.board.ops;
        let levels = match self.one(mask) {
            Some((n, offset)) => ops.get(offset).map(|level| u64::from(level) << n),
            None => self.with_lines(mask, |offsets| ops.get_multiple(offsets)).map(|l| spread(l, mask)),
        };
        levels.map_err(|errno| refusal("get", errno))
    }

    fn set_levels(&self, mask: u64, levels: u64) -> Outcome<()> {
        let ops = &self.board.ops;
        let done = match self.one(mask) {
            Some((n, offset)) => ops.set(offset, levels >> n & 1 == 1),
            None => self.with_lines(mask, |offsets| ops.set_multiple(offsets, gathered(levels, mask))),
        };
        done.map_err(|errno| refusal("set", errno))
    }

    /// The line of a mask that has only one.
    fn one(&self, mask: u64) -> Option<(u32, u32)> {
        let n = mask.trailing_zeros();
        mask.is_power_of_two().then(|| (n, self.grant.offsets[n as usize]))
    }
}

impl Lines for VirtualLines {
    #[inline]
    fn get(&self, mask: u64) -> Outcome<u64> {
        let _guard = self.board.enter("get")?;
        let mut levels = self.levels(mask)?;
        for n in bits(mask & self.setup.debounced.load(Ordering::Relaxed)) {
            if let Some(level) = self.grant.edges.level(n as usize) {
                levels = levels & !(1 << n) | u64::from(level) << n;
            }
        }
        let (_, active_low) = self.setup.get();
        Ok((levels ^ active_low) & mask)
    }

    #[inline]
    fn set(&self, mask: u64, values: u64) -> Outcome<()> {
        let _guard = self.board.enter("set")?;
        let mut setup = self.setup.get();
        loop {
            let (outputs, active_low) = setup;
            if mask & !outputs != 0 {
                return Err(Fault { call: "set", errno: libc::EPERM });
            }
            self.set_levels(mask, (values ^ active_low) & mask)?;
            // Configured anew meanwhile: what we wrote may have been of the old polarity and come last.
            match self.setup.get() {
                now if now == setup => return Ok(()),
                now => setup = now,
            }
        }
    }

    fn in_turn(&self, work: &mut dyn FnMut()) -> Outcome<()> {
        let guard = self.board.enter("reconfigure")?;
        let taken = self.turn.take(&guard).map_err(|error| match error {
            TurnError::Revoked => libc::ENODEV,
            TurnError::Mine | TurnError::Deadlock => libc::EDEADLK,
        });
        let _mine = taken.map_err(|errno| refusal("reconfigure", errno))?;
        work();
        Ok(())
    }

    fn reconfigure(&self, configs: &[Config]) -> Result<(), RequestError> {
        let _guard = self.board.enter("reconfigure")?;
        for (n, config) in configs.iter().enumerate() {
            // As in the kernel, a line that is to stay as it is stays so in everything.
            if config.direction != Direction::AsIs {
                self.configure(n, config)?;
                let (offset, line) = (self.grant.offsets[n], self.board.line(self.grant.offsets[n]));
                line.tell(offset, &lock(&line.state), Change::Reconfigured);
            }
        }
        Ok(())
    }

    fn is_alive(&self) -> bool {
        self.board.link.is_alive()
    }

    fn fd(&self) -> Outcome<BorrowedFd<'_>> {
        self.grant.edges.fd()
    }

    fn has_events(&self) -> Outcome<bool> {
        self.grant.edges.has_some()
    }

    fn read(&self, into: &mut [MaybeUninit<Event>]) -> Outcome<usize> {
        self.grant.edges.read(into)
    }
}

impl Drop for VirtualLines {
    fn drop(&mut self) {
        if let Ok(_guard) = self.board.enter("free") {
            self.grant.offsets[..self.requested].iter().for_each(|&offset| self.board.ops.free(offset));
        }
        self.board.take_back(&self.grant, self.told);
    }
}

/// The configuration that a provider is asked for: polarity and debouncing are ours.
fn physical(config: &Config) -> Config {
    let edge = match config.edge {
        // Whether a change lasts is seen at both edges.
        _ if config.debounce_us != 0 => Edge::Both,
        Edge::Rising if config.active_low => Edge::Falling,
        Edge::Falling if config.active_low => Edge::Rising,
        edge => edge,
    };
    let value = config.direction == Direction::Output && config.value != config.active_low;
    Config { edge, value, active_low: false, shared: false, debounce_us: 0, event_buffer: 0, ..*config }
}

/// What a provider's operation failed with. An errno that is none would pass for something else.
fn refusal(call: &'static str, errno: i32) -> Fault {
    Fault { call, errno: if errno > 0 { errno } else { libc::EIO } }
}

/// The numbers of the bits that are set.
fn bits(mut mask: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let n = (mask != 0).then(|| mask.trailing_zeros())?;
        mask &= mask - 1;
        Some(n)
    })
}

/// The bits of `values` that `mask` has, pushed together: the first bit of the mask becomes bit 0.
fn gathered(values: u64, mask: u64) -> u64 {
    bits(mask).enumerate().fold(0, |all, (to, from)| all | (values >> from & 1) << to)
}

/// The opposite of [`gathered`].
fn spread(values: u64, mask: u64) -> u64 {
    bits(mask).enumerate().fold(0, |all, (from, to)| all | (values >> from & 1) << to)
}
