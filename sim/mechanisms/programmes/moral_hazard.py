"""What softer failure does to those who can bring it about: founders default, covered investors write off.

A founder who gives up a venture with investors leaves a debt and a dent in the wage. What of it is forgiven,
in yearly wages, makes the wage outside more tempting:

    outside' = outside e^(default_response [(1 - L.debt) debt / wage + (1 - L.stigma) stigma])

Investors whose loss is covered by c wind up earlier a firm that cannot pay them back:

    chance of closing = redemption_closure (1 + write_off_response c)
"""

from typing import NamedTuple

from sim.world.draws import exp
from sim.world.kernel import kernel
from sim.world.kinds import NOBODY, Investor, Route


class Params(NamedTuple):
    default_response: float
    write_off_response: float


@kernel
def tempted(debt, stigma, debt_lever, stigma_lever, params):
    """Factor on the wage outside of a founder who weighs giving up; `debt` in yearly wages, `stigma` a share of the
    wage.
    """
    return exp(params.default_response * ((1.0 - debt_lever) * debt + (1.0 - stigma_lever) * stigma))


@kernel
def covered(firm, holdings, funds, gps, cover, registered):
    """Largest cover of losses among the funds that hold a startup, by the stage at which they came in."""
    most = 0.0
    row = firm.first_holding
    while row != NOBODY:
        h = holdings[row]
        if (
            h.route == Route.HELD
            and h.investor == Investor.FUND
            and h.holder != NOBODY
            and gps.registered[funds.gp[h.holder]] < registered
        ):
            most = max(most, cover[h.stage])
        row = h.next
    return most


@kernel
def hurried(cover, params):
    """Factor on the chance that investors close a firm which cannot pay them back."""
    return 1.0 + params.write_off_response * cover
