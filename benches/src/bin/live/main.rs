// SPDX-License-Identifier: MIT OR Apache-2.0
//! libovl as a live system: what a changeset costs and what a listener adds to it, and what readers lose to a writer beside them.
//! A Markdown table, as that of `peers`.

use benches::measure::{compare, median, Arm};
use benches::table::{time, Row, Table};
use benches::{shuffled, Board, Shape};
use ovl::{ApplyOptions, Changeset, EventKind, Node, RemoveMode, Tree};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Times applications only, by the wall clock; what stands for a turn is the median.
fn each<'a>(mut run: impl FnMut() -> Duration + 'a) -> Arm<'a> {
    Box::new(move |times| {
        let took = (0..times).map(|_| run().as_nanos() as f64).collect();
        Duration::from_nanos((median(took) * f64::from(times)) as u64)
    })
}

/// A changeset of one property, applied in turn with and without somebody who listens.
fn changeset(table: &mut Table, board: &Board) {
    let trees = [(); 2].map(|()| Tree::from_fdt(&board.blob).unwrap());
    let told = AtomicU64::new(0);
    let told: &'static AtomicU64 = Box::leak(Box::new(told));
    let _listener = trees[1].listen(0, move |event| {
        told.fetch_add(u64::from(event.kind() == EventKind::PostApply), Ordering::Relaxed);
        Ok(())
    });
    let arms = trees.iter().map(|tree| {
        let node = tree.node_by_path(&board.paths[0]).unwrap();
        let changes = Changeset::new(tree);
        changes.set_string(&node, "status", "okay").unwrap();
        each(move || {
            let start = Instant::now();
            changes.apply().unwrap();
            let took = start.elapsed();
            changes.revert().unwrap();
            took
        })
    });
    let figures = compare(&mut arms.collect::<Vec<Arm>>());
    assert!(told.load(Ordering::Relaxed) > 0);
    let [quiet, heard] = [figures[0].ns, figures[1].ns];
    let row = |what: &'static str, ours: f64| Row {
        what,
        input: format!("{}k nodes", board.paths.len() / 1000),
        ours: time(ours),
        ..Row::default()
    };
    table.row(row("apply a changeset of one property", quiet));
    let over = heard - quiet;
    table.row(Row {
        result: format!("{} over the change itself", time(over)),
        goal: Some(("under 1 µs over it".into(), over < 1000.0)),
        ..row("the same, with a listener that is told three times", heard)
    });
}

const READERS: usize = 4;
/// How long a turn is, with the writer or without, and how many there are of each.
const TURN: Duration = Duration::from_millis(100);
const TURNS: usize = 30;

/// Four readers look nodes up as fast as they can, and now and then a writer applies and removes an overlay each millisecond.
fn readers(
    table: &mut Table,
    board: &Board,
    what: &'static str,
    listens: bool,
    read: impl Fn(&Tree, usize) -> Node + Sync,
) {
    let tree = Tree::from_fdt(&board.blob).unwrap();
    let overlays = board.single_overlays(64);
    let _listener = listens.then(|| {
        tree.listen(0, |event| {
            // One that takes its time: readers must not notice.
            if event.kind() == EventKind::PreApply {
                thread::sleep(Duration::from_micros(200));
            }
            Ok(())
        })
    });
    let (stop, write) = (AtomicBool::new(false), AtomicBool::new(false));
    let counts: [AtomicU64; READERS] = std::array::from_fn(|_| AtomicU64::new(0));
    let written = AtomicU64::new(0);
    let (alone, beside, per_second) = thread::scope(|scope| {
        for (i, count) in counts.iter().enumerate() {
            let (tree, stop, read) = (&tree, &stop, &read);
            scope.spawn(move || {
                let mut at = i * 1000;
                while !stop.load(Ordering::Relaxed) {
                    for _ in 0..64 {
                        drop(read(tree, at));
                        at += 1;
                    }
                    count.fetch_add(64, Ordering::Relaxed);
                }
            });
        }
        scope.spawn(|| {
            let mut next = overlays.iter().cycle();
            while !stop.load(Ordering::Relaxed) {
                let start = Instant::now();
                if write.load(Ordering::Relaxed) {
                    let overlay = next.next().expect("there are overlays");
                    let id = tree.apply(overlay, &ApplyOptions::default()).unwrap();
                    tree.remove(id, RemoveMode::Default).unwrap();
                    written.fetch_add(1, Ordering::Relaxed);
                }
                thread::sleep(Duration::from_millis(1).saturating_sub(start.elapsed()));
            }
        });
        let turn = |with: bool| {
            write.store(with, Ordering::Relaxed);
            let sum = || counts.iter().map(|count| count.load(Ordering::Relaxed)).sum::<u64>();
            let (before, start) = (sum(), Instant::now());
            thread::sleep(TURN);
            (sum() - before) as f64 / start.elapsed().as_secs_f64()
        };
        let turns: Vec<(f64, f64)> = (0..TURNS).map(|_| (turn(false), turn(true))).collect();
        stop.store(true, Ordering::Relaxed);
        let ratio = median(turns.iter().map(|(alone, beside)| beside / alone).collect());
        let seconds = TURN.as_secs_f64() * TURNS as f64;
        let per_second = written.load(Ordering::Relaxed) as f64 / seconds;
        (median(turns.iter().map(|turn| turn.0).collect()), ratio, per_second)
    });
    table.row(Row {
        what,
        input: format!("{}k nodes, {READERS} readers", board.paths.len() / 1000),
        ours: format!("{:.1} million/s alone", alone / 1e6),
        others: format!("{per_second:.0} overlays/s beside"),
        result: format!("{beside:.3} × their speed alone"),
        goal: Some(("at least 0.9 ×".into(), beside >= 0.9)),
        ..Row::default()
    });
}

fn main() {
    let board = Board::new(10_000, Shape::Buses);
    let mut table = Table::new("libovl", "");
    changeset(&mut table, &board);
    let order = shuffled(board.paths.len());
    let paths: Vec<&str> = order.iter().take(1000).map(|&i| board.paths[i].as_str()).collect();
    let exact = |tree: &Tree, i: usize| tree.node_by_path(paths[i % paths.len()]).unwrap();
    readers(&mut table, &board, "look-ups by path beside a writer", false, exact);
    readers(&mut table, &board, "the same, the writer waiting for its listener", true, exact);
    readers(&mut table, &board, "look-ups by phandle beside a writer", false, |tree, i| {
        tree.node_by_phandle((i % board.paths.len()) as u32 + 1).unwrap()
    });
    table.end();
}
