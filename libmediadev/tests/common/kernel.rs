// SPDX-License-Identifier: MIT OR Apache-2.0
//! A kernel with one program: it speaks to a server of a node as CUSE does, and the program has some memory.
#![allow(dead_code, unreachable_pub)]

use mediadev::cuse::protocol::{IOCTL_UNRESTRICTED, POLL_SCHEDULE_NOTIFY};
use mediadev::uapi::Plain;
use std::collections::BTreeMap;

pub const INIT: u32 = 4096;
pub const OPEN: u32 = 14;
pub const RELEASE: u32 = 18;
pub const INTERRUPT: u32 = 36;
pub const IOCTL: u32 = 39;
pub const POLL: u32 = 40;
const RETRY: u32 = 4;

/// A request.
pub fn request(opcode: u32, unique: u64, body: &[u8]) -> Vec<u8> {
    let mut bytes = [(40 + body.len()) as u32, opcode].all();
    bytes.extend(unique.to_ne_bytes());
    bytes.extend([0; 16]);
    bytes.extend([7u32, 0].all());
    bytes.extend(body);
    bytes
}

pub trait All {
    fn all(&self) -> Vec<u8>;
}
impl<const N: usize> All for [u32; N] {
    fn all(&self) -> Vec<u8> {
        self.iter().flat_map(|n| n.to_ne_bytes()).collect()
    }
}
impl<const N: usize> All for [u64; N] {
    fn all(&self) -> Vec<u8> {
        self.iter().flat_map(|n| n.to_ne_bytes()).collect()
    }
}

pub fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(bytes[at..at + 4].try_into().unwrap())
}
pub fn long(bytes: &[u8], at: usize) -> u64 {
    u64::from_ne_bytes(bytes[at..at + 8].try_into().unwrap())
}

/// An answer, or what comes unasked: its number, and the rest of it or its errno.
pub type Answer = (u64, Result<Vec<u8>, i32>);

pub fn parse(message: &[u8]) -> Answer {
    assert_eq!(number(message, 0) as usize, message.len());
    let error = number(message, 4).cast_signed();
    let rest = if error < 0 { Err(-error) } else { Ok(message[16..].to_vec()) };
    assert!(error <= 0 || long(message, 8) == 0, "only what comes unasked has a code");
    assert!(error >= 0 || message.len() == 16, "an error says no more");
    (long(message, 8), rest)
}

/// What goes to the server and comes back; None if it says nothing.
type Ask<'a> = Box<dyn FnMut(&[u8]) -> Option<Vec<u8>> + 'a>;

pub struct Kernel<'a> {
    ask: Ask<'a>,
    last: u64,
    pub flags: u32,
    /// The program's memory, by address.
    pub memory: BTreeMap<u64, Vec<u8>>,
    /// How often an ioctl was asked.
    pub rounds: u32,
    /// Called before each round of an ioctl.
    pub between: Box<dyn FnMut(u32) + 'a>,
}

impl<'a> Kernel<'a> {
    pub fn new(ask: impl FnMut(&[u8]) -> Option<Vec<u8>> + 'a) -> Self {
        let (ask, between) = (Box::new(ask), Box::new(|_| ()));
        Kernel { ask, last: 0, flags: IOCTL_UNRESTRICTED, memory: BTreeMap::new(), rounds: 0, between }
    }

    /// Its number, and the answer.
    pub fn send(&mut self, opcode: u32, body: &[u8]) -> (u64, Option<Result<Vec<u8>, i32>>) {
        self.last += 2;
        let answer = (self.ask)(&request(opcode, self.last, body)).map(|message| parse(&message));
        let answer = answer.map(|(unique, answer)| {
            assert_eq!(unique, self.last);
            answer
        });
        (self.last, answer)
    }

    pub fn call(&mut self, opcode: u32, body: &[u8]) -> Result<Vec<u8>, i32> {
        self.send(opcode, body).1.expect("an answer")
    }

    pub fn init(&mut self, major: u32, minor: u32, flags: u32) -> Result<Vec<u8>, i32> {
        self.call(INIT, &[major, minor, 0, flags].all())
    }

    pub fn open(&mut self) -> Result<u64, i32> {
        self.call(OPEN, &[0u32, 0].all()).map(|answer| long(&answer, 0))
    }

    pub fn release(&mut self, handle: u64) -> Result<(), i32> {
        self.call(RELEASE, &[handle, 0, 0].all()).map(drop)
    }

    /// The request of one round.
    pub fn round(
        &mut self,
        handle: u64,
        command: u32,
        arg: u64,
        input: &[u8],
        room: usize,
    ) -> (u64, Option<Result<Vec<u8>, i32>>) {
        let mut body = [handle].all();
        body.extend([self.flags, command].all());
        body.extend([arg].all());
        body.extend([input.len() as u32, room as u32].all());
        body.extend(input);
        self.send(IOCTL, &body)
    }

    /// As ioctl() of the program does it. None: it does not come back yet; its number.
    pub fn try_ioctl(&mut self, handle: u64, command: u32, arg: u64) -> Result<Result<i32, i32>, u64> {
        let (mut input, mut room) = (Vec::new(), Vec::new());
        self.rounds = 0;
        loop {
            (self.between)(self.rounds);
            self.rounds += 1;
            assert!(self.rounds < 100, "it never ends");
            let length = room.iter().map(|&(_, length)| length).sum();
            let (unique, answer) = self.round(handle, command, arg, &input, length);
            let answer = match answer {
                None => return Err(unique),
                Some(Err(errno)) => return Ok(Err(errno)),
                Some(Ok(answer)) => answer,
            };
            if number(&answer, 4) & RETRY == 0 {
                let mut output = &answer[16..];
                assert_eq!(output.len(), length, "exactly what there is room for");
                for (at, length) in room {
                    let (piece, rest) = output.split_at(length);
                    self.at(at, length).expect("memory that was there").copy_from_slice(piece);
                    output = rest;
                }
                return Ok(Ok(number(&answer, 0).cast_signed()));
            }
            let counts = [number(&answer, 8) as usize, number(&answer, 12) as usize];
            assert_eq!(answer.len(), 16 + 16 * (counts[0] + counts[1]));
            let spans: Vec<_> =
                answer[16..].chunks(16).map(|span| (long(span, 0), long(span, 8) as usize)).collect();
            input.clear();
            for &(at, length) in &spans[..counts[0]] {
                match self.at(at, length) {
                    Some(bytes) => input.extend_from_slice(bytes),
                    None => return Ok(Err(libc::EFAULT)),
                }
            }
            room = spans[counts[0]..].to_vec();
            if room.iter().any(|&(at, length)| self.at(at, length).is_none()) {
                return Ok(Err(libc::EFAULT));
            }
        }
    }

    pub fn ioctl(&mut self, handle: u64, command: u32, arg: u64) -> Result<i32, i32> {
        self.try_ioctl(handle, command, arg).expect("an answer")
    }

    /// ioctl() with a struct.
    pub fn with<T: Plain>(&mut self, handle: u64, command: u32, argument: &mut T) -> Result<i32, i32> {
        const AT: u64 = 0x1000;
        self.memory.insert(AT, argument.bytes().to_vec());
        let result = self.ioctl(handle, command, AT);
        argument.bytes_mut().copy_from_slice(&self.memory[&AT]);
        result
    }

    /// Events; the server is told to wake us if `waker` is a number.
    pub fn poll(&mut self, handle: u64, waker: Option<u64>) -> Result<u32, i32> {
        let flags = if waker.is_some() { POLL_SCHEDULE_NOTIFY } else { 0 };
        let mut body = [handle, waker.unwrap_or_default()].all();
        body.extend([flags, 0].all());
        self.call(POLL, &body).map(|answer| number(&answer, 0))
    }

    /// A piece of the program's memory.
    pub fn at(&mut self, at: u64, length: usize) -> Option<&mut [u8]> {
        let (start, bytes) = self.memory.range_mut(..=at).next_back()?;
        let offset = (at - start) as usize;
        bytes.get_mut(offset..offset + length)
    }

    /// Structs there.
    pub fn read<T: Plain>(&mut self, at: u64, count: usize) -> Vec<T> {
        let size = size_of::<T>();
        let bytes = self.at(at, count * size).expect("memory").to_vec();
        let read = |bytes: &[u8]| {
            let mut one = T::zero();
            one.bytes_mut().copy_from_slice(bytes);
            one
        };
        bytes.chunks(size).map(read).collect()
    }
}
