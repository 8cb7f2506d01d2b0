// SPDX-License-Identifier: MIT OR Apache-2.0
//! Chips: opened, listed, asked.

use super::config::gpiodref_line_info;
use super::{
    buffer, chip, get, give_into, gpiodref_chip, guard, out, put, text, text_or_none, value, versioned_out,
};
use crate::Chip;
use cabi::Plain;
use kref::Ref;
use std::ffi::{c_char, c_int, c_uint};
use std::os::fd::AsRawFd;

/// Opens a chip: by path ("/dev/gpiochip0"), by name ("gpiochip0") or by label. Chips that this process provides are found by
/// name and label.
///
/// Returns a reference (drop it with gpiodref_chip_put()), or NULL with errno: ENOENT there is none; ENOTUNIQ several chips
/// have the label; EINVAL it is not a GPIO chip, or a NULL argument; ENODEV it has just gone; that of open(), EACCES for one.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_chip_open(path_name_or_label: *const c_char) -> *mut gpiodref_chip {
    guard(|| Ok(Chip::open(text(path_name_or_label, "path_name_or_label")?)?))
}

/// Adds a reference; returns its argument, NULL for NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_chip_get(chip: *mut gpiodref_chip) -> *mut gpiodref_chip {
    get::<Ref<Chip>>(chip)
}

/// Drops a reference; NULL is allowed. Descriptors hold their chip by themselves.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_chip_put(chip: *mut gpiodref_chip) {
    put::<Ref<Chip>>(chip)
}

/// Lists the chips: copies the name that follows \p prev, the first one for NULL, into \p name with its NUL; both may be the same
/// buffer. The system's chips come first, by number, then those of this process. A chip that comes or goes meanwhile does not
/// disturb the list.
///
/// Returns the length of the name, or 0 if there is no further one; -ERANGE \p size is too small (32 is enough; with 0 nothing is
/// copied), -EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_chip_next(prev: *const c_char, name: *mut c_char, size: usize) -> c_int {
    guard(|| match Chip::next(text_or_none(prev, "prev")?) {
        Some(next) => give_into(&next, name, size, "name"),
        // The buffer stays as it is, and yet it has to be one.
        None => buffer(name.cast::<u8>(), size, "name").map(|_| 0),
    })
}

/// The chip's name, "gpiochip0". Borrowed: valid as long as the chip is held, also when it has gone. NULL with errno EINVAL for
/// NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_chip_name(chip: *mut gpiodref_chip) -> *const c_char {
    guard(|| Ok(self::chip(chip)?.name().as_ptr()))
}

/// What the chip's maker calls it. As gpiodref_chip_name().
#[no_mangle]
pub unsafe extern "C" fn gpiodref_chip_label(chip: *mut gpiodref_chip) -> *const c_char {
    guard(|| Ok(self::chip(chip)?.label().as_ptr()))
}

/// How many lines the chip has, also when it has gone. 0 with errno EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_chip_num_lines(chip: *mut gpiodref_chip) -> c_uint {
    guard(|| Ok(Plain(self::chip(chip)?.num_lines())))
}

/// Returns 1 if the chip is there, 0 if it has gone, at some moment; -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_chip_is_alive(chip: *mut gpiodref_chip) -> c_int {
    guard(|| Ok(self::chip(chip)?.is_alive()))
}

/// A file descriptor for poll() that says POLLERR or POLLHUP when the chip has gone. Borrowed: do not read or close it. Changes
/// of lines are told by gpiodref_watch_fd().
///
/// Returns it, or -EINVAL for NULL; -EMFILE or -ENFILE where it has yet to be made.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_chip_fd(chip: *mut gpiodref_chip) -> c_int {
    guard(|| Ok(self::chip(chip)?.fd()?.as_raw_fd()))
}

/// Tells what a line is now. Set \p info->size before.
///
/// Returns 0, or -EINVAL no such line or a NULL argument, -ENODEV the chip is gone.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_line_info(
    chip: *mut gpiodref_chip,
    offset: c_uint,
    info: *mut gpiodref_line_info,
) -> c_int {
    guard(|| {
        let mut info = versioned_out(info, "info")?;
        info.set(gpiodref_line_info::of(&self::chip(chip)?.line_info(offset)?));
        Ok(())
    })
}

/// Finds the line that is called \p name, of all chips. *\p chip becomes a reference that is the caller's, *\p offset the line's
/// number on it. Asks every line of every chip.
///
/// Returns 0, or -ENOENT there is none, -ENOTUNIQ several lines are called so, -EINVAL a NULL argument; where none is found and a
/// chip could not be opened, that of open(), -EACCES for one.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_find_line(
    name: *const c_char,
    chip: *mut *mut gpiodref_chip,
    offset: *mut c_uint,
) -> c_int {
    guard(|| {
        let (mut chip, mut offset) = (out(chip, "chip")?, out(offset, "offset")?);
        let (found, at) = Chip::find_line(text(name, "name")?)?;
        offset.set(at);
        chip.set(cabi::Handle::into_raw(found).as_ptr());
        Ok(())
    })
}

/// Tells the number of the line that is called \p name_or_number on this chip; a name comes before a number.
///
/// Returns 0, or -ENOENT there is none, -ENOTUNIQ several lines are called so, -EINVAL a number that no line has, or NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_chip_find_line(
    chip: *mut gpiodref_chip,
    name_or_number: *const c_char,
    offset: *mut c_uint,
) -> c_int {
    guard(|| {
        let mut offset = out(offset, "offset")?;
        offset.set(self::chip(chip)?.offset_of(text(name_or_number, "name_or_number")?)?);
        Ok(())
    })
}

/// Claims a line as an output with a fixed logical value, under the name \p name, until the chip goes or nobody holds \p chip any
/// more.
///
/// Returns 0, or -EBUSY somebody has the line: gpiodref_last_error() says who; -EINVAL no such line or a NULL argument; -ENODEV.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_hog(
    chip: *mut gpiodref_chip,
    offset: c_uint,
    name: *const c_char,
    value: c_int,
) -> c_int {
    guard(|| Ok(self::chip(chip)?.hog(offset, text(name, "name")?, self::value(value)?)?))
}
