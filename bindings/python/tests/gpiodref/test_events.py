# SPDX-License-Identifier: MIT OR Apache-2.0
"""Events: waited for, read, iterated over; none is lost unseen, and nobody sleeps through the end of a chip."""

import gc
import select
import threading
import time

import pytest
from gpiodref import Clock, Config, Edge, Event, GoneError, Line, Sim, Wait

from ..threads import Worker, interrupt, signals

BOTH = Config.input(Edge.BOTH)


def press(sim: Sim, times: int = 1, line: int | str = "BUTTON") -> None:
    for _ in range(times):
        sim.pull(line, 1)
        sim.pull(line, 0)


def numbers(events: list[Event]) -> list[int]:
    return [event.global_seqno for event in events]


def test_events_tell_edge_line_order_and_time(sim: Sim) -> None:
    with sim.chip.request("BUTTON", BOTH) as line:
        before = time.monotonic_ns()
        press(sim)
        events = line.read_events()
        assert [(event.edge, event.offset, event.line_seqno) for event in events] == [
            (Edge.RISING, 2, 1),
            (Edge.FALLING, 2, 2),
        ]
        assert numbers(events) == [1, 2]
        assert before <= events[0].timestamp_ns <= events[1].timestamp_ns <= time.monotonic_ns()
        assert line.read_events() == []
    with sim.chip.request("BUTTON", Config.input(Edge.RISING, clock=Clock.REALTIME)) as line:
        before = time.time_ns()
        press(sim)
        (event,) = line.read_events()
        assert (event.edge, before <= event.timestamp_ns <= time.time_ns()) == (Edge.RISING, True)


def test_active_low_turns_edges_round(sim: Sim) -> None:
    with sim.chip.request("BUTTON", Config.input(Edge.RISING, active_low=True)) as line:
        sim.pull("BUTTON", 1)
        assert line.read_events() == []
        sim.pull("BUTTON", 0)
        assert [event.edge for event in line.read_events()] == [Edge.RISING]


def test_reading_takes_as_many_as_are_wanted(sim: Sim) -> None:
    with sim.chip.request("BUTTON", Config.input(Edge.BOTH, event_buffer=300)) as line:
        press(sim, 100)
        assert numbers(line.read_events(3)) == [1, 2, 3]
        assert numbers(line.read_events(0)) == []
        assert len(line.read_events()) == 64
        assert len(line.read_events(1000)) == 133
        assert line.events_lost == 0


def test_g7_what_nobody_reads_in_time_is_lost_and_counted(sim: Sim) -> None:
    with sim.chip.request("BUTTON", BOTH) as line:
        press(sim, 10)
        events = line.read_events()
        assert numbers(events) == list(range(5, 21)), "the oldest go, 16 are kept"
        assert line.events_lost == 4


def test_g5_waiting_ends_with_an_event_or_when_the_time_is_over(sim: Sim) -> None:
    with sim.chip.request("BUTTON", BOTH) as line:
        began = time.monotonic()
        assert line.wait(0.05) is Wait.TIMEOUT
        assert time.monotonic() - began >= 0.05
        assert line.wait(0) is Wait.TIMEOUT
        assert line.wait(-1) is Wait.TIMEOUT
        press(sim)
        assert line.wait() is Wait.EVENT
        assert line.wait(1e9) is Wait.EVENT, "more milliseconds than an int holds"


def test_g5_a_thread_that_waits_is_woken_by_an_event(sim: Sim) -> None:
    with sim.chip.request("BUTTON", BOTH) as line:
        waiter = Worker(line.wait).until_in("_wait")
        press(sim)
        assert waiter.result() is Wait.EVENT


def test_g5_k4_threads_that_wait_are_woken_when_the_chip_goes(sim: Sim) -> None:
    lines = [sim.chip.request(offset, BOTH) for offset in range(4)]
    group = sim.chip.request_group([4, 5], BOTH)
    workers = [Worker(source.wait).until_in("_wait") for source in (*lines, group)]
    workers += [Worker(lambda line=line: list(line.events())).until_in("_wait") for line in lines]
    sim.remove()
    assert [worker.result() for worker in workers] == [Wait.GONE] * 5 + [[]] * 4


def test_g5_events_that_have_come_are_delivered_before_gone(sim: Sim) -> None:
    with sim.chip.request("BUTTON", BOTH) as line:
        press(sim, 2)
        sim.remove()
        assert line.wait(0) is Wait.EVENT
        assert numbers(line.read_events(3)) == [1, 2, 3]
        assert line.wait(0) is Wait.EVENT
        assert numbers(list(line.events())) == [4]
        assert line.wait() is Wait.GONE
        with pytest.raises(GoneError):
            line.read_events()
        assert list(line.events()) == []


def test_g5_an_iteration_hands_out_events_as_they_come_and_ends_with_the_chip(sim: Sim) -> None:
    line = sim.chip.request("BUTTON", BOTH)
    worker = Worker(lambda: [event.edge for event in line.events()]).until_in("_wait")
    press(sim)
    time.sleep(0.02)
    sim.remove()
    assert worker.result() == [Edge.RISING, Edge.FALLING]


def test_what_an_iteration_has_not_handed_out_is_still_there(sim: Sim) -> None:
    with sim.chip.request("BUTTON", BOTH) as line:
        press(sim, 3)
        for event in line.events():
            assert event.global_seqno == 1
            break
        assert next(line.events()).global_seqno == 2
        assert numbers(line.read_events()) == [3, 4, 5, 6]


def test_an_iteration_over_a_line_that_is_closed_meanwhile_says_so(sim: Sim) -> None:
    line = sim.chip.request("BUTTON", BOTH)
    press(sim)
    with pytest.raises(ValueError, match="the Line is closed"):
        for _ in line.events():
            line.close()
    assert not sim.chip.info("BUTTON").used


def test_k5_closing_while_another_thread_waits_lets_it_finish(sim: Sim) -> None:
    line = sim.chip.request("BUTTON", BOTH)
    waiter = Worker(line.wait).until_in("_wait")
    line.close()
    assert sim.chip.info("BUTTON").used, "the call that is running holds it"
    press(sim)
    assert waiter.result() is Wait.EVENT
    del waiter
    gc.collect()
    assert not sim.chip.info("BUTTON").used


def test_waiting_can_be_interrupted(sim: Sim) -> None:
    with sim.chip.request("BUTTON", BOTH) as line:
        with signals("_wait", interrupt), pytest.raises(KeyboardInterrupt):
            line.wait()
        with signals("_wait", interrupt), pytest.raises(KeyboardInterrupt):
            next(line.events())


def test_a_signal_that_raises_nothing_does_not_end_a_wait(sim: Sim) -> None:
    seen: list[None] = []
    with sim.chip.request("BUTTON", BOTH) as line:
        with signals("_wait", lambda: seen.append(None)):
            while not seen:
                began = time.monotonic()
                assert line.wait(0.2) is Wait.TIMEOUT
                assert time.monotonic() - began >= 0.2
        with signals("_wait", lambda: press(sim)):
            assert line.wait() is Wait.EVENT


def test_a_line_can_be_polled_with_other_things(sim: Sim) -> None:
    with sim.chip.request("BUTTON", BOTH) as line:
        poll = select.poll()
        poll.register(line, select.POLLIN)
        assert poll.poll(0) == []
        press(sim)
        assert poll.poll(0) == [(line.fileno(), select.POLLIN)]
        line.read_events()
        assert poll.poll(0) == []
        sim.remove()
        assert poll.poll(0)[0][1] & (select.POLLHUP | select.POLLERR | select.POLLIN)


def test_g10_many_threads_read_one_line_and_each_event_comes_once(sim: Sim) -> None:
    with sim.chip.request("BUTTON", Config.input(Edge.BOTH, event_buffer=1024)) as line:

        def read() -> list[int]:
            return numbers(list(line.events()))

        workers = [Worker(read) for _ in range(4)]
        press(sim, 200)
        while line.wait(0) is Wait.EVENT:
            time.sleep(0.001)
        sim.remove()
        got = [worker.result() for worker in workers]
        assert sorted(number for one in got for number in one) == list(range(1, 401))
        assert all(one == sorted(one) for one in got)


def test_g10_threads_set_and_read_one_line(sim: Sim) -> None:
    stop = threading.Event()

    def use(line: Line) -> None:
        while not stop.is_set():
            line.value = 1
            assert line.value in (0, 1)
            line.value = 0

    with sim.chip.request("LED", Config.output()) as line:
        workers = [Worker(use, line) for _ in range(3)]
        time.sleep(0.1)
        stop.set()
        for worker in workers:
            worker.result()


def test_k4_operations_fail_and_do_not_crash_when_the_chip_goes_under_them() -> None:
    def use(line: Line) -> str:
        try:
            while True:
                line.value = 1 - line.value
        except GoneError as gone:
            return str(gone)

    for _ in range(20):
        sim = Sim.new("short-lived", 4)
        lines = [sim.chip.request(offset, Config.output()) for offset in range(3)]
        workers = [Worker(use, line) for line in lines]
        time.sleep(0.002)
        sim.remove()
        assert all("the chip is gone" in worker.result() for worker in workers)
