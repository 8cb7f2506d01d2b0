// SPDX-License-Identifier: MIT OR Apache-2.0
//! The ABI gate: a C library that mentions everything a header declares, whose ABI `abidiff` compares with the committed
//! one. (abidiff on the Rust library itself misses breaks: Rust's debug information does not describe what C sees.)

use crate::c_header::Header;
use crate::{read, run, write as write_file, Answer, Library};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// abidiff's exit bits: a change, and one that breaks programs.
const CHANGED: i32 = 4;
const INCOMPATIBLE: i32 = 8;

pub(crate) fn write(library: &Library, top: &Path) -> Answer {
    let (abi, new) = (library.abi(top), describe(library, top)?);
    let said = if abi.exists() { compare(&abi, &new)?.1 } else { String::new() };
    write_file(&abi, &read(&new)?)?;
    Ok(format!("{said}{}: written", abi.display()))
}

pub(crate) fn check(library: &Library, top: &Path) -> Answer {
    let (abi, new) = (library.abi(top), describe(library, top)?);
    let (code, said) = compare(&abi, &new)?;
    match code {
        0 => Ok(format!("{}: the header's ABI is the committed one", abi.display())),
        code if code & INCOMPATIBLE != 0 => {
            Err(format!("{said}{}: programs that were built before would break", abi.display()))
        }
        code if code & CHANGED != 0 => Err(format!(
            "{said}{}: the ABI has grown; run `cargo xtask witness` and commit the result",
            abi.display()
        )),
        code => Err(format!("{said}abidiff failed ({code})")),
    }
}

/// Builds the witness and has abidw describe it; returns the path of the description.
fn describe(library: &Library, top: &Path) -> Result<PathBuf, String> {
    let dir = top.join("build/witness");
    std::fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let path = |suffix: &str| dir.join(format!("{}{suffix}", library.name));
    let (source, object, abi) = (path("_witness.c"), path("_witness.so"), path(".abi"));
    let text = source_text(&Header::parse(&read(&library.header(top))?), library.name);
    write_file(&source, &text)?;
    let [source, object, out] = [&source, &object, &abi].map(|p| p.display().to_string());
    let include = format!("-I{}", top.join("include").display());
    succeed(
        "cc",
        &["-g", "-std=gnu11", "-Wall", "-Werror", "-shared", "-fPIC", &include, "-o", &object, &source],
    )?;
    let flags = ["--no-corpus-path", "--no-comp-dir-path", "--no-show-locs"];
    succeed("abidw", &[&flags[..], &["--out-file", &out, &object]].concat())?;
    Ok(abi)
}

fn succeed(program: &str, arguments: &[&str]) -> Result<(), String> {
    match run(program, arguments)? {
        (_, 0) => Ok(()),
        (said, code) => Err(format!("{program} {}: exit code {code}\n{said}", arguments.join(" "))),
    }
}

fn compare(committed: &Path, new: &Path) -> Result<(i32, String), String> {
    let [committed, new] = [committed, new].map(|p| p.display().to_string());
    let (said, code) = run("abidiff", &[&committed, &new])?;
    Ok((code, said))
}

/// One variable for each thing, so that what is added is an addition and not a change. Only types are mentioned: the
/// witness links without the library.
fn source_text(header: &Header, name: &str) -> String {
    let mut text = format!("#include <{name}.h>\n");
    for function in &header.functions {
        writeln!(text, "__typeof__({function}) *witness_{function};").expect("a String takes all");
    }
    for constant in &header.constants {
        writeln!(
            text,
            "enum witness_of_{constant} {{ value_of_{constant} = {constant} }} witness_{constant};"
        )
        .expect("a String takes all");
    }
    for (kind, names) in [("struct ", &header.structs), ("enum ", &header.enums), ("", &header.typedefs)] {
        for thing in names {
            writeln!(text, "{kind}{thing} witness_{thing};").expect("a String takes all");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_witness_mentions_everything() {
        let strings = |s: &str| vec![s.to_owned()];
        let header = Header {
            functions: strings("x_get"),
            structs: strings("x_options"),
            enums: strings("x_kind"),
            typedefs: strings("x_cb"),
            constants: strings("X_ONE"),
        };
        assert_eq!(
            source_text(&header, "x"),
            "#include <x.h>\n__typeof__(x_get) *witness_x_get;\nenum witness_of_X_ONE { value_of_X_ONE = X_ONE } \
             witness_X_ONE;\nstruct x_options witness_x_options;\nenum x_kind witness_x_kind;\nx_cb witness_x_cb;\n"
        );
    }
}
