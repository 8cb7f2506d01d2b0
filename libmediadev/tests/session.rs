// SPDX-License-Identifier: MIT OR Apache-2.0
//! M11: a node served through a channel, from the caller's loop and from threads, and how that ends.
#![allow(unsafe_code)]

#[path = "common/mod.rs"]
mod common;
#[path = "common/kernel.rs"]
mod kernel;

use common::{kind, registered, waiting, Log, Ops};
use kernel::{long, parse, request, All, Kernel, INTERRUPT, OPEN};
use mediadev::cuse::protocol::IOCTL_UNRESTRICTED;
use mediadev::cuse::Session;
use mediadev::uapi::{self, Plain};
use mediadev::{Device, Kind};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

const IN: u32 = libc::POLLIN as u32;
/// A call of the provider's that takes a number.
const PLAIN: u32 = (b'x' as u32) << 8 | 1;

/// A channel that keeps messages apart and does not block, and its other end.
fn channel() -> (File, File) {
    let mut ends = [0; 2];
    let kind = libc::SOCK_SEQPACKET | libc::SOCK_CLOEXEC;
    // SAFETY: room for two file descriptors, which are ours then.
    unsafe {
        assert_eq!(libc::socketpair(libc::AF_UNIX, kind | libc::SOCK_NONBLOCK, 0, ends.as_mut_ptr()), 0);
        let [here, there] = ends.map(|fd| File::from(OwnedFd::from_raw_fd(fd)));
        (here, there)
    }
}

/// One read(), of a message.
fn message(mut channel: &File) -> Option<Vec<u8>> {
    let mut buffer = vec![0; 1 << 17];
    let length = channel.read(&mut buffer).ok()?;
    buffer.truncate(length);
    Some(buffer)
}

const NOW: Option<Duration> = Some(Duration::ZERO);

#[test]
fn m11_a_session_is_served_from_the_callers_loop() {
    let (device, _, number) = waiting();
    let (here, there) = channel();
    let session = Session::new(&device, "media9", here).unwrap();
    assert_eq!(session.serve(NOW).unwrap(), 0);
    let waits = Instant::now();
    assert_eq!(session.serve(Some(Duration::from_millis(30))).unwrap(), 0);
    assert!(waits.elapsed() >= Duration::from_millis(30));
    let mut kernel = Kernel::new(|request| {
        (&there).write_all(request).unwrap();
        assert_eq!(session.serve(None).unwrap(), 1);
        message(&there)
    });
    let handle = kernel.open().unwrap();
    let mut info = uapi::DeviceInfo::zero();
    assert_eq!(kernel.with(handle, uapi::DEVICE_INFO, &mut info), Ok(0));
    assert_eq!(info.bytes(), device.info().unwrap().raw().bytes());
    assert_eq!(kernel.poll(handle, Some(5)), Ok(0));
    let parked = kernel.try_ioctl(handle, PLAIN, 0).unwrap_err();
    number.store(1, Ordering::SeqCst);
    device.notify();
    assert_eq!(session.serve(None).unwrap(), 2);
    assert_eq!(parse(&message(&there).unwrap()).0, parked);
    assert_eq!(long(&message(&there).unwrap(), 16), 5);
    device.unregister();
    assert_eq!(session.serve(NOW).unwrap(), 0);
    assert!(!session.is_over());
    kernel.release(handle).unwrap();
    assert!(session.is_over());
    drop(kernel);
    assert_eq!((kind(session.serve(None)), kind(session.serve(NOW))), (Kind::Gone, Kind::Gone));
    assert_eq!(message(&there), Some(Vec::new()), "the channel is closed");
}

/// Somebody is told of while the others are asked, after it was his turn.
#[test]
fn m11_what_is_said_while_news_are_told_is_told_next() {
    let (asked, something) = (AtomicU32::new(0), Arc::new(AtomicU32::new(0)));
    let device = Arc::new(std::sync::OnceLock::<kref::Ref<Device>>::new());
    let (its, says) = (device.clone(), something.clone());
    let poll = move |()| {
        // The fourth question is that to the second sleeper, when both are asked again.
        if asked.fetch_add(1, Ordering::SeqCst) == 3 {
            says.store(IN, Ordering::SeqCst);
            its.get().unwrap().notify();
        }
        says.load(Ordering::SeqCst)
    };
    device.set(registered(Ops { poll: Some(Box::new(poll)), ..Ops::default() })).ok().unwrap();
    let device = device.get().unwrap();
    let (here, there) = channel();
    let session = Session::new(device, "media9", here).unwrap();
    let mut kernel = Kernel::new(|request| {
        (&there).write_all(request).unwrap();
        assert_eq!(session.serve(None).unwrap(), 1);
        message(&there)
    });
    let (one, other) = (kernel.open().unwrap(), kernel.open().unwrap());
    assert_eq!((kernel.poll(one, Some(5)), kernel.poll(other, Some(6))), (Ok(0), Ok(0)));
    device.notify();
    let woken = || {
        assert_eq!(session.serve(NOW).unwrap(), 1);
        long(&message(&there).unwrap(), 16)
    };
    assert_eq!([woken(), woken()], [6, 5]);
}

#[test]
fn m11_a_session_that_is_stopped_ends_with_the_last_close() {
    let (device, ..) = waiting();
    let (here, there) = channel();
    let session = Session::new(&device, "media9", here).unwrap();
    (&there).write_all(&request(OPEN, 2, &[0; 8])).unwrap();
    session.serve(None).unwrap();
    let handle = long(&message(&there).unwrap(), 16);
    session.stop().unwrap();
    assert!(!session.is_over() && device.files().is_empty());
    (&there).write_all(&request(kernel::RELEASE, 4, &[handle, 0, 0].all())).unwrap();
    assert_eq!(session.serve(None).unwrap(), 1);
    assert!(session.is_over());
    session.stop().unwrap();

    let (here, _there) = channel();
    let session = Session::new(&device, "media9", here).unwrap();
    session.stop().unwrap();
    assert!(session.is_over(), "nobody had it open");
}

/// Of two answers that come at the same time the channel takes only the second.
#[test]
fn m11_an_answer_that_cannot_be_written_keeps_no_other_one_back() {
    let (device, _, number) = waiting();
    let (here, there) = channel();
    let size = libc::c_int::from(1i8);
    // SAFETY: an int. It makes the room for a message as small as the system allows, which is less than 16 KiB.
    unsafe {
        let at = std::ptr::from_ref(&size).cast();
        assert_eq!(libc::setsockopt(here.as_raw_fd(), libc::SOL_SOCKET, libc::SO_SNDBUF, at, 4), 0);
    }
    let session = Session::new(&device, "media9", here).unwrap();
    let mut kernel = Kernel::new(|request| {
        (&there).write_all(request).unwrap();
        session.serve(None).unwrap();
        message(&there)
    });
    let handle = kernel.open().unwrap();
    const LONG: u32 = 2 << 30 | 0x3fff << 16 | (b'x' as u32) << 8;
    assert_eq!(kernel.round(handle, LONG, 0x1000, &[], 0x3fff).1, None);
    let parked = kernel.try_ioctl(handle, PLAIN, 0).unwrap_err();
    number.store(1, Ordering::SeqCst);
    device.notify();
    assert_eq!(kind(session.serve(NOW)), Kind::Call(libc::EMSGSIZE));
    assert_eq!(parse(&message(&there).expect("the other answer")).0, parked);
}

#[test]
fn m11_the_end_of_the_channel_closes_what_was_open() {
    let log = Log::default();
    let device = registered(Ops::new(&log));
    let (here, there) = channel();
    let session = Session::new(&device, "media9", here).unwrap();
    (&there).write_all(&request(OPEN, 2, &[0; 8])).unwrap();
    session.serve(None).unwrap();
    message(&there).unwrap();
    drop(there);
    assert_eq!(kind(session.serve(None)), Kind::Gone);
    assert_eq!((log.take(), session.is_over()), (vec!["open".to_owned(), "close".to_owned()], true));
}

#[test]
fn m11_several_threads_serve_one_session() {
    let (device, _, number) = waiting();
    let (here, there) = channel();
    let session = Session::new(&device, "media9", here).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| while session.serve(None).is_ok() {});
        }
        let wait = || loop {
            if let Some(message) = message(&there) {
                return message;
            }
            std::thread::yield_now();
        };
        (&there).write_all(&request(OPEN, 2, &[0; 8])).unwrap();
        let handle = long(&wait(), 16);
        for round in 0..500u64 {
            let unique = 1000 + 4 * round;
            let mut body = [handle].all();
            body.extend([IOCTL_UNRESTRICTED, PLAIN].all());
            body.extend([0u64, 0].all());
            number.store(0, Ordering::SeqCst);
            (&there).write_all(&request(kernel::IOCTL, unique, &body)).unwrap();
            // It comes back whichever thread has what, and whatever comes first.
            if round % 2 == 0 {
                (&there).write_all(&request(INTERRUPT, unique | 1, &[unique].all())).unwrap();
                assert_eq!(parse(&wait()), (unique, Err(libc::EINTR)), "{round}");
            } else {
                number.store(7, Ordering::SeqCst);
                device.notify();
                let (answered, result) = parse(&wait());
                assert_eq!((answered, kernel::number(&result.unwrap(), 0)), (unique, 7), "{round}");
            }
        }
        device.unregister();
        (&there).write_all(&request(kernel::RELEASE, 4, &[handle, 0, 0].all())).unwrap();
        assert_eq!(parse(&wait()), (4, Ok(Vec::new())));
    });
    assert!(session.is_over());
}
