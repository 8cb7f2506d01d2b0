// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finding targets, in the tree as the earlier fragments of the plan will leave it (O8).

use super::plan::Plan;
use super::resolve::cell;
use super::Mode;
use crate::error::{invalid, Result};
use crate::slab::NodePtr;
use crate::tree::{is_phandle, text, But};

impl Plan<'_> {
    pub(super) fn find_target(&mut self, fragment: NodePtr) -> Result<()> {
        match self.target(fragment) {
            Ok(target) => {
                self.targets.insert(fragment, target);
                Ok(())
            }
            // What the fix-ups left open has been told already, with its label.
            Err(_) if self.has_problems() && self.is_open(fragment) => Ok(()),
            Err(error) => self.fail(error),
        }
    }

    /// Whether `target` is still the all ones that stand for a label.
    pub(super) fn is_open(&self, fragment: NodePtr) -> bool {
        let token = &self.inner.token;
        self.source.prop(token, fragment, "target").is_some_and(|prop| prop.data(token) == [0xff; 4])
    }

    /// What a fragment is to be merged into: `target` if there is one, else `target-path` (O8).
    fn target(&self, fragment: NodePtr) -> Result<NodePtr> {
        let token = &self.inner.token;
        let place = || format!("{}: {}", self.title, fragment.name(token));
        let target = self.source.prop(token, fragment, "target").map(|prop| prop.data(token));
        let usable = match (target, self.mode) {
            (Some(data), Mode::Linux) => cell(data, 0),
            (Some(data), _) if data.len() != 4 => {
                return Err(invalid!("{}: target is not one phandle", place()))
            }
            (Some(data), Mode::Libfdt) => cell(data, 0).filter(|&phandle| phandle != 0),
            (Some(data), Mode::Default) => cell(data, 0),
            (None, _) => None,
        };
        if let Some(phandle) = usable {
            return self
                .by_phandle(phandle)
                .ok_or_else(|| invalid!("{}: target is phandle {phandle:#x}, which no node has", place()));
        }
        let Some(prop) = self.source.prop(token, fragment, "target-path") else {
            return Err(invalid!("{}: neither target nor target-path", place()));
        };
        let Some(path) = text(prop.data(token)) else {
            return Err(invalid!("{}: target-path is not a string", place()));
        };
        let found = match (self.base, self.mode) {
            (None, Mode::Linux) => self.exact_path(path),
            (Some(base), Mode::Linux) => self.exact_path(&format!("{}{path}", base.path(token))),
            (None, _) => self.by_path(path),
            (Some(base), _) => self.descend(base, path),
        };
        found.ok_or_else(|| match self.base {
            None => invalid!("{}: target-path {path} leads to no node", place()),
            Some(base) => {
                invalid!("{}: target-path {path} leads to no node below {}", place(), base.path(token))
            }
        })
    }

    /// A path as Linux follows it: every component in full.
    pub(super) fn exact_path(&self, path: &str) -> Option<NodePtr> {
        let root = self.inner.root()?;
        let (start, rest) = match path.split_once('/') {
            Some(("", rest)) => (root, rest),
            Some((alias, rest)) => (self.exact_alias(alias)?, rest),
            None => (self.exact_alias(path)?, ""),
        };
        if rest.is_empty() {
            return Some(start);
        }
        rest.split('/').try_fold(start, |node, name| self.inner.find_child(node, name.as_bytes()))
    }

    /// An alias stands for an absolute path. Linux follows aliases of aliases, also round and round.
    fn exact_alias(&self, alias: &str) -> Option<NodePtr> {
        self.exact_path(self.inner.alias(alias).filter(|path| path.starts_with('/'))?)
    }

    /// A path in the tree as the earlier fragments will leave it.
    fn by_path(&self, path: &str) -> Option<NodePtr> {
        let (start, rest) = match path.strip_prefix('/') {
            Some(rest) => (self.inner.root()?, rest),
            None => {
                let (alias, rest) = path.split_once('/').unwrap_or((path, ""));
                (self.inner.by_path(self.inner.alias(alias)?).ok()?, rest)
            }
        };
        self.descend(start, rest)
    }

    fn descend(&self, start: NodePtr, path: &str) -> Option<NodePtr> {
        path.split('/')
            .filter(|name| !name.is_empty())
            .try_fold(start, |node, name| self.child_for_path(node, name))
    }

    fn child_for_path(&self, parent: NodePtr, name: &str) -> Option<NodePtr> {
        match self.mode {
            Mode::Libfdt => self.first_alike(parent, name),
            _ => self.inner.child(parent, name).ok().flatten(),
        }
        .or_else(|| self.planned_child(parent, name.as_bytes()))
    }

    /// A child that the tree does not have yet: directly planned, or below a planned node.
    pub(super) fn planned_child(&self, parent: NodePtr, name: &[u8]) -> Option<NodePtr> {
        let direct = self.planned.get(&(parent, name)).copied();
        direct.or_else(|| self.source.index.find(parent, name, &self.inner.token))
    }

    /// As libfdt compares names: one without unit address matches the first sibling with any or none.
    pub(super) fn first_alike(&self, parent: NodePtr, name: &str) -> Option<NodePtr> {
        match name.contains('@') {
            true => self.inner.find_child(parent, name.as_bytes()),
            false => self.inner.alike(parent, name.as_bytes(), But::AnyAddress).0,
        }
    }

    fn by_phandle(&self, phandle: u32) -> Option<NodePtr> {
        if !is_phandle(phandle) {
            return None;
        }
        self.inner.phandles.find(phandle).or_else(|| match self.mode {
            Mode::Linux => None,
            _ => self.phandles.get(&phandle).copied(),
        })
    }

    /// The path that a node has, or will have.
    pub(super) fn path(&self, node: NodePtr) -> String {
        let token = &self.inner.token;
        if node.is_attached(token) {
            return node.path(token);
        }
        let parent = self.parents.get(&node).copied().or_else(|| node.parent(token));
        match parent {
            Some(parent) => format!("{}/{}", self.path(parent).trim_end_matches('/'), node.name(token)),
            None => "/".into(),
        }
    }
}
