# SPDX-License-Identifier: MIT OR Apache-2.0
"""Chips: found, listed, asked, and gone."""

import errno
import re
import select

import gpiodref
import pytest
from gpiodref import BusyError, Chip, Config, Direction, GoneError, NotFoundError, Sim


def test_a_chip_is_opened_by_name_and_by_label(sim: Sim) -> None:
    chip = sim.chip
    assert (chip.label, chip.num_lines, chip.is_alive) == ("board", 8, True)
    with Chip.open("board") as by_label, Chip.open(chip.name) as by_name:
        assert by_label == by_name == chip
        assert len({by_label, by_name, chip}) == 1
        assert repr(by_label) == f"<gpiodref.Chip {chip.name} (board)>"
    assert chip.name in gpiodref.chips()
    with pytest.raises(NotFoundError, match='"missing"') as missing:
        Chip.open("missing")
    assert isinstance(missing.value, FileNotFoundError) and missing.value.errno == errno.ENOENT
    with pytest.raises(ValueError, match="NUL"):
        Chip.open("a\0b")
    with Sim.new("board", 1), pytest.raises(gpiodref.Error, match="both have the label") as twice:
        Chip.open("board")
    assert twice.value.errno == errno.ENOTUNIQ


def test_chips_are_listed_in_their_order(sim: Sim) -> None:
    with Sim.new("second", 1) as second:
        names = [name for name in gpiodref.chips() if name.startswith("virtual")]
        assert names == [sim.chip.name, second.chip.name]


def test_k7_a_name_is_not_used_twice(sim: Sim) -> None:
    name = sim.chip.name
    sim.remove()
    with Sim.new("board", 1) as second:
        assert second.chip.name != name
        with Chip.open("board") as chip:
            assert chip == second.chip


def test_lines_are_found_by_name_and_number(sim: Sim) -> None:
    chip = sim.chip
    assert [chip.find_line(key) for key in ("LED", "WP", "5")] == [0, 1, 5]
    for key, number in [("NONE", errno.ENOENT), ("TWICE", errno.ENOTUNIQ), ("8", errno.EINVAL)]:
        with pytest.raises(gpiodref.Error) as failure:
            chip.find_line(key)
        assert failure.value.errno == number
    found = gpiodref.find_line("RESET")
    assert (found.chip, found.offset) == (chip, 3)
    with pytest.raises(NotFoundError, match='"NONE"'):
        gpiodref.find_line("NONE")


def test_a_line_is_described(sim: Sim) -> None:
    chip = sim.chip
    with chip.request("LED", Config.output(1, active_low=True), consumer="blinker"):
        info = chip.info("LED")
        assert (info.offset, info.name, info.consumer, info.used) == (0, "LED", "blinker", True)
        assert (info.direction, info.active_low) == (Direction.OUTPUT, True)
    after = chip.info(0)
    assert (after.consumer, after.used, after.active_low) == ("", False, False)
    assert [info.offset for info in chip.infos()] == list(range(8))
    with pytest.raises(gpiodref.Error, match="no line 8"):
        chip.info(8)
    with pytest.raises(ValueError, match="32 bits"):
        chip.info(1 << 32)
    with pytest.raises(ValueError, match="-1"):
        chip.info(-1)


def test_g4_a_chip_that_is_gone_still_has_its_names(sim: Sim) -> None:
    chip = sim.chip
    name = chip.name
    poll = select.poll()
    poll.register(chip)
    assert poll.poll(0) == []
    sim.remove()
    assert poll.poll(0)[0][1] & (select.POLLHUP | select.POLLERR)
    assert not chip.is_alive
    assert (chip.name, chip.label, chip.num_lines) == (name, "board", 8)
    for call in (lambda: chip.info(0), lambda: chip.request(0), lambda: chip.request_group([0, 1]), chip.watch):
        with pytest.raises(GoneError, match="board") as gone:
            call()
        assert gone.value.errno == errno.ENODEV
    assert name not in gpiodref.chips()
    with pytest.raises(NotFoundError):
        Chip.open("board")


def test_g1_holding_a_chip_keeps_no_line_claimed(sim: Sim) -> None:
    with sim.chip.request("LED") as line:
        chip = line.chip
    assert chip == sim.chip
    assert not chip.info("LED").used


def test_g8_a_hog_has_its_line_until_the_chip_goes(sim: Sim) -> None:
    chip = sim.chip
    chip.hog("RESET", "reset-n", 1)
    assert (sim.level("RESET"), chip.info("RESET").consumer) == (1, "reset-n")
    with pytest.raises(BusyError, match="reset-n"):
        chip.request("RESET")
    with pytest.raises(BusyError):
        chip.hog("RESET", "another", 0)
    with pytest.raises(ValueError):
        chip.hog("LED", "led", 2)
    sim.remove()
    assert sim.level("RESET") == 1


def test_closing_gives_back_at_once_and_twice_is_allowed(sim: Sim) -> None:
    def held() -> int:
        return sum(int(count) for count in re.findall(r"(\d+) × gpiodref_chip", gpiodref.holders()))

    before = held()
    chip = Chip.open("board")
    assert held() == before + 1
    chip.close()
    chip.close()
    assert held() == before
    assert repr(chip) == "<gpiodref.Chip closed>"
    for call in (lambda: chip.name, lambda: chip.info(0), chip.fileno, chip.__enter__):
        with pytest.raises(ValueError, match="the Chip is closed"):
            call()
