// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lines by what they are for (G8): a table says which line of which chip is the write-protect line of the EEPROM, so that
//! the EEPROM's code need not know the board.

use crate::chip::Chip;
use crate::config::Config;
use crate::desc::Desc;
use crate::error::{busy, not_found, Result};
use kref::sync::{read, write};
use kref::Ref;
use std::sync::RwLock;

/// A line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whose line it is: "eeprom0".
    pub device: String,
    /// What for: "wp".
    pub function: String,
    /// Which of several for the same function, from 0.
    pub index: u32,
    /// The label of the chip.
    pub chip_label: String,
    /// The line, by name or else by number.
    pub line: String,
    /// The board inverts it.
    pub active_low: bool,
    /// Several components have it (G3).
    pub shared: bool,
}

impl Entry {
    fn is(&self, device: &str, function: &str, index: u32) -> bool {
        (self.device.as_str(), self.function.as_str(), self.index) == (device, function, index)
    }
}

static TABLE: RwLock<Vec<Entry>> = RwLock::new(Vec::new());

/// Adds an entry. The chip need not be there yet.
pub fn table_add(entry: Entry) -> Result<()> {
    let mut table = write(&TABLE);
    if let Some(known) = table.iter().find(|known| known.is(&entry.device, &entry.function, entry.index)) {
        let Entry { device, function, index, chip_label, line, .. } = known;
        return Err(busy!(
            "{device} \"{function}\" {index} is in the table already: line {line} of {chip_label}"
        ));
    }
    table.push(entry);
    Ok(())
}

/// Takes an entry out; lines that were found through it stay as they are.
pub fn table_remove(device: &str, function: &str, index: u32) -> Result<()> {
    let mut table = write(&TABLE);
    match table.iter().position(|entry| entry.is(device, function, index)) {
        Some(at) => drop(table.remove(at)),
        None => return Err(no_entry(device, function, index)),
    }
    Ok(())
}

/// Requests the line for a function of a device. The consumer's name is the device's and the function's.
pub fn lookup(device: &str, function: &str, index: u32, config: &Config) -> Result<Ref<Desc>> {
    lookup_optional(device, function, index, config)?.ok_or_else(|| no_entry(device, function, index))
}

/// As [`lookup`], but a line that the table does not have is None, and not an error.
pub fn lookup_optional(
    device: &str,
    function: &str,
    index: u32,
    config: &Config,
) -> Result<Option<Ref<Desc>>> {
    let Some(entry) = read(&TABLE).iter().find(|entry| entry.is(device, function, index)).cloned() else {
        return Ok(None);
    };
    let chip = Chip::by_label(&entry.chip_label)?;
    let offset = chip.offset_of(&entry.line)?;
    let config = Config {
        active_low: config.active_low != entry.active_low,
        shared: config.shared || entry.shared,
        ..*config
    };
    let mut consumer = format!("{device} {function}");
    while consumer.len() > crate::MAX_NAME {
        consumer.pop();
    }
    Desc::request(&chip, offset, &config, &consumer).map(Some)
}

fn no_entry(device: &str, function: &str, index: u32) -> crate::Error {
    not_found!("the table has no line for {device} \"{function}\" {index}")
}
