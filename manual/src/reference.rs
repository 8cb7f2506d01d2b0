// SPDX-License-Identifier: MIT OR Apache-2.0
//! The C reference: what docs/reference/ says of groups of functions, and what the headers say of each function.
//!
//! A library NAME is the folder docs/reference/NAME. Its README.md introduces it and ends with a section "Pages", which lists its groups
//! in their order: `- [ovl_tree](tree.md) - a live devicetree`. A group is a page beside it with the title `# ovl_tree - a live devicetree`;
//! its section "Declarations" has a code block with the names that it is about, where `ovl_tree_*` stands for all that begin so
//! and that no other group names more closely. Everything that a header declares belongs to exactly one group.

use std::path::Path;

use c_header::Header;
pub(crate) use c_header::{Item, Kind};

const LIBRARIES: [&str; 3] = ["ovl", "gpiodref", "mediadev"];
const PAGES: &str = "## Pages\n";
const DECLARATIONS: &str = "## Declarations\n";

/// A library as its reader needs it.
pub(crate) struct Library {
    /// `ovl` in `libovl.so`, `ovl.h`.
    pub(crate) name: &'static str,
    /// What it is for, in half a line.
    pub(crate) summary: String,
    /// What it is, and how programs are built with it, in Markdown: its README.md without title and list of groups.
    pub(crate) prose: String,
    /// The head of its header, with the conventions that all functions share; `prose()` makes Markdown of it.
    pub(crate) introduction: String,
    /// In the order in which they are best read.
    pub(crate) groups: Vec<Group>,
}

/// Functions that belong together, with their types and constants.
pub(crate) struct Group {
    /// `tree`: the name of its page.
    pub(crate) name: String,
    /// `ovl_tree`: what it is called beside those of other libraries.
    pub(crate) title: String,
    /// What it is about, in half a line.
    pub(crate) summary: String,
    /// What these objects are and who owns what, in Markdown: to be read before the functions.
    pub(crate) prose: String,
    /// Errors, an example, what else to read, in Markdown: to be read after them.
    pub(crate) after: String,
    /// In the page's order, and for a pattern in the header's.
    pub(crate) items: Vec<Item>,
}

/// A Markdown page whose title is `# name - what it is`.
pub(crate) struct Page {
    /// The name of its file, without `.md`.
    pub(crate) file: String,
    /// What it is called.
    pub(crate) title: String,
    /// What it is, in half a line.
    pub(crate) summary: String,
    /// What follows the title, in Markdown.
    pub(crate) text: String,
}

/// All libraries, from the checkout that is at `top`.
pub(crate) fn load(top: &Path) -> Result<Vec<Library>, String> {
    LIBRARIES.iter().map(|name| library(top, name)).collect()
}

/// The pages of a folder below docs/, by name.
pub(crate) fn pages(folder: &Path) -> Result<Vec<Page>, String> {
    let listed = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut files: Vec<_> = listed.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|ext| ext == "md"));
    files.sort();
    files.iter().map(|file| page(file)).collect()
}

/// A header's documentation as Markdown: `\p name` is a parameter, nothing else is meant as markup but lists and code.
pub(crate) fn prose(documentation: &str) -> String {
    // Where a line ends between the two.
    let documentation = documentation.replace("\\p\n", "\n\\p ");
    let mut markdown = String::with_capacity(documentation.len());
    for (place, part) in documentation.split('`').enumerate() {
        // What stands between backticks is code.
        if place % 2 == 1 {
            markdown.extend(["`", part, "`"]);
            continue;
        }
        let mut words = part.split("\\p ");
        markdown.push_str(&escaped(words.next().unwrap_or_default()));
        for word in words {
            let end = word.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(word.len());
            // `*\p id`, in C what a pointer leads to.
            markdown.extend(["*", &escaped(&word[..end]), "*", &escaped(&word[end..])]);
        }
    }
    markdown
}

/// Text of which Markdown takes nothing for its own.
pub(crate) fn escaped(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for letter in text.chars() {
        if "\\`*_[]<>#~&".contains(letter) {
            kept.push('\\');
        }
        kept.push(letter);
    }
    kept
}

fn library(top: &Path, name: &'static str) -> Result<Library, String> {
    let folder = top.join("docs/reference").join(name);
    let header = top.join("include").join(format!("{name}.h"));
    let header = Header::parse(&read(&header)?);
    let readme = page(&folder.join("README.md"))?;
    let mut pages = pages(&folder)?;
    pages.retain(|page| page.file != "README");

    // The list in README.md gives the order, and tells who reads it there what the pages are about.
    let lists = || format!("docs/reference/{name}/README.md does not end with a section \"Pages\"");
    let (prose, list) = readme.text.split_once(PAGES).ok_or_else(lists)?;
    let listed: Vec<&str> = list.lines().filter(|line| !line.is_empty()).collect();
    let place = |page: &Page| {
        let line = format!("- [{}]({}.md) - {}", page.title, page.file, page.summary);
        let found = listed.iter().position(|have| *have == line);
        found.ok_or_else(|| format!("docs/reference/{name}/README.md: this line is missing:\n{line}"))
    };
    let mut ordered =
        pages.into_iter().map(|page| Ok((place(&page)?, page))).collect::<Result<Vec<_>, String>>()?;
    ordered.sort_by_key(|(place, _)| *place);
    if ordered.len() != listed.len() {
        return Err(format!(
            "docs/reference/{name}/README.md lists {} pages, there are {}",
            listed.len(),
            ordered.len()
        ));
    }

    let mut groups = ordered.into_iter().map(|(_, page)| group(page)).collect::<Result<Vec<_>, String>>()?;
    distribute(&header, &mut groups).map_err(|e| format!("docs/reference/{name}: {e}"))?;
    Ok(Library {
        name,
        summary: readme.summary,
        prose: prose.trim().to_owned(),
        introduction: introduction(&header.introduction),
        groups: groups.into_iter().map(|(group, _)| group).collect(),
    })
}

/// The head of a header without what is for who works on the library.
fn introduction(head: &str) -> String {
    let paragraphs =
        head.split("\n\n").filter(|paragraph| !paragraph.starts_with("Written by `cargo xtask headers`"));
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

/// A page as a group without items, and the names and patterns of those that it wants.
fn group(page: Page) -> Result<(Group, Vec<String>), String> {
    let (prose, rest) = page
        .text
        .split_once(DECLARATIONS)
        .ok_or_else(|| format!("{}: no section \"Declarations\"", page.title))?;
    let block = rest.trim_start().strip_prefix("```c\n").and_then(|rest| rest.split_once("```"));
    let (names, after) =
        block.ok_or_else(|| format!("{}: \"Declarations\" has no code block", page.title))?;
    let group = Group {
        name: page.file,
        title: page.title,
        summary: page.summary,
        prose: prose.trim().to_owned(),
        after: after.trim().to_owned(),
        items: Vec::new(),
    };
    Ok((group, names.split_whitespace().map(str::to_owned).collect()))
}

/// Gives each item of a header to the one group that names it, or else to the one with the longest pattern that it fits.
fn distribute(header: &Header, groups: &mut [(Group, Vec<String>)]) -> Result<(), String> {
    let mut places: Vec<Vec<(usize, &Item)>> = groups.iter().map(|_| Vec::new()).collect();
    for item in &header.items {
        // How well a word fits, whose it is, and where it stands there.
        let mut fits: Vec<(usize, usize, usize)> = Vec::new();
        for (group, (_, words)) in groups.iter().enumerate() {
            for (place, word) in words.iter().enumerate() {
                match word.strip_suffix('*') {
                    Some(start) if item.name.starts_with(start) => fits.push((start.len(), group, place)),
                    None if *word == item.name => fits.push((usize::MAX, group, place)),
                    _ => {}
                }
            }
        }
        fits.sort_by(|one, other| other.cmp(one));
        match fits[..] {
            [] => return Err(format!("{} belongs to no group", item.name)),
            [(one, a, _), (other, b, _), ..] if one == other => {
                let (a, b) = (&groups[b].0.title, &groups[a].0.title);
                return Err(format!("{} belongs to {a} and to {b}", item.name));
            }
            [(_, group, place), ..] => places[group].push((place, item)),
        }
    }
    for ((group, words), mut items) in groups.iter_mut().zip(places) {
        items.sort_by_key(|(place, _)| *place);
        if let Some(nothing) = (0..words.len()).find(|place| !items.iter().any(|(taken, _)| taken == place)) {
            return Err(format!("{}: the header has no {} for it", group.title, words[nothing]));
        }
        group.items = items.into_iter().map(|(_, item)| item.clone()).collect();
    }
    Ok(())
}

fn page(file: &Path) -> Result<Page, String> {
    let text = read(file)?;
    let text = text.strip_prefix("<!-- SPDX-License-Identifier: MIT OR Apache-2.0 -->\n").unwrap_or(&text);
    let (title, text) = text.split_once('\n').unwrap_or((text, ""));
    let title = title.strip_prefix("# ").and_then(|title| title.split_once(" - "));
    let (title, summary) =
        title.ok_or_else(|| format!("{}: the title is not \"# name - what it is\"", file.display()))?;
    Ok(Page {
        file: file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        title: title.to_owned(),
        summary: summary.to_owned(),
        text: text.trim().to_owned(),
    })
}

fn read(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "\
#define DEMO_ONE 1
typedef struct demo_thing demo_thing;
int demo_thing_count(demo_thing *thing);
void demo_thing_put(demo_thing *thing);
void demo_other(void);
";

    fn items(pages: &[(&str, &str)]) -> Result<Vec<Vec<String>>, String> {
        let page = |(title, names): &(&str, &str)| Page {
            file: String::new(),
            title: (*title).to_owned(),
            summary: String::new(),
            text: format!("Prose.\n\n## Declarations\n\n```c\n{names}\n```\n\n## After\n"),
        };
        let mut groups = pages.iter().map(|p| group(page(p))).collect::<Result<Vec<_>, _>>()?;
        distribute(&Header::parse(HEADER), &mut groups)?;
        Ok(groups.iter().map(|(g, _)| g.items.iter().map(|item| item.name.clone()).collect()).collect())
    }

    #[test]
    fn what_names_it_most_closely_has_it_and_the_page_gives_the_order() {
        let found = items(&[("a", "demo_thing_* demo_thing"), ("b", "demo_* DEMO_* demo_thing_put")]);
        let expected =
            [vec!["demo_thing_count", "demo_thing"], vec!["demo_other", "DEMO_ONE", "demo_thing_put"]];
        assert_eq!(found.unwrap(), expected);
    }

    #[test]
    fn everything_has_one_place() {
        let error = |pages: &[(&str, &str)]| items(pages).unwrap_err();
        assert_eq!(error(&[("a", "demo_*")]), "DEMO_ONE belongs to no group");
        assert_eq!(
            error(&[("a", "demo_thing* DEMO_* demo_other"), ("b", "demo_other")]),
            "demo_other belongs to a and to b"
        );
        assert_eq!(error(&[("a", "demo_* DEMO_* demo_less")]), "a: the header has no demo_less for it");
    }

    #[test]
    fn documentation_is_text_and_not_markup() {
        assert_eq!(prose("of \\p\nchip is"), "of \n*chip* is");
        assert_eq!(
            prose("On success *\\p id_t is `a_b`; see demo_get()."),
            "On success \\**id\\_t* is `a_b`; see demo\\_get()."
        );
    }

    #[test]
    fn the_reference_of_this_repository_is_complete() {
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let libraries = load(&top).unwrap_or_else(|e| panic!("{e}"));
        assert!(libraries.iter().all(|library| library.groups.iter().all(|group| !group.items.is_empty())));
    }
}
