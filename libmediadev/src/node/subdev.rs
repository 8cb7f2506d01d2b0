// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Subdev`]: an open sub-device, `/dev/v4l-subdevN`: what flows through the pads of one entity.

use super::Node;
use crate::error::{error, Error, Kind, Result};
use crate::notation::{Interval, PadSettings, Rect, Route};
use crate::sys::{self, Errno};
use crate::uapi::v4l2::{self, FrameFormat};
use crate::uapi::{self, Plain};
use crate::{EntityInfo, InterfaceInfo, Topology};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// See the module's description.
pub struct Subdev {
    file: OwnedFd,
    /// For messages: device, entity, node.
    what: String,
    /// Whether the kernel knows more than one stream at a pad.
    has_streams: bool,
}

/// The sub-device interface of an entity.
pub(super) fn interface_of(topology: &Topology, entity: &EntityInfo) -> Option<InterfaceInfo> {
    topology.interfaces_of(entity.id).find(|interface| interface.kind == uapi::INTERFACE_V4L_SUBDEV)
}

impl Node {
    /// Opens the sub-device of an entity of this graph.
    ///
    /// Device numbers are given away again, so the node at hand is asked once more, after the opening, whether they are its (M13).
    pub fn subdev(&self, topology: &Topology, entity_id: u32) -> Result<Subdev> {
        let entity = topology.entity_by_id(entity_id)?;
        let interface = interface_of(topology, &entity)
            .ok_or_else(|| error!(NotFound, "{self}: {entity} is no sub-device with a node"))?;
        let what = || format!("{self}: {entity}");
        let path = sys::device_node(interface.major, interface.minor)
            .map_err(|e| Error::new(e.kind(), format!("{}: {e}", what())))?;
        let opened = super::open_file(Path::new(&path)).and_then(|file| Ok((file.metadata()?.rdev(), file)));
        let (device, file) = opened.map_err(|e| {
            let errno = e.raw_os_error().unwrap_or(libc::EIO);
            let kind =
                if matches!(errno, libc::ENODEV | libc::ENXIO) { Kind::Gone } else { Kind::Call(errno) };
            Error::new(kind, format!("{}: {path}: open: {e}", what()))
        })?;
        let is_its = sys::device_numbers(device) == (interface.major, interface.minor)
            && self.topology_read()?.interface_by_id(interface.id).is_ok_and(|now| now == interface);
        if !is_its {
            return Err(error!(Gone, "{}: {path} is another device's by now", what()));
        }
        let mut capability = v4l2::ClientCapability { capabilities: v4l2::CLIENT_STREAMS };
        let has_streams = sys::ioctl(file.as_fd(), v4l2::S_CLIENT_CAP, &mut capability).is_ok()
            && capability.capabilities & v4l2::CLIENT_STREAMS != 0;
        Ok(Subdev { file: file.into(), what: format!("{}: {path}", what()), has_streams })
    }
}

impl Subdev {
    /// The format of what flows through a pad.
    pub fn format(&self, pad: u32, stream: u32) -> Result<FrameFormat> {
        let mut argument = self.pad_format(pad, stream, FrameFormat::zero())?;
        let got = sys::ioctl(self.file.as_fd(), v4l2::G_FMT, &mut argument);
        got.map_err(|errno| self.fault(pad, "VIDIOC_SUBDEV_G_FMT", errno))?;
        Ok(argument.format)
    }

    /// Sets the format of what flows through a pad; what the driver has made of it.
    pub fn set_format(&self, pad: u32, stream: u32, format: &FrameFormat) -> Result<FrameFormat> {
        let mut argument = self.pad_format(pad, stream, *format)?;
        let set = sys::ioctl(self.file.as_fd(), v4l2::S_FMT, &mut argument);
        set.map_err(|errno| self.fault(pad, "VIDIOC_SUBDEV_S_FMT", errno))?;
        Ok(argument.format)
    }

    fn pad_format(&self, pad: u32, stream: u32, format: FrameFormat) -> Result<v4l2::PadFormat> {
        self.check_stream(stream)?;
        Ok(v4l2::PadFormat { which: v4l2::ACTIVE, pad, format, stream, reserved: [0; 7] })
    }

    /// A rectangle of a pad: [`v4l2::CROP`] and so on.
    pub fn selection(&self, pad: u32, stream: u32, target: u32) -> Result<Rect> {
        self.select(v4l2::G_SELECTION, "VIDIOC_SUBDEV_G_SELECTION", pad, stream, target, Rect::default())
    }

    /// Sets a rectangle of a pad; what the driver has made of it.
    pub fn set_selection(&self, pad: u32, stream: u32, target: u32, rect: Rect) -> Result<Rect> {
        self.select(v4l2::S_SELECTION, "VIDIOC_SUBDEV_S_SELECTION", pad, stream, target, rect)
    }

    fn select(
        &self,
        request: u32,
        call: &str,
        pad: u32,
        stream: u32,
        target: u32,
        rect: Rect,
    ) -> Result<Rect> {
        self.check_stream(stream)?;
        let Rect { left, top, width, height } = rect;
        let which = v4l2::ACTIVE;
        let zero = v4l2::Selection::zero();
        let mut argument = v4l2::Selection { which, pad, target, left, top, width, height, stream, ..zero };
        let done = sys::ioctl(self.file.as_fd(), request, &mut argument);
        done.map_err(|errno| self.fault(pad, call, errno))?;
        let v4l2::Selection { left, top, width, height, .. } = argument;
        Ok(Rect { left, top, width, height })
    }

    /// The time from one frame to the next.
    pub fn interval(&self, pad: u32, stream: u32) -> Result<Interval> {
        self.time(v4l2::G_FRAME_INTERVAL, "VIDIOC_SUBDEV_G_FRAME_INTERVAL", pad, stream, Interval::default())
    }

    /// Sets the time from one frame to the next; what the driver has made of it.
    pub fn set_interval(&self, pad: u32, stream: u32, interval: Interval) -> Result<Interval> {
        self.time(v4l2::S_FRAME_INTERVAL, "VIDIOC_SUBDEV_S_FRAME_INTERVAL", pad, stream, interval)
    }

    fn time(&self, request: u32, call: &str, pad: u32, stream: u32, interval: Interval) -> Result<Interval> {
        self.check_stream(stream)?;
        let Interval { numerator, denominator } = interval;
        // Without `which`, which the program would have to say that it knows of, it is the active one.
        let mut argument =
            v4l2::FrameInterval { pad, numerator, denominator, stream, ..v4l2::FrameInterval::zero() };
        let done = sys::ioctl(self.file.as_fd(), request, &mut argument);
        done.map_err(|errno| self.fault(pad, call, errno))?;
        Ok(Interval { numerator: argument.numerator, denominator: argument.denominator })
    }

    /// All that flows through a pad. What this sub-device does not know is None.
    pub fn settings(&self, pad: u32, stream: u32) -> Result<PadSettings> {
        Ok(PadSettings {
            format: Some(self.format(pad, stream)?),
            crop: unless_unknown(self.selection(pad, stream, v4l2::CROP))?,
            compose: unless_unknown(self.selection(pad, stream, v4l2::COMPOSE))?,
            // Some drivers answer with 0/0, of which there is nothing to tell.
            interval: unless_unknown(self.interval(pad, stream))?.filter(|told| *told != Interval::default()),
        })
    }

    /// The ways through the sub-device.
    pub fn routes(&self) -> Result<Vec<Route>> {
        let mut room = vec![v4l2::Route::zero(); 16];
        loop {
            let told = match sys::routes(self.file.as_fd(), &mut room) {
                Err(libc::ENOSPC) => room.len() * 2,
                told => told.map_err(|errno| self.fault_alone("VIDIOC_SUBDEV_G_ROUTING", errno))?,
            };
            if told <= room.len() {
                room.truncate(told);
                return Ok(room.iter().map(Route::of).collect());
            }
            if told > MOST_ROUTES {
                return Err(error!(Full, "{}: {told} routes, and {MOST_ROUTES} is the most", self.what));
            }
            room.resize(told, v4l2::Route::zero());
        }
    }

    /// Sets the ways through the sub-device: these and no others.
    pub fn set_routes(&self, routes: &[Route]) -> Result<()> {
        let mut given: Vec<_> = routes.iter().map(Route::raw).collect();
        let set = sys::set_routes(self.file.as_fd(), &mut given);
        set.map_err(|errno| self.fault_alone("VIDIOC_SUBDEV_S_ROUTING", errno))
    }

    /// A kernel that does not know streams would take any for the first.
    fn check_stream(&self, stream: u32) -> Result<()> {
        match stream == 0 || self.has_streams {
            true => Ok(()),
            false => Err(error!(Unsupported, "{}: stream {stream}: the kernel knows no streams", self.what)),
        }
    }

    // A sub-device that has gone says so by itself; and poll says ERR of every one that has no events.

    fn fault(&self, pad: u32, call: &str, errno: Errno) -> Error {
        super::failed(&format_args!("{}: pad {pad}", self.what), call, errno)
    }

    fn fault_alone(&self, call: &str, errno: Errno) -> Error {
        super::failed(&self.what, call, errno)
    }
}

/// Many times what any sub-device has.
const MOST_ROUTES: usize = 1 << 12;

/// None for what a driver does not know, of this pad or at all.
pub fn unless_unknown<T>(told: Result<T>) -> Result<Option<T>> {
    match told {
        Err(e) if matches!(e.kind(), Kind::Unsupported | Kind::Call(libc::EINVAL)) => Ok(None),
        told => told.map(Some),
    }
}

impl Route {
    fn of(raw: &v4l2::Route) -> Self {
        let v4l2::Route { sink_pad, sink_stream, source_pad, source_stream, flags, .. } = *raw;
        Route { sink_pad, sink_stream, source_pad, source_stream, flags }
    }

    fn raw(&self) -> v4l2::Route {
        let Route { sink_pad, sink_stream, source_pad, source_stream, flags } = *self;
        v4l2::Route { sink_pad, sink_stream, source_pad, source_stream, flags, reserved: [0; 5] }
    }
}
