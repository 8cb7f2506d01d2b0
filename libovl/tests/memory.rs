// SPDX-License-Identifier: MIT OR Apache-2.0
//! Memory (O5, O12, O17, O18, O19, O25): what is freed, and when, counted by an allocator that counts.
//!
//! Each test counts for its own thread, and does everything on it.
#![allow(unsafe_code)]

mod common;
use common::*;
use kref::Ref;
use ovl::{Bus, Changeset, Device, Driver, Error, EventKind, Probed, RemoveMode, Tree};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

struct Counting;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    // A thread that is ending is of no interest any more.
    let _ = LIVE.try_with(|live| live.set(live.get() + bytes));
}

// SAFETY: everything is passed on to the system's allocator; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        // SAFETY: the caller's promise.
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn live() -> isize {
    LIVE.get()
}

const NOW: Option<Duration> = Some(Duration::ZERO);
/// So large that nothing else could be taken for it.
const LARGE: usize = 100_000;

fn hat() -> Vec<u8> {
    overlay()
        .fragment(
            To::Label("i2c0"),
            node("")
                .text("status", "okay")
                .child(node("eeprom@50").phandle(1).prop("data", &[7; LARGE]).child(node("part")))
                .child(node("user").cells("refs", &[1, u32::MAX])),
        )
        .fragment(To::Label("uart0"), node("").text("status", "okay").text("added", "x"))
        .fragment(To::Path("/soc/i2c@a000/eeprom@50"), node("").text("later", "x"))
        .label("eeprom", "/fragment@0/__overlay__/eeprom@50")
        .uses("uart0", "/fragment@0/__overlay__/user", "refs", 4)
        .refers("/fragment@0/__overlay__/user", "refs", 0)
        .blob()
}

/// Applies and removes `rounds` times; live bytes must be the same after each thousand.
fn rounds(rounds: usize) {
    let tree = board().tree();
    let before = blob_of(&tree);
    let small = overlay()
        .fragment(
            To::Label("i2c0"),
            node("").text("status", "okay").child(node("eeprom@50").phandle(1).child(node("part"))),
        )
        .fragment(To::Label("uart0"), node("").text("status", "okay").text("added", "x"))
        .label("eeprom", "/fragment@0/__overlay__/eeprom@50")
        .blob();
    let round = || {
        let id = tree.apply(&small, &Default::default()).unwrap();
        let node = tree.node_by_label("eeprom").unwrap();
        assert_eq!(node.origin(), id);
        tree.remove(id, RemoveMode::Default).unwrap();
    };
    (0..1000).for_each(|_| round());
    let start = live();
    for done in 0..rounds / 1000 {
        (0..1000).for_each(|_| round());
        assert_eq!(live(), start, "after {} rounds", (done + 1) * 1000);
    }
    assert_eq!(blob_of(&tree), before);
}

#[test]
fn o05_rounds_of_applying_and_removing_at_constant_memory() {
    rounds(5_000);
}

#[test]
#[ignore = "soak: the full count of rounds"]
fn soak_rounds_at_constant_memory() {
    let (start, count) = (std::time::Instant::now(), 1_000_000);
    rounds(count);
    println!("{count} rounds of apply, look-up and remove in {:.1?}, live bytes constant", start.elapsed());
}

/// Transactions of every kind, with a listener that keeps the last event's view and sometimes refuses. After each thousand as many
/// bytes are live as after the first.
fn transactions(count: usize) {
    let (tree, hat) = (board().tree(), hat());
    let (soc, uart) = (tree.node_by_path("/soc").unwrap(), tree.node_by_label("uart0").unwrap());
    let calls = Cell::new(0u32);
    // It stays on this thread.
    struct Here<T>(T);
    // SAFETY: used by one thread.
    unsafe impl<T> Send for Here<T> {}
    // SAFETY: as above.
    unsafe impl<T> Sync for Here<T> {}
    let kept = std::rc::Rc::new(std::cell::RefCell::new(None));
    let own = Here((calls, kept.clone()));
    let listener = tree.listen(0, move |event| {
        let Here((calls, kept)) = &own;
        calls.set(calls.get() + 1);
        *kept.borrow_mut() = Some(event.changeset().clone());
        let refused = event.kind() == EventKind::PreApply && calls.get() % 7 == 0;
        if refused {
            Err(Error::Busy("planted".into()))
        } else {
            Ok(())
        }
    });
    let (mut after_first, mut done) = (None, 0);
    for round in 0..count {
        let changes = Changeset::new(&tree);
        let made = changes.create_node(Some(&soc), "made").unwrap();
        changes.set_u32(&made, "reg", round as u32).unwrap();
        changes.set_string(&uart, "status", "okay").unwrap();
        changes.remove_prop(&uart, "reg").unwrap();
        changes.detach_node(&soc.child("i2c").unwrap()).unwrap();
        if changes.apply().is_ok() {
            done += 1;
            changes.revert().unwrap();
        }
        drop((changes, made));
        // What nobody reverts stays, and what it replaces goes.
        let changes = Changeset::new(&tree);
        changes.set_u32(&uart, "count", round as u32).unwrap();
        changes.set_bool(&uart, "odd", round % 2 == 1).unwrap();
        drop(changes.apply());
        drop(changes);
        if let Ok(id) = tree.apply(&hat, &Default::default()) {
            done += 1;
            tree.remove(id, RemoveMode::Default).unwrap();
        }
        if round % 1000 == 999 {
            let flag = Changeset::new(&tree);
            flag.set_bool(&uart, "odd", true).unwrap();
            while flag.apply().is_err() {}
            drop(flag);
            *kept.borrow_mut() = None;
            let now = live();
            assert_eq!(*after_first.get_or_insert(now), now, "after {round} rounds");
        }
    }
    assert!(done > count);
    drop(listener);
}

#[test]
fn o19_transactions_at_constant_memory() {
    transactions(5_000);
}

#[test]
#[ignore = "soak: the full count of transactions"]
fn soak_transactions_at_constant_memory() {
    let (start, count) = (std::time::Instant::now(), 1_000_000);
    transactions(count);
    println!("{count} rounds of three transactions in {:.1?}, live bytes constant", start.elapsed());
}

/// A driver that always says the same.
struct Says(Probed);

impl Driver for Says {
    fn probe(&self, _: &Ref<Device>) -> Result<Probed, i32> {
        Ok(self.0)
    }

    fn remove(&self, _: &Ref<Device>) {}
}

#[test]
fn o25_nobody_remembers_devices_that_waited_in_vain() {
    let clock = |name| node(name).text("compatible", "x,never").cells("#clock-cells", &[0]);
    let tree = node("").child(clock("one").phandle(5)).child(clock("two")).tree();
    let bus = Bus::new(&tree);
    bus.add_driver("x,never", Says(Probed::Deferred)).unwrap();
    bus.add_driver("x,device", Says(Probed::Bound)).unwrap();
    bus.populate(&tree.root().unwrap()).unwrap();
    // One waits for a clock that never comes, the other for one that waits for it, which is a circle. When the third one is bound the
    // clocks are tried again.
    let device = |name| node(name).text("compatible", "x,device").cells("#clock-cells", &[0]);
    let waits = device("waits").cells("clocks", &[5]);
    let circle = device("circle").phandle(1).cells("clocks", &[2]);
    let both = overlay()
        .fragment(To::Path("/"), node("").child(waits).child(circle).child(device("comes")))
        .fragment(To::Path("/two"), node("").phandle(2).cells("clocks", &[1]))
        .refers("/fragment@0/__overlay__/circle", "clocks", 0)
        .refers("/fragment@1/__overlay__", "clocks", 0)
        .blob();
    let round = || {
        let id = tree.apply(&both, &Default::default()).unwrap();
        assert_eq!(
            bus.unbound(),
            "/one (x,never): deferred by its driver\n\
             /two (x,never): deferred by its driver; \"clocks\" refers to /circle, which waits itself\n\
             /waits (x,device): waits for /one, which was deferred\n\
             /circle (x,device): waits for /two, which was deferred\n"
        );
        tree.remove(id, RemoveMode::Default).unwrap();
    };
    (0..100).for_each(|_| round());
    let start = live();
    (0..1000).for_each(|_| round());
    assert_eq!(live(), start);
}

#[test]
fn o05_everything_of_an_overlay_goes_with_it() {
    let (tree, hat) = (board().tree(), hat());
    drop(tree.remove(tree.apply(&hat, &Default::default()).unwrap(), RemoveMode::Default));
    let before = live();
    let id = tree.apply(&hat, &Default::default()).unwrap();
    assert!(live() > before + LARGE as isize, "the blob is copied");
    tree.remove(id, RemoveMode::Default).unwrap();
    assert_eq!(live(), before);
}

#[test]
fn o18_a_held_node_holds_its_blob_and_nothing_else() {
    let (tree, hat) = (board().tree(), hat());
    drop(tree.remove(tree.apply(&hat, &Default::default()).unwrap(), RemoveMode::Default));
    let before = live();
    for path in ["/soc/i2c@a000/eeprom@50", "/soc/i2c@a000/eeprom@50/part", "/soc/i2c@a000/user"] {
        let id = tree.apply(&hat, &Default::default()).unwrap();
        let held = tree.node_by_path(path).unwrap();
        let again = held.clone();
        tree.remove(id, RemoveMode::Default).unwrap();
        drop(held);
        assert!(live() > before + LARGE as isize);
        assert_eq!(again.path(), path);
        drop(again);
        assert_eq!(live(), before, "blob and slab went with the last handle of {path}");
        tree.wait_released(id, NOW).unwrap();
    }
}

#[test]
fn o18_a_held_value_holds_its_blob() {
    let (tree, hat) = (board().tree(), hat());
    drop(tree.remove(tree.apply(&hat, &Default::default()).unwrap(), RemoveMode::Default));
    let before = live();
    for (path, name) in [
        ("/soc/i2c@a000/eeprom@50", "data"),
        ("/soc/i2c@a000/eeprom@50", "later"),
        ("/soc/uart@9000", "status"),
        ("/soc/i2c@a000", "phandle"),
        ("/__symbols__", "eeprom"),
    ] {
        let id = tree.apply(&hat, &Default::default()).unwrap();
        let held = tree.node_by_path(path).unwrap().prop(name).unwrap();
        let value = held.data().to_vec();
        tree.remove(id, RemoveMode::Default).unwrap();
        assert_eq!(held.data(), value);
        assert!(live() > before);
        assert_eq!(tree.wait_released(id, NOW).unwrap_err().errno(), libc::ETIMEDOUT);
        drop((held, value));
        assert_eq!(live(), before, "{path}: {name}");
        tree.wait_released(id, NOW).unwrap();
    }
}

#[test]
fn k05_a_tree_leaves_only_what_is_held() {
    let (base, hat) = (board().blob(), hat());
    let paths = ["/", "/soc", "/soc/uart@9000", "/soc/i2c@a000/eeprom@50", "/soc/i2c@a000/user"];
    let before = live();
    for held in 0..1 << paths.len() {
        let tree = Tree::from_fdt(&base).unwrap();
        tree.apply(&hat, &Default::default()).unwrap();
        let nodes: Vec<_> = (0..paths.len())
            .filter(|i| held >> i & 1 == 1)
            .map(|i| tree.node_by_path(paths[i]).unwrap())
            .collect();
        drop(tree);
        assert_eq!(live() > before, !nodes.is_empty());
        let large = nodes.iter().any(|node| node.origin() != 0 || node.path() == "/soc/uart@9000");
        assert_eq!(live() > before + LARGE as isize, large, "only who needs the overlay's blob keeps it");
        for node in &nodes {
            assert!(!node.is_attached());
            drop((node.path(), node.props(), node.phandle(), node.parent()));
        }
        drop(nodes);
        assert_eq!(live(), before);
    }
}

#[test]
fn o12_what_is_refused_leaves_nothing() {
    let tree = board().tree();
    let good = overlay()
        .fragment(To::Label("i2c0"), node("").child(node("eeprom@50").phandle(1)))
        .label("eeprom", "/fragment@0/__overlay__/eeprom@50");
    let bad = [
        good.clone().fragment(To::Path("/none"), node("")),
        good.clone().fragment(To::Label("nobody"), node("")),
        good.clone().label("soc", "/fragment@0/__overlay__/eeprom@50"),
        good.clone().refers("/fragment@0/__overlay__", "none", 0),
    ];
    let blob = good.blob();
    let tries = || {
        for mode in MODES {
            let options = ovl::ApplyOptions { mode, ..Default::default() };
            for overlay in &bad {
                tree.apply(&overlay.blob(), &options).unwrap_err();
                drop(tree.check_overlay(&overlay.blob(), &options).unwrap());
            }
            for len in 0..blob.len() {
                tree.apply(&blob[..len], &options).unwrap_err();
                assert!(Tree::from_fdt(&blob[..len]).is_err());
            }
        }
    };
    tries();
    let before = live();
    tries();
    assert_eq!(live(), before);
}

#[test]
fn o18_a_thousand_leaked_handles_cost_their_own_overlays_only() {
    let tree = board().tree();
    let blob = overlay().fragment(To::Label("soc"), node("").child(node("dev"))).blob();
    let round = || {
        let id = tree.apply(&blob, &Default::default()).unwrap();
        let node = tree.node_by_path("/soc/dev").unwrap();
        tree.remove(id, RemoveMode::Default).unwrap();
        node
    };
    let mut leaked: Vec<_> = (0..1000).map(|_| round()).collect();
    let (some, full) = (500, live());
    leaked.truncate(some);
    let half = live();
    leaked.clear();
    let none = live();
    assert_eq!(full - half, half - none, "each holds as much as any other");
    assert!((full - none) / 1000 < 2000, "{} bytes each", (full - none) / 1000);
}
