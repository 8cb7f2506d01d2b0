// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Device`]: what a driver is bound to, and what others may hold when it has long been removed.

use crate::slab::{Node, NodePtr};
use hashbrown::HashMap;
use kref::sync::lock;
use kref::{track, Managed, Ref, Weak};
use std::ffi::{c_void, CStr, CString};
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

/// The tag under which a bus holds its devices.
pub(super) const BUS: &str = "bus";

/// A device that a bus made of a node (O25). It is bound to a driver once at most; what takes its place later is another device.
///
/// It holds its node: whoever holds the device reads both, long after they have been removed.
pub struct Device {
    node: Node,
    parent: Mutex<Option<Ref<Device>>>,
    bound: AtomicBool,
    driver: OnceLock<Arc<CString>>,
    data: AtomicPtr<c_void>,
    managed: Managed,
    /// Its place among the devices of its bus.
    pub(super) seq: u64,
}

impl Device {
    /// A device of a bus, which keeps what this returns.
    pub(super) fn new(node: Node, seq: u64) -> Ref<Device> {
        track::with_tag(BUS, || {
            let device = Ref::new(Device {
                node,
                parent: Mutex::new(None),
                bound: AtomicBool::new(false),
                driver: OnceLock::new(),
                data: AtomicPtr::new(std::ptr::null_mut()),
                managed: Managed::new(),
                seq,
            });
            device.node.core().devices.add(&device);
            device
        })
    }

    /// The node that it was made of.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// The device of the next node above that has one, since the device was probed for the first time.
    pub fn parent(&self) -> Option<Ref<Device>> {
        lock(&self.parent).clone()
    }

    /// Returns the one before, to be dropped where no lock is held.
    pub(super) fn set_parent(&self, parent: Option<Ref<Device>>) -> Option<Ref<Device>> {
        std::mem::replace(&mut *lock(&self.parent), parent)
    }

    /// Whether its driver has it, at some moment: since its probe has succeeded and until its remove has returned.
    pub fn is_bound(&self) -> bool {
        self.bound.load(Ordering::Acquire)
    }

    pub(super) fn set_bound(&self, bound: bool) {
        self.bound.store(bound, Ordering::Release);
    }

    /// The compatible string under which its driver was found, since it was bound.
    pub fn driver(&self) -> Option<&CStr> {
        self.driver.get().map(|driver| driver.as_c_str())
    }

    pub(super) fn set_driver(&self, compatible: &Arc<CString>) {
        // A device is bound once.
        let _ = self.driver.set(compatible.clone());
    }

    /// What the driver keeps at the device: a pointer of its own, which nobody looks at. NULL before it is set.
    pub fn data(&self) -> *mut c_void {
        self.data.load(Ordering::Acquire)
    }

    /// See [`data`](Self::data).
    pub fn set_data(&self, data: *mut c_void) {
        self.data.store(data, Ordering::Release);
    }

    /// Binds a resource to the device. It is freed when the device is released, by whoever holds it last and not when it is
    /// removed, and the last bound first (K8). What a probe binds that does not succeed is freed when that has returned.
    pub fn manage(&self, free: impl FnOnce() + Send + 'static) {
        self.managed.bind(free);
    }

    /// Frees what a probe has bound in vain.
    pub(super) fn free_managed(&self) {
        self.managed.release();
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.managed.release();
        self.node.core().devices.remove(self);
    }
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Device({})", self.node.path())
    }
}

/// All devices that there are of a tree's nodes, for reports of who holds what (K6).
#[derive(Default)]
pub(crate) struct Listed(Mutex<HashMap<usize, Entry>>);

/// A device on the list. Its node is there as long as it is listed.
pub(crate) struct Entry {
    device: Weak<Device>,
    pub(crate) node: NodePtr,
    pub(crate) on_bus: bool,
}

impl Entry {
    /// How many references there are, without that of the bus.
    pub(crate) fn held(&self) -> u32 {
        self.device.count().saturating_sub(u32::from(self.on_bus))
    }
}

impl Listed {
    fn add(&self, device: &Ref<Device>) {
        let entry = Entry { device: Ref::downgrade(device), node: device.node.ptr(), on_bus: true };
        lock(&self.0).insert(device.as_raw().addr().get(), entry);
    }

    /// Before the node goes. Waits for a report that is being written.
    fn remove(&self, device: &Device) {
        let entry = lock(&self.0).remove(&std::ptr::from_ref(device).addr());
        drop(entry);
    }

    /// The bus drops its reference.
    pub(super) fn leaves_bus(&self, device: &Ref<Device>) {
        if let Some(entry) = lock(&self.0).get_mut(&device.as_raw().addr().get()) {
            entry.on_bus = false;
        }
    }

    /// The devices by their addresses. While this is held none is freed.
    pub(crate) fn lock(&self) -> MutexGuard<'_, HashMap<usize, Entry>> {
        lock(&self.0)
    }
}
