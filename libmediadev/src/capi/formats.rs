// SPDX-License-Identifier: MIT OR Apache-2.0
//! What flows through pads.

use super::node::node;
use super::{give_into, give_text, guard, mediadev_node, out, text, text_or_none, versioned, versioned_out};
use crate::notation::{joined, Interval, PadSettings, Rect};
use crate::uapi::v4l2::FrameFormat;
use crate::uapi::Plain;
use crate::{formats, Node};
use cabi::arg::Versioned;
use cabi::Failure;
use std::ffi::{c_char, c_int};

/// The format is told: from \p width to \p quantization.
pub const MEDIADEV_FORMAT_FORMAT: u32 = 1;
/// The rectangle that is taken of what comes in is told.
pub const MEDIADEV_FORMAT_CROP: u32 = 2;
/// The rectangle that it is put to is told.
pub const MEDIADEV_FORMAT_COMPOSE: u32 = 4;
/// The time from one frame to the next is told.
pub const MEDIADEV_FORMAT_INTERVAL: u32 = 8;
const ALL: u32 =
    MEDIADEV_FORMAT_FORMAT | MEDIADEV_FORMAT_CROP | MEDIADEV_FORMAT_COMPOSE | MEDIADEV_FORMAT_INTERVAL;

/// A rectangle in pixels.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mediadev_rect {
    /// From the left
    pub left: i32,
    /// From the top
    pub top: i32,
    /// To the right
    pub width: u32,
    /// Downwards
    pub height: u32,
}

/// What flows through a pad. Set \p size to its size; members may be added at its end. What \p told does not have is 0, and left alone
/// when it is set.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mediadev_format {
    /// sizeof(struct mediadev_format)
    pub size: usize,
    /// MEDIADEV_FORMAT_ of what is told
    pub told: u32,
    /// Of a frame, in pixels
    pub width: u32,
    /// Of a frame, in pixels
    pub height: u32,
    /// MEDIA_BUS_FMT_ of linux/media-bus-format.h
    pub code: u32,
    /// V4L2_FIELD_ of linux/videodev2.h
    pub field: u32,
    /// V4L2_COLORSPACE_
    pub colorspace: u32,
    /// V4L2_XFER_FUNC_
    pub xfer_func: u32,
    /// V4L2_YCBCR_ENC_
    pub ycbcr_enc: u32,
    /// V4L2_QUANTIZATION_
    pub quantization: u32,
    /// What is taken of what comes in
    pub crop: mediadev_rect,
    /// Where that is put
    pub compose: mediadev_rect,
    /// Of the seconds from one frame to the next
    pub interval_numerator: u32,
    /// Of the seconds from one frame to the next
    pub interval_denominator: u32,
}

// SAFETY: a repr(C) struct of integers, with the size in front.
unsafe impl Versioned for mediadev_format {
    const FIRST_SIZE: usize = size_of::<mediadev_format>();
}

impl From<Rect> for mediadev_rect {
    fn from(Rect { left, top, width, height }: Rect) -> Self {
        mediadev_rect { left, top, width, height }
    }
}

impl From<mediadev_rect> for Rect {
    fn from(mediadev_rect { left, top, width, height }: mediadev_rect) -> Self {
        Rect { left, top, width, height }
    }
}

impl From<PadSettings> for mediadev_format {
    fn from(settings: PadSettings) -> Self {
        let told = [
            (MEDIADEV_FORMAT_FORMAT, settings.format.is_some()),
            (MEDIADEV_FORMAT_CROP, settings.crop.is_some()),
            (MEDIADEV_FORMAT_COMPOSE, settings.compose.is_some()),
            (MEDIADEV_FORMAT_INTERVAL, settings.interval.is_some()),
        ];
        let told = told.iter().filter(|(_, is_told)| *is_told).fold(0, |all, (flag, _)| all | flag);
        let format = settings.format.unwrap_or_else(FrameFormat::zero);
        let interval = settings.interval.unwrap_or_default();
        mediadev_format {
            size: size_of::<Self>(),
            told,
            width: format.width,
            height: format.height,
            code: format.code,
            field: format.field,
            colorspace: format.colorspace,
            xfer_func: format.xfer_func.into(),
            ycbcr_enc: format.ycbcr_enc.into(),
            quantization: format.quantization.into(),
            crop: settings.crop.unwrap_or_default().into(),
            compose: settings.compose.unwrap_or_default().into(),
            interval_numerator: interval.numerator,
            interval_denominator: interval.denominator,
        }
    }
}

impl mediadev_format {
    fn settings(&self) -> Result<PadSettings, Failure> {
        let told = super::flags(self.told, ALL)?;
        let is_told = |flag| told & flag != 0;
        let narrow = |number: u32, name: &str| {
            u16::try_from(number)
                .map_err(|_| Failure::invalid(format!("format->{name} is {number}: it has 16 bits")))
        };
        let format = FrameFormat {
            width: self.width,
            height: self.height,
            code: self.code,
            field: self.field,
            colorspace: self.colorspace,
            xfer_func: narrow(self.xfer_func, "xfer_func")?,
            ycbcr_enc: narrow(self.ycbcr_enc, "ycbcr_enc")?,
            quantization: narrow(self.quantization, "quantization")?,
            ..FrameFormat::zero()
        };
        let interval =
            Interval { numerator: self.interval_numerator, denominator: self.interval_denominator };
        Ok(PadSettings {
            format: is_told(MEDIADEV_FORMAT_FORMAT).then_some(format),
            crop: is_told(MEDIADEV_FORMAT_CROP).then(|| self.crop.into()),
            compose: is_told(MEDIADEV_FORMAT_COMPOSE).then(|| self.compose.into()),
            interval: is_told(MEDIADEV_FORMAT_INTERVAL).then_some(interval),
        })
    }
}

/// Tells what flows through a pad of a sub-device, and through which stream of it (0 where there is one). Set \p format->size before.
/// \p format->told says what the driver knows of.
///
/// Returns 0, or -ENOENT there is no such pad, or its entity is no sub-device with a node; -EINVAL a NULL argument, a wrong size, or the
/// pad has no format; -ENOTTY the kernel knows no streams; -ENODEV the device is gone; that of open(), -EACCES for one.
#[no_mangle]
pub unsafe extern "C" fn mediadev_get_format(
    node: *mut mediadev_node,
    pad_id: u32,
    stream: u32,
    format: *mut mediadev_format,
) -> c_int {
    guard(|| {
        let (node, mut format) = (self::node(node)?, versioned_out(format, "format")?);
        let topology = node.topology_read()?;
        let pad = topology.pad_by_id(pad_id)?;
        format.set(node.subdev(&topology, pad.entity_id)?.settings(pad.index, stream)?.into());
        Ok(())
    })
}

/// Sets what flows through a pad of a sub-device: what \p format->told says. *\p format is then what the driver has made of it. What is
/// set at a source pad is set at the sub-devices too that its enabled links lead to, as far as they take it.
///
/// Returns as mediadev_get_format(), and -EBUSY data flows; what the driver says.
#[no_mangle]
pub unsafe extern "C" fn mediadev_set_format(
    node: *mut mediadev_node,
    pad_id: u32,
    stream: u32,
    format: *mut mediadev_format,
) -> c_int {
    guard(|| {
        let node = self::node(node)?;
        let wanted =
            versioned(format, "format")?.ok_or_else(|| Failure::invalid("format is NULL"))?.settings()?;
        let mut format = versioned_out(format, "format")?;
        let topology = node.topology_read()?;
        let pad = topology.pad_by_id(pad_id)?;
        format.set(node.set_pad(&topology, &pad, stream, &wanted)?.into());
        Ok(())
    })
}

/// Sets what flows through pads in media-ctl's notation, that of its option -V:
/// "'Sensor A':0[fmt:SRGGB8_1X8/640x480 field:none @1/30], 'Scaler':0[crop:(0,0)/320x240]". Properties are fmt:, field:, colorspace:,
/// xfer:, ycbcr:, quantization:, crop:, compose: and @, with the names that media-ctl has; a code may also be a number, 0x3014. A
/// stream other than the first stands behind the pad: 'mux':0/1.
///
/// All of it is read, and everything in it found, before the first pad is changed; then one is changed after the other, until one cannot
/// be. What is set at a source pad is set at the sub-devices too that its enabled links lead to, as far as they take it.
///
/// Returns 0, or -EINVAL the text is wrong (mediadev_last_error() says where), or NULL; -ENOENT there is no such entity or pad, or the
/// entity is no sub-device with a node; -ENOTUNIQ several entities have the name; -EBUSY data flows; -ENOTTY the driver does not know
/// the property, or the kernel no streams; -ENODEV the device is gone; what the driver says, and what open() does.
#[no_mangle]
pub unsafe extern "C" fn mediadev_set_formats(node: *mut mediadev_node, formats: *const c_char) -> c_int {
    guard(|| Ok(self::node(node)?.set_formats(text(formats, "formats")?)?))
}

/// Tells what flows through a pad ("'Sensor A':0"), or with NULL through all pads of all sub-devices, in the notation of
/// mediadev_set_formats(), to which it can be given again. *\p formats is the caller's, to be freed with mediadev_free().
///
/// Returns 0, or as mediadev_get_format(); -EINVAL also where the text is wrong.
#[no_mangle]
pub unsafe extern "C" fn mediadev_get_formats(
    node: *mut mediadev_node,
    pad: *const c_char,
    formats: *mut *mut c_char,
) -> c_int {
    guard(|| {
        let (node, mut formats) = (self::node(node)?, out(formats, "formats")?);
        let pad = text_or_none(pad, "pad")?;
        formats.set(give_text(&joined(&Node::formats(&node, pad)?))?);
        Ok(())
    })
}

/// Sets the routes through sub-devices in media-ctl's notation, that of its option -R: "'mux'[0/0->2/0[1], 1/0->2/1[1]]", each from a
/// sink pad and stream to a source pad and stream; [1] makes it active. A sub-device then has these routes and no others.
///
/// Returns as mediadev_set_formats(); -ENOTTY also where the sub-device has no routes.
#[no_mangle]
pub unsafe extern "C" fn mediadev_set_routes(node: *mut mediadev_node, routes: *const c_char) -> c_int {
    guard(|| Ok(self::node(node)?.set_routes(text(routes, "routes")?)?))
}

/// Tells the routes through a sub-device ("'mux'"), or with NULL through each that has some, in the notation of mediadev_set_routes(), to
/// which it can be given again. *\p routes is the caller's, to be freed with mediadev_free().
///
/// Returns as mediadev_get_formats(); -ENOTTY where the sub-device has no routes.
#[no_mangle]
pub unsafe extern "C" fn mediadev_get_routes(
    node: *mut mediadev_node,
    entity: *const c_char,
    routes: *mut *mut c_char,
) -> c_int {
    guard(|| {
        let (node, mut routes) = (self::node(node)?, out(routes, "routes")?);
        let told = node.routes(text_or_none(entity, "entity")?)?;
        routes.set(give_text(&joined(&told))?);
        Ok(())
    })
}

/// Copies the name of a media bus format with its NUL: that of linux/media-bus-format.h without MEDIA_BUS_FMT_, "SRGGB8_1X8". One that
/// has none is its number, "0x9999".
///
/// Returns its length; -ERANGE \p size is too small (64 is enough; with 0 nothing is copied), -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_name_format(code: u32, name: *mut c_char, size: usize) -> c_int {
    guard(|| give_into(&formats::code(code), name, size, "name"))
}

/// Tells the media bus format that has this name, in either case, or one of media-ctl's shorter ones ("SRGGB8"), or is this number.
///
/// Returns 0, or -ENOENT there is none, -EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn mediadev_format_called(name: *const c_char, code: *mut u32) -> c_int {
    guard(|| {
        let (name, mut code) = (text(name, "name")?, out(code, "code")?);
        code.set(formats::code_called(name).ok_or_else(|| super::names::unknown("media bus format", name))?);
        Ok(())
    })
}
