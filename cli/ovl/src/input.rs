// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a command reads: a devicetree, with overlays if they are given, and a node in it.

use crate::overlay::Rules;
use cli_common::{Failure, Result};
use ovl::{Error, Node, Tree};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The devicetree of the running system, where it has one.
const OF_THE_SYSTEM: &str = "/proc/device-tree";

/// The tree that `tree`, `get` and `dts` look at.
#[derive(clap::Args)]
pub(crate) struct Input {
    /// The devicetree: a .dtb file, a directory, or "-" for standard input; if not given, /proc/device-tree
    #[arg(short, long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Apply this overlay first, in memory; may be given several times
    #[arg(long, value_name = "OVERLAY")]
    with: Vec<PathBuf>,
    #[command(flatten)]
    rules: Rules,
}

impl Input {
    /// Reads the tree and applies the overlays.
    pub(crate) fn tree(&self) -> Result<Tree> {
        let tree = match &self.input {
            Some(path) => load(path)?,
            None if Path::new(OF_THE_SYSTEM).is_dir() => load(Path::new(OF_THE_SYSTEM))?,
            None => {
                return Err(Failure::usage(format!(
                    "no devicetree to read: give one with -i FILE ({OF_THE_SYSTEM} does not exist here)"
                )))
            }
        };
        for overlay in &self.with {
            self.rules.step(&tree, overlay)?.succeeded()?;
        }
        Ok(tree)
    }
}

/// The tree in a file, a directory or standard input.
pub(crate) fn load(path: &Path) -> ovl::Result<Tree> {
    let tree = match path.is_dir() {
        true => Tree::from_dir(path),
        false => Tree::from_fdt(&bytes(path)?),
    };
    tree.map_err(|error| in_file(path, error))
}

/// The blob in a file or standard input, or the one that a directory would make.
pub(crate) fn blob(path: &Path) -> ovl::Result<Vec<u8>> {
    match path.is_dir() {
        true => load(path)?.to_fdt(),
        false => bytes(path),
    }
}

/// The error with the file in its sentence.
pub(crate) fn in_file(path: &Path, error: Error) -> Error {
    match error {
        Error::Malformed { .. } => Error::Invalid(format!("{}: {error}", path.display())),
        error => error,
    }
}

/// The bytes of a file or of standard input.
pub(crate) fn bytes(path: &Path) -> ovl::Result<Vec<u8>> {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    if path.as_os_str() == "-" && TAKEN.swap(true, Ordering::Relaxed) {
        return Err(Error::Invalid("standard input (\"-\") can be given only once".into()));
    }
    ovl::read_file(path)
}

/// The node at a path, behind an alias, or with a label ("&uart0").
pub(crate) fn node(tree: &Tree, place: &str) -> Result<Node> {
    let found = match place.strip_prefix('&') {
        Some(label) => tree.node_by_label(label),
        None => tree.node_by_path(place),
    };
    found.map_err(|error| match Path::new(place).is_file() {
        true => Failure::new(format!("{error} (to read the file {place}, say -i {place})")),
        false => error.into(),
    })
}
