// SPDX-License-Identifier: MIT OR Apache-2.0
//! The table of results, printed row by row as they come.

/// One comparison.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// What was done.
    pub what: &'static str,
    /// To what.
    pub input: String,
    /// Our figure.
    pub ours: String,
    /// The peer's figure, or empty where it has nothing to compare with.
    pub peer: String,
    /// Other peers' figures.
    pub others: String,
    /// The comparison.
    pub result: String,
    /// The goal, and whether it was met.
    pub goal: Option<(String, bool)>,
}

/// A table, and how many of its goals were met.
pub struct Table {
    goals: u32,
    met: u32,
}

impl Table {
    /// Prints the head of a table of `ours` beside `peer`.
    pub fn new(ours: &str, peer: &str) -> Self {
        println!("| what | input | {ours} | {peer} | others | result | goal | |");
        println!("|---|---|---|---|---|---|---|---|");
        Self { goals: 0, met: 0 }
    }

    /// Prints a row.
    pub fn row(&mut self, row: Row) {
        let (goal, verdict) = match &row.goal {
            Some((goal, true)) => (goal.as_str(), "met"),
            Some((goal, false)) => (goal.as_str(), "**not met**"),
            None => ("", ""),
        };
        self.goals += u32::from(row.goal.is_some());
        self.met += u32::from(verdict == "met");
        let Row { what, input, ours, peer, others, result, .. } = &row;
        println!("| {what} | {input} | {ours} | {peer} | {others} | {result} | {goal} | {verdict} |");
    }

    /// Prints how many goals were met.
    pub fn end(self) {
        println!("\n{} of {} goals met.", self.met, self.goals);
    }
}

/// Nanoseconds in a unit that suits them.
pub fn time(ns: f64) -> String {
    match ns {
        _ if ns < 1e3 => format!("{ns:.1} ns"),
        _ if ns < 1e6 => format!("{:.2} µs", ns / 1e3),
        _ if ns < 1e9 => format!("{:.2} ms", ns / 1e6),
        _ => format!("{:.2} s", ns / 1e9),
    }
}
