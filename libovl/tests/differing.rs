// SPDX-License-Identifier: MIT OR Apache-2.0
//! The difference between two trees as an overlay: applied to the one it makes the other.

mod common;

use common::*;
use ovl::{ApplyOptions, DiffOptions, Difference, Missing, Mode, RemoveMode, Tree};
use proptest::prelude::*;
use std::collections::BTreeMap;

const NEUTRAL: DiffOptions = DiffOptions { any_order: true, any_phandles: true };

/// A tree that grows, with references as what they mean: numbers are given out when it is written.
#[derive(Clone, Debug)]
struct World(Vec<Item>);

#[derive(Clone, Debug, Default)]
struct Item {
    parent: usize,
    name: String,
    values: Vec<(&'static str, u32)>,
    references: Vec<(&'static str, Vec<usize>)>,
    has_phandle: bool,
    label: bool,
}

/// What can be done to it. Nothing takes anything away.
#[derive(Clone, Debug)]
enum Step {
    Add { parent: usize, name: usize, has_phandle: bool },
    Set { node: usize, prop: usize, value: u32 },
    Refer { node: usize, prop: usize, targets: Vec<usize> },
    Label { node: usize },
}

const NAMES: [&str; 4] = ["uart@1", "i2c@2", "port", "dev@3"];
const VALUES: [&str; 4] = ["reg", "status", "acme,mode", "clock-frequency"];
/// Each entry of `clocks` has one argument; of the others only the first target is meant.
const REFERENCES: [&str; 5] = ["clocks", "remote-endpoint", "vdd-supply", "interrupt-parent", "pinctrl-0"];

fn set<T>(list: &mut Vec<(&'static str, T)>, name: &'static str, value: T) {
    match list.iter_mut().find(|(known, _)| *known == name) {
        Some((_, known)) => *known = value,
        None => list.push((name, value)),
    }
}

impl World {
    fn new(steps: &[Step]) -> World {
        let mut world = World(vec![Item::default()]);
        world.grow(steps);
        world
    }

    fn grow(&mut self, steps: &[Step]) {
        for step in steps {
            let count = self.0.len();
            match step {
                Step::Add { parent, name, has_phandle } => {
                    let (parent, name) = (parent % count, NAMES[*name].to_string());
                    if !self.0.iter().skip(1).any(|item| item.parent == parent && item.name == name) {
                        self.0.push(Item { parent, name, has_phandle: *has_phandle, ..Item::default() });
                    }
                }
                Step::Set { node, prop, value } => {
                    set(&mut self.0[node % count].values, VALUES[*prop], *value);
                }
                Step::Refer { node, prop, targets } => {
                    let mut targets: Vec<usize> = targets.iter().map(|target| target % count).collect();
                    if *prop > 0 {
                        targets.truncate(1);
                    }
                    targets.iter().for_each(|&target| self.0[target].has_phandle = true);
                    set(&mut self.0[node % count].references, REFERENCES[*prop], targets);
                }
                Step::Label { node } => self.0[node % count].label = true,
            }
        }
    }

    fn path(&self, of: usize) -> String {
        match of {
            0 => String::new(),
            of => format!("{}/{}", self.path(self.0[of].parent), self.0[of].name),
        }
    }

    fn body(&self, of: usize, number: &impl Fn(usize) -> u32) -> Body {
        let item = &self.0[of];
        let mut body = node(&item.name).cells("#clock-cells", &[1]);
        body = item.values.iter().fold(body, |body, (name, value)| body.cells(name, &[*value]));
        for (name, targets) in &item.references {
            let cells = targets.iter().flat_map(|&target| match *name {
                "clocks" => vec![number(target), 9],
                _ => vec![number(target)],
            });
            body = body.cells(name, &cells.collect::<Vec<_>>());
        }
        if item.has_phandle {
            body = body.phandle(number(of));
        }
        let children = (1..self.0.len()).filter(|&child| self.0[child].parent == of);
        body = children.fold(body, |body, child| body.child(self.body(child, number)));
        let labels: Vec<usize> = (1..self.0.len()).filter(|&labelled| self.0[labelled].label).collect();
        if of > 0 || labels.is_empty() {
            return body;
        }
        let symbols = labels.into_iter().fold(node("__symbols__"), |symbols, labelled| {
            symbols.text(&format!("label{labelled}"), &self.path(labelled))
        });
        body.child(symbols)
    }

    fn tree(&self, number: impl Fn(usize) -> u32) -> Tree {
        self.body(0, &number).tree()
    }
}

/// A tree with references as the paths that they lead to, without the library's own idea of what a reference is.
fn meaning(tree: &Tree) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    walk(&tree.root().unwrap(), &mut |node| {
        let mut props = BTreeMap::new();
        for prop in node.props().iter().filter(|prop| prop.name() != "phandle") {
            let cells =
                || prop.data().chunks_exact(4).map(|cell| u32::from_be_bytes(cell.try_into().unwrap()));
            let path = |phandle: u32| tree.node_by_phandle(phandle).unwrap().path();
            let told = match REFERENCES.iter().position(|name| *name == prop.name()) {
                Some(0) => cells().step_by(2).map(path).collect::<Vec<_>>().join(" "),
                Some(_) => path(cells().next().unwrap()),
                None => format!("{:?}", prop.data()),
            };
            props.insert(prop.name().to_string(), told);
        }
        all.insert(node.path(), props);
    });
    all
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<usize>(), 0..NAMES.len(), any::<bool>())
            .prop_map(|(parent, name, has_phandle)| Step::Add { parent, name, has_phandle }),
        2 => (any::<usize>(), 0..VALUES.len(), 0..40u32)
            .prop_map(|(node, prop, value)| Step::Set { node, prop, value }),
        3 => (any::<usize>(), 0..REFERENCES.len(), prop::collection::vec(any::<usize>(), 1..4))
            .prop_map(|(node, prop, targets)| Step::Refer { node, prop, targets }),
        1 => any::<usize>().prop_map(|node| Step::Label { node }),
    ]
}

fn with(a: &Tree, overlay: &[u8], mode: Mode) -> i32 {
    a.apply(overlay, &ApplyOptions { mode, ..ApplyOptions::default() }).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    /// 1,000 pairs of a tree and one that adds to it and changes it, with phandles numbered in another way.
    #[test]
    fn o26_the_difference_applied_to_a_is_b(
        of_a in prop::collection::vec(step(), 0..24),
        of_b in prop::collection::vec(step(), 0..16),
        salt in 0..50u32,
    ) {
        let mut world = World::new(&of_a);
        let a = world.tree(|item| item as u32 + 1);
        world.grow(&of_b);
        let b = world.tree(|item| 1000 - item as u32 * (salt % 3 + 1) + salt);
        let overlay = Tree::diff_overlay(&a, &b, Missing::Refuse).unwrap();
        let before = blob_of(&a);
        for mode in [Mode::Default, Mode::Libfdt] {
            let id = with(&a, &overlay, mode);
            prop_assert_eq!(Tree::diff(&a, &b, NEUTRAL).unwrap(), "");
            prop_assert_eq!(meaning(&a), meaning(&b));
            a.remove(id, RemoveMode::Default).unwrap();
            prop_assert_eq!(blob_of(&a), before.as_slice());
        }
    }
}

fn text_of(a: &Body, b: &Body, options: DiffOptions) -> String {
    Tree::diff(&a.tree(), &b.tree(), options).unwrap()
}

/// Two devices and a user of both, numbered from `first`.
fn numbered(first: u32, user: [u32; 3]) -> Body {
    node("")
        .child(node("clk").cells("#clock-cells", &[1]).phandle(first))
        .child(node("grf").phandle(first + 1))
        .child(node("user").cells("clocks", &[user[0], user[1]]).cells("acme,grf", &[user[2]]))
}

#[test]
fn o26_references_are_compared_by_where_they_lead() {
    let a = numbered(1, [1, 7, 2]);
    assert_eq!(text_of(&a, &numbered(4, [4, 7, 5]), NEUTRAL), "");
    assert!(text_of(&a, &numbered(4, [4, 7, 5]), DiffOptions::default()).contains("- /clk: phandle"));
    // The argument is no reference.
    assert_eq!(
        text_of(&a, &numbered(4, [4, 8, 5]), NEUTRAL),
        "- /user: clocks = <0x1 0x7>\n+ /user: clocks = <0x4 0x8>\n"
    );
    // The same number leads elsewhere.
    assert!(text_of(&a, &numbered(0x10, [0x11, 7, 0x11]), NEUTRAL).contains("+ /user: clocks"));
    // A vendor's number that leads to another place, or to none.
    for other in [4, 9] {
        assert!(text_of(&a, &numbered(4, [4, 7, other]), NEUTRAL).contains("+ /user: acme,grf"), "{other}");
    }
}

#[test]
fn o26_a_vendors_numbers_are_references_only_where_all_are() {
    let with = |body: Body, number: u32| body.child(node("other").cells("acme,grf", &[number]));
    let (a, b) = (numbered(1, [1, 7, 2]), numbered(4, [4, 7, 5]));
    assert_eq!(text_of(&with(a.clone(), 1), &with(b.clone(), 4), NEUTRAL), "");
    // One that leads nowhere: it is a number.
    let told = text_of(&with(a, 0), &with(b, 0), NEUTRAL);
    assert_eq!(told, "- /user: acme,grf = <0x2>\n+ /user: acme,grf = <0x5>\n");
}

#[test]
fn o26_what_b_lacks_is_refused_all_of_it_by_name() {
    let a = board().child(node("extra").text("status", "okay").child(node("inner")));
    let b = node("")
        .text("compatible", "acme,board")
        .child(node("soc").cells("#address-cells", &[2]).cells("#size-cells", &[1]).child(node("intc@1000")));
    let error = Tree::diff_overlay(&a.tree(), &b.tree(), Missing::Refuse).unwrap_err();
    assert!(matches!(error, ovl::Error::Invalid(_)), "{error:?}");
    assert_eq!(
        error.to_string(),
        "no overlay can do this:\n\
         /: the second tree lacks property \"model\"\n\
         /aliases: the second tree lacks this node\n\
         /soc: property \"#address-cells\": an overlay cannot change it\n\
         /soc/intc@1000: the second tree lacks property \"#interrupt-cells\"\n\
         /soc/uart@9000: the second tree lacks this node\n\
         /soc/i2c@a000: the second tree lacks this node\n\
         /__symbols__: the second tree lacks this node\n\
         /extra: the second tree lacks this node"
    );
}

#[test]
fn o26_nodes_that_b_lacks_are_disabled_on_request() {
    let a = board().child(node("on").text("status", "okay")).child(node("off").text("status", "disabled"));
    let a = a.child(node("plain").child(node("inner"))).tree();
    let bare = board();
    let b = bare.tree();
    let overlay = Tree::diff_overlay(&a, &b, Missing::Disable).unwrap();
    with(&a, &overlay, Mode::Default);
    for path in ["/on", "/off", "/plain"] {
        assert!(!a.node_by_path(path).unwrap().is_available(), "{path}");
    }
    let left = Tree::differences(&a, &b, NEUTRAL).unwrap();
    assert!(left.iter().all(|line| matches!(line, Difference::NodeRemoved { .. })), "{left:?}");
    // A property cannot be disabled, but a label of what is disabled may stay.
    let labelled = |of: Body| of.child(node("aliases").text("on", "/on"));
    let a = labelled(node("").child(node("on"))).tree();
    Tree::diff_overlay(&a, &node("").child(node("aliases")).tree(), Missing::Disable).unwrap();
    let error = Tree::diff_overlay(
        &labelled(node("").child(node("on"))).tree(),
        &node("").child(node("on")).child(node("aliases")).tree(),
        Missing::Disable,
    )
    .unwrap_err();
    assert!(error.to_string().contains("/aliases: the second tree lacks property \"on\""), "{error}");
}

#[test]
fn o26_what_b_lacks_may_stay() {
    let a = board().child(node("extra")).tree();
    let b = node("").text("model", "new").child(node("more").phandle(1)).tree();
    let overlay = Tree::diff_overlay(&a, &b, Missing::Keep).unwrap();
    with(&a, &overlay, Mode::Default);
    let left = Tree::differences(&a, &b, NEUTRAL).unwrap();
    assert!(
        left.iter()
            .all(|line| matches!(line, Difference::NodeRemoved { .. } | Difference::PropRemoved { .. })),
        "{left:?}"
    );
    assert_eq!(a.node_by_path("/").unwrap().read_string("model", 0).unwrap(), "new");
}

#[test]
fn o26_twins_are_refused_where_they_differ() {
    let twins = |second: &str| node("").child(node("t")).child(node("t").text("x", second)).tree();
    let same = Tree::diff_overlay(&twins("1"), &twins("1"), Missing::Refuse).unwrap();
    with(&twins("1"), &same, Mode::Default);
    for b in [twins("2"), node("").child(node("t")).child(node("t").text("x", "1")).child(node("t")).tree()] {
        let error = Tree::diff_overlay(&twins("1"), &b, Missing::Refuse).unwrap_err().to_string();
        assert!(error.contains("/t: ") && error.contains("elder sibling"), "{error}");
    }
    let new = node("").child(node("new").child(node("t")).child(node("t"))).tree();
    let error = Tree::diff_overlay(&node("").tree(), &new, Missing::Refuse).unwrap_err().to_string();
    assert!(error.contains("/new: two of its nodes or properties have one name"), "{error}");
}

#[test]
fn o26_what_fits_no_overlay_is_refused() {
    let deep = (0..62).fold(node("n"), |inner, _| node("n").child(inner));
    let b = node("").child(deep).tree();
    let error = Tree::diff_overlay(&node("").tree(), &b, Missing::Refuse).unwrap_err();
    assert!(matches!(error, ovl::Error::TooBig(_)), "{error}");
}

#[test]
fn o26_labels_are_used_where_there_are_any() {
    let a = board();
    let user = |uart: u32, bus: u32, intc: u32| {
        node("user").cells("clocks", &[uart, bus]).cells("interrupt-parent", &[intc])
    };
    let b = board().child(user(2, 1, 5)).tree();
    let overlay = Tree::from_fdt(&Tree::diff_overlay(&a.tree(), &b, Missing::Refuse).unwrap()).unwrap();
    let fixups = overlay.node_by_path("/__fixups__").unwrap();
    assert_eq!(prop_names(&fixups), ["intc", "uart0"]);
    assert_eq!(fixups.read_string("intc", 0).unwrap(), "/fragment@0/__overlay__/user:interrupt-parent:0");
}

#[test]
fn o26_json_has_what_the_text_has() {
    let differences = Tree::differences(
        &board().tree(),
        &board().child(node("new").cells("x", &[1])).tree(),
        DiffOptions::default(),
    )
    .unwrap();
    let json = Difference::json(&differences).unwrap();
    assert!(json.contains("\"change\": \"add\"") && json.contains("\"bytes\": \"00000001\""), "{json}");
    assert_eq!(Difference::lines(&differences), "+ /new\n+ /new: x = <0x1>\n");
}
