// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Votes`]: what becomes of a thing when several holders have a say: it keeps its default until somebody votes otherwise
//! (G3).

use crate::inside::Inside;
use crate::sync::{lock, wait, Condvar, Mutex, MutexGuard};

/// The votes on one value.
pub struct Votes {
    default: bool,
    state: Mutex<State>,
    /// An outcome has been applied, or could not be.
    changed: Condvar,
}

struct State {
    /// A place for each holder, None for one who has left.
    ballots: Vec<Option<Ballot>>,
    /// What was applied last.
    applied: bool,
    /// Somebody is applying an outcome, without the lock.
    applying: bool,
}

/// A holder's vote, if he has cast one.
type Ballot = Option<bool>;

impl Votes {
    /// The default is taken as applied.
    pub fn new(default: bool) -> Self {
        let state = State { ballots: Vec::new(), applied: default, applying: false };
        Votes { default, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// A place for a holder, who has not voted.
    pub fn join(&self) -> usize {
        let ballots = &mut lock(&self.state).ballots;
        let free = ballots.iter().position(Option::is_none);
        let place = free.unwrap_or(ballots.len());
        match free {
            Some(at) => ballots[at] = Some(None),
            None => ballots.push(Some(None)),
        }
        place
    }

    /// Casts the vote of a holder, or takes it back (None). When it returns, the outcome is applied.
    ///
    /// `apply` runs only if the outcome is another one, never twice at the same time, and with no lock held. If it fails
    /// the vote is what it was before. Voting from within `apply` is fine: the outcome is applied when that returns.
    pub fn cast<E>(
        &self,
        place: usize,
        vote: Option<bool>,
        apply: impl FnMut(bool) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut state = lock(&self.state);
        let Some(Some(ballot)) = state.ballots.get_mut(place) else { return Ok(()) };
        let before = std::mem::replace(ballot, vote);
        let done = self.settle(state, apply);
        if done.is_err() {
            if let Some(Some(ballot)) = lock(&self.state).ballots.get_mut(place) {
                *ballot = before;
            }
        }
        done
    }

    /// Takes a holder's vote back for good; his place may become another's.
    pub fn leave<E>(&self, place: usize, apply: impl FnMut(bool) -> Result<(), E>) -> Result<(), E> {
        let mut state = lock(&self.state);
        if let Some(ballot) = state.ballots.get_mut(place) {
            *ballot = None;
        }
        self.settle(state, apply)
    }

    /// What the votes come to.
    pub fn outcome(&self) -> bool {
        lock(&self.state).outcome(self.default)
    }

    fn settle<'a, E>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        mut apply: impl FnMut(bool) -> Result<(), E>,
    ) -> Result<(), E> {
        loop {
            let outcome = state.outcome(self.default);
            if state.applying {
                if Inside::is(self) {
                    return Ok(());
                }
                wait(&self.changed, state, None);
                state = lock(&self.state);
                continue;
            }
            if state.applied == outcome {
                return Ok(());
            }
            state.applying = true;
            drop(state);
            let mut applying = Applying { of: self, applied: None };
            let inside = Inside::enter(self);
            let done = apply(outcome);
            drop(inside);
            applying.applied = done.is_ok().then_some(outcome);
            drop(applying);
            done?;
            state = lock(&self.state);
        }
    }
}

impl State {
    fn outcome(&self, default: bool) -> bool {
        let otherwise = self.ballots.iter().flatten().any(|ballot| *ballot == Some(!default));
        default != otherwise
    }
}

/// Somebody applies; its end is noted however it comes.
struct Applying<'a> {
    of: &'a Votes,
    applied: Option<bool>,
}

impl Drop for Applying<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.of.state);
        state.applying = false;
        if let Some(applied) = self.applied {
            state.applied = applied;
        }
        drop(state);
        self.of.changed.notify_all();
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::cell::{Cell, RefCell};

    #[test]
    fn g3_the_default_holds_until_somebody_votes_otherwise() {
        let votes = Votes::new(true);
        let applied = RefCell::new(Vec::new());
        let apply = |value| {
            applied.borrow_mut().push(value);
            Ok::<_, ()>(())
        };
        let (a, b) = (votes.join(), votes.join());
        votes.cast(a, Some(true), apply).unwrap();
        votes.cast(a, Some(false), apply).unwrap();
        votes.cast(b, Some(false), apply).unwrap();
        votes.cast(a, None, apply).unwrap();
        assert!(!votes.outcome());
        votes.leave(b, apply).unwrap();
        assert_eq!(applied.into_inner(), [false, true], "each change of the outcome once");
        assert_eq!(votes.join(), b, "a place that was left is free");
    }

    #[test]
    fn a_vote_that_could_not_be_applied_was_not_cast() {
        let votes = Votes::new(false);
        let a = votes.join();
        assert_eq!(votes.cast(a, Some(true), |_| Err("gone")), Err("gone"));
        assert!(!votes.outcome());
    }

    #[test]
    fn a_vote_from_within_is_applied_afterwards() {
        let votes = Votes::new(false);
        let (a, b) = (votes.join(), votes.join());
        let line = Cell::new(false);
        let mut first = true;
        votes
            .cast(a, Some(true), |value| {
                line.set(value);
                if std::mem::take(&mut first) {
                    votes.cast(b, Some(true), |_| Err(()))?;
                    votes.leave(a, |_| Err(()))?;
                    votes.leave(b, |_| Err(()))?;
                }
                Ok::<_, ()>(())
            })
            .unwrap();
        assert!(!line.get());
    }
}
