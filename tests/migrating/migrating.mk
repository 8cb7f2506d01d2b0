# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The programs of docs/migrating as they were with the other libraries, examples/c/before/LIBRARY/*.c: built where their library
# is, beside the examples, and run by tests/c/*/migrating.c and tests/kernel/migrating.c.

.PHONY: before
BEFORE := $(BUILD)/examples/before
before_of = $(patsubst examples/c/%.c,$(BUILD)/examples/%,$(wildcard examples/c/before/$1/*.c))
BEFORE_COMPILE = @mkdir -p $(@D); $(CC) -std=gnu11 -Wall -Wextra -Werror $(CFLAGS) $1 -o $@ $< $2

ifneq ($(wildcard /usr/include/libfdt.h),)
before: $(call before_of,libfdt)
$(C_TESTS): C_FLAGS += -DHAVE_LIBFDT
endif

$(BEFORE)/libfdt/%: examples/c/before/libfdt/%.c examples/c/before/libfdt/file.h
	$(call BEFORE_COMPILE,,-lfdt)

c-tests: before
