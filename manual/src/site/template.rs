// SPDX-License-Identifier: MIT OR Apache-2.0
//! The frame around every page: docs/site/page.html, whose `{{words}}` are filled in.

use super::html::{escape, relative};
use super::navigation::{Entry, Navigation};
use super::{links, Heading, Page, VERSION};

pub(super) struct Template<'a> {
    text: String,
    navigation: &'a Navigation,
}

impl<'a> Template<'a> {
    pub(super) fn read(navigation: &'a Navigation) -> Result<Self, String> {
        Ok(Self { text: super::without_licence(&super::read("docs/site/page.html")?), navigation })
    }

    /// The whole page.
    pub(super) fn frame(&self, page: &Page) -> String {
        let home = page.url == "index.html";
        let title = if home { page.title.clone() } else { format!("{} · Holdfast", page.title) };
        let listed = self.navigation.find(&page.url).is_some();
        let class = if home {
            "home"
        } else if listed {
            "listed"
        } else {
            "source"
        };
        let contents = if home { String::new() } else { contents(&page.headings) };
        let words = [
            ("title", escape(&title)),
            ("class", class.to_owned()),
            ("root", relative(&page.url, "")),
            ("version", VERSION.to_owned()),
            ("navigation", self.navigation(page)),
            ("path", self.path(page)),
            ("contents", contents),
            ("body", page.body.clone()),
            ("neighbours", self.neighbours(page)),
            ("origin", page.file.as_deref().map(origin).unwrap_or_default()),
        ];
        fill(&self.text, &words)
    }

    /// All sections; the one of this page is open.
    fn navigation(&self, page: &Page) -> String {
        let here = self.navigation.find(&page.url);
        let mut out = String::new();
        for section in &self.navigation.sections {
            let open = here.is_some_and(|(s, ..)| std::ptr::eq(s, section));
            let (state, title) = (if open { " open" } else { "" }, escape(&section.title));
            out.push_str(&format!("<details{state}><summary>{title}</summary>\n<ul>\n"));
            // An entry and the inner ones that follow it belong together.
            for family in section.entries.chunk_by(|_, next| next.inner) {
                let near = family.iter().any(|entry| entry.url == page.url);
                for entry in family.iter().filter(|entry| near || !entry.inner) {
                    let current = if entry.url == page.url { " aria-current=\"page\"" } else { "" };
                    let class = if entry.inner { " class=\"inner\"" } else { "" };
                    out.push_str(&format!("<li{class}>{}</li>\n", link(&page.url, entry, current)));
                }
            }
            out.push_str("</ul>\n</details>\n");
        }
        out
    }

    /// The way from the first page to this one.
    fn path(&self, page: &Page) -> String {
        if page.url == "index.html" {
            return String::new();
        }
        let home = format!("<li><a href=\"{}\">Holdfast</a></li>", relative(&page.url, "index.html"));
        let rest = match self.navigation.find(&page.url) {
            Some((section, entry, _)) => {
                let first = section.entries.first().filter(|first| first.url != page.url);
                let title = escape(&section.title);
                let to = first.map_or(title.clone(), |first| {
                    format!("<a href=\"{}\">{title}</a>", relative(&page.url, &first.url))
                });
                let mut families = section.entries.chunk_by(|_, next| next.inner);
                let parent = families
                    .find(|family| family.iter().any(|e| e.url == entry.url))
                    .map(|family| &family[0]);
                let parent = parent
                    .filter(|_| entry.inner)
                    .map(|parent| format!("<li>{}</li>", link(&page.url, parent, "")));
                format!(
                    "<li>{to}</li>{}<li aria-current=\"page\">{}</li>",
                    parent.unwrap_or_default(),
                    escape(&entry.label)
                )
            }
            None => format!("<li>Source</li><li aria-current=\"page\">{}</li>", escape(&page.title)),
        };
        format!("<nav class=\"path\" aria-label=\"Where this is\"><ol>{home}{rest}</ol></nav>")
    }

    fn neighbours(&self, page: &Page) -> String {
        let Some((_, _, [before, after])) = self.navigation.find(&page.url) else {
            return String::new();
        };
        let one = |entry: Option<&Entry>, rel: &str, says: &str| {
            let entry = entry?;
            let (to, label) = (relative(&page.url, &entry.url), escape(&entry.label));
            Some(format!("<a rel=\"{rel}\" href=\"{to}\"><small>{says}</small>{label}</a>"))
        };
        let links = [one(before, "prev", "Previous"), one(after, "next", "Next")];
        let links: String = links.into_iter().flatten().collect();
        format!("<nav class=\"neighbours\" aria-label=\"Previous and next page\">{links}</nav>")
    }
}

/// A heading with its anchor.
pub(super) fn heading(level: u8, id: &str, shown: &str, text: &str) -> String {
    let says = escape(&format!("Link to “{text}”"));
    format!("<h{level} id=\"{id}\">{shown}<a class=\"anchor\" href=\"#{id}\" aria-label=\"{says}\">#</a></h{level}>\n")
}

fn link(from: &str, entry: &Entry, attributes: &str) -> String {
    format!("<a href=\"{}\"{attributes}>{}</a>", relative(from, &entry.url), escape(&entry.label))
}

/// What stands on this page: its headings of the second and third level.
fn contents(headings: &[Heading]) -> String {
    let shown: Vec<&Heading> = headings.iter().filter(|h| h.level <= 3).collect();
    if shown.len() < 3 {
        return String::new();
    }
    let item = |h: &&Heading| {
        format!("<li class=\"level{}\"><a href=\"#{}\">{}</a></li>\n", h.level, h.id, escape(&h.text))
    };
    let list: String = shown.iter().map(item).collect();
    let list = format!("<ul>\n{list}</ul>\n");
    format!(
        "<nav class=\"contents\" aria-label=\"On this page\">\n<details>\n<summary>On this page</summary>\n{list}</details>\n\
         <div class=\"aside\"><p>On this page</p>\n{list}</div>\n</nav>"
    )
}

fn origin(file: &str) -> String {
    format!("This page is <a href=\"{}\">{}</a>.", links::repository(file), escape(file))
}

/// The text with each `{{word}}` replaced. What is put in is not looked at again.
fn fill(text: &str, words: &[(&str, String)]) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let (word, after) = after.split_once("}}").unwrap_or((after, ""));
        out.push_str(words.iter().find(|(name, _)| *name == word).map_or("", |(_, value)| value));
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_filled_in_once() {
        let words = [("a", "{{b}}".to_owned()), ("b", "2".to_owned())];
        assert_eq!(fill("x{{a}}{{b}}{{c}}.", &words), "x{{b}}2.");
    }
}
