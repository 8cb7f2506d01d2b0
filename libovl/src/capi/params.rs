// SPDX-License-Identifier: MIT OR Apache-2.0
//! Parameters of blobs: listed, set.

use super::{bytes, give_bytes, give_text, guard, out, out_or_none, text_or_none, texts};
use std::ffi::{c_char, c_int, c_void};

/// Lists the parameters of a blob, an overlay or a base: Raspberry Pi's /__overrides__.
///
/// *\p list gets a line for each target of each parameter, in the blob's order, with six fields that are separated by tabs: the
/// parameter; as what its value is written ("string"; "u8", "u16", "u32" or "u64"; "bool" or "inverted" for a property that is
/// there or not; "bytes"; "fragments"); for numbers the offset in the property; the path of the node in the blob; the property,
/// for fragments what is done to them ("+1-2"); and what is written instead of the value that is given, if anything: "=okay"
/// always this, "{low=1,high=2}" what a table has for it. A parameter without targets has a line with empty fields. \p list may
/// be NULL; on success it is the caller's, to be freed with ovl_free(). \p name is what messages call the blob, or NULL.
///
/// Returns the number of lines, 0 for a blob without parameters; or -EINVAL a malformed blob, a parameter that cannot be
/// understood, a NULL argument; -E2BIG more than 4,096 targets; -ENOMEM.
#[no_mangle]
pub unsafe extern "C" fn ovl_fdt_params(
    fdt: *const c_void,
    size: usize,
    name: *const c_char,
    list: *mut *mut c_char,
) -> c_int {
    guard(|| {
        let (list, name) = (out_or_none(list, "list")?, text_or_none(name, "name")?);
        let text = crate::params_text(bytes(fdt, size, "fdt")?, name)?;
        if let Some(mut list) = list {
            list.set(give_text(&text)?);
        }
        Ok(text.lines().count())
    })
}

/// Sets parameters of a blob, an overlay or a base, which makes a new blob: apply that one, or make a tree of it.
///
/// \p settings has \p count strings "name=value", or "name", which is "name=true". They are made in their order. Values are strings;
/// numbers (decimal, hexadecimal with 0x; y, yes, on, true, n, no, off, false, up, down); bytes in hexadecimal.
///
/// An overlay becomes a plain one: only the fragments that are enabled are left, fragments that target something in the overlay
/// itself are part of it, parameters are gone, and so are labels, but for those in /__exports__; so one overlay can be applied
/// twice. A base keeps its parameters.
///
/// \p fdt stays the caller's. \p name is what messages call it, or NULL. On success *\p new_fdt is the caller's, to be freed
/// with ovl_free(), and *\p new_size its size. Costs a pass over the blob, and copies.
///
/// Returns 0, or a negative errno; ovl_last_error() names blob, parameter, node, property and what was expected: -ENOENT no such
/// parameter or fragment; -EOVERFLOW a number that does not fit its bits; -EINVAL any other value that is none for its target, a
/// declaration that cannot be understood, a malformed blob, a NULL argument; -E2BIG more than 4,096 targets, or more than 1 MiB
/// to add; -ENOMEM.
#[no_mangle]
pub unsafe extern "C" fn ovl_fdt_set_params(
    fdt: *const c_void,
    size: usize,
    name: *const c_char,
    settings: *const *const c_char,
    count: usize,
    new_fdt: *mut *mut c_void,
    new_size: *mut usize,
) -> c_int {
    guard(|| {
        let (mut new_fdt, mut new_size) = (out(new_fdt, "new_fdt")?, out(new_size, "new_size")?);
        let (name, settings) = (text_or_none(name, "name")?, texts(settings, count, "settings")?);
        let blob = crate::set_params(bytes(fdt, size, "fdt")?, name, &settings)?;
        new_fdt.set(give_bytes(&blob)?);
        new_size.set(blob.len());
        Ok(())
    })
}
