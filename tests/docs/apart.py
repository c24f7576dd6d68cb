"""Namespaces, in which a page's ports and processes are its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.docs.blocks import ROOT

PRIVILEGES = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
APART = ["unshare", *PRIVILEGES, "--mount", "--pid", "--net", "--fork", "--kill-child"]


def possible() -> bool:
    """Whether this machine lets us have some."""
    words = [*APART, "--mount-proc", "true"]
    return subprocess.run(words, check=False, capture_output=True).returncode == 0


def played(module: str, *words: str) -> list[str]:
    """Run a player of ours in there; return what was not as shown."""
    done = subprocess.run(
        [*APART, "--mount-proc", sys.executable, "-m", module, *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))
