# SPDX-License-Identifier: MIT OR Apache-2.0
"""Reading: where trees come from, how nodes are found, what values are read as, how a tree is written."""

import errno
import os
import pathlib
import subprocess
import sys

import ovl
import pytest

from .conftest import BOARD, MakeTree, dtc


def test_o1_a_malformed_blob_is_refused_with_check_and_offset() -> None:
    blob = bytearray(dtc(BOARD))
    blob[0] ^= 0xFF
    for refuse in (ovl.Tree.from_bytes, ovl.check_fdt):
        with pytest.raises(ovl.Error, match=r"malformed .* at offset 0x0") as refused:
            refuse(blob)
        assert refused.value.errno == errno.EINVAL


def test_o1_every_truncation_is_refused() -> None:
    blob = dtc(BOARD)
    ovl.check_fdt(blob)
    for size in range(len(blob)):
        with pytest.raises(ovl.Error):
            ovl.check_fdt(blob[:size])


def test_o2_long_names_are_accepted(make_tree: MakeTree) -> None:
    name = "a-name-that-is-longer-than-the-thirty-one-characters-of-the-specification"
    assert make_tree(f"/dts-v1/; / {{ {name} {{ }}; }};")[f"/{name}"].name == name


def test_o3_nodes_are_found_by_path_and_alias(tree: ovl.Tree) -> None:
    uart = tree["/soc/uart@9000"]
    assert (uart.name, uart.path) == ("uart@9000", "/soc/uart@9000")
    assert tree.node("serial0") == uart
    assert tree["/soc/clock"].path == "/soc/clock@1000"
    assert "/soc/uart@9000" in tree
    assert "/soc/uart@b000" not in tree
    with pytest.raises(ovl.Error, match="ambiguous"):
        tree["/soc/uart"]


def test_o3_what_is_not_there_is_a_key_error_and_an_os_error(tree: ovl.Tree) -> None:
    with pytest.raises(KeyError, match="spi@1"):
        tree["/soc/spi@1"]
    with pytest.raises(FileNotFoundError) as missing:
        tree["/soc/uart@9000"]["no-such-property"]
    assert isinstance(missing.value, ovl.Error)
    assert missing.value.errno == errno.ENOENT
    assert missing.value.strerror == '/soc/uart@9000: no property "no-such-property"'


def test_o3_nodes_are_found_by_phandle_and_label(tree: ovl.Tree) -> None:
    clock = tree.by_label("clk")
    assert clock.path == "/soc/clock@1000"
    assert tree.by_phandle(clock.phandle) == clock
    with pytest.raises(ovl.NotFoundError):
        tree.by_label("no_such_label")
    with pytest.raises(ovl.NotFoundError):
        tree.by_phandle(0xDEAD)


def test_o3_nodes_are_found_by_compatible_in_order(tree: ovl.Tree) -> None:
    assert [node.path for node in tree.compatible("test,uart")] == ["/soc/uart@9000", "/soc/uart@a000"]
    assert list(tree.compatible("no,such")) == []
    assert tree["serial0"].is_compatible("NS16550A")
    assert not tree["serial0"].is_compatible("ns16550")


def test_o3_what_an_iterator_hands_out_may_be_closed(tree: ovl.Tree) -> None:
    for each in (tree.compatible("test,uart"), tree["/soc"], tree):
        seen = 0
        for node in each:
            with node:
                seen += 1
        assert seen >= 2


def test_iteration_goes_over_children_and_over_the_whole_tree(tree: ovl.Tree) -> None:
    assert [child.name for child in tree["/soc"]] == ["clock@1000", "uart@9000", "uart@a000"]
    assert [node.path for node in tree] == [
        "/",
        "/aliases",
        "/soc",
        "/soc/clock@1000",
        "/soc/uart@9000",
        "/soc/uart@a000",
        "/__symbols__",
    ]
    assert [node.name for node in tree["/soc"].walk()] == ["soc", "clock@1000", "uart@9000", "uart@a000"]


def test_nodes_know_their_place(tree: ovl.Tree) -> None:
    soc = tree["/soc"]
    assert tree.root.parent is None
    assert tree.root.name == ""
    assert soc.parent == tree.root
    assert soc.child("uart@a000").path == "/soc/uart@a000"
    assert soc.child("clock").parent == soc
    with pytest.raises(KeyError):
        soc.child("spi")
    assert tree["serial0"].is_available
    assert not tree["/soc/uart@a000"].is_available


def test_equal_nodes_are_the_same_node(tree: ovl.Tree, make_tree: MakeTree) -> None:
    assert tree["/soc"] == tree["/soc"]
    assert len({tree["/soc"], tree["/soc"], tree.root}) == 2
    assert tree["/soc"] != make_tree(BOARD)["/soc"]
    assert tree["/soc"] != "/soc"


def test_properties_are_a_mapping(tree: ovl.Tree) -> None:
    uart = tree["serial0"]
    assert "reg" in uart
    assert "status" not in uart
    assert uart.get("status") is None
    props = uart.props
    assert list(props) == ["compatible", "reg", "clocks", "big", "bytes", "wakeup-source", "phandle"][: len(props)]
    assert props["reg"].value == bytes.fromhex("00009000 00000100")
    assert props["wakeup-source"].value == b""
    assert uart["reg"].u32s() == [0x9000, 0x100]
    assert uart["compatible"].strings() == ["test,uart", "ns16550a"]
    assert uart["wakeup-source"].strings() == []
    with pytest.raises(ValueError, match='"bytes": 3 bytes'):
        uart["bytes"].u32s()
    with pytest.raises(ValueError, match='"bytes" is not a list of strings'):
        uart["bytes"].strings()
    assert tree["/aliases"].props.keys() == {"serial0"}


def test_typed_reads(tree: ovl.Tree) -> None:
    uart = tree["serial0"]
    assert uart.read_u32("reg") == 0x9000
    assert uart.read_u64("big") == 0x0123456789ABCDEF
    assert uart.read_u32_array("clocks", 3)[1:] == [7, 8]
    assert uart.read_string("compatible") == "test,uart"
    assert uart.read_string("compatible", 1) == "ns16550a"
    assert uart.read_strings("compatible") == ["test,uart", "ns16550a"]
    assert uart.match_string("compatible", "ns16550a") == 1
    assert uart.read_bool("wakeup-source")
    assert not uart.read_bool("no-such-property")


@pytest.mark.parametrize(
    ("read", "argument", "number"),
    [
        ("read_u32", "missing", errno.EINVAL),
        ("read_u32", "wakeup-source", errno.ENODATA),
        ("read_u64", "bytes", errno.EOVERFLOW),
        ("read_string", "bytes", errno.EILSEQ),
        ("read_strings", "bytes", errno.EILSEQ),
        ("read_strings", "missing", errno.EINVAL),
    ],
)
def test_typed_reads_fail_as_in_linux(tree: ovl.Tree, read: str, argument: str, number: int) -> None:
    with pytest.raises(ovl.Error, match=f'/soc/uart@9000: property "{argument}"') as failed:
        getattr(tree["serial0"], read)(argument)
    assert failed.value.errno == number


def test_text_that_does_not_fit_the_first_buffer(make_tree: MakeTree) -> None:
    text, name = "x" * 5000, "n" * 300
    tree = make_tree(f'/dts-v1/; / {{ {name} {{ text = "{text}"; }}; }};')
    assert tree[f"/{name}"].path == f"/{name}"
    assert tree[f"/{name}"].read_string("text") == text


def test_phandles_with_arguments(tree: ovl.Tree) -> None:
    uart = tree["serial0"]
    node, args = uart.phandle_args("clocks", "#clock-cells", 1)
    assert (node.path, args) == ("/soc/clock@1000", [9, 10])
    assert uart.phandle_args("clocks").args == []
    with pytest.raises(ovl.NotFoundError, match="no entry 2"):
        uart.phandle_args("clocks", "#clock-cells", 2)
    with pytest.raises(ovl.Error, match="which has no #gpio-cells") as failed:
        uart.phandle_args("clocks", "#gpio-cells")
    assert failed.value.errno == errno.EINVAL


def test_o4_a_tree_is_written_as_it_was_read(tree: ovl.Tree) -> None:
    blob = tree.to_fdt()
    with ovl.Tree.from_bytes(blob) as again:
        assert tree.diff(again) == ""
        assert again.to_fdt() == blob
    source = subprocess.run(
        ["dtc", "-q", "-I", "dtb", "-O", "dts"], input=blob, stdout=subprocess.PIPE, check=True
    ).stdout
    assert b"/memreserve/\t0x0000000000001000 0x0000000000002000;" in source


def test_o4_source_compiles_to_the_same_tree(tree: ovl.Tree) -> None:
    source = tree.to_dts()
    assert "uart0: uart@9000 {" in source
    compiled = subprocess.run(
        ["dtc", "-q", "-I", "dts", "-O", "dtb"], input=source.encode(), stdout=subprocess.PIPE, check=True
    ).stdout
    with ovl.Tree.from_bytes(compiled) as again:
        assert tree.diff(again) == ""


def test_source_can_be_sorted(make_tree: MakeTree) -> None:
    tree = make_tree("/dts-v1/; / { b { }; a { }; };")
    assert tree.to_dts().index("b {") < tree.to_dts().index("a {")
    assert tree.to_dts(sorted=True).index("b {") > tree.to_dts(sorted=True).index("a {")


def test_diff_names_what_differs(make_tree: MakeTree) -> None:
    a = make_tree("/dts-v1/; / { x = <1>; one { }; two { }; };")
    b = make_tree("/dts-v1/; / { x = <2>; two { }; one { }; three { }; };")
    assert a.diff(b).splitlines() == ["- /: x = <0x1>", "+ /: x = <0x2>", "+ /three", "~ /: order of nodes"]
    assert a.diff(b, any_order=True).splitlines() == ["- /: x = <0x1>", "+ /: x = <0x2>", "+ /three"]
    assert a.diff(a) == ""


def test_a_new_tree_has_an_empty_root() -> None:
    with ovl.Tree.new() as tree:
        assert [node.path for node in tree] == ["/"]
        assert tree.root.props == {}


def test_trees_come_from_files_and_from_standard_input(tmp_path: pathlib.Path, tree: ovl.Tree) -> None:
    file = tmp_path / "board.dtb"
    file.write_bytes(tree.to_fdt())
    for path in (file, str(file)):
        with ovl.Tree.from_file(path) as same:
            assert tree.diff(same) == ""
    program = "import ovl; print(ovl.Tree.from_file('-').root.read_string('model'))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with file.open("rb") as stdin:
        said = subprocess.run(
            [sys.executable, "-P", "-c", program], stdin=stdin, stdout=subprocess.PIPE, env=environment, check=True
        ).stdout
    assert said == b"Test board\n"


def test_a_file_that_is_not_there_is_named(tmp_path: pathlib.Path) -> None:
    for read in (ovl.Tree.from_file, ovl.Tree.from_dir):
        with pytest.raises(FileNotFoundError, match="no-such-file"):
            read(tmp_path / "no-such-file")


def test_trees_come_from_directories(tmp_path: pathlib.Path) -> None:
    (tmp_path / "cpus" / "cpu@0").mkdir(parents=True)
    (tmp_path / "model").write_bytes(b"From a directory\0")
    (tmp_path / "cpus" / "cpu@0" / "reg").write_bytes(bytes(4))
    with ovl.Tree.from_dir(tmp_path) as tree:
        assert tree.root.read_string("model") == "From a directory"
        assert tree["/cpus/cpu@0"].read_u32("reg") == 0


def test_a_nul_in_text_is_refused_and_does_not_cut_it(tree: ovl.Tree) -> None:
    with pytest.raises(ValueError, match="a NUL"):
        tree["/soc\0/uart@9000"]
