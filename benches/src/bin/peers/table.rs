// SPDX-License-Identifier: MIT OR Apache-2.0
//! The table of results, printed row by row as they come.

/// One comparison.
#[derive(Default)]
pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) input: String,
    pub(crate) ours: String,
    /// libfdt's figure, or empty where it has nothing to compare with.
    pub(crate) peer: String,
    pub(crate) others: String,
    pub(crate) result: String,
    /// The goal, and whether it was met.
    pub(crate) goal: Option<(String, bool)>,
}

pub(crate) struct Table {
    goals: u32,
    met: u32,
}

impl Table {
    pub(crate) fn new() -> Self {
        println!("| what | input | libovl | libfdt | others | result | goal | |");
        println!("|---|---|---|---|---|---|---|---|");
        Self { goals: 0, met: 0 }
    }

    pub(crate) fn row(&mut self, row: Row) {
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

    pub(crate) fn end(self) {
        println!("\n{} of {} goals met.", self.met, self.goals);
    }
}

/// Nanoseconds in a unit that suits them.
pub(crate) fn time(ns: f64) -> String {
    match ns {
        _ if ns < 1e3 => format!("{ns:.1} ns"),
        _ if ns < 1e6 => format!("{:.2} µs", ns / 1e3),
        _ if ns < 1e9 => format!("{:.2} ms", ns / 1e6),
        _ => format!("{:.2} s", ns / 1e9),
    }
}
