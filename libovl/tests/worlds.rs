// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small worlds, all of them (O14, O16, O18 to O22): each sequence of applying, removing, a changeset, a listener that comes back into
//! the library, taking and dropping references, on either of two threads, against a model of a few lines.

mod common;
use common::*;
use ovl::{Changeset, Event, EventKind, Node, Notifier, RemoveMode, Tree};
use std::sync::{mpsc, Arc, Mutex};
use std::thread;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Op {
    /// Applies the overlay: `/n` gets another status and the child `o`.
    Apply,
    Remove,
    /// Applies the changeset, or reverts it: `/n` gets another status and loses `p`, and there is `/m`.
    Changeset,
    /// Takes a reference to `/n/o`, or to `/n` if there is none.
    Get,
    Put,
    /// A driver listens, or does not any more: it applies an overlay of its own below `/n/o` when that comes, and removes it when that
    /// is about to go.
    Listener,
}

const OPS: [Op; 6] = [Op::Apply, Op::Remove, Op::Changeset, Op::Get, Op::Put, Op::Listener];

/// What is applied, in order.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Layer {
    Overlay,
    Changeset,
    Driver,
}

/// The naive world.
#[derive(Default)]
struct Model {
    layers: Vec<Layer>,
    listens: bool,
    /// For each reference: how often the overlay had been applied when it was taken; none: it is to `/n`.
    held: Vec<Option<u32>>,
    applied: u32,
}

impl Model {
    fn has(&self, layer: Layer) -> bool {
        self.layers.contains(&layer)
    }

    /// The errno that the operation is to end with.
    fn step(&mut self, op: Op) -> i32 {
        match op {
            Op::Apply if self.has(Layer::Overlay) => return libc::EINVAL,
            Op::Apply => {
                self.layers.push(Layer::Overlay);
                self.applied += 1;
                if self.listens {
                    self.layers.push(Layer::Driver);
                }
            }
            Op::Remove if !self.has(Layer::Overlay) => return libc::ENOENT,
            Op::Remove => {
                if self.listens {
                    self.layers.retain(|&layer| layer != Layer::Driver);
                }
                if self.has(Layer::Driver) {
                    return libc::EBUSY;
                }
                self.layers.retain(|&layer| layer != Layer::Overlay);
            }
            Op::Changeset if self.has(Layer::Changeset) => {
                self.layers.retain(|&layer| layer != Layer::Changeset)
            }
            Op::Changeset => self.layers.push(Layer::Changeset),
            Op::Get => self.held.push(self.has(Layer::Overlay).then_some(self.applied)),
            Op::Put => drop(self.held.pop()),
            Op::Listener => self.listens = !self.listens,
        }
        0
    }

    /// The tree as text.
    fn text(&self) -> String {
        let mut status = "disabled";
        let (mut below, mut beside) = ("", "");
        for layer in &self.layers {
            match layer {
                Layer::Overlay => (status, below) = ("okay", "o "),
                Layer::Driver => below = "o o/d ",
                Layer::Changeset => (status, beside) = ("reserved", "m "),
            }
        }
        let p = if self.has(Layer::Changeset) { "" } else { "p " };
        format!("status={status} {p}q | {below}| {beside}")
    }
}

fn text(tree: &Tree) -> String {
    let (root, n) = (tree.root().unwrap(), tree.node_by_path("/n").unwrap());
    let status = n.read_string("status", 0).unwrap();
    let props: String = prop_names(&n)[1..].iter().map(|name| format!("{name} ")).collect();
    let mut below = String::new();
    n.children().for_each(|child| walk(&child, &mut |node| below += &format!("{} ", &node.path()[3..])));
    let beside: String = child_names(&root)[1..].iter().map(|name| format!("{name} ")).collect();
    format!("status={status} {}| {below}| {beside}", props)
}

/// The real one.
struct World {
    tree: Tree,
    overlay: Vec<u8>,
    id: Option<i32>,
    changes: Changeset,
    held: Vec<Node>,
    driver: Arc<Mutex<Option<i32>>>,
    notifier: Option<Notifier>,
}

fn drive(event: &Event<'_>, tree: &Tree, own: &Mutex<Option<i32>>, blob: &[u8]) -> ovl::Result<()> {
    let is_card = |node: &Node| node.is_compatible("card");
    let mine = *own.lock().unwrap();
    match (event.kind(), mine) {
        (EventKind::Change(ovl::Action::Attach), None) if event.node().is_some_and(is_card) => {
            let options = ovl::ApplyOptions { base: event.node(), ..Default::default() };
            let id = tree.apply(blob, &options)?;
            *own.lock().unwrap() = Some(id);
        }
        (EventKind::PreRemove, Some(id)) if event.changeset().is_overlay() && event.id() != id => {
            tree.remove(id, RemoveMode::Default)?;
            *own.lock().unwrap() = None;
        }
        _ => {}
    }
    Ok(())
}

impl World {
    fn new() -> World {
        let n = node("n").text("status", "disabled").cells("p", &[1]).cells("q", &[2]);
        let tree = node("").child(n).tree();
        let o = node("o").text("compatible", "card").phandle(1);
        let overlay = overlay().fragment(To::Path("/n"), node("").text("status", "okay").child(o)).blob();
        let (root, n) = (tree.root().unwrap(), tree.node_by_path("/n").unwrap());
        let changes = Changeset::new(&tree);
        changes.update_prop(&n, "status", b"reserved\0").unwrap();
        changes.remove_prop(&n, "p").unwrap();
        changes.create_node(Some(&root), "m").unwrap();
        World { tree, overlay, id: None, changes, held: Vec::new(), driver: Arc::default(), notifier: None }
    }

    fn step(&mut self, op: Op) -> i32 {
        let errno = |result: ovl::Result<()>| result.err().map_or(0, |error| error.errno());
        match op {
            Op::Apply => match self.tree.apply(&self.overlay, &Default::default()) {
                Ok(id) => {
                    self.id = Some(id);
                    0
                }
                Err(error) => error.errno(),
            },
            Op::Remove => {
                let result = self.tree.remove(self.id.unwrap_or(i32::MAX), RemoveMode::Default);
                self.id = self.id.filter(|_| result.is_err());
                errno(result)
            }
            Op::Changeset if self.changes.is_applied() => errno(self.changes.revert()),
            Op::Changeset => errno(self.changes.apply().map(drop)),
            Op::Get => {
                let found = self.tree.node_by_path("/n/o").or_else(|_| self.tree.node_by_path("/n"));
                self.held.push(found.unwrap());
                0
            }
            Op::Put => {
                self.held.pop();
                0
            }
            Op::Listener => {
                if self.notifier.take().is_none() {
                    let (tree, own) = (self.tree.clone(), self.driver.clone());
                    let blob = overlay().fragment(To::Path("/"), node("").child(node("d"))).blob();
                    self.notifier = Some(self.tree.listen(0, move |event| drive(event, &tree, &own, &blob)));
                }
                0
            }
        }
    }

    fn check(&self, model: &Model, so_far: &[(usize, Op)]) {
        assert_eq!(text(&self.tree), model.text(), "{so_far:?}");
        for (node, &taken) in self.held.iter().zip(&model.held) {
            let is_there = taken.is_none_or(|taken| model.has(Layer::Overlay) && taken == model.applied);
            let path = if taken.is_some() { "/n/o" } else { "/n" };
            assert_eq!((node.is_attached(), &node.path()[..]), (is_there, path), "{so_far:?}");
            assert!(taken.is_none() || node.is_compatible("card"), "{so_far:?}");
        }
    }

    fn end(mut self, so_far: &[(usize, Op)]) {
        self.notifier = None;
        self.tree.remove_all().unwrap();
        if self.changes.is_applied() {
            self.changes.revert().unwrap();
        }
        let base = World::new().tree.to_fdt().unwrap();
        assert!(self.tree.to_fdt().unwrap() == base, "{so_far:?}");
        let World { tree, changes, held, .. } = self;
        drop((held, changes));
        tree.wait_released(0, Some(Duration::ZERO)).unwrap_or_else(|error| panic!("{error}, {so_far:?}"));
        assert_eq!(tree.holders(), "");
    }
}

type Job = Box<dyn FnOnce() + Send>;

/// Two threads that take turns as they are told.
struct Pair(Vec<mpsc::Sender<Job>>);

impl Pair {
    fn new() -> Pair {
        let worker = |_| {
            let (give, jobs) = mpsc::channel::<Job>();
            thread::spawn(move || jobs.into_iter().for_each(|job| job()));
            give
        };
        Pair((0..2).map(worker).collect())
    }

    fn run<T: Send + 'static>(&self, thread: usize, work: impl FnOnce() -> T + Send + 'static) -> T {
        let (say, heard) = mpsc::channel();
        self.0[thread].send(Box::new(move || drop(say.send(work())))).unwrap();
        heard.recv_timeout(Duration::from_secs(60)).expect("nobody waits for ever")
    }
}

/// Runs one sequence in a new world.
fn run(pair: &Pair, sequence: &[(usize, Op)]) {
    let (mut model, mut world) = (Model::default(), World::new());
    for (i, &(thread, op)) in sequence.iter().enumerate() {
        let so_far = &sequence[..=i];
        let expected = model.step(op);
        let errno;
        (world, errno) = pair.run(thread, move || {
            let errno = world.step(op);
            (world, errno)
        });
        assert_eq!(errno, expected, "{so_far:?}");
        world.check(&model, so_far);
    }
    world.end(sequence);
}

/// All sequences of this length; the first step is on the first thread, as the other one is nothing else. Sequences of a single
/// thread (`threads` 1) are all that can happen in one.
fn all(length: u32, threads: usize) -> usize {
    let pair = Pair::new();
    let choices = OPS.len() * threads;
    let count = OPS.len() * choices.pow(length - 1);
    for number in 0..count {
        let mut rest = number;
        let mut sequence = Vec::new();
        for i in 0..length {
            let of = if i == 0 { OPS.len() } else { choices };
            sequence.push((rest % of / OPS.len(), OPS[rest % OPS.len()]));
            rest /= of;
        }
        run(&pair, &sequence);
    }
    count
}

#[test]
fn o22_all_short_sequences_on_two_threads() {
    assert_eq!(all(3, 2), 864);
}

#[test]
fn o19_all_sequences_of_four() {
    assert_eq!(all(4, 1), 1296);
}

#[test]
#[ignore = "soak: all sequences up to length six"]
fn soak_all_sequences_on_two_threads() {
    let start = std::time::Instant::now();
    let count: usize = (1..=6).map(|length| all(length, 2)).sum();
    println!("{count} sequences on two threads in {:.1?}", start.elapsed());
}
