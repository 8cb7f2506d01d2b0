// SPDX-License-Identifier: MIT OR Apache-2.0
//! A page of Markdown as a page of the site.

use super::html::{escape, relative, slug};
use super::links::Places;
use super::{charts, guarantees, template, Heading, Page};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream};
use std::collections::BTreeMap;

/// The page of the file `file`, whose text is `text`, for the place `url`.
pub(super) fn page(file: &str, url: &str, text: &str, places: &Places) -> Page {
    let mut writer = Writer::new(file, url, places);
    writer.markdown(text);
    writer.page()
}

/// A page in the making.
pub(super) struct Writer<'a> {
    file: &'a str,
    url: &'a str,
    places: &'a Places,
    body: String,
    /// Further first headings become second ones, and everything below one less.
    several_titles: bool,
    title: String,
    headings: Vec<Heading>,
    /// How often each anchor was given out.
    slugs: BTreeMap<String, u32>,
    /// The file that the next block of code is quoted from.
    quoted: Option<String>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(file: &'a str, url: &'a str, places: &'a Places) -> Self {
        Self {
            file,
            url,
            places,
            body: String::new(),
            several_titles: false,
            title: String::new(),
            headings: Vec::new(),
            slugs: BTreeMap::new(),
            quoted: None,
        }
    }

    /// Adds what is written in Markdown.
    pub(super) fn markdown(&mut self, text: &str) {
        let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES;
        let events: Vec<Event> = TextMergeStream::new(Parser::new_ext(text, options)).collect();
        let first = |e: &&Event| matches!(e, Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }));
        self.several_titles = events.iter().filter(first).count() > 1;
        let events = self.read(&events);
        pulldown_cmark::html::push_html(&mut self.body, events.into_iter());
    }

    /// Adds what is HTML already.
    pub(super) fn html(&mut self, text: &str) {
        self.body.push_str(text);
    }

    /// Adds a title without an anchor.
    pub(super) fn title(&mut self, text: &str) {
        self.title = text.to_owned();
        self.body.push_str(&format!("<h1>{}</h1>\n", escape(text)));
    }

    /// Adds what the title means.
    pub(super) fn lead(&mut self, text: &str) {
        let lead = capital(&self.linked(text));
        self.body.push_str(&format!("<p class=\"lead\">{lead}.</p>\n"));
    }

    /// Adds a heading with an anchor of its own choice; `shown` is its HTML.
    pub(super) fn section(&mut self, level: u8, id: &str, shown: &str, text: &str) {
        self.body.push_str(&template::heading(level, id, shown, text));
        self.headings.push(Heading { level, id: id.to_owned(), text: text.to_owned() });
    }

    /// What others find on this page though it has no heading: a constant, a rule.
    pub(super) fn findable(&mut self, id: &str, text: &str) {
        self.headings.push(Heading { level: 6, id: id.to_owned(), text: text.to_owned() });
    }

    /// The way from this page to another place of the site.
    pub(super) fn way(&self, to: &str) -> String {
        relative(self.url, to)
    }

    /// The way to what the headers declare.
    pub(super) fn place(&self, item: &str) -> Option<String> {
        self.places.item(item).map(|to| self.way(to))
    }

    pub(super) fn page(self) -> Page {
        if self.title.is_empty() {
            self.places.complain(format!("{}: has no title", self.file));
        }
        let (url, file) = (self.url.to_owned(), Some(self.file.to_owned()));
        Page { url, file, title: self.title, body: self.body, headings: self.headings }
    }

    fn read<'e>(&mut self, events: &[Event<'e>]) -> Vec<Event<'e>> {
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
                    match self.places.called(self.file, dest_url, &plain(inner)) {
                        Some(label) => out.push(html(escape(label))),
                        None => out.extend_from_slice(inner),
                    }
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
                    let (rule, shown, promise) = guarantees::parts(inner);
                    let mut rest = self.read(&promise);
                    match rule {
                        Some(rule) => {
                            self.findable(&rule, &format!("{rule} {}", plain(&promise)));
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

    fn heading(&mut self, level: u8, inner: &[Event]) -> String {
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
            // A page that is a man page as well is called `name - what it is`.
            let summary = text
                .split_once(" - ")
                .filter(|(name, _)| !name.contains(' '))
                .map(|(_, summary)| capital(summary));
            let shown = summary.as_deref().map_or(shown, escape);
            self.title = summary.unwrap_or(text);
            return format!("<h1 id=\"{id}\">{shown}</h1>\n");
        }
        let heading = template::heading(level, &id, &shown, &text);
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
        let console = matches!(kind, CodeBlockKind::Fenced(language) if language.as_ref() == "console");
        let text = if console { typed(text) } else { escape(&dedented(text)) };
        let from = self.quoted.take().map(|file| {
            let to = relative(self.url, &self.places.source(&file));
            format!("<p class=\"from\"><a href=\"{}\">{}</a></p>", escape(&to), escape(&file))
        });
        let from = from.unwrap_or_default();
        format!("<div class=\"code\">{from}<pre tabindex=\"0\"><code{class}>{text}</code></pre></div>\n")
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

    /// Text in which the numbers of rules lead to them, and the names of functions to their documentation.
    pub(super) fn linked(&self, text: &str) -> String {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find(word) {
            let (before, on) = rest.split_at(start);
            let (name, after) = on.split_at(on.find(|c| !word(c)).unwrap_or(on.len()));
            out.push_str(&escape(before));
            let whole = !before.ends_with(['-', '/', '.']) && !after.starts_with(['-', '/']);
            let upper = name.starts_with(|c: char| c.is_ascii_uppercase());
            rest = after;
            if let Some(to) =
                rules::number(name).filter(|_| whole && upper).and_then(|r| self.places.rule(&r))
            {
                out.push_str(&format!("<a class=\"rule\" href=\"{}\">{name}</a>", self.way(&to)));
            } else if before.ends_with('-') && is_errno(name) {
                // A line must not end after its minus.
                out.pop();
                out.push_str(&format!("<span class=\"whole\">-{name}</span>"));
            } else if let Some(to) = self.item(name, before.ends_with("struct ")) {
                let call = after.strip_prefix("()");
                let parentheses = if call.is_some() { "()" } else { "" };
                rest = call.unwrap_or(after);
                out.push_str(&format!(
                    "<a class=\"api\" href=\"{}\"><code>{name}{parentheses}</code></a>",
                    self.way(to)
                ));
            } else {
                out.push_str(&escape(name));
            }
        }
        out + &escape(rest)
    }

    /// The place of a name in the headers: of a function, or of a struct where that is meant or nothing else is called so.
    fn item(&self, name: &str, as_struct: bool) -> Option<&str> {
        let keys = [format!("struct {name}"), name.to_owned()];
        let find = |key: &String| self.places.item(key);
        if as_struct {
            keys.iter().find_map(find)
        } else {
            keys.iter().rev().find_map(find)
        }
    }

    /// A declaration in C, in which the names of types lead to their documentation.
    pub(super) fn declaration(&self, text: &str, of: &str) -> String {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find(word) {
            let (before, on) = rest.split_at(start);
            let (name, after) = on.split_at(on.find(|c| !word(c)).unwrap_or(on.len()));
            out.push_str(&escape(before));
            match self.item(name, true).filter(|_| name != of) {
                Some(to) => out.push_str(&format!("<a href=\"{}\">{name}</a>", self.way(to))),
                None if name == of => out.push_str(&format!("<b>{name}</b>")),
                None => out.push_str(name),
            }
            rest = after;
        }
        out + &escape(rest)
    }

    /// A span of code; the name of a function, a struct or a constant leads to its documentation.
    fn code_span(&self, text: &str) -> String {
        // An option does not break after its hyphens.
        let class = if text.starts_with('-') && !text.contains(' ') { " class=\"whole\"" } else { "" };
        let shown = format!("<code{class}>{}</code>", escape(text));
        let name = text.strip_suffix("()").unwrap_or(text);
        match self.item(name.strip_prefix("struct ").unwrap_or(name), name.starts_with("struct ")) {
            Some(to) => format!("<a class=\"api\" href=\"{}\">{shown}</a>", relative(self.url, to)),
            None => shown,
        }
    }
}

/// With a capital letter.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `EINVAL`, which mostly stands as -EINVAL.
fn is_errno(word: &str) -> bool {
    word.len() > 3
        && word.starts_with('E')
        && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

fn html<'a>(text: impl Into<String>) -> Event<'a> {
    Event::Html(text.into().into())
}

/// Lines without the indentation that they have in common: a part of a file may come from deep within it.
fn dedented(text: &str) -> String {
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let common = lines().map(indentation).min().unwrap_or(0);
    let same =
        lines().all(|line| line.as_bytes()[..common] == lines().next().unwrap_or(line).as_bytes()[..common]);
    let cut = if same { common } else { 0 };
    text.lines().flat_map(|line| [line.get(cut..).unwrap_or_default(), "\n"]).collect()
}

/// What stands on a terminal, with that which was typed in bold.
fn typed(text: &str) -> String {
    let line = |line: &str| match line.strip_prefix("$ ") {
        Some(command) => format!("$ <b>{}</b>\n", escape(command)),
        None => escape(line) + "\n",
    };
    text.lines().map(line).collect()
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
    use super::super::navigation::Navigation;
    use super::*;

    fn body(text: &str) -> String {
        let list = "## Pages\n- [Rules](../guarantees.md)\n- [X](../guide/x.md)\n";
        let navigation = Navigation::parse(list, "docs/site/navigation.md").unwrap();
        let items = [("ovl_tree_get".to_owned(), "reference/ovl/tree.html#ovl_tree_get".to_owned())];
        page("docs/guide/x.md", "guide/x.html", text, &Places::new(&navigation, items.into_iter())).body
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
    fn names_of_functions_and_pages_are_links() {
        let page = body("# A\n\nPut what ovl_tree_get() or `ovl_tree_get()` gave, else -EINVAL. See [guarantees.md](../guarantees.md).\n");
        let link = "<a class=\"api\" href=\"../reference/ovl/tree.html#ovl_tree_get\"><code>ovl_tree_get()</code></a>";
        assert_eq!(page.matches(link).count(), 2, "{page}");
        assert!(page.contains("<span class=\"whole\">-EINVAL</span>"), "{page}");
        assert!(page.contains("<a href=\"../guarantees.html\">Rules</a>"), "{page}");
    }

    #[test]
    fn code_begins_at_the_margin() {
        assert_eq!(dedented("\tif (a)\n\n\t\tb();\n"), "if (a)\n\n\tb();\n");
        assert_eq!(dedented("a\n\tb\n"), "a\n\tb\n");
    }

    #[test]
    fn comments_are_dropped_and_say_where_code_is_from() {
        let page = body("<!-- SPDX -->\n# A\n\n<!-- from examples/x.c -->\n```c\na < b\n```\n");
        assert!(page.contains("href=\"../source/examples/x.c.html\">examples/x.c</a>"), "{page}");
        assert!(page.contains("<code class=\"language-c\">a &lt; b\n</code>"), "{page}");
        assert!(!page.contains("<!--"), "{page}");
    }
}
