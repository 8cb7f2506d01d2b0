# SPDX-License-Identifier: MIT OR Apache-2.0
"""A simulated board; and after every test: nothing is still held."""

import gc
from collections.abc import Iterator

import gpiodref
import pytest
from gpiodref import Sim

NAMES = ["LED", "WP", "BUTTON", "RESET", None, None, "TWICE", "TWICE"]


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """K6: tracking says who still holds something at the end."""
    gpiodref.set_tracking(1)
    # What a test that has failed holds is its own affair.
    before = gpiodref.holders().splitlines(), gpiodref.chips()
    yield
    gc.collect()
    after = gpiodref.holders().splitlines(), gpiodref.chips()
    assert [[each for each in now if each not in then] for now, then in zip(after, before)] == [[], []]


@pytest.fixture
def sim() -> Iterator[Sim]:
    """The board."""
    with Sim.new("board", names=NAMES) as sim:
        yield sim
