// SPDX-License-Identifier: MIT OR Apache-2.0
//! The program; all of it is in lib.rs.

fn main() -> std::process::ExitCode {
    mediadev_cli::run()
}
