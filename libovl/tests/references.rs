// SPDX-License-Identifier: MIT OR Apache-2.0
//! References: what nodes refer to by the properties of the common bindings.

mod common;

use common::{node, Body};
use ovl::Tree;

/// What `path` refers to, as "property[index] → target args".
fn told(tree: &Tree, path: &str) -> Vec<String> {
    let line = |reference: ovl::Reference| {
        let target = reference.node.map_or(format!("{:#x}", reference.phandle), |node| node.path());
        format!(
            "{}[{}]@{} {target} {:?}",
            reference.property, reference.index, reference.offset, reference.args
        )
    };
    tree.node_by_path(path).unwrap().references().into_iter().map(line).collect()
}

fn world(user: Body) -> Tree {
    node("")
        .child(
            node("intc")
                .cells("#interrupt-cells", &[2])
                .cells("#address-cells", &[1])
                .prop("interrupt-controller", &[])
                .phandle(1),
        )
        .child(node("clk").cells("#clock-cells", &[1]).phandle(2))
        .child(node("osc").cells("#clock-cells", &[0]).phandle(3))
        .child(node("pins").cells("#gpio-cells", &[2]).phandle(4).child(node("uart-pins").phandle(5)))
        .child(user.name("user"))
        .tree()
}

#[test]
fn o25_lists_are_read_as_their_targets_say() {
    let user = node("")
        .cells("reg", &[1, 2])
        .cells("clocks", &[2, 7, 3, 2, 8])
        .cells("reset-gpios", &[4, 17, 1])
        .cells("cs-gpios", &[0, 4, 8, 0])
        .cells("pinctrl-0", &[5])
        .cells("vdd-supply", &[3])
        .cells("interrupts-extended", &[1, 30, 4]);
    assert_eq!(
        told(&world(user), "/user"),
        [
            "clocks[0]@0 /clk [7]",
            "clocks[1]@8 /osc []",
            "clocks[2]@12 /clk [8]",
            "reset-gpios[0]@0 /pins [17, 1]",
            "cs-gpios[1]@4 /pins [8, 0]",
            "pinctrl-0[0]@0 /pins/uart-pins []",
            "vdd-supply[0]@0 /osc []",
            "interrupts-extended[0]@0 /intc [30, 4]",
        ]
    );
}

#[test]
fn o25_a_list_is_read_as_far_as_it_can_be() {
    let user = node("")
        .cells("clocks", &[3, 9, 2, 1])
        .cells("resets", &[2, 3])
        .cells("dmas", &[])
        .cells("phys", &[u32::MAX])
        .cells("pinctrl-0", &[9, 5])
        .cells("iommus", &[2, 3])
        .prop("gpios", &[0, 0, 0])
        .cells("interrupts-extended", &[1, 30]);
    assert_eq!(
        told(&world(user), "/user"),
        [
            "clocks[0]@0 /osc []",
            "clocks[1]@4 0x9 []",
            "resets[0]@0 /clk []",
            "pinctrl-0[0]@0 0x9 []",
            "pinctrl-0[1]@4 /pins/uart-pins []",
            "iommus[0]@0 /clk []",
            "interrupts-extended[0]@0 /intc []",
        ]
    );
}

#[test]
fn o25_maps_and_defaults() {
    let user = node("")
        .cells("#address-cells", &[3])
        .cells("#interrupt-cells", &[1])
        .cells("interrupt-map", &[0, 0, 0, 1, 1, 0x1000, 30, 4, 0, 0, 0, 2, 1, 0x2000, 31, 4])
        .cells("msi-map", &[0, 4, 0, 0x100, 0x100, 4, 0x100, 0x100])
        .cells("gpio-ranges", &[4, 0, 32, 8, 4, 8, 64, 8])
        .cells("nvmem-cells", &[3, 4]);
    assert_eq!(
        told(&world(user), "/user"),
        [
            "interrupt-map[0]@16 /intc [4096, 30, 4]",
            "interrupt-map[1]@48 /intc [8192, 31, 4]",
            "msi-map[0]@4 /pins [0, 256]",
            "msi-map[1]@20 /pins [256, 256]",
            "gpio-ranges[0]@0 /pins [0, 32, 8]",
            "gpio-ranges[1]@16 /pins [8, 64, 8]",
            "nvmem-cells[0]@0 /osc []",
            "nvmem-cells[1]@4 /pins []",
        ]
    );
}

#[test]
fn o25_the_lines_of_a_hog_are_no_references() {
    let hog = node("").prop("gpio-hog", &[]).cells("gpios", &[4, 0]);
    assert_eq!(told(&world(hog), "/user"), [""; 0]);
}

#[test]
fn o25_interrupt_parents_are_inherited() {
    let user = node("")
        .cells("interrupt-parent", &[1])
        .child(node("uart"))
        .child(node("round").cells("interrupt-parent", &[9]).phandle(9))
        .child(node("mux").cells("#interrupt-cells", &[1]).child(node("line")));
    let tree = world(user);
    let parent = |path| Some(tree.node_by_path(path).unwrap().interrupt_parent()?.path());
    assert_eq!(parent("/user/uart").as_deref(), Some("/intc"));
    assert_eq!(parent("/user/mux/line").as_deref(), Some("/user/mux"));
    assert_eq!(parent("/user/mux").as_deref(), Some("/intc"));
    assert_eq!(parent("/user/round"), None);
    assert_eq!(parent("/clk"), None);
}
