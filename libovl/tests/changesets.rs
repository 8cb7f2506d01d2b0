// SPDX-License-Identifier: MIT OR Apache-2.0
//! Changesets (O19): what a program lists is checked completely, applied as a whole, and reverted exactly, in any order that leaves
//! nothing dangling.

mod common;
use common::*;
use ovl::{Action, Changeset, DtsOptions, Error, Node, Tree};

fn uart(tree: &Tree) -> Node {
    tree.node_by_label("uart0").unwrap()
}

fn text_of(node: &Node, name: &str) -> String {
    node.read_string(name, 0).unwrap_or_else(|error| format!("({error})"))
}

/// Applies what must be refused, and shows that it changed nothing; the error.
fn stands(tree: &Tree, changeset: &Changeset) -> Error {
    let before = blob_of(tree);
    let error = changeset.apply().expect_err("refused");
    assert_eq!(blob_of(tree), before, "the tree has changed: {error}");
    assert!(!changeset.is_applied());
    error
}

#[test]
fn o19_nodes_and_properties_come_and_go_as_one() {
    let tree = board().tree();
    let before = blob_of(&tree);
    let (soc, uart) = (tree.node_by_path("/soc").unwrap(), uart(&tree));
    let changes = Changeset::new(&tree);
    let dma = changes.create_node(Some(&soc), "dma@b000").unwrap();
    let channel = changes.create_node(Some(&dma), "channel").unwrap();
    changes.set_strings(&dma, "compatible", &["acme,dma2", "acme,dma"]).unwrap();
    changes.set_u32_array(&dma, "reg", &[0xb000, 0x100]).unwrap();
    changes.set_u64(&channel, "mask", 0x1_0000_0002).unwrap();
    changes.set_bool(&channel, "coherent", true).unwrap();
    changes.set_bool(&channel, "secure", false).unwrap();
    changes.update_prop(&uart, "status", b"okay\0").unwrap();
    changes.add_prop(&uart, "dmas", &[0; 4]).unwrap();
    changes.remove_prop(&uart, "reg").unwrap();
    assert!(!dma.is_attached() && tree.node_by_path("/soc/dma").is_err(), "nothing before it is applied");
    assert_eq!(blob_of(&tree), before);

    let id = changes.apply().unwrap();
    assert_eq!((changes.id(), changes.is_applied(), dma.path()), (id, true, "/soc/dma@b000".into()));
    assert_eq!(tree.node_by_path("/soc/dma/channel").unwrap(), channel);
    assert_eq!(dma.match_string("compatible", "acme,dma").unwrap(), 1);
    assert_eq!((channel.read_u64("mask").unwrap(), channel.read_bool("coherent")), (0x1_0000_0002, true));
    assert_eq!(prop_names(&uart), ["compatible", "status", "phandle", "dmas"]);
    assert!(uart.is_available() && uart.prop("reg").is_err());
    assert_eq!(child_names(&soc), ["intc@1000", "uart@9000", "i2c@a000", "dma@b000"]);
    // What was written is a tree like any other.
    assert_eq!(Tree::from_fdt(&blob_of(&tree)).unwrap().to_fdt().unwrap(), blob_of(&tree));

    changes.revert().unwrap();
    assert_eq!(blob_of(&tree), before);
    assert!(!dma.is_attached() && tree.node_by_path("/soc/dma").is_err());
    // Who holds the node still reads it (O18), and it can come back.
    assert_eq!((dma.path(), dma.read_u32("reg").unwrap()), ("/soc/dma@b000".into(), 0xb000));
    assert_ne!(changes.apply().unwrap(), id, "an id is given once (K7)");
    assert_eq!((dma.is_attached(), prop_names(&dma)), (true, vec!["compatible".to_string(), "reg".into()]));
    changes.revert().unwrap();
    assert_eq!(blob_of(&tree), before);
}

#[test]
fn o19_what_cannot_be_done_stops_all_of_it() {
    let tree = board().tree();
    let (soc, uart) = (tree.node_by_path("/soc").unwrap(), uart(&tree));
    let refused = |errno: i32, list: &dyn Fn(&Changeset) -> ovl::Result<()>| {
        let changes = Changeset::new(&tree);
        changes.set_u32(&uart, "first", 1).unwrap();
        changes.create_node(Some(&soc), "new").unwrap();
        list(&changes).unwrap();
        let error = stands(&tree, &changes);
        assert_eq!(error.errno(), errno, "{error}");
        error.to_string()
    };
    assert_eq!(
        refused(libc::EEXIST, &|c| c.add_prop(&uart, "status", b"")),
        "/soc/uart@9000: property \"status\": there is one already"
    );
    assert_eq!(
        refused(libc::ENOENT, &|c| c.update_prop(&uart, "absent", b"")),
        "/soc/uart@9000: property \"absent\": there is none"
    );
    refused(libc::ENOENT, &|c| c.remove_prop(&uart, "absent"));
    refused(libc::ENOENT, &|c| c.remove_prop(&uart, "reg").and_then(|()| c.remove_prop(&uart, "reg")));
    assert_eq!(
        refused(libc::EEXIST, &|c| c.create_node(Some(&soc), "uart@9000").map(drop)),
        "attach /soc/uart@9000: there is one already"
    );
    refused(libc::EEXIST, &|c| c.create_node(Some(&soc), "new").map(drop));
    assert_eq!(
        refused(libc::EEXIST, &|c| c.set_u32(&soc, "phandle", 2)),
        "/soc: phandle 0x2 is that of /soc/uart@9000"
    );
    refused(libc::EINVAL, &|c| c.set_u32(&soc, "phandle", 0));
    refused(libc::EINVAL, &|c| c.detach_node(&tree.root().unwrap()));
    refused(libc::ENODEV, &|c| c.detach_node(&uart).and_then(|()| c.detach_node(&uart)));
    refused(libc::ENODEV, &|c| c.detach_node(&soc).and_then(|()| c.set_u32(&uart, "x", 1)));
    let orphan = |c: &Changeset| {
        let parent = c.create_node(None, "parent")?;
        c.create_node(Some(&parent), "child").map(drop)
    };
    assert_eq!(refused(libc::ENODEV, &orphan), "attach parent/child: its parent is not in the tree");
    let deep =
        |c: &Changeset| (0..64).try_fold(soc.clone(), |node, _| c.create_node(Some(&node), "n")).map(drop);
    refused(libc::E2BIG, &deep);
    let long = |c: &Changeset| c.create_node(Some(&soc), &"n".repeat(4095)).map(drop);
    refused(libc::E2BIG, &long);

    let other = board().tree();
    let changes = Changeset::new(&tree);
    for (what, error) in [
        ("a node of another tree", changes.set_u32(&other.root().unwrap(), "x", 1).unwrap_err()),
        ("no name", changes.create_node(None, "").unwrap_err()),
        ("a slash", changes.create_node(None, "a/b").unwrap_err()),
        ("a property without a name", changes.set_u32(&soc, "", 1).unwrap_err()),
        ("a property with a blank", changes.set_u32(&soc, "a b", 1).unwrap_err()),
        ("a NUL", changes.set_string(&soc, "x", "a\0b").unwrap_err()),
        ("a part of the base", changes.attach_node(&soc, &uart).unwrap_err()),
        ("not applied", changes.revert().unwrap_err()),
    ] {
        assert_eq!(error.errno(), libc::EINVAL, "{what}: {error}");
    }
    assert_eq!(changes.count(), 0);
    changes.apply().unwrap();
    assert_eq!(changes.apply().unwrap_err().errno(), libc::EINVAL);
    assert_eq!(changes.set_u32(&soc, "x", 1).unwrap_err().errno(), libc::EBUSY);
    assert_eq!(changes.create_node(Some(&soc), "x").unwrap_err().errno(), libc::EBUSY);
}

#[test]
fn o19_order_comes_back_exactly_whatever_is_reverted_first() {
    let base =
        ["a", "b", "c", "d"].iter().fold(node(""), |root, name| root.child(node(name).cells(name, &[1])));
    let props = ["p", "q", "r"].iter().fold(base, |root, name| root.cells(name, &[0]));
    let tree = props.tree();
    let before = blob_of(&tree);
    let root = tree.root().unwrap();
    let changes = |list: &dyn Fn(&Changeset)| {
        let changes = Changeset::new(&tree);
        list(&changes);
        changes.apply().unwrap();
        changes
    };
    let detach = |name: &str| changes(&|c| c.detach_node(&root.child(name).unwrap()).unwrap());
    let add = |name: &str| changes(&|c| drop(c.create_node(Some(&root), name).unwrap()));
    let remove = |name: &str| changes(&|c| c.remove_prop(&root, name).unwrap());
    let set = |name: &str| changes(&|c| c.set_u32(&root, name, 7).unwrap());
    // Every order of going and of coming back.
    let orders =
        [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [2, 0, 5, 1, 4, 3], [3, 5, 0, 4, 1, 2], [1, 3, 4, 0, 2, 5]];
    for order in orders {
        let mut all = [detach("b"), add("x"), detach("c"), remove("q"), set("q"), set("s")].map(Some);
        assert_eq!(child_names(&root), ["a", "d", "x"]);
        assert_eq!(prop_names(&root), ["p", "q", "r", "s"]);
        for &i in &order {
            all[i].take().unwrap().revert().unwrap();
            let expected: Vec<&str> =
                [("a", None), ("b", Some(0)), ("c", Some(2)), ("d", None), ("x", Some(1))]
                    .into_iter()
                    .filter(|&(name, by)| by.is_none_or(|by: usize| all[by].is_none() != (name == "x")))
                    .map(|(name, _)| name)
                    .collect();
            assert_eq!(child_names(&root), expected, "{order:?} at {i}");
        }
        assert_eq!(blob_of(&tree), before, "{order:?}");
    }
}

#[test]
fn o19_a_node_moves_and_comes_back() {
    let tree = board().tree();
    let before = blob_of(&tree);
    let (soc, root) = (tree.node_by_path("/soc").unwrap(), tree.root().unwrap());
    let changes = Changeset::new(&tree);
    let bus = changes.create_node(Some(&root), "bus").unwrap();
    let intc = soc.child("intc").unwrap();
    changes.detach_node(&intc).unwrap();
    changes.attach_node(&bus, &intc).unwrap();
    // Another one takes its place.
    let new = changes.create_node(Some(&soc), "intc@1000").unwrap();
    changes.apply().unwrap();
    assert_eq!((intc.path(), new.path()), ("/bus/intc@1000".into(), "/soc/intc@1000".into()));
    assert_eq!(tree.node_by_phandle(5).unwrap(), intc);
    // Others do not take it meanwhile.
    let others = Changeset::new(&tree);
    others.detach_node(&intc).unwrap();
    assert_eq!(stands(&tree, &others).errno(), libc::EBUSY);
    changes.revert().unwrap();
    assert_eq!((intc.path(), blob_of(&tree)), ("/soc/intc@1000".into(), before));
}

#[test]
fn o19_a_changeset_keeps_what_it_refers_to() {
    let tree = board().tree();
    let changes = Changeset::new(&tree);
    {
        let node = changes.create_node(Some(&tree.root().unwrap()), "new").unwrap();
        changes.set_string(&node, "status", "disabled").unwrap();
        changes.set_string(&uart(&tree), "status", "okay").unwrap();
        changes.detach_node(&tree.node_by_path("/soc/i2c").unwrap()).unwrap();
    }
    let entries = || -> Vec<(Action, String, Option<String>, Option<String>)> {
        let text =
            |prop: Option<ovl::Prop>| prop.map(|prop| String::from_utf8_lossy(prop.data()).into_owned());
        let entry = |i| {
            let entry = changes.entry(i).unwrap();
            (entry.action, entry.node.name().to_string(), text(entry.prop), text(entry.before))
        };
        (0..changes.count()).map(entry).collect()
    };
    let text = |text: &str| Some(format!("{text}\0"));
    let expected = [
        (Action::Attach, "new".to_string(), None, None),
        (Action::Add, "new".into(), text("disabled"), None),
        (Action::Update, "uart@9000".into(), text("okay"), text("disabled")),
        (Action::Detach, "i2c@a000".into(), None, None),
    ];
    assert_eq!(entries(), expected);
    changes.apply().unwrap();
    assert_eq!(entries(), expected);
    changes.revert().unwrap();
    assert_eq!(entries(), expected);
    assert_eq!(changes.entry(4).unwrap_err().errno(), libc::ENOENT);
    changes.apply().unwrap();
    // It outlives its tree.
    drop(tree);
    assert_eq!(entries(), expected);
    assert_eq!(changes.revert().unwrap_err().errno(), libc::ENODEV);
    assert_eq!(changes.entry(0).unwrap().node.path(), "/new");
}

/// A template comes in switched off, is filled in, switched on, and taken out again: nothing is left.
#[test]
fn o19_the_hypervisor_loader() {
    let tree = board().tree();
    let before = blob_of(&tree);
    let template = overlay().fragment(
        To::Path("/"),
        node("").child(node("vm@0").text("status", "disabled").child(node("memory").cells("reg", &[0, 0]))),
    );
    let id = template.apply(&tree).unwrap();
    let vm = tree.node_by_path("/vm@0").unwrap();
    let edits = Changeset::new(&tree);
    edits.update_prop(&vm.child("memory").unwrap(), "reg", &[0x40; 8]).unwrap();
    edits.set_string(&vm, "vm-name", "guest").unwrap();
    edits.update_prop(&vm, "status", b"okay\0").unwrap();
    edits.apply().unwrap();
    assert!(vm.is_available());
    let error = tree.remove(id, ovl::RemoveMode::Default).unwrap_err();
    assert_eq!(error.errno(), libc::EBUSY);
    assert_eq!(
        error.to_string(),
        format!("overlay {id} cannot be removed: changeset {} has set properties of /vm@0", edits.id())
    );
    edits.revert().unwrap();
    assert_eq!(text_of(&vm, "status"), "disabled");
    tree.remove(id, ovl::RemoveMode::Default).unwrap();
    assert_eq!(blob_of(&tree), before);
    drop((vm, edits));
    tree.wait_released(0, Some(std::time::Duration::ZERO)).unwrap();
    assert_eq!(tree.holders(), "");
}

#[test]
fn o16_what_later_ones_stand_on_is_busy_and_named() {
    let tree = board().tree();
    let before = blob_of(&tree);
    let soc = tree.node_by_path("/soc").unwrap();
    let first = Changeset::new(&tree);
    let bridge = first.create_node(Some(&soc), "bridge").unwrap();
    first.set_u32(&bridge, "phandle", 0x77).unwrap();
    first.set_u32(&soc, "both", 1).unwrap();
    first.detach_node(&soc.child("i2c").unwrap()).unwrap();
    let id = first.apply().unwrap();
    let busy = |what: &str| {
        let error = first.revert().unwrap_err();
        assert_eq!(error.errno(), libc::EBUSY);
        assert_eq!(error.to_string(), format!("changeset {id} cannot be reverted: {what}"));
        assert!(first.is_applied());
    };
    // An overlay inside of its node, one that has something in the way, one that refers to it.
    let inside =
        overlay().fragment(To::Path("/soc/bridge"), node("").child(node("sensor"))).apply(&tree).unwrap();
    busy(&format!("overlay {inside} has added /soc/bridge/sensor"));
    tree.remove(inside, ovl::RemoveMode::Default).unwrap();
    let again = overlay().fragment(To::Path("/soc"), node("").child(node("i2c@a000"))).apply(&tree).unwrap();
    busy(&format!("overlay {again} has taken the place of /soc/i2c@a000"));
    tree.remove(again, ovl::RemoveMode::Default).unwrap();
    let refers = overlay().fragment(To::Phandle(0x77), node("").text("x", "y")).apply(&tree).unwrap();
    busy(&format!("overlay {refers} has set properties of /soc/bridge"));
    tree.remove(refers, ovl::RemoveMode::Default).unwrap();
    // Another changeset that took it away.
    let taken = Changeset::new(&tree);
    taken.detach_node(&bridge).unwrap();
    let by = taken.apply().unwrap();
    busy(&format!("changeset {by} has detached /soc/bridge"));
    taken.revert().unwrap();
    // A property is a stack: taking out the lower one leaves the top in force.
    let second = Changeset::new(&tree);
    second.set_u32(&soc, "both", 2).unwrap();
    second.apply().unwrap();
    first.revert().unwrap();
    assert_eq!(soc.read_u32("both").unwrap(), 2);
    second.revert().unwrap();
    assert_eq!(blob_of(&tree), before);
}

#[test]
fn o19_what_nobody_can_revert_stays_for_good() {
    let tree = board().tree();
    let (soc, uart) = (tree.node_by_path("/soc").unwrap(), uart(&tree));
    let change = |list: &dyn Fn(&Changeset)| {
        let changes = Changeset::new(&tree);
        list(&changes);
        changes.apply().unwrap();
    };
    change(&|c| {
        c.create_node(Some(&soc), "kept").unwrap();
        c.detach_node(&soc.child("i2c").unwrap()).unwrap();
        c.remove_prop(&uart, "reg").unwrap();
        c.set_string(&uart, "status", "okay").unwrap();
    });
    let kept = soc.child("kept").unwrap();
    assert_eq!(child_names(&soc), ["intc@1000", "uart@9000", "kept"]);
    assert!(uart.prop("reg").is_err() && uart.is_available());
    // Values that were replaced are freed, one after the other.
    let held = |value: u32| {
        change(&|c| c.set_u32(&kept, "count", value).unwrap());
        kept.prop("count").unwrap()
    };
    let (one, two) = (held(1), held(2));
    assert_eq!((one.data(), two.data()), (&1u32.to_be_bytes()[..], &2u32.to_be_bytes()[..]));
    drop(one);
    (3..100).for_each(|value| drop(held(value)));
    // An overlay's own nodes take along what stays on them; what it set elsewhere is taken out below.
    let before = blob_of(&tree);
    let id = overlay()
        .fragment(To::Label("uart0"), node("").text("status", "disabled").child(node("port")))
        .apply(&tree)
        .unwrap();
    let port = uart.child("port").unwrap();
    change(&|c| {
        c.set_u32(&port, "speed", 9600).unwrap();
        c.create_node(Some(&port), "pin").unwrap();
        c.set_string(&uart, "status", "okay").unwrap();
    });
    let pin = port.child("pin").unwrap();
    tree.remove(id, ovl::RemoveMode::Default).unwrap();
    assert_eq!(blob_of(&tree), before, "okay as before");
    assert!(!port.is_attached() && !pin.is_attached());
    assert_eq!((port.read_u32("speed").unwrap(), pin.path()), (9600, "/soc/uart@9000/port/pin".into()));
    assert_eq!((pin.parent(), port.first_child()), (None, None));
    drop((port, pin));
    tree.wait_released(0, Some(std::time::Duration::ZERO)).unwrap();
    // It belongs to the base now (O24).
    assert_eq!((kept.origin(), kept.prop("count").unwrap().origin()), (0, 0));
    drop(two);
    assert_eq!(tree.holders().lines().count(), 3, "{}", tree.holders());
}

/// An overlay has put a property on a node that goes for good before the overlay does.
#[test]
fn o19_what_goes_for_good_is_not_pulled_from_under_others() {
    let tree = board().tree();
    let soc = tree.node_by_path("/soc").unwrap();
    {
        let changes = Changeset::new(&tree);
        let made = changes.create_node(Some(&soc), "made").unwrap();
        changes.create_node(Some(&made), "below").unwrap();
        changes.apply().unwrap();
    }
    let before = blob_of(&tree);
    let on = |path: &str| {
        let of = overlay().fragment(To::Path(path), node("").text("x", "y").child(node("of-overlay")));
        of.apply(&tree).unwrap()
    };
    let ids = [on("/soc/made"), on("/soc/made/below"), on("/soc/made/of-overlay")];
    let inside = Changeset::new(&tree);
    let below = tree.node_by_path("/soc/made/below").unwrap();
    inside.set_u32(&below, "z", 1).unwrap();
    inside.detach_node(&below.child("of-overlay").unwrap()).unwrap();
    inside.apply().unwrap();
    drop(below);
    {
        let changes = Changeset::new(&tree);
        changes.detach_node(&tree.node_by_path("/soc/made").unwrap()).unwrap();
        changes.apply().unwrap();
        let error = tree.remove(ids[0], ovl::RemoveMode::Default).unwrap_err();
        assert!(error.to_string().contains("has detached"), "{error}");
    }
    assert_eq!(inside.revert().unwrap_err().errno(), libc::ENODEV, "its place is gone");
    ids.iter().rev().for_each(|&id| drop(tree.remove(id, ovl::RemoveMode::Default)));
    drop(inside);
    ids.iter().rev().for_each(|&id| drop(tree.remove(id, ovl::RemoveMode::Default)));
    assert_eq!(tree.overlays(), [0; 0]);
    tree.wait_released(0, Some(std::time::Duration::ZERO)).unwrap();
    let changes = Changeset::new(&tree);
    let made = changes.create_node(Some(&soc), "made").unwrap();
    changes.create_node(Some(&made), "below").unwrap();
    changes.apply().unwrap();
    assert_eq!(blob_of(&tree), before);
}

#[test]
fn o19_wide_nodes_find_their_properties() {
    let tree = (0..40).fold(node(""), |root, i| root.cells(&format!("p{i}"), &[i])).tree();
    let before = blob_of(&tree);
    let root = tree.root().unwrap();
    let changes = Changeset::new(&tree);
    (0..20).for_each(|i| changes.remove_prop(&root, &format!("p{i}")).unwrap());
    (10..15).for_each(|i| changes.add_prop(&root, &format!("p{i}"), &[9; 4]).unwrap());
    (40..80).for_each(|i| changes.set_u32(&root, &format!("p{i}"), i).unwrap());
    changes.apply().unwrap();
    for i in 0..80 {
        let expected = match i {
            0..10 | 15..20 => None,
            10..15 => Some(0x0909_0909),
            _ => Some(i),
        };
        assert_eq!(root.read_u32(&format!("p{i}")).ok(), expected, "p{i}");
    }
    assert_eq!(root.props().len(), 65);
    let all: Vec<_> =
        std::iter::successors(root.next_prop(None), |prop| root.next_prop(Some(prop))).collect();
    assert!(all == root.props());
    changes.revert().unwrap();
    assert_eq!(blob_of(&tree), before);
}

#[test]
fn o24_changesets_have_ids_among_those_of_overlays() {
    let tree = board().tree();
    let changes = Changeset::new(&tree);
    let node = changes.create_node(Some(&tree.root().unwrap()), "new").unwrap();
    changes.set_u32(&uart(&tree), "x", 1).unwrap();
    assert_eq!((changes.id(), node.origin()), (0, 0));
    let id = changes.apply().unwrap();
    assert_eq!((node.origin(), uart(&tree).prop("x").unwrap().origin()), (id, id));
    let source = tree.to_dts(DtsOptions { sorted: false, origins: true }).unwrap();
    assert!(source.contains(&format!("new {{ /* changeset {id} */")), "{source}");
    let next = overlay().fragment(To::Path("/"), node_with("o")).apply(&tree).unwrap();
    assert!(next > id);
    assert_eq!((tree.overlays(), tree.next_overlay(0)), (vec![next], Some(next)), "it is no overlay");
    assert_eq!(tree.remove(id, ovl::RemoveMode::Default).unwrap_err().errno(), libc::ENOENT);
    assert_eq!(tree.overlay_name(id).unwrap_err().errno(), libc::ENOENT);
    assert!(tree
        .wait_released(id, None)
        .unwrap_err()
        .to_string()
        .contains(&format!("changeset {id} is still")));
}

fn node_with(child: &str) -> Body {
    node("").child(node(child))
}

#[test]
fn o6_phandles_of_changesets_are_not_given_to_overlays() {
    let tree = board().tree();
    let changes = Changeset::new(&tree);
    let new = changes.create_node(Some(&tree.root().unwrap()), "new").unwrap();
    changes.set_u32(&new, "phandle", 0x40).unwrap();
    changes.apply().unwrap();
    assert_eq!((tree.node_by_phandle(0x40).unwrap(), new.phandle()), (new.clone(), 0x40));
    let apply =
        || overlay().fragment(To::Path("/"), node("").child(node("o").phandle(1))).apply(&tree).unwrap();
    let id = apply();
    assert_eq!(tree.node_by_path("/o").unwrap().phandle(), 0x42);
    tree.remove(id, ovl::RemoveMode::Default).unwrap();
    drop((changes, new));
    let id = apply();
    assert_eq!(tree.node_by_path("/o").unwrap().phandle(), 0x42, "also when it stays for good");
    tree.remove(id, ovl::RemoveMode::Default).unwrap();
}
