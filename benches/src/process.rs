// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the system knows of this process: the memory and the time that it took.
#![allow(unsafe_code)]

use std::time::Duration;

/// The bytes that are allocated at the moment.
pub fn heap() -> usize {
    // SAFETY: it takes nothing and returns numbers.
    let info = unsafe { libc::mallinfo2() };
    info.uordblks + info.hblkhd
}

/// The time that this thread has been running, without the time that others had the processor. Nothing here sleeps, so on
/// a machine of one's own it is the time by the clock.
pub fn running() -> Duration {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: it writes to a timespec that we own.
    let ret = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut now) };
    assert_eq!(ret, 0, "clock_gettime");
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}
