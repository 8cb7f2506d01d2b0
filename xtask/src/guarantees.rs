// SPDX-License-Identifier: MIT OR Apache-2.0
//! docs/guarantees.md: every rule is there once, and says which files show it or why nothing shows it yet.
//!
//! A rule is a list item, `- **O12** promise`, that ends in `Shown by: `file`, `file`.` or in `Not yet: reason`. A file
//! shows a rule if the name of one of its tests, or the comment directly above it, carries the number.

use crate::{read, write as write_file, Answer, Library, LIBRARIES};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where tests lie, beside the libraries themselves.
const PLACES: [&str; 5] = ["kref", "cabi", "cli", "bindings", "tests"];
const SHOWN: &str = "Shown by:";
const NOT_YET: &str = "Not yet:";

/// For each rule, the files with a test that carries its number.
type Carriers = BTreeMap<String, BTreeSet<String>>;

pub(crate) fn check() -> Answer {
    let text = read(Path::new("docs/guarantees.md"))?;
    verdict(&text, &scan()?)
}

pub(crate) fn write() -> Answer {
    let path = Path::new("docs/guarantees.md");
    let carriers = scan()?;
    let text = filled(&read(path)?, &carriers);
    write_file(path, &text)?;
    verdict(&text, &carriers)
}

/// Judges the document against the tests that there are.
fn verdict(text: &str, carriers: &Carriers) -> Answer {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    let (mut shown, mut not_yet) = (0, 0);
    for (rule, item) in items(text) {
        if !seen.insert(rule.clone()) {
            wrong.push(format!("{rule} is there twice"));
        }
        let none = BTreeSet::new();
        let files = carriers.get(&rule).unwrap_or(&none);
        if let Some((_, list)) = item.split_once(SHOWN) {
            let named: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
            if named.is_empty() {
                wrong.push(format!("{rule} names no test"));
            }
            let empty = named.iter().filter(|file| !files.contains(**file));
            wrong.extend(empty.map(|file| format!("{rule}: no test of {file} carries its number")));
            shown += 1;
        } else if let Some((_, reason)) = item.split_once(NOT_YET) {
            if reason.trim().is_empty() {
                wrong.push(format!("{rule} is not yet there, without a reason"));
            }
            not_yet += 1;
        } else {
            wrong.push(format!("{rule} says neither \"{SHOWN}\" nor \"{NOT_YET}\""));
        }
    }
    wrong.extend(rules::all().filter(|rule| !seen.contains(rule)).map(|rule| format!("{rule} is missing")));
    if wrong.is_empty() {
        Ok(format!("docs/guarantees.md: {shown} rules shown by tests, {not_yet} not yet"))
    } else {
        Err(format!("docs/guarantees.md:\n  {}", wrong.join("\n  ")))
    }
}

/// The rules of the document, each with its text joined into one line.
fn items(text: &str) -> Vec<(String, String)> {
    let mut items: Vec<(String, String)> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        if let Some((rule, rest)) = line.strip_prefix("- **").and_then(|l| l.split_once("**")) {
            items.push((rule.to_owned(), rest.to_owned()));
            open = true;
        } else if !line.starts_with("  ") {
            open = false;
        } else if let (true, Some((_, item))) = (open, items.last_mut()) {
            item.push(' ');
            item.push_str(line.trim());
        }
    }
    items
}

/// The document with every "Shown by" list replaced by what the tests say, one rule's list to a line.
fn filled(text: &str, carriers: &Carriers) -> String {
    let mut out = String::new();
    let mut rule = String::new();
    let mut old_list = false;
    for line in text.lines() {
        if let Some((name, _)) = line.strip_prefix("- **").and_then(|l| l.split_once("**")) {
            rule = name.to_owned();
        }
        old_list &= line.starts_with("  ");
        if line.trim_start().starts_with(SHOWN) {
            let files = carriers.get(&rule).into_iter().flatten();
            let list: Vec<String> = files.map(|file| format!("`{file}`")).collect();
            out.push_str(&format!("  {SHOWN} {}.\n", list.join(", ")));
            old_list = true;
        } else if !old_list {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

fn scan() -> Result<Carriers, String> {
    let mut carriers = Carriers::new();
    for place in PLACES.map(PathBuf::from).into_iter().chain(LIBRARIES.iter().map(Library::directory)) {
        scan_directory(&place, &mut carriers)?;
    }
    Ok(carriers)
}

fn scan_directory(place: &Path, carriers: &mut Carriers) -> Result<(), String> {
    let Ok(entries) = std::fs::read_dir(place) else {
        return Ok(());
    };
    for entry in entries.flatten() {
        let path = place.join(entry.file_name());
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if entry.path().is_dir() && !hidden && entry.file_name() != "target" {
            scan_directory(&path, carriers)?;
        } else if let Some("rs" | "c" | "h" | "py") = path.extension().and_then(|e| e.to_str()) {
            for rule in rules::tests(&read(&entry.path())?).into_iter().flat_map(|test| test.rules) {
                carriers.entry(rule).or_default().insert(path.display().to_string());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A document in which every rule is "not yet" except for O1, whose ending is the one given.
    fn document(o1: &str) -> String {
        let every = rules::all().map(|rule| match rule.as_str() {
            "O1" => format!("- **O1** Blobs are checked.\n  {o1}\n"),
            _ => format!("- **{rule}** Later.\n  {NOT_YET} nobody wrote it.\n"),
        });
        every.collect()
    }

    fn carriers() -> Carriers {
        Carriers::from([("O1".to_owned(), BTreeSet::from(["tests/c/read.c".to_owned()]))])
    }

    #[test]
    fn a_rule_must_point_to_a_test_that_carries_it() {
        assert!(verdict(&document("Shown by: `tests/c/read.c`."), &carriers()).is_ok());
        for bad in ["Shown by: `tests/c/gone.c`.", "Shown by: .", "Shown by hand.", "Not yet:"] {
            let why = verdict(&document(bad), &carriers()).unwrap_err();
            assert!(why.contains("O1"), "{bad}: {why}");
        }
        let twice =
            document("Shown by: `tests/c/read.c`.") + "- **O1** Again.\n  Shown by: `tests/c/read.c`.\n";
        assert!(verdict(&twice, &carriers()).is_err());
        assert!(verdict("", &carriers()).unwrap_err().contains("M14 is missing"));
    }

    #[test]
    fn lists_are_filled_in_from_the_tests() {
        let text = filled(&document("Shown by: `tests/c/gone.c`,\n  `tests/c/lost.c`."), &carriers());
        assert_eq!(text, document("Shown by: `tests/c/read.c`."));
    }
}
