# SPDX-License-Identifier: MIT OR Apache-2.0
"""The tests that need a kernel of their own."""
