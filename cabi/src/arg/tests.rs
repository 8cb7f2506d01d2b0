// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every argument check, from both sides.

use super::*;
use crate::Opaque;
use kref::Ref;
use std::ptr::{null, null_mut, without_provenance_mut};

fn message<T>(result: Result<T, Failure>) -> String {
    let failure = result.err().unwrap();
    assert_eq!(failure.errno, libc::EINVAL);
    failure.message
}

#[test]
fn null_is_named() {
    // SAFETY: NULL is what is tested.
    unsafe {
        assert_eq!(message(object::<Ref<Thing>>(null_mut(), "tree")), "tree is NULL");
        assert_eq!(message(text(null(), "path")), "path is NULL");
        assert_eq!(message(bytes::<u8>(null(), 0, "fdt")), "fdt is NULL");
        assert_eq!(message(bytes_or_none::<u8>(null(), 1, "data")), "data is NULL");
        assert_eq!(message(numbers(null(), 1, "offsets")), "offsets is NULL");
        assert_eq!(message(out::<u32>(null_mut(), "id")), "id is NULL");
        assert_eq!(message(inout(null_mut(), "n", 0)), "n is NULL");
        assert_eq!(message(buffer::<u32>(null_mut(), 3, "cells")), "cells is NULL");
        assert_eq!(message(array(null_mut(), 3, "args")), "args is NULL");
        assert_eq!(message(versioned_out::<Options>(null_mut(), "info")), "info is NULL");
    }
}

#[test]
fn null_is_allowed_where_it_means_none() {
    // SAFETY: NULL is what is tested.
    unsafe {
        assert!(taken::<Ref<Thing>>(null_mut()).is_none());
        assert_eq!(bytes_or_none::<u8>(null(), 0, "data").unwrap(), []);
        assert_eq!(numbers(null(), 0, "offsets").unwrap(), []);
        assert_eq!(text_or_none(null(), "name").unwrap(), None);
        assert!(out_or_none::<u32>(null_mut(), "id").unwrap().is_none());
        assert!(versioned::<Options>(null(), "options").unwrap().is_none());
    }
}

struct Thing;
impl Opaque for Thing {
    type C = Thing;
}

#[test]
fn objects_are_borrowed_or_taken() {
    let thing = Ref::new(Thing);
    let raw = Handle::into_raw(thing.clone()).as_ptr();
    // SAFETY: `raw` carries a reference until it is taken.
    unsafe {
        assert_eq!(Ref::count(&object::<Ref<Thing>>(raw, "thing").ok().unwrap()), 2);
        assert_eq!(Ref::count(&thing), 2, "borrowing counts nothing");
        drop(taken::<Ref<Thing>>(raw));
    }
    assert_eq!(Ref::count(&thing), 1);
}

#[test]
fn text_is_utf8_and_a_c_string_anything() {
    // SAFETY: both end with NUL.
    unsafe {
        assert_eq!(text(c"/soc".as_ptr(), "path").unwrap(), "/soc");
        assert!(message(text(c"\xff".as_ptr(), "path")).starts_with("path is not UTF-8"));
        assert_eq!(text_or_none(c"wp".as_ptr(), "name").unwrap(), Some("wp"));
        assert!(message(text_or_none(c"\xff".as_ptr(), "name")).starts_with("name is not UTF-8"));
        assert_eq!(c_str(c"\xff".as_ptr(), "path").unwrap(), c"\xff");
    }
}

#[test]
fn lengths_that_cannot_be_are_refused() {
    let byte = 0u8;
    let too_long = isize::MAX as usize + 1;
    // SAFETY: nothing is read beyond `byte`.
    unsafe {
        assert_eq!(bytes(&byte, 1, "fdt").unwrap(), [0]);
        assert!(message(bytes(&byte, too_long, "fdt")).starts_with("fdt cannot have"));
        let aligned = without_provenance_mut::<u32>(8);
        assert!(message(buffer(aligned, too_long / 2, "cells")).starts_with("cells cannot have"));
    }
}

#[test]
fn numbers_are_read_where_they_are() {
    let offsets = [3u32, 17];
    // SAFETY: nothing is read beyond them.
    unsafe {
        assert_eq!(numbers(offsets.as_ptr(), 2, "offsets").unwrap(), [3, 17]);
        assert!(message(numbers(offsets.as_ptr(), usize::MAX, "offsets")).starts_with("offsets cannot have"));
        let crooked = without_provenance_mut::<u32>(2);
        assert!(message(numbers(crooked, 1, "offsets")).starts_with("offsets is not aligned"));
    }
}

#[test]
fn results_go_where_the_caller_said() {
    let mut id = 0u32;
    let mut cells = [0u32; 2];
    let mut args = [1, 2, 3];
    // SAFETY: all are there.
    unsafe {
        out(&mut id, "id").unwrap().set(7);
        out_or_none(&mut id, "id").unwrap().unwrap().set(8);
        assert_eq!(inout(&mut id, "id", 10).unwrap(), 8);
        buffer(cells.as_mut_ptr(), 2, "cells").unwrap()[1].write(9);
        array(args.as_mut_ptr(), 2, "args").unwrap()[1] = 7;
        assert!(message(out(without_provenance_mut::<u32>(2), "id")).starts_with("id is not aligned"));
    }
    assert_eq!((id, cells, args), (10, [0, 9], [0, 7, 3]));
}

#[test]
fn unknown_flags_are_named() {
    assert_eq!(flags(0b101, 0b111), Ok(0b101));
    assert_eq!(message(flags(0b1100, 0b111)), "unknown flags 0x8");
}

#[test]
fn a_negative_timeout_is_none() {
    assert_eq!(timeout(-1), None);
    assert_eq!(timeout(20), Some(Duration::from_millis(20)));
}

/// Its first version ended with `flags`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Options {
    size: usize,
    flags: u64,
    base: *mut u8,
}
// SAFETY: a repr(C) struct of integers and a pointer, with the size in front.
unsafe impl Versioned for Options {
    const FIRST_SIZE: usize = size_of::<usize>() + 8;
}

/// The options as a later version of the header could have them.
#[repr(C)]
struct NewOptions {
    old: Options,
    more: u64,
}

fn read(size: usize, more: u64) -> Result<Options, Failure> {
    let base = without_provenance_mut(16);
    let given = NewOptions { old: Options { size, flags: 3, base }, more };
    // SAFETY: there are as many bytes as `given` has, and no test says more, short of those that are not read.
    unsafe { versioned(std::ptr::from_ref(&given).cast::<Options>(), "options") }.map(Option::unwrap)
}

#[test]
fn an_older_struct_is_filled_up_with_zero() {
    let options = read(Options::FIRST_SIZE, 0).ok().unwrap();
    assert_eq!((options.flags, options.base), (3, null_mut()));
    assert!(!read(size_of::<Options>(), 0).ok().unwrap().base.is_null());
}

#[test]
fn a_newer_struct_may_only_add_zeros() {
    assert_eq!(read(size_of::<NewOptions>(), 0).ok().unwrap().flags, 3);
    let failure = read(size_of::<NewOptions>(), 1).err().unwrap();
    assert_eq!(failure.errno, libc::E2BIG);
    assert_eq!(failure.message, "options is newer than the library: byte 24 is set");
}

#[test]
fn a_size_that_cannot_be_is_refused() {
    assert_eq!(message(read(0, 0)), "options->size is 0, the first version had 16");
    assert_eq!(read(usize::MAX, 0).err().unwrap().errno, libc::E2BIG);
}

/// Has `versioned_out` fill in a struct of `size` bytes that was 0xaa all over; returns what is there then.
fn filled(size: usize) -> Result<[u8; 40], Failure> {
    let mut place = [0xaa; 40];
    place[..size_of::<usize>()].copy_from_slice(&size.to_ne_bytes());
    // SAFETY: no test has it write more than there is.
    let mut out = unsafe { versioned_out(place.as_mut_ptr().cast::<Options>(), "info") }?;
    out.set(Options { size: 0, flags: u64::MAX, base: without_provenance_mut(usize::MAX) });
    Ok(place)
}

#[test]
fn a_caller_gets_as_much_of_a_result_as_his_version_has() {
    let bytes = |size: usize, zero: usize| {
        let (ours, size_field) = (size - zero, size.to_ne_bytes());
        [&size_field[..], &vec![0xff; ours - 8], &vec![0; zero], &vec![0xaa; 40 - size]].concat()
    };
    assert_eq!(filled(Options::FIRST_SIZE).unwrap()[..], bytes(16, 0), "an older one");
    assert_eq!(filled(size_of::<Options>()).unwrap()[..], bytes(24, 0), "ours");
    assert_eq!(filled(size_of::<NewOptions>()).unwrap()[..], bytes(32, 8), "a newer one");
}

#[test]
fn a_result_of_a_size_that_cannot_be_is_refused() {
    assert_eq!(message(filled(Options::FIRST_SIZE - 1)), "info->size is 15, the first version had 16");
    assert_eq!(filled(LARGEST + 1).unwrap_err().errno, libc::E2BIG);
}
