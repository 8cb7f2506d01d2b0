// SPDX-License-Identifier: MIT OR Apache-2.0
//! M11 with Linux at the other end: tools nobody here wrote on our nodes, and what becomes of clients and servers.
#![allow(unsafe_code)]

#[path = "common/mod.rs"]
mod common;

use common::{camera, kind, registered, waiting, Camera, Log, Ops};
use mediadev::cuse::Export;
use mediadev::uapi::{self, Plain};
use mediadev::{Device, Kind};
use std::fs::File;
use std::io::{self, BufRead, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const GONE: i16 = libc::POLLERR | libc::POLLHUP;
/// Under emulation a second is little, but a minute is a failure.
const PATIENCE: Duration = Duration::from_secs(60);
/// A call of the provider's.
const WAIT: u32 = (b'x' as u32) << 8 | 1;

#[track_caller]
fn until(mut happened: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !happened() {
        assert!(Instant::now() < end, "it did not come");
        thread::sleep(Duration::from_millis(5));
    }
}

fn exported(device: &kref::Ref<Device>, name: &str) -> Export {
    let export = Export::cuse(device, name).unwrap();
    export.start().unwrap();
    export
}

fn open(export: &Export) -> File {
    File::options().read(true).write(true).open(export.path()).unwrap()
}

/// The device that CUSE has in the kernel.
fn kernels(name: &str) -> bool {
    Path::new("/sys/class/cuse").join(name).exists()
}

fn errno<T>(result: io::Result<T>) -> i32 {
    result.map(drop).unwrap_err().raw_os_error().unwrap()
}

fn ioctl<T>(file: &File, command: u32, argument: &mut T) -> io::Result<i32> {
    // SAFETY: an argument as the command wants it, or one that is not followed.
    match unsafe { libc::ioctl(file.as_raw_fd(), command.into(), std::ptr::from_mut(argument)) } {
        -1 => Err(io::Error::last_os_error()),
        result => Ok(result),
    }
}

fn info(file: &File) -> io::Result<uapi::DeviceInfo> {
    let mut info = uapi::DeviceInfo::zero();
    ioctl(file, uapi::DEVICE_INFO, &mut info).map(|_| info)
}

fn poll(file: &File, timeout_ms: i32) -> i16 {
    let mut polled = libc::pollfd { fd: file.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one struct.
    assert!(unsafe { libc::poll(&mut polled, 1, timeout_ms) } >= 0);
    polled.revents
}

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).stdin(Stdio::null()).output().unwrap()
}

/// What a tool says, which has to succeed.
#[track_caller]
fn tool(program: &str, arguments: &[&str]) -> String {
    let output = run(program, arguments);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

#[test]
#[ignore = "needs cuse: make check-kernel"]
fn m11_media_ctl_and_v4l2_compliance_work_on_it() {
    let ops = Ops { ioctl: Some(Box::new(|_| Err(libc::ENOTTY))), ..Ops::default() };
    let Camera { device, sensor, scaler, capture } = camera(ops);
    // Who looks closely wants entities to have device nodes that are there. Those of vimc and vivid are.
    let subdev = uapi::INTERFACE_V4L_SUBDEV;
    for (entity, kind, node) in [
        (&sensor, subdev, "v4l-subdev0"),
        (&scaler, subdev, "v4l-subdev1"),
        (&capture, uapi::INTERFACE_V4L_VIDEO, "video0"),
    ] {
        let numbers = std::fs::metadata(Path::new("/dev").join(node)).unwrap().rdev();
        let (major, minor) = (libc::major(numbers), libc::minor(numbers));
        let interface = device.add_interface(kind, 0, major, minor).unwrap();
        entity.add_interface_link(interface, uapi::LINK_ENABLED | uapi::LINK_IMMUTABLE).unwrap();
    }
    let export = exported(&device, "media50");
    let node = export.path().to_str().unwrap();
    let told = tool("media-ctl", &["-d", node, "-p"]);
    for part in [
        "driver          camera",
        "bus info        platform:camera",
        "Sensor (1 pad, 1 link)",
        "Scaler (2 pads, 2 links)",
        "-> \"Capture\":0 []",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    for (entity, path) in [("Sensor", "/dev/v4l-subdev0\n"), ("Capture", "/dev/video0\n")] {
        assert_eq!(tool("media-ctl", &["-d", node, "-e", entity]), path);
    }
    // What they change is changed here, and what is changed here they see.
    let here = || sensor.link(0, &scaler, 0).unwrap().flags;
    let set = |flags| Device::setup_link(&device, (sensor.id(), 0), (scaler.id(), 0), flags).unwrap();
    // How many are disabled: one always is.
    let told = |state: &str| {
        let dot = tool("media-ctl", &["-d", node, "--print-dot"]);
        assert!(dot.starts_with("digraph board {"), "{dot}");
        let said = tool("media-ctl", &["-d", node, "-p"]);
        assert!(said.contains(&format!("-> \"Scaler\":0 [{state}]\n")), "{state}: {said}");
        assert!(said.contains(&format!("<- \"Sensor\":0 [{state}]\n")), "{state}: {said}");
        dot.matches("[style=dashed]").count()
    };
    assert_eq!((here(), told("")), (0, 2));
    tool("media-ctl", &["-d", node, "-l", "'Sensor':0 -> 'Scaler':0[1]"]);
    assert_eq!((here(), told("ENABLED")), (uapi::LINK_ENABLED, 1));
    tool("media-ctl", &["-d", node, "-l", "'Sensor':0 -> 'Scaler':0[0]"]);
    assert_eq!((here(), told("")), (0, 2));
    set(uapi::LINK_ENABLED);
    assert_eq!(told("ENABLED"), 1);
    set(0);
    assert_eq!(told(""), 2);
    set(uapi::LINK_ENABLED);
    tool("media-ctl", &["-d", node, "-r"]);
    assert_eq!((here(), told("")), (0, 2));
    let refused = run("media-ctl", &["-d", node, "-l", "'Sensor':0 -> 'Capture':0[1]"]);
    assert!(!refused.status.success());
    let said = tool("v4l2-compliance", &["-M", node]);
    assert!(said.contains("Failed: 0"), "{said}");
    assert!(said.contains("Succeeded: 8") && said.contains("Warnings: 0"), "{said}");
}

#[test]
#[ignore = "needs cuse: make check-kernel"]
fn m11_the_node_has_one_name_and_says_what_is_wrong_with_it() {
    let device = registered(Ops::default());
    let export = exported(&device, "media51");
    assert_eq!(kind(Export::cuse(&device, "media51").map(drop)), Kind::Exists);
    for name in ["", ".", "..", "a/b", "../media51", "a\nb", "a=b", "media5100000000000000000000000000"] {
        assert_eq!(kind(Export::cuse(&device, name).map(drop)), Kind::Invalid, "{name:?}");
    }
    assert_eq!(kind(export.start()), Kind::Busy);
    // Without a node the kernel still knows the name.
    std::fs::remove_file(export.path()).unwrap();
    assert_eq!(kind(Export::cuse(&device, "media51").map(drop)), Kind::Exists);
    drop(export);
    until(|| !kernels("media51"));
    let again = exported(&device, "media51");
    device.unregister();
    assert!(!again.path().exists());
    assert_eq!(kind(Export::cuse(&device, "media52").map(drop)), Kind::Gone);
}

#[test]
#[ignore = "needs cuse: make check-kernel"]
fn m1_m3_unregister_with_files_open() {
    let log = Log::default();
    let device = registered(Ops::new(&log));
    let export = exported(&device, "media53");
    let (one, other) = (open(&export), open(&export));
    assert_eq!(info(&one).unwrap().bytes(), device.info().unwrap().raw().bytes());
    assert_eq!(errno((&one).read(&mut [0; 8])), libc::EINVAL);
    assert_eq!(errno((&one).write(&[0; 8])), libc::EINVAL);
    assert_eq!(poll(&one, 0), 0);
    let sleeps = thread::spawn(move || poll(&other, -1));
    thread::sleep(Duration::from_millis(100));
    device.unregister();
    assert_eq!(errno(File::open(export.path())), libc::ENOENT);
    assert_eq!(sleeps.join().unwrap(), GONE);
    assert_eq!((errno(info(&one)), poll(&one, -1)), (libc::ENODEV, GONE));
    assert_eq!(errno((&one).read(&mut [0; 8])), libc::ENODEV);
    assert!(kernels("media53"));
    drop(device);
    drop(one);
    until(|| !kernels("media53"));
    assert_eq!(kind(export.serve(None)), Kind::Gone);
    assert_eq!(log.take(), ["open", "open", "close", "close"]);
    // The thread may still be on its way out.
    drop(export);
    until(|| log.take() == ["before_free", "after_free"]);
}

#[test]
#[ignore = "needs cuse: make check-kernel"]
fn m11_it_is_stopped_or_dropped_with_files_open() {
    let device = registered(Ops::default());
    let export = exported(&device, "media54");
    let file = open(&export);
    export.stop().unwrap();
    assert!(!export.path().exists() && device.is_registered());
    assert_eq!((errno(info(&file)), poll(&file, -1)), (libc::ENODEV, GONE));
    drop(file);
    until(|| !kernels("media54"));
    let export = exported(&device, "media54");
    let file = open(&export);
    drop(export);
    until(|| !kernels("media54"));
    // As when a server dies.
    assert!([libc::ENOTCONN, libc::ECONNABORTED].contains(&errno(info(&file))));
    until(|| device.files().is_empty());
}

#[test]
#[ignore = "needs cuse: make check-kernel"]
fn m2_a_blocked_call_comes_back_when_there_is_something_or_the_device_goes() {
    let (device, asked, number) = waiting();
    let export = exported(&device, "media55");
    let blocked = || {
        let (file, before) = (open(&export), asked.load(Ordering::SeqCst));
        let call = thread::spawn(move || ioctl(&file, WAIT, &mut 0));
        until(|| asked.load(Ordering::SeqCst) > before);
        call
    };
    let call = blocked();
    let file = open(&export);
    let sleeps = thread::spawn(move || poll(&file, -1));
    thread::sleep(Duration::from_millis(100));
    number.store(9, Ordering::SeqCst);
    device.notify();
    assert_eq!(call.join().unwrap().unwrap(), 9);
    assert_eq!(sleeps.join().unwrap(), libc::POLLIN);
    number.store(0, Ordering::SeqCst);
    let call = blocked();
    device.unregister();
    assert_eq!(errno(call.join().unwrap()), libc::ENODEV);
}

#[test]
#[ignore = "needs cuse: make check-kernel"]
fn m11_a_blocked_call_is_interrupted_and_a_client_that_is_killed_is_closed() {
    extern "C" fn nothing(_: i32) {}
    let (device, asked, _) = waiting();
    let export = exported(&device, "media56");
    // SAFETY: a handler that does nothing, without SA_RESTART.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = nothing as *const () as usize;
        assert_eq!(libc::sigaction(libc::SIGUSR1, &action, std::ptr::null_mut()), 0);
    }
    let file = open(&export);
    let call = thread::spawn(move || ioctl(&file, WAIT, &mut 0));
    until(|| asked.load(Ordering::SeqCst) > 0);
    use std::os::unix::thread::JoinHandleExt;
    until(|| {
        // It may not sleep yet.
        // SAFETY: a thread that has not been joined.
        unsafe { libc::pthread_kill(call.as_pthread_t(), libc::SIGUSR1) };
        call.is_finished()
    });
    assert_eq!(errno(call.join().unwrap()), libc::EINTR);
    until(|| device.files().is_empty());

    let before = asked.load(Ordering::SeqCst);
    let script = format!("import fcntl; fcntl.ioctl(open('{}'), {WAIT})", export.path().display());
    let mut client = Command::new("python3").args(["-c", &script]).spawn().unwrap();
    until(|| asked.load(Ordering::SeqCst) > before);
    assert_eq!(device.files().len(), 1);
    client.kill().unwrap();
    client.wait().unwrap();
    until(|| device.files().is_empty());
}

/// What another process does, to be killed.
fn serve(name: &str) {
    let (device, asked, _) = waiting();
    let export = Export::cuse(&device, name).unwrap();
    println!("{name} is there");
    while export.serve(None).is_ok() {
        if asked.load(Ordering::SeqCst) > 0 {
            println!("{name} is asked");
        }
    }
}

#[test]
#[ignore = "needs cuse: make check-kernel"]
fn m11_when_the_server_is_killed_calls_fail_and_the_node_is_gone() {
    if let Ok(name) = std::env::var("CUSE_SERVER") {
        return serve(&name);
    }
    let program = std::env::current_exe().unwrap();
    let this = "m11_when_the_server_is_killed_calls_fail_and_the_node_is_gone";
    let arguments = ["--exact", this, "--ignored", "--nocapture"];
    let mut server = Command::new(program);
    server.args(arguments).env("CUSE_SERVER", "media57").stdout(Stdio::piped());
    let mut server = server.spawn().unwrap();
    let mut lines = io::BufReader::new(server.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("media57 is there")));
    let (one, other) = (File::open("/dev/media57").unwrap(), File::open("/dev/media57").unwrap());
    info(&one).unwrap();
    let call = thread::spawn(move || ioctl(&other, WAIT, &mut 0));
    assert!(lines.any(|line| line.contains("media57 is asked")));
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(errno(call.join().unwrap()), libc::ECONNABORTED);
    until(|| !Path::new("/dev/media57").exists());
    assert_eq!(errno(info(&one)), libc::ENOTCONN);
    assert_ne!(poll(&one, -1) & libc::POLLERR, 0);
}

/// What the kernel's own tests of media devices do: a program opens the device and makes a call again and again, somebody takes the
/// device away meanwhile, and the program goes on, closes it, and begins again with the next one.
#[test]
#[ignore = "needs cuse: make check-kernel"]
fn m1_m11_open_call_in_a_loop_and_unregister() {
    for round in 0..20 {
        let device = registered(Ops::default());
        let export = exported(&device, "media62");
        let calls = AtomicU32::new(0);
        let program = |file: File| {
            let failed = loop {
                match info(&file) {
                    Ok(_) => calls.fetch_add(1, Ordering::SeqCst),
                    Err(e) => break e,
                };
            };
            assert_eq!(failed.raw_os_error(), Some(libc::ENODEV));
            assert_eq!((errno(info(&file)), poll(&file, 0)), (libc::ENODEV, GONE));
            // Whoever unregisters it may not have come to its node yet.
            assert!([libc::ENOENT, libc::ENODEV].contains(&errno(File::open(export.path()))));
        };
        thread::scope(|scope| {
            for file in [open(&export), open(&export)] {
                scope.spawn(|| program(file));
            }
            until(|| calls.load(Ordering::SeqCst) > round);
            device.unregister();
        });
        until(|| !kernels("media62"));
        assert!(device.files().is_empty());
    }
}

#[test]
#[ignore = "needs cuse: make check-kernel"]
fn m11_unregister_while_media_ctl_loops() {
    for round in 1..=5 {
        let Camera { device, .. } = camera(Ops::default());
        let export = exported(&device, "media58");
        let (came, failed) = (AtomicU32::new(0), AtomicU32::new(0));
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    // Until it has gone.
                    while failed.load(Ordering::SeqCst) == 0 {
                        let output = run("media-ctl", &["-d", "/dev/media58", "-p"]);
                        assert!(output.status.code().is_some(), "it crashed");
                        let count = if output.status.success() { &came } else { &failed };
                        count.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            // At a moment that is another one in every round.
            until(|| came.load(Ordering::SeqCst) >= round);
            thread::sleep(Duration::from_millis(7 * u64::from(round)));
            device.unregister();
            assert!(!export.path().exists());
        });
        assert!(failed.into_inner() > 0);
        until(|| !kernels("media58"));
        assert!(device.files().is_empty());
    }
}

/// G_TOPOLOGY with room for so many.
fn topology(file: &File, room: usize) -> io::Result<(uapi::TopologyHead, [Vec<u8>; 3])> {
    let mut arrays = [96, 32, 40].map(|size| vec![0xeeu8; size * room]);
    let [entities, pads, links] = arrays.each_mut().map(|array| array.as_mut_ptr() as u64);
    let num = room as u32;
    let mut head =
        uapi::TopologyHead { num_entities: num, num_pads: num, num_links: num, ..uapi::TopologyHead::zero() };
    (head.entities, head.pads, head.links) = (entities, pads, links);
    ioctl(file, uapi::G_TOPOLOGY, &mut head)?;
    Ok((head, arrays))
}

#[test]
#[ignore = "needs cuse: make check-kernel"]
fn m11_threads_read_a_graph_that_changes_until_it_is_gone() {
    let Camera { device, .. } = camera(Ops::default());
    let export = exported(&device, "media59");
    let number = |bytes: &[u8]| u32::from_ne_bytes(bytes[..4].try_into().unwrap());
    let reads = [const { AtomicU32::new(0) }; 3];
    thread::scope(|scope| {
        for reads in &reads {
            scope.spawn(|| {
                let file = open(&export);
                loop {
                    let (head, [entities, pads, _]) = match topology(&file, 64) {
                        Ok(read) => read,
                        Err(error) => break assert_eq!(error.raw_os_error(), Some(libc::ENODEV)),
                    };
                    // Every pad is one of an entity that came with it, and all of them came.
                    let ids: Vec<u32> =
                        entities.chunks(96).take(head.num_entities as usize).map(number).collect();
                    let pads: Vec<&[u8]> = pads.chunks(32).take(head.num_pads as usize).collect();
                    assert!(pads.iter().all(|pad| ids.contains(&number(&pad[4..]))));
                    assert_eq!(pads.len(), 4 + 3 * (ids.len() - 3));
                    reads.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        until(|| {
            let pads = [uapi::PAD_SINK; 3];
            Device::add_entity(&device, "more", common::SENSOR, &pads).unwrap().remove().unwrap();
            reads.iter().all(|reads| reads.load(Ordering::SeqCst) >= 20)
        });
        device.unregister();
    });
    until(|| !kernels("media59"));
}

#[test]
#[ignore = "needs cuse: make check-kernel"]
fn m11_a_graph_of_120_kib_comes_through_and_a_larger_one_is_enomem() {
    let device = registered(Ops::default());
    let export = exported(&device, "media60");
    let file = open(&export);
    let add = || Device::add_entity(&device, "one of many", common::SENSOR, &[]).unwrap();
    (0..120 * 1024 / 96).for_each(|_| drop(add()));
    let (head, [entities, ..]) = topology(&file, 2000).unwrap();
    assert_eq!((head.num_entities, head.version), (1280, device.topology().version()));
    assert_eq!(entities[..1280 * 96], *Plain::all_bytes(device.topology().raw().entities));
    assert!(entities[1280 * 96..].iter().all(|&byte| byte == 0xee));
    (0..120).for_each(|_| drop(add()));
    assert_eq!(errno(topology(&file, 2000)), libc::ENOMEM);
    assert!(info(&file).is_ok());
}

#[test]
#[ignore = "needs cuse: make check-kernel"]
fn m11_an_export_that_has_ended_leaves_the_node_of_the_next_one_alone() {
    let (old, new) = (registered(Ops::default()), registered(Ops::default()));
    let ended = exported(&old, "media62");
    let numbers = open(&ended).metadata().unwrap().rdev();
    old.unregister();
    until(|| !kernels("media62"));
    let next = exported(&new, "media62");
    assert_eq!(open(&next).metadata().unwrap().rdev(), numbers, "the numbers are given away again");
    ended.stop().unwrap();
    drop(ended);
    assert!(info(&open(&next)).is_ok());
}

/// ioctl() as a program of 32 bits makes it.
#[cfg(target_arch = "x86_64")]
fn ioctl32(file: &File, command: u32, argument: u32) -> i32 {
    let result: i32;
    // SAFETY: the system call of the other kind; it leaves registers alone but for these.
    unsafe {
        std::arch::asm!(
            "xchg {fd:r}, rbx", "int 0x80", "xchg {fd:r}, rbx",
            fd = inout(reg) u64::from(file.as_raw_fd().cast_unsigned()) => _,
            inlateout("eax") 54 => result, in("ecx") command, in("edx") argument,
            out("r8") _, out("r9") _, out("r10") _, out("r11") _,
        );
    }
    result
}

#[cfg(target_arch = "x86_64")]
#[test]
#[ignore = "needs cuse: make check-kernel"]
fn m11_a_program_of_32_bits_is_understood() {
    let Camera { device, scaler, .. } = camera(Ops::default());
    let export = exported(&device, "media61");
    let file = open(&export);
    // SAFETY: new memory that such a program could have too.
    let low = unsafe {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_32BIT;
        let low = libc::mmap(std::ptr::null_mut(), 4096, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0);
        assert_ne!(low, libc::MAP_FAILED);
        std::slice::from_raw_parts_mut(low.cast::<u8>(), 4096)
    };
    let at = u32::try_from(low.as_ptr().addr()).unwrap();
    assert_eq!(ioctl32(&file, uapi::DEVICE_INFO, at), 0);
    assert_eq!(low[..256], *device.info().unwrap().raw().bytes());
    let asks = uapi::LinksEnum32 { entity: scaler.id(), pads: at + 1024, links: at + 2048, reserved: [0; 4] };
    low[..28].copy_from_slice(asks.bytes());
    assert_eq!(ioctl32(&file, uapi::ENUM_LINKS32, at), 0);
    let number = |offset: usize| u32::from_ne_bytes(low[offset..offset + 4].try_into().unwrap());
    assert_eq!([number(1024), number(1032), number(1052)], [scaler.id(), uapi::PAD_SINK, uapi::PAD_SOURCE]);
    assert_eq!(number(2048), scaler.id());
    let asks = uapi::TopologyHead { entities: 1 << 32, num_entities: 8, ..uapi::TopologyHead::zero() };
    low[..72].copy_from_slice(asks.bytes());
    assert_eq!(ioctl32(&file, uapi::G_TOPOLOGY, at), -libc::EFAULT);
    assert_eq!(ioctl32(&file, uapi::DEVICE_INFO, 8), -libc::EFAULT);
}
