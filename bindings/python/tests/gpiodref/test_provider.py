# SPDX-License-Identifier: MIT OR Apache-2.0
"""Chips that a program provides (G9), and how they go."""

import errno
import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence

import gpiodref
import pytest
from gpiodref import (
    BusyError,
    Config,
    DeniedError,
    Direction,
    Edge,
    Error,
    GoneError,
    Provider,
    RemovePolicy,
    Sim,
    TimedOutError,
    Wait,
)
from gpiodref._provider import providers

from ..threads import PATIENCE, Worker, interrupt, signals


class Board(Provider):
    """Remembers levels, and what it was asked to do."""

    def __init__(self) -> None:
        self.levels = [0] * 8
        self.calls: list[object] = []

    def request(self, offset: int) -> None:
        self.calls.append(("request", offset))

    def free(self, offset: int) -> None:
        self.calls.append(("free", offset))

    def configure(self, offset: int, config: Config) -> None:
        self.calls.append(("configure", offset, config.direction))
        if config.direction is Direction.OUTPUT:
            self.levels[offset] = config.value

    def get(self, offset: int) -> int:
        return self.levels[offset]

    def set(self, offset: int, level: int) -> None:
        self.levels[offset] = level

    def release(self) -> None:
        self.calls.append("release")


@pytest.fixture(autouse=True)
def none_is_kept() -> Iterator[None]:
    """No provider outlives what is held of its chip."""
    yield
    gc.collect()
    assert providers == {}


def test_g9_operations_are_called_with_levels_and_the_last_one_is_release() -> None:
    board = Board()
    with board.register("mine", names=["A", None, "C"]) as chip:
        assert (chip.label, chip.num_lines, chip.find_line("C")) == ("mine", 3, 2)
        with chip.request("C", Config.output(1, active_low=True)) as line:
            assert (board.levels[2], line.value) == (0, 1)
            line.value = 0
            assert (board.levels[2], line.raw_value) == (1, 1)
    assert board.calls == [("request", 2), ("configure", 2, Direction.OUTPUT), ("free", 2), "release"]


def test_g9_groups_come_one_by_one_unless_the_provider_knows_better() -> None:
    class Wide(Board):
        def get_multiple(self, offsets: Sequence[int]) -> list[int]:
            self.calls.append(list(offsets))
            return super().get_multiple(offsets)

        def set_multiple(self, levels: dict[int, int]) -> None:
            self.calls.append(levels)
            super().set_multiple(levels)

    for board in (Board(), Wide()):
        with board.register("mine", 8) as chip, chip.request_group([6, 1, 3], Config.output()) as group:
            board.calls.clear()
            group.set({3: 1, 6: 1})
            assert board.levels == [0, 0, 0, 1, 0, 0, 1, 0]
            assert group.values == [1, 0, 1]
            assert board.calls == ([{6: 1, 3: 1}, [6, 1, 3]] if isinstance(board, Wide) else [])


class Broken(Board):
    failure: BaseException | None = None

    def get(self, offset: int) -> int:
        if self.failure:
            raise self.failure
        return 7

    def get_multiple(self, offsets: Sequence[int]) -> list[int]:
        return [1]

    def request(self, offset: int) -> None:
        if offset == 1:
            raise PermissionError(errno.EPERM, "not this one")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_g9_exceptions_of_operations_come_to_the_consumer_as_their_errno() -> None:
    board = Broken()
    cases: list[tuple[BaseException | None, int]] = [
        (OSError(errno.EREMOTEIO, "no answer"), errno.EREMOTEIO),
        (TimeoutError(errno.ETIMEDOUT, "late"), errno.ETIMEDOUT),
        (NotImplementedError(), errno.EOPNOTSUPP),
        (ZeroDivisionError("a mistake"), errno.EIO),
        (OSError("without a number"), errno.EIO),
        (KeyboardInterrupt(), errno.EINTR),
        (None, errno.EIO),
    ]
    with board.register("broken", 4) as chip:
        with chip.request(0, consumer="me") as line:
            for board.failure, number in cases:
                with pytest.raises(Error, match='broken.*line 0.*"me": get') as failure:
                    line.value
                assert failure.value.errno == number
        with pytest.raises(DeniedError, match="line 1"):
            chip.request(1)
        assert not chip.info(1).used
        with chip.request_group([2, 3]) as group, pytest.raises(Error) as failure:
            group.values
        assert failure.value.errno == errno.EIO


def test_g9_what_is_a_mistake_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", lambda unraisable: seen.append(unraisable.exc_value))
    board = Broken()
    board.failure = ZeroDivisionError("a mistake")
    with board.register("broken", 4) as chip, chip.request(0) as line:
        with pytest.raises(Error):
            line.value
        board.failure = OSError(errno.ENXIO, "no mistake")
        with pytest.raises(Error):
            line.value
    assert [str(each) for each in seen] == ["a mistake"]


def test_g9_operations_that_a_provider_does_not_have_are_not_supported() -> None:
    with Provider().register("bare", 1) as chip:
        with pytest.raises(Error) as refused:
            chip.request(0, Config.output())
        assert refused.value.errno == errno.EOPNOTSUPP
        assert not chip.info(0).used


def test_g9_a_provider_lives_until_it_was_released() -> None:
    board = Board()
    known = weakref.ref(board)
    chip = board.register("mine", 8)
    line = chip.request(0, Config.output())
    calls = board.calls
    del board
    gc.collect()
    assert known() is not None
    line.value = 1
    chip.remove()
    chip.close()
    assert "release" not in calls, "the line holds the chip"
    line.close()
    gc.collect()
    assert (calls[-1], known()) == ("release", None)


def test_g9_a_chip_that_cannot_be_registered_is_released() -> None:
    board = Board()
    with pytest.raises(Error) as refused:
        board.register("none", 0)
    assert (refused.value.errno, board.calls) == (errno.EINVAL, ["release"])
    with pytest.raises(ValueError):
        board.register("a\0b", 1)
    with pytest.raises(ValueError, match="2 names for 1 lines"):
        board.register("x", 1, names=["A", "B"])
    assert board.calls == ["release"], "the library has not seen it"


def test_g9_edges_are_told() -> None:
    with Board().register("mine", 8) as chip, chip.request(3, Config.input(Edge.RISING)) as line:
        chip.push_edge(3, 1, 123)
        chip.push_edge(3, 0)
        chip.push_edge(4, 1)
        (event,) = line.read_events()
        assert (event.edge, event.offset, event.timestamp_ns) == (Edge.RISING, 3, 123)
        before = time.monotonic_ns()
        chip.push_edge(3, 1)
        assert line.read_events()[0].timestamp_ns >= before
        with pytest.raises(Error, match="no line 8"):
            chip.push_edge(8, 1)
        with pytest.raises(ValueError):
            chip.push_edge(3, 2)
        chip.remove()
        with pytest.raises(GoneError):
            chip.push_edge(3, 1)


def test_g9_operations_may_use_the_package() -> None:
    class Cascade(Board):
        """Its line is a line of another chip."""

        def __init__(self, below: gpiodref.Line) -> None:
            super().__init__()
            self.below = below

        def set(self, offset: int, level: int) -> None:
            self.below.value = level

        def get(self, offset: int) -> int:
            return self.below.value

    with Sim.new("below", 1) as sim, sim.chip.request(0, Config.output()) as below:
        with Cascade(below).register("above", 1) as chip, chip.request(0, Config.output()) as line:
            line.value = 1
            assert (sim.level(0), line.value) == (1, 1)
            sim.remove()
            with pytest.raises(GoneError, match="above"):
                line.value


@pytest.mark.parametrize("policy", RemovePolicy)
def test_g9_the_policy_says_what_removing_does_while_lines_are_held(policy: RemovePolicy) -> None:
    chip = Board().register("mine", 2, remove_policy=policy, remove_timeout=0.05)
    chip.hog(1, "hog", 1)
    with chip.request(0, consumer="holder") as line:
        if policy is RemovePolicy.NUMB:
            chip.remove()
            with pytest.raises(GoneError):
                line.value
        else:
            kind = BusyError if policy is RemovePolicy.REFUSE else TimedOutError
            with pytest.raises(kind, match='line 0.*"holder"'):
                chip.remove()
            assert (line.value, chip.is_alive) == (0, True)
    chip.remove()
    chip.remove()
    assert not chip.is_alive


def test_g9_waiting_to_remove_ends_when_the_line_is_let_go() -> None:
    with Board().register("mine", 1, remove_policy=RemovePolicy.WAIT) as chip:
        line = chip.request(0)
        remover = Worker(chip.remove).until_in("_until")
        assert chip.is_alive
        line.close()
        remover.result()
        assert not chip.is_alive


def test_waiting_to_remove_can_be_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("_holdfast.timing.PIECE", 0.1)
    with Board().register("mine", 1, remove_policy=RemovePolicy.WAIT) as chip:
        with chip.request(0), signals("_until", interrupt), pytest.raises(KeyboardInterrupt):
            chip.remove()
        assert chip.is_alive


class Slow(Board):
    """Stays in an operation until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.go_on = threading.Event(), threading.Event()
        self.meanwhile: Callable[[], object] = lambda: None

    def get(self, offset: int) -> int:
        self.inside.set()
        self.meanwhile()
        assert self.go_on.wait(PATIENCE)
        return 1


def test_k4_removing_does_not_wait_for_operations_and_draining_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("_holdfast.timing.PIECE", 0.1)
    board = Slow()
    with board.register("slow", 1) as chip, chip.request(0) as line:
        with pytest.raises(TimedOutError, match="not been removed"):
            chip.drain(0)
        reader = Worker(lambda: line.value)
        assert board.inside.wait(PATIENCE)
        chip.remove()
        with pytest.raises(TimedOutError, match="still running"):
            chip.drain(0.15)
        with signals("_until", interrupt), pytest.raises(KeyboardInterrupt):
            chip.drain()
        board.go_on.set()
        chip.drain()
        assert reader.result() == 1, "the running operation finishes"
        chip.drain(0)


def test_k4_k5_removing_and_draining_from_inside_does_not_hang() -> None:
    board = Slow()
    board.go_on.set()
    with board.register("slow", 1) as chip, chip.request(0) as line:
        numbers: list[int | None] = []

        def inside() -> None:
            chip.remove()
            try:
                chip.drain()
            except Error as failure:
                numbers.append(failure.errno)

        board.meanwhile = inside
        assert line.value == 1
        assert numbers == [errno.EDEADLK]
        with pytest.raises(GoneError):
            line.value


def test_k5_the_last_reference_goes_inside_of_an_operation() -> None:
    board = Slow()
    board.go_on.set()
    chip = board.register("slow", 1)
    line = chip.request(0)

    def inside() -> None:
        chip.remove()
        chip.close()
        line.close()

    board.meanwhile = inside
    assert line.value == 1
    del board.meanwhile
    assert board.calls[-1] == "release"


def test_closing_gives_a_reference_back_and_removes_nothing() -> None:
    sim = Sim.new("board", 1)
    chip = sim.chip
    sim.close()
    with gpiodref.Chip.open("board") as opened:
        assert opened.is_alive
        chip.remove()
        assert not opened.is_alive


def test_leaving_the_block_removes_the_chip_and_keeps_what_is_held_valid() -> None:
    with Sim.new("board", 2) as sim:
        chip = sim.chip
        line = chip.request(0, Config.input(Edge.BOTH))
    assert (sim.closed, chip.is_alive, line.wait()) == (True, False, Wait.GONE)
