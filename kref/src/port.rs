// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Port`]: a counted box that calls run in, an open handle for one. A running call holds it as a reference does (K5), so that the
//! last reference may be dropped meanwhile, by the call itself or by another thread; and none starts after it has been revoked
//! (K4). References and running calls are two halves of one word: a call costs no more than a reference.
//!
//! [`Ports`] are all those of one provider, which are revoked and drained together.
#![allow(unsafe_code)]

use crate::inside::Inside;
use crate::message::say;
use crate::revocable::{DrainError, Revoked};
use crate::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use crate::sync::{deadline, lock, passed, wait, Condvar, Mutex};
use crate::{track, CEILING};
use std::marker::PhantomData;
use std::mem::{offset_of, ManuallyDrop};
use std::ops::Deref;
use std::ptr::NonNull;
use std::time::Duration;

/// The bit of the state word that says revoked.
const DEAD: u64 = 1 << 63;
/// One running call; those below the mark are counted from here.
const CALL: u64 = 1 << 32;
/// The bits that count references.
const REFS: u64 = CALL - 1;

/// What lives in a [`Port`] knows the [`Ports`] it is one of, and keeps them there.
pub trait Ported: Sized {
    /// Those that it was opened among.
    fn ports(&self) -> &Ports<Self>;

    /// Comes before the drop, for what wants to look at the port as others knew it. No call can start and no reference be had.
    fn close(_port: &Port<Self>) {}
}

/// The ports of one provider.
pub struct Ports<T> {
    list: Mutex<List<T>>,
    /// They have been revoked, or a call of one that has been has ended.
    ended: Condvar,
}

struct List<T> {
    closed: bool,
    all: Vec<NonNull<Held<T>>>,
}

/// One counted reference to an open handle. When neither a reference nor a call is left, the `T` is dropped, once, on the thread that
/// let go last and with no lock of ours held (K2), so that `T`'s `Drop` is what closes it.
pub struct Port<T: Ported> {
    inner: NonNull<Held<T>>,
    owns: PhantomData<Held<T>>,
}

/// A running call. Not `Send`: it belongs to the thread that entered.
pub struct Call<'a, T: Ported> {
    port: &'a Port<T>,
    inside: Option<Inside>,
}

#[repr(C)]
struct Held<T> {
    state: AtomicU64,
    /// Where it stands in the list, whose lock guards this; [`NOWHERE`] if it does not.
    place: AtomicUsize,
    value: ManuallyDrop<T>,
}

const NOWHERE: usize = usize::MAX;

// SAFETY: a Port gives shared access to T from any thread (Sync) and may drop it on any (Send), as Ref does.
unsafe impl<T: Ported + Send + Sync> Send for Port<T> {}
// SAFETY: as above; a &Port can be cloned into a Port.
unsafe impl<T: Ported + Send + Sync> Sync for Port<T> {}
// SAFETY: what one gets out of it is a Port.
unsafe impl<T: Send + Sync> Send for Ports<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Ports<T> {}

impl<T: Ported> Default for Ports<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Ported> Ports<T> {
    /// None, and more may come.
    pub fn new() -> Self {
        Ports { list: Mutex::new(List { closed: false, all: Vec::new() }), ended: Condvar::new() }
    }

    /// From its return on no call starts and no port is opened; never waits. False if that was so already.
    pub fn revoke(&self) -> bool {
        let mut list = lock(&self.list);
        for held in &list.all {
            // SAFETY: what stands in the list is there as long as that is locked.
            unsafe { held.as_ref() }.state.fetch_or(DEAD, Ordering::AcqRel);
        }
        let first = !std::mem::replace(&mut list.closed, true);
        drop(list);
        // For who drains already: where no call runs, none will end and tell him.
        self.ended.notify_all();
        first
    }

    /// Whether the caller is in the middle of a call of one of them, and would wait for himself if he waited for that.
    pub fn is_inside(&self) -> bool {
        Inside::is(self)
    }

    /// Waits until they have been revoked and the last call has ended. `None` waits for ever. Inside of a call of one of them this is
    /// a [`DrainError::Deadlock`], at once.
    pub fn drain(&self, timeout: Option<Duration>) -> Result<(), DrainError> {
        if self.is_inside() {
            return Err(DrainError::Deadlock);
        }
        let deadline = deadline(timeout);
        loop {
            let list = lock(&self.list);
            let idle = |held: &NonNull<Held<T>>| {
                // SAFETY: as above.
                unsafe { held.as_ref() }.state.load(Ordering::Acquire) & !DEAD < CALL
            };
            if list.closed && list.all.iter().all(idle) {
                return Ok(());
            }
            if passed(deadline) {
                return Err(DrainError::TimedOut);
            }
            wait(&self.ended, list, deadline);
        }
    }

    /// Those that somebody has a reference to, at some moment.
    pub fn all(&self) -> Vec<Port<T>> {
        let list = lock(&self.list);
        list.all.iter().filter_map(|&inner| Held::taken(inner)).collect()
    }

    /// How many there are at some moment, also of those that only a call holds any more.
    pub fn len(&self) -> usize {
        lock(&self.list).all.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: Ported> Held<T> {
    /// Adds `by` to the references, unless there are fewer than `least` or more than `most`.
    #[inline]
    fn step(&self, least: u32, most: u32, by: u64) -> bool {
        let mut now = self.state.load(Ordering::Relaxed);
        while (least..=most).contains(&((now & REFS) as u32)) {
            let next = now.wrapping_add(by);
            match self.state.compare_exchange_weak(now, next, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(seen) => now = seen,
            }
        }
        false
    }

    /// A reference to what is there, unless nobody has one any more (K1).
    fn taken(inner: NonNull<Self>) -> Option<Port<T>> {
        // SAFETY: only called with the memory held: by a reference, by a call, or by the list.
        let state = &unsafe { inner.as_ref() }.state;
        let mut now = state.load(Ordering::Relaxed);
        loop {
            match (now & REFS) as u32 {
                0 => return None,
                CEILING.. => break,
                _ => (),
            }
            match state.compare_exchange_weak(now, now + 1, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) if (now & REFS) as u32 + 1 == CEILING => {
                    complain(inner, "saturated: its object will never be released");
                    break;
                }
                Ok(_) => break,
                Err(seen) => now = seen,
            }
        }
        let port = Port { inner, owns: PhantomData };
        port.took();
        Some(port)
    }

    /// Drops a reference.
    ///
    /// # Safety
    /// The caller had it and does not use it again.
    unsafe fn put(inner: NonNull<Self>) {
        // SAFETY: the caller's reference keeps the memory until it is counted off.
        let state = unsafe { &(*inner.as_ptr()).state };
        let mut now = state.load(Ordering::Relaxed);
        loop {
            match (now & REFS) as u32 {
                0 => return complain(inner, "put without a reference"),
                CEILING.. => return,
                _ => (),
            }
            match state.compare_exchange_weak(now, now - 1, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => break,
                Err(seen) => now = seen,
            }
        }
        if (now - 1) & !DEAD == 0 {
            // SAFETY: neither a reference nor a call is left, and only one thread sees the last of them go.
            unsafe { Self::release(inner) }
        }
    }

    /// Ends a call.
    ///
    /// # Safety
    /// The caller ran it.
    unsafe fn leave(inner: NonNull<Self>) {
        // SAFETY: the call keeps the memory until it is counted off.
        let state = unsafe { &(*inner.as_ptr()).state };
        let mut now = state.load(Ordering::Relaxed);
        let held = loop {
            // Who has to tell a drainer needs what he tells him with: the call becomes a reference until that is done.
            let held = now & DEAD != 0 && (now & REFS) < CEILING.into();
            let next = now - CALL + u64::from(held);
            // Release: who drains or releases sees what the call did.
            match state.compare_exchange_weak(now, next, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => break held,
                Err(seen) => now = seen,
            }
        };
        if now & DEAD != 0 {
            // SAFETY: the reference that the call has become, or one that is never dropped.
            let ports = unsafe { inner.as_ref() }.value.ports();
            // Through the lock, so that a drainer is either not yet looking or already asleep.
            drop(lock(&ports.list));
            ports.ended.notify_all();
            if held {
                // SAFETY: the reference from above.
                unsafe { Self::put(inner) }
            }
        } else if now - CALL == 0 {
            // SAFETY: as in `put`.
            unsafe { Self::release(inner) }
        }
    }

    /// # Safety
    /// Neither a reference nor a call is left, and this is called once.
    unsafe fn release(inner: NonNull<Self>) {
        /// Frees the memory even if dropping the value panics.
        struct Memory<T>(NonNull<Held<T>>);
        impl<T> Drop for Memory<T> {
            fn drop(&mut self) {
                // SAFETY: `Port::open` made it with Box, and nobody reaches it any more. The value is dropped by itself.
                drop(unsafe { Box::from_raw(self.0.as_ptr()) });
            }
        }
        // SAFETY: nobody else is left.
        let held = unsafe { inner.as_ref() };
        // A load and no fence: ThreadSanitizer does not see fences.
        held.state.load(Ordering::Acquire);
        if track::on() {
            track::released(Self::value(inner).addr().get());
        }
        let mut list = lock(&held.value.ports().list);
        let place = held.place.load(Ordering::Relaxed);
        if place != NOWHERE {
            list.all.swap_remove(place);
            if let Some(moved) = list.all.get(place) {
                // SAFETY: it stands in the list.
                unsafe { moved.as_ref() }.place.store(place, Ordering::Relaxed);
            }
        }
        drop(list);
        let _memory = Memory(inner);
        T::close(&ManuallyDrop::new(Port { inner, owns: PhantomData }));
        // SAFETY: this is the one drop, after which nobody reaches it.
        unsafe { ManuallyDrop::drop(&mut (*inner.as_ptr()).value) };
    }

    fn value(inner: NonNull<Self>) -> NonNull<T> {
        // SAFETY: an address inside of a live allocation. No reference is made, so that the pointer may reach the count again.
        unsafe { NonNull::new_unchecked((&raw mut (*inner.as_ptr()).value).cast()) }
    }
}

#[cold]
fn complain<T>(inner: NonNull<Held<T>>, what: &str) {
    say(&format!("open handle at {inner:p}: {what}"));
}

impl<T: Ported> Port<T> {
    /// Boxes `value` with a count of one, among its ports; unless those have been revoked: then it is dropped.
    pub fn open(value: T) -> Result<Self, Revoked> {
        let value = ManuallyDrop::new(value);
        let held = Held { state: AtomicU64::new(1), place: AtomicUsize::new(NOWHERE), value };
        let inner = NonNull::from(Box::leak(Box::new(held)));
        let port = Port { inner, owns: PhantomData };
        port.took();
        let mut list = lock(&port.ports().list);
        if list.closed {
            drop(list);
            return Err(Revoked);
        }
        port.held().place.store(list.all.len(), Ordering::Relaxed);
        list.all.push(inner);
        drop(list);
        Ok(port)
    }

    /// Starts a call, unless revoked, or being released. Takes no lock.
    #[inline]
    pub fn enter(&self) -> Result<Call<'_, T>, Revoked> {
        let state = &self.held().state;
        let mut now = state.load(Ordering::Relaxed);
        loop {
            // Without references and calls it is being closed, and what closes it may ask.
            if now & DEAD != 0 || now == 0 {
                return Err(Revoked);
            }
            // Acquire: the call sees what was written before its predecessor ended.
            match state.compare_exchange_weak(now, now + CALL, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Ok(Call { port: self, inside: Some(Inside::enter(self.ports())) }),
                Err(seen) => now = seen,
            }
        }
    }

    /// Another reference, unless there is none any more, as in a call that has dropped the last one, or when it is closed (K1).
    pub fn try_clone(&self) -> Option<Self> {
        Held::taken(self.inner)
    }

    /// Whether calls can still start, at some moment.
    pub fn is_alive(&self) -> bool {
        self.held().state.load(Ordering::Acquire) & DEAD == 0
    }

    /// How many references there were at some moment; for reports and tests.
    pub fn count(this: &Self) -> u32 {
        (this.held().state.load(Ordering::Relaxed) & REFS) as u32
    }

    /// Hands the reference out as a pointer to the value, to come back through [`from_raw`](Self::from_raw).
    pub fn into_raw(self) -> NonNull<T> {
        ManuallyDrop::new(self).as_raw()
    }

    /// The pointer that [`into_raw`](Self::into_raw) would give; the reference stays here.
    pub fn as_raw(&self) -> NonNull<T> {
        Held::value(self.inner)
    }

    /// Takes a reference back that [`into_raw`](Self::into_raw) handed out.
    ///
    /// # Safety
    /// `raw` came from `into_raw` of the same type and this reference has not been taken back yet.
    pub unsafe fn from_raw(raw: NonNull<T>) -> Self {
        // SAFETY: the caller's promise: `raw` points into a Held<T>, at its value.
        let inner = unsafe { raw.byte_sub(offset_of!(Held<T>, value)).cast() };
        Port { inner, owns: PhantomData }
    }

    /// Adds a reference where that is all there is to do: false, and nothing done, where [`try_clone`](Self::try_clone) would refuse
    /// or have something to say, or the tracker wants to know.
    ///
    /// # Safety
    /// `raw` came from `into_raw` or `as_raw` of the same type and a reference or a call is held meanwhile.
    #[inline]
    pub unsafe fn get_quickly(raw: NonNull<T>) -> bool {
        // SAFETY: the caller's promise; ManuallyDrop, because it stands for no reference.
        let port = ManuallyDrop::new(unsafe { Self::from_raw(raw) });
        !track::on() && port.held().step(1, CEILING - 2, 1)
    }

    /// Drops the reference that `raw` stands for where that is all there is to do; false, and it is still there, where it is the last
    /// one, or there would be something to say.
    ///
    /// # Safety
    /// As for [`from_raw`](Self::from_raw), where this is true.
    #[inline]
    pub unsafe fn put_quickly(raw: NonNull<T>) -> bool {
        // SAFETY: the caller's promise; the count alone says whether this reference is gone.
        let port = ManuallyDrop::new(unsafe { Self::from_raw(raw) });
        !track::on() && port.held().step(2, CEILING - 1, u64::MAX)
    }

    fn held(&self) -> &Held<T> {
        // SAFETY: a reference, a call or the one who closes it keeps the allocation alive.
        unsafe { self.inner.as_ref() }
    }

    fn took(&self) {
        if track::on() {
            track::took(self.as_raw().addr().get(), std::any::type_name::<T>());
        }
    }
}

impl<T: Ported> Clone for Port<T> {
    fn clone(&self) -> Self {
        self.try_clone().expect("a Port without a reference")
    }
}

impl<T: Ported> Drop for Port<T> {
    fn drop(&mut self) {
        if track::on() {
            track::dropped(self.as_raw().addr().get());
        }
        // SAFETY: this value's own reference.
        unsafe { Held::put(self.inner) }
    }
}

impl<T: Ported> Deref for Port<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.held().value
    }
}

impl<T: Ported> Deref for Call<'_, T> {
    type Target = Port<T>;
    fn deref(&self) -> &Port<T> {
        self.port
    }
}

impl<T: Ported> Drop for Call<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // First, for what is released then may wait for other calls.
        self.inside = None;
        // SAFETY: this value is the call.
        unsafe { Held::leave(self.port.inner) }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
