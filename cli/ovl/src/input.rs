// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a command reads: a devicetree, with overlays if they are given, and a node in it.

use crate::overlay::Rules;
use crate::settings::Settings;
use clap::ValueHint;
use cli_common::{Failure, Result};
use ovl::{Error, Node, Tree};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The devicetree of the running system, where it has one.
const OF_THE_SYSTEM: &str = "/proc/device-tree";

/// The tree that `tree`, `get` and `dts` look at.
#[derive(clap::Args)]
pub(crate) struct Input {
    #[command(flatten)]
    settings: Settings,
    /// The devicetree: a .dtb file, a directory, or "-" for standard input; if not given, /proc/device-tree
    #[arg(short, long, value_name = "FILE", display_order = 0, value_hint = ValueHint::AnyPath)]
    input: Option<PathBuf>,
    /// Apply this overlay first, in memory; may be given several times
    #[arg(long, value_name = "OVERLAY", display_order = 0, value_hint = ValueHint::FilePath)]
    with: Vec<PathBuf>,
    #[command(flatten)]
    rules: Rules,
}

impl Input {
    /// Reads the tree and applies the overlays.
    pub(crate) fn tree(&self) -> Result<Tree> {
        let tree = match &self.input {
            Some(path) => load(path, &self.settings.of("input", 0))?,
            None if Path::new(OF_THE_SYSTEM).is_dir() => load(Path::new(OF_THE_SYSTEM), &[])?,
            None => {
                return Err(Failure::usage(format!(
                    "no devicetree to read: give one with -i FILE ({OF_THE_SYSTEM} does not exist here)"
                )))
            }
        };
        for (n, overlay) in self.with.iter().enumerate() {
            self.rules.step(&tree, overlay, &self.settings.of("with", n))?.succeeded()?;
        }
        Ok(tree)
    }
}

/// The tree in a file, a directory or standard input, with these parameters.
pub(crate) fn load(path: &Path, params: &[&str]) -> ovl::Result<Tree> {
    let tree = match path.is_dir() && params.is_empty() {
        true => Tree::from_dir(path),
        false => Tree::from_fdt(&bytes(path, params)?),
    };
    tree.map_err(|error| in_file(path, error))
}

/// The error with the file in its sentence.
pub(crate) fn in_file(path: &Path, error: Error) -> Error {
    match error {
        Error::Malformed { .. } => Error::Invalid(format!("{}: {error}", path.display())),
        error => error,
    }
}

/// The blob in a file or standard input, or the one that a directory would make, with these parameters.
pub(crate) fn bytes(path: &Path, params: &[&str]) -> ovl::Result<Vec<u8>> {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    if path.as_os_str() == "-" && TAKEN.swap(true, Ordering::Relaxed) {
        return Err(Error::Invalid("standard input (\"-\") can be given only once".into()));
    }
    let blob = match path.is_dir() {
        true => load(path, &[])?.to_fdt()?,
        false => ovl::read_file(path).map_err(|error| with_others(path, error))?,
    };
    match params {
        [] => Ok(blob),
        _ => ovl::set_params(&blob, Some(&path.display().to_string()), params),
    }
}

/// So many files are named where one is not there.
const SOME: usize = 4;

/// The error with the names of files that may be meant, if there is no such file.
fn with_others(path: &Path, error: Error) -> Error {
    let missing = matches!(&error, Error::Io { source, .. } if source.kind() == ErrorKind::NotFound);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Some(entries) = std::fs::read_dir(folder).ok().filter(|_| missing) else { return error };
    let mut others: Vec<String> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|other| other.extension().is_some() && other.extension() == path.extension())
        .filter_map(|other| Some(other.file_name()?.to_str()?.to_owned()))
        .collect();
    others.sort_unstable();
    match others.len() {
        0 => error,
        1..=SOME => Error::NotFound(format!("{error}; there is {}", others.join(", "))),
        more => Error::NotFound(format!(
            "{error}; there is {} and {} more",
            others[..SOME].join(", "),
            more - SOME
        )),
    }
}

/// The node at a path, behind an alias, or with a label ("&uart0").
pub(crate) fn node(tree: &Tree, place: &str) -> Result<Node> {
    let found = match place.strip_prefix('&') {
        Some(label) => tree.node_by_label(label),
        None => tree.node_by_path(place),
    };
    found.map_err(|error| {
        let next = match place.strip_prefix('&') {
            _ if Path::new(place).is_file() => format!("to read the file {place}, say -i {place}"),
            Some(_) => "\"ovl get /__symbols__\", with the same files, lists the labels".into(),
            None if place.starts_with('/') => {
                let above = above(tree, place);
                format!("\"ovl tree {above}\", with the same files, shows what is there")
            }
            None => {
                "\"ovl get /aliases\", with the same files, lists the aliases; a path begins with /".into()
            }
        };
        Failure::several([error.to_string(), next])
    })
}

/// The last node on the way to a path that is there.
fn above<'p>(tree: &Tree, path: &'p str) -> &'p str {
    let ends = path.match_indices('/').map(|(end, _)| &path[..end]).filter(|path| !path.is_empty());
    ends.take_while(|path| tree.node_by_path(path).is_ok()).last().unwrap_or("/")
}
