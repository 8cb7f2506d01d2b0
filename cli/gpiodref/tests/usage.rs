// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line of `gpiodref`, as far as no chip is needed.

use std::process::{Command, Output};

/// What helps where something is not found; said once, however much that is.
const NEXT: &str = "gpiodref: \"gpiodref detect\" lists the chips, \"gpiodref info\" their lines\n";

fn gpiodref(args: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_gpiodref")).args(args).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn what_cannot_be_understood_is_exit_code_2() {
    for args in [
        [].as_slice(),
        &["nonsense"],
        &["get"],
        &["get", "--bias", "up", "wp"],
        &["get", "--as-is", "--bias", "pull-up", "wp"],
        &["get", "--json", "--numeric", "wp"],
        &["get", "--hold-period", "1h", "wp"],
        &["set"],
        &["set", "wp"],
        &["set", "wp=2"],
        &["set", "--toggle", "1s,x", "wp=1"],
        &["set", "--drive", "open", "wp=1"],
        &["mon"],
        &["mon", "--edges", "up", "wp"],
        &["mon", "--num-events", "0", "wp"],
        &["mon", "--debounce-period", "5000s", "wp"],
        &["mon", "--utc", "--localtime", "wp"],
        &["mon", "--json", "--quiet", "wp"],
        &["watch", "--event", "taken"],
    ] {
        let (code, out, err) = gpiodref(args);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{args:?}");
        assert!(err.contains("--help"), "{args:?}: {err}");
    }
}

#[test]
fn the_options_of_libgpiods_tools_are_understood() {
    for args in [
        "get --as-is --by-name --chip nope --consumer me --active-low --hold-period 10ms --numeric --strict x",
        "get -a -c nope -C me -l -p 10us -s --unquoted x",
        "get -b pull-down -c nope x",
        "set -b pull-up --banner --by-name -c nope -C me -d open-drain -l -p 1s -s -t 100,200ms,0 x=1 y=off",
        "set -c nope --drive open-source --hold --blink 1s \"x\"=active",
        "mon -b disabled --banner --by-name -c nope -C me -e rising -E realtime -F %o -l -n 3 -p 5ms -s x",
        "mon -c nope --edges both --event-clock hte --idle-timeout 1s --localtime --quiet --unquoted x",
        "watch --banner --by-name -c nope -e released -F %a -n 1 -q -s --utc x",
        "info --by-name -c nope -s --unquoted x",
        "detect nope",
    ] {
        let (code, out, err) = gpiodref(&args.split(' ').collect::<Vec<_>>());
        let sentence = format!("gpiodref: no GPIO chip has the path, name or label \"nope\"\n{NEXT}");
        assert_eq!((code, out.as_str(), err), (Some(1), "", sentence), "{args}");
    }
}

#[test]
fn a_chip_is_what_it_is_called_or_a_number() {
    for (key, sentence, next) in [
        ("987654", "/dev/gpiochip987654: there is no such GPIO chip", NEXT),
        ("gpiochip987654", "/dev/gpiochip987654: there is no such GPIO chip", NEXT),
        ("/dev/nope", "/dev/nope: there is no such GPIO chip", NEXT),
        ("/dev/null", "/dev/null: GPIO_GET_CHIPINFO_IOCTL: this is not a GPIO chip", ""),
    ] {
        let (code, _, err) = gpiodref(&["get", "-c", key, "0"]);
        assert_eq!((code, err), (Some(1), format!("gpiodref: {sentence}\n{next}")), "{key}");
    }
}

#[test]
fn every_line_that_is_not_there_is_told() {
    let (code, out, err) = gpiodref(&["set", "--strict", "no such line=1", "nor this=0"]);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains("\"no such line\"") && err.contains("\"nor this\""), "{err}");
    assert_eq!(err.matches(NEXT).count(), 1, "{err}");
}

#[test]
fn the_version_is_that_of_the_package() {
    let version = concat!("gpiodref ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(gpiodref(&["--version"]), (Some(0), version.into(), String::new()));
}
