// SPDX-License-Identifier: MIT OR Apache-2.0
//! M11: what a node says that is served in user space, with a kernel of the test's own at the other end.
#![allow(unsafe_code)]

#[path = "common/mod.rs"]
mod common;
#[path = "common/kernel.rs"]
mod kernel;

use common::{camera, device, registered, waiting, Camera, Log, Ops};
use kernel::{number, parse, request, All, Kernel, INTERRUPT, OPEN};
use kref::sync::lock;
use mediadev::cuse::protocol::{IOCTL_COMPAT, IOCTL_UNRESTRICTED};
use mediadev::cuse::Server;
use mediadev::uapi::{self, Plain};
use mediadev::{Answer, Device};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

const GONE: u32 = (libc::POLLERR | libc::POLLHUP) as u32;
const IN: u32 = libc::POLLIN as u32;
/// Calls of the provider's: one that takes and gives 12 bytes, one that takes a number.
const SWAP: u32 = 3 << 30 | 12 << 16 | (b'x' as u32) << 8;
const PLAIN: u32 = (b'x' as u32) << 8 | 1;

fn server(device: &kref::Ref<Device>) -> Server {
    Server::new(device, "media9", || ()).unwrap()
}

fn kernel(server: &Server) -> Kernel<'_> {
    Kernel::new(|message| server.receive(message))
}

/// What came unasked, by number.
fn news(server: &Server) -> Vec<kernel::Answer> {
    server.news().iter().map(|message| parse(message)).collect()
}

fn interrupt(server: &Server, unique: u64) -> Option<Vec<u8>> {
    server.receive(&request(INTERRUPT, unique | 1, &[unique].all()))
}

#[test]
fn m11_it_introduces_itself_to_a_kernel_that_it_understands() {
    let device = registered(Ops::default());
    let server = server(&device);
    let mut kernel = kernel(&server);
    let told = kernel.init(7, 41, 1).unwrap();
    assert_eq!((number(&told, 0), number(&told, 4), number(&told, 12)), (7, 31, 1));
    assert!(told.ends_with(b"DEVNAME=media9\0"));
    for (major, minor, flags) in [(8, 41, 1), (7, 15, 1), (7, 41, 0)] {
        assert_eq!(kernel.init(major, minor, flags), Err(libc::EPROTO), "{major}.{minor} {flags}");
    }
}

#[test]
fn m11_every_opener_has_a_file_of_its_own() {
    let log = Log::default();
    let device = registered(Ops::new(&log));
    let server = server(&device);
    let mut kernel = kernel(&server);
    let (one, other) = (kernel.open().unwrap(), kernel.open().unwrap());
    assert_eq!((device.files().len(), log.take()), (2, vec!["open".to_owned(); 2]));
    assert!(device.files().iter().all(|file| file.is_exported()));
    assert!(!mediadev::File::open(&device).unwrap().is_exported());
    assert_eq!(log.take(), ["open", "close"]);
    kernel.release(one).unwrap();
    assert_eq!((device.files().len(), log.take()), (1, vec!["close".to_owned()]));
    assert_eq!(kernel.release(one), Err(libc::EBADF));
    let third = kernel.open().unwrap();
    assert!(third != one && third != other, "K7");
    let mut info = uapi::DeviceInfo::zero();
    assert_eq!(kernel.with(one, uapi::DEVICE_INFO, &mut info), Err(libc::EBADF));
    assert_eq!(kernel.poll(one, Some(1)), Err(libc::EBADF));
    assert_eq!(kernel.poll(one, None), Err(libc::EBADF));
    for opcode in [15, 16] {
        assert_eq!(kernel.call(opcode, &[third, 0, 0, 0, 0].all()), Err(libc::EINVAL));
        assert_eq!(kernel.call(opcode, &[one, 0, 0, 0, 0].all()), Err(libc::EBADF));
    }
    assert_eq!(kernel.call(99, &[]), Err(libc::ENOSYS));
    assert_eq!(kernel.call(OPEN, &[]), Err(libc::EIO), "cut off");
    assert_eq!(server.receive(&[1, 2, 3]), None);
    let refuses = registered(Ops { open: Some(Box::new(|_| Err(libc::EACCES))), ..Ops::default() });
    let server = self::server(&refuses);
    assert_eq!(self::kernel(&server).open(), Err(libc::EACCES));
}

/// Asks for a topology with room for so many of each, at addresses that show what is what.
fn topology(kernel: &mut Kernel<'_>, handle: u64, room: u32) -> Result<uapi::TopologyHead, i32> {
    let sizes = [96, 112, 32, 40].map(|size| vec![0xee; size * room as usize]);
    for (at, bytes) in [0x10_0000, 0x20_0000, 0x30_0000, 0x40_0000].into_iter().zip(sizes) {
        kernel.memory.insert(at, bytes);
    }
    let mut head = uapi::TopologyHead {
        num_entities: room,
        entities: 0x10_0000,
        num_interfaces: room,
        interfaces: 0x20_0000,
        num_pads: room,
        pads: 0x30_0000,
        num_links: room,
        links: 0x40_0000,
        ..uapi::TopologyHead::zero()
    };
    kernel.with(handle, uapi::G_TOPOLOGY, &mut head).map(|_| head)
}

/// What the program has got is the graph as it was at one moment.
fn assert_is(kernel: &mut Kernel<'_>, head: &uapi::TopologyHead, device: &Device) {
    let graph = device.topology();
    let parts = graph.raw();
    assert_eq!(head.version, graph.version());
    let entities = kernel.read::<uapi::Entity>(head.entities, head.num_entities as usize);
    let pads = kernel.read::<uapi::Pad>(head.pads, head.num_pads as usize);
    let links = kernel.read::<uapi::Link>(head.links, head.num_links as usize);
    assert_eq!(Plain::all_bytes(&entities), Plain::all_bytes(parts.entities));
    assert_eq!(Plain::all_bytes(&pads), Plain::all_bytes(parts.pads));
    assert_eq!(Plain::all_bytes(&links), Plain::all_bytes(parts.links));
    let end = head.pads + u64::from(head.num_pads) * 32;
    assert!(kernel.at(end, 1).is_none_or(|next| next[0] == 0xee), "nothing is written behind it");
}

#[test]
fn m11_the_calls_of_the_interface_reach_the_callers_memory() {
    let Camera { device, sensor, scaler, .. } = camera(Ops::default());
    let server = server(&device);
    let mut kernel = kernel(&server);
    let handle = kernel.open().unwrap();

    let mut info = uapi::DeviceInfo::zero();
    assert_eq!(kernel.with(handle, uapi::DEVICE_INFO, &mut info), Ok(0));
    assert_eq!((info.bytes(), kernel.rounds), (device.info().unwrap().raw().bytes(), 2));

    let mut counts = uapi::TopologyHead::zero();
    assert_eq!(kernel.with(handle, uapi::G_TOPOLOGY, &mut counts), Ok(0));
    assert_eq!((counts.num_entities, counts.num_pads, counts.num_links, kernel.rounds), (3, 4, 2, 2));
    let head = topology(&mut kernel, handle, 8).unwrap();
    assert_eq!(kernel.rounds, 3);
    assert_is(&mut kernel, &head, &device);
    assert_eq!(topology(&mut kernel, handle, 2).err(), Some(libc::ENOSPC));

    let mut entity = uapi::EntityDesc { id: uapi::ID_FLAG_NEXT, ..uapi::EntityDesc::zero() };
    assert_eq!(kernel.with(handle, uapi::ENUM_ENTITIES, &mut entity), Ok(0));
    assert_eq!((entity.id, entity.pads, entity.links), (sensor.id(), 1, 1));
    entity.id = 0x77_7777;
    assert_eq!(kernel.with(handle, uapi::ENUM_ENTITIES, &mut entity), Err(libc::EINVAL));

    kernel.memory.insert(0x10_0000, vec![0xee; 41]);
    kernel.memory.insert(0x20_0000, vec![0; 52]);
    let mut links = uapi::LinksEnum { pads: 0x10_0000, links: 0x20_0000, ..uapi::LinksEnum::zero() };
    links.entity = scaler.id();
    assert_eq!((kernel.with(handle, uapi::ENUM_LINKS, &mut links), kernel.rounds), (Ok(0), 3));
    let pads = kernel.read::<uapi::PadDesc>(0x10_0000, 2);
    let seen = pads.iter().map(|pad| (pad.entity, pad.index, pad.flags)).collect::<Vec<_>>();
    assert_eq!(seen, [(scaler.id(), 0, uapi::PAD_SINK), (scaler.id(), 1, uapi::PAD_SOURCE)]);
    assert_eq!(kernel.read::<uapi::LinkDesc>(0x20_0000, 1)[0].source.entity, scaler.id());
    assert_eq!(kernel.memory[&0x10_0000][40], 0xee);

    // Nothing can be there.
    links.pads = 0x7777_0000;
    assert_eq!(kernel.with(handle, uapi::ENUM_LINKS, &mut links), Err(libc::EFAULT));
    assert_eq!(kernel.ioctl(handle, uapi::DEVICE_INFO, 0x7777_0000), Err(libc::EFAULT));
    let mut fd = 0u32;
    assert_eq!(kernel.with(handle, uapi::REQUEST_ALLOC, &mut fd), Err(libc::ENOTTY));
    assert_eq!(kernel.ioctl(handle, 0x5401, 0x1000), Ok(0x5401), "the provider's, with a number");
    // A kernel that reads no more memory for us.
    kernel.flags = 0;
    assert_eq!(kernel.with(handle, uapi::ENUM_LINKS, &mut links), Err(libc::EIO));
}

#[test]
fn m11_callers_of_32_bits_have_structs_and_addresses_of_their_own() {
    let Camera { device, scaler, .. } = camera(Ops::default());
    let server = server(&device);
    let mut kernel = kernel(&server);
    kernel.flags = IOCTL_UNRESTRICTED | IOCTL_COMPAT;
    let handle = kernel.open().unwrap();
    kernel.memory.insert(0x10_0000, vec![0; 40]);
    kernel.memory.insert(0x20_0000, vec![0; 52]);
    let mut links = uapi::LinksEnum32 { pads: 0x10_0000, links: 0x20_0000, ..uapi::LinksEnum32::zero() };
    links.entity = scaler.id();
    assert_eq!(kernel.with(handle, uapi::ENUM_LINKS32, &mut links), Ok(0));
    assert_eq!(kernel.read::<uapi::PadDesc>(0x10_0000, 2)[1].index, 1);
    let head = topology(&mut kernel, handle, 8).unwrap();
    assert_is(&mut kernel, &head, &device);
    // There is something, but such a program cannot have meant it.
    kernel.memory.insert(1 << 32, vec![0; 1024]);
    let mut head = uapi::TopologyHead { entities: 1 << 32, num_entities: 8, ..uapi::TopologyHead::zero() };
    assert_eq!(kernel.with(handle, uapi::G_TOPOLOGY, &mut head), Err(libc::EFAULT));
}

#[test]
fn m11_a_topology_is_of_one_moment_however_the_graph_changes_between_the_rounds() {
    let Camera { device, capture, .. } = camera(Ops::default());
    let at = &device;
    let add = move |name: &str, pads: &[u32]| Device::add_entity(at, name, common::SENSOR, pads).unwrap();
    let server = server(&device);
    let mut kernel = kernel(&server);
    let handle = kernel.open().unwrap();
    // It grows.
    kernel.between = Box::new(|round| drop((round == 2).then(|| add("New", &[uapi::PAD_SINK]))));
    let head = topology(&mut kernel, handle, 16).unwrap();
    assert_eq!((head.num_entities, kernel.rounds), (4, 4));
    assert_is(&mut kernel, &head, &device);
    // It has as many bytes as before, and they lie elsewhere: two entities without a pad have gone, one with three has come.
    let extra = [add("a", &[]), add("b", &[])];
    kernel.between = Box::new(move |round| {
        if round == 2 {
            extra.iter().for_each(|entity| entity.remove().unwrap());
            add("c", &[uapi::PAD_SINK; 3]);
        }
    });
    let head = topology(&mut kernel, handle, 16).unwrap();
    assert_eq!((head.num_entities, kernel.rounds), (5, 4));
    assert_is(&mut kernel, &head, &device);
    // It stays as it is where the kernel was told so, and a link's flags are those of the last round.
    kernel.between = Box::new(|round| {
        if round == 2 {
            let scaler = device.topology().entities().nth(1).unwrap().id;
            Device::setup_link(&device, (scaler, 1), (capture.id(), 0), uapi::LINK_ENABLED).unwrap();
        }
    });
    let head = topology(&mut kernel, handle, 16).unwrap();
    assert_eq!(kernel.rounds, 3);
    assert_is(&mut kernel, &head, &device);
    // It outgrows the room.
    kernel.between = Box::new(|round| drop((round == 2).then(|| add("d", &[uapi::PAD_SINK; 16]))));
    assert_eq!(topology(&mut kernel, handle, 16).err(), Some(libc::ENOSPC));
}

/// Two threads of another PID namespace, of which the kernel says 0, with one handle: whoever is asked, the other one was told last.
#[test]
fn m11_callers_that_cannot_be_told_apart_do_not_keep_each_other_from_an_answer() {
    let Camera { device, scaler, .. } = camera(Ops::default());
    let server = server(&device);
    let mut kernel = kernel(&server);
    let handle = kernel.open().unwrap();
    let mut other = self::kernel(&server);
    let mut links = uapi::LinksEnum { pads: 0x10_0000, links: 0x20_0000, ..uapi::LinksEnum::zero() };
    links.entity = scaler.id();
    let room = 2 * 20 + 52 + links.bytes().len();
    kernel.between = Box::new(move |_| {
        let (_, answer) = other.round(handle, uapi::ENUM_LINKS, 0x5000, links.bytes(), room);
        assert!(answer.unwrap().is_ok());
    });
    let head = topology(&mut kernel, handle, 8).unwrap();
    assert_eq!(kernel.rounds, 3);
    assert_is(&mut kernel, &head, &device);
}

#[test]
fn m11_a_link_is_set_once_by_one_call() {
    let log = Log::default();
    let Camera { device, sensor, scaler, .. } = camera(Ops::new(&log));
    let server = server(&device);
    let mut kernel = kernel(&server);
    let handle = kernel.open().unwrap();
    log.take();
    let mut link = uapi::LinkDesc { flags: uapi::LINK_ENABLED, ..uapi::LinkDesc::zero() };
    (link.source.entity, link.sink.entity) = (sensor.id(), scaler.id());
    assert_eq!(kernel.with(handle, uapi::SETUP_LINK, &mut link), Ok(0));
    assert_eq!(log.take(), ["setup Sensor:0 0x0 to 0x1", "setup Scaler:0 0x0 to 0x1"]);
    link.flags = 1 << 9;
    assert_eq!(kernel.with(handle, uapi::SETUP_LINK, &mut link), Err(libc::EINVAL));
}

#[test]
fn m11_a_call_of_the_providers_has_a_copy_of_its_argument() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let by = seen.clone();
    let ops = Ops {
        ioctl: Some(Box::new(move |(_, command, arg)| {
            if command == PLAIN {
                return Ok(Answer::Done(arg as i32));
            }
            // SAFETY: 12 bytes, as the number says.
            let bytes = unsafe { std::slice::from_raw_parts_mut(arg as *mut u8, 12) };
            lock(&by).push(bytes.to_vec());
            bytes.reverse();
            if bytes[0] == 0 {
                Err(libc::EPERM)
            } else {
                Ok(Answer::Done(5))
            }
        })),
        ..Ops::default()
    };
    let device = registered(ops);
    let server = server(&device);
    let mut kernel = kernel(&server);
    let handle = kernel.open().unwrap();
    kernel.memory.insert(0x1000, (1..=13).collect());
    assert_eq!((kernel.ioctl(handle, SWAP, 0x1000), kernel.rounds), (Ok(5), 2));
    assert_eq!(kernel.memory[&0x1000], [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 13]);
    assert_eq!(*lock(&seen), [(1..=12).collect::<Vec<u8>>()]);
    kernel.memory.insert(0x1000, vec![0; 12]);
    assert_eq!(kernel.ioctl(handle, SWAP, 0x1000), Err(libc::EPERM));
    assert_eq!((kernel.ioctl(handle, PLAIN, 42), kernel.rounds), (Ok(42), 1));
    // One half of it only.
    let read = SWAP & !(1 << 30);
    kernel.memory.insert(0x1000, vec![9; 12]);
    let refused = kernel.ioctl(handle, read, 0x1000);
    assert_eq!(
        (refused, kernel.rounds),
        (Err(libc::EPERM), 2),
        "zeros are what it gets, when there is room for more"
    );
    let write = SWAP & !(1 << 31);
    assert_eq!((kernel.ioctl(handle, write, 0x1000), &kernel.memory[&0x1000][..]), (Ok(5), &[9; 12][..]));
}

#[test]
fn m2_a_call_that_has_no_result_yet_is_parked_until_it_has() {
    let (device, _, number) = waiting();
    let server = server(&device);
    let mut kernel = kernel(&server);
    let handle = kernel.open().unwrap();
    let parked = kernel.try_ioctl(handle, PLAIN, 0).unwrap_err();
    assert_eq!(news(&server), []);
    device.notify();
    assert_eq!(news(&server), [], "there still is nothing");
    number.store(3, Ordering::SeqCst);
    device.notify();
    let [(unique, Ok(answer))] = &news(&server)[..] else { panic!("it is done") };
    assert_eq!((*unique, kernel::number(answer, 0)), (parked, 3));
    assert_eq!(news(&server), []);
    assert_eq!(interrupt(&server, parked), None, "too late");
}

#[test]
fn m2_what_is_said_before_a_call_is_parked_is_not_missed() {
    let asked = AtomicU32::new(0);
    let ops = Ops {
        ioctl: Some(Box::new(move |(file, _, _)| match asked.fetch_add(1, Ordering::SeqCst) {
            0 => {
                file.device().notify();
                Ok(Answer::NotYet)
            }
            _ => Ok(Answer::Done(1)),
        })),
        ..Ops::default()
    };
    let device = registered(ops);
    let server = server(&device);
    let mut kernel = kernel(&server);
    let handle = kernel.open().unwrap();
    assert_eq!(kernel.try_ioctl(handle, PLAIN, 0), Ok(Ok(1)));
}

#[test]
fn m11_a_parked_call_is_interrupted() {
    let (device, ..) = waiting();
    let server = server(&device);
    let mut kernel = kernel(&server);
    let handle = kernel.open().unwrap();
    let parked = kernel.try_ioctl(handle, PLAIN, 0).unwrap_err();
    let answer = interrupt(&server, parked).expect("an answer");
    assert_eq!(parse(&answer), (parked, Err(libc::EINTR)));
    assert_eq!(interrupt(&server, parked), None);
    // By another thread, which read the signal before this one could park the call.
    let next = parked + 2;
    assert_eq!(interrupt(&server, next), None);
    // However many others get one before it is parked.
    (1000..1100).for_each(|unique| assert_eq!(interrupt(&server, unique), None));
    assert_eq!(kernel.try_ioctl(handle, PLAIN, 0), Ok(Err(libc::EINTR)));
    // Those that never were are forgotten.
    (1000..2000).for_each(|unique| assert_eq!(interrupt(&server, unique), None));
    assert!(kernel.try_ioctl(handle, PLAIN, 0).is_err());
    kernel.release(handle).unwrap();
}

#[test]
fn m11_who_sleeps_in_poll_is_woken_once() {
    let (device, _, number) = waiting();
    let server = server(&device);
    let mut kernel = kernel(&server);
    let handle = kernel.open().unwrap();
    assert_eq!(kernel.poll(handle, None), Ok(0));
    assert_eq!(kernel.poll(handle, Some(77)), Ok(0));
    device.notify();
    assert_eq!(news(&server), [], "nothing has come");
    number.store(1, Ordering::SeqCst);
    device.notify();
    assert_eq!(news(&server), [(0, Ok([77u64].all()))]);
    assert_eq!(news(&server), []);
    assert_eq!(kernel.poll(handle, None), Ok(IN));
}

#[test]
fn m1_m2_after_unregister_everything_is_enodev_until_it_is_closed() {
    let (device, ..) = waiting();
    let server = server(&device);
    let mut kernel = kernel(&server);
    let (handle, other) = (kernel.open().unwrap(), kernel.open().unwrap());
    assert_eq!(kernel.poll(other, Some(5)), Ok(0));
    let parked = kernel.try_ioctl(handle, PLAIN, 0).unwrap_err();
    assert!(!server.is_over());
    device.unregister();
    assert_eq!(news(&server), [(parked, Err(libc::ENODEV)), (0, Ok([5u64].all()))]);
    assert_eq!(kernel.open(), Err(libc::ENODEV));
    let mut info = uapi::DeviceInfo::zero();
    assert_eq!(kernel.with(handle, uapi::DEVICE_INFO, &mut info), Err(libc::ENODEV));
    assert_eq!(kernel.ioctl(handle, PLAIN, 0), Err(libc::ENODEV));
    assert_eq!(
        (kernel.poll(handle, Some(6)), kernel.call(15, &[handle; 5].all())),
        (Ok(GONE), Err(libc::ENODEV))
    );
    kernel.release(handle).unwrap();
    assert!(!server.is_over());
    kernel.release(other).unwrap();
    assert!(server.is_over() && device.files().is_empty());
}

#[test]
fn m11_a_server_that_is_stopped_lets_go_of_a_device_that_lives_on() {
    let (device, ..) = waiting();
    let server = server(&device);
    let mut kernel = kernel(&server);
    let handle = kernel.open().unwrap();
    assert_eq!(kernel.poll(handle, Some(5)), Ok(0));
    let parked = kernel.try_ioctl(handle, PLAIN, 0).unwrap_err();
    let told: Vec<_> = server.stop().iter().map(|message| parse(message)).collect();
    assert_eq!(told, [(parked, Err(libc::ENODEV)), (0, Ok([5u64].all()))]);
    assert!(device.is_registered() && device.files().is_empty() && !server.is_over());
    assert_eq!(kernel.open(), Err(libc::ENODEV));
    assert_eq!((kernel.ioctl(handle, PLAIN, 0), kernel.poll(handle, Some(6))), (Err(libc::ENODEV), Ok(GONE)));
    kernel.release(handle).unwrap();
    assert!(server.is_over());
}

#[test]
fn m11_who_is_being_let_in_while_the_server_is_stopped_stays_out() {
    let server = Arc::new(std::sync::OnceLock::<Server>::new());
    let its = server.clone();
    let hook = move |_| {
        its.get().unwrap().stop();
        Ok(())
    };
    let device = registered(Ops { open: Some(Box::new(hook)), ..Ops::default() });
    server.set(self::server(&device)).ok().unwrap();
    let server = server.get().unwrap();
    assert_eq!(kernel(server).open(), Err(libc::ENODEV));
    assert!(device.files().is_empty() && server.is_over());
}

#[test]
fn m3_a_server_holds_its_device() {
    let log = Log::default();
    let device = registered(Ops::new(&log));
    let server = server(&device);
    device.unregister();
    drop(device);
    assert_eq!(log.take(), [""; 0]);
    drop(server);
    assert_eq!(log.take(), ["before_free", "after_free"]);
    let never = self::device(Ops::default());
    assert!(Server::new(&never, "media9", || ()).is_ok_and(|server| server.is_over()));
}
