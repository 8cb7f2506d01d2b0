// SPDX-License-Identifier: MIT OR Apache-2.0
//! The graph as a picture, for Graphviz, drawn as media-ctl draws it (M14).

use super::{EntityInfo, Topology};
use crate::uapi;
use std::fmt::Write;

impl Topology {
    /// The graph in Graphviz's language. What `node` says of an entity, the path of its device node for one, stands below its name.
    pub fn to_dot(&self, node: impl Fn(&EntityInfo) -> Option<String>) -> String {
        let mut text = "digraph board {\n\trankdir=TB\n".to_owned();
        for entity in self.entities() {
            let below = node(&entity).map_or(String::new(), |node| format!("\\n{}", escaped(&node)));
            let label = format!("{}{below}", escaped(&entity.name().to_string_lossy()));
            // Writing to a String cannot fail.
            let _ = match self.is_box(&entity) {
                true => writeln!(
                    text,
                    "\tn{:08x} [label=\"{label}\", shape=box, style=filled, fillcolor=yellow]",
                    entity.id
                ),
                false => writeln!(
                    text,
                    "\tn{:08x} [label=\"{{{{{}}} | {label} | {{{}}}}}\", shape=Mrecord, style=filled, fillcolor=green]",
                    entity.id,
                    self.ports(&entity, uapi::PAD_SINK),
                    self.ports(&entity, uapi::PAD_SOURCE),
                ),
            };
            self.draw_links(&entity, &mut text);
        }
        text.push_str("}\n");
        text
    }

    fn draw_links(&self, entity: &EntityInfo, text: &mut String) {
        for link in self.links_from(entity.id) {
            let end = |entity: u32, pad: u32| match self.entity_by_id(entity) {
                Ok(entity) if !self.is_box(&entity) => format!("n{:08x}:port{pad}", entity.id),
                _ => format!("n{entity:08x}"),
            };
            let style = match link.flags {
                flags if flags & uapi::LINK_IMMUTABLE != 0 => " [style=bold]",
                flags if flags & uapi::LINK_ENABLED == 0 => " [style=dashed]",
                _ => "",
            };
            let (from, to) = (end(link.source_entity, link.source_pad), end(link.sink_entity, link.sink_pad));
            let _ = writeln!(text, "\t{from} -> {to}{style}");
        }
    }

    /// Whether it is a device node, and not a sub-device with ports.
    fn is_box(&self, entity: &EntityInfo) -> bool {
        self.old_type(entity) & 0x00ff_0000 == uapi::FUNCTION_OLD_BASE
    }

    fn ports(&self, entity: &EntityInfo, flag: u32) -> String {
        let pads = self.pads_of(entity.id).filter(|pad| pad.flags & flag != 0);
        pads.map(|pad| format!("<port{0}> {0}", pad.index)).collect::<Vec<_>>().join(" | ")
    }
}

/// Text that means nothing in a label.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' | '{' | '}' | '|' | '<' | '>' => safe.extend(['\\', c]),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}
