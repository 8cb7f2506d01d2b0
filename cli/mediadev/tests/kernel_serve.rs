// SPDX-License-Identifier: MIT OR Apache-2.0
//! `mediadev serve` on a real kernel: a copy of vimc's graph, for tools that nobody here wrote.

use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const MEDIADEV: &str = env!("CARGO_BIN_EXE_mediadev");
const NODE: &str = "/dev/media60";
/// Under emulation a second is little, but a minute is a failure.
const PATIENCE: Duration = Duration::from_secs(60);

/// It went well; what it printed.
#[track_caller]
fn said(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{program} {args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn until(mut happened: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !happened() {
        assert!(Instant::now() < end, "it did not come");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// `mediadev serve`, beside the test.
struct Served(Child);

impl Served {
    fn new(described: &Path) -> Self {
        let mut command = Command::new(MEDIADEV);
        command.args(["serve", "--name", "media60"]).arg(described);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, format!("{NODE}\n"));
        Served(child)
    }

    fn terminate(&self) {
        said("kill", &["-s", "TERM", &self.0.id().to_string()]);
    }

    fn has_ended(&mut self) -> Option<Option<i32>> {
        self.0.try_wait().unwrap().map(|status| status.code())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
#[ignore = "needs cuse: make check-kernel"]
fn m11_a_node_that_the_system_takes_away_ends_it() {
    let described = std::env::temp_dir().join("little.json");
    fs::write(&described, r#"{ "device": { "driver": "little", "model": "Little" }, "entities": [] }"#)
        .unwrap();
    let mut served = Served::new(&described);
    fs::write("/sys/class/cuse/media60/abort", "1").unwrap();
    let mut ended = None;
    until(|| {
        ended = served.has_ended();
        ended.is_some()
    });
    assert_eq!(ended, Some(Some(3)));
    fs::remove_file(&described).unwrap();
}

#[test]
#[ignore = "needs vimc and cuse: make check-kernel"]
fn m11_a_graph_that_a_file_describes_is_a_device_for_any_program() {
    let list: Value = serde_json::from_str(&said(MEDIADEV, &["list", "--json", "vimc"])).unwrap();
    let vimc = list[0]["name"].as_str().unwrap();
    let of_vimc = |command: &str| said(MEDIADEV, &[command, "-d", vimc]);
    let mut graph: Value =
        serde_json::from_str(&said(MEDIADEV, &["topology", "-d", vimc, "--json"])).unwrap();
    graph["device"]["driver"] = "copy".into();
    graph["device"]["bus_info"] = "platform:copy".into();
    let described = std::env::temp_dir().join("copy-of-vimc.json");
    fs::write(&described, graph.to_string()).unwrap();

    let mut served = Served::new(&described);
    assert_eq!(said(MEDIADEV, &["list", "copy"]), "media60 [VIMC MDEV] copy (platform:copy)\n");
    let copied = |command: &str| said(MEDIADEV, &[command, "-d", "copy"]);
    assert_eq!(copied("links"), of_vimc("links"));
    // The nodes of its entities are vimc's.
    assert_eq!(copied("formats"), of_vimc("formats"));
    assert_eq!(copied("topology"), said("media-ctl", &["-d", NODE, "-p"]));
    assert_eq!(
        said(MEDIADEV, &["topology", "-d", "copy", "--dot"]),
        said("media-ctl", &["-d", NODE, "--print-dot"])
    );
    let before = of_vimc("links");
    said("media-ctl", &["-d", NODE, "-l", "'RGB/YUV Input':0->'Scaler':0[1]"]);
    assert!(copied("links").contains("\"RGB/YUV Input\":0 -> \"Scaler\":0[1]\n"));
    said(MEDIADEV, &["reset", "-d", "copy"]);
    assert!(copied("links").contains("\"RGB/YUV Input\":0 -> \"Scaler\":0[0]\n"));
    assert_eq!(of_vimc("links"), before);

    // It goes under those who have it open, and waits for them.
    let held = fs::File::open(NODE).unwrap();
    served.terminate();
    until(|| !Path::new(NODE).exists());
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(served.has_ended(), None);
    drop(held);
    let mut ended = None;
    until(|| {
        ended = served.has_ended();
        ended.is_some()
    });
    assert_eq!(ended, Some(Some(0)));
    fs::remove_file(&described).unwrap();
}
