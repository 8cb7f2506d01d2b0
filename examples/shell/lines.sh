#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0

# Which chips are there, and who has which lines?
gpiodref detect
gpiodref info -c board

# On, off, on, and let go.
gpiodref set --blink 20ms,20ms,0 LED=1

# 1 or 0, with the line's own resistor.
gpiodref get --numeric -b pull-up BUTTON

# One edge; and it goes on when the chip has been away.
gpiodref mon -n 1 --idle-timeout 2s --reattach BUTTON
