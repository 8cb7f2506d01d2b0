// SPDX-License-Identifier: MIT OR Apache-2.0
//! The memory of whoever makes a call, which is this process's own, or far away.
#![allow(unsafe_code)]

use crate::error::{error, Result};
use crate::uapi::Plain;

/// Where the argument of a call lies and what it points to. An address where nothing can be is an error.
pub trait Memory {
    /// Copies what is at an address.
    fn read(&self, at: u64, into: &mut [u8]) -> Result<()>;
    /// Copies to an address.
    fn write(&self, at: u64, from: &[u8]) -> Result<()>;
}

/// This process's own memory.
pub struct OwnMemory(());

impl OwnMemory {
    /// # Safety
    /// What is read and written through it is there and may be: the argument of the call and what it points to.
    pub unsafe fn new() -> Self {
        OwnMemory(())
    }
}

/// Where nothing ever is: NULL, and what is a number and no address.
const LOWEST: u64 = 4096;

fn address(at: u64, length: usize) -> Result<*mut u8> {
    match usize::try_from(at) {
        Ok(address) if at >= LOWEST && address.checked_add(length).is_some() => {
            Ok(std::ptr::with_exposed_provenance_mut(address))
        }
        _ => Err(error!(Fault, "nothing can be at address {at:#x}")),
    }
}

impl Memory for OwnMemory {
    fn read(&self, at: u64, into: &mut [u8]) -> Result<()> {
        let from = address(at, into.len())?;
        // SAFETY: the promise made to `new`.
        unsafe { from.copy_to_nonoverlapping(into.as_mut_ptr(), into.len()) }
        Ok(())
    }

    fn write(&self, at: u64, from: &[u8]) -> Result<()> {
        let to = address(at, from.len())?;
        // SAFETY: the promise made to `new`.
        unsafe { to.copy_from_nonoverlapping(from.as_ptr(), from.len()) }
        Ok(())
    }
}

pub(super) fn read<T: Plain>(memory: &dyn Memory, at: u64) -> Result<T> {
    let mut value = T::zero();
    memory.read(at, value.bytes_mut())?;
    Ok(value)
}

pub(super) fn write<T: Plain>(memory: &dyn Memory, at: u64, value: &T) -> Result<()> {
    memory.write(at, value.bytes())
}
