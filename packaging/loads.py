"""Imports every compiled module below a folder: one that strip(1) has broken ends it with an error.

usage: loads.py SITE_PACKAGES
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

# Modules that cannot be imported beside others, or by themselves, and why.
BESIDE = {"multidict._testcapi": "its own tests alone use it"}


def main(site: Path) -> None:
    for library in sorted(site.rglob("*.so")):
        if ".libs" not in str(library):
            name = ".".join(library.relative_to(site).with_name(library.name.split(".")[0]).parts)
            if name not in BESIDE:
                importlib.import_module(name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
