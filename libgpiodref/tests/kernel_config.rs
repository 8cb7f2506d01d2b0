// SPDX-License-Identifier: MIT OR Apache-2.0
//! Configurations of any kind, and what the kernel says afterwards of each line.

#[path = "../../tests/kernel/sim.rs"]
mod sim;

use gpiodref::{Bias, Chip, Clock, Config, Direction, Drive, Edge, Group};
use kref::Ref;
use proptest::prelude::*;
use proptest::test_runner::{Config as Cases, TestRunner};
use sim::Sim;
use std::collections::BTreeSet;

/// The attributes of a request, as the kernel's interface has them.
const ATTRIBUTES: usize = 10;

/// A configuration that gpio-sim can have: no hardware timestamps.
fn config() -> impl Strategy<Value = Config> {
    let edges = prop::sample::select(vec![Edge::None, Edge::Rising, Edge::Falling, Edge::Both]);
    let biases = prop::sample::select(vec![Bias::AsIs, Bias::Disabled, Bias::PullUp, Bias::PullDown]);
    let drives = prop::sample::select(vec![Drive::PushPull, Drive::OpenDrain, Drive::OpenSource]);
    let clocks = prop::sample::select(vec![Clock::Monotonic, Clock::Realtime]);
    let periods = prop::sample::select(vec![0, 0, 1_000, 30_000]);
    (any::<[bool; 3]>(), edges, biases, drives, clocks, periods).prop_map(
        |([output, active_low, value], edge, bias, drive, clock, debounce_us)| match output {
            true => Config { active_low, bias, drive, clock, ..Config::output(value) },
            false => Config { active_low, bias, edge, clock, debounce_us, ..Config::input() },
        },
    )
}

/// Configurations for so many lines, of few kinds or of many.
fn configs(lines: usize) -> impl Strategy<Value = Vec<Config>> {
    let kinds = prop::collection::vec(config(), 1..=14);
    (kinds, prop::collection::vec(any::<prop::sample::Index>(), lines))
        .prop_map(|(kinds, of)| of.iter().map(|kind| *kind.get(&kinds)).collect())
}

/// Lines of a chip of 64, in any order, and what they are configured as: first, and then.
fn requests() -> impl Strategy<Value = (Vec<u32>, Vec<Config>, Vec<Config>)> {
    (1..=64usize, Just((0..64).collect::<Vec<u32>>()).prop_shuffle())
        .prop_flat_map(|(lines, offsets)| (Just(offsets[..lines].to_vec()), configs(lines), configs(lines)))
}

/// How many attributes it takes, counted in another way than the library does.
fn attributes(configs: &[Config]) -> usize {
    let flags = |c: &Config| format!("{:?}", (c.direction, c.edge, c.bias, c.drive, c.clock, c.active_low));
    let kinds: BTreeSet<_> = configs.iter().map(flags).collect();
    let periods: BTreeSet<_> = configs.iter().map(|c| c.debounce_us).filter(|&us| us != 0).collect();
    let values = configs.iter().any(|c| c.value);
    kinds.len() - 1 + periods.len() + usize::from(values)
}

/// What the kernel tells of the lines is what was asked for; of the values of outputs, what they have.
fn check(chip: &Chip, group: &Group, wanted: &[Config]) {
    let values = group.values(u64::MAX >> (64 - wanted.len())).unwrap();
    for (n, (&offset, wanted)) in group.offsets().iter().zip(wanted).enumerate() {
        let told = chip.line_info(offset).unwrap();
        assert!(told.used && told.consumer == "test", "{told:?}");
        // The kernel does not tell a value, and knows no sharing and no buffer of single lines.
        assert_eq!(told.config, Config { value: false, ..*wanted }, "line {offset}");
        if wanted.direction == Direction::Output && wanted.drive == Drive::PushPull {
            assert_eq!(values >> n & 1 == 1, wanted.value, "line {offset}");
        }
    }
}

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn g7_the_kernel_has_what_was_asked_for_or_the_refusal_counts_the_attributes() {
    let _sim = Sim::new("board", 64, &[]);
    let chip: Ref<Chip> = Chip::open("board").unwrap();
    let (mut granted, mut refused) = (0, 0);
    let mut runner = TestRunner::new(Cases { failure_persistence: None, ..Cases::with_cases(60) });
    let mut tried = |result: Result<(), gpiodref::Error>, wanted: &[Config], group: Option<&Group>| {
        let fits = attributes(wanted) <= ATTRIBUTES;
        match result {
            Ok(()) => {
                assert!(fits, "{} attributes", attributes(wanted));
                check(&chip, group.unwrap(), wanted);
                granted += 1;
            }
            Err(error) => {
                assert!(!fits, "{error}");
                assert_eq!(error.errno(), libc::E2BIG, "{error}");
                let count = format!("{} attributes, and {ATTRIBUTES} is the most", attributes(wanted));
                assert!(error.to_string().contains(&count), "{error}");
                refused += 1;
            }
        }
    };
    let tried = std::cell::RefCell::new(&mut tried);
    let done = runner.run(&requests(), |(offsets, first, then)| {
        let tried = &mut *tried.borrow_mut();
        let (result, group) = match Group::request(&chip, &offsets, &first, "test") {
            Ok(group) => (Ok(()), Some(group)),
            Err(error) => (Err(error), None),
        };
        tried(result, &first, group.as_deref());
        if let Some(group) = &group {
            let result = group.reconfigure(&then);
            if result.is_err() {
                // A refusal leaves what was there.
                check(&chip, group, &first);
            }
            tried(result, &then, Some(group));
        }
        Ok(())
    });
    done.unwrap();
    println!("{granted} configurations granted and told back, {refused} refused as too many");
    assert!(granted > 20 && refused > 5, "{granted} granted, {refused} refused: one side was hardly tried");
}
