// SPDX-License-Identifier: MIT OR Apache-2.0
//! A provider that notes what it was asked to do.

use super::*;
use crate::{Bias, Desc, Drive, Edge, Event, Group, Sim, Watch};
use std::sync::mpsc;

/// What was called, in order; dropped with the operations.
struct Noting(mpsc::Sender<String>);

impl Noting {
    fn note(&self, what: String) -> OpResult<()> {
        self.0.send(what).map_err(|_| libc::EIO)
    }
}

impl ChipOps for Noting {
    fn request(&self, offset: u32) -> OpResult<()> {
        self.note(format!("request {offset}"))?;
        // A line that the hardware does not have.
        if offset == 7 {
            return Err(libc::ENXIO);
        }
        Ok(())
    }
    fn free(&self, offset: u32) {
        let _ = self.note(format!("free {offset}"));
    }
    fn configure(&self, offset: u32, config: &Config) -> OpResult<()> {
        let Config { direction, edge, bias, drive, value, active_low, debounce_us, .. } = config;
        assert!(!active_low && *debounce_us == 0, "ours");
        self.note(format!("configure {offset} {direction} {edge} {bias} {drive} {value}"))?;
        if *drive == Drive::OpenSource {
            return Err(libc::EOPNOTSUPP);
        }
        Ok(())
    }
    fn get(&self, offset: u32) -> OpResult<bool> {
        self.note(format!("get {offset}"))?;
        Ok(offset % 2 == 1)
    }
    fn set(&self, offset: u32, level: bool) -> OpResult<()> {
        self.note(format!("set {offset} {level}"))
    }
}

fn noting(remove_policy: RemovePolicy) -> (Ref<Chip>, mpsc::Receiver<String>) {
    let (said, heard) = mpsc::channel();
    let names = vec!["one".into(), String::new(), "three".into()];
    let config = ChipConfig { label: "noting".into(), num_lines: 8, names, remove_policy };
    (Chip::register(config, Noting(said)).unwrap(), heard)
}

fn heard(said: &mpsc::Receiver<String>) -> Vec<String> {
    said.try_iter().collect()
}

#[test]
fn the_provider_gets_levels_and_the_consumer_values() {
    let (chip, said) = noting(RemovePolicy::Numb);
    let low = |config: Config| Config { active_low: true, ..config };
    let configs = [
        low(Config { edge: Edge::Rising, bias: Bias::PullUp, debounce_us: 5, ..Config::input() }),
        low(Config::output(true)),
        Config { drive: Drive::OpenDrain, ..Config::output(true) },
        low(Config { edge: Edge::Rising, ..Config::input() }),
    ];
    let group = Group::request(&chip, &[3, 4, 5, 6], &configs, "test").unwrap();
    let expected = [
        "request 3",
        "configure 3 input both pull-up push-pull false",
        "get 3",
        "request 4",
        "configure 4 output none as-is push-pull false",
        "request 5",
        "configure 5 output none as-is open-drain true",
        "request 6",
        "configure 6 input falling as-is push-pull false",
    ];
    assert_eq!(heard(&said), expected);
    assert_eq!(group.values(0b011).unwrap(), 0b010, "the levels are 1 and 0, both lines active low");
    assert_eq!(heard(&said), ["get 3", "get 4"]);
    group.set_values(0b110, 0b010).unwrap();
    assert_eq!(heard(&said), ["set 4 false", "set 5 false"]);
    assert_eq!(group.set_values(0b111, 0).unwrap_err().errno(), libc::EPERM, "an input");
    group.reconfigure(&[Config::default(), Config::input(), Config::default(), Config::default()]).unwrap();
    assert_eq!(heard(&said), ["configure 4 input none as-is push-pull false"], "the others stay as they are");
    assert_eq!(chip.line_info(3).unwrap().config, Config { event_buffer: 0, ..configs[0] });
    assert_eq!(chip.line_info(4).unwrap().config, Config::input());
    drop(group);
    assert_eq!(heard(&said), ["free 3", "free 4", "free 5", "free 6"]);
    assert_eq!(chip.line_info(3).unwrap().config, Config::input(), "nothing of it stays but the direction");
    chip.remove().unwrap();
}

#[test]
fn a_request_is_all_or_nothing() {
    let (chip, said) = noting(RemovePolicy::Numb);
    let output = [Config::output(false)];
    let error = Group::request(&chip, &[1, 7, 2], &output.repeat(3), "test").err().unwrap();
    assert_eq!(error.errno(), libc::ENXIO);
    assert_eq!(heard(&said)[2..], ["request 7", "free 1"], "what was refused is not freed");
    let source = Config { drive: Drive::OpenSource, ..Config::output(false) };
    let error = Group::request(&chip, &[1, 2], &[output[0], source], "test").err().unwrap();
    assert_eq!(error.errno(), libc::EOPNOTSUPP);
    assert_eq!(heard(&said)[4..], ["free 1", "free 2"]);
    let held = Desc::request(&chip, 2, &Config::input(), "holder").unwrap();
    heard(&said);
    let error = Group::request(&chip, &[1, 2], &output.repeat(2), "test").err().unwrap();
    assert_eq!(error.errno(), libc::EBUSY);
    assert!(
        error.to_string().contains("line 2 \"three\": wanted by \"test\", held by \"holder\""),
        "{error}"
    );
    assert!(heard(&said).is_empty(), "the provider is not asked");
    assert!(!chip.line_info(1).unwrap().used);
    drop(held);
    chip.remove().unwrap();
}

#[test]
fn k2_the_operations_go_with_the_last_who_holds_the_chip_or_a_line() {
    let (chip, said) = noting(RemovePolicy::Numb);
    let desc = Desc::request(&chip, 0, &Config::output(true), "test").unwrap();
    chip.remove().unwrap();
    heard(&said);
    drop(chip);
    assert_eq!(desc.set_value(true).unwrap_err().errno(), libc::ENODEV);
    assert_eq!(said.try_recv(), Err(mpsc::TryRecvError::Empty), "held by the line");
    drop(desc);
    assert_eq!(
        said.try_recv(),
        Err(mpsc::TryRecvError::Disconnected),
        "and not freed after the chip was removed"
    );
}

#[test]
fn k2_the_operations_go_also_when_registering_fails() {
    let ok = ChipConfig { label: "fails".into(), num_lines: 1, ..ChipConfig::default() };
    let nul = || vec!["a\0b".to_owned()];
    for config in [
        ChipConfig { num_lines: 0, ..ok.clone() },
        ChipConfig { num_lines: 65_536, ..ok.clone() },
        ChipConfig { names: vec![String::new(); 2], ..ok.clone() },
        ChipConfig { names: nul(), ..ok.clone() },
        ChipConfig { label: nul().remove(0), ..ok.clone() },
    ] {
        let (said, heard) = mpsc::channel();
        let error = Chip::register(config, Noting(said)).err().unwrap();
        assert_eq!(error.errno(), libc::EINVAL, "{error}");
        assert_eq!(heard.try_recv(), Err(mpsc::TryRecvError::Disconnected));
    }
}

#[test]
fn k7_no_number_is_used_twice() {
    let (first, _said) = noting(RemovePolicy::Numb);
    first.remove().unwrap();
    let name = first.name().to_owned();
    drop(first);
    let (second, _said) = noting(RemovePolicy::Numb);
    assert_ne!(second.name(), &*name);
    assert_eq!(Chip::open(name.to_str().unwrap()).err().unwrap().errno(), libc::ENOENT);
    second.remove().unwrap();
}

#[test]
fn a_line_that_is_to_stay_as_it_is_goes_as_before() {
    let sim = Sim::new(ChipConfig { label: "as-is".into(), num_lines: 1, ..ChipConfig::default() }).unwrap();
    let request = |config| Desc::request(sim.chip(), 0, &config, "test").unwrap();
    drop(request(Config::output(true)));
    let again = request(Config { active_low: true, ..Config::default() });
    assert_eq!(sim.chip().line_info(0).unwrap().config.direction, Direction::Output);
    again.set_value(false).unwrap();
    assert!(sim.level(0).unwrap() && !again.value().unwrap());
    sim.remove().unwrap();
}

#[test]
fn g5_what_was_pushed_is_read_before_the_end() {
    let sim = Sim::new(ChipConfig { label: "edges".into(), num_lines: 2, ..ChipConfig::default() }).unwrap();
    let chip = sim.chip();
    let lines = |edge| Config { edge, ..Config::input() };
    let group = Group::request(chip, &[0, 1], &[lines(Edge::Both), lines(Edge::Falling)], "test").unwrap();
    for (offset, up) in [(0, true), (1, true), (1, true), (1, false), (0, false)] {
        sim.set_pull(offset, up).unwrap();
    }
    chip.push_edge(0, true, 77).unwrap();
    sim.remove().unwrap();
    assert_eq!(chip.push_edge(0, true, 0).unwrap_err().errno(), libc::ENODEV);
    assert_eq!(group.wait(None).unwrap(), crate::Wait::Event);
    let mut into = [const { std::mem::MaybeUninit::uninit() }; 8];
    let got = group.read_events(&mut into).unwrap();
    // SAFETY: written by the read.
    #[allow(unsafe_code)]
    let events = into[..got].iter().map(|event| unsafe { event.assume_init() }).collect::<Vec<_>>();
    let told = |e: &Event| (e.offset, e.kind, e.line_seqno, e.global_seqno);
    let expected = [(0, 1, 1, 1), (1, 2, 1, 2), (0, 2, 2, 3), (0, 1, 3, 4)];
    assert_eq!(events.iter().map(told).collect::<Vec<_>>(), expected);
    assert!(events[0].timestamp_ns > 0 && events[0].timestamp_ns <= events[2].timestamp_ns);
    assert_eq!(events[3].timestamp_ns, 77);
    assert_eq!(group.wait(None).unwrap(), crate::Wait::Gone);
    assert_eq!(group.read_events(&mut into).unwrap_err().errno(), libc::ENODEV);
}

#[test]
fn g9_a_chip_that_refuses_names_who_has_a_line() {
    let (chip, _said) = noting(RemovePolicy::Refuse);
    chip.hog(1, "hog", true).unwrap();
    let desc = Desc::request(&chip, 2, &Config::output(true), "holder").unwrap();
    let error = chip.remove().unwrap_err();
    assert_eq!(error.errno(), libc::EBUSY);
    assert!(
        error.to_string().contains("line 2 \"three\"") && error.to_string().contains("\"holder\""),
        "{error}"
    );
    desc.set_value(false).unwrap();
    drop(desc);
    chip.remove().unwrap();
    chip.remove().expect("twice is nothing");
}

#[test]
fn a_watch_sees_who_comes_and_goes() {
    let (chip, _said) = noting(RemovePolicy::Numb);
    let watch = Watch::new(&chip, &[2]).unwrap();
    let desc = Desc::request(&chip, 2, &Config::input(), "somebody").unwrap();
    let _other = Desc::request(&chip, 3, &Config::input(), "unwatched").unwrap();
    desc.direction_output(true).unwrap();
    drop(desc);
    chip.remove().unwrap();
    let told = std::iter::from_fn(|| watch.read().unwrap_or(None));
    let told: Vec<_> =
        told.map(|e| (e.change, e.info.consumer, e.info.used, e.info.config.direction)).collect();
    let who = || "somebody".to_owned();
    let expected = [
        (Change::Requested, who(), true, Direction::Input),
        (Change::Reconfigured, who(), true, Direction::Output),
        (Change::Released, String::new(), false, Direction::Output),
    ];
    assert_eq!(told, expected);
    assert_eq!(watch.wait(None).unwrap(), crate::Wait::Gone);
}

#[test]
fn k4_the_chip_s_file_descriptor_hangs_up() {
    for asked_before in [true, false] {
        let (chip, _said) = noting(RemovePolicy::Numb);
        if asked_before {
            assert!(!sys::has_hung_up(chip.fd().unwrap()));
        }
        chip.remove().unwrap();
        assert!(sys::has_hung_up(chip.fd().unwrap()));
    }
}

#[test]
fn g5_who_sees_a_line_with_edge_detection_can_count_on_its_edges() {
    const WATCHERS: usize = 4;
    let (chip, said) = noting(RemovePolicy::Numb);
    for round in 0..5_000 {
        let line = std::thread::scope(|threads| {
            // Several, so that they sleep in the line's lock: whoever configures it has to wake one, which takes its time.
            for _ in 0..WATCHERS {
                threads.spawn(|| {
                    while chip.line_info(0).unwrap().config.edge == Edge::None {}
                    chip.push_edge(0, true, 0).unwrap();
                });
            }
            Desc::request(&chip, 0, &Config { edge: Edge::Both, ..Config::input() }, "test").unwrap()
        });
        assert_eq!(line.events().unwrap().len(), WATCHERS, "round {round}");
        heard(&said);
    }
    chip.remove().unwrap();
}

#[test]
fn g5_a_request_s_file_descriptor_is_readable_while_there_are_events_and_after_the_end() {
    let sim = Sim::new(ChipConfig { label: "fd".into(), num_lines: 1, ..ChipConfig::default() }).unwrap();
    let desc = Desc::request(sim.chip(), 0, &Config { edge: Edge::Both, ..Config::input() }, "test").unwrap();
    sim.set_pull(0, true).unwrap();
    let fd = desc.fd().unwrap();
    let ready = || sys::poll([fd], deadline(Some(Duration::ZERO))).unwrap()[0].input;
    let mut one = [std::mem::MaybeUninit::uninit()];
    assert!(ready());
    sim.set_pull(0, false).unwrap();
    assert_eq!(desc.read_events(&mut one).unwrap(), 1);
    assert!(ready());
    assert_eq!(desc.read_events(&mut one).unwrap(), 1);
    assert!(!ready());
    sim.set_pull(0, true).unwrap();
    sim.remove().unwrap();
    assert!(ready());
    assert_eq!(desc.read_events(&mut one).unwrap(), 1);
    assert!(ready());
    assert_eq!(desc.read_events(&mut one).unwrap_err().errno(), libc::ENODEV);
}
