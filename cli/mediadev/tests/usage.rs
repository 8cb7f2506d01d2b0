// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line of `mediadev`, as far as no device is needed.

use std::process::{Command, Output};

/// What helps where something is not found; said once, however much that is.
const NEXT: &str = "mediadev: \"mediadev list\" lists the devices, \"mediadev topology\" what is in one\n";

fn mediadev(args: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_mediadev")).args(args).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn what_cannot_be_understood_is_exit_code_2() {
    for args in [
        [].as_slice(),
        &["nonsense"],
        &["list", "-d", "0"],
        &["topology", "--dot", "--json"],
        &["topology", "--dot", "Sensor A"],
        &["links", "'a':0->'b':0[1]", "'b':0->'c':0[1]"],
        &["links", "--json", "--reset"],
        &["links", "--json", "'a':0->'b':0[1]"],
        &["formats", "-R", "'a'", "--json", "'a':0"],
        &["reset", "vimc"],
        &["serve"],
        &["serve", "a.json", "b.json"],
    ] {
        let (code, out, err) = mediadev(args);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{args:?}");
        assert!(err.contains("--help"), "{args:?}: {err}");
    }
}

#[test]
fn m14_what_is_no_notation_is_exit_code_2_and_told_where() {
    for (args, said) in [
        (["links", "'a':0->'b':0"].as_slice(), "links, character 13: \"[\" is expected, and here is nothing"),
        (&["formats", "'a':0[fmt:Y8/1x]"], "formats, character 16: a height is expected, and here is \"]\""),
        (&["formats", "'a'"], "formats, character 4: \":\" is expected, and here is nothing"),
        (&["formats", "--routes", "'a'[0]"], "routes, character 6: \"/\" is expected, and here is \"]\""),
    ] {
        let (code, out, err) = mediadev(args);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{args:?}");
        assert!(err.contains(said), "{args:?}: {err}");
    }
}

#[test]
fn what_is_understood_looks_for_the_device() {
    for args in [
        ["list", "nope"].as_slice(),
        &["list", "--json", "nope"],
        &["info", "nope"],
        &["topology", "-d", "nope", "Sensor *", "Lens A"],
        &["topology", "--device=nope", "--dot"],
        &["topology", "-d", "nope", "--json"],
        &["links", "-d", "nope", "--json"],
        &["links", "-d", "nope", "-r", "'a':0 -> \"b\":1 [1], 5:1->6:0[0]"],
        &["formats", "-d", "nope", "'a':0"],
        &["formats", "-d", "nope", "'a':0[fmt:SRGGB8/64x64 field:none @1/30]"],
        &["formats", "-d", "nope", "--routes"],
        &["formats", "-d", "nope", "-R", "'a'"],
        &["formats", "-d", "nope", "-R", "'a'[0/0->1/0[1]]"],
        &["reset", "-d", "nope"],
    ] {
        let (code, out, err) = mediadev(args);
        let json = ["", "[]\n"][usize::from(args.starts_with(&["list", "--json"]))];
        let sentence = format!(
            "mediadev: no media device has the path, name, bus information or driver \"nope\"\n{NEXT}"
        );
        assert_eq!((code, out.as_str(), err), (Some(1), json, sentence), "{args:?}");
    }
}

#[test]
fn a_device_is_what_it_is_called_or_a_number() {
    for (key, sentence, next) in [
        ("987654", "/dev/media987654: there is no such media device", NEXT),
        ("media987654", "/dev/media987654: there is no such media device", NEXT),
        ("/dev/nope", "/dev/nope: there is no such media device", NEXT),
        ("/dev/null", "/dev/null: MEDIA_IOC_DEVICE_INFO: this is not a media device", ""),
    ] {
        let (code, _, err) = mediadev(&["reset", "-d", key]);
        assert_eq!((code, err), (Some(1), format!("mediadev: {sentence}\n{next}")), "{key}");
    }
}

#[test]
fn every_device_that_is_not_there_is_told() {
    let (code, out, err) = mediadev(&["info", "no such device", "nor this"]);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains("\"no such device\"") && err.contains("\"nor this\""), "{err}");
    assert_eq!(err.matches(NEXT).count(), 1, "{err}");
}

#[test]
fn a_file_that_describes_no_device_is_told() {
    let file = std::env::temp_dir().join(format!("mediadev-usage-{}.json", std::process::id()));
    let file = file.to_str().unwrap();
    let (code, out, err) = mediadev(&["serve", file]);
    let sentence = format!("mediadev: {file}: No such file or directory (os error 2)\n");
    assert_eq!((code, out.as_str(), err), (Some(1), "", sentence));
    std::fs::write(file, "{ \"device\": 7 }").unwrap();
    let (code, out, err) = mediadev(&["serve", file]);
    std::fs::remove_file(file).unwrap();
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.starts_with(&format!("mediadev: {file}: invalid type: integer `7`")), "{err}");
}

#[test]
fn the_version_is_that_of_the_package() {
    let version = concat!("mediadev ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(mediadev(&["--version"]), (Some(0), version.into(), String::new()));
}
