# SPDX-License-Identifier: MIT OR Apache-2.0
"""The simulated camera (vimc) for kernel tests, unplugged and plugged in again; needs root and tests/vm."""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType

import mediadev

from ..threads import PATIENCE

_DRIVER = Path("/sys/bus/platform/drivers/vimc")


class Unplugged:
    """The camera is gone as long as the `with` block runs."""

    def __enter__(self) -> None:
        (_DRIVER / "unbind").write_text("vimc.0")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        (_DRIVER / "bind").write_text("vimc.0")
        end = time.monotonic() + PATIENCE
        while True:
            try:
                mediadev.Node.open("platform:vimc").close()
                return
            except mediadev.Error:
                if time.monotonic() > end:
                    raise
                time.sleep(0.01)
