// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ovl dot`: nodes, what they refer to, and which overlay brought what, as a graph for Graphviz.
//!
//! Here is what is in the graph; `paint.rs` is how it looks.

mod paint;

use crate::input::{self, Input};
use cli_common::{output, Result};
use ovl::{Node, Tree};
use std::collections::{BTreeMap, HashMap};

/// Write a devicetree as a graph for Graphviz
///
/// Boxes are nodes, filled with a colour where an overlay brought them, framed with it where one changed them, and dashed where
/// they are disabled. Thin lines lead to children, coloured arrows to the nodes that a node refers to by the common bindings:
/// clocks, interrupts, gpios, supplies and so on. Tables such as /aliases and /__symbols__ are left out.
///
/// The whole of a large board is more than one can look at: show a part of it, only what overlays brought, or only references.
#[derive(clap::Args)]
#[command(after_long_help = "\
Examples:
  ovl dot -i board.dtb --with hat.dtbo | dot -Tsvg -o board.svg
  ovl dot -i board.dtb --with hat.dtbo --only overlays
  ovl dot -i board.dtb --only references --kind supplies --kind clocks
  ovl dot -i board.dtb /soc --depth 2

Exit codes:
  0  the graph is written
  1  an error, which is told on standard error
  2  the command line cannot be understood")]
pub(crate) struct Dot {
    /// The node to begin at: a path, an alias, or a label as '&label'
    #[arg(default_value = "/")]
    path: String,
    #[command(flatten)]
    input: Input,
    /// Leave out what is not this; may be given twice
    #[arg(long, value_enum, value_name = "WHAT")]
    only: Vec<Only>,
    /// Only references of this kind; may be given several times
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Vec<Kind>,
    /// Leave out nodes that are nested deeper than this below the first one; what refers to them refers to the one above
    #[arg(long, value_name = "N")]
    depth: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Only {
    /// What overlays brought or changed, what that refers to, and the way there
    Overlays,
    /// Nodes that refer to others, and these; not what is inside of what
    References,
}

/// What a reference is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
pub(crate) enum Kind {
    Clocks,
    Interrupts,
    Gpios,
    Supplies,
    Power,
    Resets,
    Pinctrl,
    Dmas,
    Iommus,
    Phys,
    /// Both ends of a link of a media or display graph
    Endpoints,
    Others,
}

impl Kind {
    fn of(property: &str) -> Kind {
        match property {
            "clocks" | "assigned-clocks" | "assigned-clock-parents" => Kind::Clocks,
            "dmas" => Kind::Dmas,
            "iommus" | "iommu-map" => Kind::Iommus,
            "phys" | "phy-handle" | "usb-phy" | "pcs-handle" => Kind::Phys,
            "power-domains" | "performance-domains" | "operating-points-v2" | "required-opps" => Kind::Power,
            "power-supplies" | "pses" => Kind::Supplies,
            "remote-endpoint" => Kind::Endpoints,
            "resets" => Kind::Resets,
            _ if property.starts_with("interrupt") || property.starts_with("msi-") => Kind::Interrupts,
            _ if property.starts_with("pinctrl-") => Kind::Pinctrl,
            _ if property.ends_with("-supply") => Kind::Supplies,
            _ if property.contains("gpio") => Kind::Gpios,
            _ => Kind::Others,
        }
    }
}

/// A node of the graph.
struct Boxed {
    path: String,
    name: String,
    label: Option<String>,
    compatible: Option<String>,
    enabled: bool,
    origin: i32,
    /// Overlays that set properties of it.
    changed_by: Vec<i32>,
    parent: Option<usize>,
    /// It is not below the node that the graph begins at.
    outside: bool,
    kept: bool,
}

/// The arrows of one kind from one node to another.
struct Arrow {
    properties: Vec<String>,
    /// There is one back, too.
    both: bool,
    /// An overlay brought one of the properties.
    origin: i32,
}

struct Graph<'t> {
    tree: &'t Tree,
    boxes: Vec<Boxed>,
    by_path: HashMap<String, usize>,
    arrows: BTreeMap<(usize, usize, Kind), Arrow>,
    nesting: bool,
}

impl Dot {
    pub(crate) fn run(self) -> Result<bool> {
        let tree = self.input.tree()?;
        let top = input::node(&tree, &self.path)?;
        let nesting = !self.only.contains(&Only::References);
        let mut graph = Graph {
            tree: &tree,
            boxes: Vec::new(),
            by_path: HashMap::new(),
            arrows: BTreeMap::new(),
            nesting,
        };
        let labels = labels(&tree);
        let nodes = graph.nodes(&top, self.depth, &labels);
        graph.references(&nodes, &self.kind, &labels);
        if self.only.contains(&Only::Overlays) {
            graph.keep_overlays();
        }
        if !nesting {
            graph.keep_ends();
        }
        output::text(&graph.painted()?)?;
        Ok(true)
    }
}

/// The first label of each path.
fn labels(tree: &Tree) -> HashMap<String, String> {
    let mut labels = HashMap::new();
    let symbols = tree.node_by_path("/__symbols__").map(|symbols| symbols.props()).unwrap_or_default();
    for symbol in symbols {
        if let Some(path) = symbol.data().strip_suffix(&[0]).and_then(|path| std::str::from_utf8(path).ok()) {
            labels.entry(path.to_string()).or_insert_with(|| symbol.name().to_string());
        }
    }
    labels
}

impl Graph<'_> {
    /// Collects the nodes, each with the box that stands for it: one that is too deep is part of the one above.
    fn nodes(
        &mut self,
        top: &Node,
        depth: Option<usize>,
        labels: &HashMap<String, String>,
    ) -> Vec<(Node, usize)> {
        let is_table = |node: &Node| match node.name() {
            "aliases" | "chosen" => true,
            name => name.starts_with("__"),
        };
        let path = top.path();
        let first = self.add(top, &path, None, labels);
        let mut found = vec![(top.clone(), first)];
        let mut todo: Vec<(Node, usize, String, usize)> =
            top.children().map(|child| (child, first, path.clone(), 1)).collect();
        todo.reverse();
        while let Some((node, above, path_above, level)) = todo.pop() {
            if level == 1 && path == "/" && is_table(&node) {
                continue;
            }
            let path = format!("{}/{}", path_above.trim_end_matches('/'), node.name());
            let this = match depth.is_some_and(|depth| level > depth) {
                true => above,
                false => self.add(&node, &path, Some(above), labels),
            };
            self.by_path.insert(path.clone(), this);
            let below = node.children().map(|child| (child, this, path.clone(), level + 1));
            todo.extend(below.collect::<Vec<_>>().into_iter().rev());
            found.push((node, this));
        }
        found
    }

    fn add(
        &mut self,
        node: &Node,
        path: &str,
        parent: Option<usize>,
        labels: &HashMap<String, String>,
    ) -> usize {
        let origin = node.origin();
        let mut changed_by: Vec<i32> = node.props().iter().map(|prop| prop.origin()).collect();
        changed_by.retain(|&by| by != 0 && by != origin);
        changed_by.sort_unstable();
        changed_by.dedup();
        self.by_path.insert(path.to_string(), self.boxes.len());
        self.boxes.push(Boxed {
            path: path.into(),
            name: if parent.is_some() { node.name().into() } else { path.into() },
            label: labels.get(path).cloned(),
            compatible: node.read_string("compatible", 0).ok(),
            enabled: node.is_available(),
            origin,
            changed_by,
            parent,
            outside: false,
            kept: true,
        });
        self.boxes.len() - 1
    }

    fn references(&mut self, nodes: &[(Node, usize)], kinds: &[Kind], labels: &HashMap<String, String>) {
        let wanted = |kind| kinds.is_empty() || kinds.contains(&kind);
        for (node, from) in nodes {
            // Interrupts go up to whoever says where they go on; that one has the arrow.
            for reference in node.references() {
                let (kind, property) = (Kind::of(&reference.property), reference.property);
                let Some(target) = reference.node.filter(|_| wanted(kind)) else { continue };
                let origin = node.prop(&property).map_or(0, |prop| prop.origin());
                let path = target.path();
                let to = match self.by_path.get(&path) {
                    Some(&to) => to,
                    None => {
                        let to = self.add(&target, &path, None, labels);
                        self.boxes[to].outside = true;
                        to
                    }
                };
                if *from != to {
                    self.point(*from, to, kind, property, origin);
                }
            }
        }
    }

    fn point(&mut self, from: usize, to: usize, kind: Kind, property: String, origin: i32) {
        if let Some(back) = self.arrows.get_mut(&(to, from, kind)).filter(|_| kind == Kind::Endpoints) {
            back.both = true;
            return;
        }
        let new = || Arrow { properties: Vec::new(), both: false, origin: 0 };
        let arrow = self.arrows.entry((from, to, kind)).or_insert_with(new);
        arrow.origin = arrow.origin.max(origin);
        if !arrow.properties.contains(&property) {
            arrow.properties.push(property);
        }
    }

    /// Leaves what overlays brought or changed, what has a reference there or is referred to from there, and all above.
    fn keep_overlays(&mut self) {
        let own: Vec<bool> =
            self.boxes.iter().map(|of| of.origin != 0 || !of.changed_by.is_empty()).collect();
        let brought: Vec<bool> = self.boxes.iter().map(|of| of.origin != 0).collect();
        self.arrows.retain(|&(from, to, _), arrow| arrow.origin != 0 || brought[from] || brought[to]);
        let mut kept = own;
        for &(from, to, _) in self.arrows.keys() {
            (kept[from], kept[to]) = (true, true);
        }
        self.keep(kept);
    }

    /// Leaves the ends of arrows.
    fn keep_ends(&mut self) {
        let mut kept = vec![false; self.boxes.len()];
        for &(from, to, _) in self.arrows.keys() {
            (kept[from], kept[to]) = (true, true);
        }
        self.keep(kept);
    }

    fn keep(&mut self, mut kept: Vec<bool>) {
        // Those above have lower numbers.
        for i in (0..kept.len()).rev().filter(|_| self.nesting) {
            if let (true, Some(parent)) = (kept[i], self.boxes[i].parent) {
                kept[parent] = true;
            }
        }
        self.boxes.iter_mut().zip(kept).for_each(|(of, kept)| of.kept &= kept);
    }
}
