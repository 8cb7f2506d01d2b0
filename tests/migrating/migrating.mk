# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The programs of docs/migrating as they were with the other libraries, examples/c/before/LIBRARY/*.c: built where their library
# is, beside the examples, and run by tests/c/*/migrating.c and tests/kernel/migrating.c.

.PHONY: before
BEFORE := $(BUILD)/examples/before
before_of = $(patsubst examples/c/%.c,$(BUILD)/examples/%,$(wildcard examples/c/before/$1/*.c))
BEFORE_COMPILE = @mkdir -p $(@D); $(CC) -std=gnu11 -Wall -Wextra -Werror -O2 -g $1 -o $@ $< $2

# For another machine the other libraries are not there, though their headers are.
ifneq ($(if $(CARGO_BUILD_TARGET),,$(wildcard /usr/include/libfdt.h)),)
before: $(call before_of,libfdt)
C_FLAGS += -DHAVE_LIBFDT
endif

$(BEFORE)/libfdt/%: examples/c/before/libfdt/%.c examples/c/before/libfdt/file.h
	$(call BEFORE_COMPILE,,-lfdt)

# Debian 12 has libgpiod 1, later ones have 2.
ifneq ($(filter 1.%,$(shell pkg-config --modversion libgpiod 2>/dev/null)),)
before-kernel: $(call before_of,libgpiod1)
C_FLAGS += -DHAVE_LIBGPIOD1
endif

$(BEFORE)/libgpiod1/%: examples/c/before/libgpiod1/%.c
	$(call BEFORE_COMPILE,,-lgpiod)

# The benches fetch its sources.
$(BUILD)/libgpiod2/libgpiod.a: benches/gpiod-source
	@mkdir -p $(@D)
	@cd $(@D) && $(CC) -c -O2 -w -D_GNU_SOURCE '-DGPIOD_VERSION_STR="2"' -I$$($(CURDIR)/$<)/include $$($(CURDIR)/$<)/lib/*.c
	@$(AR) rcs $@ $(@D)/*.o

$(BEFORE)/libgpiod2/%: examples/c/before/libgpiod2/%.c examples/c/before/libgpiod2/find.h $(BUILD)/libgpiod2/libgpiod.a
	$(call BEFORE_COMPILE,-I$$(benches/gpiod-source)/include,$(BUILD)/libgpiod2/libgpiod.a)

# Moves a part at a time, with both libraries; as instrumented as ours is.
$(BEFORE)/libgpiod2/both: examples/c/before/libgpiod2/both.c examples/c/before/libgpiod2/find.h $(BUILD)/libgpiod2/libgpiod.a $(STAGED)
	$(call BEFORE_COMPILE,$(CFLAGS) -I$$(benches/gpiod-source)/include $(call cflags,gpiodref),$(BUILD)/libgpiod2/libgpiod.a $(call libs,gpiodref))

$(BEFORE)/media-ioctls/%: examples/c/before/media-ioctls/%.c examples/c/before/media-ioctls/graph.h
	$(call BEFORE_COMPILE)

.PHONY: before-kernel
before-kernel: $(call before_of,libgpiod2) $(call before_of,media-ioctls)

c-tests: before
check-kernel: before-kernel
