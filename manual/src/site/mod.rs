// SPDX-License-Identifier: MIT OR Apache-2.0
//! The documentation site: static files that need no server and no network.
//!
//! docs/site/navigation.md says which pages there are and in which order. A page of Markdown is a file of this repository as
//! people read it on GitHub too; its links are made to lead to the site's pages. What is wrong with a link, on the site or
//! in the Markdown, fails the build.

mod charts;
mod check;
mod guarantees;
mod html;
mod links;
mod markdown;
mod navigation;
mod program;
mod reference;
mod search;
mod source;
mod template;

use crate::Answer;
pub(crate) use html::normal;
use links::Places;
use navigation::Navigation;
use std::collections::BTreeMap;
use std::path::Path;

/// Where the pages of the repository can be seen; its one place is the workspace's Cargo.toml.
pub(crate) const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A page without the frame that all have in common.
struct Page {
    /// Where it lies on the site: `guide/ovl.html`.
    url: String,
    /// The file of this repository that it was made of.
    file: Option<String>,
    title: String,
    /// What stands below the frame's headings, with the page's own `<h1>`.
    body: String,
    /// Its headings below the first, and what else is found by its name.
    headings: Vec<Heading>,
}

struct Heading {
    level: u8,
    id: String,
    /// Its text, without markup.
    text: String,
}

/// The files of the site by their place in it.
type Files = BTreeMap<String, Vec<u8>>;

/// Builds the site in `out`, and says how large it is.
pub(crate) fn build(out: &Path) -> Answer {
    let here = Path::new(".");
    let (libraries, programs) = (crate::reference::load(here)?, crate::programs::load(here)?);
    let navigation = Navigation::read("docs/site/navigation.md", &libraries)?;
    let places = Places::new(&navigation, reference::items(&libraries));
    let mut pages = Vec::new();
    for (file, url) in navigation.pages() {
        if !Path::new(file).exists() {
            places.complain(format!("docs/site/navigation.md: there is no {file}"));
            continue;
        }
        let page = reference::page(file, url, &libraries, &places)?;
        pages.push(match page.or_else(|| program::page(file, url, &programs, &places)) {
            Some(page) => page,
            None => markdown::page(file, url, &read(file)?, &places),
        });
    }
    let listed = pages.len();
    pages.extend(source::pages(&places)?);

    let template = template::Template::read(&navigation)?;
    let mut files: Files =
        pages.iter().map(|page| (page.url.clone(), template.frame(page).into_bytes())).collect();
    for (from, to) in places.assets() {
        files.insert(to, std::fs::read(&from).map_err(|e| format!("{from}: {e}"))?);
    }
    for name in ["style.css", "search.js", "icon.svg"] {
        files.insert(name.to_owned(), without_licence(&read(&format!("docs/site/{name}"))?).into_bytes());
    }
    files.insert("search-index.js".to_owned(), search::index(&pages, &navigation).into_bytes());

    let mut wrong = navigation.forgotten()?;
    wrong.extend(places.complaints());
    wrong.extend(check::check(&files));
    if !wrong.is_empty() {
        return Err(format!("the site:\n  {}", wrong.join("\n  ")));
    }
    for (url, content) in &files {
        let path = out.join(url);
        let written = std::fs::create_dir_all(path.parent().unwrap_or(out))
            .and_then(|()| std::fs::write(&path, content));
        written.map_err(|e| format!("{}: {e}", path.display()))?;
    }
    let size = files.values().map(Vec::len).sum::<usize>() / 1000;
    let sources = pages.len() - listed;
    Ok(format!("{}: {listed} pages, {sources} sources, {size} kB", out.join("index.html").display()))
}

fn read(path: &str) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("{path}: {e}"))
}

/// A file of ours as it is shown: without the line that says its licence.
fn without_licence(text: &str) -> String {
    let kept = text.lines().filter(|line| !line.contains("SPDX-License-Identifier"));
    kept.flat_map(|line| [line, "\n"]).collect::<String>().trim_start().to_owned()
}
