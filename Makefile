# envgraph: `make` leaves ./plan and ./execute; `make check` runs every test; see docs/CONTRIBUTING.md.

VERSION = 0.1.0
CLANG ?= clang
PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build# what is made on the way
BIN ?= .# where plan and execute are put
CFLAGS ?= -O2 -g
PYTHON ?= python3
FUZZ_SECONDS ?= 10# each target, in `make fuzz`

PACKAGES = libcurl libzip zlib libcrypto yaml-0.1 yajl gumbo libarchive
PACKAGE_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null || echo missing)
ifeq ($(PACKAGE_CFLAGS),missing)
ifeq ($(filter clean,$(MAKECMDGOALS)),)
$(error Libraries are missing ($(shell pkg-config --print-errors --exists $(PACKAGES) 2>&1 | \
	sed -n "s/^Package '*\([^', ]*\).*not found.*/\1/p" | sort -u)). ./bootstrap installs them)
endif
endif
# Not every distribution ships a .pc file for libdeflate.
LIBS := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -ldeflate -pthread

WARNINGS = -Wall -Wextra -Wshadow -Wpedantic -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
	-Werror=implicit-function-declaration
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -I. -I$(BUILD) -MMD -MP -pthread \
	$(WARNINGS) $(PACKAGE_CFLAGS) $(CFLAGS)

ROOMS = base formats graph
SHARED = $(wildcard $(ROOMS:%=%/*.c))
PLANNER = $(filter-out planner/main.c,$(wildcard planner/*.c))
EXECUTOR = $(filter-out executor/main.c,$(wildcard executor/*.c))
UNIT = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/*.c))
FUZZ = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_MAIN = $(BUILD)/tests/fuzz/standalone.o
DRIVER = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/oracle/driver.c))
PROGRAMS = $(BIN)/plan $(BIN)/execute
LIBRARIES = $(BUILD)/libplanner.a $(BUILD)/libexecutor.a $(BUILD)/libshared.a
MAN1 = $(wildcard docs/*.1)
MAN5 = $(wildcard docs/*.5)
objects = $(patsubst %.c,$(BUILD)/%.o,$(1))
# A short line for each step; `make V=1` shows the commands themselves.
quiet = $(if $(V),,@echo '  $(1)  $(2)';)
link = $(call quiet,ld,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(LIBS)

all: $(PROGRAMS)

$(BIN)/plan: $(BUILD)/planner/main.o $(BUILD)/libplanner.a $(BUILD)/libshared.a
	$(link)

$(BIN)/execute: $(BUILD)/executor/main.o $(BUILD)/libexecutor.a $(BUILD)/libshared.a
	$(link)

$(BUILD)/libshared.a: $(call objects,$(SHARED))
$(BUILD)/libplanner.a: $(call objects,$(PLANNER))
$(BUILD)/libexecutor.a: $(call objects,$(EXECUTOR))
$(LIBRARIES):
	@rm -f $@
	$(call quiet,ar,$@)ar rcs $@ $^

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,cc,$<)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# The generated files below get a new date only when what they say changes.
update = if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# Other flags, other objects.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(CC) $(ALL_CFLAGS))' >$@.new; $(update)

# The index that is asked when nobody names one: pip's own, or `make DEFAULT_INDEX=URL` (empty: none).
$(BUILD)/pip_index: tools/default-index
	@mkdir -p $(@D)
	PYTHON='$(PYTHON)' tools/default-index >$@

$(BUILD)/planner/main.o: | $(BUILD)/default_index.h
$(BUILD)/default_index.h: $(BUILD)/pip_index FORCE
ifeq ($(origin DEFAULT_INDEX),undefined)
	@url=$$(cat $<); printf '#define DEFAULT_INDEX "%s"\n' "$$url" >$@.new; $(update)
else
	@printf '#define DEFAULT_INDEX "%s"\n' '$(DEFAULT_INDEX)' >$@.new; $(update)
endif

# Tests. `tests` builds all of one build tree; tests/run builds and runs the trees it is asked for.
tests: $(PROGRAMS) $(UNIT) $(FUZZ) $(DRIVER)

$(UNIT) $(DRIVER): %: %.o $(LIBRARIES)
	$(link)
$(FUZZ): %: %.o $(FUZZ_MAIN) $(LIBRARIES)
	$(link)

SANITIZE = -g -O1 -fno-omit-frame-pointer -fno-sanitize-recover=all
TREE = $(MAKE) BUILD=build/$(@:tree-%=%) BIN=build/$(@:tree-%=%)
tree-gcc:
	$(MAKE) tests
tree-asan:
	+$(TREE) CFLAGS='$(SANITIZE) -fsanitize=address,undefined' tests
tree-tsan:
	+$(TREE) CFLAGS='$(SANITIZE) -fsanitize=thread' tests
tree-clang:
	+$(TREE) CC='$(CLANG)' CFLAGS='-O2 -g -Werror' tests
tree-fuzz:
	+$(TREE) CC='$(CLANG)' CFLAGS='$(SANITIZE) -fsanitize=fuzzer-no-link,address,undefined' \
		LDFLAGS=-fsanitize=fuzzer FUZZ_MAIN= fuzzers
fuzzers: $(FUZZ)

RUN = +PYTHON='$(PYTHON)' CLANG='$(CLANG)' tests/run
check:
	$(RUN)
quick:
	$(RUN) gcc
asan tsan clang:
	$(RUN) $@
fuzz:
	$(RUN) --fuzz-seconds $(FUZZ_SECONDS) fuzz

# What the tests compare with; needs the network.
test-venv: build/test-venv/done
build/test-venv/done: tests/requirements.txt
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install -q --disable-pip-version-check --upgrade pip
	$(@D)/bin/python -m pip install -q --disable-pip-version-check -r $<
	touch $@

install: all
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/share/man/man1' \
		'$(DESTDIR)$(PREFIX)/share/man/man5'
	install -m 755 $(PROGRAMS) '$(DESTDIR)$(PREFIX)/bin'
	$(if $(MAN1),install -m 644 $(MAN1) '$(DESTDIR)$(PREFIX)/share/man/man1')
	$(if $(MAN5),install -m 644 $(MAN5) '$(DESTDIR)$(PREFIX)/share/man/man5')

compile_commands.json: FORCE
	@for f in $(wildcard $(ROOMS:%=%/*.c) planner/*.c executor/*.c tests/unit/*.c); do \
		printf '{"directory": "%s", "file": "%s", "command": "%s"},\n' '$(CURDIR)' "$$f" \
			'$(subst ','\'',$(subst ",\",$(CC) $(ALL_CFLAGS))) -c '"$$f"; \
	done | sed '1s/^/[/; $$s/,$$/]/' >$@

clean:
	rm -rf build plan execute compile_commands.json

FORCE:
TREES = tree-gcc tree-asan tree-tsan tree-clang tree-fuzz
.PHONY: all tests $(TREES) fuzzers check quick asan tsan clang fuzz test-venv install clean FORCE
.DELETE_ON_ERROR:
-include $(wildcard $(BUILD)/*/*.d $(BUILD)/tests/*/*.d)
