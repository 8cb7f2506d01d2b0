// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Node`]: what there is in /dev. The kernel takes a node away when its channel is closed, which is not before the last of those who
//! have it open has closed it; so that nobody opens it until then, it is removed here. Only as long as the channel is open: then its
//! name and its numbers may be those of the next one.

use super::session::failed;
use crate::error::{error, Result};
use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// A node, by its path and its numbers. Dropping it removes it.
pub(super) struct Node {
    path: PathBuf,
    device: u64,
}

impl Node {
    /// What the kernel has made.
    pub(super) fn find(name: &str, path: &Path) -> Result<Self> {
        let at = path.display();
        let about = format!("/sys/class/cuse/{name}/dev");
        let numbers = fs::read_to_string(&about).map_err(|e| failed(name, &about, &e))?;
        let number = |text: &str| text.trim().parse::<u32>().ok();
        let device = numbers
            .split_once(':')
            .and_then(|(major, minor)| Some(libc::makedev(number(major)?, number(minor)?)))
            .ok_or_else(|| error!(Malformed, "{at}: its numbers cannot be \"{}\"", numbers.trim()))?;
        let node = Node { device, path: path.to_owned() };
        match node.is_there() {
            true => Ok(node),
            false => Err(error!(NotFound, "{at}: the system has made no such node")),
        }
    }

    fn is_there(&self) -> bool {
        let found = fs::symlink_metadata(&self.path);
        found.is_ok_and(|found| found.file_type().is_char_device() && found.rdev() == self.device)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Somebody may have put another one in its place.
        if self.is_there() {
            let _ = fs::remove_file(&self.path);
        }
    }
}
