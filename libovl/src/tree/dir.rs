// SPDX-License-Identifier: MIT OR Apache-2.0
//! A tree from a directory such as `/proc/device-tree`: a folder is a node, a file a property.

use super::Tree;
use crate::error::{invalid, Error, Result};
use crate::fdt::{Writer, MAX_DEPTH};
use std::fs;
use std::path::Path;

/// What all files together may have; a blob could not hold more.
const MAX_TOTAL: u64 = u32::MAX as u64 / 2;

impl Tree {
    /// Reads a directory in which folders are nodes and files are properties.
    ///
    /// The order of a directory means nothing, so nodes and properties come sorted by name. The `name` properties that Linux
    /// adds are left out, and below the top symbolic links are not followed.
    ///
    /// # Errors
    /// [`Error::Io`] with the path; [`Error::TooBig`]; [`Error::Invalid`] for a name that is not text; those of
    /// [`from_fdt`](Self::from_fdt).
    pub fn from_dir(path: impl AsRef<Path>) -> Result<Tree> {
        let mut writer = Writer::new();
        let mut left = MAX_TOTAL;
        node(&mut writer, path.as_ref(), "", 1, &mut left)?;
        Tree::from_fdt(&writer.finish(&[], 0))
    }
}

fn node(writer: &mut Writer, path: &Path, name: &str, depth: usize, left: &mut u64) -> Result<()> {
    let io = |source| Error::Io { path: path.display().to_string(), source };
    if depth > MAX_DEPTH {
        return Err(Error::TooBig(format!("{}: nested deeper than {MAX_DEPTH}", path.display())));
    }
    let mut entries =
        fs::read_dir(path).and_then(Iterator::collect::<std::io::Result<Vec<_>>>).map_err(io)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for entry in entries {
        let kind = entry.file_type().map_err(io)?;
        let name = entry.file_name();
        let name = name.to_str().filter(|n| n.bytes().all(|b| matches!(b, b' '..=b'~')));
        let Some(name) = name else {
            return Err(invalid!("{}: the name is not printable ASCII", entry.path().display()));
        };
        if kind.is_dir() {
            folders.push((name.to_string(), entry.path()));
        } else if kind.is_file() && name != "name" {
            files.push((name.to_string(), entry.path()));
        }
    }
    writer.begin(name);
    for (name, path) in files {
        let io = |source| Error::Io { path: path.display().to_string(), source };
        let mut value = Vec::new();
        let file = fs::File::open(&path).map_err(io)?;
        std::io::Read::read_to_end(&mut std::io::Read::take(file, *left + 1), &mut value).map_err(io)?;
        *left = left.checked_sub(value.len() as u64).ok_or_else(|| {
            Error::TooBig(format!("{}: more than {MAX_TOTAL} bytes of properties", path.display()))
        })?;
        writer.prop(&name, &value);
    }
    for (name, path) in folders {
        self::node(writer, &path, &name, depth + 1, left)?;
    }
    writer.end();
    Ok(())
}
