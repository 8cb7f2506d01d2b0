// SPDX-License-Identifier: MIT OR Apache-2.0
//! Listeners (O20 to O22): they are told of everything in order, may refuse, come back into the library, wait for other threads,
//! and outlive what they listen to.

mod common;
use common::*;
use ovl::{Action, Changeset, Error, Event, EventKind, Notifier, RemoveMode, StateChange, Tree};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{mpsc, Arc, Mutex};
use std::thread;
use std::time::Duration;

const NOW: Option<Duration> = Some(Duration::ZERO);

/// What listeners were told, a line each.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn say(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// A listener that says everything and refuses nothing.
    fn listen(&self, tree: &Tree) -> Notifier {
        let log = self.clone();
        tree.listen(0, move |event| {
            log.say(line(event));
            Ok(())
        })
    }
}

fn line(event: &Event<'_>) -> String {
    let kind = match event.kind() {
        EventKind::Change(action) => format!("{action:?}"),
        kind => format!("{kind:?} {}", event.changeset().count()),
    };
    let node = event.node().map_or_else(String::new, |node| format!(" {}", node.path()));
    let value = |prop: Option<&ovl::Prop>| {
        prop.map(|prop| {
            format!(" {}={}", prop.name(), String::from_utf8_lossy(prop.data()).trim_end_matches('\0'))
        })
    };
    let (now, before) = (value(event.prop()).unwrap_or_default(), value(event.before()));
    let before = before.map_or_else(String::new, |before| format!(" was{before}"));
    let state = event.state_change().map_or_else(String::new, |state| format!(" ({state:?})"));
    format!("{kind}{node}{now}{before}{state}")
}

fn hat() -> Vec<u8> {
    overlay()
        .fragment(
            To::Label("i2c0"),
            node("")
                .text("status", "okay")
                .child(node("sensor").text("compatible", "acme,sensor").child(node("port"))),
        )
        .fragment(
            To::Label("uart0"),
            node("").text("note", "hat").child(node("off").text("status", "disabled")),
        )
        .blob()
}

fn apply(tree: &Tree, blob: &[u8]) -> ovl::Result<i32> {
    tree.apply(blob, &ovl::ApplyOptions::default())
}

fn remove(tree: &Tree, id: i32) -> ovl::Result<()> {
    tree.remove(id, RemoveMode::Default)
}

fn refusal() -> Error {
    Error::Io { path: "the driver".into(), source: std::io::Error::from_raw_os_error(libc::EPERM) }
}

#[test]
fn o21_events_tell_everything_in_order_and_backward() {
    let tree = board().tree();
    let log = Log::default();
    let notifier = log.listen(&tree);
    let id = apply(&tree, &hat()).unwrap();
    assert_eq!(
        log.take(),
        [
            "PreApply 6",
            // Its label needed one.
            "Add /soc/i2c@a000 phandle=\0\0\0\u{6}",
            "Update /soc/i2c@a000 status=okay was status=disabled (Added)",
            "Attach /soc/i2c@a000/sensor (Added)",
            "Attach /soc/i2c@a000/sensor/port (Added)",
            "Add /soc/uart@9000 note=hat",
            "Attach /soc/uart@9000/off",
            "PostApply 6",
        ]
    );
    // What another one has set above is not touched by what goes below it.
    let changes = Changeset::new(&tree);
    let (i2c, uart) = (tree.node_by_label("i2c0").unwrap(), tree.node_by_label("uart0").unwrap());
    changes.set_string(&i2c, "status", "reserved").unwrap();
    changes.remove_prop(&uart, "reg").unwrap();
    changes.apply().unwrap();
    assert_eq!(
        log.take(),
        [
            "PreApply 2",
            "Update /soc/i2c@a000 status=reserved was status=okay (Removed)",
            "Remove /soc/uart@9000 was reg=\0\0\u{fffd}\0\0\0\u{1}",
            "PostApply 2"
        ]
    );
    remove(&tree, id).unwrap();
    assert_eq!(
        log.take(),
        [
            "PreRemove 6",
            "Detach /soc/uart@9000/off",
            "Remove /soc/uart@9000 was note=hat",
            "Detach /soc/i2c@a000/sensor/port (Removed)",
            "Detach /soc/i2c@a000/sensor (Removed)",
            "Remove /soc/i2c@a000 was phandle=\0\0\0\u{6}",
            "PostRemove 6",
        ]
    );
    changes.revert().unwrap();
    assert_eq!(
        log.take(),
        [
            "PreRemove 2",
            "Add /soc/uart@9000 reg=\0\0\u{fffd}\0\0\0\u{1}",
            "Update /soc/i2c@a000 status=disabled was status=reserved",
            "PostRemove 2"
        ]
    );
    drop(notifier);
    apply(&tree, &hat()).unwrap();
    assert_eq!(log.take(), [""; 0]);
}

/// A device that comes switched off and is switched on by the same changeset has come once.
#[test]
fn o21_state_is_told_once_and_for_the_whole() {
    let tree = board().tree();
    let log = Log::default();
    let changes = Changeset::new(&tree);
    let node = changes.create_node(Some(&tree.root().unwrap()), "vm").unwrap();
    changes.set_string(&node, "status", "disabled").unwrap();
    changes.set_u32(&node, "reg", 0x0a).unwrap();
    changes.set_string(&node, "status", "okay").unwrap();
    let uart = tree.node_by_label("uart0").unwrap();
    changes.set_string(&uart, "status", "okay").unwrap();
    changes.set_string(&uart, "status", "fail").unwrap();
    let _notifier = log.listen(&tree);
    changes.apply().unwrap();
    assert_eq!(
        log.take(),
        [
            "PreApply 6",
            "Attach /vm",
            "Add /vm status=disabled",
            "Add /vm reg=\0\0\0\n",
            "Update /vm status=okay was status=disabled (Added)",
            "Update /soc/uart@9000 status=okay was status=disabled",
            "Update /soc/uart@9000 status=fail was status=okay",
            "PostApply 6"
        ]
    );
    changes.revert().unwrap();
    assert_eq!(
        log.take().iter().filter(|line| line.contains('(')).cloned().collect::<Vec<_>>(),
        ["Detach /vm (Removed)"]
    );
}

#[test]
fn o20_a_listener_may_refuse_and_those_before_are_told() {
    let tree = board().tree();
    let before = blob_of(&tree);
    let log = Log::default();
    let say = |priority: i32, name: &'static str, refuse: Option<EventKind>| {
        let log = log.clone();
        tree.listen(priority, move |event| {
            let entry = matches!(event.kind(), EventKind::Change(_));
            (!entry).then(|| log.say(format!("{name} {:?}", event.kind())));
            if refuse == Some(event.kind()) {
                Err(refusal())
            } else {
                Ok(())
            }
        })
    };
    let _last = say(-5, "last", None);
    let _first = say(5, "first", None);
    let _second = say(5, "second", None);
    {
        let _third = say(0, "third", Some(EventKind::PreApply));
        let error = apply(&tree, &hat()).unwrap_err();
        assert_eq!(error.errno(), libc::EPERM);
        assert!(error.to_string().contains("a listener refuses: the driver: "), "{error}");
        assert_eq!(
            log.take(),
            ["first PreApply", "second PreApply", "third PreApply", "second AbortApply", "first AbortApply"]
        );
        assert_eq!(
            (blob_of(&tree), tree.overlays(), tree.holders()),
            (before.clone(), vec![], String::new())
        );
        let changes = Changeset::new(&tree);
        changes.set_u32(&tree.root().unwrap(), "x", 1).unwrap();
        assert_eq!(changes.apply().unwrap_err().errno(), libc::EPERM);
        assert!(!changes.is_applied());
        log.take();
    }
    let id = apply(&tree, &hat()).unwrap();
    let applied = blob_of(&tree);
    log.take();
    {
        let _third = say(0, "third", Some(EventKind::PreRemove));
        assert_eq!(remove(&tree, id).unwrap_err().errno(), libc::EPERM);
        assert_eq!(
            log.take(),
            [
                "first PreRemove",
                "second PreRemove",
                "third PreRemove",
                "second AbortRemove",
                "first AbortRemove"
            ]
        );
        assert_eq!((blob_of(&tree), tree.overlays()), (applied, vec![id]));
    }
    // Those behind are told when the tree itself refuses.
    let on_top =
        overlay().fragment(To::Path("/soc/i2c/sensor"), node("").text("x", "y")).apply(&tree).unwrap();
    log.take();
    assert_eq!(remove(&tree, id).unwrap_err().errno(), libc::EBUSY);
    let told = ["first", "second", "last"].map(|name| format!("{name} PreRemove"));
    let aborted = ["first", "second", "last"].map(|name| format!("{name} AbortRemove"));
    assert_eq!(log.take(), [told, aborted].concat());
    remove(&tree, on_top).unwrap();
    remove(&tree, id).unwrap();
    assert_eq!(blob_of(&tree), before);
}

#[test]
fn o20_an_error_afterwards_undoes_nothing() {
    for kind in [EventKind::PostApply, EventKind::Change(Action::Attach)] {
        let tree = board().tree();
        let log = Log::default();
        let _fails = tree.listen(1, move |event| if event.kind() == kind { Err(refusal()) } else { Ok(()) });
        let _told_too = log.listen(&tree);
        let error = apply(&tree, &hat()).unwrap_err();
        let Error::Afterwards { id, errno, .. } = error else { panic!("{error}") };
        assert_eq!((tree.overlays(), errno), (vec![id], libc::EPERM));
        assert_eq!(log.take().len(), 8);
        remove(&tree, id).unwrap();
        let changes = Changeset::new(&tree);
        changes.create_node(Some(&tree.root().unwrap()), "new").unwrap();
        assert!(matches!(changes.apply(), Err(Error::Afterwards { id, .. }) if id == changes.id()));
        assert!(changes.is_applied() && tree.node_by_path("/new").is_ok());
    }
    let tree = board().tree();
    let before = blob_of(&tree);
    let _fails =
        tree.listen(1, |event| if event.kind() == EventKind::PostRemove { Err(refusal()) } else { Ok(()) });
    let id = apply(&tree, &hat()).unwrap();
    assert!(matches!(remove(&tree, id), Err(Error::Afterwards { id: of, .. }) if of == id));
    assert_eq!(blob_of(&tree), before);
}

/// What a listener keeps stays what it was, whatever becomes of overlay, tree and library.
#[test]
fn o20_the_view_holds_what_it_shows() {
    let tree = board().tree();
    let kept: Arc<Mutex<Vec<Changeset>>> = Arc::default();
    let keep = kept.clone();
    let notifier = tree.listen(0, move |event| {
        keep.lock().unwrap().push(event.changeset().clone());
        Ok(())
    });
    let id = apply(&tree, &hat()).unwrap();
    let view = kept.lock().unwrap()[0].clone();
    assert_eq!((view.id(), view.is_overlay(), view.is_applied(), view.name()), (id, true, true, None));
    for error in [
        view.apply().map(drop).unwrap_err(),
        view.revert().unwrap_err(),
        view.set_u32(&tree.root().unwrap(), "x", 1).unwrap_err(),
        view.create_node(None, "x").map(drop).unwrap_err(),
    ] {
        assert_eq!(error.errno(), libc::EINVAL, "{error}");
    }
    remove(&tree, id).unwrap();
    assert_eq!(tree.wait_released(id, NOW).unwrap_err().errno(), libc::ETIMEDOUT);
    drop((tree, notifier));
    let entries: Vec<String> = (0..view.count())
        .map(|i| view.entry(i).unwrap())
        .map(|entry| {
            let value = |prop: Option<ovl::Prop>| prop.map(|prop| prop.data().to_vec());
            format!(
                "{:?} {} {:?} {:?}",
                entry.action,
                entry.node.path(),
                value(entry.prop),
                value(entry.before)
            )
        })
        .collect();
    assert_eq!(entries[2], "Attach /soc/i2c@a000/sensor None None");
    let bytes = |text: &str| format!("Some({:?})", format!("{text}\0").into_bytes());
    assert_eq!(entries[1], format!("Update /soc/i2c@a000 {} {}", bytes("okay"), bytes("disabled")));
    kept.lock().unwrap().clear();
}

/// While nothing is in the tree yet, its nodes can be read, and have the path that they will have.
#[test]
fn o20_what_is_planned_can_be_looked_at() {
    let tree = board().tree();
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let (see, weak) = (seen.clone(), Mutex::new(Some(tree.clone())));
    let _notifier = tree.listen(0, move |event| {
        if event.kind() == EventKind::PreApply {
            let tree = weak.lock().unwrap().take().unwrap();
            assert!(tree.node_by_path("/soc/i2c/sensor").is_err() && tree.overlays().is_empty());
            let node = event.changeset().entry(2)?.node;
            see.lock().unwrap().push(format!("{} {}", node.path(), node.read_string("compatible", 0)?));
            assert!(!node.is_attached() && node.parent().is_none());
            assert_eq!(tree.remove(event.id(), RemoveMode::Default).unwrap_err().errno(), libc::EBUSY);
        }
        Ok(())
    });
    apply(&tree, &hat()).unwrap();
    assert_eq!(*seen.lock().unwrap(), ["/soc/i2c@a000/sensor acme,sensor"]);
}

/// A card's driver: its probe applies an overlay at its own node, its remove takes it out; both inside of a listener.
#[test]
fn o22_the_pci_card() {
    let tree = board().tree();
    let before = blob_of(&tree);
    let card = overlay()
        .fragment(To::Path("/soc"), node("").child(node("pci@0").text("compatible", "acme,card")))
        .blob();
    let inside = overlay().fragment(To::Path("/"), node("").child(node("eeprom"))).blob();
    let applied: Arc<Mutex<Option<i32>>> = Arc::default();
    let (of_driver, of_tree) = (applied.clone(), tree.clone());
    let driver = tree.listen(0, move |event| {
        let is_card = |node: &ovl::Node| node.is_compatible("acme,card");
        match (event.kind(), event.state_change()) {
            (EventKind::Change(_), Some(StateChange::Added)) if event.node().is_some_and(is_card) => {
                let options = ovl::ApplyOptions { base: event.node(), ..Default::default() };
                *of_driver.lock().unwrap() = Some(of_tree.apply(&inside, &options)?);
            }
            (EventKind::PreRemove, _) => {
                let mut entries = (0..event.changeset().count()).map(|i| event.changeset().entry(i).unwrap());
                if entries.any(|entry| is_card(&entry.node)) {
                    let own = of_driver.lock().unwrap().take().expect("applied by probe");
                    // What is in progress is busy, and what is inside of it is not.
                    assert_eq!(
                        of_tree.remove(event.id(), RemoveMode::Default).unwrap_err().errno(),
                        libc::EBUSY
                    );
                    of_tree.remove(own, RemoveMode::Default)?;
                }
            }
            _ => {}
        }
        Ok(())
    });
    for _ in 0..3 {
        let id = apply(&tree, &card).unwrap();
        assert_eq!(
            paths(&tree).iter().filter(|path| path.contains("eeprom")).collect::<Vec<_>>(),
            ["/soc/pci@0/eeprom"]
        );
        let of_probe = applied.lock().unwrap().unwrap();
        assert_eq!(tree.overlays(), [id, of_probe]);
        remove(&tree, id).unwrap();
        assert_eq!((blob_of(&tree), tree.overlays()), (before.clone(), vec![]));
    }
    drop(driver);
    tree.wait_released(0, NOW).unwrap();
}

/// Applies or removes something each time it is asked, before what it is asked about.
fn meddle(
    tree: &Tree,
    kind: EventKind,
    meddle: impl Fn(&Tree, i32) -> ovl::Result<()> + Send + Sync + 'static,
) -> Notifier {
    let (of_tree, depth) = (tree.clone(), AtomicUsize::new(0));
    tree.listen(0, move |event| {
        if event.kind() != kind || depth.fetch_add(1, Ordering::Relaxed) > 0 {
            return Ok(());
        }
        let result = meddle(&of_tree, event.id());
        depth.store(0, Ordering::Relaxed);
        result
    })
}

#[test]
fn o22_a_plan_that_still_holds_is_committed_as_it_was_told() {
    let tree = board().tree();
    let before = blob_of(&tree);
    let other = || overlay().fragment(To::Path("/"), node("").child(node("other").phandle(1)));
    let given: Arc<Mutex<Vec<i32>>> = Arc::default();
    let give = given.clone();
    let notifier = meddle(&tree, EventKind::PreApply, move |tree, _| {
        give.lock().unwrap().push(other().apply(tree)?);
        Ok(())
    });
    let card = overlay().fragment(To::Path("/soc"), node("").child(node("card").phandle(1))).blob();
    let id = apply(&tree, &card).unwrap();
    let other = given.lock().unwrap().pop().unwrap();
    assert!(id < other, "told first");
    let (card, other_node) = (tree.node_by_path("/soc/card").unwrap(), tree.node_by_path("/other").unwrap());
    assert_ne!(card.phandle(), other_node.phandle());
    assert_eq!(tree.node_by_phandle(card.phandle()).unwrap(), card);
    // The one that came last is the one that goes first.
    drop(notifier);
    assert_eq!(tree.remove_all().unwrap(), 2);
    assert_eq!(blob_of(&tree), before);
}

#[test]
fn o22_a_plan_that_was_thwarted_is_made_and_told_anew() {
    let tree = board().tree();
    let before = blob_of(&tree);
    let log = Log::default();
    let once = AtomicUsize::new(0);
    let _meddles = meddle(&tree, EventKind::PreApply, move |tree, _| {
        if once.fetch_add(1, Ordering::Relaxed) == 0 {
            overlay()
                .fragment(To::Path("/soc"), node("").child(node("card").text("from", "other")))
                .apply(tree)?;
        }
        Ok(())
    });
    let _notifier = log.listen(&tree);
    let card = overlay().fragment(To::Path("/soc"), node("").child(node("card").text("from", "card"))).blob();
    apply(&tree, &card).unwrap();
    let told: Vec<String> = log.take().into_iter().filter(|line| !line.starts_with("Pre")).collect();
    assert_eq!(
        told,
        [
            "Attach /soc/card (Added)",
            "PostApply 1",
            "AbortApply 1",
            "Update /soc/card from=card was from=other",
            "PostApply 1"
        ]
    );
    assert_eq!(tree.remove_all().unwrap(), 2);
    assert_eq!(blob_of(&tree), before);
}

/// Each time it is told, the base is changed so that the plan does not hold: that ends, with -EBUSY.
#[test]
fn o22_a_plan_that_is_always_thwarted_ends() {
    let tree = board().tree();
    let count = Arc::new(AtomicUsize::new(0));
    let times = count.clone();
    let notifier = meddle(&tree, EventKind::PreApply, move |tree, _| {
        // The parent goes, and another one comes in its place.
        times.fetch_add(1, Ordering::Relaxed);
        let soc = tree.node_by_path("/soc")?;
        let changes = Changeset::new(tree);
        changes.detach_node(&soc)?;
        changes.create_node(Some(&tree.root()?), "soc")?;
        changes.apply().map(drop)
    });
    let error = overlay().fragment(To::Path("/soc"), node("").child(node("card"))).apply(&tree).unwrap_err();
    assert_eq!((error.errno(), count.load(Ordering::Relaxed)), (libc::EBUSY, 4), "{error}");
    assert!(tree.overlays().is_empty() && tree.node_by_path("/soc/card").is_err());
    drop(notifier);
    tree.wait_released(0, NOW).unwrap();
}

/// A listener waits for another thread that applies, removes, reads and listens; nobody waits for ever.
#[test]
fn o22_a_listener_may_wait_for_threads_that_change_the_tree() {
    for kind in [
        EventKind::PreApply,
        EventKind::PostApply,
        EventKind::PreRemove,
        EventKind::PostRemove,
        EventKind::Change(Action::Attach),
    ] {
        let tree = board().tree();
        let before = blob_of(&tree);
        let notifier = meddle(&tree, kind, move |tree, in_progress| {
            let tree = tree.clone();
            let worker = thread::spawn(move || {
                let own = overlay().fragment(To::Path("/"), node("").child(node("worker"))).apply(&tree)?;
                let _listens = tree.listen(0, |_| Ok(()));
                tree.node_by_path("/worker")?;
                let changes = Changeset::new(&tree);
                changes.set_u32(&tree.root()?, "x", 1)?;
                changes.apply()?;
                changes.revert()?;
                match tree.remove(in_progress, RemoveMode::Default) {
                    Err(error) if error.errno() == libc::EBUSY => tree.remove(own, RemoveMode::Default),
                    other => panic!("{other:?}"),
                }
            });
            worker.join().unwrap()
        });
        let id = apply(&tree, &hat()).unwrap();
        remove(&tree, id).unwrap();
        assert_eq!(blob_of(&tree), before, "{kind:?}");
        drop(notifier);
    }
}

/// The last handles of everything go inside of the listener that is called with them (K5).
#[test]
fn k5_a_listener_drops_the_last_references() {
    for kind in [EventKind::PreApply, EventKind::PostApply, EventKind::Change(Action::Attach)] {
        let tree = board().tree();
        let held: Arc<Mutex<Option<(Tree, Changeset)>>> = Arc::default();
        let dropper = held.clone();
        let notifier = tree.listen(0, move |event| {
            let last = (event.kind() == kind).then(|| dropper.lock().unwrap().take()).flatten();
            drop(last);
            Ok(())
        });
        let changes = Changeset::new(&tree);
        let new = changes.create_node(Some(&tree.root().unwrap()), "new").unwrap();
        let raw = changes.clone().into_raw();
        *held.lock().unwrap() = Some((tree, changes));
        // As C does: the reference of the caller is the one that goes away.
        #[allow(unsafe_code)]
        // SAFETY: the listener's handle is the same object; this one is leaked and counted once more below.
        let applied = unsafe {
            let changes = Changeset::from_raw(std::ptr::NonNull::new(raw).unwrap());
            changes.apply()
        };
        match kind {
            EventKind::PreApply => assert_eq!(applied.unwrap_err().errno(), libc::ENODEV, "the tree is gone"),
            _ => drop(applied.unwrap()),
        }
        assert_eq!((new.is_attached(), new.name()), (false, "new"));
        drop(notifier);
    }
}

/// A listener unregisters itself and others; what it holds is dropped once, when nobody is in it.
#[test]
fn o20_unregistering_waits_for_nobody() {
    struct Said(mpsc::Sender<&'static str>, &'static str);
    impl Drop for Said {
        fn drop(&mut self) {
            self.0.send(self.1).unwrap();
        }
    }
    let (say, heard) = mpsc::channel();
    let tree = board().tree();
    let own: Arc<Mutex<Option<Notifier>>> = Arc::default();
    let (inside, tells, calls) = (own.clone(), Said(say.clone(), "first gone"), say.clone());
    let first = tree.listen(1, move |event| {
        let _ = &tells;
        calls.send("first called").unwrap();
        if event.kind() == EventKind::PreApply {
            let own = inside.lock().unwrap().take().unwrap();
            assert!(own.is_inside());
            drop(own);
            calls.send("unregistered").unwrap();
        }
        Ok(())
    });
    *own.lock().unwrap() = Some(first);
    apply(&tree, &hat()).unwrap();
    assert_eq!(heard.try_iter().collect::<Vec<_>>(), ["first called", "unregistered", "first gone"]);

    // Another thread unregisters while the call runs: it does not wait, and the end comes after the call.
    let (enter, entered) = mpsc::channel();
    let (leave, left) = mpsc::channel::<()>();
    let (tells, calls, left) = (Said(say.clone(), "second gone"), say.clone(), Mutex::new(left));
    let second = tree.listen(1, move |_| {
        let _ = &tells;
        enter.send(()).unwrap();
        left.lock().unwrap().recv().unwrap();
        calls.send("second leaves").unwrap();
        Ok(())
    });
    thread::scope(|scope| {
        let worker = scope.spawn(|| {
            overlay().fragment(To::Path("/"), node("").child(node("worker"))).apply(&tree).unwrap();
        });
        entered.recv().unwrap();
        drop(second);
        assert!(heard.try_recv().is_err(), "still in it");
        // Nobody is told any more, and the tree can be changed meanwhile.
        overlay().fragment(To::Path("/"), node("").child(node("main"))).apply(&tree).unwrap();
        leave.send(()).unwrap();
        worker.join().unwrap();
    });
    assert_eq!(heard.try_iter().collect::<Vec<_>>(), ["second leaves", "second gone"]);

    // It outlives its tree, and one that was never called is dropped too.
    let tells = Said(say, "third gone");
    let third = tree.listen(0, move |_| {
        let _ = &tells;
        Ok(())
    });
    drop(tree);
    assert!(heard.try_recv().is_err());
    drop(third);
    assert_eq!(heard.try_iter().collect::<Vec<_>>(), ["third gone"]);
}

#[test]
fn o22_a_listener_that_panics_leaves_everything_usable() {
    let tree = board().tree();
    let before = blob_of(&tree);
    for kind in [EventKind::PreApply, EventKind::PostApply] {
        let notifier = tree.listen(0, move |event| {
            assert_ne!(event.kind(), kind, "planted");
            Ok(())
        });
        let changes = Changeset::new(&tree);
        let node = changes.create_node(Some(&tree.root().unwrap()), "new").unwrap();
        let quietly = |run: &(dyn Fn() + Sync)| {
            thread::scope(|scope| {
                let named = thread::Builder::new().name("planted".into());
                named
                    .spawn_scoped(scope, || {
                        std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_err()
                    })
                    .unwrap();
            });
        };
        quietly(&|| drop(changes.apply()));
        assert_eq!(
            (changes.is_applied(), node.is_attached()),
            (kind == EventKind::PostApply, kind == EventKind::PostApply)
        );
        quietly(&|| drop(apply(&tree, &hat())));
        drop(notifier);
        if changes.is_applied() {
            changes.revert().unwrap();
        }
        tree.remove_all().unwrap();
        assert_eq!(blob_of(&tree), before);
        drop((changes, node));
        tree.wait_released(0, NOW).unwrap();
    }
}
