// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ovl tree`: the nodes, and which overlay brought what.

use crate::input::{self, Input};
use crate::json;
use crate::terminal::{of_overlay, Color, Style, BOLD, DIM};
use cli_common::{output, Result};
use ovl::{Node, Tree};
use std::fmt::Write;

/// Show the nodes of a devicetree
///
/// A node that an overlay brought has the overlay's file name behind it in brackets; where an overlay set a property of a
/// node that was there, the property stands in front of it. In a terminal each overlay has a colour, what is disabled is dimmed, and
/// lines lead from node to node.
#[derive(clap::Args)]
#[command(after_long_help = "\
Examples:
  ovl tree
  ovl tree -i board.dtb /soc
  ovl tree -i board.dtb --with hat.dtbo '&i2c1'
  ovl tree -i board.dtb --with hat.dtbo --color always | less -R

Exit codes:
  0  the tree is shown
  1  an error, which is told on standard error
  2  the command line cannot be understood")]
pub(crate) struct TreeOf {
    /// The node to begin at: a path, an alias, or a label as '&label'
    #[arg(default_value = "/")]
    path: String,
    #[command(flatten)]
    input: Input,
    /// Write nodes, properties and values as JSON
    #[arg(long)]
    json: bool,
    /// When to use colours and lines
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    color: Color,
}

impl TreeOf {
    pub(crate) fn run(self) -> Result<bool> {
        let tree = self.input.tree()?;
        let node = input::node(&tree, &self.path)?;
        if self.json {
            output::json(&json::subtree(&tree, &node))?;
        } else {
            let mut view = View {
                overlays: tree.overlays(),
                tree: &tree,
                style: Style::of_stdout(self.color),
                out: String::new(),
                indent: String::new(),
            };
            view.line(&node, &node.path(), "")?;
            view.children(&node)?;
            output::text(&view.out)?;
        }
        Ok(true)
    }
}

struct View<'t> {
    tree: &'t Tree,
    overlays: Vec<i32>,
    style: Style,
    out: String,
    /// What stands in front of every line at the present depth.
    indent: String,
}

impl View<'_> {
    fn children(&mut self, node: &Node) -> Result<()> {
        let before = self.indent.len();
        let mut children = node.children().peekable();
        while let Some(child) = children.next() {
            let (branch, below) = match (self.style.picture, children.peek()) {
                (false, _) => ("  ", "  "),
                (true, Some(_)) => ("├─ ", "│  "),
                (true, None) => ("└─ ", "   "),
            };
            self.line(&child, child.name(), branch)?;
            self.indent += below;
            self.children(&child)?;
            self.indent.truncate(before);
        }
        Ok(())
    }

    fn line(&mut self, node: &Node, name: &str, branch: &str) -> Result<()> {
        let style = self.style;
        let off = style.picture && !node.is_available();
        let color = match (self.color(node.origin()), off) {
            ("", true) => DIM.to_string(),
            ("", false) => String::new(),
            (color, true) => format!("{DIM};{color}"),
            (color, false) => format!("{BOLD};{color}"),
        };
        // A unit address is read only when it is looked for.
        let (name, address) = name.split_at(name.rfind('@').filter(|_| style.picture).unwrap_or(name.len()));
        let guides = style.paint(DIM, &format!("{}{branch}", self.indent));
        let _ = write!(self.out, "{guides}{}{}", style.paint(&color, name), style.paint(DIM, address));
        if off {
            let _ = write!(self.out, "{}", style.paint(DIM, " disabled"));
        }
        if let Some(overlay) = self.overlay(node.origin())? {
            let _ = write!(self.out, "  {}", style.paint(self.color(node.origin()), &format!("[{overlay}]")));
        }
        for prop in node.props().iter().filter(|prop| prop.origin() != node.origin()) {
            if let Some(overlay) = self.overlay(prop.origin())? {
                let text = format!("[{}: {overlay}]", prop.name());
                let _ = write!(self.out, "  {}", style.paint(self.color(prop.origin()), &text));
            }
        }
        self.out.push('\n');
        Ok(())
    }

    /// The colour of an overlay; none for the base.
    fn color(&self, id: i32) -> &'static str {
        self.overlays.iter().position(|&overlay| overlay == id).map_or("", of_overlay)
    }

    /// The file of an overlay; none for the base.
    fn overlay(&self, id: i32) -> Result<Option<String>> {
        match id {
            0 => Ok(None),
            id => Ok(self.tree.overlay_name(id)?),
        }
    }
}
