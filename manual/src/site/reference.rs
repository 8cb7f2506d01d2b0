// SPDX-License-Identifier: MIT OR Apache-2.0
//! The C reference: a page for each group of functions, one for each library, and an index of everything.

use super::html::escape;
use super::links::Places;
use super::markdown::Writer;
use super::{navigation, Page};
use crate::declaration::parts;
use crate::reference::{prose, Group, Item, Kind, Library};

/// The page that leads to all of it.
const INDEX: &str = "docs/reference/README.md";
/// A declaration that is longer has a line for each parameter.
const WIDTH: usize = 60;
/// The headings of a page, each with what stands below it.
const PARTS: [(&str, &str, &[Kind]); 3] = [
    ("Functions", "functions", &[Kind::Function]),
    ("Types", "types", &[Kind::Opaque, Kind::Struct, Kind::Enum, Kind::Typedef]),
    ("Constants", "constants", &[Kind::Constant]),
];

/// The Markdown that a group's page is made of, besides the header.
pub(super) fn file(library: &Library, group: &Group) -> String {
    format!("docs/reference/{}/{}.md", library.name, group.name)
}

fn readme(library: &Library) -> String {
    format!("docs/reference/{}/README.md", library.name)
}

/// The library whose first page this is made of.
pub(super) fn library_of<'a>(libraries: &'a [Library], file: &str) -> Option<&'a Library> {
    libraries.iter().find(|library| readme(library) == file)
}

/// What the headers declare, and where it is described.
pub(super) fn items(libraries: &[Library]) -> impl Iterator<Item = (String, String)> + '_ {
    let groups =
        libraries.iter().flat_map(|library| library.groups.iter().map(move |group| (library, group)));
    groups.flat_map(|(library, group)| {
        let url = navigation::url(&file(library, group));
        group.items.iter().map(move |item| (key(item), format!("{url}#{}", id(item))))
    })
}

/// What it is found by in a text: a function may be called as a struct is.
fn key(item: &Item) -> String {
    match item.kind {
        Kind::Struct => format!("struct {}", item.name),
        _ => item.name.clone(),
    }
}

fn id(item: &Item) -> String {
    key(item).replace(' ', "-")
}

/// The page of a file below docs/reference/; none if it is another file.
pub(super) fn page(
    file: &str,
    url: &str,
    libraries: &[Library],
    places: &Places,
) -> Result<Option<Page>, String> {
    let mut writer = Writer::new(file, url, places);
    if file == INDEX {
        writer.markdown(&super::read(file)?);
        index(libraries, &mut writer);
        return Ok(Some(writer.page()));
    }
    if let Some(library) = library_of(libraries, file) {
        of_library(library, &mut writer);
        return Ok(Some(writer.page()));
    }
    let mut groups =
        libraries.iter().flat_map(|library| library.groups.iter().map(move |group| (library, group)));
    let Some((library, group)) = groups.find(|(library, group)| self::file(library, group) == file) else {
        return Ok(None);
    };
    of_group(library, group, &mut writer);
    Ok(Some(writer.page()))
}

fn index(libraries: &[Library], writer: &mut Writer) {
    for library in libraries {
        let title = format!("Everything in lib{}", library.name);
        writer.section(2, &format!("lib{}", library.name), &title, &title);
        let mut names: Vec<&Item> = library.groups.iter().flat_map(|group| &group.items).collect();
        names.sort_by(|a, b| a.name.cmp(&b.name));
        names.dedup_by_key(|item| called(item));
        let link = |item: &&Item| match writer.place(&key(item)) {
            Some(to) => format!(
                "<li><a href=\"{to}\"><code>{}</code></a></li>
",
                called(item)
            ),
            None => String::new(),
        };
        let links: String = names.iter().map(link).collect();
        writer.html(&format!("<ul class=\"index\">\n{links}</ul>\n"));
    }
}

fn of_library(library: &Library, writer: &mut Writer) {
    writer.markdown(&format!("# lib{}: {}\n\n{}\n", library.name, library.summary, library.prose));
    writer.section(2, "groups", "What there is", "What there is");
    let mut rows = String::new();
    for group in &library.groups {
        let to = writer.way(&navigation::url(&file(library, group)));
        rows.push_str(&format!(
            "<dt><a href=\"{to}\">{}</a></dt><dd>{}</dd>\n",
            escape(&group.title),
            writer.linked(&group.summary)
        ));
    }
    writer.html(&format!("<dl class=\"groups\">\n{rows}</dl>\n"));
    writer.section(2, "conventions", "What all functions share", "What all functions share");
    writer.markdown(&prose(&library.introduction));
}

fn of_group(library: &Library, group: &Group, writer: &mut Writer) {
    writer.title(&group.title);
    writer.lead(&group.summary);
    writer.html(&format!(
        "<pre class=\"include\" tabindex=\"0\"><code>#include &lt;{}.h&gt;</code></pre>\n",
        library.name
    ));
    writer.markdown(&group.prose);
    for (title, id, kinds) in PARTS {
        let items: Vec<&Item> = group.items.iter().filter(|item| kinds.contains(&item.kind)).collect();
        // A struct that is only named and one with a body may be one; what is said more about is shown.
        let said: Vec<&Item> = items.iter().copied().filter(|item| !repeated(item, &items)).collect();
        if said.is_empty() {
            continue;
        }
        writer.section(2, id, title, title);
        match kinds {
            [Kind::Function] => overview(&said, writer),
            [Kind::Constant] => {
                constants(&said, writer);
                continue;
            }
            _ => {}
        }
        said.iter().for_each(|item| one(item, writer));
    }
    writer.markdown(&group.after);
}

fn repeated(item: &Item, items: &[&Item]) -> bool {
    let same = |other: &&&Item| other.name == item.name;
    items.iter().filter(same).any(|other| !std::ptr::eq(*other, item) && item.kind == Kind::Opaque)
}

/// A list of functions with the first sentence of each.
fn overview(items: &[&Item], writer: &mut Writer) {
    let mut rows = String::new();
    for item in items {
        let first = first_sentence(&item.documentation);
        rows.push_str(&format!(
            "<dt><a href=\"#{0}\"><code>{0}()</code></a></dt><dd>{1}</dd>\n",
            item.name,
            escape(&first)
        ));
    }
    writer.html(&format!("<dl class=\"overview\">\n{rows}</dl>\n"));
}

fn one(item: &Item, writer: &mut Writer) {
    let called = called(item);
    writer.html("<section class=\"item\">\n");
    writer.section(3, &id(item), &format!("<code>{}</code>", escape(&called)), &called);
    let braced = matches!(item.kind, Kind::Struct | Kind::Enum);
    if !braced {
        let declaration = writer.declaration(&in_lines(&item.declaration), &item.name);
        writer.html(&format!("<pre class=\"declaration\" tabindex=\"0\"><code>{declaration}</code></pre>\n"));
    }
    writer.markdown(&prose(&item.documentation));
    if braced {
        writer.html("<dl class=\"members\">\n");
        for member in &item.members {
            let declaration = writer.declaration(&member.declaration, "");
            writer.html(&format!("<dt><code>{declaration}</code></dt><dd>"));
            writer.markdown(&prose(&member.documentation));
            writer.html("</dd>\n");
        }
        writer.html("</dl>\n");
    }
    writer.html("</section>\n");
}

fn constants(items: &[&Item], writer: &mut Writer) {
    writer.html("<dl class=\"members\">\n");
    for item in items {
        let value = item.declaration.split_whitespace().last().unwrap_or_default();
        writer.html(&format!("<dt id=\"{0}\"><code>{0}</code> {1}</dt><dd>", item.name, escape(value)));
        writer.markdown(&prose(&item.documentation));
        writer.html("</dd>\n");
        writer.findable(&item.name, &item.name);
    }
    writer.html("</dl>\n");
}

/// What people call it: `ovl_node_get()`, `struct ovl_change`, `ovl_node`.
fn called(item: &Item) -> String {
    match item.kind {
        Kind::Function => format!("{}()", item.name),
        _ => key(item),
    }
}

/// A declaration in lines that a telephone shows whole, or nearly.
fn in_lines(declaration: &str) -> String {
    let text = declaration.split_whitespace().collect::<Vec<_>>().join(" ");
    match parts(&text) {
        Some((head, parameters, end)) if text.len() > WIDTH => {
            format!("{head}\n    {}{end}", parameters.join(",\n    "))
        }
        _ => text,
    }
}

fn first_sentence(documentation: &str) -> String {
    let paragraph =
        documentation.split("\n\n").next().unwrap_or_default().replace('\n', " ").replace("\\p ", "");
    let end = paragraph.find(". ").or(paragraph.find(": ")).unwrap_or(paragraph.len());
    paragraph[..end].trim_end_matches('.').to_owned()
}
