#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0

# Which devices are there, and what is in one?
mediadev list
mediadev topology -d vimc 'Sensor ?'

# The other sensor.
mediadev links -d vimc \
    "'Debayer A':1->'Scaler':0[0], 'Debayer B':1->'Scaler':0[1]"

# A format goes on along the links; this is what came of it.
mediadev formats -d vimc "'Sensor B':0[fmt:SRGGB8_1X8/320x240]"
mediadev formats -d vimc "'Debayer B':0"

# No link is enabled that need not be.
mediadev reset -d vimc
