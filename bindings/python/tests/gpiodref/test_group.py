# SPDX-License-Identifier: MIT OR Apache-2.0
"""Groups: lines that are requested, read and set together."""

import errno

import pytest
from gpiodref import BusyError, Config, DeniedError, Edge, Error, GoneError, Sim, Wait

from .test_events import press


def levels(sim: Sim, lines: list[int]) -> list[int]:
    return [sim.level(line) for line in lines]


def test_values_are_bits_lists_and_dictionaries(sim: Sim) -> None:
    with sim.chip.request_group([5, 0, "WP"], Config.output(1), consumer="bus") as group:
        assert (len(group), group.offsets, group.chip) == (3, [5, 0, 1], sim.chip)
        assert repr(group) == f"<gpiodref.Group [5, 0, 1] of {sim.chip.name}>"
        assert (group.get_mask(), group.values, group.get()) == (7, [1, 1, 1], {5: 1, 0: 1, 1: 1})
        group.set_mask(0b001)
        assert levels(sim, [5, 0, 1]) == [1, 0, 0]
        group.set_mask(0b110, mask=0b010)
        assert levels(sim, [5, 0, 1]) == [1, 1, 0]
        assert group.get_mask(0b101) == 0b001
        group.values = [0, 1, 1]
        assert levels(sim, [5, 0, 1]) == [0, 1, 1]
        group.set({1: 0, 5: 1})
        assert levels(sim, [5, 0, 1]) == [1, 1, 0]
        assert group.get([1, 5]) == {1: 0, 5: 1}


def test_what_does_not_fit_the_group_is_refused(sim: Sim) -> None:
    with sim.chip.request_group([0, 1], Config.output()) as group:
        for call in (
            lambda: group.get([2]),
            lambda: group.set({2: 1}),
            lambda: group.set({0: 2}),
            lambda: setattr(group, "values", [1]),
            lambda: group.set_mask(1 << 64),
            lambda: group.get_mask(-1),
        ):
            with pytest.raises(ValueError):
                call()
        for mask in (0, 4):
            with pytest.raises(Error) as refused:
                group.get_mask(mask)
            assert refused.value.errno == errno.EINVAL
    with sim.chip.request_group([0, 1], Config.input()) as group, pytest.raises(DeniedError):
        group.values = [1, 1]


def test_each_line_can_have_a_configuration_of_its_own(sim: Sim) -> None:
    configs = [Config.output(1), Config.input(Edge.BOTH), None]
    with sim.chip.request_group(["LED", "BUTTON", "RESET"], configs) as group:
        sim.pull("BUTTON", 1)
        assert group.values == [1, 1, 0]
        with pytest.raises(DeniedError):
            group.set_mask(0)
        group.set_mask(0, mask=0b001)
        group.reconfigure([Config.input(), Config.output(0), Config.output(1, active_low=True)])
        assert levels(sim, [0, 2, 3]) == [0, 0, 0]
        assert group.values == [0, 0, 1]
        group.reconfigure(Config.output(1))
        assert levels(sim, [0, 2, 3]) == [1, 1, 1]
        with pytest.raises(Error, match="count is 2, and the group has 3"):
            group.reconfigure([None, None])
    with pytest.raises(ValueError, match="2 configurations for 1 line"):
        sim.chip.request_group([0], [None, None])


def test_g2_the_lines_are_free_with_the_last_handle(sim: Sim) -> None:
    group = sim.chip.request_group([0, 1], Config.output())
    again = group.share()
    assert again == group
    group.close()
    again.values = [1, 0]
    with pytest.raises(BusyError):
        sim.chip.request(1)
    again.close()
    assert not any(info.used for info in sim.chip.infos())
    with pytest.raises(ValueError, match="the Group is closed"):
        again.values


def test_g3_all_lines_or_none(sim: Sim) -> None:
    with sim.chip.request(1, consumer="first"):
        with pytest.raises(BusyError, match='line 1 "WP".*held by "first"'):
            sim.chip.request_group([0, 1])
        assert not sim.chip.info(0).used
    with pytest.raises(BusyError):
        sim.chip.request_group([0, 0])
    with pytest.raises(Error):
        sim.chip.request_group([])


def test_g7_a_request_has_64_lines_at_most() -> None:
    with Sim.new("large", 70) as sim:
        with sim.chip.request_group(range(64), Config.output()) as group:
            group.set_mask(2**64 - 1)
            assert group.values == [1] * 64
            group.set({63: 0})
            assert (group.get_mask(), group.get([63])) == (2**63 - 1, {63: 0})
        with pytest.raises(Error, match="65 lines, and 64 is the most") as many:
            sim.chip.request_group(range(65))
        assert many.value.errno == errno.E2BIG


def test_g4_g5_a_group_of_a_gone_chip_is_numb(sim: Sim) -> None:
    group = sim.chip.request_group(["LED", "BUTTON"], Config.input(Edge.BOTH))
    press(sim)
    press(sim, line="LED")
    sim.remove()
    assert not group.is_alive
    assert (group.offsets, group.chip.label) == ([0, 2], "board")
    for call in (group.get_mask, group.get, lambda: group.set({0: 1}), lambda: group.reconfigure(None)):
        with pytest.raises(GoneError):
            call()
    assert group.wait() is Wait.EVENT
    assert [(event.offset, event.line_seqno, event.global_seqno) for event in group.events()] == [
        (2, 1, 1),
        (2, 2, 2),
        (0, 1, 3),
        (0, 2, 4),
    ]
    assert (group.events_lost, group.wait()) == (0, Wait.GONE)
    with Sim.new("board", names=["BUTTON", "LED"]), group.reattach() as again:
        assert again.offsets == [1, 0]


def test_lines_of_this_process_have_no_file_descriptor_of_the_system(sim: Sim) -> None:
    with sim.chip.request_group([0, 1]) as group, pytest.raises(Error) as refused:
        group.export_fd()
    assert refused.value.errno == errno.EOPNOTSUPP
