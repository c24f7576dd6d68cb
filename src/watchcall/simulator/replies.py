"""Replies: what Twilio says in JSON, its refusals, and what a script makes of either."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from watchcall.simulator import resources
from watchcall.simulator.behaviour import Behaviour, Does
from watchcall.simulator.http import Delivery, Reply, Request
from watchcall.simulator.refusal import Refusal

Handler = Callable[[Request, Mapping[str, str]], Awaitable[Reply]]
Routes = Mapping[str, Mapping[str, Handler]]

GARBAGE = b"<html><body>upstream"


def not_found(request: Request) -> Refusal:
    return Refusal(20404, f"The requested resource {request.path} was not found")


def as_json(status: int, content: Mapping[str, Any], **note: Any) -> Reply:
    return Reply(status=status, body=json.dumps(content).encode(), note=note)


def page(request: Request, name: str, items: list[resources.Resource]) -> Reply:
    return as_json(200, resources.page(request.path, request.query, name, items))


def refused(refusal: Refusal) -> Reply:
    reply = as_json(refusal.status, refusal.as_json(), code=refusal.code)
    if refusal.status == 401:
        return replace(reply, headers={"WWW-Authenticate": 'Basic realm="Twilio API"'})
    return reply


def unplaced(behaviour: Behaviour) -> Reply:
    """There is no call, and the reply says so, or nothing."""
    match behaviour.does:
        case Does.LOST:
            return Reply(status=0, body=b"", delivery=Delivery.LOST)
        case Does.REJECT:
            return refused(Refusal(behaviour.code or 21217, status=behaviour.status))
        case Does.TOO_MANY:
            after = behaviour.retry_after
            headers = {} if after is None else {"Retry-After": str(after)}
            return replace(refused(Refusal(20429)), headers=headers)
        case _:
            return _server_error(behaviour)


def troubled(behaviour: Behaviour, reply: Reply) -> Reply:
    """The call exists; this is what becomes of the reply that says so."""
    match behaviour.does:
        case Does.ERROR:
            return _server_error(behaviour)
        case Does.SLOW:
            return replace(reply, after=behaviour.delay)
        case Does.LOST:
            return replace(reply, delivery=Delivery.LOST)
        case Does.CUT:
            return replace(reply, delivery=Delivery.CUT)
        case Does.GARBAGE:
            return replace(reply, body=GARBAGE)
        case _:
            return reply


def _server_error(behaviour: Behaviour) -> Reply:
    status = behaviour.status or 500
    return refused(Refusal(20503 if status == 503 else 20500, status=status))
