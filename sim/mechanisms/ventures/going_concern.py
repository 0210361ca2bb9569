"""What a venture is worth as it goes on.

    value of a finished venture = multiple_s e^(min(traction, market))
    worth = value of a finished venture x readiness
    readiness = unfinished + (1 - unfinished) progress

Before its product is finished a venture is worth a part, which an idea has already. Investors take the chance of a
success to wait for the product in the same way (`bids`).
"""

from typing import NamedTuple

from sim.world.draws import exp
from sim.world.kernel import kernel, shared
from sim.world.kinds import Life


class Params(NamedTuple):
    unfinished_worth: float


@shared
def goes_on(life):
    """Whether a firm works and sells: a venture that lives, or one that has listed. Numbers or arrays."""
    return (life == Life.ALIVE) | (life == Life.LISTED)


@kernel
def finished_value(traction, market, multiple):
    """Value of a venture with a finished product, yuan.

    `traction` and `market` are logs of yuan a year, `multiple` is of annual sales.
    """
    return multiple * exp(min(traction, market))


@kernel
def readiness(progress, unfinished):
    """Part of what a finished venture has that one has on the way to its product; `unfinished` that of an idea."""
    return unfinished + (1.0 - unfinished) * progress


@kernel
def worth(traction, firm, multiple, params):
    """Value of a going concern, yuan; `traction` is its own, or that of another time."""
    return finished_value(traction, firm.market, multiple) * readiness(firm.progress, params.unfinished_worth)
