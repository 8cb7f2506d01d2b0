// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the provider of a chip writes: its operations, and what the chip is to be.

use crate::config::Config;
use crate::error::{invalid, Result};
use std::time::Duration;

/// The result of an operation; its error is a positive errno, which the consumer gets.
pub type OpResult<T> = std::result::Result<T, i32>;

/// The operations of a chip. They are called from any thread, several at a time, with no lock of the library held, and may
/// call the library. After the chip has been removed none of them is called any more.
///
/// Levels are those of the wire: polarity, debouncing, and who may have which line are the library's work.
pub trait ChipOps: Send + Sync {
    /// Somebody claims a line; an error refuses it.
    fn request(&self, offset: u32) -> OpResult<()> {
        let _ = offset;
        Ok(())
    }

    /// The line is let go that `request` granted.
    fn free(&self, offset: u32) {
        let _ = offset;
    }

    /// Makes a claimed line an input or an output. `config.value` is the level that an output begins with, `config.edge` says
    /// which changes of the level are wanted by [`Chip::push_edge`](crate::Chip::push_edge) at least.
    fn configure(&self, offset: u32, config: &Config) -> OpResult<()>;

    /// The level of a line, whichever way it goes.
    fn get(&self, offset: u32) -> OpResult<bool>;

    /// Sets the level of an output.
    fn set(&self, offset: u32, level: bool) -> OpResult<()>;

    /// The levels of at most 64 lines, bit n for `offsets[n]`.
    fn get_multiple(&self, offsets: &[u32]) -> OpResult<u64> {
        get_each(self, offsets)
    }

    /// Sets the levels of at most 64 outputs, bit n for `offsets[n]`.
    fn set_multiple(&self, offsets: &[u32], levels: u64) -> OpResult<()> {
        set_each(self, offsets, levels)
    }
}

/// [`ChipOps::get_multiple`] for a provider that has no better way.
pub(crate) fn get_each(ops: &(impl ChipOps + ?Sized), offsets: &[u32]) -> OpResult<u64> {
    let level = |(n, &offset)| ops.get(offset).map(|level| u64::from(level) << n);
    offsets.iter().enumerate().map(level).try_fold(0, |levels, level| Ok(levels | level?))
}

/// [`ChipOps::set_multiple`] for a provider that has no better way.
pub(crate) fn set_each(ops: &(impl ChipOps + ?Sized), offsets: &[u32], levels: u64) -> OpResult<()> {
    offsets.iter().enumerate().try_for_each(|(n, &offset)| ops.set(offset, levels >> n & 1 == 1))
}

/// What a chip of this process is to be.
#[derive(Clone, Debug, Default)]
pub struct ChipConfig {
    /// What it is called by its maker.
    pub label: String,
    /// How many lines it has.
    pub num_lines: u32,
    /// What they are called, from line 0; an empty name is none, and the last ones may be missing.
    pub names: Vec<String>,
    /// What happens when it is removed while lines are requested.
    pub remove_policy: RemovePolicy,
}

/// The most lines of a chip: as many as the kernel can count on one of its own.
const MAX_CHIP_LINES: u32 = u16::MAX as u32;

impl ChipConfig {
    /// Whether there can be such a chip.
    pub fn check(&self) -> Result<()> {
        let ChipConfig { label, num_lines, names, .. } = self;
        if *num_lines == 0 || *num_lines > MAX_CHIP_LINES {
            return Err(invalid!("\"{label}\": a chip has 1 to {MAX_CHIP_LINES} lines, and not {num_lines}"));
        }
        if names.len() > *num_lines as usize {
            let given = names.len();
            return Err(invalid!("\"{label}\": names for {given} lines, of which it has {num_lines}"));
        }
        match names.iter().chain([label]).find(|text| text.contains('\0')) {
            Some(text) => Err(invalid!("{label:?}: a name has a NUL in it: {text:?}")),
            None => Ok(()),
        }
    }
}

/// What [`Chip::remove`](crate::Chip::remove) does while lines are requested (G9). Hogs do not count: they go with the chip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RemovePolicy {
    /// Removes: who has lines finds them numb, everything answers -ENODEV.
    #[default]
    Numb,
    /// Refuses: -EBUSY.
    Refuse,
    /// Waits until all are let go, for ever if there is no limit; new requests are refused meanwhile. After the time it is
    /// -ETIMEDOUT, and the chip is as it was.
    Wait(Option<Duration>),
}
