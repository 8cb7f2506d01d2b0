# SPDX-License-Identifier: MIT OR Apache-2.0
"""How the library is found, and what concerns it as a whole. The finding itself is tested with libovl."""

import errno
import os
import pathlib
import re
import subprocess
import sys

import mediadev
import pytest
from _holdfast import settings
from mediadev import Node
from mediadev._errors import error
from mediadev._lib import library

TOP = pathlib.Path(mediadev.__file__).parents[1]


def ask(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a program in a Python of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in library.variables}
    kept |= {"PYTHONPATH": str(TOP)} | environment
    return subprocess.run([sys.executable, "-P", "-c", program], env=kept, capture_output=True, text=True, check=False)


def test_the_environment_says_which_library() -> None:
    show = "import mediadev; print(mediadev.version())"
    for variable in ("MEDIADEV_LIBRARY", "HOLDFAST_MEDIADEV_LIBRARY"):
        assert ask(show, **{variable: str(library()._name)}).stdout.strip() == mediadev.version()
    refused = ask(show, MEDIADEV_LIBRARY="/no/such/libmediadev.so")
    assert "OSError: libmediadev cannot be loaded; MEDIADEV_LIBRARY may name the file" in refused.stderr


def test_importing_loads_nothing_and_only_what_it_needs() -> None:
    program = """
import mediadev, sys
print('libmediadev' in open('/proc/self/maps').read(), 'asyncio' in sys.modules, 'gpiodref' in sys.modules)
"""
    assert ask(program, MEDIADEV_LIBRARY="/no/such/libmediadev.so").stdout == "False False False\n"


def test_all_libraries_live_in_one_program() -> None:
    program = """
import gpiodref, mediadev, ovl
with gpiodref.Sim.new("board", 1) as sim, ovl.Tree.new() as tree:
    for call in (lambda: tree["/none"], lambda: sim.chip.info(9), lambda: mediadev.Node.open("/none")):
        try: call()
        except OSError as failure: print(type(failure).__module__.split(".")[0], failure.errno)
"""
    done = ask(program, MEDIADEV_LIBRARY=str(library()._name))
    assert (done.stdout, done.stderr) == ("ovl 2\ngpiodref 22\nmediadev 2\n", "")


def test_version() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", mediadev.version())


def test_tracking_has_levels() -> None:
    with pytest.raises(mediadev.Error, match="level is 3"):
        mediadev.set_tracking(3)


def test_messages_go_to_the_callback_until_it_is_replaced() -> None:
    mediadev.set_log_callback(lambda level, message: None)
    mediadev.set_log_callback(lambda level, message: None)
    assert len(settings.callbacks) == 1
    mediadev.set_log_callback(None)
    assert settings.callbacks == {}


def test_errors_are_os_errors_of_their_kind() -> None:
    kinds = {
        errno.ENODEV: mediadev.GoneError,
        errno.EBUSY: mediadev.BusyError,
        errno.ENOENT: FileNotFoundError,
        errno.EACCES: PermissionError,
        errno.EPERM: PermissionError,
        errno.ETIMEDOUT: TimeoutError,
        errno.EINVAL: mediadev.Error,
    }
    for number, kind in kinds.items():
        failure = error(number, "the sentence")
        assert isinstance(failure, kind) and isinstance(failure, mediadev.Error)
        assert (failure.errno, failure.strerror) == (number, "the sentence")


def test_what_is_no_media_device_is_told_so() -> None:
    with pytest.raises(mediadev.Error, match="/dev/null") as wrong:
        Node.open("/dev/null")
    assert wrong.value.errno == errno.EINVAL
    with pytest.raises(FileNotFoundError, match="media99"):
        Node.open("media99")
    with pytest.raises(ValueError, match="NUL"):
        Node.open("media0\0")
    assert all(re.fullmatch(r"media\d+", name) for name in mediadev.nodes())
