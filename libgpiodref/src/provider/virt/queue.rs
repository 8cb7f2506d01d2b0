// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Queue`]: what is kept for a reader until he reads it, the oldest dropped when it is too much (G7).

use crate::error::Fault;
use crate::sys::Signal;
use kref::sync::lock;
use once_cell::sync::OnceCell;
use std::collections::VecDeque;
use std::os::fd::BorrowedFd;
use std::sync::Mutex;

pub(super) struct Queue<T> {
    capacity: usize,
    state: Mutex<State<T>>,
    /// Made when somebody asks for it, and touched under the lock only, so that it is readable exactly while there is
    /// something to read.
    signal: OnceCell<Signal>,
}

struct State<T> {
    kept: VecDeque<T>,
    /// How many ever came.
    number: u32,
    /// The signal is set although nothing is there.
    nudged: bool,
    hung_up: bool,
}

impl<T> Queue<T> {
    pub(super) fn new(capacity: usize) -> Self {
        let state = State { kept: VecDeque::new(), number: 0, nudged: false, hung_up: false };
        Queue { capacity, state: Mutex::new(state), signal: OnceCell::new() }
    }

    /// Puts in what `make` makes of its number, from 1. What comes after the end is not kept.
    pub(super) fn push(&self, make: impl FnOnce(u32) -> T) {
        let mut state = lock(&self.state);
        if state.hung_up {
            return;
        }
        state.number = state.number.wrapping_add(1);
        let item = make(state.number);
        if state.kept.len() == self.capacity {
            state.kept.pop_front();
        }
        state.kept.push_back(item);
        if state.kept.len() == 1 {
            self.signal.get().into_iter().for_each(Signal::set);
        }
    }

    /// Takes up to `room` of them, the oldest first, and says how many. ENODEV when there is none and will be none (G5).
    pub(super) fn take(&self, room: usize, mut each: impl FnMut(T)) -> Result<usize, Fault> {
        let mut state = lock(&self.state);
        if state.kept.is_empty() && state.hung_up {
            return Err(Fault { call: "read", errno: libc::ENODEV });
        }
        let taken = room.min(state.kept.len());
        state.kept.drain(..taken).for_each(&mut each);
        if (taken > 0 || state.nudged) && state.kept.is_empty() {
            state.nudged = false;
            self.signal.get().into_iter().for_each(Signal::clear);
        }
        Ok(taken)
    }

    /// Readable while there is something to take, and HUP after the end.
    pub(super) fn fd(&self) -> Result<BorrowedFd<'_>, Fault> {
        let state = lock(&self.state);
        let signal = self.signal.get_or_try_init(|| {
            let signal = Signal::new()?;
            if !state.kept.is_empty() {
                signal.set();
            }
            if state.hung_up {
                signal.hang_up();
            }
            Ok(signal)
        })?;
        Ok(signal.fd())
    }

    /// Wakes who sleeps, without giving him anything.
    pub(super) fn nudge(&self) {
        let mut state = lock(&self.state);
        if let Some(signal) = self.signal.get() {
            signal.set();
            state.nudged = true;
        }
    }

    /// Nothing more will come.
    pub(super) fn hang_up(&self) {
        let mut state = lock(&self.state);
        state.hung_up = true;
        self.signal.get().into_iter().for_each(Signal::hang_up);
    }
}
