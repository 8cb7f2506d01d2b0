// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names.

use super::{give_into, guard, out, text};
use crate::names;
use cabi::Failure;
use std::ffi::{c_char, c_int};

/// Copies the name of an entity's function with its NUL: that of linux/media.h without MEDIA_ENT_F_, "CAM_SENSOR". One that has none
/// is its number, "0x12345".
///
/// Returns its length; -ERANGE \p size is too small (64 is enough; with 0 nothing is copied), -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_name_function(function: u32, name: *mut c_char, size: usize) -> c_int {
    guard(|| give_into(&names::function(function), name, size, "name"))
}

/// Copies the name of an interface's type: that of linux/media.h without MEDIA_INTF_T_, "V4L_SUBDEV". As mediadev_name_function().
#[no_mangle]
pub unsafe extern "C" fn mediadev_name_interface(kind: u32, name: *mut c_char, size: usize) -> c_int {
    guard(|| give_into(&names::interface(kind), name, size, "name"))
}

/// Copies the names of an entity's flags with commas between them, "DEFAULT"; empty for none. As mediadev_name_function().
#[no_mangle]
pub unsafe extern "C" fn mediadev_name_entity_flags(flags: u32, name: *mut c_char, size: usize) -> c_int {
    guard(|| give_into(&names::entity_flags(flags), name, size, "name"))
}

/// Copies the names of a pad's flags with commas between them, "SINK,MUST_CONNECT". As mediadev_name_function().
#[no_mangle]
pub unsafe extern "C" fn mediadev_name_pad_flags(flags: u32, name: *mut c_char, size: usize) -> c_int {
    guard(|| give_into(&names::pad_flags(flags), name, size, "name"))
}

/// Copies the names of a link's flags with commas between them, "ENABLED,IMMUTABLE"; which kind of link it is is not among them. As
/// mediadev_name_function().
#[no_mangle]
pub unsafe extern "C" fn mediadev_name_link_flags(flags: u32, name: *mut c_char, size: usize) -> c_int {
    guard(|| give_into(&names::link_flags(flags), name, size, "name"))
}

/// Tells the function that has this name, in either case, or is this number.
///
/// Returns 0, or -ENOENT there is none, -EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn mediadev_function_called(name: *const c_char, function: *mut u32) -> c_int {
    guard(|| {
        let (name, mut function) = (text(name, "name")?, out(function, "function")?);
        function.set(names::function_called(name).ok_or_else(|| unknown("function", name))?);
        Ok(())
    })
}

/// Tells the interface type that has this name, in either case, or is this number.
///
/// Returns 0, or -ENOENT there is none, -EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn mediadev_interface_called(name: *const c_char, kind: *mut u32) -> c_int {
    guard(|| {
        let (name, mut kind) = (text(name, "name")?, out(kind, "kind")?);
        kind.set(names::interface_called(name).ok_or_else(|| unknown("interface type", name))?);
        Ok(())
    })
}

pub(super) fn unknown(what: &str, name: &str) -> Failure {
    Failure::new(libc::ENOENT, format!("no {what} is called \"{name}\""))
}
