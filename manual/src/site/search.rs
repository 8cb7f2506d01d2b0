// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the search box looks through: pages, headings, rules, and what the headers declare.

use super::navigation::Navigation;
use super::Page;

/// A script that has every entry as `[text, place, where it belongs]`: a page opened from a file may load a script, not data.
pub(super) fn index(pages: &[Page], navigation: &Navigation) -> String {
    let mut entries = Vec::new();
    for page in pages {
        let Some((section, ..)) = navigation.find(&page.url) else {
            continue;
        };
        entries.push(entry(&page.title, &page.url, &section.title));
        let below = |h: &super::Heading| entry(&h.text, &format!("{}#{}", page.url, h.id), &page.title);
        entries.extend(page.headings.iter().map(below));
    }
    format!("const searchIndex = [\n{}\n];\n", entries.join(",\n"))
}

fn entry(text: &str, place: &str, context: &str) -> String {
    format!("[{},{},{}]", quoted(text), quoted(place), quoted(context))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " "))
}
