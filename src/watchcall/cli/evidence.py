"""Evidence, as lines that people can read: what a look saw, what explains an incident."""

from __future__ import annotations

from typing import Any

from watchcall.cli.show import hanging


def show_evidence(evidence: Any, indent: str = "  ") -> None:
    """Print JSON values, a line each that wraps, tables and lists indented; nothing is a hyphen."""
    if isinstance(evidence, dict):
        for key, value in evidence.items():
            if isinstance(value, dict | list) and value:
                print(f"{indent}{key}:")
                show_evidence(value, indent + "  ")
            else:
                hanging(f"{key}: {_plain(value)}", indent)
    else:
        for item in evidence:
            line = (
                ", ".join(f"{key} {_plain(value)}" for key, value in item.items())
                if isinstance(item, dict)
                else _plain(item)
            )
            hanging(f"- {line}", indent)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "(" + ", ".join(f"{key} {_plain(one)}" for key, one in value.items()) + ")"
    return "-" if value in (None, "", []) else str(value)
