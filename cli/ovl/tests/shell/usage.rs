// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line itself.

use crate::{blobs, Place};

#[test]
fn what_cannot_be_understood_is_exit_code_2() {
    let place = Place::new();
    for args in [
        [].as_slice(),
        &["nonsense"],
        &["apply", "board.dtb", "-o", "out.dtb"],
        &["apply", "board.dtb", "hat.dtbo"],
        &["apply", "board.dtb", "hat.dtbo", "-o", "out.dtb", "--mode", "none"],
        &["apply", "-p", "addr=1", "board.dtb", "clock.dtbo", "-o", "out.dtb"],
        &["params"],
        &["check"],
        &["get", "-i", "board.dtb"],
        &["get", "-i", "board.dtb", "/", "--type", "u32"],
        &["dts", "board.dtb"],
        &["tree", "-i", "board.dtb", "--color", "sometimes"],
        &["dot", "-i", "board.dtb", "--only", "beauty"],
        &["diff", "board.dtb"],
    ] {
        let ran = place.ovl(args);
        assert_eq!((ran.code(), ran.out()), (2, ""), "{args:?}");
        assert!(ran.err().contains("--help"), "{args:?}: {}", ran.err());
    }
    place
        .ovl(&["apply", "board.dtb", "hat.dtbo", "-o", "-", "--json"])
        .fails(2, "ovl: --json and -o - cannot both have standard output\n");
}

/// What stands in a help below this line, indented.
fn section<'h>(help: &'h str, title: &str) -> Vec<&'h str> {
    let (_, behind) = help.split_once(&format!("\n{title}:\n")).unwrap_or_else(|| panic!("{title}: {help}"));
    behind.lines().map_while(|line| line.strip_prefix("  ")).collect()
}

#[test]
fn the_examples_of_help_work() {
    let place = Place(tempfile::TempDir::new().unwrap());
    for (name, blob) in [
        ("board.dtb", blobs::board_of_help()),
        ("hat.dtbo", blobs::hat()),
        ("display.dtbo", blobs::screen()),
        ("clock.dtbo", blobs::clock()),
        ("card.dtbo", blobs::card()),
    ] {
        place.write(name, &blob);
    }
    let of_the_system = std::path::Path::new("/proc/device-tree").is_dir();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_ovl")).parent().unwrap().display();
    let mut seen = Vec::new();
    for command in ovl_cli::command().get_subcommands() {
        let help = place.ovl(&["help", command.get_name()]);
        for example in section(help.out(), "Examples") {
            assert_eq!(example.split(' ').take(2).collect::<Vec<_>>(), ["ovl", command.get_name()]);
            // What reads it on the other side of a pipe need not be here.
            let (ours, pipe) =
                example.split_once(" | ").map_or((example, ""), |(ours, _)| (ours, ">/dev/null"));
            let mut shell = std::process::Command::new("sh");
            shell.args(["-c", &format!("PATH={program}:$PATH; {ours} {pipe}")]).current_dir(place.path(""));
            let ran = crate::Ran(shell.output().unwrap());
            match ran.code() {
                0 => {}
                1 if example.starts_with("ovl diff") && !example.contains("--as") => {}
                2 if !of_the_system && ran.err().contains("no devicetree to read") => {}
                _ => panic!("{example}: {ran:?}"),
            }
        }
        seen.push(command.get_name().to_string());
    }
    assert_eq!(seen, ["apply", "params", "check", "tree", "dot", "get", "dts", "diff"]);
}

#[test]
fn the_version_is_that_of_the_package() {
    Place::new().ovl(&["--version"]).prints(concat!("ovl ", env!("CARGO_PKG_VERSION"), "\n"));
}
