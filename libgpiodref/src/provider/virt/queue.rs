// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Queue`]: what is kept for a reader until he reads it, the oldest dropped when it is too much (G7).

use crate::error::Fault;
use crate::sys::Timer;
use kref::sync::lock;
use once_cell::sync::OnceCell;
use std::collections::VecDeque;
use std::os::fd::BorrowedFd;
use std::sync::Mutex;

pub(super) struct Queue<T> {
    capacity: usize,
    state: Mutex<State<T>>,
    /// Made when somebody asks for it, and touched under the lock only. One file descriptor says all that there is to say:
    /// something to read, the end, or the time to look again.
    alarm: OnceCell<Timer>,
}

struct State<T> {
    kept: VecDeque<T>,
    /// How many ever came.
    number: u32,
    /// When the reader is to look again although nothing is there, of CLOCK_MONOTONIC.
    due_ns: Option<u64>,
    hung_up: bool,
}

impl<T> State<T> {
    /// When the file descriptor becomes readable: now where there is something to read or nothing will come.
    fn readable_ns(&self) -> Option<u64> {
        if self.hung_up || !self.kept.is_empty() {
            Some(1)
        } else {
            self.due_ns
        }
    }
}

impl<T> Queue<T> {
    pub(super) fn new(capacity: usize) -> Self {
        let state = State { kept: VecDeque::new(), number: 0, due_ns: None, hung_up: false };
        Queue { capacity, state: Mutex::new(state), alarm: OnceCell::new() }
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
            self.set_alarm(&state);
        }
    }

    /// Takes up to `room` of them, the oldest first, and says how many. ENODEV when there is none and will be none (G5).
    pub(super) fn take(&self, room: usize, mut each: impl FnMut(T)) -> Result<usize, Fault> {
        let mut state = lock(&self.state);
        Self::not_over(&state)?;
        let taken = room.min(state.kept.len());
        state.kept.drain(..taken).for_each(&mut each);
        if taken > 0 && state.kept.is_empty() {
            self.set_alarm(&state);
        }
        Ok(taken)
    }

    /// Whether there is something to take. ENODEV as in [`take`](Self::take).
    pub(super) fn has_some(&self) -> Result<bool, Fault> {
        let state = lock(&self.state);
        Self::not_over(&state)?;
        Ok(!state.kept.is_empty())
    }

    fn not_over(state: &State<T>) -> Result<(), Fault> {
        match state.kept.is_empty() && state.hung_up {
            true => Err(Fault { call: "read", errno: libc::ENODEV }),
            false => Ok(()),
        }
    }

    /// Readable while there is something to take or the reader is to look again, and after the end.
    pub(super) fn fd(&self) -> Result<BorrowedFd<'_>, Fault> {
        let state = lock(&self.state);
        let alarm = self.alarm.get_or_try_init(|| {
            let alarm = Timer::new()?;
            alarm.set(state.readable_ns());
            Ok(alarm)
        })?;
        Ok(alarm.fd())
    }

    /// The reader is to look again at this time of CLOCK_MONOTONIC in nanoseconds, or need not.
    pub(super) fn look_again(&self, due_ns: Option<u64>) {
        let mut state = lock(&self.state);
        if state.due_ns != due_ns {
            state.due_ns = due_ns;
            self.set_alarm(&state);
        }
    }

    /// Nothing more will come.
    pub(super) fn hang_up(&self) {
        let mut state = lock(&self.state);
        state.hung_up = true;
        self.set_alarm(&state);
    }

    fn set_alarm(&self, state: &State<T>) {
        self.alarm.get().into_iter().for_each(|alarm| alarm.set(state.readable_ns()));
    }
}
