// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a header of ours declares and says about it, read from its text.
//!
//! Our headers are cbindgen's output, so this reads that regular layout, not C in general: one declaration or macro
//! begins at the start of a line, its documentation is the `/**` comment before it, and only the bodies of structs and
//! enums are braced.

/// A header: what it says about the library as a whole, and what it declares, in its order.
#[derive(Debug, Default, PartialEq)]
pub struct Header {
    /// The comment at its head, without the licence line.
    pub introduction: String,
    /// What it declares.
    pub items: Vec<Item>,
}

/// One declaration.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What is declared.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its documentation: the comment's text, without stars and indentation.
    pub documentation: String,
    /// Its text in C, without comments.
    pub declaration: String,
    /// The members of a struct or an enum.
    pub members: Vec<Member>,
}

/// A member of a struct or an enum.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Its documentation, as an item's.
    pub documentation: String,
    /// `uint32_t offset;`
    pub declaration: String,
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A function.
    Function,
    /// A struct with a body: its layout is part of the ABI.
    Struct,
    /// A struct of which programs have pointers only.
    Opaque,
    /// An enum.
    Enum,
    /// A typedef of a function pointer or of a plain type.
    Typedef,
    /// A macro with an integer value.
    Constant,
}

impl Header {
    /// Reads the text of a header.
    pub fn parse(text: &str) -> Self {
        let mut header = Self::default();
        let (mut documentation, mut statement) = (String::new(), Statement::default());
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let code = line.trim();
            if let Some(first) = code.strip_prefix("/*") {
                let comment = comment(first, &mut lines);
                match (statement.depth, header.introduction.is_empty() && header.items.is_empty()) {
                    (1.., _) => statement.documentation = comment,
                    (0, true) if !first.starts_with('*') => header.introduction = without_licence(&comment),
                    (0, _) => documentation = comment,
                }
            } else if let Some(text) = line.strip_prefix("#define ") {
                header.items.extend(constant(text, std::mem::take(&mut documentation)));
            } else if code.starts_with('#')
                || code.starts_with("extern \"C\"")
                || (code.starts_with('}') && statement.depth == 0)
            {
                documentation.clear();
            } else if statement.add(line) {
                header.items.extend(std::mem::take(&mut statement).item(std::mem::take(&mut documentation)));
            }
        }
        header
    }

    /// The names of all items of a kind.
    pub fn names(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.items.iter().filter(move |item| item.kind == kind).map(|item| item.name.as_str())
    }

    /// The item of that kind and name.
    pub fn find(&self, kind: Kind, name: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.kind == kind && item.name == name)
    }
}

/// A declaration that is being read, from its first line to the semicolon.
#[derive(Default)]
struct Statement {
    text: String,
    depth: usize,
    documentation: String,
    members: Vec<Member>,
}

impl Statement {
    /// Adds a line; whether it was the last one.
    fn add(&mut self, line: &str) -> bool {
        let code = line.split("//").next().unwrap_or_default().trim_end();
        if code.is_empty() {
            return false;
        }
        if self.depth > 0 && !code.starts_with('}') {
            match self.members.last_mut() {
                // A function pointer whose parameters take several lines.
                Some(Member { declaration, .. })
                    if declaration.matches('(').count() > declaration.matches(')').count() =>
                {
                    declaration.push_str(&format!("\n{code}"));
                }
                _ => {
                    let documentation = std::mem::take(&mut self.documentation);
                    self.members.push(Member { documentation, declaration: code.trim().to_owned() });
                }
            }
        }
        self.depth += code.matches('{').count();
        self.depth -= code.matches('}').count();
        self.text.push_str(code);
        self.text.push('\n');
        self.depth == 0 && code.ends_with(';')
    }

    fn item(self, documentation: String) -> Option<Item> {
        let (kind, name) = kind_and_name(&self.text)?;
        let declaration = self.text.trim_end().to_owned();
        Some(Item { kind, name, documentation, declaration, members: self.members })
    }
}

fn kind_and_name(statement: &str) -> Option<(Kind, String)> {
    let words: Vec<&str> = statement.split_whitespace().collect();
    let braced = statement.contains('{');
    let (kind, name) = match words[..] {
        ["typedef", "struct", name, ..] | ["struct", name, ..] if braced => (Kind::Struct, name),
        ["typedef", "enum", name, ..] if braced => (Kind::Enum, name),
        ["typedef", "struct", name, again] if again.trim_end_matches(';') == name => (Kind::Opaque, name),
        // `typedef int (*name)(…);` or `typedef uint32_t name;`
        ["typedef", .., last] => match statement.split_once("(*") {
            Some((_, rest)) => (Kind::Typedef, rest.split(')').next()?),
            None => (Kind::Typedef, last.trim_end_matches(';')),
        },
        _ => {
            let (before, _) = statement.split_once('(')?;
            let start = before.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |i| i + 1);
            (Kind::Function, &before[start..])
        }
    };
    Some((kind, name.to_owned()))
}

/// `NAME VALUE`, of a macro; none if it has no integer value.
fn constant(text: &str, documentation: String) -> Option<Item> {
    let (name, value) = text.split_once(' ')?;
    value.trim_start_matches(['-', '(']).starts_with(|c: char| c.is_ascii_digit()).then(|| Item {
        kind: Kind::Constant,
        name: name.to_owned(),
        documentation,
        declaration: format!("#define {text}"),
        members: Vec::new(),
    })
}

/// The text of a comment of which `first` follows the opening, and the other lines are still to come.
fn comment<'a>(first: &'a str, lines: &mut impl Iterator<Item = &'a str>) -> String {
    let mut kept = Vec::new();
    let mut line = Some(first);
    while let Some(text) = line {
        let (text, ends) = text.split_once("*/").map_or((text, false), |(before, _)| (before, true));
        let text = text.trim_start().trim_start_matches('*');
        kept.push(text.strip_prefix(' ').unwrap_or(text).trim_end());
        line = if ends { None } else { lines.next() };
    }
    kept.join("\n").trim().to_owned()
}

fn without_licence(comment: &str) -> String {
    let lines = comment.lines().filter(|line| !line.starts_with("SPDX-License-Identifier"));
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// A text in C without its `/*` comments.
pub fn without_block_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEMO: &str = "\
/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * libdemo: shown.
 *
 * - A list.
 */

#ifndef DEMO_H
#define DEMO_H
#include <stdint.h>
/* demo_not(me); */
/**
 * The first.
 */
#define DEMO_ONE 1
#define DEMO_LESS -2
#define DEMO_WORD \"x\"
typedef struct demo_thing demo_thing;
typedef int (*demo_cb)(const struct demo_event *event,
                       void *user_data);
/**
 * Options. Set \\p size.
 *
 * And more.
 */
typedef struct demo_options {
  /**
   * Its size
   */
  size_t size;
  uint32_t flags;
  int (*visit)(int a,
               int b);
} demo_options;
#ifdef __cplusplus
extern \"C\" {
#endif // __cplusplus
/**
 * Gets it.
 */
struct demo_thing *demo_get(struct demo_thing *thing);
const char *demo_name(struct demo_thing *thing,
                      int (*cb)(int));
void demo_run(void);
#ifdef __cplusplus
}  // extern \"C\"
#endif
";

    fn names(kind: Kind) -> Vec<String> {
        Header::parse(DEMO).names(kind).map(str::to_owned).collect()
    }

    #[test]
    fn every_kind_of_declaration_is_found_once() {
        assert_eq!(names(Kind::Function), ["demo_get", "demo_name", "demo_run"]);
        assert_eq!(names(Kind::Struct), ["demo_options"]);
        assert_eq!(names(Kind::Opaque), ["demo_thing"]);
        assert_eq!(names(Kind::Typedef), ["demo_cb"]);
        assert_eq!(names(Kind::Constant), ["DEMO_ONE", "DEMO_LESS"]);
        assert!(names(Kind::Enum).is_empty());
    }

    #[test]
    fn what_is_said_stays_with_what_it_is_said_of() {
        let header = Header::parse(DEMO);
        let of = |kind, name| header.find(kind, name).unwrap();
        assert_eq!(header.introduction, "libdemo: shown.\n\n- A list.");
        assert_eq!(of(Kind::Constant, "DEMO_ONE").documentation, "The first.");
        assert_eq!(of(Kind::Constant, "DEMO_LESS").documentation, "");
        assert_eq!(of(Kind::Function, "demo_get").documentation, "Gets it.");
        assert_eq!(of(Kind::Function, "demo_run").documentation, "");
        let name = of(Kind::Function, "demo_name");
        assert_eq!(
            name.declaration,
            "const char *demo_name(struct demo_thing *thing,\n                      int (*cb)(int));"
        );
        let options = of(Kind::Struct, "demo_options");
        assert_eq!(options.documentation, "Options. Set \\p size.\n\nAnd more.");
        let member = |documentation: &str, declaration: &str| Member {
            documentation: documentation.to_owned(),
            declaration: declaration.to_owned(),
        };
        let visit = "int (*visit)(int a,\n               int b);";
        assert_eq!(
            options.members,
            [member("Its size", "size_t size;"), member("", "uint32_t flags;"), member("", visit)]
        );
    }
}
