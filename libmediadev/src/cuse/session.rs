// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Session`]: a [`Server`] at the end of a channel, a file descriptor of /dev/cuse or one that speaks like it. It ends when the device
//! has gone, or it was stopped, and the last handle has been closed; or when the channel ends.

use super::epoll::AnyOf;
use super::node::Node;
use super::protocol::MAX_REQUEST;
use super::Server;
use crate::error::{error, Error, Kind, Result};
use crate::Device;
use kref::sync::{deadline, left, lock};
use kref::{Ref, Signal};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// See the module's description. Several threads may serve it; each takes a request at a time.
pub struct Session {
    name: String,
    server: Server,
    /// None once it has ended.
    channel: Mutex<Option<Channel>>,
    /// The server has news, or it has ended.
    signal: Arc<Signal>,
    any: AnyOf,
}

struct Channel {
    // First, for it is removed while the channel is open.
    node: Option<Node>,
    file: File,
    /// Where a request is read to.
    buffer: Vec<u8>,
}

impl Session {
    /// Serves a device under a name. The channel does not block.
    pub fn new(device: &Ref<Device>, name: &str, channel: File) -> Result<Self> {
        let failed = |e| failed(name, "epoll", &e);
        let signal = Arc::new(Signal::new().map_err(failed)?);
        let poked = signal.clone();
        let any = AnyOf::new([channel.as_fd(), signal.fd()]).map_err(failed)?;
        let server = Server::new(device, name, move || poked.set())?;
        let channel = Some(Channel { node: None, file: channel, buffer: vec![0; MAX_REQUEST] });
        let session = Session { name: name.to_owned(), server, channel: Mutex::new(channel), signal, any };
        // What the device said before anybody listened.
        session.signal.set();
        Ok(session)
    }

    /// Is readable when [`serve`](Self::serve) has something to do, or nothing ever again.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.any.fd()
    }

    /// Waits until there is something to do, and does it: a request, and what the server has to say unasked. How many messages were
    /// read and written; 0 if the time was over. An error of the kind [`Kind::Gone`] once it has ended.
    pub fn serve(&self, timeout: Option<Duration>) -> Result<usize> {
        let deadline = deadline(timeout);
        loop {
            let left = left(deadline);
            let [request, news] = self.any.wait(left).map_err(|e| failed(&self.name, "epoll_wait", &e))?;
            if !request && !news {
                return Ok(0);
            }
            let mut done = 0;
            if news {
                // First, so that what comes from now on is seen.
                self.signal.clear();
                let news = self.server.news();
                self.write_all(&news)?;
                done += news.len();
            }
            if request {
                if let Some(message) = self.read()? {
                    if let Some(answer) = self.server.receive(&message) {
                        self.write(&answer)?;
                    }
                    done += 1;
                }
            }
            if self.server.is_over() {
                self.close();
            }
            if done > 0 {
                return Ok(done);
            }
            if lock(&self.channel).is_none() {
                return Err(self.over());
            }
        }
    }

    /// The node is removed with the channel, if not before.
    pub(super) fn keep(&self, node: Node) {
        if let Some(channel) = &mut *lock(&self.channel) {
            channel.node = Some(node);
        }
    }

    /// Nobody can open it from now on.
    pub(super) fn remove_node(&self) {
        if let Some(channel) = &mut *lock(&self.channel) {
            channel.node = None;
        }
    }

    /// Removes the node, and ends it for those who have that open: whatever they do is ENODEV, and the channel is closed when the last of
    /// them has closed the node; until then it has to be served.
    pub fn stop(&self) -> Result<()> {
        self.remove_node();
        let news = self.server.stop();
        let told = self.write_all(&news);
        if self.server.is_over() {
            self.close();
        }
        match told {
            Err(error) if error.kind() != Kind::Gone => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes the node and closes the channel at once: who has the node open gets ENOTCONN.
    pub fn close(&self) {
        // Under the lock, so that nobody finds the channel closed and the node still there.
        self.remove_node();
        let channel = lock(&self.channel).take();
        self.signal.hang_up();
        drop(channel);
        // Nobody is there any more to close what is open.
        drop(self.server.stop());
    }

    /// Whether the channel has been closed.
    pub fn is_over(&self) -> bool {
        lock(&self.channel).is_none()
    }

    /// The next request, if there is one.
    fn read(&self) -> Result<Option<Vec<u8>>> {
        let mut channel = lock(&self.channel);
        let Some(Channel { file, buffer, .. }) = &mut *channel else { return Err(self.over()) };
        match file.read(buffer) {
            Ok(0) => (),
            Ok(length) => return Ok(Some(buffer[..length].to_vec())),
            Err(e) => match e.raw_os_error() {
                // Another thread has it, or its caller was killed before it could be read.
                Some(libc::EAGAIN | libc::ENOENT | libc::EINTR) => return Ok(None),
                Some(libc::ENODEV) => (),
                _ => return Err(failed(&self.name, "read", &e)),
            },
        }
        drop(channel);
        self.close();
        Err(self.over())
    }

    /// Each of them is for somebody else, who would wait for ever if it were left out: a failure is told when all have been tried.
    fn write_all(&self, messages: &[Vec<u8>]) -> Result<()> {
        let mut told = Ok(());
        for message in messages {
            told = told.and(self.write(message));
        }
        told
    }

    fn write(&self, message: &[u8]) -> Result<()> {
        let mut channel = lock(&self.channel);
        let Some(Channel { file, .. }) = &mut *channel else { return Err(self.over()) };
        match file.write(message) {
            Ok(_) => return Ok(()),
            Err(e) => match e.raw_os_error() {
                // Who asked has gone, or nobody sleeps any more.
                Some(libc::ENOENT) => return Ok(()),
                Some(libc::ENODEV | libc::EPIPE) => (),
                _ => return Err(failed(&self.name, "write", &e)),
            },
        }
        drop(channel);
        self.close();
        Err(self.over())
    }

    fn over(&self) -> Error {
        error!(Gone, "/dev/{}: it is served no more", self.name)
    }
}

pub(super) fn failed(name: &str, call: &str, e: &io::Error) -> Error {
    Error::new(Kind::Call(e.raw_os_error().unwrap_or(libc::EIO)), format!("/dev/{name}: {call}: {e}"))
}
