# SPDX-License-Identifier: MIT OR Apache-2.0
"""gpiodref over the system's own chips: the main rules, on gpio-sim."""

import asyncio
import errno
import fcntl
import os
import pathlib
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import gpiodref
import pytest
from gpiodref import (
    Bias,
    BusyError,
    Change,
    Chip,
    Config,
    DeniedError,
    Direction,
    Edge,
    Error,
    Event,
    GoneError,
    Group,
    Line,
    NotFoundError,
    Wait,
    Watch,
)

from ..gpiodref.conftest import nothing_is_left
from ..threads import Worker, interrupt, signals
from .sim import PATIENCE, Sim

__all__ = ["nothing_is_left"]

NAMES = {0: "LED", 1: "WP", 2: "BUTTON", 3: "RESET"}
BOTH = Config.input(Edge.BOTH)


@pytest.fixture
def sim() -> Iterator[Sim]:
    """The board."""
    with Sim("board", 8, NAMES) as sim:
        yield sim


@pytest.fixture
def chip(sim: Sim) -> Iterator[Chip]:
    """Its chip."""
    with Chip.open("board") as chip:
        yield chip


def press(sim: Sim, button: Line) -> list[Event]:
    """The events of both edges."""
    events = []
    for level in (1, 0):
        sim.pull(2, level)
        assert button.wait(PATIENCE) is Wait.EVENT
        events += button.read_events()
    return events


def numbers(events: list[Event]) -> list[int]:
    return [event.global_seqno for event in events]


def other_program(program: str) -> "subprocess.Popen[str]":
    """Another program, which has said "ready"."""
    began = subprocess.Popen(
        [sys.executable, "-c", f"import gpiodref, time\nfrom gpiodref import *\n{program}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert began.stdout and began.stdout.readline() == "ready\n"
    return began


HOLD = """
line = gpiodref.Chip.open("board").request(1, Config.output(1), consumer="the other")
print("ready", flush=True)
input()
"""


def test_a_chip_is_opened_by_path_name_and_label(sim: Sim, chip: Chip) -> None:
    for key in (str(sim.path), sim.chip):
        with Chip.open(key) as opened:
            assert (opened.name, opened.label, opened.num_lines) == (sim.chip, "board", 8)
    assert sim.chip in gpiodref.chips()
    assert chip.find_line("RESET") == 3
    found = gpiodref.find_line("WP")
    assert (found.chip.name, found.offset) == (sim.chip, 1)
    with pytest.raises(NotFoundError, match="missing"):
        Chip.open("missing")
    with pytest.raises(Error) as wrong:
        Chip.open("/dev/null")
    assert wrong.value.errno == errno.EINVAL


def test_lines_are_set_read_and_configured_anew(sim: Sim, chip: Chip) -> None:
    with chip.request("LED", Config.output(1, active_low=True), consumer="blinker") as led:
        assert (led.value, led.raw_value, sim.value(0)) == (1, 0, 0)
        led.value = 0
        assert sim.value(0) == 1
        info = chip.info("LED")
        assert (info.name, info.consumer, info.used) == ("LED", "blinker", True)
        assert (info.direction, info.active_low) == (Direction.OUTPUT, True)
        led.reconfigure(Config.input(bias=Bias.PULL_UP))
        assert (led.value, chip.info(0).bias) == (1, Bias.PULL_UP)
        with pytest.raises(DeniedError):
            led.value = 1
        led.direction_output(0)
        assert sim.value(0) == 0
    assert not chip.info("LED").used


def test_a_group_is_read_and_set_in_one_call(sim: Sim, chip: Chip) -> None:
    configs = [Config.output(1), Config.output(active_low=True), BOTH]
    with chip.request_group(["LED", "WP", "BUTTON"], configs) as group:
        assert (sim.value(0), sim.value(1), group.values) == (1, 1, [1, 0, 0])
        group.set({0: 0, 1: 1})
        sim.pull(2, 1)
        assert (sim.value(0), sim.value(1), group.get_mask()) == (0, 0, 0b110)
        assert group.get([2, 0]) == {2: 1, 0: 0}
        assert group.wait(PATIENCE) is Wait.EVENT
        assert [event.offset for event in group.read_events()] == [2]
        group.reconfigure(Config.output())
        assert group.values == [0, 0, 0]


def test_g2_the_line_is_free_with_the_last_handle(chip: Chip) -> None:
    first = chip.request("WP", Config.output())
    second, weak = first.share(), first.weak()
    first.close()
    assert chip.info("WP").used
    with weak.upgrade() or pytest.fail("it is held") as third:
        assert third == second
        second.close()
        assert chip.info("WP").used
    assert not chip.info("WP").used
    assert weak.upgrade() is None


def test_g3_a_line_of_another_program_is_busy_and_he_is_named(chip: Chip) -> None:
    other = other_program(HOLD)
    for config in (None, Config.output(1, shared=True)):
        with pytest.raises(BusyError, match='line 1 "WP".*held by "the other"'):
            chip.request("WP", config)
    other.communicate("\n")
    assert other.returncode == 0
    chip.request("WP").close()


def test_g3_the_value_of_a_shared_line_is_voted_on(sim: Sim, chip: Chip) -> None:
    protect = Config.output(1, shared=True)
    one, two = (chip.request("WP", protect, consumer=name) for name in ("one", "two"))
    two.vote(0)
    one.vote(1)
    assert (sim.value(1), one.value) == (0, 0)
    two.close()
    assert sim.value(1) == 1
    with pytest.raises(BusyError, match='"one" shares it with'):
        chip.request("WP", Config.input(shared=True))
    one.close()
    assert not chip.info("WP").used


def test_g3_all_who_share_a_line_get_its_events(sim: Sim, chip: Chip) -> None:
    config = Config.input(Edge.BOTH, shared=True)
    with chip.request("BUTTON", config) as one, chip.request("BUTTON", config) as two:
        assert [event.edge for event in press(sim, one)] == [Edge.RISING, Edge.FALLING]
        assert two.wait(PATIENCE) is Wait.EVENT, "also what another one has read"
        assert [event.edge for event in two.read_events()] == [Edge.RISING, Edge.FALLING]


def test_g4_g1_a_gone_chip_leaves_lines_numb_with_their_names(sim: Sim, chip: Chip) -> None:
    line = chip.request("LED", Config.output(1), consumer="blinker")
    group = chip.request_group([2, 3], BOTH)
    poll = select.poll()
    poll.register(chip)
    assert poll.poll(0) == []
    sim.live(False)
    assert poll.poll(0)[0][1] & (select.POLLHUP | select.POLLERR)
    assert (chip.is_alive, line.is_alive, group.is_alive) == (False, False, False)
    assert (line.name, line.consumer, line.offset) == ("LED", "blinker", 0)
    assert (line.config, line.chip.label, group.offsets) == (Config.output(1), "board", [2, 3])

    def write() -> None:
        line.value = 0

    calls: list[Callable[[], object]] = [
        lambda: line.value,
        write,
        line.direction_input,
        lambda: line.reconfigure(None),
        line.read_events,
        group.get,
        group.read_events,
        lambda: chip.info(0),
        lambda: chip.request(1),
        chip.watch,
    ]
    for call in calls:
        with pytest.raises(GoneError):
            call()
    line.close()
    group.close()


def test_g4_nothing_comes_back_by_itself_and_reattaching_goes_by_label_and_name(sim: Sim, chip: Chip) -> None:
    old = chip.request("LED", Config.output(1, active_low=True), consumer="blinker")
    before = sim.chip
    sim.live(False)
    with pytest.raises(GoneError, match="not come back"):
        old.reattach()
    sim.live(True)
    assert sim.chip != before, "the number is not given away as long as old handles are held"
    with pytest.raises(GoneError):
        old.value
    assert not chip.is_alive
    with old.reattach() as new:
        assert (new.chip.name, new.offset, new.consumer) == (sim.chip, 0, "blinker")
        assert (new.value, sim.value(0)) == (1, 0)


def test_g5_waiting_ends_with_event_timeout_or_gone(sim: Sim, chip: Chip) -> None:
    with chip.request("BUTTON", BOTH) as line:
        assert line.wait(0.05) is Wait.TIMEOUT
        first, second = press(sim, line)
        assert (first.edge, second.edge, first.offset) == (Edge.RISING, Edge.FALLING, 2)
        assert first.timestamp_ns < second.timestamp_ns <= time.monotonic_ns()
        assert (numbers([first, second]), line.read_events()) == ([1, 2], [])
        sim.live(False)
        assert line.wait() is Wait.GONE


def test_g5_what_the_library_has_is_delivered_before_gone(sim: Sim, chip: Chip) -> None:
    config = Config.input(Edge.BOTH, shared=True)
    with chip.request("BUTTON", config) as one, chip.request("BUTTON", config) as two, chip.request("LED", BOTH) as led:
        # The system forgets its queue when the chip goes. Waiting takes it over, and reading does so for all who share.
        assert numbers(press(sim, one) + press(sim, one)) == [1, 2, 3, 4]
        sim.pull(0, 1)
        assert led.wait(PATIENCE) is Wait.EVENT
        sim.live(False)
        assert (numbers(list(two.events())), numbers(list(led.events()))) == ([1, 2, 3, 4], [1])
        for line in (one, two, led):
            with pytest.raises(GoneError):
                line.read_events()


def test_g5_g6_threads_that_wait_are_woken_and_do_not_hold_up_the_removal(sim: Sim, chip: Chip) -> None:
    lines = [chip.request(offset, BOTH) for offset in range(4)]
    watch = chip.watch([7])
    workers = [Worker(line.wait).until_in("_wait") for line in lines]
    workers += [Worker(lambda line=line: list(line.events())).until_in("_wait") for line in lines]
    workers.append(Worker(watch.wait).until_in("_wait"))
    sim.live(False)
    assert [worker.result() for worker in workers] == [Wait.GONE] * 4 + [[]] * 4 + [Wait.GONE]


def test_k4_operations_fail_and_do_not_crash_when_the_chip_goes_under_them(sim: Sim) -> None:
    def use(line: Line) -> str:
        try:
            while True:
                line.value = 1 - line.value
        except GoneError as gone:
            return str(gone)

    for _ in range(5):
        with Chip.open("board") as chip:
            lines = [chip.request(offset, Config.output()) for offset in range(3)]
        workers = [Worker(use, line) for line in lines]
        time.sleep(0.02)
        sim.live(False)
        assert all("the chip is gone" in worker.result() for worker in workers)
        del lines, workers
        sim.live(True)


def test_waiting_can_be_interrupted_and_other_signals_do_not_end_it(sim: Sim, chip: Chip) -> None:
    seen: list[None] = []
    with chip.request("BUTTON", BOTH) as line, chip.watch() as watch:
        for source in (line, watch):
            with signals("_wait", interrupt), pytest.raises(KeyboardInterrupt):
                source.wait()
        with signals("_wait", lambda: seen.append(None)):
            while not seen:
                assert line.wait(0.2) is Wait.TIMEOUT
        with signals("_wait", lambda: sim.pull(2, 1 - sim.value(2))):
            assert line.wait() is Wait.EVENT


def test_g7_the_systems_limits_are_named(chip: Chip) -> None:
    with Sim("large", 70), Chip.open("large") as large:
        with large.request_group(range(64), Config.output(1)) as group:
            assert group.get_mask() == 2**64 - 1
        with pytest.raises(Error, match="64 is the most") as many:
            large.request_group(range(65))
        assert many.value.errno == errno.E2BIG
        configs = [Config.input(debounce_us=1000 + n) for n in range(11)]
        with pytest.raises(Error) as attributes:
            large.request_group(range(11), configs)
        assert attributes.value.errno == errno.E2BIG
        with large.request_group(range(10), configs[:10]) as group:
            assert len(group) == 10
    with pytest.raises(BusyError):
        chip.request_group([0, 0])


def test_g7_what_nobody_reads_in_time_is_lost_and_counted(sim: Sim, chip: Chip) -> None:
    with chip.request("BUTTON", BOTH) as line:
        # The system makes more than 16 events of these, how many ever.
        for level in (1, 0) * 50:
            sim.pull(2, level)
            time.sleep(0.002)
        time.sleep(1)
        first, *others = numbers(line.read_events())
        assert others == list(range(first + 1, first + 16)), "the oldest go, 16 are kept"
        assert line.events_lost == first - 1 > 0


def test_g8_lookups_and_hogs(sim: Sim, chip: Chip) -> None:
    gpiodref.table_add("eeprom0", "wp", "board", "WP", active_low=True, shared=True)
    try:
        with gpiodref.lookup("eeprom0", "wp", config=Config.output(1)) as wp:
            assert (wp.consumer, chip.info("WP").consumer, sim.value(1)) == ("eeprom0 wp", "eeprom0 wp", 0)
        assert gpiodref.lookup_optional("eeprom0", "reset") is None
    finally:
        gpiodref.table_remove("eeprom0", "wp")
    chip.hog("RESET", "reset-n", 1)
    assert (sim.value(3), chip.info("RESET").consumer) == (1, "reset-n")
    with pytest.raises(BusyError, match="reset-n"):
        chip.request("RESET")
    chip.close()
    with Chip.open("board") as again:
        assert not again.info("RESET").used


def test_lines_are_handed_over_as_file_descriptors(sim: Sim, chip: Chip) -> None:
    line = chip.request("BUTTON", BOTH, consumer="giver")
    fd = line.export_fd()
    assert fcntl.fcntl(fd, fcntl.F_GETFD) & fcntl.FD_CLOEXEC
    line.close()
    assert chip.info("BUTTON").used, "what was exported claims the line too"
    with Line.adopt(fd) as taken:
        assert (taken.offset, taken.name, taken.consumer, taken.config.edge) == (2, "BUTTON", "giver", Edge.BOTH)
        assert [event.edge for event in press(sim, taken)] == [Edge.RISING, Edge.FALLING]
    assert not chip.info("BUTTON").used
    with chip.request_group([0, 1], Config.output()) as group:
        fd = group.export_fd()
        with pytest.raises(Error, match="several|2 lines"):
            Line.adopt(fd)
        with Group.adopt(fd) as both:
            both.values = [1, 0]
            assert (sim.value(0), sim.value(1), both.offsets) == (1, 0, [0, 1])


def test_changes_by_another_program_are_told(chip: Chip) -> None:
    with chip.watch(["WP"]) as watch:
        other = other_program(HOLD)
        assert watch.wait(PATIENCE) is Wait.EVENT
        requested = watch.read()
        assert requested and (requested.change, requested.info.consumer) == (Change.REQUESTED, "the other")
        other.communicate("\n")
        released = next(watch.changes())
        assert (released.change, released.info.used, released.info.name) == (Change.RELEASED, False, "WP")


def test_g5_events_and_changes_in_an_event_loop_end_with_the_chip(sim: Sim, chip: Chip) -> None:
    edges: list[Edge] = []
    changes: list[Change] = []

    async def hear(line: Line) -> None:
        async for event in line.aevents():
            edges.append(event.edge)

    async def see(watch: Watch) -> None:
        async for change in watch.achanges():
            changes.append(change.change)

    async def work() -> None:
        with chip.request("BUTTON", BOTH) as line, chip.watch(["LED"]) as watch:
            async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
                tasks.create_task(hear(line))
                tasks.create_task(see(watch))
                for level, edge in [(1, Edge.RISING), (0, Edge.FALLING)] * 2:
                    edges.clear()
                    sim.pull(2, level)
                    while edges != [edge]:
                        await asyncio.sleep(0.01)
                chip.request("LED").close()
                while changes != [Change.REQUESTED, Change.RELEASED]:
                    await asyncio.sleep(0.01)
                sim.live(False)

    asyncio.run(work())


def test_cancelling_in_an_event_loop_loses_no_event_and_keeps_no_line(sim: Sim, chip: Chip) -> None:
    async def work() -> None:
        line = chip.request("BUTTON", BOTH)
        files = len(os.listdir("/proc/self/fd"))
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await line.wait_async()
            assert len(os.listdir("/proc/self/fd")) == files
        sim.pull(2, 1)
        async with asyncio.timeout(PATIENCE):
            assert await line.wait_async() is Wait.EVENT
        assert len(line.read_events()) == 1
        line.close()
        assert not chip.info("BUTTON").used

    asyncio.run(work())


def test_a_program_that_dies_leaves_no_line_claimed(chip: Chip) -> None:
    other = other_program(HOLD)
    assert chip.info("WP").used
    other.kill()
    other.communicate()
    end = time.monotonic() + PATIENCE
    while chip.info("WP").used and time.monotonic() < end:
        time.sleep(0.01)
    assert not chip.info("WP").used


def test_who_may_not_open_a_chip_is_told_so(sim: Sim) -> None:
    program = f"""
import os, gpiodref
os.setgid(65534); os.setuid(65534)
try: gpiodref.Chip.open({str(sim.path)!r})
except PermissionError as denied: print(type(denied).__name__, denied.strerror)
"""
    os.chmod(sim.path, 0o600)
    # Loaded before the rights are given up: where the library lies may be nobody's to see.
    program = program.replace("os.setgid", "gpiodref.version(); os.setgid", 1)
    said = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert said.startswith("DeniedError") and pathlib.Path(sim.path).name in said
