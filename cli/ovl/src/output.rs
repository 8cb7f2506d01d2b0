// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a command writes: text and blobs to standard output, and files that are there completely or not at all.

use crate::failure::{Failure, Result};
use serde_json::Value;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;

/// Writes text to standard output. A reader who has seen enough is no error.
pub(crate) fn text(text: &str) -> Result<()> {
    to_stdout(text.as_bytes())
}

/// Writes a value as JSON to standard output.
pub(crate) fn json(value: &Value) -> Result<()> {
    text(&format!("{value:#}\n"))
}

/// Writes bytes as they are to standard output, but not to a terminal.
pub(crate) fn binary(bytes: &[u8]) -> Result<()> {
    refuse_terminal(&std::io::stdout())?;
    to_stdout(bytes)
}

fn refuse_terminal(out: &impl IsTerminal) -> Result<()> {
    match out.is_terminal() {
        true => Err(Failure::new("binary data is not written to a terminal")),
        false => Ok(()),
    }
}

fn to_stdout(bytes: &[u8]) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a blob to a file, or to standard output for "-".
///
/// A file that is there keeps its old content until the new one is complete, and its permissions. Devices and pipes are
/// written to, not replaced.
pub(crate) fn file(path: &Path, bytes: &[u8]) -> Result<()> {
    if path.as_os_str() == "-" {
        return binary(bytes);
    }
    let failed = |source| ovl::Error::Io { path: path.display().to_string(), source };
    match fs::metadata(path) {
        Ok(there) if !there.is_file() => {
            let mut out = OpenOptions::new().write(true).open(path).map_err(failed)?;
            refuse_terminal(&out)?;
            out.write_all(bytes).map_err(failed)?;
        }
        Ok(there) => {
            // The file that a symbolic link leads to is replaced, not the link.
            let target = path.canonicalize().map_err(failed)?;
            replace(&target, bytes, Some(there.permissions())).map_err(failed)?;
        }
        Err(_) => replace(path, bytes, None).map_err(failed)?,
    }
    Ok(())
}

fn replace(path: &Path, bytes: &[u8], permissions: Option<Permissions>) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let create = |path: &Path| OpenOptions::new().write(true).create_new(true).open(path);
    let mut new = tempfile::Builder::new().prefix(".ovl-").make_in(folder, create)?;
    new.write_all(bytes)?;
    if let Some(permissions) = permissions {
        new.as_file().set_permissions(permissions)?;
    }
    new.as_file().sync_all()?;
    new.persist(path).map_err(|failed| failed.error)?;
    Ok(())
}
