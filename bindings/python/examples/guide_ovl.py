# SPDX-License-Identifier: MIT OR Apache-2.0
"""guide_ovl.py BASE.dtb OVERLAY.dtbo…: the everyday tasks of libovl, one function each (docs/guide/ovl)."""

import sys

import ovl


def read(tree: ovl.Tree) -> None:
    with tree["serial0"] as uart:  # by alias; a path will do, and tree.by_label("uart0")
        print(uart.path, uart.read_strings("compatible"), uart["reg"].u32s())
        print("wakeup-source" in uart, "it can be used" if uart.is_available else "it is disabled")
    for leds in tree.compatible("gpio-leds"):
        for led in leds:
            chip, (line, _flags) = led.phandle_args("gpios", "#gpio-cells", 0)
            print(f"{led.name}: line {line} of {chip.name}")


def foresee(tree: ovl.Tree, overlay: str) -> None:
    report = tree.check(overlay)
    print(f"{overlay} can be applied:" if report.ok else f"{overlay} cannot be applied:")
    print(report, end="")


def overlays(tree: ovl.Tree, names: list[str]) -> None:
    applied = [tree.apply(name) for name in names]
    for overlay in tree.overlays:
        print(f"overlay {overlay.id}: {overlay.name}")
    print("came with an overlay:", *(node.path for node in tree if node.origin))
    for overlay in applied:  # in this order or any other
        overlay.remove()


def change(tree: ovl.Tree) -> None:
    uart = tree["serial0"]
    with ovl.Changeset(tree) as changes:  # applied at the end of the block, all of it or nothing
        changes.set(uart, "current-speed", 115200)
        changes.set(uart, "status", "disabled")
    print(uart["current-speed"].u32s(), uart.is_available)
    changes.revert()
    print("current-speed" in uart, uart.is_available)


def unplugged(tree: ovl.Tree, overlay: str) -> None:
    ovl.set_tracking(1)
    with tree.apply(overlay) as applied, ovl.tag("the fan control"):
        node = next(node for node in tree if node.origin == applied.id)
    print(node.path, node.is_attached, node.read_u32("reg"))  # still readable
    try:
        applied.wait_released(timeout=0.1)
    except TimeoutError as held:
        print(held.strerror, end="")
    node.close()
    applied.wait_released(timeout=0.1)


def main() -> None:
    board, *names = sys.argv[1:]
    with ovl.Tree.from_file(board) as tree:
        read(tree)
        foresee(tree, names[0])
        overlays(tree, names)
        change(tree)
        unplugged(tree, names[0])
        try:
            tree.apply(board)
        except ovl.Error as error:
            print(f"refused with errno {error.errno}: {error.strerror}")


if __name__ == "__main__":
    main()
