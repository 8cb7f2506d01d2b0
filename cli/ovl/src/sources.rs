// SPDX-License-Identifier: MIT OR Apache-2.0
//! The devicetree and the overlays of `ovl apply`, each with the parameters that stand behind it.

use clap::error::ErrorKind;
use clap::{value_parser, Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};
use std::path::PathBuf;

/// A file, and what `-p` says behind it.
pub(crate) struct Source {
    pub(crate) file: PathBuf,
    params: Vec<String>,
}

/// The base in front, and the overlays.
pub(crate) struct Sources {
    pub(crate) base: Source,
    pub(crate) overlays: Vec<Source>,
}

impl Source {
    pub(crate) fn params(&self) -> Vec<&str> {
        self.params.iter().map(String::as_str).collect()
    }
}

// By hand, since clap's derive does not say what stood where.
impl FromArgMatches for Sources {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Sources, Error> {
        let files = |name| {
            let places = matches.indices_of(name).into_iter().flatten();
            places.zip(matches.get_many::<PathBuf>(name).into_iter().flatten().cloned())
        };
        let mut sources: Vec<(usize, Source)> = files("base")
            .chain(files("overlays"))
            .map(|(place, file)| (place, Source { file, params: Vec::new() }))
            .collect();
        let params = matches.get_many::<String>("params").into_iter().flatten();
        for (place, param) in matches.indices_of("params").into_iter().flatten().zip(params) {
            match sources.iter_mut().rev().find(|&&mut (file, _)| file < place) {
                Some((_, source)) => source.params.push(param.clone()),
                None => {
                    let sentence = format!("-p {param} stands in front of the file that it is for");
                    return Err(Error::raw(ErrorKind::ValueValidation, sentence));
                }
            }
        }
        let mut sources = sources.into_iter().map(|(_, source)| source);
        let base = sources.next().ok_or_else(|| Error::new(ErrorKind::MissingRequiredArgument))?;
        Ok(Sources { base, overlays: sources.collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Sources::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Sources {
    fn augment_args(command: Command) -> Command {
        let path = value_parser!(PathBuf);
        command
            .arg(
                Arg::new("base")
                    .value_name("BASE")
                    .required(true)
                    .value_parser(path.clone())
                    .help("The devicetree: a .dtb file, a directory, or \"-\" for standard input"),
            )
            .arg(
                Arg::new("overlays")
                    .value_name("OVERLAY")
                    .required_unless_present("params")
                    .action(ArgAction::Append)
                    .num_args(1..)
                    .value_parser(path)
                    .help("The overlays (.dtbo), in the order of their application; \"-\" for standard input"),
            )
            .arg(
                Arg::new("params")
                    .short('p')
                    .long("param")
                    .value_name("NAME=VALUE")
                    .action(ArgAction::Append)
                    .help("Set a parameter of the overlay, or the base, that stands in front of it (see \"ovl params\")"),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Sources::augment_args(command)
    }
}
