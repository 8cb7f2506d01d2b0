// SPDX-License-Identifier: MIT OR Apache-2.0
//! What ends a command early: sentences for standard error, and the exit code.

use std::io::Write;
use std::process::ExitCode;

/// The result of everything that a command does.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    sentences: Vec<String>,
    code: u8,
}

impl Failure {
    /// Something went wrong.
    pub(crate) fn new(sentence: impl Into<String>) -> Failure {
        Failure { sentences: vec![sentence.into()], code: 1 }
    }

    /// The command line asks for what cannot be.
    pub(crate) fn usage(sentence: impl Into<String>) -> Failure {
        Failure { sentences: vec![sentence.into()], code: 2 }
    }

    /// Several things went wrong at once.
    pub(crate) fn several(errors: &[ovl::Error]) -> Failure {
        Failure { sentences: errors.iter().map(ToString::to_string).collect(), code: 1 }
    }

    /// Tells the user.
    pub(crate) fn tell(self) -> ExitCode {
        let mut stderr = std::io::stderr().lock();
        for sentence in self.sentences {
            // Where standard error is closed, the exit code has to do.
            let _ = writeln!(stderr, "ovl: {sentence}");
        }
        ExitCode::from(self.code)
    }
}

impl From<ovl::Error> for Failure {
    fn from(error: ovl::Error) -> Failure {
        Failure::new(error.to_string())
    }
}
