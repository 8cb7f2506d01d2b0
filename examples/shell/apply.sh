#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
ovl check sensor-hat.dtbo display.dtbo --base finch.dtb               # is anything in the way?
ovl apply finch.dtb sensor-hat.dtbo display.dtbo -o merged.dtb        # all or nothing
ovl diff finch.dtb merged.dtb                                         # what changed
ovl tree -i finch.dtb --with sensor-hat.dtbo --with display.dtbo      # and which overlay brought it
ovl get -i merged.dtb '&i2c0' status --type string                    # okay
ovl params sensor-hat.dtbo                                            # what can be set in it
ovl apply finch.dtb sensor-hat.dtbo -p address=0x4a -o moved.dtb      # the thermometer is at another address
ovl dot -i finch.dtb --with sensor-hat.dtbo --only overlays >hat.dot  # a graph for Graphviz
