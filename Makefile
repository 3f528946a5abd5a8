# GANtlitz Face Maps. Every target does the set-up it needs; `make help` lists them.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
TORCH_INDEX ?=
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready
# One file after another in each of up to four processes: Blender's checks, which mostly wait, beside the rest.
SIDE_BY_SIDE := --numprocesses auto --maxprocesses 4 --dist loadfile

.PHONY: help libraries setup demo test test-all lint extension bench clean

help:                ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*##/\t/' | expand -t 14

setup: $(READY)      ## make the virtual environment .venv with everything pinned (TORCH_INDEX=URL to choose torch's index)

$(READY): requirements.txt requirements-dev.txt tools/setup_environment.py
	@$(PYTHON) tools/setup_environment.py --venv $(VENV) --torch-index "$(TORCH_INDEX)"
	@touch $@

libraries:           # before the downloads: what Blender needs of the system
	@$(PYTHON) tools/system_libraries.py

demo: libraries $(READY)       ## sample a 6K face and render it on the head in real Blender -> out/demo/
	@$(RUN) tools/demo.py --out out/demo

test: libraries $(READY)       ## the tests, real Blender 4.5 among them
	@$(RUN) -m pytest $(SIDE_BY_SIDE)

test-all: libraries $(READY)   ## every test: also Blender 4.2, 5.0 and 5.2 (downloads 1.5 GB once)
	@$(RUN) -m pytest $(SIDE_BY_SIDE) -m "slow or not slow"

lint: $(READY)       ## ruff and mypy
	@$(RUN) -m ruff check .
	@$(RUN) -m mypy

extension: $(READY)  ## build and validate dist/gantlitz_face_maps-<version>.zip
	@$(RUN) tools/build_extension.py

bench: $(READY)      ## sampling: time, memory, figures beside captured skin; the store; a training step beside a plain one (benchmarks/)
	@for name in sampling fidelity store training; do echo "== $$name"; $(RUN) -m benchmarks.$$name || exit 1; done

clean:               ## remove what the targets above leave behind, except .venv
	rm -rf build dist out .pytest_cache .ruff_cache .mypy_cache
