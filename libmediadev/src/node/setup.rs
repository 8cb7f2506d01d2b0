// SPDX-License-Identifier: MIT OR Apache-2.0
//! Changing a graph: its links, and what flows through its pads, also in media-ctl's notations (M14). A text is read and
//! everything in it is found before the first thing is changed.

use super::subdev::{interface_of, unless_unknown};
use super::{Node, Subdev};
use crate::error::{error, Error, Kind, Result};
use crate::notation::{self, EntityName, FormatSetup, PadName, PadSettings, RouteSetup};
use crate::sys::{self, Errno};
use crate::uapi::{self, v4l2, Plain};
use crate::{EntityInfo, LinkInfo, PadInfo, Topology};
use kref::sync::lock;
use std::os::fd::AsFd;

impl Node {
    /// Sets the flags of the link between two pads, as they are: what is not
    /// [`LINK_ENABLED`](crate::uapi::LINK_ENABLED) has to be what the link has.
    pub fn setup_link(&self, source_pad_id: u32, sink_pad_id: u32, flags: u32) -> Result<()> {
        // Pads may have come since it was read; what it says of those that it has stays true.
        let known = lock(&self.last)
            .known
            .as_deref()
            .and_then(|known| Some((known.pad_with(source_pad_id)?, known.pad_with(sink_pad_id)?)));
        let (source, sink) = match known {
            Some(ends) => ends,
            None => {
                let topology = self.topology_read()?;
                let pad = |id| topology.pad_by_id(id).map_err(|e| self.about(e));
                (pad(source_pad_id)?, pad(sink_pad_id)?)
            }
        };
        self.set_up(&source, &sink, flags)
    }

    /// Sets up the links of a text, `'a':0->'b':0[1], …`, one after the other. Flags that nobody can change need not be told.
    pub fn setup_links(&self, links: &str) -> Result<()> {
        let found = self.find_links(links)?;
        found.iter().try_for_each(|(source, sink, flags)| self.set_up(source, sink, *flags))
    }

    /// Whether everything that a text names is there, as [`setup_links`](Self::setup_links) finds out before it changes anything.
    pub fn check_links(&self, links: &str) -> Result<()> {
        self.find_links(links).map(drop)
    }

    /// The ends of the links of a text, and the flags that they are to have.
    fn find_links(&self, links: &str) -> Result<Vec<(PadInfo, PadInfo, u32)>> {
        let wanted = notation::links(links)?;
        let topology = self.topology_read()?;
        let found = wanted.iter().map(|link| {
            let (source, sink) = (link.source.find(&topology)?, link.sink.find(&topology)?);
            let now = topology
                .link_between(source.id, sink.id)
                .ok_or_else(|| error!(NotFound, "there is no link from {} to {}", link.source, link.sink))?;
            Ok((source, sink, link.flags | now.flags & (uapi::LINK_IMMUTABLE | uapi::LINK_DYNAMIC)))
        });
        found.collect::<Result<_>>().map_err(|e| self.about(e))
    }

    /// Disables every link that is enabled and can be disabled; goes on after a failure, and then tells the first.
    pub fn reset_links(&self) -> Result<()> {
        let topology = self.topology_read()?;
        let mut result = Ok(());
        for link in topology.links().filter(can_be_disabled) {
            let (source, sink) = (topology.pad_by_id(link.source_id)?, topology.pad_by_id(link.sink_id)?);
            result = result.and(self.set_up(&source, &sink, link.flags & !uapi::LINK_ENABLED));
        }
        result
    }

    fn set_up(&self, source: &PadInfo, sink: &PadInfo, flags: u32) -> Result<()> {
        let end = |pad: &PadInfo| match pad.index.try_into() {
            Ok(index) => {
                Ok(uapi::PadDesc { entity: pad.entity_id, index, flags: pad.flags, ..uapi::PadDesc::zero() })
            }
            // Only a device that lies has so many, and cut off it would be another one's.
            Err(_) => Err(error!(Invalid, "{self}: MEDIA_IOC_SETUP_LINK cannot name pad {}", pad.index)),
        };
        let (source_end, sink_end) = (end(source)?, end(sink)?);
        let mut link = uapi::LinkDesc { source: source_end, sink: sink_end, flags, ..uapi::LinkDesc::zero() };
        let set = sys::ioctl(self.file.as_fd(), uapi::SETUP_LINK, &mut link);
        set.map_err(|errno| self.not_set_up(source, sink, errno))
    }

    #[cold]
    fn not_set_up(&self, source: &PadInfo, sink: &PadInfo, errno: Errno) -> Error {
        let known = lock(&self.last).known.clone();
        let named = |pad: &PadInfo| match known.as_ref().map(|known| PadName::of(known, pad)) {
            Some(Ok(name)) => name.to_string(),
            _ => format!("{}:{}", pad.entity_id, pad.index),
        };
        self.fault(&format!("{} -> {}: MEDIA_IOC_SETUP_LINK", named(source), named(sink)), errno)
    }

    /// Sets what a text says, `'a':0[fmt:SRGGB8_1X8/640x480 …], …`, one after the other. What is set at a source pad is set at the
    /// sub-devices too that its enabled links lead to, as far as they take it.
    pub fn set_formats(&self, formats: &str) -> Result<()> {
        let wanted = notation::formats(formats)?;
        let topology = self.topology_read()?;
        let found = wanted.iter().map(|setup| Ok((setup.pad.find(&topology)?, setup.stream, setup.settings)));
        let found: Vec<_> = found.collect::<Result<_>>().map_err(|e| self.about(e))?;
        found
            .iter()
            .try_for_each(|(pad, stream, settings)| self.set_pad(&topology, pad, *stream, settings).map(drop))
    }

    /// Sets what flows through a pad, and what follows from it, as [`set_formats`](Self::set_formats) does. What the driver has made
    /// of what was told.
    pub fn set_pad(
        &self,
        topology: &Topology,
        pad: &PadInfo,
        stream: u32,
        wanted: &PadSettings,
    ) -> Result<PadSettings> {
        let subdev = self.subdev(topology, pad.entity_id)?;
        let (at, mut now) = (pad.index, *wanted);
        let format = |now: &mut PadSettings| -> Result<()> {
            if let Some(format) = &mut now.format {
                *format = subdev.set_format(at, stream, format)?;
            }
            Ok(())
        };
        // What is cut out of what comes in is the last word on it there, and the first on what goes out.
        if pad.flags & uapi::PAD_SOURCE == 0 {
            format(&mut now)?;
        }
        for (rect, target) in [(&mut now.crop, v4l2::CROP), (&mut now.compose, v4l2::COMPOSE)] {
            if let Some(rect) = rect {
                *rect = subdev.set_selection(at, stream, target, *rect)?;
            }
        }
        if pad.flags & uapi::PAD_SOURCE != 0 {
            format(&mut now)?;
        }
        if let Some(interval) = &mut now.interval {
            *interval = subdev.set_interval(at, stream, *interval)?;
        }
        if pad.flags & uapi::PAD_SOURCE != 0 && (now.format.is_some() || now.interval.is_some()) {
            self.propagate(topology, pad, stream, &now)?;
        }
        Ok(now)
    }

    /// What comes out of a pad is what goes into those that it is linked to.
    fn propagate(&self, topology: &Topology, pad: &PadInfo, stream: u32, now: &PadSettings) -> Result<()> {
        // Links are enabled without a new version of the topology.
        for link in topology.links_of(pad.id).filter(|link| link.is_enabled() && link.source_id == pad.id) {
            let entity = topology.entity_by_id(link.sink_entity)?;
            if interface_of(topology, &entity).is_none() {
                continue;
            }
            let remote = self.subdev(topology, entity.id)?;
            if let Some(format) = &now.format {
                // What it does not take the driver says when it streams; media-ctl lets that pass too.
                not_gone(remote.set_format(link.sink_pad, stream, format))?;
            }
            if let Some(interval) = now.interval {
                unless_unknown(remote.set_interval(link.sink_pad, stream, interval))?;
            }
        }
        Ok(())
    }

    /// What flows through a pad, `'a':0`, or where none is named, through all pads of all sub-devices: to be set again as it is.
    pub fn formats(&self, pad: Option<&str>) -> Result<Vec<FormatSetup>> {
        let pad = pad.map(notation::pad).transpose()?;
        let topology = self.topology_read()?;
        let Some(pad) = pad else {
            let subdevs = topology.entities().filter(|entity| interface_of(&topology, entity).is_some());
            let mut all = Vec::new();
            for entity in subdevs {
                let subdev = self.subdev(&topology, entity.id)?;
                let pads = topology.pads_of(entity.id).map(|pad| format_of(&topology, &subdev, &pad));
                // A pad that has no format is left out; media-ctl does so too.
                all.extend(pads.map(unless_unknown).collect::<Result<Vec<_>>>()?.into_iter().flatten());
            }
            return Ok(all);
        };
        let found = pad.find(&topology).map_err(|e| self.about(e))?;
        let subdev = self.subdev(&topology, found.entity_id)?;
        Ok(vec![format_of(&topology, &subdev, &found)?])
    }

    /// Sets the ways through sub-devices, `'a'[0/0->1/0[1], …], …`: those and no others.
    pub fn set_routes(&self, routes: &str) -> Result<()> {
        let wanted = notation::routes(routes)?;
        let topology = self.topology_read()?;
        let found = wanted.iter().map(|setup| Ok((setup.entity.find(&topology)?.id, &setup.routes)));
        let found: Vec<_> = found.collect::<Result<_>>().map_err(|e| self.about(e))?;
        found.into_iter().try_for_each(|(entity, routes)| self.subdev(&topology, entity)?.set_routes(routes))
    }

    /// The ways through a sub-device, `'a'`, or where none is named, through each that knows of ways: to be set again as they are.
    pub fn routes(&self, entity: Option<&str>) -> Result<Vec<RouteSetup>> {
        let entity = entity.map(notation::entity).transpose()?;
        let topology = self.topology_read()?;
        let of = |entity: &EntityInfo| {
            let routes = self.subdev(&topology, entity.id)?.routes()?;
            Ok(RouteSetup { entity: EntityName::of(&topology, entity), routes })
        };
        let Some(entity) = entity else {
            let subdevs = topology.entities().filter(|entity| interface_of(&topology, entity).is_some());
            let all = subdevs.map(|entity| unless_unknown(of(&entity))).collect::<Result<Vec<_>>>()?;
            return Ok(all.into_iter().flatten().collect());
        };
        Ok(vec![of(&entity.find(&topology).map_err(|e| self.about(e))?)?])
    }

    /// The same error, of this device.
    fn about(&self, error: Error) -> Error {
        Error::new(error.kind(), format!("{self}: {error}"))
    }
}

fn format_of(topology: &Topology, subdev: &Subdev, pad: &PadInfo) -> Result<FormatSetup> {
    let settings = subdev.settings(pad.index, 0)?;
    Ok(FormatSetup { pad: PadName::of(topology, pad)?, stream: 0, settings })
}

fn can_be_disabled(link: &LinkInfo) -> bool {
    link.kind() == uapi::LINK_DATA && link.is_enabled() && link.flags & uapi::LINK_IMMUTABLE == 0
}

fn not_gone<T>(result: Result<T>) -> Result<()> {
    match result {
        Err(e) if e.kind() == Kind::Gone => Err(e),
        _ => Ok(()),
    }
}
