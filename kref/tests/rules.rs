// SPDX-License-Identifier: MIT OR Apache-2.0
//! The lifetime rules by number, with real threads. (`loom/` shows them under every interleaving, in the small;
//! `tracking.rs` has K6, whose tracker is one per process.)
#![cfg(not(loom))]

use kref::{Deferred, DrainError, Kref, Managed, Ref, Revocable, SleepError, CEILING};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{mpsc, Arc, Barrier, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

const THREADS: usize = 8;
const NOW: Option<Duration> = Some(Duration::ZERO);

#[test]
fn k1_nobody_gets_what_was_let_go() {
    for _ in 0..200 {
        let (count, released, start) = (Kref::new(1), AtomicU32::new(0), Barrier::new(THREADS + 1));
        let let_go = || {
            if count.put() {
                released.fetch_add(1, Relaxed);
            }
        };
        thread::scope(|s| {
            for _ in 0..THREADS {
                s.spawn(|| {
                    start.wait();
                    (0..1000).take_while(|_| count.get()).for_each(|_| let_go());
                });
            }
            start.wait();
            let_go();
        });
        assert_eq!((released.load(Relaxed), count.count()), (1, 0));
        assert!(!count.get());
    }
}

static MESSAGES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// What has been said of `count`; the hook is one per process.
fn messages_about(count: &Kref) -> Vec<String> {
    let about = format!("{count:p}");
    MESSAGES.lock().unwrap().iter().filter(|m| m.contains(&about)).cloned().collect()
}

#[test]
fn k1_a_count_saturates_with_one_message_and_stays() {
    kref::set_message_hook(|text| MESSAGES.lock().unwrap().push(text.to_owned()));
    let count = Kref::new(CEILING - 100);
    thread::scope(|s| {
        for _ in 0..THREADS {
            s.spawn(|| (0..1000).for_each(|_| assert!(count.get())));
        }
    });
    assert_eq!(count.count(), CEILING);
    thread::scope(|s| {
        for _ in 0..THREADS {
            s.spawn(|| (0..2000).for_each(|_| assert!(!count.put())));
        }
    });
    assert_eq!(count.count(), CEILING);
    let said = messages_about(&count);
    assert!(said.len() == 1 && said[0].contains("never be released"), "{said:?}");
}

#[test]
fn k1_a_put_too_many_is_told_and_does_nothing() {
    kref::set_message_hook(|text| MESSAGES.lock().unwrap().push(text.to_owned()));
    let count = Kref::new(1);
    assert!(count.put());
    assert!(!count.put());
    assert_eq!(count.count(), 0);
    let said = messages_about(&count);
    assert!(said.len() == 1 && said[0].contains("put without a reference"), "{said:?}");
}

/// Says on which thread it was released.
struct Tells(mpsc::Sender<ThreadId>);

impl Drop for Tells {
    fn drop(&mut self) {
        self.0.send(thread::current().id()).unwrap();
    }
}

#[test]
fn k2_the_release_runs_once_however_many_let_go() {
    for _ in 0..200 {
        let (said, heard) = mpsc::channel();
        let object = Ref::new(Tells(said));
        thread::scope(|s| {
            for _ in 0..THREADS {
                let mine = object.clone();
                s.spawn(move || {
                    let copies: Vec<_> = (0..10).map(|_| mine.clone()).collect();
                    drop(mine);
                    drop(copies);
                });
            }
            drop(object);
        });
        assert_eq!(heard.iter().count(), 1);
    }
}

#[test]
fn k2_the_release_runs_on_the_thread_of_the_last_put() {
    let (said, heard) = mpsc::channel();
    let object = Ref::new(Tells(said));
    let theirs = object.clone();
    drop(object);
    let last = thread::spawn(move || drop(theirs));
    let id = last.thread().id();
    last.join().unwrap();
    assert_eq!(heard.iter().collect::<Vec<_>>(), [id]);
}

#[test]
fn k4_operations_end_on_valid_memory_and_sleepers_wake() {
    let link = Revocable::new();
    let (asleep, told) = mpsc::channel();
    thread::scope(|s| {
        let sleeper = s.spawn(|| {
            let guard = link.enter().unwrap();
            asleep.send(()).unwrap();
            guard.sleep(None, || None::<()>)
        });
        told.recv().unwrap();
        assert_eq!(link.drain(NOW), Err(DrainError::TimedOut), "it is alive and in use");
        link.revoke();
        assert!(link.enter().is_err());
        assert_eq!(link.drain(None), Ok(()));
        assert_eq!(sleeper.join().unwrap(), Err(SleepError::Revoked));
    });
}

#[test]
fn k4_drain_outlasts_an_operation_or_its_patience() {
    let link = Revocable::new();
    let (entered, told) = mpsc::channel();
    let (go_on, wait) = mpsc::channel::<()>();
    thread::scope(|s| {
        let link = &link;
        s.spawn(move || {
            let guard = link.enter().unwrap();
            entered.send(()).unwrap();
            wait.recv().unwrap();
            drop(guard);
        });
        told.recv().unwrap();
        link.revoke();
        assert_eq!(link.drain(Some(Duration::from_millis(10))), Err(DrainError::TimedOut));
        go_on.send(()).unwrap();
        assert_eq!(link.drain(None), Ok(()));
    });
}

#[test]
fn k4_a_sleeper_hears_what_is_notified() {
    let (link, value) = (Revocable::new(), AtomicU32::new(0));
    thread::scope(|s| {
        let sleeper = s.spawn(|| {
            let guard = link.enter().unwrap();
            guard.sleep(None, || Some(value.load(Relaxed)).filter(|&v| v == 1000))
        });
        for v in 1..=1000 {
            value.store(v, Relaxed);
            link.notify();
        }
        assert_eq!(sleeper.join().unwrap(), Ok(1000));
    });
}

struct Device {
    link: Revocable,
    _tells: Tells,
}

#[test]
fn k5_the_last_reference_may_go_inside_an_operation() {
    let (said, heard) = mpsc::channel();
    let device = Ref::new(Device { link: Revocable::new(), _tells: Tells(said) });
    let operation = device.clone();
    let guard = operation.link.enter().unwrap();
    device.link.revoke();
    drop(device);
    assert!(heard.try_recv().is_err(), "the operation holds it");
    assert_eq!(guard.sleep(None, || None::<()>), Err(SleepError::Revoked));
    drop(guard);
    drop(operation);
    assert!(heard.try_recv().is_ok());
}

#[test]
fn k5_the_last_reference_may_go_inside_a_release() {
    struct Outer(Option<Ref<Tells>>, Arc<Deferred>);
    impl Drop for Outer {
        fn drop(&mut self) {
            let inner = self.0.take();
            self.1.push(move || drop(inner));
        }
    }
    let (said, heard) = mpsc::channel();
    let queue = Arc::new(Deferred::new());
    let outer = Ref::new(Outer(Some(Ref::new(Tells(said))), queue.clone()));
    queue.push(move || drop(outer));
    assert_eq!(queue.flush(None), Ok(()));
    assert_eq!(heard.try_recv(), Ok(thread::current().id()));
}

#[test]
fn k5_a_flush_waits_for_what_another_thread_releases() {
    let queue = Deferred::new();
    let (started, told) = mpsc::channel();
    let (go_on, wait) = mpsc::channel::<()>();
    queue.push(move || {
        started.send(()).unwrap();
        wait.recv().unwrap();
    });
    thread::scope(|s| {
        s.spawn(|| queue.run());
        told.recv().unwrap();
        assert_eq!(queue.flush(Some(Duration::from_millis(10))), Err(DrainError::TimedOut));
        go_on.send(()).unwrap();
        assert_eq!(queue.flush(None), Ok(()));
    });
}

#[test]
fn k8_resources_are_freed_backwards_at_the_release_not_at_the_revocation() {
    struct Object {
        link: Revocable,
        resources: Managed,
    }
    let (freed, order) = mpsc::channel();
    let object = Ref::new(Object { link: Revocable::new(), resources: Managed::new() });
    for n in 0..3 {
        let freed = freed.clone();
        object.resources.bind(move || freed.send(n).unwrap());
    }
    drop(freed);
    let holder = object.clone();
    object.link.revoke();
    assert_eq!(object.link.drain(None), Ok(()));
    drop(object);
    assert!(order.try_recv().is_err(), "the provider is gone, but somebody holds the object");
    thread::spawn(move || drop(holder)).join().unwrap();
    assert_eq!(order.iter().collect::<Vec<_>>(), [2, 1, 0]);
}
