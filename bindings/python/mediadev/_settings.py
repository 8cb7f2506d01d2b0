# SPDX-License-Identifier: MIT OR Apache-2.0
"""What concerns the library as a whole: its version, who is said to hold references, where its messages go."""

from _holdfast.settings import Settings

from ._lib import library

_settings = Settings(library)
version = _settings.version
set_tracking = _settings.set_tracking
tag = _settings.tag
set_log_callback = _settings.set_log_callback


def holders() -> str:
    """Who holds references that were taken since `set_tracking()`, a line for each; empty if nobody does."""
    return library.text_given(lambda report: library().mediadev_holders(report))[1] or ""
