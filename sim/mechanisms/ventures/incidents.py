"""Accidents with products that are tried on the public:

a fine for the firm, harm to the public, less trust of the regulator.
"""

from sim.world.accounts import Transaction, pay
from sim.world.kernel import kernel
from sim.world.kinds import Sector


def rules_of(model):
    """The sandbox's parameters, with what one event does to trust where the run is a part of the city:

    an event in it stands for more.
    """
    rules = model.params["product"]
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


def harm(state, incidents, each):
    """The treasury pays `each` yuan an incident for harm and response, as far as it goes."""
    cost = min(incidents * int(each), int(state.treasury.rows.treasury[0]))
    state.treasury.rows.treasury[0] -= cost
    state.treasury.rows.world[0] += cost
    pay(state.flows, Transaction.INCIDENTS, Sector.GOVERNMENT, Sector.WORLD, cost)
