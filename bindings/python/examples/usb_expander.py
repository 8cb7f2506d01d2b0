# SPDX-License-Identifier: MIT OR Apache-2.0
"""A driver in this process for GPIO lines behind a file descriptor, which may be unplugged at any moment.

The device is made up, and played by a thread at the other end of a socket; a serial port or a USB endpoint would do as well. Each message
has three bytes: what, which line, which level. The host asks "i" and "o" (make it an input, an output), "s" (set) and "g" (get), and
each is answered with the same and the level; "e" comes unasked: an input has changed. No hardware is needed.
"""

import errno
import queue
import socket
import threading

import gpiodref
from gpiodref import Bias, Config, Direction, Drive, Edge, Provider

LED, BUTTON = 2, 5
NAMES = [{LED: "USB_LED", BUTTON: "USB_BUTTON"}.get(offset) for offset in range(8)]
PATIENCE = 5  # seconds


class Expander(Provider):
    """The driver. Its operations are called from any thread."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.turn = threading.Lock()  # one question at a time
        self.answers: queue.SimpleQueue[int | None] = queue.SimpleQueue()

        self.chip = self.register("usb-expander", names=NAMES)
        self.reader = threading.Thread(target=self.read_messages)
        self.reader.start()
        print(f"plugged in: {self.chip.label}, {self.chip.num_lines} lines")

    def read_messages(self) -> None:
        with self.end.makefile("rb") as messages:
            while len(message := messages.read(3)) == 3:
                what, line, level = message
                if what == ord("e"):
                    self.chip.push_edge(line, level)
                else:
                    self.answers.put(level)
        self.answers.put(None)  # first who waits for an answer, then all who use the chip: nobody waits for anybody
        self.chip.remove()

    def disconnect(self) -> None:
        """The device was unplugged. The driver goes when the last line is closed."""
        self.reader.join()
        self.chip.close()

    def ask(self, what: str, line: int, level: int = 0) -> int:
        with self.turn:
            try:
                self.end.sendall(bytes([ord(what), line, level]))
                answer = self.answers.get(timeout=PATIENCE)
            except (OSError, queue.Empty):
                # An answer that comes too late would be taken for another one's: a device that is silent counts as unplugged.
                answer = None
            if answer is None:
                self.answers.put(None)
                self.shut()
                raise OSError(errno.ENODEV, "the device is silent")
            return answer

    def shut(self) -> None:
        try:
            self.end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the other end was faster

    def configure(self, offset: int, config: Config) -> None:
        if config.bias not in (Bias.AS_IS, Bias.DISABLED) or config.drive is not Drive.PUSH_PULL:
            raise NotImplementedError("it has no resistors, and drives both levels")
        self.ask("o" if config.direction is Direction.OUTPUT else "i", offset, config.value)

    def get(self, offset: int) -> int:
        return self.ask("g", offset)

    def set(self, offset: int, level: int) -> None:
        self.ask("s", offset, level)

    def release(self) -> None:
        """The last call: the chip is removed, and nobody holds it or a line of it any more."""
        self.end.close()
        print("released: nobody holds the expander any more")


class Device:
    """The device, as one sees it from outside."""

    def __init__(self) -> None:
        self.end, self.host_end = socket.socketpair()
        self.lock = threading.Lock()
        self.levels = [0] * len(NAMES)
        self.thread = threading.Thread(target=self.answer)
        self.thread.start()

    def answer(self) -> None:
        with self.end.makefile("rb") as messages:
            while len(message := messages.read(3)) == 3:
                what, line, level = message
                with self.lock:
                    if what in b"so":
                        self.levels[line] = level
                    self.end.sendall(bytes([what, line, self.levels[line]]))

    def press(self, line: int, level: int) -> None:
        with self.lock:
            self.levels[line] = level
            self.end.sendall(bytes([ord("e"), line, level]))

    def pull_out(self) -> None:
        self.end.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.end.close()


def main() -> None:
    """Somebody who uses the lines, and knows nothing of all this."""
    device = Device()
    expander = Expander(device.host_end)
    led = gpiodref.request("USB_LED", Config.output(), consumer="blinker")
    button = gpiodref.request("USB_BUTTON", Config.input(Edge.BOTH), consumer="watcher")
    led.value = 1
    print(f"{led.name} is set, and the device's pin is {'high' if device.levels[LED] else 'low'}")
    device.press(BUTTON, 1)
    button.wait(timeout=10)
    print(button.name, *(event.edge.name for event in button.read_events()))
    device.press(BUTTON, 0)

    device.pull_out()
    print("the cable is pulled out, while both lines are held")
    expander.disconnect()
    # What came before that is not lost; then it ends.
    print(button.name, *(event.edge.name for event in button.events()))
    try:
        led.value = 0
    except gpiodref.GoneError as gone:
        print(gone.strerror)

    device = Device()
    expander = Expander(device.host_end)
    again = button.reattach()  # the expander that has this label now
    led.close()
    button.close()  # the last one of the first expander
    device.press(BUTTON, 1)
    again.wait(timeout=10)
    print(again.name, *(event.edge.name for event in again.read_events()))
    again.close()
    device.pull_out()
    expander.disconnect()


if __name__ == "__main__":
    main()
