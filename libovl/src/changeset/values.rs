// SPDX-License-Identifier: MIT OR Apache-2.0
//! Values as what the bindings say they are: each sets a property, whether it is there or not.

use super::{value_before, Changeset};
use crate::error::{invalid, Result};
use crate::slab::Node;

/// Each fails as [`Changeset::add_prop`] does.
impl Changeset {
    /// One cell.
    ///
    /// # Errors
    /// As [`add_prop`](Self::add_prop).
    pub fn set_u32(&self, node: &Node, name: &str, value: u32) -> Result<()> {
        self.set_prop(node, name, &value.to_be_bytes())
    }

    /// Two cells as one number.
    ///
    /// # Errors
    /// As [`add_prop`](Self::add_prop).
    pub fn set_u64(&self, node: &Node, name: &str, value: u64) -> Result<()> {
        self.set_prop(node, name, &value.to_be_bytes())
    }

    /// Cells.
    ///
    /// # Errors
    /// As [`add_prop`](Self::add_prop).
    pub fn set_u32_array(&self, node: &Node, name: &str, values: &[u32]) -> Result<()> {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_be_bytes()).collect();
        self.set_prop(node, name, &bytes)
    }

    /// A string.
    ///
    /// # Errors
    /// As [`add_prop`](Self::add_prop), and [`Error::Invalid`](crate::Error::Invalid) for a NUL in it.
    pub fn set_string(&self, node: &Node, name: &str, value: &str) -> Result<()> {
        self.set_strings(node, name, &[value])
    }

    /// A list of strings.
    ///
    /// # Errors
    /// As [`set_string`](Self::set_string).
    pub fn set_strings(&self, node: &Node, name: &str, values: &[&str]) -> Result<()> {
        let mut bytes = Vec::with_capacity(values.iter().map(|value| value.len() + 1).sum());
        for value in values {
            if value.contains('\0') {
                return Err(invalid!("{}: property \"{name}\": a string with a NUL in it", node.path()));
            }
            bytes.extend_from_slice(value.as_bytes());
            bytes.push(0);
        }
        self.set_prop(node, name, &bytes)
    }

    /// A property that means true by being there. Nothing is listed if it is as it should be.
    ///
    /// # Errors
    /// As [`add_prop`](Self::add_prop).
    pub fn set_bool(&self, node: &Node, name: &str, value: bool) -> Result<()> {
        let items = self.state()?.items.clone();
        let before = value_before(&items, items.len(), node, name);
        match (before, value) {
            (None, true) => self.add_prop(node, name, &[]),
            (Some(_), false) => self.remove_prop(node, name),
            _ => Ok(()),
        }
    }
}
