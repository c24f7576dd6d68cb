"""Why an answer cannot be used: a code with values, which each language says in its own words."""

from __future__ import annotations


class Refused(Exception):
    """An answer that cannot be used.

    code:   which text says why (`refused.CODE`); values fill it
    insist: whether the same answer, given again, is taken nevertheless
    """

    def __init__(self, code: str, *, insist: bool = False, **values: object) -> None:
        super().__init__(code)
        self.code, self.insist, self.values = code, insist, values
