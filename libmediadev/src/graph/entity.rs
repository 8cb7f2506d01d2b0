// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Entity`]: a handle on an entity, which holds the device (M4). An entity that is taken out of the graph can still be asked for its
//! name, and says that it is detached.

use super::{End, Graph, Interface, MAX_PADS};
use crate::context::Slot;
use crate::error::{error, Result};
use crate::{uapi, Device};
use kref::{Ref, Weak};
use std::ffi::CStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

/// See the module's description. Those who hold an entity at the same time have the same handle.
pub struct Entity {
    core: Arc<Core>,
    device: Ref<Device>,
}

/// What an entity is, in the graph or out of it.
pub(super) struct Core {
    id: u32,
    name: [u8; 64],
    function: u32,
    num_pads: u32,
    attached: AtomicBool,
    context: Slot,
}

impl Core {
    pub(super) fn name(&self) -> &[u8; 64] {
        &self.name
    }

    pub(super) fn function(&self) -> u32 {
        self.function
    }
}

impl Device {
    /// Adds an entity to the graph. Each pad is a sink or a source: [`uapi::PAD_SINK`], [`uapi::PAD_SOURCE`].
    pub fn add_entity(this: &Ref<Self>, name: &str, function: u32, pad_flags: &[u32]) -> Result<Ref<Entity>> {
        let device = Self::hold(this)?;
        let mut room = [0; 64];
        if name.is_empty() || name.len() >= room.len() || name.contains('\0') {
            return Err(error!(
                Invalid,
                "{this}: an entity cannot be called {name:?}: 1 to 63 bytes, no NUL"
            ));
        }
        room[..name.len()].copy_from_slice(name.as_bytes());
        if pad_flags.len() > MAX_PADS {
            let pads = pad_flags.len();
            return Err(error!(
                Invalid,
                "{this}: \"{name}\" is to have {pads} pads, and {MAX_PADS} is the most"
            ));
        }
        const WAYS: u32 = uapi::PAD_SINK | uapi::PAD_SOURCE;
        const KNOWN: u32 = WAYS | uapi::PAD_MUST_CONNECT | uapi::PAD_INTERNAL;
        let wrong = |&flags: &u32| (flags & WAYS).count_ones() != 1 || flags & !KNOWN != 0;
        if let Some(pad) = pad_flags.iter().position(wrong) {
            let flags = pad_flags[pad];
            return Err(error!(
                Invalid,
                "{this}: \"{name}\":{pad} is to have the flags {flags:#x}: a pad is a sink or a source"
            ));
        }
        let _running = device.enter("entity_add")?;
        let mut graph = device.graph();
        let core = |id| {
            Arc::new(Core {
                id,
                name: room,
                function,
                num_pads: pad_flags.len() as u32,
                attached: AtomicBool::new(true),
                context: Slot::new(),
            })
        };
        graph.add_entity(core, pad_flags)?;
        let id = graph.entities.last_key_value().map_or(0, |(&id, _)| id);
        let entity = graph.handle(this, id);
        drop(graph);
        entity.ok_or_else(|| device.gone("entity_add"))
    }

    /// The entity that has this id now.
    pub fn entity(this: &Ref<Self>, id: u32) -> Result<Ref<Entity>> {
        let device = Self::hold(this)?;
        let found = device.graph().handle(this, id);
        found.ok_or_else(|| error!(NotFound, "{this}: no entity has the id {id:#x}"))
    }

    /// Adds an interface; its id.
    pub fn add_interface(&self, kind: u32, flags: u32, major: u32, minor: u32) -> Result<u32> {
        let _running = self.enter("interface_add")?;
        self.graph().add_interface(Interface { kind, flags, major, minor })
    }

    /// Takes an interface out, with its links.
    pub fn remove_interface(&self, id: u32) -> Result<()> {
        match self.graph().remove_interface(id) {
            true => Ok(()),
            false => Err(error!(NotFound, "{self}: no interface has the id {id:#x}")),
        }
    }
}

impl Graph {
    /// The handle on an entity; the one that others have, if there are any.
    pub(super) fn handle(&mut self, device: &Ref<Device>, id: u32) -> Option<Ref<Entity>> {
        let node = self.entities.get_mut(&id)?;
        if let Some(shared) = node.handle.as_ref().and_then(Weak::upgrade) {
            return Some(shared);
        }
        let handle = Ref::new(Entity { core: node.core.clone(), device: device.try_clone()? });
        node.handle = Some(Ref::downgrade(&handle));
        Some(handle)
    }
}

impl Entity {
    /// Its device.
    pub fn device(&self) -> &Ref<Device> {
        &self.device
    }

    /// Its id, also when it is detached: no other entity of the device gets it.
    pub fn id(&self) -> u32 {
        self.core.id
    }

    /// What it is called.
    pub fn name(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.core.name).unwrap_or_default()
    }

    /// What it does.
    pub fn function(&self) -> u32 {
        self.core.function
    }

    /// How many pads it has, or had.
    pub fn num_pads(&self) -> u32 {
        self.core.num_pads
    }

    /// Whether it is in the graph.
    pub fn is_attached(&self) -> bool {
        self.core.attached.load(Ordering::Acquire)
    }

    /// What the program has here.
    pub fn context(&self) -> &Slot {
        &self.core.context
    }

    /// The id of one of its pads.
    pub fn pad_id(&self, index: u32) -> Result<u32> {
        let found = self.device.graph().pad((self.id(), index)).map(|pad| pad.id);
        found.ok_or_else(|| self.no_pad(index))
    }

    /// Sets [`uapi::ENTITY_DEFAULT`] and [`uapi::ENTITY_CONNECTOR`].
    pub fn set_flags(&self, flags: u32) -> Result<()> {
        let mut graph = self.device.graph();
        match graph.entities.get_mut(&self.id()) {
            Some(node) => node.flags = flags,
            None => return Err(self.detached()),
        }
        graph.stale = true;
        Ok(())
    }

    /// Takes it out of the graph, with its links. It is not while data flows through it.
    pub fn remove(&self) -> Result<()> {
        let mut graph = self.device.graph();
        let node = graph.entities.get(&self.id()).ok_or_else(|| self.detached())?;
        if let Some(pad) = node.pads.iter().position(|pad| pad.pipeline != 0) {
            return Err(error!(Busy, "{self}: remove: pad {pad} is streaming"));
        }
        let gone = graph.remove_entity(self.id());
        self.core.attached.store(false, Ordering::Release);
        drop(graph);
        drop(gone);
        Ok(())
    }

    /// Lets an interface of the same device control it; the id of the link.
    pub fn add_interface_link(&self, interface_id: u32, flags: u32) -> Result<u32> {
        check_flags(flags, &format!("{self}"))?;
        let _running = self.device.enter("interface_link")?;
        let mut graph = self.device.graph();
        if !graph.interfaces.contains_key(&interface_id) {
            let device = &self.device;
            return Err(error!(NotFound, "{device}: no interface has the id {interface_id:#x}"));
        }
        self.check_attached(&graph)?;
        let flags = flags | uapi::LINK_INTERFACE;
        graph.add_link(End::Interface(interface_id), End::Entity(self.id()), flags)
    }

    /// Says that another entity of the same device belongs to it, as a lens to its sensor; the id of the link.
    pub fn add_ancillary_link(&self, other: &Entity) -> Result<u32> {
        self.check_same_device(other)?;
        let _running = self.device.enter("ancillary_link")?;
        let mut graph = self.device.graph();
        self.check_attached(&graph)?;
        other.check_attached(&graph)?;
        const FLAGS: u32 = uapi::LINK_ANCILLARY | uapi::LINK_IMMUTABLE | uapi::LINK_ENABLED;
        graph.add_link(End::Entity(self.id()), End::Entity(other.id()), FLAGS)
    }

    pub(super) fn check_attached(&self, graph: &Graph) -> Result<()> {
        match graph.entities.contains_key(&self.id()) {
            true => Ok(()),
            false => Err(self.detached()),
        }
    }

    pub(crate) fn check_same_device(&self, other: &Entity) -> Result<()> {
        match Ref::ptr_eq(&self.device, &other.device) {
            true => Ok(()),
            false => Err(error!(Invalid, "{self} and {other} are of different devices")),
        }
    }

    pub(super) fn detached(&self) -> crate::Error {
        error!(NotFound, "{self}: it is not in the graph any more")
    }

    pub(super) fn no_pad(&self, index: u32) -> crate::Error {
        match self.is_attached() {
            true => error!(Invalid, "{self}: it has {} pads, and no pad {index}", self.num_pads()),
            false => self.detached(),
        }
    }
}

/// Flags of a link that its maker may give.
pub(super) fn check_flags(flags: u32, about: &str) -> Result<()> {
    match flags & !(uapi::LINK_ENABLED | uapi::LINK_IMMUTABLE | uapi::LINK_DYNAMIC) {
        0 => Ok(()),
        unknown => Err(error!(Invalid, "{about}: unknown flags {unknown:#x} of a link")),
    }
}

impl std::fmt::Display for Entity {
    /// `vimc (platform:vimc): "Sensor A"`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: \"{}\"", self.device, self.name().to_string_lossy())
    }
}
