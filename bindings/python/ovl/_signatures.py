# SPDX-License-Identifier: MIT OR Apache-2.0
"""Every function of ovl.h: what it returns, what it takes, and when it has failed.

A test compares this table with the header, in both directions.
"""

import ctypes
import errno
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_size_t, c_uint, c_uint32, c_uint64, c_void_p
from typing import Any

from _holdfast.signature import Signature, destroy, log_callback, negative, null, null_data


class ovl_tree(ctypes.Structure):
    """Opaque; so are those up to ovl_notifier. Types of their own, so that ctypes refuses one for the other."""


class ovl_node(ctypes.Structure):
    pass


class ovl_prop(ctypes.Structure):
    pass


class ovl_bus(ctypes.Structure):
    pass


class ovl_device(ctypes.Structure):
    pass


class ovl_changeset(ctypes.Structure):
    pass


class ovl_event(ctypes.Structure):
    pass


class ovl_notifier(ctypes.Structure):
    pass


TREE = POINTER(ovl_tree)
NODE = POINTER(ovl_node)
PROP = POINTER(ovl_prop)
BUS = POINTER(ovl_bus)
DEVICE = POINTER(ovl_device)
CHANGESET = POINTER(ovl_changeset)
EVENT = POINTER(ovl_event)
NOTIFIER = POINTER(ovl_notifier)


class ovl_apply_options(ctypes.Structure):
    _fields_ = [("size", c_size_t), ("flags", c_uint32), ("base", NODE), ("name", c_char_p)]


ovl_log_callback, ovl_destroy = log_callback, destroy
ovl_notifier_callback = CFUNCTYPE(c_int, EVENT, c_void_p)


class ovl_driver_ops(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("probe", CFUNCTYPE(c_int, DEVICE, c_void_p)),
        ("remove", CFUNCTYPE(None, DEVICE, c_void_p)),
        ("can_remove", CFUNCTYPE(c_int, DEVICE, c_void_p)),
        ("destroy", ovl_destroy),
    ]


CONSTANTS = {
    "OVL_APPLY_LINUX": 1,
    "OVL_APPLY_LIBFDT": 2,
    "OVL_REMOVE_LINUX": 1,
    "OVL_DTS_SORTED": 1,
    "OVL_DTS_ORIGINS": 2,
    "OVL_DIFF_ANY_ORDER": 1,
    "OVL_PROBE_DEFER": 1,
    "OVL_ACTION_ATTACH": 1,
    "OVL_ACTION_DETACH": 2,
    "OVL_ACTION_ADD": 3,
    "OVL_ACTION_REMOVE": 4,
    "OVL_ACTION_UPDATE": 5,
    "OVL_EVENT_PRE_APPLY": 1,
    "OVL_EVENT_POST_APPLY": 2,
    "OVL_EVENT_ABORT_APPLY": 3,
    "OVL_EVENT_PRE_REMOVE": 4,
    "OVL_EVENT_POST_REMOVE": 5,
    "OVL_EVENT_ABORT_REMOVE": 6,
    "OVL_EVENT_ATTACH_NODE": 7,
    "OVL_EVENT_DETACH_NODE": 8,
    "OVL_EVENT_ADD_PROP": 9,
    "OVL_EVENT_REMOVE_PROP": 10,
    "OVL_EVENT_UPDATE_PROP": 11,
    "OVL_STATE_ADDED": 1,
    "OVL_STATE_REMOVED": 2,
    "OVL_DIFF_ANY_PHANDLES": 2,
    "OVL_DIFF_JSON": 4,
    "OVL_DIFF_OVERLAY_DISABLE": 1,
    "OVL_DIFF_OVERLAY_KEEP": 2,
}


def null_but_none(result: Any) -> int:
    """The errno of a pointer where NULL with ENOENT is an answer: there is no parent, no further child."""
    number = null(result)
    return 0 if number == errno.ENOENT else number


# A `char *` that the function writes to; c_char_p would be text that it reads.
_BUFFER = c_void_p
# A `char **` to which it writes text for ovl_free().
_TEXT_OUT = POINTER(c_char_p)

# What a property of a changeset is set on.
_ON = [CHANGESET, NODE, c_char_p]

SIGNATURES: dict[str, Signature] = {
    # The library as a whole
    "ovl_version": (c_char_p, [], None),
    "ovl_last_error": (c_char_p, [], None),
    "ovl_free": (None, [c_void_p], None),
    "ovl_set_log_callback": (c_int, [ovl_log_callback, c_void_p, ovl_destroy], negative),
    "ovl_set_tracking": (c_int, [c_uint32], negative),
    "ovl_set_tag": (c_int, [c_char_p], negative),
    # Blobs
    "ovl_fdt_check": (c_int, [c_void_p, c_size_t], negative),
    "ovl_fdt_params": (c_int, [c_void_p, c_size_t, c_char_p, _TEXT_OUT], negative),
    "ovl_fdt_set_params": (
        c_int,
        [
            c_void_p,
            c_size_t,
            c_char_p,
            POINTER(c_char_p),
            c_size_t,
            POINTER(c_void_p),
            POINTER(c_size_t),
        ],
        negative,
    ),
    # Trees
    "ovl_tree_new": (TREE, [], null),
    "ovl_tree_from_fdt": (TREE, [c_void_p, c_size_t, c_uint32], null),
    "ovl_tree_from_file": (TREE, [c_char_p, c_uint32], null),
    "ovl_tree_from_dir": (TREE, [c_char_p, c_uint32], null),
    "ovl_tree_get": (TREE, [TREE], None),
    "ovl_tree_put": (None, [TREE], None),
    "ovl_tree_to_fdt": (c_int, [TREE, POINTER(c_void_p), POINTER(c_size_t)], negative),
    "ovl_tree_to_dts": (c_int, [TREE, _TEXT_OUT], negative),
    "ovl_tree_to_dts_with": (c_int, [TREE, c_uint32, _TEXT_OUT], negative),
    "ovl_tree_diff": (c_int, [TREE, TREE, c_uint32, _TEXT_OUT], negative),
    "ovl_tree_diff_overlay": (
        c_int,
        [TREE, TREE, c_uint32, POINTER(c_void_p), POINTER(c_size_t)],
        negative,
    ),
    "ovl_tree_holders": (c_int, [TREE, _TEXT_OUT], negative),
    "ovl_tree_wait_released": (c_int, [TREE, c_int, c_int], negative),
    # Finding nodes
    "ovl_tree_root": (NODE, [TREE], null),
    "ovl_node_by_path": (NODE, [TREE, c_char_p], null),
    "ovl_node_by_phandle": (NODE, [TREE, c_uint32], null),
    "ovl_node_by_label": (NODE, [TREE, c_char_p], null),
    "ovl_node_by_compatible": (NODE, [TREE, NODE, c_char_p], null_but_none),
    # Nodes
    "ovl_node_get": (NODE, [NODE], None),
    "ovl_node_put": (None, [NODE], None),
    "ovl_node_parent": (NODE, [NODE], null_but_none),
    "ovl_node_first_child": (NODE, [NODE], null_but_none),
    "ovl_node_next_sibling": (NODE, [NODE], null_but_none),
    "ovl_node_child": (NODE, [NODE, c_char_p], null),
    "ovl_node_name": (c_char_p, [NODE], null_data),
    "ovl_node_path": (c_int, [NODE, _BUFFER, c_size_t], negative),
    "ovl_node_phandle": (c_uint32, [NODE], None),
    "ovl_node_is_attached": (c_int, [NODE], negative),
    "ovl_node_is_available": (c_int, [NODE], negative),
    "ovl_node_is_compatible": (c_int, [NODE, c_char_p], negative),
    "ovl_node_origin": (c_int, [NODE], negative),
    "ovl_node_referrers": (c_int, [NODE, _TEXT_OUT], negative),
    # Properties
    "ovl_node_prop": (PROP, [NODE, c_char_p], null),
    "ovl_node_next_prop": (PROP, [NODE, PROP], null_but_none),
    "ovl_prop_get": (PROP, [PROP], None),
    "ovl_prop_put": (None, [PROP], None),
    "ovl_prop_name": (c_char_p, [PROP], null_data),
    "ovl_prop_data": (c_void_p, [PROP, POINTER(c_size_t)], null_data),
    "ovl_prop_origin": (c_int, [PROP], negative),
    # Typed reads
    "ovl_node_read_u32": (c_int, [NODE, c_char_p, POINTER(c_uint32)], negative),
    "ovl_node_read_u64": (c_int, [NODE, c_char_p, POINTER(c_uint64)], negative),
    "ovl_node_read_u32_array": (c_int, [NODE, c_char_p, POINTER(c_uint32), c_size_t], negative),
    "ovl_node_read_string": (c_int, [NODE, c_char_p, c_size_t, _BUFFER, c_size_t], negative),
    "ovl_node_count_strings": (c_int, [NODE, c_char_p], negative),
    "ovl_node_match_string": (c_int, [NODE, c_char_p, c_char_p], negative),
    "ovl_node_read_bool": (c_int, [NODE, c_char_p], negative),
    "ovl_node_phandle_args": (
        c_int,
        [NODE, c_char_p, c_char_p, c_size_t, POINTER(NODE), POINTER(c_uint32), POINTER(c_uint)],
        negative,
    ),
    # Overlays
    "ovl_overlay_apply": (
        c_int,
        [TREE, c_void_p, c_size_t, POINTER(ovl_apply_options), POINTER(c_int)],
        negative,
    ),
    "ovl_overlay_check": (
        c_int,
        [TREE, c_void_p, c_size_t, POINTER(ovl_apply_options), _TEXT_OUT],
        None,
    ),
    "ovl_overlay_remove": (c_int, [TREE, c_int, c_uint32], negative),
    "ovl_overlay_check_remove": (c_int, [TREE, c_int, c_uint32, _TEXT_OUT], None),
    "ovl_overlay_conflicts": (
        c_int,
        [c_void_p, c_size_t, c_void_p, c_size_t, TREE, _TEXT_OUT],
        negative,
    ),
    "ovl_overlay_remove_all": (c_int, [TREE], negative),
    "ovl_overlay_next": (c_int, [TREE, c_int], negative),
    "ovl_overlay_name": (c_int, [TREE, c_int, _BUFFER, c_size_t], negative),
    # Changesets
    "ovl_changeset_new": (CHANGESET, [TREE], null),
    "ovl_changeset_get": (CHANGESET, [CHANGESET], None),
    "ovl_changeset_put": (None, [CHANGESET], None),
    "ovl_changeset_create_node": (c_int, [CHANGESET, NODE, c_char_p, POINTER(NODE)], negative),
    "ovl_changeset_attach_node": (c_int, [CHANGESET, NODE, NODE], negative),
    "ovl_changeset_detach_node": (c_int, [CHANGESET, NODE], negative),
    "ovl_changeset_add_prop": (c_int, [*_ON, c_void_p, c_size_t], negative),
    "ovl_changeset_update_prop": (c_int, [*_ON, c_void_p, c_size_t], negative),
    "ovl_changeset_set_prop": (c_int, [*_ON, c_void_p, c_size_t], negative),
    "ovl_changeset_remove_prop": (c_int, _ON, negative),
    "ovl_changeset_set_u32": (c_int, [*_ON, c_uint32], negative),
    "ovl_changeset_set_u64": (c_int, [*_ON, c_uint64], negative),
    "ovl_changeset_set_u32_array": (c_int, [*_ON, POINTER(c_uint32), c_size_t], negative),
    "ovl_changeset_set_string": (c_int, [*_ON, c_char_p], negative),
    "ovl_changeset_set_strings": (c_int, [*_ON, POINTER(c_char_p), c_size_t], negative),
    "ovl_changeset_set_bool": (c_int, [*_ON, c_int], negative),
    "ovl_changeset_apply": (c_int, [CHANGESET], negative),
    "ovl_changeset_revert": (c_int, [CHANGESET], negative),
    "ovl_changeset_is_applied": (c_int, [CHANGESET], negative),
    "ovl_changeset_id": (c_int, [CHANGESET], negative),
    "ovl_changeset_is_overlay": (c_int, [CHANGESET], negative),
    "ovl_changeset_name": (c_int, [CHANGESET, _BUFFER, c_size_t], negative),
    "ovl_changeset_count": (c_uint, [CHANGESET], None),
    "ovl_changeset_entry": (
        c_int,
        [CHANGESET, c_uint, POINTER(c_uint32), POINTER(NODE), POINTER(PROP), POINTER(PROP)],
        negative,
    ),
    # Listeners
    "ovl_notifier_register": (NOTIFIER, [TREE, c_int, ovl_notifier_callback, c_void_p, ovl_destroy], null),
    "ovl_notifier_unregister": (None, [NOTIFIER], None),
    "ovl_event_kind": (c_uint32, [EVENT], None),
    "ovl_event_id": (c_int, [EVENT], negative),
    "ovl_event_changeset": (CHANGESET, [EVENT], null),
    "ovl_event_node": (NODE, [EVENT], null_but_none),
    "ovl_event_prop": (PROP, [EVENT], null_but_none),
    "ovl_event_before": (PROP, [EVENT], null_but_none),
    "ovl_event_state_change": (c_int, [EVENT], negative),
    # Devices
    "ovl_bus_new": (BUS, [TREE], null),
    "ovl_bus_get": (BUS, [BUS], None),
    "ovl_bus_put": (None, [BUS], None),
    "ovl_bus_add_driver": (c_int, [BUS, c_char_p, POINTER(ovl_driver_ops), c_void_p], negative),
    "ovl_bus_remove_driver": (c_int, [BUS, c_char_p], negative),
    "ovl_bus_populate": (c_int, [BUS, NODE], negative),
    "ovl_bus_unpopulate": (c_int, [BUS, NODE], negative),
    "ovl_bus_device": (DEVICE, [BUS, NODE], null),
    "ovl_bus_next_device": (DEVICE, [BUS, DEVICE], null_but_none),
    "ovl_bus_unbound": (c_int, [BUS, _TEXT_OUT], negative),
    "ovl_bus_wait_idle": (c_int, [BUS, c_int], negative),
    "ovl_device_get": (DEVICE, [DEVICE], null),
    "ovl_device_put": (None, [DEVICE], None),
    "ovl_device_node": (NODE, [DEVICE], null),
    "ovl_device_parent": (DEVICE, [DEVICE], null_but_none),
    "ovl_device_is_bound": (c_int, [DEVICE], negative),
    "ovl_device_driver": (c_char_p, [DEVICE], null_data),
    "ovl_device_set_data": (c_int, [DEVICE, c_void_p], negative),
    "ovl_device_data": (c_void_p, [DEVICE], None),
    "ovl_device_manage": (c_int, [DEVICE, c_void_p, ovl_destroy], negative),
}
