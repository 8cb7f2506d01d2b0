// SPDX-License-Identifier: MIT OR Apache-2.0
//! Applying overlays: rules O5 to O13 in all three modes, each where the modes differ.

mod common;
use common::*;
use libc::{EINVAL, ENOENT, EOVERFLOW};
use ovl::{ApplyOptions, Mode, PlannedChange, Tree};

fn cell(tree: &Tree, path: &str, prop: &str) -> u32 {
    tree.node_by_path(path).unwrap().read_u32(prop).unwrap()
}

#[test]
fn o05_the_buffer_may_be_used_again_at_once() {
    let tree = board().tree();
    let before = blob_of(&tree);
    let mut buffer = overlay().fragment(To::Label("i2c0"), node("").child(node("eeprom@50"))).blob();
    let id = tree.apply(&buffer, &ApplyOptions::default()).unwrap();
    let after = blob_of(&tree);
    buffer.fill(0xee);
    drop(buffer);
    assert_eq!(blob_of(&tree), after);
    tree.node_by_path("/soc/i2c@a000/eeprom@50").unwrap();
    tree.remove(id, Default::default()).unwrap();
    assert_eq!(blob_of(&tree), before);
}

#[test]
fn o05_the_base_buffer_may_be_used_again_at_once() {
    let mut buffer = board().blob();
    let tree = Tree::from_fdt(&buffer).unwrap();
    buffer.fill(0xee);
    drop(buffer);
    assert_eq!(blob_of(&tree), board().blob());
}

#[test]
fn o06_phandles_move_behind_those_of_the_tree() {
    for (mode, expected) in [(Mode::Default, 7), (Mode::Linux, 7), (Mode::Libfdt, 6)] {
        let tree = board().tree();
        overlay()
            .fragment(
                To::Label("soc"),
                node("").child(node("clock").phandle(1)).child(node("user").cells("clocks", &[1, 9])),
            )
            .refers("/fragment@0/__overlay__/user", "clocks", 0)
            .apply_as(&tree, mode)
            .unwrap();
        let clock = tree.node_by_path("/soc/clock").unwrap();
        assert_eq!(clock.phandle(), expected, "{mode:?}");
        assert_eq!(clock.read_u32("phandle").unwrap(), expected, "{mode:?}");
        assert!(tree.node_by_phandle(expected).unwrap() == clock);
        let mut clocks = [0; 2];
        tree.node_by_path("/soc/user").unwrap().read_u32_array("clocks", &mut clocks).unwrap();
        assert_eq!(clocks, [expected, 9], "{mode:?}: only the fixed-up cell moves");
    }
}

#[test]
fn o06_both_names_of_a_phandle_move() {
    let tree = board().tree();
    let both = node("clock").cells("linux,phandle", &[3]).cells("phandle", &[3]);
    overlay().fragment(To::Label("soc"), node("").child(both)).apply(&tree).unwrap();
    assert_eq!(cell(&tree, "/soc/clock", "linux,phandle"), 9);
    assert_eq!(cell(&tree, "/soc/clock", "phandle"), 9);
}

#[test]
fn o06_running_out_of_numbers_is_an_error_but_in_linux_mode() {
    let base = node("").child(node("last").phandle(0xffff_fffe)).child(node("soc"));
    let blob = overlay().fragment(To::Path("/soc"), node("").child(node("clock").phandle(1))).blob();
    for mode in [Mode::Default, Mode::Libfdt] {
        let (errno, sentence) = refused(&base.tree(), &blob, mode);
        assert_eq!(errno, EOVERFLOW, "{mode:?}");
        assert!(sentence.contains("/fragment@0/__overlay__/clock"), "{sentence}");
    }
    let tree = base.tree();
    tree.apply(&blob, &ApplyOptions { mode: Mode::Linux, ..Default::default() }).unwrap();
    assert_eq!(tree.node_by_path("/soc/clock").unwrap().phandle(), 0, "Linux wraps");

    let tree = base.tree();
    overlay().fragment(To::Path("/soc"), node("").child(node("clock"))).apply(&tree).expect("none needed");
}

#[test]
fn o06_a_given_phandle_may_not_overflow_either() {
    let base = node("")
        .child(node("last").phandle(0xffff_fffe))
        .child(node("soc"))
        .child(node("__symbols__").text("soc", "/soc"));
    let blob = overlay().fragment(To::Label("soc"), node("").text("status", "okay")).blob();
    assert_eq!(refused(&base.tree(), &blob, Mode::Default).0, EOVERFLOW);
}

#[test]
fn o07_an_unknown_label_is_named_with_its_user() {
    let blob = overlay()
        .fragment(To::Path("/soc"), node("").child(node("led").cells("gpios", &[u32::MAX, 4])))
        .uses("gpio7", "/fragment@0/__overlay__/led", "gpios", 0)
        .blob();
    for (mode, errno) in [(Mode::Default, EINVAL), (Mode::Linux, EINVAL), (Mode::Libfdt, ENOENT)] {
        let (found, sentence) = refused(&board().tree(), &blob, mode);
        assert_eq!(found, errno, "{mode:?}");
        for part in ["\"gpio7\"", "/fragment@0/__overlay__/led", "\"gpios\""] {
            assert!(sentence.contains(part), "{mode:?}: {sentence}");
        }
    }
}

#[test]
fn o07_a_base_without_symbols_is_said_to_have_none() {
    let blob = overlay().fragment(To::Label("soc"), node("").text("status", "okay")).blob();
    for mode in MODES {
        let (errno, sentence) = refused(&node("").child(node("soc")).tree(), &blob, mode);
        assert_eq!(errno, EINVAL, "{mode:?}");
        assert!(sentence.contains("__symbols__"), "{mode:?}: {sentence}");
    }
}

#[test]
fn o07_a_malformed_fixup_is_refused() {
    let user = overlay().fragment(To::Path("/soc"), node("").child(node("led").cells("gpios", &[0, 0])));
    let path = "/fragment@0/__overlay__/led";
    for bad in ["", "no colon", ":gpios:0", "/fragment@0:gpios", ":::", ":", "::"] {
        let blob = user.clone().raw_fixup("uart0", format!("{bad}\0").as_bytes()).blob();
        for mode in [Mode::Default, Mode::Libfdt] {
            assert_ne!(refused(&board().tree(), &blob, mode).0, 0, "{bad:?} {mode:?}");
        }
    }
    for bad in
        ["x", "", "-1", "-4", "4294967296", "99999999999999999999", "0x4", "4 ", " 4", "5", "8", "2147483647"]
    {
        let blob = user.clone().raw_fixup("uart0", format!("{path}:gpios:{bad}\0").as_bytes()).blob();
        for mode in MODES {
            assert_eq!(refused(&board().tree(), &blob, mode).0, EINVAL, "offset {bad:?} {mode:?}");
        }
    }
    let unterminated = user.raw_fixup("uart0", format!("{path}:gpios:0").as_bytes()).blob();
    for mode in MODES {
        assert_eq!(refused(&board().tree(), &unterminated, mode).0, EINVAL, "{mode:?}");
    }
}

#[test]
fn o07_a_missing_path_is_an_error_that_linux_skips() {
    let blob = overlay()
        .fragment(To::Path("/soc"), node("").text("x", "y"))
        .uses("uart0", "/fragment@0/__overlay__/none", "gpios", 0)
        .blob();
    for mode in [Mode::Default, Mode::Libfdt] {
        let (_, sentence) = refused(&board().tree(), &blob, mode);
        assert!(sentence.contains("/fragment@0/__overlay__/none"), "{mode:?}: {sentence}");
    }
    board().tree().apply(&blob, &ApplyOptions { mode: Mode::Linux, ..Default::default() }).unwrap();
}

#[test]
fn o07_a_missing_property_is_an_error_everywhere() {
    let blob = overlay()
        .fragment(To::Path("/soc"), node("").text("x", "y"))
        .uses("uart0", "/fragment@0/__overlay__", "gpios", 0)
        .blob();
    for mode in MODES {
        let (errno, sentence) = refused(&board().tree(), &blob, mode);
        assert_eq!(errno, ENOENT, "{mode:?}");
        assert!(sentence.contains("\"gpios\""), "{mode:?}: {sentence}");
    }
}

#[test]
fn o07_a_labelled_node_without_phandle_gets_one() {
    let user = overlay()
        .fragment(To::Path("/soc"), node("").child(node("led").cells("bus", &[u32::MAX])))
        .uses("i2c0", "/fragment@0/__overlay__/led", "bus", 0);
    let tree = board().tree();
    let before = blob_of(&tree);
    let id = user.apply(&tree).unwrap();
    let bus = tree.node_by_path("/soc/i2c@a000").unwrap();
    assert_eq!(bus.phandle(), 6);
    assert_eq!(bus.prop("phandle").unwrap().origin(), id, "the overlay that needs it brought it");
    assert_eq!(cell(&tree, "/soc/led", "bus"), 6);
    assert!(tree.node_by_phandle(6).unwrap() == bus);
    tree.remove(id, Default::default()).unwrap();
    assert_eq!(bus.phandle(), 0);
    assert_eq!(blob_of(&tree), before);

    let tree = board().tree();
    user.apply_as(&tree, Mode::Linux).unwrap();
    assert_eq!(cell(&tree, "/soc/led", "bus"), 0, "Linux writes 0");
    assert_eq!(refused(&board().tree(), &user.blob(), Mode::Libfdt).0, ENOENT);
}

#[test]
fn o08_target_wins_and_there_is_no_fallback() {
    let fragment = |target: u32| {
        node("fragment@0")
            .cells("target", &[target])
            .text("target-path", "/soc/i2c@a000")
            .child(node("__overlay__").text("mark", "here"))
    };
    let tree = board().tree();
    tree.apply(&node("").child(fragment(2)).blob(), &ApplyOptions::default()).unwrap();
    assert!(tree.node_by_path("/soc/uart@9000").unwrap().read_bool("mark"));
    assert!(!tree.node_by_path("/soc/i2c@a000").unwrap().read_bool("mark"));
    for mode in MODES {
        let (errno, sentence) = refused(&board().tree(), &node("").child(fragment(77)).blob(), mode);
        assert_eq!(errno, EINVAL, "{mode:?}");
        assert!(sentence.contains("fragment@0"), "{sentence}");
    }
}

#[test]
fn o08_a_base_node_is_where_target_paths_start() {
    let tree = board().tree();
    let card = tree.node_by_path("/soc/i2c@a000").unwrap();
    let blob = overlay()
        .fragment(To::Path("/"), node("").child(node("dev@1")))
        .fragment(To::Path("/dev@1"), node("").child(node("port")))
        .blob();
    tree.apply(&blob, &ApplyOptions { base: Some(&card), ..Default::default() }).unwrap();
    tree.node_by_path("/soc/i2c@a000/dev@1/port").unwrap();
    tree.node_by_path("/dev@1").unwrap_err();
}

#[test]
fn o08_a_base_node_must_be_in_this_tree() {
    let (tree, other) = (board().tree(), board().tree());
    let stranger = other.root().unwrap();
    let blob = overlay().fragment(To::Path("/"), node("").text("x", "y")).blob();
    let options = ApplyOptions { base: Some(&stranger), ..Default::default() };
    assert_eq!(tree.apply(&blob, &options).unwrap_err().errno(), EINVAL);

    let id = overlay().fragment(To::Path("/soc"), node("").child(node("card"))).apply(&tree).unwrap();
    let card = tree.node_by_path("/soc/card").unwrap();
    tree.remove(id, Default::default()).unwrap();
    let options = ApplyOptions { base: Some(&card), ..Default::default() };
    assert_eq!(tree.apply(&blob, &options).unwrap_err().errno(), libc::ENODEV);
}

#[test]
fn o08_a_later_fragment_may_target_what_an_earlier_one_makes() {
    let two = overlay()
        .fragment(To::Path("/soc"), node("").child(node("new")))
        .fragment(To::Path("/soc/new"), node("").text("mark", "here").child(node("inside")));
    for mode in [Mode::Default, Mode::Libfdt] {
        let tree = board().tree();
        let before = blob_of(&tree);
        let id = two.apply_as(&tree, mode).unwrap();
        assert!(tree.node_by_path("/soc/new").unwrap().read_bool("mark"), "{mode:?}");
        tree.node_by_path("/soc/new/inside").unwrap();
        tree.remove(id, Default::default()).unwrap();
        assert_eq!(blob_of(&tree), before, "{mode:?}");
    }
    assert_eq!(refused(&board().tree(), &two.blob(), Mode::Linux).0, EINVAL);
}

#[test]
fn o08_an_overlay_of_nothing_is_refused() {
    for mode in [Mode::Default, Mode::Linux] {
        assert_eq!(refused(&board().tree(), &overlay().blob(), mode).0, EINVAL, "{mode:?}");
    }
    overlay().apply_as(&board().tree(), Mode::Libfdt).expect("fdtoverlay does not mind");
}

#[test]
fn o09_symbols_are_translated_to_where_the_nodes_are() {
    let labelled = overlay()
        .fragment(To::Label("i2c0"), node("").child(node("eeprom@50").child(node("part"))))
        .label("eeprom", "/fragment@0/__overlay__/eeprom@50")
        .label("part", "/fragment@0/__overlay__/eeprom@50/part");
    for mode in [Mode::Default, Mode::Libfdt] {
        // fdtoverlay wants every labelled node to have a phandle.
        let tree = if mode == Mode::Libfdt { with_i2c_phandle() } else { board().tree() };
        labelled.apply_as(&tree, mode).unwrap();
        assert_eq!(tree.node_by_label("eeprom").unwrap().path(), "/soc/i2c@a000/eeprom@50", "{mode:?}");
        let symbols = tree.node_by_path("/__symbols__").unwrap();
        assert_eq!(symbols.read_string("part", 0).unwrap(), "/soc/i2c@a000/eeprom@50/part");
    }
}

fn with_i2c_phandle() -> Tree {
    let tree = board().tree();
    overlay().fragment(To::Path("/soc/i2c@a000"), node("").phandle(1)).apply(&tree).unwrap();
    tree
}

#[test]
fn o09_a_known_label_is_refused_but_by_libfdt() {
    let blob = overlay()
        .fragment(To::Path("/soc"), node("").child(node("uart@b000")))
        .label("uart0", "/fragment@0/__overlay__/uart@b000")
        .blob();
    for mode in [Mode::Default, Mode::Linux] {
        let (errno, sentence) = refused(&board().tree(), &blob, mode);
        assert_eq!(errno, EINVAL, "{mode:?}");
        assert!(mode == Mode::Linux || sentence.contains("uart0"), "{sentence}");
    }
    let tree = board().tree();
    let before = blob_of(&tree);
    let id = tree.apply(&blob, &ApplyOptions { mode: Mode::Libfdt, ..Default::default() }).unwrap();
    assert_eq!(tree.node_by_label("uart0").unwrap().path(), "/soc/uart@b000", "the last wins");
    tree.remove(id, Default::default()).unwrap();
    assert_eq!(tree.node_by_label("uart0").unwrap().path(), "/soc/uart@9000");
    assert_eq!(blob_of(&tree), before);
}

#[test]
fn o09_a_tree_without_symbols_gets_them_and_loses_them() {
    let bare = node("").child(node("soc")).tree();
    let before = blob_of(&bare);
    let labelled = |name: &str| {
        overlay()
            .fragment(To::Path("/soc"), node("").child(node(name)))
            .label(name, &format!("/fragment@0/__overlay__/{name}"))
    };
    let first = labelled("a").apply(&bare).unwrap();
    let second = labelled("b").apply(&bare).unwrap();
    assert_eq!(bare.node_by_label("b").unwrap().path(), "/soc/b");
    bare.remove(first, Default::default()).unwrap();
    assert_eq!(bare.node_by_label("b").unwrap().path(), "/soc/b", "the table stays while it is used");
    bare.node_by_label("a").unwrap_err();
    bare.remove(second, Default::default()).unwrap();
    assert_eq!(blob_of(&bare), before);
    assert_eq!(refused(&bare, &labelled("a").blob(), Mode::Linux).0, EINVAL);
}

#[test]
fn o10_names_are_skipped_and_cell_counts_may_not_change() {
    let tree = board().tree();
    let body = node("").text("name", "mine").phandle(1).cells("#address-cells", &[1]).text("model", "x");
    overlay().fragment(To::Label("soc"), body).apply(&tree).unwrap();
    let soc = tree.node_by_path("/soc").unwrap();
    assert_eq!(soc.phandle(), 1, "it keeps its own");
    assert!(!soc.read_bool("name") && soc.read_bool("model"));

    let blob = overlay().fragment(To::Label("soc"), node("").cells("#size-cells", &[2])).blob();
    for mode in [Mode::Default, Mode::Linux] {
        let (errno, sentence) = refused(&board().tree(), &blob, mode);
        assert_eq!(errno, EINVAL, "{mode:?}");
        assert!(sentence.contains("#size-cells") && sentence.contains("/soc"), "{sentence}");
    }
    let tree = board().tree();
    tree.apply(&blob, &ApplyOptions { mode: Mode::Libfdt, ..Default::default() }).unwrap();
    assert_eq!(cell(&tree, "/soc", "#size-cells"), 2);
}

#[test]
fn o10_a_value_is_updated_in_its_place_or_added_behind() {
    let tree = board().tree();
    let uart = tree.node_by_path("/soc/uart@9000").unwrap();
    let names = prop_names(&uart);
    overlay()
        .fragment(To::Label("uart0"), node("").text("pins", "a").text("status", "okay"))
        .apply(&tree)
        .unwrap();
    assert_eq!(uart.read_string("status", 0).unwrap(), "okay");
    assert_eq!(prop_names(&uart), [names, vec!["pins".to_string()]].concat());
}

#[test]
fn o10_a_label_on_an_existing_node_gives_it_a_phandle() {
    let labelled = overlay()
        .fragment(
            To::Path("/soc"),
            node("").child(node("i2c@a000").phandle(1)).child(node("user").cells("bus", &[1])),
        )
        .refers("/fragment@0/__overlay__/user", "bus", 0);
    let tree = board().tree();
    labelled.apply(&tree).unwrap();
    let bus = tree.node_by_path("/soc/i2c@a000").unwrap();
    assert!(tree.node_by_phandle(cell(&tree, "/soc/user", "bus")).unwrap() == bus);

    let tree = board().tree();
    labelled.apply_as(&tree, Mode::Linux).unwrap();
    assert_eq!(tree.node_by_path("/soc/i2c@a000").unwrap().phandle(), 0, "lost, as in Linux");
}

/// One overlay refers to a node by the base's label, and puts a label of its own on it: both references must lead there.
#[test]
fn o10_two_labels_on_a_node_without_phandle_mean_the_same_node() {
    let tree = board().tree();
    overlay()
        .fragment(
            To::Path("/soc"),
            node("")
                .child(node("i2c@a000").phandle(1))
                .child(node("own").cells("bus", &[1]))
                .child(node("theirs").cells("bus", &[u32::MAX])),
        )
        .refers("/fragment@0/__overlay__/own", "bus", 0)
        .uses("i2c0", "/fragment@0/__overlay__/theirs", "bus", 0)
        .apply(&tree)
        .unwrap();
    for user in ["/soc/own", "/soc/theirs"] {
        let found = tree.node_by_phandle(cell(&tree, user, "bus")).map(|node| node.path());
        assert_eq!(found.unwrap(), "/soc/i2c@a000", "{user}");
    }
}

#[test]
fn o11_two_fragments_on_one_thing_are_refused_and_merged_by_libfdt() {
    let twice =
        |a: Body, b: Body| overlay().fragment(To::Path("/soc"), a).fragment(To::Path("/soc"), b).blob();
    let cases = [
        twice(node("").child(node("x")), node("").child(node("x"))),
        twice(node("").text("model", "a"), node("").text("model", "b")),
        twice(
            node("").child(node("uart@9000").text("status", "okay")),
            node("").child(node("uart@9000").text("status", "fail")),
        ),
    ];
    for blob in &cases {
        for mode in [Mode::Default, Mode::Linux] {
            assert_eq!(refused(&board().tree(), blob, mode).0, EINVAL, "{mode:?}");
        }
        let tree = board().tree();
        let before = blob_of(&tree);
        let id = tree.apply(blob, &ApplyOptions { mode: Mode::Libfdt, ..Default::default() }).unwrap();
        tree.remove(id, Default::default()).unwrap();
        assert_eq!(blob_of(&tree), before);
    }
    let tree = board().tree();
    tree.apply(&cases[2], &ApplyOptions { mode: Mode::Libfdt, ..Default::default() }).unwrap();
    assert_eq!(
        tree.node_by_path("/soc/uart").unwrap().read_string("status", 0).unwrap(),
        "fail",
        "the last wins"
    );
}

#[test]
fn o11_libfdt_takes_the_first_of_a_name_with_any_unit_address_or_none() {
    let blob = overlay()
        .fragment(To::Path("/"), node("").child(node("memory").text("model", "child")))
        .fragment(To::Path("/memory"), node("").text("status", "okay"))
        .blob();
    // Few children are looked at, of many it is remembered which are alike.
    for more in [0, 100] {
        for names in [["memory", "memory@0"], ["memory@0", "memory"]] {
            let base = node("").child(node(names[0])).child(node(names[1]));
            let tree = (0..more).fold(base, |base, i| base.child(node(&format!("other@{i}")))).tree();
            tree.apply(&blob, &ApplyOptions { mode: Mode::Libfdt, ..Default::default() }).unwrap();
            for (name, count) in names.into_iter().zip([2, 0]) {
                let child = tree.root().unwrap().child(name).unwrap();
                assert_eq!((prop_names(&child).len(), child.name()), (count, name));
            }
        }
    }
}

#[test]
fn o11_a_phandle_on_both_sides_is_refused() {
    let blob = overlay().fragment(To::Path("/soc"), node("").child(node("uart@9000").phandle(1))).blob();
    for mode in [Mode::Default, Mode::Linux] {
        let (errno, sentence) = refused(&board().tree(), &blob, mode);
        assert_eq!(errno, EINVAL, "{mode:?}");
        assert!(sentence.contains("/soc/uart@9000"), "{sentence}");
    }
}

#[test]
fn o11_children_are_matched_by_their_full_name() {
    let tree = board().tree();
    overlay().fragment(To::Path("/soc"), node("").child(node("uart").text("x", "y"))).apply(&tree).unwrap();
    assert!(tree.node_by_path("/soc/uart").unwrap().read_bool("x"));
    assert!(!tree.node_by_path("/soc/uart@9000").unwrap().read_bool("x"));
}

/// The problem of a good overlay that comes last must undo nothing, because nothing was done.
#[test]
fn o12_a_failure_in_the_last_fragment_leaves_nothing_behind() {
    let good = overlay()
        .fragment(To::Label("i2c0"), node("").text("status", "okay").child(node("eeprom@50").phandle(1)))
        .label("eeprom", "/fragment@0/__overlay__/eeprom@50")
        .fragment(To::Label("uart0"), node("").text("status", "okay"));
    let bad = [
        good.clone().fragment(To::Path("/none"), node("").text("x", "y")),
        good.clone().fragment(To::Label("soc"), node("").cells("#size-cells", &[2])),
        good.clone().fragment(To::Label("nobody"), node("")),
        good.clone().label("soc", "/fragment@0/__overlay__/eeprom@50"),
        good.clone().label("lost", "/fragment@9/__overlay__"),
        good.clone().refers("/fragment@0/__overlay__", "status", 3),
        good.clone().refers("/fragment@7", "x", 0),
    ];
    let tree = board().tree();
    for overlay in &bad {
        refused(&tree, &overlay.blob(), Mode::Default);
        assert_eq!(tree.node_by_path("/soc/i2c@a000").unwrap().phandle(), 0);
        tree.node_by_label("eeprom").unwrap_err();
    }
    assert_eq!(tree.holders(), "");
    let id = good.apply(&tree).unwrap();
    assert_eq!(tree.overlays(), [id]);
}

#[test]
fn o12_every_truncation_of_an_overlay_changes_nothing() {
    let blob = overlay().fragment(To::Label("i2c0"), node("").child(node("eeprom@50"))).blob();
    let tree = board().tree();
    for len in 0..blob.len() {
        refused(&tree, &blob[..len], Mode::Default);
    }
}

#[test]
fn o13_a_dry_run_reports_every_problem() {
    let tree = board().tree();
    let before = blob_of(&tree);
    let blob = overlay()
        .fragment(To::Label("nobody"), node("").text("x", "y"))
        .fragment(To::Path("/none"), node("").text("x", "y"))
        .fragment(To::Label("soc"), node("").cells("#size-cells", &[2]).child(node("fine")))
        .fragment(To::Label("uart0"), node("").text("status", "okay").text("pins", "a"))
        .label("soc", "/fragment@2/__overlay__/fine")
        .refers("/fragment@3/__overlay__", "status", 3)
        .blob();
    let report = tree.check_overlay(&blob, &ApplyOptions::default()).unwrap();
    let problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    for part in ["\"nobody\"", "/none", "#size-cells", "\"soc\" is in", "offset 3"] {
        assert!(problems.iter().any(|problem| problem.contains(part)), "{part} in {problems:#?}");
    }
    let change = |change| assert!(report.changes.contains(&change), "{change} in {:#?}", report.changes);
    change(PlannedChange::Attach { path: "/soc/fine".into() });
    change(PlannedChange::Update { path: "/soc/uart@9000".into(), name: "status".into() });
    change(PlannedChange::Add { path: "/soc/uart@9000".into(), name: "pins".into() });
    assert_eq!(blob_of(&tree), before);
    assert!(tree.overlays().is_empty());
}

#[test]
fn o13_a_dry_run_of_a_good_overlay_has_its_changes_and_no_problem() {
    let tree = board().tree();
    let before = blob_of(&tree);
    let good = overlay()
        .fragment(To::Label("i2c0"), node("").text("status", "okay").child(node("eeprom@50")))
        .label("eeprom", "/fragment@0/__overlay__/eeprom@50");
    let report = tree.check_overlay(&good.blob(), &ApplyOptions::default()).unwrap();
    assert!(report.problems.is_empty(), "{report}");
    let changes: Vec<String> = report.changes.iter().map(ToString::to_string).collect();
    assert_eq!(
        changes,
        [
            "add /soc/i2c@a000: phandle",
            "update /soc/i2c@a000: status",
            "attach /soc/i2c@a000/eeprom@50",
            "add /__symbols__: eeprom"
        ]
    );
    assert_eq!(blob_of(&tree), before);
    assert_eq!(tree.node_by_path("/soc/i2c@a000").unwrap().phandle(), 0);
}
