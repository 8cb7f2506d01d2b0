// SPDX-License-Identifier: MIT OR Apache-2.0
//! Simulated chips of the kernel (gpio-sim), made through configfs, for Rust programs: `#[path = "…/tests/kernel/sim.rs"] mod sim;`.
//! Root only.
//!
//! No wait here is without end: under emulation a second is little, but a minute is a failure.
#![allow(dead_code)] // Not every program uses everything.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A chip that can be plugged in and out.
pub(crate) struct Sim {
    device: PathBuf,
    bank: PathBuf,
}

impl Sim {
    /// A chip with this label, so many lines, and these names; plugged in.
    pub(crate) fn new(label: &str, lines: u32, names: &[(u32, &str)]) -> Sim {
        let device = Path::new("/sys/kernel/config/gpio-sim").join(label);
        let bank = device.join("bank");
        let sim = Sim { device, bank };
        fs::create_dir_all(&sim.bank).unwrap();
        write(&sim.bank.join("label"), label);
        write(&sim.bank.join("num_lines"), &lines.to_string());
        for (offset, name) in names {
            let line = sim.bank.join(format!("line{offset}"));
            fs::create_dir(&line).unwrap();
            write(&line.join("name"), name);
        }
        sim.plug();
        sim
    }

    pub(crate) fn plug(&self) {
        write(&self.device.join("live"), "1");
        let node = Path::new("/dev").join(self.chip());
        until(|| node.exists());
    }

    pub(crate) fn unplug(&self) {
        write(&self.device.join("live"), "0");
    }

    /// The name that it has while it is plugged in: "gpiochip0".
    pub(crate) fn chip(&self) -> String {
        read(&self.bank.join("chip_name"))
    }

    fn line(&self, offset: u32, file: &str) -> PathBuf {
        let device = read(&self.device.join("dev_name"));
        let line = format!("/sys/devices/platform/{device}/{}/sim_gpio{offset}", self.chip());
        Path::new(&line).join(file)
    }

    /// As if somebody outside pulled the wire.
    ///
    /// A thread of the kernel makes events of edges. Two edges of a line for which it wakes up once are one event, and of two
    /// lines either can be the first. So a test that counts on an event waits for it before it goes on.
    pub(crate) fn pull(&self, offset: u32, up: bool) {
        write(&self.line(offset, "pull"), if up { "pull-up" } else { "pull-down" });
    }

    /// What the wire has.
    pub(crate) fn level(&self, offset: u32) -> bool {
        read(&self.line(offset, "value")) == "1"
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        // What a failed test left behind is not another failure.
        let _ = fs::write(self.device.join("live"), "0");
        let entries = fs::read_dir(&self.bank).into_iter().flatten().flatten();
        entries.filter(|entry| entry.path().is_dir()).for_each(|line| drop(fs::remove_dir(line.path())));
        let _ = fs::remove_dir(&self.bank);
        let _ = fs::remove_dir(&self.device);
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|error| panic!("writing {text:?} to {}: {error}", path.display()));
}

fn read(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.trim().to_owned()
}

/// Waits for something that must come.
#[track_caller]
pub(crate) fn until(mut happened: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !happened() {
        assert!(Instant::now() < end, "it did not come");
        std::thread::sleep(Duration::from_millis(10));
    }
}
