// SPDX-License-Identifier: MIT OR Apache-2.0
//! Simulated chips of the kernel (gpio-sim), made through configfs, and programs that run beside the test. Root only.
//!
//! No wait here is without end: under emulation a second is little, but a minute is a failure.
#![allow(dead_code)] // Not every test program uses everything.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{channel, Receiver};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

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

/// What a program that has ended left behind: exit code, standard output, standard error.
pub(crate) fn run(program: &str, args: &[&str]) -> (i32, String, String) {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output();
    let Output { status, stdout, stderr } = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let code = status.code().unwrap_or_else(|| panic!("{program} {args:?}: {status}"));
    (code, String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// It went well; what it printed.
#[track_caller]
pub(crate) fn said(program: &str, args: &[&str]) -> String {
    let (code, out, err) = run(program, args);
    assert_eq!((code, err.as_str()), (0, ""), "{program} {args:?}");
    out
}

pub(crate) const GPIODREF: &str = env!("CARGO_BIN_EXE_gpiodref");

/// `gpiodref`, beside the test.
pub(crate) struct Running {
    child: Child,
    out: Receiver<String>,
    err: Receiver<String>,
}

/// The lines of a stream, as they come.
fn lines(stream: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

impl Running {
    pub(crate) fn new(args: &[&str]) -> Running {
        Running::of(GPIODREF, args)
    }

    pub(crate) fn of(program: &str, args: &[&str]) -> Running {
        let mut command = Command::new(program);
        command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{program}: {error}"));
        let (out, err) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
        Running { child, out, err }
    }

    /// The next line of standard output.
    #[track_caller]
    pub(crate) fn says(&self) -> String {
        self.out.recv_timeout(PATIENCE).expect("a line on standard output")
    }

    /// The next line of standard error.
    #[track_caller]
    pub(crate) fn warns(&self) -> String {
        self.err.recv_timeout(PATIENCE).expect("a line on standard error")
    }

    /// What `start` starts, when it has the line and hears its edges: its name is there to be seen before that.
    pub(crate) fn once_it_has(line: &str, start: impl FnOnce() -> Running) -> Running {
        let watch = Running::new(&["watch", "--banner", "--event", "requested", line]);
        watch.says();
        let program = start();
        watch.says();
        program
    }

    /// Stops it, until SIGCONT.
    pub(crate) fn stop(&self) {
        self.signal("STOP");
        let stat = format!("/proc/{}/stat", self.child.id());
        until(|| read(Path::new(&stat)).rsplit(") ").next().unwrap().starts_with('T'));
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for its end: exit code, and what it said since.
    #[track_caller]
    pub(crate) fn ends(mut self) -> (Option<i32>, Vec<String>, Vec<String>) {
        until(|| self.has_ended());
        let code = self.child.wait().unwrap().code();
        (code, self.out.iter().collect(), self.err.iter().collect())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
