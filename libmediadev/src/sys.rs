// SPDX-License-Identifier: MIT OR Apache-2.0
//! The few things of the system that std has no word for.
#![allow(unsafe_code)]

use crate::error::{error, Error, Kind};
use crate::topology::Arrays;
use crate::uapi::{self, v4l2, Plain};
use std::ffi::CStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::ptr::NonNull;
use std::time::Duration;

/// A positive errno.
pub(crate) type Errno = i32;

fn last_errno() -> Errno {
    io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO)
}

/// Tells a file, or a pipe, from every other one that is open: its device and its inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileId(libc::dev_t, libc::ino_t);

/// Which file a number stands for: EBADF where it stands for none.
pub(crate) fn file_id(fd: RawFd) -> Result<FileId, Errno> {
    let mut told = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: room for what the call tells, and the call has told it where it succeeds.
    unsafe {
        match libc::fstat(fd, told.as_mut_ptr()) {
            0 => Ok(told.assume_init()),
            _ => Err(last_errno()),
        }
    }
    .map(|told| FileId(told.st_dev, told.st_ino))
}

/// Whether a name matches the shell's pattern.
pub(crate) fn matches(glob: &CStr, name: &CStr) -> bool {
    // SAFETY: two C strings, which are only read.
    unsafe { libc::fnmatch(glob.as_ptr(), name.as_ptr(), 0) == 0 }
}

/// The path of a character device, as the system calls it now.
pub(crate) fn device_node(major: u32, minor: u32) -> crate::Result<String> {
    let about = format!("/sys/dev/char/{major}:{minor}/uevent");
    let told = std::fs::read_to_string(&about).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => error!(NotFound, "no device has the numbers {major}:{minor}"),
        _ => Error::new(Kind::Call(e.raw_os_error().unwrap_or(libc::EIO)), format!("{about}: {e}")),
    })?;
    let name = told.lines().find_map(|line| line.strip_prefix("DEVNAME="));
    name.map(|name| format!("/dev/{name}"))
        .ok_or_else(|| error!(NotFound, "the device {major}:{minor} has no node"))
}

/// The numbers of a device.
pub(crate) fn device_numbers(device: u64) -> (u32, u32) {
    (libc::major(device), libc::minor(device))
}

/// The numbers of the character device at a path.
pub(crate) fn device_at(path: &std::path::Path) -> crate::Result<(u32, u32)> {
    let at = path.display();
    let meta = std::fs::metadata(path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => error!(NotFound, "{at}: there is no such device"),
        _ => Error::new(Kind::Call(e.raw_os_error().unwrap_or(libc::EIO)), format!("{at}: {e}")),
    })?;
    match meta.file_type().is_char_device() {
        true => Ok(device_numbers(meta.rdev())),
        false => Err(error!(Invalid, "{at}: this is not a character device")),
    }
}

/// What an ioctl reads and writes, without addresses of anything else.
///
/// # Safety
/// No field of it is an address that the kernel follows.
pub(crate) unsafe trait Flat: Plain {}

macro_rules! flat {
    ($($type:ty)*) => { $(
        // SAFETY: its fields are numbers and texts.
        unsafe impl Flat for $type {}
    )* };
}
flat! {
    uapi::DeviceInfo uapi::EntityDesc uapi::LinkDesc u32
    v4l2::PadFormat v4l2::Selection v4l2::FrameInterval v4l2::ClientCapability
}

/// Calls the kernel with an argument that it reads and writes.
#[inline]
pub(crate) fn ioctl<T: Flat>(fd: BorrowedFd<'_>, request: u32, argument: &mut T) -> Result<(), Errno> {
    // SAFETY: the kernel follows no address in there (Flat).
    unsafe { ioctl_of(fd, request, argument) }
}

/// Calls the kernel without an argument.
pub(crate) fn ioctl_alone(fd: BorrowedFd<'_>, request: u32) -> Result<(), Errno> {
    assert!(request >> 16 == 0, "the call takes something");
    // SAFETY: nothing is read or written, as the number says.
    match unsafe { libc::ioctl(fd.as_raw_fd(), request as libc::Ioctl) } {
        0.. => Ok(()),
        _ => Err(last_errno()),
    }
}

/// # Safety
/// Addresses in the argument are 0 or those of memory that the kernel may write what the argument says to.
#[inline]
unsafe fn ioctl_of<T: Plain>(fd: BorrowedFd<'_>, request: u32, argument: &mut T) -> Result<(), Errno> {
    assert!(request >> 16 & 0x3fff == size_of::<T>() as u32, "the call takes something else");
    // SAFETY: the number says how much is read and written, and that is a T, of which any bytes are one (Plain).
    match unsafe { libc::ioctl(fd.as_raw_fd(), request as libc::Ioctl, std::ptr::from_mut(argument)) } {
        0.. => Ok(()),
        _ => Err(last_errno()),
    }
}

/// MEDIA_IOC_REQUEST_ALLOC: the file descriptor is the caller's.
pub(crate) fn request_alloc(fd: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    let mut made = u32::MAX;
    ioctl(fd, uapi::REQUEST_ALLOC, &mut made)?;
    match made.cast_signed() {
        // SAFETY: the kernel has just made it for us.
        made @ 0.. => Ok(unsafe { OwnedFd::from_raw_fd(made) }),
        _ => Err(libc::EIO),
    }
}

/// How many things there are of each kind: entities, interfaces, pads, links.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts(pub(crate) [u32; 4]);

/// MEDIA_IOC_G_TOPOLOGY without room for anything: the version and how many things there are.
pub(crate) fn topology_counts(fd: BorrowedFd<'_>) -> Result<(u64, Counts), Errno> {
    let mut head = uapi::TopologyHead::zero();
    // SAFETY: there are no addresses in it.
    unsafe { ioctl_of(fd, uapi::G_TOPOLOGY, &mut head) }?;
    Ok((head.version, Counts([head.num_entities, head.num_interfaces, head.num_pads, head.num_links])))
}

/// MEDIA_IOC_G_TOPOLOGY with so much room: ENOSPC if that is not enough. The version, and what there is, in the spare memory.
pub(crate) fn topology(
    fd: BorrowedFd<'_>,
    Counts(room): Counts,
    spare: Vec<u32>,
) -> Result<(u64, Arrays), Errno> {
    let mut arrays = Arrays::room(room.map(|count| count as usize), spare).map_err(|_| libc::ENOMEM)?;
    let [entities, interfaces, pads, links] = arrays.addresses();
    let [num_entities, num_interfaces, num_pads, num_links] = room;
    let mut head = uapi::TopologyHead {
        num_entities,
        entities,
        num_interfaces,
        interfaces,
        num_pads,
        pads,
        num_links,
        links,
        ..uapi::TopologyHead::zero()
    };
    // SAFETY: at each address there is room for the number of structs beside it. A device of a hostile provider may write less than
    // it says, and then there are zeros, or what it told before.
    unsafe { ioctl_of(fd, uapi::G_TOPOLOGY, &mut head) }?;
    let came = [head.num_entities, head.num_interfaces, head.num_pads, head.num_links];
    match arrays.shorten(came.map(|count| count as usize)) {
        true => Ok((head.version, arrays)),
        // A device that says so has written nothing, or what we did not ask it to.
        false => Err(libc::ENOSPC),
    }
}

/// MEDIA_IOC_ENUM_LINKS: the pads of an entity, and the links that come from it, so many as it has been said to have.
///
/// The kernel is not told how much room there is. Where there are more by now than was said, it meets the end of the memory, and
/// it is EFAULT.
pub(crate) fn enum_links(
    fd: BorrowedFd<'_>,
    entity: u32,
    pads: u16,
    links: u16,
) -> Result<(Vec<uapi::PadDesc>, Vec<uapi::LinkDesc>), Errno> {
    let (pads, links) = (Ending::<uapi::PadDesc>::new(pads)?, Ending::<uapi::LinkDesc>::new(links)?);
    let mut argument = uapi::LinksEnum {
        entity,
        pads: pads.first.as_ptr() as u64,
        links: links.first.as_ptr() as u64,
        ..uapi::LinksEnum::zero()
    };
    // SAFETY: behind the room at these addresses nothing can be written.
    unsafe { ioctl_of(fd, uapi::ENUM_LINKS, &mut argument) }?;
    Ok((pads.copied(), links.copied()))
}

/// Room for some structs, zeros at first, and behind it a page that nobody can touch.
struct Ending<T> {
    mapped: NonNull<libc::c_void>,
    size: usize,
    first: NonNull<T>,
    count: usize,
}

impl<T: Plain> Ending<T> {
    fn new(count: u16) -> Result<Self, Errno> {
        const PAGE: usize = 1 << 16; // A multiple of any machine's.
        let count = usize::from(count);
        let used = (count * size_of::<T>()).next_multiple_of(PAGE);
        let size = used + PAGE;
        let (protection, flags) = (libc::PROT_NONE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: new memory, wherever there is some; then access to all but its last page, for nothing at all if count is 0.
        unsafe {
            let mapped = libc::mmap(std::ptr::null_mut(), size, protection, flags, -1, 0);
            if mapped == libc::MAP_FAILED {
                return Err(last_errno());
            }
            let first = mapped.byte_add(used - count * size_of::<T>()).cast::<T>();
            let (Some(mapped), Some(first)) = (NonNull::new(mapped), NonNull::new(first)) else {
                return Err(libc::ENOMEM);
            };
            let this = Ending { mapped, size, first, count };
            match used > 0 && libc::mprotect(mapped.as_ptr(), used, libc::PROT_READ | libc::PROT_WRITE) != 0 {
                true => Err(last_errno()),
                false => Ok(this),
            }
        }
    }

    fn copied(&self) -> Vec<T> {
        // SAFETY: `count` structs, zeros or what the kernel wrote; pages end where any T can. Nobody writes to them now.
        unsafe { std::slice::from_raw_parts(self.first.as_ptr(), self.count) }.to_vec()
    }
}

impl<T> Drop for Ending<T> {
    fn drop(&mut self) {
        // SAFETY: mapped by `new`, and nothing refers to it any more.
        unsafe { libc::munmap(self.mapped.as_ptr(), self.size) };
    }
}

/// VIDIOC_SUBDEV_G_ROUTING: so many routes as fit, and how many there are.
pub(crate) fn routes(fd: BorrowedFd<'_>, routes: &mut [v4l2::Route]) -> Result<usize, Errno> {
    routing(fd, v4l2::G_ROUTING, routes, 0)
}

/// VIDIOC_SUBDEV_S_ROUTING.
pub(crate) fn set_routes(fd: BorrowedFd<'_>, routes: &mut [v4l2::Route]) -> Result<(), Errno> {
    let count = routes.len();
    routing(fd, v4l2::S_ROUTING, routes, count).map(drop)
}

fn routing(fd: BorrowedFd<'_>, request: u32, routes: &mut [v4l2::Route], num: usize) -> Result<usize, Errno> {
    let mut argument = v4l2::Routing {
        which: v4l2::ACTIVE,
        len_routes: routes.len().try_into().map_err(|_| libc::EINVAL)?,
        routes: routes.as_mut_ptr() as u64,
        num_routes: num as u32,
        reserved: [0; 11],
    };
    // SAFETY: at the address there is room for so many, and any bytes are a Route (Plain).
    unsafe { ioctl_of(fd, request, &mut argument) }?;
    Ok(argument.num_routes as usize)
}

/// What [`poll`] found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ready {
    /// What was asked for has come.
    pub(crate) urgent: bool,
    /// ERR or HUP.
    pub(crate) hung_up: bool,
}

/// Sleeps until one of `fds` has urgent data (POLLPRI), an error or a hang-up, or until the time is over; what each of them tells.
pub(crate) fn poll<const N: usize>(fds: [BorrowedFd<'_>; N], time: Duration) -> Result<[Ready; N], Errno> {
    let mut polled = fds.map(|fd| libc::pollfd { fd: fd.as_raw_fd(), events: libc::POLLPRI, revents: 0 });
    let limit = libc::timespec {
        // A limit beyond what the system can count is one that never comes.
        tv_sec: time.as_secs().try_into().unwrap_or(libc::time_t::MAX),
        tv_nsec: time.subsec_nanos().into(),
    };
    // SAFETY: N structs, a limit, and the caller's signal mask.
    match unsafe { libc::ppoll(polled.as_mut_ptr(), N as libc::nfds_t, &limit, std::ptr::null()) } {
        0.. => Ok(polled.map(|p| Ready {
            urgent: p.revents & libc::POLLPRI != 0,
            hung_up: p.revents & (libc::POLLHUP | libc::POLLERR | libc::POLLNVAL) != 0,
        })),
        _ => Err(last_errno()),
    }
}

/// Whether nothing will ever come from `fd` any more.
pub(crate) fn has_hung_up(fd: BorrowedFd<'_>) -> bool {
    poll([fd], Duration::ZERO).is_ok_and(|[ready]| ready.hung_up)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd;

    #[test]
    fn behind_what_ends_nothing_can_be_written() {
        let (reader, writer) = io::pipe().unwrap();
        for count in [0, 1, 3, 4000] {
            let room = Ending::<uapi::PadDesc>::new(count).unwrap();
            assert_eq!(room.copied().len(), usize::from(count));
            assert!(room.copied().iter().all(|pad| pad.bytes().iter().all(|&byte| byte == 0)));
            let size = usize::from(count) * size_of::<uapi::PadDesc>();
            io::Write::write_all(&mut &writer, &vec![7; size.min(60) + 1]).unwrap();
            // SAFETY: the kernel writes so many bytes, or says that it cannot.
            let read = |at: usize, bytes: usize| unsafe {
                libc::read(reader.as_raw_fd(), room.first.as_ptr().byte_add(at).cast(), bytes)
            };
            assert_eq!(read(size - size.min(60), size.min(60)), size.min(60) as isize);
            assert_eq!((read(size, 1), last_errno()), (-1, libc::EFAULT));
            assert!(room.copied().last().is_none_or(|pad| pad.bytes() == [7; 20]));
            let mut left = [0];
            let _ = io::Read::read(&mut &reader, &mut left);
        }
    }

    #[test]
    fn a_pipe_without_a_writer_has_hung_up() {
        let (reader, writer) = io::pipe().unwrap();
        assert!(!has_hung_up(reader.as_fd()));
        drop(writer);
        assert!(has_hung_up(reader.as_fd()));
    }

    #[test]
    fn what_is_no_device_says_so() {
        let (reader, _writer) = io::pipe().unwrap();
        assert_eq!(topology_counts(reader.as_fd()).unwrap_err(), libc::ENOTTY);
        assert_eq!(topology(reader.as_fd(), Counts([1; 4]), Vec::new()).map(drop), Err(libc::ENOTTY));
        assert_eq!(enum_links(reader.as_fd(), 1, 2, 3).unwrap_err(), libc::ENOTTY);
        assert_eq!(request_alloc(reader.as_fd()).unwrap_err(), libc::ENOTTY);
        assert_eq!(ioctl_alone(reader.as_fd(), uapi::REQUEST_QUEUE).unwrap_err(), libc::ENOTTY);
    }
}
