// SPDX-License-Identifier: MIT OR Apache-2.0
//! A page of Markdown as a page of the site.

use super::html::{escape, relative, slug};
use super::links::Places;
use super::{charts, guarantees, Heading, Page};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::collections::BTreeMap;

/// The page of the file `file`, whose text is `text`, for the place `url`.
pub(super) fn page(file: &str, url: &str, text: &str, places: &Places) -> Page {
    let events: Vec<Event> =
        Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES).collect();
    let titles =
        events.iter().filter(|e| matches!(e, Event::Start(Tag::Heading { level: HeadingLevel::H1, .. })));
    let mut reader = Reader {
        file,
        url,
        places,
        several_titles: titles.count() > 1,
        title: String::new(),
        headings: Vec::new(),
        slugs: BTreeMap::new(),
        quoted: None,
    };
    let mut body = String::new();
    pulldown_cmark::html::push_html(&mut body, reader.read(&events).into_iter());
    if reader.title.is_empty() {
        places.complain(format!("{file}: has no title"));
    }
    Page {
        url: url.to_owned(),
        file: Some(file.to_owned()),
        title: reader.title,
        body,
        headings: reader.headings,
    }
}

struct Reader<'a> {
    file: &'a str,
    url: &'a str,
    places: &'a Places,
    /// Further first headings become second ones, and everything below one less.
    several_titles: bool,
    title: String,
    headings: Vec<Heading>,
    /// How often each anchor was given out.
    slugs: BTreeMap<String, u32>,
    /// The file that the next block of code is quoted from.
    quoted: Option<String>,
}

impl<'a> Reader<'a> {
    fn read(&mut self, events: &[Event<'a>]) -> Vec<Event<'a>> {
        let mut out = Vec::new();
        let mut at = 0;
        while at < events.len() {
            let end = end_of(events, at);
            let inner = events.get(at + 1..end).unwrap_or_default();
            match &events[at] {
                Event::Start(Tag::Heading { level, .. }) => {
                    let heading = self.heading(*level as u8, inner);
                    out.push(html(heading));
                    at = end;
                }
                Event::Start(Tag::Link { dest_url, title, .. }) => {
                    let to = self.places.link(self.file, self.url, dest_url);
                    let title = if title.is_empty() {
                        String::new()
                    } else {
                        format!(" title=\"{}\"", escape(title))
                    };
                    out.push(html(format!("<a href=\"{}\"{title}>", escape(&to))));
                    // A link within a link there is not: neither rules nor functions are looked for here.
                    out.extend_from_slice(inner);
                    out.push(html("</a>"));
                    at = end;
                }
                Event::Start(Tag::Image { dest_url, .. }) => {
                    let from = self.places.picture(self.file, self.url, dest_url);
                    let (from, alt) = (escape(&from), escape(&plain(inner)));
                    out.push(html(format!("<img src=\"{from}\" alt=\"{alt}\">")));
                    at = end;
                }
                Event::Start(Tag::CodeBlock(kind)) => {
                    out.push(html(self.code(kind, &plain(inner))));
                    at = end;
                }
                Event::Start(Tag::Table(_)) => {
                    let chart = charts::chart(&rows(inner));
                    out.extend(chart.as_ref().map(|c| {
                        html(format!("{c}<details class=\"figures\"><summary>The figures</summary>"))
                    }));
                    out.push(html(
                        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table\">",
                    ));
                    out.push(events[at].clone());
                    out.extend(self.read(inner));
                    out.push(events[end].clone());
                    out.push(html(if chart.is_some() { "</div></details>" } else { "</div>" }));
                    at = end;
                }
                Event::Start(Tag::Item) if self.file == guarantees::FILE => {
                    let (rule, shown, rest) = guarantees::parts(inner);
                    let mut rest = self.read(&rest);
                    match rule {
                        Some(rule) => {
                            out.push(html(format!(
                                "<li class=\"promise\" id=\"{rule}\"><a class=\"rule\" href=\"#{rule}\">{rule}</a>"
                            )));
                            out.append(&mut rest);
                            out.push(html(guarantees::shown(&rule, &shown, self.url, self.places)));
                        }
                        None => {
                            out.push(events[at].clone());
                            out.append(&mut rest);
                        }
                    }
                    out.push(Event::End(TagEnd::Item));
                    at = end;
                }
                Event::Start(Tag::HtmlBlock) => {
                    let text = self.remarks(&raw(inner));
                    out.push(html(text));
                    at = end;
                }
                Event::InlineHtml(text) => {
                    let text = self.remarks(text);
                    out.push(html(text));
                }
                Event::Text(text) => out.push(html(self.linked(text))),
                Event::Code(text) => out.push(html(self.code_span(text))),
                other => out.push(other.clone()),
            }
            at += 1;
        }
        out
    }

    fn heading(&mut self, level: u8, inner: &[Event<'a>]) -> String {
        let text = plain(inner);
        let first = level == 1 && self.title.is_empty();
        let level = if self.several_titles && !first { level + 1 } else { level };
        let plain_slug = slug(&text);
        let count = self.slugs.entry(plain_slug.clone()).or_default();
        let id = if *count == 0 { plain_slug } else { format!("{plain_slug}-{count}") };
        *count += 1;
        let mut shown = String::new();
        pulldown_cmark::html::push_html(&mut shown, inner.iter().cloned());
        if first {
            self.title = text;
            return format!("<h1 id=\"{id}\">{shown}</h1>\n");
        }
        let heading = super::template::heading(level, &id, &shown, &text);
        self.headings.push(Heading { level, id, text });
        heading
    }

    /// A block of code, below the name of the file that it is quoted from.
    fn code(&mut self, kind: &CodeBlockKind, text: &str) -> String {
        let class = match kind {
            CodeBlockKind::Fenced(language) if !language.is_empty() => {
                format!(" class=\"language-{}\"", escape(language))
            }
            _ => String::new(),
        };
        let from = self.quoted.take().map(|file| {
            let to = relative(self.url, &self.places.source(&file));
            format!("<p class=\"from\"><a href=\"{}\">{}</a></p>", escape(&to), escape(&file))
        });
        let from = from.unwrap_or_default();
        format!(
            "<div class=\"code\">{from}<pre tabindex=\"0\"><code{class}>{}</code></pre></div>\n",
            escape(text)
        )
    }

    /// HTML that stands in the Markdown, without comments; but one may say where the next block of code is from.
    fn remarks(&mut self, text: &str) -> String {
        let mut kept = String::new();
        let mut rest = text;
        while let Some((before, comment)) = rest.split_once("<!--") {
            kept.push_str(before);
            let (comment, after) = comment.split_once("-->").unwrap_or((comment, ""));
            let comment = comment.trim();
            let quoted = comment.strip_prefix("from ").or_else(|| comment.strip_prefix("part of "));
            self.quoted = quoted.map(str::to_owned).or(self.quoted.take());
            rest = after;
        }
        kept + rest
    }

    /// Text in which the numbers of rules lead to them.
    fn linked(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find(|c: char| c.is_alphanumeric()) {
            let (before, word_on) = rest.split_at(start);
            let (word, after) =
                word_on.split_at(word_on.find(|c: char| !c.is_alphanumeric()).unwrap_or(word_on.len()));
            out.push_str(&escape(before));
            let whole = !before.ends_with(['-', '/', '.', '_']) && !after.starts_with(['-', '/', '_']);
            let upper = word.starts_with(|c: char| c.is_ascii_uppercase());
            let rule =
                rules::number(word).filter(|_| whole && upper).and_then(|rule| self.places.rule(&rule));
            match rule {
                Some(to) => out
                    .push_str(&format!("<a class=\"rule\" href=\"{}\">{word}</a>", relative(self.url, &to))),
                None => out.push_str(&escape(word)),
            }
            rest = after;
        }
        out + &escape(rest)
    }

    /// A span of code; the name of a function, a struct or a constant leads to its documentation.
    fn code_span(&self, text: &str) -> String {
        let shown = format!("<code>{}</code>", escape(text));
        let name = text.strip_suffix("()").unwrap_or(text);
        match self.places.item(name.strip_prefix("struct ").unwrap_or(name)) {
            Some(to) => format!("<a class=\"api\" href=\"{}\">{shown}</a>", relative(self.url, to)),
            None => shown,
        }
    }
}

fn html<'a>(text: impl Into<String>) -> Event<'a> {
    Event::Html(text.into().into())
}

/// The index of the event that ends what the one at `start` starts; its own if it starts nothing.
fn end_of(events: &[Event], start: usize) -> usize {
    let mut depth = 0;
    for (at, event) in events.iter().enumerate().skip(start) {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
        if depth <= 0 {
            return at;
        }
    }
    start
}

/// The text of events, without markup.
pub(super) fn plain(events: &[Event]) -> String {
    let mut text = String::new();
    for event in events {
        match event {
            Event::Text(t) | Event::Code(t) => text.push_str(t),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
    }
    text
}

fn raw(events: &[Event]) -> String {
    let html = events.iter().filter_map(|event| match event {
        Event::Html(text) | Event::Text(text) => Some(text.as_ref()),
        _ => None,
    });
    html.collect()
}

/// The cells of a table, row by row, the head first.
fn rows(table: &[Event]) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (at, event) in table.iter().enumerate() {
        match event {
            Event::Start(Tag::TableHead | Tag::TableRow) => rows.push(Vec::new()),
            Event::Start(Tag::TableCell) => {
                let cell = plain(&table[at + 1..end_of(table, at)]);
                rows.extend(rows.is_empty().then(Vec::new));
                rows.last_mut().into_iter().for_each(|row| row.push(cell.clone()));
            }
            _ => {}
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> String {
        let pages = [("docs/guarantees.md", "guarantees.html"), ("docs/guide/x.md", "guide/x.html")];
        page("docs/guide/x.md", "guide/x.html", text, &Places::new(pages.into_iter())).body
    }

    #[test]
    fn headings_have_the_anchors_of_github() {
        let page = body("# A\n\n## B `c`\n\n## B c\n");
        assert!(page.contains("<h1 id=\"a\">A</h1>"), "{page}");
        assert!(page.contains("<h2 id=\"b-c\">") && page.contains("<h2 id=\"b-c-1\">"), "{page}");
    }

    #[test]
    fn numbers_of_rules_are_links() {
        let page = body("# A\n\nSee O12 (K3), not Cortex-M4, `O12` or O99.\n");
        assert!(page.contains("<a class=\"rule\" href=\"../guarantees.html#O12\">O12</a>"), "{page}");
        assert_eq!(page.matches("class=\"rule\"").count(), 2, "{page}");
    }

    #[test]
    fn comments_are_dropped_and_say_where_code_is_from() {
        let page = body("<!-- SPDX -->\n# A\n\n<!-- from examples/x.c -->\n```c\na < b\n```\n");
        assert!(page.contains("href=\"../source/examples/x.c.html\">examples/x.c</a>"), "{page}");
        assert!(page.contains("<code class=\"language-c\">a &lt; b\n</code>"), "{page}");
        assert!(!page.contains("<!--"), "{page}");
    }
}
