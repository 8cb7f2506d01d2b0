// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ovl diff`.

use crate::{as_folders, blobs, Place};
use serde_json::json;

/// The board with the hat on.
fn with_hat(place: &Place) {
    place.ovl(&["apply", "board.dtb", "hat.dtbo", "-o", "merged.dtb"]).prints("");
}

#[test]
fn equal_trees() {
    let place = Place::new();
    place.ovl(&["diff", "board.dtb", "board.dtb"]).prints("");
    place.ovl_reading(&blobs::board(), &["diff", "-", "board.dtb"]).prints("");
    assert_eq!(
        place.ovl(&["diff", "board.dtb", "board.dtb", "--json"]).json(0),
        json!({ "equal": true, "differences": [] })
    );
}

#[test]
fn lines_for_what_went_and_came() {
    let place = Place::new();
    with_hat(&place);
    let ran = place.ovl(&["diff", "board.dtb", "merged.dtb"]);
    assert_eq!((ran.code(), ran.err()), (1, ""));
    assert_eq!(
        ran.out(),
        "\
- /soc/uart@9000: status = \"disabled\"
+ /soc/uart@9000: status = \"okay\"
+ /soc/uart@9000/gps
+ /soc/uart@9000/gps: compatible = \"test,gps\"
+ /soc/uart@9000/gps: phandle = <0x3>
+ /__symbols__: gps = \"/soc/uart@9000/gps\"
"
    );
    let back = place.ovl(&["diff", "merged.dtb", "board.dtb"]);
    assert_eq!(back.code(), 1);
    assert!(back.out().contains("\n- /soc/uart@9000/gps\n"), "{}", back.out());
}

#[test]
fn order_counts_unless_told_otherwise() {
    let place = Place::new();
    as_folders(&blobs::board(), &place.path("folder"));
    let ran = place.ovl(&["diff", "board.dtb", "folder"]);
    assert_eq!(ran.code(), 1);
    assert_eq!(
        ran.out(),
        "\
~ /soc/uart@9000: order of properties
~ /soc: order of nodes
~ /__symbols__: order of properties
~ /: order of nodes
"
    );
    place.ovl(&["diff", "--any-order", "board.dtb", "folder"]).prints("");
    let told = place.ovl(&["diff", "board.dtb", "folder", "--json"]).json(1);
    assert_eq!(told["differences"][1], json!({ "change": "order", "path": "/soc", "of": "nodes" }));
}

#[test]
fn json_for_each_difference() {
    let place = Place::new();
    with_hat(&place);
    let told = place.ovl(&["diff", "board.dtb", "merged.dtb", "--json"]).json(1);
    assert_eq!(told["equal"], json!(false));
    assert_eq!(
        told["differences"][0],
        json!({
            "change": "remove",
            "path": "/soc/uart@9000",
            "property": "status",
            "value": "\"disabled\"",
            "bytes": "64697361626c656400",
        })
    );
    assert_eq!(told["differences"][2], json!({ "change": "add", "path": "/soc/uart@9000/gps" }));
}

#[test]
fn an_error_is_not_a_difference() {
    let place = Place::new();
    place.ovl(&["diff", "board.dtb", "none"]).fails(1, "ovl: none: No such file or directory (os error 2)\n");
}

#[test]
fn o26_the_difference_as_an_overlay() {
    let place = Place::new();
    with_hat(&place);
    place.ovl(&["diff", "board.dtb", "merged.dtb", "--as", "overlay", "-o", "x.dtbo"]).prints("");
    place.ovl(&["apply", "board.dtb", "x.dtbo", "-o", "again.dtb"]).prints("");
    place.ovl(&["diff", "--any-order", "--any-phandles", "merged.dtb", "again.dtb"]).prints("");
    // Those who made the format understand it too.
    let run = |command: &str, args: &[&str]| {
        let ran =
            std::process::Command::new(command).args(args).current_dir(place.path("")).output().unwrap();
        assert!(ran.status.success(), "{command}: {}", String::from_utf8_lossy(&ran.stderr));
    };
    run("fdtoverlay", &["-i", "board.dtb", "-o", "libfdt.dtb", "x.dtbo"]);
    place.ovl(&["diff", "--any-order", "--any-phandles", "merged.dtb", "libfdt.dtb"]).prints("");
    run("dtc", &["-q", "-I", "dtb", "-O", "dts", "-o", "x.dts", "x.dtbo"]);
    run("dtc", &["-q", "-I", "dts", "-O", "dtb", "-o", "y.dtbo", "x.dts"]);
    place.ovl(&["diff", "x.dtbo", "y.dtbo"]).prints("");
}

#[test]
fn o26_what_an_overlay_cannot_take_away() {
    let place = Place::new();
    with_hat(&place);
    let back = ["diff", "merged.dtb", "board.dtb", "--as", "overlay", "-o", "x.dtbo"];
    place.ovl(&back).fails(
        1,
        "\
ovl: no overlay can do this:
/soc/uart@9000/gps: the second tree lacks this node
/__symbols__: the second tree lacks property \"gps\"
",
    );
    assert!(!place.files().contains(&"x.dtbo".to_string()));
    place.ovl(&[&back[..], &["--missing", "disable"]].concat()).prints("");
    place
        .ovl(&["get", "-i", "merged.dtb", "--with", "x.dtbo", "/soc/uart@9000/gps", "status"])
        .prints("\"disabled\"\n");
    place.ovl(&[&back[..], &["--missing", "keep"]].concat()).prints("");
    place.ovl(&["apply", "merged.dtb", "x.dtbo", "-o", "kept.dtb"]).prints("");
    assert_eq!(
        place.ovl(&["diff", "board.dtb", "kept.dtb", "--any-phandles"]).out(),
        "+ /soc/uart@9000/gps\n+ /soc/uart@9000/gps: compatible = \"test,gps\"\n+ /__symbols__: gps = \"/soc/uart@9000/gps\"\n"
    );
}

#[test]
fn options_that_do_not_go_together() {
    let place = Place::new();
    let diff = |more: &[&str]| place.ovl(&[&["diff", "board.dtb", "board.dtb"], more].concat());
    diff(&["-o", "x"]).fails(2, "ovl: --missing and --output go with --as overlay\n");
    diff(&["--as", "overlay", "--any-order"])
        .fails(2, "ovl: an overlay passes over order and phandles by itself\n");
    assert_eq!(diff(&["--as", "json"]).out(), diff(&["--json"]).out());
}
