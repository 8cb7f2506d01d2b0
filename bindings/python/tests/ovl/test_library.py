# SPDX-License-Identifier: MIT OR Apache-2.0
"""How the library is found, and what concerns it as a whole."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading

import ovl
import pytest
from _holdfast import settings
from ovl._lib import library

PACKAGES = pathlib.Path(ovl.__file__).parents[1]
LOADED = str(library()._name)


def ask(program: str, path: pathlib.Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a program in a Python of its own, with `path` to import from."""
    kept = {name: value for name, value in os.environ.items() if name not in library.variables}
    kept |= {"PYTHONPATH": str(path)} | environment
    return subprocess.run([sys.executable, "-P", "-c", program], env=kept, capture_output=True, text=True, check=False)


SHOW = "import ovl; print(ovl.version()); print(next(line for line in open('/proc/self/maps') if 'libovl' in line).split()[-1])"


@pytest.fixture
def package(tmp_path: pathlib.Path) -> pathlib.Path:
    """A copy of the package, to put a library beside it."""
    for name in ("ovl", "_holdfast"):
        shutil.copytree(PACKAGES / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_environment_says_which_library(package: pathlib.Path) -> None:
    here = shutil.copy(os.path.realpath(LOADED), package / "libovl-mine.so")
    for variable in ("OVL_LIBRARY", "HOLDFAST_OVL_LIBRARY"):
        assert ask(SHOW, package, **{variable: str(here)}).stdout.split() == [ovl.version(), str(here)]
    refused = ask(SHOW, package, OVL_LIBRARY="/no/such/libovl.so")
    assert refused.returncode == 1
    assert "OSError: libovl cannot be loaded" in refused.stderr
    assert "/no/such/libovl.so" in refused.stderr
    assert "libovl.so.0" not in refused.stderr, "what was chosen is not replaced by something else"


def test_a_library_beside_the_package_comes_before_the_systems(package: pathlib.Path) -> None:
    bundled = shutil.copy(os.path.realpath(LOADED), package / "ovl" / "libovl.so.0")
    assert ask(SHOW, package).stdout.split() == [ovl.version(), str(bundled)]


def test_the_systems_library_is_found_by_its_soname(package: pathlib.Path) -> None:
    system = package / "lib"
    system.mkdir()
    found = shutil.copy(os.path.realpath(LOADED), system / "libovl.so.0")
    assert ask(SHOW, package, LD_LIBRARY_PATH=str(system)).stdout.split() == [ovl.version(), str(found)]


def test_importing_loads_nothing(package: pathlib.Path) -> None:
    program = "import ovl; print('libovl' in open('/proc/self/maps').read())"
    assert ask(program, package, OVL_LIBRARY="/no/such/libovl.so").stdout == "False\n"


def test_a_library_that_lacks_a_function_is_refused_by_name(package: pathlib.Path) -> None:
    source = package / "old.c"
    source.write_text("const char *ovl_version(void) { return \"0.0\"; }")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", package / "old.so", source], check=True)
    assert "undefined symbol: ovl_" in ask(SHOW, package, OVL_LIBRARY=str(package / "old.so")).stderr


def test_threads_load_it_once(package: pathlib.Path) -> None:
    program = """
import threading, time
from ovl._lib import library
loads, original = [], library._load
def load():
    loads.append(1)
    time.sleep(0.1)
    return original()
library._load = load
threads = [threading.Thread(target=library) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(loads))
"""
    assert ask(program, package, OVL_LIBRARY=LOADED).stdout == "1\n"


def test_version() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", ovl.version())


def test_last_errors_of_threads_do_not_mix(tree: ovl.Tree) -> None:
    wrong: list[str] = []

    def ask_for(name: str) -> None:
        for _ in range(300):
            try:
                tree[f"/{name}"]
            except ovl.Error as error:
                if f"/{name}" not in str(error):
                    wrong.append(str(error))

    threads = [threading.Thread(target=ask_for, args=(f"thread-{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_tracking_has_levels() -> None:
    with pytest.raises(ovl.Error, match="level is 3"):
        ovl.set_tracking(3)


def test_log_callbacks_are_let_go_when_replaced() -> None:
    ovl.set_log_callback(lambda level, message: None)
    ovl.set_log_callback(lambda level, message: None)
    assert len(settings.callbacks) == 1
    ovl.set_log_callback(None)
    assert settings.callbacks == {}
