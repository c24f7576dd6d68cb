"""The ledger: what acceptance tests read."""

from __future__ import annotations

import json
import socket
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
import requests

from tests.simulator.caller import ME, SPEED, WORDS, Caller, calling
from watchcall.errors import StartError
from watchcall.simulator.api import Account
from watchcall.simulator.ledger import Reader, entries
from watchcall.simulator.simulator import Simulator


def address(caller: Caller) -> tuple[str, int]:
    return "127.0.0.1", int(caller.simulator.url.rpartition(":")[2])


async def test_a_call_is_told_from_the_request_to_the_price() -> None:
    async with calling(price_after=0) as caller:
        await caller.place()
        await caller.simulator.until(lambda: caller.simulator.entries("price"))
        kinds = [
            f"{entry['kind']} {entry['status']}" if "status" in entry else entry["kind"]
            for entry in caller.simulator.ledger
        ]

        assert kinds == [
            "start",
            "request",
            "call queued",
            "reply 201",
            "call ringing",
            "call in-progress",
            "speaking",
            "heard",
            "call completed",
            "price",
        ]


async def test_every_line_says_when_by_two_clocks() -> None:
    async with calling("busy") as caller:
        await caller.place()
        await caller.ended()
        entries = caller.simulator.ledger
        instants = [datetime.fromisoformat(entry["at"]) for entry in entries]

        assert instants == sorted(instants)
        assert all(len(entry["at"]) == len("2026-11-20T12:00:00.000000+00:00") for entry in entries)
        assert [one["monotonic"] for one in entries] == sorted(one["monotonic"] for one in entries)


async def test_a_request_is_noted_with_its_parameters() -> None:
    async with calling() as caller:
        await caller.create(Timeout="25", StatusCallbackEvent=["ringing", "answered"])
        [request] = caller.simulator.entries("request")

        assert (request["method"], request["path"]) == ("POST", f"{caller.accounts}/Calls.json")
        assert request["params"]["To"] == ME
        assert request["params"]["StatusCallbackEvent"] == ["ringing", "answered"]


async def test_a_reply_names_its_request_and_its_call() -> None:
    async with calling() as caller:
        placed = await caller.place()
        [request], [reply] = (caller.simulator.entries(kind) for kind in ("request", "reply"))

        assert reply["request"] == request["id"]
        assert reply["sid"] == placed.sid
        assert (reply["status"], reply["delivery"]) == (201, "whole")


async def test_what_was_heard_is_kept_with_language_and_voice() -> None:
    async with calling() as caller:
        words = '<Response><Say language="ja-JP" voice="Polly.Takumi">止まった。</Say></Response>'
        await caller.place(twiml=words)
        await caller.ended()
        [heard] = caller.simulator.entries("heard")

        assert (heard["words"], heard["language"]) == ("止まった。", "ja-JP")
        assert (heard["voice"], heard["complete"]) == ("Polly.Takumi", True)


async def test_it_never_holds_a_credential(tmp_path: Path) -> None:
    path, account = tmp_path / "ledger", Account(token="a-very-secret-token")
    async with Simulator(account=account, ledger=path) as simulator:
        caller = Caller(simulator)
        await caller.create(SipAuthPassword="another-secret")
        await caller.ask("GET", ".json", auth=(account.sid, "a-wrong-secret"))
    text = path.read_text()

    assert "secret" not in text
    assert "Basic" not in text


async def test_the_file_holds_one_line_for_each_entry_at_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    async with Simulator({"speed": SPEED}, ledger=path) as simulator:
        await Caller(simulator).create()
        await simulator.until(lambda: simulator.entries("heard"))

        assert entries(path) == simulator.ledger
        assert WORDS in path.read_text()


def test_a_reader_waits_for_the_rest_of_a_line_and_of_a_character(tmp_path: Path) -> None:
    """Whoever writes is seen to, byte by byte."""
    path = tmp_path / "ledger.jsonl"
    said = [{"words": "ウォッチコールです"}, {"words": "サーバー web1"}]
    lines = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in said).encode()
    read = []
    with path.open("wb", buffering=0) as file, closing(Reader(path)) as reader:
        for byte in lines:
            file.write(bytes([byte]))
            read += reader.new()

    assert read == said


async def test_the_file_is_only_ever_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    for _ in range(2):
        async with Simulator(ledger=path):
            pass
    kinds = [entry["kind"] for entry in entries(path)]

    assert kinds == ["start", "stop", "start", "stop"]


async def test_a_client_that_leaves_within_its_request_made_none() -> None:
    async with calling() as caller:
        with socket.create_connection(address(caller)) as client:
            client.sendall(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nTo=")
        await caller.ask("GET", ".json")

        assert len(caller.simulator.entries("request")) == 1


async def test_nonsense_is_no_request_and_harms_nobody() -> None:
    async with calling() as caller:
        with socket.create_connection(address(caller)) as client:
            client.sendall(b"\x16\x03\x01 hello?\r\n\r\n")
        reply: requests.Response = await caller.ask("GET", ".json")

        assert reply.status_code == 200


def test_a_ledger_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"cannot write the ledger .*none/ledger: No such file"):
        Simulator(ledger=tmp_path / "none" / "ledger")


async def test_until_says_what_happened_instead() -> None:
    async with calling("busy") as caller:
        await caller.place()
        with pytest.raises(TimeoutError, match="'status': 'busy'"):
            await caller.simulator.until(lambda: caller.simulator.entries("heard"), within=0.1)
