// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which devices are not bound, and why.

use super::state::{At, Slot, State};
use super::suppliers::{self, Leads};
use super::Bus;
use crate::tree::Inner;
use kref::sync::lock;
use std::fmt::Write;

impl Bus {
    /// The devices that have a driver and are not bound to it, a line each: what they wait for, what is missing, or what their probe
    /// said. Empty if there are none. Costs a pass over the devices.
    pub fn unbound(&self) -> String {
        let inner = self.0.tree.read();
        let state = lock(&self.0.state);
        let mut report = String::new();
        for (_, slot) in state.slots.after(0) {
            let (Some(driver), Some(reason)) = (&slot.driver, reason(&inner, &state, slot)) else { continue };
            let (path, driver) = (path(&inner, slot), driver.compatible.to_string_lossy());
            let _ = writeln!(report, "{path} ({driver}): {reason}");
        }
        report
    }
}

fn path(inner: &Inner, slot: &Slot) -> String {
    slot.device.node().ptr().path(&inner.token)
}

fn reason(inner: &Inner, state: &State, slot: &Slot) -> Option<String> {
    let sentence = match slot.at {
        At::Blocked => {
            let waits = slot.blockers.iter().filter_map(|&blocker| state.slots.get(blocker));
            let waits: Vec<String> =
                waits.map(|other| format!("{}, which {}", path(inner, other), is(other))).collect();
            format!("waits for {}", waits.join("; "))
        }
        At::Deferred(_) => match missing(inner, state, slot) {
            missing if missing.is_empty() => "deferred by its driver".to_string(),
            missing => format!("deferred by its driver; {}", missing.join("; ")),
        },
        At::Failed(_) => is(slot),
        At::Ready => "not tried yet".to_string(),
        At::Probing(_) | At::Bound(_) | At::Removing | At::NoDriver => return None,
    };
    Some(sentence)
}

/// What a device is that another one needs.
fn is(slot: &Slot) -> String {
    match slot.at {
        At::Ready => "has not been tried yet".to_string(),
        At::Blocked => "waits itself".to_string(),
        At::Probing(_) => "is being probed".to_string(),
        At::Bound(_) => "is about to be removed".to_string(),
        At::Deferred(_) => "was deferred".to_string(),
        At::Failed(errno) => {
            format!("failed to probe: {}", std::io::Error::from_raw_os_error(errno))
        }
        At::NoDriver => "has no driver".to_string(),
        At::Removing => "is being removed".to_string(),
    }
}

/// What a device refers to and has not got.
fn missing(inner: &Inner, state: &State, slot: &Slot) -> Vec<String> {
    let mut missing = Vec::new();
    suppliers::each(inner, &state.slots, slot.device.node().ptr(), &mut |property, leads| {
        let what = match leads {
            Leads::Nowhere(what) => what,
            Leads::To(seq) => match state.slots.get(seq) {
                None | Some(Slot { at: At::Bound(_), .. }) => return,
                Some(other) => format!("{}, which {}", path(inner, other), is(other)),
            },
        };
        missing.push(format!("\"{property}\" refers to {what}"));
    });
    missing
}
