// SPDX-License-Identifier: MIT OR Apache-2.0
//! The program `mediadev` on vimc and vivid of a real kernel, beside media-ctl.

use serde_json::Value;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const MEDIADEV: &str = env!("CARGO_BIN_EXE_mediadev");
const DRIVER: &str = "/sys/bus/platform/drivers/vimc";
/// Under emulation a second is little, but a minute is a failure.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a program left behind: exit code, standard output, standard error.
fn run(program: &str, args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// It went well; what it printed.
#[track_caller]
fn said(program: &str, args: &[&str]) -> String {
    let (code, out, err) = run(program, args);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{program} {args:?}");
    out
}

#[track_caller]
fn mediadev(args: &[&str]) -> String {
    said(MEDIADEV, args)
}

#[track_caller]
fn json(args: &[&str]) -> Value {
    serde_json::from_str(&mediadev(args)).unwrap()
}

/// It failed with this exit code; what it complained of.
#[track_caller]
fn fails(code: i32, args: &[&str]) -> String {
    let (ended, out, err) = run(MEDIADEV, args);
    assert_eq!((ended, out.as_str()), (Some(code), ""), "{args:?}: {err}");
    err
}

/// Where the device of a driver is: "/dev/media0".
fn path(driver: &str) -> String {
    format!("/dev/{}", json(&["list", "--json", driver])[0]["name"].as_str().unwrap())
}

/// vimc with the links that it begins with, and where it is.
fn vimc() -> String {
    mediadev(&["links", "-d", "vimc", "--reset", "'Debayer A':1 -> 'Scaler':0[1]"]);
    path("vimc")
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn devices_are_listed_and_say_what_they_are() {
    let (vimc, vivid) = (path("vimc"), path("vivid"));
    let list = mediadev(&["list"]);
    let name = |path: &str| path.trim_start_matches("/dev/").to_owned();
    assert_eq!(list.lines().count(), 2, "{list}");
    assert!(list.contains(&format!("{} [VIMC MDEV] vimc (platform:vimc)\n", name(&vimc))), "{list}");
    assert!(list.contains(&format!("{} [vivid] vivid (platform:vivid-000)\n", name(&vivid))), "{list}");
    let both = json(&["info", "--json"]);
    let one = json(&["info", "--json", &vimc]);
    assert!(both.as_array().unwrap().contains(&one[0]), "{both}");
    assert_eq!((&one[0]["bus_info"], &one[0]["serial"]), (&"platform:vimc".into(), &Value::Null));
    // The head of what media-ctl prints.
    let theirs = said("media-ctl", &["-d", &vimc, "-p"]);
    let (head, _) = theirs.split_once("\n\nDevice topology").unwrap();
    let (version, rest) =
        head.split_once("\n\nMedia device information\n------------------------\n").unwrap();
    let version = version.trim_start_matches("Media controller API version ");
    let ours = format!("node            {}\nAPI version     {version}\n{rest}\n", name(&vimc));
    assert_eq!(mediadev(&["info", "vimc"]), ours);
    let number = name(&vimc).trim_start_matches("media").to_owned();
    assert_eq!(mediadev(&["info", &number]), ours);
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn where_there_are_several_devices_none_is_guessed() {
    for command in ["topology", "links", "formats", "reset"] {
        let said = fails(1, &[command]);
        assert_eq!(
            said,
            "mediadev: there are several media devices, and --device says which: media0, media1\n"
        );
    }
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn m12_the_topology_is_what_media_ctl_prints() {
    for driver in ["vimc", "vivid"] {
        let path = path(driver);
        assert_eq!(mediadev(&["topology", "-d", driver]), said("media-ctl", &["-d", &path, "-p"]));
        assert_eq!(
            mediadev(&["topology", "-d", driver, "--dot"]),
            said("media-ctl", &["-d", &path, "--print-dot"])
        );
    }
    let all = mediadev(&["topology", "-d", "vimc"]);
    let scaler = mediadev(&["topology", "-d", "vimc", "Scaler"]);
    assert!(
        scaler.starts_with("- entity ") && scaler.contains(": Scaler (2 pads, ") && all.contains(&scaler)
    );
    let theirs = said("media-ctl", &["-d", &path("vimc"), "-p", "-e", "Scaler"]);
    assert!(theirs.contains(scaler.trim_end()), "{theirs}");
    let sensors = mediadev(&["topology", "-d", "vimc", "Scaler", "Sensor ?"]);
    assert_eq!(sensors.matches("- entity ").count(), 3, "{sensors}");
    let nothing = fails(1, &["topology", "-d", "vimc", "Sensor A", "Nothing"]);
    assert!(nothing.contains(" (platform:vimc): no entity is called \"Nothing\"\n"), "{nothing}");
    assert!(nothing.ends_with("\"mediadev topology\" what is in one\n"), "{nothing}");
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn m12_the_topology_as_json_has_everything() {
    let path = vimc();
    let graph = json(&["topology", "-d", "vimc", "--json"]);
    assert_eq!(graph["device"], json(&["info", "--json", "vimc"])[0]);
    let count = |what: &str| graph[what].as_array().unwrap().len();
    assert_eq!(["entities", "interfaces", "links"].map(count), [11, 11, 21]);
    let entities = graph["entities"].as_array().unwrap();
    let sensor = entities.iter().find(|entity| entity["name"] == "Sensor A").unwrap();
    assert_eq!(sensor["function"], "CAM_SENSOR");
    let node = said("media-ctl", &["-d", &path, "-e", "Sensor A"]);
    assert_eq!(sensor["devnode"], node.trim_end());
    let pad = &sensor["pads"][0];
    assert_eq!((&pad["index"], &pad["flags"][0]), (&0.into(), &"SOURCE".into()));
    let formats = json(&["formats", "-d", "vimc", "--json", "'Sensor A':0"]);
    assert_eq!(
        (&formats[0]["entity"], &formats[0]["format"], &formats[0]["crop"]),
        (&"Sensor A".into(), &pad["format"], &pad["crop"])
    );
    assert_eq!(pad["format"]["code"].as_str().map(|code| code.is_empty()), Some(false), "{pad}");
    let kinds =
        |kind: &str| graph["links"].as_array().unwrap().iter().filter(|link| link["kind"] == kind).count();
    assert_eq!(["data", "interface", "ancillary"].map(kinds), [8, 11, 2]);
    let links = json(&["links", "-d", "vimc", "--json"]);
    assert_eq!(links.as_array().unwrap().len(), 8);
    let to_the_scaler: Vec<_> =
        links.as_array().unwrap().iter().filter(|link| link["sink"]["entity"] == "Scaler").collect();
    let ends: Vec<_> = to_the_scaler.iter().map(|link| (&link["source"]["entity"], &link["flags"])).collect();
    assert!(ends.contains(&(&"Debayer A".into(), &serde_json::json!(["ENABLED"]))), "{links}");
    assert!(ends.contains(&(&"Debayer B".into(), &serde_json::json!([]))), "{links}");
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn m14_links_that_one_sets_the_other_sees() {
    let path = vimc();
    let theirs = |args: &[&str]| said("media-ctl", &[&["-d", &path], args].concat());
    let has = |line: &str| {
        let links = mediadev(&["links", "-d", "vimc"]);
        assert!(links.lines().any(|link| link == line), "{line}: {links}");
    };
    let began = mediadev(&["links", "-d", "vimc"]);
    assert_eq!(began.lines().count(), 8, "{began}");
    has("\"Debayer A\":1 -> \"Scaler\":0[1]");
    has("\"Debayer B\":1 -> \"Scaler\":0[0]");
    has("\"Sensor A\":0 -> \"Debayer A\":0[3]");
    assert_eq!(
        mediadev(&["links", "-d", "vimc", "'Debayer A':1->'Scaler':0[0], 'Debayer B':1->'Scaler':0[1]"]),
        ""
    );
    let printed = theirs(&["-p"]);
    assert!(printed.contains("<- \"Debayer A\":1 []\n"), "{printed}");
    assert!(printed.contains("<- \"Debayer B\":1 [ENABLED]\n"), "{printed}");
    theirs(&["-l", "'Debayer B':1->'Scaler':0[0]"]);
    has("\"Debayer B\":1 -> \"Scaler\":0[0]");
    mediadev(&["links", "-d", "vimc", "'Debayer B':1->'Scaler':0[1]"]);
    mediadev(&["reset", "-d", "vimc"]);
    let ours = theirs(&["-p"]);
    assert!(ours.contains("<- \"Debayer B\":1 []\n"), "{ours}");
    theirs(&["-l", "'Debayer B':1->'Scaler':0[1]"]);
    theirs(&["-r"]);
    assert_eq!(theirs(&["-p"]), ours);
    // What is shown can be given again, to either program.
    let again = began.trim_end().replace('\n', ", ");
    mediadev(&["links", "-d", "vimc", &again]);
    assert_eq!(mediadev(&["links", "-d", "vimc"]), began);
    mediadev(&["links", "-d", "vimc", "--reset"]);
    theirs(&["-l", &again]);
    assert_eq!(mediadev(&["links", "-d", "vimc"]), began);
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn m14_what_cannot_be_set_is_told_by_name() {
    vimc();
    for (args, sentence) in [
        (
            ["links", "-d", "vimc", "'Sensor A':0->'Debayer A':0[0]"].as_slice(),
            "\"Sensor A\":0 -> \"Debayer A\":0: MEDIA_IOC_SETUP_LINK: Invalid argument (os error 22)",
        ),
        (&["links", "-d", "vimc", "'Sensor Z':0->'Scaler':0[1]"], "no entity is called \"Sensor Z\""),
        (&["formats", "-d", "vimc", "'Sensor Z':0"], "no entity is called \"Sensor Z\""),
        (&["formats", "-d", "vimc", "'Sensor A':0[@1/30]"], "the device does not know this call"),
        (
            &["formats", "-d", "vimc", "-R", "'Scaler'"],
            "VIDIOC_SUBDEV_G_ROUTING: the device does not know this call",
        ),
        (&["formats", "-d", "vivid", "'vivid-000-vid-cap':0"], "is no sub-device with a node"),
    ] {
        let said = fails(1, args);
        assert!(
            said.starts_with("mediadev: media") && said.lines().next().is_some_and(|l| l.ends_with(sentence)),
            "{args:?}: {said}"
        );
    }
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn m14_nothing_is_reset_for_links_that_are_not_there() {
    vimc();
    let before = mediadev(&["links", "-d", "vimc"]);
    for links in ["'Debayer A':1->'Nothing':0[1]", "'Sensor A':0->'Scaler':0[1]"] {
        fails(1, &["links", "-d", "vimc", "--reset", links]);
        assert_eq!(mediadev(&["links", "-d", "vimc"]), before);
    }
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn m14_formats_that_one_sets_the_other_sees() {
    let path = vimc();
    let theirs = |args: &[&str]| said("media-ctl", &[&["-d", &path], args].concat());
    let ours = |pad: &str| mediadev(&["formats", "-d", "vimc", pad]);
    let began = mediadev(&["formats", "-d", "vimc"]);
    assert!(
        began.lines().all(|line| line.starts_with('"') && line.contains(":") && line.ends_with(']')),
        "{began}"
    );
    let set = "'Sensor A':0[fmt:SRGGB8_1X8/320x240 field:none colorspace:srgb]";
    assert_eq!(mediadev(&["formats", "-d", "vimc", set]), "");
    assert!(theirs(&["--get-v4l2", "'Sensor A':0"])
        .contains("[fmt:SRGGB8_1X8/320x240 field:none colorspace:srgb"));
    // It goes on along the link that is enabled.
    assert!(ours("'Debayer A':0").starts_with("\"Debayer A\":0[fmt:SRGGB8_1X8/320x240 field:none"));
    theirs(&["-V", "'Scaler':0[crop:(16,8)/128x64]"]);
    assert!(ours("'Scaler':0").ends_with("crop:(16,8)/128x64]\n"));
    let scaler = &json(&["formats", "-d", "vimc", "--json", "'Scaler':0"])[0];
    let crop = serde_json::json!({ "left": 16, "top": 8, "width": 128, "height": 64 });
    assert_eq!((&scaler["pad"], &scaler["crop"], &scaler["interval"]), (&0.into(), &crop, &Value::Null));
    // Text of the graph says it too.
    assert_eq!(mediadev(&["topology", "-d", "vimc"]), theirs(&["-p"]));
    // What is shown can be given again.
    mediadev(&["formats", "-d", "vimc", &began.trim_end().replace('\n', ", ")]);
    assert_eq!(mediadev(&["formats", "-d", "vimc"]), began);
    // None of these sub-devices knows of routes.
    assert_eq!(mediadev(&["formats", "-d", "vimc", "--routes"]), "");
    assert_eq!(json(&["formats", "-d", "vimc", "--routes", "--json"]), serde_json::json!([]));
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn sub_devices_that_nobody_may_open_are_told_and_the_graph_is_shown() {
    let path = vimc();
    let whole = mediadev(&["topology", "-d", "vimc"]);
    // For who may open the device and nothing else.
    let program = std::env::temp_dir().join("mediadev-of-others");
    std::fs::copy(MEDIADEV, &program).unwrap();
    said("chmod", &["a+rw", &path]);
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", program.to_str().unwrap()];
    let (code, out, err) = run("setpriv", &[&nobody[..], &["topology", "-d", &path]].concat());
    said("chmod", &["go-rw", &path]);
    std::fs::remove_file(&program).unwrap();
    let no_formats = whole.lines().filter(|line| !line.starts_with("\t\t[") && !line.starts_with("\t\t "));
    assert_eq!((code, out), (Some(1), no_formats.map(|line| format!("{line}\n")).collect::<String>()));
    let (err, next) = err.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(next, "mediadev: \"ls -l /dev/media* /dev/v4l-subdev*\" shows who may open the devices");
    assert_eq!(
        err.lines().count(),
        whole.matches("subtype").count() - whole.matches("type Node").count(),
        "{err}"
    );
    assert!(err.lines().all(|line| line.starts_with("mediadev: media")), "{err}");
    assert!(err.lines().all(|line| line.ends_with(": open: Permission denied (os error 13)")), "{err}");
    assert!(err.contains("\"Sensor A\" (1): /dev/v4l-subdev"), "{err}");
}

/// Binds vimc again, whatever becomes of the test.
struct Unbound;

impl Unbound {
    fn new() -> Self {
        std::fs::write(format!("{DRIVER}/unbind"), "vimc.0").unwrap();
        Unbound
    }
}

impl Drop for Unbound {
    fn drop(&mut self) {
        std::fs::write(format!("{DRIVER}/bind"), "vimc.0").unwrap();
        let began = Instant::now();
        while run(MEDIADEV, &["info", "vimc"]).0 != Some(0) {
            assert!(began.elapsed() < PATIENCE, "vimc did not come back");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Another path to a device, which stays when the device goes.
struct Other(&'static str);

impl Other {
    fn new(device: &str) -> Self {
        const AT: &str = "/dev/other-path-to-vimc";
        let number = Path::new(device).metadata().unwrap().rdev();
        let (major, minor) = (number >> 8 & 0xfff, number & 0xff | number >> 12 & 0xf_ff00);
        said("mknod", &[AT, "c", &major.to_string(), &minor.to_string()]);
        Other(AT)
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(self.0);
    }
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn m13_a_device_that_has_gone_is_exit_code_3() {
    let other = Other::new(&path("vimc"));
    mediadev(&["topology", "-d", other.0]);
    let _unbound = Unbound::new();
    for command in ["topology", "links", "formats", "reset"] {
        let said = fails(3, &[command, "-d", other.0]);
        assert_eq!(said, format!("mediadev: {}: open: the device is gone\n", other.0));
        assert!(fails(1, &[command, "-d", "vimc"]).contains("no media device has"));
    }
    fails(3, &["info", other.0]);
    fails(1, &["info", other.0, "vimc"]);
    assert_eq!(mediadev(&["list"]).lines().count(), 1);
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn a_reader_who_has_seen_enough_is_no_error() {
    let command = format!("{MEDIADEV} topology -d vimc --json | true; exit ${{PIPESTATUS[0]}}");
    assert_eq!(run("bash", &["-c", &command]), (Some(0), String::new(), String::new()));
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn the_example_in_readme_does_what_it_says() {
    vimc();
    let program = Path::new(MEDIADEV).parent().unwrap().display();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/shell/graph.sh");
    let said = said("sh", &["-c", &format!("PATH={program}:$PATH exec {example}")]);
    assert!(said.starts_with(&mediadev(&["list"])), "{said}");
    assert_eq!(said.matches("- entity ").count(), 2, "{said}");
    let last = said.lines().last().unwrap();
    assert!(last.starts_with("\"Debayer B\":0[fmt:SRGGB8_1X8/320x240 field:none"), "{said}");
    let links = mediadev(&["links", "-d", "vimc"]);
    assert!(links.contains("\"Debayer B\":1 -> \"Scaler\":0[0]\n"), "{links}");
}
