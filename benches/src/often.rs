// SPDX-License-Identifier: MIT OR Apache-2.0
//! Comparisons made in several processes, one after another: an emulator can take twice as long for the same code at another address.

use crate::measure::{compare, median, Arm};
use std::process::{Command, Stdio};

/// Processes, each of which measures everything.
const PROCESSES: usize = 5;

/// What was measured of one comparison.
#[derive(Clone, Debug)]
pub struct Measured {
    /// What was done.
    pub what: &'static str,
    /// To what.
    pub input: &'static str,
    /// The most that the ratio should be.
    pub goal: f64,
    /// Nanoseconds of each arm: ours, the peer, others.
    pub ns: Vec<f64>,
    /// Of our time to the peer's.
    pub ratio: f64,
}

impl Measured {
    /// Times arms of which the first is ours and the second the peer's.
    pub fn of(what: &'static str, input: &'static str, goal: f64, arms: &mut [Arm]) -> Self {
        let figures = compare(arms);
        let ns = figures.iter().map(|figure| figure.ns).collect();
        Measured { what, input, goal, ns, ratio: 1.0 / figures[1].times_first }
    }

    fn numbers(&self) -> Vec<f64> {
        let mut numbers = self.ns.clone();
        numbers.push(self.ratio);
        numbers
    }
}

/// For [`medians`]: the numbers, a comparison a line.
pub fn print(all: &[Measured]) {
    for measured in all {
        println!("{}", measured.numbers().iter().map(f64::to_string).collect::<Vec<_>>().join(" "));
    }
}

/// What was measured here, and by this program when it is called again, with `argument`, on which it has to [`print`]: the medians.
///
/// # Panics
/// When that fails.
pub fn medians(mut all: Vec<Measured>, argument: &str) -> Vec<Measured> {
    let lists = |m: &Measured| m.numbers().into_iter().map(|number| vec![number]).collect();
    let mut numbers: Vec<Vec<Vec<f64>>> = all.iter().map(lists).collect();
    for process in 1..PROCESSES {
        eprintln!("{process} of {PROCESSES} processes have measured");
        let this = std::env::current_exe().expect("this program");
        let done = Command::new(this).arg(argument).stderr(Stdio::inherit()).output();
        let done = done.expect("another process of this program");
        assert!(done.status.success(), "{}", done.status);
        let said = String::from_utf8(done.stdout).expect("text");
        assert_eq!(said.lines().count(), numbers.len(), "{said}");
        for (numbers, row) in numbers.iter_mut().zip(said.lines()) {
            let row = row.split(' ').map(|n| n.parse().expect("a number"));
            numbers.iter_mut().zip(row).for_each(|(numbers, number)| numbers.push(number));
        }
    }
    for (measured, numbers) in all.iter_mut().zip(numbers) {
        let mut medians: Vec<f64> = numbers.into_iter().map(median).collect();
        measured.ratio = medians.pop().expect("the ratio");
        measured.ns = medians;
    }
    all
}
