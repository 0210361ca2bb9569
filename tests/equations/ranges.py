"""Equations, the ranges of their arguments, and parameters drawn within the bounds of their yaml."""

import math
from typing import NamedTuple

import numpy as np
from by_hand import rows
from hypothesis import settings
from hypothesis import strategies as st

from sim.mechanisms.capital.angels import angel_price
from sim.mechanisms.capital.bids import believed_quality, bid, share_asked
from sim.mechanisms.capital.commitments import Climate, wanted_exposure
from sim.mechanisms.capital.multiples import heat
from sim.mechanisms.capital.pace import appetite, companies_of
from sim.mechanisms.capital.plans import cost_of, heads_of, leaves
from sim.mechanisms.capital.required_return import answered
from sim.mechanisms.capital.rounds import effort_of, round_size
from sim.mechanisms.people.founding import Failure, Person, Project, chance_elsewhere, chance_to_found, permit_lasts
from sim.mechanisms.people.labour import new_wage
from sim.mechanisms.people.staffing import Costs, developers, incumbents_heads, makers
from sim.mechanisms.people.vacancies import chance_of_a_match
from sim.mechanisms.programmes.moral_hazard import hurried, tempted
from sim.mechanisms.ventures.beginning import quality_of
from sim.mechanisms.ventures.endings import FailureTerms, chance_to_quit, new_hope
from sim.mechanisms.ventures.output import made
from sim.mechanisms.ventures.product import speed
from sim.mechanisms.ventures.sales import growth_of, sellable
from sim.settings import parameters
from sim.settings.files import options, read_yaml
from sim.world.columns import LP
from sim.world.kinds import Experience, Stage

repeatable = settings(derandomize=True, database=None, deadline=None, max_examples=30)
MONEY, YEARLY, SHARE, DEVIATIONS = (1e4, 1e10), (2e4, 2e6), (0.0, 1.0), (-4.0, 4.0)


class Equation(NamedTuple):
    """An equation, its arguments (name -> lowest and highest) and whose parameters it takes."""

    of: object
    arguments: dict
    mechanism: str | None = None
    fixed: dict = {}

    def __call__(self, values, params):
        return self.of(**self.fixed, **values, **({"params": params} if self.mechanism else {}))

    def middle(self):
        return {name: between(low, high) for name, (low, high) in self.arguments.items()}


def between(low, high):
    """The middle of a range, of a wide one that of its logs."""
    return math.sqrt(low * high) if low > 0.0 and high > 10.0 * low else (low + high) / 2.0


def numbers(low, high):
    return st.floats(float(low), float(high))


def declared(mechanism):
    """(Params, the nodes of its yaml): the numbers that a mechanism declares."""
    return parameters.mechanisms()[mechanism], read_yaml(options("mechanism")[mechanism])


def ordinary(mechanism):
    """The parameters of a mechanism as its yaml has them."""
    kind, nodes = declared(mechanism)
    values = {name: nodes[name]["value"] for name in kind._fields}
    return kind(**{name: floats(value) for name, value in values.items()})


def floats(value):
    return tuple(map(float, value)) if isinstance(value, list) else float(value)


@st.composite
def allowed(draw, mechanism):
    """Parameters of a mechanism, each anywhere within the bounds of its yaml."""
    kind, nodes = declared(mechanism)

    def drawn(node):
        one = numbers(node["low"], node["high"])
        size = len(node["value"]) if isinstance(node["value"], list) else 0
        return tuple(draw(one) for _ in range(size)) if size else draw(one)

    return kind(**{name: drawn(nodes[name]) for name in kind._fields})


def founds(wealth, wage, belief, prize, setup, claims, debt, stigma, taste, params):
    """`chance_to_found` with its groups taken apart."""
    return chance_to_found(
        person=Person(wealth, wage, belief, taste),
        project=Project(prize, setup),
        failure=Failure(claims, debt, stigma),
        params=params,
    )


def makers_wanted(demand, worth, wage, elasticity, margin):
    """`makers` with its costs taken apart."""
    return makers(demand=demand, worth=worth, wage=wage, costs=Costs(elasticity, margin, np.zeros(1)))


def exposure(target, wealth, expected, trend, covered, attraction, level, params):
    """`wanted_exposure` of an LP of these fields, in such a climate."""
    (lp,) = rows(LP, target=target, wealth=wealth, expected=expected)
    climate = Climate(now=1.0, trend=trend, foreign_capital=1.0, covered=covered, attraction=attraction, level=level)
    return wanted_exposure(lp=lp, climate=climate, params=params)


def temptation(owed, scar, debt, stigma, params):
    """`tempted` of a first-time founder, its terms taken apart."""
    terms = FailureTerms(debt=np.full(3, debt), stigma=np.full(3, stigma), scar=scar, hazard=params)
    return tempted(owed=owed, experience=int(Experience.FIRST_TIME), terms=terms)


FOUND = Equation(
    founds,
    {
        "wealth": (1e4, 1e8),
        "wage": YEARLY,
        "belief": (0.001, 0.999),
        "prize": (YEARLY[1], 1e10),  # never less than a failure leaves, which is a wage at most
        "setup": (1e4, 1e8),
        "claims": SHARE,
        "debt": (0.0, 5.0),
        "stigma": (0.0, 0.9),
        "taste": (-3.0, 3.0),
    },
    "founding",
)
QUALITY = Equation(
    quality_of,
    {"luck": DEVIATIONS, "skill": DEVIATIONS, "knowledge": (0.0, 10.0)},
    "founding",
    {"same_field": 1.0, "experience": int(Experience.FIRST_TIME), "partners": 0.0},
)
EFFORT = Equation(effort_of, {"cover": SHARE, "amount": MONEY, "value": MONEY}, "funding")
BELIEF = Equation(
    believed_quality, {"quality": DEVIATIONS, "noise": (0.0, 10.0), "luck": DEVIATIONS, "expected": (-2.0, 2.0)}
)
BID = Equation(
    bid,
    {
        "quality": DEVIATIONS,
        "ready": (0.01, 1.0),
        "value": MONEY,
        "discount": (0.01, 1.0),
        "noise": (0.0, 5.0),
        "cover": SHARE,
    },
    "funding",
    {"stage": int(Stage.A)},
)
ASKED = Equation(
    share_asked,
    {"p": (0.01, 0.99), "value": MONEY, "discount": (0.01, 1.0), "cover": SHARE, "hurdle": (1.0, 10.0)},
)
ROUND = Equation(
    round_size, {"need": (1e5, 1e9), "post": (1e7, 1e11), "cheque": (1e5, 1e9)}, "funding", {"stage": int(Stage.A)}
)
ANGELS = Equation(angel_price, {"raised": (1e5, 1e8), "worth": MONEY}, "funding")
EXPOSURE = Equation(
    exposure,
    {
        "target": (0.001, 0.5),
        "wealth": MONEY,
        "expected": (0.01, 5.0),
        "trend": (0.1, 5.0),
        "covered": (0.0, 0.5),
        "attraction": (0.1, 10.0),
        "level": (0.1, 10.0),
    },
    "fundraising",
)
HEADS = Equation(
    heads_of, {"traction": (10.0, 22.0), "luck": DEVIATIONS, "level": (0.1, 10.0)}, "plans", {"stage": int(Stage.A)}
)
COST = Equation(
    cost_of,
    {
        "heads": (1.0, 1000.0),
        "wage": YEARLY,
        "people": (0.1, 1.0),
        "capital_need": (0.1, 5.0),
        "rent": (0.0, 1e5),
        "weight": (0.0, 2.0),
    },
)
LEAVES = Equation(leaves, {"revenue": MONEY, "margin": SHARE, "growth": (-0.5, 0.5), "quarters": (1.0, 20.0)})
COMPANIES = Equation(companies_of, {"committed": (1e7, 1e12)}, "pace")
APPETITE = Equation(appetite, {"climate": (0.1, 5.0), "trend": (0.1, 5.0), "window": (0.05, 3.0)}, "pace")
RETURN = Equation(answered, {"required": (0.02, 0.6), "demand": (1e8, 1e9), "placed": (1e8, 1e9)}, "required_return")
HEAT = Equation(heat, {"climate": (0.1, 5.0), "past": (0.1, 5.0), "window": (0.05, 3.0)}, "multiples")
TEMPTED = Equation(temptation, {"owed": (0.0, 5.0), "scar": (0.0, 0.9), "debt": SHARE, "stigma": SHARE}, "moral_hazard")
HURRIED = Equation(hurried, {"cover": SHARE}, "moral_hazard")
QUIT = Equation(
    chance_to_quit,
    {
        "traction": (8.0, 22.0),
        "hope": (-0.3, 0.3),
        "share": (0.01, 1.0),
        "preferred": (1.0, 1e9),
        "outside_wage": YEARLY,
    },
    "endings",
)
HOPE = Equation(new_hope, {"hope": (-1.0, 1.0), "growth": (-1.0, 1.0)}, None, {"age": 4.0, "lag": 2.0})
SPEED = Equation(
    speed,
    {
        "time_to_product": (1.0, 40.0),
        "quality": DEVIATIONS,
        "team": (0.0, 500.0),
        "knowledge": (0.0, 12.0),
        "controls": SHARE,
    },
    "product",
)
GROWTH = Equation(
    growth_of,
    {
        "quality": DEVIATIONS,
        "spending": (0.0, 1e9),
        "potential": MONEY,
        "market": (1e6, 1e12),
        "property_": (0.0, 100.0),
        "effort": SHARE,
    },
    "sales",
)
SELLABLE = Equation(sellable, {"volume": SHARE}, "sales", {"progress": 1.0, "compliance": 1.0, "inside_sandbox": True})
WAGE = Equation(new_wage, {"wage": YEARLY, "wage_elsewhere": YEARLY, "tightness": (0.01, 100.0)}, "labour")
INCUMBENTS = Equation(
    incumbents_heads,
    {"size": (1.0, 1e6), "demand": (0.1, 5.0), "wage": YEARLY, "wage_elsewhere": YEARLY, "elasticity": (0.1, 2.0)},
    None,
    {"growth": 0.05, "quarters": 40.0},
)
MAKERS = Equation(
    makers_wanted,
    {"demand": MONEY, "worth": YEARLY, "wage": YEARLY, "elasticity": (0.3, 0.95), "margin": (0.05, 1.0)},
)
DEVELOPERS = Equation(developers, {"burn": MONEY, "people": SHARE, "wage": YEARLY})
MADE = Equation(made, {"demand": MONEY, "capacity": MONEY, "elasticity": (0.3, 0.95)})
MATCH = Equation(chance_of_a_match, {"searchers": (1.0, 1e5), "posts": (0.0, 1e5)}, "vacancies")
ELSEWHERE = Equation(chance_elsewhere, {"value": (-5.0, 5.0), "generosity": (-2.0, 2.0)}, "founding")
PERMIT = Equation(permit_lasts, {"short": (-20.0, 40.0), "renewal": (0.01, 1.0), "term": (1.0, 40.0)})
