# SPDX-License-Identifier: MIT OR Apache-2.0
"""Every function of mediadev.h: what it returns, what it takes, and when it has failed.

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


class mediadev_node(ctypes.Structure):
    """Opaque; so are the next ones. Types of their own, so that ctypes refuses one for the other."""


class mediadev_request(ctypes.Structure):
    pass


class mediadev_topology(ctypes.Structure):
    pass


class mediadev_device(ctypes.Structure):
    pass


class mediadev_entity(ctypes.Structure):
    pass


class mediadev_file(ctypes.Structure):
    pass


class mediadev_export(ctypes.Structure):
    pass


NODE = POINTER(mediadev_node)
REQUEST = POINTER(mediadev_request)
TOPOLOGY = POINTER(mediadev_topology)
DEVICE = POINTER(mediadev_device)
ENTITY = POINTER(mediadev_entity)
FILE = POINTER(mediadev_file)
EXPORT = POINTER(mediadev_export)


class mediadev_rect(ctypes.Structure):
    _fields_ = [("left", c_int32), ("top", c_int32), ("width", c_uint32), ("height", c_uint32)]


class mediadev_format(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("told", c_uint32),
        ("width", c_uint32),
        ("height", c_uint32),
        ("code", c_uint32),
        ("field", c_uint32),
        ("colorspace", c_uint32),
        ("xfer_func", c_uint32),
        ("ycbcr_enc", c_uint32),
        ("quantization", c_uint32),
        ("crop", mediadev_rect),
        ("compose", mediadev_rect),
        ("interval_numerator", c_uint32),
        ("interval_denominator", c_uint32),
    ]


class mediadev_info(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("driver", c_char * 16),
        ("model", c_char * 32),
        ("serial", c_char * 40),
        ("bus_info", c_char * 32),
        ("media_version", c_uint32),
        ("hw_revision", c_uint32),
        ("driver_version", c_uint32),
    ]


class mediadev_entity_info(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("id", c_uint32),
        ("function", c_uint32),
        ("flags", c_uint32),
        ("num_pads", c_uint32),
        ("num_links", c_uint32),
        ("name", c_char * 64),
    ]


class mediadev_pad_info(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("id", c_uint32),
        ("entity_id", c_uint32),
        ("index", c_uint32),
        ("flags", c_uint32),
    ]


class mediadev_link_info(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("id", c_uint32),
        ("source_id", c_uint32),
        ("sink_id", c_uint32),
        ("flags", c_uint32),
        ("source_entity", c_uint32),
        ("source_pad", c_uint32),
        ("sink_entity", c_uint32),
        ("sink_pad", c_uint32),
    ]


class mediadev_interface_info(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("id", c_uint32),
        ("kind", c_uint32),
        ("flags", c_uint32),
        ("major", c_uint32),
        ("minor", c_uint32),
    ]


class mediadev_pipeline(ctypes.Structure):
    _fields_ = [("id", c_uint64)]


class mediadev_ops(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("link_setup", CFUNCTYPE(c_int, ENTITY, c_uint, POINTER(mediadev_link_info), c_uint32, c_void_p)),
        ("link_notify", CFUNCTYPE(None, DEVICE, POINTER(mediadev_link_info), c_uint32, c_uint32, c_void_p)),
        ("open", CFUNCTYPE(c_int, FILE, c_void_p)),
        ("close", CFUNCTYPE(None, FILE, c_void_p)),
        ("ioctl", CFUNCTYPE(c_int, FILE, c_uint32, c_void_p, c_void_p)),
        ("poll", CFUNCTYPE(c_uint32, FILE, c_void_p)),
        ("before_free", CFUNCTYPE(None, DEVICE, c_void_p)),
        ("after_free", CFUNCTYPE(None, c_void_p)),
        ("link_validate", CFUNCTYPE(c_int, ENTITY, c_uint, POINTER(mediadev_link_info), c_void_p)),
        ("request_validate", CFUNCTYPE(c_int, REQUEST, c_void_p)),
        ("request_queue", CFUNCTYPE(None, REQUEST, c_void_p)),
    ]


mediadev_log_callback, mediadev_destroy = log_callback, destroy
mediadev_visit = CFUNCTYPE(c_int, POINTER(mediadev_entity_info), c_void_p)
mediadev_file_visit = CFUNCTYPE(c_int, FILE, c_void_p)

CONSTANTS = {
    "MEDIADEV_FORMAT_FORMAT": 1,
    "MEDIADEV_FORMAT_CROP": 2,
    "MEDIADEV_FORMAT_COMPOSE": 4,
    "MEDIADEV_FORMAT_INTERVAL": 8,
    "MEDIADEV_KIND_ENTITY": 0,
    "MEDIADEV_KIND_PAD": 1,
    "MEDIADEV_KIND_LINK": 2,
    "MEDIADEV_KIND_INTERFACE": 3,
    "MEDIADEV_UPSTREAM": 1,
    "MEDIADEV_DOWNSTREAM": 2,
    "MEDIADEV_ALL_LINKS": 4,
    "MEDIADEV_NOT_YET": -4096,
    "MEDIADEV_NOTIFY_BEFORE": 0,
    "MEDIADEV_NOTIFY_AFTER": 1,
}


# A `char *` that the function writes to; c_char_p would be text that it reads.
_BUFFER = c_void_p
# A `char **` to which it writes text for mediadev_free().
_TEXT_OUT = POINTER(c_char_p)
_INFO = POINTER(mediadev_info)
_ENTITY = POINTER(mediadev_entity_info)
_PAD = POINTER(mediadev_pad_info)
_LINK = POINTER(mediadev_link_info)
_INTERFACE = POINTER(mediadev_interface_info)
_FORMAT = POINTER(mediadev_format)
# The ends of a link: source, its pad, sink, its pad.
_ENDS = [ENTITY, c_uint, ENTITY, c_uint]
_NAME: Signature = (c_int, [c_uint32, _BUFFER, c_size_t], negative)
_CALLED: Signature = (c_int, [c_char_p, POINTER(c_uint32)], negative)

SIGNATURES: dict[str, Signature] = {
    # The library as a whole
    "mediadev_version": (c_char_p, [], None),
    "mediadev_last_error": (c_char_p, [], None),
    "mediadev_free": (None, [c_void_p], None),
    "mediadev_set_log_callback": (c_int, [mediadev_log_callback, c_void_p, mediadev_destroy], negative),
    "mediadev_set_tracking": (c_int, [c_uint32], negative),
    "mediadev_set_tag": (c_int, [c_char_p], negative),
    "mediadev_holders": (c_int, [_TEXT_OUT], negative),
    # Names
    "mediadev_name_format": _NAME,
    "mediadev_name_function": _NAME,
    "mediadev_name_interface": _NAME,
    "mediadev_name_entity_flags": _NAME,
    "mediadev_name_pad_flags": _NAME,
    "mediadev_name_link_flags": _NAME,
    "mediadev_format_called": _CALLED,
    "mediadev_function_called": _CALLED,
    "mediadev_interface_called": _CALLED,
    # Nodes
    "mediadev_open": (NODE, [c_char_p], null),
    "mediadev_node_get": (NODE, [NODE], null),
    "mediadev_node_put": (None, [NODE], None),
    "mediadev_next": (c_int, [c_char_p, _BUFFER, c_size_t], negative),
    "mediadev_node_name": (c_char_p, [NODE], null_data),
    "mediadev_info": (c_int, [NODE, _INFO], negative),
    "mediadev_node_is_alive": (c_int, [NODE], negative),
    "mediadev_node_fd": (c_int, [NODE], negative),
    "mediadev_wait_gone": (c_int, [NODE, c_int], None),  # see wait()
    "mediadev_setup_link": (c_int, [NODE, c_uint32, c_uint32, c_uint32], negative),
    "mediadev_setup_links": (c_int, [NODE, c_char_p], negative),
    "mediadev_reset_links": (c_int, [NODE], negative),
    "mediadev_get_format": (c_int, [NODE, c_uint32, c_uint32, _FORMAT], negative),
    "mediadev_set_format": (c_int, [NODE, c_uint32, c_uint32, _FORMAT], negative),
    "mediadev_set_formats": (c_int, [NODE, c_char_p], negative),
    "mediadev_get_formats": (c_int, [NODE, c_char_p, _TEXT_OUT], negative),
    "mediadev_set_routes": (c_int, [NODE, c_char_p], negative),
    "mediadev_get_routes": (c_int, [NODE, c_char_p, _TEXT_OUT], negative),
    # Requests
    "mediadev_request_alloc": (REQUEST, [NODE], null),
    "mediadev_request_get": (REQUEST, [REQUEST], null),
    "mediadev_request_put": (None, [REQUEST], None),
    "mediadev_request_fd": (c_int, [REQUEST], negative),
    "mediadev_file_request_alloc": (REQUEST, [FILE], null),
    "mediadev_request_by_fd": (REQUEST, [FILE, c_int], null),
    "mediadev_request_complete": (c_int, [REQUEST], negative),
    "mediadev_request_context": (c_void_p, [REQUEST], None),
    "mediadev_request_set_context": (c_int, [REQUEST, c_void_p, mediadev_destroy], negative),
    "mediadev_request_queue": (c_int, [REQUEST], negative),
    "mediadev_request_reinit": (c_int, [REQUEST], negative),
    "mediadev_request_wait": (c_int, [REQUEST, c_int], None),  # see wait()
    # Topologies
    "mediadev_topology_read": (TOPOLOGY, [NODE], null),
    "mediadev_topology_get": (TOPOLOGY, [TOPOLOGY], null),
    "mediadev_topology_put": (None, [TOPOLOGY], None),
    "mediadev_topology_version": (c_uint64, [TOPOLOGY], None),
    "mediadev_topology_generation": (c_uint64, [TOPOLOGY], None),
    "mediadev_topology_count": (c_uint, [TOPOLOGY, c_uint32], None),
    "mediadev_topology_entity": (c_int, [TOPOLOGY, c_uint, _ENTITY], negative),
    "mediadev_topology_pad": (c_int, [TOPOLOGY, c_uint, _PAD], negative),
    "mediadev_topology_link": (c_int, [TOPOLOGY, c_uint, _LINK], negative),
    "mediadev_topology_interface": (c_int, [TOPOLOGY, c_uint, _INTERFACE], negative),
    "mediadev_topology_find": (c_int, [TOPOLOGY, c_char_p, _ENTITY], negative),
    "mediadev_topology_by_id": (c_int, [TOPOLOGY, c_uint32, _ENTITY], negative),
    "mediadev_topology_by_function": (c_int, [TOPOLOGY, c_uint32, c_uint, _ENTITY], negative),
    "mediadev_topology_by_devnode": (c_int, [TOPOLOGY, c_char_p, _ENTITY], negative),
    "mediadev_topology_pad_by_id": (c_int, [TOPOLOGY, c_uint32, _PAD], negative),
    "mediadev_topology_link_by_id": (c_int, [TOPOLOGY, c_uint32, _LINK], negative),
    "mediadev_topology_interface_by_id": (c_int, [TOPOLOGY, c_uint32, _INTERFACE], negative),
    "mediadev_topology_pad_of": (c_int, [TOPOLOGY, c_uint32, c_uint32, _PAD], negative),
    "mediadev_topology_link_of": (c_int, [TOPOLOGY, c_uint32, c_uint, _LINK], negative),
    "mediadev_topology_remote_pad": (c_int, [TOPOLOGY, c_uint32, POINTER(c_uint32)], negative),
    "mediadev_topology_walk": (c_int, [TOPOLOGY, c_uint32, c_uint32, mediadev_visit, c_void_p], negative),
    "mediadev_topology_devnode": (c_int, [TOPOLOGY, c_uint32, _BUFFER, c_size_t], negative),
    "mediadev_topology_to_dot": (c_int, [TOPOLOGY, _TEXT_OUT], negative),
    # Devices of this process
    "mediadev_device_new": (DEVICE, [_INFO, POINTER(mediadev_ops), c_void_p], null),
    "mediadev_allocator_get": (DEVICE, [c_char_p, c_char_p], null),
    "mediadev_device_init": (c_int, [DEVICE, _INFO, POINTER(mediadev_ops), c_void_p], negative),
    "mediadev_device_get": (DEVICE, [DEVICE], null),
    "mediadev_device_put": (None, [DEVICE], None),
    "mediadev_register": (c_int, [DEVICE], negative),
    "mediadev_unregister": (c_int, [DEVICE], negative),
    "mediadev_drain": (c_int, [DEVICE, c_int], None),  # see wait()
    "mediadev_is_registered": (c_int, [DEVICE], negative),
    "mediadev_device_info": (c_int, [DEVICE, _INFO], negative),
    "mediadev_device_generation": (c_uint64, [DEVICE], None),
    "mediadev_device_topology": (TOPOLOGY, [DEVICE], null),
    "mediadev_device_entity": (ENTITY, [DEVICE, c_uint32], null),
    "mediadev_manage": (c_int, [DEVICE, c_void_p, mediadev_destroy], negative),
    "mediadev_notify": (c_int, [DEVICE], negative),
    "mediadev_device_files": (c_int, [DEVICE, mediadev_file_visit, c_void_p], negative),
    "mediadev_interface_add": (
        c_int,
        [DEVICE, c_uint32, c_uint32, c_uint32, c_uint32, POINTER(c_uint32)],
        negative,
    ),
    "mediadev_interface_remove": (c_int, [DEVICE, c_uint32], negative),
    # Their entities
    "mediadev_entity_add": (ENTITY, [DEVICE, c_char_p, c_uint32, POINTER(c_uint32), c_size_t], null),
    "mediadev_entity_remove": (c_int, [ENTITY], negative),
    "mediadev_entity_get": (ENTITY, [ENTITY], null),
    "mediadev_entity_put": (None, [ENTITY], None),
    "mediadev_entity_id": (c_uint32, [ENTITY], None),
    "mediadev_entity_name": (c_char_p, [ENTITY], null_data),
    "mediadev_entity_function": (c_uint32, [ENTITY], None),
    "mediadev_entity_num_pads": (c_uint, [ENTITY], None),
    "mediadev_entity_is_attached": (c_int, [ENTITY], negative),
    "mediadev_entity_device": (DEVICE, [ENTITY], null),
    "mediadev_entity_pad_id": (c_int, [ENTITY, c_uint, POINTER(c_uint32)], negative),
    "mediadev_entity_set_flags": (c_int, [ENTITY, c_uint32], negative),
    "mediadev_entity_context": (c_void_p, [ENTITY], None),
    "mediadev_entity_set_context": (c_int, [ENTITY, c_void_p, mediadev_destroy], negative),
    "mediadev_link_add": (c_int, [*_ENDS, c_uint32], negative),
    "mediadev_link_remove": (c_int, _ENDS, negative),
    "mediadev_link_find": (c_int, [*_ENDS, _LINK], negative),
    "mediadev_link_setup": (c_int, [*_ENDS, c_uint32], negative),
    "mediadev_interface_link": (c_int, [ENTITY, c_uint32, c_uint32], negative),
    "mediadev_ancillary_link": (c_int, [ENTITY, ENTITY], negative),
    "mediadev_pipeline_start": (c_int, [ENTITY, c_uint, POINTER(mediadev_pipeline)], negative),
    "mediadev_pipeline_stop": (c_int, [ENTITY, c_uint, POINTER(mediadev_pipeline)], negative),
    "mediadev_pad_is_streaming": (c_int, [ENTITY, c_uint], negative),
    # Their open handles
    "mediadev_file_open": (FILE, [DEVICE], null),
    "mediadev_file_get": (FILE, [FILE], null),
    "mediadev_file_put": (None, [FILE], None),
    "mediadev_file_close": (None, [FILE], None),
    "mediadev_file_ioctl": (c_int, [FILE, c_uint32, c_void_p], negative),
    # What is negative may be NOT_YET.
    "mediadev_file_ioctl_timeout": (c_int, [FILE, c_uint32, c_void_p, c_int], None),
    "mediadev_file_poll": (c_uint32, [FILE, c_int], None),
    "mediadev_file_context": (c_void_p, [FILE], None),
    "mediadev_file_set_context": (None, [FILE, c_void_p, mediadev_destroy], None),
    "mediadev_file_device": (DEVICE, [FILE], null),
    "mediadev_topology_of": (TOPOLOGY, [FILE], null),
    "mediadev_file_setup_link": (c_int, [FILE, c_uint32, c_uint32, c_uint32], negative),
    "mediadev_file_is_exported": (c_int, [FILE], negative),
    # Nodes in /dev
    "mediadev_export_cuse": (EXPORT, [DEVICE, c_char_p], null),
    "mediadev_export_get": (EXPORT, [EXPORT], null),
    "mediadev_export_put": (None, [EXPORT], None),
    "mediadev_export_fd": (c_int, [EXPORT], negative),
    "mediadev_export_serve": (c_int, [EXPORT, c_int], None),  # see Export.serve()
    "mediadev_export_start": (c_int, [EXPORT], negative),
    "mediadev_export_stop": (c_int, [EXPORT], negative),
}
