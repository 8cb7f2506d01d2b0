// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ovl tree`, `ovl get`, `ovl dts`: the same input, three ways to look at it.

use crate::{as_folders, blobs, Place};
use ovl::{ApplyOptions, DtsOptions, Tree};
use serde_json::json;
use std::path::Path;

const WITH_HAT: [&str; 6] = ["-i", "board.dtb", "--with", "hat.dtbo", "--with", "screen.dtbo"];

fn with_hat<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [args, &WITH_HAT].concat()
}

#[test]
fn o24_the_tree_with_the_overlays_that_brought_it() {
    let place = Place::new();
    place
        .ovl(&["tree", "-i", "board.dtb"])
        .prints("/\n  aliases\n  soc\n    uart@9000\n    i2c@a000\n  __symbols__\n");
    place.ovl(&with_hat(&["tree"])).prints(
        "\
/
  aliases
  soc
    uart@9000  [status: hat.dtbo]
      gps  [hat.dtbo]  [screen-size: screen.dtbo]
    i2c@a000
  __symbols__  [gps: hat.dtbo]
",
    );
    let part = "/soc/uart@9000  [status: hat.dtbo]\n  gps  [hat.dtbo]  [screen-size: screen.dtbo]\n";
    for node in ["/soc/uart@9000", "/soc/uart", "serial0", "&uart0"] {
        place.ovl(&with_hat(&["tree", node])).prints(part);
    }
}

/// The colours of terminals, made readable.
fn readable(ran: &str) -> String {
    ran.replace("\x1b[0m", "}").replace("\x1b[", "{").replace('\r', "")
}

#[test]
fn o24_the_tree_in_colours() {
    let place = Place::new();
    let ran = place.ovl(&with_hat(&["tree", "--color", "always"]));
    assert_eq!(
        readable(ran.out()),
        "\
/
{2m├─ }aliases
{2m├─ }soc
{2m│  ├─ }uart{2m@9000}  {32m[status: hat.dtbo]}
{2m│  │  └─ }{1;32mgps}  {32m[hat.dtbo]}  {33m[screen-size: screen.dtbo]}
{2m│  └─ }{2mi2c}{2m@a000}{2m disabled}
{2m└─ }__symbols__  {32m[gps: hat.dtbo]}
"
    );
    let plain = place.ovl(&with_hat(&["tree"])).out().to_string();
    place.ovl(&with_hat(&["tree", "--color", "never"])).prints(&plain);
    place.ovl(&with_hat(&["tree", "--color", "auto"])).prints(&plain);
}

#[test]
fn a_terminal_gets_lines_and_unless_no_color_is_set_colours() {
    let place = Place::new();
    let in_terminal = |variables: &[(&str, &str)], more: &str| {
        let program = env!("CARGO_BIN_EXE_ovl");
        let line = format!("'{program}' tree -i board.dtb --with hat.dtbo /soc/uart {more}");
        let mut script = std::process::Command::new("script");
        script.args(["-qec", &line, "/dev/null"]).current_dir(place.path(""));
        script.env_remove("NO_COLOR").env("TERM", "xterm").envs(variables.iter().copied());
        let ran = script.stdin(std::process::Stdio::null()).output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
        readable(std::str::from_utf8(&ran.stdout).unwrap())
    };
    let lines = "/soc/uart@9000  [status: hat.dtbo]\n└─ gps  [hat.dtbo]\n";
    let colours = "/soc/uart{2m@9000}  {32m[status: hat.dtbo]}\n{2m└─ }{1;32mgps}  {32m[hat.dtbo]}\n";
    assert_eq!(in_terminal(&[], ""), colours);
    assert_eq!(in_terminal(&[("NO_COLOR", "")], ""), colours, "empty is not set");
    assert_eq!(in_terminal(&[("NO_COLOR", "1")], ""), lines);
    assert_eq!(in_terminal(&[("TERM", "dumb")], ""), lines);
    assert_eq!(in_terminal(&[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")], ""), colours);
    assert_eq!(in_terminal(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], ""), lines);
    assert_eq!(in_terminal(&[], "--color never"), lines);
    assert_eq!(in_terminal(&[("NO_COLOR", "1")], "--color always"), colours, "who asks for them gets them");
}

#[test]
fn o24_the_tree_as_json() {
    let place = Place::new();
    let told = place.ovl(&with_hat(&["tree", "--json"])).json(0);
    let uart = &told["children"][1]["children"][0];
    assert_eq!(
        (&uart["path"], &uart["origin"], &uart["phandle"]),
        (&json!("/soc/uart@9000"), &json!(null), &json!(1))
    );
    assert_eq!(
        uart["children"],
        json!([{
            "name": "gps",
            "path": "/soc/uart@9000/gps",
            "phandle": 3,
            "origin": "hat.dtbo",
            "properties": [
                { "name": "compatible", "value": "\"test,gps\"", "bytes": "746573742c67707300", "origin": "hat.dtbo" },
                { "name": "phandle", "value": "<0x3>", "bytes": "00000003", "origin": "hat.dtbo" },
                { "name": "screen-size", "value": "<0x140 0xf0>", "bytes": "00000140000000f0", "origin": "screen.dtbo" },
            ],
            "children": [],
        }])
    );
}

#[test]
fn all_properties_of_a_node() {
    let place = Place::new();
    place.ovl(&["get", "serial0", "-i", "board.dtb"]).prints(
        "\
status = \"disabled\"
reg = <0x9000 0x100>
clock-names = \"core\", \"bus\"
dma-coherent
mac = [de ad be]
three = <0x1 0x2 0x3>
phandle = <0x1>
",
    );
    let told = place.ovl(&["get", "serial0", "-i", "board.dtb", "--json"]).json(0);
    assert_eq!(told["path"], json!("/soc/uart@9000"));
    assert_eq!(
        told["properties"][3],
        json!({ "name": "dma-coherent", "value": "", "bytes": "", "origin": null })
    );
}

#[test]
fn a_value_as_what_it_is_asked_for() {
    let place = Place::new();
    let get = |prop, kind: &[&str]| place.ovl(&[&["get", "serial0", prop, "-i", "board.dtb"], kind].concat());
    get("clock-names", &[]).prints("\"core\", \"bus\"\n");
    get("clock-names", &["--type", "string"]).prints("core\nbus\n");
    get("reg", &[]).prints("<0x9000 0x100>\n");
    get("reg", &["--type", "u32"]).prints("36864 256\n");
    get("reg", &["--type", "u64"]).prints(&format!("{}\n", 0x9000_u64 << 32 | 256));
    get("mac", &["--type", "bytes"]).prints("de ad be\n");
    get("dma-coherent", &[]).prints("\n");
    assert_eq!(get("mac", &["--type", "raw"]).0.stdout, [0xde, 0xad, 0xbe]);
    place.ovl(&with_hat(&["get", "serial0", "status"])).prints("\"okay\"\n");
}

#[test]
fn a_value_as_json() {
    let place = Place::new();
    let get = |prop, kind| {
        place.ovl(&["get", "serial0", prop, "-i", "board.dtb", "--json", "--type", kind]).json(0)
    };
    assert_eq!(
        get("reg", "u32"),
        json!({ "name": "reg", "value": [36864, 256], "bytes": "0000900000000100", "origin": null })
    );
    assert_eq!(get("reg", "u64")["value"], json!([0x9000_u64 << 32 | 256]));
    assert_eq!(get("clock-names", "string")["value"], json!(["core", "bus"]));
    assert_eq!(get("mac", "bytes")["value"], json!([0xde, 0xad, 0xbe]));
    let told = place.ovl(&with_hat(&["get", "serial0", "status", "--json"])).json(0);
    assert_eq!((&told["value"], &told["origin"]), (&json!("\"okay\""), &json!("hat.dtbo")));
}

#[test]
fn a_value_that_is_not_what_it_is_asked_for() {
    let place = Place::new();
    let get = |prop, kind| place.ovl(&["get", "serial0", prop, "-i", "board.dtb", "--type", kind]);
    get("mac", "u32").fails(1, "ovl: /soc/uart@9000: property \"mac\": 3 bytes are not whole cells\n");
    get("three", "u64")
        .fails(1, "ovl: /soc/uart@9000: property \"three\": 12 bytes are not whole numbers of 64 bits\n");
    get("mac", "string")
        .fails(1, "ovl: /soc/uart@9000: property \"mac\" is not a list of strings: it does not end in NUL\n");
    get("dma-coherent", "u32").fails(1, "ovl: /soc/uart@9000: property \"dma-coherent\" has no value\n");
    get("none", "u32").fails(1, "ovl: /soc/uart@9000: no property \"none\"\n");
}

#[test]
fn nodes_that_are_not_there() {
    let place = Place::new();
    for (node, sentence, next) in [
        (
            "/soc/spi",
            "/soc/spi: no node \"spi\" in /soc",
            "\"ovl tree /soc\", with the same files, shows what is there",
        ),
        (
            "/spi/a",
            "/spi/a: no node \"spi\" in /",
            "\"ovl tree /\", with the same files, shows what is there",
        ),
        (
            "&spi0",
            "label \"spi0\" is not in /__symbols__",
            "\"ovl get /__symbols__\", with the same files, lists the labels",
        ),
        (
            "spi0",
            "no alias \"spi0\" in /aliases",
            "\"ovl get /aliases\", with the same files, lists the aliases; a path begins with /",
        ),
        ("board.dtb", "no alias \"board.dtb\" in /aliases", "to read the file board.dtb, say -i board.dtb"),
    ] {
        let told = format!("ovl: {sentence}\novl: {next}\n");
        place.ovl(&["tree", node, "-i", "board.dtb"]).fails(1, &told);
        place.ovl(&["get", node, "-i", "board.dtb"]).fails(1, &told);
    }
    place
        .ovl(&["get", "/__symbols__", "-i", "board.dtb"])
        .prints("uart0 = \"/soc/uart@9000\"\ni2c1 = \"/soc/i2c@a000\"\n");
}

#[test]
fn files_that_are_not_there() {
    let place = Place::new();
    let told = "ovl: nope.dtb: No such file or directory (os error 2)";
    place
        .ovl(&["tree", "-i", "nope.dtb"])
        .fails(1, &format!("{told}; there is board.dtb, crowded.dtb, pi.dtb, wired.dtb\n"));
    place.write("a.dtb", b"");
    place
        .ovl(&["tree", "-i", "nope.dtb"])
        .fails(1, &format!("{told}; there is a.dtb, board.dtb, crowded.dtb, pi.dtb and 1 more\n"));
    for (file, why) in [("nope", ""), ("no/such.dtb", "")] {
        place
            .ovl(&["tree", "-i", file])
            .fails(1, &format!("ovl: {file}: No such file or directory (os error 2){why}\n"));
    }
}

#[test]
fn source_is_the_librarys() {
    let place = Place::new();
    let tree = Tree::from_fdt(&blobs::board()).unwrap();
    let dts = |sorted, origins| tree.to_dts(DtsOptions { sorted, origins }).unwrap();
    place.ovl(&["dts", "-i", "board.dtb"]).prints(&dts(false, false));
    for (name, blob) in [("hat.dtbo", blobs::hat()), ("screen.dtbo", blobs::screen())] {
        tree.apply(&blob, &ApplyOptions { name: Some(name), ..Default::default() }).unwrap();
    }
    place.ovl(&with_hat(&["dts"])).prints(&dts(false, false));
    place.ovl(&with_hat(&["dts", "--sorted"])).prints(&dts(true, false));
    let ran = place.ovl(&with_hat(&["dts", "--origins"]));
    // The ids of overlays are those of the process, the names are the files'.
    assert!(ran.out().contains("status = \"okay\"; /* overlay 1 (hat.dtbo) */\n"), "{}", ran.out());
    assert!(
        ran.out().contains("screen-size = <0x140 0xf0>; /* overlay 2 (screen.dtbo) */\n"),
        "{}",
        ran.out()
    );
}

#[test]
fn input_from_a_file_a_folder_or_standard_input() {
    let place = Place::new();
    as_folders(&blobs::board(), &place.path("folder"));
    let sorted = place.ovl(&["dts", "-i", "board.dtb", "--sorted"]);
    place.ovl(&["dts", "--input", "folder", "--sorted"]).prints(sorted.out());
    place.ovl_reading(&blobs::board(), &["dts", "-i", "-", "--sorted"]).prints(sorted.out());
    place.ovl_reading(&blobs::board(), &["get", "-i", "-", "/", "model"]).prints("\"Test Board\"\n");
}

#[test]
fn without_input_it_is_the_system_that_is_looked_at() {
    let place = Place::new();
    let of_the_system = Path::new("/proc/device-tree").is_dir();
    for args in [["tree", "/"].as_slice(), &["get", "/"], &["dts"]] {
        let ran = place.ovl(args);
        match of_the_system {
            true => ran.prints(place.ovl(&[args, &["-i", "/proc/device-tree"]].concat()).out()),
            false => ran.fails(
                2,
                "ovl: no devicetree to read: give one with -i FILE (/proc/device-tree does not exist here)\n",
            ),
        }
    }
}

#[test]
fn overlays_that_cannot_be_applied() {
    let place = Place::new();
    for command in [["tree", "/"].as_slice(), &["get", "/"], &["dts"]] {
        place.ovl(&[command, &["-i", "board.dtb", "--with", "screen.dtbo"]].concat()).fails(
            1,
            "ovl: overlay screen.dtbo: fragment@0: label \"gps\" (used by property \"target\") is not in \
             /__symbols__ of the base\n",
        );
    }
    place
        .ovl(&["get", "serial0", "status", "-i", "board.dtb", "--with", "twice.dtbo", "--mode", "libfdt"])
        .prints("\"fail\"\n");
}
