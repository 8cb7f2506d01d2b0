# SPDX-License-Identifier: MIT OR Apache-2.0
"""button_led.py [--sim] BUTTON LED: each press of the button turns the LED on or off. Both lines are found by name, and may be on
different chips.

One poll() waits for the button and for the LED's chip to go. When a chip is unplugged the program waits until label and line are there
again, and the LED is what it was. With --sim no hardware is needed: the lines are simulated, and a thread presses the button and unplugs
the chip.
"""

import os
import select
import signal
import sys
import threading
import time

import gpiodref
from gpiodref import Config, DeniedError, Edge, GoneError, Line, NotFoundError, Sim

RETRY, PATIENCE = 0.1, 60.0  # seconds


class Board:
    def __init__(self, button: str, led: str) -> None:
        # A real button bounces: there debounce_us=5000 helps.
        self.button = gpiodref.request(button, Config.input(Edge.RISING), consumer="button_led")
        self.led = gpiodref.request(led, Config.output(), consumer="button_led")
        self.is_on = 0

    def show(self, what: str) -> None:
        print(f"{what}: the LED is {'on' if self.is_on else 'off'}", flush=True)

    def follow_presses(self, end: int) -> None:
        """Until there is something to read from `end`, or a chip is gone, which raises `GoneError`."""
        poll = select.poll()
        poll.register(end, select.POLLIN)
        poll.register(self.button, select.POLLIN)
        poll.register(self.led.chip, 0)
        while True:
            while presses := self.button.read_events():
                for _ in presses:
                    self.is_on = 1 - self.is_on
                    self.led.value = self.is_on
                    self.show("pressed")
            # Fails where the chip is gone.
            self.led.value = self.is_on
            if any(fd == end for fd, _ in poll.poll()):
                return

    def regain(self) -> bool:
        """Whether what was lost is there again, under label and name."""
        try:
            # One after the other: the chip of the LED may come later than that of the button, or the other way round.
            self.button = _again(self.button)
            self.led = _again(self.led)
            self.led.value = self.is_on
            return True
        except (GoneError, NotFoundError, DeniedError):
            return False

    def run(self, end: int) -> None:
        self.show("plugged in")
        while True:
            try:
                return self.follow_presses(end)
            except GoneError:
                print("unplugged", flush=True)
            while not self.regain():
                if select.select([end], [], [], RETRY)[0]:
                    return
            self.show("plugged in again")


def _again(line: Line) -> Line:
    if line.is_alive:
        return line
    found = line.reattach()
    line.close()
    return found


class Hand:
    """What presses the button, with --sim."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.sim = Sim.new("simulated", names=names)

    def press(self, level: int) -> None:
        self.sim.pull(0, 1)
        self.sim.pull(0, 0)
        self.wait_for_level(level)

    def wait_for_level(self, level: int) -> None:
        end = time.monotonic() + PATIENCE
        while self.sim.level(1) != level:
            if time.monotonic() > end:
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(0.001)

    def play(self) -> None:
        for level in 1, 0, 1:
            self.press(level)
        self.sim.remove()
        time.sleep(2 * RETRY)
        self.sim = Sim.new("simulated", names=self.names)
        self.wait_for_level(1)  # what it was
        self.press(0)
        os.kill(os.getpid(), signal.SIGTERM)


def main() -> str | None:
    """What went wrong."""
    is_simulated = "--sim" in sys.argv
    names = [name for name in sys.argv[1:] if name != "--sim"]
    if len(names) != 2:
        return "usage: button_led.py [--sim] BUTTON LED"
    # A signal that ends the program is read from a pipe, where poll() sees it.
    end, written = os.pipe()
    os.set_blocking(written, False)
    signal.set_wakeup_fd(written)
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, lambda *_: None)
    hand = Hand(*names) if is_simulated else None
    try:
        board = Board(*names)
        if hand:
            threading.Thread(target=hand.play, daemon=True).start()
        board.run(end)
        if board.led.is_alive:
            board.led.value = 0
        board.button.close()
        board.led.close()
    except gpiodref.Error as error:
        return f"button_led.py: {error.strerror}"
    return None


if __name__ == "__main__":
    sys.exit(main())
