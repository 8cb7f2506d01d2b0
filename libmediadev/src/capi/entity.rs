// SPDX-License-Identifier: MIT OR Apache-2.0
//! Entities, links and pipelines of devices that this process provides.

use super::parts::mediadev_link_info;
use super::{
    context, device, entity, get, guard, mediadev_destroy, mediadev_device, mediadev_entity, numbers, out,
    put, text, versioned_out,
};
use crate::{Device, Entity, Pipeline};
use cabi::{Failure, Plain};
use kref::Ref;
use std::ffi::{c_char, c_int, c_uint, c_void};

/// Adds an entity to the graph of a device that has not been unregistered: \p n pads with these MEDIA_PAD_FL_ flags, each a sink or a
/// source; NULL with \p n 0 for none. \p function is one of MEDIA_ENT_F_ or a number of your own. The name, of 1 to 63 bytes, is copied.
///
/// The entity stays in the graph when the reference is put, until mediadev_entity_remove(). The reference holds the device.
///
/// Returns a reference (drop it with mediadev_entity_put()), or NULL with errno: EINVAL a NULL argument, a name that is none, more than
/// 512 pads, wrong flags: mediadev_last_error() says which; ENODEV the device has been unregistered; ENOSPC no ids are left.
#[no_mangle]
pub unsafe extern "C" fn mediadev_entity_add(
    device: *mut mediadev_device,
    name: *const c_char,
    function: u32,
    pad_flags: *const u32,
    n: usize,
) -> *mut mediadev_entity {
    guard(|| {
        let (device, pads) = (self::device(device)?, numbers(pad_flags, n, "pad_flags")?);
        Ok(Device::add_entity(&device, text(name, "name")?, function, pads)?)
    })
}

/// Takes an entity out of the graph, with its links. Whoever holds it can still ask for its name and id, and whether it is attached.
/// Its id is not used again.
///
/// Returns 0, or -EBUSY data flows through it; -ENOENT it is not in the graph any more; -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_entity_remove(entity: *mut mediadev_entity) -> c_int {
    guard(|| Ok(self::entity(entity)?.remove()?))
}

/// Adds a reference; returns its argument, NULL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_entity_get(entity: *mut mediadev_entity) -> *mut mediadev_entity {
    get::<Ref<Entity>>(entity)
}

/// Drops a reference; NULL is allowed. An entity of the graph stays there.
#[no_mangle]
pub unsafe extern "C" fn mediadev_entity_put(entity: *mut mediadev_entity) {
    put::<Ref<Entity>>(entity)
}

/// The id of the entity, also when it is detached. 0 with errno EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_entity_id(entity: *mut mediadev_entity) -> u32 {
    guard(|| Ok(Plain(self::entity(entity)?.id())))
}

/// What the entity is called, also when it is detached. Borrowed: valid as long as it is held. NULL with errno EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_entity_name(entity: *mut mediadev_entity) -> *const c_char {
    guard(|| Ok(self::entity(entity)?.name().as_ptr()))
}

/// The function of the entity, also when it is detached. 0 (MEDIA_ENT_F_UNKNOWN) with errno EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_entity_function(entity: *mut mediadev_entity) -> u32 {
    guard(|| Ok(Plain(self::entity(entity)?.function())))
}

/// How many pads the entity has, or had. 0 with errno EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_entity_num_pads(entity: *mut mediadev_entity) -> c_uint {
    guard(|| Ok(Plain(self::entity(entity)?.num_pads())))
}

/// Returns 1 if the entity is in the graph of its device, 0 if it was taken out, at some moment; -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_entity_is_attached(entity: *mut mediadev_entity) -> c_int {
    guard(|| Ok(self::entity(entity)?.is_attached()))
}

/// The device of the entity. Returns a reference (drop it with mediadev_device_put()), or NULL with errno EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_entity_device(entity: *mut mediadev_entity) -> *mut mediadev_device {
    guard(|| Ok(Device::hold(self::entity(entity)?.device())?))
}

/// Tells the id of a pad of the entity.
///
/// Returns 0, or -ENOENT the entity is not in the graph any more; -EINVAL no such pad, or a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn mediadev_entity_pad_id(
    entity: *mut mediadev_entity,
    pad: c_uint,
    id: *mut u32,
) -> c_int {
    guard(|| {
        let (entity, mut id) = (self::entity(entity)?, out(id, "id")?);
        id.set(entity.pad_id(pad)?);
        Ok(())
    })
}

/// Gives the entity its MEDIA_ENT_FL_ flags, of which it has none at first.
///
/// Returns 0, or -ENOENT it is not in the graph any more; -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_entity_set_flags(entity: *mut mediadev_entity, flags: u32) -> c_int {
    guard(|| Ok(self::entity(entity)?.set_flags(flags)?))
}

/// What the program has at the entity, NULL for nothing: mediadev_entity_set_context(). NULL with errno EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_entity_context(entity: *mut mediadev_entity) -> *mut c_void {
    guard(|| Ok(self::entity(entity)?.context().get()))
}

/// Keeps a pointer at the entity. \p destroy, which may be NULL, is called with it once: when another one takes its place; when the
/// entity is not in the graph any more and nobody holds it; or with the graph, when the device is freed. If this function fails, before
/// it returns.
///
/// Returns 0, or -EINVAL \p entity is NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_entity_set_context(
    entity: *mut mediadev_entity,
    pointer: *mut c_void,
    destroy: mediadev_destroy,
) -> c_int {
    guard(|| {
        let context = context(pointer, destroy);
        self::entity(entity)?.context().set(context);
        Ok(())
    })
}

/// Links a source pad to a sink pad of another entity, or of the same one, with MEDIA_LNK_FL_ENABLED, _IMMUTABLE and _DYNAMIC as wanted.
/// Nobody is asked.
///
/// Returns 0, or -EEXIST there is such a link; -EINVAL a NULL argument, no such pad, one that is no source or no sink, an unknown flag,
/// entities of two devices; -ENOENT an entity that is not in the graph any more; -ENODEV the device has been unregistered; -ENOSPC.
#[no_mangle]
pub unsafe extern "C" fn mediadev_link_add(
    source: *mut mediadev_entity,
    source_pad: c_uint,
    sink: *mut mediadev_entity,
    sink_pad: c_uint,
    flags: u32,
) -> c_int {
    guard(|| {
        let (source, sink) = (object(source, "source")?, object(sink, "sink")?);
        source.add_link(source_pad, &sink, sink_pad, flags)?;
        Ok(())
    })
}

/// Takes that link out. Nobody is asked.
///
/// Returns 0, or -EBUSY data flows through it; -ENOENT there is no such link; -EINVAL a NULL argument, entities of two devices.
#[no_mangle]
pub unsafe extern "C" fn mediadev_link_remove(
    source: *mut mediadev_entity,
    source_pad: c_uint,
    sink: *mut mediadev_entity,
    sink_pad: c_uint,
) -> c_int {
    guard(|| {
        let (source, sink) = (object(source, "source")?, object(sink, "sink")?);
        Ok(source.remove_link(source_pad, &sink, sink_pad)?)
    })
}

/// Tells what that link is now. Set \p info->size before.
///
/// Returns 0, or -ENOENT there is no such link; -EINVAL a NULL argument, a wrong size, entities of two devices.
#[no_mangle]
pub unsafe extern "C" fn mediadev_link_find(
    source: *mut mediadev_entity,
    source_pad: c_uint,
    sink: *mut mediadev_entity,
    sink_pad: c_uint,
    info: *mut mediadev_link_info,
) -> c_int {
    guard(|| {
        let (source, sink) = (object(source, "source")?, object(sink, "sink")?);
        let mut info = versioned_out(info, "info")?;
        info.set(source.link(source_pad, &sink, sink_pad)?.into());
        Ok(())
    })
}

/// Changes the flags of that link, as MEDIA_IOC_SETUP_LINK does. Only MEDIA_LNK_FL_ENABLED can change, and nothing of an immutable
/// link; the flags that it has are no change, and nobody is asked. Otherwise ops->link_notify is told, ops->link_setup of the source
/// and of the sink are asked, and ops->link_notify is told how it ended. Changes come one after the other; from inside of one another
/// link may be changed.
///
/// Returns 0, or -EBUSY data flows at a pad of a link that is not dynamic; -EINVAL there is no such link, other flags, a NULL argument,
/// entities of two devices; -ENODEV the device has been unregistered; -ENOENT the link was taken out meanwhile; -EDEADLK it would wait
/// for a thread that waits for the caller; what ops->link_setup said.
#[no_mangle]
pub unsafe extern "C" fn mediadev_link_setup(
    source: *mut mediadev_entity,
    source_pad: c_uint,
    sink: *mut mediadev_entity,
    sink_pad: c_uint,
    flags: u32,
) -> c_int {
    guard(|| {
        let (source, sink) = (object(source, "source")?, object(sink, "sink")?);
        source.check_same_device(&sink)?;
        Ok(Device::setup_link(source.device(), (source.id(), source_pad), (sink.id(), sink_pad), flags)?)
    })
}

/// Says that the interface with this id controls the entity: a link of that kind. \p flags is MEDIA_LNK_FL_ENABLED as a rule.
///
/// Returns 0, or -ENOENT no such interface, or the entity is not in the graph any more; -EINVAL an unknown flag or NULL; -ENODEV the
/// device has been unregistered; -ENOSPC.
#[no_mangle]
pub unsafe extern "C" fn mediadev_interface_link(
    entity: *mut mediadev_entity,
    interface_id: u32,
    flags: u32,
) -> c_int {
    guard(|| {
        self::entity(entity)?.add_interface_link(interface_id, flags)?;
        Ok(())
    })
}

/// Says that \p ancillary belongs to \p primary, as a lens does to its sensor: a link of that kind.
///
/// Returns 0, or -ENOENT one of them is not in the graph any more; -EINVAL a NULL argument, entities of two devices; -ENODEV the device
/// has been unregistered; -ENOSPC.
#[no_mangle]
pub unsafe extern "C" fn mediadev_ancillary_link(
    primary: *mut mediadev_entity,
    ancillary: *mut mediadev_entity,
) -> c_int {
    guard(|| {
        let (primary, ancillary) = (object(primary, "primary")?, object(ancillary, "ancillary")?);
        primary.add_ancillary_link(&ancillary)?;
        Ok(())
    })
}

/// A pipeline, to be started and stopped by those who stream. Yours: set it to zeros before it is first used, and let nobody else write
/// to it. It holds nothing; what has been started belongs to the device.
#[repr(C)]
pub struct mediadev_pipeline {
    /// The library's
    pub id: u64,
}

fn pipeline<'a>(raw: *mut mediadev_pipeline) -> Result<&'a Pipeline, Failure> {
    let raw = std::ptr::NonNull::new(raw).ok_or_else(|| Failure::invalid("pipeline is NULL"))?;
    if !raw.is_aligned() {
        return Err(Failure::invalid(format!("pipeline is not aligned: {raw:p}")));
    }
    // SAFETY: the caller's promise: a struct of one number, which nobody else writes to; a Pipeline is that number.
    Ok(unsafe { raw.cast::<Pipeline>().as_ref() })
}

/// Starts a pipeline at a pad. All pads of the entity belong to it, and those of all entities that can be reached along enabled links,
/// in either direction; links between them are validated by ops->link_validate. Pipelines nest: started again, it is counted, and what
/// has become reachable since joins it.
///
/// Returns 0, or -EBUSY a pad is in another pipeline; -ENOLINK a pad that must be connected has no enabled link; what
/// ops->link_validate said; -EINVAL no such pad, a NULL argument; -ENOENT an entity that is not in the graph any more; -ENODEV the device
/// has been unregistered; -EDEADLK. After an error nothing has changed.
#[no_mangle]
pub unsafe extern "C" fn mediadev_pipeline_start(
    entity: *mut mediadev_entity,
    pad: c_uint,
    pipeline: *mut mediadev_pipeline,
) -> c_int {
    guard(|| {
        let (entity, pipeline) = (self::entity(entity)?, self::pipeline(pipeline)?);
        Ok(pipeline.start(&entity, pad)?)
    })
}

/// Stops a pipeline: one start less. After the last one its pads are free. \p pad is any pad of it. Works on a device that has been
/// unregistered too.
///
/// Returns 0, or -EINVAL the pad is not in this pipeline, no such pad, a NULL argument; -ENOENT the entity is not in the graph any more.
#[no_mangle]
pub unsafe extern "C" fn mediadev_pipeline_stop(
    entity: *mut mediadev_entity,
    pad: c_uint,
    pipeline: *mut mediadev_pipeline,
) -> c_int {
    guard(|| {
        let (entity, pipeline) = (self::entity(entity)?, self::pipeline(pipeline)?);
        Ok(pipeline.stop(&entity, pad)?)
    })
}

/// Returns 1 if the pad is in a pipeline that has been started, 0 if not, at some moment; -ENOENT the entity is not in the graph any
/// more; -EINVAL no such pad, or NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_pad_is_streaming(entity: *mut mediadev_entity, pad: c_uint) -> c_int {
    guard(|| Ok(self::entity(entity)?.is_streaming(pad)?))
}

fn object<'a>(raw: *mut mediadev_entity, name: &str) -> Result<cabi::Borrowed<'a, Ref<Entity>>, Failure> {
    super::object(raw, name)
}
