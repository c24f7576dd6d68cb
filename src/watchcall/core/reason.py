"""Why something is as it is: kept as a code with values, so that every language can say it.

A probe never writes a sentence. It names what it saw (`process.none`, `name="httpd"`), and the
log says it in English while the phone says it in the language of the person who answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Value = str | int | float


@dataclass(frozen=True, slots=True)
class Reason:
    """One fact, unspoken: `code` names a sentence in `core/words`, `values` fill it."""

    code: str
    values: tuple[tuple[str, Value], ...] = field(default=())

    @classmethod
    def of(cls, code: str, /, **values: Value) -> Reason:
        return cls(code, tuple(values.items()))

    @property
    def spoken(self) -> Reason:
        """The same as far as it is said: `….last` tells in addition what was there before."""
        return Reason(self.code.removesuffix(".last"), self.values)

    def __getitem__(self, name: str) -> Value:
        return dict(self.values)[name]

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, **dict(self.values)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Reason:
        return cls(data["code"], tuple((k, v) for k, v in data.items() if k != "code"))


NOTHING_SEEN = Reason("none_yet")
