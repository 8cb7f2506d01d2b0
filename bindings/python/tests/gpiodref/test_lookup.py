# SPDX-License-Identifier: MIT OR Apache-2.0
"""Lines by what they are for (G8)."""

from collections.abc import Iterator

import gpiodref
import pytest
from gpiodref import BusyError, Config, NotFoundError, Sim


@pytest.fixture
def table() -> Iterator[None]:
    """The write-protect line of the EEPROM, which the board inverts and which several have; and two of a display."""
    gpiodref.table_add("eeprom0", "wp", "board", "WP", active_low=True, shared=True)
    gpiodref.table_add("display", "reset", "board", "RESET")
    gpiodref.table_add("display", "reset", "board", 5, index=1)
    yield
    gpiodref.table_remove("eeprom0", "wp")
    gpiodref.table_remove("display", "reset")
    gpiodref.table_remove("display", "reset", 1)


def test_g8_a_line_is_found_by_what_it_is_for(sim: Sim, table: None) -> None:
    with gpiodref.lookup("eeprom0", "wp", config=Config.output(1)) as wp:
        assert (wp.name, wp.consumer, sim.level("WP")) == ("WP", "eeprom0 wp", 0)
        assert wp.config == Config.output(1, active_low=True, shared=True)
        with gpiodref.lookup("eeprom0", "wp", config=Config.output(1)) as other:
            other.vote(0)
            assert sim.level("WP") == 1
    with gpiodref.lookup("display", "reset") as first, gpiodref.lookup("display", "reset", 1) as second:
        assert (first.offset, second.offset) == (3, 5)
        with pytest.raises(BusyError, match="display reset"):
            gpiodref.lookup("display", "reset")


def test_g8_an_active_low_configuration_inverts_once_more(sim: Sim, table: None) -> None:
    with gpiodref.lookup("eeprom0", "wp", config=Config.output(1, active_low=True)) as wp:
        assert (wp.value, sim.level("WP")) == (1, 1)


def test_g8_what_the_table_does_not_have_is_none_where_it_is_optional(sim: Sim, table: None) -> None:
    assert gpiodref.lookup_optional("eeprom0", "reset") is None
    assert gpiodref.lookup_optional("eeprom0", "wp", 1) is None
    with pytest.raises(NotFoundError, match='no line for eeprom0 "reset" 0'):
        gpiodref.lookup("eeprom0", "reset")
    with gpiodref.lookup_optional("eeprom0", "wp") or pytest.fail("the table has it") as wp:
        assert wp.offset == 1


def test_g8_an_entry_whose_chip_is_not_there_is_an_error_also_where_it_is_optional(table: None) -> None:
    for find in (gpiodref.lookup, gpiodref.lookup_optional):
        with pytest.raises(NotFoundError, match='label "board"'):
            find("eeprom0", "wp")


def test_g8_an_entry_is_there_once(table: None) -> None:
    with pytest.raises(BusyError, match='eeprom0 "wp" 0 is in the table already'):
        gpiodref.table_add("eeprom0", "wp", "board", "LED")
    with pytest.raises(NotFoundError):
        gpiodref.table_remove("eeprom0", "wp", 1)
    with pytest.raises(ValueError):
        gpiodref.table_add("eeprom0", "wp", "board", "LED", index=-1)
