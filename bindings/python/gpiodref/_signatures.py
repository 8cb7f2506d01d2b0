# SPDX-License-Identifier: MIT OR Apache-2.0
"""Every function of gpiodref.h: what it returns, what it takes, and when it has failed.

A test compares this table with the header, in both directions.
"""

import ctypes
from ctypes import (
    CFUNCTYPE,
    POINTER,
    c_char,
    c_char_p,
    c_int,
    c_int32,
    c_size_t,
    c_uint,
    c_uint32,
    c_uint64,
    c_void_p,
)

from _holdfast.signature import Signature, destroy, log_callback, negative, null, null_data


class gpiodref_chip(ctypes.Structure):
    """Opaque; so are the next ones. Types of their own, so that ctypes refuses one for the other."""


class gpiodref_desc(ctypes.Structure):
    pass


class gpiodref_group(ctypes.Structure):
    pass


class gpiodref_watch(ctypes.Structure):
    pass


class gpiodref_weak(ctypes.Structure):
    pass


class gpiodref_sim(ctypes.Structure):
    pass


CHIP = POINTER(gpiodref_chip)
DESC = POINTER(gpiodref_desc)
GROUP = POINTER(gpiodref_group)
WATCH = POINTER(gpiodref_watch)
WEAK = POINTER(gpiodref_weak)
SIM = POINTER(gpiodref_sim)


class gpiodref_line_info(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("offset", c_uint32),
        ("used", c_uint32),
        ("name", c_char * 32),
        ("consumer", c_char * 32),
        ("direction", c_uint32),
        ("edge", c_uint32),
        ("bias", c_uint32),
        ("drive", c_uint32),
        ("clock", c_uint32),
        ("flags", c_uint32),
        ("debounce_us", c_uint32),
    ]


class gpiodref_config(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("direction", c_uint32),
        ("edge", c_uint32),
        ("bias", c_uint32),
        ("drive", c_uint32),
        ("clock", c_uint32),
        ("flags", c_uint32),
        ("debounce_us", c_uint32),
        ("value", c_int32),
        ("event_buffer", c_uint32),
    ]


class gpiodref_event(ctypes.Structure):
    _fields_ = [
        ("timestamp_ns", c_uint64),
        ("type", c_uint32),
        ("offset", c_uint32),
        ("line_seqno", c_uint32),
        ("global_seqno", c_uint32),
    ]


class gpiodref_info_event(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("timestamp_ns", c_uint64),
        ("change", c_uint32),
        ("reserved", c_uint32),
        ("info", gpiodref_line_info),
    ]


class gpiodref_chip_config(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("label", c_char_p),
        ("names", POINTER(c_char_p)),
        ("num_lines", c_uint32),
        ("remove_policy", c_uint32),
        ("remove_timeout_ms", c_int32),
    ]


class gpiodref_chip_ops(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("request", CFUNCTYPE(c_int, c_uint, c_void_p)),
        ("free", CFUNCTYPE(None, c_uint, c_void_p)),
        ("configure", CFUNCTYPE(c_int, c_uint, POINTER(gpiodref_config), c_void_p)),
        ("get", CFUNCTYPE(c_int, c_uint, c_void_p)),
        ("set", CFUNCTYPE(c_int, c_uint, c_int, c_void_p)),
        ("get_multiple", CFUNCTYPE(c_int, POINTER(c_uint), c_size_t, POINTER(c_uint64), c_void_p)),
        ("set_multiple", CFUNCTYPE(c_int, POINTER(c_uint), c_size_t, c_uint64, c_void_p)),
        ("release", CFUNCTYPE(None, c_void_p)),
    ]


gpiodref_log_callback, gpiodref_destroy = log_callback, destroy

CONSTANTS = {
    "GPIODREF_DIRECTION_AS_IS": 0,
    "GPIODREF_DIRECTION_INPUT": 1,
    "GPIODREF_DIRECTION_OUTPUT": 2,
    "GPIODREF_EDGE_NONE": 0,
    "GPIODREF_EDGE_RISING": 1,
    "GPIODREF_EDGE_FALLING": 2,
    "GPIODREF_EDGE_BOTH": 3,
    "GPIODREF_BIAS_AS_IS": 0,
    "GPIODREF_BIAS_DISABLED": 1,
    "GPIODREF_BIAS_PULL_UP": 2,
    "GPIODREF_BIAS_PULL_DOWN": 3,
    "GPIODREF_DRIVE_PUSH_PULL": 0,
    "GPIODREF_DRIVE_OPEN_DRAIN": 1,
    "GPIODREF_DRIVE_OPEN_SOURCE": 2,
    "GPIODREF_CLOCK_MONOTONIC": 0,
    "GPIODREF_CLOCK_REALTIME": 1,
    "GPIODREF_CLOCK_HTE": 2,
    "GPIODREF_FLAG_ACTIVE_LOW": 1,
    "GPIODREF_FLAG_SHARED": 2,
    "GPIODREF_EVENT_RISING": 1,
    "GPIODREF_EVENT_FALLING": 2,
    "GPIODREF_WAIT_TIMEOUT": 0,
    "GPIODREF_WAIT_EVENT": 1,
    "GPIODREF_WAIT_GONE": 2,
    "GPIODREF_CHANGE_REQUESTED": 1,
    "GPIODREF_CHANGE_RELEASED": 2,
    "GPIODREF_CHANGE_RECONFIGURED": 3,
    "GPIODREF_REMOVE_NUMB": 0,
    "GPIODREF_REMOVE_REFUSE": 1,
    "GPIODREF_REMOVE_WAIT": 2,
}


# A `char *` that the function writes to; c_char_p would be text that it reads.
_BUFFER = c_void_p
# A `char **` to which it writes text for gpiodref_free().
_TEXT_OUT = POINTER(c_char_p)
_CONFIG = POINTER(gpiodref_config)
_CONFIGS = POINTER(_CONFIG)
_OFFSETS = POINTER(c_uint)
_EVENTS = POINTER(gpiodref_event)

SIGNATURES: dict[str, Signature] = {
    # The library as a whole
    "gpiodref_version": (c_char_p, [], None),
    "gpiodref_last_error": (c_char_p, [], None),
    "gpiodref_free": (None, [c_void_p], None),
    "gpiodref_set_log_callback": (c_int, [gpiodref_log_callback, c_void_p, gpiodref_destroy], negative),
    "gpiodref_set_tracking": (c_int, [c_uint32], negative),
    "gpiodref_set_tag": (c_int, [c_char_p], negative),
    "gpiodref_holders": (c_int, [_TEXT_OUT], negative),
    # Chips
    "gpiodref_chip_open": (CHIP, [c_char_p], null),
    "gpiodref_chip_get": (CHIP, [CHIP], null),
    "gpiodref_chip_put": (None, [CHIP], None),
    "gpiodref_chip_next": (c_int, [c_char_p, _BUFFER, c_size_t], negative),
    "gpiodref_chip_name": (c_char_p, [CHIP], null_data),
    "gpiodref_chip_label": (c_char_p, [CHIP], null_data),
    "gpiodref_chip_num_lines": (c_uint, [CHIP], None),
    "gpiodref_chip_is_alive": (c_int, [CHIP], negative),
    "gpiodref_chip_fd": (c_int, [CHIP], negative),
    "gpiodref_chip_find_line": (c_int, [CHIP, c_char_p, POINTER(c_uint)], negative),
    "gpiodref_line_info": (c_int, [CHIP, c_uint, POINTER(gpiodref_line_info)], negative),
    "gpiodref_find_line": (c_int, [c_char_p, POINTER(CHIP), POINTER(c_uint)], negative),
    "gpiodref_hog": (c_int, [CHIP, c_uint, c_char_p, c_int], negative),
    # Chips of this process
    "gpiodref_chip_register": (
        CHIP,
        [POINTER(gpiodref_chip_config), POINTER(gpiodref_chip_ops), c_void_p],
        null,
    ),
    "gpiodref_chip_remove": (c_int, [CHIP], negative),
    "gpiodref_chip_drain": (c_int, [CHIP, c_int], negative),
    "gpiodref_chip_push_edge": (c_int, [CHIP, c_uint, c_int, c_uint64], negative),
    "gpiodref_sim_new": (SIM, [POINTER(gpiodref_chip_config)], null),
    "gpiodref_sim_get": (SIM, [SIM], null),
    "gpiodref_sim_put": (None, [SIM], None),
    "gpiodref_sim_chip": (CHIP, [SIM], null),
    "gpiodref_sim_set_pull": (c_int, [SIM, c_uint, c_int], negative),
    "gpiodref_sim_level": (c_int, [SIM, c_uint], negative),
    "gpiodref_sim_remove": (c_int, [SIM], negative),
    # Lines
    "gpiodref_request": (DESC, [CHIP, c_uint, _CONFIG, c_char_p], null),
    "gpiodref_request_by_name": (DESC, [c_char_p, _CONFIG, c_char_p], null),
    "gpiodref_adopt": (DESC, [c_int], null),
    "gpiodref_reattach": (DESC, [DESC], null),
    "gpiodref_get": (DESC, [DESC], null),
    "gpiodref_put": (None, [DESC], None),
    "gpiodref_downgrade": (WEAK, [DESC], null),
    "gpiodref_upgrade": (DESC, [WEAK], None),
    "gpiodref_weak_put": (None, [WEAK], None),
    "gpiodref_get_value": (c_int, [DESC], negative),
    "gpiodref_set_value": (c_int, [DESC, c_int], negative),
    "gpiodref_get_raw_value": (c_int, [DESC], negative),
    "gpiodref_set_raw_value": (c_int, [DESC, c_int], negative),
    "gpiodref_vote": (c_int, [DESC, c_int], negative),
    "gpiodref_direction_input": (c_int, [DESC], negative),
    "gpiodref_direction_output": (c_int, [DESC, c_int], negative),
    "gpiodref_reconfigure": (c_int, [DESC, _CONFIG], negative),
    "gpiodref_desc_name": (c_char_p, [DESC], null_data),
    "gpiodref_desc_consumer": (c_char_p, [DESC], null_data),
    "gpiodref_desc_offset": (c_uint, [DESC], None),
    "gpiodref_desc_config": (c_int, [DESC, _CONFIG], negative),
    "gpiodref_desc_chip": (CHIP, [DESC], null),
    "gpiodref_is_alive": (c_int, [DESC], negative),
    "gpiodref_wait": (c_int, [DESC, c_int], None),  # see Source._wait
    "gpiodref_read_events": (c_int, [DESC, _EVENTS, c_size_t], negative),
    "gpiodref_events_lost": (c_uint64, [DESC], None),
    "gpiodref_fd": (c_int, [DESC], negative),
    "gpiodref_export_fd": (c_int, [DESC], negative),
    # Groups
    "gpiodref_request_group": (GROUP, [CHIP, _OFFSETS, c_size_t, _CONFIG, c_char_p], null),
    "gpiodref_request_group_each": (GROUP, [CHIP, _OFFSETS, c_size_t, _CONFIGS, c_char_p], null),
    "gpiodref_group_adopt": (GROUP, [c_int], null),
    "gpiodref_group_reattach": (GROUP, [GROUP], null),
    "gpiodref_group_get": (GROUP, [GROUP], null),
    "gpiodref_group_put": (None, [GROUP], None),
    "gpiodref_group_get_values": (c_int, [GROUP, c_uint64, POINTER(c_uint64)], negative),
    "gpiodref_group_set_values": (c_int, [GROUP, c_uint64, c_uint64], negative),
    "gpiodref_group_reconfigure": (c_int, [GROUP, _CONFIG], negative),
    "gpiodref_group_reconfigure_each": (c_int, [GROUP, _CONFIGS, c_size_t], negative),
    "gpiodref_group_num_lines": (c_uint, [GROUP], None),
    "gpiodref_group_offset": (c_uint, [GROUP, c_uint], None),
    "gpiodref_group_chip": (CHIP, [GROUP], null),
    "gpiodref_group_is_alive": (c_int, [GROUP], negative),
    "gpiodref_group_wait": (c_int, [GROUP, c_int], None),  # see Source._wait
    "gpiodref_group_read_events": (c_int, [GROUP, _EVENTS, c_size_t], negative),
    "gpiodref_group_events_lost": (c_uint64, [GROUP], None),
    "gpiodref_group_fd": (c_int, [GROUP], negative),
    "gpiodref_group_export_fd": (c_int, [GROUP], negative),
    # Lines by what they are for
    "gpiodref_table_add": (c_int, [c_char_p, c_char_p, c_uint, c_char_p, c_char_p, c_uint32], negative),
    "gpiodref_table_remove": (c_int, [c_char_p, c_char_p, c_uint], negative),
    "gpiodref_lookup": (DESC, [c_char_p, c_char_p, c_uint, _CONFIG], null),
    "gpiodref_lookup_optional": (DESC, [c_char_p, c_char_p, c_uint, _CONFIG], null),
    # Watching
    "gpiodref_watch_lines": (WATCH, [CHIP, _OFFSETS, c_size_t], null),
    "gpiodref_watch_get": (WATCH, [WATCH], null),
    "gpiodref_watch_put": (None, [WATCH], None),
    "gpiodref_watch_wait": (c_int, [WATCH, c_int], None),  # see Source._wait
    "gpiodref_watch_read": (c_int, [WATCH, POINTER(gpiodref_info_event)], negative),
    "gpiodref_watch_fd": (c_int, [WATCH], negative),
}
