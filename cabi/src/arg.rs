// SPDX-License-Identifier: MIT OR Apache-2.0
//! Arguments from C, checked as far as they can be: each function takes the raw value and its name in the header, and
//! fails with -EINVAL and a sentence that has the name.
//!
//! What cannot be checked is the caller's promise: that a pointer other than NULL points to what the header says, and
//! that this stays so during the call. That promise is the whole of each `# Safety` section here.

use crate::handle::{Borrowed, Handle};
use crate::Failure;
use std::ffi::{c_char, c_int, CStr};
use std::marker::PhantomData;
use std::mem::{size_of, MaybeUninit};
use std::ptr::NonNull;
use std::time::Duration;

fn null(name: &str) -> Failure {
    Failure::invalid(format!("{name} is NULL"))
}

/// A pointer to some `T`: neither NULL nor misaligned.
fn pointer<T>(raw: *mut T, name: &str) -> Result<NonNull<T>, Failure> {
    let raw = NonNull::new(raw).ok_or_else(|| null(name))?;
    if !raw.is_aligned() {
        return Err(Failure::invalid(format!("{name} is not aligned: {raw:p}")));
    }
    Ok(raw)
}

fn elements<T>(raw: *mut T, count: usize, name: &str) -> Result<NonNull<T>, Failure> {
    // Negative lengths arrive as such sizes, and no slice may be larger.
    if count.checked_mul(size_of::<T>()).is_none_or(|size| size > isize::MAX as usize) {
        return Err(Failure::invalid(format!("{name} cannot have {count} elements")));
    }
    pointer(raw, name)
}

/// An object that the caller holds.
///
/// # Safety
/// See the module's description.
pub unsafe fn object<'a, H: Handle>(raw: *mut H::C, name: &str) -> Result<Borrowed<'a, H>, Failure> {
    let raw = NonNull::new(raw).ok_or_else(|| null(name))?;
    // SAFETY: the caller's promise.
    Ok(unsafe { Borrowed::new(raw) })
}

/// An object whose reference the function takes from its caller, also when it fails; None for NULL.
///
/// # Safety
/// See the module's description.
pub unsafe fn taken<H: Handle>(raw: *mut H::C) -> Option<H> {
    // SAFETY: the caller's promise.
    NonNull::new(raw).map(|raw| unsafe { H::from_raw(raw) })
}

/// A C string, as bytes.
///
/// # Safety
/// See the module's description.
pub unsafe fn c_str<'a>(raw: *const c_char, name: &str) -> Result<&'a CStr, Failure> {
    let raw = pointer(raw.cast_mut(), name)?;
    // SAFETY: the caller's promise: it ends with NUL.
    Ok(unsafe { CStr::from_ptr(raw.as_ptr()) })
}

/// A C string, as text; -EINVAL if it is not UTF-8.
///
/// # Safety
/// See the module's description.
pub unsafe fn text<'a>(raw: *const c_char, name: &str) -> Result<&'a str, Failure> {
    // SAFETY: the caller's promise.
    let raw = unsafe { c_str(raw, name) }?;
    raw.to_str().map_err(|error| Failure::invalid(format!("{name} is not UTF-8: {error}")))
}

/// A C string, as text; None for NULL.
///
/// # Safety
/// See the module's description.
pub unsafe fn text_or_none<'a>(raw: *const c_char, name: &str) -> Result<Option<&'a str>, Failure> {
    if raw.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    unsafe { text(raw, name) }.map(Some)
}

/// `count` C strings, as text; NULL with count 0 means none.
///
/// # Safety
/// See the module's description.
pub unsafe fn texts<'a>(
    raw: *const *const c_char,
    count: usize,
    name: &str,
) -> Result<Vec<&'a str>, Failure> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let raw = elements(raw.cast_mut(), count, name)?;
    // SAFETY: the caller's promise, for the array and for each of its strings.
    unsafe {
        let strings = std::slice::from_raw_parts(raw.as_ptr(), count).iter().enumerate();
        strings.map(|(i, &raw)| text(raw, &format!("{name}[{i}]"))).collect()
    }
}

/// `length` bytes.
///
/// # Safety
/// See the module's description.
pub unsafe fn bytes<'a, T>(raw: *const T, length: usize, name: &str) -> Result<&'a [u8], Failure> {
    let raw = elements(raw.cast::<u8>().cast_mut(), length, name)?;
    // SAFETY: the caller's promise.
    Ok(unsafe { std::slice::from_raw_parts(raw.as_ptr(), length) })
}

/// `length` bytes, where NULL with length 0 means none.
///
/// # Safety
/// See the module's description.
pub unsafe fn bytes_or_none<'a, T>(raw: *const T, length: usize, name: &str) -> Result<&'a [u8], Failure> {
    if length == 0 {
        return Ok(&[]);
    }
    // SAFETY: the caller's promise.
    unsafe { bytes(raw, length, name) }
}

/// `count` numbers, where NULL with count 0 means none.
///
/// # Safety
/// See the module's description.
pub unsafe fn numbers<'a>(raw: *const u32, count: usize, name: &str) -> Result<&'a [u32], Failure> {
    if count == 0 {
        return Ok(&[]);
    }
    let raw = elements(raw.cast_mut(), count, name)?;
    // SAFETY: the caller's promise.
    Ok(unsafe { std::slice::from_raw_parts(raw.as_ptr(), count) })
}

/// `count` pointers, where NULL with count 0 means none. What they point to is to be checked one by one.
///
/// # Safety
/// See the module's description.
pub unsafe fn pointers<'a, T>(
    raw: *const *const T,
    count: usize,
    name: &str,
) -> Result<&'a [*const T], Failure> {
    if count == 0 {
        return Ok(&[]);
    }
    let raw = elements(raw.cast_mut(), count, name)?;
    // SAFETY: the caller's promise.
    Ok(unsafe { std::slice::from_raw_parts(raw.as_ptr(), count) })
}

/// Room for `count` results.
///
/// # Safety
/// See the module's description.
pub unsafe fn buffer<'a, T>(
    raw: *mut T,
    count: usize,
    name: &str,
) -> Result<&'a mut [MaybeUninit<T>], Failure> {
    let raw = elements(raw, count, name)?;
    // SAFETY: the caller's promise; what is in there is not looked at.
    Ok(unsafe { std::slice::from_raw_parts_mut(raw.as_ptr().cast(), count) })
}

/// Room for `count` numbers, set to zero.
///
/// # Safety
/// See the module's description.
pub unsafe fn array<'a>(raw: *mut u32, count: usize, name: &str) -> Result<&'a mut [u32], Failure> {
    let raw = elements(raw, count, name)?;
    // SAFETY: the caller's promise; all of them are written before they are looked at.
    unsafe {
        raw.write_bytes(0, count);
        Ok(std::slice::from_raw_parts_mut(raw.as_ptr(), count))
    }
}

/// Where a result goes. Checked before the work is done, so that a wrong pointer costs nothing.
#[derive(Debug)]
pub struct Out<'a, T>(NonNull<T>, PhantomData<&'a mut T>);

/// Where a result goes.
///
/// # Safety
/// See the module's description.
pub unsafe fn out<'a, T>(raw: *mut T, name: &str) -> Result<Out<'a, T>, Failure> {
    pointer(raw, name).map(|raw| Out(raw, PhantomData))
}

/// Where a result goes, if the caller wants it: None for NULL.
///
/// # Safety
/// See the module's description.
pub unsafe fn out_or_none<'a, T>(raw: *mut T, name: &str) -> Result<Option<Out<'a, T>>, Failure> {
    if raw.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    unsafe { out(raw, name) }.map(Some)
}

impl<T> Out<'_, T> {
    /// Gives the caller the result.
    pub fn set(&mut self, value: T) {
        // SAFETY: the promise made to `out`. What was there is overwritten, not dropped: it may never have been a T.
        unsafe { self.0.write(value) }
    }
}

/// Replaces the number that the caller has there, and returns it.
///
/// # Safety
/// See the module's description.
pub unsafe fn inout(raw: *mut u32, name: &str, value: u32) -> Result<u32, Failure> {
    let raw = pointer(raw, name)?;
    // SAFETY: the caller's promise.
    Ok(unsafe { raw.replace(value) })
}

/// Flags of which all are known.
pub fn flags(bits: u32, known: u32) -> Result<u32, Failure> {
    match bits & !known {
        0 => Ok(bits),
        unknown => Err(Failure::invalid(format!("unknown flags {unknown:#x}"))),
    }
}

/// A time limit in milliseconds; a negative one is none.
pub fn timeout(milliseconds: c_int) -> Option<Duration> {
    u64::try_from(milliseconds).ok().map(Duration::from_millis)
}

/// A struct of the header that may grow: it starts with a `size_t size`, which the caller sets to the size that the
/// struct had when he was compiled.
///
/// # Safety
/// The type is `#[repr(C)]`, its first field is the `usize` size, and every bit pattern is a value of it, so that it
/// consists of integers, raw pointers and optional C function pointers. `FIRST_SIZE` covers the size.
pub unsafe trait Versioned: Copy {
    /// The size of its first version.
    const FIRST_SIZE: usize;
}

/// Larger than any version will be; a larger size is not a size.
const LARGEST: usize = 4096;

/// The size that the caller has set.
///
/// # Safety
/// See the module's description.
unsafe fn size_of_version<T: Versioned>(raw: NonNull<T>, name: &str) -> Result<usize, Failure> {
    // SAFETY: the caller's promise: there is a size at least.
    let size = unsafe { raw.cast::<usize>().read_unaligned() };
    if size < T::FIRST_SIZE {
        let first = T::FIRST_SIZE;
        return Err(Failure::invalid(format!("{name}->size is {size}, the first version had {first}")));
    }
    if size > LARGEST {
        return Err(Failure::new(libc::E2BIG, format!("{name}->size is {size}")));
    }
    Ok(size)
}

/// Reads a struct that may grow. What an older caller does not know is zero. What a newer one knows and we do not must
/// be zero, or it is -E2BIG. NULL is None.
///
/// # Safety
/// See the module's description.
pub unsafe fn versioned<T: Versioned>(raw: *const T, name: &str) -> Result<Option<T>, Failure> {
    let Some(raw) = NonNull::new(raw.cast_mut()) else { return Ok(None) };
    // SAFETY: the caller's promise.
    let size = unsafe { size_of_version(raw, name) }?;
    // SAFETY: the caller's promise: there are `size` bytes.
    let given = unsafe { std::slice::from_raw_parts(raw.cast::<u8>().as_ptr(), size) };
    let (known, beyond) = given.split_at(size.min(size_of::<T>()));
    if let Some(at) = beyond.iter().position(|&byte| byte != 0) {
        let at = known.len() + at;
        return Err(Failure::new(libc::E2BIG, format!("{name} is newer than the library: byte {at} is set")));
    }
    let mut read = MaybeUninit::<T>::zeroed();
    // SAFETY: `known` is at most as long as a T, and whatever it holds is one (Versioned).
    unsafe {
        read.as_mut_ptr().cast::<u8>().copy_from_nonoverlapping(known.as_ptr(), known.len());
        Ok(Some(read.assume_init()))
    }
}

/// Where a struct that may grow is filled in, in the caller's version of it.
#[derive(Debug)]
pub struct VersionedOut<'a, T> {
    raw: NonNull<T>,
    size: usize,
    lives: PhantomData<&'a mut T>,
}

/// Where a struct that may grow is filled in. The caller has set its size, and nothing beyond that is written.
///
/// # Safety
/// See the module's description.
pub unsafe fn versioned_out<'a, T: Versioned>(
    raw: *mut T,
    name: &str,
) -> Result<VersionedOut<'a, T>, Failure> {
    let raw = NonNull::new(raw).ok_or_else(|| null(name))?;
    // SAFETY: the caller's promise.
    let size = unsafe { size_of_version(raw, name) }?;
    Ok(VersionedOut { raw, size, lives: PhantomData })
}

impl<T: Versioned> VersionedOut<'_, T> {
    /// Gives the caller as much of the result as his version has; what a newer one has beyond ours becomes zero. His
    /// size stays, whatever `value` says, so that he can use the struct again.
    pub fn set(&mut self, value: T) {
        let (head, ours) = (size_of::<usize>(), self.size.min(size_of::<T>()));
        let (to, from) = (self.raw.cast::<u8>(), NonNull::from(&value).cast::<u8>());
        // SAFETY: the promise made to `versioned_out`: there are `size` bytes. `value` has at least `ours`, and `head`
        // is at most that, since every version begins with the size. As bytes, padding may be copied too.
        unsafe {
            to.add(head).copy_from_nonoverlapping(from.add(head), ours - head);
            to.add(ours).write_bytes(0, self.size - ours);
        }
    }
}

#[cfg(test)]
mod tests;
