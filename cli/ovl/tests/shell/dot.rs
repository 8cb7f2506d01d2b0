// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ovl dot`, as Graphviz reads it: boxes and arrows.

use crate::{Place, Ran};
use std::collections::BTreeMap;

/// What is in a graph: the attributes of each box by the path in its tooltip, lines to children, arrows.
#[derive(Default)]
struct Graph {
    boxes: BTreeMap<String, String>,
    lines: Vec<(String, String)>,
    arrows: Vec<(String, String, String)>,
    legend: String,
}

impl Graph {
    #[track_caller]
    fn of(ran: Ran) -> Graph {
        assert_eq!((ran.code(), ran.err()), (0, ""));
        let (mut graph, mut names) = (Graph::default(), BTreeMap::new());
        let body = ran.out().strip_prefix("digraph devicetree {\n").unwrap().strip_suffix("}\n").unwrap();
        for line in body.lines() {
            let line = line.strip_prefix('\t').unwrap().strip_suffix(';').unwrap();
            let (what, attributes) = line.split_once(" [").unwrap_or((line, "]"));
            let attributes = attributes.strip_suffix(']').unwrap_or_default().to_string();
            match what.split_once(" -> ") {
                Some((from, to)) => {
                    let ends = (path(&names, from), path(&names, to));
                    match attributes.contains("arrowhead=none") {
                        true => graph.lines.push(ends),
                        false => graph.arrows.push((ends.0, ends.1, quoted(&attributes, "tooltip"))),
                    }
                }
                None if what.starts_with('n') && what[1..].parse::<u32>().is_ok() => {
                    let tooltip = quoted(&attributes, "tooltip");
                    names.insert(what.to_string(), tooltip.clone());
                    graph.boxes.insert(tooltip, attributes);
                }
                None if what == "legend" => graph.legend = attributes,
                None => {}
            }
        }
        graph
    }

    fn paths(&self) -> Vec<&str> {
        self.boxes.keys().map(String::as_str).collect()
    }

    fn arrows(&self) -> Vec<(&str, &str, &str)> {
        self.arrows.iter().map(|(from, to, of)| (from.as_str(), to.as_str(), of.as_str())).collect()
    }
}

fn path(names: &BTreeMap<String, String>, box_of: &str) -> String {
    names.get(box_of).unwrap_or_else(|| panic!("{box_of} is not there, or comes later")).clone()
}

fn quoted(attributes: &str, name: &str) -> String {
    let (_, value) = attributes.split_once(&format!("{name}=\"")).unwrap();
    value.split_once('"').unwrap().0.to_string()
}

const CAMERA: (&str, &str, &str) = ("/soc/camera@f", "/power", "vdd-supply");
const LINK: (&str, &str, &str) = ("/soc/camera@f/endpoint", "/soc/csi@e/endpoint", "remote-endpoint");
const OF_0: (&str, &str, &str) = ("/soc/user@0", "/soc/clock@0", "clocks, assigned-clocks");
const OF_1: (&str, &str, &str) = ("/soc/user@1", "/soc/clock@0", "clocks, assigned-clocks");

#[test]
fn nodes_and_references() {
    let graph = Graph::of(Place::new().ovl(&["dot", "-i", "wired.dtb"]));
    assert_eq!(
        graph.paths(),
        [
            "/",
            "/power",
            "/soc",
            "/soc/camera@f",
            "/soc/camera@f/endpoint",
            "/soc/clock@0",
            "/soc/csi@e",
            "/soc/csi@e/endpoint",
            "/soc/user@0",
            "/soc/user@1",
        ],
        "no /aliases, no /__symbols__"
    );
    assert_eq!(graph.lines.len(), 9, "all but the root have one above");
    assert_eq!(graph.arrows(), [OF_0, OF_1, CAMERA, LINK]);
    let clock = &graph.boxes["/soc/clock@0"];
    assert!(clock.contains("<b>clock</b>") && clock.contains("&amp;clk  a&lt;b&gt;&amp;c"), "{clock}");
    assert!(graph.boxes["/soc/camera@f"].contains("dashed") && !clock.contains("dashed"));
    for kind in ["clocks", "supplies", "endpoints"] {
        assert!(graph.legend.contains(kind), "{}", graph.legend);
    }
    assert!(!graph.legend.contains("gpios"));
}

#[test]
fn o24_what_overlays_brought_has_their_colour() {
    let place = Place::new();
    let with = ["dot", "-i", "wired.dtb", "--with", "sensor.dtbo"];
    let graph = Graph::of(place.ovl(&with));
    assert!(graph.boxes["/soc/sensor"].contains("fillcolor=\"#c9ecd0\""));
    assert!(graph.boxes["/soc"].contains("penwidth=2.2") && !graph.boxes["/soc"].contains("fillcolor"));
    assert!(!graph.boxes["/power"].contains("penwidth"));
    assert!(graph.legend.contains("sensor.dtbo"));
    let graph = Graph::of(place.ovl(&[&with[..], &["--only", "overlays"]].concat()));
    assert_eq!(graph.paths(), ["/", "/power", "/soc", "/soc/clock@0", "/soc/sensor"]);
    assert_eq!(
        graph.arrows(),
        [("/soc/sensor", "/soc/clock@0", "clocks"), ("/soc/sensor", "/power", "vdd-supply")]
    );
    let graph = Graph::of(place.ovl(&["dot", "-i", "wired.dtb", "--only", "overlays"]));
    assert!(graph.paths().is_empty() && graph.legend.is_empty());
}

#[test]
fn only_references_of_some_kinds() {
    let place = Place::new();
    let graph = Graph::of(place.ovl(&["dot", "-i", "wired.dtb", "--only", "references", "--kind", "clocks"]));
    assert_eq!(graph.paths(), ["/soc/clock@0", "/soc/user@0", "/soc/user@1"]);
    assert!(graph.lines.is_empty());
    assert_eq!(graph.arrows(), [OF_0, OF_1]);
    assert!(graph.boxes["/soc/user@0"].contains(">/soc/</font>"), "{}", graph.boxes["/soc/user@0"]);
    let two = ["--kind", "supplies", "--kind", "endpoints"];
    let graph = Graph::of(place.ovl(&[&["dot", "-i", "wired.dtb"][..], &two].concat()));
    assert_eq!((graph.arrows(), graph.lines.len()), (vec![CAMERA, LINK], 9));
    let both = ["--only", "overlays", "--only", "references", "--with", "sensor.dtbo"];
    let graph = Graph::of(place.ovl(&[&["dot", "-i", "wired.dtb"][..], &both].concat()));
    assert_eq!(graph.paths(), ["/power", "/soc/clock@0", "/soc/sensor"]);
}

#[test]
fn a_part_and_a_depth() {
    let place = Place::new();
    let graph = Graph::of(place.ovl(&["dot", "-i", "wired.dtb", "/soc/camera@f"]));
    assert_eq!(
        graph.paths(),
        ["/power", "/soc/camera@f", "/soc/camera@f/endpoint", "/soc/csi@e/endpoint"],
        "with what it refers to"
    );
    assert!(graph.boxes["/power"].contains("dashed"), "it is outside");
    assert_eq!(graph.lines, [("/soc/camera@f".to_string(), "/soc/camera@f/endpoint".to_string())]);
    // What is too deep refers from above.
    let graph = Graph::of(place.ovl(&["dot", "-i", "wired.dtb", "&soc", "--depth", "1"]));
    assert!(!graph.boxes.contains_key("/soc/camera@f/endpoint"));
    assert!(graph.arrows().contains(&("/soc/camera@f", "/soc/csi@e", "remote-endpoint")));
    let graph = Graph::of(place.ovl(&["dot", "-i", "wired.dtb", "--depth", "0"]));
    assert_eq!((graph.paths(), graph.arrows.len()), (vec!["/"], 0));
}

#[test]
fn a_crowd_of_arrows_is_text() {
    let place = Place::new();
    let graph = Graph::of(place.ovl(&["dot", "-i", "crowded.dtb"]));
    assert_eq!(graph.arrows(), [CAMERA, LINK]);
    let user = &graph.boxes["/soc/user@8"];
    assert!(user.contains("clocks</font> <font color=\"#6b7280\">&#8594; clock@0"), "{user}");
    assert!(graph.legend.contains("clocks"));
    // But if arrows are all that one wants to see, they are arrows.
    let graph = Graph::of(place.ovl(&["dot", "-i", "crowded.dtb", "--only", "references"]));
    assert_eq!(graph.arrows.len(), 11);
}
