// SPDX-License-Identifier: MIT OR Apache-2.0
//! libovl side by side with its peers on the same inputs, in one process, as a Markdown table.
//!
//!     peers [BOARD.dtb…]
//!
//! The boards are real ones, am57xx-evm and sdm845 from `tests/corpus/fetch`; others are generated. "libovl" is the Rust API,
//! and what an arm makes it also frees in its own time. Rounds of all arms alternate, look-ups excepted; a figure is the median
//! over the rounds, a ratio the median of the rounds' ratios.

mod libfdt;

use benches::measure::{arm, compare, median, Arm};
use benches::table::{time, Row, Table};
use benches::{process, shuffled, Board, Shape};
use device_tree::DeviceTree as OwnedTree;
use dtoolkit::fdt::Fdt;
use dtoolkit::model::overlay::OverlayApplier;
use dtoolkit::model::DeviceTree as Model;
use ovl::{ApplyOptions, Mode, RemoveMode, Tree};
use std::ffi::CString;
use std::time::{Duration, Instant};

/// "Flat" is what does not grow with the tree; caches are allowed to cost that much.
const FLAT: f64 = 1.5;

fn kilo(n: usize) -> String {
    if n < 1000 {
        n.to_string()
    } else {
        format!("{}k", n / 1000)
    }
}

fn unflatten(table: &mut Table, name: &str, blob: &[u8], goal: Option<f64>) {
    let mut arms = vec![
        arm(|| Tree::from_fdt(blob).unwrap()),
        arm(|| libfdt::check(blob)),
        arm(|| OwnedTree::load(blob).unwrap()),
    ];
    // It does not take every name that real boards use.
    if Fdt::new(blob).is_ok() {
        arms.push(arm(|| Model::from_fdt(&Fdt::new(blob).unwrap())));
    }
    let figures = compare(&mut arms);
    let dtoolkit = figures.get(3).map_or("refuses it".into(), |figure| time(figure.ns));
    let ratio = 1.0 / figures[1].times_first;
    table.row(Row {
        what: "unflatten, against `fdt_check_full` alone",
        input: format!("{name}, {} kB", blob.len() / 1000),
        ours: time(figures[0].ns),
        peer: time(figures[1].ns),
        others: format!("device_tree {}, dtoolkit {dtoolkit}", time(figures[2].ns)),
        result: format!("{ratio:.2} of its time"),
        goal: goal.map(|goal| (format!("at most {goal}"), ratio <= goal)),
    });
}

fn memory(table: &mut Table, name: &str, blob: &[u8]) {
    let before = process::heap();
    let tree = Tree::from_fdt(blob).unwrap();
    let took = process::heap() - before;
    drop(tree);
    let ratio = took as f64 / blob.len() as f64;
    table.row(Row {
        what: "memory of a tree",
        input: format!("{name}, {} kB", blob.len() / 1000),
        ours: format!("{} kB", took / 1000),
        result: format!("{ratio:.2} × the blob"),
        goal: Some(("at most 3 ×".into(), ratio <= 3.0)),
        ..Row::default()
    });
}

fn growth(table: &mut Table, boards: &[Board]) {
    let unflatten = boards.iter().map(|board| arm(|| Tree::from_fdt(&board.blob).unwrap()));
    // How much of the growth is that of moving more memory than the caches hold.
    let copy = boards.iter().map(|board| arm(|| board.blob.clone()));
    let figures = compare(&mut unflatten.chain(copy).collect::<Vec<Arm>>());
    let per_node: Vec<f64> = figures
        .iter()
        .zip(boards.iter().cycle())
        .map(|(figure, board)| figure.ns / board.paths.len() as f64)
        .collect();
    let (ours, copy) = per_node.split_at(boards.len());
    let list = |ns: &[f64]| ns.iter().map(|ns| format!("{ns:.0} ns")).collect::<Vec<_>>().join(", ");
    let ratio = ours[ours.len() - 1] / ours[0];
    table.row(Row {
        what: "growth: unflatten, per node",
        input: boards.iter().map(|board| kilo(board.paths.len())).collect::<Vec<_>>().join(", ") + " nodes",
        ours: list(ours),
        others: format!("copying the blob {}", list(copy)),
        result: format!("{ratio:.2} × from first to last"),
        goal: Some((format!("flat (at most {FLAT} ×)"), ratio <= FLAT)),
        ..Row::default()
    });
}

fn flatten(table: &mut Table, name: &str, blob: &[u8]) {
    let tree = Tree::from_fdt(blob).unwrap();
    let figures = compare(&mut [arm(|| Tree::from_fdt(blob).unwrap()), arm(|| tree.to_fdt().unwrap())]);
    table.row(Row {
        what: "flatten, against unflatten",
        input: format!("{name}, {} kB", blob.len() / 1000),
        ours: time(figures[1].ns),
        peer: format!("{} (libovl's unflatten)", time(figures[0].ns)),
        result: format!("{:.2} of its time", figures[1].times_first),
        goal: Some(("at most 1".into(), figures[1].times_first <= 1.0)),
        ..Row::default()
    });
}

/// Times applications only, of each overlay in turn; its removal right after is not in the figure. As that leaves too little to
/// time by the process's own clock, what stands for a turn is its median by the wall clock.
fn apply_arm<'a>(tree: &'a Tree, overlays: &'a [Vec<u8>]) -> Arm<'a> {
    let mut next = overlays.iter().cycle();
    Box::new(move |times| {
        let took = (0..times).map(|_| {
            let overlay = next.next().expect("there are overlays");
            let start = Instant::now();
            let id = tree.apply(overlay, &ApplyOptions::default()).unwrap();
            let took = start.elapsed();
            tree.remove(id, RemoveMode::Default).unwrap();
            took.as_nanos() as f64
        });
        Duration::from_nanos((median(took.collect()) * f64::from(times)) as u64)
    })
}

fn apply_in_hand(table: &mut Table, small: &Board, large: &Board) {
    let overlays = [small, large].map(|board| board.single_overlays(64));
    let trees = [Tree::from_fdt(&small.blob).unwrap(), Tree::from_fdt(&large.blob).unwrap()];
    let figures = compare(&mut [apply_arm(&trees[0], &overlays[0]), apply_arm(&trees[1], &overlays[1])]);
    for (board, figure) in [small, large].iter().zip(&figures) {
        table.row(Row {
            what: "apply one fragment, tree in hand",
            input: format!("{} nodes", kilo(board.paths.len())),
            ours: time(figure.ns),
            result: format!("{:.2} × the smaller tree's", figure.times_first),
            goal: Some(("under 2 µs, and the same".into(), figure.ns < 2000.0 && figure.times_first <= FLAT)),
            ..Row::default()
        });
    }
}

fn blob_to_blob(table: &mut Table, board: &Board, fragments: usize, goal: f64) {
    let (base, overlay) = (&board.blob[..], &board.overlay(fragments)[..]);
    let figures = compare(&mut [
        arm(|| {
            let tree = Tree::from_fdt(base).unwrap();
            tree.apply(overlay, &ApplyOptions { mode: Mode::Libfdt, ..ApplyOptions::default() }).unwrap();
            tree.to_fdt().unwrap()
        }),
        arm(|| libfdt::overlay(base, overlay)),
        arm(|| {
            let mut tree = Model::from_fdt(&Fdt::new(base).unwrap());
            OverlayApplier::new(&mut tree).apply_overlay(&Fdt::new(overlay).unwrap()).unwrap();
            tree.to_dtb()
        }),
    ]);
    let faster = figures[1].times_first;
    table.row(Row {
        what: "overlay, blob to blob, against `fdt_overlay_apply`",
        input: format!("{} nodes, fragments: {fragments}", kilo(board.paths.len())),
        ours: time(figures[0].ns),
        peer: time(figures[1].ns),
        others: format!("dtoolkit {}", time(figures[2].ns)),
        result: format!("{faster:.1} × faster"),
        goal: Some((format!("at least {goal} ×"), faster >= goal)),
    });
}

/// An arm that does the next of `items` each time.
fn cycle<'a, T>(items: &'a [T], mut run: impl FnMut(&T) + 'a) -> Arm<'a> {
    let mut next = items.iter().cycle();
    arm(move || run(next.next().expect("there are items")))
}

fn by_phandle(table: &mut Table, board: &Board) {
    let tree = Tree::from_fdt(&board.blob).unwrap();
    let all: Vec<u32> = shuffled(board.paths.len()).into_iter().map(|i| i as u32 + 1).collect();
    for (which, phandles) in [("any node", &all[..]), ("the same 64 nodes", &all[..64])] {
        // Not in turn: libfdt walks over the whole blob, and would leave the caches empty for what it is compared with.
        let figures = [
            cycle(phandles, |&phandle| drop(tree.node_by_phandle(phandle).unwrap())),
            cycle(phandles, |&phandle| libfdt::by_phandle(&board.blob, phandle)),
        ]
        .map(|arm| compare(&mut [arm])[0].ns);
        let goal = ("under 50 ns".into(), figures[0] < 50.0);
        look_up_row(table, "look-up by phandle, with its reference", board, which, figures, goal);
    }
}

fn by_path(table: &mut Table, boards: &[Board]) {
    let trees: Vec<Tree> = boards.iter().map(|board| Tree::from_fdt(&board.blob).unwrap()).collect();
    let some = |board: &Board| -> Vec<CString> {
        let order = shuffled(board.paths.len()).into_iter().take(16);
        order.map(|i| CString::new(&board.paths[i][..]).expect("no NUL in a path")).collect()
    };
    let paths: Vec<Vec<CString>> = boards.iter().map(some).collect();
    let mut ours: Vec<Arm> = trees
        .iter()
        .zip(&paths)
        .map(|(tree, paths)| {
            cycle(paths, |path| drop(tree.node_by_path(path.to_str().expect("ASCII")).unwrap()))
        })
        .collect();
    let figures = compare(&mut ours);
    for ((board, paths), ours) in boards.iter().zip(&paths).zip(&figures) {
        let peer = compare(&mut [cycle(paths, |path| libfdt::by_path(&board.blob, path))]);
        let ratio = ours.times_first;
        let goal = (format!("flat (at most {FLAT} ×; {ratio:.2} ×)"), ratio <= FLAT);
        let which = "the same 16 nodes";
        look_up_row(table, "look-up by path, all nodes siblings", board, which, [ours.ns, peer[0].ns], goal);
    }
}

fn look_up_row(
    table: &mut Table,
    what: &'static str,
    board: &Board,
    which: &str,
    figures: [f64; 2],
    goal: (String, bool),
) {
    table.row(Row {
        what,
        input: format!("{} nodes, {which}", kilo(board.paths.len())),
        ours: time(figures[0]),
        peer: time(figures[1]),
        result: format!("{:.0} × faster", figures[1] / figures[0]),
        goal: Some(goal),
        ..Row::default()
    });
}

fn main() {
    let real: Vec<(String, Vec<u8>)> = std::env::args()
        .skip(1)
        .map(|path| {
            let blob = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
            let name = path.rsplit('/').next().unwrap_or(&path).trim_end_matches(".dtb");
            (name.to_string(), blob)
        })
        .collect();
    let boards = [1000, 10_000, 50_000].map(|nodes| Board::new(nodes, Shape::Buses));
    let mut table = Table::new("libovl", "libfdt");

    for (name, blob) in &real {
        unflatten(&mut table, name, blob, Some(0.5));
        memory(&mut table, name, blob);
    }
    for board in &boards {
        unflatten(&mut table, &format!("{} nodes", kilo(board.paths.len())), &board.blob, None);
    }
    memory(&mut table, "50k nodes", &boards[2].blob);
    growth(&mut table, &boards);
    apply_in_hand(&mut table, &boards[0], &boards[2]);
    blob_to_blob(&mut table, &boards[0], 1, 1.0);
    blob_to_blob(&mut table, &boards[0], 100, 1.0);
    blob_to_blob(&mut table, &boards[1], 100, 100.0);
    by_phandle(&mut table, &boards[2]);
    by_path(&mut table, &[16, 1000, 50_000].map(|nodes| Board::new(nodes, Shape::Siblings)));
    for (name, blob) in &real {
        flatten(&mut table, name, blob);
    }
    flatten(&mut table, "50k nodes", &boards[2].blob);
    table.end();
}
