# SPDX-License-Identifier: MIT OR Apache-2.0
"""Events and changes in an event loop."""

import asyncio
import os
from collections.abc import Coroutine
from contextlib import aclosing
from typing import Any

import pytest
from gpiodref import Change, Config, Edge, Line, Sim, Wait

from ..threads import PATIENCE
from .test_events import press

BOTH = Config.input(Edge.BOTH)
FEW = 0.02


def run(work: Coroutine[Any, Any, None]) -> None:
    """Runs it in a loop of its own; nothing may take longer than this."""

    async def limited() -> None:
        async with asyncio.timeout(PATIENCE):
            await work

    asyncio.run(limited())


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


async def collect(line: Line) -> list[int]:
    return [event.global_seqno async for event in line.aevents()]


def test_g5_events_come_as_they_happen_and_end_with_the_chip(sim: Sim) -> None:
    async def work() -> None:
        with sim.chip.request("BUTTON", BOTH) as line:
            reader = asyncio.create_task(collect(line))
            for _ in range(3):
                await asyncio.sleep(FEW)
                press(sim)
            await asyncio.sleep(FEW)
            sim.remove()
            assert await reader == [1, 2, 3, 4, 5, 6]

    run(work())


def test_g5_what_has_come_is_delivered_before_the_end(sim: Sim) -> None:
    async def work() -> None:
        with sim.chip.request("BUTTON", BOTH) as line:
            press(sim)
            sim.remove()
            assert await collect(line) == [1, 2]
            assert await collect(line) == []
            assert await line.wait_async() is Wait.GONE

    run(work())


def test_cancelling_loses_no_event_and_leaves_nothing_behind(sim: Sim) -> None:
    async def work() -> None:
        with sim.chip.request("BUTTON", BOTH) as line:
            line.fileno()  # made when it is first asked for
            files = open_files()
            got: list[int] = []

            async def read() -> None:
                async for event in line.aevents():
                    got.append(event.global_seqno)

            for _ in range(3):
                reader = asyncio.create_task(read())
                await asyncio.sleep(FEW)
                assert open_files() == files + 1
                reader.cancel()
                # Both at once: the event has come, and so has the cancellation.
                press(sim)
                with pytest.raises(asyncio.CancelledError):
                    await reader
                assert open_files() == files
            assert got == [1, 2, 3, 4], "what came with a cancellation is the next one's"
            assert [event.global_seqno for event in line.read_events()] == [5, 6]

    run(work())


def test_an_iteration_that_is_left_can_be_taken_up_again(sim: Sim) -> None:
    async def work() -> None:
        with sim.chip.request("BUTTON", BOTH) as line:
            press(sim, 2)
            async with aclosing(line.aevents()) as events:
                async for event in events:
                    assert event.global_seqno == 1
                    break
            sim.remove()
            assert await collect(line) == [2, 3, 4]

    run(work())


def test_waiting_is_limited_by_the_loops_own_means(sim: Sim) -> None:
    async def work() -> None:
        with sim.chip.request("BUTTON", BOTH) as line:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(FEW):
                    await line.wait_async()
            press(sim)
            assert await line.wait_async() is Wait.EVENT

    run(work())


def test_several_tasks_wait_for_one_line(sim: Sim) -> None:
    async def work() -> None:
        with sim.chip.request("BUTTON", BOTH) as line:
            waiters = [asyncio.create_task(line.wait_async()) for _ in range(3)]
            await asyncio.sleep(FEW)
            press(sim)
            assert await asyncio.gather(*waiters) == [Wait.EVENT] * 3

    run(work())


def test_g3_those_who_share_a_line_each_get_its_events(sim: Sim) -> None:
    async def work() -> None:
        config = Config.input(Edge.BOTH, shared=True)
        with sim.chip.request("BUTTON", config) as one, sim.chip.request("BUTTON", config) as two:
            readers = [asyncio.create_task(collect(line)) for line in (one, two)]
            await asyncio.sleep(FEW)
            press(sim, 2)
            await asyncio.sleep(FEW)
            sim.remove()
            assert await asyncio.gather(*readers) == [[1, 2, 3, 4]] * 2

    run(work())


def test_g4_tasks_that_wait_for_many_things_of_a_chip_end_with_it(sim: Sim) -> None:
    async def work() -> None:
        lines = [sim.chip.request(offset, BOTH) for offset in range(4)]
        group, watch = sim.chip.request_group([4, 5], BOTH), sim.chip.watch([6])
        waits = [line.wait_async() for line in lines] + [group.wait_async(), watch.wait_async()]
        waiters = [asyncio.create_task(wait) for wait in waits]
        await asyncio.sleep(FEW)
        assert not any(waiter.done() for waiter in waiters)
        sim.remove()
        assert await asyncio.gather(*waiters) == [Wait.GONE] * 6

    run(work())


def test_changes_come_as_they_happen_and_end_with_the_chip(sim: Sim) -> None:
    async def work() -> None:
        with sim.chip.watch(["LED"]) as watch:

            async def collect_changes() -> list[Change]:
                return [change.change async for change in watch.achanges()]

            reader = asyncio.create_task(collect_changes())
            await asyncio.sleep(FEW)
            sim.chip.request("LED").close()
            await asyncio.sleep(FEW)
            sim.remove()
            assert await reader == [Change.REQUESTED, Change.RELEASED]

    run(work())


def test_k5_a_line_that_is_closed_while_a_task_waits_stays_until_that_ends(sim: Sim) -> None:
    async def work() -> None:
        line = sim.chip.request("BUTTON", BOTH)
        waiter = asyncio.create_task(line.wait_async())
        await asyncio.sleep(FEW)
        line.close()
        assert sim.chip.info("BUTTON").used
        waiter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter
        assert not sim.chip.info("BUTTON").used

    run(work())
