# SPDX-License-Identifier: MIT OR Apache-2.0
"""Tests that need simulated hardware: `make check-kernel` runs them, where the simulators are."""
