// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask`: what is generated from the sources, and the checks that it still agrees with them.
//!
//! Each command writes what it generates; with `--check` it writes nothing and fails where the committed file differs.

mod abi;
mod guarantees;
mod headers;
mod symbols;
mod version;
mod witness;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const USAGE: &str = "\
usage: cargo xtask COMMAND [--check]

  headers              include/*.h from the capi modules
  symbols [--check SO…] the lists of exported symbols from the headers; with --check, list, header and SO must agree
  witness              the committed ABI of every header, as abidw sees it; with --check, abidiff must find no change
  abi                  at a release, what it promises; with --check, what the last release promised must hold
  version NUMBER|--check  makes NUMBER the version of everything; with --check, all that spell it out must agree
  guarantees           the \"Shown by\" parts of docs/guarantees.md from the tests that carry rule numbers
";

/// What a command answers: the sentence for the user, or why it failed.
type Answer = Result<String, String>;

/// One of the C libraries of this repository, as far as its files are named after it.
struct Library {
    /// `ovl` in `libovl.so`, `ovl.h`, `ovl_node_get()`.
    name: &'static str,
    /// The version node that symbols of the release in the making get.
    node: &'static str,
    /// What the header says about the library as a whole.
    introduction: &'static str,
}

const LIBRARIES: &[Library] = &[
    Library { name: "ovl", node: "LIBOVL_0.1", introduction: include_str!("ovl-introduction.txt") },
    Library {
        name: "gpiodref",
        node: "LIBGPIODREF_0.1",
        introduction: include_str!("gpiodref-introduction.txt"),
    },
    Library {
        name: "mediadev",
        node: "LIBMEDIADEV_0.1",
        introduction: include_str!("mediadev-introduction.txt"),
    },
];

impl Library {
    fn directory(&self) -> PathBuf {
        format!("lib{}", self.name).into()
    }
    fn capi(&self) -> PathBuf {
        self.directory().join("src/capi/mod.rs")
    }
    fn header(&self) -> PathBuf {
        format!("include/{}.h", self.name).into()
    }
    fn symbols(&self) -> PathBuf {
        self.directory().join(format!("{}.symbols", self.name))
    }
    fn abi(&self) -> PathBuf {
        self.directory().join(format!("{}.abi", self.name))
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // cargo says at run time where this package lies; at compile time it may have lain elsewhere.
    let top = std::env::var_os("CARGO_MANIFEST_DIR").map(|package| Path::new(&package).join(".."));
    if let Some(Err(e)) = top.map(std::env::set_current_dir) {
        eprintln!("the workspace: {e}");
        return ExitCode::FAILURE;
    }
    let each = |run: &dyn Fn(&Library) -> Answer| lines(LIBRARIES.iter().map(run));
    let answer = match words[..] {
        ["headers"] => each(&|l| headers::write(l)),
        ["headers", "--check"] => each(&|l| headers::check(l)),
        ["symbols"] => each(&|l| symbols::write(l)),
        ["symbols", "--check", ref files @ ..] if !files.is_empty() => {
            lines(files.iter().map(|so| check_symbols(Path::new(so))))
        }
        ["witness"] => each(&|l| witness::write(l)),
        ["witness", "--check"] => each(&|l| witness::check(l)),
        ["abi"] => each(&|l| abi::write(l)),
        ["abi", "--check"] => each(&|l| abi::check(l)),
        ["version", "--check"] => version::check(),
        ["version", number] => version::write(number),
        ["guarantees"] => guarantees::write(),
        ["guarantees", "--check"] => guarantees::check(),
        _ => Err(USAGE.to_owned()),
    };
    match answer {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{}", why.trim_end());
            ExitCode::FAILURE
        }
    }
}

/// One answer of many; the first failure if there is one.
fn lines(answers: impl Iterator<Item = Answer>) -> Answer {
    Ok(answers.collect::<Result<Vec<_>, _>>()?.join("\n"))
}

fn check_symbols(so: &Path) -> Answer {
    match LIBRARIES.iter().find(|l| file_name(so).starts_with(&format!("lib{}.so", l.name))) {
        Some(library) => symbols::check(library, so),
        None => Err(format!("{}: none of our libraries is called that", so.display())),
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}

/// Runs a program and returns its standard output and exit code; what it said is in the error if it could not run
/// or was killed.
fn run(program: &str, arguments: &[&str]) -> Result<(String, i32), String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|e| format!("{program}: {e} (tests/setup installs what the checks need)"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    match output.status.code() {
        Some(0) => Ok((said, 0)),
        Some(code) => Ok((said + &String::from_utf8_lossy(&output.stderr), code)),
        None => Err(format!("{program}: {}", output.status)),
    }
}
