// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Signal`]: tells those who sleep in poll() that something has come, or that nothing ever will.

#[cfg(not(loom))]
use crate::sync::lock;
use std::io::{PipeReader, PipeWriter, Read, Result, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

/// A file descriptor that is readable from [`set`](Self::set) to [`clear`](Self::clear), and hangs up for good after
/// [`hang_up`](Self::hang_up).
pub struct Signal {
    reader: PipeReader,
    /// None once it has hung up.
    writer: std::sync::Mutex<Option<PipeWriter>>,
}

impl Signal {
    /// One that is not readable. It needs two file descriptors.
    pub fn new() -> Result<Self> {
        let (reader, writer) = std::io::pipe()?;
        let writer = Some(nonblocking(writer)?).into();
        Ok(Signal { reader: nonblocking(reader)?, writer })
    }

    /// Makes it readable. A pipe that is full already is readable.
    pub fn set(&self) {
        if let Some(writer) = &mut *hold(&self.writer) {
            let _ = writer.write(&[0]);
        }
    }

    /// Makes it unreadable, unless it has been set meanwhile.
    pub fn clear(&self) {
        let mut some = [0; 64];
        while (&self.reader).read(&mut some).is_ok_and(|got| got == some.len()) {}
    }

    /// Nothing will come any more; what was set can still be seen.
    pub fn hang_up(&self) {
        hold(&self.writer).take();
    }

    /// For poll().
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }
}

/// Nobody will block in it. The call that std makes for sockets is one that every file descriptor understands.
fn nonblocking<P: Into<OwnedFd> + From<OwnedFd>>(pipe: P) -> Result<P> {
    let fd = UnixStream::from(pipe.into());
    fd.set_nonblocking(true)?;
    Ok(OwnedFd::from(fd).into())
}

/// A model has locks of its own kind, and no file descriptors.
fn hold<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    #[cfg(not(loom))]
    return lock(mutex);
    #[cfg(loom)]
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    /// What a read of the file descriptor says: something, nothing yet, or nothing ever.
    fn read(signal: &Signal) -> std::result::Result<bool, ErrorKind> {
        (&signal.reader).read(&mut [0; 256]).map(|got| got > 0).map_err(|e| e.kind())
    }

    #[test]
    fn it_is_readable_when_it_was_set() {
        let signal = Signal::new().unwrap();
        assert_eq!(read(&signal), Err(ErrorKind::WouldBlock));
        (0..100_000).for_each(|_| signal.set());
        assert_eq!(read(&signal), Ok(true));
        signal.clear();
        assert_eq!(read(&signal), Err(ErrorKind::WouldBlock));
        signal.set();
        signal.hang_up();
        signal.set();
        assert_eq!((read(&signal), read(&signal)), (Ok(true), Ok(false)));
    }
}
