"""The nominal level of money: one declared number that multiplies plans, funds, partners' wealth, thresholds of
listings, buyers' budgets, angels' largest round, and the multiples at which sales are valued.

Ratios do not hang on it: rounds per firm, shares sold, calls, fees, returns and deaths stay, while money raised, the
mean deal and the number of very large firms move in proportion. Sources differ about these by a factor of three, so
the level is said and not fitted.
"""

from typing import NamedTuple


class Params(NamedTuple):
    level: float
