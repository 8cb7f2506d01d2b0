// SPDX-License-Identifier: MIT OR Apache-2.0
//! Devices in a small world (O25): every sequence of a few steps, also from inside of callbacks, against a model of which devices are
//! bound afterwards. On the way nothing is probed before what it needs, or removed after it.

mod common;

use common::{node, overlay, To};
use kref::Ref;
use ovl::{ApplyOptions, Bus, Changeset, Device, Driver, Probed, RemoveMode, Tree};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Populate,
    Unpopulate,
    /// Brings /soc/user, which needs /soc/clock, and that; or takes them away.
    Overlay,
    Driver,
    /// Makes /soc/a disabled, or as it was.
    Status,
    /// Holds the device of /soc/user, or puts it.
    Hold,
}
use Step::{Driver as DriverStep, Hold, Overlay as OverlayStep, Populate, Status, Unpopulate};

const STEPS: [Step; 6] = [Populate, Unpopulate, OverlayStep, DriverStep, Status, Hold];

/// What there should be.
#[derive(Default)]
struct Model {
    populated: bool,
    applied: bool,
    driver: bool,
    disabled: bool,
}

impl Model {
    fn step(&mut self, step: Step) {
        match step {
            Populate => self.populated = true,
            Unpopulate => self.populated = false,
            OverlayStep => self.applied = !self.applied,
            DriverStep => self.driver = !self.driver,
            Status => self.disabled = !self.disabled,
            Hold => {}
        }
    }

    fn bound(&self) -> BTreeSet<String> {
        let mut names: Vec<&str> = vec![];
        if self.populated && self.driver {
            names.extend((!self.disabled).then_some("a"));
            names.extend(self.applied.then_some(["user", "clock"]).into_iter().flatten());
        }
        names.into_iter().map(String::from).collect()
    }
}

/// The world, shared with its driver, which takes a step of its own in its next callback.
struct World {
    tree: Tree,
    bus: Mutex<Option<Ref<Bus>>>,
    blob: Vec<u8>,
    id: Mutex<Option<i32>>,
    status: Mutex<Option<Changeset>>,
    driver: Mutex<bool>,
    held: Mutex<Option<Ref<Device>>>,
    bound: Mutex<BTreeSet<String>>,
    inside: Mutex<Option<Step>>,
}

struct Watches(Arc<World>);

impl World {
    fn new(base: &Tree, blob: &[u8]) -> Arc<World> {
        Arc::new(World {
            tree: base.clone(),
            bus: Mutex::new(Some(Bus::new(base))),
            blob: blob.to_vec(),
            id: Mutex::default(),
            status: Mutex::default(),
            driver: Mutex::default(),
            held: Mutex::default(),
            bound: Mutex::default(),
            inside: Mutex::default(),
        })
    }

    fn step(self: &Arc<World>, step: Step) {
        let bus = self.bus.lock().unwrap().clone().unwrap();
        match step {
            Populate => bus.populate(&self.tree.root().unwrap()).unwrap(),
            Unpopulate => bus.unpopulate(&self.tree.node_by_path("/soc").unwrap()).unwrap(),
            OverlayStep => {
                let id = self.id.lock().unwrap().take();
                match id {
                    None => {
                        // As others may see it before this returns, its id comes from the list.
                        self.tree.apply(&self.blob, &ApplyOptions::default()).unwrap();
                        *self.id.lock().unwrap() = self.tree.overlays().first().copied();
                    }
                    Some(id) => self.tree.remove(id, RemoveMode::Default).unwrap(),
                }
            }
            DriverStep => {
                let was = std::mem::replace(&mut *self.driver.lock().unwrap(), true);
                if was {
                    *self.driver.lock().unwrap() = false;
                    bus.remove_driver("x,device").unwrap();
                } else {
                    bus.add_driver("x,device", Watches(self.clone())).unwrap();
                }
            }
            Status => {
                let status = self.status.lock().unwrap().take();
                match status {
                    Some(status) => status.revert().unwrap(),
                    None => {
                        let status = Changeset::new(&self.tree);
                        let node = self.tree.node_by_path("/soc/a").unwrap();
                        status.add_prop(&node, "status", b"disabled\0").unwrap();
                        *self.status.lock().unwrap() = Some(status.clone());
                        status.apply().unwrap();
                    }
                }
            }
            Hold => {
                let held = self.held.lock().unwrap().take();
                if held.is_none() {
                    let user = self.tree.node_by_path("/soc/user").ok();
                    *self.held.lock().unwrap() = user.and_then(|user| bus.device(&user).ok());
                }
            }
        }
    }

    fn take_inner_step(self: &Arc<World>) {
        let step = self.inside.lock().unwrap().take();
        if let Some(step) = step {
            self.step(step);
        }
    }
}

impl Driver for Watches {
    fn probe(&self, device: &Ref<Device>) -> Result<Probed, i32> {
        let name = device.node().name().to_string();
        let clock = || self.0.bound.lock().unwrap().contains("clock");
        assert!(name != "user" || clock(), "probed before its clock");
        self.0.take_inner_step();
        assert!(self.0.bound.lock().unwrap().insert(name), "bound twice");
        Ok(Probed::Bound)
    }

    fn remove(&self, device: &Ref<Device>) {
        let name = device.node().name().to_string();
        assert!(self.0.bound.lock().unwrap().remove(&name), "removed and not bound");
        assert!(name != "clock" || !self.0.bound.lock().unwrap().contains("user"), "removed before its user");
        self.0.take_inner_step();
    }
}

fn base() -> Tree {
    node("").child(node("soc").child(node("a").text("compatible", "x,device"))).tree()
}

fn pair() -> Vec<u8> {
    let device = |name: &str| node(name).text("compatible", "x,device");
    let soc = node("")
        .child(device("user").cells("clocks", &[1]))
        .child(device("clock").phandle(1).cells("#clock-cells", &[0]));
    overlay().fragment(To::Path("/soc"), soc).refers("/fragment@0/__overlay__/user", "clocks", 0).blob()
}

/// Ends a world: nothing is left.
fn end(world: &Arc<World>, before: &[u8], what: &dyn std::fmt::Debug) {
    drop(world.bus.lock().unwrap().take());
    assert!(world.bound.lock().unwrap().is_empty(), "{what:?}");
    let (id, status) = (world.id.lock().unwrap().take(), world.status.lock().unwrap().take());
    id.into_iter().for_each(|id| world.tree.remove(id, RemoveMode::Default).unwrap());
    status.into_iter().for_each(|status| status.revert().unwrap());
    drop(world.held.lock().unwrap().take());
    world.tree.wait_released(0, None).unwrap();
    assert_eq!((world.tree.holders().as_str(), Arc::strong_count(world)), ("", 1), "{what:?}");
    assert_eq!(world.tree.to_fdt().unwrap(), before, "{what:?}");
}

fn sequence(mut number: usize, length: u32) -> Vec<Step> {
    let mut steps = Vec::new();
    for _ in 0..length {
        steps.push(STEPS[number % STEPS.len()]);
        number /= STEPS.len();
    }
    steps
}

#[test]
fn o25_every_sequence_ends_with_the_right_devices() {
    const LENGTH: u32 = 5;
    let (blob, tree) = (pair(), base());
    let before = tree.to_fdt().unwrap();
    for number in 0..STEPS.len().pow(LENGTH) {
        let steps = sequence(number, LENGTH);
        let (world, mut model) = (World::new(&tree, &blob), Model::default());
        for &step in &steps {
            world.step(step);
            model.step(step);
            assert_eq!(*world.bound.lock().unwrap(), model.bound(), "{steps:?} at {step:?}");
        }
        end(&world, &before, &steps);
    }
}

/// A sequence, and then a step that causes callbacks, in the first of which another step is taken.
#[test]
fn k5_o22_o25_a_step_inside_of_a_callback_counts_as_well() {
    const LENGTH: u32 = 4;
    let (blob, tree) = (pair(), base());
    let before = tree.to_fdt().unwrap();
    let mut taken = 0;
    for number in 0..STEPS.len().pow(LENGTH) {
        for inner in STEPS {
            let steps = sequence(number, LENGTH);
            let (world, mut model) = (World::new(&tree, &blob), Model::default());
            let (last, first) = steps.split_last().unwrap();
            // What is in progress cannot be undone from inside.
            if *last == inner && matches!(inner, OverlayStep | Status | DriverStep) {
                continue;
            }
            for &step in first {
                world.step(step);
                model.step(step);
            }
            *world.inside.lock().unwrap() = Some(inner);
            world.step(*last);
            model.step(*last);
            if world.inside.lock().unwrap().take().is_none() {
                model.step(inner);
                taken += 1;
            }
            assert_eq!(*world.bound.lock().unwrap(), model.bound(), "{steps:?} with {inner:?} inside");
            end(&world, &before, &(steps, inner));
        }
    }
    assert!(taken > 500, "{taken} were taken inside");
}
