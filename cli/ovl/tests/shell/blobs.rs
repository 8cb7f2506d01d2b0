// SPDX-License-Identifier: MIT OR Apache-2.0
//! The board and the overlays of these tests.

use ovl::fdt::Writer;

/// A node with properties, and what is below it.
struct N<'a>(&'a str, Vec<(&'a str, Vec<u8>)>, Vec<N<'a>>);

fn write(writer: &mut Writer, node: &N) {
    writer.begin(node.0);
    node.1.iter().for_each(|(name, value)| writer.prop(name, value));
    node.2.iter().for_each(|child| write(writer, child));
    writer.end();
}

fn blob(children: Vec<N>) -> Vec<u8> {
    let mut writer = Writer::new();
    write(&mut writer, &N("", vec![("model", s("Test Board"))], children));
    writer.finish(&[], 0)
}

fn s(text: &str) -> Vec<u8> {
    [text.as_bytes(), b"\0"].concat()
}

fn cells(cells: &[u32]) -> Vec<u8> {
    cells.iter().flat_map(|cell| cell.to_be_bytes()).collect()
}

/// The board. Its labels are uart0, and i2c1 on a node without a phandle.
pub(crate) fn board() -> Vec<u8> {
    board_with(vec![])
}

/// The board with what the examples of `ovl help` have beside: a parameter, and a slot for a card.
pub(crate) fn board_of_help() -> Vec<u8> {
    board_with(vec![
        N("pcie@0", vec![], vec![]),
        N("__overrides__", vec![("uart0", b"\0\0\0\x01status\0".to_vec())], vec![]),
    ])
}

fn board_with(more: Vec<N>) -> Vec<u8> {
    let mut nodes = vec![
        N("aliases", vec![("serial0", s("/soc/uart@9000"))], vec![]),
        N(
            "soc",
            vec![],
            vec![
                N(
                    "uart@9000",
                    vec![
                        ("status", s("disabled")),
                        ("reg", cells(&[0x9000, 256])),
                        ("clock-names", b"core\0bus\0".to_vec()),
                        ("dma-coherent", vec![]),
                        ("mac", vec![0xde, 0xad, 0xbe]),
                        ("three", cells(&[1, 2, 3])),
                        ("phandle", cells(&[1])),
                    ],
                    vec![],
                ),
                N("i2c@a000", vec![("status", s("disabled"))], vec![]),
            ],
        ),
        N("__symbols__", vec![("uart0", s("/soc/uart@9000")), ("i2c1", s("/soc/i2c@a000"))], vec![]),
    ];
    nodes.extend(more);
    blob(nodes)
}

/// Switches the uart on and adds a receiver to it, labelled gps.
pub(crate) fn hat() -> Vec<u8> {
    let gps = N("gps", vec![("compatible", s("test,gps")), ("phandle", cells(&[1]))], vec![]);
    blob(vec![
        N(
            "fragment@0",
            vec![("target", cells(&[!0]))],
            vec![N("__overlay__", vec![("status", s("okay"))], vec![gps])],
        ),
        N("__symbols__", vec![("gps", s("/fragment@0/__overlay__/gps"))], vec![]),
        N("__fixups__", vec![("uart0", s("/fragment@0:target:0"))], vec![]),
    ])
}

/// A clock at an address that is a parameter, and a fragment that is enabled by another.
pub(crate) fn clock() -> Vec<u8> {
    let rtc = N("rtc@68", vec![("reg", cells(&[0x68])), ("phandle", cells(&[1]))], vec![]);
    let alarm = N("__dormant__", vec![("alarm", vec![])], vec![]);
    blob(vec![
        N("fragment@0", vec![("target-path", s("/soc"))], vec![N("__overlay__", vec![], vec![rtc])]),
        N("fragment@1", vec![("target-path", s("/"))], vec![alarm]),
        N(
            "__overrides__",
            vec![
                ("addr", b"\0\0\0\x01reg:0\0".to_vec()),
                ("speed", b"\0\0\0\x01hz:4{slow=100,fast=400}\0\0\0\0\x01status=on\0".to_vec()),
                ("alarm", b"\0\0\0\0+1\0".to_vec()),
                ("name", b"\0\0\0\x01label\0\0\0\0\x01named?\0\0\0\0\x01mac[\0\0\0\0\x01quiet!\0".to_vec()),
                ("nothing", vec![]),
            ],
            vec![],
        ),
        N("__local_fixups__", vec![], vec![]),
    ])
}

/// A board whose nodes refer to each other: a clock for `users` devices, and the two ends of a link.
pub(crate) fn wired(users: usize) -> Vec<u8> {
    let names: Vec<String> = (0..users).map(|i| format!("user@{i}")).collect();
    let user = |name| N(name, vec![("clocks", cells(&[1, 7])), ("assigned-clocks", cells(&[1, 7]))], vec![]);
    let end = |name, own, other| {
        N(name, vec![("phandle", cells(&[own])), ("remote-endpoint", cells(&[other]))], vec![])
    };
    let mut soc = vec![N(
        "clock@0",
        vec![("compatible", s("a<b>&c")), ("#clock-cells", cells(&[1])), ("phandle", cells(&[1]))],
        vec![],
    )];
    soc.extend(names.iter().map(|name| user(name)));
    soc.push(N(
        "camera@f",
        vec![("status", s("disabled")), ("vdd-supply", cells(&[4]))],
        vec![end("endpoint", 2, 3)],
    ));
    soc.push(N("csi@e", vec![], vec![end("endpoint", 3, 2)]));
    blob(vec![
        N("aliases", vec![], vec![]),
        N("soc", vec![], soc),
        N("power", vec![("phandle", cells(&[4]))], vec![]),
        N("__symbols__", vec![("clk", s("/soc/clock@0")), ("vdd", s("/power")), ("soc", s("/soc"))], vec![]),
    ])
}

/// A sensor at the board of `wired` that takes the clock and the power there is.
pub(crate) fn sensor() -> Vec<u8> {
    let sensor = N("sensor", vec![("clocks", cells(&[!0, 9])), ("vdd-supply", cells(&[!0]))], vec![]);
    let on = N("__overlay__", vec![("busy", vec![])], vec![sensor]);
    let at = "/fragment@0/__overlay__/sensor";
    blob(vec![
        N("fragment@0", vec![("target", cells(&[!0]))], vec![on]),
        N(
            "__fixups__",
            vec![
                ("soc", s("/fragment@0:target:0")),
                ("clk", s(&format!("{at}:clocks:0"))),
                ("vdd", s(&format!("{at}:vdd-supply:0"))),
            ],
            vec![],
        ),
    ])
}

/// The board with a parameter that switches its uart.
pub(crate) fn board_with_params() -> Vec<u8> {
    let uart = N("uart@9000", vec![("status", s("disabled")), ("phandle", cells(&[1]))], vec![]);
    blob(vec![
        N("soc", vec![], vec![uart]),
        N("__overrides__", vec![("uart", b"\0\0\0\x01status\0".to_vec())], vec![]),
    ])
}

/// Adds something to the receiver of `hat`.
pub(crate) fn screen() -> Vec<u8> {
    blob(vec![
        N(
            "fragment@0",
            vec![("target", cells(&[!0]))],
            vec![N("__overlay__", vec![("screen-size", cells(&[320, 240]))], vec![])],
        ),
        N("__fixups__", vec![("gps", s("/fragment@0:target:0"))], vec![]),
    ])
}

/// Switches the bus on that has a label, but no phandle.
pub(crate) fn bus() -> Vec<u8> {
    let on = N("__overlay__", vec![("status", s("okay"))], vec![]);
    blob(vec![
        N("fragment@0", vec![("target", cells(&[!0]))], vec![on]),
        N("__fixups__", vec![("i2c1", s("/fragment@0:target:0"))], vec![]),
    ])
}

/// Two things are wrong with it.
pub(crate) fn bad() -> Vec<u8> {
    let overlay = || N("__overlay__", vec![("a", vec![])], vec![]);
    blob(vec![
        N("fragment@0", vec![("target", cells(&[!0]))], vec![overlay()]),
        N("fragment@1", vec![("target-path", s("/nowhere"))], vec![overlay()]),
        N("__fixups__", vec![("i2c_arm", s("/fragment@0:target:0"))], vec![]),
    ])
}

/// Two fragments set the same property.
pub(crate) fn twice() -> Vec<u8> {
    let overlay = |value| N("__overlay__", vec![("status", s(value))], vec![]);
    let target = || ("target-path", s("/soc/uart@9000"));
    blob(vec![
        N("fragment@0", vec![target()], vec![overlay("okay")]),
        N("fragment@1", vec![target()], vec![overlay("fail")]),
    ])
}

/// For the node at which the card is plugged in.
pub(crate) fn card() -> Vec<u8> {
    let on_card = N("__overlay__", vec![], vec![N("eeprom", vec![], vec![])]);
    blob(vec![N("fragment@0", vec![("target-path", s("/"))], vec![on_card])])
}

/// A board without labels, and with more nodes than a pipe has room for.
pub(crate) fn large() -> Vec<u8> {
    let names: Vec<String> = (0..20_000).map(|i| format!("node@{i:x}")).collect();
    blob(names.iter().map(|name| N(name, vec![], vec![])).collect())
}

/// Adds a node, labelled, to the root.
pub(crate) fn labels() -> Vec<u8> {
    let new = N("__overlay__", vec![], vec![N("new", vec![], vec![])]);
    blob(vec![
        N("fragment@0", vec![("target-path", s("/"))], vec![new]),
        N("__symbols__", vec![("new", s("/fragment@0/__overlay__/new"))], vec![]),
    ])
}
