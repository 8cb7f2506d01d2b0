// SPDX-License-Identifier: MIT OR Apache-2.0
//! Devices that several drivers share, since they drive parts of one piece of hardware: who asks for the same bus id gets the same
//! device, as long as anybody holds it. The next one is made when nothing of the last one is left (M9).

use crate::error::{error, Result};
use crate::Device;
use kref::{track, JoinError, Ref, Seats};
use once_cell::sync::Lazy;
use std::time::Duration;

static SHARED: Lazy<Seats<String, Device>> = Lazy::new(Seats::new);

/// How long to wait for another thread that is in the middle of freeing the device. It may itself wait, for one of its own threads that
/// asks for the device at this moment.
const PATIENCE: Duration = Duration::from_secs(10);

/// The device of this piece of hardware, which is made if there is none, for [`Device::init`] and [`Device::register`] by whoever comes
/// first. `owner` is who holds it, for the list of holders (K6).
pub fn allocator_get(bus_id: &str, owner: &str) -> Result<Ref<Device>> {
    if bus_id.is_empty() {
        return Err(error!(Invalid, "the bus id is empty"));
    }
    let make = |seat| Ok::<_, std::convert::Infallible>(Ref::new(Device::blank(Some(seat))));
    let joined = track::with_tag(owner, || SHARED.join(bus_id.to_owned(), Some(PATIENCE), make));
    joined.map(|(device, _)| device).map_err(|JoinError::Busy| {
        error!(Busy, "{bus_id}: the device is still being freed, or it is asked for by what frees it")
    })
}
