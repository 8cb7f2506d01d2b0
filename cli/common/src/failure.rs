// SPDX-License-Identifier: MIT OR Apache-2.0
//! What ends a command early: sentences for standard error, and the exit code.

use std::error::Error;
use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

/// The result of everything that a command does.
pub type Result<T> = std::result::Result<T, Failure>;

/// The exit code where the command line asks for what cannot be; clap's too.
const USAGE: u8 = 2;

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

    fn code(&self, verdicts: &[Verdict]) -> u8 {
        let mut codes = verdicts.iter().map(|verdict| verdict.code);
        match (self.is_usage, codes.next()) {
            (true, _) => USAGE,
            (false, Some(code)) if codes.all(|other| other == code) => code,
            _ => Verdict::FAILED.code,
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

/// What a program knows of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The exit code.
    pub code: u8,
    /// What the user may try next, as a sentence.
    pub next: Option<&'static str>,
}

impl Verdict {
    /// Something is wrong.
    pub const FAILED: Verdict = Verdict { code: 1, next: None };
    /// The device has gone away.
    pub const GONE: Verdict = Verdict { code: 3, next: None };

    /// Something is wrong, and this may help.
    pub fn try_next(next: &'static str) -> Verdict {
        Verdict { next: Some(next), ..Verdict::FAILED }
    }
}

/// Tells the user something on standard error.
pub fn tell(program: &str, sentence: &dyn Display) {
    // Where standard error is closed, the exit code has to do.
    let _ = writeln!(std::io::stderr(), "{program}: {sentence}");
}

/// Ends a program: tells why if the command failed, and makes the exit code. `Ok(false)` says that what was to be found out is
/// not so, which is exit code 1 too; it is also that of errors of which `judge` does not say the same code.
pub fn end(program: &str, done: Result<bool>, judge: impl Fn(&(dyn Error + 'static)) -> Verdict) -> ExitCode {
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => Verdict::FAILED.code.into(),
        Err(failure) => {
            failure.errors.iter().for_each(|error| tell(program, error));
            let verdicts: Vec<Verdict> = failure.errors.iter().map(|error| judge(error.as_ref())).collect();
            // Errors of one kind have one remedy.
            let mut next: Vec<_> = verdicts.iter().filter_map(|verdict| verdict.next).collect();
            next.dedup();
            next.iter().for_each(|next| tell(program, next));
            failure.code(&verdicts).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_errors_that_do_not_agree_the_code_is_1() {
        let code = |verdicts: &[Verdict]| Failure::new("").code(verdicts);
        assert_eq!(code(&[Verdict::GONE, Verdict::GONE]), 3);
        assert_eq!(code(&[Verdict::GONE, Verdict::FAILED]), 1);
        assert_eq!(code(&[Verdict::try_next("something else")]), 1);
        assert_eq!(Failure::usage("").about("it").code(&[Verdict::GONE]), 2);
    }
}
