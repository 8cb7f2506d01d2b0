# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the tests of all packages need."""

import os

# dtc, cc and other Pythons leak at their end; where a sanitizer is preloaded, that is no error of this process.
os.environ["ASAN_OPTIONS"] = "detect_leaks=0"
