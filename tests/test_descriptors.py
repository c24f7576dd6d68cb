"""How many descriptors looks may open, where those in use lie scattered."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCATTERED = """
import os, resource
from watchcall import descriptors
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
descriptors.MANY = {many}
before = descriptors.left_for_looks()
held = [os.open(os.devnull, os.O_RDONLY) for _ in range(60)]
os.close(held.pop(0))
print(before - descriptors.left_for_looks())
for fd in held: os.close(fd)
held = [os.open(os.devnull, os.O_RDONLY) for _ in range(100 - 3 - len(os.listdir("/proc/self/fd")))]
print(descriptors.left_for_looks())
"""


@pytest.mark.parametrize("old", [False, True], ids=["size", "list"])
def test_those_above_a_gap_count(old: bool) -> None:
    code = SCATTERED.format(many=65536)
    if old:  # before Linux 6.2
        code = code.replace(
            "before =", "descriptors._counted = lambda: len(os.listdir(descriptors.OURS))\nbefore ="
        )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    taken, none = map(int, done.stdout.split())
    assert taken in (58, 59, 60)
    assert none < 0
