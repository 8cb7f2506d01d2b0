// SPDX-License-Identifier: MIT OR Apache-2.0
//! Chips that this process provides.

use super::config::gpiodref_config;
use super::{callback, chip, gpiodref_chip, guard, pointers, text, text_or_none, timeout, value, versioned};
use crate::provider::virt::{get_each, set_each};
use crate::{Chip, ChipConfig, ChipOps, Config, OpResult, RemovePolicy};
use cabi::arg::Versioned;
use cabi::{Callback, Failure};
use std::ffi::{c_char, c_int, c_uint, c_void};

/// gpiodref_chip_remove() removes at once: whoever has lines finds them numb, everything answers -ENODEV.
pub const GPIODREF_REMOVE_NUMB: u32 = 0;
/// gpiodref_chip_remove() refuses with -EBUSY while lines are requested.
pub const GPIODREF_REMOVE_REFUSE: u32 = 1;
/// gpiodref_chip_remove() waits until no line is requested.
pub const GPIODREF_REMOVE_WAIT: u32 = 2;

/// What a chip of this process is to be. Set it to zeros and \p size to its size; members may be added at its end.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gpiodref_chip_config {
    /// sizeof(struct gpiodref_chip_config)
    pub size: usize,
    /// What it is called by its maker. Copied.
    pub label: *const c_char,
    /// What its lines are called, num_lines of them; NULL, or a NULL among them, for no name. Copied.
    pub names: *const *const c_char,
    /// How many lines it has, from 1 to 65535
    pub num_lines: u32,
    /// GPIODREF_REMOVE_
    pub remove_policy: u32,
    /// With GPIODREF_REMOVE_WAIT the most that is waited; negative for ever
    pub remove_timeout_ms: i32,
}

// SAFETY: a repr(C) struct of integers and pointers, with the size in front.
unsafe impl Versioned for gpiodref_chip_config {
    const FIRST_SIZE: usize = size_of::<gpiodref_chip_config>();
}

impl gpiodref_chip_config {
    pub(super) fn read(raw: *const Self) -> Result<ChipConfig, Failure> {
        let given = versioned(raw, "config")?.ok_or_else(|| Failure::invalid("config is NULL"))?;
        let mut config = ChipConfig {
            label: text(given.label, "config->label")?.to_owned(),
            num_lines: given.num_lines,
            names: Vec::new(),
            remove_policy: match given.remove_policy {
                GPIODREF_REMOVE_NUMB => RemovePolicy::Numb,
                GPIODREF_REMOVE_REFUSE => RemovePolicy::Refuse,
                GPIODREF_REMOVE_WAIT => RemovePolicy::Wait(timeout(given.remove_timeout_ms)),
                other => {
                    return Err(Failure::invalid(format!("config->remove_policy is {other}, which none is")))
                }
            },
        };
        // Before a name is looked at, of which there may be too many.
        config.check()?;
        if !given.names.is_null() {
            for &name in pointers(given.names, given.num_lines as usize, "config->names")? {
                config.names.push(text_or_none(name, "a name of a line")?.unwrap_or_default().to_owned());
            }
        }
        Ok(config)
    }
}

/// The operations of a chip. Set \p size to its size; members may be added at its end. The table is copied.
///
/// They are called from any thread, several at a time, without a lock of the library, and may call the library. After the chip
/// has been removed none is called any more but \p release; gpiodref_chip_drain() waits for those that are running then. They
/// return 0, or what they say, or a negative errno, which the consumer gets. Levels are those of the wire: polarity, debouncing,
/// and who may have which line are the library's work.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gpiodref_chip_ops {
    /// sizeof(struct gpiodref_chip_ops)
    pub size: usize,
    /// Somebody claims a line; an error refuses it. NULL grants all.
    pub request: Option<unsafe extern "C-unwind" fn(offset: c_uint, user_data: *mut c_void) -> c_int>,
    /// A line is let go that was granted. May be NULL.
    pub free: Option<unsafe extern "C-unwind" fn(offset: c_uint, user_data: *mut c_void)>,
    /// Makes a line an input or an output; config->value is the level that an output begins with, config->edge says which changes
    /// of the level gpiodref_chip_push_edge() is to tell at least. \p config is valid during the call.
    pub configure: Option<
        unsafe extern "C-unwind" fn(
            offset: c_uint,
            config: *const gpiodref_config,
            user_data: *mut c_void,
        ) -> c_int,
    >,
    /// Returns the level of a line, 0 or 1, whichever way it goes.
    pub get: Option<unsafe extern "C-unwind" fn(offset: c_uint, user_data: *mut c_void) -> c_int>,
    /// Sets the level of an output.
    pub set:
        Option<unsafe extern "C-unwind" fn(offset: c_uint, level: c_int, user_data: *mut c_void) -> c_int>,
    /// Tells the levels of at most 64 lines, bit n of *levels for offsets[n]. NULL: get is called for each.
    pub get_multiple: Option<
        unsafe extern "C-unwind" fn(
            offsets: *const c_uint,
            count: usize,
            levels: *mut u64,
            user_data: *mut c_void,
        ) -> c_int,
    >,
    /// Sets the levels of at most 64 outputs, bit n of \p levels for offsets[n]. NULL: set is called for each.
    pub set_multiple: Option<
        unsafe extern "C-unwind" fn(
            offsets: *const c_uint,
            count: usize,
            levels: u64,
            user_data: *mut c_void,
        ) -> c_int,
    >,
    /// Frees \p user_data. May be NULL.
    pub release: Option<unsafe extern "C-unwind" fn(user_data: *mut c_void)>,
}

// SAFETY: a repr(C) struct of an integer and optional C functions, with the size in front.
unsafe impl Versioned for gpiodref_chip_ops {
    const FIRST_SIZE: usize = size_of::<gpiodref_chip_ops>();
}

/// The operations of a C program, all that have to be there.
struct Operations {
    table: Callback<gpiodref_chip_ops>,
    configure: unsafe extern "C-unwind" fn(c_uint, *const gpiodref_config, *mut c_void) -> c_int,
    get: unsafe extern "C-unwind" fn(c_uint, *mut c_void) -> c_int,
    set: unsafe extern "C-unwind" fn(c_uint, c_int, *mut c_void) -> c_int,
}

impl Operations {
    fn new(ops: *const gpiodref_chip_ops, user_data: *mut c_void) -> Result<Self, Failure> {
        let table = versioned(ops, "ops")?.ok_or_else(|| Failure::invalid("ops is NULL"))?;
        // From here on, whatever fails releases.
        let table = callback(Some(table), user_data, table.release, "ops")?;
        let gpiodref_chip_ops { configure, get, set, .. } = table.function();
        let missing = |name| move || Failure::invalid(format!("ops->{name} is NULL"));
        Ok(Operations {
            configure: configure.ok_or_else(missing("configure"))?,
            get: get.ok_or_else(missing("get"))?,
            set: set.ok_or_else(missing("set"))?,
            table,
        })
    }
}

/// What an operation returned: a value, or an errno.
fn returned(value: c_int) -> OpResult<c_int> {
    match value {
        0.. => Ok(value),
        _ => Err(value.checked_neg().unwrap_or(libc::EIO)),
    }
}

// SAFETY, of every block below: the functions are the program's, called as the header says with the user data that they were
// registered with; the pointers given to them are valid during the call.
impl ChipOps for Operations {
    fn request(&self, offset: u32) -> OpResult<()> {
        let Some(request) = self.table.function().request else { return Ok(()) };
        // SAFETY: as said above.
        returned(unsafe { request(offset, self.table.user_data()) }).map(drop)
    }

    fn free(&self, offset: u32) {
        if let Some(free) = self.table.function().free {
            // SAFETY: as said above.
            unsafe { free(offset, self.table.user_data()) }
        }
    }

    fn configure(&self, offset: u32, config: &Config) -> OpResult<()> {
        let config = gpiodref_config::of(config);
        // SAFETY: as said above.
        returned(unsafe { (self.configure)(offset, &config, self.table.user_data()) }).map(drop)
    }

    fn get(&self, offset: u32) -> OpResult<bool> {
        // SAFETY: as said above.
        match returned(unsafe { (self.get)(offset, self.table.user_data()) })? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(libc::EIO),
        }
    }

    fn set(&self, offset: u32, level: bool) -> OpResult<()> {
        // SAFETY: as said above.
        returned(unsafe { (self.set)(offset, level.into(), self.table.user_data()) }).map(drop)
    }

    fn get_multiple(&self, offsets: &[u32]) -> OpResult<u64> {
        let Some(get_multiple) = self.table.function().get_multiple else {
            return get_each(self, offsets);
        };
        let mut levels = 0;
        let (first, count) = (offsets.as_ptr(), offsets.len());
        // SAFETY: as said above.
        returned(unsafe { get_multiple(first, count, &mut levels, self.table.user_data()) })?;
        Ok(levels)
    }

    fn set_multiple(&self, offsets: &[u32], levels: u64) -> OpResult<()> {
        let Some(set_multiple) = self.table.function().set_multiple else {
            return set_each(self, offsets, levels);
        };
        let (first, count) = (offsets.as_ptr(), offsets.len());
        // SAFETY: as said above.
        returned(unsafe { set_multiple(first, count, levels, self.table.user_data()) }).map(drop)
    }
}

/// Registers a chip that this process provides. It is called "virtual0", or with a higher number, none of which is used twice,
/// and is found by that and by its label. It stays until gpiodref_chip_remove(), also when the reference is put.
///
/// ops->release is called once, without a lock of the library: when whoever was the last to hold the chip or a line of it has let go,
/// which is after the chip has been removed; or before this function returns, if it fails. (Not if \p ops is NULL or its size is
/// not one: then the library does not know it.)
///
/// Returns a reference (drop it with gpiodref_chip_put()), or NULL with errno: EINVAL a NULL argument, no label, too many lines or
/// none, an unknown policy, configure, get or set is NULL; E2BIG a struct that is newer than the library has something set in it.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_chip_register(
    config: *const gpiodref_chip_config,
    ops: *const gpiodref_chip_ops,
    user_data: *mut c_void,
) -> *mut gpiodref_chip {
    guard(|| {
        let ops = Operations::new(ops, user_data)?;
        Ok(Chip::register(gpiodref_chip_config::read(config)?, ops)?)
    })
}

/// Takes a chip away that this process provides, as its policy says; lines that are hogged go with it and do not count.
///
/// From then on its operations are not called any more, except those that are running; everything that needs the chip answers
/// -ENODEV, and those who sleep wake up. Events that were pushed before can still be read. GPIODREF_REMOVE_NUMB never waits.
/// With GPIODREF_REMOVE_WAIT nobody gets a line during the wait; after -ETIMEDOUT the chip is as it was. May be called from
/// anywhere, also from an operation of the chip. Removing it again does nothing.
///
/// Returns 0, or -EBUSY a line is requested: gpiodref_last_error() says which, and by whom; -ETIMEDOUT; -EDEADLK it would wait for
/// the operation that calls; -EINVAL NULL, or a chip of the system.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_chip_remove(chip: *mut gpiodref_chip) -> c_int {
    guard(|| Ok(self::chip(chip)?.remove()?))
}

/// Waits until no operation of a removed chip is running any more, so that what the operations use can be taken apart. A negative
/// \p timeout_ms waits for ever, 0 only asks.
///
/// Returns 0, or -ETIMEDOUT an operation is still running, or the chip has not been removed; -EDEADLK one of its operations calls;
/// -EINVAL NULL, or a chip of the system.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_chip_drain(chip: *mut gpiodref_chip, timeout_ms: c_int) -> c_int {
    guard(|| Ok(self::chip(chip)?.drain(timeout(timeout_ms))?))
}

/// Tells that the level of a line has become \p level, 0 or 1: whoever waits for that edge gets an event. A line for which nobody
/// waits for it is passed over. \p timestamp_ns is of the clock that the line was configured with, 0 for now.
///
/// May be called from any thread and from operations; never waits.
///
/// Returns 0, or -ENODEV the chip has been removed; -EINVAL NULL, no such line, a level that is none, or a chip of the system.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_chip_push_edge(
    chip: *mut gpiodref_chip,
    offset: c_uint,
    level: c_int,
    timestamp_ns: u64,
) -> c_int {
    guard(|| Ok(self::chip(chip)?.push_edge(offset, value(level)?, timestamp_ns)?))
}
