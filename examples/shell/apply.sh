#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0

# Is anything in the way? Then all of it or nothing.
ovl check sensor-hat.dtbo display.dtbo --base finch.dtb
ovl apply finch.dtb sensor-hat.dtbo display.dtbo -o merged.dtb

# What has changed, and which overlay has brought it?
ovl diff finch.dtb merged.dtb
ovl tree -i finch.dtb --with sensor-hat.dtbo --with display.dtbo
ovl get -i merged.dtb '&i2c0' status --type string

# What can be set? The thermometer is at another address.
ovl params sensor-hat.dtbo
ovl apply finch.dtb sensor-hat.dtbo -p address=0x4a -o moved.dtb

# A graph for Graphviz.
ovl dot -i finch.dtb --with sensor-hat.dtbo --only overlays >hat.dot
