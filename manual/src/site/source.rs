// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files of this repository as pages: examples, headers, and the tests that show a rule.

use super::html::{escape, relative};
use super::links::{repository, Places};
use super::Page;
use std::collections::BTreeMap;
use std::path::Path;

/// The pages of the files and folders that others lead to, those of a folder's files among them.
pub(super) fn pages(places: &Places) -> Result<Vec<Page>, String> {
    let mut pages: BTreeMap<String, Page> = BTreeMap::new();
    while let Some(file) = places.sources().into_iter().find(|file| !pages.contains_key(file)) {
        let made = if Path::new(&file).is_dir() { folder(&file, places)? } else { page(&file, places)? };
        pages.insert(file, made);
    }
    Ok(pages.into_values().collect())
}

fn folder(path: &str, places: &Places) -> Result<Page, String> {
    let entries = std::fs::read_dir(path).map_err(|e| format!("{path}: {e}"))?;
    let mut names: Vec<String> =
        entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| !name.starts_with(['.', '_']));
    names.sort();
    let (title, url) = (escape(path), places.source(path));
    let mut body = format!("<h1><code>{title}</code></h1>\n");
    body.push_str(&format!(
        "<p class=\"where\"><a href=\"{}\">In the repository</a></p>\n<ul>\n",
        repository(path)
    ));
    for name in names {
        let file = format!("{path}/{name}");
        // Neither what is built nor a folder within is shown.
        let to = match std::fs::read_to_string(&file) {
            Ok(_) => relative(&url, &places.source(&file)),
            Err(_) => repository(&file),
        };
        body.push_str(&format!("<li><a href=\"{}\">{}</a></li>\n", escape(&to), escape(&name)));
    }
    body.push_str("</ul>\n");
    Ok(Page { url, file: None, title: path.to_owned(), body, headings: Vec::new() })
}

fn page(file: &str, places: &Places) -> Result<Page, String> {
    let (text, url) = (super::read(file)?, places.source(file));
    let title = escape(file);
    let mut body = format!("<h1><code>{title}</code></h1>\n");
    body.push_str(&format!(
        "<p class=\"where\"><a href=\"{}\">In the repository</a></p>\n",
        repository(file)
    ));
    body.push_str(&shows(&text, &url, places));
    body.push_str("<pre class=\"source\" tabindex=\"0\"><code>");
    for (at, line) in text.lines().enumerate() {
        body.push_str(&format!("<span id=\"L{}\">{}\n</span>", at + 1, escape(line)));
    }
    body.push_str("</code></pre>\n");
    Ok(Page { url, file: None, title: file.to_owned(), body, headings: Vec::new() })
}

/// The tests of the file that carry the number of a rule.
fn shows(text: &str, url: &str, places: &Places) -> String {
    let tests = rules::tests(text);
    if tests.is_empty() {
        return String::new();
    }
    let mut list = String::new();
    for test in &tests {
        let rule = |rule: &String| match places.rule(rule) {
            Some(to) => format!("<a class=\"rule\" href=\"{}\">{rule}</a> ", relative(url, &to)),
            None => format!("{rule} "),
        };
        let rules: String = test.rules.iter().map(rule).collect();
        list.push_str(&format!("<li>{rules}<a href=\"#L{}\">{}</a></li>\n", test.line, escape(&test.name)));
    }
    let count = tests.len();
    format!("<details class=\"shown\"><summary>Its tests that show a rule: {count}</summary><ul>\n{list}</ul></details>\n")
}
