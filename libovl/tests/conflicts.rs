// SPDX-License-Identifier: MIT OR Apache-2.0
//! Conflicts: what two overlays would fight over, told before either is applied.

mod common;

use common::*;
use ovl::{conflicts, ApplyOptions, Tree};

/// What is told of two overlays, the other way round too: there "first" and "second" have changed places.
#[track_caller]
fn told(a: &Overlay, b: &Overlay, base: Option<&Tree>) -> Vec<String> {
    let lines = |a: &Overlay, b: &Overlay| -> Vec<String> {
        conflicts(&a.blob(), &b.blob(), base).unwrap().iter().map(ToString::to_string).collect()
    };
    let (there, back) = (lines(a, b), lines(b, a));
    assert_eq!(there.len(), back.len(), "{there:#?} and back {back:#?}");
    there
}

fn status(to: To, value: &str) -> Overlay {
    overlay().fragment(to, node("").text("status", value))
}

fn brings(to: To, child: Body) -> Overlay {
    overlay().fragment(to, node("").child(child))
}

fn sensor(name: &str) -> Body {
    node(name).text("compatible", "acme,sensor").cells("reg", &[0x48])
}

#[test]
fn o27_one_property_two_values() {
    let sentence =
        |place: &str| [format!("property: both set \"status\" of {place}, to \"okay\" and to \"fail\"")];
    let (a, b) = (status(To::Label("uart0"), "okay"), status(To::Label("uart0"), "fail"));
    assert_eq!(told(&a, &b, None), sentence("&uart0"));
    assert_eq!(told(&a, &b, Some(&board().tree())), sentence("/soc/uart@9000"));
    assert_eq!(told(&a, &a, None), [""; 0]);
    assert_eq!(told(&a, &a, Some(&board().tree())), [""; 0]);
    // Only a base can tell that label and path are one place.
    let b = status(To::Path("/soc/uart"), "fail");
    assert_eq!(told(&a, &b, None), [""; 0]);
    assert_eq!(told(&a, &b, Some(&board().tree())), sentence("/soc/uart@9000"));
    // A node further down, reached from another target.
    let b = brings(To::Label("soc"), node("uart@9000").text("status", "fail"));
    assert_eq!(
        told(&status(To::Path("/soc/uart@9000"), "okay"), &b, Some(&board().tree())),
        sentence("/soc/uart@9000")
    );
}

#[test]
fn o27_references_are_compared_by_where_they_lead() {
    let refers = |label: &str| {
        overlay().fragment(To::Label("uart0"), node("").cells("clocks", &[u32::MAX])).uses(
            label,
            "/fragment@0/__overlay__",
            "clocks",
            0,
        )
    };
    assert_eq!(told(&refers("soc"), &refers("soc"), None), [""; 0]);
    assert_eq!(
        told(&refers("soc"), &refers("intc"), None),
        ["property: both set \"clocks\" of &uart0, to refer to &soc and to &intc"]
    );
    assert_eq!(
        told(&refers("soc"), &refers("intc"), Some(&board().tree())),
        ["property: both set \"clocks\" of /soc/uart@9000, to refer to /soc and to /soc/intc@1000"]
    );
    let own = |name: &str| {
        overlay()
            .fragment(To::Label("uart0"), node("").cells("clocks", &[1]).child(node(name).phandle(1)))
            .refers("/fragment@0/__overlay__", "clocks", 0)
    };
    assert_eq!(
        told(&own("x"), &own("y"), None),
        ["property: both set \"clocks\" of &uart0, to refer to &uart0/x and to &uart0/y"]
    );
}

#[test]
fn o27_one_node_brought_by_both() {
    let a = brings(To::Label("i2c0"), sensor("sensor@48"));
    let node_line = |place: &str| format!("node: both bring {place}");
    assert_eq!(told(&a, &a, None), [node_line("&i2c0/sensor@48")]);
    assert_eq!(told(&a, &a, Some(&board().tree())), [node_line("/soc/i2c@a000/sensor@48")]);
    // A node that the base has is brought by nobody.
    let with = board().child(node("bus").child(node("dev"))).tree();
    let b = brings(To::Path("/bus"), node("dev").text("compatible", "acme,dev"));
    assert_eq!(told(&b, &b, Some(&with)), [""; 0]);
    assert_eq!(told(&b, &b, None), [node_line("/bus/dev")]);
}

#[test]
fn o27_one_address_two_devices() {
    let (a, b) =
        (brings(To::Label("i2c0"), sensor("sensor@48")), brings(To::Label("i2c0"), sensor("eeprom@48")));
    let line = |bus: &str| {
        [format!("address: sensor@48 of the first and eeprom@48 of the second are at one address of {bus}")]
    };
    assert_eq!(told(&a, &b, None), line("&i2c0"));
    assert_eq!(told(&a, &b, Some(&board().tree())), line("/soc/i2c@a000"));
}

#[test]
fn o27_one_label_and_phandles() {
    let labelled = |name: &str| {
        brings(To::Label("soc"), node(name).phandle(1))
            .label("dev", &format!("/fragment@0/__overlay__/{name}"))
    };
    assert_eq!(told(&labelled("x"), &labelled("y"), None), ["label: both bring the label \"dev\""]);
    let lines = told(&labelled("x"), &labelled("y"), Some(&board().tree()));
    assert_eq!(
        lines,
        [
            "refused: the second cannot be applied after the first: overlay second: the label \"dev\" is in \
             /__symbols__ already",
            "refused: the first cannot be applied after the second: overlay first: the label \"dev\" is in \
             /__symbols__ already",
        ]
    );
    let phandle = brings(To::Label("soc"), node("x").phandle(1));
    assert_eq!(
        told(&phandle, &phandle, None),
        ["node: both bring &soc/x", "phandle: both give &soc/x a phandle"]
    );
    assert!(told(&phandle, &phandle, Some(&board().tree()))[1].contains("has a phandle already"));
}

#[test]
fn o27_one_goes_into_what_the_other_brings() {
    let bus = brings(To::Label("soc"), node("bus").text("compatible", "acme,bus").phandle(1))
        .label("bus", "/fragment@0/__overlay__/bus");
    let by_label = status(To::Label("bus"), "okay");
    let by_path = brings(To::Path("/soc/bus"), sensor("sensor@48"));
    let board = board().tree();
    assert_eq!(
        told(&bus, &by_label, None),
        [
            "needs: the second goes into &soc/bus, which the first brings",
            "needs: the second refers to label \"bus\", which the first brings",
        ]
    );
    assert_eq!(
        told(&bus, &by_path, Some(&board)),
        ["needs: the second goes into /soc/bus, which the first brings"]
    );
    // As it is.
    board.apply(&by_path.blob(), &ApplyOptions::default()).unwrap_err();
    bus.apply(&board).unwrap();
    by_path.apply(&board).unwrap();
}

#[test]
fn o27_overlays_that_have_nothing_to_do_with_each_other() {
    let a = status(To::Label("uart0"), "okay");
    let b = brings(To::Label("i2c0"), sensor("sensor@48"));
    assert_eq!(told(&a, &b, None), [""; 0]);
    let tree = board().tree();
    let before = blob_of(&tree);
    assert_eq!(told(&a, &b, Some(&tree)), [""; 0]);
    assert_eq!((blob_of(&tree), tree.overlays()), (before, vec![]));
}

#[test]
fn o27_labels_that_lead_round_and_round_come_to_an_end() {
    let a = status(To::Label("b"), "okay").label("a", "/fragment@0/__overlay__/x");
    let b = status(To::Label("a"), "fail").label("b", "/fragment@0/__overlay__/x");
    let _ = conflicts(&a.blob(), &b.blob(), None).unwrap();
    let _ = conflicts(&a.blob(), &b.blob(), Some(&board().tree())).unwrap();
}

#[test]
fn o27_what_is_no_overlay_is_refused() {
    let a = status(To::Label("uart0"), "okay").blob();
    let error = conflicts(&a, &board().blob(), None).unwrap_err().to_string();
    assert_eq!(error, "the second overlay: no fragment with __overlay__");
    let error = conflicts(b"no blob", &a, None).unwrap_err().to_string();
    assert!(error.starts_with("the first overlay: malformed"), "{error}");
}
