// SPDX-License-Identifier: MIT OR Apache-2.0
//! docs/guarantees.md: each rule has an anchor, and leads to the tests that show it.

use super::html::{escape, relative};
use super::links::Places;
use pulldown_cmark::{Event, Tag};

pub(super) const FILE: &str = "docs/guarantees.md";
const SHOWN: &str = "Shown by:";

/// Takes a list item apart: the number of the rule in it, the files that show it, and the text between.
pub(super) fn parts<'a>(item: &[Event<'a>]) -> (Option<String>, Vec<String>, Vec<Event<'a>>) {
    let [Event::Start(Tag::Strong), Event::Text(rule), Event::End(_), rest @ ..] = item else {
        return (None, Vec::new(), item.to_vec());
    };
    let says_shown = |event: &Event| matches!(event, Event::Text(text) if text.starts_with(SHOWN));
    let (text, files) = rest.split_at(rest.iter().position(says_shown).unwrap_or(rest.len()));
    let files = files.iter().filter_map(|event| match event {
        Event::Code(file) => Some(file.to_string()),
        _ => None,
    });
    (Some(rule.to_string()), files.collect(), text.to_vec())
}

/// The tests in `files` that carry the number `rule`, for the page `url`.
pub(super) fn shown(rule: &str, files: &[String], url: &str, places: &Places) -> String {
    let (mut list, mut count) = (String::new(), 0);
    for file in files {
        let source = relative(url, &places.source(file));
        let tests = match super::read(file) {
            Ok(text) => rules::tests(&text),
            Err(why) => {
                places.complain(format!("{FILE}: {rule}: {why}"));
                continue;
            }
        };
        list.push_str(&format!("<li><a href=\"{source}\">{}</a><ul>", escape(file)));
        for test in tests.iter().filter(|test| test.rules.iter().any(|r| r == rule)) {
            list.push_str(&format!(
                "<li><a href=\"{source}#L{}\">{}</a></li>",
                test.line,
                escape(&test.name)
            ));
            count += 1;
        }
        list.push_str("</ul></li>\n");
    }
    if files.is_empty() {
        return String::new();
    }
    let tests = if count == 1 { "one test".to_owned() } else { format!("{count} tests") };
    format!("<details class=\"shown\"><summary>Shown by {tests}</summary><ul>\n{list}</ul></details>\n")
}
