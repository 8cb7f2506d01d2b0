// SPDX-License-Identifier: MIT OR Apache-2.0
//! How the graph looks.

use super::{Arrow, Boxed, Graph, Kind};
use clap::ValueEnum;
use cli_common::Result;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

/// Colours to fill and to frame with, of overlays in the order of their application.
const OVERLAYS: [(&str, &str); 7] = [
    ("#c9ecd0", "#1b7f3b"),
    ("#fde2b8", "#b86e00"),
    ("#cfe3f7", "#1f5f9e"),
    ("#f3d3ea", "#9c2f83"),
    ("#e9f2b0", "#6c7a00"),
    ("#e0d6f5", "#5b3fa8"),
    ("#f9d0cb", "#b3301f"),
];

/// So many arrows can have their properties written beside them: among nested nodes they run close together.
const LABELLED: usize = 60;
const LABELLED_IF_NESTED: usize = 30;

/// Where more arrows of a kind than this come together among nested nodes, each of them is a line of text in its box instead.
const CROWD: usize = 8;
/// So many properties are written beside an arrow.
const NAMED: usize = 3;

fn color(kind: Kind) -> &'static str {
    match kind {
        Kind::Clocks => "#1f78b4",
        Kind::Interrupts => "#d7301f",
        Kind::Gpios => "#2a9134",
        Kind::Supplies => "#e07b00",
        Kind::Power => "#a6761d",
        Kind::Resets => "#d6278a",
        Kind::Pinctrl => "#7b4fb5",
        Kind::Dmas => "#8c510a",
        Kind::Iommus => "#4d7c0f",
        Kind::Phys => "#0f8a8a",
        Kind::Endpoints => "#2b3f9e",
        Kind::Others => "#707070",
    }
}

/// As it is on the command line.
fn name_of(kind: Kind) -> String {
    kind.to_possible_value().map(|value| value.get_name().to_string()).unwrap_or_default()
}

/// Text for a label in HTML's manner.
fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Text in quotes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

impl Graph<'_> {
    pub(super) fn painted(&self) -> Result<String> {
        let overlays = self.tree.overlays();
        let mut out = String::from(
            "digraph devicetree {\n\
             \trankdir=LR; nodesep=0.14; ranksep=0.7; bgcolor=white; fontname=\"Helvetica\";\n\
             \tnode [shape=box, style=\"rounded,filled\", fillcolor=white, color=\"#8a8f98\", fontname=\"Helvetica\", \
             fontsize=11, margin=\"0.11,0.05\", height=0.3];\n\
             \tedge [fontname=\"Helvetica\", fontsize=8, arrowsize=0.6];\n",
        );
        let ends = |&(from, to, _): &(usize, usize, Kind)| self.boxes[from].kept && self.boxes[to].kept;
        let mut crowds: HashMap<(usize, Kind), usize> = HashMap::new();
        for &(_, to, kind) in self.arrows.keys().filter(|key| self.nesting && ends(key)) {
            *crowds.entry((to, kind)).or_default() += 1;
        }
        let crowded = |to: usize, kind| crowds.get(&(to, kind)).is_some_and(|&count| count > CROWD);
        let (written, arrows): (Vec<_>, Vec<_>) = self
            .arrows
            .iter()
            .filter(|(key, _)| ends(key))
            .partition(|(&(_, to, kind), _)| crowded(to, kind));
        // In each box a line for each target, with the kinds.
        let mut lines: HashMap<usize, BTreeMap<usize, Vec<Kind>>> = HashMap::new();
        for (&(from, to, kind), _) in &written {
            lines.entry(from).or_default().entry(to).or_default().push(kind);
        }
        for (i, of) in self.boxes.iter().enumerate().filter(|(_, of)| of.kept) {
            let lines = lines.get(&i).into_iter().flatten().map(|(&to, kinds)| self.line(to, kinds));
            let _ = writeln!(out, "\tn{i} [{}];", self.box_of(of, &overlays, &lines.collect::<String>()));
        }
        if self.nesting {
            for (i, of) in self.boxes.iter().enumerate().filter(|(_, of)| of.kept) {
                if let Some(parent) = of.parent {
                    let _ =
                        writeln!(out, "\tn{parent} -> n{i} [color=\"#b4b9c2\", arrowhead=none, weight=8];");
                }
            }
        }
        let labelled = arrows.len() <= if self.nesting { LABELLED_IF_NESTED } else { LABELLED };
        for (&(from, to, kind), arrow) in &arrows {
            let _ = writeln!(out, "\tn{from} -> n{to} [{}];", self.arrow(kind, arrow, labelled));
        }
        let mut kinds: Vec<Kind> = written.iter().chain(&arrows).map(|((_, _, kind), _)| *kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        self.legend(&mut out, &overlays, &kinds)?;
        out.push_str("}\n");
        Ok(out)
    }

    /// The text for references that are no arrow.
    fn line(&self, to: usize, kinds: &[Kind]) -> String {
        let names: Vec<String> = kinds
            .iter()
            .map(|&kind| format!("<font color=\"{}\">{}</font>", color(kind), name_of(kind)))
            .collect();
        let (to, names) = (html(&self.boxes[to].name), names.join(", "));
        format!("<br/><font point-size=\"8\">{names} <font color=\"#6b7280\">&#8594; {to}</font></font>")
    }

    fn box_of(&self, of: &Boxed, overlays: &[i32], lines: &str) -> String {
        let colors = |id: i32| {
            overlays.iter().position(|&overlay| overlay == id).map(|at| OVERLAYS[at % OVERLAYS.len()])
        };
        let text = if of.enabled { "#14171c" } else { "#8a8f98" };
        // Without the tree around it, a name alone does not say which one it is.
        let whole = if self.nesting && !of.outside { &of.name } else { &of.path };
        let (above, name) = match whole.rfind('/').filter(|_| whole != "/") {
            Some(slash) => whole.split_at(slash + 1),
            None => ("", whole.as_str()),
        };
        let (name, address) = name.split_at(name.find('@').unwrap_or(name.len()));
        let mut label = String::new();
        for (color, part) in
            [("#8a8f98", html(above)), (text, format!("<b>{}</b>", html(name))), ("#8a8f98", html(address))]
        {
            if !part.is_empty() {
                let _ = write!(label, "<font color=\"{color}\">{part}</font>");
            }
        }
        let small: Vec<String> = [of.label.as_ref().map(|label| format!("&{label}")), of.compatible.clone()]
            .into_iter()
            .flatten()
            .map(|text| html(&text))
            .collect();
        if !small.is_empty() {
            let _ =
                write!(label, "<br/><font point-size=\"8\" color=\"#6b7280\">{}</font>", small.join("  "));
        }
        label += lines;
        let mut style = vec!["rounded", "filled"];
        if !of.enabled || of.outside {
            style.push("dashed");
        }
        let mut attributes = format!("label=<{label}>, tooltip={}", quoted(&of.path));
        if let Some((fill, frame)) = colors(of.origin) {
            let _ = write!(attributes, ", fillcolor=\"{fill}\", color=\"{frame}\"");
        }
        if let Some((_, frame)) = of.changed_by.last().and_then(|&id| colors(id)) {
            let _ = write!(attributes, ", color=\"{frame}\", penwidth=2.2");
        }
        let _ = write!(attributes, ", style=\"{}\"", style.join(","));
        attributes
    }

    fn arrow(&self, kind: Kind, arrow: &Arrow, labelled: bool) -> String {
        let (color, properties) = (color(kind), arrow.properties.join(", "));
        let mut attributes = format!("color=\"{color}\", tooltip={}", quoted(&properties));
        if labelled {
            let mut beside = arrow.properties[..arrow.properties.len().min(NAMED)].join(", ");
            if let Some(more) = arrow.properties.len().checked_sub(NAMED + 1) {
                let _ = write!(beside, " and {} more", more + 1);
            }
            let _ = write!(attributes, ", fontcolor=\"{color}\", label={}", quoted(&beside));
        }
        if arrow.both {
            attributes += ", dir=both";
        }
        if arrow.origin != 0 {
            attributes += ", penwidth=1.8";
        }
        if self.nesting {
            // The tree says where a box is; arrows find their way.
            attributes += ", constraint=false";
        }
        attributes
    }

    /// What the colours mean, as far as they occur.
    fn legend(&self, out: &mut String, overlays: &[i32], kinds: &[Kind]) -> Result<()> {
        let mut rows = String::new();
        for (at, &id) in overlays.iter().enumerate() {
            let seen = |of: &&Boxed| of.kept && (of.origin == id || of.changed_by.contains(&id));
            if self.boxes.iter().find(seen).is_none() {
                continue;
            }
            let (fill, frame) = OVERLAYS[at % OVERLAYS.len()];
            let name = self.tree.overlay_name(id)?.unwrap_or_else(|| format!("overlay {id}"));
            let _ = write!(
                rows,
                "<tr><td bgcolor=\"{fill}\" color=\"{frame}\" border=\"1\" width=\"22\"></td><td align=\"left\">{}</td></tr>",
                html(&name)
            );
        }
        for &kind in kinds {
            let _ = write!(
                rows,
                "<tr><td><font color=\"{}\"><b>&#8594;</b></font></td><td align=\"left\">{}</td></tr>",
                color(kind),
                name_of(kind)
            );
        }
        if !rows.is_empty() {
            let _ = writeln!(
                out,
                "\tlegend [shape=plain, style=\"\", label=<<table border=\"0\" cellspacing=\"3\" cellpadding=\"2\">{rows}</table>>];"
            );
        }
        Ok(())
    }
}
