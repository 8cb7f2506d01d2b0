// SPDX-License-Identifier: MIT OR Apache-2.0
//! Devices: many of them populated by a bus of libovl, beside what their callbacks alone cost. A Markdown table, as that of `peers`.

use benches::cells;
use benches::measure::{arm, compare, Arm};
use benches::process::running;
use benches::table::{time, Row, Table};
use kref::Ref;
use ovl::fdt::Writer;
use ovl::{Bus, Device, Driver, Node, Probed, Tree};
use std::time::Duration;

/// A board of buses with 100 devices each, which use eight clocks that come last.
fn board(devices: usize) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.begin("");
    for i in 0..devices {
        if i % 100 == 0 {
            writer.begin(&format!("bus@{i:x}"));
        }
        writer.begin(&format!("device@{i:x}"));
        writer.prop("compatible", format!("vendor,device-{}\0vendor,generic\0", i % 100).as_bytes());
        writer.prop("reg", &cells(&[i as u32 * 0x1000, 0x1000]));
        writer.prop("clocks", &cells(&[1 + i as u32 % 8, 3, 1 + (i as u32 + 1) % 8, 5]));
        writer.prop("clock-names", b"bus\0core\0");
        writer.prop("label", format!("device {i}\0").as_bytes());
        writer.end();
        if i % 100 == 99 || i + 1 == devices {
            writer.end();
        }
    }
    for i in 1..=8 {
        writer.begin(&format!("clock@{i}"));
        writer.prop("compatible", b"vendor,generic\0");
        writer.prop("#clock-cells", &cells(&[1]));
        writer.prop("phandle", &cells(&[i]));
        writer.end();
    }
    writer.end();
    writer.finish(&[], 0)
}

/// What a driver does in its probe, as far as it is the tree's business: it reads its registers, its clocks and its label.
fn read_properties(node: &Node) -> usize {
    let mut reg = [0; 2];
    let mut sum = usize::from(node.read_u32_array("reg", &mut reg).is_ok());
    for (index, name) in ["bus", "core"].iter().enumerate() {
        sum += node.match_string("clock-names", name).unwrap_or(0);
        sum += node.phandle_args("clocks", "#clock-cells", index).map_or(0, |clock| clock.args.len());
    }
    sum + node.read_string("label", 0).map_or(0, |label| label.len())
        + usize::from(node.read_bool("wakeup-source"))
}

struct Reads;

impl Driver for Reads {
    fn probe(&self, device: &Ref<Device>) -> Result<Probed, i32> {
        device.set_data(std::ptr::without_provenance_mut(read_properties(device.node())));
        Ok(Probed::Bound)
    }

    fn remove(&self, device: &Ref<Device>) {
        std::hint::black_box(device.data());
    }
}

/// Times what `run` does after `prepare` has made it possible.
fn after<'a>(mut prepare: impl FnMut() + 'a, mut run: impl FnMut() + 'a) -> Arm<'a> {
    Box::new(move |times| {
        let mut took = Duration::ZERO;
        for _ in 0..times {
            prepare();
            let start = running();
            run();
            took += running() - start;
        }
        took
    })
}

fn main() {
    let mut table = Table::new("libovl", "the callbacks alone");
    let mut per_device = Vec::new();
    for devices in [1000, 10_000, 100_000] {
        let tree = Tree::from_fdt(&board(devices)).unwrap();
        let root = tree.root().unwrap();
        let bus = Bus::new(&tree);
        bus.add_driver("vendor,generic", Reads).unwrap();
        bus.populate(&root).unwrap();
        let nodes: Vec<Node> = bus.devices().iter().map(|device| device.node().clone()).collect();
        assert!(nodes.len() == devices + 8 && bus.unbound().is_empty());
        let populate = || bus.populate(&root).unwrap();
        let unpopulate = || bus.unpopulate(&root).unwrap();
        let figures = compare(&mut [
            arm(|| nodes.iter().map(read_properties).sum::<usize>()),
            after(unpopulate, populate),
            after(populate, unpopulate),
        ]);
        let row = |what, at: usize| Row {
            what,
            input: format!("{}k devices, two clocks each", devices / 1000),
            ours: time(figures[at].ns),
            peer: time(figures[0].ns),
            result: format!("{:.2} × their time", figures[at].times_first),
            ..Row::default()
        };
        let goal = (devices == 10_000).then(|| ("at most 3 ×".into(), figures[1].times_first <= 3.0));
        table.row(Row { goal, ..row("populate", 1) });
        table.row(row("unpopulate", 2));
        per_device.push(figures[1].ns / devices as f64);
    }
    let growth = per_device[2] / per_device[0];
    table.row(Row {
        what: "growth: populate, per device",
        input: "1k, 10k, 100k devices".into(),
        ours: per_device.iter().map(|&ns| time(ns)).collect::<Vec<_>>().join(", "),
        result: format!("{growth:.2} × from first to last"),
        ..Row::default()
    });
    table.end();
}
