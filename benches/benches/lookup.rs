// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finding a node, with the reference that the finder holds and drops again.

use benches::{shuffled, Board, Shape};
use criterion::{criterion_group, criterion_main, BenchmarkId, Criterion};
use ovl::Tree;

/// Every node in an order that no cache foresees.
fn lookup(c: &mut Criterion) {
    let mut group = c.benchmark_group("lookup");
    for nodes in [1000, 50_000] {
        let board = Board::new(nodes, Shape::Buses);
        let tree = Tree::from_fdt(&board.blob).unwrap();
        let order = shuffled(nodes);
        let mut any = order.iter().copied().cycle();
        group.bench_function(BenchmarkId::new("phandle", nodes), |b| {
            b.iter(|| tree.node_by_phandle(any.next().unwrap() as u32 + 1).unwrap());
        });
        group.bench_function(BenchmarkId::new("path", nodes), |b| {
            b.iter(|| tree.node_by_path(&board.paths[any.next().unwrap()]).unwrap());
        });
        let labels: Vec<String> = board.labelled.iter().map(|i| format!("n{i}")).collect();
        group.bench_function(BenchmarkId::new("label", nodes), |b| {
            b.iter(|| tree.node_by_label(&labels[any.next().unwrap() % labels.len()]).unwrap());
        });
    }
    group.finish();
}

/// One and the same node among more and more siblings.
fn siblings(c: &mut Criterion) {
    let mut group = c.benchmark_group("lookup/path among siblings");
    for nodes in [16, 1000, 50_000] {
        let board = Board::new(nodes, Shape::Siblings);
        let tree = Tree::from_fdt(&board.blob).unwrap();
        let path = &board.paths[nodes / 2];
        group.bench_function(BenchmarkId::from_parameter(nodes), |b| {
            b.iter(|| tree.node_by_path(path).unwrap())
        });
    }
    group.finish();
}

criterion_group!(benches, lookup, siblings);
criterion_main!(benches);
