"""A heartbeat's URL is like a password: where others could read it, that is warned of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.files import SMALL, loaded

CLEAR = "goes over the network unencrypted, and may be a secret; write https://"
NAMED = (
    "holds a user or a password; a URL that is secret by itself, such as "
    "https://hc-ping.com/your-uuid, needs neither"
)
OPEN = "may be a secret, and stands in a file that everybody can read (mode 0644); chmod 640 "


@pytest.mark.parametrize(
    ("url", "mode", "said"),
    [
        pytest.param("https://hc-ping.com/s3cr3t", 0o640, [], id="as it should be"),
        pytest.param("http://127.0.0.1:8000/s3cr3t", 0o640, [], id="within this machine"),
        pytest.param("http://localhost/s3cr3t", 0o640, [], id="within this machine, by name"),
        pytest.param("http://hc.example.com/s3cr3t", 0o640, [CLEAR], id="unencrypted"),
        pytest.param("http://10.0.0.5/s3cr3t", 0o640, [CLEAR], id="unencrypted, nearby"),
        pytest.param("https://me:s3cr3t@hc.example.com/", 0o640, [NAMED], id="with a password"),
        pytest.param("http://me:s3cr3t@hc.example.com/", 0o640, [CLEAR, NAMED], id="both"),
        pytest.param("https://hc-ping.com/s3cr3t", 0o644, [OPEN], id="in a file open to all"),
        pytest.param("https://watcher.example.com/", 0o644, [], id="nothing secret about it"),
    ],
)
def test_who_else_could_say_that_all_is_well(
    url: str, mode: int, said: list[str], tmp_path: Path
) -> None:
    text = f"{SMALL}[daemon]\nheartbeat = {{ url = '{url}' }}\n"
    warnings = loaded(tmp_path, text, mode=mode).warnings

    place = f"{tmp_path}/config.toml: daemon: heartbeat.url: "
    expected = [f"{place}{one}{tmp_path / 'config.toml' if one == OPEN else ''}" for one in said]
    assert list(warnings) == expected
    assert "s3cr3t" not in " ".join(warnings)
