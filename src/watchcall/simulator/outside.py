"""The simulator's own endpoints, which Twilio has not: what people do by themselves.

    POST /simulator/texts   From, To, Body      somebody texts one of our numbers
    POST /simulator/calls   From, To, status    somebody rings it; status (completed) is the end

Nobody needs credentials for them: they are for whoever may reach the loopback address.
"""

from __future__ import annotations

from collections.abc import Mapping

from watchcall.simulator.call import Form, Status
from watchcall.simulator.exchange import Exchange
from watchcall.simulator.http import Reply, Request
from watchcall.simulator.inbound import ENDS
from watchcall.simulator.parameters import Kind, Parameter, check
from watchcall.simulator.refusal import Refusal
from watchcall.simulator.replies import Routes, as_json
from watchcall.simulator.textparameters import check_body
from watchcall.simulator.texts import Texts

_NUMBERS = {"From": Parameter(Kind.NUMBER, 21212), "To": Parameter(Kind.NUMBER, 21211)}
TEXT: Mapping[str, Parameter] = {**_NUMBERS, "Body": Parameter()}
CALL: Mapping[str, Parameter] = {**_NUMBERS, "status": Parameter(choices=frozenset(ENDS))}


class Outside:
    """Lets people text and ring, as a rehearsal wants them to."""

    def __init__(self, account_sid: str, exchange: Exchange, texts: Texts) -> None:
        self._account_sid, self._exchange, self._texts = account_sid, exchange, texts
        self.routes: Routes = {
            "/simulator/texts": {"POST": self._text},
            "/simulator/calls": {"POST": self._ring},
        }

    async def _text(self, request: Request, _: Mapping[str, str]) -> Reply:
        form = _checked(request.form, TEXT, ("From", "To", "Body"))
        check_body(form["Body"])
        text = self._texts.receive(self._account_sid, form["From"], form["To"], form["Body"])
        return as_json(201, {"sid": text.sid}, sid=text.sid)

    async def _ring(self, request: Request, _: Mapping[str, str]) -> Reply:
        form = _checked(request.form, CALL, ("From", "To"))
        end = Status(form.get("status", Status.COMPLETED))
        call = self._exchange.ring(self._account_sid, form["From"], form["To"], end)
        return as_json(201, {"sid": call.sid}, sid=call.sid)


def _checked(form: Form, known: Mapping[str, Parameter], needed: tuple[str, ...]) -> dict[str, str]:
    """Return what a form says; Refusal where it is not enough, or not right."""
    check(form, known)
    missing = [name for name in needed if not form.get(name, [""])[0]]
    if missing:
        raise Refusal(20001, f"Missing parameters: {', '.join(missing)}")
    return {name: values[0] for name, values in form.items()}
