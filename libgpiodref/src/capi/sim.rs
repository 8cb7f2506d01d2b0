// SPDX-License-Identifier: MIT OR Apache-2.0
//! Simulated chips.

use super::provider::gpiodref_chip_config;
use super::{get, gpiodref_chip, gpiodref_sim, guard, object, put, value};
use crate::Sim;
use cabi::{Borrowed, Failure};
use kref::Ref;
use std::ffi::{c_int, c_uint};

fn sim<'a>(raw: *mut gpiodref_sim) -> Result<Borrowed<'a, Ref<Sim>>, Failure> {
    object(raw, "sim")
}

/// Registers a simulated chip, for tests of programs that use GPIO: needs no rights and nothing of the system. Its lines are
/// wires that are pulled down at first; whoever requests them sees their levels, and drives and pulls them as he likes.
///
/// The chip stays until gpiodref_sim_remove(), also when the reference is put.
///
/// Returns a reference (drop it with gpiodref_sim_put()), or NULL with errno: EINVAL as gpiodref_chip_register().
#[no_mangle]
pub unsafe extern "C" fn gpiodref_sim_new(config: *const gpiodref_chip_config) -> *mut gpiodref_sim {
    guard(|| Ok(Sim::new(gpiodref_chip_config::read(config)?)?))
}

/// Adds a reference; returns its argument, NULL for NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_sim_get(sim: *mut gpiodref_sim) -> *mut gpiodref_sim {
    get::<Ref<Sim>>(sim)
}

/// Drops a reference; NULL is allowed.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_sim_put(sim: *mut gpiodref_sim) {
    put::<Ref<Sim>>(sim)
}

/// The chip, to be used as any other. Returns a reference (drop it with gpiodref_chip_put()), or NULL with errno EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_sim_chip(sim: *mut gpiodref_sim) -> *mut gpiodref_chip {
    guard(|| Ok(self::sim(sim)?.chip().clone()))
}

/// Pulls a wire up (1) or down (0) from outside, as a resistor does: a line that is driven stays as it is. An edge is told to whoever
/// waits for it. A bias that is asked for with a line does the same; the last of them counts.
///
/// Returns 0, or -EINVAL no such line, another value or NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_sim_set_pull(sim: *mut gpiodref_sim, offset: c_uint, up: c_int) -> c_int {
    guard(|| Ok(self::sim(sim)?.set_pull(offset, value(up)?)?))
}

/// Returns the level of a wire, 0 or 1, whoever makes it, also when the chip has been removed; -EINVAL no such line or NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_sim_level(sim: *mut gpiodref_sim, offset: c_uint) -> c_int {
    guard(|| Ok(self::sim(sim)?.level(offset)?))
}

/// Removes the chip: gpiodref_chip_remove(). The wires remain, to be looked at.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_sim_remove(sim: *mut gpiodref_sim) -> c_int {
    guard(|| Ok(self::sim(sim)?.remove()?))
}
