// SPDX-License-Identifier: MIT OR Apache-2.0
//! Nodes of the kernel: vimc, whose graph has sub-devices and links, and vivid, whose has interfaces of many kinds. What the library
//! says is what media-ctl prints, and what either sets the other one sees.

use kref::Ref;
use mediadev::uapi::{self, v4l2};
use mediadev::{formats, names, Direction, EntityInfo, Kind, LinkInfo, Node, PadInfo, Topology};
use std::ffi::CStr;
use std::fmt::Write;
use std::process::Command;
use std::sync::Barrier;
use std::time::{Duration, Instant};

const DRIVER: &str = "/sys/bus/platform/drivers/vimc";
/// Under emulation a second is little, but a minute is a failure.
const PATIENCE: Duration = Duration::from_secs(60);

fn media_ctl(device: &str, words: &[&str]) -> String {
    let said = Command::new("media-ctl").args(["-d", device]).args(words).output().unwrap();
    assert!(said.status.success(), "media-ctl {words:?}: {said:?}");
    String::from_utf8(said.stdout).unwrap()
}

fn device(node: &Node) -> String {
    format!("/dev/{}", node.name().to_str().unwrap())
}

/// What media-ctl -p prints, from what the library says.
fn printed(node: &Node) -> String {
    let version = |number: u32| format!("{}.{}.{}", number >> 16, number >> 8 & 0xff, number & 0xff);
    let text = |text: &CStr| text.to_str().unwrap().to_owned();
    let (info, raw) = (node.info(), node.info().raw());
    let mut out = format!("Media controller API version {}\n\n", version(raw.media_version));
    out += "Media device information\n------------------------\n";
    for (what, value) in [
        ("driver", text(info.driver())),
        ("model", text(info.model())),
        ("serial", text(info.serial())),
        ("bus info", text(info.bus_info())),
        ("hw revision", format!("{:#x}", raw.hw_revision)),
        ("driver version", version(raw.driver_version)),
    ] {
        writeln!(out, "{what:16}{value}").unwrap();
    }
    out += "\nDevice topology\n";
    let topology = node.topology_read().unwrap();
    topology.entities().for_each(|entity| print_entity(node, &topology, &entity, &mut out));
    out
}

fn print_entity(node: &Node, topology: &Topology, entity: &EntityInfo, out: &mut String) {
    let many = |count: u32, what: &str| format!("{count} {what}{}", if count > 1 { "s" } else { "" });
    let begin = format!("- entity {}: ", entity.id);
    let (pads, links) = (many(entity.num_pads, "pad"), many(entity.num_links, "link"));
    writeln!(out, "{begin}{} ({pads}, {links})", entity.name().to_str().unwrap()).unwrap();
    let (kind, subtype) = names::type_and_subtype(topology.old_type(entity));
    let space = " ".repeat(begin.len());
    writeln!(out, "{space}type {kind} subtype {subtype} flags {:x}", entity.flags).unwrap();
    if let Ok(path) = topology.devnode(entity.id) {
        writeln!(out, "{space}device node name {path}").unwrap();
    }
    for pad in topology.pads_of(entity.id) {
        let flow = if pad.flags & uapi::PAD_SINK != 0 { "Sink" } else { "Source" };
        writeln!(out, "\tpad{}: {flow}", pad.index).unwrap();
        if kind == "V4L2 subdev" {
            print_format(node, topology, &pad, out);
        }
        topology.links_of(pad.id).for_each(|link| print_link(topology, &pad, &link, out));
    }
    out.push('\n');
}

fn print_format(node: &Node, topology: &Topology, pad: &PadInfo, out: &mut String) {
    let subdev = node.subdev(topology, pad.entity_id).unwrap();
    let settings = subdev.settings(pad.index, 0).unwrap();
    let format = settings.format.unwrap();
    write!(out, "\t\t[fmt:{}/{}x{}", formats::code(format.code), format.width, format.height).unwrap();
    if let Some(interval) = settings.interval {
        write!(out, "{interval}").unwrap();
    }
    write!(out, " field:{}", formats::field(format.field)).unwrap();
    if format.colorspace != 0 {
        write!(out, " colorspace:{}", formats::colorspace(format.colorspace)).unwrap();
    }
    for (what, target) in [
        ("crop.bounds", v4l2::CROP_BOUNDS),
        ("crop", v4l2::CROP),
        ("compose.bounds", v4l2::COMPOSE_BOUNDS),
        ("compose", v4l2::COMPOSE),
    ] {
        if let Ok(rect) = subdev.selection(pad.index, 0, target) {
            write!(out, "\n\t\t {what}:{rect}").unwrap();
        }
    }
    out.push_str("]\n");
}

fn print_link(topology: &Topology, pad: &PadInfo, link: &LinkInfo, out: &mut String) {
    let (arrow, entity, index) = match link.source_id == pad.id {
        true => ("->", link.sink_entity, link.sink_pad),
        false => ("<-", link.source_entity, link.source_pad),
    };
    let entity = topology.entity_by_id(entity).unwrap();
    let flags = names::link_flags(link.flags);
    writeln!(out, "\t\t{arrow} \"{}\":{index} [{flags}]", entity.name().to_str().unwrap()).unwrap();
}

/// Everything that media-ctl prints is what the library says.
#[track_caller]
fn same_as_media_ctl(node: &Node) {
    let (ours, theirs) = (printed(node), media_ctl(&device(node), &["-p"]));
    let differ = ours.lines().zip(theirs.lines()).find(|(ours, theirs)| ours != theirs);
    assert!(ours == theirs, "the library and media-ctl: {differ:?}\n{ours}");
}

/// vimc with the links that it begins with.
fn vimc() -> Ref<Node> {
    let node = Node::open("platform:vimc").unwrap();
    node.reset_links().unwrap();
    node.setup_links("'Debayer A':1 -> 'Scaler':0 [1]").unwrap();
    node
}

fn pad(topology: &Topology, entity: &CStr, index: u32) -> u32 {
    topology.pad_of(topology.find(entity).unwrap().id, index).unwrap().id
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn a_node_is_found_by_path_name_bus_information_and_driver() {
    let all: Vec<String> = std::iter::successors(Node::next(None), |prev| Node::next(Some(prev))).collect();
    let driver = |name: &String| Node::open(name).unwrap().info().driver().to_owned();
    let mut drivers: Vec<_> = all.iter().map(driver).collect();
    drivers.sort();
    assert_eq!(drivers, [c"vimc", c"vivid"]);
    let node = Node::open("platform:vimc").unwrap();
    let path = device(&node);
    for key in ["vimc", path.as_str(), path.trim_start_matches("/dev/")] {
        let same = Node::open(key).unwrap();
        assert_eq!((same.info().bus_info(), same.name()), (c"platform:vimc", node.name()), "{key}");
    }
    let info = node.info();
    assert_eq!((info.driver(), info.model(), info.serial()), (c"vimc", c"VIMC MDEV", c""));
    assert_eq!(node.to_string(), format!("{} (platform:vimc)", node.name().to_str().unwrap()));
    assert!(node.is_alive());
    assert_eq!(Node::open("media99").err().unwrap().kind(), Kind::NotFound);
    assert_eq!(Node::open("/dev/video0").err().unwrap().kind(), Kind::Invalid);
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn m12_the_topology_is_what_media_ctl_prints() {
    for key in ["vimc", "vivid"] {
        let node = Node::open(key).unwrap();
        same_as_media_ctl(&node);
        let topology = node.topology_read().unwrap();
        let dot = topology.to_dot(|entity| topology.devnode(entity.id).ok());
        assert_eq!(dot, media_ctl(&device(&node), &["--print-dot"]), "{key}");
        for entity in topology.entities() {
            let path = topology.devnode(entity.id).unwrap();
            let theirs = media_ctl(&device(&node), &["-e", entity.name().to_str().unwrap()]);
            assert_eq!(format!("{path}\n"), theirs);
            assert_eq!(topology.entity_by_devnode(path.as_ref()).unwrap().id, entity.id);
        }
    }
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn m12_all_kinds_of_things_are_there() {
    let node = Node::open("vimc").unwrap();
    // From the first call, which has more room than it needs, and from the next, which has just enough.
    let (first, next) = (node.topology_read().unwrap(), node.topology_read().unwrap());
    assert_eq!(first.version(), next.version());
    for topology in [first, next] {
        let counts = [topology.num_entities(), topology.num_pads(), topology.num_interfaces()];
        assert_eq!(counts, [11, 12, 11]);
        let of_kind = |kind| topology.links().filter(|link| link.kind() == kind).count();
        let kinds = [uapi::LINK_DATA, uapi::LINK_INTERFACE, uapi::LINK_ANCILLARY].map(of_kind);
        assert_eq!(kinds, [8, 11, 2]);
        let sensor = topology.find(c"Sensor A").unwrap();
        assert_eq!((sensor.function, topology.by_function(sensor.function).count()), (0x2_0001, 3));
        let lens = topology.links().find(|link| link.kind() == uapi::LINK_ANCILLARY).unwrap();
        let lens_name = topology.entity_by_id(lens.sink_entity).unwrap().name().to_owned();
        assert_eq!((lens.source_entity, lens_name.as_c_str()), (sensor.id, c"Lens A"));
        let reached = topology.walk(sensor.id, Direction::Downstream, false).unwrap();
        assert!(reached.iter().any(|entity| entity.name() == c"RGB/YUV Capture"), "{reached:?}");
    }
    let vivid = Node::open("vivid").unwrap().topology_read().unwrap();
    let mut kinds: Vec<_> = vivid.interfaces().map(|interface| names::interface(interface.kind)).collect();
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds, ["V4L_RADIO", "V4L_SWRADIO", "V4L_TOUCH", "V4L_VBI", "V4L_VIDEO"]);
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn m12_the_first_version_of_the_interface_tells_the_same() {
    for key in ["vimc", "vivid"] {
        let node = Node::open(key).unwrap();
        let (new, old) = (node.topology_read().unwrap(), node.topology_read_legacy().unwrap());
        let entities = |t: &Topology| {
            let told = |e: EntityInfo| {
                let (name, node) = (e.name().to_owned(), t.devnode(e.id).ok());
                (e.id, name, t.old_type(&e), e.flags, e.num_pads, e.num_links, node)
            };
            t.entities().map(told).collect::<Vec<_>>()
        };
        assert_eq!(entities(&old), entities(&new), "{key}");
        let pads = |t: &Topology| t.pads().map(|p| (p.entity_id, p.index, p.flags)).collect::<Vec<_>>();
        assert_eq!(pads(&old), pads(&new), "{key}");
        let links = |t: &Topology| {
            let data = t.links().filter(|link| link.kind() == uapi::LINK_DATA);
            let told = |l: LinkInfo| (l.source_entity, l.source_pad, l.sink_entity, l.sink_pad, l.flags);
            let mut all: Vec<_> = data.map(told).collect();
            all.sort();
            all
        };
        assert_eq!(links(&old), links(&new), "{key}");
    }
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn m14_links_that_one_sets_the_other_sees() {
    let node = vimc();
    let at = device(&node);
    same_as_media_ctl(&node);
    let enabled = |source| {
        let topology = node.topology_read().unwrap();
        let link = topology.link_between(pad(&topology, source, 1), pad(&topology, c"Scaler", 0));
        link.unwrap().is_enabled()
    };
    node.setup_links("'Debayer A':1->'Scaler':0[0], \"Debayer B\":1 -> \"Scaler\":0 [1]").unwrap();
    assert!(!enabled(c"Debayer A") && enabled(c"Debayer B"));
    same_as_media_ctl(&node);
    media_ctl(&at, &["-l", "'Debayer A':1->'Scaler':0[1],'Debayer B':1->'Scaler':0[0]"]);
    assert!(enabled(c"Debayer A") && !enabled(c"Debayer B"));
    let topology = node.topology_read().unwrap();
    let (source, sink) = (pad(&topology, c"Debayer A", 1), pad(&topology, c"Scaler", 0));
    node.setup_link(source, sink, 0).unwrap();
    assert!(!enabled(c"Debayer A"));
    node.setup_link(source, sink, uapi::LINK_ENABLED).unwrap();
    same_as_media_ctl(&node);
    node.reset_links().unwrap();
    assert!(!enabled(c"Debayer A"));
    let ours = printed(&node);
    // By pads that this node has not been asked for yet.
    Node::open(&at).unwrap().setup_link(source, sink, uapi::LINK_ENABLED).unwrap();
    assert!(enabled(c"Debayer A"));
    media_ctl(&at, &["-r"]);
    assert_eq!(printed(&node), ours);
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn m14_links_that_cannot_be_set_are_told_by_name() {
    let node = vimc();
    let name = node.to_string();
    let told = |links: &str| {
        let error = node.setup_links(links).unwrap_err();
        (error.errno(), error.to_string().replace(&name, "vimc"))
    };
    let (errno, said) = told("'Sensor A':0->'Debayer A':0[0]");
    assert_eq!(errno, libc::EINVAL);
    assert_eq!(
        said,
        "vimc: \"Sensor A\":0 -> \"Debayer A\":0: MEDIA_IOC_SETUP_LINK: Invalid argument (os error 22)"
    );
    // What it has it may be given again.
    node.setup_links("'Sensor A':0->'Debayer A':0[1]").unwrap();
    let none = |said: &str| (libc::ENOENT, format!("vimc: {said}"));
    let scaler = node.topology_read().unwrap().find(c"Scaler").unwrap();
    assert_eq!(
        told("'Sensor A':0->'Scaler':0[1]"),
        none("there is no link from \"Sensor A\":0 to \"Scaler\":0")
    );
    assert_eq!(told("'Sensor C':0->'Scaler':0[1]"), none("no entity is called \"Sensor C\""));
    assert_eq!(told("'Scaler':7->'Scaler':0[1]"), none(&format!("{scaler}: it has 2 pads, and no pad 7")));
    assert_eq!(told("'Scaler'").0, libc::EINVAL);
    // All is found before the first is changed.
    let before = printed(&node);
    assert_eq!(told("'Debayer A':1->'Scaler':0[0],'Debayer A':1->'Nothing':0[0]").0, libc::ENOENT);
    assert_eq!(printed(&node), before);
    let error = node.setup_link(1, 2, 0).unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(error.to_string().ends_with("no pad has the id 0x1"), "{error}");
}

fn notation(node: &Node, pad: Option<&str>) -> String {
    mediadev::notation::joined(&node.formats(pad).unwrap())
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn m14_formats_that_one_sets_the_other_sees() {
    let node = vimc();
    let at = device(&node);
    let before = notation(&node, None);
    node.set_formats("'Sensor A':0[fmt:SRGGB8_1X8/320x240 field:none colorspace:srgb]").unwrap();
    same_as_media_ctl(&node);
    // It goes on along the link that is enabled.
    assert!(notation(&node, Some("'Sensor A':0")).contains("[fmt:SRGGB8_1X8/320x240 field:none"));
    assert!(notation(&node, Some("'Debayer A':0")).contains("[fmt:SRGGB8_1X8/320x240 field:none"));
    assert!(!notation(&node, Some("'Debayer B':0")).contains("320x240"));
    media_ctl(&at, &["-V", "'Sensor B':0[fmt:SRGGB8_1X8/400x300]"]);
    assert!(notation(&node, Some("'Debayer B':0")).contains("400x300"));
    node.set_formats("'Scaler':0[crop:(16,8)/128x64], 'Scaler':1[fmt:RGB888_1X24/320x240]").unwrap();
    let scaler = notation(&node, Some("'Scaler':0"));
    assert!(scaler.ends_with("crop:(16,8)/128x64]"), "{scaler}");
    same_as_media_ctl(&node);
    media_ctl(&at, &["-V", "'Scaler':0[crop:(0,0)/100x50]"]);
    assert!(notation(&node, Some("'Scaler':0")).ends_with("crop:(0,0)/100x50]"));
    // What is told can be set: it is then as it was.
    node.set_formats(&before).unwrap();
    assert_eq!(notation(&node, None), before);
    media_ctl(&at, &["-V", &before]);
    assert_eq!(notation(&node, None), before);
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn m14_formats_that_cannot_be_set_are_told_by_name() {
    let node = vimc();
    let name = node.to_string();
    let told = |result: mediadev::Result<()>| {
        let error = result.unwrap_err();
        (error.errno(), error.to_string().replace(&name, "vimc"))
    };
    let (errno, said) = told(node.set_formats("'Raw Capture 0':0[fmt:Y8/1x1]"));
    assert_eq!(errno, libc::ENOENT);
    assert!(
        said.starts_with("vimc: \"Raw Capture 0\" (") && said.ends_with(") is no sub-device with a node"),
        "{said}"
    );
    let (errno, said) = told(node.set_formats("'Sensor A':0[@1/30]"));
    assert_eq!(errno, libc::ENOTTY);
    assert!(
        said.contains("\"Sensor A\" (") && said.contains("pad 0: VIDIOC_SUBDEV_S_FRAME_INTERVAL"),
        "{said}"
    );
    assert_eq!(told(node.set_formats("'Sensor A':0/1[fmt:Y8/1x1]")).0, libc::ENOTTY);
    assert_eq!(told(node.set_formats("'Sensor Z':0[fmt:Y8/1x1]")).0, libc::ENOENT);
    assert_eq!(told(node.set_formats("'Sensor A':0[fmt:Y8]")).0, libc::EINVAL);
    assert_eq!(told(node.set_routes("'Scaler'[0/0->1/0[1]]")).0, libc::ENOTTY);
    assert_eq!(told(node.routes(Some("'Scaler'")).map(drop)).0, libc::ENOTTY);
    // vimc's sub-devices know of none.
    assert_eq!(node.routes(None).unwrap(), []);
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn a_request_that_is_not_queued_is_not_waited_for() {
    let node = Node::open("vivid").unwrap();
    let request = Node::request_alloc(&node).unwrap();
    assert_eq!(mediadev::Request::wait(&request, None).unwrap_err().kind(), Kind::Invalid);
    // Nothing is in it.
    assert_eq!(mediadev::Request::queue(&request).unwrap_err().errno(), libc::ENOENT);
    mediadev::Request::reinit(&request).unwrap();
    assert_eq!(Node::request_alloc(&Node::open("vimc").unwrap()).err().unwrap().errno(), libc::ENOTTY);
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
        while Node::open("platform:vimc").is_err() {
            assert!(began.elapsed() < PATIENCE, "vimc did not come back");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn m13_a_device_that_has_gone_is_enodev_and_what_was_told_stays() {
    let node = vimc();
    let topology = node.topology_read().unwrap();
    let sensor = topology.find(c"Sensor A").unwrap();
    let subdev = node.subdev(&topology, sensor.id).unwrap();
    let (source, sink) = (pad(&topology, c"Debayer A", 1), pad(&topology, c"Scaler", 0));
    assert_eq!(node.wait_gone(Some(Duration::from_millis(120))).unwrap_err().kind(), Kind::TimedOut);
    let (unbound, late) = std::thread::scope(|scope| {
        let waits = scope.spawn(|| node.wait_gone(Some(PATIENCE)).map(|()| Instant::now()));
        std::thread::sleep(Duration::from_millis(100));
        let unbound = Unbound::new();
        let ended = Instant::now();
        let woken = waits.join().unwrap().unwrap();
        (unbound, woken.saturating_duration_since(ended))
    });
    // The machine is emulated, and busy.
    assert!(late < Duration::from_secs(20), "{late:?}");
    assert!(!node.is_alive());
    node.wait_gone(Some(Duration::ZERO)).unwrap();
    let gone = |what: &str, result: mediadev::Result<()>| {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.errno()), (Kind::Gone, libc::ENODEV), "{what}: {error}");
    };
    let check = || {
        gone("topology_read", node.topology_read().map(drop));
        gone("topology_read_legacy", node.topology_read_legacy().map(drop));
        gone("setup_link", node.setup_link(source, sink, 1));
        gone("setup_links", node.setup_links("'Debayer A':1->'Scaler':0[1]"));
        gone("reset_links", node.reset_links());
        gone("set_formats", node.set_formats("'Sensor A':0[fmt:Y8/64x64]"));
        gone("formats", node.formats(None).map(drop));
        gone("set_routes", node.set_routes("'Scaler'[]"));
        gone("request", Node::request_alloc(&node).map(drop));
        gone("format", subdev.format(0, 0).map(drop));
        gone("selection", subdev.selection(0, 0, v4l2::CROP).map(drop));
    };
    check();
    let error = node.topology_read().err().unwrap().to_string();
    assert_eq!(error, format!("{node}: MEDIA_IOC_G_TOPOLOGY: the device is gone"));
    // What is remembered answers.
    assert_eq!((node.info().driver(), node.info().bus_info()), (c"vimc", c"platform:vimc"));
    assert_eq!(topology.find(c"Sensor A").unwrap().id, sensor.id);
    assert_eq!(topology.devnode(sensor.id).unwrap_err().kind(), Kind::NotFound);
    assert_eq!(Node::open("platform:vimc").err().unwrap().kind(), Kind::NotFound);
    // Another device by the same path, and with the same device numbers, is not taken for it.
    drop(unbound);
    let back = Node::open("platform:vimc").unwrap();
    assert!(back.is_alive() && !node.is_alive());
    check();
    let opened = node.subdev(&topology, sensor.id).err().unwrap();
    assert!(matches!(opened.kind(), Kind::Gone | Kind::NotFound), "{opened}");
    same_as_media_ctl(&back);
}

/// What the kernel's own tests of media devices do, with this library: a program opens the device and makes a call again and again,
/// the driver is unbound meanwhile, and the program goes on, closes it, and begins again with the next one. Here no call runs at
/// that very moment, which not every kernel stands; for that see tests/unbind.
#[test]
#[ignore = "needs vimc and vivid: make check-kernel"]
fn m13_open_call_in_a_loop_and_unbind() {
    let began = open_files();
    for _ in 0..8 {
        let (calls, unbinds) = (Barrier::new(2), Barrier::new(2));
        std::thread::scope(|scope| {
            let program = scope.spawn(|| {
                let node = Node::open("platform:vimc").unwrap();
                let before = (0..20).map(|_| node.topology_read().unwrap().num_entities()).max();
                calls.wait();
                unbinds.wait();
                let after = (0..20).map(|_| node.topology_read().err().unwrap().kind());
                assert!(after.into_iter().all(|kind| kind == Kind::Gone));
                assert_eq!(Node::open("platform:vimc").err().unwrap().kind(), Kind::NotFound);
                before
            });
            calls.wait();
            let unbound = Unbound::new();
            unbinds.wait();
            assert_eq!(program.join().unwrap(), Some(11));
            drop(unbound);
        });
    }
    assert_eq!(open_files(), began);
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}
