"""What is so at this moment of a simulated night: what looks would see, how people behave."""

from __future__ import annotations

from dataclasses import dataclass, field

from watchcall.core.health import Level
from watchcall.simulate.events import Act, Behaves, Behaviour, Network, Turns


@dataclass(slots=True)
class World:
    """turned: the checks of which the timeline has said something; the others are all right"""

    turned: dict[str, Turns] = field(default_factory=dict)
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    twilio_up: bool = True

    def take(self, act: Act) -> bool:
        """Let something be so from now on; False where it is not about the world outside."""
        match act:
            case Turns():
                self.turned[act.check] = act
            case Behaves():
                self.behaviours[act.who] = act.behaviour
            case Network():
                self.twilio_up = act.up
            case _:
                return False
        return True

    def level(self, check: str) -> Level:
        turned = self.turned.get(check)
        return turned.level if turned else Level.OK

    def behaviour(self, who: str) -> Behaviour:
        """Return how the person with this number, or an outlet of this name, behaves."""
        return self.behaviours.get(who, Behaviour())
