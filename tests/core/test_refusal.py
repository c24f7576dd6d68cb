"""What Twilio's codes mean: each class of the table, by its best-known members."""

from __future__ import annotations

import pytest

from watchcall.core import refusal
from watchcall.core.refusal import Fault, meaning


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        pytest.param(20429, Fault.BUSY, id="too many requests: wait"),
        pytest.param(20503, Fault.UNSURE, id="trouble at Twilio: who knows"),
        pytest.param(20003, Fault.ACCOUNT, id="bad credentials: nobody"),
        pytest.param(401, Fault.ACCOUNT, id="a bare 401: nobody"),
        pytest.param(20005, Fault.ACCOUNT, id="a suspended account: nobody"),
        pytest.param(21210, Fault.CALLER, id="a caller ID that is not ours: nobody"),
        pytest.param(21211, Fault.CONTACT, id="a bad number: this person"),
        pytest.param(21215, Fault.CONTACT, id="a country that is not allowed: this person"),
        pytest.param(13224, Fault.CONTACT, id="a number that does not exist: this person"),
        pytest.param(21219, Fault.CONTACT, id="not verified on a trial: this person"),
        pytest.param(21609, Fault.REQUEST, id="a bad callback: plainly"),
        pytest.param(13520, Fault.REQUEST, id="a bad voice: plainly"),
        pytest.param(99999, Fault.OTHER, id="an unknown code: the next"),
        pytest.param(None, Fault.OTHER, id="no code: the next"),
    ],
)
def test_what_a_code_means(code: int | None, fault: Fault) -> None:
    assert meaning(code).fault is fault


def test_each_code_has_one_meaning_and_a_remedy() -> None:
    codes = [
        code for remedies in refusal._BY_FAULT.values() for of in remedies.values() for code in of
    ]

    assert len(codes) == len(set(codes))
    assert all(meaning(code).remedy for code in codes)
