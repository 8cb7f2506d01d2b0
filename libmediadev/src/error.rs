// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can go wrong: a kind, which decides the errno that C sees, and a sentence that names the thing: device, entity, pad,
//! link, the failing call.

use std::fmt;

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// An error: its kind decides the errno, its sentence names the thing.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    sentence: String,
}

/// Which kind of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// An argument that cannot be accepted (`EINVAL`).
    Invalid,
    /// A device, an entity, a pad or a link that does not exist (`ENOENT`).
    NotFound,
    /// A link that is there already (`EEXIST`).
    Exists,
    /// Several things where there may be one (`ENOTUNIQ`).
    NotUnique,
    /// A link, a pad or a request that is in use, or a device that is registered (`EBUSY`).
    Busy,
    /// A pad that has to be linked, or where a link is asked for, and there is none that is enabled (`ENOLINK`).
    NoLink,
    /// More than a documented limit allows (`ENOSPC`).
    Full,
    /// A device that has gone away, or has not come (`ENODEV`).
    Gone,
    /// An open handle that has been closed (`EBADF`).
    Closed,
    /// A wait that ended before its condition came (`ETIMEDOUT`).
    TimedOut,
    /// The caller would wait for itself (`EDEADLK`, K4).
    Deadlock,
    /// A call that this device does not know (`ENOTTY`).
    Unsupported,
    /// An address where nothing can be (`EFAULT`).
    Fault,
    /// What came from outside makes no sense (`EBADMSG`).
    Malformed,
    /// What the system or the provider of a device said, a positive errno.
    Call(i32),
}

impl Error {
    /// An error of this kind; `sentence` names the thing.
    pub fn new(kind: Kind, sentence: impl Into<String>) -> Self {
        Error { kind, sentence: sentence.into() }
    }

    /// Which kind of error it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The positive errno under which C sees this error.
    pub fn errno(&self) -> i32 {
        match self.kind {
            Kind::Invalid => libc::EINVAL,
            Kind::NotFound => libc::ENOENT,
            Kind::Exists => libc::EEXIST,
            Kind::NotUnique => libc::ENOTUNIQ,
            Kind::Busy => libc::EBUSY,
            Kind::NoLink => libc::ENOLINK,
            Kind::Full => libc::ENOSPC,
            Kind::Gone => libc::ENODEV,
            Kind::Closed => libc::EBADF,
            Kind::TimedOut => libc::ETIMEDOUT,
            Kind::Deadlock => libc::EDEADLK,
            Kind::Unsupported => libc::ENOTTY,
            Kind::Fault => libc::EFAULT,
            Kind::Malformed => libc::EBADMSG,
            // An errno that is none would pass for something else.
            Kind::Call(errno) if errno > 0 => errno,
            Kind::Call(_) => libc::EIO,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Error {}

/// `error!(Busy, "…{}", x)` is an error of that kind with that sentence.
macro_rules! error {
    ($kind:ident, $($arg:tt)*) => { $crate::Error::new($crate::Kind::$kind, format!($($arg)*)) };
}
pub(crate) use error;
