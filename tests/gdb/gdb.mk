# SPDX-License-Identifier: MIT OR Apache-2.0
#
# What gdb shows of a program's handles, in the program and in its core dump.

.PHONY: check-gdb
check-gdb: $(BUILD)/gdb/handles dts
	@STAGE=$(STAGE) tests/gdb/run $<

# Not optimised, so that every variable is there at every stop.
$(BUILD)/gdb/handles: tests/gdb/handles.c $(STAGED)
	@mkdir -p $(@D)
	$(CC) $(C_FLAGS) -O0 -g $(call cflags,$(LIBS)) -o $@ $< $(call libs,$(LIBS))
