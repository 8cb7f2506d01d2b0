// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a command writes to standard output. A reader who has seen enough is no error.

use crate::{Failure, Result};
use serde_json::Value;
use std::io::{ErrorKind, Write};

/// Writes bytes as they are; false when the reader has seen enough.
pub fn bytes(bytes: &[u8]) -> Result<bool> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::new(format!("standard output: {error}"))),
    }
}

/// Writes text.
pub fn text(text: &str) -> Result<bool> {
    bytes(text.as_bytes())
}

/// Writes a value as JSON.
pub fn json(value: &Value) -> Result<bool> {
    text(&format!("{value:#}\n"))
}
