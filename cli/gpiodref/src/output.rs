// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a command writes to standard output.

use cli_common::{Failure, Result};
use serde_json::Value;
use std::io::{ErrorKind, Write};

/// Writes text; false when the reader has seen enough, which is no error.
pub(crate) fn text(text: &str) -> Result<bool> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::new(format!("standard output: {error}"))),
    }
}

/// Writes a value as JSON.
pub(crate) fn json(value: &Value) -> Result<bool> {
    text(&format!("{value:#}\n"))
}
