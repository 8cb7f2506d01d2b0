// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Node`]: an open `/dev/mediaN`. What it says of itself is remembered, and answers after the device has gone; what needs
//! the device is then ENODEV (M13). It stays the device that it was opened as: a path is looked at once, never again.

mod read;
mod request;
mod setup;
mod subdev;

pub use subdev::{unless_unknown, Subdev};

use crate::error::{error, Error, Kind, Result};
use crate::sys::{self, Errno};
use crate::{uapi, Info, Topology};
use kref::sync::{deadline, left, lock};
use kref::Ref;
use std::ffi::{CStr, CString};
use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

/// See the module's description.
pub struct Node {
    file: OwnedFd,
    name: CString,
    info: Info,
    last: Mutex<read::Last>,
}

/// What the names of nodes begin with; a number follows.
const PREFIX: &str = "media";

/// A media device wakes nobody who polls it when it goes. So who waits for that looks so often.
const LOOK: Duration = Duration::from_millis(50);

impl Node {
    /// Opens a device by path ("/dev/media0"), name ("media0"), bus information ("platform:vimc") or driver ("vimc").
    ///
    /// A driver or bus information that several devices have is [`Kind::NotUnique`]. Where none is found and some could not be
    /// opened, it is the error of that: the device may be among them.
    pub fn open(key: &str) -> Result<Ref<Node>> {
        if key.starts_with('/') || key.starts_with("./") || key.starts_with("../") {
            return Self::open_path(Path::new(key));
        }
        if number(key).is_some() {
            return Self::open_path(&path(key));
        }
        let mut closed = None;
        let mut nodes = Vec::new();
        for name in names() {
            match Self::open_path(&path(&name)) {
                Ok(node) => nodes.push(node),
                // One that goes while the others are looked at is none.
                Err(e) if matches!(e.kind(), Kind::Gone | Kind::NotFound) => {}
                Err(e) => closed = closed.or(Some(e)),
            }
        }
        let says = |text: fn(&Info) -> &CStr| {
            nodes.iter().filter(move |node| text(&node.info).to_bytes() == key.as_bytes())
        };
        for (what, mut found) in [("bus information", says(Info::bus_info)), ("driver", says(Info::driver))] {
            match (found.next(), found.next()) {
                (Some(node), None) => return Ok(node.clone()),
                (Some(one), Some(other)) => {
                    let (one, other) = (one.name_text(), other.name_text());
                    return Err(error!(NotUnique, "{one} and {other} both have the {what} \"{key}\""));
                }
                (None, _) => {}
            }
        }
        Err(closed.unwrap_or_else(|| {
            error!(NotFound, "no media device has the path, name, bus information or driver \"{key}\"")
        }))
    }

    /// Opens the device at this path.
    pub fn open_path(path: &Path) -> Result<Ref<Node>> {
        let at = path.display();
        let file = open_file(path).map_err(|e| match e.raw_os_error() {
            Some(libc::ENOENT) => error!(NotFound, "{at}: there is no such media device"),
            Some(libc::ENODEV | libc::ENXIO) => error!(Gone, "{at}: open: the device is gone"),
            errno => Error::new(Kind::Call(errno.unwrap_or(libc::EIO)), format!("{at}: open: {e}")),
        })?;
        let mut info = <uapi::DeviceInfo as uapi::Plain>::zero();
        sys::ioctl(file.as_fd(), uapi::DEVICE_INFO, &mut info).map_err(|errno| match errno {
            libc::ENOTTY => error!(Invalid, "{at}: MEDIA_IOC_DEVICE_INFO: this is not a media device"),
            errno => fault(file.as_fd(), &at, "MEDIA_IOC_DEVICE_INFO", errno),
        })?;
        let name = path.as_os_str().as_bytes().rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        let name = CString::new(name).map_err(|_| error!(Invalid, "{at}: a path has no NUL"))?;
        Ok(Ref::new(Node { file: file.into(), name, info: Info::of(info), last: Mutex::default() }))
    }

    /// The name that follows `prev` in the list of all media devices, by number.
    pub fn next(prev: Option<&str>) -> Option<String> {
        let after = prev.map(place);
        names().into_iter().find(|name| after.is_none_or(|after| place(name) > after))
    }

    /// What it is called: the last part of the path that it was opened by.
    pub fn name(&self) -> &CStr {
        &self.name
    }

    fn name_text(&self) -> std::borrow::Cow<'_, str> {
        self.name.to_string_lossy()
    }

    /// What the device said of itself when it was opened.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Whether it is still there, at some moment.
    pub fn is_alive(&self) -> bool {
        !sys::has_hung_up(self.file.as_fd())
    }

    /// A file descriptor that says ERR or HUP when polled after the device has gone. Nobody who polls it already is woken then.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// Waits until the device has gone, no longer than `timeout` (None: for ever).
    pub fn wait_gone(&self, timeout: Option<Duration>) -> Result<()> {
        let deadline = deadline(timeout);
        loop {
            let left = left(deadline);
            let look = left.map_or(LOOK, |left| left.min(LOOK));
            match sys::poll([self.file.as_fd()], look).map_err(|errno| self.fault("poll", errno))? {
                [ready] if ready.hung_up => return Ok(()),
                _ if left == Some(Duration::ZERO) => {
                    return Err(error!(TimedOut, "{self}: the device is still there"))
                }
                _ => {}
            }
        }
    }

    /// The graph as it is now.
    ///
    /// One call of the kernel as a rule; three the first time for a large graph, and more where it has grown. Where nothing has
    /// changed, it is the topology that was read last.
    pub fn topology_read(&self) -> Result<Ref<Topology>> {
        let mut last = lock(&self.last).take();
        let room = last.known.as_deref().map_or(read::FIRST_ROOM, read::room_for);
        let has_indexes = self.info.raw().media_version >= read::PADS_HAVE_INDEXES;
        let read = match read::topology(&self.file.as_fd(), room, &mut last, has_indexes) {
            Err(read::Failure::Call("MEDIA_IOC_G_TOPOLOGY", libc::ENOTTY)) => {
                read::legacy(&self.file.as_fd()).inspect(|read| last.known = Some(read.clone()))
            }
            read => read,
        };
        let topology = read.map_err(|failure| self.failed(failure))?;
        // A device that is being taken away is emptied first, under the eyes of who came before that (M13).
        if topology.num_entities() == 0 && !self.is_alive() {
            return Err(self.fault("MEDIA_IOC_G_TOPOLOGY", libc::ENODEV));
        }
        // Dropped when the lock is free again.
        let _before = std::mem::replace(&mut *lock(&self.last), last);
        Ok(topology)
    }

    /// The graph as the first version of the kernel's interface tells it, for which kernels before 4.5 know nothing else: without
    /// ids of pads and links (they are made up, and differ from reading to reading where the graph does), and with the interfaces
    /// that can be guessed. [`topology_read`](Self::topology_read) does this by itself where it must.
    pub fn topology_read_legacy(&self) -> Result<Ref<Topology>> {
        let read = read::legacy(&self.file.as_fd());
        read.map_err(|failure| self.failed(failure))
    }

    fn failed(&self, failure: read::Failure) -> Error {
        match failure {
            read::Failure::Call(call, errno) => self.fault(call, errno),
            read::Failure::Malformed(error) => Error::new(error.kind(), format!("{self}: {error}")),
            read::Failure::Restless => Error::new(
                Kind::Call(libc::EAGAIN),
                format!("{self}: the graph changes faster than it can be read"),
            ),
        }
    }

    /// What a call failed with (M13).
    #[cold]
    fn fault(&self, call: &str, errno: Errno) -> Error {
        fault(self.file.as_fd(), self, call, errno)
    }
}

impl std::fmt::Display for Node {
    /// `media0 (platform:vimc)`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (bus, driver) = (self.info.bus_info(), self.info.driver());
        let which = if bus.is_empty() { driver } else { bus };
        write!(f, "{} ({})", self.name_text(), which.to_string_lossy())
    }
}

/// What a call on a media device failed with. Gone is what says so, or what poll confirms: media devices of Linux answer EIO then,
/// EINVAL when read from (M13).
fn fault(fd: BorrowedFd<'_>, about: &dyn std::fmt::Display, call: &str, errno: Errno) -> Error {
    match errno {
        libc::EIO | libc::EINVAL if sys::has_hung_up(fd) => failed(about, call, libc::ENODEV),
        errno => failed(about, call, errno),
    }
}

/// What a call failed with.
fn failed(about: &dyn std::fmt::Display, call: &str, errno: Errno) -> Error {
    let gone = matches!(errno, libc::ENODEV | libc::ENXIO | libc::ENOTCONN | libc::ECONNABORTED);
    let says = io::Error::from_raw_os_error(errno);
    match errno {
        _ if gone => error!(Gone, "{about}: {call}: the device is gone"),
        libc::EBUSY => error!(Busy, "{about}: {call}: {says}"),
        libc::ENOTTY => error!(Unsupported, "{about}: {call}: the device does not know this call"),
        errno => Error::new(Kind::Call(errno), format!("{about}: {call}: {says}")),
    }
}

/// Opens a device.
fn open_file(path: &Path) -> io::Result<fs::File> {
    // Without O_NONBLOCK a FIFO of that name would hang us; and nothing here may block in a read.
    fs::OpenOptions::new().read(true).write(true).custom_flags(libc::O_NONBLOCK).open(path)
}

/// The number in the name of a node.
fn number(name: &str) -> Option<u32> {
    name.strip_prefix(PREFIX).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
}

/// Where in the list a name is: by its number, and any other behind those.
fn place(name: &str) -> (u64, &str) {
    (number(name).map_or(u64::MAX, u64::from), name)
}

/// Where the node of that name is.
fn path(name: &str) -> std::path::PathBuf {
    Path::new("/dev").join(name)
}

/// The names of the nodes that are there, by number.
fn names() -> Vec<String> {
    let entries = fs::read_dir("/dev").into_iter().flatten().flatten();
    // Links lead to devices that have a name of their own.
    let devices = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_char_device()));
    let names = devices.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<_> = names.filter(|name| number(name).is_some()).collect();
    names.sort_by(|a, b| place(a).cmp(&place(b)));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_with_a_number() {
        assert_eq!(
            ["media0", "media12", "media", "media1a", "media+1", "video0"].map(number),
            [Some(0), Some(12), None, None, None, None]
        );
        assert!(place("media2") < place("media10") && place("media10") < place("cec0"));
    }

    #[test]
    fn what_is_no_media_device_is_refused_by_name() {
        let told = |key: &str| {
            let error = Node::open(key).err().unwrap();
            (error.kind(), error.to_string())
        };
        assert_eq!(told("/dev/null").0, Kind::Invalid);
        assert_eq!(told("/dev/null").1, "/dev/null: MEDIA_IOC_DEVICE_INFO: this is not a media device");
        assert_eq!(
            told("/proc/self/comm").1,
            "/proc/self/comm: MEDIA_IOC_DEVICE_INFO: this is not a media device"
        );
        assert_eq!(
            told("/dev/no-such"),
            (Kind::NotFound, "/dev/no-such: there is no such media device".into())
        );
        assert_eq!(told("media4000000").0, Kind::NotFound);
        let none = told("platform:no-such").1;
        assert_eq!(
            none,
            "no media device has the path, name, bus information or driver \"platform:no-such\""
        );
    }

    #[test]
    fn m13_gone_is_what_says_so_or_what_poll_confirms() {
        let (reader, writer) = io::pipe().unwrap();
        let kind = |errno| fault(reader.as_fd(), &"media0", "ioctl", errno).kind();
        let saying = [libc::ENODEV, libc::ENXIO, libc::ENOTCONN, libc::ECONNABORTED];
        assert!(saying.iter().all(|&errno| kind(errno) == Kind::Gone));
        assert_eq!([libc::EIO, libc::EINVAL].map(kind), [Kind::Call(libc::EIO), Kind::Call(libc::EINVAL)]);
        assert_eq!([libc::EBUSY, libc::ENOTTY].map(kind), [Kind::Busy, Kind::Unsupported]);
        drop(writer);
        assert_eq!(
            [libc::EIO, libc::EINVAL, libc::EPIPE].map(kind),
            [Kind::Gone, Kind::Gone, Kind::Call(libc::EPIPE)]
        );
        let gone = fault(reader.as_fd(), &"media0", "ioctl", libc::EIO);
        assert_eq!(
            (gone.errno(), gone.to_string()),
            (libc::ENODEV, "media0: ioctl: the device is gone".into())
        );
    }
}
