// SPDX-License-Identifier: MIT OR Apache-2.0
//! `-p`: parameters, each for the file that it stands behind.

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};

/// The arguments of all commands that are files with parameters.
const FILES: [&str; 5] = ["base", "overlays", "input", "with", "files"];
/// One that is a file's name, but not the file.
const NO_FILES: [&str; 1] = ["remove"];

/// What `-p` says.
pub(crate) struct Settings(Vec<Setting>);

struct Setting {
    /// The argument, and which of its values.
    file: (&'static str, usize),
    text: String,
}

impl Settings {
    /// The parameters of the file that is this value of this argument.
    pub(crate) fn of(&self, argument: &str, number: usize) -> Vec<&str> {
        let own = self.0.iter().filter(|setting| setting.file == (argument, number));
        own.map(|setting| setting.text.as_str()).collect()
    }
}

// By hand, since clap's derive does not say what stood where. It takes values out of the matches, field by field: this field has to
// be the first one.
impl FromArgMatches for Settings {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Settings, Error> {
        let ours = FILES.iter().chain(&NO_FILES).filter(|name| matches.try_contains_id(name).is_ok());
        let files: Vec<(usize, (&str, usize))> = ours
            .flat_map(|&name| {
                let places = matches.indices_of(name).into_iter().flatten();
                places.enumerate().map(move |(number, place)| (place, (name, number)))
            })
            .collect();
        let texts = matches.get_many::<String>("params").into_iter().flatten();
        let places = matches.indices_of("params").into_iter().flatten();
        let settings = places.zip(texts).map(|(place, text)| {
            match files.iter().filter(|(file, _)| *file < place).max() {
                Some(&(_, file)) if FILES.contains(&file.0) => Ok(Setting { file, text: text.clone() }),
                _ => {
                    let sentence = format!("-p {text} does not stand behind the file that it is for");
                    Err(Error::raw(ErrorKind::ValueValidation, sentence))
                }
            }
        });
        settings.collect::<Result<_, _>>().map(Settings)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Settings::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Settings {
    fn augment_args(command: Command) -> Command {
        command.arg(
            Arg::new("params")
                .short('p')
                .long("param")
                .value_name("NAME=VALUE")
                .action(ArgAction::Append)
                .help("Set a parameter of the file, overlay or base, that stands in front of this (see \"ovl params\")"),
        )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Settings::augment_args(command)
    }
}
