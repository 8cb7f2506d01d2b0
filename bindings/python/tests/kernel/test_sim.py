# SPDX-License-Identifier: MIT OR Apache-2.0
"""The simulated chips do what the other tests take for granted."""

from pathlib import Path

from .sim import Sim


def test_a_chip_comes_and_goes() -> None:
    with Sim("board", 4) as sim:
        assert sim.path.is_char_device()
        sim.live(False)
        assert not sim.path.exists()
        sim.live(True)
        assert sim.path.is_char_device()
    assert not sim.path.exists()


def test_nothing_stays_behind() -> None:
    with Sim("board", 4, names={0: "A", 3: "D"}) as sim:
        sim.live(False)
    assert not list(Path("/sys/kernel/config/gpio-sim").glob("python-*"))


def test_a_pull_is_on_the_wire() -> None:
    with Sim("board", 4, names={3: "LED"}) as sim:
        assert sim.value(3) == 0
        sim.pull(3, 1)
        assert sim.value(3) == 1
        assert sim.value(2) == 0
        sim.pull(3, 0)
        assert sim.value(3) == 0


def test_two_chips_are_apart() -> None:
    with Sim("left", 2) as left, Sim("right", 2) as right:
        assert left.chip != right.chip
        left.pull(0, 1)
        assert (left.value(0), right.value(0)) == (1, 0)
