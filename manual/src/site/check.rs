// SPDX-License-Identifier: MIT OR Apache-2.0
//! Looks at the finished site: HTML that is well formed, links that lead somewhere, pages that can be reached.

use super::html::{folder, normal};
use super::Files;
use std::collections::{BTreeMap, BTreeSet};

const VOID: [&str; 8] = ["meta", "link", "br", "hr", "img", "input", "col", "wbr"];
/// What ends a paragraph wherever it begins, so that one around it is a mistake.
const BLOCKS: [&str; 16] = [
    "p",
    "div",
    "ul",
    "ol",
    "table",
    "pre",
    "h1",
    "h2",
    "h3",
    "h4",
    "details",
    "figure",
    "section",
    "nav",
    "form",
    "blockquote",
];

/// What is wrong with the site.
pub(super) fn check(files: &Files) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut pages = BTreeMap::new();
    for (url, content) in files.iter().filter(|(url, _)| url.ends_with(".html")) {
        let text = String::from_utf8_lossy(content);
        let (page, mistakes) = Page::read(&text);
        wrong.extend(mistakes.into_iter().map(|mistake| format!("{url}: {mistake}")));
        pages.insert(url.as_str(), page);
    }
    let mut ways: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (url, page) in &pages {
        for link in page.links.iter().filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let place = normal(&format!("{}{path}", folder(url))).filter(|_| !path.is_empty());
            let place = if path.is_empty() { Some((*url).to_owned()) } else { place };
            let found = place.and_then(|place| files.get_key_value(&place));
            match found.map(|(place, _)| (place, pages.get(place.as_str()))) {
                None => wrong.push(format!("{url}: the link to {link} leads nowhere")),
                Some((_, Some(to))) if !anchor.is_empty() && !to.ids.contains(anchor) => {
                    wrong.push(format!("{url}: the link to {link} leads to a page without this anchor"));
                }
                Some((place, _)) => {
                    ways.entry(url).or_default().insert(place);
                }
            }
        }
    }
    wrong.extend(unreached(&pages, &ways).map(|url| format!("{url}: no link leads to this page")));
    wrong
}

/// The pages to which no way leads from the first.
fn unreached<'a>(
    pages: &BTreeMap<&'a str, Page>,
    ways: &BTreeMap<&'a str, BTreeSet<&'a str>>,
) -> impl Iterator<Item = &'a str> {
    let mut reached = BTreeSet::new();
    let mut next = vec!["index.html"];
    while let Some(url) = next.pop() {
        if reached.insert(url) {
            next.extend(ways.get(url).into_iter().flatten());
        }
    }
    let left: Vec<&str> = pages.keys().copied().filter(|url| !reached.contains(url)).collect();
    left.into_iter()
}

/// What a page of HTML has that others depend on.
#[derive(Default)]
struct Page {
    ids: BTreeSet<String>,
    links: Vec<String>,
}

impl Page {
    /// Reads a page; what is not well formed is a mistake. All of it is written by this program, so it is stricter than
    /// HTML: every element is ended, in order, and every attribute is quoted.
    fn read(text: &str) -> (Self, Vec<String>) {
        let (mut page, mut wrong) = (Self::default(), Vec::new());
        let mut open: Vec<&str> = Vec::new();
        let mut titles = 0;
        let mut rest = text;
        while let Some((_, after)) = rest.split_once('<') {
            let Some(end) = after.find('>') else {
                wrong.push(format!("a tag without end: {}", start(after)));
                break;
            };
            let (tag, after) = (&after[..end], &after[end + 1..]);
            rest = after;
            if tag.starts_with('!') {
                continue;
            }
            if let Some(name) = tag.strip_prefix('/') {
                let last = open.pop();
                if last != Some(name) {
                    // What follows would be one complaint after the other.
                    wrong.push(format!("</{name}> ends <{}>", last.unwrap_or("nothing")));
                    return (page, wrong);
                }
                continue;
            }
            let name = tag.split([' ', '\n', '/']).next().unwrap_or_default();
            if BLOCKS.contains(&name) && open.last() == Some(&"p") {
                wrong.push(format!("<{name}> within a paragraph, before: {}", start(after)));
            }
            if name == "a" && open.contains(&"a") {
                wrong.push(format!("a link within a link, before: {}", start(after)));
            }
            titles += usize::from(name == "h1");
            page.attributes(name, &tag[name.len()..], &mut wrong);
            if !VOID.contains(&name) && !tag.ends_with('/') {
                open.push(name);
            }
        }
        wrong.extend(open.last().map(|name| format!("<{name}> has no end")));
        if titles != 1 {
            wrong.push(format!("{titles} titles (<h1>) instead of one"));
        }
        (page, wrong)
    }

    fn attributes(&mut self, element: &str, text: &str, wrong: &mut Vec<String>) {
        let mut described = false;
        let mut rest = text.trim_end_matches('/').trim();
        while !rest.is_empty() {
            let (name, after) = rest.split_at(rest.find([' ', '\n', '=']).unwrap_or(rest.len()));
            let Some(value) = after.strip_prefix('=') else {
                rest = after.trim_start();
                continue;
            };
            let Some((value, after)) = value.strip_prefix('"').and_then(|v| v.split_once('"')) else {
                wrong.push(format!("an attribute without quotes: <{element} {rest}>"));
                return;
            };
            rest = after.trim_start();
            match name {
                "id" if !self.ids.insert(value.to_owned()) => {
                    wrong.push(format!("two elements with the id {value}"))
                }
                "href" | "src" => self.links.push(value.replace("&amp;", "&")),
                "alt" => described = !value.is_empty(),
                _ => {}
            }
        }
        if element == "img" && !described {
            wrong.push(format!("a picture that says nothing (alt):{text}"));
        }
    }
}

/// The first words of a text, for a complaint.
fn start(text: &str) -> String {
    text.chars().take(60).map(|c| if c == '\n' { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(index: &str) -> String {
        let other = "<h1 id=\"x\">Other</h1>".to_owned();
        let files = [("index.html", index.to_owned()), ("other.html", other), ("a.svg", String::new())];
        let files: Files = files.into_iter().map(|(url, text)| (url.to_owned(), text.into_bytes())).collect();
        check(&files).join("\n")
    }

    #[test]
    fn a_site_without_mistakes_passes() {
        assert_eq!(
            complaints(
                "<h1>A</h1><p>a &lt; b<br>c <a href=\"other.html#x\">b</a></p><img src=\"a.svg\" alt=\"x\">"
            ),
            ""
        );
    }

    #[test]
    fn every_mistake_is_seen() {
        let reaching = "<h1>A</h1><a href=\"other.html\">b</a>";
        for (page, why) in [
            ("<a href=\"gone.html\">c</a>", "gone.html leads nowhere"),
            ("<a href=\"../index.html\">c</a>", "../index.html leads nowhere"),
            ("<a href=\"other.html#y\">c</a>", "without this anchor"),
            ("<a href=\"#y\">c</a>", "without this anchor"),
            ("<b><i>c</b></i>", "</b> ends <i>"),
            ("<b>c", "<b> has no end"),
            ("<p><div></div></p>", "<div> within a paragraph"),
            ("<a href=\"#\"><b><a href=\"#\">x</a></b></a>", "a link within a link"),
            ("<p id=\"x\"></p><p id=\"x\"></p>", "two elements with the id x"),
            ("<p id=x></p>", "without quotes"),
            ("<img src=\"a.svg\" alt=\"\">", "says nothing"),
            ("<h1>B</h1>", "2 titles"),
        ] {
            let said = complaints(&format!("{reaching}{page}"));
            assert!(said.contains(why) && said.lines().count() == 1, "{page}: {said}");
        }
        assert!(complaints("<h1>A</h1>").contains("other.html: no link leads to this page"));
    }
}
