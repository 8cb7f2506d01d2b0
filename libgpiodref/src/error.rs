// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can go wrong, as a sentence that names chip, line, consumer and the failing call, and the errno that C sees.

use std::io;

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// An error: its kind decides the errno, its sentence names the thing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An argument or a configuration that cannot be accepted (`EINVAL`).
    #[error("{0}")]
    Invalid(String),
    /// A chip, a line or a table entry that does not exist (`ENOENT`).
    #[error("{0}")]
    NotFound(String),
    /// A name that several things have (`ENOTUNIQ`).
    #[error("{0}")]
    NotUnique(String),
    /// A line that somebody else has, or a chip whose lines are in use (`EBUSY`).
    #[error("{0}")]
    Busy(String),
    /// More than a documented limit allows (`E2BIG`).
    #[error("{0}")]
    TooBig(String),
    /// A caller's buffer that is too small (`ERANGE`).
    #[error("{0}")]
    Range(String),
    /// A chip that has gone away (`ENODEV`, G4).
    #[error("{0}")]
    Gone(String),
    /// A wait that ended before its condition came (`ETIMEDOUT`).
    #[error("{0}")]
    TimedOut(String),
    /// The caller would wait for itself (`EDEADLK`, K4).
    #[error("{0}")]
    Deadlock(String),
    /// Something that this kind of chip cannot do (`EOPNOTSUPP`).
    #[error("{0}")]
    Unsupported(String),
    /// A call that the system, or the provider of a chip, refused.
    #[error("{what}: {call}: {source}")]
    Call {
        /// What it was about: chip, line, consumer.
        what: String,
        /// The failing call.
        call: &'static str,
        /// The system's own error.
        source: io::Error,
    },
}

impl Error {
    /// The positive errno under which C sees this error.
    pub fn errno(&self) -> i32 {
        match self {
            Error::Invalid(_) => libc::EINVAL,
            Error::NotFound(_) => libc::ENOENT,
            Error::NotUnique(_) => libc::ENOTUNIQ,
            Error::Busy(_) => libc::EBUSY,
            Error::TooBig(_) => libc::E2BIG,
            Error::Range(_) => libc::ERANGE,
            Error::Gone(_) => libc::ENODEV,
            Error::TimedOut(_) => libc::ETIMEDOUT,
            Error::Deadlock(_) => libc::EDEADLK,
            Error::Unsupported(_) => libc::EOPNOTSUPP,
            Error::Call { source, .. } => source.raw_os_error().unwrap_or(libc::EIO),
        }
    }
}

/// A call that failed, before it is known what it was about: small, so that a hot path can carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The failing call.
    pub(crate) call: &'static str,
    /// A positive errno.
    pub(crate) errno: i32,
}

impl Fault {
    /// What `errno` says now, of a call that has just failed.
    pub(crate) fn last(call: &'static str) -> Self {
        Fault { call, errno: io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO) }
    }

    pub(crate) fn is_gone(self) -> bool {
        self.errno == libc::ENODEV
    }

    /// The error for what the call was about.
    #[cold]
    pub(crate) fn about(self, what: impl FnOnce() -> String) -> Error {
        let what = what();
        match self.errno {
            libc::ENODEV => Error::Gone(format!("{what}: {}: the chip is gone", self.call)),
            errno => Error::Call { what, call: self.call, source: io::Error::from_raw_os_error(errno) },
        }
    }
}

/// `invalid!("…{}", x)` is `Error::Invalid(format!("…{}", x))`, and so on for the kinds that are made often.
macro_rules! invalid { ($($arg:tt)*) => { $crate::error::Error::Invalid(format!($($arg)*)) } }
macro_rules! not_found { ($($arg:tt)*) => { $crate::error::Error::NotFound(format!($($arg)*)) } }
macro_rules! busy { ($($arg:tt)*) => { $crate::error::Error::Busy(format!($($arg)*)) } }
pub(crate) use {busy, invalid, not_found};
