// SPDX-License-Identifier: MIT OR Apache-2.0
//! The promise to programs that were built against a release (docs/abi.md): what the last release described, in
//! `libNAME/released/VERSION.{abi,symbols}`, holds, or the soname is another one and CHANGELOG.md says so.

use crate::symbols::{parse, List};
use crate::{read, run, witness, write as write_file, Answer, Library};
use c_header::without_block_comments;
use std::path::{Path, PathBuf};

/// At a release: what it promises from now on.
pub(crate) fn write(library: &Library) -> Answer {
    let changelog = read("CHANGELOG.md".as_ref())?;
    let release = last_release(&changelog).ok_or("CHANGELOG.md has no section of a release")?;
    let (abi, symbols) = released(library, release);
    std::fs::create_dir_all(library.directory().join("released"))
        .map_err(|e| format!("{}: {e}", abi.display()))?;
    write_file(&abi, &read(&library.abi())?)?;
    write_file(&symbols, &read(&library.symbols())?)?;
    Ok(format!("{}: written", abi.display()))
}

pub(crate) fn check(library: &Library) -> Answer {
    let changelog = read("CHANGELOG.md".as_ref())?;
    let Some(release) = last_release(&changelog) else {
        return Ok(format!("lib{}: nothing is released yet, and nothing promised", library.name));
    };
    let (abi, symbols) = released(library, release);
    let mut wrong = misplaced(&parse(&read(&symbols)?)?, &parse(&read(&library.symbols())?)?);
    let new = witness::describe(library)?.display().to_string();
    // abidiff's own notion of "incompatible" leaves out changed values and field types; here only additions are harmless.
    let grown = grown(&changelog, &without_block_comments(&read(&library.header())?));
    let accepted = format!("build/witness/{}.accepted", library.name);
    write_file(Path::new(&accepted), &suppressions(&grown))?;
    let (changes, code) =
        run("abidiff", &["--no-added-syms", "--suppressions", &accepted, &abi.display().to_string(), &new])?;
    let soname = format!("lib{}.so.{}", library.name, soversion(&read("Makefile".as_ref())?)?);
    if code & 3 != 0 {
        return Err(changes);
    }
    if code != 0 && !announced(&changelog, &soname) {
        wrong.push(format!(
            "{changes}programs built against {release} would break; docs/abi.md tells what a break needs, and a struct that grows"
        ));
    }
    match wrong.is_empty() {
        true if code == 0 => Ok(format!("lib{}: what {release} promised holds", library.name)),
        true => Ok(format!("lib{}: {soname} is announced, {release} need not hold", library.name)),
        false => Err(format!("lib{}: {}", library.name, wrong.join("\n"))),
    }
}

fn released(library: &Library, release: &str) -> (PathBuf, PathBuf) {
    let file = |kind| library.directory().join(format!("released/{release}.{kind}"));
    (file("abi"), file("symbols"))
}

/// The version of the newest section that has one: `## [0.1.0] - 2026-12-01`.
pub(crate) fn last_release(changelog: &str) -> Option<&str> {
    sections(changelog).map(|(title, _)| title).find(|title| *title != "Unreleased")
}

fn sections(changelog: &str) -> impl Iterator<Item = (&str, &str)> {
    changelog.split("\n## [").skip(1).filter_map(|section| section.split_once(']'))
}

/// Whether the release in the making says that it has another soname than any before it.
fn announced(changelog: &str, soname: &str) -> bool {
    let line = format!("\n- ABI: `{soname}`");
    let mut said = sections(changelog).filter(|(_, text)| text.contains(&line)).map(|(title, _)| title);
    said.next() == Some("Unreleased") && said.next().is_none()
}

/// The structs with a size that the release in the making says to have made longer.
fn grown<'a>(changelog: &'a str, header: &str) -> Vec<&'a str> {
    let unreleased =
        sections(changelog).find(|(title, _)| *title == "Unreleased").map_or("", |(_, text)| text);
    let code: Vec<&str> = header.split_whitespace().collect();
    let sized = |name: &&str| code.windows(5).any(|w| w == ["struct", name, "{", "size_t", "size;"]);
    let named = unreleased.lines().filter_map(|line| line.strip_prefix("- ABI: `struct ")?.split('`').next());
    named.filter(sized).collect()
}

/// For abidiff, which knows no notion of a struct that may grow.
fn suppressions(grown: &[&str]) -> String {
    grown
        .iter()
        .map(|name| {
            format!(
                "[suppress_type]\ntype_kind = struct\nname = {name}\n\n[suppress_variable]\nname_regexp = ^witness_(of_struct_)?{name}$\n\n"
            )
        })
        .collect()
}

/// A release's version nodes are complete: a program that asks for one gets all that it knows of it.
fn misplaced(released: &List, now: &List) -> Vec<String> {
    let wrong = |(name, node): (&String, &String)| match released.get(name) {
        Some(before) if before != node => Some(format!("{name}: released under {before}, now under {node}")),
        None if released.values().any(|n| n == node) => Some(format!(
            "{name}: new, under {node}, which is released; xtask/src/main.rs has the node for new symbols"
        )),
        _ => None,
    };
    now.iter().filter_map(wrong).collect()
}

pub(crate) fn soversion(makefile: &str) -> Result<&str, String> {
    makefile
        .lines()
        .find_map(|line| line.strip_prefix("SOVERSION := "))
        .ok_or_else(|| "Makefile: no line SOVERSION := NUMBER".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: &str = "# Changelog\n\n## [Unreleased]\n\n### Added\n";
    const BROKEN: &str =
        "\n## [Unreleased]\n- ABI: `libovl.so.1`: why\n\n## [0.2.0] - 2027\n\n## [0.1.0] - 2026\n";

    #[test]
    fn the_newest_release_counts() {
        assert_eq!(last_release(NOTHING), None);
        assert_eq!(last_release(BROKEN), Some("0.2.0"));
    }

    #[test]
    fn a_break_needs_a_soname_that_no_release_had() {
        assert!(announced(BROKEN, "libovl.so.1"));
        assert!(!announced(BROKEN, "libovl.so.0"));
        assert!(!announced(BROKEN, "libgpiodref.so.1"));
        assert!(!announced(&BROKEN.replace("2027\n", "2027\n- ABI: `libovl.so.1`: then\n"), "libovl.so.1"));
    }

    #[test]
    fn only_a_struct_with_its_size_may_grow() {
        let header = "struct x_options {\n\tsize_t size;\n\tint a;\n};\nstruct x_pair {\n\tint a;\n};\n";
        let said =
            "\n## [Unreleased]\n- ABI: `struct x_options` has b\n- ABI: `struct x_pair` too\n## [0.1.0]\n";
        assert_eq!(grown(said, header), ["x_options"]);
        assert!(grown(&said.replace("Unreleased", "0.2.0"), header).is_empty());
    }

    #[test]
    fn a_released_node_takes_nothing_new() {
        let list = |text| parse(text).expect("a list");
        let released = list("x_get X_0.1\nx_put X_0.1\n");
        assert!(misplaced(&released, &list("x_get X_0.1\nx_put X_0.1\nx_new X_0.2\n")).is_empty());
        assert_eq!(misplaced(&released, &list("x_get X_0.1\nx_put X_0.2\nx_new X_0.1\n")).len(), 2);
    }

    #[test]
    fn the_makefile_has_the_number() {
        assert_eq!(soversion("A := 1\nSOVERSION := 3\n"), Ok("3"));
        assert!(soversion("MAJOR := 3\n").is_err());
    }
}
