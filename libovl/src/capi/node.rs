// SPDX-License-Identifier: MIT OR Apache-2.0
//! Nodes and properties: their places, names and values.

use super::{array, give_into, guard, none, ovl_node, ovl_prop, taken, text};
use crate::{Error, Node, Prop};
use cabi::Plain;
use std::ffi::{c_char, c_int, c_uint, c_void};

/// Takes another reference to a node. Returns its argument; NULL is allowed.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_get(node: *mut ovl_node) -> *mut ovl_node {
    super::get::<Node>(node)
}

/// Drops a reference to a node; NULL is allowed. With the last one to anything of a removed overlay, its memory is freed.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_put(node: *mut ovl_node) {
    super::put::<Node>(node)
}

/// The parent.
///
/// Returns a reference (drop it with ovl_node_put()), or NULL with errno: ENOENT for the root and for a node that is not in
/// the tree any more, EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_parent(node: *mut ovl_node) -> *mut ovl_node {
    guard(|| super::node(node)?.parent().ok_or_else(none))
}

/// The first child.
///
/// Returns a reference (drop it with ovl_node_put()), or NULL with errno: ENOENT if there is none or the node is not in the
/// tree any more, EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_first_child(node: *mut ovl_node) -> *mut ovl_node {
    guard(|| super::node(node)?.first_child().ok_or_else(none))
}

/// The next sibling. \p node is not put.
///
/// Returns a reference (drop it with ovl_node_put()), or NULL with errno: ENOENT if there is none or the node is not in the
/// tree any more, EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_next_sibling(node: *mut ovl_node) -> *mut ovl_node {
    guard(|| super::node(node)?.next_sibling().ok_or_else(none))
}

/// The child called \p name; its unit address may be left out where that is unambiguous. Costs one hash.
///
/// Returns a reference (drop it with ovl_node_put()), or NULL with errno: ENOENT no such child, EINVAL a NULL argument or an
/// ambiguous name, ENODEV the node is not in the tree any more.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_child(node: *mut ovl_node, name: *const c_char) -> *mut ovl_node {
    guard(|| Ok(super::node(node)?.child(text(name, "name")?)?))
}

/// The name with its unit address ("uart@9000"), empty for the root.
///
/// Borrowed: valid as long as the caller holds \p node. NULL with errno EINVAL for a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_name(node: *mut ovl_node) -> *const c_char {
    guard(|| Ok(super::node(node)?.c_name().as_ptr()))
}

/// The absolute path; for a node that is not in the tree any more, the path that it had.
///
/// Copied into \p buf with its NUL. With \p buf NULL and \p size 0 only the length is told.
///
/// Returns the length without the NUL, or -EINVAL for a NULL argument, -ERANGE if \p size is too small.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_path(node: *mut ovl_node, buf: *mut c_char, size: usize) -> c_int {
    guard(|| give_into(&super::node(node)?.path(), buf, size, "buf"))
}

/// The phandle, or 0 if the node has none or is NULL.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_phandle(node: *mut ovl_node) -> u32 {
    guard(|| Ok(Plain(super::node(node)?.phandle())))
}

/// Whether the node is in the tree: 1 or 0, or -EINVAL for a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_is_attached(node: *mut ovl_node) -> c_int {
    guard(|| Ok(super::node(node)?.is_attached()))
}

/// Whether "status" is missing, "okay" or "ok": 1 or 0, or -EINVAL for a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_is_available(node: *mut ovl_node) -> c_int {
    guard(|| Ok(super::node(node)?.is_available()))
}

/// Whether one of the strings in "compatible" is \p compatible, in upper or lower case: 1 or 0, or -EINVAL for a NULL
/// argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_is_compatible(node: *mut ovl_node, compatible: *const c_char) -> c_int {
    guard(|| Ok(super::node(node)?.is_compatible(text(compatible, "compatible")?)))
}

/// The id of the overlay that brought the node, 0 for the base, or -EINVAL for a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_origin(node: *mut ovl_node) -> c_int {
    guard(|| Ok(super::node(node)?.origin()))
}

/// Lists what refers to a node or to one below it from elsewhere in the tree, and would dangle without it: by the phandles of the
/// common bindings (clocks, gpios, *-supply, …), and by the paths in /aliases, /__symbols__ and /chosen.
///
/// On success *\p report has a line for each, "path: property "name" refers to path (phandle 0x…)"; it is the caller's, to be freed
/// with ovl_free(). Costs a pass over the tree.
///
/// Returns the number of lines, 0 for a node that is not in the tree any more; -EINVAL for a NULL argument, -ENOMEM.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_referrers(node: *mut ovl_node, report: *mut *mut c_char) -> c_int {
    guard(|| {
        let mut report = super::out(report, "report")?;
        let found = super::node(node)?.referrers();
        report.set(super::give_text(
            &found.iter().map(|referrer| format!("{referrer}\n")).collect::<String>(),
        )?);
        Ok(found.len())
    })
}

/// The property called \p name.
///
/// Its value never changes: an update puts another property in its place. Costs a pass over the node's properties.
///
/// Returns a reference (drop it with ovl_prop_put()), or NULL with errno: ENOENT no such property, EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_prop(node: *mut ovl_node, name: *const c_char) -> *mut ovl_prop {
    guard(|| Ok(super::node(node)?.prop(text(name, "name")?)?))
}

/// The property behind \p prev in the node's order; NULL starts with the first. Puts \p prev, also when it fails.
///
/// Returns a reference (drop it with ovl_prop_put()), or NULL with errno: ENOENT no further property, EINVAL a NULL node.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_next_prop(node: *mut ovl_node, prev: *mut ovl_prop) -> *mut ovl_prop {
    guard(|| {
        let prev: Option<Prop> = taken(prev);
        super::node(node)?.next_prop(prev.as_ref()).ok_or_else(none)
    })
}

/// Takes another reference to a property. Returns its argument; NULL is allowed.
#[no_mangle]
pub unsafe extern "C" fn ovl_prop_get(prop: *mut ovl_prop) -> *mut ovl_prop {
    super::get::<Prop>(prop)
}

/// Drops a reference to a property; NULL is allowed.
#[no_mangle]
pub unsafe extern "C" fn ovl_prop_put(prop: *mut ovl_prop) {
    super::put::<Prop>(prop)
}

/// The name of a property.
///
/// Borrowed: valid as long as the caller holds \p prop. NULL with errno EINVAL for a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_prop_name(prop: *mut ovl_prop) -> *const c_char {
    guard(|| Ok(super::prop(prop)?.c_name().as_ptr()))
}

/// The value of a property: big-endian cells, strings with their NULs, or bytes. *\p len is set to its length; \p len may be
/// NULL.
///
/// Borrowed: valid and unchanged as long as the caller holds \p prop, not aligned. NULL with errno EINVAL for a NULL property.
#[no_mangle]
pub unsafe extern "C" fn ovl_prop_data(prop: *mut ovl_prop, len: *mut usize) -> *const c_void {
    guard(|| {
        let prop = super::prop(prop)?;
        if !len.is_null() {
            super::out(len, "len")?.set(prop.data().len());
        }
        Ok(prop.data().as_ptr().cast::<c_void>())
    })
}

/// The id of the overlay that brought this value, 0 for the base, or -EINVAL for a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_prop_origin(prop: *mut ovl_prop) -> c_int {
    guard(|| Ok(super::prop(prop)?.origin()))
}

/// Reads the first cell of a property.
///
/// Returns 0, or -EINVAL no such property or a NULL argument, -ENODATA it has no value, -EOVERFLOW its value is too short.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_read_u32(
    node: *mut ovl_node,
    name: *const c_char,
    value: *mut u32,
) -> c_int {
    guard(|| {
        let mut value = super::out(value, "value")?;
        value.set(super::node(node)?.read_u32(text(name, "name")?)?);
        Ok(())
    })
}

/// Reads the first two cells of a property as one number. Errors are those of ovl_node_read_u32().
#[no_mangle]
pub unsafe extern "C" fn ovl_node_read_u64(
    node: *mut ovl_node,
    name: *const c_char,
    value: *mut u64,
) -> c_int {
    guard(|| {
        let mut value = super::out(value, "value")?;
        value.set(super::node(node)?.read_u64(text(name, "name")?)?);
        Ok(())
    })
}

/// Reads the first \p n cells of a property, which may have more, into \p values. Errors are those of ovl_node_read_u32().
#[no_mangle]
pub unsafe extern "C" fn ovl_node_read_u32_array(
    node: *mut ovl_node,
    name: *const c_char,
    values: *mut u32,
    n: usize,
) -> c_int {
    guard(|| {
        let values = array(values, n, "values")?;
        Ok(super::node(node)?.read_u32_array(text(name, "name")?, values)?)
    })
}

/// Reads the string at \p index of a property into \p buf, with its NUL. With \p buf NULL and \p size 0 only the length is
/// told.
///
/// Returns the length without the NUL, or -EINVAL no such property or a NULL argument, -ENODATA it has no value or too few
/// strings, -EILSEQ it is not a list of strings, -ERANGE \p size is too small.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_read_string(
    node: *mut ovl_node,
    name: *const c_char,
    index: usize,
    buf: *mut c_char,
    size: usize,
) -> c_int {
    guard(|| give_into(&super::node(node)?.read_string(text(name, "name")?, index)?, buf, size, "buf"))
}

/// Returns how many strings a property has, or -EINVAL no such property or a NULL argument, -ENODATA it has no value,
/// -EILSEQ it is not a list of strings.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_count_strings(node: *mut ovl_node, name: *const c_char) -> c_int {
    guard(|| Ok(super::node(node)?.count_strings(text(name, "name")?)?))
}

/// Returns the index of \p string in a property, or -ENODATA it is not among its strings, and the errors of
/// ovl_node_count_strings().
#[no_mangle]
pub unsafe extern "C" fn ovl_node_match_string(
    node: *mut ovl_node,
    name: *const c_char,
    string: *const c_char,
) -> c_int {
    guard(|| Ok(super::node(node)?.match_string(text(name, "name")?, text(string, "string")?)?))
}

/// Whether the property is there, whatever its value: 1 or 0, or -EINVAL for a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_read_bool(node: *mut ovl_node, name: *const c_char) -> c_int {
    guard(|| Ok(super::node(node)?.read_bool(text(name, "name")?)))
}

/// Follows the entry at \p index of a list of phandles with arguments.
///
/// \p list is a property such as "clocks"; \p cells the property of each target that says how many arguments it takes, such
/// as "#clock-cells", NULL for none. On success *\p target is a reference (drop it with ovl_node_put()), \p args has the
/// arguments, and *\p n, which held the room in \p args, their number. \p target, \p args and \p n may be NULL.
///
/// Returns 0, or -ENOENT no such property or index, or an empty entry; -EINVAL a NULL argument, a phandle that no node has,
/// a target without \p cells, a list that ends too early; -ERANGE \p args has too little room (*\p n says how much it takes).
#[no_mangle]
pub unsafe extern "C" fn ovl_node_phandle_args(
    node: *mut ovl_node,
    list: *const c_char,
    cells: *const c_char,
    index: usize,
    target: *mut *mut ovl_node,
    args: *mut u32,
    n: *mut c_uint,
) -> c_int {
    guard(|| {
        let cells = super::text_or_none(cells, "cells")?.unwrap_or_default();
        let found = super::node(node)?.phandle_args(text(list, "list")?, cells, index)?;
        let count = found.args.len();
        let room = if n.is_null() { 0 } else { super::inout(n, "n", count as c_uint)? as usize };
        if !args.is_null() {
            if room < count {
                return Err(Error::Range(format!("{count} arguments do not fit into {room}")).into());
            }
            array(args, count, "args")?.copy_from_slice(&found.args);
        }
        if !target.is_null() {
            super::out(target, "target")?.set(found.node.into_raw().cast());
        }
        Ok(())
    })
}
