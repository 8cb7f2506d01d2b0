// SPDX-License-Identifier: MIT OR Apache-2.0
//! Threads (O17, O18, O23): readers beside a writer see whole overlays only, and handles outlive what is taken away under them.
//!
//! Also built with ThreadSanitizer and AddressSanitizer; `tests/sanitize` says how.

mod common;
use common::*;
use ovl::{Node, Prop, RemoveMode, Tree};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// Long enough that it is never reached, short enough that a hang is seen.
const LONG: Option<Duration> = Some(Duration::from_secs(120));

/// An overlay that marks two places at once, and adds a node at each.
fn pair() -> Vec<u8> {
    let place = |name: &str| {
        node("")
            .text("mark", "MARK")
            .child(node(name).phandle(1 + u32::from(name == "right")).text("in", "MARK"))
    };
    overlay()
        .fragment(To::Label("uart0"), place("left"))
        .fragment(To::Label("i2c0"), place("right"))
        .label("left", "/fragment@0/__overlay__/left")
        .label("right", "/fragment@1/__overlay__/right")
        .blob()
}

/// Calls `work` in each of `threads` threads until `main` is done.
fn beside<T>(threads: usize, work: impl Fn(usize) + Sync, main: impl FnOnce() -> T) -> T {
    let done = AtomicBool::new(false);
    /// Ends the threads also when `main` panics.
    struct Done<'a>(&'a AtomicBool);
    impl Drop for Done<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let until_done = |i| {
        while !done.load(Ordering::Relaxed) {
            work(i);
            if cfg!(tsan) {
                // Its locks are taken by trying again and again, and a writer would hardly ever be lucky.
                thread::sleep(Duration::from_micros(200));
            }
        }
    };
    together((0..threads).map(|i| (i, until_done)), || {
        let _done = Done(&done);
        main()
    })
}

/// Runs each of `works` in a thread of its own, beside `main`. They are joined one by one: ThreadSanitizer understands that,
/// but not how the end of a scope waits.
fn together<A: Send, T>(
    works: impl Iterator<Item = (A, impl FnOnce(A) + Send)>,
    main: impl FnOnce() -> T,
) -> T {
    thread::scope(|scope| {
        let threads: Vec<_> = works.map(|(with, work)| scope.spawn(move || work(with))).collect();
        let result = main();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        result
    })
}

/// Reads everything that a handle gives.
fn read(node: &Node) -> usize {
    let props: usize = node.props().iter().map(|prop| prop.name().len() + prop.data().len()).sum();
    let around = [node.parent(), node.first_child(), node.next_sibling()];
    let origin = node.origin().unsigned_abs() as usize;
    props + node.path().len() + node.phandle() as usize + around.iter().flatten().count() + origin
}

/// Each call that reads the whole tree sees all of an overlay or nothing of it.
fn whole_changes(rounds: usize) {
    let tree = board().tree();
    let before = blob_of(&tree);
    let pair = pair();
    let marked = AtomicUsize::new(0);
    let both_or_none = |marks: usize| {
        assert!(marks == 0 || marks == 4, "{marks} of 4 marks");
        marked.fetch_add(usize::from(marks == 4), Ordering::Relaxed);
    };
    let reader = |i: usize| match i {
        0 => {
            let blob = blob_of(&tree);
            both_or_none(blob.windows(5).filter(|bytes| *bytes == b"MARK\0").count());
            let copy = Tree::from_fdt(&blob).unwrap();
            assert_eq!(copy.node_by_label("left").is_ok(), copy.node_by_label("right").is_ok());
        }
        1 => both_or_none(tree.to_dts(Default::default()).unwrap().matches("\"MARK\"").count()),
        2 => {
            let report = tree.check_overlay(&pair, &Default::default()).unwrap();
            assert!(matches!(report.problems.len(), 0 | 2..), "{report}");
        }
        _ => {
            for path in ["/soc/uart@9000/left", "/soc/i2c/right", "/soc/uart"] {
                if let Ok(node) = tree.node_by_path(path) {
                    read(&node);
                }
            }
            for label in ["left", "right"] {
                if let Ok(node) = tree.node_by_label(label) {
                    assert_eq!(node.name(), label);
                    if let Ok(found) = tree.node_by_phandle(node.phandle()) {
                        read(&found);
                    }
                }
            }
            walk(&tree.root().unwrap(), &mut |node| {
                read(node);
            });
            tree.holders();
        }
    };
    beside(4, reader, || {
        for _ in 0..rounds {
            let id = tree.apply(&pair, &Default::default()).unwrap();
            thread::yield_now();
            tree.remove(id, RemoveMode::Default).unwrap();
        }
        // On one processor a reader may not have been lucky yet.
        let id = tree.apply(&pair, &Default::default()).unwrap();
        while marked.load(Ordering::Relaxed) == 0 {
            thread::yield_now();
        }
        tree.remove(id, RemoveMode::Default).unwrap();
    });
    assert_eq!(blob_of(&tree), before);
    tree.wait_released(0, LONG).unwrap();
    assert_eq!(tree.holders(), "");
}

/// Handles are taken, copied, read and dropped while what they lead to is removed.
fn handles_beside_removal(rounds: usize) {
    let tree = board().tree();
    let pair = pair();
    let taker = |i: usize| {
        let path = ["/soc/uart@9000/left", "/soc/i2c@a000/right"][i % 2];
        let Ok(node) = tree.node_by_path(path) else { return };
        let copies: Vec<Node> = (0..4).map(|_| node.clone()).collect();
        let props = node.props();
        drop(node);
        for node in copies {
            assert!(path.ends_with(node.name()));
            assert_eq!(node.path(), path);
            assert_eq!(node.read_string("in", 0).unwrap(), "MARK");
            read(&node);
        }
        props.iter().for_each(|prop| assert!(!prop.data().is_empty()));
    };
    beside(3, taker, || {
        for _ in 0..rounds {
            let id = tree.apply(&pair, &Default::default()).unwrap();
            thread::yield_now();
            tree.remove(id, RemoveMode::Default).unwrap();
            tree.wait_released(id, LONG).unwrap();
        }
    });
    tree.wait_released(0, LONG).unwrap();
    assert_eq!(tree.holders(), "");
}

/// Trees end while other threads hold and read their nodes.
fn handles_beside_the_end(rounds: usize) {
    let (base, pair) = (board().blob(), pair());
    for _ in 0..rounds {
        let tree = Tree::from_fdt(&base).unwrap();
        tree.apply(&pair, &Default::default()).unwrap();
        let last = |(i, mine): (usize, Tree)| {
            let mut nodes = Vec::new();
            walk(&mine.root().unwrap(), &mut |node| nodes.push(node.clone()));
            let paths: Vec<String> = nodes.iter().map(Node::path).collect();
            nodes.rotate_left(i);
            drop(mine);
            for node in nodes {
                let path = node.path();
                assert!(paths.contains(&path));
                read(&node);
            }
        };
        let trees: Vec<Tree> = (0..3).map(|_| tree.clone()).collect();
        together(trees.into_iter().enumerate().map(|with| (with, last)), || drop(tree));
    }
}

/// Several threads have the last references to a node, with no lock between them: one of them frees what all have read.
fn the_last_put_frees(rounds: usize) {
    let tree = board().tree();
    let pair = pair();
    for _ in 0..rounds {
        let id = tree.apply(&pair, &Default::default()).unwrap();
        let node = tree.node_by_label("left").unwrap();
        let prop = node.prop("in").unwrap();
        tree.remove(id, RemoveMode::Default).unwrap();
        let last = |(node, prop): (Node, Prop)| {
            assert_eq!((node.name(), prop.data()), ("left", &b"MARK\0"[..]));
            drop(node);
            assert_eq!(prop.name(), "in");
        };
        let held: Vec<(Node, Prop)> = (0..3).map(|_| (node.clone(), prop.clone())).collect();
        together(held.into_iter().map(|with| (with, last)), || drop((node, prop)));
        tree.wait_released(id, Some(Duration::ZERO)).unwrap();
    }
}

/// Writers in several threads, removing in any order; ids stay apart.
fn writers(rounds: usize) {
    let tree = board().tree();
    let before = blob_of(&tree);
    let write = |i: usize| {
        let blob = overlay()
            .fragment(To::Label("uart0"), node("").text("status", &format!("by{i}")))
            .fragment(To::Label("soc"), node("").child(node(&format!("dev{i}")).phandle(1)))
            .label(&format!("dev{i}"), &format!("/fragment@1/__overlay__/dev{i}"))
            .blob();
        for _ in 0..rounds {
            let id = tree.apply(&blob, &Default::default()).unwrap();
            let mine = tree.node_by_label(&format!("dev{i}")).unwrap();
            assert_eq!(mine.origin(), id);
            assert!(tree.node_by_phandle(mine.phandle()).unwrap() == mine);
            drop(mine);
            tree.remove(id, RemoveMode::Default).unwrap();
            tree.wait_released(id, LONG).unwrap();
        }
    };
    together((0..3).map(|i| (i, write)), || ());
    assert_eq!(blob_of(&tree), before);
    assert_eq!(tree.holders(), "");
}

const SHORT: usize = if cfg!(tsan) { 20 } else { 100 };

#[test]
fn o23_readers_see_whole_changes() {
    whole_changes(SHORT);
}

#[test]
fn o18_handles_beside_removal() {
    handles_beside_removal(SHORT);
}

#[test]
fn k05_handles_beside_the_end_of_their_tree() {
    handles_beside_the_end(SHORT);
}

#[test]
fn k02_the_last_of_many_puts_frees() {
    the_last_put_frees(SHORT);
}

#[test]
fn o23_writers_take_turns() {
    writers(SHORT);
}

#[test]
#[ignore = "soak: a storm of threads"]
fn soak_storm() {
    for (what, run) in [
        ("readers beside a writer", whole_changes as fn(usize)),
        ("handles beside removal", handles_beside_removal),
        ("handles beside the end of their tree", handles_beside_the_end),
        ("the last put of many", the_last_put_frees),
        ("three writers", writers),
    ] {
        let (start, rounds) = (std::time::Instant::now(), 20_000);
        run(rounds);
        println!("{rounds} rounds of {what} in {:.1?}", start.elapsed());
    }
}
