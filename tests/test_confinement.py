"""Which security module is on, and whether it may deny something to us."""

from __future__ import annotations

from pathlib import Path

import pytest

from watchcall import confinement

ENFORCING = "SELinux enforcing, domain system_u:system_r:watchcall_t:s0"
DOMAIN = "system_u:system_r:watchcall_t:s0\0"


@pytest.mark.parametrize(
    ("files", "said", "denies"),
    [
        pytest.param({}, [], False, id="none is on"),
        pytest.param({"enforce": "1", "attr/current": DOMAIN}, [ENFORCING], True, id="enforcing"),
        pytest.param(
            {"enforce": "0", "attr/current": DOMAIN},
            [ENFORCING.replace("enforcing", "permissive")],
            False,
            id="permissive only writes down what it would deny",
        ),
        pytest.param(
            {"enforce": "1"}, ["SELinux enforcing, domain unknown"], True, id="no domain to be read"
        ),
        pytest.param({"enabled": "N\n"}, [], False, id="AppArmor is switched off"),
        pytest.param(
            {"enabled": "Y\n", "attr/current": "unconfined\n"},
            ["AppArmor profile unconfined"],
            False,
            id="AppArmor is about others",
        ),
        pytest.param(
            {"enabled": "Y\n", "attr/current": "watchcall (complain)\n"},
            ["AppArmor profile watchcall (complain)"],
            False,
            id="AppArmor only complains",
        ),
        pytest.param(
            {"enabled": "Y\n", "attr/current": "watchcall (enforce)\n"},
            ["AppArmor profile watchcall (enforce)"],
            True,
            id="AppArmor confines us",
        ),
        pytest.param(
            {"enabled": "Y\n", "attr/apparmor/current": "watchcall (enforce)\n"},
            ["AppArmor profile watchcall (enforce)"],
            True,
            id="AppArmor beside another module",
        ),
    ],
)
def test_what_is_on(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    files: dict[str, str],
    said: list[str],
    denies: bool,
) -> None:
    monkeypatch.setattr(confinement, "SELINUX", tmp_path / "enforce")
    monkeypatch.setattr(confinement, "APPARMOR", tmp_path / "enabled")
    monkeypatch.setattr(confinement, "OURS", tmp_path / "attr")
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    assert [str(module) for module in confinement.modules()] == said
    suspect = confinement.suspect()
    assert (suspect is not None and suspect.startswith(f"{said[0]}, see: ")) is denies
