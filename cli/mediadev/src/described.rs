// SPDX-License-Identifier: MIT OR Apache-2.0
//! A device of this process, as a file describes it: in the form that `topology --json` writes, of which most may be left out.

use cli_common::{Failure, Result};
use kref::Ref;
use mediadev::{names, Device, DeviceOps, Entity, Info};
use serde::Deserialize;

/// What a file says.
#[derive(Deserialize)]
pub(crate) struct Described {
    device: About,
    entities: Vec<EntityOf>,
    #[serde(default)]
    interfaces: Vec<InterfaceOf>,
    #[serde(default)]
    links: Vec<LinkOf>,
}

#[derive(Deserialize)]
struct About {
    driver: String,
    model: String,
    serial: Option<String>,
    bus_info: Option<String>,
    #[serde(default)]
    hw_revision: u32,
}

#[derive(Deserialize)]
struct EntityOf {
    /// By which links may call it.
    id: Option<u32>,
    name: String,
    function: Option<String>,
    #[serde(default)]
    flags: Vec<String>,
    #[serde(default)]
    pads: Vec<PadOf>,
}

#[derive(Deserialize)]
struct PadOf {
    flags: Vec<String>,
}

#[derive(Deserialize)]
struct InterfaceOf {
    id: u32,
    #[serde(rename = "type")]
    kind: String,
    major: u32,
    minor: u32,
}

#[derive(Deserialize)]
struct LinkOf {
    #[serde(default)]
    kind: KindOf,
    #[serde(default)]
    flags: Vec<String>,
    /// Of a link between pads.
    source: Option<End>,
    sink: Option<End>,
    /// Of any other.
    source_id: Option<u32>,
    sink_id: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KindOf {
    #[default]
    Data,
    Interface,
    Ancillary,
}

#[derive(Deserialize)]
struct End {
    entity: Who,
    pad: u32,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Who {
    Id(u32),
    Name(String),
}

/// A device that agrees to everything.
struct Agreeable;

impl DeviceOps for Agreeable {}

impl Described {
    pub(crate) fn read(text: &str) -> Result<Described> {
        serde_json::from_str(text).map_err(|error| Failure::new(error.to_string()))
    }

    /// Makes the device; it is not registered yet.
    pub(crate) fn make(&self) -> Result<Ref<Device>> {
        let of = |text: &Option<String>| text.clone().unwrap_or_default();
        let About { driver, model, serial, bus_info, hw_revision } = &self.device;
        let info = Info::new(driver, model, &of(bus_info))?.with_serial(&of(serial))?;
        let info = Info::of(mediadev::uapi::DeviceInfo { hw_revision: *hw_revision, ..*info.raw() });
        let device = Device::new(info, Agreeable);
        let entities = self.entities.iter().map(|entity| entity.make(&device)).collect::<Result<Vec<_>>>()?;
        let interface = |one: &InterfaceOf| {
            let kind = names::interface_called(&one.kind);
            let kind = kind.ok_or_else(|| unknown("type of interface", &one.kind))?;
            Ok(device.add_interface(kind, 0, one.major, one.minor)?)
        };
        let interfaces = self.interfaces.iter().map(interface).collect::<Result<Vec<_>>>()?;
        for (number, link) in self.links.iter().enumerate() {
            let made = self.link(link, &entities, &interfaces);
            made.map_err(|failure| failure.about(&format!("link {number}")))?;
        }
        Ok(device)
    }

    fn link(&self, link: &LinkOf, entities: &[Ref<Entity>], interfaces: &[u32]) -> Result<()> {
        let flags = flags(&link.flags, names::link_flags)?;
        let end = |end: &Option<End>, what: &str| {
            let end = end.as_ref().ok_or_else(|| Failure::new(format!("it has no {what}")))?;
            Ok::<_, Failure>((self.entity(&end.entity, entities)?, end.pad))
        };
        let by_id = |id: Option<u32>, what: &str| {
            let id = id.ok_or_else(|| Failure::new(format!("it has no {what}")))?;
            self.entity(&Who::Id(id), entities)
        };
        match link.kind {
            KindOf::Data => {
                let ((source, pad), (sink, sink_pad)) =
                    (end(&link.source, "source")?, end(&link.sink, "sink")?);
                source.add_link(pad, sink, sink_pad, flags)?;
            }
            KindOf::Interface => {
                let at = self.interfaces.iter().position(|one| Some(one.id) == link.source_id);
                let at = at.ok_or_else(|| Failure::new("its source_id is no interface's"))?;
                by_id(link.sink_id, "sink_id")?.add_interface_link(interfaces[at], flags)?;
            }
            KindOf::Ancillary => {
                let (primary, other) = (by_id(link.source_id, "source_id")?, by_id(link.sink_id, "sink_id")?);
                primary.add_ancillary_link(other)?;
            }
        }
        Ok(())
    }

    fn entity<'a>(&self, who: &Who, entities: &'a [Ref<Entity>]) -> Result<&'a Entity> {
        let mut called = self.entities.iter().zip(entities).filter(|(entity, _)| match who {
            Who::Id(id) => entity.id == Some(*id),
            Who::Name(name) => entity.name == *name,
        });
        let who = match who {
            Who::Id(id) => format!("has the id {id}"),
            Who::Name(name) => format!("is called \"{name}\""),
        };
        match (called.next(), called.next()) {
            (Some((_, entity)), None) => Ok(entity),
            (None, _) => Err(Failure::new(format!("no entity {who}"))),
            (Some(_), Some(_)) => Err(Failure::new(format!("more than one entity {who}"))),
        }
    }
}

impl EntityOf {
    fn make(&self, device: &Ref<Device>) -> Result<Ref<Entity>> {
        let function = self.function.as_deref().unwrap_or("UNKNOWN");
        let function = names::function_called(function).ok_or_else(|| unknown("function", function))?;
        let pads = self.pads.iter().map(|pad| flags(&pad.flags, names::pad_flags));
        let entity = Device::add_entity(device, &self.name, function, &pads.collect::<Result<Vec<_>>>()?)?;
        entity.set_flags(flags(&self.flags, names::entity_flags)?)?;
        Ok(entity)
    }
}

/// Flags by their names; `named` says what some flags are called.
fn flags(called: &[String], named: fn(u32) -> String) -> Result<u32> {
    let flag = |name: &String| {
        let found = (0..u32::BITS).map(|bit| 1 << bit).find(|&flag| named(flag) == *name);
        found.ok_or_else(|| unknown("flag", name))
    };
    called.iter().try_fold(0, |all, name| Ok(all | flag(name)?))
}

fn unknown(what: &str, name: &str) -> Failure {
    Failure::new(format!("there is no {what} \"{name}\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mediadev::uapi;

    fn made(text: &str) -> std::result::Result<Ref<Device>, String> {
        Described::read(text).and_then(|described| described.make()).map_err(|failure| failure.to_string())
    }

    #[test]
    fn little_has_to_be_said() {
        let device = made(
            r#"{ "device": { "driver": "d", "model": "m" }, "entities": [
                { "name": "Sensor", "function": "CAM_SENSOR", "pads": [{ "flags": ["SOURCE"] }] },
                { "name": "Capture", "flags": ["DEFAULT"], "pads": [{ "flags": ["SINK", "MUST_CONNECT"] }] } ],
              "links": [{ "source": { "entity": "Sensor", "pad": 0 }, "sink": { "entity": "Capture", "pad": 0 },
                          "flags": ["ENABLED", "IMMUTABLE"] }] }"#,
        );
        let topology = device.unwrap().topology();
        let (sensor, capture) = (topology.find(c"Sensor").unwrap(), topology.find(c"Capture").unwrap());
        assert_eq!((sensor.function, capture.function, capture.flags), (0x2_0001, 0, uapi::ENTITY_DEFAULT));
        let sink = topology.pad_of(capture.id, 0).unwrap();
        assert_eq!(sink.flags, uapi::PAD_SINK | uapi::PAD_MUST_CONNECT);
        let link = topology.link_between(topology.pad_of(sensor.id, 0).unwrap().id, sink.id).unwrap();
        assert_eq!(link.flags, uapi::LINK_ENABLED | uapi::LINK_IMMUTABLE);
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (entity, rest, sentence) in [
            (r#"{ "name": "a", "function": "NOPE" }"#, "", "there is no function \"NOPE\""),
            (r#"{ "name": "a", "pads": [{ "flags": ["UP"] }] }"#, "", "there is no flag \"UP\""),
            (
                r#"{ "name": "a" }"#,
                r#""interfaces": [{ "id": 1, "type": "NOPE", "major": 1, "minor": 1 }]"#,
                "there is no type of interface \"NOPE\"",
            ),
            (
                r#"{ "name": "a" }"#,
                r#""links": [{ "sink": { "entity": "a", "pad": 0 } }]"#,
                "link 0: it has no source",
            ),
            (
                r#"{ "name": "a" }"#,
                r#""links": [{ "source": { "entity": "b", "pad": 0 } }]"#,
                "link 0: no entity is called \"b\"",
            ),
            (
                r#"{ "name": "a" }, { "name": "a" }"#,
                r#""links": [{ "source": { "entity": "a", "pad": 0 } }]"#,
                "link 0: more than one entity is called \"a\"",
            ),
            (
                r#"{ "name": "a" }"#,
                r#""links": [{ "kind": "interface", "source_id": 7 }]"#,
                "link 0: its source_id is no interface's",
            ),
            (
                r#"{ "name": "a" }"#,
                r#""links": [{ "kind": "ancillary", "source_id": 7 }]"#,
                "link 0: no entity has the id 7",
            ),
        ] {
            let rest = if rest.is_empty() { "\"links\": []" } else { rest };
            let text = format!(
                r#"{{ "device": {{ "driver": "d", "model": "m" }}, "entities": [{entity}], {rest} }}"#
            );
            assert_eq!(made(&text).err().as_deref(), Some(sentence), "{text}");
        }
        assert!(made("{").err().unwrap().starts_with("EOF while parsing an object at line 1"));
        assert!(made("{}").err().unwrap().starts_with("missing field `device`"));
    }
}
