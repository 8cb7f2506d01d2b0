// SPDX-License-Identifier: MIT OR Apache-2.0
//! A simulated chip, for tests of programs that use GPIO: wires that a test can pull and look at. It is a provider like any
//! other, on [`ChipOps`] and nothing else.

use crate::{Bias, Chip, ChipConfig, ChipOps, Config, Direction, Drive, Error, OpResult, Result};
use kref::sync::lock;
use kref::{Ref, Weak};
use once_cell::sync::OnceCell;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

/// A simulated chip.
pub struct Sim {
    chip: Ref<Chip>,
    wires: Arc<Wires>,
}

struct Wires {
    lines: Box<[AtomicU8]>,
    /// Held while a wire is pulled, so that edges are told in the order in which they came.
    pulling: Mutex<()>,
    chip: OnceCell<Weak<Chip>>,
}

bitflags::bitflags! {
    /// A wire and what is connected to it.
    #[derive(Clone, Copy)]
    struct Wire: u8 {
        /// A resistor pulls it up, else one pulls it down.
        const PULLED_UP = 1;
        /// Somebody has requested the line: else the chip does not drive it.
        const REQUESTED = 1 << 1;
        const OUTPUT = 1 << 2;
        /// What the chip drives, if it does.
        const HIGH = 1 << 3;
        const OPEN_DRAIN = 1 << 4;
        const OPEN_SOURCE = 1 << 5;
    }
}

impl Wire {
    fn level(self) -> bool {
        let high = self.contains(Wire::HIGH);
        // The level that the drive leaves to the resistor.
        let left = if high { Wire::OPEN_DRAIN } else { Wire::OPEN_SOURCE };
        match self.contains(Wire::REQUESTED | Wire::OUTPUT) && !self.contains(left) {
            true => high,
            false => self.contains(Wire::PULLED_UP),
        }
    }
}

impl Sim {
    /// Registers a simulated chip, all its lines inputs that are pulled down. It stays until it is [removed](Self::remove),
    /// also when nobody holds the `Sim` any more.
    pub fn new(config: ChipConfig) -> Result<Ref<Sim>> {
        config.check()?;
        let lines = (0..config.num_lines).map(|_| AtomicU8::new(0)).collect();
        let wires = Arc::new(Wires { lines, pulling: Mutex::new(()), chip: OnceCell::new() });
        let chip = Chip::register(config, SimOps(wires.clone()))?;
        wires.chip.get_or_init(|| Ref::downgrade(&chip));
        Ok(Ref::new(Sim { chip, wires }))
    }

    /// The chip.
    pub fn chip(&self) -> &Ref<Chip> {
        &self.chip
    }

    /// Pulls a wire up or down from outside, with a resistor: what is driven stays as it is. The bias of a request does the
    /// same, so the last of them counts.
    pub fn set_pull(&self, offset: u32, up: bool) -> Result<()> {
        self.check(offset)?;
        self.wires.change(offset, |mut wire| {
            wire.set(Wire::PULLED_UP, up);
            wire
        });
        Ok(())
    }

    /// The level of a wire, whoever makes it; also when the chip has been removed.
    pub fn level(&self, offset: u32) -> Result<bool> {
        self.check(offset)?;
        Ok(self.wires.now(offset).level())
    }

    /// Removes the chip, as [`Chip::remove`].
    pub fn remove(&self) -> Result<()> {
        self.chip.remove()
    }

    fn check(&self, offset: u32) -> Result<()> {
        match self.wires.lines.get(offset as usize) {
            Some(_) => Ok(()),
            None => Err(Error::Invalid(format!(
                "{}: {} wires, and none is {offset}",
                self.chip,
                self.chip.num_lines()
            ))),
        }
    }
}

impl Wires {
    fn now(&self, offset: u32) -> Wire {
        Wire::from_bits_retain(self.lines[offset as usize].load(Ordering::Acquire))
    }

    /// Changes what is connected to a wire, and tells the library if that changed its level.
    fn change(&self, offset: u32, change: impl Fn(Wire) -> Wire) {
        let _pulling = lock(&self.pulling);
        let changed = |bits| change(Wire::from_bits_retain(bits)).bits();
        let update = |bits| Some(changed(bits));
        let line = &self.lines[offset as usize];
        let before =
            line.fetch_update(Ordering::AcqRel, Ordering::Acquire, update).unwrap_or_else(|bits| bits);
        let [before, now] = [before, changed(before)].map(|bits| Wire::from_bits_retain(bits).level());
        if let Some(chip) = self.chip.get().and_then(Weak::upgrade).filter(|_| before != now) {
            // Nobody is told by a chip that has been removed.
            let _ = chip.push_edge(offset, now, 0);
        }
    }
}

struct SimOps(Arc<Wires>);

impl ChipOps for SimOps {
    fn request(&self, offset: u32) -> OpResult<()> {
        self.0.change(offset, |wire| {
            // What was driven before is forgotten, so that a line that is requested as it is does not jump.
            let kept = wire & (Wire::PULLED_UP | Wire::OUTPUT) | Wire::REQUESTED;
            if wire.contains(Wire::PULLED_UP) {
                kept | Wire::HIGH
            } else {
                kept
            }
        });
        Ok(())
    }

    fn free(&self, offset: u32) {
        self.0.change(offset, |wire| wire - Wire::REQUESTED);
    }

    fn configure(&self, offset: u32, config: &Config) -> OpResult<()> {
        self.0.change(offset, |mut wire| {
            match config.bias {
                Bias::PullUp => wire |= Wire::PULLED_UP,
                Bias::PullDown => wire -= Wire::PULLED_UP,
                Bias::AsIs | Bias::Disabled => (),
            }
            wire.set(Wire::OUTPUT, config.direction == Direction::Output);
            wire.set(Wire::HIGH, config.value);
            wire.set(Wire::OPEN_DRAIN, config.drive == Drive::OpenDrain);
            wire.set(Wire::OPEN_SOURCE, config.drive == Drive::OpenSource);
            wire
        });
        Ok(())
    }

    fn get(&self, offset: u32) -> OpResult<bool> {
        Ok(self.0.now(offset).level())
    }

    fn set(&self, offset: u32, level: bool) -> OpResult<()> {
        let line = &self.0.lines[offset as usize];
        match level {
            true => line.fetch_or(Wire::HIGH.bits(), Ordering::AcqRel),
            false => line.fetch_and(!Wire::HIGH.bits(), Ordering::AcqRel),
        };
        Ok(())
    }
}
