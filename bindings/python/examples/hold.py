# SPDX-License-Identifier: MIT OR Apache-2.0
"""hold.py BASE.dtb OVERLAY.dtbo NODE: a node stays readable while it is held, though its overlay is gone."""

import sys

import ovl

base, overlay, path = sys.argv[1:]
ovl.set_tracking(1)
with ovl.Tree.from_file(base) as tree:
    with tree.apply(overlay) as applied, ovl.tag("the thermal daemon"):
        node = tree[path]
    print(f"{node.path} {'attached' if node.is_attached else 'removed, still readable'}: {[*node.props]}")
    try:
        applied.wait_released(timeout=0.1)
    except TimeoutError as held:
        print(held.strerror, end="")
    node.close()  # the last one: now the memory of the overlay is freed
    applied.wait_released(timeout=0.1)
