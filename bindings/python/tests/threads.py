# SPDX-License-Identifier: MIT OR Apache-2.0
"""Threads that are known to wait, and signals that arrive while they do."""

import contextlib
import signal
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from typing import Any

# Seconds after which what must happen has happened: valgrind on a busy machine is slow.
PATIENCE = 60.0


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
        self.join(PATIENCE)
        assert not self.is_alive(), "it does not end"
        result, failure = self._outcome
        # Tracebacks hold what was local.
        self._outcome, self._work = (None, None), lambda: None
        if failure:
            raise failure
        return result

    def until_in(self, function: str) -> "Worker":
        """Returns when the thread is inside of a Python function of this name."""
        while self.is_alive() and not _is_in(function, sys._current_frames().get(self.ident or 0)):
            time.sleep(0.001)
        # It is about to sleep, or does.
        time.sleep(0.02)
        return self


def _is_in(function: str, frame: types.FrameType | None) -> bool:
    while frame and frame.f_code.co_name != function:
        frame = frame.f_back
    return frame is not None


@contextlib.contextmanager
def signals(function: str, handler: Callable[[], None]) -> Iterator[None]:
    """Calls `handler` in a signal handler, again and again while this thread is inside of a Python function of that name."""

    def handle(number: int, frame: types.FrameType | None) -> None:
        if _is_in(function, frame):
            handler()

    def send() -> None:
        # First it shall fall asleep.
        while not done.wait(0.05):
            if _is_in(function, sys._current_frames().get(here)):
                signal.pthread_kill(here, signal.SIGUSR1)

    here, done = threading.get_ident(), threading.Event()
    before = signal.signal(signal.SIGUSR1, handle)
    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        done.set()
        sender.join()
        signal.signal(signal.SIGUSR1, before)


def interrupt() -> None:
    """What Ctrl-C does."""
    raise KeyboardInterrupt
