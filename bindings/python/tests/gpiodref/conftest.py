# SPDX-License-Identifier: MIT OR Apache-2.0
"""A simulated board, threads that are known to wait; and after every test: nothing is still held."""

import contextlib
import gc
import signal
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from typing import Any

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


class Worker(threading.Thread):
    """A thread that runs a function; `join()` gives its result, or raises what it raised."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        super().__init__(daemon=True)  # a test that fails does not wait for it
        self._work: Callable[[], Any] = lambda: function(*arguments)
        self._outcome: tuple[Any, BaseException | None] = None, None
        self.start()

    def run(self) -> None:
        try:
            self._outcome = self._work(), None
        except BaseException as failure:
            self._outcome = None, failure

    def result(self) -> Any:
        self.join(20)
        assert not self.is_alive(), "it does not end"
        result, failure = self._outcome
        # Tracebacks hold what was local.
        self._outcome, self._work = (None, None), lambda: None
        if failure:
            raise failure
        return result

    def until_in(self, function: str) -> "Worker":
        """Returns when the thread is inside of a Python function of this name."""
        while self.is_alive():
            frame = sys._current_frames().get(self.ident or 0)
            while frame:
                if frame.f_code.co_name == function:
                    # It is about to sleep, or does.
                    time.sleep(0.02)
                    return self
                frame = frame.f_back
            time.sleep(0.001)
        return self


@contextlib.contextmanager
def alarm(seconds: float, handler: Callable[[], None]) -> Iterator[None]:
    """Calls a function in a signal handler, so many seconds from now."""

    def handle(number: int, frame: types.FrameType | None) -> None:
        handler()

    before = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def interrupt() -> None:
    """What Ctrl-C does."""
    raise KeyboardInterrupt
