// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sequences of changes of a graph, beside a simple model of it (M4 to M7).

mod common;

use common::*;
use kref::Ref;
use mediadev::uapi::*;
use mediadev::{Device, Entity, Kind, Pipeline};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Entities by number, as the test made them; each has two sinks and two sources: pads 0 to 3.
type Name = usize;
type Pad = (Name, u32);
const PADS: [u32; 4] = [PAD_SINK, PAD_SINK | PAD_MUST_CONNECT, PAD_SOURCE, PAD_SOURCE];

#[derive(Clone, Debug)]
enum Step {
    Add,
    Remove(Name),
    Link(Pad, Pad, u32),
    Unlink(Pad, Pad),
    Setup(Pad, Pad, u32),
    Start(usize, Pad),
    Stop(usize, Pad),
}

fn step() -> impl Strategy<Value = Step> {
    let name = 0..5usize;
    let pad = || (0..5usize, 0..4u32);
    let flags = prop_oneof![Just(0), Just(1), Just(3), Just(4), Just(5), Just(2)];
    prop_oneof![
        2 => Just(Step::Add),
        1 => name.prop_map(Step::Remove),
        6 => (pad(), pad(), flags.clone()).prop_map(|(from, to, flags)| Step::Link(from, to, flags)),
        1 => (pad(), pad()).prop_map(|(from, to)| Step::Unlink(from, to)),
        6 => (pad(), pad(), flags).prop_map(|(from, to, flags)| Step::Setup(from, to, flags)),
        2 => (0..2usize, pad()).prop_map(|(pipeline, pad)| Step::Start(pipeline, pad)),
        2 => (0..2usize, pad()).prop_map(|(pipeline, pad)| Step::Stop(pipeline, pad)),
    ]
}

/// What the graph should be.
#[derive(Default)]
struct Model {
    entities: BTreeSet<Name>,
    links: BTreeMap<(Pad, Pad), u32>,
    streaming: BTreeMap<Pad, usize>,
    starts: [u32; 2],
    /// How often something came or went, and what the device's version was when that was last looked at.
    changes: u64,
    seen: (u64, u64),
}

impl Model {
    fn has(&self, pad: Pad) -> bool {
        self.entities.contains(&pad.0)
    }

    fn link(&mut self, from: Pad, to: Pad, flags: u32) -> Result<(), Kind> {
        for (pad, fits) in [(from, from.1 >= 2), (to, to.1 < 2)] {
            if !self.has(pad) {
                return Err(Kind::NotFound);
            }
            if !fits {
                return Err(Kind::Invalid);
            }
        }
        if self.links.contains_key(&(from, to)) {
            return Err(Kind::Exists);
        }
        self.links.insert((from, to), flags);
        self.changes += 1;
        Ok(())
    }

    fn setup(&mut self, from: Pad, to: Pad, flags: u32) -> Result<(), Kind> {
        let streams = [from, to].iter().any(|pad| self.streaming.contains_key(pad));
        let Some(now) = self.links.get_mut(&(from, to)) else { return Err(Kind::Invalid) };
        match (*now, flags) {
            (now, flags) if now == flags => Ok(()),
            (now, flags) if now & !LINK_ENABLED != flags & !LINK_ENABLED || now & LINK_IMMUTABLE != 0 => {
                Err(Kind::Invalid)
            }
            (old, _) if streams && old & LINK_DYNAMIC == 0 => Err(Kind::Busy),
            _ => {
                *now = flags;
                Ok(())
            }
        }
    }

    fn unlink(&mut self, from: Pad, to: Pad) -> Result<(), Kind> {
        let streams = [from, to].iter().all(|pad| self.streaming.contains_key(pad));
        match self.links.get(&(from, to)) {
            None => Err(Kind::NotFound),
            Some(flags) if streams && flags & LINK_ENABLED != 0 => Err(Kind::Busy),
            Some(_) => {
                self.links.remove(&(from, to));
                self.changes += 1;
                Ok(())
            }
        }
    }

    fn remove(&mut self, name: Name) -> Result<(), Kind> {
        if !self.entities.contains(&name) {
            return Err(Kind::NotFound);
        }
        if self.streaming.keys().any(|pad| pad.0 == name) {
            return Err(Kind::Busy);
        }
        self.entities.remove(&name);
        self.links.retain(|(from, to), _| from.0 != name && to.0 != name);
        self.changes += 1;
        Ok(())
    }

    fn start(&mut self, pipeline: usize, pad: Pad) -> Result<(), Kind> {
        if !self.has(pad) {
            return Err(Kind::NotFound);
        }
        let enabled =
            || self.links.iter().filter(|(_, flags)| **flags & LINK_ENABLED != 0).map(|(ends, _)| *ends);
        let mut reached = BTreeSet::from([pad.0]);
        loop {
            let touches = |(from, to): &(Pad, Pad)| reached.contains(&from.0) != reached.contains(&to.0);
            match enabled().find(touches) {
                Some((from, to)) => reached.extend([from.0, to.0]),
                None => break,
            }
        }
        let pads: Vec<Pad> =
            reached.iter().flat_map(|&name| (0..4).map(move |index| (name, index))).collect();
        for pad in &pads {
            if self.streaming.get(pad).is_some_and(|of| *of != pipeline) {
                return Err(Kind::Busy);
            }
            if pad.1 == 1 && !enabled().any(|(_, to)| to == *pad) {
                return Err(Kind::NoLink);
            }
        }
        self.streaming.extend(pads.into_iter().map(|pad| (pad, pipeline)));
        self.starts[pipeline] += 1;
        Ok(())
    }

    fn stop(&mut self, pipeline: usize, pad: Pad) -> Result<(), Kind> {
        if !self.has(pad) {
            return Err(Kind::NotFound);
        }
        if self.streaming.get(&pad) != Some(&pipeline) {
            return Err(Kind::Invalid);
        }
        self.starts[pipeline] -= 1;
        if self.starts[pipeline] == 0 {
            self.streaming.retain(|_, of| *of != pipeline);
        }
        Ok(())
    }
}

fn kind_of(outcome: mediadev::Result<()>) -> Result<(), Kind> {
    outcome.map_err(|error| error.kind())
}

/// Whether the device says what the model says.
fn agrees(model: &mut Model, device: &Device, entities: &[Ref<Entity>]) {
    let topology = device.topology();
    let names = |id: u32| entities.iter().position(|entity| entity.id() == id).unwrap();
    assert_eq!(topology.entities().map(|entity| names(entity.id)).collect::<BTreeSet<_>>(), model.entities);
    let links = topology.links().map(|link| {
        let from = (names(link.source_entity), link.source_pad);
        ((from, (names(link.sink_entity), link.sink_pad)), link.flags)
    });
    assert_eq!(links.collect::<BTreeMap<_, _>>(), model.links);
    let (changes, version) = std::mem::replace(&mut model.seen, (model.changes, topology.version()));
    assert_eq!(model.changes > changes, topology.version() > version, "M5");
    for (name, entity) in entities.iter().enumerate() {
        assert_eq!(entity.is_attached(), model.entities.contains(&name), "M4");
        if entity.is_attached() {
            for pad in 0..4 {
                assert_eq!(
                    entity.is_streaming(pad).unwrap(),
                    model.streaming.contains_key(&(name, pad)),
                    "M7"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn m4_m5_m6_m7_a_graph_is_what_the_model_says(steps in prop::collection::vec(step(), 1..60)) {
        let device = registered(Ops::default());
        let (mut model, mut entities, pipelines) = (Model::default(), Vec::new(), [Pipeline::new(), Pipeline::new()]);
        let add = |model: &mut Model, entities: &mut Vec<Ref<Entity>>| {
            entities.push(Device::add_entity(&device, "x", SCALER, &PADS).unwrap());
            model.entities.insert(entities.len() - 1);
            model.changes += 1;
        };
        // Something to begin with; names count from the first one that is left.
        (0..4).for_each(|_| add(&mut model, &mut entities));
        for step in steps {
            let at = |name: Name| entities[name.min(entities.len() - 1)].clone();
            let real = |pad: Pad| (pad.0.min(entities.len() - 1), pad.1);
            match step {
                Step::Add => add(&mut model, &mut entities),
                Step::Remove(name) => {
                    let outcome = kind_of(at(name).remove());
                    prop_assert_eq!(outcome, model.remove(real((name, 0)).0));
                }
                Step::Link(from, to, flags) => {
                    let outcome = at(from.0).add_link(from.1, &at(to.0), to.1, flags).map(drop);
                    prop_assert_eq!(kind_of(outcome), model.link(real(from), real(to), flags));
                }
                Step::Unlink(from, to) => {
                    let outcome = kind_of(at(from.0).remove_link(from.1, &at(to.0), to.1));
                    prop_assert_eq!(outcome, model.unlink(real(from), real(to)));
                }
                Step::Setup(from, to, flags) => {
                    let ends = [(at(from.0).id(), from.1), (at(to.0).id(), to.1)];
                    let outcome = kind_of(Device::setup_link(&device, ends[0], ends[1], flags));
                    prop_assert_eq!(outcome, model.setup(real(from), real(to), flags));
                }
                Step::Start(pipeline, pad) => {
                    let outcome = kind_of(pipelines[pipeline].start(&at(pad.0), pad.1));
                    prop_assert_eq!(outcome, model.start(pipeline, real(pad)));
                }
                Step::Stop(pipeline, pad) => {
                    let outcome = kind_of(pipelines[pipeline].stop(&at(pad.0), pad.1));
                    prop_assert_eq!(outcome, model.stop(pipeline, real(pad)));
                }
            }
            agrees(&mut model, &device, &entities);
        }
    }
}
