// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sequences (O14, O16, O24, K7): any order of apply, remove, get and put, against a model that is as naive as can be.
//!
//! The model keeps the overlays that are applied as lists of simple operations, and makes the whole tree anew from the base by
//! doing them one after the other. Removing an overlay is leaving it out. So what the tree must be after a removal in the
//! middle is what it would be had that overlay never been there.

mod common;
use common::*;
use ovl::{Node, Prop, RemoveMode, Tree};
use proptest::prelude::*;
use std::time::Duration;

/// A node of the model. Properties are name, value, origin.
#[derive(Clone, Debug, PartialEq)]
struct Model {
    name: String,
    origin: i32,
    props: Vec<(String, Vec<u8>, i32)>,
    children: Vec<Model>,
}

/// What an overlay does to the model.
#[derive(Clone, Debug)]
enum Op {
    Set { path: String, prop: String, value: Vec<u8> },
    Add { parent: String, node: Model },
}

#[derive(Clone, Debug)]
struct Applied {
    id: i32,
    ops: Vec<Op>,
    /// Phandles that it refers to, and that it brought.
    refers: Vec<u32>,
    brings: Vec<u32>,
}

/// A fragment of an overlay that is tried.
#[derive(Clone, Debug)]
enum Piece {
    Set { target: usize, props: Vec<usize>, value: u8 },
    Add { target: usize, name: usize, labelled: bool, value: u8 },
    Refer { label: usize, by: usize },
}

#[derive(Clone, Debug)]
enum Step {
    Apply(Vec<Piece>),
    Remove(usize),
    RemoveLinux(usize),
    RemoveAll,
    Hold(usize),
    Put(usize),
}

const TARGETS: [&str; 7] =
    ["/soc", "/soc/uart@9000", "/soc/i2c@a000", "/soc/n0", "/soc/n1", "/soc/n0/n1", "/soc/i2c@a000/n2"];
const PROPS: [&str; 4] = ["status", "a", "b", "c"];
const NAMES: [&str; 3] = ["n0", "n1", "n2"];
const LABELS: [&str; 5] = ["uart0", "i2c0", "n0", "n1", "n2"];

impl Model {
    fn of(node: &Node) -> Model {
        Model {
            name: node.name().into(),
            origin: node.origin(),
            props: node.props().iter().map(|p| (p.name().into(), p.data().into(), p.origin())).collect(),
            children: node.children().map(|child| Model::of(&child)).collect(),
        }
    }

    fn at(&mut self, path: &str) -> Option<&mut Model> {
        path.split('/')
            .filter(|name| !name.is_empty())
            .try_fold(self, |node, name| node.children.iter_mut().find(|child| child.name == name))
    }

    fn set(&mut self, prop: &str, value: &[u8], origin: i32) {
        match self.props.iter_mut().find(|(name, _, _)| name == prop) {
            Some(known) => (known.1, known.2) = (value.into(), origin),
            None => self.props.push((prop.into(), value.into(), origin)),
        }
    }

    fn phandle(&self) -> u32 {
        let found = self.props.iter().find(|(name, _, _)| name == "phandle");
        found.map_or(0, |(_, value, _)| u32::from_be_bytes(value[..].try_into().unwrap()))
    }

    fn visit(&self, path: &str, visit: &mut impl FnMut(&str, &Model)) {
        visit(if path.is_empty() { "/" } else { path }, self);
        self.children.iter().for_each(|child| child.visit(&format!("{path}/{}", child.name), visit));
    }

    fn max_phandle(&self) -> u32 {
        let mut max = 0;
        self.visit("", &mut |_, node| max = max.max(node.phandle()));
        max
    }

    fn label(&mut self, label: &str) -> Option<String> {
        let symbols = self.at("/__symbols__")?;
        let (_, value, _) = symbols.props.iter().find(|(name, _, _)| name == label)?;
        Some(String::from_utf8(value.clone()).unwrap().trim_end_matches('\0').into())
    }

    fn apply(&mut self, ops: &[Op], id: i32) {
        for op in ops {
            match op {
                Op::Set { path, prop, value } => self.at(path).unwrap().set(prop, value, id),
                Op::Add { parent, node } => {
                    let mut node = node.clone();
                    node.origin = id;
                    node.props.iter_mut().for_each(|prop| prop.2 = id);
                    self.at(parent).unwrap().children.push(node);
                }
            }
        }
    }
}

/// The tree of a base with some overlays.
fn replay(base: &Model, applied: &[Applied]) -> Model {
    let mut model = base.clone();
    applied.iter().for_each(|overlay| model.apply(&overlay.ops, overlay.id));
    model
}

/// The blob of an overlay, and what the model says that it does; none if it must be refused.
fn plan(base: &Model, applied: &[Applied], pieces: &[Piece]) -> (Vec<u8>, Option<Applied>) {
    let mut now = replay(base, applied);
    let before = now.clone();
    let mut built = overlay();
    let mut refused = false;
    let (mut given, mut ops, mut symbols) = (Vec::new(), Vec::new(), Vec::new());
    let (mut refers, mut brings) = (Vec::new(), Vec::new());
    let delta = before.max_phandle() + 1;
    let mut max = pieces.iter().enumerate().fold(delta - 1, |max, (i, piece)| match piece {
        Piece::Add { labelled: true, .. } => delta + i as u32 + 1,
        _ => max,
    });
    let mut touched: Vec<(String, String)> = Vec::new();
    // References to labels are resolved before anything else.
    let mut labels: Vec<&str> = Vec::new();
    for piece in pieces {
        if let Piece::Refer { label, .. } = piece {
            if !labels.contains(&LABELS[*label]) {
                labels.push(LABELS[*label]);
            }
        }
    }
    for label in &labels {
        let Some(path) = now.label(label) else {
            refused = true;
            continue;
        };
        let node = now.at(&path).unwrap();
        if node.phandle() == 0 {
            max += 1;
            let op = Op::Set { path, prop: "phandle".into(), value: max.to_be_bytes().into() };
            now.apply(std::slice::from_ref(&op), -1);
            given.push(op);
            brings.push(max);
            refers.push(max);
        } else {
            refers.push(node.phandle());
        }
    }
    for (i, piece) in pieces.iter().enumerate() {
        let mut set = |now: &mut Model, ops: &mut Vec<Op>, path: &str, prop: &str, value: Vec<u8>| {
            // Two fragments may not touch the same, nor what the overlay itself brought.
            let twice = touched.contains(&(path.into(), prop.into()))
                || now.at(path).is_some_and(|n| n.origin == -1 && n.props.iter().any(|p| p.0 == prop));
            touched.push((path.into(), prop.into()));
            let op = Op::Set { path: path.into(), prop: prop.into(), value };
            if now.at(path).is_some() {
                now.apply(std::slice::from_ref(&op), -1);
                ops.push(op);
            }
            twice
        };
        match piece {
            Piece::Set { target, props, value } => {
                let path = TARGETS[*target];
                let body = props.iter().fold(node(""), |body, prop| body.prop(PROPS[*prop], &[*value]));
                built = built.fragment(To::Path(path), body);
                refused |= now.at(path).is_none();
                for prop in props {
                    refused |= set(&mut now, &mut ops, path, PROPS[*prop], vec![*value]);
                }
            }
            Piece::Add { target, name, labelled, value } => {
                let (parent, name) = (TARGETS[*target], NAMES[*name]);
                let path = format!("{parent}/{name}");
                let own = i as u32 + 1;
                let mut child = node(name).prop("a", &[*value]);
                if *labelled {
                    child = child.phandle(own);
                    built = built.label(name, &format!("/fragment@{i}/__overlay__/{name}"));
                    refused |= now.label(name).is_some() || symbols.iter().any(|(label, _)| *label == name);
                    symbols.push((name, path.clone()));
                }
                built = built.fragment(To::Path(parent), node("").child(child));
                let phandle = (delta + own).to_be_bytes().to_vec();
                if now.at(parent).is_none() {
                    refused = true;
                } else if let Some(there) = now.at(&path) {
                    let (origin, has) = (there.origin, before.clone().at(&path).map_or(0, |n| n.phandle()));
                    refused |= origin == -1 || (*labelled && has != 0);
                    let given_already = there.phandle() != 0;
                    refused |= set(&mut now, &mut ops, &path, "a", vec![*value]);
                    if *labelled && !given_already {
                        refused |= set(&mut now, &mut ops, &path, "phandle", phandle);
                        brings.push(delta + own);
                    }
                } else {
                    let mut props = vec![("a".to_string(), vec![*value], -1)];
                    if *labelled {
                        props.push(("phandle".into(), phandle, -1));
                        brings.push(delta + own);
                    }
                    let node = Model { name: name.into(), origin: -1, props, children: Vec::new() };
                    let op = Op::Add { parent: parent.into(), node };
                    now.apply(std::slice::from_ref(&op), -1);
                    ops.push(op);
                }
            }
            Piece::Refer { label, by } => {
                let (label, name) = (LABELS[*label], format!("user{by}"));
                let path = format!("/fragment@{i}/__overlay__/{name}");
                built = built
                    .fragment(To::Path("/soc"), node("").child(node(&name).cells("ref", &[u32::MAX])))
                    .uses(label, &path, "ref", 0);
                let found = now.label(label).map_or(0, |path| now.at(&path).unwrap().phandle());
                let there = format!("/soc/{name}");
                match now.at(&there).map(|node| node.origin) {
                    Some(-1) => refused = true,
                    Some(_) => refused |= set(&mut now, &mut ops, &there, "ref", found.to_be_bytes().into()),
                    None => {
                        let props = vec![("ref".to_string(), found.to_be_bytes().to_vec(), -1)];
                        let node = Model { name, origin: -1, props, children: Vec::new() };
                        let op = Op::Add { parent: "/soc".into(), node };
                        now.apply(std::slice::from_ref(&op), -1);
                        ops.push(op);
                    }
                }
            }
        }
    }
    let symbols = symbols.into_iter().map(|(label, path)| Op::Set {
        path: "/__symbols__".into(),
        prop: label.into(),
        value: format!("{path}\0").into(),
    });
    let ops = given.into_iter().chain(ops).chain(symbols).collect();
    (built.blob(), (!refused).then_some(Applied { id: 0, ops, refers, brings }))
}

/// O16: something later is inside of its nodes, or refers to its phandles.
fn is_depended_on(base: &Model, applied: &[Applied], at: usize) -> bool {
    let mut now = replay(base, applied);
    let id = applied[at].id;
    applied[at + 1..].iter().any(|later| {
        later.refers.iter().any(|phandle| applied[at].brings.contains(phandle))
            || later.ops.iter().any(|op| {
                let (Op::Set { path, .. } | Op::Add { parent: path, .. }) = op;
                now.at(path).unwrap().origin == id
            })
    })
}

/// O15: the nodes of both are equal, or one is inside the other.
fn overlaps(a: &Applied, b: &Applied) -> bool {
    let touched = |applied: &Applied| -> Vec<String> {
        let path = |op: &Op| match op {
            Op::Set { path, .. } => format!("{path}/"),
            Op::Add { parent, node } => format!("{parent}/{}/", node.name),
        };
        applied.ops.iter().map(path).collect()
    };
    let others = touched(b);
    touched(a).iter().any(|own| others.iter().any(|o| own.starts_with(o) || o.starts_with(own)))
}

/// The tree is what the model says, and every look-up finds it.
fn compare(tree: &Tree, model: &Model) {
    assert_eq!(&Model::of(&tree.root().unwrap()), model);
    let mut symbols = model.clone();
    let labels = symbols.at("/__symbols__").unwrap().props.clone();
    model.visit("", &mut |path, node| {
        let found = tree.node_by_path(path).unwrap();
        assert_eq!((found.path().as_str(), found.phandle()), (path, node.phandle()));
        if node.phandle() != 0 {
            assert_eq!(tree.node_by_phandle(node.phandle()).unwrap().path(), path);
        }
    });
    for label in LABELS {
        let known = labels.iter().find(|(name, _, _)| name == label);
        let path = known.map(|(_, value, _)| String::from_utf8(value.clone()).unwrap());
        let found = tree.node_by_label(label).ok().map(|node| format!("{}\0", node.path()));
        assert_eq!(found, path, "label {label}");
    }
}

/// What is held, with what it was when it was taken.
struct Held {
    node: Node,
    path: String,
    props: Vec<(Prop, Vec<u8>, i32)>,
}

impl Held {
    fn check(&self) {
        assert_eq!(self.node.path(), self.path);
        assert!(self.path.ends_with(self.node.name()));
        for (prop, value, origin) in &self.props {
            assert_eq!((prop.data(), prop.origin()), (&value[..], *origin));
        }
    }
}

fn run(steps: Vec<Step>) {
    let base = board().blob();
    let tree = Tree::from_fdt(&base).unwrap();
    let start = Model::of(&tree.root().unwrap());
    let mut applied: Vec<Applied> = Vec::new();
    let mut held: Vec<Held> = Vec::new();
    let mut last = 0;
    for step in steps {
        match step {
            Step::Apply(pieces) => {
                let (blob, expected) = plan(&start, &applied, &pieces);
                let result = tree.apply(&blob, &Default::default());
                assert_eq!(result.is_ok(), expected.is_some(), "{result:?} {pieces:?}");
                if let (Ok(id), Some(planned)) = (result, expected) {
                    assert!(id > last);
                    last = id;
                    applied.push(Applied { id, ..planned });
                }
            }
            Step::Remove(at) | Step::RemoveLinux(at) if !applied.is_empty() => {
                let at = at % applied.len();
                let (mode, busy) = match step {
                    Step::Remove(_) => (RemoveMode::Default, is_depended_on(&start, &applied, at)),
                    _ => (RemoveMode::Linux, applied[at + 1..].iter().any(|o| overlaps(&applied[at], o))),
                };
                let result = tree.remove(applied[at].id, mode);
                assert_eq!(result.is_err(), busy, "{mode:?} {result:?}");
                if !busy {
                    let gone = applied.remove(at);
                    assert_eq!(tree.remove(gone.id, RemoveMode::Default).unwrap_err().errno(), libc::ENOENT);
                }
            }
            Step::RemoveAll => {
                assert_eq!(tree.remove_all().unwrap(), applied.len());
                applied.clear();
            }
            Step::Hold(at) => {
                let all = paths(&tree);
                let node = tree.node_by_path(&all[at % all.len()]).unwrap();
                let props = node.props().into_iter().map(|p| (p.clone(), p.data().to_vec(), p.origin()));
                held.push(Held { path: node.path(), props: props.collect(), node });
            }
            Step::Put(at) if !held.is_empty() => drop(held.swap_remove(at % held.len())),
            _ => {}
        }
        compare(&tree, &replay(&start, &applied));
        assert_eq!(tree.overlays(), applied.iter().map(|overlay| overlay.id).collect::<Vec<_>>());
        held.iter().for_each(Held::check);
    }
    tree.remove_all().unwrap();
    assert_eq!(blob_of(&tree), base);
    held.iter().for_each(Held::check);
    drop(held);
    tree.wait_released(0, Some(Duration::ZERO)).unwrap();
    assert_eq!(tree.holders(), "");
}

fn piece() -> impl Strategy<Value = Piece> {
    // Mostly nodes that are there.
    let target = || prop_oneof![4 => 0..3usize, 1 => 3..TARGETS.len()];
    let props = Just((0..PROPS.len()).collect::<Vec<_>>()).prop_shuffle();
    let some = (props, 1..=PROPS.len()).prop_map(|(props, count)| props[..count].to_vec());
    prop_oneof![
        3 => (target(), some, any::<u8>()).prop_map(|(target, props, value)| Piece::Set { target, props, value }),
        3 => (target(), 0..NAMES.len(), any::<bool>(), any::<u8>())
            .prop_map(|(target, name, labelled, value)| Piece::Add { target, name, labelled, value }),
        1 => (0..LABELS.len(), 0..3usize).prop_map(|(label, by)| Piece::Refer { label, by }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => proptest::collection::vec(piece(), 1..4).prop_map(Step::Apply),
        4 => any::<usize>().prop_map(Step::Remove),
        1 => any::<usize>().prop_map(Step::RemoveLinux),
        1 => Just(Step::RemoveAll),
        2 => any::<usize>().prop_map(Step::Hold),
        1 => any::<usize>().prop_map(Step::Put),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn o14_o16_any_sequence_is_what_the_model_says(steps in proptest::collection::vec(step(), 1..30)) {
        run(steps);
    }
}
