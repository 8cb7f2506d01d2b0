// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ovl apply`.

use crate::{as_folders, blobs, Place};
use ovl::{ApplyOptions, Mode, Tree};
use serde_json::json;

const BAD: &str = "\
ovl: overlay bad.dtbo: fragment@0: label \"i2c_arm\" (used by property \"target\") is not in /__symbols__ of the base
ovl: overlay bad.dtbo: fragment@1: target-path /nowhere leads to no node
";

/// What the library makes of these overlays.
fn merged(overlays: &[Vec<u8>], mode: Mode) -> Vec<u8> {
    let tree = Tree::from_fdt(&blobs::board()).unwrap();
    for overlay in overlays {
        tree.apply(overlay, &ApplyOptions { mode, ..Default::default() }).unwrap();
    }
    tree.to_fdt().unwrap()
}

#[test]
fn the_result_is_the_librarys() {
    let place = Place::new();
    place.ovl(&["apply", "board.dtb", "hat.dtbo", "screen.dtbo", "-o", "out.dtb"]).prints("");
    assert_eq!(place.read("out.dtb"), merged(&[blobs::hat(), blobs::screen()], Mode::Default));
    assert_ne!(place.read("out.dtb"), place.read("board.dtb"));
}

#[test]
fn standard_streams_and_folders() {
    let place = Place::new();
    let expected = merged(&[blobs::hat()], Mode::Default);
    let ran = place.ovl_reading(&blobs::board(), &["apply", "-", "hat.dtbo", "-o", "-"]);
    assert_eq!((ran.code(), ran.err()), (0, ""));
    assert!(ran.0.stdout == expected);
    let ran = place.ovl_reading(&blobs::hat(), &["apply", "board.dtb", "-", "-o", "-"]);
    assert!(ran.code() == 0 && ran.0.stdout == expected);
    as_folders(&blobs::board(), &place.path("device-tree"));
    place.ovl(&["apply", "device-tree", "hat.dtbo", "-o", "out.dtb"]).prints("");
    place.write("expected.dtb", &expected);
    place.ovl(&["diff", "--any-order", "out.dtb", "expected.dtb"]).prints("");
    place
        .ovl_reading(&blobs::board(), &["apply", "-", "-", "-o", "out.dtb"])
        .fails(1, "ovl: standard input (\"-\") can be given only once\n");
}

#[test]
fn o12_o13_everything_that_is_wrong_is_told_and_nothing_written() {
    let place = Place::new();
    place.write("out.dtb", b"as it was");
    let before = place.files();
    place.ovl(&["apply", "board.dtb", "hat.dtbo", "bad.dtbo", "-o", "out.dtb"]).fails(1, BAD);
    assert_eq!(place.read("out.dtb"), b"as it was");
    assert_eq!(place.files(), before);
}

#[test]
fn o13_a_dry_run_tells_the_changes_and_writes_nothing() {
    let place = Place::new();
    let before = place.files();
    let ran = place.ovl(&["apply", "board.dtb", "hat.dtbo", "screen.dtbo", "--dry-run", "-o", "out.dtb"]);
    ran.prints(
        "\
hat.dtbo: update /soc/uart@9000: status
hat.dtbo: attach /soc/uart@9000/gps
hat.dtbo: add /__symbols__: gps
screen.dtbo: add /soc/uart@9000/gps: screen-size
",
    );
    place.ovl(&["apply", "board.dtb", "bad.dtbo", "-n"]).fails(1, BAD);
    assert_eq!(place.files(), before);
}

#[test]
fn json_tells_what_was_changed() {
    let place = Place::new();
    let ran = place.ovl(&["apply", "board.dtb", "hat.dtbo", "-o", "out.dtb", "--json"]);
    assert_eq!(
        ran.json(0),
        json!({
            "ok": true,
            "output": "out.dtb",
            "overlays": [{
                "file": "hat.dtbo",
                "ok": true,
                "problems": [],
                "changes": [
                    { "change": "update", "path": "/soc/uart@9000", "property": "status" },
                    { "change": "attach", "path": "/soc/uart@9000/gps" },
                    { "change": "add", "path": "/__symbols__", "property": "gps" },
                ],
            }],
        })
    );
    assert!(place.path("out.dtb").exists());
}

#[test]
fn json_tells_what_stands_in_the_way() {
    let place = Place::new();
    let told = place.ovl(&["apply", "board.dtb", "bad.dtbo", "hat.dtbo", "-o", "out.dtb", "--json"]).json(1);
    assert_eq!((&told["ok"], &told["output"]), (&json!(false), &json!(null)));
    assert_eq!(
        told["overlays"].as_array().unwrap().len(),
        1,
        "the first that fails is the last that is tried"
    );
    let problem = &told["overlays"][0]["problems"][1];
    let sentence = "overlay bad.dtbo: fragment@1: target-path /nowhere leads to no node";
    assert_eq!(problem, &json!({ "message": sentence, "errno": 22 }));
    assert!(!place.path("out.dtb").exists());
}

#[test]
fn modes() {
    let place = Place::new();
    let twice = |mode| place.ovl(&["apply", "board.dtb", "twice.dtbo", "-o", "out.dtb", "--mode", mode]);
    let sentence = "ovl: overlay twice.dtbo: fragment@1: property \"status\" of /soc/uart@9000: two fragments touch it\n";
    twice("default").fails(1, sentence);
    twice("linux").fails(1, sentence);
    twice("libfdt").prints("");
    assert_eq!(place.read("out.dtb"), merged(&[blobs::twice()], Mode::Libfdt));
    // Only Linux needs labels in the base for labels in the overlay.
    place.write("large.dtb", &blobs::large());
    place.write("labels.dtbo", &blobs::labels());
    let labels = |mode| place.ovl(&["apply", "large.dtb", "labels.dtbo", "-o", "out.dtb", "--mode", mode]);
    labels("default").prints("");
    labels("linux").fails(1, "ovl: overlay labels.dtbo: it has symbols, but the base has no /__symbols__\n");
}

#[test]
fn o7_a_label_on_a_node_without_phandle() {
    let place = Place::new();
    place
        .ovl(&["apply", "board.dtb", "bus.dtbo", "-n"])
        .prints("bus.dtbo: add /soc/i2c@a000: phandle\nbus.dtbo: update /soc/i2c@a000: status\n");
    place.ovl(&["get", "&i2c1", "phandle", "-i", "board.dtb", "--with", "bus.dtbo"]).prints("<0x2>\n");
}

#[test]
fn o8_a_base_node_by_path_alias_or_label() {
    let place = Place::new();
    for (option, node) in [("--base", "/soc/uart@9000"), ("--base-node", "serial0"), ("--base", "&uart0")] {
        place.ovl(&["apply", "board.dtb", "card.dtbo", "-o", "out.dtb", option, node]).prints("");
        assert_eq!(place.ovl(&["diff", "board.dtb", "out.dtb"]).out(), "+ /soc/uart@9000/eeprom\n");
    }
    place.ovl(&["apply", "board.dtb", "card.dtbo", "-o", "out.dtb", "--base", "/pci"]).fails(
        1,
        "ovl: /pci: no node \"pci\" in /\novl: \"ovl tree /\", with the same files, shows what is there\n",
    );
}

#[test]
fn files_that_cannot_be_read_or_are_no_blobs() {
    let place = Place::new();
    let missing = "ovl: none: No such file or directory (os error 2)\n";
    place.ovl(&["apply", "none", "hat.dtbo", "-o", "out.dtb"]).fails(1, missing);
    place.ovl(&["apply", "board.dtb", "none", "-o", "out.dtb"]).fails(1, missing);
    place.write("text", b"this is not a blob, this is a text");
    let malformed = "malformed devicetree blob: no magic number 0xd00dfeed at offset 0x0\n";
    place.ovl(&["apply", "text", "hat.dtbo", "-o", "out.dtb"]).fails(1, &format!("ovl: text: {malformed}"));
    place
        .ovl(&["apply", "board.dtb", "text", "-o", "out.dtb"])
        .fails(1, &format!("ovl: overlay text: {malformed}"));
}
