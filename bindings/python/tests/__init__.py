# SPDX-License-Identifier: MIT OR Apache-2.0
"""The tests, a folder for each package; what all of them need is in conftest.py."""
