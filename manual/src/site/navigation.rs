// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which pages there are, in which order: docs/site/navigation.md, a list of links below each section's heading.

use super::html::{folder, normal};
use super::reference;
use crate::reference::{Group, Library};
use std::path::Path;

/// Markdown of these folders of docs/ is no page.
const PARTS: [&str; 1] = ["docs/site/"];

pub(super) struct Navigation {
    pub(super) sections: Vec<Section>,
}

pub(super) struct Section {
    pub(super) title: String,
    pub(super) entries: Vec<Entry>,
}

pub(super) struct Entry {
    pub(super) label: String,
    pub(super) url: String,
    /// The Markdown that it is made of.
    pub(super) file: String,
    /// Shown only where its entry or one of its neighbours is read: `  - [label](file)`, below the entry that it belongs to.
    pub(super) inner: bool,
}

impl Navigation {
    /// Reads the list; the groups of a library follow the library.
    pub(super) fn read(path: &str, libraries: &[Library]) -> Result<Self, String> {
        let mut navigation = Self::parse(&super::read(path)?, path)?;
        for section in &mut navigation.sections {
            let with_groups = |entry: Entry| {
                let groups = reference::library_of(libraries, &entry.file).map(groups).unwrap_or_default();
                std::iter::once(entry).chain(groups)
            };
            section.entries =
                std::mem::take(&mut section.entries).into_iter().flat_map(with_groups).collect();
        }
        Ok(navigation)
    }

    pub(super) fn parse(text: &str, path: &str) -> Result<Self, String> {
        let mut sections: Vec<Section> = Vec::new();
        for line in text.lines() {
            if let Some(title) = line.strip_prefix("## ") {
                sections.push(Section { title: title.to_owned(), entries: Vec::new() });
            } else if let Some(link) = line.trim_start().strip_prefix("- ") {
                let parts =
                    link.strip_prefix('[').and_then(|l| l.strip_suffix(')')).and_then(|l| l.split_once("]("));
                let file = parts.and_then(|(_, to)| normal(&format!("{}{to}", folder(path))));
                let (Some((label, _)), Some(file), Some(section)) = (parts, file, sections.last_mut()) else {
                    return Err(format!("{path}: not a link below a section's heading: {line}"));
                };
                let inner = line.starts_with(' ');
                section.entries.push(Entry { label: label.to_owned(), url: url(&file), file, inner });
            }
        }
        Ok(Self { sections })
    }

    /// All entries, in their order, each with its section.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&Section, &Entry)> {
        self.sections.iter().flat_map(|section| section.entries.iter().map(move |entry| (section, entry)))
    }

    /// The pages of Markdown: file and place on the site.
    pub(super) fn pages(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries().map(|(_, entry)| (entry.file.as_str(), entry.url.as_str()))
    }

    /// Where a page stands: its section, its entry, and the entries before and after it.
    pub(super) fn find(&self, url: &str) -> Option<(&Section, &Entry, [Option<&Entry>; 2])> {
        let entries: Vec<_> = self.entries().collect();
        let at = entries.iter().position(|(_, entry)| entry.url == url)?;
        let neighbour = |at: Option<usize>| at.and_then(|at| entries.get(at)).map(|(_, entry)| *entry);
        Some((entries[at].0, entries[at].1, [neighbour(at.checked_sub(1)), neighbour(Some(at + 1))]))
    }

    /// Complaints about pages of Markdown that nobody would find.
    pub(super) fn forgotten(&self) -> Result<Vec<String>, String> {
        let mut files = Vec::new();
        markdown_in("", false, &mut files)?;
        markdown_in("docs/", true, &mut files)?;
        files.retain(|file| !PARTS.iter().any(|part| file.starts_with(part)));
        files.retain(|file| !self.entries().any(|(_, entry)| entry.file == *file));
        Ok(files.into_iter().map(|file| format!("{file}: is not in docs/site/navigation.md")).collect())
    }
}

fn groups(library: &Library) -> Vec<Entry> {
    let entry = |group: &Group| {
        let file = reference::file(library, group);
        Entry { label: group.title.clone(), url: url(&file), file, inner: true }
    };
    library.groups.iter().map(entry).collect()
}

/// Where the page of a Markdown file lies on the site: docs/ is its root, and README is a folder's index.
pub(super) fn url(file: &str) -> String {
    let page = file.strip_prefix("docs/").unwrap_or(file).strip_suffix(".md").unwrap_or(file);
    match page.strip_suffix("/README") {
        Some(folder) => format!("{folder}/index.html"),
        None if folder(page).is_empty() => format!("{}.html", page.to_lowercase()),
        None => format!("{page}.html"),
    }
}

fn markdown_in(folder: &str, deep: bool, files: &mut Vec<String>) -> Result<(), String> {
    let path = if folder.is_empty() { Path::new(".") } else { Path::new(folder) };
    let entries = std::fs::read_dir(path).map_err(|e| format!("{}: {e}", path.display()))?;
    for entry in entries.flatten() {
        let name = format!("{folder}{}", entry.file_name().to_string_lossy());
        if deep && entry.path().is_dir() {
            markdown_in(&format!("{name}/"), deep, files)?;
        } else if name.ends_with(".md") {
            files.push(name);
        }
    }
    files.sort();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_below_headings_names_the_pages() {
        let text = "# All\n\n## Start\n\n- [Home](../index.md)\n## Project\n- [Help](../../CONTRIBUTING.md)\n  - [X](../../examples/README.md)\n";
        let navigation = Navigation::parse(text, "docs/site/navigation.md").unwrap();
        let pages: Vec<_> = navigation.pages().collect();
        assert_eq!(
            pages,
            [
                ("docs/index.md", "index.html"),
                ("CONTRIBUTING.md", "contributing.html"),
                ("examples/README.md", "examples/index.html")
            ]
        );
        let (section, entry, [before, after]) = navigation.find("contributing.html").unwrap();
        assert_eq!((section.title.as_str(), entry.label.as_str()), ("Project", "Help"));
        assert_eq!(before.map(|e| e.label.as_str()), Some("Home"));
        assert!(after.is_some_and(|e| e.inner));
        assert!(Navigation::parse("- [Home](x.md)\n", "x").is_err());
    }
}
