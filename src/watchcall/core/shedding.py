"""What to leave out when this machine cannot take all looks: evenly, and no more than is needed.

The loop tells how late it is. While it is late again and again, the share of turns that are taken
is halved with every beat; once it is on time, the share grows back. Every check loses alike: with
a share of a third, each of its turns but every third is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from watchcall.core.check import phase

BEAT_S = 0.25  # how often the loop is asked how late it is
LATE_S = 0.25  # so late is too late, if it is so twice in a row: once may be a hiccup
GOOD_S = 0.05  # so late is on time
GROWTH = 1.05  # a beat
LEAST = 0.001  # of all turns: nothing is given up for good
CALM_S = 10.0  # without a turn left out, and it is over
LASTING_S = 60.0  # and it is trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressure:
    """How it stands. Instants in seconds of a steady clock.

    share: of the turns that are due, so many are taken
    late:  beats in a row that came too late
    began: since when turns are left out; None while none are
    shed:  when the last one was
    """

    share: float = 1.0
    late: int = 0
    began: float | None = None
    shed: float = 0.0

    def lasts(self, now: float) -> bool:
        """Whether turns have been left out for so long that somebody should know."""
        return self.began is not None and now - self.began >= LASTING_S


def beat(pressure: Pressure, lag: float, now: float) -> Pressure:
    """Return what follows from one more beat of the loop, which came `lag` seconds late."""
    late = pressure.late + 1 if lag >= LATE_S else 0
    share = pressure.share
    if late >= 2:
        share = max(LEAST, share / 2)
    elif lag < GOOD_S:
        share = min(1.0, share * GROWTH)
    over = share == 1.0 and now - pressure.shed >= CALM_S
    return replace(pressure, share=share, late=late, began=None if over else pressure.began)


def shed(pressure: Pressure, now: float) -> Pressure:
    """Return what follows from a turn that was left out."""
    began = now if pressure.began is None else pressure.began
    return replace(pressure, began=began, shed=now)


class Turns:
    """Deals out the turns: each check saves up its share, and looks when it has enough for one."""

    def __init__(self) -> None:
        self._saved: dict[str, float] = {}

    def take(self, name: str, share: float) -> bool:
        """Whether a check takes this turn."""
        if share >= 1.0:
            self._saved.pop(name, None)
            return True
        # By their phases, so that they do not all look in the same turn.
        saved = self._saved.get(name, phase(name)) + share
        self._saved[name] = saved - 1 if saved >= 1 else saved
        return saved >= 1

    def keep(self, names: set[str]) -> None:
        """These are all the checks there are."""
        self._saved = {name: saved for name, saved in self._saved.items() if name in names}
