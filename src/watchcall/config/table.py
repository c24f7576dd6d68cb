"""What all tables of the file have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """A table: frozen, closed to unknown keys, and silent about its values in errors.

    The description of a required key completes "missing; it is …". The text below a key stands in
    docs/reference/configuration.md (`make docs`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
