"""Twilio's OpenAPI description, where it can be found, and validation against it."""

from __future__ import annotations

import functools
import json
import os
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

NAME = "twilio_api_v2010.json"
REPOSITORY = Path(__file__).parents[2]
CHECKER = FormatChecker(formats=())


@CHECKER.checks("date-time-rfc-2822", raises=(ValueError, TypeError))
def _rfc_2822(value: object) -> bool:
    return not isinstance(value, str) or parsedate_to_datetime(value).tzinfo is not None


@functools.cache
def description() -> dict[str, Any]:
    """Return the description; the test is skipped where there is none."""
    given = os.environ.get("WATCHCALL_TWILIO_SPEC")
    place = Path(given) if given else REPOSITORY.parent / "shared" / "twilio"
    path = place / NAME if place.is_dir() else place
    if not path.is_file():
        pytest.skip(f"{path}: no description of Twilio's API; WATCHCALL_TWILIO_SPEC may name it")
    whole: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return whole


def operation(method: str, path: str) -> dict[str, Any]:
    """Return what the description says of an endpoint, whatever it calls its path parameters."""
    plain = _plain(path)
    for known, methods in description()["paths"].items():
        if _plain(known) == plain and method.lower() in methods:
            found: dict[str, Any] = methods[method.lower()]
            return found
    raise AssertionError(f"Twilio knows no {method} {path}")


def form(method: str, path: str) -> dict[str, Any]:
    """Return the schema of the form that an endpoint takes."""
    content = operation(method, path)["requestBody"]["content"]
    schema: dict[str, Any] = content["application/x-www-form-urlencoded"]["schema"]
    return schema


def query(path: str) -> dict[str, dict[str, Any]]:
    """Return the schemas of the query parameters of a GET."""
    parameters = operation("GET", path)["parameters"]
    return {one["name"]: one["schema"] for one in parameters if one["in"] == "query"}


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema itself, where it is only referred to."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: dict[str, Any] = description()["components"]["schemas"][reference.rpartition("/")[2]]
    return found


def validate(method: str, path: str, status: int, body: Any) -> None:
    """Fail unless a reply is what the description promises, and has no other fields."""
    content = operation(method, path)["responses"][str(status)]["content"]
    schema = _closed(content["application/json"]["schema"])
    Draft202012Validator(schema, format_checker=CHECKER).validate(body)


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema as JSON Schema has it: `nullable` spelled out, unknown fields refused."""
    schema = dict(resolved(schema))
    if schema.get("nullable"):
        return {"anyOf": [{"type": "null"}, _closed({**schema, "nullable": False})]}
    if "properties" in schema:
        properties = {name: _closed(one) for name, one in schema["properties"].items()}
        return {**schema, "properties": properties, "additionalProperties": False}
    if "items" in schema:
        return {**schema, "items": _closed(schema["items"])}
    return schema


def _plain(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in _parts(path))


def _parts(path: str) -> list[str]:
    return path.replace("}.json", "}/.json").split("/")
