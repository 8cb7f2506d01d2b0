// SPDX-License-Identifier: MIT OR Apache-2.0
//! Data links: made, found, and their flags changed (M6). The entities at both ends are asked before a link is enabled or disabled, the
//! source first, and the device is told before and after. One change at a time: others wait for their turn, which is no lock.

use super::entity::check_flags;
use super::{End, Entity, Graph, Locked, PadAt};
use crate::device::When;
use crate::error::{error, Error, Result};
use crate::{uapi, Device, Kind, LinkInfo};
use kref::Ref;

/// A link that may change, and whom to ask.
struct Change {
    link: LinkInfo,
    source: Ref<Entity>,
    sink: Ref<Entity>,
}

impl Entity {
    /// Links a source pad of this entity to a sink pad of another one of the device; the id of the link.
    pub fn add_link(&self, pad: u32, sink: &Entity, sink_pad: u32, flags: u32) -> Result<u32> {
        self.check_same_device(sink)?;
        let about = || format!("{} -> {}", self.pad_text(pad), sink.pad_name(sink_pad));
        check_flags(flags, &about())?;
        let _running = self.device().enter("link_add")?;
        let mut graph = self.device().graph();
        let ends = [(self, pad, uapi::PAD_SOURCE, "source"), (sink, sink_pad, uapi::PAD_SINK, "sink")];
        for (entity, index, way, what) in ends {
            let found = graph.pad((entity.id(), index)).ok_or_else(|| entity.no_pad(index))?;
            if found.flags & (way | uapi::PAD_INTERNAL) != way {
                return Err(error!(Invalid, "{}: {} is no {what}", about(), entity.pad_name(index)));
            }
        }
        let (from, to) = ((self.id(), pad), (sink.id(), sink_pad));
        if graph.link_between(from, to).is_some() {
            return Err(error!(Exists, "{}: there is such a link", about()));
        }
        match (graph.pad_end(from), graph.pad_end(to)) {
            (Some(source), Some(sink)) => graph.add_link(source, sink, flags),
            _ => Err(self.detached()),
        }
    }

    /// Takes that link out. It is not while data flows through it.
    pub fn remove_link(&self, pad: u32, sink: &Entity, sink_pad: u32) -> Result<()> {
        self.check_same_device(sink)?;
        let ends = ((self.id(), pad), (sink.id(), sink_pad));
        let mut graph = self.device().graph();
        let id = match graph.link_between(ends.0, ends.1) {
            Some((id, link)) if link.is_enabled_data() && graph.streams(ends.0) && graph.streams(ends.1) => {
                let link = graph.link_text(id);
                return Err(error!(Busy, "{}: {link}: it is streaming", self.device()));
            }
            Some((id, _)) => id,
            None => return Err(self.no_link(pad, sink, sink_pad)),
        };
        graph.unlink(id);
        Ok(())
    }

    /// That link as it is now.
    pub fn link(&self, pad: u32, sink: &Entity, sink_pad: u32) -> Result<LinkInfo> {
        self.check_same_device(sink)?;
        let found = self
            .device()
            .graph()
            .link_between((self.id(), pad), (sink.id(), sink_pad))
            .map(|(id, l)| l.info(id));
        found.ok_or_else(|| self.no_link(pad, sink, sink_pad))
    }

    fn no_link(&self, pad: u32, sink: &Entity, sink_pad: u32) -> Error {
        error!(NotFound, "{} -> {}: there is no such link", self.pad_text(pad), sink.pad_name(sink_pad))
    }

    /// `vimc (platform:vimc): "Sensor A":0`
    pub(super) fn pad_text(&self, pad: u32) -> String {
        format!("{self}:{pad}")
    }

    /// `"Sensor A":0`
    fn pad_name(&self, pad: u32) -> String {
        format!("\"{}\":{pad}", self.name().to_string_lossy())
    }
}

impl Device {
    /// Changes the flags of the data link between two pads, each by its entity's id and its index.
    pub fn setup_link(this: &Ref<Self>, source: (u32, u32), sink: (u32, u32), flags: u32) -> Result<()> {
        const CALL: &str = "setup_link";
        let device = Self::hold(this)?;
        let running = device.enter(CALL)?;
        let _turn = device.turn(&running, CALL)?;
        let graph = device.graph();
        let (id, change) = Graph::may_change(graph, &device, source, sink, flags)?;
        let Some(change) = change else { return Ok(()) };
        let ops = device.ops()?;
        ops.link_notify(&device, &change.link, flags, When::Before);
        let outcome = change.ask(&device, flags).and_then(|()| {
            let changed = device.graph().set_flags(&device, id, flags);
            changed.inspect_err(|_| change.take_back(&device))
        });
        let link = device.graph().links.get(&id).map_or(change.link, |link| link.info(id));
        ops.link_notify(&device, &link, flags, When::After);
        outcome
    }
}

impl Change {
    /// Asks both ends; a refusal of the second is told to the first.
    fn ask(&self, device: &Device, flags: u32) -> Result<()> {
        let (ops, link) = (device.ops()?, &self.link);
        let refused = |entity: &Entity, errno| {
            let why = std::io::Error::from_raw_os_error(errno);
            let pads = format!("\"{}\":{}", self.sink.name().to_string_lossy(), link.sink_pad);
            let link = format!("{} -> {pads}", self.source.pad_text(link.source_pad));
            let entity = entity.name().to_string_lossy();
            Error::new(Kind::Call(errno), format!("{link}: link_setup of \"{entity}\": {why}"))
        };
        ops.link_setup(&self.source, link.source_pad, link, flags).map_err(|e| refused(&self.source, e))?;
        ops.link_setup(&self.sink, link.sink_pad, link, flags).map_err(|errno| {
            // What the source answers now changes nothing: it had these flags before.
            let _ = ops.link_setup(&self.source, link.source_pad, link, link.flags);
            refused(&self.sink, errno)
        })
    }

    /// Gives both ends back what they had, which they cannot refuse.
    fn take_back(&self, device: &Device) {
        let (Ok(ops), link) = (device.ops(), &self.link) else { return };
        let _ = ops.link_setup(&self.sink, link.sink_pad, link, link.flags);
        let _ = ops.link_setup(&self.source, link.source_pad, link, link.flags);
    }
}

impl Graph {
    /// Whether these flags may be given to the link; its id, and whom to ask if that is a change.
    fn may_change(
        mut graph: Locked<'_>,
        device: &Ref<Device>,
        source: PadAt,
        sink: PadAt,
        flags: u32,
    ) -> Result<(u32, Option<Change>)> {
        let Some((id, link)) = graph.link_between(source, sink) else {
            let (a, b) = (graph.pad_name(source), graph.pad_name(sink));
            return Err(error!(Invalid, "{device}: setup_link: there is no link {a} -> {b}"));
        };
        let (now, link) = (link.flags, link.info(id));
        let fixed = match now & uapi::LINK_IMMUTABLE {
            0 => !uapi::LINK_ENABLED,
            _ => !0,
        };
        if (now ^ flags) & fixed != 0 {
            let about = graph.link_text(id);
            return Err(error!(
                Invalid,
                "{device}: {about}: its flags are {now:#x} and cannot be {flags:#x}: only ENABLED can change, and \
                 nothing of an immutable link"
            ));
        }
        if now == flags {
            return Ok((id, None));
        }
        graph.check_streaming(device, id)?;
        let handles = (graph.handle(device, source.0), graph.handle(device, sink.0));
        drop(graph);
        match handles {
            (Some(source), Some(sink)) => Ok((id, Some(Change { link, source, sink }))),
            _ => Err(device.gone("setup_link")),
        }
    }

    /// That no data flows at a pad of the link, unless it is dynamic.
    fn check_streaming(&self, device: &Device, id: u32) -> Result<()> {
        let link = self.links.get(&id).filter(|link| link.flags & uapi::LINK_DYNAMIC == 0);
        let streams = |end: End| end.pad().is_some_and(|pad| self.streams(pad));
        if link.is_some_and(|link| streams(link.source) || streams(link.sink)) {
            let about = self.link_text(id);
            return Err(error!(Busy, "{device}: {about}: data flows at a pad of it, and it is not dynamic"));
        }
        Ok(())
    }

    /// Looks once more, for those who were asked may have removed the link, or started a pipeline over it.
    fn set_flags(&mut self, device: &Device, id: u32, flags: u32) -> Result<()> {
        self.check_streaming(device, id)?;
        let gone = || error!(NotFound, "{device}: setup_link: the link has been removed meanwhile");
        self.links.get_mut(&id).ok_or_else(gone)?.flags = flags;
        self.stale = true;
        Ok(())
    }

    /// `"Sensor A":0`
    pub(super) fn pad_name(&self, (entity, index): PadAt) -> String {
        match self.entities.get(&entity) {
            Some(node) => {
                let name = String::from_utf8_lossy(node.core.name());
                format!("\"{}\":{index}", name.trim_end_matches('\0'))
            }
            None => format!("{entity:#x}:{index}"),
        }
    }

    /// `"Sensor A":0 -> "Capture":0`
    pub(super) fn link_text(&self, link: u32) -> String {
        let ends = self.links.get(&link).and_then(|link| Some((link.source.pad()?, link.sink.pad()?)));
        match ends {
            Some((source, sink)) => format!("{} -> {}", self.pad_name(source), self.pad_name(sink)),
            None => format!("link {link:#x}"),
        }
    }
}
