// SPDX-License-Identifier: MIT OR Apache-2.0
//! Things of the library as JSON.

use gpiodref::{Chip, LineInfo};
use serde_json::{json, Value};

/// A chip, without its lines.
pub(crate) fn chip(chip: &Chip) -> Value {
    json!({
        "name": chip.name().to_string_lossy(),
        "label": chip.label().to_string_lossy(),
        "num_lines": chip.num_lines(),
    })
}

/// A line; "name" and "consumer" are null where there is none.
pub(crate) fn line(info: &LineInfo) -> Value {
    json!({
        "offset": info.offset,
        "name": text(&info.name),
        "used": info.used,
        "consumer": text(&info.consumer),
        "direction": info.config.direction.to_string(),
        "active_low": info.config.active_low,
        "edge": info.config.edge.to_string(),
        "bias": info.config.bias.to_string(),
        "drive": info.config.drive.to_string(),
        "event_clock": info.config.clock.to_string(),
        "debounce_us": info.config.debounce_us,
    })
}

/// A text, or null where it is empty.
pub(crate) fn text(text: &str) -> Value {
    match text {
        "" => Value::Null,
        text => text.into(),
    }
}
