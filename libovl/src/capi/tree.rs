// SPDX-License-Identifier: MIT OR Apache-2.0
//! Trees: made, looked through, written.

use super::{guard, object, ovl_node, ovl_tree, taken, text, tree};
use crate::{fdt, DiffOptions, Difference, DtsOptions, Error, Missing, Node, Tree};
use std::ffi::{c_char, c_int, c_void};

/// ovl_tree_to_dts_with(): nodes and properties sorted by name, for comparing.
pub const OVL_DTS_SORTED: u32 = 1;
/// ovl_tree_to_dts_with(): a comment at each node and value that an overlay brought.
pub const OVL_DTS_ORIGINS: u32 = 2;
/// ovl_tree_diff(): the same nodes and properties in another order are no difference.
pub const OVL_DIFF_ANY_ORDER: u32 = 1;
/// ovl_tree_diff(): other numbers for phandles are no difference, where the references lead to the same paths.
pub const OVL_DIFF_ANY_PHANDLES: u32 = 2;
/// ovl_tree_diff(): the text is JSON.
pub const OVL_DIFF_JSON: u32 = 4;
/// ovl_tree_diff_overlay(): nodes that the second tree lacks are disabled by their status; properties are refused.
pub const OVL_DIFF_OVERLAY_DISABLE: u32 = 1;
/// ovl_tree_diff_overlay(): what the second tree lacks stays as it is.
pub const OVL_DIFF_OVERLAY_KEEP: u32 = 2;

/// Checks a flattened devicetree completely: header, offsets, sizes, alignment, token order, nesting, names.
///
/// \p fdt may be followed by anything up to \p size. Costs one pass and allocates nothing.
///
/// Returns 0, or -EINVAL; ovl_last_error() names the check that failed and its offset.
#[no_mangle]
pub unsafe extern "C" fn ovl_fdt_check(fdt: *const c_void, size: usize) -> c_int {
    guard(|| Ok(fdt::check(super::bytes(fdt, size, "fdt")?)?))
}

/// Makes a tree with nothing but an empty root.
///
/// Returns a reference (drop it with ovl_tree_put()), or NULL with errno: ENOMEM.
#[no_mangle]
pub unsafe extern "C" fn ovl_tree_new() -> *mut ovl_tree {
    guard(|| Ok(Tree::new()?))
}

/// Makes a live tree of a flattened devicetree, version 16 or 17.
///
/// The blob is checked completely and copied: \p fdt stays the caller's and may be freed at once. \p flags must be 0.
/// Costs about half of what checking the blob with libfdt costs; memory is about twice the blob.
///
/// Returns a reference (drop it with ovl_tree_put()), or NULL with errno: EINVAL for a malformed blob (ovl_last_error()
/// names check and offset) or a NULL argument, ENOMEM.
#[no_mangle]
pub unsafe extern "C" fn ovl_tree_from_fdt(fdt: *const c_void, size: usize, flags: u32) -> *mut ovl_tree {
    guard(|| {
        super::flags(flags, 0)?;
        Ok(Tree::from_fdt(super::bytes(fdt, size, "fdt")?)?)
    })
}

/// Makes a live tree of a .dtb file; "-" reads standard input. \p flags must be 0.
///
/// Returns a reference (drop it with ovl_tree_put()), or NULL with errno: that of open() or read(), or those of
/// ovl_tree_from_fdt().
#[no_mangle]
pub unsafe extern "C" fn ovl_tree_from_file(path: *const c_char, flags: u32) -> *mut ovl_tree {
    guard(|| {
        super::flags(flags, 0)?;
        Ok(Tree::from_file(text(path, "path")?)?)
    })
}

/// Makes a live tree of a directory such as /proc/device-tree, in which folders are nodes and files are properties.
///
/// Nodes and properties come sorted by name, since the order of a directory means nothing. The "name" properties that
/// Linux adds are left out; below \p path symbolic links are not followed. \p flags must be 0.
///
/// Returns a reference (drop it with ovl_tree_put()), or NULL with errno: that of the system, E2BIG, or those of
/// ovl_tree_from_fdt().
#[no_mangle]
pub unsafe extern "C" fn ovl_tree_from_dir(path: *const c_char, flags: u32) -> *mut ovl_tree {
    guard(|| {
        super::flags(flags, 0)?;
        Ok(Tree::from_dir(text(path, "path")?)?)
    })
}

/// Takes another reference to a tree. Returns its argument; NULL is allowed.
#[no_mangle]
pub unsafe extern "C" fn ovl_tree_get(tree: *mut ovl_tree) -> *mut ovl_tree {
    super::get::<Tree>(tree)
}

/// Drops a reference to a tree; NULL is allowed.
///
/// With the last one all nodes are detached. Those that somebody holds stay readable until they are put.
#[no_mangle]
pub unsafe extern "C" fn ovl_tree_put(tree: *mut ovl_tree) {
    super::put::<Tree>(tree)
}

/// Flattens a tree: version 17, nodes and properties in the tree's order, reservations and boot processor of the base.
///
/// The same tree gives the same bytes. On success *\p fdt is the caller's, to be freed with ovl_free(). Costs a copy.
///
/// Returns 0, or -EINVAL for a NULL argument, -E2BIG if it does not fit a blob, -ENOMEM.
#[no_mangle]
pub unsafe extern "C" fn ovl_tree_to_fdt(
    tree: *mut ovl_tree,
    fdt: *mut *mut c_void,
    size: *mut usize,
) -> c_int {
    guard(|| {
        let (mut fdt, mut size) = (super::out(fdt, "fdt")?, super::out(size, "size")?);
        let blob = super::tree(tree)?.to_fdt()?;
        fdt.set(super::give_bytes(&blob)?);
        size.set(blob.len());
        Ok(())
    })
}

/// Writes a tree as devicetree source, in the tree's order, with labels, and comments where an overlay brought something.
///
/// On success *\p dts is the caller's, to be freed with ovl_free(). dtc compiles it to an equal tree.
///
/// Returns 0, or -EINVAL for a NULL argument, -ENOMEM.
#[no_mangle]
pub unsafe extern "C" fn ovl_tree_to_dts(tree: *mut ovl_tree, dts: *mut *mut c_char) -> c_int {
    to_dts(tree, OVL_DTS_ORIGINS, dts)
}

/// Writes a tree as devicetree source, as \p flags say: OVL_DTS_SORTED, OVL_DTS_ORIGINS.
///
/// On success *\p dts is the caller's, to be freed with ovl_free().
///
/// Returns 0, or -EINVAL for a NULL argument or an unknown flag, -ENOMEM.
#[no_mangle]
pub unsafe extern "C" fn ovl_tree_to_dts_with(
    tree: *mut ovl_tree,
    flags: u32,
    dts: *mut *mut c_char,
) -> c_int {
    to_dts(tree, flags, dts)
}

fn to_dts(of: *mut ovl_tree, bits: u32, dts: *mut *mut c_char) -> c_int {
    guard(|| {
        super::flags(bits, OVL_DTS_SORTED | OVL_DTS_ORIGINS)?;
        let options = DtsOptions { sorted: bits & OVL_DTS_SORTED != 0, origins: bits & OVL_DTS_ORIGINS != 0 };
        let mut dts = super::out(dts, "dts")?;
        dts.set(super::give_text(&tree(of)?.to_dts(options)?)?);
        Ok(())
    })
}

/// Compares two trees. \p flags: OVL_DIFF_ANY_ORDER, OVL_DIFF_ANY_PHANDLES, OVL_DIFF_JSON.
///
/// On success *\p text has a line for each difference, from \p a to \p b: "- path" and "+ path" for nodes, "- path: prop =
/// value" and "+ path: prop = value" for properties, "~ path: order of …". With OVL_DIFF_JSON it is an array of objects with
/// "change" ("remove", "add", "order") and "path"; for a property also "property", "value" as source and "bytes" in hexadecimal;
/// for an order, "of" what. The text is the caller's, to be freed with ovl_free().
///
/// With OVL_DIFF_ANY_PHANDLES, nodes' own phandles are passed over, and references compared by where they lead. Those of the
/// common bindings (clocks, gpios, *-supply, …) are known. A cell (one of the first 32) of a property with a vendor's name
/// ("acme,grf") is taken for one if wherever both trees have it, it leads to a node, and if different numbers lead to nodes of
/// the same path more often than to others.
///
/// Returns the number of differences, 0 for equal trees, or -EINVAL for a NULL argument or an unknown flag, -ENOMEM.
#[no_mangle]
pub unsafe extern "C" fn ovl_tree_diff(
    a: *mut ovl_tree,
    b: *mut ovl_tree,
    flags: u32,
    text: *mut *mut c_char,
) -> c_int {
    guard(|| {
        super::flags(flags, OVL_DIFF_ANY_ORDER | OVL_DIFF_ANY_PHANDLES | OVL_DIFF_JSON)?;
        let mut text = super::out(text, "text")?;
        let options = DiffOptions {
            any_order: flags & OVL_DIFF_ANY_ORDER != 0,
            any_phandles: flags & OVL_DIFF_ANY_PHANDLES != 0,
        };
        let differences = Tree::differences(&*object(a, "a")?, &*object(b, "b")?, options)?;
        text.set(super::give_text(&match flags & OVL_DIFF_JSON {
            0 => Difference::lines(&differences),
            _ => Difference::json(&differences)?,
        })?);
        Ok(differences.len())
    })
}

/// Makes an overlay that turns \p a into \p b, but for the order of nodes and properties and the numbers of phandles: after
/// it is applied, ovl_tree_diff() with OVL_DIFF_ANY_ORDER and OVL_DIFF_ANY_PHANDLES finds nothing. Equal trees give an overlay
/// that changes nothing. It is for \p a: nodes are found by path, and one without a label by its phandle there.
///
/// Overlays cannot take anything away. What \p b lacks is refused, all of it named; with \p flags OVL_DIFF_OVERLAY_DISABLE nodes get
/// status = "disabled" (and keep labels and aliases), and with OVL_DIFF_OVERLAY_KEEP it stays. References are known as in
/// ovl_tree_diff(); what else is a phandle in a vendor's property stays the number that it is in \p b.
///
/// On success *\p fdt is the caller's, to be freed with ovl_free(). fdtoverlay and Linux apply it too.
///
/// Returns 0, or -EINVAL: ovl_last_error() has a line for each thing that no overlay can do (what \p b lacks; a changed "name",
/// "#address-cells" or "#size-cells"; changes where two nodes have one name), or a NULL argument or an unknown flag; -E2BIG nested
/// too deep for an overlay, -ENOMEM.
#[no_mangle]
pub unsafe extern "C" fn ovl_tree_diff_overlay(
    a: *mut ovl_tree,
    b: *mut ovl_tree,
    flags: u32,
    fdt: *mut *mut c_void,
    size: *mut usize,
) -> c_int {
    guard(|| {
        super::flags(flags, OVL_DIFF_OVERLAY_DISABLE | OVL_DIFF_OVERLAY_KEEP)?;
        let missing = match flags {
            0 => Missing::Refuse,
            OVL_DIFF_OVERLAY_DISABLE => Missing::Disable,
            OVL_DIFF_OVERLAY_KEEP => Missing::Keep,
            _ => {
                return Err(Error::Invalid(
                    "OVL_DIFF_OVERLAY_DISABLE and OVL_DIFF_OVERLAY_KEEP exclude each other".into(),
                )
                .into())
            }
        };
        let (mut fdt, mut size) = (super::out(fdt, "fdt")?, super::out(size, "size")?);
        let overlay = Tree::diff_overlay(&*object(a, "a")?, &*object(b, "b")?, missing)?;
        fdt.set(super::give_bytes(&overlay)?);
        size.set(overlay.len());
        Ok(())
    })
}

/// The root of a tree.
///
/// Returns a reference (drop it with ovl_node_put()), or NULL with errno: EINVAL for a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_tree_root(tree: *mut ovl_tree) -> *mut ovl_node {
    guard(|| Ok(super::tree(tree)?.root()?))
}

/// Finds a node by path or alias.
///
/// \p path is absolute ("/soc/uart@9000") or starts with an alias ("serial0/child"); unit addresses may be left out where
/// that is unambiguous. Costs one hash per component, and a pass over its siblings for one without its address.
///
/// Returns a reference (drop it with ovl_node_put()), or NULL with errno: ENOENT no such node, EINVAL a NULL argument or an
/// ambiguous path. Detached nodes are never found.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_by_path(tree: *mut ovl_tree, path: *const c_char) -> *mut ovl_node {
    guard(|| Ok(super::tree(tree)?.node_by_path(text(path, "path")?)?))
}

/// Finds a node by its phandle. Costs one hash.
///
/// Returns a reference (drop it with ovl_node_put()), or NULL with errno: ENOENT no such node, EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_by_phandle(tree: *mut ovl_tree, phandle: u32) -> *mut ovl_node {
    guard(|| Ok(super::tree(tree)?.node_by_phandle(phandle)?))
}

/// Finds a node by its label, as /__symbols__ has it. Costs one hash, and those of the path.
///
/// Returns a reference (drop it with ovl_node_put()), or NULL with errno: ENOENT no such label or node, EINVAL a NULL
/// argument or a label that is not a path.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_by_label(tree: *mut ovl_tree, label: *const c_char) -> *mut ovl_node {
    guard(|| Ok(super::tree(tree)?.node_by_label(text(label, "label")?)?))
}

/// Finds the next node behind \p from in document order that is compatible with \p compatible; NULL starts at the root.
///
/// Puts \p from, also when it fails, so that a loop needs no put of its own. Costs a pass over the tree from there on.
///
/// Returns a reference (drop it with ovl_node_put()), or NULL with errno: ENOENT no further node, ENODEV \p from is not in
/// the tree any more, EINVAL a NULL argument or a node of another tree.
#[no_mangle]
pub unsafe extern "C" fn ovl_node_by_compatible(
    tree: *mut ovl_tree,
    from: *mut ovl_node,
    compatible: *const c_char,
) -> *mut ovl_node {
    guard(|| {
        let from: Option<Node> = taken(from);
        let found = super::tree(tree)?.node_by_compatible(from.as_ref(), text(compatible, "compatible")?)?;
        Ok(found)
    })
}
