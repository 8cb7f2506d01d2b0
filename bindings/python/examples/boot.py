# SPDX-License-Identifier: MIT OR Apache-2.0
"""boot.py BASE.dtb CONFIG FOLDER OUT.dtb: what a boot loader does before it starts a kernel. A board's devicetree, and the overlays that
a configuration file names, become one blob.

    # a comment
    dtparam=i2c=on                   a parameter of the base, for no overlay came yet
    dtoverlay=eeprom,address=0x51    FOLDER/eeprom.dtbo, with a parameter
    dtparam=wp=7,readonly            two more for the same overlay
    dtoverlay=                       what follows is for the base again

Labels of an overlay are its own, but for those in its /__exports__, so that one can be there twice. OUT.dtb is written as a whole, and
only if everything could be done; else all problems are told with their lines.
"""

import dataclasses
import os
import pathlib
import sys

import ovl


@dataclasses.dataclass
class Part:
    """An overlay with its parameters, or the base; and the lines that they stand in."""

    name: str
    line: int = 0
    settings: list[tuple[int, str, str]] = dataclasses.field(default_factory=list)

    def add(self, line: int, settings: str) -> None:
        for setting in settings.split(","):
            name, _, value = setting.partition("=")
            if not name:
                raise ValueError("a parameter without a name")
            self.settings.append((line, name, value or "true"))


class Boot:
    def __init__(self, base: pathlib.Path, config: pathlib.Path) -> None:
        self.config = config
        self.base = Part(str(base))
        self.overlays: list[Part] = []
        self.problems: list[str] = []
        part = self.base
        for line, text in enumerate(config.read_text().splitlines(), 1):
            match text.strip().partition("="):
                case ("dtoverlay", "=", ""):
                    part = self.base
                case ("dtoverlay", "=", value):
                    name, comma, settings = value.partition(",")
                    part = Part(name, line)
                    self.overlays.append(part)
                    if comma:
                        self.add(part, line, settings)
                case ("dtparam", "=", settings):
                    self.add(part, line, settings)
                case (key, _, _) if key and not key.startswith("#"):
                    self.problem(line, f'"{key}" is neither dtoverlay= nor dtparam=')

    def add(self, part: Part, line: int, settings: str) -> None:
        try:
            part.add(line, settings)
        except ValueError as error:
            self.problem(line, str(error))

    def problem(self, line: int, text: str | None) -> None:
        self.problems.append(f"{self.config}:{line}: {text}")

    def with_params(self, part: Part, blob: bytes) -> bytes | None:
        """The blob with the parameters of this part set; if one cannot be set, that is told with its line."""
        try:
            return ovl.set_params(blob, {name: value for _, name, value in part.settings}, name=part.name)
        except ovl.Error as all_of_them:
            before = len(self.problems)
            for line, name, value in part.settings:
                try:
                    ovl.set_params(blob, {name: value}, name=part.name)
                except ovl.Error as error:
                    self.problem(line, error.strerror)
            if len(self.problems) == before:
                self.problem(part.line, all_of_them.strerror)
            return None

    def apply(self, tree: ovl.Tree, part: Part, path: pathlib.Path) -> None:
        try:
            blob = self.with_params(part, path.read_bytes())
            if blob is not None:
                tree.apply(blob, name=part.name)
                settings = [f"{name}={value}" for _, name, value in part.settings]
                print(f"{self.config}:{part.line}: {part.name}: applied{', with ' * bool(settings)}{', '.join(settings)}")
        except ovl.Error as error:
            self.problem(part.line, error.strerror)
        except OSError as error:
            self.problem(part.line, f"{path}: {error.strerror}")

    def run(self, folder: pathlib.Path) -> bytes:
        """The blob that comes of it all; meaningless if there were problems."""
        blob = pathlib.Path(self.base.name).read_bytes()
        ovl.check_fdt(blob)
        with ovl.Tree.from_bytes(self.with_params(self.base, blob) or blob) as tree:
            for part in self.overlays:
                self.apply(tree, part, folder / f"{part.name}.dtbo")
            return tree.to_fdt()


def write_out(blob: bytes, out: pathlib.Path) -> None:
    """Beside the file first: who boots never finds half of it."""
    beside = out.with_name(out.name + ".new")
    with beside.open("wb") as file:
        file.write(blob)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(out)


def main() -> str | None:
    """What went wrong."""
    if len(sys.argv) != 5:
        return "usage: boot.py BASE.dtb CONFIG FOLDER OUT.dtb"
    base, config, folder, out = map(pathlib.Path, sys.argv[1:])
    try:
        boot = Boot(base, config)
        blob = boot.run(folder)
        if boot.problems:
            return "\n".join([*boot.problems, f"{out} is not written: problems: {len(boot.problems)}"])
        write_out(blob, out)
    except OSError as error:
        return f"{error.filename or base}: {error.strerror}"
    print(f"{out}: {len(boot.overlays)} overlays, {len(blob)} bytes")
    return None


if __name__ == "__main__":
    sys.exit(main())
