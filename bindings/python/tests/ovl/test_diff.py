# SPDX-License-Identifier: MIT OR Apache-2.0
"""Differences: as text, as dictionaries, and as an overlay that makes the one tree of the other."""

import ovl
import pytest

from .conftest import MakeTree, overlay


def test_o26_the_difference_as_an_overlay(tree: ovl.Tree) -> None:
    before = tree.to_fdt()
    with tree.apply(overlay("&soc { new { compatible = \"test,new\"; }; };")):
        other = ovl.Tree.from_bytes(tree.to_fdt())
    made = tree.diff_overlay(other)
    assert tree.to_fdt() == before
    with tree.apply(made):
        assert tree.diff(other, any_order=True, any_phandles=True) == ""
    with pytest.raises(ovl.Error, match="the second tree lacks this node"):
        other.diff_overlay(tree)
    with other.apply(other.diff_overlay(tree, missing="disable")):
        assert not other["/soc/new"].is_available
    with other.apply(other.diff_overlay(tree, missing="keep")):
        assert other["/soc/new"].is_available
    with pytest.raises(ValueError, match="missing is 'x'"):
        other.diff_overlay(tree, missing="x")


def test_o26_differences_as_dictionaries(make_tree: MakeTree) -> None:
    a = make_tree("/dts-v1/; / { p = <1>; old { }; };")
    b = make_tree("/dts-v1/; / { p = <2>; };")
    assert a.differences(b) == [
        {"change": "remove", "path": "/", "property": "p", "value": "<0x1>", "bytes": "00000001"},
        {"change": "add", "path": "/", "property": "p", "value": "<0x2>", "bytes": "00000002"},
        {"change": "remove", "path": "/old"},
    ]
    assert a.differences(a) == []


def test_o26_phandles_are_passed_over(make_tree: MakeTree) -> None:
    a, b = (
        make_tree(f"/dts-v1/; / {{ x {{ phandle = <{n}>; }}; y {{ vdd-supply = <{n}>; }}; }};") for n in (1, 2)
    )
    assert a.diff(b) != ""
    assert a.diff(b, any_phandles=True) == ""
