// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ovl params`, and `-p` of the commands that read overlays.

use crate::{as_folders, blobs, Place};
use ovl::{ApplyOptions, Tree};
use serde_json::json;

#[test]
fn o29_the_list() {
    let place = Place::new();
    let rtc = "/fragment@0/__overlay__/rtc@68";
    let list = format!(
        "\
addr
    {rtc}: reg: 32 bits at 0
speed
    {rtc}: hz: 32 bits at 4, from {{slow=100,fast=400}}
    {rtc}: status: a string, always on
alarm
    fragments +1
name
    {rtc}: label: a string
    {rtc}: named: there if on
    {rtc}: mac: bytes
    {rtc}: quiet: there if off
nothing
"
    );
    place.ovl(&["params", "clock.dtbo"]).prints(&list);
    place.ovl_reading(&blobs::clock(), &["params", "-"]).prints(&list);
    place.ovl(&["params", "pi.dtb"]).prints("uart\n    /soc/uart@9000: status: a string\n");
    as_folders(&blobs::board_with_params(), &place.path("folder"));
    place.ovl(&["params", "folder"]).prints("uart\n    /soc/uart@9000: status: a string\n");
    place.ovl(&["params", "board.dtb"]).prints("");
}

#[test]
fn o29_the_list_as_json() {
    let rtc = "/fragment@0/__overlay__/rtc@68";
    let told = Place::new().ovl(&["params", "clock.dtbo", "--json"]).json(0);
    let param = |i: usize| &told["parameters"][i];
    assert_eq!(
        *param(1),
        json!({ "name": "speed", "targets": [
            {
                "kind": "u32", "offset": 4, "node": rtc, "property": "hz",
                "table": [{ "key": "slow", "value": "100" }, { "key": "fast", "value": "400" }],
            },
            { "kind": "string", "node": rtc, "property": "status", "value": "on" },
        ] })
    );
    assert_eq!(
        *param(2),
        json!({ "name": "alarm", "targets": [{ "kind": "fragments", "operations": "+1" }] })
    );
    let kinds = param(3)["targets"].as_array().unwrap().iter().map(|target| &target["kind"]);
    assert_eq!(kinds.collect::<Vec<_>>(), ["string", "bool", "bytes", "inverted"]);
    assert_eq!(*param(4), json!({ "name": "nothing", "targets": [] }));
}

#[test]
fn o29_each_overlay_has_its_own() {
    let place = Place::new();
    let args = [
        "apply",
        "board.dtb",
        "clock.dtbo",
        "-p",
        "addr=0x50",
        "--param",
        "alarm",
        "clock.dtbo",
        "-p",
        "addr=81",
    ];
    place.ovl(&[&args[..], &["-o", "out.dtb"]].concat()).prints("");
    assert_eq!(
        place.ovl(&["diff", "board.dtb", "out.dtb"]).out(),
        "\
+ /: alarm
+ /soc/rtc@50
+ /soc/rtc@50: reg = <0x50>
+ /soc/rtc@50: phandle = <0x3>
+ /soc/rtc@51
+ /soc/rtc@51: reg = <0x51>
+ /soc/rtc@51: phandle = <0x5>
"
    );
    let tree = Tree::from_fdt(&blobs::board()).unwrap();
    for settings in [&["addr=0x50", "alarm"][..], &["addr=81"]] {
        let blob = ovl::set_params(&blobs::clock(), None, settings).unwrap();
        tree.apply(&blob, &ApplyOptions::default()).unwrap();
    }
    assert_eq!(place.read("out.dtb"), tree.to_fdt().unwrap());
    let told = place.ovl(&[&args[..], &["--dry-run", "--json"]].concat()).json(0);
    assert_eq!(told["overlays"][1]["changes"], json!([{ "change": "attach", "path": "/soc/rtc@51" }]));
}

#[test]
fn o29_the_base_has_some_too() {
    let place = Place::new();
    place.ovl(&["apply", "pi.dtb", "-p", "uart=on", "-o", "out.dtb"]).prints("");
    place.ovl(&["get", "-i", "out.dtb", "/soc/uart@9000", "status"]).prints("\"okay\"\n");
    place.ovl(&["apply", "pi.dtb", "-p", "uart", "clock.dtbo", "-p", "addr=1", "-o", "out.dtb"]).prints("");
    place.ovl(&["tree", "-i", "out.dtb", "/soc"]).prints("/soc\n  uart@9000\n  rtc@1\n");
    place
        .ovl(&["apply", "pi.dtb", "-p", "spi=on", "-o", "no.dtb"])
        .fails(1, "ovl: devicetree pi.dtb: no parameter \"spi\" among uart\n");
    assert!(!place.path("no.dtb").exists());
}

#[test]
fn o29_errors_name_overlay_parameter_and_target() {
    let place = Place::new();
    let apply = |param| place.ovl(&["apply", "board.dtb", "clock.dtbo", "-p", param, "-o", "out.dtb"]);
    apply("hour=1")
        .fails(1, "ovl: overlay clock.dtbo: no parameter \"hour\" among addr, speed, alarm, name, nothing\n");
    apply("speed=warp").fails(
        1,
        "ovl: overlay clock.dtbo: parameter \"speed\": /fragment@0/__overlay__/rtc@68: property \"hz\": \
         \"warp\" is not in its table, which has slow, fast\n",
    );
    apply("addr=0x100000000").fails(
        1,
        "ovl: overlay clock.dtbo: parameter \"addr\": /fragment@0/__overlay__/rtc@68: property \"reg\": \
         4294967296 does not fit 32 bits\n",
    );
    assert!(!place.path("out.dtb").exists());
}

#[test]
fn o29_who_looks_at_a_tree_sets_them_too() {
    let place = Place::new();
    let with =
        ["-i", "pi.dtb", "-p", "uart", "--with", "clock.dtbo", "-p", "addr=0x50", "--with", "clock.dtbo"];
    let with = |args: &[&str]| place.ovl(&[args, &with, &["--param", "addr=81"]].concat());
    with(&["tree", "/soc"]).prints("/soc\n  uart@9000\n  rtc@50  [clock.dtbo]\n  rtc@51  [clock.dtbo]\n");
    with(&["get", "/soc/uart@9000", "status"]).prints("\"okay\"\n");
    with(&["get", "/soc/rtc@51", "reg"]).prints("<0x51>\n");
    place
        .ovl(&["apply", "pi.dtb", "-p", "uart", "clock.dtbo", "-p", "addr=0x50", "-o", "out.dtb"])
        .prints("");
    let applied = place.ovl(&["dts", "-i", "out.dtb"]);
    place
        .ovl(&["dts", "-i", "pi.dtb", "-p", "uart", "--with", "clock.dtbo", "-p", "addr=0x50"])
        .prints(applied.out());
    assert!(with(&["dot"]).out().contains("tooltip=\"/soc/rtc@51\""));
    as_folders(&blobs::board_with_params(), &place.path("folder"));
    place.ovl(&["get", "-i", "folder", "-p", "uart", "/soc/uart@9000", "status"]).prints("\"okay\"\n");
}

#[test]
fn o29_who_checks_sets_them_too() {
    let place = Place::new();
    let base = ["--base", "pi.dtb", "-p", "uart"];
    let check = |args: &[&str]| place.ovl(&[&["check"], args, &base].concat());
    check(&["clock.dtbo", "-p", "addr=0x50", "clock.dtbo", "-p", "addr=0x51"])
        .prints("clock.dtbo: ok\nclock.dtbo: ok\n");
    place.ovl(&["check", "clock.dtbo", "-p", "addr=0x50"]).prints("clock.dtbo: ok\n");
    let unknown = place.ovl(&["check", "clock.dtbo", "-p", "hour=1"]);
    let sentence = "overlay clock.dtbo: no parameter \"hour\" among addr, speed, alarm, name, nothing\n";
    assert_eq!((unknown.code(), unknown.out()), (1, sentence));
    let conflicts =
        |second| check(&["--conflicts", "clock.dtbo", "-p", "addr=1", "clock.dtbo", "-p", second]);
    let same = conflicts("addr=1");
    assert!(same.code() == 1 && same.out().contains(": node: both bring /soc/rtc@1\n"), "{same:?}");
    conflicts("addr=2").prints("clock.dtbo: ok\nclock.dtbo: ok\n");
}

#[test]
fn o29_a_parameter_stands_behind_a_file() {
    let place = Place::new();
    for args in [
        ["tree", "-p", "uart", "-i", "pi.dtb"].as_slice(),
        &["check", "-p", "addr=1", "clock.dtbo"],
        &["check", "clock.dtbo", "--base", "pi.dtb", "--remove", "clock.dtbo", "-p", "addr=1"],
    ] {
        let ran = place.ovl(args);
        assert_eq!((ran.code(), ran.out()), (2, ""), "{args:?}");
        assert!(ran.err().contains("does not stand behind the file that it is for"), "{}", ran.err());
    }
}
