// SPDX-License-Identifier: MIT OR Apache-2.0
//! Removing overlays: rules O14 to O18, O24 and K1 to K7 as a user of the library meets them.

mod common;
use common::*;
use libc::{EBUSY, ENODEV, ENOENT, ETIMEDOUT};
use ovl::{Mode, RemoveMode, Tree};
use std::time::Duration;

const NOW: Option<Duration> = Some(Duration::ZERO);

fn status(tree: &Tree) -> String {
    tree.node_by_path("/soc/uart@9000").unwrap().read_string("status", 0).unwrap()
}

fn remove(tree: &Tree, id: i32) {
    tree.remove(id, RemoveMode::Default).unwrap();
}

fn set_status(value: &str) -> Overlay {
    overlay().fragment(To::Label("uart0"), node("").text("status", value))
}

fn adds(name: &str) -> Overlay {
    overlay().fragment(To::Label("soc"), node("").child(node(name).text("compatible", name)))
}

#[test]
fn k01_a_node_that_nobody_can_find_is_not_revived() {
    let tree = board().tree();
    let id = adds("dev").apply(&tree).unwrap();
    let held = tree.node_by_path("/soc/dev").unwrap();
    remove(&tree, id);
    let second = held.clone();
    drop(held);
    assert_eq!(second.name(), "dev", "a handle to what is held can be copied");
    drop(second);
    tree.node_by_path("/soc/dev").unwrap_err();
    tree.wait_released(id, NOW).unwrap();
}

#[test]
fn k05_the_last_reference_may_go_while_iterating() {
    let tree = board().tree();
    let id = adds("dev").apply(&tree).unwrap();
    let mut removed = false;
    for child in tree.node_by_path("/soc").unwrap().children() {
        if child.name() == "dev" {
            remove(&tree, id);
            removed = true;
            assert!(child.next_sibling().is_none() && child.parent().is_none());
        }
    }
    assert!(removed);
    tree.wait_released(id, NOW).unwrap();
}

#[test]
fn k05_a_tree_may_go_before_its_nodes() {
    let tree = board().tree();
    let id = adds("dev").apply(&tree).unwrap();
    let (base, new) = (tree.node_by_path("/soc/uart").unwrap(), tree.node_by_path("/soc/dev").unwrap());
    let value = base.prop("status").unwrap();
    drop(tree);
    assert!(!base.is_attached() && !new.is_attached());
    assert_eq!((base.path(), new.path()), ("/soc/uart@9000".into(), "/soc/dev".into()));
    assert_eq!(new.read_string("compatible", 0).unwrap(), "dev");
    assert_eq!(new.origin(), id);
    drop(base);
    assert_eq!(value.data(), b"disabled\0");
}

#[test]
fn k06_the_holder_is_named_by_its_tag() {
    kref::track::set_level(1);
    kref::track::set_tag(Some("eeprom driver"));
    let tree = board().tree();
    let id = adds("dev").apply(&tree).unwrap();
    let held = tree.node_by_path("/soc/dev").unwrap();
    let prop = held.prop("compatible").unwrap();
    remove(&tree, id);
    let error = tree.wait_released(id, NOW).unwrap_err();
    assert_eq!(error.errno(), ETIMEDOUT);
    let sentence = error.to_string();
    for part in ["/soc/dev", "eeprom driver", "\"compatible\"", "1 reference"] {
        assert!(sentence.contains(part), "{part} in {sentence}");
    }
    drop(held);
    assert!(!tree.holders().contains("node /soc/dev"));
    assert!(tree.holders().contains("\"compatible\""));
    drop(prop);
    kref::track::set_tag(None);
    tree.wait_released(id, NOW).unwrap();
    assert_eq!(tree.holders(), "");
}

#[test]
fn k07_ids_are_never_used_again() {
    let (a, b) = (board().tree(), board().tree());
    let mut last = 0;
    for _ in 0..50 {
        for tree in [&a, &b] {
            let id = set_status("okay").apply(tree).unwrap();
            assert!(id > last);
            last = id;
            remove(tree, id);
            assert_eq!(tree.remove(id, RemoveMode::Default).unwrap_err().errno(), ENOENT);
        }
    }
    let id = set_status("okay").apply(&a).unwrap();
    assert_eq!(b.remove(id, RemoveMode::Default).unwrap_err().errno(), ENOENT, "another tree's");
    remove(&a, id);
}

#[test]
fn o14_removal_restores_content_and_order() {
    let tree = board().tree();
    let before = blob_of(&tree);
    let id = overlay()
        .fragment(
            To::Label("uart0"),
            node("").text("new", "a").text("status", "okay").cells("reg", &[1, 2]).child(node("port")),
        )
        .fragment(To::Label("i2c0"), node("").child(node("eeprom@50").phandle(1)).child(node("rtc@68")))
        .label("eeprom", "/fragment@1/__overlay__/eeprom@50")
        .apply(&tree)
        .unwrap();
    assert_ne!(blob_of(&tree), before);
    let phandle = tree.node_by_label("eeprom").unwrap().phandle();
    remove(&tree, id);
    assert_eq!(blob_of(&tree), before);
    tree.node_by_phandle(phandle).unwrap_err();
    tree.node_by_label("eeprom").unwrap_err();
    assert_eq!(tree.node_by_path("/soc/i2c@a000").unwrap().phandle(), 0);
}

#[test]
fn o14_an_unknown_id_is_refused() {
    let tree = board().tree();
    for id in [0, -1, i32::MIN, i32::MAX, 1_000_000] {
        assert_eq!(tree.remove(id, RemoveMode::Default).unwrap_err().errno(), ENOENT);
        assert_eq!(tree.remove(id, RemoveMode::Linux).unwrap_err().errno(), ENODEV);
    }
}

#[test]
fn o14_a_phandle_is_free_again() {
    let tree = board().tree();
    let one = overlay().fragment(To::Label("soc"), node("").child(node("clock").phandle(1)));
    for _ in 0..3 {
        let id = one.apply(&tree).unwrap();
        assert_eq!(tree.node_by_path("/soc/clock").unwrap().phandle(), 7);
        remove(&tree, id);
    }
}

#[test]
fn o15_linux_removes_only_what_nothing_later_touches() {
    let tree = board().tree();
    let first = adds("dev").apply(&tree).unwrap();
    let inside = overlay().fragment(To::Path("/soc/dev"), node("").child(node("port"))).apply(&tree).unwrap();
    let error = tree.remove(first, RemoveMode::Linux).unwrap_err();
    assert_eq!(error.errno(), EBUSY);
    assert!(error.to_string().contains(&format!("overlay {inside}")), "{error}");
    tree.remove(inside, RemoveMode::Linux).unwrap();

    let around = set_status("okay").apply(&tree).unwrap();
    let above = overlay().fragment(To::Label("soc"), node("").text("x", "y")).apply(&tree).unwrap();
    assert_eq!(tree.remove(around, RemoveMode::Linux).unwrap_err().errno(), EBUSY, "a node that contains it");
    tree.remove(above, RemoveMode::Linux).unwrap();
    tree.remove(first, RemoveMode::Linux).expect("a neighbour does not matter");
    tree.remove(around, RemoveMode::Linux).unwrap();
    assert_eq!(blob_of(&tree), board().blob());
}

#[test]
fn o15_symbols_make_linux_last_in_first_out() {
    let tree = board().tree();
    let labelled =
        |name: &str| adds(name).label(name, &format!("/fragment@0/__overlay__/{name}")).apply(&tree).unwrap();
    let (a, b) = (labelled("a"), labelled("b"));
    assert_eq!(tree.remove(a, RemoveMode::Linux).unwrap_err().errno(), EBUSY);
    remove(&tree, a);
    tree.remove(b, RemoveMode::Linux).unwrap();
    assert_eq!(blob_of(&tree), board().blob());
}

#[test]
fn o16_values_are_a_stack() {
    let values = ["okay", "fail", "fail-sss", "reserved"];
    for skip in 0..values.len() {
        let tree = board().tree();
        let ids: Vec<i32> = values.iter().map(|value| set_status(value).apply(&tree).unwrap()).collect();
        remove(&tree, ids[skip]);
        let mut left: Vec<(i32, &str)> = ids.into_iter().zip(values).collect();
        left.remove(skip);
        while let Some((id, value)) = left.pop() {
            assert_eq!(status(&tree), value);
            remove(&tree, id);
        }
        assert_eq!(blob_of(&tree), board().blob());
    }
}

/// Overlays over the same property, other properties and other nodes, removed in every order.
#[test]
fn o16_any_order_of_removal_ends_where_it_began() {
    let pool = [
        overlay().fragment(To::Label("uart0"), node("").text("a", "1").text("status", "okay")),
        overlay().fragment(To::Label("uart0"), node("").text("b", "2").text("a", "2").child(node("port"))),
        overlay().fragment(To::Label("uart0"), node("").text("status", "fail").text("b", "3").text("c", "3")),
        adds("dev").label("dev", "/fragment@0/__overlay__/dev"),
    ];
    permutations(&mut vec![0, 1, 2, 3], 0, &mut |order| {
        let tree = board().tree();
        let ids: Vec<i32> = pool.iter().map(|overlay| overlay.apply(&tree).unwrap()).collect();
        for (gone, &next) in order.iter().enumerate() {
            remove(&tree, ids[next]);
            // What is left is what would be there had the removed ones never been applied.
            let other = board().tree();
            for (at, overlay) in pool.iter().enumerate() {
                if !order[..=gone].contains(&at) {
                    overlay.apply(&other).unwrap();
                }
            }
            let diff = Tree::diff(&other, &tree, Default::default()).unwrap();
            assert_eq!(diff, "", "order {order:?}, after {}", gone + 1);
        }
        assert_eq!(blob_of(&tree), board().blob(), "order {order:?}");
    });
}

fn permutations(items: &mut Vec<usize>, from: usize, visit: &mut impl FnMut(&[usize])) {
    if from == items.len() {
        return visit(items);
    }
    for at in from..items.len() {
        items.swap(from, at);
        permutations(items, from + 1, visit);
        items.swap(from, at);
    }
}

#[test]
fn o16_what_others_stand_on_stays() {
    let tree = board().tree();
    let id = adds("dev").apply(&tree).unwrap();
    let busy = |later: i32, node: &str| {
        let before = blob_of(&tree);
        let error = tree.remove(id, RemoveMode::Default).unwrap_err();
        assert_eq!(error.errno(), EBUSY);
        let sentence = error.to_string();
        assert!(sentence.contains(&format!("overlay {later} ")) && sentence.contains(node), "{sentence}");
        assert_eq!(blob_of(&tree), before);
        remove(&tree, later);
    };
    let inside = overlay().fragment(To::Path("/soc/dev"), node("").child(node("port")));
    busy(inside.apply(&tree).unwrap(), "/soc/dev/port");
    let value = overlay().fragment(To::Path("/soc/dev"), node("").text("x", "y"));
    busy(value.apply(&tree).unwrap(), "/soc/dev");
    remove(&tree, id);
    assert_eq!(blob_of(&tree), board().blob());
}

#[test]
fn o16_a_reference_to_a_phandle_holds_its_overlay() {
    let tree = board().tree();
    let clock = overlay()
        .fragment(To::Label("soc"), node("").child(node("clock").phandle(1)))
        .label("clk", "/fragment@0/__overlay__/clock")
        .apply(&tree)
        .unwrap();
    let given = overlay()
        .fragment(To::Path("/soc"), node("").child(node("bus-user").cells("bus", &[0])))
        .uses("i2c0", "/fragment@0/__overlay__/bus-user", "bus", 0)
        .apply(&tree)
        .unwrap();
    let user = overlay()
        .fragment(To::Path("/soc"), node("").child(node("user").cells("clocks", &[0]).cells("bus", &[0])))
        .uses("clk", "/fragment@0/__overlay__/user", "clocks", 0)
        .uses("i2c0", "/fragment@0/__overlay__/user", "bus", 0)
        .apply(&tree)
        .unwrap();
    for (id, node) in [(clock, "/soc/clock"), (given, "/soc/i2c@a000")] {
        let error = tree.remove(id, RemoveMode::Default).unwrap_err();
        assert_eq!(error.errno(), EBUSY);
        assert!(error.to_string().contains(node), "{error}");
    }
    [user, given, clock].into_iter().for_each(|id| remove(&tree, id));
    assert_eq!(blob_of(&tree), board().blob());
}

#[test]
fn o17_removal_never_waits_and_waiting_is_separate() {
    let tree = board().tree();
    let id = adds("dev").apply(&tree).unwrap();
    assert_eq!(tree.wait_released(id, NOW).unwrap_err().errno(), EBUSY, "still applied");
    let held = tree.node_by_path("/soc/dev").unwrap();
    remove(&tree, id);
    for asked in [id, 0] {
        assert_eq!(tree.wait_released(asked, NOW).unwrap_err().errno(), ETIMEDOUT);
    }
    assert_eq!(tree.wait_released(id + 1, NOW).unwrap_err().errno(), ENOENT);
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| tree.wait_released(id, Some(Duration::from_secs(60))));
        drop(held);
        waiter.join().unwrap().unwrap();
    });
    tree.wait_released(0, NOW).unwrap();
}

/// What is applied while somebody waits for everything that was removed is no concern of his.
#[test]
fn o17_a_wait_for_all_is_for_what_was_removed_before() {
    let tree = board().tree();
    let id = adds("dev").apply(&tree).unwrap();
    let held = tree.node_by_path("/soc/dev").unwrap();
    remove(&tree, id);
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| tree.wait_released(0, Some(Duration::from_secs(10))));
        std::thread::sleep(Duration::from_millis(50));
        adds("other").apply(&tree).unwrap();
        drop(held);
        waiter.join().unwrap().unwrap();
    });
}

#[test]
fn o17_base_nodes_do_not_hold_an_overlay() {
    let tree = board().tree();
    let held = tree.node_by_path("/soc/uart").unwrap();
    let id = set_status("okay").apply(&tree).unwrap();
    remove(&tree, id);
    tree.wait_released(id, NOW).unwrap();
    assert!(tree.holders().contains("/soc/uart@9000"));
    drop(held);
    assert_eq!(tree.holders(), "");
}

#[test]
fn o18_a_detached_node_keeps_what_it_had() {
    let tree = board().tree();
    let id = overlay()
        .fragment(To::Label("soc"), node("").child(node("dev").text("a", "1").phandle(1).child(node("port"))))
        .fragment(To::Path("/soc/dev"), node("").text("b", "2"))
        .label("dev", "/fragment@0/__overlay__/dev")
        .apply(&tree)
        .unwrap();
    let (dev, port) = (tree.node_by_path("/soc/dev").unwrap(), tree.node_by_path("/soc/dev/port").unwrap());
    let (names, phandle) = (prop_names(&dev), dev.phandle());
    assert_eq!(names, ["a", "phandle", "b"]);
    remove(&tree, id);
    assert!(!dev.is_attached() && !port.is_attached());
    assert_eq!((dev.name(), dev.path().as_str()), ("dev", "/soc/dev"));
    assert_eq!(port.path(), "/soc/dev/port");
    assert_eq!(prop_names(&dev), names);
    assert_eq!(dev.read_string("b", 0).unwrap(), "2");
    assert!(dev.parent().is_none() && dev.first_child().is_none() && port.parent().is_none());
    assert_eq!(dev.child("port").unwrap_err().errno(), ENODEV);
    tree.node_by_path("/soc/dev").unwrap_err();
    tree.node_by_phandle(phandle).unwrap_err();
    tree.node_by_label("dev").unwrap_err();
    assert_eq!(tree.node_by_compatible(Some(&dev), "x").unwrap_err().errno(), ENODEV);
}

#[test]
fn o18_a_path_can_be_added_again_whatever_leaks() {
    let tree = board().tree();
    let before = blob_of(&tree);
    let mut leaked = Vec::new();
    for round in 0..1000u32 {
        let id = overlay()
            .fragment(
                To::Label("soc"),
                node("").child(node("ibm,platform-facilities").cells("round", &[round])),
            )
            .apply(&tree)
            .unwrap();
        let now = tree.node_by_path("/soc/ibm,platform-facilities").unwrap();
        assert_eq!(now.read_u32("round").unwrap(), round);
        leaked.push(now);
        remove(&tree, id);
        assert_eq!(blob_of(&tree), before);
    }
    for (round, node) in leaked.iter().enumerate() {
        assert_eq!(node.read_u32("round").unwrap(), round as u32);
        assert!(!node.is_attached());
        assert_eq!(node.path(), "/soc/ibm,platform-facilities");
    }
    assert_eq!(tree.holders().lines().count(), 1000);
    drop(leaked);
    tree.wait_released(0, NOW).unwrap();
}

#[test]
fn o18_an_old_value_stays_with_its_holder() {
    let tree = board().tree();
    let uart = tree.node_by_path("/soc/uart").unwrap();
    let old = uart.prop("status").unwrap();
    let id = set_status("okay").apply(&tree).unwrap();
    let new = uart.prop("status").unwrap();
    remove(&tree, id);
    assert_eq!((old.data(), new.data()), (&b"disabled\0"[..], &b"okay\0"[..]));
    assert_eq!((old.origin(), new.origin()), (0, id));
    assert_eq!(tree.wait_released(id, NOW).unwrap_err().errno(), ETIMEDOUT, "a value holds its overlay too");
    drop(new);
    tree.wait_released(id, NOW).unwrap();
}

#[test]
fn o24_every_node_and_value_knows_its_overlay() {
    for mode in MODES {
        let tree = board().tree();
        let one = set_status("okay").apply_as(&tree, mode).unwrap();
        let two = adds("dev").label("dev", "/fragment@0/__overlay__/dev").apply_as(&tree, mode).unwrap();
        let uart = tree.node_by_path("/soc/uart").unwrap();
        assert_eq!((uart.origin(), uart.prop("status").unwrap().origin()), (0, one), "{mode:?}");
        assert_eq!(uart.prop("reg").unwrap().origin(), 0);
        let dev = tree.node_by_path("/soc/dev").unwrap();
        assert_eq!((dev.origin(), dev.prop("compatible").unwrap().origin()), (two, two));
        let symbols = tree.node_by_path("/__symbols__").unwrap();
        assert_eq!((symbols.origin(), symbols.prop("dev").unwrap().origin()), (0, two));
        tree.remove(two, RemoveMode::Linux).unwrap();
        remove(&tree, one);
        assert_eq!(uart.prop("status").unwrap().origin(), 0);
    }
}

#[test]
fn remove_all_takes_the_last_first() {
    let tree = board().tree();
    adds("dev").apply(&tree).unwrap();
    overlay().fragment(To::Path("/soc/dev"), node("").child(node("port"))).apply(&tree).unwrap();
    set_status("okay").apply_as(&tree, Mode::Libfdt).unwrap();
    assert_eq!(tree.remove_all().unwrap(), 3);
    assert_eq!(blob_of(&tree), board().blob());
    assert_eq!(tree.remove_all().unwrap(), 0);
}
