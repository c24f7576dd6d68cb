"""The words on disk: whole, private, and believed only where they may be."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.lastgasp.words import words
from watchcall.config.urls import api_url
from watchcall.lastgasp.words import WORDS, allowed, folder, read, replace, write


def test_what_was_left_is_found(tmp_path: Path) -> None:
    write(tmp_path, words(tmp_path))

    assert read(tmp_path) == words(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == [WORDS]
    assert stat.S_IMODE((tmp_path / WORDS).stat().st_mode) == 0o600


def test_they_are_exchanged_whole_and_what_a_crash_left_is_no_hindrance(tmp_path: Path) -> None:
    write(tmp_path, words(tmp_path))
    (tmp_path / f".{WORDS}.new").write_text("half of it")
    write(tmp_path, words(tmp_path, caller="+15005550001"))

    assert read(tmp_path) == words(tmp_path, caller="+15005550001")


def test_they_are_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("kept")
    (tmp_path / ".x.new").symlink_to(tmp_path / "victim")
    replace(tmp_path / "x", "new")

    assert (tmp_path / "victim").read_text() == "kept"
    assert (tmp_path / "x").read_text() == "new"


def test_where_the_daemon_never_ran_there_are_none(tmp_path: Path) -> None:
    assert read(tmp_path) is None


def changed(tmp_path: Path, **fields: object) -> None:
    write(tmp_path, words(tmp_path))
    found = json.loads((tmp_path / WORDS).read_text())
    (tmp_path / WORDS).write_text(json.dumps({**found, **fields}))


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"api": "https://api.twilio.com.example.com"}, id="another than Twilio"),
        pytest.param({"api": "http://api.twilio.com"}, id="Twilio in the clear"),
        pytest.param({"api": "file:///etc/passwd"}, id="no web address"),
        pytest.param({"people": [{"name": "me"}]}, id="half a person"),
        pytest.param(
            {"people": [{"name": "me", "to": "110", "ring_s": 1, "said": {"otherwise": ""}}]},
            id="a short number",
        ),
        pytest.param(
            {"people": [{"name": "me", "to": "+819012345678", "ring_s": 1, "said": {}}]},
            id="nothing to say",
        ),
        pytest.param({"more": 1}, id="another version's"),
        pytest.param({"people": 3}, id="nonsense"),
    ],
)
def test_what_is_no_words_is_refused(tmp_path: Path, fields: dict[str, object]) -> None:
    changed(tmp_path, **fields)

    with pytest.raises(ValueError, match=r"names|is not what"):
        read(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, "\udcff"])
def test_what_is_not_even_json_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / WORDS).write_text(text, errors="surrogateescape")

    with pytest.raises(ValueError, match=r".") as caught:
        read(tmp_path)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "api",
    [
        *("https://api.twilio.com", "https://api.tokyo.us1.twilio.com", "http://127.0.0.1:8129"),
        *("http://[::1]:1", "http://localhost:1", "https://127.0.0.1", "http://192.0.2.1"),
        *("https://eviltwilio.com", "https://twilio.com.evil.example", "http://api.twilio.com"),
        *("https://[::2]", "ftp://127.0.0.1", "https://", "127.0.0.1", "http://0.0.0.0"),
    ],
)
def test_the_secret_goes_where_the_daemon_may_send_it(api: str) -> None:
    """Written twice, for the gasp can import nothing; so they are held together here."""
    try:
        daemon = bool(api_url(api))
    except ValueError:
        daemon = False

    assert allowed(api) is daemon


@pytest.mark.parametrize(
    ("environ", "where"),
    [
        ({}, "/var/lib/watchcall"),
        ({"STATE_DIRECTORY": "/a:/b"}, "/a"),
    ],
)
def test_where_they_are_looked_for(environ: dict[str, str], where: str) -> None:
    assert str(folder(environ)) == where
