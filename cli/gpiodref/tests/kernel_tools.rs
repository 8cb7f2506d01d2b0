// SPDX-License-Identifier: MIT OR Apache-2.0
//! The program `gpiodref` beside tools that nobody here wrote: Debian's `gpiod`, version 1.6.

mod sim;

use sim::{run, said, Running, Sim, GPIODREF};

/// What `gpioinfo` says of a line, with single blanks.
fn gpioinfo(sim: &Sim, offset: u32) -> String {
    let all = said("gpioinfo", &[&sim.chip()]);
    let start = format!("line {offset}:");
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    all.lines().map(words).find(|line| line.starts_with(&start)).unwrap()
}

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn gpiodetect_sees_the_same_chips() {
    let _sims = [Sim::new("one", 4, &[]), Sim::new("two", 70, &[])];
    let theirs = said("gpiodetect", &[]);
    assert_eq!(theirs.lines().count(), 2);
    assert_eq!(said(GPIODREF, &["detect"]), theirs);
}

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn g3_a_line_that_we_hold_is_busy_for_gpioget_under_our_name() {
    let sim = Sim::new("one", 4, &[(1, "WP")]);
    assert_eq!(gpioinfo(&sim, 1), "line 1: \"WP\" unused input active-high");
    let held = Running::new(&["set", "--banner", "--consumer", "the EEPROM", "--active-low", "WP=1"]);
    held.says();
    assert_eq!(gpioinfo(&sim, 1), "line 1: \"WP\" \"the EEPROM\" output active-low [used]");
    let (code, out, err) = run("gpioget", &[&sim.chip(), "1"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("Device or resource busy"), "{err}");
    held.signal("TERM");
    assert_eq!(held.ends().0, Some(0));
    assert_eq!(run("gpioget", &[&sim.chip(), "1"]).0, 0);
}

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn g3_a_line_that_gpioset_holds_is_busy_for_us_under_its_name() {
    let sim = Sim::new("one", 4, &[(1, "WP")]);
    let chip = sim.chip();
    let held = Running::once_it_has("WP", || Running::of("gpioset", &["--mode=signal", &chip, "1=1"]));
    let shown = format!("{chip} 1\t\"WP\"            \toutput consumer=\"gpioset\"\n");
    assert_eq!(said(GPIODREF, &["info", "WP"]), shown);
    let sentence = format!("gpiodref: {chip} (one) line 1 \"WP\": wanted by \"me\", held by \"gpioset\"\n");
    for args in [["get", "-C", "me", "WP"], ["set", "-C", "me", "WP=0"], ["mon", "-C", "me", "WP"]] {
        assert_eq!(run(GPIODREF, &args), (1, String::new(), sentence.clone()), "{args:?}");
    }
    assert!(sim.level(1), "nobody has touched it");
    held.signal("TERM");
    held.ends();
    said(GPIODREF, &["get", "WP"]);
}

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn values_are_theirs() {
    let sim = Sim::new("one", 4, &[(1, "A"), (2, "B")]);
    let chip = sim.chip();
    for (up, value) in [(true, "1"), (false, "0")] {
        sim.pull(1, up);
        assert_eq!(said("gpioget", &[&chip, "1", "2"]), format!("{value} 0\n"));
        assert_eq!(said(GPIODREF, &["get", "--numeric", "A", "B"]), format!("{value} 0\n"));
        assert_eq!(
            said("gpioget", &["--active-low", &chip, "1"]),
            said(GPIODREF, &["get", "--active-low", "--numeric", "A"])
        );
    }
    assert_eq!(said("gpiofind", &["B"]), format!("{chip} 2\n"));
}

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn edges_are_theirs() {
    let sim = Sim::new("one", 4, &[(1, "A")]);
    let (chip, format) = (sim.chip(), ["--num-events=3", "--format"]);
    let gpiomon = [&format[..], &["%o %e", "--line-buffered", &chip, "1"]].concat();
    let theirs = Running::once_it_has("A", || Running::of("gpiomon", &gpiomon));
    let ours = [&["mon", "--banner"], &format[..], &["%o %e", "A"]].concat();
    // Its 0 is a falling edge; so it was until version 2.
    let three_edges = |program: Running, falling: &str| {
        for (up, edge) in [(true, "1 1"), (false, falling), (true, "1 1")] {
            sim.pull(1, up);
            assert_eq!(program.says(), edge);
        }
        assert_eq!(program.ends(), (Some(0), vec![], vec![]));
        sim.pull(1, false);
    };
    three_edges(theirs, "1 0");
    let ours = Running::new(&ours);
    ours.says();
    three_edges(ours, "1 2");
}
