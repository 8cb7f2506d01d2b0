// SPDX-License-Identifier: MIT OR Apache-2.0
//! A device of this process as a character device that any program can open (M11), through the kernel's CUSE. The protocol is
//! spoken here, with no library in between.

pub mod protocol;
