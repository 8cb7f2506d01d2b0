# SPDX-License-Identifier: MIT OR Apache-2.0
"""How the library is found, and what concerns it as a whole. The finding itself is tested with libovl."""

import errno
import os
import pathlib
import re
import subprocess
import sys
import threading

import gpiodref
import pytest
from _holdfast import settings
from gpiodref import Chip, Sim
from gpiodref._errors import error
from gpiodref._lib import library

TOP = pathlib.Path(gpiodref.__file__).parents[1]


def ask(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a program in a Python of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in library.variables}
    kept |= {"PYTHONPATH": str(TOP)} | environment
    return subprocess.run([sys.executable, "-P", "-c", program], env=kept, capture_output=True, text=True, check=False)


def test_the_environment_says_which_library() -> None:
    show = "import gpiodref; print(gpiodref.version())"
    for variable in ("GPIODREF_LIBRARY", "HOLDFAST_GPIODREF_LIBRARY"):
        assert ask(show, **{variable: str(library()._name)}).stdout.strip() == gpiodref.version()
    refused = ask(show, GPIODREF_LIBRARY="/no/such/libgpiodref.so")
    assert "OSError: libgpiodref cannot be loaded; GPIODREF_LIBRARY may name the file" in refused.stderr


def test_importing_loads_nothing_and_only_what_it_needs() -> None:
    program = """
import gpiodref, sys
print('libgpiodref' in open('/proc/self/maps').read(), 'asyncio' in sys.modules, 'ovl' in sys.modules)
"""
    assert ask(program, GPIODREF_LIBRARY="/no/such/libgpiodref.so").stdout == "False False False\n"


def test_both_libraries_live_in_one_program() -> None:
    program = """
import gpiodref, ovl
with gpiodref.Sim.new("board", 1) as sim, ovl.Tree.new() as tree:
    for call in (lambda: tree["/none"], lambda: sim.chip.info(9)):
        try: call()
        except OSError as failure: print(type(failure).__module__.split(".")[0], failure.errno)
"""
    done = ask(program, GPIODREF_LIBRARY=str(library()._name))
    assert (done.stdout, done.stderr) == ("ovl 2\ngpiodref 22\n", "")


def test_a_program_ends_quietly_with_chips_lines_and_waiting_threads_left() -> None:
    program = """
import threading, gpiodref
from gpiodref import Config, Edge, Provider, Sim
class Board(Provider):
    def configure(self, offset, config): pass
    def get(self, offset): return 0
    def free(self, offset): print("free", offset)
sim = Sim.new("board", 2)
line = sim.chip.request(0, Config.input(Edge.BOTH))
threading.Thread(target=line.wait, daemon=True).start()
chip = Board().register("mine", 2)
kept = [chip.request(0), line.events(), sim.chip.watch()]
kept.append(kept)
gpiodref.set_log_callback(print)
"""
    done = ask(program, GPIODREF_LIBRARY=str(library()._name))
    assert (done.returncode, done.stderr) == (0, "")


def test_version() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", gpiodref.version())


def test_last_errors_of_threads_do_not_mix() -> None:
    wrong: list[str] = []

    def ask_for(name: str) -> None:
        for _ in range(300):
            try:
                Chip.open(name)
            except gpiodref.Error as error:
                if name not in str(error):
                    wrong.append(str(error))

    threads = [threading.Thread(target=ask_for, args=(f"thread-{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_tracking_has_levels() -> None:
    with pytest.raises(gpiodref.Error, match="level is 3"):
        gpiodref.set_tracking(3)


def test_k6_holders_are_named_with_their_tag() -> None:
    with Sim.new("board", 1) as sim:
        with gpiodref.tag("outer"), gpiodref.tag("inner"):
            line = sim.chip.request(0)
        assert "gpiodref_desc held by inner" in gpiodref.holders() and "outer" not in gpiodref.holders()
        line.close()
        assert "gpiodref_desc" not in gpiodref.holders()


def test_messages_go_to_the_callback_until_it_is_replaced() -> None:
    gpiodref.set_log_callback(lambda level, message: None)
    gpiodref.set_log_callback(lambda level, message: None)
    assert len(settings.callbacks) == 1
    gpiodref.set_log_callback(None)
    assert settings.callbacks == {}


def test_errors_are_os_errors_of_their_kind() -> None:
    kinds = {
        errno.ENODEV: gpiodref.GoneError,
        errno.EBUSY: gpiodref.BusyError,
        errno.ENOENT: FileNotFoundError,
        errno.EACCES: PermissionError,
        errno.EPERM: PermissionError,
        errno.ETIMEDOUT: TimeoutError,
        errno.EINVAL: gpiodref.Error,
    }
    for number, kind in kinds.items():
        failure = error(number, "the sentence")
        assert isinstance(failure, kind) and isinstance(failure, gpiodref.Error)
        assert (failure.errno, failure.strerror) == (number, "the sentence")
