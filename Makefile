# make demo | test | test-all | lint | bench | asan | tsan | neon | clean
# All share one .venv, filled once from requirements-dev.txt; recfast is then built and installed into it whenever a
# source has changed.
#   PYTHON=python3.12        the interpreter that .venv is made from
#   CXX=clang++              the C++20 compiler
#   RESULTS=bench/results/reference   where `make bench` writes; these results are README's
#   TORCH="torch==2.9.0"     another build of torch: a requirement, or the path or URL of a wheel; remembered in .venv
#   RECFAST_CUDA=OFF         AUTO, ON or OFF: whether the CUDA backend is built; remembered in .venv

SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV ?= .venv
RESULTS ?= bench/results/last
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest

TORCH_FILE := $(VENV)/torch.txt
ifeq ($(origin TORCH),undefined)
TORCH := $(shell cat $(TORCH_FILE) 2>/dev/null || grep '^torch==' requirements-dev.txt)
endif

CUDA_FILE := $(VENV)/cuda.txt
RECFAST_CUDA ?= $(or $(shell cat $(CUDA_FILE) 2>/dev/null),AUTO)
export RECFAST_CUDA

SOURCES := pyproject.toml CMakeLists.txt README.md LICENSE $(shell find cmake cpp python training -type f \
  -not -name '*.pyc' -not -name '*.so' 2>/dev/null)
CPP_FILES = $(shell find bench cpp tests/cpp tests/cuda -name '*.h' -o -name '*.cpp' -o -name '*.cu' -o -name '*.cuh' 2>/dev/null)

.PHONY: help demo test test-all lint bench asan tsan neon clean install toolchain FORCE

help:
	@sed -n '1,8s/^# \{0,1\}//p' Makefile

demo: install
	$(BIN)/python -m recfast_training.demo

test: install
	$(PYTEST) -m "not slow and not gpu"

test-all: install
	$(PYTEST)
	tools/test_interpreters.sh

bench: install $(VENV)/competitors.stamp
	rm -f $(RESULTS)/*.json
	$(PYTEST) bench -q --benchmark-only --benchmark-quiet --results $(RESULTS); failed=$$?; \
	  $(BIN)/python -m bench.report $(RESULTS) && exit $$failed

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict
	MYPYPATH=python $(BIN)/python -m mypy.stubtest recfast._core --allowlist tools/stubtest_allowlist.txt
	$(BIN)/clang-format --dry-run -Werror $(CPP_FILES)
	$(BIN)/cmake --list-presets

asan tsan: $(VENV)/dependencies.stamp
	PATH="$(abspath $(BIN)):$$PATH" cmake --preset $@
	PATH="$(abspath $(BIN)):$$PATH" cmake --build --preset $@
	PATH="$(abspath $(BIN)):$$PATH" ctest --preset $@

neon: $(VENV)/dependencies.stamp
	@tools/check_neon.sh
	PATH="$(abspath $(BIN)):$$PATH" cmake --preset $@
	PATH="$(abspath $(BIN)):$$PATH" cmake --build --preset $@
	PATH="$(abspath $(BIN)):$$PATH" ctest --preset $@

# Build outputs and caches; .venv stays.
clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks demo/shop.recfast
	rm -f $(VENV)/install.stamp
	find bench cpp python tests training -name __pycache__ -type d -prune -exec rm -rf {} +

install: $(VENV)/install.stamp

toolchain:
	@tools/check_toolchain.sh $(PYTHON)

$(VENV)/made.stamp: | toolchain
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(TORCH_FILE): FORCE $(VENV)/made.stamp
	@echo '$(TORCH)' | cmp -s - $@ || echo '$(TORCH)' > $@

$(CUDA_FILE): FORCE $(VENV)/made.stamp
	@echo '$(RECFAST_CUDA)' | cmp -s - $@ || echo '$(RECFAST_CUDA)' > $@

$(VENV)/dependencies.stamp: requirements-dev.txt $(TORCH_FILE) | toolchain
	$(PIP) install $(TORCH)
	grep -v '^torch==' requirements-dev.txt > $(VENV)/other-requirements.txt
	$(PIP) install -r $(VENV)/other-requirements.txt
	@touch $@

$(VENV)/competitors.stamp: requirements-bench.txt $(VENV)/dependencies.stamp
	$(PIP) install -c $(VENV)/other-requirements.txt -r requirements-bench.txt
	@touch $@

$(VENV)/install.stamp: $(VENV)/dependencies.stamp $(CUDA_FILE) $(SOURCES) | toolchain
	$(PIP) install --no-deps --no-build-isolation --force-reinstall .
	@touch $@
