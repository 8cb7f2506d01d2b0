// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lines by what they are for.

use super::config::{gpiodref_config, GPIODREF_FLAG_ACTIVE_LOW, GPIODREF_FLAG_SHARED};
use super::{flags, gpiodref_desc, guard, text};
use crate::lookup::{self, Entry};
use std::ffi::{c_char, c_int, c_uint};

/// Says that line \p line_or_number of the chip with the label \p chip_label is line \p index for \p function of \p device, as
/// ("eeprom0", "wp", 0, "pca9555", "EEPROM_WP", GPIODREF_FLAG_ACTIVE_LOW). Copied; the chip need not be there yet.
///
/// \p flags: GPIODREF_FLAG_ACTIVE_LOW the board inverts the line, GPIODREF_FLAG_SHARED several components have it.
///
/// Returns 0, or -EBUSY there is an entry for this function and index; -EINVAL an unknown flag, or a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_table_add(
    device: *const c_char,
    function: *const c_char,
    index: c_uint,
    chip_label: *const c_char,
    line_or_number: *const c_char,
    flags: u32,
) -> c_int {
    guard(|| {
        self::flags(flags, GPIODREF_FLAG_ACTIVE_LOW | GPIODREF_FLAG_SHARED)?;
        Ok(lookup::table_add(Entry {
            device: text(device, "device")?.to_owned(),
            function: text(function, "function")?.to_owned(),
            index,
            chip_label: text(chip_label, "chip_label")?.to_owned(),
            line: text(line_or_number, "line_or_number")?.to_owned(),
            active_low: flags & GPIODREF_FLAG_ACTIVE_LOW != 0,
            shared: flags & GPIODREF_FLAG_SHARED != 0,
        })?)
    })
}

/// Takes an entry out of the table. Descriptors that were found through it stay as they are.
///
/// Returns 0, or -ENOENT there is no such entry; -EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_table_remove(
    device: *const c_char,
    function: *const c_char,
    index: c_uint,
) -> c_int {
    guard(|| Ok(lookup::table_remove(text(device, "device")?, text(function, "function")?, index)?))
}

/// Requests line \p index for \p function of \p device, as gpiodref_table_add() says. Its consumer is called after both. \p config
/// may be NULL; an active-low \p config inverts once more.
///
/// Returns the descriptor, or NULL with errno: ENOENT there is no such entry, or no such chip or line; and those of
/// gpiodref_request().
#[no_mangle]
pub unsafe extern "C" fn gpiodref_lookup(
    device: *const c_char,
    function: *const c_char,
    index: c_uint,
    config: *const gpiodref_config,
) -> *mut gpiodref_desc {
    guard(|| {
        let config = gpiodref_config::read(config, "config")?;
        Ok(lookup::lookup(text(device, "device")?, text(function, "function")?, index, &config)?)
    })
}

/// As gpiodref_lookup(), but where there is no such entry it returns NULL with errno 0: the board has no such line, and NULL may be
/// put.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_lookup_optional(
    device: *const c_char,
    function: *const c_char,
    index: c_uint,
    config: *const gpiodref_config,
) -> *mut gpiodref_desc {
    guard(|| {
        let config = gpiodref_config::read(config, "config")?;
        Ok(lookup::lookup_optional(text(device, "device")?, text(function, "function")?, index, &config)?)
    })
}
