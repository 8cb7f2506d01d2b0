// SPDX-License-Identifier: MIT OR Apache-2.0
//! Requests: the claim on lines. A descriptor or a group holds one; when it is dropped the lines are free (G1).

use crate::chip::Chip;
use crate::config::{Config, MAX_LINES, MAX_NAME};
use crate::error::{busy, invalid, Error, Fault, Result};
use crate::provider::{chardev, Claimed, Lines, RequestError, Wanted};
use kref::sync::lock;
use kref::Ref;
use std::ffi::{CStr, CString};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Mutex;

/// Lines of one chip that are claimed together.
pub(crate) struct Request {
    // Before the chip, so that the lines are let go while that is surely there.
    lines: Claimed,
    chip: Ref<Chip>,
    offsets: Box<[u32]>,
    consumer: CString,
    /// What was asked for last, and granted.
    configs: Mutex<Box<[Config]>>,
    /// Of which lines the level is the opposite of the value, as a mask.
    active_low: AtomicU64,
}

impl Request {
    /// Claims lines, each with its own configuration.
    pub(crate) fn new(chip: &Ref<Chip>, offsets: &[u32], configs: &[Config], consumer: &str) -> Result<Self> {
        let lines = claim(chip, &Wanted { offsets, configs, consumer, hog: false })?;
        Self::of(lines, chip.clone(), offsets, configs, consumer)
    }

    /// Takes over lines that somebody else has requested from the system.
    pub(crate) fn adopt(fd: OwnedFd) -> Result<Self> {
        let chardev::Adopted { chip, offsets, lines } = chardev::adopt(fd)?;
        let infos = offsets.iter().map(|&offset| chip.line_info(offset)).collect::<Result<Vec<_>>>()?;
        let values = lines.get(mask(offsets.len())).map_err(|fault| fault.about(|| chip.lines(&offsets)))?;
        let output = |config: &Config| config.direction == crate::Direction::Output;
        let configs: Vec<Config> = (infos.iter().enumerate())
            .map(|(i, info)| Config { value: output(&info.config) && values >> i & 1 == 1, ..info.config })
            .collect();
        let consumer = infos[0].consumer.clone();
        Self::of(Claimed::System(lines), chip, &offsets, &configs, &consumer)
    }

    fn of(
        lines: Claimed,
        chip: Ref<Chip>,
        offsets: &[u32],
        configs: &[Config],
        consumer: &str,
    ) -> Result<Self> {
        for &offset in offsets {
            // Asked while the chip is there, to be answered when it is not (G4).
            chip.line_name(offset);
        }
        Ok(Request {
            lines,
            chip,
            offsets: offsets.into(),
            consumer: c_string(consumer)?,
            active_low: AtomicU64::new(polarity(configs)),
            configs: Mutex::new(configs.into()),
        })
    }

    pub(crate) fn chip(&self) -> &Ref<Chip> {
        &self.chip
    }

    pub(crate) fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    pub(crate) fn consumer(&self) -> &CStr {
        &self.consumer
    }

    pub(crate) fn consumer_text(&self) -> &str {
        self.consumer.to_str().unwrap_or_default()
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
    pub(crate) fn configs(&self) -> Box<[Config]> {
        lock(&self.configs).clone()
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
        self.active_low.store(polarity(&wanted), Ordering::Relaxed);
        *lock(&self.configs) = wanted;
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
        let wanted = Wanted { offsets: &offsets, configs: &configs, consumer: name, hog: true };
        Ok(Hog { _lines: claim(chip, &wanted)? })
    }
}

pub(crate) fn c_string(consumer: &str) -> Result<CString> {
    CString::new(consumer).map_err(|_| invalid!("consumer {consumer:?} has a NUL in it"))
}

/// The mask of the first `lines` lines.
pub(crate) fn mask(lines: usize) -> u64 {
    u64::MAX >> (MAX_LINES - lines.clamp(1, MAX_LINES))
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
    if consumer.len() > MAX_NAME {
        return Err(invalid!("consumer \"{consumer}\" is longer than {MAX_NAME} bytes"));
    }
    for (i, &offset) in offsets.iter().enumerate() {
        chip.check_offset(offset)?;
        if offsets[..i].contains(&offset) {
            return Err(busy!("{}: asked for twice in one request", chip.line(offset)));
        }
    }
    check(chip, offsets, configs)?;
    chip.provider().request(wanted).map_err(|error| match error {
        RequestError::Error(error) => error,
        RequestError::Fault(fault) => chip.refused(fault, offsets, consumer),
    })
}

fn check(chip: &Chip, offsets: &[u32], configs: &[Config]) -> Result<()> {
    for (&offset, config) in offsets.iter().zip(configs) {
        config.check().map_err(|error| invalid!("{}: {error}", chip.line(offset)))?;
    }
    Ok(())
}
