// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hostile input (O1): damaged and invented blobs end in an error or a valid tree, never in a panic, a hang or a leak.

mod common;
use common::*;
use ovl::{fdt, ApplyOptions, Mode, RemoveMode, Tree};
use proptest::prelude::*;
use std::time::Duration;

fn as_mode(mode: Mode) -> ApplyOptions<'static> {
    ApplyOptions { mode, ..ApplyOptions::default() }
}

/// Reads a blob that may be anything; a tree that comes out can be read, written, and read again.
fn read(blob: &[u8]) -> Option<Tree> {
    let checked = fdt::check(blob);
    let tree = match Tree::from_fdt(blob) {
        Ok(tree) => tree,
        Err(_) => {
            checked.unwrap_err();
            return None;
        }
    };
    checked.unwrap();
    let written = blob_of(&tree);
    fdt::check(&written).expect("what is written passes the check");
    let again = Tree::from_fdt(&written).unwrap();
    assert_eq!(blob_of(&again), written, "writing is deterministic");
    walk(&tree.root().unwrap(), &mut |node| {
        let listed = node.props();
        let mut next = node.next_prop(None);
        for prop in &listed {
            assert!(next.as_ref() == Some(prop), "one by one is the same as all at once");
            next = node.next_prop(next.as_ref());
        }
        assert!(next.is_none());
        let _ = tree.node_by_path(&node.path());
        let _ = tree.node_by_phandle(node.phandle());
        listed.iter().for_each(|prop| {
            let _ = tree.node_by_label(prop.name());
            let _ = node.phandle_args(prop.name(), "#cells", 1);
        });
    });
    tree.to_dts(Default::default()).unwrap();
    Some(tree)
}

/// Applies what may be anything in every mode: refused with nothing left behind, or applied and removed without a trace; and
/// the dry run knew it.
fn apply(base: &[u8], overlay: &[u8]) -> bool {
    let tree = Tree::from_fdt(base).unwrap();
    let before = blob_of(&tree);
    let mut applied = false;
    for mode in MODES {
        let report = tree.check_overlay(overlay, &as_mode(mode)).unwrap();
        match tree.apply(overlay, &as_mode(mode)) {
            Ok(id) => {
                assert!(report.problems.is_empty(), "{mode:?}: {report}");
                let after = blob_of(&tree);
                fdt::check(&after).unwrap();
                Tree::from_fdt(&after).unwrap();
                tree.remove(id, RemoveMode::Default).unwrap();
                applied = true;
            }
            Err(error) => {
                assert!(!report.problems.is_empty(), "{mode:?}: not foreseen: {error}");
            }
        }
        assert_eq!(blob_of(&tree), before, "{mode:?}");
        assert_eq!(tree.holders(), "");
    }
    tree.wait_released(0, Some(Duration::ZERO)).unwrap();
    applied
}

/// An overlay with some of everything.
fn hat() -> Overlay {
    overlay()
        .fragment(
            To::Label("i2c0"),
            node("")
                .text("status", "okay")
                .child(node("eeprom@50").cells("reg", &[0x50]).phandle(1))
                .child(node("user").cells("refs", &[1, u32::MAX])),
        )
        .fragment(To::Path("/soc/uart@9000"), node("").text("status", "okay"))
        .label("eeprom", "/fragment@0/__overlay__/eeprom@50")
        .uses("uart0", "/fragment@0/__overlay__/user", "refs", 4)
        .refers("/fragment@0/__overlay__/user", "refs", 0)
}

#[test]
fn o01_every_truncation_is_refused() {
    let blob = board().blob_with(&[(0x8000_0000, 0x1000)], 1);
    for len in 0..blob.len() {
        assert!(read(&blob[..len]).is_none(), "cut at {len}");
    }
}

#[test]
fn o01_every_flipped_bit_of_a_base_is_an_error_or_a_tree() {
    let blob = board().blob_with(&[(0x8000_0000, 0x1000)], 1);
    let mut trees = 0;
    for at in 0..blob.len() {
        for change in [1, 2, 4, 8, 16, 32, 64, 128, 0xff, blob[at]] {
            let mut damaged = blob.clone();
            damaged[at] ^= change;
            if read(&damaged).is_some() {
                trees += 1;
            }
        }
    }
    assert!(
        (1000..10 * blob.len()).contains(&trees),
        "{trees} trees: some flips hit values, others structure"
    );
}

#[test]
fn o12_every_flipped_bit_of_an_overlay_is_refused_or_applied_and_removed() {
    let (base, blob) = (board().blob(), hat().blob());
    assert!(apply(&base, &blob));
    let mut applied = 0;
    for at in 0..blob.len() {
        for change in [1, 4, 0x20, 0x80, 0xff, blob[at]] {
            let mut damaged = blob.clone();
            damaged[at] ^= change;
            applied += usize::from(apply(&base, &damaged));
        }
    }
    assert!((100..6 * blob.len()).contains(&applied), "{applied} applied");
}

#[test]
fn o12_every_flipped_bit_of_a_base_takes_the_overlay_or_stays_as_it_is() {
    let (base, blob) = (board().blob(), hat().blob());
    for at in 0..base.len() {
        for change in [1, 0x20, 0x80, base[at]] {
            let mut damaged = base.clone();
            damaged[at] ^= change;
            if fdt::check(&damaged).is_ok() {
                apply(&damaged, &blob);
            }
        }
    }
}

/// Bytes changed, words replaced by telling ones, pieces copied over others.
fn damage(blob: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let words = prop_oneof![0u32..12, Just(u32::MAX), Just(0xd00d_feed), Just(0x8000_0000), any::<u32>()];
    let change = (0..blob.len(), any::<u8>(), words, 0..blob.len(), 0..64usize, 0..3);
    proptest::collection::vec(change, 1..6).prop_map(move |changes| {
        let mut blob = blob.clone();
        for (at, byte, word, from, len, kind) in changes {
            match kind {
                0 => blob[at] = byte,
                1 => {
                    let at = (at & !3).min(blob.len() - 4);
                    blob[at..at + 4].copy_from_slice(&word.to_be_bytes());
                }
                _ => {
                    let len = len.min(blob.len() - at.max(from)) & !3;
                    blob.copy_within((from & !3)..(from & !3) + len, at & !3);
                }
            }
        }
        blob
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn o01_arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read(&bytes);
        apply(&board().blob(), &bytes);
    }

    #[test]
    fn o01_arbitrary_structure(tokens in proptest::collection::vec(prop_oneof![0u32..10, any::<u32>()], 0..60)) {
        let mut blob = node("").blob();
        let start = 56;
        blob.truncate(start);
        blob.extend(tokens.iter().flat_map(|token| token.to_be_bytes()));
        let end = blob.len() as u32;
        blob.extend(b"a\0phandle\0target\0");
        for (at, value) in [(4, blob.len() as u32), (12, end), (32, 17), (36, end - start as u32)] {
            blob[at..at + 4].copy_from_slice(&value.to_be_bytes());
        }
        read(&blob);
        apply(&board().blob(), &blob);
    }

    #[test]
    fn o01_damaged_bases(blob in damage(board().blob_with(&[(1, 2)], 3))) {
        if read(&blob).is_some() {
            apply(&blob, &hat().blob());
        }
    }

    #[test]
    fn o12_damaged_overlays(blob in damage(hat().blob())) {
        apply(&board().blob(), &blob);
    }
}

#[test]
fn o03_an_alias_of_itself_is_not_followed_forever() {
    let tree = node("").child(node("aliases").text("a", "a").text("b", "a/b").text("c", "b/x")).tree();
    for alias in ["a", "b", "c", "a/a", "c/b"] {
        tree.node_by_path(alias).unwrap_err();
        let blob = overlay().fragment(To::Path(alias), node("").text("x", "y")).blob();
        MODES.into_iter().for_each(|mode| drop(refused(&tree, &blob, mode)));
    }
}

#[test]
fn o03_symbols_that_lead_to_aliases_of_themselves() {
    let base =
        node("").child(node("aliases").text("a", "a")).child(node("__symbols__").text("a", "a")).tree();
    base.node_by_label("a").unwrap_err();
    let blob = overlay().fragment(To::Label("a"), node("").text("x", "y")).blob();
    MODES.into_iter().for_each(|mode| drop(refused(&base, &blob, mode)));
}

#[test]
fn o04_properties_of_one_name_are_iterated_once_each() {
    for symbols in ["dev", "__symbols__"] {
        let tree = node("").child(node(symbols).text("a", "1").text("b", "2").text("a", "3")).tree();
        let before = blob_of(&tree);
        let path = format!("/{symbols}");
        let id = overlay()
            .fragment(To::Path(&path), node("").text("a", "4").text("c", "5"))
            .apply_as(&tree, Mode::Libfdt)
            .unwrap();
        let dev = tree.node_by_path(&path).unwrap();
        let mut seen = Vec::new();
        let mut next = dev.next_prop(None);
        while let Some(prop) = next {
            assert!(seen.len() < 4, "{seen:?}, and on and on");
            seen.push(prop.data()[0]);
            next = dev.next_prop(Some(&prop));
        }
        assert_eq!(seen, b"4235", "the first of its name is what counts, and is replaced");
        tree.remove(id, RemoveMode::Default).unwrap();
        assert_eq!(blob_of(&tree), before);
    }
}

/// The first of two properties of a name is the one that counts, for labels too, before and after an overlay.
#[test]
fn o03_the_first_of_two_labels_counts() {
    let symbols = node("__symbols__").text("x", "/a").text("x", "/b");
    let tree = node("").child(node("a")).child(node("b")).child(node("c")).child(symbols).tree();
    let found = |tree: &Tree| tree.node_by_label("x").unwrap().path();
    assert_eq!(found(&tree), "/a");
    let id = overlay()
        .fragment(To::Path("/c"), node("").text("y", "z"))
        .label("x", "/fragment@0/__overlay__")
        .apply_as(&tree, Mode::Libfdt)
        .unwrap();
    assert_eq!(tree.node_by_path("/__symbols__").unwrap().read_string("x", 0).unwrap(), "/c/");
    assert_eq!(found(&tree), "/c");
    tree.remove(id, RemoveMode::Default).unwrap();
    assert_eq!(found(&tree), "/a");
}

/// A node with two numbers is found by the same one before and after an overlay changed one of them.
#[test]
fn o06_contradictory_phandles_are_restored() {
    for (first, second) in [("linux,phandle", "phandle"), ("phandle", "linux,phandle")] {
        let tree = node("").child(node("a").cells(first, &[7]).cells(second, &[5])).tree();
        let a = tree.node_by_path("/a").unwrap();
        let before = a.phandle();
        for name in [first, second] {
            let id = overlay()
                .fragment(To::Path("/a"), node("").cells(name, &[1]))
                .apply_as(&tree, Mode::Libfdt)
                .unwrap();
            tree.remove(id, RemoveMode::Default).unwrap();
            assert_eq!(a.phandle(), before, "{first} then {second}, {name} changed");
            assert!(tree.node_by_phandle(before).unwrap() == a);
        }
    }
}

/// Runs something on a blob of about a megabyte that tries to make it slow.
fn promptly(what: &str, run: impl FnOnce()) {
    let start = processor_time();
    run();
    let took = processor_time() - start;
    // An optimised library has a tenth of this; a debug build is allowed for.
    assert!(took < Duration::from_secs(3), "{what}: {took:?}");
}

/// What this thread has had of a processor. (On a busy machine, time passes while others have it.)
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    // utime and stime of proc(5), in ticks of a hundredth of a second.
    let ticks: u64 = fields.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum();
    Duration::from_millis(10 * ticks)
}

/// What costs the square of this is seen.
const MANY: usize = if cfg!(debug_assertions) { 10_000 } else { 20_000 };

fn many(body: Body, add: impl FnMut(Body, usize) -> Body) -> Body {
    (0..MANY).fold(body, add)
}

fn everything(what: &str, base: &[u8], overlay: &[u8]) {
    let mut tree = None;
    promptly(&format!("{what}: reading"), || tree = Tree::from_fdt(base).ok());
    let Some(tree) = tree else { return };
    for mode in MODES {
        promptly(&format!("{what}: dry run, {mode:?}"), || drop(tree.check_overlay(overlay, &as_mode(mode))));
        let mut id = None;
        promptly(&format!("{what}: apply, {mode:?}"), || id = tree.apply(overlay, &as_mode(mode)).ok());
        promptly(&format!("{what}: to_dts, {mode:?}"), || drop(tree.to_dts(Default::default())));
        promptly(&format!("{what}: to_fdt, {mode:?}"), || drop(tree.to_fdt()));
        let Some(id) = id else { continue };
        let base = Tree::from_fdt(base).unwrap();
        promptly(&format!("{what}: diff, {mode:?}"), || drop(Tree::diff(&base, &tree, Default::default())));
        promptly(&format!("{what}: remove, {mode:?}"), || tree.remove(id, RemoveMode::Default).unwrap());
    }
    promptly(&format!("{what}: holders"), || assert_eq!(tree.holders(), ""));
    promptly(&format!("{what}: the end"), || drop(tree));
}

#[test]
fn o01_many_properties_on_one_node() {
    let filled = |value: &str| many(node(""), |body, i| body.text(&format!("p{i}"), value));
    let fresh = overlay().fragment(To::Path("/"), filled("a"));
    everything("new properties", &node("").blob(), &fresh.blob());
    everything("updated properties", &filled("b").blob(), &fresh.blob());
}

#[test]
fn o01_many_children_of_one_node() {
    let named = |prefix: &str| many(node(""), |body, i| body.child(node(&format!("{prefix}{i}"))));
    let fresh = overlay().fragment(To::Path("/"), named("a"));
    everything("new children", &named("b").blob(), &fresh.blob());
    everything("children in the other case", &named("A").blob(), &fresh.blob());
    everything("known children", &named("a").blob(), &fresh.blob());
}

#[test]
fn o01_many_twins() {
    let twins = many(node(""), |body, _| body.child(node("twin").phandle(7)));
    let fresh = overlay().fragment(To::Path("/"), node("").child(twins.clone().name("top")));
    everything("twins", &twins.blob(), &fresh.blob());
}

#[test]
fn o01_many_labels_and_fixups() {
    let symbols = many(node("__symbols__"), |body, i| body.text(&format!("l{i}"), &format!("/n{i}")));
    let base = many(node("").child(symbols), |body, i| body.child(node(&format!("n{i}@1"))));
    let fixups =
        many(node("__fixups__"), |body, i| body.text(&format!("l{i}"), &format!("/f/__overlay__:p{i}:0")));
    let body = many(node("__overlay__"), |body, i| body.cells(&format!("p{i}"), &[0]));
    let user = node("").child(node("f").text("target-path", "/").child(body)).child(fixups);
    everything("labels without unit address", &base.blob(), &user.blob());

    let aliases = many(node("aliases"), |body, i| body.text(&format!("a{i}"), "/aliases"));
    let symbols = many(node("__symbols__"), |body, i| body.text(&format!("l{i}"), &format!("a{i}")));
    everything("labels of aliases", &node("").child(aliases).child(symbols).blob(), &user.blob());
}

#[test]
fn o01_many_local_fixups() {
    let body = many(node("__overlay__"), |body, i| body.cells(&format!("p{i}"), &[1]));
    let offsets = many(node("__overlay__"), |body, i| body.cells(&format!("p{i}"), &[0]));
    let overlay = node("")
        .child(node("f").text("target-path", "/").child(body))
        .child(node("__local_fixups__").child(node("f").child(offsets)));
    everything("local references", &node("").blob(), &overlay.blob());
}

#[test]
fn o01_many_fragments() {
    let fragment = |i: usize| {
        node(&format!("f{i}"))
            .text("target-path", &format!("/n{i}"))
            .child(node("__overlay__").text("x", "y").child(node(&format!("C{i}"))))
    };
    let base = many(node(""), |body, i| body.child(node(&format!("n{i}@1"))));
    let overlay = many(node(""), |body, i| body.child(fragment(i)));
    everything("targets without unit address", &base.blob(), &overlay.blob());
    let one = many(node(""), |body, i| {
        body.child(
            node(&format!("f{i}"))
                .text("target-path", "/")
                .child(node("__overlay__").text(&format!("p{i}"), "y").child(node(&format!("C{i}")))),
        )
    });
    everything("fragments of one target", &base.blob(), &one.blob());
}

/// Each fragment goes into what the one before makes, far deeper than a tree may be.
#[test]
fn o01_a_chain_of_fragments_is_stopped_by_its_depth() {
    let chain = (0..5000u32).fold(node(""), |body, i| {
        let target = match i {
            0 => node("f").text("target-path", "/"),
            _ => node(&format!("f{i}")).cells("target", &[i]),
        };
        body.child(target.child(node("__overlay__").child(node("n").phandle(i + 1))))
    });
    // With nothing in the base, the numbers of the overlay move by 1 or by 0.
    let moved = (0..5000u32).fold(node(""), |body, i| {
        let target = match i {
            0 => node("f").text("target-path", "/"),
            _ => node(&format!("f{i}")).cells("target", &[i + 1]),
        };
        body.child(target.child(node("__overlay__").child(node("n").phandle(i + 1))))
    });
    for overlay in [chain, moved] {
        everything("chain", &node("").blob(), &overlay.blob());
        MODES.into_iter().for_each(|mode| drop(refused(&node("").tree(), &overlay.blob(), mode)));
    }
}

/// Names that are the ends of each other cost next to nothing in a blob, and much everywhere else.
#[test]
fn o01_long_names_that_share_their_bytes() {
    let overlay = overlapping_names();
    everything("overlapping names", &overlay, &overlay);
    everything("overlapping names on an empty tree", &node("").blob(), &overlay);
}

/// A fragment with as many properties as fit, each name one byte shorter than the one before.
fn overlapping_names() -> Vec<u8> {
    let mut structure: Vec<u8> = Vec::new();
    let mut word = |value: u32| structure.extend(value.to_be_bytes());
    let name = |text: &[u8; 4]| u32::from_be_bytes(*text);
    [1, 0, 1, name(b"f\0\0\0"), 3, 2, 0, name(b"/\0\0\0"), 1].into_iter().for_each(&mut word);
    [name(b"__ov"), name(b"erla"), name(b"y__\0")].into_iter().for_each(&mut word);
    let strings = [b"target-path\0".to_vec(), vec![b'n'; 60_000], vec![0]].concat();
    (0..60_000).for_each(|i| [3, 0, 12 + i].into_iter().for_each(&mut word));
    [2, 2, 2, 9].into_iter().for_each(&mut word);
    let mut blob = node("").blob();
    blob.truncate(56);
    blob.extend(&structure);
    let end = blob.len() as u32;
    blob.extend(&strings);
    for (at, value) in [(4, blob.len() as u32), (12, end), (32, strings.len() as u32), (36, end - 56)] {
        blob[at..at + 4].copy_from_slice(&value.to_be_bytes());
    }
    blob
}

/// A long name in the base, and many short labels that would each write it out.
#[test]
fn o01_long_paths_behind_many_labels() {
    let deep = node(&"n".repeat(300_000));
    let base = node("").child(node("__symbols__")).child(deep.phandle(1)).blob();
    let labels = many(node("__symbols__"), |body, i| body.text(&format!("l{i}"), "/f/__overlay__"));
    let overlay = node("")
        .child(node("f").cells("target", &[1]).child(node("__overlay__").text("x", "y")))
        .child(labels)
        .blob();
    everything("long paths", &base, &overlay);
}
