// SPDX-License-Identifier: MIT OR Apache-2.0
//! What ends a command early: sentences for standard error, and the exit code.

use std::error::Error;
use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

/// The result of everything that a command does.
pub type Result<T> = std::result::Result<T, Failure>;

/// The exit code where something went wrong, or where what was to be found out is not so.
pub const FAILED: u8 = 1;
/// The exit code where the command line asks for what cannot be; clap's too.
const USAGE: u8 = 2;
/// The exit code where the device has gone away.
pub const GONE: u8 = 3;

/// Why a command could not do its work: at least one error.
#[derive(Debug)]
pub struct Failure {
    errors: Vec<Box<dyn Error>>,
    is_usage: bool,
}

impl Failure {
    /// Something went wrong.
    pub fn new(sentence: impl Into<String>) -> Failure {
        Failure::several([sentence.into()])
    }

    /// The command line asks for what cannot be.
    pub fn usage(sentence: impl Into<String>) -> Failure {
        Failure { is_usage: true, ..Failure::new(sentence) }
    }

    /// Several things went wrong at once.
    pub fn several<E: Into<Box<dyn Error>>>(errors: impl IntoIterator<Item = E>) -> Failure {
        Failure { errors: errors.into_iter().map(Into::into).collect(), is_usage: false }
    }

    /// What went wrong while the rest was done; nothing, if these are none.
    pub fn unless_none<E: Into<Box<dyn Error>>>(errors: Vec<E>) -> Result<()> {
        match errors.is_empty() {
            true => Ok(()),
            false => Err(Failure::several(errors)),
        }
    }

    /// The same, of this thing.
    pub fn about(self, thing: &str) -> Failure {
        let sentences = self.errors.iter().map(|error| format!("{thing}: {error}"));
        Failure { is_usage: self.is_usage, ..Failure::several(sentences) }
    }

    fn code(&self, code_of: impl Fn(&(dyn Error + 'static)) -> u8) -> u8 {
        let mut codes = self.errors.iter().map(|error| code_of(error.as_ref()));
        match (self.is_usage, codes.next()) {
            (true, _) => USAGE,
            (false, Some(code)) if codes.all(|other| other == code) => code,
            _ => FAILED,
        }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sentences: Vec<String> = self.errors.iter().map(ToString::to_string).collect();
        f.write_str(&sentences.join("; "))
    }
}

impl<E: Error + 'static> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure::several([error])
    }
}

/// Tells the user something on standard error.
pub fn tell(program: &str, sentence: &dyn Display) {
    // Where standard error is closed, the exit code has to do.
    let _ = writeln!(std::io::stderr(), "{program}: {sentence}");
}

/// Ends a program: tells why if the command failed, and makes the exit code. `Ok(false)` says that what was to be found out is
/// not so. `code_of` is asked for the code of an error; of several that do not agree it is [`FAILED`].
pub fn end(program: &str, done: Result<bool>, code_of: impl Fn(&(dyn Error + 'static)) -> u8) -> ExitCode {
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => FAILED.into(),
        Err(failure) => {
            failure.errors.iter().for_each(|error| tell(program, error));
            failure.code(code_of).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_errors_that_do_not_agree_the_code_is_1() {
        let code = |errors: &[&str]| {
            let failure = Failure::several(errors.iter().copied());
            failure.code(|error| if error.to_string() == "gone" { GONE } else { FAILED })
        };
        assert_eq!(code(&["gone", "gone"]), GONE);
        assert_eq!(code(&["gone", "wrong"]), FAILED);
        assert_eq!(code(&["wrong"]), FAILED);
        assert_eq!(Failure::usage("gone").about("it").code(|_| GONE), USAGE);
    }
}
