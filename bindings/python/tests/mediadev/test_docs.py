# SPDX-License-Identifier: MIT OR Apache-2.0
"""Every snippet of docs/python.md about libmediadev that needs no hardware runs, and gives what it says."""

from ..chapter import Chapter


def test_the_snippets_do_what_the_document_says() -> None:
    chapter = Chapter("libmediadev")
    # What needs a device of the kernel is run by tests/kernel.
    chapter.snippets = [each for each in chapter.snippets if "Node.open" not in each]
    assert len(chapter.snippets) == 5
    try:
        assert chapter.run() == [
            "camera (platform:camera): ioctl 0x6301: Resource temporarily unavailable (os error 11)",
            "camera (platform:camera): topology: the device is gone",
            "freed",
        ]
    finally:
        chapter.names.clear()
