// SPDX-License-Identifier: MIT OR Apache-2.0
//! What ends a command early: sentences for standard error, and the exit code.

use gpiodref::Error;
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
        Failure::several(vec![sentence.into()])
    }

    /// Several things went wrong at once.
    pub(crate) fn several(sentences: Vec<String>) -> Failure {
        Failure { sentences, code: 1 }
    }

    /// Tells the user.
    pub(crate) fn tell(self) -> ExitCode {
        self.sentences.iter().for_each(|sentence| tell(sentence));
        ExitCode::from(self.code)
    }
}

/// Tells the user something on standard error.
pub(crate) fn tell(sentence: &str) {
    // Where standard error is closed, the exit code has to do.
    let _ = writeln!(std::io::stderr(), "gpiodref: {sentence}");
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let code = if matches!(error, Error::Gone(_)) { 3 } else { 1 };
        Failure { sentences: vec![error.to_string()], code }
    }
}
