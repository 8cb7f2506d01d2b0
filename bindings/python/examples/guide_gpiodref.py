# SPDX-License-Identifier: MIT OR Apache-2.0
"""The everyday tasks of libgpiodref, one function each, on simulated chips (docs/guide/gpiodref)."""

import asyncio

import gpiodref
from gpiodref import Bias, Chip, Config, Edge, Line, Provider, Sim


def lines() -> None:
    with Chip.open("board") as chip:  # by label, by name ("gpiochip0") or by path ("/dev/gpiochip0")
        pressed = Config.input(bias=Bias.PULL_UP, active_low=True)
        with chip.request("BUTTON", pressed, consumer="the door") as button:
            print(f"{button.name}: value {button.value}, level {button.raw_value}")
            try:
                chip.request("BUTTON", consumer="a visitor")
            except gpiodref.BusyError as busy:
                print(busy.strerror)
        with chip.request_group(["D0", "D1"], Config.output(), consumer="the bus") as bus:
            bus.values = [1, 0]
            print(bus.get())
    with gpiodref.request("LED", Config.output(1)) as led:  # of whatever chip has it
        led.value = 0


async def watch(button: Line) -> None:
    async for event in button.aevents():  # ends when the chip is gone
        print(f"{button.name}: {event.edge.name}")


async def come_back(gone: Line) -> Line:
    while True:
        try:
            return gone.reattach()
        except gpiodref.GoneError:  # not yet
            await asyncio.sleep(0.05)


async def keypad(button: Line) -> None:
    for _ in range(2):
        await watch(button)
        print("unplugged")
        old, button = button, await come_back(button)
        old.close()
        print("it is back")
    button.close()


async def user(sim: Sim) -> None:
    for _ in range(2):
        sim.pull("BUTTON", 1)
        sim.pull("BUTTON", 0)
        sim.remove()
        sim.close()
        await asyncio.sleep(0.1)
        sim = Sim.new("keypad", names=["BUTTON"])
        await asyncio.sleep(0.1)
    sim.remove()
    sim.close()


async def events() -> None:
    sim = Sim.new("keypad", names=["BUTTON"])
    button = gpiodref.request("BUTTON", Config.input(Edge.BOTH))
    await asyncio.gather(keypad(button), user(sim))


class Expander(Provider):
    """A chip of this program: two lines behind a bus, which here is a list."""

    def __init__(self) -> None:
        self.levels = [0] * 2

    def configure(self, offset: int, config: Config) -> None:
        self.levels[offset] = config.value

    def get(self, offset: int) -> int:
        return self.levels[offset]

    def set(self, offset: int, level: int) -> None:
        self.levels[offset] = level


def provide() -> None:
    with Expander().register("expander", names=["RELAY", "DOOR"]) as chip:
        relay = gpiodref.request("RELAY", Config.output(1), consumer="the heating")
        door = gpiodref.request("DOOR", Config.input(Edge.BOTH))
        chip.push_edge("DOOR", 1)
        print([event.edge.name for event in door.read_events()])
    try:
        relay.value = 0
    except gpiodref.GoneError as gone:
        print(gone.strerror)
    relay.close()
    door.close()


def main() -> None:
    with Sim.new("board", names=["LED", "BUTTON", "D0", "D1"]):
        lines()
    asyncio.run(events())
    provide()


if __name__ == "__main__":
    main()
