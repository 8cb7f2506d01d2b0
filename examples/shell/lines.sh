#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
gpiodref detect                                                       # chips: name, label, number of lines
gpiodref info -c board                                                # their lines, and who has which
gpiodref set --blink 20ms,20ms,0 LED=1                                # on, off, on, and let go
gpiodref get --numeric -b pull-up BUTTON                              # 1
gpiodref mon -n 1 --idle-timeout 2s --reattach BUTTON                 # its edges; and again when its chip comes back
