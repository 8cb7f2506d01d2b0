// SPDX-License-Identifier: MIT OR Apache-2.0
//! Times several ways to do a thing in turn, so that a noisy machine is noisy for all of them.

use crate::process::running;
use std::time::{Duration, Instant};

/// How long one turn of one arm takes, about: long for the clock, short for the neighbours on the machine.
const TURN: Duration = Duration::from_millis(4);
/// How long all turns of one comparison may take. What is slow gets fewer turns, but never fewer than `ROUNDS.0`.
const BUDGET: Duration = Duration::from_secs(3);
const ROUNDS: (u32, u32) = (5, 251);

/// One way to do the thing: does it so many times and tells how long that took.
pub type Arm<'a> = Box<dyn FnMut(u32) -> Duration + 'a>;

/// An arm that is timed as a whole, what it returns being dropped inside.
pub fn arm<'a, T>(run: impl FnMut() -> T + 'a) -> Arm<'a> {
    timed(running, run)
}

/// The same by the clock, for what others do while this thread waits.
pub fn arm_by_clock<'a, T>(run: impl FnMut() -> T + 'a) -> Arm<'a> {
    let start = Instant::now();
    timed(move || start.elapsed(), run)
}

fn timed<'a, T>(now: impl Fn() -> Duration + 'a, mut run: impl FnMut() -> T + 'a) -> Arm<'a> {
    Box::new(move |times| {
        let start = now();
        for _ in 0..times {
            std::hint::black_box(run());
        }
        now() - start
    })
}

/// What was measured of one arm.
pub struct Figure {
    /// Median of the nanoseconds for one time.
    pub ns: f64,
    /// Median of the ratios, round by round, of this arm's time to the first arm's.
    pub times_first: f64,
}

/// The one in the middle.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Runs the arms in turn.
pub fn compare(arms: &mut [Arm]) -> Vec<Figure> {
    let counts: Vec<u32> = arms.iter_mut().map(calibrate).collect();
    let round: Duration = arms.iter_mut().zip(&counts).map(|(arm, &count)| arm(count)).sum();
    let rounds = (BUDGET.as_nanos() / round.as_nanos().max(1)) as u32;
    let mut times = vec![Vec::new(); arms.len()];
    for _ in 0..rounds.clamp(ROUNDS.0, ROUNDS.1) {
        for ((arm, &count), times) in arms.iter_mut().zip(&counts).zip(&mut times) {
            times.push(arm(count).as_nanos() as f64 / f64::from(count));
        }
    }
    let ratios = |arm: &Vec<f64>| arm.iter().zip(&times[0]).map(|(mine, first)| mine / first).collect();
    times.iter().map(|arm| Figure { ns: median(arm.clone()), times_first: median(ratios(arm)) }).collect()
}

/// How often an arm runs in one turn; this is its warm-up, too.
fn calibrate(arm: &mut Arm) -> u32 {
    let mut count = 1;
    loop {
        let took = arm(count);
        if took * 2 >= TURN {
            return (u128::from(count) * TURN.as_nanos() / took.as_nanos()).max(1) as u32;
        }
        count *= 2;
    }
}
