"""A search comes to an end, and finds what `re` finds."""

from __future__ import annotations

import re
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchcall.probes.patterns import AT_ONCE, Budget, TooHard, searcher

CATASTROPHIC = [
    pytest.param(r"(a+)+$", "a" * 5000 + "!", id="nested"),
    pytest.param(r"(a|a)*$", "a" * 5000 + "!", id="either of two that are the same"),
    pytest.param(r"(?:a*)*[bc]", "a" * 5000, id="not even captured"),
    pytest.param(r"(?x) (a+) + $", "a" * 5000 + "!", id="written with spaces"),
    pytest.param(r"(a*)\1*[bc](a*)*[cd]", "a" * 5000, id="with a reference back"),
    pytest.param(r"a+b", "a" * 1_000_000, id="plain, but a megabyte"),
    pytest.param(r"a*a*a*a*a*a*[bc]", "a" * 900, id="five in a row"),
]


@pytest.mark.parametrize(("pattern", "text"), CATASTROPHIC)
def test_what_never_ends_is_given_up_and_holds_nobody_meanwhile(pattern: str, text: str) -> None:
    """`re` would hold the interpreter: no other thread would run until it is done."""
    turns, over = [time.monotonic()], threading.Event()

    def live() -> None:
        while not over.wait(0.005):
            turns.append(time.monotonic())

    other = threading.Thread(target=live)
    other.start()
    try:
        began = time.monotonic()
        with pytest.raises(TooHard) as given_up:
            searcher(re.compile(pattern), Budget(0.2))(text)
    finally:
        over.set()
        other.join()

    assert given_up.value.text == pattern
    assert time.monotonic() - began < 5
    assert len(turns) > 3


def test_a_budget_is_for_all_searches_of_a_look() -> None:
    search = searcher(re.compile(r"(a+)+$"), Budget(0.05))
    with pytest.raises(TooHard):
        search("a" * 5000 + "!")

    with pytest.raises(TooHard):
        search("an easy one, too late")


# Expressions of both kinds, in texts on both sides of the border between the engines.
PATTERNS = [
    r"^v\d+\.\d+$",
    r"(?i)HTTPD.*worker",
    r"\bno\b|(?s:a.c)",
    r"(\w+)=\1\b",
    r"[^\W\d]+$",
    r"(?m)^b{2,3}$",
    r"日本|\Aé",
    r"(?a)\w\s\d",
]


@given(
    st.sampled_from(PATTERNS),
    st.text("abc v1.2=\nworker HTTPDno日本é", max_size=60),
    st.booleans(),
)
def test_both_engines_find_the_same(pattern: str, text: str, long: bool) -> None:
    compiled = re.compile(pattern)
    whole = text * (AT_ONCE // 1000) if long and text else text

    found = searcher(compiled, Budget(60))(whole[:3000])

    match = compiled.search(whole[:3000])
    assert found == (match.end() if match else None)
