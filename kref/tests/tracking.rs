// SPDX-License-Identifier: MIT OR Apache-2.0
//! K6 on counted boxes. The tracker is one per process, so all of it is one test, and the environment variable and
//! "off" are tried in processes of their own.
#![cfg(not(loom))]

use kref::{track, Ref};
use std::process::Command;
use std::thread;

struct Line(#[allow(dead_code)] u32);

/// Asks the tracker while it is being released: a lock held there would be a deadlock (K2).
struct Asks;
impl Drop for Asks {
    fn drop(&mut self) {
        track::outstanding();
        drop(Ref::new(0));
    }
}

fn holders<T>(object: &Ref<T>) -> Vec<track::Holder> {
    track::holders(object.as_raw().addr().get())
}

fn tags<T>(object: &Ref<T>) -> Vec<(String, usize)> {
    holders(object).into_iter().map(|h| (h.tag, h.count)).collect()
}

#[test]
fn k6_who_holds_what_is_known() {
    if let Ok(start) = std::env::var("HOLDFAST_TEST_REPORT") {
        let _held = Ref::new(Line(1));
        return print!("{start}{}", track::report());
    }

    track::set_level(1);
    track::set_tag(Some("chip"));
    let line = Ref::new(Line(7));
    let handed_over = line.clone();
    let eeprom = thread::Builder::new().name("probe".into());
    let other = line.clone();
    let theirs = eeprom
        .spawn(move || {
            track::set_tag(Some("eeprom"));
            [other.clone(), other.clone(), other]
        })
        .unwrap();
    let [one, two, three] = theirs.join().unwrap();
    assert_eq!(tags(&line), [("chip".into(), 3), ("eeprom".into(), 2)]);
    let probe = holders(&line).into_iter().find(|h| h.tag == "eeprom").unwrap();
    assert!(probe.thread.starts_with("probe "), "name and number, not {}", probe.thread);
    assert!(probe.backtrace.is_none());

    drop(handed_over);
    drop(three);
    assert_eq!(tags(&line), [("chip".into(), 1), ("eeprom".into(), 2)]);
    assert!(
        track::report().contains("2 × tracking::Line held by eeprom (thread probe "),
        "{}",
        track::report()
    );

    track::set_level(2);
    let here = line.clone();
    let newest = holders(&line).pop().unwrap();
    assert!(newest.backtrace.unwrap().contains("k6_who_holds_what_is_known"));

    drop((here, one, two, line));
    drop(Ref::new(Asks));
    assert_eq!(track::report(), "", "everything was let go");

    assert!(report_at_exit("1").contains("1 × tracking::Line held by (no tag)"));
    assert_eq!(report_at_exit("0"), "");
    assert_eq!(report_at_exit("nonsense"), "");
}

fn report_at_exit(level: &str) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "k6_who_holds_what_is_known", "--nocapture"]);
    let output = child.env("HOLDFAST_TRACK", level).env("HOLDFAST_TEST_REPORT", "<report>").output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let report = text.split_once("<report>").unwrap().1;
    report.split("test k6").next().unwrap().lines().filter(|line| line.starts_with("0x")).collect()
}
