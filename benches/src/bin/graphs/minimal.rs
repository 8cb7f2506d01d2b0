// SPDX-License-Identifier: MIT OR Apache-2.0
//! A node of CUSE served by as little as can be: one loop that reads, answers what a client asks of a graph that never changes, and
//! writes. Nothing is checked, allocated or locked, and nothing can end it but the process.

use crate::c::*;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;
use std::{fs, thread};

/// What the node answers.
#[derive(Clone)]
pub(crate) struct Answers {
    pub(crate) info: Vec<u8>,
    /// How many there are of each kind.
    pub(crate) topology: topology,
    /// All of them, in the kernel's order.
    pub(crate) arrays: Vec<u8>,
    /// How many bytes there are of each kind.
    pub(crate) lengths: [u64; 4],
}

/// How a server learns that there is something to read.
pub(crate) enum Wait {
    /// It sleeps in read(), and could never be told to end.
    Read,
    /// It sleeps in poll(), for the channel and for another file descriptor that could tell it to end.
    Poll(OwnedFd),
}

/// Makes the node /dev/NAME and serves it in a thread.
pub(crate) fn serve(name: &'static str, answers: Answers, wait: Wait) {
    let mut channel = File::options().read(true).write(true).open("/dev/cuse").expect("/dev/cuse");
    thread::spawn(move || {
        let mut request = [0; 8192];
        let mut told = Vec::with_capacity(8192);
        loop {
            if let Wait::Poll(other) = &wait {
                let mut polled = [channel.as_raw_fd(), other.as_raw_fd()].map(|fd| libc::pollfd {
                    fd,
                    events: libc::POLLIN,
                    revents: 0,
                });
                // SAFETY: two structs.
                assert!(unsafe { libc::poll(polled.as_mut_ptr(), 2, -1) } > 0);
            }
            let length = channel.read(&mut request).expect("a request");
            told.clear();
            answer(name, &answers, &request[..length], &mut told);
            let length = told.len() as u32;
            told[..4].copy_from_slice(&length.to_ne_bytes());
            channel.write_all(&told).expect("an answer");
        }
    });
    let node = Path::new("/dev").join(name);
    while fs::metadata(&node).is_err() {
        thread::yield_now();
    }
}

const INIT: u32 = 4096;
const OPEN: u32 = 14;
const RELEASE: u32 = 18;
const IOCTL: u32 = 39;
const RETRY: u32 = 4;
const UNRESTRICTED: u32 = 1;

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn long(bytes: &[u8], at: usize) -> u64 {
    u64::from_ne_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}

fn numbers(told: &mut Vec<u8>, numbers: &[u32]) {
    numbers.iter().for_each(|number| told.extend_from_slice(&number.to_ne_bytes()));
}

fn spans(told: &mut Vec<u8>, spans: &[(u64, u64)]) {
    for (at, length) in spans {
        told.extend_from_slice(&at.to_ne_bytes());
        told.extend_from_slice(&length.to_ne_bytes());
    }
}

fn answer(name: &str, answers: &Answers, request: &[u8], told: &mut Vec<u8>) {
    // The length is told at last.
    numbers(told, &[0, 0]);
    told.extend_from_slice(&request[8..16]);
    match number(request, 4) {
        INIT => {
            numbers(told, &[7, 31, 0, UNRESTRICTED, 4096, 4096]);
            numbers(told, &[0; 12]);
            told.extend_from_slice(format!("DEVNAME={name}\0").as_bytes());
        }
        OPEN => numbers(told, &[1, 0, 0, 0]),
        RELEASE => {}
        IOCTL => ioctl(answers, request, told),
        other => panic!("nobody here asks {other}"),
    }
}

/// The kernel is told which of the caller's memory a call reads and writes, and makes it again.
fn ioctl(answers: &Answers, request: &[u8], told: &mut Vec<u8>) {
    let (command, arg) = (number(request, 52), long(request, 56));
    let (input, room) = (&request[72..], u64::from(number(request, 68)));
    let head = (arg, size_of::<topology>() as u64);
    if command == DEVICE_INFO as u32 {
        if room == 0 {
            numbers(told, &[0, RETRY, 0, 1]);
            return spans(told, &[(arg, answers.info.len() as u64)]);
        }
        numbers(told, &[0; 4]);
        return told.extend_from_slice(&answers.info);
    }
    assert_eq!(command, G_TOPOLOGY as u32, "nobody here asks that");
    if input.is_empty() {
        numbers(told, &[0, RETRY, 1, 1]);
        return spans(told, &[head, head]);
    }
    // Where entities, interfaces, pads and links are to be written.
    let at = [16, 32, 48, 64].map(|at| long(input, at));
    let mut topology = answers.topology;
    for (array, at) in topology.arrays.iter_mut().zip(at) {
        array.at = at;
    }
    // SAFETY: a struct of integers without gaps.
    let bytes =
        unsafe { std::slice::from_raw_parts((&raw const topology).cast::<u8>(), size_of::<topology>()) };
    let is_wanted = at != [0; 4];
    if is_wanted && room == head.1 {
        let arrays = at.into_iter().zip(answers.lengths).filter(|(_, length)| *length > 0);
        numbers(told, &[0, RETRY, 1, 1 + arrays.clone().count() as u32]);
        spans(told, &[head]);
        arrays.for_each(|array| spans(told, &[array]));
        return spans(told, &[head]);
    }
    numbers(told, &[0; 4]);
    if is_wanted {
        told.extend_from_slice(&answers.arrays);
    }
    told.extend_from_slice(bytes);
}
