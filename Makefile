# Two commands matter: `make demo` and `make test`. Both need git, make and Python 3.11+,
# and set themselves up in .venv.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: demo test check format docs bench package aloud clean
.DEFAULT_GOAL := test

demo: $(STAMP)
	@$(BIN)/watchcall demo $(ARGS)

test: check
	@$(BIN)/pytest -n auto $(ARGS)

check: $(STAMP)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: $(STAMP)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: $(STAMP)
	@$(BIN)/python -m tools.docs

bench: $(STAMP)
	@$(BIN)/python -m bench $(ARGS)

# .deb and .rpm into dist/; says what it needs, which is no more than Debian has.
package:
	@packaging/build $(ARGS)

# A voice's half of the tests: says what reads the texts, and whether it reads them as written down.
aloud: $(STAMP) build/aloud/venv/.installed
	@$(BIN)/python -m tests.aloud.read $(ARGS)

build/aloud/venv/.installed:
	@$(PYTHON) -m venv build/aloud/venv
	@build/aloud/venv/bin/pip install --quiet --disable-pip-version-check "pyopenjtalk-plus==0.4.1.post10"
	@touch $@

# uv is faster where it is installed and works; pip does the same. uv is told to trust the
# certificates that this machine trusts, as pip does.
$(STAMP): export UV_NATIVE_TLS = 1
$(STAMP): export UV_SYSTEM_CERTS = 1
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "WatchCall needs Python 3.11 or newer; say which: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@echo "setting up .venv (once) ..."
	@{ command -v uv >/dev/null 2>&1 && \
		uv venv --quiet --allow-existing --python "$(PYTHON)" .venv && \
		uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[dev]'; } || \
	{ $(PYTHON) -m venv .venv && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'; }
	@touch $(STAMP)

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
