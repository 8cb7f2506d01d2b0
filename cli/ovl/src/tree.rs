// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ovl tree`: the nodes, and which overlay brought what.

use crate::failure::Result;
use crate::input::{self, Input};
use crate::{json, output};
use ovl::{Node, Tree};
use std::fmt::Write;

/// Show the nodes of a devicetree
///
/// A node that an overlay brought has the overlay's file name behind it in brackets; where an overlay set a property of a
/// node that was there, the property stands in front of it.
#[derive(clap::Args)]
#[command(after_long_help = "\
Examples:
  ovl tree
  ovl tree -i board.dtb /soc
  ovl tree -i board.dtb --with hat.dtbo '&i2c1'")]
pub(crate) struct TreeOf {
    /// The node to begin at: a path, an alias, or a label as '&label'
    #[arg(default_value = "/")]
    path: String,
    #[command(flatten)]
    input: Input,
    /// Write nodes, properties and values as JSON
    #[arg(long)]
    json: bool,
}

impl TreeOf {
    pub(crate) fn run(self) -> Result<bool> {
        let tree = self.input.tree()?;
        let node = input::node(&tree, &self.path)?;
        if self.json {
            output::json(&json::subtree(&tree, &node))?;
        } else {
            let mut out = String::new();
            write_node(&mut out, &tree, &node, &node.path(), 0)?;
            output::text(&out)?;
        }
        Ok(true)
    }
}

fn write_node(out: &mut String, tree: &Tree, node: &Node, name: &str, depth: usize) -> Result<()> {
    let _ = write!(out, "{:width$}{name}", "", width = depth * 2);
    if let Some(overlay) = overlay(tree, node.origin())? {
        let _ = write!(out, "  [{overlay}]");
    }
    for prop in node.props().iter().filter(|prop| prop.origin() != node.origin()) {
        if let Some(overlay) = overlay(tree, prop.origin())? {
            let _ = write!(out, "  [{}: {overlay}]", prop.name());
        }
    }
    out.push('\n');
    node.children().try_for_each(|child| write_node(out, tree, &child, child.name(), depth + 1))
}

/// The file of an overlay; none for the base.
fn overlay(tree: &Tree, id: i32) -> Result<Option<String>> {
    match id {
        0 => Ok(None),
        id => Ok(tree.overlay_name(id)?),
    }
}
