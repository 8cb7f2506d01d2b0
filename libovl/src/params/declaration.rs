// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the value of a property of `/__overrides__` says.
//!
//! For each target a phandle and a string: the property, then what it is (`.` `;` `:` `#` a number of 1, 2, 4 or 8 bytes at an
//! offset, `?` and `!` something that is there or not, `[` bytes, nothing a string), then what is written (`=` always this,
//! `{…}` what a table has, nothing the user's value). Where a number ends a string behind a `=`, it follows as a cell; that is
//! how a label comes into a table. With phandle 0 the string is about fragments.

use super::document::Ref;
use super::ParamKind;

/// One target as it is declared.
pub(super) struct Target<'b> {
    pub(super) kind: ParamKind,
    pub(super) phandle: u32,
    /// Whose phandle it is, where a fix-up says so.
    pub(super) of: Option<Ref<'b>>,
    /// The property, or what is done to fragments.
    pub(super) property: &'b str,
    pub(super) rule: Rule<'b>,
}

/// What is written into a target.
pub(super) enum Rule<'b> {
    Given,
    Fixed(Atom<'b>),
    Table(Vec<Entry<'b>>),
}

/// An entry of a table. Without a key it is for what no other has, without a value it is for what was given.
pub(super) struct Entry<'b> {
    pub(super) key: Option<&'b str>,
    pub(super) value: Option<Atom<'b>>,
}

/// A value in a declaration.
#[derive(Clone, Copy)]
pub(super) enum Atom<'b> {
    Text(&'b str),
    Cell(u32, Option<Ref<'b>>),
}

/// What follows in the value.
struct Rest<'a, 'b> {
    value: &'b [u8],
    at: usize,
    refs: &'a [(usize, Ref<'b>)],
}

/// Why a declaration cannot be understood.
type Parsed<T> = std::result::Result<T, String>;

impl<'b> Rest<'_, 'b> {
    fn is_empty(&self) -> bool {
        self.at == self.value.len()
    }

    fn cell(&mut self) -> Parsed<(u32, Option<Ref<'b>>)> {
        let at = self.at;
        let bytes =
            self.value.get(at..at + 4).ok_or_else(|| format!("no cell at byte {at} of its declaration"))?;
        self.at += 4;
        let of = self.refs.binary_search_by_key(&at, |&(at, _)| at).ok().map(|i| self.refs[i].1);
        Ok((u32::from_be_bytes(bytes.try_into().expect("four bytes")), of))
    }

    fn string(&mut self) -> Parsed<&'b str> {
        let at = self.at;
        let rest = &self.value[at..];
        let end =
            memchr::memchr(0, rest).ok_or_else(|| format!("no string at byte {at} of its declaration"))?;
        self.at += end + 1;
        std::str::from_utf8(&rest[..end])
            .map_err(|_| format!("the string at byte {at} of its declaration is not text"))
    }
}

/// All targets of a parameter.
pub(super) fn parse<'b>(value: &'b [u8], refs: &[(usize, Ref<'b>)]) -> Parsed<Vec<Target<'b>>> {
    let mut rest = Rest { value, at: 0, refs };
    let mut targets = Vec::new();
    while !rest.is_empty() {
        targets.push(target(&mut rest)?);
    }
    Ok(targets)
}

fn target<'b>(rest: &mut Rest<'_, 'b>) -> Parsed<Target<'b>> {
    let (phandle, of) = rest.cell()?;
    let text = rest.string()?;
    if phandle == 0 && of.is_none() {
        operations(text)?;
        return Ok(Target { kind: ParamKind::Fragments, phandle, of, property: text, rule: Rule::Given });
    }
    // A property may begin with what else would be a separator: "#size-cells:0".
    let from_second = |ends: &[char]| {
        let first = text.chars().next().map_or(0, char::len_utf8);
        text[first..].find(ends).map_or(text.len(), |place| place + first)
    };
    let assigned = from_second(&['=', '{']);
    let (declared, rule) = text.split_at(assigned);
    let (property, what) =
        declared.split_at(from_second(&['.', ';', ':', '#', '?', '!', '[', '{', '=']).min(assigned));
    if property.is_empty() {
        return Err(format!("\"{text}\" names no property"));
    }
    let mut sign = what.chars();
    let kind = match (sign.next(), sign.as_str()) {
        (None, _) => ParamKind::String,
        (Some('?'), "") => ParamKind::Bool { inverted: false },
        (Some('!'), "") => ParamKind::Bool { inverted: true },
        (Some('['), "") => ParamKind::Bytes,
        (Some(size @ ('.' | ';' | ':' | '#')), offset) => {
            let offset = super::value::unsigned(offset).and_then(|offset| u32::try_from(offset).ok());
            let bits = match size {
                '.' => 8,
                ';' => 16,
                ':' => 32,
                _ => 64,
            };
            let offset =
                offset.ok_or_else(|| format!("\"{declared}\": no offset in bytes behind \"{size}\""))?;
            ParamKind::Integer { bits, offset }
        }
        (Some(sign), more) => return Err(format!("\"{declared}\": \"{more}\" behind \"{sign}\"")),
    };
    let rule = match (rule.as_bytes().first(), rule.get(1..).unwrap_or_default()) {
        (None, _) => Rule::Given,
        (Some(b'='), "") => match kind {
            // A path that the compiler wrote for a label.
            ParamKind::String if !rest.is_empty() => Rule::Fixed(Atom::Text(rest.string()?)),
            ParamKind::String | ParamKind::Bytes => Rule::Fixed(Atom::Text("")),
            _ => rest.cell().map(|(number, of)| Rule::Fixed(Atom::Cell(number, of)))?,
        },
        (Some(b'='), value) => Rule::Fixed(Atom::Text(value)),
        (_, entries) => Rule::Table(table(entries, rest).map_err(|reason| format!("\"{text}\": {reason}"))?),
    };
    Ok(Target { kind, phandle, of, property, rule })
}

/// The entries of a table, of which `text` is the first string.
fn table<'b>(mut text: &'b str, rest: &mut Rest<'_, 'b>) -> Parsed<Vec<Entry<'b>>> {
    let mut entries = Vec::new();
    // A comma, or the beginning, has an entry behind it, be it an empty one. A cell has not.
    let mut begun = true;
    loop {
        let end = text.find(['=', ',', '}']).ok_or("a table without \"}\"")?;
        let key = Some(&text[..end]).filter(|key| !key.is_empty());
        let behind = &text[end + 1..];
        match text.as_bytes()[end] {
            b',' => {
                entries.push(Entry { key, value: None });
                (text, begun) = (behind, true);
            }
            b'}' => {
                if begun || key.is_some() {
                    entries.push(Entry { key, value: None });
                }
                return match behind {
                    "" => Ok(entries),
                    _ => Err(format!("\"{behind}\" behind the table")),
                };
            }
            _ if behind.is_empty() => {
                let (number, of) = rest.cell()?;
                entries.push(Entry { key, value: Some(Atom::Cell(number, of)) });
                if rest.is_empty() {
                    // Behind a cell that is the last thing at all, nobody misses the "}".
                    return Ok(entries);
                }
                (text, begun) = (rest.string()?, false);
            }
            _ => {
                let (value, more) = match behind.strip_prefix('\'') {
                    Some(quoted) => quoted.split_once('\'').ok_or("a quoted value without its end")?,
                    None => behind.split_at(behind.find([',', '}']).ok_or("a table without \"}\"")?),
                };
                entries.push(Entry { key, value: Some(Atom::Text(value)) });
                (text, begun) = match more.strip_prefix(',') {
                    Some(more) => (more, true),
                    None if more.starts_with('}') => (more, false),
                    None => return Err(format!("neither \",\" nor \"}}\" behind the value '{value}'")),
                };
            }
        }
    }
}

/// What is done to fragments: pairs of an operation and a number.
pub(super) fn operations(text: &str) -> Parsed<Vec<(char, u32)>> {
    let wrong = || format!("\"{text}\" is not a row of +, -, = or ! with the number of a fragment");
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(operation) = rest.chars().next() {
        if !matches!(operation, '+' | '-' | '=' | '!') {
            return Err(wrong());
        }
        let digits = &rest[1..];
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        found.push((operation, digits[..end].parse().map_err(|_| wrong())?));
        rest = &digits[end..];
    }
    match found.is_empty() {
        true => Err(wrong()),
        false => Ok(found),
    }
}
