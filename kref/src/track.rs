// SPDX-License-Identifier: MIT OR Apache-2.0
//! The tracker (K6): who took each reference that is still out.
//!
//! Off (level 0) it costs [`on`], one load and one branch; a program turns it on with [`set_level`], its user with
//! the environment variable `HOLDFAST_TRACK=1` or `2`. Objects are known by their address, so whoever frees one says
//! [`released`] before the address can mean something else.

use crate::message::say;
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::{lock, thread_local, Mutex};
use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, OnceLock};

/// Not known yet: the environment has not been asked.
const UNREAD: u32 = u32::MAX;

thread_local! {
    static TAG: RefCell<Option<Arc<str>>> = const { RefCell::new(None) };
}

/// References still out that were taken alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The tag of the taker, empty without one ([`set_tag`]).
    pub tag: String,
    /// The name and number of the thread that took them, as the system knows it.
    pub thread: String,
    /// What was taken: Rust's name of its type, or what the library calls it instead ([`set_names`]).
    pub what: &'static str,
    /// Where it was taken, at level 2.
    pub backtrace: Option<String>,
    /// How many.
    pub count: usize,
}

struct Record {
    tag: Option<Arc<str>>,
    thread: String,
    what: &'static str,
    backtrace: Option<Backtrace>,
}

/// What the functions of this module share; a test may have its own.
pub struct Tracker {
    level: AtomicU32,
    records: Mutex<Records>,
}

struct Records {
    held: BTreeMap<usize, Vec<Record>>,
    /// Who dropped the last reference of what has been released, until another object is taken at its address.
    released: BTreeMap<usize, Option<Arc<str>>>,
}

impl Records {
    const fn new() -> Self {
        Records { held: BTreeMap::new(), released: BTreeMap::new() }
    }
}

/// No lock: it is asked under locks of the library.
static NAMES: OnceLock<fn(&'static str) -> &'static str> = OnceLock::new();

#[cfg(not(loom))]
static TRACKER: Tracker = Tracker::new(UNREAD);
#[cfg(loom)]
loom::lazy_static! { static ref TRACKER: Tracker = Tracker::new(0); }

impl Tracker {
    /// A tracker without records.
    #[cfg(not(loom))]
    pub const fn new(level: u32) -> Self {
        Tracker { level: AtomicU32::new(level), records: Mutex::new(Records::new()) }
    }

    /// A tracker without records.
    #[cfg(loom)]
    pub fn new(level: u32) -> Self {
        Tracker { level: AtomicU32::new(level), records: Mutex::new(Records::new()) }
    }

    /// See [`on`].
    #[inline]
    pub fn on(&self) -> bool {
        self.level.load(Ordering::Relaxed) != 0 && self.level() != 0
    }

    #[cold]
    fn level(&self) -> u32 {
        let level = self.level.load(Ordering::Relaxed);
        if level != UNREAD {
            return level;
        }
        let asked = std::env::var("HOLDFAST_TRACK")
            .ok()
            .and_then(|v| v.trim().parse::<u32>().ok())
            .unwrap_or(0)
            .min(2);
        // Whoever called set_level in the meantime wins.
        let set = self.level.compare_exchange(UNREAD, asked, Ordering::Relaxed, Ordering::Relaxed);
        set.err().unwrap_or(asked)
    }

    /// See [`set_level`].
    pub fn set_level(&self, level: u32) {
        let mut records = lock(&self.records);
        self.level.store(level.min(2), Ordering::Relaxed);
        if level == 0 {
            *records = Records::new();
        }
    }

    /// See [`took`].
    pub fn took(&self, addr: usize, what: &'static str) {
        let backtrace = (self.level() >= 2).then(Backtrace::force_capture);
        let what = NAMES.get().map_or(what, |names| names(what));
        let record = Record { tag: tag(), thread: thread_name(), what, backtrace };
        let mut records = lock(&self.records);
        // Asked again under the lock, so that nothing is recorded after set_level(0) has forgotten everything.
        if self.level() != 0 {
            records.released.remove(&addr);
            records.held.entry(addr).or_default().push(record);
        }
    }

    /// See [`dropped`].
    pub fn dropped(&self, addr: usize) {
        let tag = tag();
        let mut records = lock(&self.records);
        let Some(of_object) = records.held.get_mut(&addr) else { return };
        let newest = of_object.len() - 1;
        let own = of_object.iter().rposition(|r| r.tag == tag);
        let gone = of_object.remove(own.unwrap_or(newest));
        if of_object.is_empty() {
            records.held.remove(&addr);
        }
        drop(records);
        if let (None, Some(tag), Some(owner)) = (own, tag, gone.tag) {
            let what = gone.what;
            say(&format!("{what} at {addr:#x}: put by {tag}, who holds none; {owner} loses the reference"));
        }
    }

    /// See [`released`].
    pub fn released(&self, addr: usize) {
        let tag = tag();
        let mut records = lock(&self.records);
        records.held.remove(&addr);
        if self.level() != 0 {
            records.released.insert(addr, tag);
        }
    }

    /// See [`put_too_often`].
    pub fn put_too_often(&self, addr: usize) -> bool {
        let records = lock(&self.records);
        let Some(last) = records.released.get(&addr) else { return false };
        let last = last.as_deref().unwrap_or("(no tag)").to_owned();
        drop(records);
        let now = tag();
        let now = now.as_deref().unwrap_or("(no tag)");
        say(&format!("object at {addr:#x}: put by {now} after it was released, by {last}; nothing was done"));
        true
    }

    /// See [`holders`].
    pub fn holders(&self, addr: usize) -> Vec<Holder> {
        lock(&self.records).held.get(&addr).map(|r| grouped(r)).unwrap_or_default()
    }

    /// See [`outstanding`].
    pub fn outstanding(&self) -> Vec<(usize, Holder)> {
        let records = lock(&self.records);
        records.held.iter().flat_map(|(&addr, r)| grouped(r).into_iter().map(move |h| (addr, h))).collect()
    }
}

fn grouped(records: &[Record]) -> Vec<Holder> {
    let mut all: Vec<Holder> = Vec::new();
    for record in records {
        let one = Holder {
            tag: record.tag.as_deref().unwrap_or_default().to_owned(),
            thread: record.thread.clone(),
            what: record.what,
            backtrace: record.backtrace.as_ref().map(Backtrace::to_string),
            count: 1,
        };
        match all.iter_mut().find(|h| Holder { count: 1, ..(*h).clone() } == one) {
            Some(known) => known.count += 1,
            None => all.push(one),
        }
    }
    all
}

/// The system's name and number of this thread, "worker 1234". Not `std::thread::current()`: for threads that std has not made it
/// knows no name, and it leaves memory behind on the main one.
fn thread_name() -> String {
    let name = std::fs::read_to_string("/proc/thread-self/comm").unwrap_or_default();
    let task = std::fs::read_link("/proc/thread-self").unwrap_or_default();
    let number = task.file_name().unwrap_or_default().to_string_lossy();
    format!("{} {number}", name.trim_end())
}

/// Whether references are recorded. Ask before [`took`], [`dropped`] and [`released`].
#[inline]
pub fn on() -> bool {
    TRACKER.on()
}

/// Turns recording off (0, which also forgets everything), on with tags (1) or with tags and backtraces (2 and more).
pub fn set_level(level: u32) {
    TRACKER.set_level(level);
}

/// Has `names` say what objects are called of which Rust's name of the type is given: for those who know them by another one.
/// The first who says so is heard.
pub fn set_names(names: fn(&'static str) -> &'static str) {
    let _ = NAMES.set(names);
}

/// Names the taker of what this thread takes from now on.
pub fn set_tag(tag: Option<&str>) {
    let tag = tag.map(Arc::from);
    // A thread that is going away has no use for a tag.
    let _ = TAG.try_with(|slot| slot.replace(tag));
}

/// Runs `taking` under another name, where it matters.
pub fn with_tag<R>(tag: &str, taking: impl FnOnce() -> R) -> R {
    /// Gives the name back that was there before.
    struct Before(Option<Arc<str>>);
    impl Drop for Before {
        fn drop(&mut self) {
            let _ = TAG.try_with(|slot| slot.replace(self.0.take()));
        }
    }
    let _before = on().then(|| {
        let before = Before(self::tag());
        set_tag(Some(tag));
        before
    });
    taking()
}

/// The name given by [`set_tag`] on this thread.
pub fn tag() -> Option<Arc<str>> {
    TAG.try_with(|slot| slot.borrow().clone()).ok().flatten()
}

/// Records that a reference to the object at `addr` was taken by the current tag and thread.
#[cold]
pub fn took(addr: usize, what: &'static str) {
    TRACKER.took(addr, what);
}

/// Records that a reference was dropped: the newest one of the current tag, or else the newest of any, with a message if
/// both have a tag: a reference that was handed over, or one put too often while somebody else still holds one.
#[cold]
pub fn dropped(addr: usize) {
    TRACKER.dropped(addr);
}

/// Forgets the holders of the object at `addr`, whose memory is about to be freed, and remembers who let it go.
#[cold]
pub fn released(addr: usize) {
    TRACKER.released(addr);
}

/// Whether the object at `addr` has been released since recording began, said in a message: whoever is about to put it holds
/// nothing and must not touch it. What was released before, or never recorded, is not known: false.
#[cold]
pub fn put_too_often(addr: usize) -> bool {
    TRACKER.put_too_often(addr)
}

/// Who holds the object at `addr`; references taken alike are one entry.
pub fn holders(addr: usize) -> Vec<Holder> {
    TRACKER.holders(addr)
}

/// Everything that is still out, by object.
pub fn outstanding() -> Vec<(usize, Holder)> {
    TRACKER.outstanding()
}

/// What is still out as text, a line per holder; empty if nothing is. For a program to print when it exits.
pub fn report() -> String {
    let mut text = String::new();
    for (addr, holder) in outstanding() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{addr:#x}: {holder}");
    }
    text
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tag = if self.tag.is_empty() { "(no tag)" } else { &self.tag };
        write!(f, "{} × {} held by {tag} (thread {})", self.count, self.what, self.thread)?;
        match &self.backtrace {
            Some(backtrace) => write!(f, "\n{backtrace}"),
            None => Ok(()),
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn tags(tracker: &Tracker, addr: usize) -> Vec<(String, usize)> {
        tracker.holders(addr).into_iter().map(|h| (h.tag, h.count)).collect()
    }

    #[test]
    fn the_holder_is_named_until_it_drops() {
        let tracker = Tracker::new(1);
        set_tag(Some("eeprom"));
        tracker.took(0x10, "line");
        tracker.took(0x10, "line");
        set_tag(Some("leds"));
        tracker.took(0x10, "line");
        assert_eq!(tags(&tracker, 0x10), [("eeprom".into(), 2), ("leds".into(), 1)]);
        tracker.dropped(0x10);
        assert_eq!(tags(&tracker, 0x10), [("eeprom".into(), 2)]);
        tracker.dropped(0x10);
        assert_eq!(
            tags(&tracker, 0x10),
            [("eeprom".into(), 1)],
            "a reference handed over is dropped under another tag"
        );
        tracker.dropped(0x10);
        tracker.dropped(0x10);
        assert!(tracker.outstanding().is_empty());
        set_tag(None);
    }

    #[test]
    fn the_holders_thread_has_its_name_and_number() {
        let tracker = Tracker::new(1);
        std::thread::scope(|scope| {
            let worker = std::thread::Builder::new().name("watchdog".into());
            worker.spawn_scoped(scope, || tracker.took(0x10, "line")).unwrap();
        });
        let thread = tracker.holders(0x10).remove(0).thread;
        let number = thread.strip_prefix("watchdog ").expect("the name comes first");
        assert!(number.parse::<u32>().is_ok_and(|n| n != std::process::id()), "{thread}");
    }

    #[test]
    fn a_released_object_is_forgotten() {
        let tracker = Tracker::new(1);
        tracker.took(0x10, "line");
        tracker.took(0x20, "chip");
        tracker.released(0x10);
        let left: Vec<_> = tracker.outstanding().into_iter().map(|(addr, h)| (addr, h.what)).collect();
        assert_eq!(left, [(0x20, "chip")]);
    }

    #[test]
    fn a_put_after_the_last_is_known_until_the_address_is_another_objects() {
        let tracker = Tracker::new(1);
        assert!(!tracker.put_too_often(0x10), "never seen");
        tracker.took(0x10, "line");
        tracker.dropped(0x10);
        assert!(!tracker.put_too_often(0x10), "not released yet");
        tracker.released(0x10);
        assert!(tracker.put_too_often(0x10));
        tracker.took(0x10, "chip");
        assert!(!tracker.put_too_often(0x10));
    }

    #[test]
    fn off_forgets_everything_and_records_nothing() {
        let tracker = Tracker::new(1);
        tracker.took(0x10, "line");
        tracker.set_level(0);
        assert!(!tracker.on());
        tracker.took(0x10, "line");
        assert!(tracker.outstanding().is_empty());
    }

    #[test]
    fn level_two_says_where() {
        let tracker = Tracker::new(2);
        tracker.took(0x10, "line");
        let holder = tracker.holders(0x10).remove(0);
        assert!(holder.backtrace.as_ref().unwrap().contains("level_two_says_where"));
        assert!(holder.to_string().contains("1 × line held by (no tag)"));
    }
}
