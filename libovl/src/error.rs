// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can go wrong, as a sentence that says where, and the errno that C sees.

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// An error: its kind decides the errno, its sentence names the thing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A blob that fails the full check (O1): which check, and where in the blob.
    #[error("malformed devicetree blob: {check} at offset {offset:#x}")]
    Malformed {
        /// What was found, or what is missing.
        check: &'static str,
        /// Byte offset into the blob.
        offset: usize,
    },
    /// An argument, an overlay or a value that cannot be accepted (`EINVAL`).
    #[error("{0}")]
    Invalid(String),
    /// Something that does not exist (`ENOENT`).
    #[error("{0}")]
    NotFound(String),
    /// Something that is there already (`EEXIST`).
    #[error("{0}")]
    Exists(String),
    /// Something that others still depend on, or that is in progress (`EBUSY`).
    #[error("{0}")]
    Busy(String),
    /// A property without a value, where one is needed (`ENODATA`).
    #[error("{0}")]
    NoData(String),
    /// A number or a buffer that is too small (`EOVERFLOW`).
    #[error("{0}")]
    Overflow(String),
    /// A value that is not the text it should be (`EILSEQ`).
    #[error("{0}")]
    NotText(String),
    /// A caller's buffer that is too small (`ERANGE`).
    #[error("{0}")]
    Range(String),
    /// More than a documented limit allows (`E2BIG`).
    #[error("{0}")]
    TooBig(String),
    /// An object that is not part of a tree any more (`ENODEV`).
    #[error("{0}")]
    Gone(String),
    /// A wait that ended before its condition came (`ETIMEDOUT`).
    #[error("{0}")]
    TimedOut(String),
    /// A wait for something that waits for the caller (`EDEADLK`).
    #[error("{0}")]
    Deadlock(String),
    /// No memory for a size that the input asked for (`ENOMEM`).
    #[error("out of memory: {0}")]
    NoMemory(String),
    /// A listener refused; the errno is its own.
    #[error("{sentence}")]
    Listener {
        /// The positive errno.
        errno: i32,
        /// What was refused, and why.
        sentence: String,
    },
    /// A listener failed when everything was done already, and nothing is undone; the errno is its own.
    #[error("{sentence}")]
    Afterwards {
        /// The overlay or changeset that was applied or removed.
        id: i32,
        /// The positive errno.
        errno: i32,
        /// What was done, and what the listener said.
        sentence: String,
    },
    /// The system refused to read or write a file.
    #[error("{path}: {source}")]
    Io {
        /// The file or directory.
        path: String,
        /// The system's own error.
        source: std::io::Error,
    },
}

impl Error {
    /// The positive errno under which C sees this error.
    pub fn errno(&self) -> i32 {
        match self {
            Error::Malformed { .. } | Error::Invalid(_) => libc::EINVAL,
            Error::NotFound(_) => libc::ENOENT,
            Error::Exists(_) => libc::EEXIST,
            Error::Listener { errno, .. } | Error::Afterwards { errno, .. } => *errno,
            Error::Busy(_) => libc::EBUSY,
            Error::NoData(_) => libc::ENODATA,
            Error::Overflow(_) => libc::EOVERFLOW,
            Error::NotText(_) => libc::EILSEQ,
            Error::Range(_) => libc::ERANGE,
            Error::TooBig(_) => libc::E2BIG,
            Error::Gone(_) => libc::ENODEV,
            Error::TimedOut(_) => libc::ETIMEDOUT,
            Error::Deadlock(_) => libc::EDEADLK,
            Error::NoMemory(_) => libc::ENOMEM,
            Error::Io { source, .. } => source.raw_os_error().unwrap_or(libc::EIO),
        }
    }
}

/// `invalid!("…{}", x)` is `Error::Invalid(format!("…{}", x))`, and so on for the kinds that are made often.
macro_rules! invalid { ($($arg:tt)*) => { $crate::error::Error::Invalid(format!($($arg)*)) } }
macro_rules! not_found { ($($arg:tt)*) => { $crate::error::Error::NotFound(format!($($arg)*)) } }
macro_rules! busy { ($($arg:tt)*) => { $crate::error::Error::Busy(format!($($arg)*)) } }
pub(crate) use {busy, invalid, not_found};
