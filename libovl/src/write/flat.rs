// SPDX-License-Identifier: MIT OR Apache-2.0
//! Flattening (O4): version 17, nodes and properties in the tree's order, reservations and boot processor of the base.

use crate::error::{Error, Result};
use crate::fdt::{Layout, Writer};
use crate::slab::{Keep, NodePtr, Token};
use crate::tree::{Inner, Tree};

impl Tree {
    /// The tree as a blob. The same tree gives the same bytes, and a tree whose overlays were all removed those of before.
    ///
    /// Costs a copy of the result; nodes that nobody changed are copied as they came.
    ///
    /// # Errors
    /// [`Error::TooBig`] if it does not fit the format's 32 bits.
    pub fn to_fdt(&self) -> Result<Vec<u8>> {
        self.read().to_fdt()
    }
}

impl Inner {
    fn to_fdt(&self) -> Result<Vec<u8>> {
        let base = self.base.as_ref().ok_or_else(|| Error::Gone("the tree is gone".into()))?;
        let layout = base.layout();
        let strings = &base.blob()[layout.strings..layout.strings + layout.strings_size];
        let mut writer = Writer::with_strings(strings, layout.totalsize - layout.strings_size);
        let root = base.root();
        let mut node = root;
        // Document order, with an end token for each node that is left.
        loop {
            write_node(&mut writer, node, base, &self.token);
            if let Some(first) = node.links(&self.token).first {
                node = first;
                continue;
            }
            loop {
                writer.end();
                if node == root {
                    let reservations = reservations(base.blob(), layout);
                    return match writer.finished_size(reservations.len()) <= u32::MAX as usize {
                        true => Ok(writer.finish(&reservations, layout.boot_cpuid)),
                        false => Err(Error::TooBig("the tree does not fit a blob of 4 GiB".into())),
                    };
                }
                let links = node.links(&self.token);
                if let Some(next) = links.next {
                    node = next;
                    break;
                }
                node = links.parent.expect("only the root has none");
            }
        }
    }
}

fn write_node(writer: &mut Writer, node: NodePtr, base: &Keep, token: &Token) {
    let of_base = node.same_slab(base.root());
    if of_base && node.has_own_props(token) && !base.layout().nops {
        writer.tokens(&base.blob()[node.token_range()]);
        return;
    }
    writer.begin_bytes(node.name_bytes());
    for prop in node.props(token) {
        if base.owns(prop) {
            writer.prop_at(prop.name_offset(), prop.data(token));
        } else {
            writer.prop_bytes(prop.name(token).as_bytes(), prop.data(token));
        }
    }
}

/// The memory reservations of a blob.
pub(crate) fn reservations(blob: &[u8], layout: &Layout) -> Vec<(u64, u64)> {
    let number = |at: usize| u64::from_be_bytes(blob[at..at + 8].try_into().expect("eight bytes"));
    let at = |i: usize| layout.reservations + i * 16;
    (0..layout.reservation_count).map(|i| (number(at(i)), number(at(i) + 8))).collect()
}
