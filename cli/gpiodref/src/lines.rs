// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which chips and lines are meant: names, and with --chip numbers too.

use clap::ValueHint;
use cli_common::{Failure, Result};
use gpiodref::{Chip, Config, Error, Group};
use kref::Ref;

/// What every command's help says of chips.
pub(crate) const CHIPS: &str =
    "A CHIP is a number, a name, a path or a label: 0, gpiochip0, /dev/gpiochip0, pca9555.";

/// Where lines are looked for.
#[derive(clap::Args)]
pub(crate) struct Scope {
    /// Look for the lines on this chip only; they may then be given by number
    #[arg(short, long, value_hint = ValueHint::Other)]
    pub(crate) chip: Option<String>,
    /// Take numbers for names
    #[arg(long)]
    by_name: bool,
}

/// A line that was asked for.
pub(crate) struct Line {
    pub(crate) offset: u32,
    /// Its name, or empty.
    pub(crate) name: String,
}

/// Lines of one chip that were asked for; `places` says where each of them stands among all.
pub(crate) struct Part {
    pub(crate) chip: Ref<Chip>,
    pub(crate) lines: Vec<Line>,
    pub(crate) places: Vec<usize>,
}

impl Part {
    /// Requests the lines: `config` makes a configuration of a line's place.
    pub(crate) fn request(&self, consumer: &str, config: impl Fn(usize) -> Config) -> Result<Ref<Group>> {
        let offsets: Vec<u32> = self.lines.iter().map(|line| line.offset).collect();
        let configs: Vec<Config> = self.places.iter().map(|&place| config(place)).collect();
        Ok(Group::request(&self.chip, &offsets, &configs, consumer)?)
    }
}

/// Opens the chip that a user means.
pub(crate) fn open(key: &str) -> gpiodref::Result<Ref<Chip>> {
    match key.parse::<u32>() {
        Ok(number) => Chip::open(&format!("gpiochip{number}")),
        Err(_) => Chip::open(key),
    }
}

/// These chips, or all of them if none are given; and what became of those that could not be opened.
pub(crate) fn chips(keys: &[String]) -> (Vec<Ref<Chip>>, Vec<Error>) {
    let opened: Vec<_> = match keys {
        [] => std::iter::successors(Chip::next(None), |name| Chip::next(Some(name)))
            .map(|name| Chip::open(&name))
            .collect(),
        keys => keys.iter().map(|key| open(key)).collect(),
    };
    let (mut chips, mut failed) = (Vec::new(), Vec::new());
    for result in opened {
        match result {
            Ok(chip) => chips.push(chip),
            Err(error) => failed.push(error),
        }
    }
    (chips, failed)
}

impl Scope {
    /// The chips on which lines are looked for; and what became of those that could not be opened.
    pub(crate) fn chips(&self) -> Result<(Vec<Ref<Chip>>, Vec<Error>)> {
        match &self.chip {
            Some(key) => Ok((vec![open(key)?], Vec::new())),
            None => Ok(chips(&[])),
        }
    }

    /// The offset that `key` stands for by itself, on a chip of its own.
    pub(crate) fn number(&self, key: &str) -> Option<u32> {
        let numbers = self.chip.is_some() && !self.by_name;
        key.parse().ok().filter(|_| numbers)
    }

    /// Finds lines, by chip. Of several that have a name the first is meant; if `strict`, that is an error.
    ///
    /// Everything that is wrong is told, not only the first thing.
    pub(crate) fn find(&self, keys: &[String], strict: bool) -> Result<Vec<Part>> {
        let (chips, unopened) = self.chips()?;
        let names = chips.iter().map(|chip| names(chip)).collect::<gpiodref::Result<Vec<_>>>()?;
        let mut wrong = Vec::new();
        let mut places: Vec<(usize, u32, &str)> = Vec::new();
        let mut parts: Vec<Part> =
            chips.iter().map(|chip| Part { chip: chip.clone(), lines: vec![], places: vec![] }).collect();
        for (place, key) in keys.iter().enumerate() {
            let number = self.number(key).filter(|&offset| offset < chips[0].num_lines());
            let found: Vec<(usize, u32)> = match number {
                Some(offset) => vec![(0, offset)],
                None => called(&names, key),
            };
            match found[..] {
                [] => wrong.push(self.missing(&chips, key)),
                [(one, a), (other, b), ..] if strict => wrong.push(Error::NotUnique(format!(
                    "{} line {a} and {} line {b} are both called \"{key}\"",
                    chips[one], chips[other]
                ))),
                [(chip, offset), ..] => {
                    match places.iter().find(|(c, o, _)| (*c, *o) == (chip, offset)) {
                        Some((_, _, first)) => wrong.push(Error::Invalid(format!(
                            "\"{first}\" and \"{key}\" are the same line: {} line {offset}",
                            chips[chip]
                        ))),
                        None => places.push((chip, offset, key)),
                    }
                    let name = names[chip][offset as usize].clone();
                    parts[chip].lines.push(Line { offset, name });
                    parts[chip].places.push(place);
                }
            }
        }
        if !wrong.is_empty() {
            wrong.extend(unopened);
            return Err(Failure::several(wrong));
        }
        parts.retain(|part| !part.lines.is_empty());
        Ok(parts)
    }

    /// What is wrong with a line that is not there.
    pub(crate) fn missing(&self, chips: &[Ref<Chip>], key: &str) -> Error {
        Error::NotFound(match (&self.chip, self.number(key)) {
            (None, _) => format!("no line of any chip is called \"{key}\""),
            (Some(_), None) => format!("{}: no line is called \"{key}\"", chips[0]),
            (Some(_), Some(offset)) => format!(
                "{}: it has {} lines, and no line {offset}; nor is one called so",
                chips[0],
                chips[0].num_lines()
            ),
        })
    }
}

/// What the lines of a chip are called.
fn names(chip: &Chip) -> gpiodref::Result<Vec<String>> {
    (0..chip.num_lines()).map(|offset| Ok(chip.line_info(offset)?.name)).collect()
}

/// The lines that have this name, as chip and offset.
fn called(names: &[Vec<String>], name: &str) -> Vec<(usize, u32)> {
    let of_chip = |(chip, names): (usize, &Vec<String>)| {
        let found = names.iter().enumerate().filter(|(_, n)| !n.is_empty() && *n == name);
        found.map(|(offset, _)| (chip, offset as u32)).collect::<Vec<_>>()
    };
    names.iter().enumerate().flat_map(of_chip).collect()
}
