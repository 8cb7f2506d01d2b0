// SPDX-License-Identifier: MIT OR Apache-2.0
//! The exported symbols: the committed list (`name NODE`, one a line), the header and the shipped library must agree.
//!
//! The Makefile makes the linker's version script from the same list, so a symbol that is missing there is hidden.

use crate::{read, run, write as write_file, Answer, Library};
use c_header::{Header, Kind};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub(crate) type List = BTreeMap<String, String>;

/// Adds the header's new functions to the list, under the version node of the release in the making. A name that has
/// gone from the header goes from the list too; what that breaks is for `witness` to say.
pub(crate) fn write(library: &Library) -> Answer {
    let path = library.symbols();
    let old = if path.exists() { parse(&read(&path)?)? } else { List::new() };
    let header = Header::parse(&read(&library.header())?);
    let list: List = header
        .names(Kind::Function)
        .map(|name| {
            let node = old.get(name).cloned().unwrap_or_else(|| library.node.to_owned());
            (name.to_owned(), node)
        })
        .collect();
    let text: String = list.iter().map(|(name, node)| format!("{name} {node}\n")).collect();
    write_file(&path, &text)?;
    Ok(format!("{}: {} symbols", path.display(), list.len()))
}

pub(crate) fn check(library: &Library, so: &Path) -> Answer {
    let list = parse(&read(&library.symbols())?)?;
    let header = Header::parse(&read(&library.header())?);
    let header: BTreeSet<String> = header.names(Kind::Function).map(str::to_owned).collect();
    let so_name = so.display().to_string();
    let (said, code) = run("nm", &["-D", "--defined-only", "--with-symbol-versions", &so_name])?;
    if code != 0 {
        return Err(said);
    }
    let exported = exported(&said);
    let mut wrong = Vec::new();
    let listed: BTreeSet<String> = list.keys().cloned().collect();
    wrong.extend(listed.difference(&header).map(|s| format!("{s}: listed, but not in the header")));
    wrong.extend(header.difference(&listed).map(|s| format!("{s}: in the header, but not listed")));
    for (name, node) in &list {
        match exported.get(name) {
            Some(found) if found == node => {}
            Some(found) => {
                wrong.push(format!("{name}: listed under {node}, exported as {name}@{found}"));
            }
            None => wrong.push(format!("{name}: listed, but not exported")),
        }
    }
    wrong.extend(
        exported.keys().filter(|s| !list.contains_key(*s)).map(|s| format!("{s}: exported, but not listed")),
    );
    if wrong.is_empty() {
        Ok(format!("{so_name}: exports the {} symbols of list and header", list.len()))
    } else {
        Err(format!("{so_name}, {}:\n  {}", library.symbols().display(), wrong.join("\n  ")))
    }
}

pub(crate) fn parse(text: &str) -> Result<List, String> {
    text.lines()
        .map(|line| match line.split_once(' ') {
            Some((name, node)) => Ok((name.to_owned(), node.to_owned())),
            None => Err(format!("symbol list: \"{line}\" is not `name NODE`")),
        })
        .collect()
}

/// What `nm` shows as defined; the version nodes themselves (type A) are not symbols of ours.
fn exported(nm: &str) -> List {
    nm.lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace().skip(1);
            let kind = words.next()?;
            let (name, node) = words.next()?.split_once('@').unwrap_or_default();
            (kind != "A").then(|| (name.to_owned(), node.trim_start_matches('@').to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nm_is_read_with_its_versions() {
        let list = exported(
            "0000000000000000 A LIBOVL_0.1\n0000000000001100 T ovl_a@@LIBOVL_0.1\n0000000000001100 T ovl_b@LIBOVL_0.2\n",
        );
        assert_eq!(list.len(), 2);
        assert_eq!(list["ovl_a"], "LIBOVL_0.1");
        assert_eq!(list["ovl_b"], "LIBOVL_0.2");
    }
}
