# SPDX-License-Identifier: MIT OR Apache-2.0
"""Lines that several components have (G3): one request, a line for each, and votes."""

import gpiodref
import pytest
from gpiodref import BusyError, Config, Edge, Error, GoneError, Sim, Wait

WP = Config.output(1, shared=True)


def test_g3_shared_on_all_sides_gives_each_a_line_of_his_own(sim: Sim) -> None:
    with sim.chip.request("WP", WP, consumer="eeprom") as one, sim.chip.request("WP", WP, consumer="flasher") as two:
        assert one != two
        assert (one.consumer, two.consumer) == ("eeprom", "flasher")
        assert sim.chip.info("WP").consumer == "eeprom", "the first settles what the system sees"
        with pytest.raises(BusyError, match="eeprom"):
            sim.chip.request("WP", Config.output())
        one.close()
        assert two.value == 1
        assert sim.chip.info("WP").used
    assert not sim.chip.info("WP").used


def test_g3_the_value_is_the_default_until_somebody_votes_otherwise(sim: Sim) -> None:
    one, two = (sim.chip.request("WP", WP, consumer=name) for name in ("one", "two"))
    two.vote(0)
    assert (sim.level("WP"), one.value) == (0, 0)
    one.vote(1)
    assert sim.level("WP") == 0, "a vote for the default does not outvote"
    one.value = 0
    two.value = 1
    assert sim.level("WP") == 0
    one.close()
    assert sim.level("WP") == 1, "closing takes the vote back"
    two.close()


def test_g3_a_line_that_is_not_shared_has_no_votes(sim: Sim) -> None:
    with sim.chip.request("WP", Config.output()) as line, pytest.raises(Error, match="not shared"):
        line.vote(1)


def test_g3_the_first_settles_the_configuration(sim: Sim) -> None:
    with sim.chip.request("WP", WP, consumer="eeprom") as line:
        with pytest.raises(BusyError, match='"eeprom" shares it with direction output instead of input'):
            sim.chip.request("WP", Config.input(shared=True), consumer="flasher")
        with pytest.raises(BusyError, match="active-low"):
            line.reconfigure(Config.output(1, shared=True, active_low=True))
        with pytest.raises(BusyError):
            line.direction_input()
        line.reconfigure(WP)


def test_g3_all_who_share_a_line_get_its_events(sim: Sim) -> None:
    config = Config.input(Edge.BOTH, shared=True)
    with sim.chip.request("BUTTON", config) as one, sim.chip.request("BUTTON", config) as two:
        sim.pull("BUTTON", 1)
        sim.pull("BUTTON", 0)
        edges = [Edge.RISING, Edge.FALLING]
        assert one.wait(1) is Wait.EVENT
        assert [event.edge for event in one.read_events()] == edges
        assert two.wait(0) is Wait.EVENT, "also what another one has read"
        assert [event.edge for event in two.read_events()] == edges
        assert (one.read_events(), two.read_events()) == ([], [])


def test_g4_all_who_share_a_line_see_that_it_is_gone(sim: Sim) -> None:
    lines = [sim.chip.request("WP", WP) for _ in range(3)]
    lines[0].vote(0)
    sim.remove()
    for line in lines:
        with pytest.raises(GoneError):
            line.vote(1)
        assert line.wait(0) is Wait.GONE
        line.close()
    assert sim.level("WP") == 0, "nobody sets back the value of a chip that is gone"


def test_k6_holders_are_named(sim: Sim) -> None:
    with gpiodref.tag("eeprom driver"), sim.chip.request("WP", WP):
        assert "eeprom driver" in gpiodref.holders()
