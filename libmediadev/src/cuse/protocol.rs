// SPDX-License-Identifier: MIT OR Apache-2.0
//! The messages that the kernel and the server of a character device in user space exchange: what of `linux/fuse.h` CUSE uses.
//!
//! A message is read with one read() and answered with one write(). Both begin with their own length; numbers are the machine's. What
//! comes is not trusted: a [`Request`] is made of bytes only if every length in it fits.

/// What the kernel asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// Its number, which the answer carries; none comes twice.
    pub unique: u64,
    /// The thread that asks, 0 if it is one that this process cannot see.
    pub thread: u32,
    /// What it is about.
    pub call: Call<'a>,
}

/// What a request is about. `handle` is what [`open`] told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Call<'a> {
    /// The first: which version of the protocol the kernel speaks.
    Init { major: u32, minor: u32, flags: u32 },
    /// Somebody opens the node.
    Open,
    /// The last file descriptor of it is closed.
    Release { handle: u64 },
    /// ioctl(). `input` is what was read of the caller's memory, and of `room` bytes there is said where they go: nothing and 0 at first,
    /// then as the answer [`retry`] asked for.
    Ioctl { handle: u64, flags: u32, command: u32, arg: u64, input: &'a [u8], room: usize },
    /// poll(). With [`POLL_SCHEDULE_NOTIFY`] the caller is about to sleep, until [`wake`] says `waker`.
    Poll { handle: u64, waker: u64, flags: u32 },
    /// The caller of the request `unique` has got a signal.
    Interrupt { unique: u64 },
    /// read().
    Read { handle: u64 },
    /// write().
    Write { handle: u64, data: &'a [u8] },
    /// What no character device needs.
    Other { opcode: u32 },
}

/// A request that makes no sense; its number, if it has got one, to be answered all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub Option<u64>);

/// A piece of the caller's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where it begins.
    pub at: u64,
    /// How long it is.
    pub length: u64,
}

/// The version of the protocol that is spoken here. Since minor 16 a [`Span`] has one form for all callers.
pub const MAJOR: u32 = 7;
/// The newest version that is spoken here.
pub const MINOR: u32 = 31;
/// The oldest version that is spoken here.
pub const OLDEST_MINOR: u32 = 16;

/// Of INIT: the server may ask for any of the caller's memory.
pub const UNRESTRICTED_IOCTL: u32 = 1 << 0;
/// Of an ioctl: [`retry`] may be answered.
pub const IOCTL_UNRESTRICTED: u32 = 1 << 1;
/// Of an ioctl: the caller is a program of 32 bits on a machine of 64.
pub const IOCTL_COMPAT: u32 = 1 << 0;
/// Of a poll: the caller is about to sleep.
pub const POLL_SCHEDULE_NOTIFY: u32 = 1 << 0;

/// What a write() brings at most: as little as the kernel allows, for nobody writes here.
const MAX_WRITE: u32 = 4096;
/// No request is longer: 16 KiB is the most that the number of an ioctl can say.
pub const MAX_REQUEST: usize = 32 * 1024;

mod opcode {
    pub(super) const OPEN: u32 = 14;
    pub(super) const READ: u32 = 15;
    pub(super) const WRITE: u32 = 16;
    pub(super) const RELEASE: u32 = 18;
    pub(super) const INTERRUPT: u32 = 36;
    pub(super) const IOCTL: u32 = 39;
    pub(super) const POLL: u32 = 40;
    pub(super) const INIT: u32 = 4096;
}

/// A message that answers nothing says in place of an error what it is.
const NOTIFY_POLL: i32 = 1;
/// An ioctl is to be asked again, with more of the caller's memory.
const IOCTL_RETRY: u32 = 1 << 2;

/// Of bytes that came, those that have not been looked at.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }
    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_ne_bytes)
    }
    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_ne_bytes)
    }
    fn skip(&mut self, bytes: usize) -> Option<()> {
        self.0 = self.0.get(bytes..)?;
        Some(())
    }
    /// All the rest, which has to be so long.
    fn exactly(self, length: u32) -> Option<&'a [u8]> {
        (self.0.len() == length as usize).then_some(self.0)
    }
}

impl<'a> Request<'a> {
    /// What one read() gave.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut rest = Rest(bytes);
        let head = |rest: &mut Rest<'a>| {
            let (length, opcode, unique) = (rest.u32()?, rest.u32()?, rest.u64()?);
            // The node and who owns the caller, which are of no use here; then what there may be of extensions.
            rest.skip(8 + 4 + 4)?;
            let thread = rest.u32()?;
            rest.skip(4)?;
            Some((length, opcode, unique, thread))
        };
        let (length, opcode, unique, thread) = head(&mut rest).ok_or(Malformed(None))?;
        // An answer to this would be taken for something that answers nothing.
        if unique == 0 {
            return Err(Malformed(None));
        }
        if length as usize != bytes.len() {
            return Err(Malformed(Some(unique)));
        }
        let call = Call::parse(opcode, rest).ok_or(Malformed(Some(unique)))?;
        Ok(Request { unique, thread, call })
    }
}

impl<'a> Call<'a> {
    fn parse(opcode: u32, mut rest: Rest<'a>) -> Option<Self> {
        Some(match opcode {
            opcode::INIT => {
                let (major, minor) = (rest.u32()?, rest.u32()?);
                rest.skip(4)?;
                Call::Init { major, minor, flags: rest.u32()? }
            }
            opcode::OPEN => {
                rest.skip(8)?;
                Call::Open
            }
            opcode::RELEASE => {
                let handle = rest.u64()?;
                rest.skip(16)?;
                Call::Release { handle }
            }
            opcode::IOCTL => {
                let (handle, flags, command, arg) = (rest.u64()?, rest.u32()?, rest.u32()?, rest.u64()?);
                let (input, room) = (rest.u32()?, rest.u32()?);
                Call::Ioctl { handle, flags, command, arg, input: rest.exactly(input)?, room: room as usize }
            }
            opcode::POLL => {
                let (handle, waker, flags) = (rest.u64()?, rest.u64()?, rest.u32()?);
                rest.skip(4)?;
                Call::Poll { handle, waker, flags }
            }
            opcode::INTERRUPT => Call::Interrupt { unique: rest.u64()? },
            opcode::READ => {
                let handle = rest.u64()?;
                rest.skip(32)?;
                Call::Read { handle }
            }
            opcode::WRITE => {
                let handle = rest.u64()?;
                rest.skip(8)?;
                let length = rest.u32()?;
                rest.skip(20)?;
                Call::Write { handle, data: rest.exactly(length)? }
            }
            opcode => Call::Other { opcode },
        })
    }
}

/// A message that is being written.
struct Message(Vec<u8>);

impl Message {
    fn new(unique: u64, error: i32) -> Self {
        Self::with_room(unique, error, 128)
    }
    fn with_room(unique: u64, error: i32, room: usize) -> Self {
        Message(Vec::with_capacity(room)).u32(0).u32(error.cast_unsigned()).u64(unique)
    }
    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }
    fn u32(self, number: u32) -> Self {
        self.bytes(&number.to_ne_bytes())
    }
    fn u64(self, number: u64) -> Self {
        self.bytes(&number.to_ne_bytes())
    }
    fn end(mut self) -> Vec<u8> {
        let length = u32::try_from(self.0.len()).expect("a message is short");
        self.0[..4].copy_from_slice(&length.to_ne_bytes());
        self.0
    }
}

/// A request has failed, with this positive errno.
pub fn failed(unique: u64, errno: i32) -> Vec<u8> {
    // Others are not errors to the kernel, and the caller would wait for ever.
    let errno = if (1..512).contains(&errno) { errno } else { libc::EIO };
    Message::new(unique, -errno).end()
}

/// A request is done that asked for nothing.
pub fn done(unique: u64) -> Vec<u8> {
    Message::new(unique, 0).end()
}

/// The answer to [`Call::Init`]: there is to be a node of this name.
pub fn init(unique: u64, minor: u32, name: &str) -> Vec<u8> {
    let told = Message::new(unique, 0).u32(MAJOR).u32(minor.min(MINOR)).u32(0).u32(UNRESTRICTED_IOCTL);
    // Any number that is free, and nothing where things may once be.
    let told = (0..12).fold(told.u32(MAX_WRITE).u32(MAX_WRITE), |told, _| told.u32(0));
    told.bytes(format!("DEVNAME={name}\0").as_bytes()).end()
}

/// The node is opened; what is done with it comes with this number.
pub fn open(unique: u64, handle: u64) -> Vec<u8> {
    Message::new(unique, 0).u64(handle).u32(0).u32(0).end()
}

/// An ioctl is done, and this is what it returns; `output` is laid over the room there is.
pub fn ioctl(unique: u64, result: i32, output: &[u8]) -> Vec<u8> {
    let told = Message::with_room(unique, 0, 32 + output.len());
    told.u32(result.cast_unsigned()).u32(0).u32(0).u32(0).bytes(output).end()
}

/// An ioctl is to be asked again, with what is in `input`, and with room in `output`.
pub fn retry(unique: u64, input: &[Span], output: &[Span]) -> Vec<u8> {
    let told =
        Message::new(unique, 0).u32(0).u32(IOCTL_RETRY).u32(input.len() as u32).u32(output.len() as u32);
    input.iter().chain(output).fold(told, |told, span| told.u64(span.at).u64(span.length)).end()
}

/// What poll() says.
pub fn poll(unique: u64, events: u32) -> Vec<u8> {
    Message::new(unique, 0).u32(events).u32(0).end()
}

/// Has those who sleep in poll() look again.
pub fn wake(waker: u64) -> Vec<u8> {
    Message::new(0, NOTIFY_POLL).u64(waker).end()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A request as the kernel writes it.
    fn request(opcode: u32, body: &[u8]) -> Vec<u8> {
        let head = [40 + body.len() as u32, opcode];
        let mut bytes: Vec<u8> = head.iter().flat_map(|n| n.to_ne_bytes()).collect();
        bytes.extend(2u64.to_ne_bytes());
        bytes.extend([0; 16]);
        bytes.extend(77u32.to_ne_bytes());
        bytes.extend([0; 4]);
        bytes.extend(body);
        bytes
    }

    fn numbers(numbers: &[u32]) -> Vec<u8> {
        numbers.iter().flat_map(|n| n.to_ne_bytes()).collect()
    }

    /// The words of a message, after its length has been seen to be right.
    fn words(message: &[u8]) -> Vec<u32> {
        let words: Vec<u32> = message.chunks(4).map(|w| u32::from_ne_bytes(w.try_into().unwrap())).collect();
        assert_eq!(words[0] as usize, message.len());
        words[1..].to_vec()
    }

    #[test]
    fn requests_are_what_the_kernel_writes() {
        // Words of 32 bits; a number of 64 has its lower half first where this is tested.
        let cases: [(u32, Vec<u8>, Call<'_>); 8] = [
            (4096, numbers(&[7, 41, 0, 1]), Call::Init { major: 7, minor: 41, flags: 1 }),
            (14, numbers(&[2, 0]), Call::Open),
            (18, numbers(&[9, 1, 2, 0, 5, 6]), Call::Release { handle: 1 << 32 | 9 }),
            (
                39,
                numbers(&[9, 0, 2, 0xc100_7c00, 8, 1, 4, 256, 0x0403_0201]),
                Call::Ioctl {
                    handle: 9,
                    flags: 2,
                    command: 0xc100_7c00,
                    arg: 1 << 32 | 8,
                    input: &[1, 2, 3, 4],
                    room: 256,
                },
            ),
            (40, numbers(&[9, 0, 3, 0, 1, 0x41]), Call::Poll { handle: 9, waker: 3, flags: 1 }),
            (36, numbers(&[6, 0]), Call::Interrupt { unique: 6 }),
            (15, numbers(&[9, 0, 0, 0, 1, 0, 0, 0, 0, 0]), Call::Read { handle: 9 }),
            (
                16,
                numbers(&[9, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0x0807_0605]),
                Call::Write { handle: 9, data: &[5, 6, 7, 8] },
            ),
        ];
        for (opcode, body, call) in cases {
            let bytes = request(opcode, &body);
            assert_eq!(Request::parse(&bytes), Ok(Request { unique: 2, thread: 77, call }), "{opcode}");
        }
        let unknown = request(1234, &[1]);
        assert_eq!(Request::parse(&unknown).unwrap().call, Call::Other { opcode: 1234 });
    }

    #[test]
    fn a_request_that_is_cut_off_or_lies_about_a_length_is_none() {
        for opcode in [4096, 14, 18, 39, 40, 36, 15, 16] {
            let whole = request(opcode, &[0; 40]);
            assert!(Request::parse(&whole).is_ok() || opcode == 39, "{opcode}");
            for length in 0..whole.len() {
                let number = (length >= 40).then_some(2);
                assert_eq!(
                    Request::parse(&whole[..length]),
                    Err(Malformed(number)),
                    "{opcode}, {length} bytes"
                );
            }
        }
        let mut unnumbered = request(14, &[0; 8]);
        unnumbered[8] = 0;
        assert_eq!(Request::parse(&unnumbered), Err(Malformed(None)));
        let ioctl = |says: u32| request(39, &numbers(&[9, 0, 2, 0, 0, 0, says, 0, 1]));
        assert!(Request::parse(&ioctl(4)).is_ok());
        let write = |says: u32| request(16, &numbers(&[9, 0, 0, 0, says, 0, 0, 0, 0, 0, 1]));
        assert!(Request::parse(&write(4)).is_ok());
        for says in [0, 3, 5, 8, u32::MAX] {
            assert_eq!(Request::parse(&ioctl(says)), Err(Malformed(Some(2))), "{says}");
            assert_eq!(Request::parse(&write(says)), Err(Malformed(Some(2))), "{says}");
        }
    }

    #[test]
    fn answers_are_what_the_kernel_reads() {
        assert_eq!(words(&failed(5, libc::EINTR)), [-libc::EINTR as u32, 5, 0]);
        for none in [0, -5, 512, i32::MIN] {
            assert_eq!(words(&failed(5, none))[0], -libc::EIO as u32, "{none}");
        }
        assert_eq!(words(&done(5)), [0, 5, 0]);
        assert_eq!(words(&open(5, 7)), [0, 5, 0, 7, 0, 0, 0]);
        assert_eq!(words(&ioctl(5, 3, &[1, 0, 0, 0, 2, 0, 0, 0])), [0, 5, 0, 3, 0, 0, 0, 1, 2]);
        let span = |at, length| Span { at, length };
        let again = retry(5, &[span(1, 2)], &[span(3, 4), span(5, 6)]);
        assert_eq!(words(&again), [0, 5, 0, 0, 4, 1, 2, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]);
        assert_eq!(words(&poll(5, 0x41)), [0, 5, 0, 0x41, 0]);
        assert_eq!(words(&wake(9)), [1, 0, 0, 9, 0]);
        let made = init(5, 41, "media42");
        let (head, name) = made.split_at(16 + 72);
        assert_eq!(name, b"DEVNAME=media42\0");
        let head: Vec<u32> = head.chunks(4).map(|w| u32::from_ne_bytes(w.try_into().unwrap())).collect();
        assert_eq!(head[4..10], [7, 31, 0, 1, 4096, 4096]);
        assert!(head[10..].iter().all(|&word| word == 0));
    }
}
