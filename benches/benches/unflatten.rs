// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a blob to a tree that is checked and ready for every look-up.

use benches::{Board, Shape};
use criterion::{criterion_group, criterion_main, BenchmarkId, Criterion, Throughput};
use ovl::Tree;

fn unflatten(c: &mut Criterion) {
    let mut group = c.benchmark_group("unflatten");
    for nodes in [1000, 10_000, 50_000] {
        let board = Board::new(nodes, Shape::Buses);
        group.throughput(Throughput::Elements(nodes as u64));
        group.bench_with_input(BenchmarkId::from_parameter(nodes), &board.blob, |b, blob| {
            b.iter(|| Tree::from_fdt(blob).unwrap());
        });
    }
    group.finish();
}

fn check(c: &mut Criterion) {
    let board = Board::new(10_000, Shape::Buses);
    c.bench_function("check/10000", |b| b.iter(|| ovl::fdt::check(&board.blob).unwrap()));
}

criterion_group!(benches, unflatten, check);
criterion_main!(benches);
