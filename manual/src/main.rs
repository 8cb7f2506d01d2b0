// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo run -p manual -- VERB OUT`: what people read, made from docs/, the headers and the programs' arguments.

mod declaration;
mod man;
mod programs;
mod reference;
mod roff;
mod site;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo run -p manual -- VERB OUT

  man            the man pages, as OUT/man1, OUT/man3, OUT/man7
  completions    what bash, zsh and fish complete of the programs
  site           the documentation site
";

/// What a verb answers: the sentence for the user, or why it failed.
type Answer = Result<String, String>;

/// The checkout. cargo says at run time where this package lies; at compile time it may have lain elsewhere.
fn top() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| ".".into(), |package| Path::new(&package).join(".."))
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let answer: Answer = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["man", out] => man::write(&top(), Path::new(out)),
        ["site", out] => site::build(&top(), Path::new(out)),
        ["completions", out] => programs::write_completions(Path::new(out)),
        _ => Err(USAGE.to_owned()),
    };
    match answer {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{}", why.trim_end());
            ExitCode::FAILURE
        }
    }
}
