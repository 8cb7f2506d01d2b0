// SPDX-License-Identifier: MIT OR Apache-2.0
//! Ports, as one thread after the other sees them; what happens at the same time is in the models (tests/loom).

use super::*;
use crate::sync::atomic::AtomicU32;
use std::sync::{mpsc, Arc};
use std::thread;

const NOW: Option<Duration> = Some(Duration::ZERO);

#[derive(Default)]
struct Device {
    ports: Ports<Handle>,
    closed: AtomicU32,
    dropped: AtomicU32,
}

struct Handle(Arc<Device>);

impl Ported for Handle {
    fn ports(&self) -> &Ports<Self> {
        &self.0.ports
    }
    fn close(port: &Port<Self>) {
        assert!(port.enter().is_err() && port.try_clone().is_none());
        assert_eq!((Port::count(port), port.0.dropped()), (0, port.0.closed.fetch_add(1, Ordering::SeqCst)));
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

impl Device {
    fn dropped(&self) -> u32 {
        self.dropped.load(Ordering::SeqCst)
    }
    fn open(self: &Arc<Self>) -> Port<Handle> {
        Port::open(Handle(self.clone())).unwrap()
    }
}

#[test]
fn it_is_closed_with_the_last_reference() {
    let device = Arc::new(Device::default());
    let (one, other) = (device.open(), device.open());
    let again = one.clone();
    let both = device.ports.all();
    assert_eq!((device.ports.len(), both.len(), Port::count(&one)), (2, 2, 3));
    drop(both);
    drop(one);
    assert_eq!(device.dropped(), 0);
    let raw = again.as_raw();
    // SAFETY: `again` is held, and what is added is taken away.
    unsafe {
        assert!(!Port::put_quickly(raw), "the last one");
        assert!(Port::get_quickly(raw) && Port::put_quickly(raw));
    }
    drop(again);
    assert_eq!((device.dropped(), device.ports.len()), (1, 1));
    assert!(device.ports.all().iter().all(|left| left.as_raw() == other.as_raw()));
    drop(other);
    assert_eq!((device.dropped(), device.ports.is_empty()), (2, true));
}

#[test]
fn k5_a_running_call_holds_it() {
    let device = Arc::new(Device::default());
    let raw = device.open().into_raw();
    // SAFETY: the reference that `raw` stands for, which is dropped in the middle of the call below.
    let port = ManuallyDrop::new(unsafe { Port::<Handle>::from_raw(raw) });
    let outer = port.enter().unwrap();
    // SAFETY: as said; from another thread, as it may come.
    let last = unsafe { Port::<Handle>::from_raw(raw) };
    thread::scope(|scope| scope.spawn(|| drop(last)).join().unwrap());
    assert_eq!((device.dropped(), device.ports.len()), (0, 1), "the call is still there");
    assert!(port.try_clone().is_none(), "never revived");
    drop(port.enter().unwrap());
    assert_eq!(device.dropped(), 0);
    drop(outer);
    assert_eq!((device.dropped(), device.ports.len()), (1, 0));
}

#[test]
fn k4_no_call_starts_after_it_was_revoked_and_those_that_run_are_waited_for() {
    let device = Arc::new(Device::default());
    let port = device.open();
    let call = port.enter().unwrap();
    assert_eq!(device.ports.drain(None), Err(DrainError::Deadlock));
    thread::scope(|scope| {
        let elsewhere = scope.spawn(|| {
            assert!(device.ports.revoke() && !device.ports.revoke());
            assert!(port.enter().is_err() && !port.is_alive());
            assert!(Port::open(Handle(device.clone())).is_err());
            device.ports.drain(NOW)
        });
        assert_eq!(elsewhere.join().unwrap(), Err(DrainError::TimedOut));
        let waits = scope.spawn(|| device.ports.drain(None));
        drop(call);
        assert_eq!(waits.join().unwrap(), Ok(()));
    });
    assert_eq!(device.dropped(), 1, "the one that could not be opened");
    drop(port);
    assert_eq!((device.dropped(), device.ports.drain(NOW)), (2, Ok(())));
}

#[test]
fn k5_the_last_call_of_a_revoked_one_closes_it() {
    let device = Arc::new(Device::default());
    let raw = device.open().into_raw();
    // SAFETY: as above.
    let port = ManuallyDrop::new(unsafe { Port::<Handle>::from_raw(raw) });
    let call = port.enter().unwrap();
    device.ports.revoke();
    // SAFETY: as above.
    drop(unsafe { Port::<Handle>::from_raw(raw) });
    assert_eq!(device.dropped(), 0);
    drop(call);
    assert_eq!((device.dropped(), device.ports.drain(NOW)), (1, Ok(())));
}

#[test]
fn k4_a_drain_that_came_before_the_revocation_ends_with_it() {
    let ports = Ports::<Handle>::new();
    let (done, ended) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| done.send(ports.drain(None)));
        assert!(ended.recv_timeout(Duration::from_millis(20)).is_err(), "it has not been revoked");
        ports.revoke();
        let seen = ended.recv_timeout(Duration::from_secs(10));
        // For the sake of the test, which would wait for its thread.
        ports.ended.notify_all();
        assert_eq!(seen, Ok(Ok(())));
    });
}

#[test]
fn a_drain_of_what_is_alive_times_out() {
    assert_eq!(Device::default().ports.drain(NOW), Err(DrainError::TimedOut));
}
