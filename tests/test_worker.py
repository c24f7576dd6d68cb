"""Blocking work: on its own thread, within its deadline, never in the way of the rest."""

from __future__ import annotations

import threading

import pytest

from watchcall.worker import Inline, Worker


async def test_it_returns_what_the_call_returns() -> None:
    assert await Worker("test").run(lambda: 41 + 1) == 42


async def test_it_raises_what_the_call_raises() -> None:
    def broken() -> None:
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        await Worker("test").run(broken)


async def test_calls_run_one_after_the_other_on_one_thread() -> None:
    worker = Worker("test")

    first = await worker.run(threading.get_ident)
    second = await worker.run(threading.get_ident)

    assert first == second != threading.get_ident()


async def test_a_call_that_hangs_is_left_to_itself_and_the_next_one_runs() -> None:
    worker, never = Worker("test"), threading.Event()

    with pytest.raises(TimeoutError):
        await worker.run(never.wait, deadline=0.05)
    assert await worker.run(lambda: "next", deadline=5) == "next"

    never.set()


async def test_a_timeout_of_the_call_itself_is_the_calls_own() -> None:
    worker = Worker("test")

    def gives_up() -> None:
        raise TimeoutError("its own")

    thread = await worker.run(threading.get_ident)
    with pytest.raises(TimeoutError, match="its own"):
        await worker.run(gives_up, deadline=5)
    assert await worker.run(threading.get_ident) == thread


async def test_a_closed_worker_says_so_instead_of_never_answering() -> None:
    worker = Worker("test")
    worker.close()

    with pytest.raises(RuntimeError, match="closed"):
        await worker.run(lambda: None)


async def test_inline_a_call_runs_at_once_on_the_loops_own_thread() -> None:
    worker = Inline()

    assert await worker.run(threading.get_ident) == threading.get_ident()
    with pytest.raises(LookupError):
        await worker.run(lambda: dict[str, int]()["nothing"])


def test_inline_the_last_thing_is_done_when_it_is_closed() -> None:
    done: list[str] = []
    Inline().close(lambda: done.append("closed"))

    assert done == ["closed"]
