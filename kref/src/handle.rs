// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Ref`]: a counted box on [`Kref`], with what `std::sync::Arc` lacks here: it saturates instead of aborting, and
//! the tracker knows its holders. [`Weak`] holds its memory alone.
#![allow(unsafe_code)]

use crate::{track, Kref};
use std::fmt;
use std::marker::PhantomData;
use std::mem::{offset_of, ManuallyDrop};
use std::ops::Deref;
use std::ptr::NonNull;

#[repr(C)]
struct Counted<T> {
    /// Of those who hold the value; the last one drops it.
    count: Kref,
    /// Of those who hold the memory: every `Weak`, and all `Ref`s together as one; the last one frees it.
    memory: Kref,
    value: ManuallyDrop<T>,
}

/// One counted reference to a `T`. The last one dropped drops the `T`, once, on its thread and with no lock of ours
/// held (K2), so that `T`'s `Drop` is the release function.
pub struct Ref<T> {
    inner: NonNull<Counted<T>>,
    owns: PhantomData<Counted<T>>,
}

/// Holds the memory of an object and not the object: it can be asked whether somebody still holds that.
pub struct Weak<T> {
    inner: NonNull<Counted<T>>,
    owns: PhantomData<Counted<T>>,
}

// SAFETY: a Ref gives shared access to T from any thread (Sync) and may drop it on any (Send), as Arc does.
unsafe impl<T: Send + Sync> Send for Ref<T> {}
// SAFETY: as above; a &Ref can be cloned into a Ref.
unsafe impl<T: Send + Sync> Sync for Ref<T> {}
// SAFETY: what a Weak can do is to become a Ref.
unsafe impl<T: Send + Sync> Send for Weak<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Weak<T> {}

impl<T> Ref<T> {
    /// Boxes `value` with a count of one.
    pub fn new(value: T) -> Self {
        let counted = Counted { count: Kref::new(1), memory: Kref::new(1), value: ManuallyDrop::new(value) };
        let inner = NonNull::from(Box::leak(Box::new(counted)));
        let this = Ref { inner, owns: PhantomData };
        this.took();
        this
    }

    /// Hands the reference out as a pointer to the value, to come back through [`from_raw`](Self::from_raw).
    pub fn into_raw(self) -> NonNull<T> {
        ManuallyDrop::new(self).as_raw()
    }

    /// The pointer that [`into_raw`](Self::into_raw) would give; the reference stays here. The tracker knows the object
    /// by its address.
    pub fn as_raw(&self) -> NonNull<T> {
        // SAFETY: `inner` is a live allocation. No reference is made, so that the pointer may reach the count again.
        unsafe { NonNull::new_unchecked((&raw mut (*self.inner.as_ptr()).value).cast()) }
    }

    /// Takes a reference back that [`into_raw`](Self::into_raw) handed out.
    ///
    /// # Safety
    /// `raw` came from `into_raw` of the same type and this reference has not been taken back yet.
    pub unsafe fn from_raw(raw: NonNull<T>) -> Self {
        // SAFETY: the caller's promise: `raw` points into a Counted<T>, at its value.
        let inner = unsafe { raw.byte_sub(offset_of!(Counted<T>, value)).cast() };
        Ref { inner, owns: PhantomData }
    }

    /// A reference of one's own beside the one that `raw` stands for, which stays where it is.
    ///
    /// # Safety
    /// `raw` came from `into_raw` or `as_raw` of the same type and a reference is held during this call.
    pub unsafe fn get_raw(raw: NonNull<T>) -> Self {
        // SAFETY: the caller's promise; ManuallyDrop, because the caller's reference stays the caller's.
        let held = ManuallyDrop::new(unsafe { Self::from_raw(raw) });
        Ref::clone(&held)
    }

    /// As [`get_raw`](Self::get_raw), where the value may have been dropped already and only its memory is sure: None then
    /// (K1).
    ///
    /// # Safety
    /// `raw` came from `into_raw` or `as_raw` of the same type and a reference or a [`Weak`] is held during this call.
    pub unsafe fn try_get_raw(raw: NonNull<T>) -> Option<Self> {
        // SAFETY: the caller's promise: the memory is there. ManuallyDrop, because it stands for no reference.
        let unheld = ManuallyDrop::new(unsafe { Self::from_raw(raw) });
        unheld.counted().taken(unheld.inner)
    }

    /// [`Kref::get_quickly`] of the object at `raw`; false also where the tracker wants to know.
    ///
    /// # Safety
    /// `raw` came from `into_raw` or `as_raw` of the same type and a reference or a [`Weak`] is held during this call.
    #[inline]
    pub unsafe fn get_quickly(raw: NonNull<T>) -> bool {
        // SAFETY: the caller's promise: the memory is there. ManuallyDrop, because it stands for no reference.
        let unheld = ManuallyDrop::new(unsafe { Self::from_raw(raw) });
        !track::on() && unheld.counted().count.get_quickly()
    }

    /// [`Kref::put_quickly`] of the reference that `raw` stands for, which is gone where this is true.
    ///
    /// # Safety
    /// As for [`from_raw`](Self::from_raw), where this is true; the reference is still there where it is not.
    #[inline]
    pub unsafe fn put_quickly(raw: NonNull<T>) -> bool {
        // SAFETY: the caller's promise; the count alone says whether this reference is gone.
        !track::on() && ManuallyDrop::new(unsafe { Self::from_raw(raw) }).counted().count.put_quickly()
    }

    /// Another reference, unless the last one has been dropped: for a release function, which is the only one to see that (K1).
    pub fn try_clone(&self) -> Option<Self> {
        self.counted().taken(self.inner)
    }

    /// A handle that holds only the memory.
    pub fn downgrade(this: &Self) -> Weak<T> {
        let held = this.counted().memory.get();
        debug_assert!(held, "a Ref holds its memory");
        Weak { inner: this.inner, owns: PhantomData }
    }

    /// Whether both refer to the same object.
    pub fn ptr_eq(a: &Self, b: &Self) -> bool {
        a.inner == b.inner
    }

    /// How many references there were at some moment; for reports and tests.
    pub fn count(this: &Self) -> u32 {
        this.counted().count.count()
    }

    fn counted(&self) -> &Counted<T> {
        // SAFETY: the reference that `self` is keeps the allocation alive, and only its last holder writes to it.
        unsafe { self.inner.as_ref() }
    }

    fn took(&self) {
        if track::on() {
            track::took(self.as_raw().addr().get(), std::any::type_name::<T>());
        }
    }
}

impl<T> Counted<T> {
    /// One more reference to the object that lies at `inner`, unless nobody holds it any more.
    fn taken(&self, inner: NonNull<Self>) -> Option<Ref<T>> {
        let another = self.count.get().then(|| Ref { inner, owns: PhantomData });
        another.iter().for_each(Ref::took);
        another
    }

    /// Drops a hold on the memory.
    ///
    /// # Safety
    /// The caller had such a hold and does not use it again.
    unsafe fn let_go(inner: NonNull<Self>) {
        // SAFETY: the caller's hold keeps the memory until here.
        if unsafe { inner.as_ref() }.memory.put_unlisted() {
            // SAFETY: `Ref::new` made the allocation with Box, its value has been dropped, and nobody reaches it any more.
            drop(unsafe { Box::from_raw(inner.as_ptr()) });
        }
    }
}

impl<T> Clone for Ref<T> {
    fn clone(&self) -> Self {
        self.counted().taken(self.inner).expect("a Ref whose count is zero")
    }
}

impl<T> Drop for Ref<T> {
    fn drop(&mut self) {
        let addr = self.as_raw().addr().get();
        if track::on() {
            track::dropped(addr);
        }
        if self.counted().count.put() {
            if track::on() {
                track::released(addr);
            }
            // The memory goes even if dropping the value panics.
            let _memory = Weak { inner: self.inner, owns: PhantomData };
            // SAFETY: `put` said that nobody else can reach the value any more, and no other `put` will say so.
            unsafe { ManuallyDrop::drop(&mut (*self.inner.as_ptr()).value) };
        }
    }
}

impl<T> Weak<T> {
    /// A reference, if somebody still holds one (K1).
    pub fn upgrade(&self) -> Option<Ref<T>> {
        // SAFETY: `self` keeps the memory.
        unsafe { self.inner.as_ref() }.taken(self.inner)
    }

    /// Hands the hold out as a pointer, to come back through [`from_raw`](Self::from_raw).
    pub fn into_raw(self) -> NonNull<T> {
        let this = ManuallyDrop::new(self);
        // SAFETY: `inner` is a live allocation. No reference is made, so that the pointer may reach the counts again.
        unsafe { NonNull::new_unchecked((&raw mut (*this.inner.as_ptr()).value).cast()) }
    }

    /// Takes a hold back that [`into_raw`](Self::into_raw) handed out.
    ///
    /// # Safety
    /// `raw` came from `into_raw` of the same type and this hold has not been taken back yet.
    pub unsafe fn from_raw(raw: NonNull<T>) -> Self {
        // SAFETY: the caller's promise: `raw` points into a Counted<T>, at its value.
        let inner = unsafe { raw.byte_sub(offset_of!(Counted<T>, value)).cast() };
        Weak { inner, owns: PhantomData }
    }

    /// Whether nobody holds the object any more; it stays so.
    pub fn is_released(&self) -> bool {
        // SAFETY: as above.
        unsafe { self.inner.as_ref() }.count.count() == 0
    }

    /// How many references the object had at some moment; for reports.
    pub fn count(&self) -> u32 {
        // SAFETY: as above.
        unsafe { self.inner.as_ref() }.count.count()
    }

    /// Whether it was made of a reference to the same object.
    pub fn is_of(&self, object: &Ref<T>) -> bool {
        self.inner == object.inner
    }
}

impl<T> Clone for Weak<T> {
    fn clone(&self) -> Self {
        // SAFETY: as above.
        let held = unsafe { self.inner.as_ref() }.memory.get();
        debug_assert!(held, "a Weak holds its memory");
        Weak { inner: self.inner, owns: PhantomData }
    }
}

impl<T> Drop for Weak<T> {
    fn drop(&mut self) {
        // SAFETY: this value's own hold.
        unsafe { Counted::let_go(self.inner) }
    }
}

impl<T> Deref for Ref<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.counted().value
    }
}

impl<T: fmt::Debug> fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: fmt::Display> fmt::Display for Ref<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::cell::Cell;

    struct Noted<'a>(&'a Cell<u32>);
    impl Drop for Noted<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }

    #[test]
    fn the_value_goes_with_the_last_reference() {
        let drops = Cell::new(0);
        let a = Ref::new(Noted(&drops));
        let b = a.clone();
        assert!(Ref::ptr_eq(&a, &b) && Ref::count(&a) == 2);
        drop(a);
        assert_eq!(drops.get(), 0);
        drop(b);
        assert_eq!(drops.get(), 1);
    }

    #[test]
    fn a_raw_pointer_carries_its_reference() {
        let drops = Cell::new(0);
        let raw = Ref::new((7u8, Noted(&drops))).into_raw();
        // SAFETY: `raw` carries a reference.
        let other = unsafe { Ref::get_raw(raw) };
        assert_eq!((other.0, Ref::count(&other), other.as_raw()), (7, 2, raw));
        drop(other);
        assert_eq!(drops.get(), 0);
        // SAFETY: `raw` carries a reference, taken back here for good.
        drop(unsafe { Ref::from_raw(raw) });
        assert_eq!(drops.get(), 1);
    }

    #[test]
    fn g1_a_weak_handle_holds_the_memory_and_not_the_object() {
        let drops = Cell::new(0);
        let held = Ref::new(Noted(&drops));
        let (raw, weak) = (held.as_raw(), Ref::downgrade(&held));
        assert!(weak.is_of(&held) && !weak.is_released());
        let again = weak.clone().upgrade().unwrap();
        assert_eq!(Ref::count(&held), 2);
        drop((held, again));
        assert_eq!(drops.get(), 1, "it goes with the last reference, whoever has its memory");
        assert!(weak.is_released() && weak.upgrade().is_none());
        // SAFETY: `weak` keeps the memory.
        assert!(unsafe { Ref::try_get_raw(raw) }.is_none());
    }

    #[test]
    fn two_boxes_are_two() {
        assert!(!Ref::ptr_eq(&Ref::new(1), &Ref::new(1)));
    }
}
