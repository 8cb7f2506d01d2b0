// SPDX-License-Identifier: MIT OR Apache-2.0
//! Requests (M8) and the allocator (M9).

mod common;

use common::*;
use kref::{Port, Ref};
use mediadev::uapi::REQUEST_ALLOC;
use mediadev::{allocator_get, Context, Device, File, Kind, Request};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const NOW: Option<Duration> = Some(Duration::ZERO);

type Queue = Arc<Mutex<Vec<Ref<Request>>>>;

/// A device whose queued requests are collected, and an open handle.
fn open(ops: Ops) -> (Ref<Device>, Port<File>, Queue) {
    let queued = Queue::default();
    let queue = queued.clone();
    let hook = move |request| queue.lock().unwrap().push(request);
    let device = registered(Ops { requests: true, request_queue: Some(Box::new(hook)), ..ops });
    let file = File::open(&device).unwrap();
    (device, file, queued)
}

/// What poll() says of the file descriptor of a request.
fn polled(request: &Request) -> i16 {
    let mut entry = libc::pollfd { fd: request.fd().unwrap().as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one entry.
    #[allow(unsafe_code)]
    unsafe {
        assert!(libc::poll(&mut entry, 1, 0) >= 0)
    };
    entry.revents
}

#[test]
fn m8_idle_queued_complete_and_idle_again() {
    let (_device, file, queued) = open(Ops::default());
    let request = Request::new(&file).unwrap();
    assert_eq!(kind(Request::wait(&request, NOW)), Kind::Invalid);
    assert_eq!(kind(request.complete()), Kind::Invalid);
    Request::reinit(&request).unwrap();
    assert_eq!(polled(&request), 0);
    for _ in 0..2 {
        Request::queue(&request).unwrap();
        assert_eq!(
            sentence(Request::queue(&request)),
            "camera (platform:camera): request_queue: the request is queued"
        );
        assert_eq!(kind(Request::reinit(&request)), Kind::Busy);
        assert_eq!((kind(Request::wait(&request, NOW)), polled(&request)), (Kind::TimedOut, 0));
        queued.lock().unwrap().pop().unwrap().complete().unwrap();
        Request::wait(&request, NOW).unwrap();
        assert_eq!(polled(&request), libc::POLLIN);
        assert_eq!(kind(Request::queue(&request)), Kind::Busy);
        Request::reinit(&request).unwrap();
        assert_eq!(polled(&request), 0);
    }
}

#[test]
fn m8_who_waits_wakes_when_it_is_complete_and_who_asks_late_is_told() {
    let (device, file, queued) = open(Ops::default());
    let [request, late] = [(); 2].map(|()| Request::new(&file).unwrap());
    Request::queue(&request).unwrap();
    let sleeper = {
        let request = request.clone();
        thread::spawn(move || Request::wait(&request, Some(Duration::from_secs(60))))
    };
    thread::sleep(Duration::from_millis(10));
    let began = Instant::now();
    queued.lock().unwrap().pop().unwrap().complete().unwrap();
    sleeper.join().unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_secs(30), "woken, and not by the clock");
    assert_eq!(polled(&request), libc::POLLIN, "its file descriptor is made only now");
    device.unregister();
    assert_eq!(polled(&late), libc::POLLHUP, "this one too");
}

#[test]
fn m8_a_request_that_is_refused_stays_idle() {
    let refuses = Arc::new(AtomicU32::new(1));
    let hook = {
        let refuses = refuses.clone();
        move |_| match refuses.load(Ordering::SeqCst) {
            0 => Ok(()),
            _ => Err(libc::ENOENT),
        }
    };
    let (_device, file, queued) = open(Ops { request_validate: Some(Box::new(hook)), ..Ops::default() });
    let request = Request::new(&file).unwrap();
    assert_eq!(Request::queue(&request).unwrap_err().errno(), libc::ENOENT, "nothing in it, for one");
    assert!(queued.lock().unwrap().is_empty());
    refuses.store(0, Ordering::SeqCst);
    Request::queue(&request).unwrap();
    queued.lock().unwrap().clear();
}

#[test]
fn m8_what_it_carries_is_freed_when_it_is_made_idle_or_goes() {
    let log = Log::default();
    let (_device, file, queued) = open(Ops::new(&log));
    let request = Request::new(&file).unwrap();
    log.take();
    request.context().unwrap().set(log.context("first"));
    Request::queue(&request).unwrap();
    queued.lock().unwrap().pop().unwrap().complete().unwrap();
    assert!(log.take().is_empty());
    Request::reinit(&request).unwrap();
    assert_eq!(log.take(), ["first"]);
    assert!(request.context().unwrap().get().is_null());
    request.context().unwrap().set(Context::boxed(log.note("second")));
    drop(request);
    assert_eq!(log.take(), ["second"]);
}

#[test]
fn m8_a_request_outlives_its_device() {
    let log = Log::default();
    let (device, file, queued) = open(Ops::new(&log));
    let [waits, done, idle] = [(); 3].map(|()| Request::new(&file).unwrap());
    Request::queue(&waits).unwrap();
    Request::queue(&done).unwrap();
    queued.lock().unwrap()[1].complete().unwrap();
    assert_eq!((polled(&waits), polled(&idle)), (0, 0));
    let sleeper = {
        let waits = waits.clone();
        thread::spawn(move || kind(Request::wait(&waits, None)))
    };
    thread::sleep(Duration::from_millis(10));
    device.unregister();
    assert_eq!(sleeper.join().unwrap(), Kind::Gone);
    assert_eq!((polled(&waits), polled(&idle)), (libc::POLLHUP, libc::POLLHUP));
    Request::wait(&done, NOW).unwrap();
    assert_eq!(kind(Request::queue(&idle)), Kind::Gone);
    assert_eq!((kind(Request::reinit(&done)), kind(Request::wait(&waits, None))), (Kind::Gone, Kind::Gone));
    assert_eq!(kind(Request::new(&file)), Kind::Gone);
    // What the provider had under way may end.
    waits.complete().unwrap();
    queued.lock().unwrap().clear();
    drop((device, file, done, idle));
    assert!(!log.take().contains(&"before_free".to_owned()));
    drop(waits);
    assert_eq!(log.take(), ["before_free", "after_free"]);
}

/// As a program does that was written for the kernel: a file descriptor stands for the request, and closing it ends that.
#[test]
fn m8_a_file_descriptor_stands_for_a_request() {
    let log = Log::default();
    let (_device, file, queued) = open(Ops::new(&log));
    let alloc = || {
        let mut fd = -1i32;
        // SAFETY: the argument of this call is an int.
        #[allow(unsafe_code)]
        unsafe {
            File::ioctl(&file, REQUEST_ALLOC, std::ptr::from_mut(&mut fd).cast()).unwrap();
            OwnedFd::from_raw_fd(fd)
        }
    };
    let (one, other) = (alloc(), alloc());
    let request = Request::by_fd(&file, one.as_raw_fd()).unwrap();
    assert!(Ref::ptr_eq(&request, &Request::by_fd(&file, one.as_raw_fd()).unwrap()));
    let copy = one.try_clone().unwrap();
    assert!(Ref::ptr_eq(&request, &Request::by_fd(&file, copy.as_raw_fd()).unwrap()), "a copy of it too");
    assert!(!Ref::ptr_eq(&request, &Request::by_fd(&file, other.as_raw_fd()).unwrap()));
    Request::queue(&request).unwrap();
    queued.lock().unwrap().pop().unwrap().complete().unwrap();
    assert_eq!(polled(&request), libc::POLLIN);
    request.context().unwrap().set(log.context("first"));
    drop(request);
    for wrong in [-1, 0, 1 << 20, copy.as_raw_fd() + 100] {
        assert_eq!(kind(Request::by_fd(&file, wrong)), Kind::Invalid);
    }
    log.take();
    drop((one, copy));
    let third = alloc();
    assert_eq!(log.take(), ["first"], "seen when the next one is given out");
    Request::by_fd(&file, third.as_raw_fd()).unwrap().context().unwrap().set(log.context("third"));
    drop(file);
    assert_eq!(log.take(), ["close", "third"], "or when the handle is closed");
}

#[test]
fn m9_drivers_of_one_piece_of_hardware_share_its_device() {
    let log = Log::default();
    let one = allocator_get("usb-1.2", "video").unwrap();
    assert_eq!(kind(one.info()), Kind::Invalid);
    assert_eq!(kind(Device::register(&one)), Kind::Invalid);
    one.init(info(), Ops::new(&log)).unwrap();
    let other = allocator_get("usb-1.2", "audio").unwrap();
    assert!(Ref::ptr_eq(&one, &other));
    assert_eq!(kind(other.init(info(), Ops::default())), Kind::Busy);
    let far = allocator_get("usb-1.3", "video").unwrap();
    assert!(!Ref::ptr_eq(&one, &far));
    Device::register(&one).unwrap();
    let generation = one.generation();
    one.unregister();
    drop(one);
    assert!(log.take().is_empty());
    let file = File::open(&other);
    assert_eq!(kind(file), Kind::Gone);
    drop(other);
    assert_eq!(log.take(), ["before_free", "after_free"]);
    let new = allocator_get("usb-1.2", "video").unwrap();
    assert!(new.generation() > generation);
    assert_eq!(kind(allocator_get("", "video")), Kind::Invalid);
}

#[test]
fn m9_a_device_that_is_being_freed_cannot_be_had() {
    let log = Log::default();
    let device = allocator_get("usb-9", "first").unwrap();
    let (said, hook) = (log.clone(), move |_: *const Device| {
        assert_eq!(kind(allocator_get("usb-9", "release")), Kind::Busy);
    });
    device.init(info(), Ops { before_free: Some(Box::new(hook)), ..Ops::new(&said) }).unwrap();
    let began = Instant::now();
    drop(device);
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "who frees it is told at once, and does not wait for himself"
    );
    assert_eq!(log.take(), ["before_free", "after_free"]);
    drop(allocator_get("usb-9", "next").unwrap());
}

#[test]
fn k6_an_owner_of_a_shared_device_is_named() {
    kref::track::set_level(1);
    let device = allocator_get("usb-k6", "the audio driver").unwrap();
    let holders = kref::track::holders(Ref::as_raw(&device).addr().get());
    assert!(holders.iter().any(|holder| holder.tag == "the audio driver"), "{holders:?}");
}
