// SPDX-License-Identifier: MIT OR Apache-2.0
//! Counted objects as C pointers: who owns what across the boundary.
//!
//! An argument is borrowed ([`arg::object`](crate::arg::object)) unless the header says that the function takes it
//! ([`arg::taken`](crate::arg::taken)); a returned [`Handle`] carries a reference that is the caller's.

use crate::Failure;
use kref::{track, Port, Ported, Ref, Weak};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::NonNull;

/// A counted reference that can travel as a C pointer.
pub trait Handle: Sized {
    /// The opaque struct of the header.
    type C;
    /// Whether the tracker knows these references: not those to the memory alone, which outlive their object.
    const TRACKED: bool = true;
    /// Turns the reference into the pointer that stands for it.
    fn into_raw(self) -> NonNull<Self::C>;
    /// The reference that the pointer stands for.
    ///
    /// # Safety
    /// `raw` came from `into_raw`, and one such call is matched by at most one reference that is dropped.
    unsafe fn from_raw(raw: NonNull<Self::C>) -> Self;

    /// One more reference; None where the last one has been dropped, as it has been for whoever releases the object (K1).
    fn another(&self) -> Option<Self>
    where
        Self: Clone,
    {
        Some(self.clone())
    }

    /// Adds a reference, where that needs nothing but a count: cannot panic, has nothing to say. False where it needs more,
    /// and nothing was done.
    ///
    /// # Safety
    /// `raw` came from `into_raw`, and its object is held during the call.
    unsafe fn get_quickly(_raw: NonNull<Self::C>) -> bool {
        false
    }

    /// Drops a reference, where that needs nothing but a count. False where it needs more, and nothing was done.
    ///
    /// # Safety
    /// As for [`from_raw`](Self::from_raw), where this is true.
    unsafe fn put_quickly(_raw: NonNull<Self::C>) -> bool {
        false
    }
}

/// Lets a type of the library that has `into_raw` and `from_raw` of its own travel so: `cabi::handle!(Tree, ovl_tree);`
#[macro_export]
macro_rules! handle {
    ($object:ty, $opaque:ty) => {
        impl $crate::Handle for $object {
            type C = $opaque;

            fn into_raw(self) -> ::std::ptr::NonNull<$opaque> {
                ::std::ptr::NonNull::new(<$object>::into_raw(self).cast()).expect("a handle is not NULL")
            }

            unsafe fn from_raw(raw: ::std::ptr::NonNull<$opaque>) -> Self {
                // SAFETY: the trait's contract is the method's.
                unsafe { <$object>::from_raw(raw.cast()) }
            }
        }
    };
}

/// Names the opaque struct under which C knows a type that lives in a [`Ref`].
pub trait Opaque {
    /// The opaque struct of the header.
    type C;
}

impl<T: Opaque> Handle for Ref<T> {
    type C = T::C;
    fn into_raw(self) -> NonNull<T::C> {
        Ref::into_raw(self).cast()
    }
    unsafe fn from_raw(raw: NonNull<T::C>) -> Self {
        // SAFETY: the caller's promise.
        unsafe { Ref::from_raw(raw.cast()) }
    }
    fn another(&self) -> Option<Self> {
        self.try_clone()
    }
    unsafe fn get_quickly(raw: NonNull<T::C>) -> bool {
        // SAFETY: the caller's promise.
        unsafe { Ref::<T>::get_quickly(raw.cast()) }
    }
    unsafe fn put_quickly(raw: NonNull<T::C>) -> bool {
        // SAFETY: the caller's promise.
        unsafe { Ref::<T>::put_quickly(raw.cast()) }
    }
}

impl<T: Opaque + Ported> Handle for Port<T> {
    type C = T::C;
    fn into_raw(self) -> NonNull<T::C> {
        Port::into_raw(self).cast()
    }
    unsafe fn from_raw(raw: NonNull<T::C>) -> Self {
        // SAFETY: the caller's promise.
        unsafe { Port::from_raw(raw.cast()) }
    }
    fn another(&self) -> Option<Self> {
        self.try_clone()
    }
    unsafe fn get_quickly(raw: NonNull<T::C>) -> bool {
        // SAFETY: the caller's promise.
        unsafe { Port::<T>::get_quickly(raw.cast()) }
    }
    unsafe fn put_quickly(raw: NonNull<T::C>) -> bool {
        // SAFETY: the caller's promise.
        unsafe { Port::<T>::put_quickly(raw.cast()) }
    }
}

/// Names the opaque struct under which C knows a handle that holds only an object's memory.
pub trait OpaqueWeak {
    /// The opaque struct of the header.
    type C;
}

impl<T: OpaqueWeak> Handle for Weak<T> {
    type C = T::C;
    const TRACKED: bool = false;
    fn into_raw(self) -> NonNull<T::C> {
        Weak::into_raw(self).cast()
    }
    unsafe fn from_raw(raw: NonNull<T::C>) -> Self {
        // SAFETY: the caller's promise.
        unsafe { Weak::from_raw(raw.cast()) }
    }
}

/// An object that the C caller holds a reference to during the call; to keep it, clone.
pub struct Borrowed<'a, H: Handle>(ManuallyDrop<H>, PhantomData<&'a H::C>);

impl<H: Handle> Borrowed<'_, H> {
    /// # Safety
    /// The pointer carries a reference that is held as long as this value lives.
    pub(crate) unsafe fn new(raw: NonNull<H::C>) -> Self {
        // SAFETY: the caller's promise; ManuallyDrop leaves the reference to C.
        Borrowed(ManuallyDrop::new(unsafe { H::from_raw(raw) }), PhantomData)
    }
}

impl<H: Handle> Deref for Borrowed<'_, H> {
    type Target = H;
    fn deref(&self) -> &H {
        &self.0
    }
}

/// `…_get()`: one more reference, and the same pointer; NULL stays NULL (K3). An object that is just being released cannot be had
/// (K1): -ENODEV.
///
/// # Safety
/// `raw` is NULL or a pointer that carries a reference, or that a release function was given and has not returned from.
pub unsafe fn get<H: Handle + Clone>(raw: *mut H::C) -> Result<*mut H::C, Failure> {
    if let Some(raw) = NonNull::new(raw) {
        // SAFETY: the caller's promise.
        let borrowed: Borrowed<'_, H> = unsafe { Borrowed::new(raw) };
        let another = borrowed.another();
        let same =
            another.ok_or_else(|| Failure::new(libc::ENODEV, "the object is being released"))?.into_raw();
        debug_assert_eq!(same, raw, "a handle is its pointer");
    }
    Ok(raw)
}

/// `…_put()`: drops a reference; NULL is fine (K3). With tracking on, one put too many is found (K6) and does nothing.
///
/// # Safety
/// `raw` is NULL or a pointer that carries a reference, which is gone afterwards.
pub unsafe fn put<H: Handle>(raw: *mut H::C) {
    if let Some(raw) = NonNull::new(raw) {
        if H::TRACKED && track::on() && track::put_too_often(raw.addr().get()) {
            return;
        }
        // SAFETY: the caller's promise.
        drop(unsafe { H::from_raw(raw) });
    }
}

/// What is done without a guard: all of `…_get()`, or false. A guard costs half of what two counts do.
///
/// # Safety
/// As for [`get`].
#[inline]
pub unsafe fn get_quickly<H: Handle>(raw: *mut H::C) -> bool {
    // SAFETY: the caller's promise.
    NonNull::new(raw).is_none_or(|raw| unsafe { H::get_quickly(raw) })
}

/// What is done without a guard: all of `…_put()`, or false.
///
/// # Safety
/// As for [`put`].
#[inline]
pub unsafe fn put_quickly<H: Handle>(raw: *mut H::C) -> bool {
    // SAFETY: the caller's promise.
    NonNull::new(raw).is_none_or(|raw| unsafe { H::put_quickly(raw) })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thing(u8);
    #[allow(non_camel_case_types)]
    struct demo_thing;
    impl Opaque for Thing {
        type C = demo_thing;
    }

    #[test]
    fn k3_get_returns_its_argument_and_both_accept_null() {
        let raw = Handle::into_raw(Ref::new(Thing(7))).as_ptr();
        // SAFETY: `raw` carries the reference; NULL is allowed.
        unsafe {
            assert_eq!(get::<Ref<Thing>>(raw), Ok(raw));
            let thing: Borrowed<'_, Ref<Thing>> = Borrowed::new(NonNull::new(raw).unwrap());
            assert_eq!((Ref::count(&thing), thing.0 .0), (2, 7));
            put::<Ref<Thing>>(raw);
            assert_eq!(Ref::count(&thing), 1);
            put::<Ref<Thing>>(raw);
            assert_eq!(get::<Ref<Thing>>(std::ptr::null_mut()), Ok(std::ptr::null_mut()));
            put::<Ref<Thing>>(std::ptr::null_mut());
        }
    }

    #[test]
    fn k1_an_object_that_is_being_released_cannot_be_had() {
        struct Asks;
        impl Opaque for Asks {
            type C = demo_thing;
        }
        impl Drop for Asks {
            fn drop(&mut self) {
                // SAFETY: inside of the release of the object at this address.
                let failure = unsafe { get::<Ref<Asks>>(std::ptr::from_mut(self).cast()) }.unwrap_err();
                assert_eq!(
                    (failure.errno, &*failure.message),
                    (libc::ENODEV, "the object is being released")
                );
            }
        }
        drop(Ref::new(Asks));
    }
}
