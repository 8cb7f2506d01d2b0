// SPDX-License-Identifier: MIT OR Apache-2.0
//! Links (M6) and pipelines (M7), and what may be put into a graph.

mod common;

use common::*;
use kref::Ref;
use mediadev::uapi::*;
use mediadev::{Device, Entity, Kind, LinkInfo, Pipeline};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{mpsc, Arc, Barrier, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

const IMMUTABLE: u32 = LINK_ENABLED | LINK_IMMUTABLE;

fn add(device: &Ref<Device>, name: &str, pads: &[u32]) -> Ref<Entity> {
    Device::add_entity(device, name, SCALER, pads).unwrap()
}

/// Two entities with one link.
fn pair(ops: Ops, flags: u32) -> (Ref<Device>, impl Fn(u32) -> mediadev::Result<()>) {
    let device = registered(ops);
    let (a, b) = (add(&device, "a", &[PAD_SOURCE]), add(&device, "b", &[PAD_SINK]));
    a.add_link(0, &b, 0, flags).unwrap();
    let ends = (a.id(), b.id());
    let of = device.clone();
    (device, move |flags| Device::setup_link(&of, (ends.0, 0), (ends.1, 0), flags))
}

#[test]
fn m6_both_ends_are_asked_and_the_device_is_told() {
    let log = Log::default();
    let camera = camera(Ops { notified: true, ..Ops::new(&log) });
    camera.first(LINK_ENABLED).unwrap();
    let said =
        ["Before 0x0 to 0x1", "setup Sensor:0 0x0 to 0x1", "setup Scaler:0 0x0 to 0x1", "After 0x1 to 0x1"];
    assert_eq!(log.take(), said);
    assert_eq!(camera.first_flags(), LINK_ENABLED);
    camera.first(LINK_ENABLED).unwrap();
    assert!(log.take().is_empty(), "the same flags are no change");
    let version = camera.device.topology().version();
    camera.first(0).unwrap();
    assert_eq!(log.take().len(), 4);
    let now = camera.device.topology();
    assert_eq!((now.version(), now.link(0).unwrap().flags), (version, 0), "nothing came or went");
}

#[test]
fn m6_only_enabled_changes_and_nothing_of_an_immutable_link() {
    let log = Log::default();
    let (_device, setup) = pair(Ops::new(&log), 0);
    for flags in [IMMUTABLE, LINK_DYNAMIC, LINK_ENABLED | LINK_INTERFACE, 1 << 9] {
        assert_eq!(kind(setup(flags)), Kind::Invalid);
    }
    let (_device, setup) = pair(Ops::new(&log), IMMUTABLE);
    setup(IMMUTABLE).unwrap();
    assert_eq!(
        sentence(setup(LINK_IMMUTABLE)),
        "camera (platform:camera): \"a\":0 -> \"b\":0: its flags are 0x3 and cannot be 0x2: only ENABLED can change, \
         and nothing of an immutable link"
    );
    assert_eq!(kind(setup(0)), Kind::Invalid);
    assert!(log.take().is_empty());
}

#[test]
fn m6_a_refusal_restores_both_ends() {
    let log = Log::default();
    let refuses = Arc::new(Mutex::new("Sensor".to_owned()));
    let who = refuses.clone();
    let hook = move |(name, _, link, flags): (String, u32, LinkInfo, u32)| match name == *who.lock().unwrap()
        && flags != link.flags
    {
        true => Err(libc::EPERM),
        false => Ok(()),
    };
    let camera = camera(Ops { notified: true, setup: Some(Box::new(hook)), ..Ops::new(&log) });
    let refused = camera.first(LINK_ENABLED).unwrap_err();
    assert_eq!(refused.errno(), libc::EPERM);
    let why = "camera (platform:camera): \"Sensor\":0 -> \"Scaler\":0: link_setup of \"Sensor\": Operation not permitted";
    assert!(refused.to_string().starts_with(why), "{refused}");
    assert_eq!(log.take(), ["Before 0x0 to 0x1", "setup Sensor:0 0x0 to 0x1", "After 0x0 to 0x1"]);
    *refuses.lock().unwrap() = "Scaler".to_owned();
    assert_eq!(camera.first(LINK_ENABLED).unwrap_err().errno(), libc::EPERM);
    let said = [
        "Before 0x0 to 0x1",
        "setup Sensor:0 0x0 to 0x1",
        "setup Scaler:0 0x0 to 0x1",
        "setup Sensor:0 0x0 to 0x0",
        "After 0x0 to 0x1",
    ];
    assert_eq!(log.take(), said);
    assert_eq!(camera.first_flags(), 0);
}

#[test]
fn m6_a_link_that_streams_has_to_be_dynamic() {
    let (fixed, dynamic) =
        (pair(Ops::default(), LINK_ENABLED), pair(Ops::default(), LINK_ENABLED | LINK_DYNAMIC));
    for (device, _) in [&fixed, &dynamic] {
        let a = Device::entity(device, 1).unwrap();
        Pipeline::new().start(&a, 0).unwrap();
    }
    assert_eq!(
        sentence(fixed.1(0)),
        "camera (platform:camera): \"a\":0 -> \"b\":0: data flows at a pad of it, and it is not dynamic"
    );
    fixed.1(LINK_ENABLED).unwrap();
    dynamic.1(LINK_DYNAMIC).unwrap();
    dynamic.1(LINK_ENABLED | LINK_DYNAMIC).unwrap();
}

#[test]
fn m6_a_link_to_what_streams_has_to_be_dynamic_from_either_end() {
    for streams in [1, 2] {
        let (device, setup) = pair(Ops::default(), 0);
        let end = device.topology().entity(streams - 1).unwrap().id;
        let pipeline = Pipeline::new();
        pipeline.start(&Device::entity(&device, end).unwrap(), 0).unwrap();
        assert_eq!(kind(setup(LINK_ENABLED)), Kind::Busy, "data flows at end {streams}");
        pipeline.stop(&Device::entity(&device, end).unwrap(), 0).unwrap();
        setup(LINK_ENABLED).unwrap();
    }
}

#[test]
fn m6_callbacks_may_change_other_links_and_the_graph() {
    let log = Log::default();
    let camera = Arc::new(OnceLock::<Camera>::new());
    let inner = camera.clone();
    let hook = move |(name, _, _, flags): (String, u32, LinkInfo, u32)| {
        let camera = inner.get().unwrap();
        if name == "Sensor" {
            // The second follows the first.
            camera.second(flags).unwrap();
            Device::add_entity(&camera.device, "Flash", 0, &[]).unwrap();
            assert!(camera.device.topology().num_entities() > 3);
        }
        Ok(())
    };
    let made = common::camera(Ops { setup: Some(Box::new(hook)), ..Ops::new(&log) });
    camera.set(made).ok().unwrap();
    let camera = camera.get().unwrap();
    camera.first(LINK_ENABLED).unwrap();
    let topology = camera.device.topology();
    assert!(topology.links().all(|link| link.is_enabled()));
    assert_eq!(log.take().len(), 4);
}

#[test]
fn m6_a_link_that_goes_while_it_is_asked_about_stays_away() {
    let camera = Arc::new(OnceLock::<Camera>::new());
    let inner = camera.clone();
    let hook = move |_| {
        let Camera { sensor, scaler, .. } = inner.get().unwrap();
        let _ = sensor.remove_link(0, scaler, 0);
        Ok(())
    };
    let made = common::camera(Ops { setup: Some(Box::new(hook)), ..Ops::default() });
    camera.set(made).ok().unwrap();
    let camera = camera.get().unwrap();
    assert_eq!(kind(camera.first(LINK_ENABLED)), Kind::NotFound);
    assert_eq!(camera.device.topology().num_links(), 1);
}

#[test]
fn m6_a_link_that_begins_to_stream_while_it_is_asked_about_stays_as_it_is() {
    let camera = Arc::new(OnceLock::<Camera>::new());
    let (inner, starts, log) = (camera.clone(), Pipeline::new(), Log::default());
    let hook = move |(name, _, link, flags): (String, u32, LinkInfo, u32)| {
        if name == "Scaler" && flags != link.flags {
            starts.start(&inner.get().unwrap().sensor, 0).unwrap();
        }
        Ok(())
    };
    let made = common::camera(Ops { setup: Some(Box::new(hook)), ..Ops::new(&log) });
    camera.set(made).ok().unwrap();
    let camera = camera.get().unwrap();
    assert_eq!(
        sentence(camera.first(LINK_ENABLED)),
        "camera (platform:camera): \"Sensor\":0 -> \"Scaler\":0: data flows at a pad of it, and it is not dynamic"
    );
    let said = [
        "setup Sensor:0 0x0 to 0x1",
        "setup Scaler:0 0x0 to 0x1",
        "setup Scaler:0 0x0 to 0x0",
        "setup Sensor:0 0x0 to 0x0",
    ];
    assert_eq!(log.take(), said);
    assert_eq!(camera.first_flags(), 0);
}

#[test]
fn m6_one_change_at_a_time() {
    let (inside, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (now, seen) = (inside.clone(), most.clone());
    let hook = move |_| {
        seen.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        thread::yield_now();
        now.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    };
    let camera = camera(Ops { setup: Some(Box::new(hook)), ..Ops::default() });
    thread::scope(|scope| {
        for n in 0..4 {
            let camera = &camera;
            scope.spawn(move || {
                for round in 0..200 {
                    let flags = (round + n) % 2;
                    if n < 2 { camera.first(flags) } else { camera.second(flags) }.unwrap();
                }
            });
        }
    });
    assert_eq!(most.load(Ordering::SeqCst), 1);
}

/// Two devices whose links are changed by way of one another: nobody hangs, and who cannot go on is told.
#[test]
fn m6_two_devices_that_change_one_another_do_not_lock_up() {
    let both = Arc::new(OnceLock::<[Camera; 2]>::new());
    let met = Arc::new(Barrier::new(2));
    let refused = Arc::new(AtomicU32::new(0));
    let make = |n: usize| {
        let (both, met, refused) = (both.clone(), met.clone(), refused.clone());
        let hook = move |(name, _, _, flags): (String, u32, LinkInfo, u32)| {
            if name == "Sensor" && flags == LINK_ENABLED {
                met.wait();
                match both.get().unwrap()[1 - n].second(LINK_ENABLED) {
                    Err(error) => {
                        assert_eq!(error.kind(), Kind::Deadlock);
                        refused.fetch_add(1, Ordering::SeqCst);
                        return Err(libc::EDEADLK);
                    }
                    Ok(()) => return Ok(()),
                }
            }
            Ok(())
        };
        camera(Ops { setup: Some(Box::new(hook)), ..Ops::default() })
    };
    both.set([make(0), make(1)]).ok().unwrap();
    let outcomes = thread::scope(|scope| {
        let threads = [0, 1].map(|n| {
            let both = &both;
            scope.spawn(move || both.get().unwrap()[n].first(LINK_ENABLED).is_ok())
        });
        threads.map(|thread| thread.join().unwrap())
    });
    assert_eq!((outcomes.iter().filter(|&&ok| ok).count(), refused.load(Ordering::SeqCst)), (1, 1));
}

#[test]
fn m6_what_may_be_linked() {
    let (device, other) = (registered(Ops::default()), registered(Ops::default()));
    let (a, b) =
        (add(&device, "a", &[PAD_SOURCE, PAD_SINK]), add(&device, "b", &[PAD_SINK, PAD_SINK | PAD_INTERNAL]));
    let far = add(&other, "far", &[PAD_SINK]);
    let refused = |made: mediadev::Result<u32>, wanted: Kind, why: &str| {
        let error = made.unwrap_err();
        assert_eq!((error.kind(), &*error.to_string()), (wanted, why));
    };
    refused(
        a.add_link(1, &b, 0, 0),
        Kind::Invalid,
        "camera (platform:camera): \"a\":1 -> \"b\":0: \"a\":1 is no source",
    );
    refused(
        b.add_link(0, &a, 0, 0),
        Kind::Invalid,
        "camera (platform:camera): \"b\":0 -> \"a\":0: \"b\":0 is no source",
    );
    refused(
        a.add_link(0, &b, 1, 0),
        Kind::Invalid,
        "camera (platform:camera): \"a\":0 -> \"b\":1: \"b\":1 is no sink",
    );
    refused(
        a.add_link(0, &b, 2, 0),
        Kind::Invalid,
        "camera (platform:camera): \"b\": it has 2 pads, and no pad 2",
    );
    refused(
        a.add_link(0, &b, 0, LINK_ANCILLARY),
        Kind::Invalid,
        "camera (platform:camera): \"a\":0 -> \"b\":0: unknown flags 0x20000000 of a link",
    );
    refused(
        a.add_link(0, &far, 0, 0),
        Kind::Invalid,
        "camera (platform:camera): \"a\" and camera (platform:camera): \"far\" are of different devices",
    );
    a.add_link(0, &b, 0, 0).unwrap();
    refused(
        a.add_link(0, &b, 0, 0),
        Kind::Exists,
        "camera (platform:camera): \"a\":0 -> \"b\":0: there is such a link",
    );
    b.remove().unwrap();
    refused(
        a.add_link(0, &b, 0, 0),
        Kind::NotFound,
        "camera (platform:camera): \"b\": it is not in the graph any more",
    );
    assert_eq!(kind(a.link(0, &b, 0)), Kind::NotFound);
    assert_eq!(kind(a.remove_link(0, &b, 0)), Kind::NotFound);
}

#[test]
fn m4_what_may_be_an_entity() {
    let device = registered(Ops::default());
    let refused = |name: &str, pads: &[u32]| sentence(Device::add_entity(&device, name, 0, pads));
    assert_eq!(
        refused("", &[]),
        "camera (platform:camera): an entity cannot be called \"\": 1 to 63 bytes, no NUL"
    );
    assert!(refused(&"x".repeat(64), &[]).contains("cannot be called"));
    assert!(refused("a\0b", &[]).contains("cannot be called"));
    assert_eq!(
        refused("a", &[PAD_SINK, PAD_SINK | PAD_SOURCE]),
        "camera (platform:camera): \"a\":1 is to have the flags 0x3: a pad is a sink or a source"
    );
    assert!(refused("a", &[PAD_MUST_CONNECT]).contains("0x4"));
    assert!(refused("a", &[PAD_SINK | 1 << 9]).contains("0x201"));
    assert!(refused("a", &[PAD_SINK; 513]).contains("513 pads, and 512 is the most"));
    let most = Device::add_entity(&device, &"x".repeat(63), 0, &[PAD_SINK; 512]).unwrap();
    assert_eq!((most.num_pads(), most.name().count_bytes(), most.id()), (512, 63, 1), "no id was wasted");
}

#[test]
fn m4_k7_ids_run_out_and_are_not_used_again() {
    let device = registered(Ops::default());
    let fill = |count| -> Kind {
        loop {
            match Device::add_entity(&device, "many", 0, &vec![PAD_SINK; count]) {
                Ok(entity) => entity.remove().unwrap(),
                Err(error) => return error.kind(),
            }
        }
    };
    assert_eq!((fill(512), fill(0)), (Kind::Full, Kind::Full));
    assert_eq!(device.topology().num_entities(), 0);
}

#[test]
fn m7_a_pipeline_takes_what_enabled_links_reach_and_nests() {
    let log = Log::default();
    let camera = camera(Ops::new(&log));
    camera.second(LINK_ENABLED).unwrap();
    log.take();
    let (pipeline, Camera { sensor, scaler, capture, .. }) = (Pipeline::new(), &camera);
    let streaming = || {
        let of =
            |entity: &Entity| (0..entity.num_pads()).map(|pad| entity.is_streaming(pad).unwrap()).collect();
        [of(sensor), of(scaler), of(capture)] as [Vec<bool>; 3]
    };
    let (none, two) = ([vec![false], vec![false; 2], vec![false]], [vec![false], vec![true; 2], vec![true]]);
    pipeline.start(capture, 0).unwrap();
    assert_eq!((streaming(), log.take()), (two.clone(), vec!["validate Capture:0".to_owned()]));
    pipeline.start(scaler, 1).unwrap();
    assert!(log.take().is_empty(), "what runs has been validated");
    pipeline.stop(scaler, 0).unwrap();
    assert_eq!(streaming(), two);
    assert_eq!(
        sentence(pipeline.stop(sensor, 0)),
        "camera (platform:camera): \"Sensor\":0: pipeline_stop: it is not in this pipeline"
    );
    assert_eq!(
        sentence(capture.remove()),
        "camera (platform:camera): \"Capture\": remove: pad 0 is streaming"
    );
    assert_eq!(kind(scaler.remove_link(1, capture, 0)), Kind::Busy);
    pipeline.stop(capture, 0).unwrap();
    assert_eq!(streaming(), none);
    assert_eq!(kind(pipeline.stop(capture, 0)), Kind::Invalid);
    assert_eq!(kind(pipeline.start(capture, 1)), Kind::Invalid);
    assert_eq!(kind(capture.is_streaming(1)), Kind::Invalid);
}

#[test]
fn m7_what_was_linked_since_joins_when_it_is_started_again() {
    let camera = registered(Ops::default());
    let source = add(&camera, "source", &[PAD_SOURCE]);
    let (one, other) = (add(&camera, "one", &[PAD_SINK]), add(&camera, "other", &[PAD_SINK]));
    source.add_link(0, &one, 0, LINK_ENABLED).unwrap();
    source.add_link(0, &other, 0, LINK_DYNAMIC).unwrap();
    let pipeline = Pipeline::new();
    pipeline.start(&one, 0).unwrap();
    Device::setup_link(&camera, (source.id(), 0), (other.id(), 0), LINK_DYNAMIC | LINK_ENABLED).unwrap();
    assert!(!other.is_streaming(0).unwrap());
    pipeline.start(&other, 0).unwrap();
    assert!(other.is_streaming(0).unwrap());
    pipeline.stop(&one, 0).unwrap();
    pipeline.stop(&other, 0).unwrap();
    assert!(!one.is_streaming(0).unwrap() && !other.is_streaming(0).unwrap());
}

#[test]
fn m7_a_pad_is_in_one_pipeline() {
    let camera = camera(Ops::default());
    camera.second(LINK_ENABLED).unwrap();
    let (one, other) = (Pipeline::new(), Pipeline::new());
    one.start(&camera.scaler, 0).unwrap();
    other.start(&camera.sensor, 0).unwrap();
    assert_eq!(
        sentence(other.start(&camera.capture, 0)),
        "camera (platform:camera): pipeline_start: \"Scaler\":0: it is in another pipeline"
    );
    assert_eq!(kind(other.start(&camera.capture, 0)), Kind::Busy);
    one.stop(&camera.capture, 0).unwrap();
    other.start(&camera.capture, 0).unwrap();
}

#[test]
fn m7_a_pad_that_must_be_connected_is() {
    let device = registered(Ops::default());
    let source = add(&device, "source", &[PAD_SOURCE]);
    let sink = add(&device, "sink", &[PAD_SINK | PAD_MUST_CONNECT, PAD_SINK]);
    source.add_link(0, &sink, 0, 0).unwrap();
    source.add_link(0, &sink, 1, LINK_ENABLED).unwrap();
    let start = || Pipeline::new().start(&source, 0);
    assert_eq!(
        sentence(start()),
        "camera (platform:camera): pipeline_start: \"sink\":0: it must be connected, and no link of it is enabled"
    );
    assert_eq!(kind(start()), Kind::NoLink);
    assert!(!source.is_streaming(0).unwrap(), "nothing is left of it");
    Device::setup_link(&device, (source.id(), 0), (sink.id(), 0), LINK_ENABLED).unwrap();
    start().unwrap();
}

#[test]
fn m7_a_link_that_is_not_valid_stops_the_start() {
    let log = Log::default();
    let hook = |link: LinkInfo| {
        if link.sink_pad == 0 && link.source_entity == 1 {
            Err(libc::EPIPE)
        } else {
            Ok(())
        }
    };
    let camera = camera(Ops { validate: Some(Box::new(hook)), ..Ops::new(&log) });
    camera.first(LINK_ENABLED).unwrap();
    camera.second(LINK_ENABLED).unwrap();
    let refused = Pipeline::new().start(&camera.capture, 0).unwrap_err();
    assert_eq!(refused.errno(), libc::EPIPE);
    let why =
        "camera (platform:camera): pipeline_start: \"Sensor\":0 -> \"Scaler\":0: link_validate: Broken pipe";
    assert!(refused.to_string().starts_with(why), "{refused}");
    assert!(!camera.capture.is_streaming(0).unwrap());
}

/// A camera whose `link_validate` does something.
fn validating(hook: impl Fn(&Camera) + Send + Sync + 'static) -> Arc<OnceLock<Camera>> {
    let camera = Arc::new(OnceLock::<Camera>::new());
    let inner = camera.clone();
    let hook = move |_| {
        hook(inner.get().unwrap());
        Ok(())
    };
    let made = common::camera(Ops { validate: Some(Box::new(hook)), ..Ops::default() });
    made.second(LINK_ENABLED).unwrap();
    camera.set(made).ok().unwrap();
    camera
}

#[test]
fn m7_what_was_done_while_a_link_was_validated_counts() {
    let other = Pipeline::new();
    // Only once, or it would be asked about its own start.
    let asked = AtomicU32::new(0);
    let camera = validating(move |camera| {
        if asked.fetch_add(1, Ordering::SeqCst) == 0 {
            other.start(&camera.scaler, 0).unwrap();
        }
    });
    let capture = &camera.get().unwrap().capture;
    assert_eq!(kind(Pipeline::new().start(capture, 0)), Kind::Busy, "it is the other one's by now");
    let camera = validating(|camera| camera.scaler.remove().unwrap());
    let capture = &camera.get().unwrap().capture;
    assert_eq!(kind(Pipeline::new().start(capture, 0)), Kind::NotFound);
    assert!(!capture.is_streaming(0).unwrap());
}

/// While entities are asked about a link, no other thread makes data flow through it.
#[test]
fn m6_m7_a_pipeline_waits_for_a_link_that_is_changed() {
    let camera = Arc::new(OnceLock::<Camera>::new());
    let (inner, (started, starts)) = (camera.clone(), mpsc::channel());
    let starter = Mutex::new(None);
    let hook = move |(name, ..): (String, u32, LinkInfo, u32)| {
        if name == "Sensor" {
            let (camera, started) = (inner.clone(), started.clone());
            let thread = thread::spawn(move || {
                let camera = camera.get().unwrap();
                Pipeline::new().start(&camera.sensor, 0).unwrap();
                started.send(camera.first_flags()).unwrap();
            });
            starter.lock().unwrap().replace(thread);
            // Long enough for one who does not wait.
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    };
    let made = common::camera(Ops { setup: Some(Box::new(hook)), ..Ops::default() });
    camera.set(made).ok().unwrap();
    let camera = camera.get().unwrap();
    camera.first(LINK_ENABLED).unwrap();
    assert_eq!(starts.recv().unwrap(), LINK_ENABLED);
    assert!(camera.scaler.is_streaming(1).unwrap(), "it flows along the link as it is now");
}

#[test]
fn m7_m1_no_pipeline_starts_on_a_device_that_is_gone_and_one_that_runs_can_be_stopped() {
    let camera = camera(Ops::default());
    let pipeline = Pipeline::new();
    pipeline.start(&camera.capture, 0).unwrap();
    camera.device.unregister();
    assert_eq!(kind(pipeline.start(&camera.capture, 0)), Kind::Gone);
    assert_eq!(kind(camera.first(LINK_ENABLED)), Kind::Gone);
    pipeline.stop(&camera.capture, 0).unwrap();
}
