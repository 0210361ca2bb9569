"""What softer failure does to those who can bring it about: founders default, covered investors write off.

A founder who gives up a venture with investors leaves a debt and a dent in the wage. What of it is forgiven,
in yearly wages, makes the wage outside more tempting:

    outside' = outside e^(default_response [(1 - L.debt) debt / wage + (1 - L.stigma) stigma])

Investors whose loss is covered by c wind up earlier a firm that cannot pay them back:

    chance of closing = redemption_closure (1 + write_off_response c)
"""

from typing import NamedTuple

from sim.mechanisms.programmes.compensation import insured
from sim.world.draws import exp
from sim.world.kernel import kernel
from sim.world.kinds import NOBODY, Investor, Route


class Params(NamedTuple):
    default_response: float
    write_off_response: float


@kernel
def tempted(owed, experience, terms):
    """Factor on the wage outside of a founder who weighs giving up.

    `owed` is the debt in yearly wages before any is forgiven; `terms` are `endings.FailureTerms`.
    """
    forgiven = (1.0 - terms.debt[experience]) * owed + (1.0 - terms.stigma[experience]) * terms.scar
    return exp(terms.hazard.default_response * forgiven)


@kernel
def covered(firm, capital, cover):
    """Largest cover of losses among the funds that hold a startup, by the stage at which they came in."""
    holdings, gps, funds = capital.holdings, capital.gps, capital.funds
    most = 0.0
    row = firm.first_holding
    while row != NOBODY:
        h = holdings[row]
        if (
            h.route == Route.HELD
            and h.investor == Investor.FUND
            and h.holder != NOBODY
            and insured(gps[funds.gp[h.holder]], cover)
        ):
            most = max(most, cover.share[h.stage])
        row = h.next
    return most


@kernel
def hurried(cover, params):
    """Factor on the chance that investors close a firm which cannot pay them back."""
    return 1.0 + params.write_off_response * cover
