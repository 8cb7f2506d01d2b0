// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a header of ours declares, read from its text: the names that the symbol list and the ABI witness go through.
//!
//! Our headers are cbindgen's output, so this reads that regular layout, not C in general: one declaration or macro
//! begins at the start of a line, and only the bodies of structs and enums are braced.

/// The names that a header declares, each list in the header's order.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Header {
    pub(crate) functions: Vec<String>,
    /// Structs with a body: their layout is part of the ABI.
    pub(crate) structs: Vec<String>,
    pub(crate) enums: Vec<String>,
    /// Typedefs of function pointers and of plain types.
    pub(crate) typedefs: Vec<String>,
    /// Macros with an integer value.
    pub(crate) constants: Vec<String>,
}

impl Header {
    pub(crate) fn parse(text: &str) -> Self {
        let mut header = Self::default();
        let text = without_block_comments(text);
        let mut statement = String::new();
        let mut depth = 0;
        for line in text.lines() {
            if let Some(macro_text) = line.strip_prefix("#define ") {
                if let Some((name, value)) = macro_text.split_once(' ') {
                    if value.trim_start_matches(['-', '(']).starts_with(|c: char| c.is_ascii_digit()) {
                        header.constants.push(name.to_owned());
                    }
                }
                continue;
            }
            let line = line.split("//").next().unwrap_or_default().trim();
            if line.starts_with('#') || line.starts_with("extern \"C\"") || (line == "}" && depth == 0) {
                continue;
            }
            depth += line.matches('{').count();
            depth -= line.matches('}').count();
            statement.push_str(line);
            statement.push(' ');
            if depth == 0 && line.ends_with(';') {
                header.add(statement.trim());
                statement.clear();
            }
        }
        header
    }

    fn add(&mut self, statement: &str) {
        let words: Vec<&str> = statement.split_whitespace().collect();
        let braced = statement.contains('{');
        match words[..] {
            ["typedef", "struct", name, ..] | ["struct", name, ..] if braced => {
                self.structs.push(name.to_owned())
            }
            ["typedef", "enum", name, ..] if braced => self.enums.push(name.to_owned()),
            // An opaque struct: `typedef struct ovl_tree ovl_tree;` has no layout to watch.
            ["typedef", "struct", name, again] if again.trim_end_matches(';') == name => {}
            ["typedef", ..] => {
                // `typedef int (*name)(…);` or `typedef uint32_t name;`
                let name = match statement.split_once("(*") {
                    Some((_, rest)) => rest.split(')').next().unwrap_or_default(),
                    None => words[words.len() - 1].trim_end_matches(';'),
                };
                self.typedefs.push(name.to_owned());
            }
            _ => {
                if let Some((before, _)) = statement.split_once('(') {
                    let start = before.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |i| i + 1);
                    self.functions.push(before[start..].to_owned());
                }
            }
        }
    }
}

pub(crate) fn without_block_comments(text: &str) -> String {
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

    #[test]
    fn every_kind_of_declaration_is_found_once() {
        let header = Header::parse(
            "#ifndef DEMO_H\n#define DEMO_H\n#include <stdint.h>\n/* demo_not(me); */\n#define DEMO_ONE 1\n\
             #define DEMO_LESS -2\n#define DEMO_WORD \"x\"\ntypedef struct demo_thing demo_thing;\n\
             typedef int (*demo_cb)(const struct demo_event *event,\n                       void *user_data);\n\
             typedef struct demo_options {\n  size_t size;\n  uint32_t flags;\n} demo_options;\n\
             #ifdef __cplusplus\nextern \"C\" {\n#endif // __cplusplus\n\
             struct demo_thing *demo_get(struct demo_thing *thing);\nconst char *demo_name(struct demo_thing *thing,\n\
             \x20                     int (*cb)(int));\nvoid demo_run(void);\n#ifdef __cplusplus\n}  // extern \"C\"\n#endif\n",
        );
        assert_eq!(header.functions, ["demo_get", "demo_name", "demo_run"]);
        assert_eq!(header.structs, ["demo_options"]);
        assert_eq!(header.typedefs, ["demo_cb"]);
        assert_eq!(header.constants, ["DEMO_ONE", "DEMO_LESS"]);
        assert!(header.enums.is_empty());
    }
}
