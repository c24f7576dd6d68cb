"""What `--help` says, and what is said of commands that are not there yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from watchcall.cli import COMMANDS, LATER, main

CONTRACT = (
    "run validate status incidents calls stats probe ack silence unsilence silences explain "
    "preview simulate test-call doctor reload init simulator demo install-service lastgasp"
).split()


def test_a_command_of_the_contract_is_there_or_named_as_not_yet() -> None:
    assert sorted([*COMMANDS, *LATER]) == sorted(CONTRACT)


@pytest.mark.parametrize("command", LATER)
def test_a_command_of_a_later_release_says_so(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "1", "--help"]) == 2
    said = f"watchcall: '{command}' is not available yet; see CHANGELOG.md\n"
    assert capsys.readouterr() == ("", said)


def test_help_gives_each_command_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    for name, summary in COMMANDS.items():
        assert [name, summary] in lines


def test_help_offers_nothing_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    offered, _, later = capsys.readouterr().out.partition("not available yet:")
    assert later.replace(",", "").split() == LATER
    assert not set(LATER) & set(offered.split())


def test_help_explains_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    _, _, codes = capsys.readouterr().out.partition("exit codes:")
    words = codes.split()
    assert [word for word in words if word.isdecimal()] == "0 1 2 69 78".split()


def test_the_changelog_is_where_we_send_people() -> None:
    changelog = Path(__file__).parents[2] / "CHANGELOG.md"
    assert "Not available yet" in changelog.read_text(encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_no_line_of_an_example_ends_inside_an_option(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main([command, "--help"]) == 0
    _, _, example = capsys.readouterr().out.partition("example: ")

    assert example
    assert not [line for line in example.splitlines() if line.endswith("-")]
