// SPDX-License-Identifier: MIT OR Apache-2.0
//! What refers to what goes, told before it goes.

mod common;

use common::*;
use ovl::{RemoveMode, Tree};

fn referrers(tree: &Tree, path: &str) -> Vec<String> {
    tree.node_by_path(path).unwrap().referrers().iter().map(ToString::to_string).collect()
}

#[test]
fn o28_what_refers_to_a_node_or_below_it() {
    let tree = board()
        .child(node("chosen").text("stdout-path", "/soc/uart@9000:115200"))
        .child(node("user").cells("vdd-supply", &[2]).cells("other", &[2]).cells("interrupt-parent", &[5]))
        .tree();
    assert_eq!(
        referrers(&tree, "/soc/uart@9000"),
        [
            "/aliases: property \"serial0\" refers to /soc/uart@9000",
            "/__symbols__: property \"uart0\" refers to /soc/uart@9000",
            "/chosen: property \"stdout-path\" refers to /soc/uart@9000",
            "/user: property \"vdd-supply\" refers to /soc/uart@9000 (phandle 0x2)",
        ]
    );
    let soc = referrers(&tree, "/soc");
    assert_eq!(soc.len(), 8, "{soc:#?}");
    assert_eq!(soc[7], "/user: property \"interrupt-parent\" refers to /soc/intc@1000 (phandle 0x5)");
    assert_eq!(referrers(&tree, "/user"), [""; 0]);
}

#[test]
fn o28_what_a_removal_would_leave_dangling() {
    let tree = board().tree();
    let first = overlay()
        .fragment(
            To::Label("soc"),
            node("")
                .child(node("clk").cells("#clock-cells", &[0]).phandle(1))
                .child(node("own").cells("clocks", &[1])),
        )
        .refers("/fragment@0/__overlay__/own", "clocks", 0)
        .apply(&tree)
        .unwrap();
    let phandle = tree.node_by_path("/soc/clk").unwrap().phandle();
    assert!(
        tree.check_remove(first, RemoveMode::Default).unwrap().dangling.is_empty(),
        "its own goes with it"
    );
    // By number, so that no fix-up tells of it.
    let second =
        overlay().fragment(To::Path("/soc/uart"), node("").cells("clocks", &[phandle])).apply(&tree).unwrap();
    let before = blob_of(&tree);
    let report = tree.check_remove(first, RemoveMode::Default).unwrap();
    assert_eq!(
        report.to_string(),
        format!("dangling: /soc/uart@9000: property \"clocks\" refers to /soc/clk (phandle {phandle:#x})\n")
    );
    assert_eq!(blob_of(&tree), before);
    assert_eq!(tree.check_remove(second, RemoveMode::Default).unwrap().to_string(), "");
    tree.remove(first, RemoveMode::Default).unwrap();
    assert!(matches!(tree.check_remove(first, RemoveMode::Default), Err(ovl::Error::NotFound(_))));
    assert!(matches!(tree.check_remove(first, RemoveMode::Linux), Err(ovl::Error::Gone(_))));
}

#[test]
fn o28_a_phandle_that_goes_leaves_its_node_behind() {
    let tree = board().tree();
    let first = overlay()
        .fragment(To::Label("soc"), node("").child(node("user").cells("acme,bus", &[u32::MAX])))
        .uses("i2c0", "/fragment@0/__overlay__/user", "acme,bus", 0)
        .apply(&tree)
        .unwrap();
    let phandle = tree.node_by_path("/soc/i2c").unwrap().phandle();
    assert_ne!(phandle, 0, "the label has given it one");
    overlay().fragment(To::Path("/soc/uart"), node("").cells("vdd-supply", &[phandle])).apply(&tree).unwrap();
    let report = tree.check_remove(first, RemoveMode::Default).unwrap();
    assert_eq!(report.dangling.len(), 1, "{report}");
    assert_eq!(report.dangling[0].target, "/soc/i2c@a000");
}

#[test]
fn o28_what_refuses_a_removal() {
    let tree = board().tree();
    let first = overlay()
        .fragment(To::Label("soc"), node("").child(node("dev").phandle(1)))
        .label("dev", "/fragment@0/__overlay__/dev")
        .apply(&tree)
        .unwrap();
    overlay()
        .fragment(To::Label("uart0"), node("").cells("vdd-supply", &[u32::MAX]))
        .uses("dev", "/fragment@0/__overlay__", "vdd-supply", 0)
        .apply(&tree)
        .unwrap();
    let report = tree.check_remove(first, RemoveMode::Default).unwrap();
    let refused = tree.remove(first, RemoveMode::Default).unwrap_err();
    assert_eq!(report.problem.unwrap().to_string(), refused.to_string());
    assert_eq!(report.dangling.len(), 1);
}
