// SPDX-License-Identifier: MIT OR Apache-2.0
//! Chips: opened, listed, asked. A chip outlives its provider (G1): what it is called and how many lines it has can be
//! asked as long as somebody holds it.

use crate::error::{invalid, not_found, Error, Fault, Result};
use crate::info::LineInfo;
use crate::provider::chardev;
use crate::provider::{Identity, Provided, Provider};
use crate::request::Hog;
use kref::sync::{lock, read, write};
use kref::Ref;
use once_cell::sync::OnceCell;
use std::ffi::{CStr, CString};
use std::os::fd::BorrowedFd;
use std::sync::{Mutex, RwLock};
use std::time::Duration;

/// A GPIO chip: the system's, or one that this process provides.
// What stands first is read by packaging/gdb.
#[repr(C)]
pub struct Chip {
    name: CString,
    label: CString,
    num_lines: u32,
    /// What lines are called, as far as it has been asked; that never changes.
    names: Box<[OnceCell<CString>]>,
    // Before the provider, so that hogged lines are let go while it is there.
    hogs: Mutex<Vec<Hog>>,
    provider: Box<dyn Provider>,
}

/// The chips that this process provides, oldest first. Each holds a reference to itself until it is removed.
static PROVIDED: RwLock<Vec<Ref<Chip>>> = RwLock::new(Vec::new());

impl Chip {
    /// A chip for a provider. `name` is what [`Chip::next`] lists and `label` what its maker calls it.
    pub(crate) fn new(name: &str, label: &str, num_lines: u32, provider: Box<dyn Provider>) -> Result<Self> {
        let text = |text: &str| CString::new(text).map_err(|_| invalid!("a name has a NUL in it: {text:?}"));
        let (name, label) = (text(name)?, text(label)?);
        let names = (0..num_lines).map(|_| OnceCell::new()).collect();
        Ok(Chip { name, label, num_lines, names, hogs: Mutex::new(Vec::new()), provider })
    }

    /// Opens a chip by path ("/dev/gpiochip0"), by name ("gpiochip0") or by label.
    ///
    /// A label that several chips have is [`Error::NotUnique`].
    pub fn open(key: &str) -> Result<Ref<Chip>> {
        if key.contains('/') {
            return chardev::open(key.as_ref());
        }
        if let Some(chip) = read(&PROVIDED).iter().find(|chip| chip.name_text() == key) {
            return Ok(chip.clone());
        }
        if chardev::number(key).is_some() {
            return chardev::open(&chardev::path(key));
        }
        Chip::by_label(key).map_err(|error| match error {
            Error::NotFound(_) => not_found!("no GPIO chip has the path, name or label \"{key}\""),
            other => other,
        })
    }

    /// Opens the chip that has this label. One that several chips have is [`Error::NotUnique`].
    ///
    /// Where none is found and some could not be opened, it is the error of that: the chip may be among them.
    pub fn by_label(label: &str) -> Result<Ref<Chip>> {
        let provided = read(&PROVIDED).clone();
        let mut closed = None;
        let system = chardev::names()
            .into_iter()
            .filter_map(|name| opened(chardev::open(&chardev::path(&name)), &mut closed));
        let mut found = provided.into_iter().chain(system).filter(|chip| chip.label_text() == label);
        match (found.next(), found.next()) {
            (Some(chip), None) => Ok(chip),
            (Some(one), Some(other)) => {
                let (one, other) = (one.name_text(), other.name_text());
                Err(Error::NotUnique(format!("{one} and {other} both have the label \"{label}\"")))
            }
            (None, _) => {
                drop(found);
                Err(closed.unwrap_or_else(|| not_found!("no GPIO chip has the label \"{label}\"")))
            }
        }
    }

    /// The name that follows `prev` in the list of all chips: the system's by number, then those of this process.
    pub fn next(prev: Option<&str>) -> Option<String> {
        let provided = read(&PROVIDED).iter().map(|chip| chip.name_text().to_owned()).collect::<Vec<_>>();
        let all = chardev::names().into_iter().chain(provided);
        let after = prev.map(place);
        all.map(|name| (place(&name), name))
            .filter(|(at, _)| after.as_ref().is_none_or(|p| at > p))
            .min()
            .map(|(_, n)| n)
    }

    /// The chip and offset of the line that is called `name`, of all chips.
    ///
    /// A name that several lines have is [`Error::NotUnique`]: names are the board's, nothing makes them unique. Chips that
    /// could not be opened count as for [`by_label`](Self::by_label).
    pub fn find_line(name: &str) -> Result<(Ref<Chip>, u32)> {
        let mut closed = None;
        let mut found: Option<(Ref<Chip>, u32)> = None;
        let mut at = Chip::next(None);
        while let Some(chip_name) = at {
            if let Some(chip) = opened(Chip::open(&chip_name), &mut closed) {
                for offset in chip.lines_called(name) {
                    // One that has gone while the others were looked at is none.
                    if let Some((first, other)) = found.as_ref().filter(|(first, _)| first.is_alive()) {
                        let (first, second) = (first.line(*other), chip.line(offset));
                        return Err(Error::NotUnique(format!("{first} and {second} have the same name")));
                    }
                    found = Some((chip.clone(), offset));
                }
            }
            at = Chip::next(Some(&chip_name));
        }
        found.ok_or_else(|| closed.unwrap_or_else(|| not_found!("no line of any chip is called \"{name}\"")))
    }

    /// The offset that `key` stands for on this chip: a line's name, or else a number.
    pub fn offset_of(&self, key: &str) -> Result<u32> {
        match (self.offset_called(key), key.parse()) {
            (Err(Error::NotFound(_)), Ok(offset)) => self.check_offset(offset),
            (found, _) => found,
        }
    }

    /// The offset of the line that is called `name`.
    pub fn offset_called(&self, name: &str) -> Result<u32> {
        let mut called = self.lines_called(name);
        match (called.next(), called.next()) {
            (Some(offset), None) => Ok(offset),
            (Some(one), Some(other)) => {
                Err(Error::NotUnique(format!("{self}: lines {one} and {other} are both called \"{name}\"")))
            }
            (None, _) => Err(not_found!("{self}: no line is called \"{name}\"")),
        }
    }

    fn lines_called<'a>(&'a self, name: &'a str) -> impl Iterator<Item = u32> + 'a {
        // No name is no name to look for.
        let all = if name.is_empty() { 0..0 } else { 0..self.num_lines };
        all.filter(move |&offset| self.line_name(offset).to_bytes() == name.as_bytes())
    }

    /// "gpiochip0"; never another chip's as long as this one is held.
    pub fn name(&self) -> &CStr {
        &self.name
    }

    pub(crate) fn name_text(&self) -> &str {
        self.name.to_str().unwrap_or_default()
    }

    /// What its maker calls it.
    pub fn label(&self) -> &CStr {
        &self.label
    }

    pub(crate) fn label_text(&self) -> &str {
        self.label.to_str().unwrap_or_default()
    }

    /// How many lines it has.
    pub fn num_lines(&self) -> u32 {
        self.num_lines
    }

    /// Whether it is still there, at some moment.
    pub fn is_alive(&self) -> bool {
        self.provider.is_alive()
    }

    /// A file descriptor that says ERR or HUP when polled after the chip has gone.
    pub fn fd(&self) -> Result<BorrowedFd<'_>> {
        self.provider.fd().map_err(|fault| fault.about(|| self.to_string()))
    }

    /// A line as it is now.
    pub fn line_info(&self, offset: u32) -> Result<LineInfo> {
        self.check_offset(offset)?;
        self.provider.line_info(offset).map_err(|fault| fault.about(|| self.line(offset)))
    }

    /// Claims a line with a fixed value until the chip goes, or nobody holds it any more (G8).
    pub fn hog(&self, offset: u32, name: &str, value: bool) -> Result<()> {
        let hog = Hog::new(self, offset, name, value)?;
        lock(&self.hogs).push(hog);
        Ok(())
    }

    /// Takes a chip away that this process provides (K4, G9).
    pub fn remove(&self) -> Result<()> {
        self.provided()?.remove()?;
        // What is dropped here may run the provider's release, so not under the lock.
        let mine = |chip: &Ref<Chip>| std::ptr::eq(&**chip, self);
        let gone: Vec<_> = write(&PROVIDED).extract_if(.., |chip| mine(chip)).collect();
        let hogs = std::mem::take(&mut *lock(&self.hogs));
        drop((gone, hogs));
        Ok(())
    }

    /// Waits until no operation runs inside of the provider of a chip that has been removed.
    pub fn drain(&self, timeout: Option<Duration>) -> Result<()> {
        self.provided()?.drain(timeout)
    }

    /// Tells a level that the provider saw, for those who wait for edges.
    pub fn push_edge(&self, offset: u32, level: bool, timestamp_ns: u64) -> Result<()> {
        self.check_offset(offset)?;
        self.provided()?.push_edge(offset, level, timestamp_ns)
    }

    fn provided(&self) -> Result<&dyn Provided> {
        self.provider
            .provided()
            .ok_or_else(|| invalid!("{self} is the system's, not one that this process provides"))
    }

    pub(crate) fn provider(&self) -> &dyn Provider {
        &*self.provider
    }

    pub(crate) fn identity(&self) -> Identity {
        self.provider.identity()
    }

    pub(crate) fn check_offset(&self, offset: u32) -> Result<u32> {
        match offset < self.num_lines {
            true => Ok(offset),
            false => Err(invalid!("{self}: it has {} lines, and no line {offset}", self.num_lines)),
        }
    }

    /// What a line is called, or "". Known as long as somebody holds the chip if it was asked for while that was there.
    pub(crate) fn line_name(&self, offset: u32) -> &CStr {
        let Some(known) = self.names.get(offset as usize) else { return c"" };
        match known.get() {
            Some(name) => name,
            None => match self.provider.line_info(offset) {
                Ok(info) => known.get_or_init(|| CString::new(info.name).unwrap_or_default()),
                Err(_) => c"",
            },
        }
    }

    /// A line in the words of a message: `gpiochip1 (gpio-sim.0-node0) line 3 "wp"`.
    pub(crate) fn line(&self, offset: u32) -> String {
        match self.line_name(offset).to_string_lossy() {
            name if name.is_empty() => format!("{self} line {offset}"),
            name => format!("{self} line {offset} \"{name}\""),
        }
    }

    /// Lines in the words of a message.
    pub(crate) fn lines(&self, offsets: &[u32]) -> String {
        match offsets {
            [offset] => self.line(*offset),
            _ => format!("{self} lines {offsets:?}"),
        }
    }

    /// The failure of a request, with the consumer who has the line if that is why.
    pub(crate) fn refused(&self, fault: Fault, offsets: &[u32], consumer: &str) -> Error {
        if fault.errno == libc::EBUSY {
            for &offset in offsets {
                if let Ok(LineInfo { used: true, consumer: holder, .. }) = self.provider.line_info(offset) {
                    let holder = if holder.is_empty() { "somebody without a name" } else { &holder };
                    let line = self.line(offset);
                    return Error::Busy(format!("{line}: wanted by \"{consumer}\", held by \"{holder}\""));
                }
            }
        }
        fault.about(|| format!("{} for \"{consumer}\"", self.lines(offsets)))
    }
}

/// A chip of the list, while one is searched for. It may have gone since; but that it could not be opened, for want of rights for
/// one, is kept in `closed`.
fn opened(chip: Result<Ref<Chip>>, closed: &mut Option<Error>) -> Option<Ref<Chip>> {
    chip.map_err(|error| {
        if let Error::Call { .. } = error {
            *closed = Some(error);
        }
    })
    .ok()
}

/// Makes a chip of this process findable; it holds a reference to itself from now on.
pub(crate) fn publish(chip: &Ref<Chip>) {
    write(&PROVIDED).push(chip.clone());
}

/// Where a name stands in the list: the system's chips first, and numbers as numbers.
fn place(name: &str) -> (bool, usize, String) {
    let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (word, number) = name.split_at(name.len() - digits);
    (word != chardev::PREFIX, number.parse().unwrap_or(0), name.to_owned())
}

impl std::fmt::Display for Chip {
    /// `gpiochip1 (gpio-sim.0-node0)`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.name_text(), self.label_text())
    }
}
