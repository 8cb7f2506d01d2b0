// SPDX-License-Identifier: MIT OR Apache-2.0
//! Memory that changes hands: text and bytes that C frees with `…_free()`, which is `free()`.

use crate::arg;
use crate::Failure;
use std::ffi::{c_char, c_void};

/// A copy of `text` for C.
pub fn give_text(text: &str) -> Result<*mut c_char, Failure> {
    if let Some(at) = text.bytes().position(|byte| byte == 0) {
        return Err(Failure::invalid(format!("the text has a NUL at {at}, which C cannot see past")));
    }
    let size = text.len() + 1;
    let copy = allocate(size)?.cast::<u8>();
    // SAFETY: `copy` has room for the text and its NUL.
    unsafe {
        copy.copy_from_nonoverlapping(text.as_ptr(), text.len());
        copy.add(text.len()).write(0);
    }
    Ok(copy.cast())
}

/// A copy of `bytes` for C, never NULL.
pub fn give_bytes(bytes: &[u8]) -> Result<*mut c_void, Failure> {
    let copy = allocate(bytes.len())?;
    // SAFETY: `copy` has room for the bytes.
    unsafe { copy.cast::<u8>().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    Ok(copy)
}

/// `…_free()`.
///
/// # Safety
/// `pointer` is NULL or came from one of the functions above and has not been freed.
pub unsafe fn free(pointer: *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { libc::free(pointer) }
}

/// Copies `text` and a NUL into the caller's buffer and returns its length without the NUL.
///
/// With `size` 0 only the length is returned, for the caller to size the buffer by. A buffer that is too small is
/// -ERANGE and stays as it is.
///
/// # Safety
/// `buffer` is NULL or has room for `size` bytes.
pub unsafe fn copy_text(buffer: *mut c_char, size: usize, name: &str, text: &str) -> Result<usize, Failure> {
    if size == 0 {
        return Ok(text.len());
    }
    // SAFETY: the caller's promise.
    let buffer = unsafe { arg::buffer(buffer.cast::<u8>(), size, name) }?;
    if text.len() >= size {
        let needed = text.len() + 1;
        return Err(Failure::new(libc::ERANGE, format!("{name} has {size} bytes, {needed} are needed")));
    }
    for (to, from) in buffer.iter_mut().zip(text.bytes().chain([0])) {
        to.write(from);
    }
    Ok(text.len())
}

fn allocate(size: usize) -> Result<*mut c_void, Failure> {
    // At least one byte, so that NULL only ever means that there is no memory.
    // SAFETY: malloc may be called with any size.
    let memory = unsafe { libc::malloc(size.max(1)) };
    if memory.is_null() {
        return Err(Failure::new(libc::ENOMEM, format!("no memory for {size} bytes")));
    }
    Ok(memory)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    #[test]
    fn given_text_and_bytes_are_copies_that_c_can_free() {
        let text = give_text("/soc").unwrap();
        // SAFETY: just made, freed once.
        unsafe {
            assert_eq!(CStr::from_ptr(text), c"/soc");
            free(text.cast());
        }
        let bytes = give_bytes(b"\0\x01").unwrap();
        // SAFETY: as above.
        unsafe {
            assert_eq!(std::slice::from_raw_parts(bytes.cast::<u8>(), 2), [0, 1]);
            free(bytes);
            let nothing = give_bytes(&[]).unwrap();
            assert!(!nothing.is_null());
            free(nothing);
            free(std::ptr::null_mut());
        }
    }

    #[test]
    fn what_c_cannot_hold_is_an_error() {
        assert_eq!(give_text("a\0b").unwrap_err().errno, libc::EINVAL);
        assert_eq!(allocate(usize::MAX).unwrap_err().errno, libc::ENOMEM);
    }

    #[test]
    fn text_is_copied_whole_or_not_at_all() {
        let mut buffer = [c_char::MAX; 5];
        let start = buffer.as_mut_ptr();
        // SAFETY: the sizes are at most the buffer's.
        unsafe {
            assert_eq!(copy_text(std::ptr::null_mut(), 0, "buf", "/soc"), Ok(4));
            let failure = copy_text(start, 4, "buf", "/soc").unwrap_err();
            assert_eq!(failure, Failure::new(libc::ERANGE, "buf has 4 bytes, 5 are needed"));
            assert_eq!(buffer, [c_char::MAX; 5]);
            assert_eq!(copy_text(start, 5, "buf", "/soc"), Ok(4));
            assert_eq!(CStr::from_ptr(start), c"/soc");
            assert_eq!(copy_text(std::ptr::null_mut(), 5, "buf", "/soc").unwrap_err().errno, libc::EINVAL);
        }
    }
}
