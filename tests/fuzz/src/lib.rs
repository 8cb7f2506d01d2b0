// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the fuzz targets share: the world of libovl's tests, and what must hold of any tree; likewise of what libmediadev reads, and
//! of whoever serves a node.

pub mod media;

#[path = "../../../libovl/tests/common/mod.rs"]
mod common;
pub use common::*;

pub mod cuse;

use ovl::{conflicts, fdt, ApplyOptions, DiffOptions, Missing, Mode, RemoveMode, Tree};

pub fn as_mode(mode: Mode) -> ApplyOptions<'static> {
    ApplyOptions { mode, ..ApplyOptions::default() }
}

/// Reads, walks, writes and reads again.
pub fn read(blob: &[u8]) {
    let Ok(tree) = Tree::from_fdt(blob) else {
        fdt::check(blob).unwrap_err();
        return;
    };
    fdt::check(blob).unwrap();
    let written = blob_of(&tree);
    let again = Tree::from_fdt(&written).expect("what is written can be read");
    assert_eq!(blob_of(&again), written);
    assert_eq!(Tree::diff(&tree, &again, Default::default()).unwrap(), "");
    walk(&tree.root().unwrap(), &mut |node| {
        let listed = node.props();
        let mut next = node.next_prop(None);
        for prop in &listed {
            assert!(next.as_ref() == Some(prop));
            let _ = tree.node_by_label(prop.name());
            let _ = node.phandle_args(prop.name(), prop.name(), 1);
            let _ = node.read_string(prop.name(), 1);
            next = node.next_prop(next.as_ref());
        }
        assert!(next.is_none());
        let _ = tree.node_by_path(&node.path());
        if let Ok(found) = tree.node_by_phandle(node.phandle()) {
            assert_eq!(found.phandle(), node.phandle());
        }
    });
    let _ = tree.node_by_compatible(None, "acme,uart");
    tree.to_dts(Default::default()).unwrap();
    assert_eq!(tree.holders(), "");
}

/// Applies in every mode: refused without a trace, or applied, found, and removed without a trace.
pub fn apply(base: &[u8], overlay: &[u8]) {
    let tree = Tree::from_fdt(base).unwrap();
    let before = blob_of(&tree);
    for mode in MODES {
        let report = tree.check_overlay(overlay, &as_mode(mode)).unwrap();
        let applied = tree.apply(overlay, &as_mode(mode));
        assert_eq!(applied.is_ok(), report.problems.is_empty(), "{mode:?}: {applied:?}\n{report}");
        if let Ok(id) = applied {
            let after = blob_of(&tree);
            fdt::check(&after).expect("what is written passes the check");
            difference(base, &tree);
            let _ = tree.check_remove(id, RemoveMode::Default).unwrap();
            let mut held = Vec::new();
            walk(&tree.root().unwrap(), &mut |node| held.push((node.clone(), node.props().len())));
            tree.remove(id, RemoveMode::Default).unwrap();
            for (node, props) in held {
                assert!(
                    node.is_attached() || node.props().len() == props,
                    "a detached node keeps what it had"
                );
            }
        }
        assert_eq!(blob_of(&tree), before, "{mode:?}");
    }
    assert_eq!(tree.holders(), "");
}

/// The overlay from one tree to the other does what it is for, if there can be one (O26).
fn difference(base: &[u8], b: &Tree) {
    let a = Tree::from_fdt(base).unwrap();
    let Ok(overlay) = Tree::diff_overlay(&a, b, Missing::Refuse) else { return };
    let neutral = DiffOptions { any_order: true, any_phandles: true };
    a.apply(&overlay, &as_mode(Mode::Default)).expect("it fits where it was made for");
    assert_eq!(Tree::diff(&a, b, neutral).unwrap(), "");
}

/// What an overlay would fight over with those of the pool, with a base and without (O27). Whatever it is, the base stays.
pub fn fight(base: &[u8], overlay: &[u8]) {
    let tree = Tree::from_fdt(base).unwrap();
    for other in &pool()[..4] {
        for base in [None, Some(&tree)] {
            let (there, back) = (conflicts(overlay, other, base), conflicts(other, overlay, base));
            assert_eq!(there.is_ok(), back.is_ok());
        }
    }
    assert_eq!(blob_of(&tree), blob_of(&Tree::from_fdt(base).unwrap()));
}

/// A program of bytes: each pair applies something of a pool in some mode, or removes what an earlier one applied, or takes or
/// drops a handle. Whatever it does, the tree ends as it began.
pub fn remove(program: &[u8]) {
    let pool = pool();
    let base = board().blob();
    let tree = Tree::from_fdt(&base).unwrap();
    let mut applied: Vec<(i32, usize, Mode)> = Vec::new();
    // Linux's removal leaves references to what is gone.
    let mut dangling = false;
    let mut nodes = Vec::new();
    let mut props = Vec::new();
    for step in program.chunks_exact(2).take(64) {
        let (what, which) = (step[0] % 8, usize::from(step[1]));
        match what {
            0..=2 => {
                let mode = MODES[usize::from(what)];
                let at = which % pool.len();
                if let Ok(id) = tree.apply(&pool[at], &as_mode(mode)) {
                    applied.push((id, at, mode));
                }
            }
            3 | 4 if !applied.is_empty() => {
                let at = which % applied.len();
                let mode = if what == 3 { RemoveMode::Default } else { RemoveMode::Linux };
                let before = blob_of(&tree);
                match tree.remove(applied[at].0, mode) {
                    Ok(()) => {
                        applied.remove(at);
                        dangling |= mode == RemoveMode::Linux;
                    }
                    Err(error) => {
                        assert!(at + 1 < applied.len(), "nothing is on top of the last: {error}");
                        assert_eq!(blob_of(&tree), before);
                    }
                }
            }
            5 => {
                let paths = paths(&tree);
                if let Ok(node) = tree.node_by_path(&paths[which % paths.len()]) {
                    props.extend(node.props());
                    nodes.push(node);
                }
            }
            6 => drop((nodes.pop(), props.pop())),
            7 => fdt::check(&blob_of(&tree)).unwrap(),
            _ => {}
        }
        let ids: Vec<i32> = applied.iter().map(|&(id, _, _)| id).collect();
        assert_eq!(tree.overlays(), ids);
    }
    // The same tree comes of applying only what is left; in the mended mode, that is.
    if !dangling && applied.iter().all(|&(_, _, mode)| mode == Mode::Default) {
        let other = Tree::from_fdt(&base).unwrap();
        let again = applied.iter().all(|&(_, at, mode)| other.apply(&pool[at], &as_mode(mode)).is_ok());
        assert!(again, "what could be applied among others can be applied without them");
    }
    tree.remove_all().unwrap();
    assert_eq!(blob_of(&tree), base);
    nodes.iter().for_each(|node| drop((node.path(), node.props(), node.phandle())));
    drop((nodes, props));
    tree.wait_released(0, Some(std::time::Duration::ZERO)).unwrap();
    assert_eq!(tree.holders(), "");
}

/// Overlays that meet each other in many ways.
pub fn pool() -> Vec<Vec<u8>> {
    let status = |value: &str| overlay().fragment(To::Label("uart0"), node("").text("status", value));
    [
        status("okay"),
        status("fail"),
        overlay()
            .fragment(To::Label("soc"), node("").child(node("dev").phandle(1).text("compatible", "acme,dev")))
            .label("dev", "/fragment@0/__overlay__/dev"),
        overlay().fragment(To::Path("/soc/dev"), node("").text("x", "y").child(node("port"))),
        overlay().fragment(To::Label("dev"), node("").child(node("port").child(node("endpoint")))),
        overlay()
            .fragment(
                To::Label("soc"),
                node("").child(node("user").cells("dev", &[u32::MAX]).cells("bus", &[0])),
            )
            .uses("dev", "/fragment@0/__overlay__/user", "dev", 0)
            .uses("i2c0", "/fragment@0/__overlay__/user", "bus", 0),
        overlay()
            .fragment(To::Label("i2c0"), node("").text("a", "1").text("b", "1").child(node("eeprom@50"))),
        overlay().fragment(To::Path("/soc/i2c@a000"), node("").text("b", "2").text("c", "2").text("a", "2")),
        overlay()
            .fragment(To::Path("/soc"), node("").child(node("new").phandle(1)))
            .fragment(To::Path("/soc/new"), node("").text("mark", "here").child(node("inside"))),
        overlay()
            .fragment(
                To::Path("/soc"),
                node("").child(node("i2c@a000").phandle(1)).child(node("own").cells("r", &[1])),
            )
            .refers("/fragment@0/__overlay__/own", "r", 0),
        overlay().fragment(To::Path("/__symbols__"), node("").text("extra", "/soc")),
        overlay().fragment(To::Path("/"), node("").child(node("aliases").text("dev", "/soc/dev"))),
    ]
    .iter()
    .map(Overlay::blob)
    .collect()
}

/// Where a run begins: a few files for each target.
/// Lists the parameters of what may be anything, and sets each to several values: refused, or a blob that passes the check and has
/// none left, as far as it is an overlay.
pub fn params(base: &[u8], blob: &[u8]) {
    let Ok(listed) = ovl::params(blob, None) else {
        let _ = ovl::set_params(blob, None, &["p=1"]);
        return;
    };
    let tree = Tree::from_fdt(base).unwrap();
    for value in ["", "1", "-1", "on", "fast", "aa:bb", "/soc", "0x1ffffffff"] {
        let settings: Vec<String> = listed.iter().map(|param| format!("{}={value}", param.name)).collect();
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
        let all = ovl::set_params(blob, None, &settings);
        let each = settings.iter().map(|setting| ovl::set_params(blob, None, &[setting]));
        for new in each.chain([all]).flatten() {
            fdt::check(&new).unwrap();
            ovl::params(&new, None).ok();
            if let Ok(id) = tree.apply(&new, &ApplyOptions::default()) {
                tree.remove(id, RemoveMode::Default).unwrap();
            }
        }
    }
    assert_eq!(blob_of(&tree), base);
}

/// Overlays with parameters of each kind.
fn with_params() -> Vec<Vec<u8>> {
    let rtc = node("rtc@68").phandle(1).cells("reg", &[0x68]).cells("clocks", &[u32::MAX]);
    let overlay = overlay()
        .fragment(To::Label("i2c0"), node("").phandle(2).child(rtc))
        .fragment(To::Phandle(2), node("").text("status", "okay"))
        .fragment(To::Path("/"), node("").prop("x", &[]))
        .uses("intc", "/fragment@0/__overlay__/rtc@68", "clocks", 0)
        .uses("soc", "/__overrides__", "p", 14)
        .refers("/fragment@1", "target", 0)
        .refers("/__overrides__", "p", 0)
        .label("rtc", "/fragment@0/__overlay__/rtc@68");
    [
        &b"\0\0\0\x01clocks:0=\0\0\0\0\0"[..],
        b"\0\0\0\x01clocks:0{1=\0\0\0\0\x05fast=\0\0\0\0\x06,=7,}\0",
        b"\0\0\0\x01reg:0\0\0\0\0\x01name\0",
        b"\0\0\0\x01letter{a=alpha,fast='x y',,b}\0\0\0\0\x01mac[\0\0\0\0\x01y?\0\0\0\0\x01z!=on\0",
        b"\0\0\0\x01b.3\0\0\0\0\x01h;2\0\0\0\0\x01q#8\0\0\0\0\x01status=\0a\0",
        b"\0\0\0\0+2-1\0\0\0\0\0=1!2\0",
    ]
    .iter()
    .map(|declared| {
        overlay
            .body()
            .child(node("__overrides__").prop("p", declared))
            .child(node("__exports__").prop("rtc", &[]))
            .blob()
    })
    .chain([board().child(node("__overrides__").prop("p", b"\0\0\0\x02reg:0\0\0\0\0\x02status\0")).blob()])
    .collect()
}

pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let twins = node("").child(node("a").text("x", "1").text("x", "2")).child(node("a"));
    let bases = [
        board().blob_with(&[(0x8000_0000, 0x1000)], 1),
        twins.blob(),
        node("").child(node("aliases").text("a", "a")).child(node("__symbols__").text("a", "a")).blob(),
    ];
    match target {
        "read" => [bases.to_vec(), pool()].concat(),
        "apply" => pool(),
        "params" => with_params(),
        "cuse" => cuse::seeds(),
        "notation" => media::notations(),
        "graph" => media::graphs(),
        _ => vec![
            (0..24).flat_map(|i| [0, i]).collect(),
            [0, 2, 0, 3, 5, 7, 0, 5, 3, 0, 3, 1, 4, 0, 6, 0].to_vec(),
            [0, 6, 0, 7, 3, 0, 0, 6, 3, 0, 3, 0, 1, 8, 2, 8, 7, 0].to_vec(),
        ],
    }
}
