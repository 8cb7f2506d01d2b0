// SPDX-License-Identifier: MIT OR Apache-2.0
//! The pages of the programs: docs/programs/, and what their command lines say.

use super::html::escape;
use super::links::Places;
use super::markdown::Writer;
use super::Page;
use crate::programs::Program;

/// The page of a file in docs/programs/; none if it is another file.
pub(super) fn page(file: &str, url: &str, programs: &[Program], places: &Places) -> Option<Page> {
    let name = file.strip_prefix("docs/programs/")?.strip_suffix(".md")?;
    let program = programs.iter().find(|program| program.page.file == name)?;
    let mut writer = Writer::new(file, url, places);
    writer.title(&program.page.title);
    writer.lead(&program.page.summary);
    let synopsis = escape(&program.synopsis.join("\n"));
    writer.html(&format!("<pre tabindex=\"0\"><code>{synopsis}</code></pre>\n"));
    writer.markdown(&program.page.text);
    Some(writer.page())
}
