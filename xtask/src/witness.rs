// SPDX-License-Identifier: MIT OR Apache-2.0
//! The ABI gate: a C library that mentions everything a header declares, whose ABI `abidiff` compares with the committed
//! one. (abidiff on the Rust library itself misses breaks: Rust's debug information does not describe what C sees.)

use crate::{read, run, write as write_file, Answer, Library};
use c_header::{Header, Kind};
use std::fmt::Write;
use std::path::{Path, PathBuf};

pub(crate) fn write(library: &Library) -> Answer {
    let (abi, new) = (library.abi(), describe(library)?);
    write_file(&abi, &read(&new)?)?;
    Ok(format!("{}: written", abi.display()))
}

pub(crate) fn check(library: &Library) -> Answer {
    let (abi, new) = (library.abi(), describe(library)?);
    let (committed, new) = (abi.display().to_string(), new.display().to_string());
    // abidiff's own notion of "incompatible" leaves out changed values and field types; here only additions are harmless.
    let (changes, changed) = run("abidiff", &[&committed, &new])?;
    let (_, broken) = run("abidiff", &["--no-added-syms", &committed, &new])?;
    match (changed, broken) {
        (0, _) => Ok(format!("{committed}: the header's ABI is the committed one")),
        (_, 0) => Err(format!(
            "{changes}{committed}: the ABI has grown; run `cargo xtask witness` and commit the result"
        )),
        _ => Err(format!("{changes}{committed}: programs that were built before would break")),
    }
}

/// Builds the witness and has abidw describe it; returns the path of the description.
pub(crate) fn describe(library: &Library) -> Result<PathBuf, String> {
    let dir = Path::new("build/witness");
    std::fs::create_dir_all(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let path = |suffix: &str| dir.join(format!("{}{suffix}", library.name));
    let (source, object, abi) = (path("_witness.c"), path("_witness.so"), path(".abi"));
    let text = source_text(&Header::parse(&read(&library.header())?), library.name);
    write_file(&source, &text)?;
    let [source, object, out] = [&source, &object, &abi].map(|p| p.display().to_string());
    let include = "-Iinclude";
    succeed(
        "cc",
        &["-g", "-std=gnu11", "-Wall", "-Werror", "-shared", "-fPIC", include, "-o", &object, &source],
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

/// One variable for each thing, so that what is added is an addition and not a change. Only types are mentioned: the
/// witness links without the library.
fn source_text(header: &Header, name: &str) -> String {
    let mut text = format!("#include <{name}.h>\n");
    for function in header.names(Kind::Function) {
        writeln!(text, "__typeof__({function}) *witness_{function};").expect("a String takes all");
    }
    for constant in header.names(Kind::Constant) {
        writeln!(
            text,
            "enum witness_of_{constant} {{ value_of_{constant} = {constant} }} witness_{constant};"
        )
        .expect("a String takes all");
    }
    for (word, kind) in [("struct ", Kind::Struct), ("enum ", Kind::Enum), ("", Kind::Typedef)] {
        for thing in header.names(kind) {
            // A struct may be called as a function is.
            let of = if header.find(Kind::Function, thing).is_some() { "of_struct_" } else { "" };
            writeln!(text, "{word}{thing} witness_{of}{thing};").expect("a String takes all");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_witness_mentions_everything() {
        let header = Header::parse(
            "#define X_ONE 1\ntypedef struct x_options {\n  int size;\n} x_options;\ntypedef enum x_kind {\n  A,\n} x_kind;\n\
             typedef int (*x_cb)(void);\nvoid x_get(void);\n",
        );
        assert_eq!(
            source_text(&header, "x"),
            "#include <x.h>\n__typeof__(x_get) *witness_x_get;\nenum witness_of_X_ONE { value_of_X_ONE = X_ONE } \
             witness_X_ONE;\nstruct x_options witness_x_options;\nenum x_kind witness_x_kind;\nx_cb witness_x_cb;\n"
        );
    }
}
