// SPDX-License-Identifier: MIT OR Apache-2.0
//! Devices (O25): who is probed and removed when, and what becomes of those that somebody holds.

mod common;

use common::{node, overlay, To};
use kref::Ref;
use ovl::{ApplyOptions, Bus, Device, Driver, Probed, RemoveMode, Tree};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What happened, in order: "+/a" is a probe that succeeded, "?/a" one that was deferred, "!/a" one that failed, "-/a" a remove.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn say(&self, what: &str, device: &Ref<Device>) {
        self.0.lock().unwrap().push(format!("{what}{}", device.node().path()));
    }

    /// What was said since the last time.
    fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap()).join(" ")
    }
}

type Hook<T> = Box<dyn Fn(&Ref<Device>) -> T + Send + Sync>;

/// Does what a test wants of it.
struct Script {
    log: Log,
    probe: Hook<Result<Probed, i32>>,
    remove: Hook<()>,
}

impl Driver for Script {
    fn probe(&self, device: &Ref<Device>) -> Result<Probed, i32> {
        let said = (self.probe)(device);
        let sign = match said {
            Ok(Probed::Bound) => "+",
            Ok(Probed::Deferred) => "?",
            Err(_) => "!",
        };
        self.log.say(sign, device);
        said
    }

    fn remove(&self, device: &Ref<Device>) {
        self.log.say("-", device);
        (self.remove)(device);
    }
}

impl Log {
    fn driver(&self) -> Script {
        Script { log: self.clone(), probe: Box::new(|_| Ok(Probed::Bound)), remove: Box::new(|_| ()) }
    }

    fn probing(&self, probe: impl Fn(&Ref<Device>) -> Result<Probed, i32> + Send + Sync + 'static) -> Script {
        Script { probe: Box::new(probe), ..self.driver() }
    }
}

fn device(name: &str) -> common::Body {
    node(name).text("compatible", "x,device")
}

fn populated(tree: &Tree, log: &Log) -> Ref<Bus> {
    let bus = Bus::new(tree);
    bus.add_driver("x,device", log.driver()).unwrap();
    bus.populate(&tree.root().unwrap()).unwrap();
    bus
}

fn at(tree: &Tree, path: &str) -> ovl::Node {
    tree.node_by_path(path).unwrap()
}

#[test]
fn o25_the_most_specific_driver_wins() {
    let tree = node("").child(node("a").prop("compatible", b"x,special\0X,Device\0")).tree();
    let (log, bus) = (Log::default(), Bus::new(&tree));
    bus.populate(&tree.root().unwrap()).unwrap();
    let device = bus.device(&at(&tree, "/a")).unwrap();
    assert!(!device.is_bound() && device.driver().is_none());
    bus.add_driver("x,device", log.driver()).unwrap();
    assert!(device.is_bound());
    assert_eq!((device.driver(), log.take().as_str()), (Some(c"x,device"), "+/a"));
    bus.add_driver("x,special", log.driver()).unwrap();
    assert_eq!(log.take(), "", "a device that is bound keeps its driver");
    assert!(bus.add_driver("x,special", log.driver()).unwrap_err().to_string().contains("has a driver"));
    assert!(bus.add_driver("", log.driver()).is_err());
    bus.remove_driver("x,device").unwrap();
    assert_eq!(log.take(), "-/a +/a");
    assert!(!device.is_bound(), "it is another one now");
    assert_eq!(bus.device(&at(&tree, "/a")).unwrap().driver(), Some(c"x,special"));
    assert!(bus.remove_driver("x,device").is_err());
}

#[test]
fn o25_devices_are_made_where_status_lets_them() {
    let tree = node("")
        .child(device("a").child(device("b")).child(node("c").child(device("d"))))
        .child(device("off").text("status", "disabled").child(device("below")))
        .child(node("plain"))
        .tree();
    let log = Log::default();
    let bus = populated(&tree, &log);
    assert_eq!(log.take(), "+/a +/a/b +/a/c/d");
    let parent = |path: &str| bus.device(&at(&tree, path)).unwrap().parent().map(|p| p.node().path());
    assert_eq!(
        (parent("/a/b").as_deref(), parent("/a/c/d").as_deref(), parent("/a")),
        (Some("/a"), Some("/a"), None)
    );
    assert!(bus.device(&at(&tree, "/off")).is_err());
    bus.populate(&tree.root().unwrap()).unwrap();
    assert_eq!(log.take(), "", "twice makes no difference");
    bus.unpopulate(&at(&tree, "/a/c")).unwrap();
    assert_eq!(log.take(), "-/a/c/d");
    bus.populate(&tree.root().unwrap()).unwrap();
    assert_eq!(log.take(), "+/a/c/d");
    let all: Vec<String> = bus.devices().iter().map(|d| d.node().path()).collect();
    assert_eq!(all, ["/a", "/a/b", "/a/c/d"]);
    let mut walk = vec![];
    let mut next = bus.next_device(None);
    while let Some(device) = next {
        walk.push(device.node().path());
        next = bus.next_device(Some(&device));
    }
    assert_eq!(walk, all);
    bus.unpopulate(&tree.root().unwrap()).unwrap();
    assert_eq!(log.take(), "-/a/c/d -/a/b -/a");
    let other = node("").tree();
    assert!(bus.populate(&other.root().unwrap()).unwrap_err().to_string().contains("another tree"));
}

#[test]
fn o25_suppliers_come_first_and_go_last() {
    let tree = node("")
        .child(device("uart").cells("clocks", &[1, 7]).cells("vdd-supply", &[2]))
        .child(
            device("pmic")
                .child(node("regulators").child(node("ldo").phandle(2)))
                .cells("interrupts", &[1])
                .cells("interrupt-parent", &[3]),
        )
        .child(device("clock").phandle(1).cells("#clock-cells", &[1]))
        .child(device("intc").phandle(3).cells("#interrupt-cells", &[1]))
        .tree();
    let log = Log::default();
    let bus = populated(&tree, &log);
    assert_eq!(log.take(), "+/clock +/intc +/pmic +/uart");
    drop(bus);
    assert_eq!(log.take(), "-/uart -/pmic -/intc -/clock");
}

#[test]
fn o25_who_uses_what_goes_gives_it_up_first() {
    let tree = node("")
        .child(device("uart").cells("clocks", &[1]))
        .child(node("soc").child(device("clock").phandle(1).cells("#clock-cells", &[0])))
        .tree();
    let log = Log::default();
    let bus = populated(&tree, &log);
    assert_eq!(log.take(), "+/soc/clock +/uart");
    bus.unpopulate(&at(&tree, "/soc")).unwrap();
    assert_eq!(log.take(), "-/uart -/soc/clock +/uart", "it is tried without its clock");
}

#[test]
fn o25_circles_and_what_cannot_come_do_not_block() {
    let clock = |body: common::Body, phandle| body.phandle(phandle).cells("#clock-cells", &[0]);
    let tree = node("")
        .child(clock(device("a"), 1).cells("clocks", &[2]))
        .child(clock(device("b"), 2).cells("clocks", &[3]))
        .child(clock(device("c"), 3).cells("clocks", &[1]))
        .child(
            device("d")
                .cells("clocks", &[4, 5, 6])
                .child(clock(device("inner"), 7))
                .cells("assigned-clocks", &[7]),
        )
        .child(clock(device("disabled"), 4).text("status", "disabled"))
        .child(clock(node("undriven").text("compatible", "x,nobody"), 5))
        .child(clock(node("plain"), 6))
        .tree();
    let log = Log::default();
    let bus = populated(&tree, &log);
    assert_eq!(log.take(), "+/d +/d/inner +/a +/c +/b");
    assert_eq!(bus.unbound(), "");
    drop(bus);
    assert_eq!(log.take(), "-/b -/c -/a -/d/inner -/d");
}

#[test]
fn o25_a_deferred_probe_is_tried_again() {
    let tree = node("")
        .child(node("late").text("compatible", "x,late").cells("clocks", &[5, 9]))
        .child(device("user").cells("leds", &[1]))
        .child(node("broken").text("compatible", "x,broken"))
        .child(node("clock").text("compatible", "x,clock").phandle(5).cells("#clock-cells", &[0]))
        .tree();
    let log = Log::default();
    let bus = Bus::new(&tree);
    let freed = Arc::new(Mutex::new(0));
    let count = freed.clone();
    let late = log.probing(move |device| {
        let count = count.clone();
        device.manage(move || *count.lock().unwrap() += 1);
        Ok(Probed::Deferred)
    });
    bus.add_driver("x,late", late).unwrap();
    bus.add_driver("x,broken", log.probing(|_| Err(libc::EIO))).unwrap();
    bus.populate(&tree.root().unwrap()).unwrap();
    assert_eq!(log.take(), "?/late !/broken");
    assert_eq!(*freed.lock().unwrap(), 1, "what a probe bound in vain is freed");
    assert_eq!(
        bus.unbound(),
        "/late (x,late): deferred by its driver; \"clocks\" refers to /clock, which has no driver; \
         \"clocks\" refers to phandle 0x9, which no node has\n\
         /broken (x,broken): failed to probe: Input/output error (os error 5)\n"
    );
    bus.add_driver("x,device", log.driver()).unwrap();
    assert_eq!(log.take(), "+/user ?/late", "another one was bound");
    bus.populate(&tree.root().unwrap()).unwrap();
    assert_eq!(log.take(), "", "and nothing since");
    bus.remove_driver("x,late").unwrap();
    bus.add_driver("x,late", log.driver()).unwrap();
    assert_eq!(log.take(), "+/late");
}

#[test]
fn o25_who_needs_a_deferred_device_waits_and_says_so() {
    let tree = node("")
        .child(device("user").cells("clocks", &[5]))
        .child(
            node("clock")
                .text("compatible", "x,clock")
                .phandle(5)
                .cells("#clock-cells", &[0])
                .child(device("child")),
        )
        .tree();
    let log = Log::default();
    let bus = Bus::new(&tree);
    bus.add_driver("x,device", log.driver()).unwrap();
    bus.add_driver("x,clock", log.probing(|_| Ok(Probed::Deferred))).unwrap();
    bus.populate(&tree.root().unwrap()).unwrap();
    assert_eq!(log.take(), "?/clock");
    assert_eq!(
        bus.unbound(),
        "/user (x,device): waits for /clock, which was deferred\n\
         /clock (x,clock): deferred by its driver\n\
         /clock/child (x,device): waits for /clock, which was deferred\n"
    );
    bus.remove_driver("x,clock").unwrap();
    assert_eq!(log.take(), "+/user +/clock/child", "nobody drives it any more");
    bus.add_driver("x,clock", log.probing(|_| Err(libc::ENXIO))).unwrap();
    assert_eq!(log.take(), "!/clock");
}

#[test]
fn o25_nothing_below_a_device_that_failed_is_probed() {
    let tree = node("").child(node("bus").text("compatible", "x,bus").child(device("child"))).tree();
    let log = Log::default();
    let bus = Bus::new(&tree);
    bus.add_driver("x,device", log.driver()).unwrap();
    bus.add_driver("x,bus", log.probing(|_| Err(libc::ENXIO))).unwrap();
    bus.populate(&tree.root().unwrap()).unwrap();
    assert_eq!(log.take(), "!/bus");
    assert!(bus.unbound().ends_with("/bus/child (x,device): waits for /bus, which failed to probe: No such device or address (os error 6)\n"));
}

#[test]
fn k8_o25_a_device_that_is_held_outlives_its_bus() {
    let tree = node("").child(device("a")).tree();
    let log = Log::default();
    let bus = populated(&tree, &log);
    let device = bus.device(&at(&tree, "/a")).unwrap();
    for what in ["first ", "second "] {
        let (log, what) = (log.clone(), what.to_string());
        device.manage(move || log.0.lock().unwrap().push(what));
    }
    device.set_data(std::ptr::without_provenance_mut(7));
    log.take();
    drop(bus);
    assert_eq!(log.take(), "-/a");
    drop(tree);
    assert!(!device.is_bound());
    assert_eq!((device.node().path().as_str(), device.data().addr()), ("/a", 7));
    drop(device);
    assert_eq!(log.take(), "second  first ");
}

#[test]
fn o17_o25_a_wait_for_releases_names_the_devices() {
    let tree = node("").tree();
    let (log, bus) = (Log::default(), Bus::new(&tree));
    bus.add_driver("x,device", log.driver()).unwrap();
    let blob = overlay().fragment(To::Path("/"), node("").child(device("a"))).blob();
    let id = tree.apply(&blob, &ApplyOptions { name: Some("x.dtbo"), ..Default::default() }).unwrap();
    bus.populate(&tree.root().unwrap()).unwrap();
    let device = bus.device(&at(&tree, "/a")).unwrap();
    bus.unpopulate(&tree.root().unwrap()).unwrap();
    tree.remove(id, RemoveMode::Default).unwrap();
    let error = tree.wait_released(id, Some(Duration::ZERO)).unwrap_err().to_string();
    assert_eq!(error, format!("still held:\noverlay {id} (x.dtbo): device /a: 1 reference\n"));
    drop(device);
    tree.wait_released(id, Some(Duration::ZERO)).unwrap();
    assert_eq!(tree.holders(), "");
}

#[test]
fn k5_o25_a_callback_may_call_the_bus() {
    let tree = node("").child(device("a")).child(device("b")).tree();
    let log = Log::default();
    let bus = Bus::new(&tree);
    let (other, root) = (bus.clone(), at(&tree, "/"));
    let goes = log.probing(move |_| {
        other.unpopulate(&root).unwrap();
        assert!(matches!(other.wait_idle(None), Err(ovl::Error::Deadlock(_))));
        Ok(Probed::Bound)
    });
    bus.add_driver("x,device", goes).unwrap();
    bus.populate(&at(&tree, "/")).unwrap();
    assert_eq!(log.take(), "+/a -/a", "it went while it was probed, and the other one before that");
    bus.remove_driver("x,device").unwrap();
}

#[test]
fn o25_a_thread_that_a_callback_waits_for_may_call_the_bus() {
    let tree = node("").child(device("a")).child(device("b")).child(device("c")).tree();
    let log = Log::default();
    let bus = Bus::new(&tree);
    let (other, inner) = (Arc::new(Mutex::new(None::<Ref<Bus>>)), tree.clone());
    let of_callback = other.clone();
    let script = log.probing(move |device| {
        if device.node().path() == "/a" {
            let bus = of_callback.lock().unwrap().take().unwrap();
            let tree = inner.clone();
            std::thread::spawn(move || {
                assert!(bus.wait_idle(Some(Duration::ZERO)).is_err());
                bus.unpopulate(&at(&tree, "/c")).unwrap();
                bus.populate(&at(&tree, "/")).unwrap();
            })
            .join()
            .unwrap();
        }
        Ok(Probed::Bound)
    });
    *other.lock().unwrap() = Some(bus.clone());
    bus.add_driver("x,device", script).unwrap();
    bus.populate(&at(&tree, "/")).unwrap();
    assert_eq!(log.take(), "+/b +/c +/a", "the others were the thread's");
    bus.wait_idle(None).unwrap();
    bus.unpopulate(&at(&tree, "/")).unwrap();
    assert_eq!(log.take(), "-/a -/c -/b");
}

fn apply(tree: &Tree, blob: &[u8]) -> i32 {
    tree.apply(blob, &ApplyOptions::default()).unwrap()
}

/// A device that needs another one, in one overlay.
fn pair() -> Vec<u8> {
    let user = device("user").cells("clocks", &[1]);
    let clock = device("clock").phandle(1).cells("#clock-cells", &[0]);
    let soc = node("").child(user).child(clock);
    overlay().fragment(To::Path("/soc"), soc).refers("/fragment@0/__overlay__/user", "clocks", 0).blob()
}

#[test]
fn o25_an_overlay_brings_devices_and_takes_them_away() {
    let tree = node("").child(node("soc").child(device("a"))).tree();
    let log = Log::default();
    let bus = populated(&tree, &log);
    assert_eq!(log.take(), "+/soc/a");
    let id = apply(&tree, &pair());
    assert_eq!(log.take(), "+/soc/clock +/soc/user");
    let kept = bus.device(&at(&tree, "/soc/user")).unwrap();
    tree.remove(id, RemoveMode::Default).unwrap();
    assert_eq!(log.take(), "-/soc/user -/soc/clock");
    let held = tree.wait_released(id, Some(Duration::ZERO)).unwrap_err().to_string();
    assert!(held.contains("device /soc/user: 1 reference"), "{held}");
    drop(kept);
    tree.wait_released(id, None).unwrap();
    bus.unpopulate(&at(&tree, "/soc")).unwrap();
    assert_eq!(log.take(), "-/soc/a");
    tree.remove(apply(&tree, &pair()), RemoveMode::Default).unwrap();
    assert_eq!(log.take(), "", "nobody populated that");
    drop(bus);
    tree.remove(apply(&tree, &pair()), RemoveMode::Default).unwrap();
    assert_eq!((log.take().as_str(), tree.holders().as_str()), ("", ""));
}

#[test]
fn o25_a_status_makes_devices_and_takes_them_away() {
    let tree = node("").child(device("a").text("status", "disabled").child(device("b"))).tree();
    let log = Log::default();
    let _bus = populated(&tree, &log);
    assert_eq!(log.take(), "");
    let okay = overlay().fragment(To::Path("/a"), node("").text("status", "okay")).blob();
    let id = apply(&tree, &okay);
    assert_eq!(log.take(), "+/a +/a/b");
    tree.remove(id, RemoveMode::Default).unwrap();
    assert_eq!(log.take(), "-/a/b -/a");
    let changes = ovl::Changeset::new(&tree);
    changes.update_prop(&at(&tree, "/a"), "status", b"okay\0").unwrap();
    changes.apply().unwrap();
    assert_eq!(log.take(), "+/a +/a/b");
    let other = ovl::Changeset::new(&tree);
    other.update_prop(&at(&tree, "/a/b"), "compatible", b"x,nobody\0").unwrap();
    other.apply().unwrap();
    assert_eq!(log.take(), "-/a/b", "it is another device now");
    let detach = ovl::Changeset::new(&tree);
    detach.detach_node(&at(&tree, "/a")).unwrap();
    detach.apply().unwrap();
    assert_eq!(log.take(), "-/a");
    detach.revert().unwrap();
    assert_eq!(log.take(), "+/a");
    other.revert().unwrap();
    assert_eq!(log.take(), "+/a/b");
    changes.revert().unwrap();
    assert_eq!(log.take(), "-/a/b -/a");
}

/// Keeps its devices where it is told to.
struct Stubborn(Script, Arc<Mutex<i32>>);

impl Driver for Stubborn {
    fn probe(&self, device: &Ref<Device>) -> Result<Probed, i32> {
        self.0.probe(device)
    }

    fn remove(&self, device: &Ref<Device>) {
        self.0.remove(device);
    }

    fn can_remove(&self, _: &Ref<Device>) -> Result<(), i32> {
        match *self.1.lock().unwrap() {
            0 => Ok(()),
            errno => Err(errno),
        }
    }
}

#[test]
fn o20_o25_a_driver_may_keep_an_overlay() {
    let tree = node("").child(node("soc")).tree();
    let (log, bus, says) = (Log::default(), Bus::new(&tree), Arc::new(Mutex::new(libc::EBUSY)));
    bus.add_driver("x,device", Stubborn(log.driver(), says.clone())).unwrap();
    bus.populate(&at(&tree, "/")).unwrap();
    let id = apply(&tree, &pair());
    log.take();
    let error = tree.remove(id, RemoveMode::Default).unwrap_err();
    assert_eq!(error.errno(), libc::EBUSY);
    assert!(error.to_string().contains("the driver (x,device) of device /soc/user keeps it"), "{error}");
    assert_eq!(log.take(), "");
    *says.lock().unwrap() = 0;
    // Somebody who is asked even later refuses: the devices come back.
    let refuses = Arc::new(Mutex::new(true));
    let still = refuses.clone();
    let _late = tree.listen(i32::MIN, move |event| {
        match event.kind() == ovl::EventKind::PreRemove && *still.lock().unwrap() {
            true => Err(ovl::Error::Busy("not now".into())),
            false => Ok(()),
        }
    });
    assert!(tree.remove(id, RemoveMode::Default).unwrap_err().to_string().contains("not now"));
    assert_eq!(log.take(), "-/soc/user -/soc/clock +/soc/clock +/soc/user");
    *refuses.lock().unwrap() = false;
    tree.remove(id, RemoveMode::Default).unwrap();
    assert_eq!(log.take(), "-/soc/user -/soc/clock");
    tree.wait_released(id, None).unwrap();
}

#[test]
fn o25_who_gives_up_what_goes_is_tried_again_when_it_is_gone() {
    let tree = node("").child(device("user")).tree();
    let (log, bus) = (Log::default(), Bus::new(&tree));
    let (of_probe, noted) = (tree.clone(), log.clone());
    let alone = log.probing(move |_| {
        if of_probe.node_by_path("/clock").is_err() {
            noted.0.lock().unwrap().push("alone".into());
        }
        Ok(Probed::Bound)
    });
    bus.add_driver("x,device", alone).unwrap();
    bus.populate(&at(&tree, "/")).unwrap();
    assert_eq!(log.take(), "alone +/user");
    let clock = device("clock").phandle(1).cells("#clock-cells", &[0]);
    let uses = node("").text("compatible", "x,device").cells("clocks", &[1]);
    let blob = overlay()
        .fragment(To::Path("/"), node("").child(clock))
        .fragment(To::Path("/user"), uses)
        .refers("/fragment@1/__overlay__", "clocks", 0)
        .blob();
    let id = apply(&tree, &blob);
    assert_eq!(log.take(), "-/user +/clock +/user");
    tree.remove(id, RemoveMode::Default).unwrap();
    assert_eq!(log.take(), "-/user -/clock alone +/user");
}

/// The story of the PCI card: its driver brings the card's own devicetree and takes it away, from inside of what the bus does.
#[test]
fn o22_o25_a_driver_applies_an_overlay_at_its_own_node() {
    let tree = node("").child(node("pci").child(device("card@0").text("status", "disabled"))).tree();
    let card_tree =
        overlay().fragment(To::Path("/"), node("").child(device("i2c@0").child(device("sensor@48")))).blob();
    let (log, bus) = (Log::default(), Bus::new(&tree));
    let id = Arc::new(Mutex::new(0));
    let (of_probe, of_remove) = (id.clone(), id.clone());
    let (tree_of_probe, tree_of_remove) = (tree.clone(), tree.clone());
    let is_card = |device: &Ref<Device>| device.node().name() == "card@0";
    let card = Script {
        probe: Box::new(move |device| {
            if is_card(device) {
                let options = ApplyOptions { base: Some(device.node()), ..Default::default() };
                *of_probe.lock().unwrap() =
                    tree_of_probe.apply(&card_tree, &options).map_err(|e| e.errno())?;
            }
            Ok(Probed::Bound)
        }),
        remove: Box::new(move |device| {
            if is_card(device) {
                tree_of_remove.remove(*of_remove.lock().unwrap(), RemoveMode::Default).unwrap();
            }
        }),
        ..log.driver()
    };
    bus.add_driver("x,device", card).unwrap();
    bus.populate(&at(&tree, "/")).unwrap();
    let before = tree.to_fdt().unwrap();
    for _ in 0..100 {
        let okay = ovl::Changeset::new(&tree);
        okay.update_prop(&at(&tree, "/pci/card@0"), "status", b"okay\0").unwrap();
        okay.apply().unwrap();
        assert_eq!(log.take(), "+/pci/card@0 +/pci/card@0/i2c@0 +/pci/card@0/i2c@0/sensor@48");
        okay.revert().unwrap();
        assert_eq!(log.take(), "-/pci/card@0/i2c@0/sensor@48 -/pci/card@0/i2c@0 -/pci/card@0");
        let gone = *id.lock().unwrap();
        tree.wait_released(gone, None).unwrap();
    }
    assert_eq!(tree.to_fdt().unwrap(), before);
}
