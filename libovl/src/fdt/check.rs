// SPDX-License-Identifier: MIT OR Apache-2.0
//! The full check of a blob that may be hostile (O1). Whoever holds a [`Layout`] may read its blob without further doubts.

use super::{
    align4, word, BEGIN_NODE, END, END_NODE, HEADER_SIZE, MAGIC, MAX_DEPTH, MAX_PATH, MAX_PROP_NAME, NOP,
    PROP,
};
use crate::error::{Error, Result};

/// Who builds something of a blob while it is checked: the walk from token to token is the dearest part of both, and is
/// made once. It is told what comes in order, also in a blob that turns out to be malformed later. Offsets are those in the
/// blob, and multiples of four.
pub(crate) trait Visitor {
    /// A node begins, with a name at this offset.
    fn begin(&mut self, name: usize, len: usize);
    /// A property of it has its value at this offset, and may say the node's phandle.
    fn prop(&mut self, value: usize, is_phandle: bool);
    /// The node begun last ends.
    fn end(&mut self);
}

/// Nobody.
impl Visitor for () {
    fn begin(&mut self, _: usize, _: usize) {}
    fn prop(&mut self, _: usize, _: bool) {}
    fn end(&mut self) {}
}

/// Where the parts of a checked blob are, and how much is in them.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) totalsize: usize,
    pub(crate) reservations: usize,
    pub(crate) reservation_count: usize,
    pub(crate) structure: usize,
    pub(crate) strings: usize,
    pub(crate) strings_size: usize,
    pub(crate) boot_cpuid: u32,
    pub(crate) nodes: usize,
    pub(crate) props: usize,
    /// There are NOP tokens, so that neighbours in the tree need not be neighbours in the blob.
    pub(crate) nops: bool,
}

impl Layout {
    /// The layout of no blob at all, for values that come from elsewhere.
    pub(crate) fn empty() -> Layout {
        Layout {
            totalsize: 0,
            reservations: 0,
            reservation_count: 0,
            structure: 0,
            strings: 0,
            strings_size: 0,
            boot_cpuid: 0,
            nodes: 0,
            props: 0,
            nops: false,
        }
    }
}

fn refuse<T>(check: &'static str, offset: usize) -> Result<T> {
    Err(Error::Malformed { check, offset })
}

/// Checks a whole blob: header, offsets, sizes, alignment, reservations, token order, nesting, names.
///
/// `blob` may be longer than the devicetree in it. Costs one pass and allocates nothing.
///
/// # Errors
/// [`Error::Malformed`] with the check that failed and its offset.
pub fn check(blob: &[u8]) -> Result<()> {
    walk(blob, &mut ()).map(|_| ())
}

/// The same check, with its findings and for a visitor.
pub(crate) fn walk(blob: &[u8], visitor: &mut impl Visitor) -> Result<Layout> {
    let mut layout = header(blob)?;
    let blob = &blob[..layout.totalsize];
    layout.reservation_count = reservations(blob, layout.reservations)?;
    structure(blob, &mut layout, visitor)?;
    Ok(layout)
}

fn header(blob: &[u8]) -> Result<Layout> {
    const V16_HEADER: usize = 36;
    if blob.len() < 4 || word(blob, 0) != MAGIC {
        return refuse("no magic number 0xd00dfeed", 0);
    }
    if blob.len() < V16_HEADER {
        return refuse("truncated header", blob.len());
    }
    let (version, last_compatible) = (word(blob, 20), word(blob, 24));
    if version < 16 || last_compatible > version {
        return refuse("version below 16, or lower than the one it says to be compatible with", 20);
    }
    if last_compatible > 17 {
        return refuse("compatible with versions above 17 only", 24);
    }
    let header_size = if version >= 17 { HEADER_SIZE } else { V16_HEADER };
    let totalsize = word(blob, 4) as usize;
    if totalsize < header_size {
        return refuse("total size smaller than the header", 4);
    }
    if totalsize > blob.len() {
        return refuse("total size larger than the buffer", 4);
    }
    let (structure, strings, reservations) =
        (word(blob, 8) as usize, word(blob, 12) as usize, word(blob, 16) as usize);
    let strings_size = word(blob, 32) as usize;
    if structure % 4 != 0 || structure < header_size || structure > totalsize {
        return refuse("structure block misplaced or not aligned to 4", 8);
    }
    if strings < header_size || strings > totalsize {
        return refuse("strings block misplaced", 12);
    }
    if reservations % 8 != 0 || reservations < header_size || reservations > totalsize {
        return refuse("reservation block misplaced or not aligned to 8", 16);
    }
    if strings_size > totalsize - strings {
        return refuse("strings block longer than the blob", 32);
    }
    if version >= 17 && word(blob, 36) as usize > totalsize - structure {
        return refuse("structure block longer than the blob", 36);
    }
    let boot_cpuid = word(blob, 28);
    Ok(Layout { totalsize, reservations, structure, strings, strings_size, boot_cpuid, ..Layout::empty() })
}

/// The number of reservations before the pair of zeros that ends them.
fn reservations(blob: &[u8], start: usize) -> Result<usize> {
    for (i, pair) in blob[start..].chunks_exact(16).enumerate() {
        if pair.iter().all(|&b| b == 0) {
            return Ok(i);
        }
    }
    refuse("reservations without an end", start)
}

/// Where the tokens are in their order: it decides which may come next.
#[derive(PartialEq)]
enum Place {
    BeforeRoot,
    /// Behind BEGIN_NODE or a property: anything may follow.
    InProps,
    /// Behind END_NODE: no property may follow.
    InChildren,
    AfterRoot,
}

fn structure(blob: &[u8], layout: &mut Layout, visitor: &mut impl Visitor) -> Result<()> {
    let base = layout.structure;
    let size = if word(blob, 20) >= 17 { word(blob, 36) as usize } else { blob.len() - base };
    let tokens = &blob[base..base + size];
    let strings = &blob[layout.strings..layout.strings + layout.strings_size];
    if !strings.is_ascii() {
        return refuse("strings that are not ASCII", layout.strings);
    }
    // A name is terminated if and only if it does not start behind the last NUL.
    let names_end = memchr::memrchr(0, strings).unwrap_or(0);
    let mut name_start = 0;
    for name_end in memchr::memchr_iter(0, strings) {
        if name_end - name_start > MAX_PROP_NAME {
            return refuse("property name longer than 1024", layout.strings + name_start);
        }
        name_start = name_end + 1;
    }

    let (mut at, mut depth, mut place) = (0usize, 0usize, Place::BeforeRoot);
    let (mut nodes, mut props) = (0usize, 0usize);
    // The length of the path at each depth.
    let mut paths = [0usize; MAX_DEPTH + 1];
    loop {
        // Properties come in runs, and are most of what comes: a loop of their own is what branch prediction likes best.
        let (token, start) = loop {
            let Some(token) = tokens.get(at..at + 4) else {
                return refuse("structure block ends without its end token", base + at);
            };
            let start = at;
            at += 4;
            let token = u32::from_be_bytes(token.try_into().expect("four bytes"));
            if token != PROP {
                break (token, start);
            }
            if place != Place::InProps {
                return refuse("property outside of a node or behind its children", base + start);
            }
            let Some(head) = tokens.get(at..at + 8) else {
                return refuse("truncated property", base + start);
            };
            let (len, name) = (word(head, 0) as usize, word(head, 4) as usize);
            at += 8;
            if len > tokens.len() - at {
                return refuse("property value longer than the structure block", base + start);
            }
            if name >= names_end || strings[name] == 0 {
                return refuse("property name empty, not terminated or outside of the strings", base + start);
            }
            visitor.prop(base + at, len == 4 && is_phandle(&strings[name..]));
            at = align4(at + len);
            props += 1;
        };
        match token {
            BEGIN_NODE => {
                if place == Place::AfterRoot {
                    return refuse("second root node", base + start);
                }
                let len = match name_length(&tokens[at..]) {
                    Err(reason) => return refuse(reason, base + at),
                    Ok(0) if depth > 0 => return refuse("node without a name", base + at),
                    Ok(len) => len,
                };
                visitor.begin(base + at, len);
                depth += 1;
                if depth > MAX_DEPTH {
                    return refuse("nodes nested deeper than 64", base + start);
                }
                paths[depth] = paths[depth - 1] + len + 1;
                if paths[depth] > MAX_PATH {
                    return refuse("node with a path longer than 4096", base + at);
                }
                at = align4(at + len + 1);
                nodes += 1;
                place = Place::InProps;
            }
            END_NODE => {
                if depth == 0 {
                    return refuse("end of a node that was not begun", base + start);
                }
                depth -= 1;
                visitor.end();
                place = if depth == 0 { Place::AfterRoot } else { Place::InChildren };
            }
            NOP => layout.nops = true,
            END if place == Place::AfterRoot => break,
            END => return refuse("end token inside of a node", base + start),
            _ => return refuse("unknown token", base + start),
        }
    }
    (layout.nodes, layout.props) = (nodes, props);
    apart(layout, base + at)
}

/// Blocks that share bytes are refused: a value that is written to (the references of an overlay) must not be a name too.
fn apart(layout: &Layout, structure_end: usize) -> Result<()> {
    let reservations_end = layout.reservations + (layout.reservation_count + 1) * 16;
    let mut blocks = [
        (layout.reservations, reservations_end),
        (layout.structure, structure_end),
        (layout.strings, layout.strings + layout.strings_size),
    ];
    blocks.sort_unstable();
    match blocks.windows(2).find(|pair| pair[0].1 > pair[1].0) {
        Some(pair) => refuse("blocks that overlap", pair[1].0),
        None => Ok(()),
    }
}

/// Whether a name is one of the two for phandles.
#[inline]
fn is_phandle(name: &[u8]) -> bool {
    match name[0] {
        b'p' => name.starts_with(b"phandle\0"),
        b'l' => name.starts_with(b"linux,phandle\0"),
        _ => false,
    }
}

/// The length of the node name that `tokens` starts with.
fn name_length(tokens: &[u8]) -> std::result::Result<usize, &'static str> {
    for (i, &byte) in tokens.iter().enumerate() {
        match byte {
            0 => return Ok(i),
            b'/' => return Err("node name with a slash"),
            b' '..=b'~' => {}
            _ => return Err("node name that is not printable ASCII"),
        }
    }
    Err("node name without an end")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fdt::Writer;

    fn sample() -> Vec<u8> {
        let mut w = Writer::new();
        w.begin("");
        w.prop("compatible", b"acme,board\0");
        w.begin("soc");
        w.prop("ranges", b"");
        w.begin("uart@9000");
        w.prop("reg", &[0, 0, 0x90, 0, 0, 0, 1, 0]);
        w.end();
        w.end();
        w.end();
        w.finish(&[(0x8000_0000, 0x1000)], 1)
    }

    fn put(blob: &mut [u8], at: usize, value: u32) {
        blob[at..at + 4].copy_from_slice(&value.to_be_bytes());
    }

    fn layout(blob: &[u8]) -> Result<Layout> {
        walk(blob, &mut ())
    }

    fn failing(blob: &[u8]) -> (&'static str, usize) {
        match layout(blob) {
            Err(Error::Malformed { check, offset }) => (check, offset),
            other => panic!("expected a malformed blob, got {other:?}"),
        }
    }

    #[test]
    fn o1_a_good_blob_is_counted() {
        let found = layout(&sample()).unwrap();
        assert_eq!((found.nodes, found.props, found.reservation_count), (3, 3, 1));
        assert_eq!(found.boot_cpuid, 1);
    }

    #[test]
    fn a_visitor_is_told_what_comes_in_order() {
        struct Seen(Vec<String>);
        impl Visitor for Seen {
            fn begin(&mut self, name: usize, len: usize) {
                self.0.push(format!("begin {name}+{len}"));
            }
            fn prop(&mut self, value: usize, is_phandle: bool) {
                self.0.push(format!("prop {value} {is_phandle}"));
            }
            fn end(&mut self) {
                self.0.push("end".into());
            }
        }
        let mut w = Writer::new();
        w.begin("");
        w.prop("phandle", &[0, 0, 0, 7]);
        w.begin("a");
        w.prop("phandles", &[0, 0, 0, 7]);
        w.end();
        w.end();
        let mut seen = Seen(Vec::new());
        walk(&w.finish(&[], 0), &mut seen).unwrap();
        assert_eq!(seen.0, ["begin 60+0", "prop 76 true", "begin 84+1", "prop 100 false", "end", "end"]);
    }

    #[test]
    fn o1_the_message_names_check_and_offset() {
        let mut blob = sample();
        put(&mut blob, 8, 0xffff_fff0);
        assert_eq!(
            check(&blob).unwrap_err().to_string(),
            "malformed devicetree blob: structure block misplaced or not aligned to 4 at offset 0x8"
        );
    }

    #[test]
    fn o1_every_header_word_is_checked() {
        for (at, value, expected) in [
            (0, 0xd00d_feec, 0),
            (4, 39, 4),
            (4, 0x7fff_ffff, 4),
            (8, 58, 8),
            (12, 0x7fff_ffff, 12),
            (16, 44, 16),
            (20, 15, 20),
            (24, 18, 20),
            (32, 0x7fff_ffff, 32),
            (36, 0x7fff_ffff, 36),
        ] {
            let mut blob = sample();
            put(&mut blob, at, value);
            assert_eq!(failing(&blob).1, expected, "word at {at} set to {value:#x}");
        }
    }

    #[test]
    fn o1_version_16_has_no_structure_size() {
        let mut blob = sample();
        put(&mut blob, 20, 16);
        put(&mut blob, 24, 16);
        put(&mut blob, 36, 0xdead_beef);
        assert_eq!(layout(&blob).unwrap().nodes, 3);
    }

    #[test]
    fn o1_token_order_and_nesting() {
        let good = sample();
        let structure = word(&good, 8) as usize;
        let mut second_root = good.clone();
        let end = structure + word(&good, 36) as usize - 4;
        put(&mut second_root, end, BEGIN_NODE);
        assert_eq!(failing(&second_root), ("second root node", end));

        let mut unknown = good.clone();
        put(&mut unknown, structure, 7);
        assert_eq!(failing(&unknown), ("unknown token", structure));

        let mut early = good;
        put(&mut early, structure, END_NODE);
        assert_eq!(failing(&early), ("end of a node that was not begun", structure));
    }

    #[test]
    fn o1_a_property_behind_children_is_refused() {
        let mut w = Writer::new();
        w.begin("");
        w.begin("a");
        w.end();
        w.prop("late", b"");
        w.end();
        assert_eq!(failing(&w.finish(&[], 0)).0, "property outside of a node or behind its children");
    }

    #[test]
    fn o2_long_names_are_accepted_and_depth_is_limited() {
        let mut w = Writer::new();
        w.begin("");
        w.begin(&"n".repeat(500));
        w.end();
        w.end();
        check(&w.finish(&[], 0)).unwrap();

        for (depth, good) in [(MAX_DEPTH, true), (MAX_DEPTH + 1, false)] {
            let mut w = Writer::new();
            w.begin("");
            (1..depth).for_each(|_| w.begin("n"));
            (0..depth).for_each(|_| w.end());
            assert_eq!(check(&w.finish(&[], 0)).is_ok(), good, "depth {depth}");
        }
    }

    #[test]
    fn o1_no_truncation_passes() {
        let blob = sample();
        for len in 0..blob.len() {
            assert!(check(&blob[..len]).is_err(), "cut at {len}");
        }
    }
}
