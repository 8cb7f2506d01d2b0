# SPDX-License-Identifier: MIT OR Apache-2.0
# The terminals that docs/guide shows.
.PHONY: check-guides
GUIDE ?= tests/guide/run
check-guides: $(STAGED) program ## the sessions in docs/guide, run (GUIDE='tests/guide/run --write' puts in what they print)
	PATH=$(abspath $(RELEASE)):$(dir $(abspath $(PYTHON))):$$PATH PKG_CONFIG_PATH=$(STAGE)/lib/pkgconfig LD_LIBRARY_PATH=$(STAGE)/lib \
	    $(PYTHON_LIBRARIES) PYTHONPATH=$(CURDIR)/bindings/python PYTHONDONTWRITEBYTECODE=1 $(GUIDE)
