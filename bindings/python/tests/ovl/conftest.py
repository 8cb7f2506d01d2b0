# SPDX-License-Identifier: MIT OR Apache-2.0
"""A small board and overlays for it, from source; and after every test: nothing of any tree is still held."""

import functools
import gc
import subprocess
from collections.abc import Callable, Iterator

import ovl
import pytest

BOARD = """
/dts-v1/;
/memreserve/ 0x1000 0x2000;
/ {
    model = "Test board";
    compatible = "test,board", "test,family";
    aliases { serial0 = &uart0; };
    soc: soc {
        #address-cells = <1>;
        #size-cells = <1>;
        clk: clock@1000 { compatible = "test,clock"; reg = <0x1000 4>; #clock-cells = <2>; };
        uart0: uart@9000 {
            compatible = "test,uart", "ns16550a";
            reg = <0x9000 0x100>;
            clocks = <&clk 7 8>, <&clk 9 10>;
            big = /bits/ 64 <0x0123456789abcdef>;
            bytes = [01 02 03];
            wakeup-source;
        };
        uart@a000 { compatible = "test,uart"; status = "disabled"; };
    };
};
"""

# Two sensors on the bus, and a new status of the second uart.
HAT = """
/dts-v1/;
/plugin/;
&soc {
    thermometer: thermometer@48 {
        compatible = "test,thermometer";
        reg = <0x48 1>;
        clocks = <&clk 1 2>;
        probe { label = "outside"; };
    };
    hygrometer@49 { compatible = "test,hygrometer"; };
};
&uart0 { status = "okay"; };
"""

# Depends on the hat: it refers to the thermometer.
DISPLAY = """
/dts-v1/;
/plugin/;
&{/} { display { source = <&thermometer>; }; };
"""

# Stands on nothing but the board.
LED = """
/dts-v1/;
/plugin/;
&uart0 { status = "disabled"; led { }; };
"""


@functools.cache
def dtc(source: str) -> bytes:
    """Source as a blob, with symbols."""
    return subprocess.run(
        ["dtc", "-q", "-@", "-I", "dts", "-O", "dtb"], input=source.encode(), stdout=subprocess.PIPE, check=True
    ).stdout


def overlay(fragments: str) -> bytes:
    """An overlay of these fragments."""
    return dtc("/dts-v1/; /plugin/; " + fragments)


MakeTree = Callable[[str], ovl.Tree]


@pytest.fixture
def make_tree() -> Iterator[MakeTree]:
    """Makes trees of source. At the end of the test nothing of them may be held."""
    trees: list[ovl.Tree] = []

    def make(source: str) -> ovl.Tree:
        trees.append(ovl.Tree.from_bytes(dtc(source)))
        return trees[-1]

    yield make
    gc.collect()
    held = [tree.holders() for tree in trees if not tree.closed]
    for tree in trees:
        tree.close()
    assert not any(held), "".join(held)


@pytest.fixture
def tree(make_tree: MakeTree) -> ovl.Tree:
    """The board."""
    return make_tree(BOARD)


@pytest.fixture
def tracking() -> Iterator[None]:
    """Holders are named during the test."""
    ovl.set_tracking(1)
    yield
    ovl.set_tracking(0)
