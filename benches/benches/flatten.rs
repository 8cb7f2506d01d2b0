// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a tree back to a blob, as it was read and with overlays in it.

use benches::{Board, Shape};
use criterion::{criterion_group, criterion_main, BenchmarkId, Criterion, Throughput};
use ovl::{ApplyOptions, Tree};

fn flatten(c: &mut Criterion) {
    let mut group = c.benchmark_group("flatten");
    for nodes in [1000, 10_000, 50_000] {
        let board = Board::new(nodes, Shape::Buses);
        let tree = Tree::from_fdt(&board.blob).unwrap();
        group.throughput(Throughput::Elements(nodes as u64));
        group.bench_function(BenchmarkId::new("as read", nodes), |b| b.iter(|| tree.to_fdt().unwrap()));
        tree.apply(&board.overlay(100), &ApplyOptions::default()).unwrap();
        group.bench_function(BenchmarkId::new("100 fragments", nodes), |b| b.iter(|| tree.to_fdt().unwrap()));
    }
    group.finish();
}

criterion_group!(benches, flatten);
criterion_main!(benches);
