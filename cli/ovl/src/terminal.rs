// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a terminal can show, and a pipe cannot.

use std::io::IsTerminal;

/// When to use colours.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Color {
    /// In a terminal, unless NO_COLOR is set; also in a pipe if CLICOLOR_FORCE is set
    Auto,
    /// Also in a pipe
    Always,
    /// Not in a terminal either
    Never,
}

/// How text is written.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    /// With lines from node to node, for somebody who looks at it.
    pub(crate) picture: bool,
    colors: bool,
}

/// Less important than what is around it.
pub(crate) const DIM: &str = "2";
/// More important.
pub(crate) const BOLD: &str = "1";

/// What overlays are told apart by, in the order of their application.
const OF_OVERLAYS: [&str; 6] = ["32", "33", "36", "35", "34", "31"];

/// The colour of the overlay that was applied as this one, beginning with 0.
pub(crate) fn of_overlay(place: usize) -> &'static str {
    OF_OVERLAYS[place % OF_OVERLAYS.len()]
}

impl Style {
    pub(crate) fn of_stdout(color: Color) -> Style {
        let terminal = std::io::stdout().is_terminal();
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let forced = set("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        let able = terminal && set("TERM").is_none_or(|term| term != "dumb");
        Style {
            picture: terminal || color == Color::Always,
            colors: match color {
                Color::Auto => (able || forced) && set("NO_COLOR").is_none(),
                Color::Always => true,
                Color::Never => false,
            },
        }
    }

    /// Text in colours (those of SGR, separated by semicolons).
    pub(crate) fn paint(self, colors: &str, text: &str) -> String {
        match self.colors && !colors.is_empty() && !text.is_empty() {
            true => format!("\x1b[{colors}m{text}\x1b[0m"),
            false => text.into(),
        }
    }
}
