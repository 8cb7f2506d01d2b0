# SPDX-License-Identifier: MIT OR Apache-2.0
"""Lines: claimed as long as somebody holds them, and numb when their chip is gone."""

import errno
import os
import pathlib

import gpiodref
import pytest
from gpiodref import (
    Bias,
    BusyError,
    Config,
    DeniedError,
    Direction,
    Drive,
    Edge,
    Error,
    GoneError,
    Line,
    NotFoundError,
    Sim,
)

from ..threads import interrupt, signals


def test_an_output_is_set_and_an_input_is_read(sim: Sim) -> None:
    with sim.chip.request("LED", Config.output(1), consumer="blinker") as led:
        assert (led.value, led.raw_value, sim.level("LED")) == (1, 1, 1)
        led.value = 0
        assert sim.level("LED") == 0
        assert (led.name, led.consumer, led.offset, led.chip) == ("LED", "blinker", 0, sim.chip)
        assert repr(led) == f'<gpiodref.Line 0 "LED" of {sim.chip.name}>'
    with sim.chip.request(4, Config.input()) as line:
        assert line.name == ""
        for level in (1, 0):
            sim.pull(4, level)
            assert line.value == level
        with pytest.raises(DeniedError, match="line 4") as denied:
            line.value = 1
        assert isinstance(denied.value, PermissionError) and denied.value.errno == errno.EPERM
        with pytest.raises(ValueError, match="value is 2"):
            line.value = 2


def test_logical_and_raw_values_differ_where_active_is_low(sim: Sim) -> None:
    with sim.chip.request("LED", Config.output(1, active_low=True)) as led:
        assert (led.value, led.raw_value, sim.level("LED")) == (1, 0, 0)
        led.raw_value = 1
        assert (led.value, sim.level("LED")) == (0, 1)


def test_a_line_is_configured_anew(sim: Sim) -> None:
    with sim.chip.request("LED") as line:
        assert line.config == Config()
        line.direction_output(1)
        assert (line.config, sim.level("LED")) == (Config.output(1), 1)
        line.direction_input()
        assert line.config == Config.input()
        wanted = Config.input(Edge.RISING, bias=Bias.PULL_UP, active_low=True, event_buffer=7)
        line.reconfigure(wanted)
        assert (line.config, line.raw_value) == (wanted, 1)
        assert (sim.chip.info("LED").bias, sim.chip.info("LED").edge) == (Bias.PULL_UP, Edge.RISING)
        line.reconfigure(Config.output(drive=Drive.OPEN_DRAIN))
        assert line.config.drive is Drive.OPEN_DRAIN
        line.reconfigure(None)
        assert sim.chip.info("LED").direction is Direction.OUTPUT, "as it was"
        with pytest.raises(Error, match="edge detection is for lines of direction input") as wrong:
            line.reconfigure(Config(Direction.OUTPUT, Edge.BOTH))
        assert wrong.value.errno == errno.EINVAL
        for broken in (Config(debounce_us=1 << 32), Config(event_buffer=-1), Config(value=2)):
            with pytest.raises(ValueError):
                line.reconfigure(broken)


def test_a_line_is_requested_by_its_name_alone(sim: Sim) -> None:
    with gpiodref.request("WP", Config.output(), consumer="eeprom") as line:
        assert (line.offset, line.chip, line.consumer) == (1, sim.chip, "eeprom")
    with pytest.raises(NotFoundError, match="NONE"):
        gpiodref.request("NONE")


def test_who_gives_no_name_has_the_programs(sim: Sim) -> None:
    comm = pathlib.Path("/proc/self/comm").read_text().strip()
    with sim.chip.request(0) as line:
        assert line.consumer == comm


def test_g2_the_line_is_free_with_the_last_handle_and_not_before(sim: Sim) -> None:
    first = sim.chip.request("WP", Config.output())
    second = first.share()
    assert first == second and hash(first) == hash(second)
    first.close()
    second.value = 1
    assert sim.level("WP") == 1
    with pytest.raises(BusyError):
        sim.chip.request("WP")
    second.close()
    sim.chip.request("WP").close()


def test_g2_what_python_forgets_is_free(sim: Sim) -> None:
    line = sim.chip.request("WP")
    del line
    assert not sim.chip.info("WP").used


def test_g2_a_weak_handle_keeps_no_line_claimed(sim: Sim) -> None:
    line = sim.chip.request("WP", Config.output(1))
    weak = line.weak()
    with weak.upgrade() or pytest.fail("it is held") as again:
        assert again == line
        line.close()
        assert again.value == 1
    assert not sim.chip.info("WP").used
    assert weak.upgrade() is None
    weak.close()
    with pytest.raises(ValueError, match="the WeakLine is closed"):
        weak.upgrade()


def test_g3_a_second_request_says_who_has_the_line(sim: Sim) -> None:
    with sim.chip.request("WP", consumer="eeprom driver"):
        with pytest.raises(BusyError, match='line 1 "WP": wanted by "flasher", held by "eeprom driver"') as busy:
            sim.chip.request("WP", consumer="flasher")
    assert busy.value.errno == errno.EBUSY


def test_g7_a_consumers_name_has_31_bytes(sim: Sim) -> None:
    with sim.chip.request(0, consumer="x" * 31) as line:
        assert sim.chip.info(0).consumer == line.consumer == "x" * 31
    with pytest.raises(Error, match="longer than 31 bytes"):
        sim.chip.request(0, consumer="x" * 32)


def test_g4_a_line_of_a_gone_chip_is_numb_and_keeps_its_names(sim: Sim) -> None:
    line = sim.chip.request("LED", Config.output(1, active_low=True), consumer="blinker")
    assert line.is_alive
    sim.remove()
    assert not line.is_alive
    assert (line.name, line.consumer, line.offset, line.chip.label) == ("LED", "blinker", 0, "board")
    assert line.config == Config.output(1, active_low=True)

    def write() -> None:
        line.value = 0

    calls = [
        lambda: line.value,
        lambda: line.raw_value,
        write,
        line.direction_input,
        lambda: line.direction_output(1),
        lambda: line.reconfigure(Config.input()),
        line.read_events,
    ]
    for call in calls:
        with pytest.raises(GoneError, match='line 0 "LED"') as gone:
            call()
        assert gone.value.errno == errno.ENODEV
    line.share().close()
    line.close()


def test_g4_nothing_comes_back_by_itself_and_reattaching_finds_line_and_configuration(sim: Sim) -> None:
    config = Config.output(1, active_low=True)
    old = sim.chip.request("LED", config, consumer="blinker")
    with pytest.raises(Error, match="not gone"):
        old.reattach()
    sim.remove()
    with pytest.raises(GoneError, match="has not come back"):
        old.reattach()
    with Sim.new("board", names=["OTHER", "LED"]) as back:
        with pytest.raises(GoneError):
            old.value
        with old.reattach() as new:
            assert (new.offset, new.config, new.consumer) == (1, config, "blinker")
            assert back.level("LED") == 0
            assert new != old


def test_lines_of_this_process_have_no_file_descriptor_of_the_system(sim: Sim) -> None:
    with sim.chip.request(0) as line, pytest.raises(Error) as refused:
        line.export_fd()
    assert refused.value.errno == errno.EOPNOTSUPP


def test_only_lines_are_adopted_and_a_refused_descriptor_stays_the_callers() -> None:
    reader, writer = os.pipe()
    try:
        with pytest.raises(Error, match="not one of requested GPIO lines") as refused:
            Line.adopt(reader)
        assert refused.value.errno == errno.EINVAL
        with pytest.raises(Error):
            gpiodref.Group.adopt(writer)
    finally:
        os.close(reader)
        os.close(writer)


def test_closed_lines_raise_value_error_and_close_again_quietly(sim: Sim) -> None:
    line = sim.chip.request(0)
    for _ in range(2):
        line.close()
    assert line.closed and repr(line) == "<gpiodref.Line closed>"
    calls = [lambda: line.value, lambda: line.name, line.share, line.weak, line.wait, line.events, line.aevents]
    for call in calls:
        with pytest.raises(ValueError, match="the Line is closed"):
            call()
    assert line != sim.chip.request(0)


def test_what_is_closed_is_free_also_where_an_exception_is_kept(sim: Sim) -> None:
    line = sim.chip.request("BUTTON", Config.input(Edge.BOTH))
    kept: list[BaseException] = []
    for call in (lambda: line.vote(1), lambda: line.reconfigure(Config(edge=Edge.BOTH)), line.wait, line.events().__next__):
        try:
            with signals("_wait", interrupt):
                call()
        except (Error, KeyboardInterrupt) as failure:
            kept.append(failure)
    assert len(kept) == 4
    line.close()
    assert not sim.chip.info("BUTTON").used
