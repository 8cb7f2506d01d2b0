// SPDX-License-Identifier: MIT OR Apache-2.0
//! Properties and their values, read as what the bindings say they are. The errors are those of Linux's `of_property_read_*`.

use super::lookup::strings;
use crate::error::{invalid, not_found, Error, Result};
use crate::slab::{Node, NodePtr, Prop, Token};

/// A phandle of a list such as `clocks`, and the cells behind it.
#[derive(Debug)]
pub struct PhandleArgs {
    /// The node that the phandle leads to.
    pub node: Node,
    /// The cells behind the phandle, as many as the node's `#…-cells` says.
    pub args: Vec<u32>,
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Node({})", self.path())
    }
}

impl std::fmt::Debug for Prop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Prop({}, {} bytes)", self.name(), self.data().len())
    }
}

impl Node {
    /// The property of this name that is in force.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn prop(&self, name: &str) -> Result<Prop> {
        self.read(|node, token| match node.prop(token, name.as_bytes()) {
            Some(prop) => Ok(Prop::new(prop)),
            None => Err(not_found!("{}: no property \"{name}\"", node.path(token))),
        })
    }

    /// The property behind `prev`, or the first one, in the node's order.
    pub fn next_prop(&self, prev: Option<&Prop>) -> Option<Prop> {
        self.read(|node, token| {
            let next = match prev {
                None => node.props(token).next(),
                Some(prev) => node.prop_behind(token, prev.ptr()),
            };
            next.map(Prop::new)
        })
    }

    /// All properties in force, as they are now.
    pub fn props(&self) -> Vec<Prop> {
        self.read(|node, token| node.props(token).map(Prop::new).collect())
    }

    /// Reads a value in place, with the path for messages at hand.
    fn value<T>(&self, name: &str, read: impl FnOnce(&[u8], &dyn Fn() -> String) -> Result<T>) -> Result<T> {
        self.read(|node, token| read_value(node, token, name, read))
    }

    /// The first cell of a property.
    ///
    /// # Errors
    /// As [`read_u32_array`](Self::read_u32_array).
    pub fn read_u32(&self, name: &str) -> Result<u32> {
        let mut value = [0];
        self.read_u32_array(name, &mut value)?;
        Ok(value[0])
    }

    /// The first two cells of a property as one number.
    ///
    /// # Errors
    /// As [`read_u32_array`](Self::read_u32_array).
    pub fn read_u64(&self, name: &str) -> Result<u64> {
        let mut value = [0, 0];
        self.read_u32_array(name, &mut value)?;
        Ok(u64::from(value[0]) << 32 | u64::from(value[1]))
    }

    /// The first `out.len()` cells of a property. It may have more.
    ///
    /// # Errors
    /// [`Error::Invalid`] no such property, [`Error::NoData`] it has no value, [`Error::Overflow`] its value is too short.
    pub fn read_u32_array(&self, name: &str, out: &mut [u32]) -> Result<()> {
        self.value(name, |value, place| {
            if value.len() / 4 < out.len() {
                return Err(Error::Overflow(format!(
                    "{}: {} bytes are too few for {} cells",
                    place(),
                    value.len(),
                    out.len()
                )));
            }
            cells(value).zip(out).for_each(|(cell, out)| *out = cell);
            Ok(())
        })
    }

    /// How many whole cells the value of a property has.
    ///
    /// # Errors
    /// [`Error::Invalid`] no such property or not a number of whole cells, [`Error::NoData`] it has no value.
    pub fn count_u32(&self, name: &str) -> Result<usize> {
        self.value(name, |value, place| match value.len() % 4 {
            0 => Ok(value.len() / 4),
            _ => Err(invalid!("{}: {} bytes are not whole cells", place(), value.len())),
        })
    }

    /// The string at `index` of a property.
    ///
    /// # Errors
    /// [`Error::Invalid`] no such property, [`Error::NoData`] it has no value or too few strings, [`Error::NotText`] it is
    /// not a list of strings.
    pub fn read_string(&self, name: &str, index: usize) -> Result<String> {
        self.value(name, |value, place| {
            let found = strings_of(value, place)?
                .nth(index)
                .ok_or_else(|| Error::NoData(format!("{}: no string at index {index}", place())))?;
            String::from_utf8(found.to_vec())
                .map_err(|_| Error::NotText(format!("{}: the string at index {index} is not text", place())))
        })
    }

    /// How many strings a property has.
    ///
    /// # Errors
    /// As [`read_string`](Self::read_string).
    pub fn count_strings(&self, name: &str) -> Result<usize> {
        self.value(name, |value, place| Ok(strings_of(value, place)?.count()))
    }

    /// The index of a string in a property.
    ///
    /// # Errors
    /// [`Error::NoData`] it is not among them, and those of [`read_string`](Self::read_string).
    pub fn match_string(&self, name: &str, string: &str) -> Result<usize> {
        self.value(name, |value, place| {
            strings_of(value, place)?
                .position(|s| s == string.as_bytes())
                .ok_or_else(|| Error::NoData(format!("{}: \"{string}\" is not one of its strings", place())))
        })
    }

    /// Whether the property is there, whatever its value.
    pub fn read_bool(&self, name: &str) -> bool {
        self.read(|node, token| node.prop(token, name.as_bytes()).is_some())
    }

    /// The entry at `index` of a list of phandles with arguments: `list` is a property such as "clocks", `cells` the
    /// property of each target that says how many arguments it takes ("#clock-cells"); empty: none.
    ///
    /// # Errors
    /// [`Error::NotFound`] no such property or index, or an empty entry; [`Error::Invalid`] a phandle that leads nowhere, a
    /// target without `cells`, or a list that ends too early.
    pub fn phandle_args(&self, list: &str, cells_name: &str, index: usize) -> Result<PhandleArgs> {
        let inner = self.core().read();
        let (node, token) = (self.ptr(), &inner.token);
        let place = || format!("{}: property \"{list}\"", node.path(token));
        let prop =
            node.prop(token, list.as_bytes()).ok_or_else(|| not_found!("{} does not exist", place()))?;
        let data = prop.data(token);
        if !data.len().is_multiple_of(4) {
            return Err(invalid!("{}: {} bytes are not whole cells", place(), data.len()));
        }
        let mut rest = cells(data);
        for at in 0.. {
            let Some(phandle) = rest.next() else { break };
            let mut entry = None;
            if phandle != 0 {
                let target = inner.phandles.find(phandle).ok_or_else(|| {
                    invalid!("{}: entry {at} refers to phandle {phandle:#x}, which no node has", place())
                })?;
                let count = match cells_name {
                    "" => 0,
                    name => read_value(target, token, name, |value, _| Ok(cells(value).next()))
                        .ok()
                        .flatten()
                        .ok_or_else(|| {
                            invalid!(
                                "{}: entry {at} leads to {}, which has no {name}",
                                place(),
                                target.path(token)
                            )
                        })?,
                };
                if count as usize > rest.len() {
                    return Err(invalid!(
                        "{}: entry {at} has fewer than {count} cells behind its phandle",
                        place()
                    ));
                }
                entry = Some((target, rest.by_ref().take(count as usize).collect::<Vec<u32>>()));
            }
            if at == index {
                return match entry {
                    Some((target, args)) => Ok(PhandleArgs { node: Node::new(target), args }),
                    None => Err(not_found!("{}: entry {index} is empty", place())),
                };
            }
        }
        Err(not_found!("{}: no entry {index}", place()))
    }
}

fn read_value<T>(
    node: NodePtr,
    token: &Token,
    name: &str,
    read: impl FnOnce(&[u8], &dyn Fn() -> String) -> Result<T>,
) -> Result<T> {
    let place = || format!("{}: property \"{name}\"", node.path(token));
    let prop = node.prop(token, name.as_bytes()).ok_or_else(|| invalid!("{} does not exist", place()))?;
    match prop.data(token) {
        [] => Err(Error::NoData(format!("{} has no value", place()))),
        value => read(value, &place),
    }
}

/// The whole cells of a value.
pub(crate) fn cells(value: &[u8]) -> impl ExactSizeIterator<Item = u32> + use<'_> {
    value.chunks_exact(4).map(|cell| u32::from_be_bytes(cell.try_into().expect("four bytes")))
}

fn strings_of<'v>(
    value: &'v [u8],
    place: &dyn Fn() -> String,
) -> Result<impl Iterator<Item = &'v [u8]> + use<'v>> {
    match value.last() {
        Some(0) => Ok(strings(value)),
        _ => Err(Error::NotText(format!("{} is not a list of strings: it does not end in NUL", place()))),
    }
}
