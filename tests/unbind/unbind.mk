# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The unbind storm, in boots of its own, since the kernel may not survive it; tests/unbind/run says which side failed.

.PHONY: check-unbind soak-unbind

# What Linux 6.12 stands: calls run when vivid goes, and files are open when vimc does.
check-unbind: setup $(BUILD)/unbind/storm
	@$(IN_VM) tests/unbind/run

# The same at length; and what it does not stand.
soak-unbind: setup $(BUILD)/unbind/storm
	@UNBIND_ROUNDS=500 VM_SECONDS=3600 $(IN_VM) tests/unbind/run
	@UNBIND_ROUNDS=500 UNBIND_DRIVERS='vimc vivid' $(IN_VM) tests/unbind/run 10

$(BUILD)/unbind/storm: tests/unbind/storm.c $(wildcard tests/*.h tests/kernel/*.h) $(STAGED)
	$(call C_COMPILE,mediadev)
