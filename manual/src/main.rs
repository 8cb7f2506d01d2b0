// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo run -p manual -- VERB OUT`: what people read, made from docs/, the headers and the programs' arguments.

mod site;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo run -p manual -- VERB OUT

  man            the man pages, as OUT/man1, OUT/man3, OUT/man7
  completions    what bash, zsh and fish complete of the programs
  site           the documentation site
";

/// What a verb answers: the sentence for the user, or why it failed.
type Answer = Result<String, String>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let answer: Answer = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["site", out] => site::build(Path::new(out)),
        ["man" | "completions", out] => Err(format!("{}: not yet", Path::new(out).display())),
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
