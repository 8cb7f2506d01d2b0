// SPDX-License-Identifier: MIT OR Apache-2.0
//! Parameters, case by case against what Raspberry Pi's documentation says of them ("Device Trees, overlays, and parameters").
//! Each table names the section of that documentation which it follows, and says in our own words what stands there.

mod common;
use common::*;
use ovl::{params, params_text, set_params, ApplyOptions, Error, ParamEntry, ParamKind, ParamRule, Tree};

/// A piece of a declaration: a cell or a string, as a compiler lays them out.
#[derive(Clone, Copy)]
enum P<'a> {
    /// `<n>`
    N(u32),
    /// `<&label>`, of the base
    L(&'a str),
    /// `<&node>`, of the overlay itself
    O(u32),
    /// `"…"`
    S(&'a str),
}
use P::*;

/// The node of these tests, labelled test, with phandle 1.
const T: P = O(1);

fn test_node() -> Body {
    node("test@10")
        .phandle(1)
        .text("string", "hello")
        .text("status", "disabled")
        .prop("bytes", &[0x67, 0x89])
        .prop("u16s", &[0xab, 0xcd, 0xef, 0x01])
        .cells("u32s", &[0xfedc_ba98, 0x7654_3210])
        .prop(
            "u64s",
            &[0xaa, 0xaa, 0xa5, 0xa5, 0x5a, 0x5a, 0x55, 0x55, 0, 0, 0x11, 0x11, 0x22, 0x22, 0x33, 0x33],
        )
        .prop("bool1", &[])
        .prop("mac", &[1, 0x23, 0x45, 0x67, 0x89, 0xab])
        .cells("reg", &[0x10])
        .cells("spi", &[u32::MAX, 7])
        .text("bootargs", "quiet")
}

/// Puts declared parameters into an overlay.
fn with_params(mut overlay: Overlay, declared: &[(&str, &[P])]) -> Overlay2 {
    let mut table = node("__overrides__");
    for (name, pieces) in declared {
        let mut value = Vec::new();
        for piece in *pieces {
            match *piece {
                N(number) => value.extend(number.to_be_bytes()),
                L(label) => {
                    overlay = overlay.uses(label, "/__overrides__", name, value.len() as u32);
                    value.extend(u32::MAX.to_be_bytes());
                }
                O(phandle) => {
                    overlay = overlay.refers("/__overrides__", name, value.len() as u32);
                    value.extend(phandle.to_be_bytes());
                }
                S(text) => value.extend(format!("{text}\0").bytes()),
            }
        }
        table = table.prop(name, &value);
    }
    Overlay2 { overlay, extra: vec![table] }
}

/// An overlay with nodes beside its fragments.
struct Overlay2 {
    overlay: Overlay,
    extra: Vec<Body>,
}

impl Overlay2 {
    fn blob(&self) -> Vec<u8> {
        self.extra.iter().fold(self.overlay.body(), |body, extra| body.child(extra.clone())).blob()
    }

    fn set(&self, settings: &[&str]) -> Vec<u8> {
        set_params(&self.blob(), Some("hat.dtbo"), settings).unwrap()
    }

    fn refuses(&self, settings: &[&str]) -> String {
        set_params(&self.blob(), Some("hat.dtbo"), settings).expect_err("refused").to_string()
    }
}

/// The overlay of the tables: the test node at the root, and three more fragments of which the last is dormant.
fn hat(declared: &[(&str, &[P])]) -> Overlay2 {
    let fragments = overlay()
        .fragment(To::Path("/"), node("").child(test_node()))
        .fragment(To::Path("/"), node("").prop("frag1", &[]))
        .fragment(To::Path("/soc"), node("").prop("frag2", &[]))
        .uses("uart0", "/fragment@0/__overlay__/test@10", "spi", 0)
        .label("test", "/fragment@0/__overlay__/test@10");
    let mut with = with_params(fragments, declared);
    let dormant = node("fragment@3").text("target-path", "/").child(node("__dormant__").prop("frag3", &[]));
    with.extra.push(dormant);
    with
}

fn applied(blob: &[u8]) -> Tree {
    let tree = board().tree();
    tree.apply(blob, &ApplyOptions { name: Some("hat.dtbo"), ..ApplyOptions::default() }).unwrap();
    tree
}

/// What the property is when one parameter, declared so, is set so.
fn result(declared: &[P], setting: &str, property: &str) -> Option<Vec<u8>> {
    let tree = applied(&hat(&[("p", declared)]).set(&[setting]));
    let test = tree.node_by_path("/test@10").unwrap();
    test.prop(property).ok().map(|prop| prop.data().to_vec())
}

fn z(text: &str) -> Option<Vec<u8>> {
    Some(format!("{text}\0").into_bytes())
}

fn c(cells: &[u32]) -> Option<Vec<u8>> {
    Some(cells.iter().flat_map(|cell| cell.to_be_bytes()).collect())
}

type Case<'a> = (&'a [P<'a>], &'a str, &'a str, Option<Vec<u8>>);

/// Declaration, setting, property, and what it is then.
fn holds(cases: &[Case]) {
    for (i, (declared, setting, property, is)) in cases.iter().enumerate() {
        assert_eq!(result(declared, setting, property), *is, "case {i}: {setting}: {property}");
    }
}

/// Declaration, setting, and what the sentence says behind the name of the parameter.
fn is_refused(cases: &[(&[P], &str, &str)]) {
    for (i, (declared, setting, sentence)) in cases.iter().enumerate() {
        let told = hat(&[("p", declared)]).refuses(&[setting]);
        assert_eq!(told, format!("overlay hat.dtbo: parameter \"p\": {sentence}"), "case {i}: {setting}");
    }
}

const TEST: &str = "/fragment@0/__overlay__/test@10";

/// "String parameters": the property becomes the string; it may grow, shrink, or be made. "status" understands switches.
#[test]
fn o29_strings() {
    holds(&[
        (&[T, S("string")], "p=hello world", "string", z("hello world")),
        (&[T, S("string")], "p=", "string", z("")),
        (&[T, S("string")], "p=a=b,c", "string", z("a=b,c")),
        (&[T, S("new,string")], "p=made", "new,string", z("made")),
        (&[T, S("status")], "p=on", "status", z("okay")),
        (&[T, S("status")], "p=yes", "status", z("okay")),
        (&[T, S("status")], "p=true", "status", z("okay")),
        (&[T, S("status")], "p=1", "status", z("okay")),
        (&[T, S("status")], "p=7", "status", z("okay")),
        (&[T, S("status")], "p", "status", z("okay")),
        (&[T, S("status")], "p=off", "status", z("disabled")),
        (&[T, S("status")], "p=no", "status", z("disabled")),
        (&[T, S("status")], "p=false", "status", z("disabled")),
        (&[T, S("status")], "p=0", "status", z("disabled")),
        (&[T, S("status")], "p=reserved", "status", z("reserved")),
    ]);
    is_refused(&[(
        &[T, S("string")],
        "p=a\0b",
        &format!("{TEST}: property \"string\": \"a value with NUL in it\" is not a string"),
    )]);
}

/// "Integer parameters": the sign in front of the offset, in bytes, is the width. Properties that are missing or too short are
/// extended. The words are those of the documentation's examples ("gpio_in_pull=down").
#[test]
fn o29_integers() {
    holds(&[
        (&[T, S("bytes.0")], "p=255", "bytes", Some(vec![255, 0x89])),
        (&[T, S("bytes.1")], "p=0x0a", "bytes", Some(vec![0x67, 10])),
        (&[T, S("u16s;0")], "p=1", "u16s", Some(vec![0, 1, 0xef, 1])),
        (&[T, S("u16s;2")], "p=0xffff", "u16s", Some(vec![0xab, 0xcd, 255, 255])),
        (&[T, S("u32s:0")], "p=42", "u32s", c(&[42, 0x7654_3210])),
        (&[T, S("u32s:4")], "p=0xdeadbeef", "u32s", c(&[0xfedc_ba98, 0xdead_beef])),
        (&[T, S("u32s:0x4")], "p=1", "u32s", c(&[0xfedc_ba98, 1])),
        (&[T, S("u32s:2")], "p=0", "u32s", c(&[0xfedc_0000, 0x3210])),
        (
            &[T, S("u64s#8")],
            "p=0x123456789abcdef0",
            "u64s",
            c(&[0xaaaa_a5a5, 0x5a5a_5555, 0x1234_5678, 0x9abc_def0]),
        ),
        (&[T, S("u32s:12")], "p=1", "u32s", c(&[0xfedc_ba98, 0x7654_3210, 0, 1])),
        (&[T, S("new:4")], "p=9", "new", c(&[0, 9])),
        (&[T, S("#size-cells:0")], "p=2", "#size-cells", c(&[2])),
        (&[T, S("u32s:0")], "p=-1", "u32s", c(&[u32::MAX, 0x7654_3210])),
        (&[T, S("new:0")], "p=up", "new", c(&[2])),
        (&[T, S("new:0")], "p=down", "new", c(&[1])),
        (&[T, S("new:0")], "p=off", "new", c(&[0])),
        (&[T, S("new:0")], "p", "new", c(&[1])),
        // The offset of a label of the base is overwritten, that of the number behind it is not.
        (&[T, S("spi:0")], "p=3", "spi", c(&[3, 7])),
        (&[T, S("spi:4")], "p=3", "spi", c(&[2, 3])),
    ]);
    let numbers =
        "is not a number (decimal, or hexadecimal with 0x), y, yes, on, true, n, no, off, false, up or down";
    is_refused(&[
        (&[T, S("u32s:0")], "p=fast", &format!("{TEST}: property \"u32s\": \"fast\" {numbers}")),
        (&[T, S("u32s:0")], "p=", &format!("{TEST}: property \"u32s\": \"\" {numbers}")),
        (&[T, S("u32s:0")], "p=1 2", &format!("{TEST}: property \"u32s\": \"1 2\" {numbers}")),
        (&[T, S("bytes.0")], "p=256", &format!("{TEST}: property \"bytes\": 256 does not fit 8 bits")),
        (&[T, S("u16s;0")], "p=65536", &format!("{TEST}: property \"u16s\": 65536 does not fit 16 bits")),
        (
            &[T, S("u32s:0")],
            "p=0x100000000",
            &format!("{TEST}: property \"u32s\": 4294967296 does not fit 32 bits"),
        ),
        (&[T, S("u32s:")], "p=1", "\"u32s:\": no offset in bytes behind \":\""),
        (&[T, S("u32s:4294967296")], "p=1", "\"u32s:4294967296\": no offset in bytes behind \":\""),
        (&[T, S("u32s:-4")], "p=1", "\"u32s:-4\": no offset in bytes behind \":\""),
    ]);
}

/// "Boolean parameters": true makes the empty property, false takes it away; "!" the other way round.
#[test]
fn o29_booleans() {
    holds(&[
        (&[T, S("bool1?")], "p=off", "bool1", None),
        (&[T, S("bool1?")], "p=on", "bool1", Some(vec![])),
        (&[T, S("bool2?")], "p=1", "bool2", Some(vec![])),
        (&[T, S("bool2?")], "p=0", "bool2", None),
        (&[T, S("bool2?")], "p", "bool2", Some(vec![])),
        (&[T, S("bool1!")], "p=yes", "bool1", None),
        (&[T, S("bool2!")], "p=no", "bool2", Some(vec![])),
        // With a label in it, which is gone too.
        (&[T, S("spi?")], "p=no", "spi", None),
    ]);
    is_refused(&[
        (&[T, S("bool1?x")], "p=on", "\"bool1?x\": \"x\" behind \"?\""),
        (
            &[T, S("bool1?")],
            "p=maybe",
            &format!(
                "{TEST}: property \"bool1\": \"maybe\" is not a number (decimal, or hexadecimal with 0x), \
                 y, yes, on, true, n, no, off, false, up or down"
            ),
        ),
    ]);
}

/// "Byte string parameters": hexadecimal bytes, with or without colons.
#[test]
fn o29_byte_strings() {
    holds(&[
        (&[T, S("mac[")], "p=b8:27:eb:01:23:45", "mac", Some(vec![0xb8, 0x27, 0xeb, 1, 0x23, 0x45])),
        (&[T, S("mac[")], "p=B827EB012345", "mac", Some(vec![0xb8, 0x27, 0xeb, 1, 0x23, 0x45])),
        (&[T, S("new[")], "p=00", "new", Some(vec![0])),
    ]);
    is_refused(&[(
        &[T, S("mac[")],
        "p=b8:2",
        &format!(
            "{TEST}: property \"mac\": \"b8:2\" is not bytes of two hexadecimal digits each, \
             with or without colons between them"
        ),
    )]);
}

/// "Parameters with multiple targets": the same value, in the form of each.
#[test]
fn o29_several_targets() {
    let all = [T, S("status"), T, S("u32s:0"), T, S("bool2?"), T, S("bool1!"), T, S("bytes.1")];
    let hat = hat(&[("enable", &all)]);
    let tree = applied(&hat.set(&["enable=on"]));
    let test = tree.node_by_path("/test@10").unwrap();
    assert_eq!(test.read_string("status", 0).unwrap(), "okay");
    assert_eq!(test.read_u32("u32s").unwrap(), 1);
    assert!(test.read_bool("bool2") && !test.read_bool("bool1"));
    assert_eq!(test.prop("bytes").unwrap().data(), [0x67, 1]);
}

/// "Literal assignments": what stands behind "=" is written whatever the user says; a number may follow as a cell, which may be
/// a label, and that is resolved when the overlay is applied.
#[test]
fn o29_literals() {
    holds(&[
        (&[T, S("string=value")], "p=other", "string", z("value")),
        (&[T, S("string=")], "p", "string", z("")),
        (&[T, S("string="), S("/soc/uart@9000")], "p", "string", z("/soc/uart@9000")),
        (&[T, S("status=off")], "p=on", "status", z("disabled")),
        (&[T, S("u32s:0=42")], "p", "u32s", c(&[42, 0x7654_3210])),
        (&[T, S("u32s:0="), N(43)], "p", "u32s", c(&[43, 0x7654_3210])),
        (&[T, S("bytes.1="), N(44)], "p", "bytes", Some(vec![0x67, 44])),
        (&[T, S("mac[=b8:27:eb")], "p", "mac", Some(vec![0xb8, 0x27, 0xeb])),
        (&[T, S("bool1?=no")], "p=yes", "bool1", None),
        // The documentation's example: a label, and behind it the user's number.
        (&[T, S("gpios:0="), L("intc"), T, S("gpios:4")], "p=17", "gpios", c(&[5, 17])),
        (&[T, S("spi:0="), L("soc")], "p", "spi", c(&[1, 7])),
        // A label of the overlay itself moves as its phandle does: the board's highest is 5.
        (&[T, S("self:0="), T], "p", "self", c(&[7])),
    ]);
    is_refused(&[
        (
            &[T, S("u32s:0=x")],
            "p",
            &format!(
                "{TEST}: property \"u32s\": \"x\" is not a number (decimal, or hexadecimal with 0x), \
             y, yes, on, true, n, no, off, false, up or down"
            ),
        ),
        (&[T, S("u32s:0=")], "p", "no cell at byte 12 of its declaration"),
        (
            &[T, S("u16s;0="), L("soc")],
            "p",
            &format!(
                "{TEST}: property \"u16s\": \"a label\" is not what fits there: only 32 bits can be one"
            ),
        ),
    ]);
}

/// "Lookup tables": keys with values; without "=" the key is the value; without a key it is the default; an empty entry lets
/// what has no match pass; else no match is an error. Cells end without a comma.
#[test]
fn o29_tables() {
    let phonetic: &[P] = &[T, S("letter{a=alpha,b=bravo,c=charlie,d,e,='tango uniform'}")];
    let bus: &[P] = &[T, S("spi:0{0="), L("uart0"), S("1="), L("soc"), S("}")];
    holds(&[
        (phonetic, "p=a", "letter", z("alpha")),
        (phonetic, "p=d", "letter", z("d")),
        (phonetic, "p=x", "letter", z("tango uniform")),
        // Named without a value, the default is what it is for.
        (phonetic, "p", "letter", z("tango uniform")),
        (&[T, S("letter{a=alpha,}")], "p=x", "letter", z("x")),
        (&[T, S("letter{a=alpha,}")], "p=a", "letter", z("alpha")),
        (&[T, S("letter{,a=alpha}")], "p=x", "letter", z("x")),
        (&[T, S("letter{a=alpha,,b=bravo}")], "p=x", "letter", z("x")),
        (&[T, S("letter{a=alpha,=other,x=match}")], "p=x", "letter", z("match")),
        (&[T, S("letter{a='x,y}z',b='it is'}")], "p=a", "letter", z("x,y}z")),
        (&[T, S("letter{a=,b=c}")], "p=a", "letter", z("")),
        (&[T, S("status{fast=on,slow=off}")], "p=fast", "status", z("okay")),
        (&[T, S("u32s:0{low=1,high=0x10}")], "p=high", "u32s", c(&[16, 0x7654_3210])),
        (
            &[T, S("mac[{1=b8273bfedcba,2=b8273b987654}")],
            "p=2",
            "mac",
            Some(vec![0xb8, 0x27, 0x3b, 0x98, 0x76, 0x54]),
        ),
        (&[T, S("bool2?{fast=1,slow=0}")], "p=fast", "bool2", Some(vec![])),
        (bus, "p=0", "spi", c(&[2, 7])),
        (bus, "p=1", "spi", c(&[1, 7])),
        (&[T, S("u32s:0{a="), N(8), S("b="), N(9), S("}")], "p=b", "u32s", c(&[9, 0x7654_3210])),
        // A comma behind a cell makes an empty entry.
        (&[T, S("u32s:0{a="), N(8), S(",b="), N(9), S("}")], "p=77", "u32s", c(&[77, 0x7654_3210])),
        // In the last of the documentation's examples the last cell ends the table.
        (&[T, S("spi:0{0="), L("uart0"), S("1="), L("soc")], "p=1", "spi", c(&[1, 7])),
        // Another target behind a table.
        (
            &[T, S("letter{a=alpha}"), T, S("u32s:0{a="), N(8), S("}"), T, S("string")],
            "p=a",
            "string",
            z("a"),
        ),
    ]);
    is_refused(&[
        (
            &[T, S("letter{a=alpha,b=bravo}")],
            "p=x",
            &format!("{TEST}: property \"letter\": \"x\" is not in its table, which has a, b"),
        ),
        (bus, "p=2", &format!("{TEST}: property \"spi\": \"2\" is not in its table, which has 0, 1")),
        (&[T, S("letter{a=b}c")], "p=a", "\"letter{a=b}c\": \"c\" behind the table"),
        (&[T, S("letter{a=b")], "p=a", "\"letter{a=b\": a table without \"}\""),
        (&[T, S("letter{a='b}")], "p=a", "\"letter{a='b}\": a quoted value without its end"),
        (
            &[T, S("letter{a='b'c}")],
            "p=a",
            "\"letter{a='b'c}\": neither \",\" nor \"}\" behind the value 'b'",
        ),
    ]);
}

/// "Overlay/fragment parameters": with 0 for the phandle, fragments are enabled (+), disabled (-), or as the value says (=, !).
#[test]
fn o29_fragments() {
    let there = |declared: &[P], setting: &str| -> String {
        let tree = applied(&hat(&[("p", declared)]).set(&[setting]));
        let (root, soc) = (tree.root().unwrap(), tree.node_by_path("/soc").unwrap());
        let is = |number: &str, there: bool| if there { number.to_string() } else { String::new() };
        is("1", root.read_bool("frag1"))
            + &is("2", soc.read_bool("frag2"))
            + &is("3", root.read_bool("frag3"))
    };
    for (operations, setting, expected) in [
        ("+3", "p", "123"),
        ("+3", "p=off", "123"),
        ("-1", "p", "2"),
        ("+3-1", "p", "23"),
        ("-1-2", "p", ""),
        ("=3", "p=on", "123"),
        ("=3", "p=off", "12"),
        ("=1", "p=0", "2"),
        ("!3", "p=on", "12"),
        ("!3", "p=off", "123"),
        ("=3!1", "p=true", "23"),
        ("=3!1", "p=false", "12"),
        // A name that other targets take is true too.
        ("=3", "p=wm8960", "123"),
        ("+1", "p", "12"),
    ] {
        assert_eq!(there(&[N(0), S(operations)], setting), expected, "{operations} {setting}");
    }
    is_refused(&[
        (&[N(0), S("+7")], "p", "fragments \"+7\": no fragment@7"),
        (&[N(0), S("1")], "p", "\"1\" is not a row of +, -, = or ! with the number of a fragment"),
        (&[N(0), S("+")], "p", "\"+\" is not a row of +, -, = or ! with the number of a fragment"),
        (&[N(0), S("")], "p", "\"\" is not a row of +, -, = or ! with the number of a fragment"),
        (
            &[N(0), S("+99999999999")],
            "p",
            "\"+99999999999\" is not a row of +, -, = or ! with the number of a fragment",
        ),
    ]);
}

/// "Overlay/fragment parameters": a dormant fragment is left out, and so is what it would need.
#[test]
fn o29_a_dormant_fragment_needs_no_label() {
    let mut hat = hat(&[("p", &[N(0), S("=3")])]);
    hat.overlay = hat.overlay.uses("nowhere", "/fragment@3", "target", 0);
    hat.extra[1] =
        node("fragment@3").cells("target", &[u32::MAX]).child(node("__dormant__").prop("frag3", &[]));
    applied(&hat.set(&[]));
    let tree = board().tree();
    let (_, told) = refused(&tree, &hat.set(&["p"]), ovl::Mode::Default);
    assert_eq!(
        told,
        "overlay: fragment@3: label \"nowhere\" (used by property \"target\") is not in /__symbols__ of the base"
    );
}

/// "Lookup tables" and "Literal assignments" name a fragment's target: the fragment goes somewhere else.
#[test]
fn o29_targets() {
    let make = |declared: &[P]| {
        let rtc = overlay().fragment(To::Label("i2c0"), node("").child(node("rtc")));
        let mut with = with_params(rtc, &[("bus", declared)]);
        // The label is on the fragment itself.
        with.extra.insert(
            0,
            node("fragment@1")
                .phandle(9)
                .cells("target", &[u32::MAX])
                .child(node("__overlay__").child(node("clock"))),
        );
        with.overlay = with.overlay.uses("i2c0", "/fragment@1", "target", 0);
        with
    };
    let table: &[P] = &[O(9), S("target:0{0="), L("soc"), S("1="), L("uart0"), S("}")];
    let path: &[P] = &[O(9), S("target-path")];
    for (declared, setting, expected) in [
        (table, "bus=0", "/soc/clock"),
        (table, "bus=1", "/soc/uart@9000/clock"),
        (path, "bus=/aliases", "/aliases/clock"),
        (&[O(9), S("target-path{a=/soc,b=/aliases}")], "bus=a", "/soc/clock"),
        (&[O(9), S("target:0="), L("intc")], "bus", "/soc/intc@1000/clock"),
    ] {
        let tree = applied(&make(declared).set(&[setting]));
        assert!(tree.node_by_path(expected).is_ok(), "{setting}: {expected}");
        assert!(tree.node_by_path("/soc/i2c@a000/clock").is_err());
        assert!(tree.node_by_path("/soc/i2c@a000/rtc").is_ok());
    }
    let tree = applied(&make(table).set(&[]));
    assert!(tree.node_by_path("/soc/i2c@a000/clock").is_ok());
}

/// "Special properties": "bootargs" is appended to, "reg" is in the node's name too, "name" is nothing but that.
#[test]
fn o29_special_properties() {
    holds(&[(&[T, S("bootargs")], "p=splash", "bootargs", z("quiet splash"))]);
    for (declared, setting, path) in [
        (&[T, S("reg:0")], "p=0x77", "/test@77"),
        (&[T, S("reg:0")], "p=20", "/test@14"),
        (&[T, S("name")], "p=other@3", "/other@3"),
        (&[T, S("reg:4")], "p=1", "/test@10"),
    ] {
        let tree = applied(&hat(&[("p", declared)]).set(&[setting]));
        let test = tree.node_by_path(path).unwrap();
        // Its references are where they were.
        assert_eq!(test.read_u32("spi").unwrap(), 2);
        if let Some(address) = setting.strip_prefix("p=0x") {
            assert_eq!(test.read_u32("reg").unwrap(), u32::from_str_radix(address, 16).unwrap());
        }
    }
    // Without the property, the number is only part of the name.
    let mut bare = hat(&[("p", &[O(2), S("reg:0")])]);
    bare.overlay = bare.overlay.fragment(To::Path("/"), node("").child(node("bare@0").phandle(2)));
    bare.extra[1] = bare.extra[1].clone().name("fragment@4");
    let tree = applied(&bare.set(&["p=5"]));
    assert_eq!(prop_names(&tree.node_by_path("/bare@5").unwrap()), ["phandle"]);
    let mut twice = hat(&[("p", &[T, S("reg:0")])]);
    twice.overlay = overlay()
        .fragment(To::Path("/"), node("").child(test_node()).child(node("test@11")))
        .refers("/__overrides__", "p", 0);
    assert_eq!(
        twice.refuses(&["p=17"]),
        format!("overlay hat.dtbo: parameter \"p\": {TEST}: property \"reg\": \"test@11\" is not free: another node beside it has that name")
    );
    is_refused(&[
        (&[T, S("name")], "p=a/b", &format!("{TEST}: property \"name\": \"a/b\" is not a name for the node")),
        (&[T, S("name")], "p=", &format!("{TEST}: property \"name\": \"\" is not a name for the node")),
    ]);
}

/// "Special properties": an address parameter lets one overlay be applied twice; "Exporting labels": its labels are its own.
#[test]
fn o29_one_overlay_twice() {
    let hat = hat(&[("addr", &[T, S("reg:0")]), ("only", &[N(0), S("-1-2")])]);
    let tree = board().tree();
    let before = blob_of(&tree);
    let first = tree.apply(&hat.set(&["addr=0x20", "only"]), &ApplyOptions::default()).unwrap();
    let second = tree.apply(&hat.set(&["addr=0x21", "only"]), &ApplyOptions::default()).unwrap();
    assert!(tree.node_by_path("/test@20").is_ok() && tree.node_by_path("/test@21").is_ok());
    assert!(tree.node_by_label("test").is_err());
    tree.remove(first, ovl::RemoveMode::Default).unwrap();
    tree.remove(second, ovl::RemoveMode::Default).unwrap();
    assert_eq!(blob_of(&tree), before);
}

/// "Exporting labels": those that are named in /__exports__ become labels of the base, and follow a new name.
#[test]
fn o29_exported_labels() {
    let mut hat = hat(&[("addr", &[T, S("reg:0")])]);
    hat.extra.push(node("__exports__").prop("test", &[]));
    let tree = applied(&hat.set(&["addr=0x42"]));
    assert_eq!(tree.node_by_label("test").unwrap().path(), "/test@42");
}

/// "Overlay application order": fragments that target others of the overlay become part of them first.
#[test]
fn o29_fragments_of_fragments() {
    let extended = overlay()
        .fragment(
            To::Phandle(1),
            node("")
                .text("status", "okay")
                .child(node("rtc@68").phandle(2).cells("interrupt-parent", &[u32::MAX])),
        )
        .fragment(To::Label("i2c0"), node("").phandle(1).cells("clock-frequency", &[100_000]))
        .fragment(To::Phandle(1), node("").child(node("rtc@68").text("compatible", "acme,rtc").phandle(3)))
        .fragment(To::Phandle(3), node("").cells("wakeup", &[2, 3]))
        .refers("/fragment@0", "target", 0)
        .refers("/fragment@2", "target", 0)
        .refers("/fragment@3", "target", 0)
        .refers("/fragment@3/__overlay__", "wakeup", 0)
        .refers("/fragment@3/__overlay__", "wakeup", 4)
        .uses("intc", "/fragment@0/__overlay__/rtc@68", "interrupt-parent", 0);
    let with = with_params(extended, &[("khz", &[O(1), S("clock-frequency:0{100=100000,400=400000}")])]);
    let tree = applied(&with.set(&["khz=400"]));
    let i2c = tree.node_by_label("i2c0").unwrap();
    assert_eq!(i2c.read_u32("clock-frequency").unwrap(), 400_000);
    assert_eq!(i2c.read_string("status", 0).unwrap(), "okay");
    let rtc = tree.node_by_path("/soc/i2c@a000/rtc@68").unwrap();
    assert_eq!(rtc.read_string("compatible", 0).unwrap(), "acme,rtc");
    let mut wakeup = [0; 2];
    rtc.read_u32_array("wakeup", &mut wakeup).unwrap();
    assert_eq!(wakeup, [rtc.phandle(); 2], "both phandles are one now");
    assert_eq!(rtc.read_u32("interrupt-parent").unwrap(), 5);

    let round = overlay()
        .fragment(To::Phandle(2), node("").phandle(1))
        .fragment(To::Phandle(1), node("").phandle(2))
        .refers("/fragment@0", "target", 0)
        .refers("/fragment@1", "target", 0);
    assert_eq!(
        with_params(round, &[]).refuses(&[]),
        "overlay hat.dtbo: fragment@1: it targets itself, or a fragment that is part of another"
    );
}

/// "DT parameters": a base has parameters of its own, and keeps them; names of nodes in /aliases and /__symbols__ follow.
#[test]
fn o29_of_a_base() {
    let base = board().child(
        node("__overrides__")
            .prop("uart", b"\0\0\0\x02status\0")
            .prop("at", b"\0\0\0\x02reg:0\0")
            .prop("parent", b"\0\0\0\x02interrupt-parent:0=\0\0\0\0\x05")
            .prop("nothing", b""),
    );
    let new =
        set_params(&base.blob(), Some("board.dtb"), &["uart=on", "at=0xb000", "parent", "nothing"]).unwrap();
    let tree = Tree::from_fdt(&new).unwrap();
    let uart = tree.node_by_path("serial0").unwrap();
    assert_eq!(uart.path(), "/soc/uart@b000");
    assert_eq!(tree.node_by_label("uart0").unwrap().path(), "/soc/uart@b000");
    assert_eq!(uart.read_string("status", 0).unwrap(), "okay");
    let mut reg = [0; 2];
    uart.read_u32_array("reg", &mut reg).unwrap();
    assert_eq!(reg, [0xb000, 0x100]);
    assert_eq!(uart.read_u32("interrupt-parent").unwrap(), 5);
    // And again.
    let off = set_params(&new, None, &["uart=off", "at=0x9000"]).unwrap();
    assert_eq!(params(&off, None).unwrap(), params(&base.blob(), None).unwrap());
    let untouched = set_params(&base.blob(), None, &[]).unwrap();
    assert_eq!(untouched, base.blob(), "nothing set, nothing changed");
    assert_eq!(
        set_params(&base.blob(), Some("board.dtb"), &["spi=on"]).unwrap_err().to_string(),
        "devicetree board.dtb: no parameter \"spi\" among uart, at, parent, nothing"
    );
}

/// A base without labels takes an overlay that says where it goes by path, and says what it lacks for one that does not.
#[test]
fn o29_a_base_without_symbols() {
    let base = node("").child(node("soc").child(node("uart@9000"))).tree();
    let by_path = hat(&[("p", &[T, S("spi:0")])]);
    base.apply(&by_path.set(&["p=3"]), &ApplyOptions::default()).unwrap();
    assert_eq!(base.node_by_path("/test@10").unwrap().read_u32("spi").unwrap(), 3);
    let by_label = overlay().fragment(To::Label("uart0"), node("").text("status", "okay"));
    let (_, told) = refused(&base, &by_label.blob(), ovl::Mode::Default);
    assert_eq!(
        told,
        "overlay: fragment@0: label \"uart0\" (used by property \"target\"): the base has no /__symbols__; \
         compile it with dtc -@, or give the fragment a target-path"
    );
}

#[test]
fn o29_the_list() {
    let hat = hat(&[
        ("pin", &[T, S("gpios:4"), T, S("bytes.0")]),
        ("bus", &[T, S("spi:0{0="), L("uart0"), S("self="), T, S("=9,}")]),
        ("mode", &[N(0), S("+3-1")]),
        ("fixed", &[T, S("string=on and off")]),
        (
            "say",
            &[T, S("letter{a='x, y',b}"), T, S("x?"), T, S("y!"), T, S("mac["), T, S("z;2"), T, S("z#8")],
        ),
        ("empty", &[]),
    ]);
    let list = params(&hat.blob(), None).unwrap();
    assert_eq!(
        list.iter().map(|param| &*param.name).collect::<Vec<_>>(),
        ["pin", "bus", "mode", "fixed", "say", "empty"]
    );
    assert_eq!(list[0].targets[0].kind, ParamKind::Integer { bits: 32, offset: 4 });
    assert_eq!(list[0].targets[1].node, TEST);
    let entry = |key: Option<&str>, value: Option<&str>| ParamEntry {
        key: key.map(Into::into),
        value: value.map(Into::into),
    };
    assert_eq!(
        list[1].targets[0].rule,
        ParamRule::Table(vec![
            entry(Some("0"), Some("&uart0")),
            entry(Some("self"), Some("&{/fragment@0/__overlay__/test@10}")),
            entry(None, Some("9")),
            entry(None, None),
        ])
    );
    assert_eq!(
        params_text(&hat.blob(), None).unwrap().replace('\t', "|").replace(TEST, "T"),
        "pin|u32|4|T|gpios|\n\
         pin|u8|0|T|bytes|\n\
         bus|u32|0|T|spi|{0=&uart0,self='&{T}',=9,}\n\
         mode|fragments||/|+3-1|\n\
         fixed|string||T|string|=on and off\n\
         say|string||T|letter|{a='x, y',b}\n\
         say|bool||T|x|\n\
         say|inverted||T|y|\n\
         say|bytes||T|mac|\n\
         say|u16|2|T|z|\n\
         say|u64|8|T|z|\n\
         empty|||||\n"
    );
    assert!(params(&board().blob(), None).unwrap().is_empty());
    // What would break a line is shown as what it is.
    let odd = self::hat(&[("a\tb", &[T, S("c\n{d\t}")])]).blob();
    let line = params_text(&odd, None).unwrap();
    assert_eq!(line, format!("a\\tb\tstring\t\t{TEST}\tc\\n\t{{d\\t}}\n"));
}

/// The last setting of a parameter holds, and parameters that share a target see what was set before them.
#[test]
fn o29_in_their_order() {
    let hat = hat(&[("string", &[T, S("string")]), ("args", &[T, S("bootargs")])]);
    let tree = applied(&hat.set(&["string=a", "args=b", "string=c", "args=d"]));
    let test = tree.node_by_path("/test@10").unwrap();
    assert_eq!(test.read_string("string", 0).unwrap(), "c");
    assert_eq!(test.read_string("bootargs", 0).unwrap(), "quiet b d");
}

/// What the library is told about a parameter that cannot be: blob, parameter, and what is wrong.
#[test]
fn o29_hostile_declarations() {
    is_refused(&[
        (&[S("ab")], "p", "no cell at byte 0 of its declaration"),
        (&[T], "p", "no string at byte 4 of its declaration"),
        (&[T, S("")], "p", "\"\" names no property"),
        (&[N(1), S("x"), N(9)], "p", "no string at byte 10 of its declaration"),
        (&[O(77), S("x")], "p", "its target \"x\" is in phandle 0x4d, which no node has"),
        (&[N(u32::MAX), S("x")], "p", "its target \"x\" is in phandle 0xffffffff, which no node has"),
        (
            &[L("uart0"), S("x")],
            "p",
            "its target \"x\" is in &uart0 of the base, and has to be in the overlay itself",
        ),
    ]);
    let hat = hat(&[("p", &[T, S("x:4294967290")]), ("q", &[T, S("y:600000"), T, S("z:600000")])]);
    assert_eq!(hat.refuses(&["p=1"]), "overlay hat.dtbo: its parameters would add more than 1048576 bytes");
    assert_eq!(hat.refuses(&["q=1"]), "overlay hat.dtbo: its parameters would add more than 1048576 bytes");
    let many: Vec<P> = (0..4097).flat_map(|_| [N(1), S("x")]).collect();
    let error = set_params(&self::hat(&[("p", &many)]).blob(), None, &["p"]).unwrap_err();
    assert!(matches!(error, Error::TooBig(_)), "{error}");
    assert_eq!(error.to_string(), "overlay: parameter \"p\": more than 4096 targets");
    let error = set_params(&board().blob(), None, &["p"]).unwrap_err();
    assert!(matches!(error, Error::NotFound(_)), "{error}");
    assert_eq!(
        error.to_string(),
        "devicetree: no parameter \"p\": it has no parameters at all (/__overrides__)"
    );
    assert!(matches!(set_params(b"no", None, &[]), Err(Error::Malformed { .. })));
}

proptest::proptest! {
    /// Whatever a declaration and a value are made of, they are refused, or make a blob that passes the check, can be listed,
    /// and is refused or taken by the board like any other.
    #[test]
    fn o1_o29_any_declaration(
        pieces in proptest::collection::vec((0u8..8, "[a-c.;:#?!={},'0-9+\\-\\[]{0,8}"), 0..6),
        value in "[a-c0-9x,:=\\-]{0,6}|on|off",
    ) {
        let pieces: Vec<P> = pieces.iter().map(|(kind, text)| match kind {
            0 => N(0),
            1 => N(7),
            2 => L("soc"),
            3 | 4 => T,
            _ => S(text),
        }).collect();
        let blob = hat(&[("p", &pieces)]).blob();
        let listed = params(&blob, None);
        let setting = format!("p={value}");
        if let Ok(new) = set_params(&blob, None, &[&setting, "p", &setting]) {
            listed.unwrap();
            ovl::fdt::check(&new).unwrap();
            assert!(params(&new, None).unwrap().is_empty());
            let tree = board().tree();
            if tree.apply(&new, &ApplyOptions::default()).is_ok() {
                ovl::fdt::check(&blob_of(&tree)).unwrap();
            }
        }
    }
}
