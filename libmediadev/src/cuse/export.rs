// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Export`]: a device with a node in /dev, from the node's coming to its end, served by whoever does it.

use super::node::Node;
use super::session::failed;
use super::Session;
use crate::device::Listening;
use crate::error::{error, Kind, Result};
use crate::Device;
use kref::sync::lock;
use kref::Ref;
use std::fs::OpenOptions;
use std::os::fd::BorrowedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// See the module's description. Dropping it ends it at once.
pub struct Export {
    session: Arc<Session>,
    path: PathBuf,
    /// Whether a thread serves it.
    started: Mutex<bool>,
    _listening: Listening,
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
            return Err(device.closed("export"));
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
        session.keep(Node::find(name, &path)?);
        let session = Arc::new(session);
        let (gone, its) = (Ref::downgrade(device), session.clone());
        let remove = move || {
            if gone.upgrade().is_none_or(|device| !device.is_registered()) {
                its.remove_node();
            }
        };
        let listening = Device::listen(device, remove.clone())?;
        // It may have been unregistered before anybody listened.
        remove();
        Ok(Export { session, path, started: Mutex::new(false), _listening: listening })
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
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
        let session = self.session.clone();
        let name = self.path().file_name().unwrap_or_default().to_string_lossy();
        let serve = move || {
            /// Whatever ends the thread, nobody waits for an answer that will not come.
            struct End(Arc<Session>);
            impl Drop for End {
                fn drop(&mut self) {
                    self.0.close();
                }
            }
            let end = End(session);
            while end.0.serve(None).map_or_else(|e| e.kind() == Kind::Call(libc::EINTR), |_| true) {}
        };
        let made = thread::Builder::new().name(name.clone().into_owned()).spawn(serve);
        made.map_err(|e| failed(&name, "thread", &e))?;
        *started = true;
        Ok(())
    }

    /// [`Session::stop`].
    pub fn stop(&self) -> Result<()> {
        self.session.stop()
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        self.session.close();
    }
}
