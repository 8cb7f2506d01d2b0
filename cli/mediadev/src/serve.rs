// SPDX-License-Identifier: MIT OR Apache-2.0
//! `mediadev serve`: a device that a file describes, for programs that look for one.

use crate::described::Described;
use cli_common::{output, Failure, Progress, Result, Stop, Woke};
use kref::Ref;
use mediadev::cuse::Export;
use mediadev::{Device, Kind};
use std::path::Path;
use std::time::Duration;

/// Provide a media device that a file describes
///
/// To test programs for cameras without a camera, or for one that is elsewhere: its file can be made there.
#[derive(clap::Args)]
#[command(after_long_help = "\
FILE is what topology --json writes, or less of it: the device's driver and model, entities with
their pads, links. Any program can open the device, look at it, and set up its links; no data flows.
Says its path when it is there. Needs the right to open /dev/cuse, and the module cuse.

Ctrl-C or SIGTERM unregisters it: programs that have it open get ENODEV. This one ends when they
have closed it, or at the second signal.

Examples:
  mediadev serve camera.json
  mediadev serve --name media7 camera.json

Exit codes:
  0  Ctrl-C or SIGTERM ended it
  1  an error, which is told on standard error
  2  the command line cannot be understood
  3  the system has taken the device away")]
pub(crate) struct Serve {
    /// What the device is; - is standard input
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: String,
    /// Call it so in /dev; programs look for "media" and a number
    #[arg(short, long, default_value = "media50")]
    name: String,
}

impl Serve {
    pub(crate) fn run(self) -> Result<()> {
        let device = self.device().map_err(|failure| failure.about(&self.file))?;
        Device::register(&device)?;
        let stop = Stop::new()?;
        let export = Export::cuse(&device, &self.name).map_err(|error| {
            let next = "\"modprobe cuse\" makes /dev/cuse, which root may open".to_owned();
            Failure::several([error.to_string(), next])
        })?;
        output::text(&format!("{}\n", export.path().display()))?;
        // As long as the device is there the export ends only if the system ends it.
        while stop.sleep(&[export.fd()], None)? == Woke::Ready {
            serve(&export, Some(Duration::ZERO))?;
        }
        device.unregister();
        let mut progress = Progress::new();
        loop {
            progress.show(|| {
                let open = device.files().len();
                format!("{}: {open} handles are open still (Ctrl-C ends this)", export.path().display())
            });
            match serve(&export, Some(AGAIN)) {
                Ok(()) => {}
                Err(error) if error.kind() == Kind::Gone => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn device(&self) -> Result<Ref<Device>> {
        let text = match self.file.as_str() {
            "-" => std::io::read_to_string(std::io::stdin()),
            file => std::fs::read_to_string(Path::new(file)),
        };
        Described::read(&text.map_err(|error| Failure::new(error.to_string()))?)?.make()
    }
}

/// How often one looks who still has the device.
const AGAIN: Duration = Duration::from_millis(200);

/// Does what programs want, until a signal comes at the latest.
fn serve(export: &Export, timeout: Option<Duration>) -> mediadev::Result<()> {
    match export.serve(timeout) {
        Err(error) if error.errno() != rustix::io::Errno::INTR.raw_os_error() => Err(error),
        _ => Ok(()),
    }
}
