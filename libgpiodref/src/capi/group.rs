// SPDX-License-Identifier: MIT OR Apache-2.0
//! Groups.

use super::config::{gpiodref_config, gpiodref_event};
use super::{
    adopted, chip, consumer, events, get, gpiodref_chip, gpiodref_group, group, guard, numbers, out,
    pointers, put, quickly, timeout,
};
use crate::Group;
use cabi::{Failure, Plain};
use kref::Ref;
use std::ffi::{c_char, c_int, c_uint};
use std::os::fd::{AsRawFd, IntoRawFd};

/// Requests \p count lines of a chip together, at most 64, all with the same configuration. Line n of \p offsets is bit n of masks
/// and values. Otherwise as gpiodref_request(); lines of a group cannot be shared.
///
/// Returns a reference (drop it with gpiodref_group_put(), the last one frees the lines), or NULL with errno: E2BIG more than 64
/// lines; EBUSY a line is there twice; and those of gpiodref_request().
#[no_mangle]
pub unsafe extern "C" fn gpiodref_request_group(
    chip: *mut gpiodref_chip,
    offsets: *const c_uint,
    count: usize,
    config: *const gpiodref_config,
    consumer: *const c_char,
) -> *mut gpiodref_group {
    guard(|| {
        let config = gpiodref_config::read(config, "config")?;
        let offsets = numbers(offsets, count, "offsets")?;
        Ok(Group::request(&*self::chip(chip)?, offsets, &[config], &self::consumer(consumer)?)?)
    })
}

/// As gpiodref_request_group(), with a configuration for each line: \p configs are \p count pointers, of which each may be NULL.
///
/// What differs from line to line must fit into ten attributes of the system: besides the most common configuration, one for each
/// other one, one for each debounce period, and one for all values of outputs. More is E2BIG, and gpiodref_last_error() counts
/// them.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_request_group_each(
    chip: *mut gpiodref_chip,
    offsets: *const c_uint,
    count: usize,
    configs: *const *const gpiodref_config,
    consumer: *const c_char,
) -> *mut gpiodref_group {
    guard(|| {
        let (offsets, configs) = (numbers(offsets, count, "offsets")?, each(configs, count)?);
        Ok(Group::request(&*self::chip(chip)?, offsets, &configs, &self::consumer(consumer)?)?)
    })
}

fn each(configs: *const *const gpiodref_config, count: usize) -> Result<Vec<crate::Config>, Failure> {
    let configs = pointers(configs, count, "configs")?.iter().enumerate();
    configs.map(|(i, &config)| gpiodref_config::read(config, &format!("configs[{i}]"))).collect()
}

/// Takes over the lines of a file descriptor that somebody else requested from the system. Otherwise as gpiodref_adopt().
#[no_mangle]
pub unsafe extern "C" fn gpiodref_group_adopt(fd: c_int) -> *mut gpiodref_group {
    guard(|| adopted(fd, Group::adopt))
}

/// Requests the lines again after their chip has gone and come back. As gpiodref_reattach().
#[no_mangle]
pub unsafe extern "C" fn gpiodref_group_reattach(group: *mut gpiodref_group) -> *mut gpiodref_group {
    guard(|| Ok(self::group(group)?.reattach()?))
}

/// Adds a reference; returns its argument, NULL for NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_group_get(group: *mut gpiodref_group) -> *mut gpiodref_group {
    get::<Ref<Group>>(group)
}

/// Drops a reference; the last one frees the lines. NULL is allowed.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_group_put(group: *mut gpiodref_group) {
    put::<Ref<Group>>(group)
}

/// Reads the logical values of the lines in \p mask; other bits of *\p values become 0. Costs one call of the system.
///
/// Returns 0, or -EINVAL an empty mask, a bit beyond the group, or a NULL argument; -ENODEV the chip is gone.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_group_get_values(
    group: *mut gpiodref_group,
    mask: u64,
    values: *mut u64,
) -> c_int {
    match quickly(group, |group: &Group| group.values_quickly(mask)) {
        Some(got) if !values.is_null() && values.is_aligned() => {
            // SAFETY: the caller's promise: where it points to is his.
            unsafe { values.write(got) };
            0
        }
        _ => get_values(group, mask, values),
    }
}

#[inline(never)]
fn get_values(group: *mut gpiodref_group, mask: u64, values: *mut u64) -> c_int {
    guard(|| {
        let mut values = out(values, "values")?;
        values.set(self::group(group)?.values(mask)?);
        Ok(())
    })
}

/// Sets the logical values of the lines in \p mask, in one call of the system.
///
/// Returns 0, or -EPERM one of them is no output; and those of gpiodref_group_get_values().
#[no_mangle]
pub unsafe extern "C" fn gpiodref_group_set_values(
    group: *mut gpiodref_group,
    mask: u64,
    values: u64,
) -> c_int {
    match quickly(group, |group: &Group| group.set_values_quickly(mask, values)) {
        Some(()) => 0,
        None => set_values(group, mask, values),
    }
}

#[inline(never)]
fn set_values(group: *mut gpiodref_group, mask: u64, values: u64) -> c_int {
    guard(|| Ok(self::group(group)?.set_values(mask, values)?))
}

/// Configures all lines anew, completely and alike; \p config may be NULL. Errors as gpiodref_reconfigure().
#[no_mangle]
pub unsafe extern "C" fn gpiodref_group_reconfigure(
    group: *mut gpiodref_group,
    config: *const gpiodref_config,
) -> c_int {
    guard(|| Ok(self::group(group)?.reconfigure(&[gpiodref_config::read(config, "config")?])?))
}

/// Configures all lines anew, each in its own way: \p configs as for gpiodref_request_group_each(), \p count the size of the group.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_group_reconfigure_each(
    group: *mut gpiodref_group,
    configs: *const *const gpiodref_config,
    count: usize,
) -> c_int {
    guard(|| {
        let configs = each(configs, count)?;
        let group = self::group(group)?;
        if count != group.offsets().len() {
            return Err(Failure::invalid(format!(
                "count is {count}, and the group has {}",
                group.offsets().len()
            )));
        }
        Ok(group.reconfigure(&configs)?)
    })
}

/// How many lines the group has, also when its chip has gone. 0 with errno EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_group_num_lines(group: *mut gpiodref_group) -> c_uint {
    guard(|| Ok(Plain(self::group(group)?.offsets().len() as c_uint)))
}

/// The number on its chip of line \p index of the group. 0 with errno EINVAL for an index beyond it, or NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_group_offset(group: *mut gpiodref_group, index: c_uint) -> c_uint {
    guard(|| {
        let group = self::group(group)?;
        let offset = group.offsets().get(index as usize);
        offset
            .map(|&offset| Plain(offset))
            .ok_or_else(|| Failure::invalid(format!("the group has no line {index}")))
    })
}

/// The group's chip, as a reference (drop it with gpiodref_chip_put()). NULL with errno EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_group_chip(group: *mut gpiodref_group) -> *mut gpiodref_chip {
    guard(|| Ok(self::group(group)?.chip().clone()))
}

/// Returns 1 if the group's chip is there, 0 if it has gone, at some moment; -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_group_is_alive(group: *mut gpiodref_group) -> c_int {
    guard(|| Ok(self::group(group)?.is_alive()))
}

/// As gpiodref_wait(), for events of any line of the group.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_group_wait(group: *mut gpiodref_group, timeout_ms: c_int) -> c_int {
    guard(|| Ok(self::group(group)?.wait(timeout(timeout_ms))? as i32))
}

/// As gpiodref_read_events(), for events of any line of the group.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_group_read_events(
    group: *mut gpiodref_group,
    events: *mut gpiodref_event,
    count: usize,
) -> c_int {
    guard(|| Ok(self::group(group)?.read_events(self::events(events, count)?)?))
}

/// As gpiodref_events_lost().
#[no_mangle]
pub unsafe extern "C" fn gpiodref_group_events_lost(group: *mut gpiodref_group) -> u64 {
    guard(|| Ok(Plain(self::group(group)?.events_lost())))
}

/// As gpiodref_fd().
#[no_mangle]
pub unsafe extern "C" fn gpiodref_group_fd(group: *mut gpiodref_group) -> c_int {
    guard(|| Ok(self::group(group)?.fd()?.as_raw_fd()))
}

/// As gpiodref_export_fd().
#[no_mangle]
pub unsafe extern "C" fn gpiodref_group_export_fd(group: *mut gpiodref_group) -> c_int {
    guard(|| Ok(self::group(group)?.export_fd()?.into_raw_fd()))
}
