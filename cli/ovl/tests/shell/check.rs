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

#[test]
fn o27_what_overlays_would_fight_over() {
    let place = Place::new();
    let ran = place.ovl(&["check", "--conflicts", "hat.dtbo", "screen.dtbo", "hat.dtbo"]);
    assert_eq!((ran.code(), ran.err()), (1, ""));
    assert_eq!(
        ran.out(),
        "\
hat.dtbo: ok
screen.dtbo: ok
hat.dtbo: ok
hat.dtbo (the first) and screen.dtbo (the second): needs: the second goes into &uart0/gps, which the first brings
hat.dtbo (the first) and screen.dtbo (the second): needs: the second refers to label \"gps\", which the first brings
hat.dtbo (the first) and hat.dtbo (the second): node: both bring &uart0/gps
hat.dtbo (the first) and hat.dtbo (the second): phandle: both give &uart0/gps a phandle
hat.dtbo (the first) and hat.dtbo (the second): label: both bring the label \"gps\"
screen.dtbo (the first) and hat.dtbo (the second): needs: the first goes into &uart0/gps, which the second brings
screen.dtbo (the first) and hat.dtbo (the second): needs: the first refers to label \"gps\", which the second brings
"
    );
    // That one needs the other is no conflict, as long as it comes first.
    let both = ["check", "--conflicts", "hat.dtbo", "screen.dtbo", "--base", "board.dtb"];
    let ran = place.ovl(&both);
    assert_eq!((ran.code(), ran.err(), ran.out().lines().count()), (0, "", 4), "{}", ran.out());
    let told = place.ovl(&["check", "--conflicts", "bus.dtbo", "twice.dtbo", "hat.dtbo", "--json"]).json(0);
    assert_eq!(told["conflicts"], json!([]));
    let told = place
        .ovl(&["check", "--conflicts", "twice.dtbo", "hat.dtbo", "--base", "board.dtb", "--json"])
        .json(1);
    assert_eq!(
        told["conflicts"][0],
        json!({
            "first": "twice.dtbo",
            "second": "hat.dtbo",
            "conflict": "property",
            "place": "/soc/uart@9000",
            "message": "both set \"status\" of /soc/uart@9000, to \"fail\" and to \"okay\"",
        })
    );
    place
        .ovl(&["check", "--conflicts", "hat.dtbo", "board.dtb"])
        .fails(1, "ovl: hat.dtbo and board.dtb: the second overlay: no fragment with __overlay__\n");
}

#[test]
fn o28_what_a_removal_would_break() {
    let place = Place::new();
    let check = |more: &[&str]| place.ovl(&[&["check", "hat.dtbo", "screen.dtbo"], more].concat());
    let ran = check(&["--base", "board.dtb", "--remove", "hat.dtbo", "--remove", "screen.dtbo"]);
    assert_eq!((ran.code(), ran.err()), (1, ""));
    let lines: Vec<&str> = ran.out().lines().collect();
    assert!(lines[2].starts_with("hat.dtbo: problem: overlay "), "{lines:?}");
    assert!(lines[2].ends_with("(screen.dtbo) has set properties of /soc/uart@9000/gps"), "{lines:?}");
    assert_eq!(lines[3], "screen.dtbo: can be removed");
    let told = check(&["--base", "board.dtb", "--remove", "hat.dtbo", "--json"]).json(1);
    assert_eq!(told["removals"][0]["file"], json!("hat.dtbo"));
    assert_eq!(told["removals"][0]["problems"][0]["errno"], json!(16));
    assert_eq!(told["removals"][0]["dangling"], json!([]));
    check(&["--base", "board.dtb", "--remove", "bus.dtbo"])
        .fails(2, "ovl: --remove bus.dtbo: it is not one of the files to check\n");
    assert_eq!(check(&["--remove", "hat.dtbo"]).code(), 2);
}
