"""The sentences that a module of the program has, read from its source."""

from __future__ import annotations

import ast
import re
from pathlib import Path

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
WORDS = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")  # what is only a name, a command or a number has none


def sentences(module: object) -> set[str]:
    """Return the sentences that a module has, with X for what is put into them."""
    tree = ast.parse(Path(str(getattr(module, "__file__", ""))).read_text("utf-8"))
    inside = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = set()
    for node in ast.walk(tree):
        if id(node) in inside | documents:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
            found.add("".join(map(str, parts)))
    return {text for text in found if WORDS.search(text)}
