# SPDX-License-Identifier: MIT OR Apache-2.0
"""Parameters: listed, set, applied."""

import errno
import pathlib

import ovl
import pytest
from ovl import ParamTarget

from .conftest import MakeTree, dtc

CLOCK = """
/dts-v1/;
/plugin/;
/ {
    fragment@0 {
        target-path = "/soc";
        __overlay__ { rtc: rtc@68 { compatible = "acme,rtc"; reg = <0x68>; clocks = <0>; }; };
    };
    fragment@1 { target-path = "/"; __dormant__ { alarm; }; };
    __overrides__ {
        addr = <&rtc>, "reg:0";
        wakeup = <&rtc>, "wakeup-source?";
        label = <&rtc>, "label{a=alpha,b}";
        alarm = <0>, "=1";
        clock = <&rtc>, "clocks:0=", <&clk>;
        nothing;
    };
};
"""
RTC = "/fragment@0/__overlay__/rtc@68"


def test_o29_parameters_are_listed(tmp_path: pathlib.Path) -> None:
    assert ovl.params(dtc(CLOCK)) == {
        "addr": [ParamTarget("u32", 0, RTC, "reg", "")],
        "wakeup": [ParamTarget("bool", None, RTC, "wakeup-source", "")],
        "label": [ParamTarget("string", None, RTC, "label", "{a=alpha,b}")],
        "alarm": [ParamTarget("fragments", None, "/", "=1", "")],
        "clock": [ParamTarget("u32", 0, RTC, "clocks", "=&clk")],
        "nothing": [],
    }
    file = tmp_path / "clock.dtbo"
    file.write_bytes(dtc(CLOCK))
    assert ovl.params(file) == ovl.params(dtc(CLOCK))
    assert ovl.params(dtc("/dts-v1/; / { };")) == {}


def test_o14_o29_an_overlay_is_applied_with_parameters_and_removed(tree: ovl.Tree, tmp_path: pathlib.Path) -> None:
    before = tree.to_fdt()
    file = tmp_path / "clock.dtbo"
    file.write_bytes(dtc(CLOCK))
    params: ovl.Params = {"addr": 0x51, "wakeup": True, "label": "a", "alarm": "on", "clock": ""}
    assert tree.check(file, params=params).ok
    with tree.apply(file, params=params), tree.apply(file, params={"addr": 0x52}):
        rtc = tree["/soc/rtc@51"]
        assert rtc["reg"].u32s() == [0x51]
        assert rtc.read_bool("wakeup-source")
        assert rtc.read_string("label") == "alpha"
        assert rtc.phandle_args("clocks").node == tree.by_label("clk")
        assert "alarm" in tree.root
        assert not tree["/soc/rtc@52"].read_bool("wakeup-source")
        rtc.close()
    assert tree.to_fdt() == before


def test_o29_parameters_of_a_base(make_tree: MakeTree) -> None:
    base = dtc('/dts-v1/; / { u: uart { status = "disabled"; }; __overrides__ { uart = <&u>, "status"; }; };')
    tree = ovl.Tree.from_bytes(ovl.set_params(base, {"uart": True}))
    assert tree["/uart"].is_available
    tree.close()
    assert ovl.set_params(base, {}) == base


@pytest.mark.parametrize(
    ("params", "number", "sentence"),
    [
        ({"speed": 1}, errno.ENOENT, r'overlay clock: no parameter "speed" among addr, wakeup, label'),
        ({"addr": "x"}, errno.EINVAL, r'"addr": .*rtc@68: property "reg": "x" is not a number'),
        ({"addr": 1 << 32}, errno.EOVERFLOW, r"does not fit 32 bits"),
        ({"label": "c"}, errno.EINVAL, r'"c" is not in its table, which has a, b'),
    ],
)
def test_o29_errors_say_what_was_expected(params: ovl.Params, number: int, sentence: str) -> None:
    with pytest.raises(ovl.Error, match=sentence) as refused:
        ovl.set_params(dtc(CLOCK), params, name="clock")
    assert refused.value.errno == number
