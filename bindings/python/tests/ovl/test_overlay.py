# SPDX-License-Identifier: MIT OR Apache-2.0
"""Overlays: applied in three modes, checked, removed in any order that leaves nothing dangling, told apart by origin."""

import errno
import pathlib
import subprocess

import ovl
import pytest

from .conftest import BOARD, DISPLAY, HAT, LED, MakeTree, dtc, overlay


def test_o5_the_blob_is_copied(tree: ovl.Tree) -> None:
    blob = bytearray(dtc(HAT))
    with tree.apply(blob):
        blob[:] = bytes(len(blob))
        assert tree["/soc/thermometer@48"].read_string("compatible") == "test,thermometer"


def test_o6_references_lead_to_the_overlays_own_nodes(tree: ovl.Tree) -> None:
    with tree.apply(overlay("&soc { bus: bus { }; user { bus = <&bus>; }; };")):
        assert tree["/soc/user"].phandle_args("bus").node == tree["/soc/bus"]


def test_o7_an_unknown_label_is_named_with_path_and_property(tree: ovl.Tree) -> None:
    before = tree.to_fdt()
    blob = overlay("&soc { user { clocks = <&no_such_clock>; }; };")
    with pytest.raises(ovl.Error) as refused:
        tree.apply(blob, name="hat.dtbo")
    assert refused.value.errno == errno.EINVAL
    for part in ("hat.dtbo", "no_such_clock", "clocks", "user"):
        assert part in str(refused.value)
    assert tree.to_fdt() == before


def test_o7_a_file_gives_the_overlay_its_name(tree: ovl.Tree, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "bad-hat.dtbo"
    file.write_bytes(overlay("&no_such_label { };"))
    with pytest.raises(ovl.Error, match=r"overlay bad-hat\.dtbo: .*no_such_label"):
        tree.apply(file)
    file.write_bytes(dtc(HAT))
    assert tree.apply(str(file)).name == "bad-hat.dtbo"
    assert [applied.name for applied in tree.overlays] == ["bad-hat.dtbo"]
    assert tree.apply(dtc(LED), name="led").name == "led"


def test_o8_target_paths_start_at_the_base_node(make_tree: MakeTree) -> None:
    tree = make_tree("/dts-v1/; / { card@0 { dev { }; }; card@1 { dev { }; }; };")
    blob = dtc('/dts-v1/; / { fragment@0 { target-path = "dev"; __overlay__ { new { }; }; }; };')
    with tree.apply(blob, base=tree["/card@1"]):
        assert "/card@1/dev/new" in tree
        assert "/card@0/dev/new" not in tree
    with pytest.raises(ovl.Error, match="another tree"):
        tree.apply(blob, base=make_tree("/dts-v1/; / { };").root)


def test_o9_labels_of_an_overlay_are_labels_of_the_tree(tree: ovl.Tree) -> None:
    with tree.apply(dtc(HAT)):
        assert tree.by_label("thermometer").path == "/soc/thermometer@48"
        with tree.apply(dtc(DISPLAY)):
            assert tree["/display"].phandle_args("source").node == tree["/soc/thermometer@48"]
    with pytest.raises(ovl.NotFoundError):
        tree.by_label("thermometer")


def test_o9_modes_differ_where_they_should(make_tree: MakeTree) -> None:
    # A tree without symbols, and an overlay that brings one.
    blob = dtc('/dts-v1/; /plugin/; / { fragment@0 { target-path = "/"; __overlay__ { l: new { }; }; }; };')
    source = subprocess.run(
        ["dtc", "-q", "-I", "dts", "-O", "dtb"], input=b"/dts-v1/; / { };", stdout=subprocess.PIPE, check=True
    ).stdout
    with ovl.Tree.from_bytes(source) as tree:
        with pytest.raises(ovl.Error) as refused:
            tree.apply(blob, mode="linux")
        assert refused.value.errno == errno.EINVAL
        with tree.apply(blob, mode="default"):
            assert tree.by_label("l").path == "/new"
    with pytest.raises(ValueError, match="'bsd', not one of 'default', 'linux', 'libfdt'"):
        make_tree(BOARD).apply(blob, mode="bsd")  # type: ignore[arg-type]


def test_o11_two_fragments_that_add_the_same_node_merge_only_in_libfdt_mode(tree: ovl.Tree) -> None:
    blob = overlay("&soc { twice { a; }; }; &{/soc} { twice { b; }; };")
    for mode in ("default", "linux"):
        with pytest.raises(ovl.Error, match="twice") as refused:
            tree.apply(blob, mode=mode)
        assert refused.value.errno == errno.EINVAL
    with tree.apply(blob, mode="libfdt"):
        assert list(tree["/soc/twice"].props) == ["a", "b"]


def test_o11_libfdt_mode_gives_what_fdtoverlay_gives(tree: ovl.Tree, tmp_path: pathlib.Path) -> None:
    base, hat, out = tmp_path / "base.dtb", tmp_path / "hat.dtbo", tmp_path / "out.dtb"
    base.write_bytes(tree.to_fdt())
    hat.write_bytes(dtc(HAT))
    subprocess.run(["fdtoverlay", "-i", base, "-o", out, hat], check=True)
    with tree.apply(hat, mode="libfdt"), ovl.Tree.from_file(out) as theirs:
        assert tree.diff(theirs, any_order=True) == ""


def test_o12_a_refused_overlay_leaves_nothing_behind(tree: ovl.Tree) -> None:
    before = tree.to_fdt()
    with pytest.raises(ovl.Error):
        tree.apply(overlay("&soc { first { }; }; &no_such_label { };"))
    assert tree.overlays == []
    assert tree.to_fdt() == before


def test_o13_a_dry_run_reports_every_problem_and_every_change(tree: ovl.Tree) -> None:
    before = tree.to_fdt()
    good = tree.check(dtc(HAT))
    assert good.ok and good.problems == []
    assert "attach /soc/thermometer@48" in good.changes
    assert "change: attach /soc/thermometer@48\n" in good
    bad = tree.check(overlay("&first_unknown { }; &second_unknown { };"), name="bad.dtbo")
    assert not bad.ok and bad.errno == errno.EINVAL
    for label in ("first_unknown", "second_unknown"):
        assert any(f'label "{label}"' in problem and "bad.dtbo" in problem for problem in bad.problems)
    assert tree.to_fdt() == before


def test_o13_a_dry_run_that_cannot_be_made_raises(tree: ovl.Tree) -> None:
    with tree.apply(dtc(HAT)):
        gone = tree["/soc/thermometer@48"]
    with pytest.raises(ovl.Error, match="thermometer@48") as refused:
        tree.check(dtc(LED), base=gone)
    assert refused.value.errno == errno.ENODEV


def test_o14_removing_restores_the_tree_to_the_byte(tree: ovl.Tree) -> None:
    before = tree.to_fdt()
    hat = tree.apply(dtc(HAT))
    assert tree.to_fdt() != before
    hat.remove()
    assert tree.to_fdt() == before
    with pytest.raises(ovl.NotFoundError, match=f"no overlay {hat.id}"):
        hat.remove()
    with pytest.raises(ovl.Error) as gone:
        hat.remove(mode="linux")
    assert gone.value.errno == errno.ENODEV


def test_o14_a_with_block_removes_its_overlay_once(tree: ovl.Tree) -> None:
    before = tree.to_fdt()
    with tree.apply(dtc(HAT)) as hat:
        assert hat.is_applied
    assert not hat.is_applied
    with tree.apply(dtc(HAT)) as hat:
        hat.remove()
    with tree.apply(dtc(HAT)), tree.apply(dtc(LED)):
        tree.remove_all()
    assert tree.overlays == []
    assert tree.to_fdt() == before


def test_o15_linux_removes_only_what_is_on_top(tree: ovl.Tree) -> None:
    # Both touch /soc/uart@9000.
    hat, led = tree.apply(dtc(HAT)), tree.apply(dtc(LED))
    with pytest.raises(ovl.Error) as busy:
        hat.remove(mode="linux")
    assert busy.value.errno == errno.EBUSY
    assert f"overlay {led.id}" in str(busy.value)
    led.remove(mode="linux")
    hat.remove(mode="linux")


def test_o16_overlays_are_removed_out_of_order(tree: ovl.Tree) -> None:
    before = tree.to_fdt()
    hat, led = tree.apply(dtc(HAT)), tree.apply(dtc(LED))
    uart = tree["serial0"]
    assert uart.read_string("status") == "disabled"
    hat.remove()
    assert uart.read_string("status") == "disabled", "the value on top stays in force"
    led.remove()
    assert "status" not in uart
    assert tree.to_fdt() == before


def test_o16_what_others_stand_on_is_not_removed(tree: ovl.Tree) -> None:
    hat, display = tree.apply(dtc(HAT), name="hat"), tree.apply(dtc(DISPLAY), name="display")
    with pytest.raises(ovl.Error, match=r"\(display\) refers to /soc/thermometer@48") as busy:
        hat.remove()
    assert busy.value.errno == errno.EBUSY
    display.remove()
    hat.remove()


def test_overlays_are_listed_in_their_order(tree: ovl.Tree) -> None:
    hat, led = tree.apply(dtc(HAT), name="hat"), tree.apply(dtc(LED))
    assert tree.overlays == [hat, led]
    assert [(applied.id, applied.name) for applied in tree.overlays] == [(hat.id, "hat"), (led.id, None)]
    assert repr(hat) == f"<ovl.Overlay {hat.id} (hat)>"
    hat.remove()
    assert tree.overlays == [led]


def test_k7_ids_are_never_given_twice(tree: ovl.Tree, make_tree: MakeTree) -> None:
    ids = []
    for each in (tree, make_tree(BOARD), tree):
        with each.apply(dtc(HAT)) as hat:
            ids.append(hat.id)
    assert len(set(ids)) == 3


def test_o24_everything_knows_who_brought_it(tree: ovl.Tree) -> None:
    with tree.apply(dtc(HAT), name="hat") as hat:
        assert tree["/soc/thermometer@48"].origin == hat.id
        assert tree["serial0"].origin == 0
        assert tree["serial0"]["status"].origin == hat.id
        assert tree["serial0"]["reg"].origin == 0
        assert f"/* overlay {hat.id} (hat) */" in tree.to_dts(origins=True)
        assert "/* overlay" not in tree.to_dts()
