#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
mediadev list                                                         # devices: name, model, driver and where it is
mediadev topology -d vimc 'Sensor ?'                                  # entities, their pads, what flows there, links
mediadev links -d vimc "'Debayer A':1->'Scaler':0[0], 'Debayer B':1->'Scaler':0[1]"
mediadev formats -d vimc "'Sensor B':0[fmt:SRGGB8_1X8/320x240]"       # goes on along the links
mediadev formats -d vimc "'Debayer B':0"                              # and this is what came of it
mediadev reset -d vimc                                                # no link is enabled that need not be
