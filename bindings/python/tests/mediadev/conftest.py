# SPDX-License-Identifier: MIT OR Apache-2.0
"""After every test: nothing is still held."""

import gc
from collections.abc import Iterator

import mediadev
import pytest


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """K6: tracking says who still holds something at the end."""
    mediadev.set_tracking(1)
    # What a test that has failed holds is its own affair.
    before = mediadev.holders().splitlines()
    yield
    gc.collect()
    assert [each for each in mediadev.holders().splitlines() if each not in before] == []
