// SPDX-License-Identifier: MIT OR Apache-2.0
//! Blobs that a command writes: to standard output, or as files that are there completely or not at all.

use cli_common::{output, Failure, Result};
use std::fs::{self, OpenOptions, Permissions};
use std::io::{IsTerminal, Write};
use std::path::Path;

/// Writes bytes as they are to standard output, but not to a terminal.
pub(crate) fn binary(bytes: &[u8]) -> Result<bool> {
    refuse_terminal(&std::io::stdout())?;
    output::bytes(bytes)
}

fn refuse_terminal(out: &impl IsTerminal) -> Result<()> {
    match out.is_terminal() {
        true => Err(Failure::new("binary data is not written to a terminal")),
        false => Ok(()),
    }
}

/// Writes a blob to a file, or to standard output for "-".
///
/// A file that is there keeps its old content until the new one is complete, and its permissions. Devices and pipes are
/// written to, not replaced.
pub(crate) fn file(path: &Path, bytes: &[u8]) -> Result<()> {
    if path.as_os_str() == "-" {
        return binary(bytes).map(drop);
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
