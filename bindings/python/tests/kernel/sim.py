# SPDX-License-Identifier: MIT OR Apache-2.0
"""Simulated GPIO chips (gpio-sim) for kernel tests, made through configfs; needs root and tests/vm."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

# Seconds after which what must happen has happened, also in an emulated machine that is busy.
PATIENCE = 60.0
_CONFIG = Path("/sys/kernel/config/gpio-sim")
_count = itertools.count(1)


class Sim:
    """A chip that is there as long as the `with` block runs.

    with Sim("board", 8, names={3: "LED"}) as sim:
        sim.pull(3, 1)       # as if the wire went high
        sim.value(3)         # what the wire has
        sim.live(False)      # unplugged; alive again, it may have another number
    """

    def __init__(self, label: str, lines: int, names: Mapping[int, str] = {}) -> None:
        self._config = _CONFIG / f"python-{os.getpid()}-{next(_count)}"
        bank = self._config / "bank"
        bank.mkdir(parents=True)
        (bank / "num_lines").write_text(str(lines))
        (bank / "label").write_text(label)
        for offset, name in names.items():
            (bank / f"line{offset}").mkdir()
            (bank / f"line{offset}" / "name").write_text(name)
        self.chip = ""
        self.path = Path()
        self._lines = Path()

    def live(self, live: bool) -> None:
        """Plugs the chip in, until its node is there, or out, until its node is gone."""
        (self._config / "live").write_text("1" if live else "0")
        if live:
            device = (self._config / "dev_name").read_text().strip()
            self.chip = (self._config / "bank" / "chip_name").read_text().strip()
            self.path = Path("/dev", self.chip)
            self._lines = Path("/sys/devices/platform", device, self.chip)
        end = time.monotonic() + PATIENCE
        while os.access(self.path, os.R_OK | os.W_OK) != live:
            if time.monotonic() > end:
                raise TimeoutError(f"{self.path} did not {'come' if live else 'go'}")
            time.sleep(0.01)

    def pull(self, offset: int, value: int) -> None:
        """What stands at the wire, as far as we do not drive the line.

        A thread of the kernel makes events of edges. Two edges of a line for which it wakes up once are one event, and of
        two lines either can be the first. So a test that counts on an event waits for it before it goes on.
        """
        (self._lines / f"sim_gpio{offset}" / "pull").write_text("pull-up" if value else "pull-down")

    def value(self, offset: int) -> int:
        """What the wire has: what we drive it to, or the pull."""
        return int((self._lines / f"sim_gpio{offset}" / "value").read_text())

    def destroy(self) -> None:
        if int((self._config / "live").read_text()):
            self.live(False)
        for line in (self._config / "bank").glob("line*"):
            line.rmdir()
        (self._config / "bank").rmdir()
        self._config.rmdir()

    def __enter__(self) -> Sim:
        try:
            self.live(True)
        except BaseException:
            self.destroy()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.destroy()
