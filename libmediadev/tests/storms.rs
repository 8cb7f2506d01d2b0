// SPDX-License-Identifier: MIT OR Apache-2.0
//! Threads that do everything at the same time, while devices come and go. Short here; `make soak` runs each for 100,000 rounds.

mod common;

use common::*;
use kref::sync::lock;
use kref::{Port, Ref};
use mediadev::uapi::LINK_ENABLED;
use mediadev::{
    allocator_get, Answer, Context, Device, DeviceOps, Entity, Error, File, Kind, OpResult, Request,
};
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const SOAK: usize = 100_000;
/// Nobody may be kept longer than this by anything that a storm does. A second is the promise; but it is the storm itself that keeps
/// the machine busy, with more threads than it has processors, and who does not run is not kept by the library.
const LATEST: Duration = Duration::from_secs(5);

/// The longest that anybody was kept, in microseconds.
#[derive(Default)]
struct Longest(AtomicU64);

impl Longest {
    /// What began then has ended now.
    #[track_caller]
    fn ended(&self, began: Instant) {
        let took = began.elapsed();
        assert!(took < LATEST, "{took:?}");
        self.0.fetch_max(took.as_micros() as u64, SeqCst);
    }

    fn tell(&self, began: Instant, what: std::fmt::Arguments<'_>) {
        let longest = Duration::from_micros(self.0.load(SeqCst));
        println!("{what} in {:.1?}; the longest call took {longest:.1?}", began.elapsed());
    }
}

/// What a device went through, and what it still has to.
#[derive(Default)]
struct Life {
    stage: AtomicUsize,
    /// How often it was opened.
    opened: AtomicUsize,
    /// Handles and contexts that have yet to be freed.
    open: AtomicUsize,
    contexts: AtomicUsize,
}

/// How many devices are there, of all rounds.
#[derive(Default)]
struct Living(AtomicUsize);

struct Stormy {
    life: Arc<Life>,
    living: Arc<Living>,
    /// Nothing may run when this has been said.
    freed: AtomicBool,
}

impl Stormy {
    fn runs(&self) {
        assert!(!self.freed.load(SeqCst), "an operation of a device that is being freed");
    }
}

impl DeviceOps for Stormy {
    fn open(&self, file: &Port<File>) -> OpResult<()> {
        self.runs();
        self.life.opened.fetch_add(1, SeqCst);
        self.life.open.fetch_add(1, SeqCst);
        self.life.contexts.fetch_add(1, SeqCst);
        let life = self.life.clone();
        struct Counted(Arc<Life>);
        impl Drop for Counted {
            fn drop(&mut self) {
                self.0.contexts.fetch_sub(1, SeqCst);
            }
        }
        file.context().set(Context::boxed(Counted(life)));
        Ok(())
    }
    fn close(&self, _: &Port<File>) {
        self.runs();
        self.life.open.fetch_sub(1, SeqCst);
    }
    fn ioctl(&self, file: &Port<File>, request: u32, _: *mut c_void) -> OpResult<Answer> {
        self.runs();
        match request {
            // Sleeps until the device goes.
            1 => Ok(Answer::NotYet),
            // Comes back into the library.
            2 => Ok(Answer::Done(file.device().files().len() as i32)),
            _ => Ok(Answer::Done(0)),
        }
    }
    fn link_setup(&self, entity: &Ref<Entity>, _: u32, _: &mediadev::LinkInfo, _: u32) -> OpResult<()> {
        self.runs();
        entity.device().topology();
        Ok(())
    }
    fn has_requests(&self) -> bool {
        true
    }
    fn request_queue(&self, request: &Ref<Request>) {
        self.runs();
        let _ = request.complete();
    }
    fn before_free(&self, device: &Device) {
        assert_eq!(self.life.stage.swap(1, SeqCst), 0, "before_free comes first, once");
        assert_eq!(
            (self.life.open.load(SeqCst), self.life.contexts.load(SeqCst)),
            (0, 0),
            "handles are closed before"
        );
        assert_eq!((device.topology().num_entities(), device.files().len()), (2, 0), "the graph is intact");
        self.freed.store(true, SeqCst);
    }
}

impl Drop for Stormy {
    fn drop(&mut self) {
        assert_eq!(self.life.stage.swap(3, SeqCst), 2, "after_free comes last, once");
        self.living.0.fetch_sub(1, SeqCst);
    }
}

/// A device with two linked entities, of which one has a context that is part of the graph.
fn make(living: &Arc<Living>) -> (Ref<Device>, Arc<Life>) {
    living.0.fetch_add(1, SeqCst);
    let life = Arc::new(Life::default());
    let its = life.clone();
    let ops = Stormy { life: life.clone(), living: living.clone(), freed: AtomicBool::new(false) };
    let device = Device::new(info(), ops);
    let a = Device::add_entity(&device, "a", SENSOR, &[mediadev::uapi::PAD_SOURCE]).unwrap();
    let b = Device::add_entity(&device, "b", CAPTURE, &[mediadev::uapi::PAD_SINK]).unwrap();
    a.add_link(0, &b, 0, 0).unwrap();
    struct OfTheGraph(Arc<Life>);
    impl Drop for OfTheGraph {
        fn drop(&mut self) {
            assert_eq!(self.0.stage.swap(2, SeqCst), 1, "the graph goes between the two");
        }
    }
    a.context().set(Context::boxed(OfTheGraph(life)));
    Device::register(&device).unwrap();
    (device, its)
}

/// Data, or that the device has gone, and in time.
#[track_caller]
fn fine<T>(longest: &Longest, call: impl FnOnce() -> Result<T, Error>) -> Option<T> {
    let began = Instant::now();
    let outcome = call();
    longest.ended(began);
    match outcome {
        Ok(value) => Some(value),
        Err(error) => {
            assert_eq!(error.kind(), Kind::Gone, "{error}");
            None
        }
    }
}

/// Everything that a consumer can do, one thing after the other.
fn consume(device: &Ref<Device>, turn: usize, longest: &Longest) {
    let Some(file) = fine(longest, || File::open(device)) else { return };
    match turn % 8 {
        0 => {
            fine(longest, || ioctl(&file, 0));
        }
        1 => {
            fine(longest, || ioctl(&file, 2));
        }
        2 => {
            fine(longest, || ioctl(&file, 1));
        }
        3 => {
            fine(longest, || Ok(File::poll(&file, Some(Duration::from_micros(50)))));
        }
        4 => {
            if let Some(request) = fine(longest, || Request::new(&file)) {
                if fine(longest, || Request::queue(&request)).is_some() {
                    fine(longest, || Request::wait(&request, None));
                }
            }
        }
        5 => {
            if let Some(entity) = fine(longest, || Device::entity(device, 1)) {
                drop(file);
                assert!(entity.clone().is_attached());
            }
        }
        6 => {
            let ends = |topology: Ref<mediadev::Topology>| {
                topology.link(0).map(|l| (l.source_id, l.sink_id)).unwrap()
            };
            if let Some((source, sink)) = fine(longest, || File::topology(&file)).map(ends) {
                let flags = (turn / 8 % 2) as u32 * LINK_ENABLED;
                fine(longest, || File::setup_link(&file, source, sink, flags));
            }
        }
        _ => {
            for other in device.files() {
                fine(longest, || File::topology(&other));
            }
        }
    }
}

fn lifetime_storm(rounds: usize) {
    let (began, longest) = (Instant::now(), Longest::default());
    let living = Arc::new(Living::default());
    let current = Mutex::new(make(&living));
    let (over, turns) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for first in 0..4 {
            let (current, over, turns, longest) = (&current, &over, &turns, &longest);
            scope.spawn(move || {
                for turn in (first..).take_while(|_| !over.load(SeqCst)) {
                    let device = lock(current).0.clone();
                    consume(&device, turn, longest);
                    turns.fetch_add(1, SeqCst);
                }
            });
        }
        for round in 0..rounds {
            // Each is in use when it goes.
            while lock(&current).1.opened.load(SeqCst) < 1 + round % 3 {
                thread::yield_now();
            }
            let next = make(&living);
            let (last, _) = std::mem::replace(&mut *lock(&current), next);
            fine(&longest, || {
                last.unregister();
                Ok(())
            });
            if round % 3 == 0 {
                last.drain(Some(LATEST)).unwrap();
            }
        }
        lock(&current).0.unregister();
        over.store(true, SeqCst);
    });
    drop(current);
    assert_eq!(living.0.load(SeqCst), 0, "every device was freed");
    longest.tell(began, format_args!("{rounds} devices, used {} times,", turns.into_inner()));
}

#[test]
fn m3_k4_lifetime_storm() {
    lifetime_storm(400);
}

#[test]
#[ignore = "long: make soak"]
fn m3_k4_soak_lifetime_storm() {
    lifetime_storm(SOAK);
}

/// Three threads read the topology while the device is unregistered: data, or that it has gone.
fn disputed_race(rounds: usize) {
    let (began, longest) = (Instant::now(), Longest::default());
    let living = Arc::new(Living::default());
    let current = Mutex::new(None::<Port<File>>);
    let (begin, end) = (Barrier::new(4), Barrier::new(4));
    let (data, gone) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..rounds {
                    begin.wait();
                    let file = lock(&current).clone().unwrap();
                    begin.wait();
                    while let Some(topology) = fine(&longest, || File::topology(&file)) {
                        assert_eq!((topology.num_entities(), topology.num_links()), (2, 1));
                        data.fetch_add(1, SeqCst);
                    }
                    gone.fetch_add(1, SeqCst);
                    drop(file);
                    end.wait();
                }
            });
        }
        for round in 0..rounds {
            let (device, _) = make(&living);
            *lock(&current) = Some(File::open(&device).unwrap());
            begin.wait();
            begin.wait();
            (0..round % 50).for_each(|_| std::hint::spin_loop());
            device.unregister();
            drop(device);
            let last = lock(&current).take();
            drop(last);
            end.wait();
        }
    });
    assert_eq!(gone.into_inner(), 3 * rounds);
    assert!(data.load(SeqCst) > 0);
    assert_eq!(living.0.load(SeqCst), 0);
    longest.tell(began, format_args!("{rounds} devices, read {} times before they went,", data.into_inner()));
}

#[test]
fn m2_readers_against_unregister() {
    disputed_race(400);
}

#[test]
#[ignore = "long: make soak"]
fn m2_soak_readers_against_unregister() {
    disputed_race(SOAK);
}

/// What one driver makes of a shared device; it counts from when the device took it.
struct Shared {
    living: Arc<Living>,
    taken: Arc<AtomicBool>,
    freed: AtomicBool,
}

impl DeviceOps for Shared {
    fn ioctl(&self, _: &Port<File>, _: u32, _: *mut c_void) -> OpResult<Answer> {
        assert!(!self.freed.load(SeqCst), "somebody was given a device that is being freed");
        Ok(Answer::Done(0))
    }
    fn before_free(&self, _: &Device) {
        self.freed.store(true, SeqCst);
        thread::yield_now();
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if self.taken.load(SeqCst) {
            thread::yield_now();
            self.living.0.fetch_sub(1, SeqCst);
        }
    }
}

/// Eight drivers share one piece of hardware: at most one device lives, and nobody gets one that is being freed.
fn allocator_storm(bus_id: &str, rounds: usize) {
    let (began, longest) = (Instant::now(), Longest::default());
    let (living, made) = (Arc::new(Living::default()), AtomicUsize::new(0));
    let begin = Barrier::new(8);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                begin.wait();
                for round in 0..rounds {
                    let device = allocator_get(bus_id, "driver").unwrap();
                    let taken = Arc::new(AtomicBool::new(false));
                    let ops = Shared {
                        living: living.clone(),
                        taken: taken.clone(),
                        freed: AtomicBool::new(false),
                    };
                    if device.init(info(), ops).is_ok() {
                        taken.store(true, SeqCst);
                        assert_eq!(living.0.fetch_add(1, SeqCst), 0, "two live at the same time");
                        made.fetch_add(1, SeqCst);
                        Device::register(&device).unwrap();
                    }
                    let Ok(file) = File::open(&device) else {
                        // It is going, and shall be gone some time.
                        drop(device);
                        thread::yield_now();
                        continue;
                    };
                    fine(&longest, || ioctl(&file, 0));
                    if round % 4 != 0 {
                        device.unregister();
                    }
                    // Some let go of the device before the handle, and some of what nobody registered any more.
                    drop(device);
                }
            });
        }
    });
    // One that was never unregistered holds itself.
    if let Ok(last) = allocator_get(bus_id, "the last") {
        last.unregister();
    }
    assert!(made.load(SeqCst) > 1);
    assert_eq!(living.0.load(SeqCst), 0);
    longest.tell(began, format_args!("{} devices for {} drivers", made.into_inner(), 8 * rounds));
}

#[test]
fn m9_allocator_storm() {
    allocator_storm("storm", 500);
}

#[test]
#[ignore = "long: make soak"]
fn m9_soak_allocator_storm() {
    allocator_storm("soak", SOAK);
}
