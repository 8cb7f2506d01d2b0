// SPDX-License-Identifier: MIT OR Apache-2.0
//! Chips of this process, as their providers and consumers see them: removal under use, its policies, edges.

use gpiodref::{
    Bias, Chip, ChipConfig, ChipOps, Clock, Config, Desc, Direction, Drive, Edge, Event, Group, OpResult,
    RemovePolicy, Sim, Wait, Watch,
};
use kref::Ref;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::{mpsc, Arc, Barrier, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

const THREADS: usize = 4;
const NOW: Option<Duration> = Some(Duration::ZERO);
const LONG: Option<Duration> = Some(Duration::from_secs(20));

fn config(label: &str, num_lines: u32, remove_policy: RemovePolicy) -> ChipConfig {
    ChipConfig { label: label.into(), num_lines, names: Vec::new(), remove_policy }
}

fn sim(label: &str, num_lines: u32) -> Ref<Sim> {
    Sim::new(config(label, num_lines, RemovePolicy::Numb)).unwrap()
}

fn edges(edge: Edge) -> Config {
    Config { edge, ..Config::input() }
}

fn errno<T>(result: gpiodref::Result<T>) -> i32 {
    result.err().expect("an error").errno()
}

fn sleep(milliseconds: u64) {
    thread::sleep(Duration::from_millis(milliseconds));
}

/// What can be read now.
fn read(desc: &Desc) -> Vec<Event> {
    let mut into = [const { MaybeUninit::uninit() }; 64];
    let got = desc.read_events(&mut into).unwrap();
    #[allow(unsafe_code)]
    // SAFETY: the read has written that many.
    into[..got].iter().map(|event| unsafe { event.assume_init() }).collect()
}

/// Counts what happens to its operations.
#[derive(Default)]
struct Counts {
    released: AtomicU32,
    /// Nothing may be called any more.
    over: AtomicBool,
    called_late: AtomicU32,
}

struct Counting(Arc<Counts>);

impl Counting {
    fn called(&self) -> OpResult<()> {
        thread::yield_now();
        if self.0.over.load(SeqCst) {
            self.0.called_late.fetch_add(1, SeqCst);
        }
        Ok(())
    }
}

impl ChipOps for Counting {
    fn request(&self, _: u32) -> OpResult<()> {
        self.called()
    }
    fn free(&self, _: u32) {
        let _ = self.called();
    }
    fn configure(&self, _: u32, _: &Config) -> OpResult<()> {
        self.called()
    }
    fn get(&self, _: u32) -> OpResult<bool> {
        self.called().map(|()| true)
    }
    fn set(&self, _: u32, _: bool) -> OpResult<()> {
        self.called()
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.0.released.fetch_add(1, SeqCst);
    }
}

/// Works until that fails, as it has to when the chip is gone.
fn until_gone(start: &Barrier, work: impl FnMut() -> gpiodref::Result<()>) {
    start.wait();
    let error = std::iter::repeat_with(work).find_map(Result::err).expect("ends by an error");
    assert_eq!(error.errno(), libc::ENODEV, "{error}");
}

#[test]
fn k4_a_chip_is_removed_under_all_that_can_be_done_with_it() {
    for round in 0..100 {
        let counts = Arc::new(Counts::default());
        let chip = Chip::register(config("storm", 8, RemovePolicy::Numb), Counting(counts.clone())).unwrap();
        let output = Desc::request(&chip, 0, &Config::output(false), "output").unwrap();
        let input = Desc::request(&chip, 1, &edges(Edge::Both), "input").unwrap();
        let watch = Watch::new(&chip, &[]).unwrap();
        let start = Barrier::new(7);
        thread::scope(|s| {
            s.spawn(|| until_gone(&start, || output.set_value(true)));
            s.spawn(|| until_gone(&start, || output.value().map(drop)));
            s.spawn(|| until_gone(&start, || output.direction_output(true)));
            s.spawn(|| {
                until_gone(&start, || {
                    Desc::request(&chip, 2, &Config::output(false), "comes and goes").map(drop)
                })
            });
            s.spawn(|| until_gone(&start, || chip.push_edge(1, true, 0)));
            s.spawn(|| {
                start.wait();
                while input.wait(LONG).unwrap() == Wait::Event {
                    read(&input);
                }
                assert!(!chip.is_alive());
            });
            start.wait();
            thread::sleep(Duration::from_micros(10 * round));
            chip.remove().unwrap();
            assert_eq!(errno(output.set_value(true)), libc::ENODEV);
            chip.drain(LONG).unwrap();
            counts.over.store(true, SeqCst);
        });
        while watch.read().is_ok_and(|change| change.is_some()) {}
        assert_eq!(watch.wait(NOW).unwrap(), Wait::Gone);
        drop((chip, output, watch));
        assert_eq!(counts.released.load(SeqCst), 0, "a line is held");
        drop(input);
        assert_eq!((counts.released.load(SeqCst), counts.called_late.load(SeqCst)), (1, 0));
    }
}

/// An operation on line 0 waits until it is told to go on.
struct Slow {
    /// The level that was to be set.
    entered: mpsc::Sender<bool>,
    go_on: Mutex<mpsc::Receiver<()>>,
}

impl Slow {
    fn wait(&self, is_slow: bool, level: bool) -> OpResult<()> {
        if is_slow {
            self.entered.send(level).unwrap();
            self.go_on.lock().unwrap().recv().unwrap();
        }
        Ok(())
    }
}

impl ChipOps for Slow {
    fn configure(&self, _: u32, config: &Config) -> OpResult<()> {
        self.wait(config.bias == Bias::PullUp, config.value)
    }
    fn get(&self, offset: u32) -> OpResult<bool> {
        self.wait(offset == 0, false).map(|()| true)
    }
    fn set(&self, offset: u32, level: bool) -> OpResult<()> {
        self.wait(offset == 0, level)
    }
}

fn slow() -> (Ref<Chip>, mpsc::Receiver<bool>, mpsc::Sender<()>) {
    let ((entered, has_entered), (go, go_on)) = (mpsc::channel(), mpsc::channel());
    let ops = Slow { entered, go_on: Mutex::new(go_on) };
    (Chip::register(config("slow", 2, RemovePolicy::Numb), ops).unwrap(), has_entered, go)
}

#[test]
fn k4_removing_does_not_wait_for_a_running_operation_and_draining_does() {
    let (chip, entered, go) = slow();
    let desc = Desc::request(&chip, 0, &Config::output(false), "test").unwrap();
    assert_eq!(errno(chip.drain(NOW)), libc::ETIMEDOUT, "it has not been removed");
    thread::scope(|s| {
        let running = s.spawn(|| desc.set_value(true));
        entered.recv().unwrap();
        chip.remove().unwrap();
        assert_eq!(errno(chip.drain(NOW)), libc::ETIMEDOUT);
        go.send(()).unwrap();
        chip.drain(LONG).unwrap();
        running.join().unwrap().expect("it had begun");
    });
}

#[test]
fn g10_an_operation_of_one_line_does_not_wait_for_that_of_another() {
    let (chip, entered, go) = slow();
    let slow = Desc::request(&chip, 0, &Config::output(false), "slow").unwrap();
    let quick = Desc::request(&chip, 1, &Config::output(false), "quick").unwrap();
    thread::scope(|s| {
        let running = s.spawn(|| slow.set_value(true));
        entered.recv().unwrap();
        quick.set_value(true).unwrap();
        assert!(quick.value().unwrap());
        quick.direction_input().unwrap();
        drop(quick);
        drop(Desc::request(&chip, 1, &Config::input(), "another").unwrap());
        go.send(()).unwrap();
        running.join().unwrap().unwrap();
    });
    chip.remove().unwrap();
}

#[test]
fn k4_who_configures_takes_turns_and_who_waits_for_his_is_woken() {
    let (chip, entered, go) = slow();
    let desc = Desc::request(&chip, 1, &Config::input(), "test").unwrap();
    let slowly = Config { bias: Bias::PullUp, ..Config::input() };
    thread::scope(|s| {
        let first = s.spawn(|| desc.reconfigure(&slowly));
        entered.recv().unwrap();
        let second = s.spawn(|| desc.reconfigure(&Config::output(true)));
        sleep(20);
        assert!(!second.is_finished());
        assert_eq!(desc.config(), Config::input(), "can be asked meanwhile");
        go.send(()).unwrap();
        first.join().unwrap().unwrap();
        second.join().unwrap().unwrap();
        assert_eq!(desc.config(), Config::output(true));

        let first = s.spawn(|| desc.reconfigure(&slowly));
        entered.recv().unwrap();
        let second = s.spawn(|| desc.reconfigure(&Config::output(true)));
        sleep(20);
        chip.remove().unwrap();
        assert_eq!(errno(second.join().unwrap()), libc::ENODEV, "though the first goes on");
        go.send(()).unwrap();
        first.join().unwrap().expect("it had begun");
    });
}

#[test]
fn a_value_that_is_set_while_the_polarity_changes_is_of_the_new_one() {
    let (chip, entered, go) = slow();
    let desc = Desc::request(&chip, 0, &Config::output(false), "test").unwrap();
    thread::scope(|s| {
        let running = s.spawn(|| desc.set_value(true));
        assert!(entered.recv().unwrap());
        desc.reconfigure(&Config { active_low: true, ..Config::output(false) }).unwrap();
        go.send(()).unwrap();
        assert!(!entered.recv().unwrap(), "what was set came after the configuration, and is set again");
        go.send(()).unwrap();
        running.join().unwrap().unwrap();
    });
    chip.remove().unwrap();
}

type Call = Box<dyn Fn() + Send + Sync>;

/// Calls something in its operations.
struct Calls(Arc<OnceLock<Call>>);

impl Calls {
    fn call(&self) -> OpResult<()> {
        self.0.get().iter().for_each(|call| call());
        Ok(())
    }
}

impl ChipOps for Calls {
    fn configure(&self, _: u32, _: &Config) -> OpResult<()> {
        self.call()
    }
    fn get(&self, _: u32) -> OpResult<bool> {
        self.call().map(|()| true)
    }
    fn set(&self, _: u32, _: bool) -> OpResult<()> {
        self.call()
    }
}

fn calls(policy: RemovePolicy) -> (Ref<Chip>, impl Fn(Call)) {
    let call = Arc::new(OnceLock::new());
    let chip = Chip::register(config("calls", 4, policy), Calls(call.clone())).unwrap();
    (chip, move |what| assert!(call.set(what).is_ok()))
}

#[test]
fn k4_an_operation_may_remove_its_chip_but_not_wait_for_itself() {
    let (chip, in_operation) = calls(RemovePolicy::Wait(None));
    let desc = Desc::request(&chip, 0, &Config::output(false), "test").unwrap();
    let (said, heard) = mpsc::channel();
    let own = chip.clone();
    in_operation(Box::new(move || said.send((errno(own.remove()), errno(own.drain(None)))).unwrap()));
    desc.set_value(true).unwrap();
    assert_eq!(heard.recv().unwrap(), (libc::EDEADLK, libc::EDEADLK));
    desc.set_value(true).expect("it is as it was");
    drop(desc);
    chip.remove().unwrap();

    let (chip, in_operation) = calls(RemovePolicy::Numb);
    let desc = Desc::request(&chip, 0, &Config::output(false), "test").unwrap();
    let own = chip.clone();
    in_operation(Box::new(move || own.remove().unwrap()));
    desc.set_value(true).expect("this one had begun");
    assert_eq!(errno(desc.set_value(true)), libc::ENODEV);
}

#[test]
fn an_operation_may_use_the_line_that_it_works_on() {
    let (chip, in_operation) = calls(RemovePolicy::Numb);
    let desc = Desc::request(&chip, 0, &Config::output(false), "test").unwrap();
    let (said, heard) = mpsc::channel();
    let (own, depth) = (desc.clone(), AtomicU32::new(0));
    in_operation(Box::new(move || {
        if depth.fetch_add(1, SeqCst) == 0 {
            own.set_value(true).unwrap();
            assert!(own.value().unwrap() && own.chip().line_info(0).unwrap().used);
            said.send((own.config(), own.direction_input().map_err(|e| e.errno()))).unwrap();
        }
        depth.fetch_sub(1, SeqCst);
    }));
    desc.direction_output(false).unwrap();
    assert_eq!(heard.recv().unwrap(), (Config::output(false), Err(libc::EDEADLK)), "not in its own turn");
    desc.value().unwrap();
    assert_eq!(heard.recv().unwrap(), (Config::output(false), Ok(())));
    chip.remove().unwrap();
}

#[test]
fn k5_an_operation_may_drop_the_last_reference_to_another_line() {
    let (chip, in_operation) = calls(RemovePolicy::Numb);
    let desc = Desc::request(&chip, 0, &Config::output(false), "test").unwrap();
    let other = Mutex::new(Some(Desc::request(&chip, 1, &Config::input(), "other").unwrap()));
    in_operation(Box::new(move || drop(other.lock().unwrap().take())));
    assert!(chip.line_info(1).unwrap().used);
    desc.set_value(true).unwrap();
    assert!(!chip.line_info(1).unwrap().used);
    chip.remove().unwrap();
}

#[test]
fn g9_a_chip_that_refuses_and_a_request_never_both_win() {
    for _ in 0..300 {
        let sim = Sim::new(config("race", 1, RemovePolicy::Refuse)).unwrap();
        let start = Barrier::new(2);
        let (desc, removed) = thread::scope(|s| {
            let requests = s.spawn(|| {
                start.wait();
                Desc::request(sim.chip(), 0, &Config::output(true), "test")
            });
            start.wait();
            let removed = sim.remove();
            (requests.join().unwrap(), removed)
        });
        match desc {
            Ok(desc) => {
                assert_eq!(errno(removed), libc::EBUSY);
                desc.set_value(false).expect("whoever has a line of such a chip can use it");
                drop(desc);
                sim.remove().unwrap();
            }
            Err(error) => {
                assert_eq!(error.errno(), libc::ENODEV, "{error}");
                removed.unwrap();
            }
        }
    }
}

#[test]
fn g9_a_chip_that_waits_goes_when_the_last_line_is_let_go() {
    let sim = Sim::new(config("waits", 3, RemovePolicy::Wait(None))).unwrap();
    let chip = sim.chip();
    chip.hog(2, "hog", true).unwrap();
    let descs = [0, 1].map(|n| Desc::request(chip, n, &Config::output(false), "test").unwrap());
    thread::scope(|s| {
        let removers = [(); 2].map(|()| s.spawn(|| chip.remove()));
        while errno(Desc::request(chip, 0, &Config::input(), "late")) != libc::ENODEV {
            thread::yield_now();
        }
        for desc in descs {
            assert!(removers.iter().all(|remover| !remover.is_finished()) && chip.is_alive());
            desc.set_value(true).expect("what is held works on");
            assert!(sim.level(desc.offset()).unwrap());
            drop(desc);
        }
        removers.into_iter().for_each(|remover| remover.join().unwrap().unwrap());
    });
    assert!(!chip.is_alive());
}

#[test]
fn g9_a_chip_that_has_waited_in_vain_is_as_it_was() {
    let wait = RemovePolicy::Wait(Some(Duration::from_millis(30)));
    let sim = Sim::new(config("in vain", 2, wait)).unwrap();
    let desc = Desc::request(sim.chip(), 0, &Config::output(false), "holder").unwrap();
    let began = Instant::now();
    let error = sim.remove().unwrap_err();
    assert_eq!(error.errno(), libc::ETIMEDOUT);
    assert!(error.to_string().contains("line 0") && error.to_string().contains("\"holder\""), "{error}");
    assert!(began.elapsed() >= Duration::from_millis(30));
    desc.set_value(true).unwrap();
    drop(Desc::request(sim.chip(), 1, &Config::input(), "new").unwrap());
    drop(desc);
    sim.remove().unwrap();
}

#[test]
fn g8_hogs_go_with_their_chip() {
    let sim = Sim::new(config("hogged", 1, RemovePolicy::Refuse)).unwrap();
    sim.chip().hog(0, "led", true).unwrap();
    assert!(sim.level(0).unwrap());
    let error = Desc::request(sim.chip(), 0, &Config::input(), "test").err().unwrap();
    assert!(error.errno() == libc::EBUSY && error.to_string().contains("\"led\""), "{error}");
    sim.remove().unwrap();
}

#[test]
fn g4_a_chip_that_is_gone_still_says_what_it_was() {
    let named = || ChipConfig { names: vec!["wp".into()], ..config("eeprom", 1, RemovePolicy::Numb) };
    let sim = Sim::new(named()).unwrap();
    let desc = Desc::request_by_name("wp", &Config::output(true), "at24").unwrap();
    sim.remove().unwrap();
    assert_eq!((desc.name(), desc.consumer(), desc.offset()), (c"wp", c"at24", 0));
    assert_eq!(desc.chip().label(), c"eeprom");
    assert!(!desc.is_alive());
    for gone in [
        desc.set_value(false),
        desc.value().map(drop),
        desc.direction_input(),
        desc.read_events(&mut [MaybeUninit::uninit()]).map(drop),
        desc.chip().line_info(0).map(drop),
        desc.chip().hog(0, "hog", true),
        Watch::new(desc.chip(), &[]).map(drop),
    ] {
        let error = gone.unwrap_err();
        assert!(error.errno() == libc::ENODEV && error.to_string().contains("eeprom"), "{error}");
    }
    assert_eq!(errno(Chip::open("eeprom")), libc::ENOENT);
    assert!(sim.level(0).unwrap(), "nothing has touched the wire");
    let again = Sim::new(named()).unwrap();
    assert_eq!(errno(desc.value()), libc::ENODEV, "another chip of that name is another chip");
    again.remove().unwrap();
}

#[test]
fn g5_who_waits_is_woken_when_the_chip_goes() {
    let sim = sim("sleepers", 2);
    let descs = [0, 1].map(|n| Desc::request(sim.chip(), n, &edges(Edge::Both), "test").unwrap());
    descs[1].reconfigure(&Config { debounce_us: 1000, ..edges(Edge::Both) }).unwrap();
    thread::scope(|s| {
        let sleepers: Vec<_> = (0..THREADS)
            .map(|n| {
                let desc = &descs[n % 2];
                s.spawn(move || desc.wait(LONG))
            })
            .collect();
        sleep(20);
        sim.remove().unwrap();
        sleepers.into_iter().for_each(|sleeper| assert_eq!(sleeper.join().unwrap().unwrap(), Wait::Gone));
    });
}

#[test]
fn g7_the_oldest_events_are_lost_and_the_gap_is_told() {
    let sim = sim("overflow", 1);
    let small = Config { event_buffer: 4, ..edges(Edge::Both) };
    let desc = Desc::request(sim.chip(), 0, &small, "test").unwrap();
    for n in 0..10 {
        sim.set_pull(0, n % 2 == 0).unwrap();
    }
    let numbers: Vec<_> = read(&desc).iter().map(|event| (event.line_seqno, event.global_seqno)).collect();
    assert_eq!(numbers, [(7, 7), (8, 8), (9, 9), (10, 10)]);
    assert_eq!(desc.events_lost(), 6);
    sim.remove().unwrap();
}

#[test]
fn edges_are_those_of_the_logical_value_on_the_clock_that_was_asked_for() {
    let sim = sim("polarity", 1);
    let low = Config { active_low: true, clock: Clock::Realtime, ..edges(Edge::Rising) };
    let desc = Desc::request(sim.chip(), 0, &low, "test").unwrap();
    let now = || std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
    let before = now();
    for up in [true, false, true] {
        sim.set_pull(0, up).unwrap();
    }
    let events = read(&desc);
    assert_eq!(events.iter().map(|event| event.kind).collect::<Vec<_>>(), [Event::RISING]);
    assert!((before..=now()).contains(&events[0].timestamp_ns));
    desc.direction_input().unwrap();
    sim.set_pull(0, false).unwrap();
    assert!(read(&desc).is_empty() && desc.value().unwrap());
    desc.reconfigure(&edges(Edge::Falling)).unwrap();
    sim.set_pull(0, true).unwrap();
    sim.set_pull(0, false).unwrap();
    let events = read(&desc);
    assert_eq!(events.iter().map(|e| (e.kind, e.line_seqno)).collect::<Vec<_>>(), [(Event::FALLING, 2)]);
    sim.remove().unwrap();
}

/// A line that has to be stable for 100 ms.
fn debounced(sim: &Sim, edge: Edge) -> Ref<Desc> {
    Desc::request(sim.chip(), 0, &Config { debounce_us: 100_000, ..edges(edge) }, "test").unwrap()
}

#[test]
fn a_debounced_change_counts_when_it_has_lasted() {
    let sim = sim("debounced", 1);
    let desc = debounced(&sim, Edge::Both);
    for up in [true, false, true, false] {
        sim.set_pull(0, up).unwrap();
    }
    let changed = Instant::now();
    sim.set_pull(0, true).unwrap();
    assert!(!desc.value().unwrap(), "not yet");
    assert_eq!(desc.wait(LONG).unwrap(), Wait::Event, "of itself");
    assert!(changed.elapsed() >= Duration::from_millis(100));
    let events = read(&desc);
    assert_eq!(events.iter().map(|e| (e.kind, e.line_seqno)).collect::<Vec<_>>(), [(Event::RISING, 1)]);
    assert!(desc.value().unwrap());
    assert_eq!(desc.wait(Some(Duration::from_millis(120))).unwrap(), Wait::TimedOut, "once");
    sim.remove().unwrap();
}

#[test]
fn a_glitch_is_no_event_and_wakes_nobody() {
    let sim = sim("glitch", 1);
    let desc = debounced(&sim, Edge::Both);
    thread::scope(|s| {
        let sleeper = s.spawn(|| desc.wait(Some(Duration::from_millis(200))));
        sleep(20);
        sim.set_pull(0, true).unwrap();
        sim.set_pull(0, false).unwrap();
        assert_eq!(sleeper.join().unwrap().unwrap(), Wait::TimedOut);
    });
    assert!(read(&desc).is_empty() && !desc.value().unwrap());
    sim.remove().unwrap();
}

#[test]
fn a_debounced_change_is_settled_by_whoever_looks() {
    let sim = sim("lazily", 1);
    let desc = debounced(&sim, Edge::Falling);
    sim.set_pull(0, true).unwrap();
    sleep(120);
    assert!(desc.value().unwrap(), "the value changes also where no event is wanted");
    sim.chip().push_edge(0, false, 1_000).unwrap();
    sleep(120);
    sim.chip().push_edge(0, true, 0).unwrap();
    let events: Vec<_> = read(&desc).iter().map(|event| (event.kind, event.timestamp_ns)).collect();
    assert_eq!(events, [(Event::FALLING, 100_001_000)], "when it had lasted, on the provider's clock");
    assert!(!desc.value().unwrap());
    sim.remove().unwrap();
}

#[test]
fn debouncing_that_is_switched_on_later_wakes_who_sleeps_already() {
    let sim = sim("later", 1);
    let desc = Desc::request(sim.chip(), 0, &edges(Edge::Both), "test").unwrap();
    thread::scope(|s| {
        let sleeper = s.spawn(|| desc.wait(LONG));
        sleep(20);
        desc.reconfigure(&Config { debounce_us: 10_000, ..edges(Edge::Both) }).unwrap();
        sim.set_pull(0, true).unwrap();
        assert_eq!(sleeper.join().unwrap().unwrap(), Wait::Event);
    });
    assert_eq!(read(&desc).len(), 1);
    sim.remove().unwrap();
}

#[test]
fn g5_a_debounced_change_that_had_lasted_is_read_before_the_end() {
    for (lasts, expected) in [(120, Ok(1)), (0, Err(libc::ENODEV))] {
        let sim = sim("the end", 1);
        let desc = debounced(&sim, Edge::Both);
        sim.set_pull(0, true).unwrap();
        sleep(lasts);
        sim.remove().unwrap();
        sleep(120);
        let mut into = [const { MaybeUninit::uninit() }; 4];
        assert_eq!(desc.read_events(&mut into).map_err(|error| error.errno()), expected);
        assert_eq!(desc.wait(LONG).unwrap(), Wait::Gone);
    }
}

#[test]
fn the_wires_of_a_simulated_chip_do_as_wires_do() {
    let sim = sim("wires", 1);
    let drive = |drive, value| Config { drive, ..Config::output(value) };
    // What is asked for, and the level while the wire is pulled up and down from outside.
    for (config, up, down) in [
        (Config::input(), true, false),
        (drive(Drive::PushPull, true), true, true),
        (drive(Drive::PushPull, false), false, false),
        (drive(Drive::OpenDrain, true), true, false),
        (drive(Drive::OpenDrain, false), false, false),
        (drive(Drive::OpenSource, true), true, true),
        (drive(Drive::OpenSource, false), true, false),
    ] {
        let desc = Desc::request(sim.chip(), 0, &config, "test").unwrap();
        for (pull, level) in [(true, up), (false, down)] {
            sim.set_pull(0, pull).unwrap();
            assert_eq!((sim.level(0).unwrap(), desc.value().unwrap()), (level, level), "{config:?} {pull}");
        }
        if config.direction == Direction::Output {
            desc.set_value(!config.value).unwrap();
            let high = !config.value && config.drive != Drive::OpenDrain;
            assert_eq!(sim.level(0).unwrap(), high, "{config:?}, and then the other value");
        }
        drop(desc);
        sim.set_pull(0, true).unwrap();
        assert!(sim.level(0).unwrap(), "nobody drives a line that is released");
        sim.set_pull(0, false).unwrap();
        assert!(!sim.level(0).unwrap(), "nobody drives a line that is released");
    }
    let biases = [(Bias::PullUp, true), (Bias::Disabled, true), (Bias::AsIs, true), (Bias::PullDown, false)];
    for (bias, level) in biases {
        let desc = Desc::request(sim.chip(), 0, &Config { bias, ..Config::input() }, "test").unwrap();
        assert_eq!(desc.value().unwrap(), level, "{bias}");
    }
    assert_eq!(errno(sim.set_pull(1, true)), libc::EINVAL);
    assert_eq!(errno(sim.level(1)), libc::EINVAL);
    sim.remove().unwrap();
    sim.set_pull(0, true).expect("the wire is still there");
    assert!(sim.level(0).unwrap());
}

#[test]
fn lines_of_a_group_are_those_of_its_masks() {
    let sim = sim("masks", 64);
    let offsets: Vec<u32> = (0..64).rev().collect();
    let group = Group::request(sim.chip(), &offsets, &[Config::output(false); 64], "test").unwrap();
    let pattern = 0x8123_4567_89ab_cdef;
    group.set_values(u64::MAX, pattern).unwrap();
    assert_eq!(group.values(u64::MAX).unwrap(), pattern);
    let level = |offset: u32| sim.level(offset).unwrap();
    assert!((0..64).all(|bit| level(63 - bit) == (pattern >> bit & 1 == 1)));
    group.set_values(0xf0, 0xff ^ pattern).unwrap();
    assert_eq!(group.values(u64::MAX).unwrap(), pattern ^ 0xf0);
    assert_eq!(group.values(0x0ff0).unwrap(), (pattern ^ 0xf0) & 0x0ff0);
    sim.remove().unwrap();
}
