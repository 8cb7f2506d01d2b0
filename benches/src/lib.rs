// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the benches share: boards of any size with overlays that fit them, and how to measure and tell.
//!
//! A generated board resembles a real one: about seven properties per node, a label on every second node, a phandle on every
//! node, references between nodes, buses with devices some of which have a child.

pub mod measure;
pub mod often;
pub mod process;
pub mod table;

use ovl::fdt::Writer;
use std::ops::Range;

/// How the nodes of a board lie.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Buses of 16 nodes, as on a real board.
    Buses,
    /// All of them children of one node.
    Siblings,
}

/// A board and what a bench needs to know about it.
pub struct Board {
    /// The board as a blob.
    pub blob: Vec<u8>,
    /// The path of each node, in document order; node `i` has phandle `i + 1`.
    pub paths: Vec<String>,
    /// The labelled nodes: indices of `paths`. The label of node `i` is `n<i>`.
    pub labelled: Vec<usize>,
}

/// Numbers as a property has them.
pub fn cells(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

/// Names of properties that only some nodes have: a real board uses about two hundred.
fn odd_name(i: usize) -> String {
    format!("vendor,setting-{}", i % 150)
}

impl Board {
    /// A board with `nodes` nodes, not counting the root, `/soc` and `/__symbols__`.
    pub fn new(nodes: usize, shape: Shape) -> Self {
        let mut board = Self { blob: Vec::new(), paths: Vec::with_capacity(nodes), labelled: Vec::new() };
        let mut writer = Writer::new();
        writer.begin("");
        writer.prop("#address-cells", &cells(&[2]));
        writer.prop("#size-cells", &cells(&[1]));
        writer.prop("compatible", b"example,board\0");
        writer.begin("soc");
        writer.prop("#address-cells", &cells(&[1]));
        writer.prop("#size-cells", &cells(&[1]));
        let mut open = vec!["/soc".to_string()];
        for i in 0..nodes {
            // Of each 16 the first is the bus itself, and two are children of the device before them.
            let (closes, name) = match (shape, i % 16) {
                (Shape::Siblings, _) => (open.len() - 1, format!("device@{i:x}")),
                (_, 0) => (open.len() - 1, format!("bus@{i:x}")),
                (_, 4 | 10) => (0, "port".to_string()),
                (_, place) => (open.len() - 2, format!("device@{:x}", place * 0x1000)),
            };
            for _ in 0..closes {
                open.pop();
                writer.end();
            }
            let path = format!("{}/{name}", open[open.len() - 1]);
            writer.begin(&name);
            device(&mut writer, i, nodes);
            open.push(path.clone());
            board.paths.push(path);
        }
        for _ in 0..open.len() {
            writer.end();
        }
        writer.begin("__symbols__");
        for i in (0..nodes).step_by(2) {
            board.labelled.push(i);
            writer.prop(&format!("n{i}"), format!("{}\0", board.paths[i]).as_bytes());
        }
        writer.end();
        writer.end();
        board.blob = writer.finish(&[], 0);
        board
    }

    /// An overlay of `fragments` fragments, spread over the labelled nodes of this board, that all overlay modes accept. Each
    /// changes the status of its target and brings a node with four properties, a reference to itself and a label.
    ///
    /// # Panics
    /// When the board has fewer labels than that.
    pub fn overlay(&self, fragments: usize) -> Vec<u8> {
        self.spread(0..fragments, fragments)
    }

    /// The same fragments as in [`overlay`](Self::overlay), each as an overlay of its own.
    pub fn single_overlays(&self, fragments: usize) -> Vec<Vec<u8>> {
        (0..fragments).map(|i| self.spread(i..i + 1, fragments)).collect()
    }

    /// Some of `all` fragments, which are spread over all labels.
    fn spread(&self, which: Range<usize>, all: usize) -> Vec<u8> {
        assert!(all <= self.labelled.len(), "one target for each fragment");
        let stride = self.labelled.len() / all;
        let mut writer = Writer::new();
        writer.begin("");
        for i in which.clone() {
            writer.begin(&format!("fragment@{i}"));
            writer.prop("target", &cells(&[u32::MAX]));
            writer.begin("__overlay__");
            writer.prop("status", b"okay\0");
            writer.begin(&format!("hat@{i:x}"));
            writer.prop("compatible", b"example,hat\0");
            writer.prop("reg", &cells(&[i as u32]));
            writer.prop("link", &cells(&[i as u32 + 1, 0]));
            writer.prop("phandle", &cells(&[i as u32 + 1]));
            writer.end();
            writer.end();
            writer.end();
        }
        writer.begin("__symbols__");
        for i in which.clone() {
            writer.prop(&format!("hat{i}"), format!("/fragment@{i}/__overlay__/hat@{i:x}\0").as_bytes());
        }
        writer.end();
        writer.begin("__fixups__");
        for i in which.clone() {
            let label = format!("n{}", self.labelled[i * stride]);
            writer.prop(&label, format!("/fragment@{i}:target:0\0").as_bytes());
        }
        writer.end();
        writer.begin("__local_fixups__");
        for i in which.clone() {
            writer.begin(&format!("fragment@{i}"));
            writer.begin("__overlay__");
            writer.begin(&format!("hat@{i:x}"));
            writer.prop("link", &cells(&[0]));
            writer.end();
            writer.end();
            writer.end();
        }
        writer.end();
        writer.end();
        writer.finish(&[], 0)
    }
}

/// The properties of node `i` of a board.
fn device(writer: &mut Writer, i: usize, nodes: usize) {
    let reference = |k: usize| ((i * 7 + k) % nodes) as u32 + 1;
    writer.prop("compatible", format!("vendor,device-{}\0vendor,generic\0", i % 100).as_bytes());
    writer.prop("reg", &cells(&[i as u32 * 0x1000, 0x1000]));
    writer.prop("interrupts", &cells(&[0, i as u32, 4]));
    writer.prop("clocks", &cells(&[reference(1), 3, reference(2), 5]));
    writer.prop("status", b"disabled\0");
    writer.prop(&odd_name(i), &cells(&[i as u32]));
    writer.prop("phandle", &cells(&[i as u32 + 1]));
}

/// Indices below `len` in an order that no cache foresees, the same in every run.
pub fn shuffled(len: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for i in (1..len).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        order.swap(i, (state % (i as u64 + 1)) as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use ovl::{ApplyOptions, Mode, RemoveMode, Tree};

    /// Otherwise a bench would measure how fast its input is refused.
    #[test]
    fn boards_are_read_and_take_their_overlays() {
        for shape in [Shape::Buses, Shape::Siblings] {
            let board = Board::new(100, shape);
            let tree = Tree::from_fdt(&board.blob).unwrap();
            for (i, path) in board.paths.iter().enumerate() {
                assert_eq!(&tree.node_by_phandle(i as u32 + 1).unwrap().path(), path);
            }
            for mode in [Mode::Default, Mode::Linux, Mode::Libfdt] {
                let options = ApplyOptions { mode, ..ApplyOptions::default() };
                let id = tree.apply(&board.overlay(50), &options).unwrap();
                let hat = tree.node_by_label("hat49").unwrap();
                assert_eq!(hat.path(), format!("{}/hat@31", board.paths[board.labelled[49]]));
                assert_eq!(hat.read_u32("link").unwrap(), hat.phandle());
                tree.remove(id, RemoveMode::Default).unwrap();
            }
            for overlay in board.single_overlays(50) {
                tree.apply(&overlay, &ApplyOptions::default()).unwrap();
            }
        }
    }

    #[test]
    fn shuffled_is_a_permutation() {
        let mut order = shuffled(1000);
        assert_ne!(order[..3], [0, 1, 2]);
        order.sort_unstable();
        assert!(order.into_iter().eq(0..1000));
    }
}
