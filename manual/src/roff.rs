// SPDX-License-Identifier: MIT OR Apache-2.0
//! Markdown as man(7), for `man`, mandoc and groff.
//!
//! What a man page has no form for takes the nearest one: a row of a table is a tagged paragraph, a link is the page that it leads to.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream};

/// Lines of a source are no longer than this.
const WIDTH: usize = 78;
/// What a terminal of 80 columns has for code.
const CODE_WIDTH: usize = 71;

/// What a text may refer to.
pub(crate) trait References {
    /// The page that documents a function: `("ovl_node", 3)`. None for the one that is being written.
    fn function(&self, name: &str) -> Option<(&str, u8)>;
    /// The page that a link leads to, none if it is no man page; fails where it leads nowhere.
    fn link(&self, to: &str) -> Result<Option<(&str, u8)>, String>;
}

/// A man page in the making.
pub(crate) struct Roff {
    source: String,
    /// Text that is not in `source` yet, for its lines have to be broken.
    text: String,
    /// No paragraph has to be begun: a heading or the tag of a list has just done that.
    fresh: bool,
}

impl Roff {
    /// Begins the page `name(section)`.
    pub(crate) fn new(name: &str, section: u8, date: &str, source: &str, book: &str) -> Self {
        let head = format!(
            ".\\\" SPDX-License-Identifier: MIT OR Apache-2.0\n.TH {} {section} {date} \"{source}\" \"{book}\"\n",
            name.to_uppercase()
        );
        // Without hyphenation and even margins: names stay whole, and no line is torn apart.
        Self { source: head + ".nr HY 0\n.nh\n.ad l\n", text: String::new(), fresh: true }
    }

    pub(crate) fn finish(mut self) -> String {
        self.flush();
        self.source
    }

    /// Begins a section.
    pub(crate) fn section(&mut self, title: &str) {
        self.heading("SH", &escaped(&title.to_uppercase()));
    }

    /// Begins a part of a section.
    pub(crate) fn subsection(&mut self, title: &str) {
        self.heading("SS", &escaped(title));
    }

    fn heading(&mut self, request: &str, title: &str) {
        self.request(&format!(".{request} \"{}\"", title.replace('"', "\\(dq")));
        self.fresh = true;
    }

    /// Begins a paragraph, if none has just begun.
    pub(crate) fn paragraph(&mut self) {
        if !self.fresh {
            self.request(".PP");
        }
        self.fresh = true;
    }

    /// Begins a paragraph whose tag is `tag`, in roff.
    pub(crate) fn tagged(&mut self, tag: &str) {
        self.request(".TP");
        self.source.push_str(tag);
        self.source.push('\n');
        self.fresh = true;
    }

    /// Adds to the paragraph, in roff.
    pub(crate) fn push(&mut self, roff: &str) {
        self.text.push_str(roff);
        self.fresh = false;
    }

    /// Lines that stay as they are, in roff.
    pub(crate) fn lines<'a>(&mut self, lines: impl IntoIterator<Item = &'a str>) {
        self.request(".nf");
        for line in lines {
            self.source.push_str(&guarded(line));
            self.source.push('\n');
        }
        self.request(".fi");
        self.fresh = false;
    }

    fn request(&mut self, request: &str) {
        self.flush();
        self.source.push_str(request);
        self.source.push('\n');
    }

    /// Writes the text that has gathered, in lines.
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        let mut line = String::new();
        for word in text.split([' ', '\n']).filter(|word| !word.is_empty()) {
            if !line.is_empty() && line.len() + 1 + word.len() > WIDTH {
                // A sentence that ends with its line is not followed by two spaces: the others are not either.
                let end = if line.ends_with(['.', '?', '!', ':', ')', '"']) { "\\&\n" } else { "\n" };
                self.source.extend([line.as_str(), end]);
                line.clear();
            }
            if line.is_empty() {
                line = guarded(word);
            } else {
                line.extend([" ", word]);
            }
        }
        if !line.is_empty() {
            self.source.push_str(&line);
            self.source.push('\n');
        }
    }

    /// Adds a Markdown text. `##` is a section, `###` a part of one.
    pub(crate) fn markdown(&mut self, markdown: &str, references: &dyn References) -> Result<(), String> {
        let mut lists: Vec<Option<u64>> = Vec::new();
        let mut events = TextMergeStream::new(Parser::new_ext(markdown, Options::ENABLE_TABLES));
        while let Some(event) = events.next() {
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    let title = plain(&mut events);
                    match level {
                        HeadingLevel::H2 => self.section(&title),
                        _ => self.subsection(&title),
                    }
                }
                Event::Start(Tag::Paragraph) if lists.is_empty() || self.fresh => self.paragraph(),
                Event::Start(Tag::Paragraph) => self.request(".IP"),
                Event::Start(Tag::CodeBlock(kind)) => self.code(&plain(&mut events), &kind, lists.len()),
                Event::Start(Tag::List(first)) => {
                    if !lists.is_empty() {
                        self.request(".RS 4");
                    }
                    lists.push(first);
                }
                Event::End(TagEnd::List(_)) => {
                    self.flush();
                    lists.pop();
                    if !lists.is_empty() {
                        self.request(".RE");
                    }
                    self.fresh = false;
                }
                Event::Start(Tag::Item) => {
                    let tag = match lists.last_mut() {
                        Some(Some(number)) => {
                            *number += 1;
                            format!(".IP {}. 4", *number - 1)
                        }
                        _ => ".IP \\(bu 2".to_owned(),
                    };
                    self.request(&tag);
                    self.fresh = true;
                }
                Event::Start(Tag::Link { dest_url, .. }) => {
                    let text = plain(&mut events);
                    self.link(&text, &dest_url, references)?;
                }
                // The names of the columns are of no use where there are none.
                Event::Start(Tag::TableHead) => skip(&mut events, &TagEnd::TableHead),
                Event::Start(Tag::TableRow) => {
                    self.request(".TP");
                    self.fresh = true;
                }
                Event::End(TagEnd::TableCell) if self.fresh => {}
                Event::End(TagEnd::TableCell) => self.flush(),
                Event::End(TagEnd::Table) => self.fresh = false,
                Event::Start(Tag::Emphasis) => self.push("\\fI"),
                Event::Start(Tag::Strong) => self.push("\\fB"),
                Event::End(TagEnd::Emphasis | TagEnd::Strong) => self.push("\\fR"),
                Event::Text(text) => self.push(&with_functions(&text, references)),
                Event::Code(code) => match code.strip_suffix("()") {
                    Some(name) if references.function(name).is_some() => {
                        self.push(&with_functions(&code, references));
                    }
                    _ => self.push(&format!("\\fB{}\\fR", verbatim(&code))),
                },
                Event::SoftBreak => self.push(" "),
                Event::HardBreak => self.request(".br"),
                Event::Start(Tag::BlockQuote(_)) => self.request(".RS 4"),
                Event::End(TagEnd::BlockQuote(_)) => self.request(".RE"),
                Event::Start(Tag::Image { dest_url, .. }) => {
                    return Err(format!("{dest_url}: a man page has no images"))
                }
                _ => {}
            }
        }
        self.flush();
        Ok(())
    }

    fn code(&mut self, code: &str, kind: &CodeBlockKind<'_>, depth: usize) {
        // Pictures are as wide as they are; programs may be folded.
        let is_c = matches!(kind, CodeBlockKind::Fenced(language) if **language == *"c");
        self.request(if self.fresh || depth > 0 { ".RS 2" } else { ".PP\n.RS 2" });
        self.request(".EX");
        for line in code.trim_end().lines().map(without_tabs) {
            for part in if is_c { folded(&line) } else { vec![line] } {
                self.source.push_str(&guarded(&verbatim(&part)));
                self.source.push('\n');
            }
        }
        self.request(".EE");
        self.request(".RE");
        self.fresh = false;
    }

    fn link(&mut self, text: &str, to: &str, references: &dyn References) -> Result<(), String> {
        let shown = match references.link(to)? {
            Some((page, section)) if page == text => reference(page, section),
            Some((page, section)) => format!("{} ({})", escaped(text), reference(page, section)),
            None if to.starts_with("http") => format!("{} <{}>", escaped(text), verbatim(to)),
            None => escaped(text),
        };
        self.push(&shown);
        Ok(())
    }
}

/// `ovl_node(3)`
pub(crate) fn reference(page: &str, section: u8) -> String {
    format!("\\fB{}\\fR({section})", verbatim(page))
}

/// The text of what has just begun, up to its end.
fn plain<'a>(events: &mut impl Iterator<Item = Event<'a>>) -> String {
    let mut text = String::new();
    for event in events {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::SoftBreak => text.push(' '),
            Event::End(TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::Link) => break,
            _ => {}
        }
    }
    text
}

/// Passes over what has just begun, up to its end.
fn skip<'a>(events: &mut impl Iterator<Item = Event<'a>>, end: &TagEnd) {
    for event in events {
        if matches!(&event, Event::End(ended) if ended == end) {
            break;
        }
    }
}

/// A text in which `ovl_node_get()` refers to the page that documents it.
fn with_functions(text: &str, references: &dyn References) -> String {
    let mut roff = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("()") {
        let start = rest[..at].rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |i| i + 1);
        let name = &rest[start..at];
        roff.push_str(&escaped(&rest[..start]));
        roff.push_str(&match references.function(name) {
            _ if name.is_empty() => "()".to_owned(),
            Some((_, section)) => reference(name, section),
            None => format!("\\fB{}\\fR()", verbatim(name)),
        });
        rest = &rest[at + 2..];
    }
    roff + &escaped(rest)
}

/// Text, of which roff takes nothing for its own.
pub(crate) fn escaped(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut roff = String::with_capacity(text.len());
    for (at, &letter) in letters.iter().enumerate() {
        let beside =
            |place: Option<usize>| place.and_then(|at| letters.get(at)).is_some_and(|c| c.is_alphabetic());
        match letter {
            // Between letters it is a hyphen, elsewhere the minus of a number or an option.
            '-' if beside(at.checked_sub(1)) && beside(Some(at + 1)) => roff.push('-'),
            '\'' => roff.push('\''),
            other => push_verbatim(&mut roff, other),
        }
    }
    roff
}

/// Code: what is shown is what can be typed.
pub(crate) fn verbatim(code: &str) -> String {
    let mut roff = String::with_capacity(code.len());
    code.chars().for_each(|letter| push_verbatim(&mut roff, letter));
    roff
}

fn push_verbatim(roff: &mut String, letter: char) {
    match letter {
        '\\' => roff.push_str("\\e"),
        '-' => roff.push_str("\\-"),
        '\'' => roff.push_str("\\(aq"),
        '`' => roff.push_str("\\(ga"),
        '^' => roff.push_str("\\(ha"),
        '~' => roff.push_str("\\(ti"),
        '…' => roff.push_str("..."),
        '→' => roff.push_str("\\(->"),
        '×' => roff.push_str("\\(mu"),
        'µ' => roff.push_str("\\(mc"),
        '–' => roff.push_str("\\(en"),
        '—' => roff.push_str("\\(em"),
        other if other.is_ascii() => roff.push(other),
        other => roff.push_str(&format!("\\[u{:04X}]", u32::from(other))),
    }
}

fn without_tabs(line: &str) -> String {
    let mut spaced = String::with_capacity(line.len());
    for letter in line.chars() {
        match letter {
            '\t' => spaced.push_str(&" ".repeat(8 - spaced.chars().count() % 8)),
            other => spaced.push(other),
        }
    }
    spaced
}

/// A line of C in lines that fit a terminal, broken at spaces that are in no string.
fn folded(line: &str) -> Vec<String> {
    let indent = line.len() - line.trim_start().len() + 8;
    let (mut lines, mut rest) = (Vec::new(), line.to_owned());
    while rest.chars().count() > CODE_WIDTH {
        let (mut in_string, mut place) = (false, None);
        for (at, letter) in rest.char_indices().take(CODE_WIDTH) {
            in_string ^= letter == '"';
            if letter == ' ' && !in_string && !rest[..at].trim().is_empty() {
                place = Some(at);
            }
        }
        let Some(place) = place else { break };
        lines.push(rest[..place].trim_end().to_owned());
        rest = format!("{}{}", " ".repeat(indent), rest[place..].trim_start());
    }
    lines.push(rest);
    lines
}

/// A line that is no request; nor, where it begins with spaces, one that ends another, which mandoc makes <br> of.
fn guarded(line: &str) -> String {
    let guard = if line.starts_with(['.', '\'', ' ']) { "\\&" } else { "" };
    format!("{guard}{line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Demo;

    impl References for Demo {
        fn function(&self, name: &str) -> Option<(&str, u8)> {
            (name == "demo_get").then_some(("demo_thing", 3))
        }
        fn link(&self, to: &str) -> Result<Option<(&str, u8)>, String> {
            match to {
                "thing.md" => Ok(Some(("demo_thing", 3))),
                "../file" => Ok(None),
                _ => Err(format!("{to} leads nowhere")),
            }
        }
    }

    fn page(markdown: &str) -> Result<String, String> {
        let mut roff = Roff { source: String::new(), text: String::new(), fresh: true };
        roff.markdown(markdown, &Demo)?;
        Ok(roff.finish())
    }

    #[test]
    fn text_is_never_a_request() {
        assert_eq!(
            page("It's a \\ at -1 and all-in\n.SH, 'so'").unwrap(),
            "It's a \\e at \\-1 and all-in .SH, 'so'\n"
        );
        let long = format!("{} .SH", "x".repeat(76));
        assert_eq!(page(&long).unwrap(), format!("{}\n\\&.SH\n", "x".repeat(76)));
        assert_eq!(
            page("```c\n.a\t'b\\n'\n```").unwrap(),
            ".RS 2\n.EX\n\\&.a      \\(aqb\\en\\(aq\n.EE\n.RE\n"
        );
    }

    #[test]
    fn long_lines_of_a_program_are_folded() {
        let call = format!("\tcall({}, \"of two words\", last);", "x".repeat(50));
        let lines = folded(&without_tabs(&call));
        assert_eq!(lines[0], format!("        call({},", "x".repeat(50)));
        assert_eq!(lines[1], "                \"of two words\", last);");
        assert_eq!(folded("short"), ["short"]);
        assert_eq!(folded(&"x".repeat(90)), ["x".repeat(90)]);
    }

    #[test]
    fn paragraphs_begin_where_nothing_else_does() {
        let text = "One.\n\n## Two\n\nText.\n\n- a\n- b\n\n  c\n\nEnd.";
        let roff = "One.\n.SH \"TWO\"\nText.\n.IP \\(bu 2\na\n.IP \\(bu 2\nb\n.IP\nc\n.PP\nEnd.\n";
        assert_eq!(page(text).unwrap(), roff);
        assert_eq!(page("| a | b |\n|---|---|\n| `x` | y |").unwrap(), ".TP\n\\fBx\\fR\ny\n");
    }

    #[test]
    fn references_are_pages() {
        let text = "See demo\\_get(), other(), [demo_thing](thing.md), [more](thing.md) and [x](../file).";
        let roff = "See \\fBdemo_get\\fR(3), \\fBother\\fR(), \\fBdemo_thing\\fR(3), more\n(\\fBdemo_thing\\fR(3)) and x.\n";
        assert_eq!(page(text).unwrap(), roff);
        assert_eq!(page("[x](no.md)").unwrap_err(), "no.md leads nowhere");
    }
}
