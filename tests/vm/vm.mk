# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Tests that need Linux's simulators (gpio-sim, vimc, vivid, cuse) run under Debian's kernel; tests/vm/run boots it.
# They are found by where they lie: tests/kernel/*.c, bindings/python/tests/kernel/test_*.py, and kernel_*.rs among the
# integration tests of any crate, there with #[ignore = "needs gpio-sim: make check-kernel"].

.PHONY: check-kernel check-kernel-valgrind soak-kernel vm-shell vm-run vm-ready

# What is built, as a program finds it that uses it.
IN_VM = PYTHONDONTWRITEBYTECODE= PATH=$(CURDIR)/build/venv/bin:$$PATH PKG_CONFIG_PATH=$(STAGE)/lib/pkgconfig LD_LIBRARY_PATH=$(STAGE)/lib $(WITH_PYTHON)

# With HOST=1 on the command line, this machine's own kernel.
HOST_KERNEL := $(and $(filter command,$(origin HOST)),$(HOST))
VM := tests/vm/$(if $(HOST_KERNEL),host,run)

KERNEL_C := $(patsubst tests/kernel/%.c,$(BUILD)/kernel/%,$(wildcard tests/kernel/*.c))
# With SANITIZE, and under valgrind, the C tests alone.
ifndef SANITIZE
KERNEL_PYTHON := $(wildcard bindings/python/tests/kernel/test_*.py)
KERNEL_RUST := $(wildcard */tests/kernel_*.rs */*/tests/kernel_*.rs)
# In boots of its own, and never under the kernel that this machine needs.
UNBIND := $(if $(HOST_KERNEL),,$(BUILD)/unbind/storm)
endif

$(BUILD)/kernel/%: tests/kernel/%.c $(wildcard tests/*.h tests/gpio/*.h tests/kernel/*.h) $(STAGED)
	$(call C_COMPILE,$(LIBS))

check-kernel: setup $(KERNEL_C) $(C_EXAMPLES) $(STAGED) $(UNBIND) ## the kernel tests, under Debian's kernel in QEMU; HOST=1: under this one
	@mkdir -p $(BUILD)/kernel
	@printf '%s\n' $(KERNEL_C) $(KERNEL_PYTHON) > $(BUILD)/kernel/tests
	@set -e; for test in $(KERNEL_RUST); do \
	    cargo test --locked --no-run --message-format=json-render-diagnostics --manifest-path $${test%/tests/*}/Cargo.toml \
	        --test $$(basename $$test .rs) > $(BUILD)/kernel/cargo; \
	    sed -n '/"kind":\["test"\]/s/.*"executable":"\([^"]*\)".*/\1/p' $(BUILD)/kernel/cargo >> $(BUILD)/kernel/tests; \
	done
	@VM_SECONDS=$${VM_SECONDS:-1800} $(IN_VM) TEST_EXEC='$(TEST_EXEC)' tests/vm/tests $(VM) $(BUILD)/kernel/tests
	$(if $(UNBIND),@$(IN_VM) tests/unbind/run)

check-kernel-valgrind: TEST_EXEC := $(VALGRIND)
check-kernel-valgrind: KERNEL_PYTHON :=
check-kernel-valgrind: KERNEL_RUST :=
check-kernel-valgrind: UNBIND :=
check-kernel-valgrind: check-kernel

# Two chips of the system, each of which is unplugged so often.
soak-kernel: setup $(BUILD)/kernel/storm
	@STORM_ROUNDS=500 VM_SECONDS=3600 $(IN_VM) $(VM) $(BUILD)/kernel/storm

vm-shell: vm-ready ## a shell under that kernel, with what was built
	@$(IN_VM) tests/vm/run || [ $$? != 125 ]

vm-ready: setup $(STAGED)

VM_RUN = $(MAKE) --silent --no-print-directory vm-ready >&2 || exit 125; $(IN_VM) exec tests/vm/run "$$1"

# make comes to this rule only where it cannot load become.so; it then ends with 2 for any failure.
vm-run: ## CMD='…' under that kernel; ends with its exit code
	@sh -c '$(VM_RUN)' sh "$$CMD"
vm-run: export CMD := $(value CMD)

build/vm/become.so: tests/vm/become.c
	@mkdir -p $(@D)
	@$(CC) -shared -fPIC -o $@ $<

# Not for `make -n`.
ifeq ($(MAKECMDGOALS) $(findstring n,$(firstword -$(MAKEFLAGS))),vm-run )
-load build/vm/become.so
endif
