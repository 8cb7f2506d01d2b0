# SPDX-License-Identifier: MIT OR Apache-2.0
"""libmediadev, loaded when it is first needed."""

from _holdfast.library import Library

from ._errors import error
from ._signatures import SIGNATURES

library = Library("mediadev", __file__, SIGNATURES, error)
