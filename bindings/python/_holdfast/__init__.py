# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the packages of all libraries need, and nobody else: loading a library, references, text, what concerns it as a whole."""
