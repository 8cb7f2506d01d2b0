// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lines of the simulated chip: what libgpiodref itself costs, without the kernel.

use criterion::{criterion_group, criterion_main, Criterion};
use gpiodref::{ChipConfig, Config, Desc, Group, Sim};
use kref::Ref;

fn lines(c: &mut Criterion) {
    let sim = Sim::new(ChipConfig { label: "bench".into(), num_lines: 64, ..ChipConfig::default() }).unwrap();
    let output = Config::output(false);
    let line = Desc::request(sim.chip(), 0, &output, "bench").unwrap();
    let mut value = false;
    c.bench_function("simulated/set", |b| {
        b.iter(|| {
            value = !value;
            line.set_value(value).unwrap();
        })
    });
    c.bench_function("simulated/get", |b| b.iter(|| line.value().unwrap()));
    c.bench_function("simulated/reference", |b| b.iter(|| Ref::clone(&line)));
    let rest: Vec<u32> = (1..64).collect();
    let group = Group::request(sim.chip(), &rest, &[output], "bench").unwrap();
    let all = u64::MAX >> 1;
    c.bench_function("simulated/set 63 lines", |b| b.iter(|| group.set_values(all, all).unwrap()));
    drop(group);
    c.bench_function("simulated/request", |b| {
        b.iter(|| Desc::request(sim.chip(), 1, &output, "bench").unwrap());
    });
}

/// Lines that several components share, where a value is a vote.
fn shared(c: &mut Criterion) {
    let sim = Sim::new(ChipConfig { label: "shared".into(), num_lines: 1, ..ChipConfig::default() }).unwrap();
    let output = Config { shared: true, ..Config::output(false) };
    let part = || Desc::request(sim.chip(), 0, &output, "bench").unwrap();
    let (one, _other) = (part(), part());
    let mut value = false;
    c.bench_function("simulated/vote", |b| {
        b.iter(|| {
            value = !value;
            one.vote(value).unwrap();
        })
    });
}

criterion_group!(benches, lines, shared);
criterion_main!(benches);
