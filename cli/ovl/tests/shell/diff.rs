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
