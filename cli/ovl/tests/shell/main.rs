// SPDX-License-Identifier: MIT OR Apache-2.0
//! The program `ovl` as a shell sees it: arguments, standard streams, files, exit codes.

mod apply;
mod blobs;
mod check;
mod diff;
mod dot;
mod look;
mod output;
mod params;
mod usage;

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A folder with the blobs of `blobs`, in which `ovl` runs.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        let place = Place(TempDir::new().unwrap());
        for (name, blob) in [
            ("board.dtb", blobs::board()),
            ("hat.dtbo", blobs::hat()),
            ("screen.dtbo", blobs::screen()),
            ("bus.dtbo", blobs::bus()),
            ("bad.dtbo", blobs::bad()),
            ("twice.dtbo", blobs::twice()),
            ("card.dtbo", blobs::card()),
            ("clock.dtbo", blobs::clock()),
            ("wired.dtb", blobs::wired(2)),
            ("crowded.dtb", blobs::wired(9)),
            ("sensor.dtbo", blobs::sensor()),
            ("pi.dtb", blobs::board_with_params()),
        ] {
            place.write(name, &blob);
        }
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    /// The names of all files, sorted.
    fn files(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ovl"));
        command.args(args).current_dir(self.0.path()).stdin(Stdio::null());
        command
    }

    fn ovl(&self, args: &[&str]) -> Ran {
        Ran(self.command(args).output().unwrap())
    }

    /// Runs with these bytes as standard input.
    fn ovl_reading(&self, input: &[u8], args: &[&str]) -> Ran {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        Ran(child.wait_with_output().unwrap())
    }
}

/// What a run of `ovl` left behind.
#[derive(Debug)]
struct Ran(Output);

impl Ran {
    fn code(&self) -> i32 {
        self.0.status.code().expect("it ended by itself")
    }

    fn out(&self) -> &str {
        std::str::from_utf8(&self.0.stdout).unwrap()
    }

    fn err(&self) -> &str {
        std::str::from_utf8(&self.0.stderr).unwrap()
    }

    /// It went well and printed exactly this.
    #[track_caller]
    fn prints(&self, text: &str) {
        assert_eq!((self.code(), self.err(), self.out()), (0, "", text));
    }

    /// It failed, and said exactly this.
    #[track_caller]
    fn fails(&self, code: i32, sentences: &str) {
        assert_eq!((self.code(), self.out(), self.err()), (code, "", sentences));
    }

    #[track_caller]
    fn json(&self, code: i32) -> Value {
        assert_eq!((self.code(), self.err()), (code, ""));
        serde_json::from_slice(&self.0.stdout).unwrap()
    }
}

/// Writes the tree of a blob as folders and files, as Linux shows it in /proc/device-tree.
fn as_folders(blob: &[u8], at: &Path) {
    fn folder(node: &ovl::Node, at: &Path) {
        std::fs::create_dir(at).unwrap();
        for prop in node.props() {
            std::fs::write(at.join(prop.name()), prop.data()).unwrap();
        }
        node.children().for_each(|child| folder(&child, &at.join(child.name())));
    }
    folder(&ovl::Tree::from_fdt(blob).unwrap().root().unwrap(), at);
}
