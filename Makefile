# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The verbs of this repository; `make help` lists them. What `make check` runs, step by step, stands in tests/run-steps.
#
#   make && sudo make install [DESTDIR=…] [prefix=/usr/local] [libdir=…] [includedir=…] [bindir=…] [datadir=…] [mandir=…]
#   make CARGO_BUILD_TARGET=aarch64-unknown-linux-gnu CC=aarch64-linux-gnu-gcc    for another machine (docs/packaging.md)
#   make SANITIZE=address check-c        any C target over an instrumented library (address, thread)

prefix ?= /usr/local
bindir ?= $(prefix)/bin
libdir ?= $(prefix)/lib
includedir ?= $(prefix)/include
datadir ?= $(prefix)/share
mandir ?= $(datadir)/man
docdir ?= $(datadir)/doc/holdfast
zshdir ?= $(datadir)/zsh/site-functions
INSTALL ?= install
CC ?= cc
OBJCOPY ?= objcopy
CFLAGS ?= -O2 -g
# A machine's own: where cargo builds, and where the checks keep what they made.
TARGET := $(or $(CARGO_TARGET_DIR),target)
BUILD := build
# What is installed has a target folder of its own: a test or a bench may leave another archive in the common one.
SHIPPED := $(TARGET)/shipped
RELEASE := $(SHIPPED)/$(if $(CARGO_BUILD_TARGET),$(CARGO_BUILD_TARGET)/)release

# A library NAME is the crate libNAME in its folder, with NAME.symbols and NAME.pc.in, and include/NAME.h; what belongs to
# one of them lies in folders of its name: tests/c/NAME, examples/c/NAME. A program is the crate PROGRAM-cli in cli/PROGRAM.
LIBS := ovl gpiodref mediadev
PROGRAMS := ovl gpiodref mediadev

VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
# The number in the sonames: how often the ABI was broken (docs/abi.md).
SOVERSION := 0
RUST := $(shell find kref cabi $(LIBS:%=lib%) cli -name '*.rs' -o -name Cargo.toml) Cargo.toml Cargo.lock

# Another machine's tools are called as its compiler is, and rustc links the programs with that.
ifdef CARGO_BUILD_TARGET
BUILD := build/$(CARGO_BUILD_TARGET)
CROSS := $(if $(filter %-gcc,$(CC)),$(CC:%gcc=%))
AR := $(CROSS)ar
OBJCOPY := $(CROSS)objcopy
export CARGO_BUILD_TARGET
export CARGO_TARGET_$(shell echo $(CARGO_BUILD_TARGET) | tr a-z- A-Z_)_LINKER := $(CC)
endif

ifdef SANITIZE
# std is not instrumented; our code and the C side are. Debug assertions and overflow checks stay on. tests/tsan.supp has the names that
# only full debug information tells.
HOST := $(shell rustc -vV | sed -n 's/^host: //p')
BUILD := build/$(SANITIZE)
CARGO_LIB = RUSTC_BOOTSTRAP=1 RUSTFLAGS='-Zsanitizer=$(SANITIZE) -Cunsafe-allow-abi-mismatch=sanitizer $(if $(filter thread,$(SANITIZE)),--cfg tsan)' \
	CARGO_TARGET_DIR=$(TARGET)/$(SANITIZE) cargo rustc --locked --target $(HOST) --config profile.dev.opt-level=1 \
	--config profile.dev.debug=2
ARTIFACTS := $(TARGET)/$(SANITIZE)/$(HOST)/debug
CFLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=$(SANITIZE)
LDFLAGS_SO := -fsanitize=$(SANITIZE) $(if $(filter thread,$(SANITIZE)),-fPIC -fno-builtin tests/tsan.c)
else
CARGO_LIB = CARGO_TARGET_DIR=$(SHIPPED) cargo rustc --locked --release
ARTIFACTS := $(RELEASE)
LDFLAGS_SO := -Wl,--no-undefined,--strip-debug
endif

ARCHIVES := $(LIBS:%=$(ARTIFACTS)/lib%.a)
MAPS := $(LIBS:%=$(BUILD)/lib/%.map)
SHARED := $(LIBS:%=$(BUILD)/lib/lib%.so.$(VERSION))
STATIC := $(LIBS:%=$(BUILD)/lib/lib%.a)
BINARIES := $(PROGRAMS:%=$(RELEASE)/%)
# For programs that are built and run beside this checkout: PKG_CONFIG_PATH=…/build/lib.
UNINSTALLED := $(LIBS:%=$(BUILD)/lib/%-uninstalled.pc)

# An installed copy for the tests, used as any program uses an installed library.
STAGE := $(CURDIR)/$(BUILD)/stage
# These are targets, so relative: a path with a space would be two. (The checks themselves want a checkout without one.)
STAGED := $(LIBS:%=$(BUILD)/stage/lib/pkgconfig/%.pc)
STAGED_CONFIG := PKG_CONFIG_PATH=$(STAGE)/lib/pkgconfig pkg-config
# What a program is compiled and linked with that uses some of LIBS: $(call cflags,ovl gpiodref).
cflags = $$($(STAGED_CONFIG) --cflags $1)
libs = $$($(STAGED_CONFIG) --libs $1) -Wl,-rpath,$(STAGE)/lib
WITH_OVL = OVL_CFLAGS="$(call cflags,ovl)" OVL_LIBS="$(call libs,ovl)"

.PHONY: all lib program man completions install uninstall clean help
.DELETE_ON_ERROR:
# For the prerequisites that have a library's name twice.
.SECONDEXPANSION:

all: lib program man completions ## the libraries, the programs, the man pages, what shells complete

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- the libraries ---------------------------------------------------------------------------------------------------

lib: $(SHARED) $(STATIC) $(UNINSTALLED) ## the libraries, shared and static

# With only this crate type, rustc optimises the archive as a whole; an rlib beside it would prevent that.
# The flags are here: cargo sees whether they have changed.
$(ARCHIVES): $(ARTIFACTS)/lib%.a: $(RUST) Makefile
	$(CARGO_LIB) -p lib$* --lib --crate-type staticlib
	@touch $@

# The linker's version script, from the committed list of symbols (`name NODE`).
$(MAPS): $(BUILD)/lib/%.map: lib$$*/$$*.symbols
	@mkdir -p $(@D)
	awk '{ names[$$2] = names[$$2] "\t\t" $$1 ";\n" } \
	     END { for (node in names) printf "%s {\n\tglobal:\n%s\tlocal: *;\n};\n", node, names[node] }' $< > $@

# rustc can make a shared library, but none with versioned symbols; so it is linked once more, from the archive.
$(SHARED): $(BUILD)/lib/lib%.so.$(VERSION): $(ARTIFACTS)/lib%.a $(BUILD)/lib/%.map Makefile
	$(CC) -shared -o $@ -Wl,--whole-archive $< -Wl,--no-whole-archive \
	    -Wl,--version-script=$(BUILD)/lib/$*.map,--no-undefined-version -Wl,-soname,lib$*.so.$(SOVERSION) \
	    -Wl,--gc-sections,--as-needed,-z,relro,-z,now,-z,nodelete $(LDFLAGS_SO) $(LDFLAGS) -lgcc_s -lc

# rustc's archive has Rust's own symbols too, and a program could not take two of them. So it becomes one object, in which
# only the listed symbols are global. What Rust's own library brings for LLVM's linker is no use in there, and ar chokes on it.
$(STATIC): $(BUILD)/lib/lib%.a: $(ARTIFACTS)/lib%.a lib$$*/$$*.symbols Makefile
	@mkdir -p $(@D)
	cut -d' ' -f1 lib$*/$*.symbols > $(@:.a=.globals)
	$(CC) -r -nostdlib -o $(@:.a=.o) -Wl,--force-group-allocation $$(sed 's/^/-Wl,-u,/' $(@:.a=.globals)) $<
	$(OBJCOPY) --strip-debug --remove-section=.llvmbc --remove-section=.llvmcmd \
	    --keep-global-symbols=$(@:.a=.globals) $(@:.a=.o)
	rm -f $@
	$(AR) rcs $@ $(@:.a=.o)

# The links that `make install` makes in its libdir, and a .pc for what is not installed. pkg-config wants a space in it escaped.
escaped = $(subst $(space),\\ ,$1)
$(UNINSTALLED): $(BUILD)/lib/%-uninstalled.pc: $(BUILD)/lib/lib%.so.$(VERSION) lib$$*/$$*.pc.in Makefile
	ln -sf $(<F) $(@D)/lib$*.so.$(SOVERSION)
	ln -sf lib$*.so.$(SOVERSION) $(@D)/lib$*.so
	sed -e 's|@prefix@|$(call escaped,$(CURDIR))|' -e 's|@version@|$(VERSION)|' -e 's|@libdir@|$(call escaped,$(CURDIR)/$(@D))|' \
	    -e 's|@includedir@|$${prefix}/include|' -e 's|^Libs:|& -Wl,-rpath,$${libdir}|' lib$*/$*.pc.in > $@

# --- the programs ----------------------------------------------------------------------------------------------------

program: $(BINARIES) ## the programs

$(BINARIES): $(RELEASE)/%: $(RUST)
	CARGO_TARGET_DIR=$(SHIPPED) cargo build --locked --release -p $*-cli
	@touch $@

# --- the manual, and what shells complete ----------------------------------------------------------------------------

# The same for every machine, and made by a program of this one.
MAN := build/man
COMPLETIONS := build/completions
SOURCES := $(shell find manual cli docs/reference docs/concepts docs/programs -type f) $(wildcard include/*.h) Cargo.toml Cargo.lock
MANUAL := env -u CARGO_BUILD_TARGET cargo run --locked --quiet -p manual --

man: $(MAN)/.made ## the man pages: build/man

$(MAN)/.made: $(SOURCES)
	rm -rf $(MAN)
	$(MANUAL) man $(MAN)
	@touch $@

completions: $(COMPLETIONS)/.made ## what bash, zsh and fish complete: build/completions

$(COMPLETIONS)/.made: $(SOURCES)
	rm -rf $(COMPLETIONS)
	$(MANUAL) completions $(COMPLETIONS)
	@touch $@

# --- installing ------------------------------------------------------------------------------------------------------

# Each library and each program can be installed alone: `make install-lib-ovl`.
INSTALL_LIBS := $(LIBS:%=install-lib-%)
INSTALL_PROGRAMS := $(PROGRAMS:%=install-program-%)
.PHONY: $(INSTALL_LIBS) $(INSTALL_PROGRAMS)
# gdb loads a file with a library that is called after where that lies.
gdbdir = $(datadir)/gdb/auto-load$(libdir)

# The way from libdir/cmake/NAME to includedir: by .. where both lie below prefix, so that the whole can be moved.
space := $() $()
below_prefix = $(filter $(prefix)/%,$1)
up = $(subst $(space),/,$(patsubst %,..,$(subst /, ,$1)))
cmake_includedir = $(if $(and $(call below_prefix,$(libdir)),$(call below_prefix,$(includedir))),$\
	$${CMAKE_CURRENT_LIST_DIR}/../../$(call up,$(patsubst $(prefix)/%,%,$(libdir)))$(patsubst $(prefix)%,%,$(includedir)),$\
	$(includedir))

install: $(INSTALL_LIBS) $(INSTALL_PROGRAMS) ## into $(DESTDIR)$(prefix)

# $(call install_pages,3,PATTERN…): most names of functions are links to the page that is about them. An empty mandir wants none.
define pages_into
	$(INSTALL) -d $(DESTDIR)$(mandir)/man$1
	cp -P $(addprefix $(MAN)/man$1/,$2) $(DESTDIR)$(mandir)/man$1
	chmod 644 $(addprefix $(DESTDIR)$(mandir)/man$1/,$2)
endef
install_pages = $(if $(mandir),$(call pages_into,$1,$2))

$(INSTALL_LIBS): install-lib-%: $(BUILD)/lib/lib%.so.$(VERSION) $(BUILD)/lib/lib%.a $(if $(mandir),$(MAN)/.made)
	$(INSTALL) -d $(DESTDIR)$(libdir)/pkgconfig $(DESTDIR)$(includedir)
	$(INSTALL) -m 644 $< $(DESTDIR)$(libdir)/$(<F)
	ln -sf $(<F) $(DESTDIR)$(libdir)/lib$*.so.$(SOVERSION)
	ln -sf lib$*.so.$(SOVERSION) $(DESTDIR)$(libdir)/lib$*.so
	$(INSTALL) -m 644 $(BUILD)/lib/lib$*.a $(DESTDIR)$(libdir)/lib$*.a
	$(INSTALL) -m 644 include/$*.h $(DESTDIR)$(includedir)/$*.h
	sed -e 's|@prefix@|$(prefix)|' -e 's|@version@|$(VERSION)|' \
	    -e 's|@libdir@|$(patsubst $(prefix)/%,$${prefix}/%,$(libdir))|' \
	    -e 's|@includedir@|$(patsubst $(prefix)/%,$${prefix}/%,$(includedir))|' \
	    lib$*/$*.pc.in > $(DESTDIR)$(libdir)/pkgconfig/$*.pc
	$(INSTALL) -d $(DESTDIR)$(libdir)/cmake/$*
	for file in config config-version; do \
	    sed -e 's|@name@|$*|g' -e 's|@version@|$(VERSION)|' -e 's|@soversion@|$(SOVERSION)|' -e 's|@includedir@|$(cmake_includedir)|' \
	        packaging/cmake/$$file.cmake.in > $(DESTDIR)$(libdir)/cmake/$*/$*-$$file.cmake || exit 1; \
	done
	$(call install_pages,3,lib$*.3 $*_*.3)
	$(call install_pages,7,holdfast-*.7 $*-*.7)
	$(INSTALL) -d $(DESTDIR)$(gdbdir)
	$(INSTALL) -m 644 packaging/gdb/holdfast-gdb.py $(DESTDIR)$(gdbdir)/$(<F)-gdb.py

# Where bash, zsh and fish look for what they complete of a program; zshdir is elsewhere on Debian.
BASHDIR := $(datadir)/bash-completion/completions
FISHDIR := $(datadir)/fish/vendor_completions.d

$(INSTALL_PROGRAMS): install-program-%: $(RELEASE)/% $(if $(mandir),$(MAN)/.made) $(COMPLETIONS)/.made
	$(INSTALL) -d $(addprefix $(DESTDIR),$(bindir) $(BASHDIR) $(zshdir) $(FISHDIR))
	$(INSTALL) -m 755 $< $(DESTDIR)$(bindir)/$*
	$(INSTALL) -m 644 $(COMPLETIONS)/bash/$* $(DESTDIR)$(BASHDIR)/$*
	$(INSTALL) -m 644 $(COMPLETIONS)/zsh/_$* $(DESTDIR)$(zshdir)/_$*
	$(INSTALL) -m 644 $(COMPLETIONS)/fish/$*.fish $(DESTDIR)$(FISHDIR)/$*.fish
	$(call install_pages,1,$*.1)

uninstall: ## what install and install-doc put there
	rm -f $(foreach lib,$(LIBS),$(addprefix $(DESTDIR)$(libdir)/, \
	        lib$(lib).so.$(VERSION) lib$(lib).so.$(SOVERSION) lib$(lib).so lib$(lib).a pkgconfig/$(lib).pc) \
	    $(DESTDIR)$(includedir)/$(lib).h $(DESTDIR)$(gdbdir)/lib$(lib).so.$(VERSION)-gdb.py) $(PROGRAMS:%=$(DESTDIR)$(bindir)/%)
	rm -rf $(LIBS:%=$(DESTDIR)$(libdir)/cmake/%) $(DESTDIR)$(docdir)/html
	rm -f $(foreach lib,$(LIBS),$(addprefix $(DESTDIR)$(mandir)/,man3/lib$(lib).3 man3/$(lib)_*.3 man7/$(lib)-*.7)) \
	    $(DESTDIR)$(mandir)/man7/holdfast-*.7
	rm -f $(foreach program,$(PROGRAMS),$(addprefix $(DESTDIR), $(mandir)/man1/$(program).1 \
	    $(BASHDIR)/$(program) $(zshdir)/_$(program) $(FISHDIR)/$(program).fish))

clean: ## everything that was built
	cargo clean
	rm -rf build

# --- what is generated, documentation, measuring ---------------------------------------------------------------------

.PHONY: headers docs site install-doc demo bench corpus soak

headers: ## what is generated and committed: headers, symbol lists, ABIs, the tests that docs/guarantees.md names, docs/python
	cargo xtask headers
	cargo xtask symbols
	cargo xtask witness
	cargo xtask guarantees
	bindings/python/reference

docs: ## the Rust documentation
	cargo doc --locked --workspace --no-deps

# Its own checks (links, anchors, form) fail the build.
SITE := build/site
site: ## the documentation as static files: build/site/index.html
	rm -rf $(SITE)
	$(MANUAL) site $(SITE)

check-site: site

install-doc: $(SITE)/index.html ## the site, into $(DESTDIR)$(docdir)/html
	$(INSTALL) -d $(DESTDIR)$(docdir)
	rm -rf $(DESTDIR)$(docdir)/html
	cp -R $(SITE) $(DESTDIR)$(docdir)/html
	chmod -R a+rX $(DESTDIR)$(docdir)/html

# Who installs what `make site` made needs no cargo; with --jobs both are not made at once.
$(SITE)/index.html: $(SOURCES) $(wildcard *.md) $(shell find docs examples tests bindings -type f -not -name '*.pyc') \
		| $(filter site check-site,$(MAKECMDGOALS))
	@$(MAKE) --no-print-directory site

demo: ## the main job, before your eyes
	@tests/setup demo
	@$(MAKE) --no-print-directory --silent run-demo

run-demo: $(BUILD)/examples/ovl/demo $(BUILD)/examples/gpiodref/demo $(BUILD)/examples/mediadev/demo dts
	@echo 'libovl: a devicetree whose overlays come and go'
	@$< $(BUILD)/dts/boards
	@echo 'libgpiodref: GPIO lines whose holders and whose chip come and go'
	@$(word 2,$^)
	@echo 'libmediadev: a media device that goes under its users'
	@$(word 3,$^)

corpus: $(STAGED) ## Debian's device trees and overlays, beside libfdt (fetches them, cached)
	$(WITH_OVL) tests/corpus/run

soak: ## a million rounds of applying and removing at constant memory, and storms of threads, under which chips are unplugged
	@$(MAKE) --no-print-directory check-soak ROUNDS=1000000
	cargo test --locked --release -p libovl --test memory --test threads --test worlds -- --ignored soak --nocapture
	cargo test --locked --release -p libmediadev --test storms -- --ignored soak --nocapture --test-threads=1
	@$(MAKE) --no-print-directory soak-storm soak-kernel soak-unbind

.PHONY: soak-storm
soak-storm: $(BUILD)/c/gpiodref/storm
	STORM_ROUNDS=2500 $<

bench: $(STAGED) ## the libraries beside their peers
	@tests/setup
	$(WITH_OVL) HOLDFAST_LIB=$(STAGE)/lib benches/run

# --- checks ----------------------------------------------------------------------------------------------------------

.PHONY: setup check check-fast check-memory

setup: ## what building and checking needs from Debian and PyPI (as root, or with sudo)
	@tests/setup

check: setup ## everything
	@tests/run-steps all

check-fast: ## what needs neither root nor downloads, within three minutes
	@tests/run-steps fast

check-memory: setup ## the C and Python tests under valgrind and AddressSanitizer
	@tests/run-steps memory

.PHONY: check-headers check-witness check-abi check-version check-symbols check-guarantees check-readme check-man \
	check-site check-licences check-install check-programs check-build-systems check-packages check-cross check-recipes

check-headers check-witness check-abi check-version check-guarantees: check-%:
	cargo xtask $* --check

check-symbols: lib
	cargo xtask symbols --check $(SHARED)

check-readme:
	tests/readme
	tests/figures
	bindings/python/reference --check
	tests/examples
	tests/house

check-man: man
	LIBS="$(LIBS)" tests/man

# Every file of ours says its licence (the kernel's vectors are data), and every crate has one that we may use.
check-licences:
	@! git ls-files | grep -E '\.(rs|c|h|py|dts|dtso|toml|md|mk|svg|yml|wrap|css|js|html|cmake\.in)$$|(^|/)(Makefile|meson\.build|CMakeLists\.txt)$$|^(tests|packaging)/[a-z-]*$$' | grep -v '^tests/vectors/.*/' | \
	    xargs grep -L 'SPDX-License-Identifier: MIT OR Apache-2.0' | grep .
	tests/licences

check-install: all dts
	LIBS="$(LIBS)" PROGRAMS="$(PROGRAMS)" tests/install

check-programs: program man completions dts
	rm -rf $(BUILD)/programs
	@$(MAKE) --no-print-directory --silent $(INSTALL_PROGRAMS) DESTDIR=$(CURDIR)/$(BUILD)/programs prefix=/usr
	tests/programs $(BUILD)/programs $(PROGRAMS)

check-build-systems: lib dts
	LIBS="$(LIBS)" tests/build-systems

check-packages: ## Debian's packages: built, installed, used and purged in a fresh Debian (as root; ten minutes, 90 MB, cached)
	@tests/setup packages
	tests/packages
	@$(MAKE) --no-print-directory check-recipes

check-cross: program dts ## another machine's libraries and programs (arm64), run by qemu-user
	@tests/setup packages
	PROGRAMS="$(PROGRAMS)" tests/cross

check-recipes: all
	LIBS="$(LIBS)" PROGRAMS="$(PROGRAMS)" RELEASE=$(RELEASE) tests/recipes

$(STAGED): $(BUILD)/stage/lib/pkgconfig/%.pc: $(BUILD)/lib/lib%.so.$(VERSION) $(BUILD)/lib/lib%.a include/%.h lib$$*/$$*.pc.in packaging/gdb/holdfast-gdb.py
	$(MAKE) install-lib-$* DESTDIR= prefix=$(STAGE) libdir=$(STAGE)/lib includedir=$(STAGE)/include datadir=$(STAGE)/share mandir=

C_TESTS := $(patsubst tests/c/%.c,$(BUILD)/c/%,$(wildcard $(LIBS:%=tests/c/%/*.c)))
C_EXAMPLES := $(patsubst examples/c/%.c,$(BUILD)/examples/%,$(wildcard $(LIBS:%=examples/c/%/*.c)))
C_HEADERS := $(wildcard tests/*.h tests/gpio/*.h tests/c/*/*.h examples/c/*/*.h)
C_FLAGS = -std=gnu11 -Wall -Wextra -Werror $(CFLAGS) -Itests -DTOP='"$(CURDIR)"' -DDTS_DIR='"$(CURDIR)/$(BUILD)/dts"' \
	-DEXAMPLES='"$(CURDIR)/$(BUILD)/examples"'
# Makes the program $@ of the one source $<, over some of LIBS: $(call C_COMPILE,ovl gpiodref).
C_COMPILE = @mkdir -p $(@D); $(CC) $(C_FLAGS) $(call cflags,$1) -o $@ $< $(call libs,$1) -pthread

# The folder says which library.
$(BUILD)/c/%: tests/c/%.c $(C_HEADERS) $(STAGED)
	$(call C_COMPILE,$(*D))

$(BUILD)/examples/%: examples/c/%.c $(C_HEADERS) $(STAGED)
	$(call C_COMPILE,$(*D))

# Devicetree sources of the tests and examples, compiled with symbols: x.dts to x.dtb, x.dtso to x.dtbo.
DTS := $(wildcard tests/dts/*.dts tests/dts/*.dtso)
BOARDS := $(wildcard examples/boards/*.dts examples/boards/*.dtso)
compiled = $(patsubst %.dtso,%.dtbo,$(patsubst %.dts,%.dtb,$(addprefix $(BUILD)/dts/$1,$(notdir $2))))
DTC = @mkdir -p $(@D); dtc -q -@ -I dts -O dtb -o $@ $<

$(BUILD)/dts/%.dtb: tests/dts/%.dts
	$(DTC)
$(BUILD)/dts/%.dtbo: tests/dts/%.dtso
	$(DTC)
$(BUILD)/dts/boards/%.dtb: examples/boards/%.dts
	$(DTC)
$(BUILD)/dts/boards/%.dtbo: examples/boards/%.dtso
	$(DTC)

PROCESSORS := $(shell nproc)

.PHONY: dts c-tests check-c check-c-valgrind check-vectors check-fuzz check-soak check-loom
dts: $(call compiled,,$(DTS)) $(call compiled,boards/,$(BOARDS))
c-tests: $(C_TESTS) $(C_EXAMPLES) dts

check-c check-kernel: export TSAN_OPTIONS := suppressions=$(CURDIR)/tests/tsan.supp $(TSAN_OPTIONS)
check-c: c-tests ## the C tests
	prove --nocolor --jobs $(PROCESSORS) $(PROVE_EXEC) $(C_TESTS)

# What a library allocated it frees: nothing may be lost, nor be reachable only through something lost. One thread at a time
# runs there, and without turns one that spins would keep the others from it for minutes.
VALGRIND := valgrind --quiet --fair-sched=yes --error-exitcode=9 --leak-check=full \
	--errors-for-leak-kinds=definite,indirect,possible
check-c-valgrind: PROVE_EXEC := --exec '$(VALGRIND)'
# An example that gives up frees nothing.
check-c-valgrind: export EXAMPLE_EXEC := $(VALGRIND) --leak-check=no
check-c-valgrind: check-c

check-vectors: $(STAGED) ## overlay sequences with Linux's own results
	$(WITH_OVL) tests/vectors/run

check-fuzz: ## a quarter of a minute of each fuzz target (tests/fuzz/run SECONDS for more)
	FUZZ_TARGET_DIR=$(abspath $(TARGET))/fuzz tests/fuzz/run 15

ROUNDS ?= 100000
$(BUILD)/soak: tests/soak/soak.c $(STAGED)
	$(call C_COMPILE,ovl)
check-soak: $(BUILD)/soak dts
	$< $(BUILD)/dts/boards $(ROUNDS)

# Another target folder, for these flags would make everything else be built again.
check-loom: ## the models of kref
	RUSTFLAGS='--cfg loom' CARGO_TARGET_DIR=$(TARGET)/loom cargo test --locked --release -p kref --test loom

# --- Python ----------------------------------------------------------------------------------------------------------

# What tests/setup made, or the machine's own.
PYTHON := $(firstword $(wildcard build/venv/bin/python) python3)
# OVL_LIBRARY=….so, and so on for each library.
PYTHON_LIBRARIES := $(foreach lib,$(LIBS),$(shell echo $(lib) | tr a-z A-Z)_LIBRARY=$(STAGE)/lib/lib$(lib).so)
WITH_PYTHON = $(PYTHON_LIBRARIES) PYTHONPATH=$(CURDIR)/bindings/python OVL_DTS=$(CURDIR)/$(BUILD)/dts
# A test that takes long says where it is.
PYTEST := -m pytest -q -p no:cacheprovider -o faulthandler_timeout=300 bindings/python/tests --ignore=bindings/python/tests/kernel

.PHONY: check-python check-python-valgrind check-python-asan
check-python: $(STAGED) dts ## the Python tests
	$(PYTHON) -m mypy --config-file bindings/python/pyproject.toml
	$(WITH_PYTHON) $(PYTHON) $(PYTEST)

# Library by library, so that they can run side by side.
PYTHON_VALGRIND := $(LIBS:%=check-python-valgrind-%)
.PHONY: $(PYTHON_VALGRIND)
check-python-valgrind: $(PYTHON_VALGRIND)
$(PYTHON_VALGRIND): check-python-valgrind-%: $(STAGED) dts
	$(WITH_PYTHON) $(PYTHON) tests/python-valgrind $(PYTEST:%/tests=%/tests/$*)

# Python's own allocator would hide from the sanitizer what we get from malloc().
check-python-asan: $(STAGED) dts
	$(WITH_PYTHON) PYTHONMALLOC=malloc LD_PRELOAD=$$($(CC) -print-file-name=libasan.so) $(PYTHON) $(PYTEST)

.PHONY: wheel check-wheels
wheel: $(SHARED) ## the Python packages as wheels, with the libraries inside and without: build/wheels
	$(PYTHON) packaging/wheel build/wheels $(SHARED)

check-wheels: wheel $(STAGED) dts
	PYTHON=$(PYTHON) STAGE=$(STAGE) tests/wheels

# --- rules that lie beside what they run -----------------------------------------------------------------------------

include $(wildcard tests/*/*.mk)
