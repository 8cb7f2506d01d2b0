// SPDX-License-Identifier: MIT OR Apache-2.0
//! Simulated chips of the kernel, and programs that run beside the test. Root only.
#![allow(dead_code)] // Not every test program uses everything.

#[path = "../../../../tests/kernel/sim.rs"]
mod chip;

use chip::PATIENCE;
pub(crate) use chip::{until, Sim};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{channel, Receiver};

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
        until(|| std::fs::read_to_string(&stat).unwrap().rsplit(") ").next().unwrap().starts_with('T'));
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
