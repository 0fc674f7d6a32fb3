# envgraph: `make` leaves ./plan and ./execute; `make check` runs every test; see docs/CONTRIBUTING.md.

CC ?= gcc
PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build
CFLAGS ?= -O2 -g
PYTHON ?= python3
PACKAGES = libcurl libzip zlib libdeflate libcrypto yaml-0.1 yajl gumbo libarchive

WARNINGS = -Wall -Wextra -Wshadow -Wpedantic -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -I. -I$(BUILD) -MMD -MP -pthread $(WARNINGS) $(CFLAGS) \
	$(shell pkg-config --cflags $(filter-out libdeflate,$(PACKAGES)))
LIBS = $(shell pkg-config --libs $(filter-out libdeflate,$(PACKAGES))) -ldeflate -pthread

ROOMS = base formats graph
SHARED = $(wildcard $(ROOMS:%=%/*.c))
PLANNER = $(filter-out planner/main.c,$(wildcard planner/*.c))
EXECUTOR = $(filter-out executor/main.c,$(wildcard executor/*.c))
UNIT = $(wildcard tests/unit/*.c)
objects = $(patsubst %.c,$(BUILD)/%.o,$(1))
LIBRARIES = $(BUILD)/libplanner.a $(BUILD)/libexecutor.a $(BUILD)/libshared.a

all: plan execute

plan: $(BUILD)/planner/main.o $(BUILD)/libplanner.a $(BUILD)/libshared.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

execute: $(BUILD)/executor/main.o $(BUILD)/libexecutor.a $(BUILD)/libshared.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/libshared.a: $(call objects,$(SHARED))
$(BUILD)/libplanner.a: $(call objects,$(PLANNER))
$(BUILD)/libexecutor.a: $(call objects,$(EXECUTOR))
$(BUILD)/%.a:
	rm -f $@ && ar rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

.PHONY: all
-include $(wildcard $(BUILD)/*/*.d $(BUILD)/*/*/*.d)
