// SPDX-License-Identifier: MIT OR Apache-2.0
//! Overlays: on a tree in hand, and from blob to blob.

use benches::{Board, Shape};
use criterion::{criterion_group, criterion_main, BenchmarkId, Criterion};
use ovl::{ApplyOptions, RemoveMode, Tree};

fn apply_and_remove(c: &mut Criterion) {
    let mut group = c.benchmark_group("overlay/apply and remove");
    for (nodes, fragments) in [(1000, 1), (50_000, 1), (1000, 100), (50_000, 100)] {
        let board = Board::new(nodes, Shape::Buses);
        let overlay = board.overlay(fragments);
        let tree = Tree::from_fdt(&board.blob).unwrap();
        group.bench_function(BenchmarkId::new(format!("{fragments} fragments"), nodes), |b| {
            b.iter(|| {
                let id = tree.apply(&overlay, &ApplyOptions::default()).unwrap();
                tree.remove(id, RemoveMode::Default).unwrap();
            });
        });
    }
    group.finish();
}

fn blob_to_blob(c: &mut Criterion) {
    let mut group = c.benchmark_group("overlay/blob to blob");
    for (nodes, fragments) in [(1000, 1), (1000, 100), (10_000, 100)] {
        let board = Board::new(nodes, Shape::Buses);
        let overlay = board.overlay(fragments);
        group.bench_function(BenchmarkId::new(format!("{fragments} fragments"), nodes), |b| {
            b.iter(|| {
                let tree = Tree::from_fdt(&board.blob).unwrap();
                tree.apply(&overlay, &ApplyOptions::default()).unwrap();
                tree.to_fdt().unwrap()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, apply_and_remove, blob_to_blob);
criterion_main!(benches);
