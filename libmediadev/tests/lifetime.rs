// SPDX-License-Identifier: MIT OR Apache-2.0
//! How long a device lives, and in which order it is freed: M1 to M5, M10, K4, K5, K8.

mod common;

use common::*;
use kref::{Port, Ref};
use mediadev::{Answer, Context, Device, File, Kind};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{mpsc, Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const GONE: u32 = (libc::POLLERR | libc::POLLHUP) as u32;
const ALL: [&str; 2] = ["before_free", "after_free"];

#[test]
fn m1_nothing_begins_after_unregister() {
    let log = Log::default();
    let device = device(Ops { poll: Some(Box::new(|()| 1)), ..Ops::new(&log) });
    assert_eq!(sentence(File::open(&device)), "camera (platform:camera): open: it has not been registered");
    assert!(!device.is_registered());
    device.unregister();
    Device::register(&device).unwrap();
    assert!(device.is_registered());
    assert_eq!(kind(Device::register(&device)), Kind::Busy);
    let file = File::open(&device).unwrap();
    assert_eq!((ioctl(&file, 7).unwrap(), File::poll(&file, None)), (7, 1));
    device.unregister();
    device.unregister();
    assert!(!device.is_registered());
    assert_eq!(kind(File::open(&device)), Kind::Gone);
    assert_eq!(sentence(ioctl(&file, 7)), "camera (platform:camera): ioctl: the device is gone");
    assert_eq!(kind(File::topology(&file)), Kind::Gone);
    assert_eq!(File::poll(&file, None), GONE);
    assert_eq!(kind(Device::register(&device)), Kind::Busy);
    assert_eq!(log.take(), ["open"]);
    drop(file);
    assert_eq!(log.take(), ["close"], "also now: what belongs to the handle has to be freed");
}

#[test]
fn m1_no_graph_grows_after_unregister_and_what_is_there_may_go() {
    let Camera { device, sensor, scaler, capture } = camera(Ops::default());
    let video = device.add_interface(0x200, 0, 81, 0).unwrap();
    device.unregister();
    assert_eq!(kind(Device::add_entity(&device, "late", 0, &[])), Kind::Gone);
    assert_eq!(kind(device.add_interface(0x200, 0, 81, 1)), Kind::Gone);
    assert_eq!(kind(sensor.add_link(0, &capture, 0, 0)), Kind::Gone);
    assert_eq!(kind(capture.add_interface_link(video, 0)), Kind::Gone);
    assert_eq!(kind(sensor.add_ancillary_link(&scaler)), Kind::Gone);
    let now = device.topology();
    assert_eq!((now.num_entities(), now.num_interfaces(), now.num_links()), (3, 1, 2));
    device.remove_interface(video).unwrap();
    sensor.remove_link(0, &scaler, 0).unwrap();
    scaler.remove().unwrap();
    assert_eq!(device.topology().num_links(), 0);
}

#[test]
fn m1_a_refused_open_leaves_nothing() {
    let log = Log::default();
    let device = registered(Ops { open: Some(Box::new(|_| Err(libc::EPERM))), ..Ops::new(&log) });
    let refused = File::open(&device).err().unwrap();
    assert_eq!(refused.errno(), libc::EPERM);
    assert!(refused.to_string().starts_with("camera (platform:camera): open: "));
    assert_eq!(log.take(), ["open"], "what was refused is not closed");
    assert!(device.files().is_empty());
}

#[test]
fn m2_sleepers_wake_and_running_calls_end_on_valid_memory() {
    let log = Log::default();
    let asleep = Arc::new(AtomicU32::new(0));
    let asked = asleep.clone();
    let device = registered(Ops {
        ioctl: Some(Box::new(move |_| {
            asked.fetch_add(1, Ordering::SeqCst);
            Ok(Answer::NotYet)
        })),
        ..Ops::new(&log)
    });
    let file = File::open(&device).unwrap();
    let waits = {
        let (file, other) = (file.clone(), file.clone());
        let ioctl = thread::spawn(move || kind(ioctl(&file, 1)));
        (ioctl, thread::spawn(move || File::poll(&other, None)))
    };
    while asleep.load(Ordering::SeqCst) < 2 {
        thread::yield_now();
    }
    let began = Instant::now();
    device.unregister();
    assert_eq!(waits.0.join().unwrap(), Kind::Gone);
    assert_eq!(waits.1.join().unwrap(), GONE);
    assert!(began.elapsed() < Duration::from_secs(1));
    device.drain(Some(Duration::from_secs(10))).unwrap();
}

#[test]
fn m2_a_call_that_waits_is_tried_again_when_there_is_something() {
    let (log, ready) = (Log::default(), Arc::new(AtomicU32::new(0)));
    let now = ready.clone();
    let device = registered(Ops {
        ioctl: Some(Box::new(move |_| match now.load(Ordering::SeqCst) {
            0 => Ok(Answer::NotYet),
            value => Ok(Answer::Done(value as i32)),
        })),
        ..Ops::new(&log)
    });
    let file = File::open(&device).unwrap();
    assert_eq!(File::try_driver_call(&file, 1, std::ptr::null_mut()).unwrap(), None);
    let told = Arc::new(AtomicU32::new(0));
    let heard = told.clone();
    let listening = Device::listen(&device, move || {
        heard.fetch_add(1, Ordering::SeqCst);
    })
    .unwrap();
    let other = file.clone();
    let waits = thread::spawn(move || ioctl(&other, 1).unwrap());
    thread::sleep(Duration::from_millis(10));
    ready.store(5, Ordering::SeqCst);
    device.notify();
    assert_eq!(waits.join().unwrap(), 5);
    assert_eq!(File::try_driver_call(&file, 1, std::ptr::null_mut()).unwrap(), Some(5));
    assert_eq!(told.load(Ordering::SeqCst), 1);
    device.unregister();
    assert_eq!(told.load(Ordering::SeqCst), 2, "a transport has to know that too");
    drop(listening);
    device.notify();
    assert_eq!(told.load(Ordering::SeqCst), 2);
}

/// Everything that holds a device, let go one after the other.
#[test]
fn m3_released_once_last_and_in_order() {
    let log = Log::default();
    let holders = camera(Ops { requests: true, ..Ops::new(&log) });
    let file = File::open(&holders.device).unwrap();
    let request = mediadev::Request::new(&file).unwrap();
    let (first, second) = (log.note("managed first"), log.note("managed second"));
    holders.device.manage(move || drop(first));
    holders.device.manage(move || drop(second));
    holders.sensor.context().set(log.context("sensor's"));
    file.context().set(log.context("handle's"));
    request.context().unwrap().set(log.context("request's"));
    let topology = File::topology(&file).unwrap();
    holders.device.unregister();
    let Camera { device, sensor, scaler, capture } = holders;
    log.take();
    drop((device, capture, scaler));
    assert!(log.take().is_empty());
    drop(file);
    assert_eq!(log.take(), ["close", "handle's"]);
    drop(request);
    assert_eq!(log.take(), ["request's"]);
    assert_eq!((sensor.id(), sensor.name(), sensor.is_attached()), (1, c"Sensor", true));
    drop(sensor);
    assert_eq!(log.take(), ["before_free", "sensor's", "managed second", "managed first", "after_free"]);
    assert_eq!(topology.num_entities(), 3, "a snapshot needs nobody");
}

#[test]
fn m3_the_graph_is_intact_when_the_release_begins_and_nothing_can_begin() {
    let log = Log::default();
    let seen = Arc::new(Mutex::new(None));
    let see = seen.clone();
    let hook = move |device: *const Device| {
        // SAFETY: it is valid during the call.
        #[allow(unsafe_code)]
        let device = unsafe { &*device };
        *see.lock().unwrap() = Some((device.topology().num_entities(), device.drain(None).is_ok()));
        assert_eq!(kind(device.add_interface(0x200, 0, 0, 0)), Kind::Gone);
    };
    let camera = camera(Ops { before_free: Some(Box::new(hook)), ..Ops::new(&log) });
    camera.device.unregister();
    drop(camera);
    assert_eq!(*seen.lock().unwrap(), Some((3, true)));
}

#[test]
fn m3_a_device_that_never_was_registered_can_be_drained_in_its_release() {
    let log = Log::default();
    let hook = |device: *const Device| {
        // SAFETY: it is valid during the call.
        #[allow(unsafe_code)]
        unsafe { &*device }.drain(None).unwrap();
    };
    drop(device(Ops { before_free: Some(Box::new(hook)), ..Ops::new(&log) }));
    assert_eq!(log.take(), ALL);
}

#[test]
fn m3_the_same_path_whatever_the_device_went_through() {
    let log = Log::default();
    let never = device(Ops::new(&log));
    let note = log.note("managed");
    never.manage(move || drop(note));
    drop(Device::add_entity(&never, "x", 0, &[]).unwrap());
    drop(never);
    assert_eq!(log.take(), ["before_free", "managed", "after_free"]);
    let nameless = Device::new(mediadev::Info::new("", "", "").unwrap(), Ops::new(&log));
    assert_eq!(
        sentence(Device::register(&nameless)),
        ": register: it has no name of a driver, or none of a model"
    );
    drop(nameless);
    assert_eq!(log.take(), ALL);
    let registered = registered(Ops::new(&log));
    let own = Ref::downgrade(&registered);
    drop(registered);
    assert!(log.take().is_empty(), "it holds itself");
    own.upgrade().unwrap().unregister();
    assert_eq!(log.take(), ALL);
}

#[test]
fn k5_a_call_may_close_its_own_handle_and_free_its_device() {
    let log = Log::default();
    let held = Arc::new(Mutex::new(None::<(Port<File>, Ref<Device>)>));
    let (hook, said) = (held.clone(), log.clone());
    let device = registered(Ops {
        ioctl: Some(Box::new(move |(file, ..)| {
            let (mine, device) = hook.lock().unwrap().take().unwrap();
            assert_eq!(kind(device.drain(None)), Kind::Deadlock, "at once, also while others could begin");
            device.unregister();
            assert_eq!(kind(device.drain(None)), Kind::Deadlock, "inside of its own call");
            drop((mine, device));
            assert_eq!(Port::count(&file), 1, "that of this hook");
            drop(file);
            said.say("still running");
            Ok(Answer::Done(3))
        })),
        ..Ops::new(&log)
    });
    let file = File::open(&device).unwrap();
    // The call borrows what is dropped in it, as a C program's does that closes its handle in a callback.
    let raw = file.as_raw();
    *held.lock().unwrap() = Some((file, device));
    // SAFETY: it is held when the call begins, and by the call from then on.
    #[allow(unsafe_code)]
    let borrowed = unsafe { ManuallyDrop::new(Port::<File>::from_raw(raw)) };
    assert_eq!(ioctl(&borrowed, 1).unwrap(), 3);
    assert_eq!(log.take(), ["open", "still running", "close", "before_free", "after_free"]);
}

#[test]
fn k4_a_drain_waits_for_what_runs() {
    let (log, (enter, entered), (leave, left)) = (Log::default(), mpsc::channel(), mpsc::channel());
    let (enter, left) = (Mutex::new(enter), Mutex::new(left));
    let device = registered(Ops {
        ioctl: Some(Box::new(move |_| {
            enter.lock().unwrap().send(()).unwrap();
            left.lock().unwrap().recv().unwrap();
            Ok(Answer::Done(0))
        })),
        ..Ops::new(&log)
    });
    let file = File::open(&device).unwrap();
    assert_eq!(
        sentence(device.drain(Some(Duration::ZERO))),
        "camera (platform:camera): drain: it has not been unregistered"
    );
    let runs = thread::spawn(move || ioctl(&file, 1));
    entered.recv().unwrap();
    device.unregister();
    assert_eq!(kind(device.drain(Some(Duration::from_millis(5)))), Kind::TimedOut);
    leave.send(()).unwrap();
    device.drain(None).unwrap();
    assert_eq!(runs.join().unwrap().unwrap(), 0);
}

#[test]
fn m4_what_is_held_of_the_graph_holds_the_device() {
    let log = Log::default();
    let Camera { device, sensor, scaler, capture } = camera(Ops::new(&log));
    let again = Device::entity(&device, sensor.id()).unwrap();
    assert!(Ref::ptr_eq(&again, &sensor), "those who hold it share a handle");
    let id = sensor.id();
    sensor.context().set(log.context("sensor's"));
    sensor.remove().unwrap();
    assert_eq!(
        (sensor.is_attached(), sensor.id(), sensor.name(), sensor.num_pads()),
        (false, id, c"Sensor", 1)
    );
    assert_eq!(kind(sensor.remove()), Kind::NotFound);
    assert_eq!(kind(sensor.pad_id(0)), Kind::NotFound);
    assert_eq!(kind(Device::entity(&device, id)), Kind::NotFound);
    let topology = device.topology();
    assert_eq!((topology.num_entities(), topology.num_links()), (2, 1), "its links have gone with it");
    let new = Device::add_entity(&device, "Sensor", SENSOR, &[]).unwrap();
    assert!(new.id() > id && topology.entity_by_id(new.id()).is_err(), "an id is not used twice");
    device.unregister();
    drop((device, scaler, capture, new, again));
    assert!(log.take().is_empty());
    drop(sensor);
    assert_eq!(log.take(), ["sensor's", "before_free", "after_free"]);
}

#[test]
fn m5_versions_grow_and_generations_differ() {
    let (one, other) = (device(Ops::default()), device(Ops::default()));
    assert_ne!(one.generation(), other.generation());
    let mut last = one.topology().version();
    let mut grew = |what: &str| {
        let now = one.topology();
        assert!(now.version() > last, "{what}");
        assert_eq!(now.generation(), one.generation());
        last = now.version();
    };
    let a = Device::add_entity(&one, "a", 0, &[mediadev::uapi::PAD_SOURCE]).unwrap();
    let b = Device::add_entity(&one, "b", 0, &[mediadev::uapi::PAD_SINK]).unwrap();
    grew("entities");
    a.add_link(0, &b, 0, 0).unwrap();
    grew("a link");
    let interface = one.add_interface(0x200, 0, 81, 0).unwrap();
    grew("an interface");
    a.add_interface_link(interface, mediadev::uapi::LINK_ENABLED).unwrap();
    grew("an interface link");
    a.add_ancillary_link(&b).unwrap();
    grew("an ancillary link");
    one.remove_interface(interface).unwrap();
    grew("an interface gone");
    a.remove_link(0, &b, 0).unwrap();
    grew("a link gone");
    b.remove().unwrap();
    grew("an entity gone");
    let before = one.topology();
    assert!(Ref::ptr_eq(&before, &one.topology()), "made once");
    a.set_flags(mediadev::uapi::ENTITY_DEFAULT).unwrap();
    let now = one.topology();
    let flags = |topology: &mediadev::Topology| topology.entity_by_id(a.id()).unwrap().flags;
    assert_eq!(
        (flags(&before), flags(&now)),
        (0, mediadev::uapi::ENTITY_DEFAULT),
        "and again when it has changed"
    );
}

#[test]
fn m10_handles_have_a_context_and_can_be_walked() {
    let log = Log::default();
    let device = registered(Ops::new(&log));
    assert!(device.files().is_empty());
    let files: Vec<_> = (0..3).map(|_| File::open(&device).unwrap()).collect();
    for (file, n) in files.iter().zip(1usize..) {
        assert!(file.context().get().is_null());
        file.context().set(Context::boxed(n));
    }
    let contexts = || {
        let number = |file: &Port<File>| {
            // SAFETY: what was put there above.
            #[allow(unsafe_code)]
            unsafe {
                *file.context().get().cast::<usize>()
            }
        };
        let mut all: Vec<_> = device.files().iter().map(number).collect();
        all.sort_unstable();
        all
    };
    assert_eq!(contexts(), [1, 2, 3]);
    files[0].context().set(log.context("first"));
    log.take();
    files[0].context().set(log.context("second"));
    assert_eq!(log.take(), ["first"], "freed when another one takes its place");
    drop(files.into_iter().next());
    assert_eq!(log.take()[..2], ["close", "second"]);
    assert!(device.files().is_empty());
}

#[test]
fn m10_a_handle_that_has_not_been_granted_is_none() {
    let seen = Arc::new(AtomicU32::new(0));
    let sees = seen.clone();
    let hook = move |file: Port<File>| {
        sees.fetch_add(1 + file.device().files().len() as u32, Ordering::SeqCst);
        Ok(())
    };
    let device = registered(Ops { open: Some(Box::new(hook)), ..Ops::default() });
    let file = File::open(&device).unwrap();
    assert_eq!(
        (seen.load(Ordering::SeqCst), device.files().len()),
        (1, 1),
        "the provider had not said yes yet"
    );
    drop(file);
}

#[test]
fn m10_a_handle_being_closed_can_be_looked_at_and_not_used() {
    let log = Log::default();
    let hook = |file: *const Port<File>| {
        // SAFETY: it is valid during the call.
        #[allow(unsafe_code)]
        let file = unsafe { &*file };
        assert!(file.try_clone().is_none() && file.device().files().is_empty());
        assert_eq!((kind(ioctl(file, 1)), File::poll(file, None)), (Kind::Gone, GONE));
        assert!(!file.context().get().is_null());
    };
    let device = registered(Ops { close: Some(Box::new(hook)), ..Ops::new(&log) });
    let file = File::open(&device).unwrap();
    file.context().set(log.context("handle's"));
    drop(file);
    assert_eq!(log.take(), ["open", "close", "handle's"]);
}

#[test]
fn k8_resources_are_freed_with_the_device_and_not_before() {
    let log = Log::default();
    let device = registered(Ops::new(&log));
    for what in ["one", "two", "three"] {
        let note = log.note(what);
        device.manage(move || drop(note));
    }
    let file = File::open(&device).unwrap();
    device.unregister();
    drop(device);
    assert_eq!(log.take(), ["open"], "the provider has left, and the device has not");
    drop(file);
    assert_eq!(log.take(), ["close", "before_free", "three", "two", "one", "after_free"]);
}
