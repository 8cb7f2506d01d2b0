// SPDX-License-Identifier: MIT OR Apache-2.0
//! Chips of the system: `/dev/gpiochipN`, interface version 2. The kernel itself revokes: whatever we do with a file
//! descriptor of a chip that has gone is ENODEV (G4), so nothing here has to keep track of that.

mod pack;
mod uapi;

use super::{Changes, Claimed, Identity, Lines, Provider, RequestError, Wanted};
use crate::chip::Chip;
use crate::config::Config;
use crate::error::{invalid, not_found, Error, Fault, Result};
use crate::info::{Change, Event, InfoEvent, LineInfo};
use crate::sys;
use kref::Ref;
use once_cell::sync::OnceCell;
use std::fs::{self, File};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;
use uapi::{text, Flags, Plain};

pub(crate) use pack::mask;

/// What the names of chips begin with; a number follows.
pub(crate) const PREFIX: &str = "gpiochip";

/// The number in the name of a chip.
pub(crate) fn number(name: &str) -> Option<u32> {
    name.strip_prefix(PREFIX).and_then(|digits| digits.parse().ok())
}

/// Where the chip of that name is.
pub(crate) fn path(name: &str) -> PathBuf {
    Path::new("/dev").join(name)
}

/// The names of the chips that are there.
pub(crate) fn names() -> Vec<String> {
    let entries = fs::read_dir("/dev").into_iter().flatten().flatten();
    // Links lead to chips that have a name of their own.
    let chips = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_char_device()));
    chips
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| number(name).is_some())
        .collect()
}

/// Opens the chip at `path`.
pub(crate) fn open(path: &Path) -> Result<Ref<Chip>> {
    let at = path.display();
    let (file, device) = open_device(path).map_err(|source| match source.raw_os_error() {
        Some(libc::ENOENT) => not_found!("{at}: there is no such GPIO chip"),
        Some(libc::ENODEV | libc::ENXIO) => Error::Gone(format!("{at}: open: the chip is gone")),
        Some(libc::ENOTTY) => invalid!("{at}: this is not a GPIO chip"),
        _ => Error::Call { what: at.to_string(), call: "open", source },
    })?;
    let mut info = uapi::ChipInfo::zeroed();
    uapi::GET_CHIPINFO.on(file.as_fd(), &mut info).map_err(|fault| match fault.errno {
        libc::ENOTTY | libc::EINVAL => invalid!("{at}: {}: this is not a GPIO chip", fault.call),
        _ => fault.about(|| at.to_string()),
    })?;
    let provider = SystemChip { file: file.into(), path: path.to_owned(), device };
    Ok(Ref::new(Chip::new(&text(&info.name), &text(&info.label), info.lines, Box::new(provider))?))
}

/// Opens a character device, and says which one it is.
fn open_device(path: &Path) -> io::Result<(File, u64)> {
    // Without O_NONBLOCK a FIFO of that name would hang us; and nothing here may block in a read (G6).
    let file = fs::OpenOptions::new().read(true).write(true).custom_flags(libc::O_NONBLOCK).open(path)?;
    let meta = file.metadata()?;
    match meta.file_type().is_char_device() {
        true => Ok((file, meta.rdev())),
        false => Err(io::Error::from_raw_os_error(libc::ENOTTY)),
    }
}

struct SystemChip {
    file: OwnedFd,
    path: PathBuf,
    device: u64,
}

impl Provider for SystemChip {
    fn identity(&self) -> Identity {
        Identity::Device(self.device)
    }

    fn is_alive(&self) -> bool {
        !sys::has_hung_up(self.file.as_fd())
    }

    fn fd(&self) -> std::result::Result<BorrowedFd<'_>, Fault> {
        Ok(self.file.as_fd())
    }

    fn line_info(&self, offset: u32) -> std::result::Result<LineInfo, Fault> {
        let mut info = uapi::Info { offset, ..uapi::Info::zeroed() };
        uapi::GET_LINEINFO.on(self.file.as_fd(), &mut info)?;
        Ok(snapshot(&info))
    }

    fn request(&self, wanted: &Wanted<'_>) -> std::result::Result<Claimed, RequestError> {
        let mut request = uapi::LineRequest::zeroed();
        request.offsets[..wanted.offsets.len()].copy_from_slice(wanted.offsets);
        request.num_lines = wanted.offsets.len() as u32;
        request.consumer = *wanted.consumer.bytes();
        pack::pack(wanted.configs, &mut request.config).map_err(RequestError::Error)?;
        let buffered = wanted.configs.iter().map(|config| config.event_buffer).max().unwrap_or(0);
        // A queue of the kernel's has two places at least, and it refuses to be asked for one.
        request.event_buffer_size = if buffered == 1 { 2 } else { buffered };
        let lines = uapi::get_line(self.file.as_fd(), &mut request)?;
        Ok(Claimed::System(SystemLines::new(lines)))
    }

    /// On a file descriptor of its own, for the kernel queues changes for each.
    fn watch(&self, offsets: &[u32]) -> std::result::Result<Box<dyn Changes>, Fault> {
        let reopened = open_device(&self.path)
            .map_err(|e| Fault { call: "open", errno: e.raw_os_error().unwrap_or(libc::EIO) });
        let (file, device) = reopened.map_err(|fault| match fault.errno {
            libc::ENOENT | libc::ENXIO => Fault { errno: libc::ENODEV, ..fault },
            _ => fault,
        })?;
        if device != self.device {
            // Somebody else's chip is called so by now: ours has gone.
            return Err(Fault { call: "open", errno: libc::ENODEV });
        }
        for &offset in offsets {
            let mut info = uapi::Info { offset, ..uapi::Info::zeroed() };
            uapi::WATCH_LINEINFO.on(file.as_fd(), &mut info)?;
        }
        Ok(Box::new(SystemChanges(file.into())))
    }
}

fn snapshot(info: &uapi::Info) -> LineInfo {
    LineInfo {
        offset: info.offset,
        name: text(&info.name),
        consumer: text(&info.consumer),
        used: Flags::from_bits_retain(info.flags).contains(Flags::USED),
        config: pack::unpack(info),
    }
}

/// Lines of a chip of the system.
pub(crate) struct SystemLines {
    /// The file descriptor that claims them.
    fd: OwnedFd,
    turn: Mutex<()>,
    nonblocking: OnceCell<()>,
}

impl SystemLines {
    fn new(fd: OwnedFd) -> Self {
        SystemLines { fd, turn: Mutex::new(()), nonblocking: OnceCell::new() }
    }

    /// G6: a thread that blocks in a read of lines keeps the kernel from removing their chip. So before anybody reads or gets
    /// the file descriptor; a line that is only set never needs this call.
    fn nonblocking(&self) -> std::result::Result<BorrowedFd<'_>, Fault> {
        self.nonblocking.get_or_try_init(|| sys::set_nonblocking(self.fd.as_fd()))?;
        Ok(self.fd.as_fd())
    }
}

impl Lines for SystemLines {
    #[inline]
    fn get(&self, mask: u64) -> std::result::Result<u64, Fault> {
        let mut values = uapi::LineValues { bits: 0, mask };
        uapi::GET_VALUES.on(self.fd.as_fd(), &mut values)?;
        Ok(values.bits & mask)
    }

    #[inline]
    fn set(&self, mask: u64, values: u64) -> std::result::Result<(), Fault> {
        uapi::SET_VALUES.on(self.fd.as_fd(), &mut uapi::LineValues { bits: values, mask })
    }

    fn in_turn(&self, work: &mut dyn FnMut()) -> std::result::Result<(), Fault> {
        let _turn = kref::sync::lock(&self.turn);
        work();
        Ok(())
    }

    fn reconfigure(&self, configs: &[Config]) -> std::result::Result<(), RequestError> {
        let mut packed = uapi::LineConfig::zeroed();
        pack::pack(configs, &mut packed).map_err(RequestError::Error)?;
        Ok(uapi::SET_CONFIG.on(self.fd.as_fd(), &mut packed)?)
    }

    fn is_alive(&self) -> bool {
        !sys::has_hung_up(self.fd.as_fd())
    }

    fn fd(&self) -> std::result::Result<BorrowedFd<'_>, Fault> {
        self.nonblocking()
    }

    fn has_events(&self) -> std::result::Result<bool, Fault> {
        has_some(self.fd.as_fd())
    }

    fn read(&self, into: &mut [MaybeUninit<Event>]) -> std::result::Result<usize, Fault> {
        let fd = self.nonblocking()?;
        let mut records = [const { MaybeUninit::uninit() }; EVENTS_AT_ONCE];
        let mut filled = 0;
        while filled < into.len() {
            let room = (into.len() - filled).min(EVENTS_AT_ONCE);
            let got = match uapi::read_records::<uapi::LineEvent>(fd, &mut records[..room]) {
                Ok(got) => got,
                // What has been read is still delivered; the next call says that the chip is gone (G5).
                Err(fault) if filled == 0 => return Err(fault),
                Err(_) => break,
            };
            for (slot, record) in into[filled..].iter_mut().zip(got) {
                slot.write(event(record));
            }
            filled += got.len();
            if got.len() < room {
                break;
            }
        }
        Ok(filled)
    }
}

/// Whether there is something to read from a file descriptor of the kernel's; ENODEV if nothing ever will be.
fn has_some(fd: BorrowedFd<'_>) -> std::result::Result<bool, Fault> {
    match sys::poll([fd], Some(Instant::now()))? {
        [ready] if ready.hung_up => Err(Fault { call: "poll", errno: libc::ENODEV }),
        [ready] => Ok(ready.input),
    }
}

/// As many as the kernel hands over in one read of a buffer that is not large for a stack: 3 kB.
const EVENTS_AT_ONCE: usize = 64;

fn event(record: &uapi::LineEvent) -> Event {
    Event {
        timestamp_ns: record.timestamp_ns,
        // The kernel's numbers are ours.
        kind: record.id,
        offset: record.offset,
        line_seqno: record.line_seqno,
        global_seqno: record.seqno,
    }
}

struct SystemChanges(OwnedFd);

impl Changes for SystemChanges {
    fn fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    fn has_some(&self) -> std::result::Result<bool, Fault> {
        has_some(self.0.as_fd())
    }

    fn read(&self) -> std::result::Result<Option<InfoEvent>, Fault> {
        let mut record = [MaybeUninit::uninit()];
        let [record] = uapi::read_records::<uapi::InfoChanged>(self.0.as_fd(), &mut record)? else {
            return match sys::has_hung_up(self.0.as_fd()) {
                true => Err(Fault { call: "read", errno: libc::ENODEV }),
                false => Ok(None),
            };
        };
        let change = match record.event_type {
            1 => Change::Requested,
            2 => Change::Released,
            _ => Change::Reconfigured,
        };
        Ok(Some(InfoEvent { timestamp_ns: record.timestamp_ns, change, info: snapshot(&record.info) }))
    }
}

/// Lines that somebody else has requested from the system.
pub(crate) struct Adopted {
    pub(crate) chip: Ref<Chip>,
    pub(crate) offsets: Vec<u32>,
    pub(crate) lines: SystemLines,
}

/// Takes over the lines of a file descriptor, and finds out which they are.
pub(crate) fn adopt(fd: OwnedFd) -> Result<Adopted> {
    let what = format!("file descriptor {}", fd.as_raw_fd());
    let info = fs::read_to_string(format!("/proc/self/fdinfo/{}", fd.as_raw_fd()));
    let info =
        info.map_err(|source| Error::Call { what: what.clone(), call: "/proc/self/fdinfo", source })?;
    let said = |key: &'static str| {
        let lines = info.lines().filter_map(|line| line.split_once(':'));
        lines.filter(move |(k, _)| *k == key).map(|(_, value)| value.trim())
    };
    let offsets: Vec<u32> = said("gpio-line").filter_map(|offset| offset.parse().ok()).collect();
    let (Some(name), false) = (said("gpio-chip").next(), offsets.is_empty()) else {
        return Err(invalid!("{what} is not one of requested GPIO lines"));
    };
    // The number of a chip that has gone is not given away as long as somebody has lines of it, so the name is still its.
    let chip = open(&path(name)).map_err(|error| match error {
        Error::NotFound(_) => Error::Gone(format!("{what}: {name}, of which it has lines, is gone")),
        other => other,
    })?;
    Ok(Adopted { chip, offsets, lines: SystemLines::new(fd) })
}
