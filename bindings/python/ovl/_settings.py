# SPDX-License-Identifier: MIT OR Apache-2.0
"""What concerns the library as a whole: its version, who is said to hold references, where its messages go."""

from _holdfast.settings import Settings
from _holdfast.text import Blob

from ._lib import library

_settings = Settings(library)
version = _settings.version
set_tracking = _settings.set_tracking
tag = _settings.tag
set_log_callback = _settings.set_log_callback


def check_fdt(blob: Blob) -> None:
    """Checks a flattened devicetree completely; the error names the check that failed and its offset."""
    blob = bytes(blob)
    library().ovl_fdt_check(blob, len(blob))
