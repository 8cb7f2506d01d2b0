// SPDX-License-Identifier: MIT OR Apache-2.0
//! The man pages: of section 1 one for each program; of section 3 one for each group of functions, with a link to it for each
//! function, and one for each library; of section 7 one for each page of docs/concepts/.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::declaration::declared;
use crate::programs::{self, Program};
use crate::reference::{self, Group, Item, Kind, Library, Page};
use crate::roff::{self, References, Roff};
use crate::site::normal;
use crate::Answer;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Writes them into `out`, as `man3/ovl_tree.3` and so on; says how many there are.
pub(crate) fn write(out: &Path) -> Answer {
    let here = Path::new(".");
    let (libraries, programs) = (reference::load(here)?, programs::load(here)?);
    let concepts = reference::pages(Path::new("docs/concepts"))?;
    let book = Book {
        date: date(Path::new("Cargo.toml"))?,
        pages: pages(&libraries, &concepts, &programs),
        functions: functions(&libraries),
    };

    let (mut written, mut links) = (0, 0);
    for library in &libraries {
        put(out, &format!("lib{}", library.name), 3, &book.library(library)?)?;
        for group in &library.groups {
            put(out, &group.title, 3, &book.group(library, group)?)?;
            for name in names(group).skip(1) {
                link(out, name, &group.title)?;
                links += 1;
            }
        }
        written += 1 + library.groups.len();
    }
    for page in &concepts {
        put(out, &page.title, 7, &book.concept(page)?)?;
    }
    for program in &programs {
        put(out, &program.page.title, 1, &book.program(program)?)?;
    }
    written += concepts.len() + programs.len();
    Ok(format!("{}: {written} pages, and {links} names that lead to them", out.display()))
}

/// The day of the release that is in the making, as Cargo.toml has it: the same sources give the same pages.
fn date(manifest: &Path) -> Result<String, String> {
    let text = fs::read_to_string(manifest).map_err(|e| format!("{}: {e}", manifest.display()))?;
    let line = text.lines().find_map(|line| line.strip_prefix("date = \"")?.strip_suffix('"'));
    line.map(str::to_owned).ok_or_else(|| format!("{}: no date", manifest.display()))
}

fn put(out: &Path, name: &str, section: u8, page: &str) -> Result<(), String> {
    let folder = out.join(format!("man{section}"));
    let file = folder.join(format!("{name}.{section}"));
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&file, page))
        .map_err(|e| format!("{}: {e}", file.display()))
}

/// A name by which a page of section 3 is found beside its own. Tools that compress pages look after links; `.so` they do not.
fn link(out: &Path, name: &str, page: &str) -> Result<(), String> {
    let file = out.join(format!("man3/{name}.3"));
    // The page of a group may be called as one of its functions is, another one must not.
    let made =
        fs::remove_file(&file).or_else(|e| if e.kind() == ErrorKind::NotFound { Ok(()) } else { Err(e) });
    made.and_then(|()| symlink(format!("{page}.3"), &file)).map_err(|e| format!("{}: {e}", file.display()))
}

/// All that a group's page is found by: its own name first, then functions and types.
fn names(group: &Group) -> impl Iterator<Item = &str> {
    let mut names = vec![group.title.as_str()];
    for item in group.items.iter().filter(|item| item.kind != Kind::Constant) {
        if !names.contains(&item.name.as_str()) {
            names.push(&item.name);
        }
    }
    names.into_iter()
}

/// The man page of each source, by the way to that from the top of the checkout.
fn pages(libraries: &[Library], concepts: &[Page], programs: &[Program]) -> HashMap<PathBuf, (String, u8)> {
    let mut pages = HashMap::new();
    for library in libraries {
        let folder = Path::new("docs/reference").join(library.name);
        pages.insert(folder.join("README.md"), (format!("lib{}", library.name), 3));
        for group in &library.groups {
            pages.insert(folder.join(format!("{}.md", group.name)), (group.title.clone(), 3));
        }
    }
    for page in concepts {
        pages.insert(Path::new("docs/concepts").join(format!("{}.md", page.file)), (page.title.clone(), 7));
    }
    for Program { page, .. } in programs {
        pages.insert(Path::new("docs/programs").join(format!("{}.md", page.file)), (page.title.clone(), 1));
    }
    pages
}

/// The group of each function.
fn functions(libraries: &[Library]) -> HashMap<String, String> {
    let groups = libraries.iter().flat_map(|library| &library.groups);
    groups
        .flat_map(|g| {
            g.items.iter().filter(|i| i.kind == Kind::Function).map(|i| (i.name.clone(), g.title.clone()))
        })
        .collect()
}

/// What all pages know of each other.
struct Book {
    date: String,
    pages: HashMap<PathBuf, (String, u8)>,
    functions: HashMap<String, String>,
}

/// The references of one page.
struct From<'a> {
    book: &'a Book,
    /// The folder of its source, from the top.
    folder: PathBuf,
    title: &'a str,
}

impl References for From<'_> {
    fn function(&self, name: &str) -> Option<(&str, u8)> {
        let page = self.book.functions.get(name)?;
        (page != self.title).then_some((page.as_str(), 3))
    }

    fn link(&self, to: &str) -> Result<Option<(&str, u8)>, String> {
        if to.starts_with("http") {
            return Ok(None);
        }
        let path = self.folder.join(to.split('#').next().unwrap_or_default());
        let path = normal(&path.to_string_lossy()).unwrap_or_default();
        match self.book.pages.get(Path::new(&path)) {
            Some((page, section)) => Ok(Some((page, *section))),
            None if Path::new(&path).exists() => Ok(None),
            None => Err(format!("the page of {}: {to} leads nowhere", self.title)),
        }
    }
}

impl Book {
    fn begin(&self, title: &str, section: u8, book: &str, names: &[&str], summary: &str) -> Roff {
        let mut page = Roff::new(title, section, &self.date, &format!("Holdfast {VERSION}"), book);
        page.section("Name");
        page.push(&format!(
            "{} \\- {}",
            names.iter().map(|n| roff::verbatim(n)).collect::<Vec<_>>().join(", "),
            roff::escaped(summary)
        ));
        page
    }

    fn references<'a>(&'a self, folder: impl Into<PathBuf>, title: &'a str) -> From<'a> {
        From { book: self, folder: folder.into(), title }
    }

    /// `holdfast-lifetimes(7)`
    fn concept(&self, concept: &Page) -> Result<String, String> {
        let references = self.references("docs/concepts", &concept.title);
        let mut page = self.begin(&concept.title, 7, "Holdfast", &[&concept.title], &concept.summary);
        page.section("Description");
        page.markdown(&concept.text, &references)?;
        Ok(page.finish())
    }

    /// `ovl(1)`
    fn program(&self, program: &Program) -> Result<String, String> {
        let Program { page: of, synopsis } = program;
        let references = self.references("docs/programs", &of.title);
        let mut page = self.begin(&of.title, 1, "Holdfast", &[&of.title], &of.summary);
        page.section("Synopsis");
        let synopsis: Vec<String> =
            synopsis.iter().map(|usage| format!("\\fB{}\\fR", roff::verbatim(usage))).collect();
        page.lines(synopsis.iter().map(String::as_str));
        page.section("Description");
        page.markdown(&of.text, &references)?;
        Ok(page.finish())
    }

    /// `libovl(3)`
    fn library(&self, library: &Library) -> Result<String, String> {
        let title = format!("lib{}", library.name);
        let references = self.references(Path::new("docs/reference").join(library.name), &title);
        let mut page = self.begin(&title, 3, &title, &[&title], &library.summary);
        page.section("Synopsis");
        page.lines(synopsis_head(library).iter().map(String::as_str));
        page.section("Description");
        page.markdown(&library.prose, &references)?;
        page.section("Pages");
        for group in &library.groups {
            page.tagged(&roff::reference(&group.title, 3));
            page.push(&roff::escaped(&group.summary));
        }
        page.section("Conventions");
        page.markdown(&reference::prose(&library.introduction), &references)?;
        Ok(page.finish())
    }

    /// `ovl_tree(3)`
    fn group(&self, library: &Library, group: &Group) -> Result<String, String> {
        let references = self.references(Path::new("docs/reference").join(library.name), &group.title);
        let names: Vec<&str> = names(group).collect();
        let mut page = self.begin(&group.title, 3, &format!("lib{}", library.name), &names, &group.summary);
        page.section("Library");
        page.push(&format!("lib{0} (\\fIlib{0}\\fR, \\fI\\-l{0}\\fR)", library.name));
        page.section("Synopsis");
        page.lines(synopsis_head(library).iter().map(String::as_str));
        let functions: Vec<&Item> = group.items.iter().filter(|item| item.kind == Kind::Function).collect();
        if !functions.is_empty() {
            page.paragraph();
            page.lines(
                functions
                    .iter()
                    .flat_map(|item| declared(&item.declaration))
                    .collect::<Vec<_>>()
                    .iter()
                    .map(String::as_str),
            );
        }
        page.section("Description");
        page.markdown(&group.prose, &references)?;
        self.items(&mut page, group, &references)?;
        page.markdown(&group.after, &references)?;
        Ok(page.finish())
    }

    fn items(&self, page: &mut Roff, group: &Group, references: &From<'_>) -> Result<(), String> {
        let of = |kinds: &'static [Kind]| group.items.iter().filter(move |item| kinds.contains(&item.kind));
        for (place, item) in of(&[Kind::Function]).enumerate() {
            if place == 0 {
                page.section("Functions");
            }
            page.subsection(&format!("{}()", item.name));
            page.markdown(&reference::prose(&item.documentation), references)?;
        }
        for (place, item) in of(&[Kind::Struct, Kind::Enum, Kind::Opaque, Kind::Typedef]).enumerate() {
            if place == 0 {
                page.section("Types");
            }
            page.subsection(&match item.kind {
                Kind::Struct => format!("struct {}", item.name),
                Kind::Enum => format!("enum {}", item.name),
                _ => item.name.clone(),
            });
            page.markdown(&reference::prose(&item.documentation), references)?;
            if item.kind == Kind::Typedef {
                page.paragraph();
                page.lines(declared(&item.declaration).iter().map(String::as_str));
            }
            for member in &item.members {
                let lines = declared(&member.declaration);
                page.tagged(&lines.iter().map(|line| line.trim_start()).collect::<Vec<_>>().join(" "));
                page.markdown(&reference::prose(&member.documentation), references)?;
            }
        }
        for (place, item) in of(&[Kind::Constant]).enumerate() {
            if place == 0 {
                page.section("Constants");
            }
            page.tagged(&format!("\\fB{}\\fR", roff::verbatim(&item.name)));
            page.markdown(&reference::prose(&item.documentation), references)?;
        }
        Ok(())
    }
}

fn synopsis_head(library: &Library) -> Vec<String> {
    let name = library.name;
    vec![
        format!("\\fB#include <{name}.h>\\fR"),
        String::new(),
        format!("\\fBcc\\fR \\fIprogram.c\\fR \\fB$(pkg\\-config \\-\\-cflags \\-\\-libs {name})\\fR"),
    ]
}
