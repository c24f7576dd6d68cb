"""What `--help` says."""

from __future__ import annotations

import pytest

from watchcall.cli import COMMANDS, main

CONTRACT = (
    "run validate status incidents calls stats probe ack silence unsilence silences explain "
    "preview simulate test-call doctor reload init simulator demo install-service lastgasp"
).split()


def test_every_command_of_the_contract_is_there() -> None:
    assert sorted(COMMANDS) == sorted(CONTRACT)


def test_help_gives_each_command_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    for name, summary in COMMANDS.items():
        assert [name, summary] in lines


def test_help_explains_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    _, _, codes = capsys.readouterr().out.partition("exit codes:")
    words = codes.split()
    assert [word for word in words if word.isdecimal()] == "0 1 2 69 78".split()


@pytest.mark.parametrize("command", COMMANDS)
def test_no_line_of_an_example_ends_inside_an_option(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main([command, "--help"]) == 0
    _, _, example = capsys.readouterr().out.partition("example: ")

    assert example
    assert not [line for line in example.splitlines() if line.endswith("-")]
