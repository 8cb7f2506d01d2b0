// SPDX-License-Identifier: MIT OR Apache-2.0
//! Things of the library as JSON. What is not there, or not known, is null.

use crate::text;
use crate::topology::{Flow, Graph};
use mediadev::notation::{EntityName, FormatSetup, Interval, PadName, PadSettings, Rect, RouteSetup};
use mediadev::uapi::v4l2::{self, FrameFormat};
use mediadev::{formats, names, uapi, EntityInfo, InterfaceInfo, LinkInfo, Node, PadInfo, Topology};
use serde_json::{json, Value};
use std::ffi::CStr;

/// A device, without its graph.
pub(crate) fn device(node: &Node) -> Value {
    let (info, raw) = (node.info(), node.info().raw());
    json!({
        "name": string(node.name()),
        "driver": string(info.driver()),
        "model": string(info.model()),
        "serial": string(info.serial()),
        "bus_info": string(info.bus_info()),
        "media_version": text::version(raw.media_version),
        "hw_revision": raw.hw_revision,
        "driver_version": text::version(raw.driver_version),
    })
}

/// A device with its graph.
pub(crate) fn graph(node: &Node, graph: &Graph) -> Value {
    let topology = &graph.topology;
    json!({
        "device": device(node),
        "version": topology.version(),
        "entities": topology.entities().map(|one| entity(graph, &one)).collect::<Value>(),
        "interfaces": topology.interfaces().map(|one| interface(topology, &one)).collect::<Value>(),
        "links": topology.links().map(|one| link(topology, &one)).collect::<Value>(),
    })
}

fn entity(graph: &Graph, entity: &EntityInfo) -> Value {
    let topology = &graph.topology;
    json!({
        "id": entity.id,
        "name": string(entity.name()),
        "function": names::function(entity.function),
        "flags": flags(&names::entity_flags(entity.flags)),
        "devnode": topology.devnode(entity.id).ok(),
        "pads": topology.pads_of(entity.id).map(|one| pad(graph, &one)).collect::<Value>(),
    })
}

/// A pad; with what flows there, where that is known.
fn pad(graph: &Graph, pad: &PadInfo) -> Value {
    let mut value = json!({ "id": pad.id, "index": pad.index, "flags": flags(&names::pad_flags(pad.flags)) });
    if let Some(Flow { settings, crop_bounds, compose_bounds }) = graph.flows.get(&pad.id) {
        add_settings(&mut value, settings);
        value["crop_bounds"] = crop_bounds.map(rect).into();
        value["compose_bounds"] = compose_bounds.map(rect).into();
    }
    value
}

fn interface(topology: &Topology, interface: &InterfaceInfo) -> Value {
    json!({
        "id": interface.id,
        "type": names::interface(interface.kind),
        "major": interface.major,
        "minor": interface.minor,
        "devnode": topology.devnode(interface.id).ok(),
    })
}

/// A link; one between pads also says which pads these are.
pub(crate) fn link(topology: &Topology, link: &LinkInfo) -> Value {
    let pad = |id| {
        let pad = topology.pad_by_id(id).and_then(|pad| PadName::of(topology, &pad)).ok();
        pad.map(|PadName { entity, index }| json!({ "entity": name(&entity), "pad": index }))
    };
    json!({
        "id": link.id,
        "kind": kind(link),
        "flags": flags(&names::link_flags(link.flags)),
        "source_id": link.source_id,
        "sink_id": link.sink_id,
        "source": pad(link.source_id),
        "sink": pad(link.sink_id),
    })
}

fn kind(link: &LinkInfo) -> Value {
    match link.kind() {
        uapi::LINK_DATA => "data".into(),
        uapi::LINK_INTERFACE => "interface".into(),
        uapi::LINK_ANCILLARY => "ancillary".into(),
        kind => format!("{kind:#x}").into(),
    }
}

/// A pad and what flows through it.
pub(crate) fn format(setup: &FormatSetup) -> Value {
    let PadName { entity, index } = &setup.pad;
    let mut value = json!({ "entity": name(entity), "pad": index, "stream": setup.stream });
    add_settings(&mut value, &setup.settings);
    value
}

fn add_settings(value: &mut Value, settings: &PadSettings) {
    let format = |format: FrameFormat| {
        json!({
            "code": formats::code(format.code),
            "width": format.width,
            "height": format.height,
            "field": formats::field(format.field),
            "colorspace": formats::colorspace(format.colorspace),
            "xfer": formats::transfer(format.xfer_func.into()),
            "ycbcr": formats::encoding(format.ycbcr_enc.into()),
            "quantization": formats::quantization(format.quantization.into()),
        })
    };
    let interval =
        |Interval { numerator, denominator }| json!({ "numerator": numerator, "denominator": denominator });
    value["format"] = settings.format.map(format).into();
    value["interval"] = settings.interval.map(interval).into();
    value["crop"] = settings.crop.map(rect).into();
    value["compose"] = settings.compose.map(rect).into();
}

/// A sub-device and the ways through it.
pub(crate) fn routes(setup: &RouteSetup) -> Value {
    let route = |route: &mediadev::notation::Route| {
        json!({
            "sink_pad": route.sink_pad,
            "sink_stream": route.sink_stream,
            "source_pad": route.source_pad,
            "source_stream": route.source_stream,
            "active": route.flags & v4l2::ROUTE_ACTIVE != 0,
        })
    };
    json!({ "entity": name(&setup.entity), "routes": setup.routes.iter().map(route).collect::<Value>() })
}

/// An entity as it is called: its name, or its number where that would mean another one.
fn name(entity: &EntityName) -> Value {
    match entity {
        EntityName::Name(name) => name.as_str().into(),
        EntityName::Id(id) => (*id).into(),
    }
}

fn rect(Rect { left, top, width, height }: Rect) -> Value {
    json!({ "left": left, "top": top, "width": width, "height": height })
}

/// "SINK,MUST_CONNECT" as a list.
fn flags(names: &str) -> Value {
    names.split(',').filter(|name| !name.is_empty()).collect()
}

/// A text, or null where it is empty.
fn string(text: &CStr) -> Value {
    match text.to_string_lossy() {
        text if text.is_empty() => Value::Null,
        text => text.into(),
    }
}
