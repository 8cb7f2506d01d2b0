// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where things are: pages of the site, files of this repository, and what a link in Markdown leads to.

use super::html::{folder, normal, relative};
use super::navigation::{Entry, Navigation};
use super::REPOSITORY;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Everything that links can lead to, and what was asked for so far.
#[derive(Default)]
pub(super) struct Places {
    /// The page of a file, if it has one, and what it is called in the navigation.
    pages: BTreeMap<String, (String, String)>,
    /// The functions, structs and constants of the C headers.
    items: BTreeMap<String, String>,
    sources: RefCell<BTreeSet<String>>,
    assets: RefCell<BTreeMap<String, String>>,
    complaints: RefCell<Vec<String>>,
}

impl Places {
    pub(super) fn new(navigation: &Navigation, items: impl Iterator<Item = (String, String)>) -> Self {
        let page = |(_, entry): (_, &Entry)| (entry.file.clone(), (entry.url.clone(), entry.label.clone()));
        Self { pages: navigation.entries().map(page).collect(), items: items.collect(), ..Self::default() }
    }

    /// Where the link `to` of the file `from`, whose page is `url`, leads on the site.
    pub(super) fn link(&self, from: &str, url: &str, to: &str) -> String {
        if to.starts_with('#') || to.starts_with("mailto:") || to.contains("://") {
            return to.to_owned();
        }
        let (path, anchor) = to.split_at(to.find('#').unwrap_or(to.len()));
        let file = normal(&format!("{}{path}", folder(from)));
        let there = |file: &String| self.page(file).is_some() || Path::new(file).exists();
        let Some(file) = file.filter(there) else {
            self.complain(format!("{from}: the link to {to} leads nowhere"));
            return "#".to_owned();
        };
        let place = match self.page(&file) {
            Some((page, _)) => page.clone(),
            None if is_shown(&file) => self.source(&file),
            None => return repository(&file) + anchor,
        };
        relative(url, &place) + anchor
    }

    fn page(&self, file: &str) -> Option<&(String, String)> {
        self.pages.get(file).or_else(|| self.pages.get(&format!("{file}/README.md")))
    }

    /// What a link is called on the site whose text is the name of a file: as the page is, if the file is one.
    pub(super) fn called(&self, from: &str, to: &str, text: &str) -> Option<&str> {
        let file = normal(&format!("{}{to}", folder(from)))?;
        let (_, label) = self.page(&file).filter(|_| text.ends_with(".md") && file.ends_with(text))?;
        Some(label)
    }

    /// The page that shows a file of the repository as it is, or what a folder has.
    pub(super) fn source(&self, file: &str) -> String {
        self.sources.borrow_mut().insert(file.to_owned());
        let index = if Path::new(file).is_dir() { "/index" } else { "" };
        format!("source/{file}{index}.html")
    }

    /// The place of a picture that the file `from` shows on its page `url`.
    pub(super) fn picture(&self, from: &str, url: &str, to: &str) -> String {
        let Some(file) = normal(&format!("{}{to}", folder(from))).filter(|file| Path::new(file).is_file())
        else {
            self.complain(format!("{from}: there is no picture {to}"));
            return to.to_owned();
        };
        let place = file.strip_prefix("docs/").unwrap_or(&file).to_owned();
        let way = relative(url, &place);
        self.assets.borrow_mut().insert(file, place);
        way
    }

    /// The place of what a C header declares.
    pub(super) fn item(&self, name: &str) -> Option<&str> {
        self.items.get(name).map(String::as_str)
    }

    /// The place of the rule of docs/guarantees.md.
    pub(super) fn rule(&self, rule: &str) -> Option<String> {
        self.pages.get("docs/guarantees.md").map(|(page, _)| format!("{page}#{rule}"))
    }

    /// The files and folders that are to be shown.
    pub(super) fn sources(&self) -> Vec<String> {
        self.sources.borrow().iter().cloned().collect()
    }

    /// The files that lie on the site as they are, with their places.
    pub(super) fn assets(&self) -> BTreeMap<String, String> {
        self.assets.borrow().clone()
    }

    pub(super) fn complain(&self, what: String) {
        self.complaints.borrow_mut().push(what);
    }

    pub(super) fn complaints(&self) -> Vec<String> {
        self.complaints.borrow().clone()
    }
}

/// Whether a file or folder is one that people look at beside a page: examples, tests, headers, licences.
fn is_shown(file: &str) -> bool {
    let places = ["/examples/", "/tests/", "/include/"];
    let place = places.iter().any(|place| format!("/{file}/").contains(place));
    (place || file.starts_with("LICENSE-")) && !file.ends_with(".md")
}

/// A file or folder where the repository is published.
pub(super) fn repository(file: &str) -> String {
    let kind = if Path::new(file).is_dir() { "tree" } else { "blob" };
    format!("{REPOSITORY}/{kind}/main/{file}")
}
