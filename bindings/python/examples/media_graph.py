# SPDX-License-Identifier: MIT OR Apache-2.0
"""media_graph.py [DEVICE]: draws the graph of a media device for Graphviz; without a word, lists the devices.

    media_graph.py vimc | dot -Tsvg > vimc.svg

DEVICE is a path, a name ("media0"), bus information ("platform:vimc") or a driver ("vimc").
"""

import sys

import mediadev
from mediadev import Node


def listed() -> None:
    for name in mediadev.nodes():
        try:
            with Node.open(name) as node:
                info = node.info
                print(f"/dev/{name}: {info.model}, driver {info.driver} at {info.bus_info}")
        except mediadev.Error as error:
            print(f"media_graph: {error.strerror}", file=sys.stderr)  # with the next one, all the same


def draw(key: str) -> None:
    with Node.open(key) as node, node.topology() as topology:
        print(topology.to_dot(), end="")


if __name__ == "__main__":
    try:
        if len(sys.argv) > 1:
            draw(sys.argv[1])
        else:
            listed()
    except mediadev.Error as error:
        sys.exit(f"media_graph: {error.strerror}")
