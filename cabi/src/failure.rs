// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a C caller gets to know of an error: a number and a sentence.

use std::fmt::Display;

/// An error on its way to C.
///
/// Made by `?` from every error that says its [`Errno`], or by hand for what only the boundary can find wrong.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    /// A positive errno.
    pub errno: i32,
    /// The sentence for `…_last_error()`.
    pub message: String,
}

/// An error that knows its errno; its `Display` is the sentence.
pub trait Errno: Display {
    /// A positive errno.
    fn errno(&self) -> i32;
}

impl Failure {
    /// An error found at the boundary.
    pub fn new(errno: i32, message: impl Into<String>) -> Self {
        Failure { errno, message: message.into() }
    }

    /// -EINVAL: an argument is not what the documentation asks for.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(libc::EINVAL, message)
    }
}

impl<E: Errno> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure::new(error.errno(), error.to_string())
    }
}

impl Errno for kref::Revoked {
    fn errno(&self) -> i32 {
        libc::ENODEV
    }
}

impl Errno for kref::DrainError {
    fn errno(&self) -> i32 {
        match self {
            kref::DrainError::TimedOut => libc::ETIMEDOUT,
            kref::DrainError::Deadlock => libc::EDEADLK,
        }
    }
}

impl Errno for kref::SleepError {
    fn errno(&self) -> i32 {
        match self {
            kref::SleepError::Revoked => libc::ENODEV,
            kref::SleepError::TimedOut => libc::ETIMEDOUT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_becomes_its_number_and_its_sentence() {
        let fail = || -> Result<(), Failure> { Err(kref::Revoked)? };
        assert_eq!(fail(), Err(Failure::new(libc::ENODEV, "it has gone away")));
        assert_eq!(Failure::from(kref::DrainError::Deadlock).errno, libc::EDEADLK);
        assert_eq!(Failure::from(kref::DrainError::TimedOut).errno, libc::ETIMEDOUT);
        assert_eq!(Failure::from(kref::SleepError::Revoked).errno, libc::ENODEV);
        assert_eq!(Failure::from(kref::SleepError::TimedOut).errno, libc::ETIMEDOUT);
    }
}
