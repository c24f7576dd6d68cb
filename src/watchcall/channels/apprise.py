"""Notices to any of the services that Apprise knows (https://github.com/caronc/apprise)."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from watchcall.core.contact import Address, Event
from watchcall.core.health import Level
from watchcall.errors import NotPlaced, Rejected, Unsure
from watchcall.ports import NoticeData
from watchcall.worker import Worker

DEADLINE = timedelta(seconds=30)
EXTRA = 'needs an extra: pip install "watchcall[apprise]"'


class AppriseOutlet:
    """Implements ports.Outlet. Apprise is loaded when something is to be told.

    It says no more than whether all went well: what did not is tried again.
    """

    def __init__(self, address: Address, deadline: timedelta = DEADLINE) -> None:
        self._address, self._deadline = address, deadline

    async def deliver(self, notice: NoticeData) -> None:
        shown, seconds = self._address.shown, self._deadline.total_seconds()
        worker = Worker("apprise")
        try:
            taken = await worker.run(lambda: self._notify(notice), seconds)
        except TimeoutError:
            raise Unsure(f"{shown} did not answer within {seconds:g} s") from None
        except ImportError:
            raise NotPlaced(f"apprise {EXTRA}") from None
        except Exception as error:  # its plugins raise whatever they like
            raise Unsure(f"apprise stumbled over {shown} ({type(error).__name__})") from None
        finally:
            worker.close()
        if taken is None:
            raise Rejected(f"apprise does not know what to do with {shown}")
        if not taken:
            raise NotPlaced(f"{shown} did not take it; the command apprise -vv shows why")

    def _notify(self, notice: NoticeData) -> bool | None:
        """Return whether it was taken; None where the URL means nothing."""
        apprise = _library()
        service = apprise.Apprise.instantiate(self._address.url)
        if service is None:
            return None
        title = f"{notice.host}: {notice.event.value}"
        sent = service.notify(body=notice.text, title=title, notify_type=_kind(notice))
        return bool(sent)


def _library() -> Any:
    """Return Apprise; raise ImportError where the extra is missing."""
    import apprise

    # It logs URLs, and secrets stand in them.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    return apprise


def _kind(notice: NoticeData) -> str:
    """Return Apprise's word, by which services choose a colour and an icon."""
    if notice.event is Event.RECOVERY:
        return "success"
    return "failure" if notice.level is Level.CRITICAL else "warning"
