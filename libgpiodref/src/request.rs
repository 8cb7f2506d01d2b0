// SPDX-License-Identifier: MIT OR Apache-2.0
//! Requests: the claim on lines. A descriptor or a group holds one; when it is dropped the lines are free (G1).

use crate::chip::Chip;
use crate::config::{Config, Direction, Edge, MAX_LINES};
use crate::consumer::Consumer;
use crate::error::{busy, invalid, Error, Fault, Result};
use crate::provider::{chardev, Claimed, Lines, RequestError, Wanted};
use kref::sync::lock;
use kref::Ref;
use smallvec::SmallVec;
use std::ffi::CStr;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Mutex;

/// Something for every line of a request. Most requests are of one line and allocate nothing for it.
pub(crate) type PerLine<T> = SmallVec<[T; 1]>;

/// Lines of one chip that are claimed together.
pub(crate) struct Request {
    // Before the chip, so that the lines are let go while that is surely there.
    lines: Claimed,
    chip: Ref<Chip>,
    offsets: PerLine<u32>,
    consumer: Consumer,
    /// What was asked for last, and granted.
    configs: Mutex<PerLine<Config>>,
    /// Of which lines the level is the opposite of the value, as a mask.
    active_low: AtomicU64,
}

impl Request {
    /// Claims lines, each with its own configuration.
    pub(crate) fn new(chip: &Ref<Chip>, offsets: &[u32], configs: &[Config], consumer: &str) -> Result<Self> {
        let consumer = Consumer::new(consumer)?;
        let lines = claim(chip, &Wanted { offsets, configs, consumer: &consumer, hog: false })?;
        Ok(Self::of(lines, chip.clone(), offsets, configs, consumer))
    }

    /// Takes over lines that somebody else has requested from the system.
    pub(crate) fn adopt(fd: OwnedFd) -> Result<Self> {
        let chardev::Adopted { chip, offsets, lines } = chardev::adopt(fd)?;
        learn_names(&chip, &offsets);
        let infos = offsets.iter().map(|&offset| chip.line_info(offset)).collect::<Result<Vec<_>>>()?;
        let values = lines.get(mask(offsets.len())).map_err(|fault| fault.about(|| chip.lines(&offsets)))?;
        let output = |config: &Config| config.direction == Direction::Output;
        let configs: Vec<Config> = (infos.iter().enumerate())
            .map(|(i, info)| Config { value: output(&info.config) && values >> i & 1 == 1, ..info.config })
            .collect();
        let consumer = Consumer::cut(&infos[0].consumer);
        Ok(Self::of(Claimed::System(lines), chip, &offsets, &configs, consumer))
    }

    fn of(lines: Claimed, chip: Ref<Chip>, offsets: &[u32], configs: &[Config], consumer: Consumer) -> Self {
        Request {
            lines,
            chip,
            offsets: PerLine::from_slice(offsets),
            consumer,
            active_low: AtomicU64::new(polarity(configs)),
            configs: Mutex::new(PerLine::from_slice(configs)),
        }
    }

    pub(crate) fn chip(&self) -> &Ref<Chip> {
        &self.chip
    }

    pub(crate) fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    pub(crate) fn consumer(&self) -> &CStr {
        self.consumer.as_c_str()
    }

    pub(crate) fn consumer_text(&self) -> &str {
        self.consumer.as_str()
    }

    pub(crate) fn lines(&self) -> &dyn Lines {
        &*self.lines
    }

    /// The system's file descriptor of the lines, if they are the system's.
    pub(crate) fn system_fd(&self) -> Option<std::result::Result<BorrowedFd<'_>, Fault>> {
        match &self.lines {
            Claimed::System(lines) => Some(lines.fd()),
            Claimed::Process(_) => None,
        }
    }

    /// How the lines are configured now.
    pub(crate) fn configs(&self) -> PerLine<Config> {
        PerLine::from_slice(&lock(&self.configs))
    }

    /// How many events are kept for lines that are configured so.
    pub(crate) fn room(&self) -> usize {
        room(&lock(&self.configs))
    }

    /// Logical values of the lines in `mask`.
    #[inline]
    pub(crate) fn get(&self, mask: u64) -> Result<u64> {
        self.lines.get(mask).map_err(|fault| self.failed(fault))
    }

    /// [`get`](Self::get) of lines of the system, if it gives them: nothing in it is foreign or can panic.
    #[inline]
    pub(crate) fn get_quickly(&self, mask: u64) -> Option<u64> {
        match &self.lines {
            Claimed::System(lines) => lines.get(mask).ok(),
            Claimed::Process(_) => None,
        }
    }

    /// [`set`](Self::set) of lines of the system, if it takes them; as [`get_quickly`](Self::get_quickly).
    #[inline]
    pub(crate) fn set_quickly(&self, mask: u64, values: u64) -> Option<()> {
        match &self.lines {
            Claimed::System(lines) => lines.set(mask, values).ok(),
            Claimed::Process(_) => None,
        }
    }

    #[inline]
    pub(crate) fn set(&self, mask: u64, values: u64) -> Result<()> {
        self.lines.set(mask, values).map_err(|fault| self.failed(fault))
    }

    /// The levels for logical values, or the other way round.
    #[inline]
    pub(crate) fn flip(&self, values: u64) -> u64 {
        values ^ self.active_low.load(Ordering::Relaxed)
    }

    /// Configures the lines anew: `change` makes the new configurations out of the old ones.
    pub(crate) fn reconfigure(&self, change: impl FnOnce(&mut [Config]) -> Result<()>) -> Result<()> {
        let (mut change, mut done) = (Some(change), Ok(()));
        let mut work = || done = change.take().map_or(Ok(()), |change| self.reconfigure_in_turn(change));
        self.lines.in_turn(&mut work).map_err(|fault| self.failed(fault))?;
        done
    }

    fn reconfigure_in_turn(&self, change: impl FnOnce(&mut [Config]) -> Result<()>) -> Result<()> {
        let mut wanted = self.configs();
        change(&mut wanted)?;
        check(&self.chip, &self.offsets, &wanted)?;
        self.lines.reconfigure(&wanted).map_err(|error| match error {
            RequestError::Error(error) => error,
            RequestError::Fault(fault) => self.failed(fault),
        })?;
        let mut configs = lock(&self.configs);
        for (has, wanted) in configs.iter_mut().zip(wanted) {
            // Such a line stays as it is, in everything.
            if wanted.direction != Direction::AsIs {
                *has = wanted;
            }
        }
        self.active_low.store(polarity(&configs), Ordering::Relaxed);
        Ok(())
    }

    /// The sentence for a call that failed on these lines.
    #[cold]
    pub(crate) fn failed(&self, fault: Fault) -> Error {
        fault.about(|| format!("{} of \"{}\"", self.chip.lines(&self.offsets), self.consumer_text()))
    }
}

/// A line with a fixed value for as long as its chip lives (G8).
pub(crate) struct Hog {
    _lines: Claimed,
}

impl Hog {
    /// Claims a line of `chip` as an output; the chip will hold this, so this does not hold the chip.
    pub(crate) fn new(chip: &Chip, offset: u32, name: &str, value: bool) -> Result<Self> {
        let (offsets, configs) = ([offset], [Config::output(value)]);
        let wanted =
            Wanted { offsets: &offsets, configs: &configs, consumer: &Consumer::new(name)?, hog: true };
        Ok(Hog { _lines: claim(chip, &wanted)? })
    }
}

/// The mask of the first `lines` lines.
pub(crate) fn mask(lines: usize) -> u64 {
    u64::MAX >> (MAX_LINES - lines.clamp(1, MAX_LINES))
}

/// How many events are kept for lines that are configured so.
pub(crate) fn room(configs: &[Config]) -> usize {
    let with_edges = configs.iter().find(|config| config.edge != Edge::None);
    with_edges.map_or(0, |config| config.buffered(configs.len()))
}

fn polarity(configs: &[Config]) -> u64 {
    chardev::mask(configs.iter().map(|config| config.active_low))
}

fn claim(chip: &Chip, wanted: &Wanted<'_>) -> Result<Claimed> {
    let &Wanted { offsets, configs, consumer, .. } = wanted;
    if offsets.is_empty() {
        return Err(invalid!("{chip}: a request of no line"));
    }
    if offsets.len() > MAX_LINES {
        let lines = offsets.len();
        return Err(Error::TooBig(format!(
            "{chip}: {lines} lines, and {MAX_LINES} is the most of a request"
        )));
    }
    for (i, &offset) in offsets.iter().enumerate() {
        chip.check_offset(offset)?;
        if offsets[..i].contains(&offset) {
            return Err(busy!("{}: asked for twice in one request", chip.line(offset)));
        }
    }
    check(chip, offsets, configs)?;
    learn_names(chip, offsets);
    chip.provider().request(wanted).map_err(|error| match error {
        RequestError::Error(error) => error,
        RequestError::Fault(fault) => chip.refused(fault, offsets, consumer.as_str()),
    })
}

/// Asks what lines are called, to be answered when the chip has gone (G4). That is before they are claimed: if the chip goes in
/// between, there is no claim either.
fn learn_names(chip: &Chip, offsets: &[u32]) {
    for &offset in offsets {
        chip.line_name(offset);
    }
}

fn check(chip: &Chip, offsets: &[u32], configs: &[Config]) -> Result<()> {
    for (&offset, config) in offsets.iter().zip(configs) {
        config.check().map_err(|error| invalid!("{}: {error}", chip.line(offset)))?;
    }
    Ok(())
}
