// SPDX-License-Identifier: MIT OR Apache-2.0
//! What ends a command early: sentences for standard error, and the exit code.

use mediadev::{Error, Kind};
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

    /// What went wrong while the rest was done; nothing, if these are none.
    pub(crate) fn unless_none(errors: &[Error]) -> Result<()> {
        match errors {
            [] => Ok(()),
            errors => Err(Failure::of(errors)),
        }
    }

    fn of(errors: &[Error]) -> Failure {
        let is_gone = errors.iter().all(|error| error.kind() == Kind::Gone);
        let sentences = errors.iter().map(Error::to_string).collect();
        Failure { sentences, code: if is_gone { 3 } else { 1 } }
    }

    /// The same, of this thing.
    pub(crate) fn about(self, thing: &str) -> Failure {
        let sentences = self.sentences.iter().map(|sentence| format!("{thing}: {sentence}")).collect();
        Failure { sentences, ..self }
    }

    /// Tells the user.
    pub(crate) fn tell(self) -> ExitCode {
        for sentence in self.sentences {
            // Where standard error is closed, the exit code has to do.
            let _ = writeln!(std::io::stderr(), "mediadev: {sentence}");
        }
        ExitCode::from(self.code)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentences.join("; "))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::of(&[error])
    }
}
