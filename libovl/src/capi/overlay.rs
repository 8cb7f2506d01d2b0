// SPDX-License-Identifier: MIT OR Apache-2.0
//! Overlays: applied, checked, listed, removed, waited for.

use super::{give_into, give_text, guard, node, out, out_or_none, ovl_node, ovl_tree, text_or_none};
use crate::{ApplyOptions, Error, Mode, Node, RemoveMode};
use cabi::{Borrowed, Failure};
use std::ffi::{c_char, c_int, c_void};

/// ovl_overlay_apply(): exactly Linux's result and return code, with its defects.
pub const OVL_APPLY_LINUX: u32 = 1;
/// ovl_overlay_apply(): the result of libfdt's fdt_overlay_apply(): fragments merge, the last one wins.
pub const OVL_APPLY_LIBFDT: u32 = 2;
/// ovl_overlay_remove(): refuse as Linux does, where a later overlay touches anything at, above or below.
pub const OVL_REMOVE_LINUX: u32 = 1;

/// How an overlay is applied. Set it to zeros and \p size to its size; members may be added at its end.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ovl_apply_options {
    /// sizeof(struct ovl_apply_options)
    pub size: usize,
    /// 0, OVL_APPLY_LINUX or OVL_APPLY_LIBFDT
    pub flags: u32,
    /// Where each target-path starts, or NULL for the root. Borrowed for the call.
    pub base: *mut ovl_node,
    /// What messages and lists call the overlay, or NULL. Copied.
    pub name: *const c_char,
}

// SAFETY: a repr(C) struct of integers and pointers, with the size in front.
unsafe impl cabi::arg::Versioned for ovl_apply_options {
    const FIRST_SIZE: usize = std::mem::offset_of!(ovl_apply_options, name);
}

/// The options of a call, with what they borrow.
struct Options<'a> {
    mode: Mode,
    base: Option<Borrowed<'a, Node>>,
    name: Option<&'a str>,
}

impl Options<'_> {
    fn read<'a>(given: *const ovl_apply_options) -> Result<Options<'a>, Failure> {
        let Some(given) = super::versioned(given, "options")? else {
            return Ok(Options { mode: Mode::Default, base: None, name: None });
        };
        super::flags(given.flags, OVL_APPLY_LINUX | OVL_APPLY_LIBFDT)?;
        let mode = match given.flags {
            0 => Mode::Default,
            OVL_APPLY_LINUX => Mode::Linux,
            OVL_APPLY_LIBFDT => Mode::Libfdt,
            _ => {
                return Err(
                    Error::Invalid("OVL_APPLY_LINUX and OVL_APPLY_LIBFDT exclude each other".into()).into()
                )
            }
        };
        Ok(Options {
            mode,
            base: if given.base.is_null() { None } else { Some(node(given.base)?) },
            name: text_or_none(given.name, "options.name")?,
        })
    }

    fn get(&self) -> ApplyOptions<'_> {
        ApplyOptions { mode: self.mode, base: self.base.as_deref(), name: self.name }
    }
}

/// Applies an overlay, completely or not at all.
///
/// The blob is copied: \p fdt stays the caller's and may be freed at once. \p options may be NULL. On success *\p id, which
/// may be NULL, is the overlay's id, above 0 and unique in the process. Costs what is in the overlay, not what is in the tree.
///
/// Returns 0, or a negative errno with the tree as it was; ovl_last_error() names overlay, fragment, label, node and property:
/// -EINVAL a malformed blob, an unknown label or target, a conflict, a NULL argument; -ENOENT a fix-up for something that the
/// overlay does not have; -EOVERFLOW no phandle or id left; -E2BIG nested too deep; -ENODEV options.base is not in the tree
/// any more; -EBUSY listeners or other threads thwart it again and again; -ENOMEM; what a listener refused with. Only if a listener
/// failed when all was done is *\p id set beside an error (set it to 0 before): the overlay is applied then.
#[no_mangle]
pub unsafe extern "C" fn ovl_overlay_apply(
    tree: *mut ovl_tree,
    fdt: *const c_void,
    size: usize,
    options: *const ovl_apply_options,
    id: *mut c_int,
) -> c_int {
    guard(|| {
        let (options, id) = (Options::read(options)?, out_or_none(id, "id")?);
        let result = super::tree(tree)?.apply(super::bytes(fdt, size, "fdt")?, &options.get());
        if let (Ok(new) | Err(Error::Afterwards { id: new, .. }), Some(mut id)) = (&result, id) {
            id.set(*new);
        }
        result?;
        Ok(())
    })
}

/// Finds out what ovl_overlay_apply() would do, without doing it.
///
/// *\p report, which may be NULL, gets a line "problem: …" for everything that would stop the application, not only for the
/// first thing, and a line "change: …" for each change that would be made. It is the caller's, to be freed with ovl_free().
///
/// Returns 0 if the overlay can be applied, else the negative errno that ovl_overlay_apply() would return.
#[no_mangle]
pub unsafe extern "C" fn ovl_overlay_check(
    tree: *mut ovl_tree,
    fdt: *const c_void,
    size: usize,
    options: *const ovl_apply_options,
    report: *mut *mut c_char,
) -> c_int {
    guard(|| {
        let mut report = out_or_none(report, "report")?;
        report.iter_mut().for_each(|report| report.set(std::ptr::null_mut()));
        let options = Options::read(options)?;
        let found = super::tree(tree)?.check_overlay(super::bytes(fdt, size, "fdt")?, &options.get())?;
        if let Some(report) = &mut report {
            report.set(give_text(&found.to_string())?);
        }
        match found.problems.into_iter().next() {
            None => Ok(()),
            Some(problem) => Err(problem.into()),
        }
    })
}

/// Removes an overlay: content and order become what they would be without it.
///
/// \p flags: OVL_REMOVE_LINUX. Never waits: nodes of it that somebody holds stay readable until they are put. Overlays may be
/// removed in any order in which none loses what it stands on. Costs what is in the overlay.
///
/// Returns 0, or -ENOENT (with OVL_REMOVE_LINUX -ENODEV) no such overlay; -EBUSY a later overlay or changeset depends on it:
/// ovl_last_error() names that and the node; -EBUSY listeners are just being told of it; -EINVAL a NULL argument or an unknown
/// flag; what a listener refused with, or failed with when all was done.
#[no_mangle]
pub unsafe extern "C" fn ovl_overlay_remove(tree: *mut ovl_tree, id: c_int, flags: u32) -> c_int {
    guard(|| {
        let mode = remove_mode(flags)?;
        Ok(super::tree(tree)?.remove(id, mode)?)
    })
}

/// Finds out what ovl_overlay_remove() would do, without doing it.
///
/// *\p report, which may be NULL, gets a line "problem: …" if the removal would be refused, and a line "dangling: …" for each
/// reference to what would go in nodes and properties that stay: by the phandles of the common bindings (clocks, gpios, *-supply,
/// …), and by the paths in /aliases, /__symbols__ and /chosen. It is the caller's, to be freed with ovl_free(). Costs a pass over
/// the tree.
///
/// Returns the number of references that would dangle, or the negative errno that ovl_overlay_remove() would return.
#[no_mangle]
pub unsafe extern "C" fn ovl_overlay_check_remove(
    tree: *mut ovl_tree,
    id: c_int,
    flags: u32,
    report: *mut *mut c_char,
) -> c_int {
    guard(|| {
        let mut report = out_or_none(report, "report")?;
        report.iter_mut().for_each(|report| report.set(std::ptr::null_mut()));
        let found = super::tree(tree)?.check_remove(id, remove_mode(flags)?)?;
        if let Some(report) = &mut report {
            report.set(give_text(&found.to_string())?);
        }
        match found.problem {
            None => Ok(found.dangling.len()),
            Some(problem) => Err(problem.into()),
        }
    })
}

/// Finds out what two overlays would fight over, before either is applied.
///
/// *\p report, which may be NULL, gets a line for each conflict, in which \p a is "the first" and \p b "the second":
/// "property: …" both set it, to different values; "node: …" both bring it; "label: …" and "phandle: …" likewise; "address: …" they
/// bring different nodes at one address of a bus; "needs: …" one goes into what the other brings, or refers to it. The report is
/// the caller's, to be freed with ovl_free().
///
/// \p base may be NULL. Then nodes are the same where both overlays name them alike, by label or by path, and one counts as
/// brought if "compatible", "reg" or a phandle is set in it. With a base all of this is known, and both orders are tried on
/// copies of it: "refused: …" one cannot be applied after the other; "order: …" the result depends on the order. That one of them
/// cannot be applied at all is no conflict: ovl_overlay_check() tells it.
///
/// Returns the number of conflicts, or -EINVAL for a malformed blob, one that is no overlay, or a NULL argument; -ENOMEM.
#[no_mangle]
pub unsafe extern "C" fn ovl_overlay_conflicts(
    a: *const c_void,
    a_size: usize,
    b: *const c_void,
    b_size: usize,
    base: *mut ovl_tree,
    report: *mut *mut c_char,
) -> c_int {
    guard(|| {
        let mut report = out_or_none(report, "report")?;
        report.iter_mut().for_each(|report| report.set(std::ptr::null_mut()));
        let base = if base.is_null() { None } else { Some(super::tree(base)?) };
        let (a, b) = (super::bytes(a, a_size, "a")?, super::bytes(b, b_size, "b")?);
        let found = crate::conflicts(a, b, base.as_deref())?;
        if let Some(report) = &mut report {
            report.set(give_text(&found.iter().map(|conflict| format!("{conflict}\n")).collect::<String>())?);
        }
        Ok(found.len())
    })
}

fn remove_mode(bits: u32) -> Result<RemoveMode, Failure> {
    super::flags(bits, OVL_REMOVE_LINUX)?;
    Ok(if bits & OVL_REMOVE_LINUX != 0 { RemoveMode::Linux } else { RemoveMode::Default })
}

/// Removes all overlays, the last one first.
///
/// Returns 0, or -EINVAL for a NULL argument, or an error of ovl_overlay_remove() for the first one that cannot be removed: those that
/// were applied before it stay.
#[no_mangle]
pub unsafe extern "C" fn ovl_overlay_remove_all(tree: *mut ovl_tree) -> c_int {
    guard(|| {
        super::tree(tree)?.remove_all()?;
        Ok(())
    })
}

/// Returns the id of the overlay that was applied next after \p id and is still there, the first one for 0; 0 if there is no
/// further one; -EINVAL for a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_overlay_next(tree: *mut ovl_tree, id: c_int) -> c_int {
    guard(|| Ok(super::tree(tree)?.next_overlay(id).unwrap_or(0)))
}

/// Copies the name that an overlay was applied under into \p buf, with its NUL; empty if it had none. With \p buf NULL and
/// \p size 0 only the length is told.
///
/// Returns the length without the NUL, or -ENOENT no such overlay, -ERANGE \p size is too small, -EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_overlay_name(
    tree: *mut ovl_tree,
    id: c_int,
    buf: *mut c_char,
    size: usize,
) -> c_int {
    guard(|| give_into(&super::tree(tree)?.overlay_name(id)?.unwrap_or_default(), buf, size, "buf"))
}

/// Waits until nothing of a removed overlay is held any more and its memory is free. \p id 0 stands for all that were removed;
/// a negative \p timeout_ms waits forever, 0 only asks.
///
/// May be called from any thread. Hold no lock that somebody needs in order to put what is waited for.
///
/// Returns 0, or -ETIMEDOUT: ovl_last_error() lists what is still held, and with ovl_set_tracking() by whom; -EBUSY the overlay
/// is still applied; -ENOENT this tree never gave out that id; -EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_tree_wait_released(tree: *mut ovl_tree, id: c_int, timeout_ms: c_int) -> c_int {
    guard(|| Ok(super::tree(tree)?.wait_released(id, cabi::arg::timeout(timeout_ms))?))
}

/// Lists all references that are held to nodes and values of a tree, a line each, with their holders where ovl_set_tracking()
/// is on. On success *\p report is the caller's, to be freed with ovl_free(). Costs a pass over everything.
///
/// Returns the number of lines, or -EINVAL for a NULL argument, -ENOMEM.
#[no_mangle]
pub unsafe extern "C" fn ovl_tree_holders(tree: *mut ovl_tree, report: *mut *mut c_char) -> c_int {
    guard(|| {
        let mut report = out(report, "report")?;
        let holders = super::tree(tree)?.holders();
        report.set(give_text(&holders)?);
        Ok(holders.lines().count())
    })
}
