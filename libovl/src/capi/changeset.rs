// SPDX-License-Identifier: MIT OR Apache-2.0
//! Changesets: filled, applied, reverted, looked at.

use super::{
    bytes_or_none, give_into, guard, node, numbers, object, out_or_none, ovl_changeset, ovl_node, ovl_prop,
    ovl_tree, text,
};
use crate::{Action, Changeset, Node};
use cabi::{Borrowed, Failure, Handle, Plain};
use std::ffi::{c_char, c_int, c_uint, c_void};

/// ovl_changeset_entry(): a node comes into the tree.
pub const OVL_ACTION_ATTACH: u32 = 1;
/// ovl_changeset_entry(): a node goes.
pub const OVL_ACTION_DETACH: u32 = 2;
/// ovl_changeset_entry(): a property comes.
pub const OVL_ACTION_ADD: u32 = 3;
/// ovl_changeset_entry(): a property goes.
pub const OVL_ACTION_REMOVE: u32 = 4;
/// ovl_changeset_entry(): a property gets another value.
pub const OVL_ACTION_UPDATE: u32 = 5;

fn changeset<'a>(raw: *mut ovl_changeset) -> Result<Borrowed<'a, Changeset>, Failure> {
    object(raw, "changeset")
}

/// The pointer for a reference, or NULL for none.
fn raw<H: Handle>(handle: Option<H>) -> *mut H::C {
    handle.map_or(std::ptr::null_mut(), |handle| handle.into_raw().as_ptr())
}

/// Makes an empty changeset for a tree: a list of changes that are checked, applied and reverted as one.
///
/// It keeps what it refers to, and not the tree. It may be used by several threads.
///
/// Returns a reference (drop it with ovl_changeset_put()), or NULL with errno: EINVAL for a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_new(tree: *mut ovl_tree) -> *mut ovl_changeset {
    guard(|| Ok(Changeset::new(&*super::tree(tree)?)))
}

/// Takes another reference to a changeset. Returns its argument; NULL is allowed.
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_get(changeset: *mut ovl_changeset) -> *mut ovl_changeset {
    super::get::<Changeset>(changeset)
}

/// Drops a reference to a changeset; NULL is allowed.
///
/// With the last one to a changeset that is applied, what it has changed stays for good, as if the tree had always been so: the
/// values that it replaced are freed as soon as nobody holds them, and so are the nodes that it detached.
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_put(changeset: *mut ovl_changeset) {
    super::put::<Changeset>(changeset)
}

/// Makes a node called \p name ("uart@9000"), to be attached as the last child of \p parent. With \p parent NULL it stays outside of the
/// tree until ovl_changeset_attach_node().
///
/// *\p node, which may be NULL, is a reference to it (drop it with ovl_node_put()): for its properties and children.
///
/// Returns 0, or -EINVAL a NULL argument, a name that no node can have, a parent of another tree, or a listener's view; -EBUSY the
/// changeset is applied; -ENOMEM. That there is such a node already is found by ovl_changeset_apply().
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_create_node(
    changeset: *mut ovl_changeset,
    parent: *mut ovl_node,
    name: *const c_char,
    node: *mut *mut ovl_node,
) -> c_int {
    guard(|| {
        let made = out_or_none(node, "node")?;
        let parent = if parent.is_null() { None } else { Some(super::node(parent)?) };
        let new = self::changeset(changeset)?.create_node(parent.as_deref(), text(name, "name")?)?;
        if let Some(mut made) = made {
            made.set(raw(Some(new)));
        }
        Ok(())
    })
}

/// Attaches a node as the last child of \p parent, with all that is below it: one that ovl_changeset_create_node() has made and that
/// is not in the tree, or one that this changeset detaches elsewhere. A parent has to be attached before its children.
///
/// Returns 0, or -EINVAL a NULL argument, a node of another tree, another kind of node, or a listener's view; -EBUSY the changeset is
/// applied.
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_attach_node(
    changeset: *mut ovl_changeset,
    parent: *mut ovl_node,
    node: *mut ovl_node,
) -> c_int {
    guard(|| {
        let parent: Borrowed<'_, Node> = object(parent, "parent")?;
        Ok(self::changeset(changeset)?.attach_node(&parent, &*super::node(node)?)?)
    })
}

/// Detaches a node, with all that is below it. When the changeset is reverted it is where it was, whatever else has come or gone beside
/// it.
///
/// Returns 0, or -EINVAL a NULL argument, a node of another tree, or a listener's view; -EBUSY the changeset is applied.
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_detach_node(
    changeset: *mut ovl_changeset,
    node: *mut ovl_node,
) -> c_int {
    guard(|| Ok(self::changeset(changeset)?.detach_node(&*super::node(node)?)?))
}

/// A call that puts one property.
fn put(
    of: *mut ovl_changeset,
    on: *mut ovl_node,
    name: *const c_char,
    put: impl FnOnce(&Changeset, &Node, &str) -> crate::Result<()>,
) -> Result<(), Failure> {
    let (changeset, node) = (changeset(of)?, node(on)?);
    Ok(put(&changeset, &node, text(name, "name")?)?)
}

/// Adds a property with a value of \p len bytes, which are copied. It must not be there when the changeset is applied. \p data may be
/// NULL with \p len 0. Where a property of that name was removed, the new one has its place.
///
/// Returns 0, or -EINVAL a NULL argument, a name that no property can have, a node of another tree, or a listener's view; -EBUSY the
/// changeset is applied; -E2BIG; -ENOMEM.
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_add_prop(
    changeset: *mut ovl_changeset,
    node: *mut ovl_node,
    name: *const c_char,
    data: *const c_void,
    len: usize,
) -> c_int {
    guard(|| {
        let data = bytes_or_none(data, len, "data")?;
        put(changeset, node, name, |changeset, node, name| changeset.add_prop(node, name, data))
    })
}

/// Gives a property another value. It must be there when the changeset is applied. As ovl_changeset_add_prop() otherwise.
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_update_prop(
    changeset: *mut ovl_changeset,
    node: *mut ovl_node,
    name: *const c_char,
    data: *const c_void,
    len: usize,
) -> c_int {
    guard(|| {
        let data = bytes_or_none(data, len, "data")?;
        put(changeset, node, name, |changeset, node, name| changeset.update_prop(node, name, data))
    })
}

/// Gives a property a value, whether it is there or not. As ovl_changeset_add_prop() otherwise.
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_set_prop(
    changeset: *mut ovl_changeset,
    node: *mut ovl_node,
    name: *const c_char,
    data: *const c_void,
    len: usize,
) -> c_int {
    guard(|| {
        let data = bytes_or_none(data, len, "data")?;
        put(changeset, node, name, |changeset, node, name| changeset.set_prop(node, name, data))
    })
}

/// Removes a property. It must be there when the changeset is applied. Errors are those of ovl_changeset_add_prop().
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_remove_prop(
    changeset: *mut ovl_changeset,
    node: *mut ovl_node,
    name: *const c_char,
) -> c_int {
    guard(|| put(changeset, node, name, Changeset::remove_prop))
}

/// Sets a property to one cell, whether it is there or not. Errors are those of ovl_changeset_add_prop().
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_set_u32(
    changeset: *mut ovl_changeset,
    node: *mut ovl_node,
    name: *const c_char,
    value: u32,
) -> c_int {
    guard(|| put(changeset, node, name, |changeset, node, name| changeset.set_u32(node, name, value)))
}

/// Sets a property to two cells that are one number. Errors are those of ovl_changeset_add_prop().
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_set_u64(
    changeset: *mut ovl_changeset,
    node: *mut ovl_node,
    name: *const c_char,
    value: u64,
) -> c_int {
    guard(|| put(changeset, node, name, |changeset, node, name| changeset.set_u64(node, name, value)))
}

/// Sets a property to \p n cells; \p values may be NULL with \p n 0. Errors are those of ovl_changeset_add_prop().
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_set_u32_array(
    changeset: *mut ovl_changeset,
    node: *mut ovl_node,
    name: *const c_char,
    values: *const u32,
    n: usize,
) -> c_int {
    guard(|| {
        let values = numbers(values, n, "values")?;
        put(changeset, node, name, |changeset, node, name| changeset.set_u32_array(node, name, values))
    })
}

/// Sets a property to a string. Errors are those of ovl_changeset_add_prop().
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_set_string(
    changeset: *mut ovl_changeset,
    node: *mut ovl_node,
    name: *const c_char,
    value: *const c_char,
) -> c_int {
    guard(|| {
        let value = text(value, "value")?;
        put(changeset, node, name, |changeset, node, name| changeset.set_string(node, name, value))
    })
}

/// Sets a property to a list of \p n strings; \p values may be NULL with \p n 0. Errors are those of ovl_changeset_add_prop().
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_set_strings(
    changeset: *mut ovl_changeset,
    node: *mut ovl_node,
    name: *const c_char,
    values: *const *const c_char,
    n: usize,
) -> c_int {
    guard(|| {
        let values: Vec<&str> = super::pointers(values, n, "values")?
            .iter()
            .enumerate()
            .map(|(i, &value)| text(value, &format!("values[{i}]")))
            .collect::<Result<_, _>>()?;
        put(changeset, node, name, |changeset, node, name| changeset.set_strings(node, name, &values))
    })
}

/// Makes a property that means true by being there say what \p value says: other than 0 is true. Nothing is listed if it does
/// already. Errors are those of ovl_changeset_add_prop().
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_set_bool(
    changeset: *mut ovl_changeset,
    node: *mut ovl_node,
    name: *const c_char,
    value: c_int,
) -> c_int {
    guard(|| put(changeset, node, name, |changeset, node, name| changeset.set_bool(node, name, value != 0)))
}

/// Checks everything in a changeset, and applies all of it or nothing. Costs what is in the changeset.
///
/// Listeners are told as of an overlay. While they are, the changeset is in progress, and cannot be added to, applied or reverted.
///
/// Returns 0, or a negative errno with the tree as it was; ovl_last_error() names node and property: -EEXIST a node or property to
/// be added is there, or a phandle is another node's; -ENOENT a property to be updated or removed is not there; -ENODEV a node or a
/// parent is not in the tree, or the tree is gone; -EBUSY another changeset has detached the node and may put it back, this one is in
/// progress, or listeners and other threads thwart it again and again; -E2BIG nested too deep; -EINVAL it is applied already, a
/// phandle that is none, a NULL argument; what a listener refused with. If ovl_changeset_is_applied() says 1 then, a listener
/// failed when all was done, and nothing is undone.
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_apply(changeset: *mut ovl_changeset) -> c_int {
    guard(|| {
        self::changeset(changeset)?.apply()?;
        Ok(())
    })
}

/// Reverts everything that a changeset has changed: content and order are what they would be without it. It can be added to and
/// applied again then.
///
/// Nodes that it made keep what they have for those who hold them.
///
/// Returns 0, or -EBUSY a later overlay or changeset depends on it, and ovl_last_error() names that and the node, or it is in
/// progress; -ENODEV the tree is gone, or the parent of a detached node is; -EINVAL it is not applied, or a NULL argument; what a
/// listener refused with. If ovl_changeset_is_applied() says 0 then, a listener failed when all was done, and nothing is undone.
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_revert(changeset: *mut ovl_changeset) -> c_int {
    guard(|| Ok(self::changeset(changeset)?.revert()?))
}

/// Whether the changeset is applied: 1 or 0, or -EINVAL for a NULL argument. Of a listener's view: whether what it shows is in the
/// tree.
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_is_applied(changeset: *mut ovl_changeset) -> c_int {
    guard(|| Ok(self::changeset(changeset)?.is_applied()))
}

/// The id under which the changeset is applied, or was the last time: ovl_node_origin() and ovl_prop_origin() of what it brought.
/// Each time it is applied it gets another one, from the same numbers as overlays. 0 before, -EINVAL for a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_id(changeset: *mut ovl_changeset) -> c_int {
    guard(|| Ok(self::changeset(changeset)?.id()))
}

/// Whether it shows an overlay, as a listener's view may: 1 or 0, or -EINVAL for a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_is_overlay(changeset: *mut ovl_changeset) -> c_int {
    guard(|| Ok(self::changeset(changeset)?.is_overlay()))
}

/// Copies the name of the overlay that it shows into \p buf, with its NUL; empty if there is none. With \p buf NULL and \p size 0 only
/// the length is told.
///
/// Returns the length without the NUL, or -ERANGE \p size is too small, -EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_name(
    changeset: *mut ovl_changeset,
    buf: *mut c_char,
    size: usize,
) -> c_int {
    guard(|| give_into(self::changeset(changeset)?.name().unwrap_or_default(), buf, size, "buf"))
}

/// How many entries a changeset has; 0 with errno EINVAL for a NULL argument. A listener's view has one for each node of what is
/// attached or detached with all that is below it.
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_count(changeset: *mut ovl_changeset) -> c_uint {
    guard(|| Ok(Plain(c_uint::try_from(self::changeset(changeset)?.count()).unwrap_or(c_uint::MAX))))
}

/// The entry at \p index: what it does, or did when the changeset was applied.
///
/// *\p action is OVL_ACTION_…, *\p node a reference to the node (drop it with ovl_node_put()), *\p now and *\p before are references to
/// the value that the property gets and the one that it had (drop them with ovl_prop_put()), or NULL. Each may be NULL.
///
/// Returns 0, or -ENOENT no such entry, -EINVAL a NULL changeset.
#[no_mangle]
pub unsafe extern "C" fn ovl_changeset_entry(
    changeset: *mut ovl_changeset,
    index: c_uint,
    action: *mut u32,
    node: *mut *mut ovl_node,
    now: *mut *mut ovl_prop,
    before: *mut *mut ovl_prop,
) -> c_int {
    guard(|| {
        let (action, node) = (out_or_none(action, "action")?, out_or_none(node, "node")?);
        let (now, before) = (out_or_none(now, "now")?, out_or_none(before, "before")?);
        let entry = self::changeset(changeset)?.entry(index as usize)?;
        if let Some(mut action) = action {
            action.set(match entry.action {
                Action::Attach => OVL_ACTION_ATTACH,
                Action::Detach => OVL_ACTION_DETACH,
                Action::Add => OVL_ACTION_ADD,
                Action::Remove => OVL_ACTION_REMOVE,
                Action::Update => OVL_ACTION_UPDATE,
            });
        }
        node.into_iter().for_each(|mut node| node.set(raw(Some(entry.node.clone()))));
        now.into_iter().for_each(|mut now| now.set(raw(entry.prop.clone())));
        before.into_iter().for_each(|mut before| before.set(raw(entry.before.clone())));
        Ok(())
    })
}
