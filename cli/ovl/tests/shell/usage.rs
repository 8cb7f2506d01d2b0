// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line itself.

use crate::Place;

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

#[test]
fn help_has_an_example_of_everything() {
    let place = Place::new();
    let top = place.ovl(&["--help"]);
    assert_eq!((top.code(), top.err()), (0, ""));
    for command in ["apply", "params", "check", "tree", "dot", "get", "dts", "diff"] {
        assert!(top.out().contains(&format!("\n  {command} ")), "{}", top.out());
        let help = place.ovl(&[command, "--help"]);
        assert_eq!((help.code(), help.err()), (0, ""));
        let (_, examples) = help.out().split_once("\nExamples:\n").expect("examples");
        assert!(
            examples
                .lines()
                .all(|line| line.starts_with(&format!("  ovl {command} "))
                    || line == format!("  ovl {command}")),
            "{examples}"
        );
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    Place::new().ovl(&["--version"]).prints(concat!("ovl ", env!("CARGO_PKG_VERSION"), "\n"));
}
