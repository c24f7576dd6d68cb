"""Configuration files for tests: a small one that is enough, and ways to vary it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from watchcall.config.load import Loaded, load
from watchcall.errors import ConfigError

TWILIO = """
[twilio]
account_sid = "AC00000000000000000000000000000000"
from = "+15005550006"
"""
ME = """
[[contact]]
name = "me"
phone = "+819012345678"
"""
HTTPD = """
[[check]]
name = "httpd"
type = "process"
process = "httpd"
"""
SMALL = TWILIO + ME + HTTPD


def write(folder: Path, text: str = SMALL, mode: int = 0o600) -> Path:
    """Write config.toml into a folder."""
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


def loaded(
    folder: Path,
    text: str = SMALL,
    environ: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
    *,
    need_token: bool = False,
    strict: bool = False,
    mode: int = 0o600,
) -> Loaded:
    """Load a text as config.toml, in an environment of its own."""
    path = write(folder, text, mode)
    return load(path, overrides, environ or {}, need_token=need_token, strict=strict)


def problems(
    folder: Path,
    text: str,
    environ: Mapping[str, str] | None = None,
    *,
    need_token: bool = False,
    strict: bool = False,
    mode: int = 0o600,
) -> list[str]:
    """Return what is wrong with a text, without the folder in front."""
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text, environ, need_token=need_token, strict=strict, mode=mode)
    return [problem.replace(f"{folder}/", "") for problem in caught.value.problems]


def warnings(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> list[str]:
    """Return what is odd about a text, without the folder in front."""
    found = loaded(folder, text, environ).warnings
    return [warning.replace(f"{folder}/", "") for warning in found]
