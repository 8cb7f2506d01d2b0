# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the opaque handles of the Holdfast libraries stand for, in gdb.

gdb loads this file with the library that it is installed for; `source` does it by hand. Then `print`, `backtrace full` and whatever
else shows a handle says what it is. That reads memory and calls nothing, so it works on a core dump, on a pointer to what is gone,
and while a thread holds a lock of the library. The library needs no debug information; the program does, for its own variables.

The commands of `holdfast` ask the library itself, by a call in the program. That needs a live process, and it waits where a stopped
thread holds a lock that the answer needs: Ctrl-C ends it.

It knows the layout of the version that it came with, on 64-bit machines: Counted and Held of the crate kref, Slab, NodeEntry and
PropEntry of libovl, Chip of libgpiodref. All of those are #[repr(C)], and tests/gdb looks at each of them.
"""

import gdb
import gdb.printing

# A blob cannot be nested deeper, and no name is longer.
MAX_DEPTH = 64
MAX_NAME = 4096


def number(address: int, bits: int = 32, signed: bool = False) -> int:
    """The number at an address of the program."""
    kind = gdb.selected_inferior().architecture().integer_type(bits, signed)
    return int(gdb.Value(address).cast(kind.pointer()).dereference())


def pointer(address: int) -> int:
    return number(address, 64)


def raw(address: int, length: int) -> bytes:
    return gdb.selected_inferior().read_memory(address, length).tobytes() if length else b""


def text(address: int, length: int) -> str:
    return raw(address, min(length, MAX_NAME)).decode(errors="replace")


def references(count: int) -> str:
    return "released" if count == 0 else f"{count} reference{'s' * (count != 1)}"


def counted(handle: int) -> str:
    """kref::Counted: two counts in front of the value, of those who hold it and of those who hold its memory."""
    return references(number(handle - 8))


def weak(handle: int) -> str:
    return f"of what has {counted(handle)}" if number(handle - 8) else "of what is released"


def port(handle: int) -> str:
    """kref::Held: one word in front, of references, of running calls, and whether it has been revoked."""
    state = number(handle - 16, 64)
    calls, revoked = state >> 32 & 0x7FFFFFFF, state >> 63
    return f"{references(state & 0xFFFFFFFF)}, {calls} running calls{', revoked' * revoked}"


def chip(handle: int) -> str:
    name, label = (text(pointer(handle + at), pointer(handle + at + 8) - 1) for at in (0, 16))
    return f'{name} "{label}", {number(handle + 32)} lines, {counted(handle)}'


class Slab:
    """What an entry of libovl lies in."""

    def __init__(self, entry: int) -> None:
        start = entry - 4 * number(entry + 4)
        origin, made = number(start + 16, signed=True), number(start + 20, 8)
        self.origin = f"{'changeset' if made else 'overlay'} {origin}" if origin else "the base"
        self.blob, self.length = pointer(start + 32), pointer(start + 40)

    def strings(self) -> int:
        """Where the names of properties begin; what a program made has no header in front."""
        is_blob = self.length >= 40 and raw(self.blob, 4) == bytes.fromhex("d00dfeed")
        return self.blob + (int.from_bytes(raw(self.blob + 12, 4), "big") if is_blob else 0)


def node(entry: int) -> str:
    attached = number(entry + 28, 8)
    names, above = [], entry
    while above and len(names) < MAX_DEPTH:
        names.append(text(Slab(above).blob + number(above + 8), number(above + 12)))
        top, above = above, pointer(above + 32)
    # The root has no name. What is above a removed node is known to the library only.
    rooted = not names[-1]
    path = "/".join(reversed(names)) or "/"
    state = "attached" if attached else "removed"
    return f"{path if rooted else '.../' + path}, {state}, {references(number(entry))}, of {Slab(entry).origin}"


def prop(entry: int) -> str:
    slab, value = Slab(entry), number(entry + 8)
    length, name = (int.from_bytes(raw(slab.blob + value - back, 4), "big") for back in (8, 4))
    name = raw(slab.strings() + name, min(MAX_NAME, slab.blob + slab.length - slab.strings() - name)).split(b"\0")[0]
    start = raw(slab.blob + value, min(length, 32))
    if start and length <= 32 and start[-1] == 0 and start[:-1].replace(b"\0", b" ").decode("latin-1").isprintable() and start[0]:
        shown = ", ".join(f'"{part.decode()}"' for part in start[:-1].split(b"\0"))
    else:
        shown = f"[{start.hex(' ')}{' ...' * (length > 32)}]"
    return f"{name.decode()} = {shown}, {length} bytes, {references(number(entry))}, of {slab.origin}"


HANDLES = {
    "ovl_node": node,
    "ovl_prop": prop,
    "gpiodref_chip": chip,
    "gpiodref_weak": weak,
    "mediadev_file": port,
    **dict.fromkeys(("ovl_tree", "ovl_changeset", "ovl_bus", "ovl_device"), counted),
    **dict.fromkeys(("gpiodref_desc", "gpiodref_group", "gpiodref_sim", "gpiodref_watch"), counted),
    **dict.fromkeys(("mediadev_device", "mediadev_entity", "mediadev_export", "mediadev_node"), counted),
    **dict.fromkeys(("mediadev_request", "mediadev_topology"), counted),
}


# What can be asked of a handle beside, of those functions that give no reference away.
NUMBER, LONG, STRING = "int", "unsigned long", "const char *"
ASKED = {
    "ovl_device": ((NUMBER, "ovl_device_is_bound"), (STRING, "ovl_device_driver")),
    "ovl_changeset": ((NUMBER, "ovl_changeset_id"), (NUMBER, "ovl_changeset_is_applied")),
    "gpiodref_chip": ((NUMBER, "gpiodref_chip_is_alive"),),
    "gpiodref_desc": (
        (NUMBER, "gpiodref_desc_offset"),
        (STRING, "gpiodref_desc_name"),
        (STRING, "gpiodref_desc_consumer"),
        (NUMBER, "gpiodref_is_alive"),
    ),
    "gpiodref_group": ((NUMBER, "gpiodref_group_num_lines"), (NUMBER, "gpiodref_group_is_alive")),
    "mediadev_device": ((LONG, "mediadev_device_generation"), (NUMBER, "mediadev_is_registered")),
    "mediadev_entity": (
        (NUMBER, "mediadev_entity_id"),
        (STRING, "mediadev_entity_name"),
        (NUMBER, "mediadev_entity_is_attached"),
    ),
    "mediadev_node": ((STRING, "mediadev_node_name"), (NUMBER, "mediadev_node_is_alive")),
    "mediadev_topology": ((LONG, "mediadev_topology_version"), (LONG, "mediadev_topology_generation")),
}


def handle_of(value: gdb.Value) -> str | None:
    """The handle that a value is a pointer to, if it is one."""
    kind = value.type.strip_typedefs()
    if kind.code != gdb.TYPE_CODE_PTR or kind.sizeof != 8:
        return None
    target = kind.target().unqualified().strip_typedefs()
    name = target.tag or target.name
    return name if name in HANDLES else None


class Printer:
    def __init__(self, value: gdb.Value, name: str) -> None:
        self.value, self.name = value, name

    def to_string(self) -> str:
        address = int(self.value)
        if not address:
            return "NULL"
        try:
            return f"{address:#x} {self.name}: {HANDLES[self.name](address)}"
        except (gdb.MemoryError, IndexError, ValueError):
            return f"{address:#x} {self.name}: no such object is there"


def printer(value: gdb.Value) -> Printer | None:
    name = handle_of(value)
    return Printer(value, name) if name else None


printer.name = "holdfast"
printer.enabled = True
gdb.printing.register_pretty_printer(gdb.current_objfile(), printer, replace=True)


def evaluated(expression: str) -> gdb.Value:
    """What an expression of C comes to, whatever the language of the frame is."""
    language, unwind = gdb.parameter("language"), gdb.parameter("unwindonsignal")
    gdb.execute("set language c", to_string=True)
    gdb.execute("set unwindonsignal on", to_string=True)
    try:
        return gdb.parse_and_eval(expression)
    finally:
        gdb.execute(f"set language {language}", to_string=True)
        gdb.execute(f"set unwindonsignal {'on' if unwind else 'off'}", to_string=True)


def call(result: str, function: str, *arguments: int) -> gdb.Value:
    """What a function of the program returns; its arguments are pointers and sizes."""
    kinds = ", ".join(["long"] * len(arguments)) or "void"
    values = ", ".join(str(argument) for argument in arguments)
    try:
        return evaluated(f"(({result} (*)({kinds})) {function})({values})")
    except gdb.error as error:
        raise gdb.GdbError(f"{function}: {error}") from None


def said(value: gdb.Value) -> str:
    """A C string, or a number."""
    if value.type.strip_typedefs().code == gdb.TYPE_CODE_PTR:
        return value.string("utf-8", "replace") if int(value) else "none"
    return str(int(value))


def given(library: str, function: str, *arguments: int) -> str:
    """The text that a function gives into its last argument."""
    place = int(call("long", "calloc", 1, 8))
    code = int(call("int", function, *arguments, place))
    report = pointer(place)
    call("int", "free", place)
    if code < 0:
        raise gdb.GdbError(f"{function}: {said(call('const char *', library + '_last_error'))}")
    answer = said(evaluated(f"(const char *) {report}"))
    call("int", library + "_free", report)
    return answer


def known(function: str) -> bool:
    try:
        evaluated(f"&{function}")
    except gdb.error:
        return False
    return True


def one(argument: str, wanted: str) -> int:
    """The handle that a command was given."""
    value = gdb.parse_and_eval(argument)
    if handle_of(value) != wanted:
        raise gdb.GdbError(f"{argument} is no {wanted} *")
    return int(value)


class Holdfast(gdb.Command):
    """Ask the Holdfast libraries of a live process: describe, holders, dts, error."""

    def __init__(self) -> None:
        super().__init__("holdfast", gdb.COMMAND_DATA, prefix=True)


class Holders(gdb.Command):
    """holdfast holders [TREE]: who holds what, of libgpiodref and libmediadev, or of a live devicetree.

    Names are known where tracking is on: HOLDFAST_TRACK=1, or 2 for backtraces."""

    def __init__(self) -> None:
        super().__init__("holdfast holders", gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument: str, from_tty: bool) -> None:
        if argument:
            gdb.write(given("ovl", "ovl_tree_holders", one(argument, "ovl_tree")))
            return
        for library in ("gpiodref", "mediadev"):
            if known(f"{library}_holders"):
                gdb.write(given(library, f"{library}_holders"))


class Describe(gdb.Command):
    """holdfast describe HANDLE: what the library says of it."""

    def __init__(self) -> None:
        super().__init__("holdfast describe", gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument: str, from_tty: bool) -> None:
        value = gdb.parse_and_eval(argument)
        name = handle_of(value)
        if not name:
            raise gdb.GdbError(f"{argument} is no handle of these libraries")
        gdb.write(f"{Printer(value, name).to_string()}\n")
        for kind, function in ASKED.get(name, ()):
            gdb.write(f"    {function}: {said(call(kind, function, int(value)))}\n")


class Dts(gdb.Command):
    """holdfast dts TREE: a live devicetree as source."""

    def __init__(self) -> None:
        super().__init__("holdfast dts", gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument: str, from_tty: bool) -> None:
        gdb.write(given("ovl", "ovl_tree_to_dts", one(argument, "ovl_tree")))


class LastError(gdb.Command):
    """holdfast error: the sentence of the last call that failed in the selected thread, of each library."""

    def __init__(self) -> None:
        super().__init__("holdfast error", gdb.COMMAND_DATA)

    def invoke(self, argument: str, from_tty: bool) -> None:
        for library in ("ovl", "gpiodref", "mediadev"):
            if known(f"{library}_last_error"):
                gdb.write(f"{library}: {said(call('const char *', library + '_last_error')) or 'none'}\n")


for command in (Holdfast, Describe, Holders, Dts, LastError):
    command()
