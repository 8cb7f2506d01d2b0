// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ovl check`.

use crate::{as_folders, blobs, Place};
use serde_json::json;

#[test]
fn o1_each_blob_is_checked() {
    let place = Place::new();
    as_folders(&blobs::board(), &place.path("folder"));
    place
        .ovl_reading(&blobs::board(), &["check", "board.dtb", "-", "folder", "bad.dtbo"])
        .prints("board.dtb: ok\n-: ok\nfolder: ok\nbad.dtbo: ok\n");
    let board = blobs::board();
    place.write("cut.dtb", &board[..board.len() - 1]);
    let ran = place.ovl(&["check", "cut.dtb", "none", "board.dtb"]);
    assert_eq!((ran.code(), ran.err()), (1, ""));
    assert_eq!(
        ran.out(),
        "\
cut.dtb: malformed devicetree blob: total size larger than the buffer at offset 0x4
none: No such file or directory (os error 2)
board.dtb: ok
"
    );
}

#[test]
fn o13_overlays_on_a_base_with_everything_that_stops_them() {
    let place = Place::new();
    place
        .ovl(&["check", "hat.dtbo", "screen.dtbo", "--base", "board.dtb"])
        .prints("hat.dtbo: ok\nscreen.dtbo: ok\n");
    // Without the hat there is nothing for the screen; what failed is left out for those behind it.
    let ran = place.ovl(&["check", "screen.dtbo", "bad.dtbo", "hat.dtbo", "--base", "board.dtb"]);
    assert_eq!((ran.code(), ran.err()), (1, ""));
    assert_eq!(
        ran.out(),
        "\
overlay screen.dtbo: fragment@0: label \"gps\" (used by property \"target\") is not in /__symbols__ of the base
overlay bad.dtbo: fragment@0: label \"i2c_arm\" (used by property \"target\") is not in /__symbols__ of the base
overlay bad.dtbo: fragment@1: target-path /nowhere leads to no node
hat.dtbo: ok
"
    );
}

#[test]
fn the_base_has_to_be_there() {
    let place = Place::new();
    place
        .ovl(&["check", "hat.dtbo", "--base", "none"])
        .fails(1, "ovl: none: No such file or directory (os error 2)\n");
}

#[test]
fn json_for_every_file() {
    let place = Place::new();
    let told = place.ovl(&["check", "twice.dtbo", "card.dtbo", "--base", "board.dtb", "--json"]).json(1);
    assert_eq!(told["ok"], json!(false));
    let problems = json!([{
        "message": "overlay twice.dtbo: fragment@1: property \"status\" of /soc/uart@9000: two fragments touch it",
        "errno": 22,
    }]);
    assert_eq!(told["files"][0]["problems"], problems);
    assert_eq!(
        told["files"][1],
        json!({
            "file": "card.dtbo",
            "ok": true,
            "problems": [],
            "changes": [{ "change": "attach", "path": "/eeprom" }],
        })
    );
    place.write("text", b"no blob");
    let told = place.ovl(&["check", "text", "--json"]).json(1);
    assert_eq!(told["files"][0]["problems"][0]["errno"], json!(22));
    assert_eq!(place.ovl(&["check", "board.dtb", "--json"]).json(0)["ok"], json!(true));
}
