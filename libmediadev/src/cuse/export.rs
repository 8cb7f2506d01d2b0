// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Export`]: the node in /dev, from its coming to its end. The kernel takes a node away when the channel is closed, which is not
//! before the last of those who have it open has closed it; so that nobody opens it until then, it is removed here.

use super::session::failed;
use super::Session;
use crate::device::Listening;
use crate::error::{error, Kind, Result};
use crate::Device;
use kref::sync::lock;
use kref::Ref;
use std::fs::{self, OpenOptions};
use std::os::fd::BorrowedFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// See the module's description. Dropping it ends it at once.
pub struct Export {
    session: Arc<Session>,
    node: Arc<Node>,
    /// Whether a thread serves it.
    started: Mutex<bool>,
    _listening: Listening,
}

/// A node, by its path, and by what it is: numbers of devices are given away again, to the next one of the same name for one.
struct Node {
    path: PathBuf,
    inode: u64,
}

/// How long the kernel may take to say its first word.
const PATIENCE: Duration = Duration::from_secs(10);

impl Export {
    /// Makes the node /dev/NAME for a device. It needs the right to open /dev/cuse.
    pub fn cuse(device: &Ref<Device>, name: &str) -> Result<Self> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        if name.is_empty() || name.len() > 31 || name.starts_with('.') || !name.chars().all(allowed) {
            return Err(error!(Invalid, "\"{name}\" cannot be the name of a node"));
        }
        if !device.is_registered() {
            return Err(device.gone("export"));
        }
        let path = Path::new("/dev").join(name);
        // The kernel would make a device without a node.
        if path.exists() {
            return Err(error!(Exists, "{}: there is such a node already", path.display()));
        }
        let flags = libc::O_NONBLOCK;
        let channel = OpenOptions::new().read(true).write(true).custom_flags(flags).open("/dev/cuse");
        let session = Session::new(device, name, channel.map_err(|e| failed("cuse", "open", &e))?)?;
        // Its first word is answered, and makes the node; where it refuses, it ends.
        if session.serve(Some(PATIENCE))? == 0 {
            return Err(error!(TimedOut, "/dev/cuse: the kernel says nothing"));
        }
        session.serve(Some(Duration::ZERO)).map_err(|e| match e.kind() {
            Kind::Gone => {
                error!(
                    Exists,
                    "/dev/{name}: the kernel refuses: CUSE has a device of this name, or is too old"
                )
            }
            _ => e,
        })?;
        let node = Arc::new(Node::find(name, path)?);
        let (gone, it) = (Ref::downgrade(device), node.clone());
        let is_gone = move || gone.upgrade().is_none_or(|device| !device.is_registered());
        let remove = move || {
            if is_gone() {
                it.remove()
            }
        };
        let listening = Device::listen(device, remove.clone())?;
        // It may have been unregistered before anybody listened.
        remove();
        Ok(Export { session: Arc::new(session), node, started: Mutex::new(false), _listening: listening })
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.node.path
    }

    /// For poll(): readable when [`serve`](Self::serve) has something to do, or nothing ever again.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.session.fd()
    }

    /// [`Session::serve`].
    pub fn serve(&self, timeout: Option<Duration>) -> Result<usize> {
        self.session.serve(timeout)
    }

    /// Serves it in a thread until it ends.
    pub fn start(&self) -> Result<()> {
        let mut started = lock(&self.started);
        if *started {
            return Err(error!(Busy, "{}: a thread serves it already", self.path().display()));
        }
        let (session, node) = (self.session.clone(), self.node.clone());
        let name = self.path().file_name().unwrap_or_default().to_string_lossy();
        let serve = move || {
            /// Whatever ends the thread, nobody waits for an answer that will not come.
            struct End(Arc<Session>, Arc<Node>);
            impl Drop for End {
                fn drop(&mut self) {
                    self.1.remove();
                    self.0.close();
                }
            }
            let end = End(session, node);
            while end.0.serve(None).map_or_else(|e| e.kind() == Kind::Call(libc::EINTR), |_| true) {}
        };
        let made = thread::Builder::new().name(name.clone().into_owned()).spawn(serve);
        made.map_err(|e| failed(&name, "thread", &e))?;
        *started = true;
        Ok(())
    }

    /// Removes the node, and [`Session::stop`].
    pub fn stop(&self) -> Result<()> {
        self.node.remove();
        self.session.stop()
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        self.node.remove();
        self.session.close();
    }
}

impl Node {
    /// What the kernel has made.
    fn find(name: &str, path: PathBuf) -> Result<Self> {
        let at = path.display();
        let about = format!("/sys/class/cuse/{name}/dev");
        let numbers = fs::read_to_string(&about).map_err(|e| failed(name, &about, &e))?;
        let number = |text: &str| text.trim().parse::<u32>().ok();
        let device = numbers
            .split_once(':')
            .and_then(|(major, minor)| Some(libc::makedev(number(major)?, number(minor)?)))
            .ok_or_else(|| error!(Malformed, "{at}: its numbers cannot be \"{}\"", numbers.trim()))?;
        let found = fs::symlink_metadata(&path).ok();
        let found = found.filter(|found| found.file_type().is_char_device() && found.rdev() == device);
        match found {
            Some(found) => Ok(Node { inode: found.ino(), path }),
            None => Err(error!(NotFound, "{}: the system has made no such node", path.display())),
        }
    }

    fn is_there(&self) -> bool {
        fs::symlink_metadata(&self.path).is_ok_and(|found| found.ino() == self.inode)
    }

    fn remove(&self) {
        // By now it may be another device's.
        if self.is_there() {
            let _ = fs::remove_file(&self.path);
        }
    }
}
