// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo run -p manual -- VERB OUT`: what people read, made from docs/, the headers and the programs' arguments.

mod declaration;
mod man;
mod programs;
mod reference;
mod roff;
mod site;

use std::path::{absolute, Path};
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
    match answer(&words.iter().map(String::as_str).collect::<Vec<_>>()) {
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

fn answer(words: &[&str]) -> Answer {
    let [verb, out] = *words else { return Err(USAGE.to_owned()) };
    let out = absolute(out).map_err(|e| format!("{out}: {e}"))?;
    // From here on the paths are those of the checkout's files. cargo says at run time where this package lies; at compile time it
    // may have lain elsewhere.
    if let Some(package) = std::env::var_os("CARGO_MANIFEST_DIR") {
        std::env::set_current_dir(Path::new(&package).join(".."))
            .map_err(|e| format!("the checkout: {e}"))?;
    }
    match verb {
        "man" => man::write(&out),
        "site" => site::build(&out),
        "completions" => programs::write_completions(&out),
        _ => Err(USAGE.to_owned()),
    }
}
