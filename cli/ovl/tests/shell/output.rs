// SPDX-License-Identifier: MIT OR Apache-2.0
//! What becomes of output: files that are replaced as a whole, pipes that close, terminals.

use crate::{blobs, Place};
use std::fs::{File, OpenOptions, Permissions};
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::process::{Command, Stdio};

const APPLY: [&str; 4] = ["apply", "board.dtb", "hat.dtbo", "-o"];

fn apply(to: &str) -> Vec<&str> {
    [APPLY.as_slice(), &[to]].concat()
}

/// The merged blob, as it comes on standard output.
fn merged(place: &Place) -> Vec<u8> {
    let ran = place.ovl(&apply("-"));
    assert_eq!((ran.code(), ran.err()), (0, ""));
    ran.0.stdout
}

fn mode(place: &Place, name: &str) -> u32 {
    place.path(name).metadata().unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_file_is_replaced_not_overwritten() {
    let place = Place::new();
    let before = place.files();
    let mut old = File::open(place.path("board.dtb")).unwrap();
    place.ovl(&apply("board.dtb")).prints("");
    let mut content = Vec::new();
    old.read_to_end(&mut content).unwrap();
    assert_eq!(content, blobs::board(), "who had the old file open still reads it");
    assert_ne!(place.read("board.dtb"), blobs::board());
    assert_eq!(place.files(), before);
}

#[test]
fn permissions_are_the_umasks_or_the_old_files() {
    let place = Place::new();
    let status = Command::new("sh")
        .args(["-c", "umask 027; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_ovl")])
        .args(apply("new.dtb"))
        .current_dir(place.0.path())
        .status();
    assert!(status.unwrap().success());
    assert_eq!(mode(&place, "new.dtb"), 0o640);
    std::fs::set_permissions(place.path("new.dtb"), Permissions::from_mode(0o604)).unwrap();
    place.ovl(&apply("new.dtb")).prints("");
    assert_eq!(mode(&place, "new.dtb"), 0o604);
}

#[test]
fn a_link_stays_a_link() {
    let place = Place::new();
    place.write("real.dtb", b"old");
    std::os::unix::fs::symlink("real.dtb", place.path("link.dtb")).unwrap();
    place.ovl(&apply("link.dtb")).prints("");
    assert!(place.path("link.dtb").is_symlink());
    assert_eq!(place.read("real.dtb"), merged(&place));
}

#[test]
fn a_pipe_is_written_to() {
    let place = Place::new();
    assert!(Command::new("mkfifo").arg(place.path("pipe")).status().unwrap().success());
    let path = place.path("pipe");
    let reader = std::thread::spawn(move || std::fs::read(path).unwrap());
    place.ovl(&apply("pipe")).prints("");
    assert_eq!(reader.join().unwrap(), merged(&place));
    assert!(place.path("pipe").metadata().unwrap().file_type().is_fifo());
}

#[test]
fn a_place_that_cannot_be_written() {
    let place = Place::new();
    place
        .ovl(&apply("nowhere/out.dtb"))
        .fails(1, "ovl: nowhere/out.dtb: No such file or directory (os error 2)\n");
    std::fs::create_dir(place.path("folder")).unwrap();
    place.ovl(&apply("folder")).fails(1, "ovl: folder: Is a directory (os error 21)\n");
    place.ovl(&apply("/dev/full")).fails(1, "ovl: /dev/full: No space left on device (os error 28)\n");
    for args in [apply("-"), vec!["dts", "-i", "board.dtb"]] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = place.command(&args).stdout(full).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(output.stderr, b"ovl: standard output: No space left on device (os error 28)\n");
    }
}

#[test]
fn binary_data_is_not_for_terminals() {
    let place = Place::new();
    // The upper end of a new terminal is one, too.
    let terminal = || OpenOptions::new().read(true).write(true).open("/dev/ptmx").unwrap();
    for args in
        [apply("-"), apply("/dev/stdout"), vec!["get", "serial0", "mac", "-i", "board.dtb", "--type", "raw"]]
    {
        let output = place.command(&args).stdout(terminal()).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert_eq!(output.stderr, b"ovl: binary data is not written to a terminal\n", "{args:?}");
    }
    let text = place.command(&["get", "serial0", "mac", "-i", "board.dtb"]).stdout(terminal()).status();
    assert!(text.unwrap().success());
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let place = Place::new();
    place.write("large.dtb", &blobs::large());
    for (args, code) in [
        (["dts", "-i", "large.dtb"].as_slice(), 0),
        (&["tree", "-i", "large.dtb", "--json"], 0),
        (&["diff", "board.dtb", "large.dtb"], 1),
        (&["apply", "large.dtb", "card.dtbo", "-o", "-"], 0),
    ] {
        let mut child = place.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdout.take().unwrap().read_exact(&mut [0]).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr), (Some(code), vec![]), "{args:?}");
    }
}
