// SPDX-License-Identifier: MIT OR Apache-2.0
//! The program `gpiodref` on simulated chips of a real kernel.

mod sim;

use serde_json::Value;
use sim::{run, said, until, Running, Sim, GPIODREF};
use std::time::{Duration, Instant};

fn gpiodref(args: &[&str]) -> String {
    said(GPIODREF, args)
}

#[track_caller]
fn json(args: &[&str]) -> Value {
    serde_json::from_str(&gpiodref(args)).unwrap()
}

#[track_caller]
fn fails(args: &[&str], sentences: &str) {
    assert_eq!(run(GPIODREF, args), (1, String::new(), sentences.to_owned()), "{args:?}");
}

/// A line without its time, which stands before the first tab.
#[track_caller]
fn after_time(line: &str) -> &str {
    let (time, rest) = line.split_once('\t').unwrap();
    let (seconds, nanoseconds) = time.split_once('.').unwrap();
    assert!(seconds.parse::<u64>().is_ok() && nanoseconds.len() == 9, "{line}");
    rest
}

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn detect_and_info_show_chips_and_lines() {
    let (one, two) = (Sim::new("one", 4, &[(1, "WP"), (3, "LED")]), Sim::new("two", 70, &[(64, "WP")]));
    let (a, b) = (one.chip(), two.chip());
    assert_eq!(gpiodref(&["detect"]), format!("{a} [one] (4 lines)\n{b} [two] (70 lines)\n"));
    assert_eq!(gpiodref(&["detect", "two"]), format!("{b} [two] (70 lines)\n"));
    let described = json(&["detect", "--json", &a]);
    assert_eq!(described, serde_json::json!([{ "name": a, "label": "one", "num_lines": 4 }]));

    let held = Running::new(&["set", "--banner", "-C", "the test", "-d", "open-drain", "-l", "LED=1"]);
    assert_eq!(held.says(), "Setting line 'LED'...");
    let shown = format!(
        "{a} - 4 lines:\n\
         \tline   0:\tunnamed         \tinput\n\
         \tline   1:\t\"WP\"            \tinput\n\
         \tline   2:\tunnamed         \tinput\n\
         \tline   3:\t\"LED\"           \toutput active-low drive=open-drain consumer=\"the test\"\n"
    );
    assert_eq!(gpiodref(&["info", "-c", "one"]), shown);
    assert!(gpiodref(&["info"]).starts_with(&(shown + &format!("{b} - 70 lines:\n"))));
    let wp = |chip: &str, offset| format!("{chip} {offset}\t\"WP\"            \tinput\n");
    assert_eq!(gpiodref(&["info", "WP"]), wp(&a, 1));
    assert_eq!(gpiodref(&["info", "--strict", "WP"]), wp(&a, 1) + &wp(&b, 64));
    assert_eq!(
        gpiodref(&["info", "-c", "two", "--unquoted", "64"]),
        wp(&b, 64).replace("\"WP\"  ", "WP    ")
    );
    let described = json(&["info", "-c", &a, "--json", "3"]);
    assert_eq!(described[0]["label"], "one");
    let line = &described[0]["lines"][0];
    assert_eq!((&line["name"], &line["consumer"]), (&"LED".into(), &"the test".into()));
    assert_eq!((&line["direction"], &line["active_low"]), (&"output".into(), &true.into()));
    let (code, out, err) = run(GPIODREF, &["info", "-c", "one", "WP", "nope", "4"]);
    assert_eq!((code, out), (1, wp(&a, 1)));
    assert_eq!(
        err,
        format!(
            "gpiodref: {a} (one): no line is called \"nope\"\n\
             gpiodref: {a} (one): it has 4 lines, and no line 4; nor is one called so\n\
             gpiodref: \"gpiodref detect\" lists the chips, \"gpiodref info\" their lines\n"
        )
    );
}

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn get_reads_lines_by_name_and_number_of_several_chips() {
    let (one, two) = (Sim::new("one", 4, &[(1, "A"), (3, "7")]), Sim::new("two", 70, &[(69, "B")]));
    one.pull(1, true);
    one.pull(2, true);
    assert_eq!(gpiodref(&["get", "B", "A"]), "\"B\"=inactive \"A\"=active\n");
    assert_eq!(gpiodref(&["get", "--unquoted", "-l", "B", "A"]), "B=active A=inactive\n");
    assert_eq!(gpiodref(&["get", "-c", "one", "--numeric", "0", "1", "2", "7"]), "0 1 1 0\n");
    assert_eq!(gpiodref(&["get", "-c", "two", "-b", "pull-up", "--numeric", "69"]), "1\n");
    assert_eq!(
        json(&["get", "--json", "-c", "one", "2", "A"]),
        serde_json::json!([
            { "chip": one.chip(), "offset": 2, "name": null, "value": 1 },
            { "chip": one.chip(), "offset": 1, "name": "A", "value": 1 },
        ])
    );
    let a = one.chip();
    fails(
        &["get", "-c", "one", "A", "1", "--by-name", "nope"],
        &format!(
            "gpiodref: {a} (one): no line is called \"1\"\ngpiodref: {a} (one): no line is called \"nope\"\n\
             gpiodref: \"gpiodref detect\" lists the chips, \"gpiodref info\" their lines\n"
        ),
    );
    fails(
        &["get", "-c", "one", "A", "1"],
        &format!("gpiodref: \"A\" and \"1\" are the same line: {a} (one) line 1\n"),
    );
    let all: Vec<String> = (0..65).map(|offset: u32| offset.to_string()).collect();
    let args: Vec<&str> = ["get", "-c", "two"].into_iter().chain(all.iter().map(String::as_str)).collect();
    fails(&args, &format!("gpiodref: {} (two): 65 lines, and 64 is the most of a request\n", two.chip()));
}

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn get_as_is_leaves_an_output_an_output() {
    let sim = Sim::new("one", 2, &[(0, "A")]);
    gpiodref(&["set", "--toggle", "0", "A=1"]);
    let direction = || json(&["info", "--json", "A"])[0]["lines"][0]["direction"].clone();
    assert_eq!(direction(), "output");
    // The simulator takes the level of a line back that nobody has.
    sim.pull(0, true);
    assert_eq!(gpiodref(&["get", "--as-is", "--numeric", "A"]), "1\n");
    assert_eq!(direction(), "output");
    gpiodref(&["get", "A"]);
    assert_eq!(direction(), "input");
}

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn of_several_lines_of_a_name_the_first_is_meant_unless_strict() {
    let (one, two) = (Sim::new("one", 4, &[(1, "A")]), Sim::new("two", 4, &[(2, "A")]));
    two.pull(2, true);
    assert_eq!(gpiodref(&["get", "--numeric", "A"]), "0\n");
    assert_eq!(gpiodref(&["get", "--numeric", "-c", "two", "--strict", "A"]), "1\n");
    let (a, b) = (one.chip(), two.chip());
    fails(
        &["get", "--strict", "A"],
        &format!("gpiodref: {a} (one) line 1 and {b} (two) line 2 are both called \"A\"\n"),
    );
}

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn g3_a_line_that_somebody_has_is_refused_with_his_name() {
    let sim = Sim::new("one", 4, &[(1, "WP")]);
    let held = Running::new(&["set", "--banner", "-C", "the EEPROM", "WP=1"]);
    held.says();
    let chip = sim.chip();
    fails(
        &["get", "WP"],
        &format!("gpiodref: {chip} (one) line 1 \"WP\": wanted by \"gpiodref\", held by \"the EEPROM\"\n"),
    );
}

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn set_holds_lines_until_a_signal() {
    let sim = Sim::new("one", 4, &[(1, "A"), (2, "B")]);
    for signal in ["INT", "TERM"] {
        let held = Running::new(&["set", "--banner", "B=1", "A=0"]);
        assert_eq!(held.says(), "Setting lines 'B', and 'A'...");
        assert_eq!((sim.level(1), sim.level(2)), (false, true));
        let holder = || json(&["info", "--json", "B"])[0]["lines"][0]["consumer"].clone();
        assert_eq!(holder(), "gpiodref");
        held.signal(signal);
        assert_eq!(held.ends(), (Some(0), vec![], vec![]), "{signal}");
        assert_eq!(holder(), Value::Null);
    }
}

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn set_toggles_lines_and_holds_each_value() {
    let sim = Sim::new("one", 4, &[(1, "A")]);
    let seen = Running::new(&["watch", "--banner", "-n", "2", "A"]);
    seen.says();
    let start = Instant::now();
    gpiodref(&["set", "--hold-period", "300ms", "--toggle", "10ms,1us,0", "A=1"]);
    assert!(start.elapsed() >= Duration::from_millis(900), "three values, each for 300 ms");
    assert_eq!(after_time(&seen.says()), "requested\t\"A\"");
    assert_eq!(after_time(&seen.says()), "released\t\"A\"");

    // It goes on for ever, and a signal ends it.
    let blinking = Running::new(&["set", "--blink", "20ms", "-l", "A=1"]);
    for _ in 0..3 {
        until(|| sim.level(1));
        until(|| !sim.level(1));
    }
    blinking.signal("INT");
    assert_eq!(blinking.ends(), (Some(0), vec![], vec![]));

    let held = Running::new(&["set", "--toggle", "10ms,0", "--hold", "A=0"]);
    until(|| sim.level(1));
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(json(&["info", "--json", "A"])[0]["lines"][0]["used"], true);
    held.signal("TERM");
    assert_eq!(held.ends(), (Some(0), vec![], vec![]));
}

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn mon_prints_edges_as_they_come() {
    let sim = Sim::new("one", 8, &[(1, "A"), (2, "B")]);
    let chip = sim.chip();
    let mon = Running::new(&["mon", "--banner", "A", "B"]);
    assert_eq!(mon.says(), "Monitoring lines 'A', and 'B'...");
    sim.pull(1, true);
    assert_eq!(after_time(&mon.says()), "rising\t\"A\"");
    sim.pull(2, true);
    assert_eq!(after_time(&mon.says()), "rising\t\"B\"");
    sim.pull(1, false);
    assert_eq!(after_time(&mon.says()), "falling\t\"A\"");
    mon.signal("INT");
    assert_eq!(mon.ends(), (Some(0), vec![], vec![]));

    let mon = Running::new(&[
        "mon",
        "--banner",
        "-n1",
        "-e",
        "falling",
        "-F",
        "%c %o %l %e %E %%",
        "-c",
        "one",
        "5",
    ]);
    mon.says();
    sim.pull(5, true);
    sim.pull(5, false);
    let line = format!("{chip} 5 unnamed 2 falling %");
    assert_eq!(mon.ends(), (Some(0), vec![line], vec![]));

    let mon = Running::new(&["mon", "--banner", "-n1", "-c", "one", "2"]);
    mon.says();
    sim.pull(2, false);
    assert_eq!(after_time(&mon.says()), format!("falling\t{chip} 2 \"B\""));

    let mon = Running::new(&["mon", "--banner", "--utc", "-n1", "B"]);
    mon.says();
    sim.pull(2, true);
    let line = mon.says();
    assert!(line.starts_with("20") && line.ends_with("Z\trising\t\"B\""), "{line}");

    assert_eq!(gpiodref(&["mon", "--idle-timeout", "50ms", "--quiet", "B"]), "");
}

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn mon_writes_an_edge_as_a_line_of_json() {
    let sim = Sim::new("one", 8, &[(1, "A")]);
    let mon = Running::once_it_has("A", || Running::new(&["mon", "--json", "-n2", "-E", "realtime", "A"]));
    for (number, edge) in [(1, "rising"), (2, "falling")] {
        sim.pull(1, edge == "rising");
        let mut event: Value = serde_json::from_str(&mon.says()).unwrap();
        let time = event["timestamp_ns"].take().as_u64().unwrap();
        assert!(time > 1_600_000_000_000_000_000, "{time}");
        assert_eq!(
            event,
            serde_json::json!({
                "chip": sim.chip(), "offset": 1, "name": "A", "event": edge, "timestamp_ns": null,
                "event_clock": "realtime", "line_seqno": number, "seqno": number,
            })
        );
    }
    assert_eq!(mon.ends(), (Some(0), vec![], vec![]));
}

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn g7_mon_says_how_many_edges_were_lost() {
    let sim = Sim::new("one", 8, &[(1, "A")]);
    let mon = Running::once_it_has("A", || Running::new(&["mon", "--json", "A"]));
    mon.stop();
    // The system makes more than 16 events of these, how many ever, and keeps the last 16.
    for _ in 0..50 {
        for up in [true, false] {
            sim.pull(1, up);
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    mon.signal("CONT");
    let number = |line: &str| serde_json::from_str::<Value>(line).unwrap()["seqno"].as_u64().unwrap();
    let first = number(&mon.says());
    for after in 1..16 {
        assert_eq!(number(&mon.says()), first + after);
    }
    let (chip, lost) = (sim.chip(), first - 1);
    assert_ne!(lost, 0);
    assert_eq!(
        mon.warns(),
        format!("gpiodref: {chip} (one) lines [1]: {lost} events came too fast and were lost")
    );
    mon.signal("INT");
    assert_eq!(mon.ends(), (Some(0), vec![], vec![]));
}

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn g5_a_command_whose_chip_goes_says_so_and_ends_with_3() {
    let sim = Sim::new("one", 8, &[(1, "A"), (2, "B"), (3, "C")]);
    let chip = sim.chip();
    let mon = Running::new(&["mon", "--banner", "A"]);
    let held = Running::new(&["set", "--banner", "-C", "the EEPROM", "B=1"]);
    let blinking = Running::new(&["set", "--banner", "--blink", "1000s", "C=1"]);
    let watch = Running::new(&["watch", "--banner", "--event", "reconfigured"]);
    for program in [&mon, &held, &blinking, &watch] {
        program.says();
    }
    sim.pull(1, true);
    assert_eq!(after_time(&mon.says()), "rising\t\"A\"");
    sim.unplug();
    for (program, what) in [
        (mon, "line 1 \"A\" of \"gpiodref\": read"),
        (held, "line 2 \"B\" of \"the EEPROM\": GPIO_V2_LINE_GET_VALUES_IOCTL"),
        (blinking, "line 3 \"C\" of \"gpiodref\": GPIO_V2_LINE_GET_VALUES_IOCTL"),
    ] {
        let sentence = format!("gpiodref: {chip} (one) {what}: the chip is gone");
        assert_eq!(program.ends(), (Some(3), vec![], vec![sentence]));
    }
    let sentence = format!("gpiodref: watching {chip} (one): read: the chip is gone");
    assert_eq!(watch.ends(), (Some(3), vec![], vec![sentence]));
}

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn g4_mon_reattach_finds_the_lines_again_by_label_and_name() {
    let sim = Sim::new("one", 8, &[(1, "A")]);
    let mon = Running::new(&["mon", "--reattach", "--banner", "A"]);
    mon.says();
    for _ in 0..2 {
        let old = sim.chip();
        sim.unplug();
        let gone = format!("gpiodref: {old} (one) line 1 \"A\" of \"gpiodref\": read: the chip is gone");
        assert_eq!(mon.warns(), format!("{gone}; waiting for it to come back"));
        // Somebody else's chip gets a number meanwhile.
        let other = Sim::new("other", 8, &[(1, "A")]);
        sim.plug();
        assert_ne!(sim.chip(), old);
        assert_eq!(mon.warns(), format!("gpiodref: {} (one) is back", sim.chip()));
        other.pull(1, true);
        sim.pull(1, true);
        assert_eq!(after_time(&mon.says()), "rising\t\"A\"");
        sim.pull(1, false);
        assert_eq!(after_time(&mon.says()), "falling\t\"A\"");
    }
    sim.unplug();
    mon.warns();
    mon.signal("INT");
    assert_eq!(mon.ends(), (Some(0), vec![], vec![]));
    sim.plug();
    let sentence = format!(
        "gpiodref: {} (one) line 5: it has no name by which --reattach could find it again\n",
        sim.chip()
    );
    fails(&["mon", "--reattach", "-c", "one", "1", "5"], &sentence);
}

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn watch_prints_who_takes_and_leaves_lines() {
    let sim = Sim::new("one", 4, &[(1, "A"), (2, "B")]);
    let chip = sim.chip();
    let plain = Running::new(&["watch", "--banner", "-c", "one"]);
    let chosen =
        Running::new(&["watch", "--banner", "-e", "requested", "-F", "%c %o %l %e %E %C: %a", "B", "A"]);
    assert_eq!(plain.says(), "Watching all lines...");
    assert_eq!(chosen.says(), "Watching lines 'B', and 'A'...");
    gpiodref(&["set", "-C", "me", "-t0", "B=1"]);
    gpiodref(&["get", "-c", "one", "3", "1"]);
    for line in [
        "requested\tX 2 \"B\"",
        "released\tX 2 \"B\"",
        "requested\tX 3",
        "requested\tX 1 \"A\"",
        "released\tX 3",
        "released\tX 1 \"A\"",
    ] {
        assert_eq!(after_time(&plain.says()), line.replace('X', &chip));
    }
    assert_eq!(chosen.says(), format!("{chip} 2 B 1 requested me: output consumer=\"me\""));
    assert_eq!(chosen.says(), format!("{chip} 1 A 1 requested gpiodref: input consumer=\"gpiodref\""));

    let mut structured = Running::new(&["watch", "--json", "-n1", "-e", "requested", "A"]);
    until(|| {
        gpiodref(&["get", "A"]);
        structured.has_ended()
    });
    let event: Value = serde_json::from_str(&structured.says()).unwrap();
    assert_eq!(event["chip"], chip.as_str());
    assert_eq!((&event["event"], &event["consumer"]), (&"requested".into(), &"gpiodref".into()));
}

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn who_waits_at_a_terminal_is_told_how_long() {
    let _sim = Sim::new("one", 4, &[(1, "A")]);
    let command = |stderr| format!("TERM=xterm {GPIODREF} get --hold-period 1500ms --numeric A {stderr}");
    let shown = said("script", &["-qec", &command(""), "/dev/null"]);
    let line = "\rreading in 1 s\x1b[K";
    let rest = shown.strip_prefix(line).unwrap_or_else(|| panic!("{shown:?}"));
    assert_eq!(rest.replace(line, ""), "\r\x1b[K0\r\n");
    assert_eq!(said("script", &["-qec", &command("2>/dev/null"), "/dev/null"]), "0\r\n");
}

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn a_reader_who_has_seen_enough_is_no_error() {
    let sim = Sim::new("one", 4, &[(1, "A")]);
    let command = format!("{GPIODREF} mon --banner A | head -n 1; exit ${{PIPESTATUS[0]}}");
    let mut mon = Running::of("bash", &["-c", &command]);
    assert_eq!(mon.says(), "Monitoring line 'A'...");
    let mut up = false;
    until(|| {
        up = !up;
        sim.pull(1, up);
        mon.has_ended()
    });
    assert_eq!(mon.ends(), (Some(0), vec![], vec![]));
}
