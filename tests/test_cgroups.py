"""Which unit a process belongs to, and whether memory ran out there."""

from __future__ import annotations

from pathlib import Path

import pytest

from watchcall.cgroups import above, oom_kills, unified, unit_of


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        ("/system.slice/httpd.service", "httpd.service"),
        ("/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service"),
        ("/system.slice/docker.service/inner/deep.service", "docker.service"),
        ("/system.slice/docker-0123.scope", "docker-0123.scope"),
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/app.service", None),
        ("/user.slice/user-1000.slice/session-3.scope", None),
        ("/init.scope", None),
        ("/", None),
        ("", None),
    ],
)
def test_a_path_names_a_unit(path: str, unit: str | None) -> None:
    assert unit_of(path) == unit


@pytest.mark.parametrize(
    ("paths", "path"),
    [(["/", "/system.slice/a.service"], "/system.slice/a.service"), (["/"], None), ([], None)],
)
def test_of_two_hierarchies_the_one_that_knows_more_counts(
    paths: list[str], path: str | None
) -> None:
    assert unified(paths) == path


def test_kills_are_counted_over_the_groups_that_still_tell(tmp_path: Path) -> None:
    for name, count in (("a", 1), ("b", 2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "memory.events").write_text(f"low 0\noom 9\noom_kill {count}\n")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "memory.events").write_bytes(b"oom_kill x\n\xff")

    assert oom_kills(["/a", "/b", "/gone", "/c"], tmp_path) == 3
    assert oom_kills(["/gone", "/c", "/\0"], tmp_path) is None
    assert oom_kills([], tmp_path) is None


def test_the_groups_above_are_those_that_outlive_them() -> None:
    assert above(["/system.slice/a.service", "/system.slice/b.service/", "/init.scope", "/"]) == [
        "/system.slice"
    ]
