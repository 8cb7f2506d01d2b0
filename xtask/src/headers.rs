// SPDX-License-Identifier: MIT OR Apache-2.0
//! The C headers, made by cbindgen from the capi modules and from nothing else of a crate.

use crate::{read, write as write_file, Answer, Library};
use c_header::{Header, Kind};
use cbindgen::{Builder, Config, DocumentationStyle, EnumConfig, Language, RenameRule, SortKey, Style};
use std::path::Path;

pub(crate) fn write(library: &Library) -> Answer {
    let text = generate(library, &library.capi())?;
    let path = library.header();
    if read(&path).is_ok_and(|old| old == text) {
        return Ok(format!("{}: up to date", path.display()));
    }
    write_file(&path, &text)?;
    Ok(format!("{}: written", path.display()))
}

pub(crate) fn check(library: &Library) -> Answer {
    let path = library.header();
    let (committed, generated) = (read(&path)?, generate(library, &library.capi())?);
    let differs = |(a, b): &(&str, &str)| a != b;
    match committed.lines().zip(generated.lines()).position(|pair| differs(&pair)) {
        None if committed == generated => Ok(format!("{}: agrees with the sources", path.display())),
        at => Err(format!(
            "{}:{}: differs from what the sources say; run `cargo xtask headers` and commit the result",
            path.display(),
            at.unwrap_or(committed.lines().count().min(generated.lines().count())) + 1
        )),
    }
}

/// The text of the header for the capi module whose root file is `capi`; the submodules that it names are followed.
fn generate(library: &Library, capi: &Path) -> Answer {
    let upper = library.name.to_ascii_uppercase();
    let config = Config {
        language: Language::C,
        // Both: `struct ovl_tree *` and `ovl_tree *` are the same to a C program.
        style: Style::Both,
        cpp_compat: true,
        include_guard: Some(format!("{upper}_H")),
        header: Some(format!(
            "/* SPDX-License-Identifier: MIT OR Apache-2.0\n *\n{} *\n * Written by `cargo xtask headers` from \
             lib{}/src/capi. Do not edit.\n */",
            library.introduction, library.name
        )),
        no_includes: true,
        sys_includes: vec!["stddef.h".into(), "stdint.h".into()],
        usize_is_size_t: true,
        documentation_style: DocumentationStyle::Doxy,
        sort_by: SortKey::None,
        // As wide as the documentation, by which cbindgen measures too.
        line_length: 125,
        enumeration: EnumConfig {
            prefix_with_name: true,
            rename_variants: RenameRule::ScreamingSnakeCase,
            ..EnumConfig::default()
        },
        ..Config::default()
    };
    let mut text = Vec::new();
    Builder::new()
        .with_config(config)
        .with_src(capi)
        .generate()
        .map_err(|e| format!("{}: {e}", capi.display()))?
        .write(&mut text);
    let text = as_tags(String::from_utf8(text).map_err(|e| e.to_string())?);
    // Headings for the readers of rustdoc say nothing to a C programmer.
    match text.lines().find(|line| line.contains("# Safety") || line.contains("# Errors")) {
        Some(line) => Err(format!("{}: \"{}\" would reach the header", capi.display(), line.trim())),
        None => Ok(text),
    }
}

/// A struct that is called as a function is (`stat` and `stat()` are such a pair) has its tag only: in C a typedef of it
/// and the function would be one name for two things.
fn as_tags(mut text: String) -> String {
    let header = Header::parse(&text);
    let also_a_function = |name: &&str| header.find(Kind::Function, name).is_some();
    for name in header.names(Kind::Struct).filter(also_a_function) {
        text = text.replace(&format!("typedef struct {name} {{"), &format!("struct {name} {{"));
        text = text.replace(&format!("\n}} {name};"), "\n};");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEMO: Library =
        Library { name: "demo", node: "LIBDEMO_0.1", introduction: " * A demonstration.\n" };

    #[test]
    fn a_struct_that_is_called_as_a_function_has_no_typedef() {
        let text =
            "typedef struct x_info {\n  int a;\n} x_info;\ntypedef struct x_other {\n  int a;\n} x_other;\n\
                    int x_info(struct x_info *info);\n";
        let text = as_tags(text.to_owned());
        assert!(text.starts_with("struct x_info {\n  int a;\n};\ntypedef struct x_other"), "{text}");
        assert_eq!(Header::parse(&text).names(Kind::Struct).collect::<Vec<_>>(), ["x_info", "x_other"]);
    }

    #[test]
    fn a_capi_becomes_a_c_header() {
        let capi = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/capi/mod.rs");
        let text = generate(&DEMO, &capi).unwrap();
        let header = Header::parse(&text);
        let names = |kind| header.names(kind).collect::<Vec<_>>();
        assert_eq!(names(Kind::Function), ["demo_thing_get", "demo_thing_run"], "{text}");
        assert_eq!(names(Kind::Struct), ["demo_options"], "{text}");
        assert_eq!(names(Kind::Constant), ["DEMO_FAST"], "{text}");
        assert_eq!(names(Kind::Typedef), ["demo_cb"], "{text}");
        assert!(text.contains("typedef struct demo_thing demo_thing;"), "{text}");
        assert!(text.contains("#ifndef DEMO_H"), "{text}");
        assert!(text.contains(" * Runs it.\n"), "{text}");
        assert!(!text.contains("hidden"), "{text}");
    }
}
