// SPDX-License-Identifier: MIT OR Apache-2.0
//! A small world for tests: bases and overlays written down in a few readable lines.
//!
//! There is no parser here: what the library made of a blob is looked at through the library's own `Tree`, and compared as
//! bytes.
#![allow(dead_code, unreachable_pub)] // Each test program uses its part of it.

use ovl::{fdt::Writer, ApplyOptions, Mode, Node, Tree};

/// A node being written down.
#[derive(Clone, Default)]
pub struct Body {
    name: String,
    props: Vec<(String, Vec<u8>)>,
    children: Vec<Body>,
}

/// A node of this name with nothing in it.
pub fn node(name: &str) -> Body {
    Body { name: name.into(), ..Body::default() }
}

impl Body {
    pub fn name(self, name: &str) -> Body {
        Body { name: name.into(), ..self }
    }

    pub fn prop(mut self, name: &str, value: &[u8]) -> Body {
        self.props.push((name.into(), value.into()));
        self
    }

    pub fn text(self, name: &str, value: &str) -> Body {
        self.prop(name, format!("{value}\0").as_bytes())
    }

    pub fn cells(self, name: &str, cells: &[u32]) -> Body {
        let bytes: Vec<u8> = cells.iter().flat_map(|cell| cell.to_be_bytes()).collect();
        self.prop(name, &bytes)
    }

    pub fn phandle(self, number: u32) -> Body {
        self.cells("phandle", &[number])
    }

    pub fn child(mut self, child: Body) -> Body {
        self.children.push(child);
        self
    }

    fn write(&self, writer: &mut Writer) {
        writer.begin(&self.name);
        self.props.iter().for_each(|(name, value)| writer.prop(name, value));
        self.children.iter().for_each(|child| child.write(writer));
        writer.end();
    }

    /// The blob of which this is the root.
    pub fn blob(&self) -> Vec<u8> {
        self.blob_with(&[], 0)
    }

    pub fn blob_with(&self, reservations: &[(u64, u64)], boot_cpuid: u32) -> Vec<u8> {
        // A count that is misused anywhere ends the test.
        kref::set_message_hook(|message| panic!("{message}"));
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.finish(reservations, boot_cpuid)
    }

    pub fn tree(&self) -> Tree {
        Tree::from_fdt(&self.blob()).unwrap()
    }
}

/// Where a fragment goes.
pub enum To<'a> {
    Label(&'a str),
    Path(&'a str),
    Phandle(u32),
}

/// An overlay being written down: fragments, and the tables that a compiler would have made.
#[derive(Clone, Default)]
pub struct Overlay {
    fragments: Vec<Body>,
    symbols: Vec<(String, String)>,
    fixups: Vec<(String, Vec<u8>)>,
    local: Vec<(String, String, u32)>,
}

pub fn overlay() -> Overlay {
    Overlay::default()
}

impl Overlay {
    /// The next fragment (`fragment@0` is the first); the body's own name does not matter.
    pub fn fragment(mut self, to: To, body: Body) -> Overlay {
        let name = format!("fragment@{}", self.fragments.len());
        let fragment = match to {
            To::Path(path) => node(&name).text("target-path", path),
            To::Phandle(phandle) => node(&name).cells("target", &[phandle]),
            To::Label(label) => {
                self = self.uses(label, &format!("/{name}"), "target", 0);
                node(&name).cells("target", &[u32::MAX])
            }
        };
        let body = Body { name: "__overlay__".into(), ..body };
        self.fragments.push(fragment.child(body));
        self
    }

    /// A label of the overlay: a path in the overlay itself.
    pub fn label(mut self, label: &str, path: &str) -> Overlay {
        self.symbols.push((label.into(), path.into()));
        self
    }

    /// The property at `path` refers to a label of the base, at `offset`.
    pub fn uses(self, label: &str, path: &str, prop: &str, offset: u32) -> Overlay {
        self.raw_fixup(label, format!("{path}:{prop}:{offset}\0").as_bytes())
    }

    /// Adds to the fix-ups of a label what need not be one.
    pub fn raw_fixup(mut self, label: &str, value: &[u8]) -> Overlay {
        match self.fixups.iter_mut().find(|(known, _)| known == label) {
            Some((_, places)) => places.extend_from_slice(value),
            None => self.fixups.push((label.into(), value.into())),
        }
        self
    }

    /// The property at `path` refers to a phandle of the overlay itself, at `offset`.
    pub fn refers(mut self, path: &str, prop: &str, offset: u32) -> Overlay {
        self.local.push((path.into(), prop.into(), offset));
        self
    }

    pub fn body(&self) -> Body {
        let mut root = node("");
        root.children.clone_from(&self.fragments);
        if !self.symbols.is_empty() {
            let symbols = self.symbols.iter();
            root = root.child(symbols.fold(node("__symbols__"), |body, (l, path)| body.text(l, path)));
        }
        if !self.fixups.is_empty() {
            let fixups = self.fixups.iter();
            root = root.child(fixups.fold(node("__fixups__"), |body, (label, v)| body.prop(label, v)));
        }
        if !self.local.is_empty() {
            let mut top = node("__local_fixups__");
            for (path, prop, offset) in &self.local {
                let mut at = &mut top;
                for name in path.split('/').filter(|name| !name.is_empty()) {
                    let place = at.children.iter().position(|child| child.name == name);
                    let place = place.unwrap_or_else(|| {
                        at.children.push(node(name));
                        at.children.len() - 1
                    });
                    at = &mut at.children[place];
                }
                match at.props.iter_mut().find(|(name, _)| name == prop) {
                    Some((_, offsets)) => offsets.extend(offset.to_be_bytes()),
                    None => at.props.push((prop.clone(), offset.to_be_bytes().to_vec())),
                }
            }
            root = root.child(top);
        }
        root
    }

    pub fn blob(&self) -> Vec<u8> {
        self.body().blob()
    }

    pub fn apply(&self, tree: &Tree) -> ovl::Result<i32> {
        self.apply_as(tree, Mode::Default)
    }

    pub fn apply_as(&self, tree: &Tree, mode: Mode) -> ovl::Result<i32> {
        tree.apply(&self.blob(), &ApplyOptions { mode, ..ApplyOptions::default() })
    }
}

/// A board with a bus, two devices, labels and phandles (the highest is 5).
pub fn board() -> Body {
    node("")
        .text("compatible", "acme,board")
        .text("model", "Acme board")
        .child(node("aliases").text("serial0", "/soc/uart@9000"))
        .child(
            node("soc")
                .cells("#address-cells", &[1])
                .cells("#size-cells", &[1])
                .phandle(1)
                .child(node("intc@1000").cells("#interrupt-cells", &[1]).phandle(5))
                .child(
                    node("uart@9000")
                        .text("compatible", "acme,uart")
                        .cells("reg", &[0x9000, 0x100])
                        .text("status", "disabled")
                        .phandle(2),
                )
                .child(node("i2c@a000").text("compatible", "acme,i2c").text("status", "disabled")),
        )
        .child(
            node("__symbols__")
                .text("soc", "/soc")
                .text("intc", "/soc/intc@1000")
                .text("uart0", "/soc/uart@9000")
                .text("i2c0", "/soc/i2c@a000"),
        )
}

pub fn blob_of(tree: &Tree) -> Vec<u8> {
    tree.to_fdt().unwrap()
}

pub fn paths(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    walk(&tree.root().unwrap(), &mut |node| found.push(node.path()));
    found
}

/// Calls `visit` for `node` and everything below it, in document order.
pub fn walk(node: &Node, visit: &mut impl FnMut(&Node)) {
    visit(node);
    node.children().for_each(|child| walk(&child, visit));
}

pub fn prop_names(node: &Node) -> Vec<String> {
    node.props().iter().map(|prop| prop.name().to_string()).collect()
}

pub fn child_names(node: &Node) -> Vec<String> {
    node.children().map(|child| child.name().to_string()).collect()
}

/// Every mode, to run a test in all of them.
pub const MODES: [Mode; 3] = [Mode::Default, Mode::Linux, Mode::Libfdt];

/// Applies what must fail, and shows that it left nothing behind (O12); the error's errno and sentence.
pub fn refused(tree: &Tree, blob: &[u8], mode: Mode) -> (i32, String) {
    let (before, ids) = (blob_of(tree), tree.overlays());
    let error = tree.apply(blob, &ApplyOptions { mode, ..ApplyOptions::default() }).expect_err("refused");
    assert_eq!(blob_of(tree), before, "the tree has changed: {error}");
    assert_eq!(tree.overlays(), ids);
    (error.errno(), error.to_string())
}
