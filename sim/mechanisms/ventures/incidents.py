"""Incidents with products that are tried on the public, in the sandbox or in a test-bed, and the regulator's trust.

A fine for the firm, harm to the public, and less trust in the sector, which is compliance work of the ventures to come.
A stay without one earns some trust, and the regulator forgets.
"""

from typing import NamedTuple

from sim.world.accounts import Transaction, pay
from sim.world.kernel import kernel
from sim.world.kinds import Sector


class Params(NamedTuple):
    incident_cost: float
    incident_public_cost: float
    trust_gain: float
    trust_loss: float
    trust_decay: float


def rules_of(model):
    """The parameters, with what one event does to trust where the run is a part of the city: an event in it stands for
    more.
    """
    rules = model.params["incidents"]
    return rules._replace(trust_gain=rules.trust_gain / model.scale, trust_loss=rules.trust_loss / model.scale)


@kernel
def incident(firm, sectors, fine, trust_loss, flows, treasury):
    """A firm pays `fine` yuan, or what it has, and its sector loses trust."""
    firm.incidents += 1
    paid = min(firm.cash, int(fine))
    firm.cash -= paid
    treasury.treasury[0] += paid
    pay(flows, Transaction.FINES, Sector.STARTUPS, Sector.GOVERNMENT, paid)
    sectors.trust[firm.sector] -= trust_loss


def forget(model):
    """The regulator's trust in each sector fades towards neutral."""
    model.state.sectors.used.trust *= 1.0 - model.params["incidents"].trust_decay


def harm(model, incidents):
    """The treasury pays for harm and response to the `incidents` of the quarter, as far as it goes."""
    state = model.state
    state.tally.rows.incidents[0] = incidents
    each = int(model.params["incidents"].incident_public_cost)
    cost = min(incidents * each, int(state.treasury.rows.treasury[0]))
    state.treasury.rows.treasury[0] -= cost
    state.treasury.rows.world[0] += cost
    pay(state.flows, Transaction.INCIDENTS, Sector.GOVERNMENT, Sector.WORLD, cost)
