// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Consumer`]: the name under which others see who has a line.

use crate::config::MAX_NAME;
use crate::error::{invalid, Result};
use std::ffi::CStr;
use std::fmt;

/// A name as the kernel keeps it: text, NUL-terminated, the rest NULs.
#[derive(Clone, Copy)]
pub(crate) struct Consumer([u8; MAX_NAME + 1]);

impl Consumer {
    pub(crate) fn new(name: &str) -> Result<Self> {
        if name.len() > MAX_NAME {
            return Err(invalid!("consumer \"{name}\" is longer than {MAX_NAME} bytes"));
        }
        if name.contains('\0') {
            return Err(invalid!("consumer {name:?} has a NUL in it"));
        }
        Ok(Self::cut(name))
    }

    /// The first characters of a name, as many as there is room for.
    pub(crate) fn cut(name: &str) -> Self {
        let end = (0..=name.len().min(MAX_NAME)).rev().find(|&end| name.is_char_boundary(end)).unwrap_or(0);
        let mut bytes = [0; MAX_NAME + 1];
        bytes[..end].copy_from_slice(&name.as_bytes()[..end]);
        Consumer(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8; MAX_NAME + 1] {
        &self.0
    }

    pub(crate) fn as_c_str(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.0).unwrap_or_default()
    }

    pub(crate) fn as_str(&self) -> &str {
        self.as_c_str().to_str().unwrap_or_default()
    }
}

impl fmt::Debug for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g7_a_name_has_31_bytes_and_is_cut_between_characters() {
        let longest = "0123456789012345678901234567890";
        assert_eq!(Consumer::new(longest).unwrap().as_str(), longest);
        assert_eq!(Consumer::cut(&(longest.to_owned() + "1")).as_str(), longest);
        assert_eq!(Consumer::cut(&"\u{e9}".repeat(16)).as_str(), "\u{e9}".repeat(15));
        for wrong in [&longest.repeat(2), "a\0b"] {
            assert_eq!(Consumer::new(wrong).unwrap_err().errno(), libc::EINVAL);
        }
    }
}
