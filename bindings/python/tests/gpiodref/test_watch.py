# SPDX-License-Identifier: MIT OR Apache-2.0
"""Watching lines: who requests, releases and configures them."""

import time

import pytest
from gpiodref import Change, Config, Direction, GoneError, Sim, Wait

from ..threads import Worker, interrupt, signals


def test_changes_are_told_with_the_line_as_it_was_then(sim: Sim) -> None:
    with sim.chip.watch(["LED"]) as watch:
        before = time.monotonic_ns()
        with sim.chip.request("LED", Config.input(), consumer="blinker") as line:
            line.reconfigure(Config.output(1))
            sim.chip.request("WP").close()
        changes = []
        while watch.wait(0) is Wait.EVENT:
            changes.append(watch.read())
        assert [change and change.change for change in changes] == [
            Change.REQUESTED,
            Change.RECONFIGURED,
            Change.RELEASED,
        ]
        requested, reconfigured, released = (change for change in changes if change)
        assert (requested.info.name, requested.info.consumer) == ("LED", "blinker")
        assert reconfigured.info.direction is Direction.OUTPUT
        assert not released.info.used
        assert before <= requested.timestamp_ns <= released.timestamp_ns <= time.monotonic_ns()
        assert watch.read() is None


def test_a_watch_claims_nothing_and_all_lines_are_watched_by_default(sim: Sim) -> None:
    with sim.chip.watch() as watch:
        for offset in range(8):
            sim.chip.request(offset).close()
        seen = [watch.read() for _ in range(16)]
        assert [change and change.info.offset for change in seen] == [n for n in range(8) for _ in range(2)]
    with pytest.raises(ValueError, match="no lines"):
        sim.chip.watch([])


def test_g5_what_has_come_is_told_before_gone(sim: Sim) -> None:
    watch = sim.chip.watch(["LED"])
    sim.chip.request("LED").close()
    worker = Worker(lambda: [change.change for change in sim.chip.watch(["WP"]).changes()]).until_in("_wait")
    sim.remove()
    assert worker.result() == []
    assert [change.change for change in watch.changes()] == [Change.REQUESTED, Change.RELEASED]
    assert watch.wait() is Wait.GONE
    with pytest.raises(GoneError, match="board"):
        watch.read()
    watch.close()
    assert repr(watch) == "<gpiodref.Watch closed>"
    with pytest.raises(ValueError):
        watch.changes()


def test_waiting_can_be_interrupted(sim: Sim) -> None:
    with sim.chip.watch() as watch, signals("_wait", interrupt), pytest.raises(KeyboardInterrupt):
        watch.wait()
