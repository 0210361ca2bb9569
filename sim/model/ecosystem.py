"""The model on one page: a `mesa.Model` whose `step` is its table of contents."""

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

import mesa
import numpy as np

from sim.mechanisms import environment, rivals
from sim.mechanisms.capital import (
    acquisitions,
    fees,
    fund_end,
    funding,
    fundraising,
    listing,
    multiples,
    records,
    redemption,
)
from sim.mechanisms.people import founding, households, knowhow, labour, learning, migration, payroll
from sim.mechanisms.programmes import compensation
from sim.mechanisms.public import treasury
from sim.mechanisms.space import knowledge, location, rents, zones
from sim.mechanisms.ventures import endings, operations, output, product, sales
from sim.model import spin_up
from sim.observables.collector import CityCollector
from sim.observables.panels import Panels
from sim.settings import python
from sim.world import accounts, audit, draws, geography
from sim.world.calendar import quarter_name
from sim.world.facade import Facade
from sim.world.levers import Levers
from sim.world.reference import Norms

BLOCK = 32_768  # persons in a block of a hot pass; fixed, so that threads cannot change a sum


class Unbalanced(ArithmeticError):
    """The books of a quarter do not close, or a purse is below zero."""


class Ecosystem(Facade, mesa.Model):
    """A city's startup ecosystem, quarter by quarter.

    It is told by keys of the config, `Ecosystem(scale=0.01, seed=1, policy=["sandbox"], end="2012Q4")`, one with dots
    by a mapping (`**{"policy.sandbox.volume_share": 0.2}`), or by a checked `sim.settings.config.Config`, which further
    keys then change. `seed` or `rng` is the city's luck; told by keys and neither, it has a luck of its own, as any
    model of Mesa, which `model.seed` says.

    `begun` is the State before the first quarter, which becomes the model's own; where it is not given the city is set
    in motion first (`spin_up`). After a step `quarter` is the next one to be simulated, `state` what is, and `panels`
    what was observed.
    """

    def __init__(self, config=None, begun=None, *, seed=None, rng=None, **kwargs):
        config = python.config(config, seed, rng, kwargs)
        super().__init__(rng=config.seed)
        self.config, self.city, self.params = config, config.city, config.params
        self.seed, self.scale, self._quarter = config.seed, config.scale, config.start
        self.policies = config.policies + config.shocks
        districts, sectors = self.city.district_codes, self.city.sectors
        self.levers = Levers(districts, sectors, self.scale)
        self.foreseen = Levers(districts, sectors)  # of the whole city
        self.without = Levers(districts, sectors)  # neutral for ever
        self.norms = Norms(self.city)
        self.state = begun or spin_up.begin(config, self.map, Ecosystem)
        for _ in self.policies[self.state.purses.count :]:
            self.state.purses.append()
        self.panels = Panels(config, self.city, self.state)
        self.pool_of = np.flatnonzero(self.state.corporates.used.pool == 1)
        self._table_rents = {
            name: np.array(self.city.districts[f"{name}_rent"], np.float64) for name in ("office", "home")
        }
        self.attraction = {
            name: draws.logs(np.array(self.city.districts[f"{name}_stock_m2"], np.float64))
            for name in ("office", "home")
        }
        self.known = (self.state, audit.purses(self.state))  # who held what when the books were last closed

    def step(self):
        """One quarter."""
        self.begin()
        self.observe_environment()  # 1  the world outside
        self.set_policies()  # 2  levers and appropriations
        zones.build(self)  # 3  public works,
        knowledge.grow(self)  #    ideas and graduates
        migration.migrate(self)  # 4  people come and go
        self.labour = output.labour_of(self)  # 5  what work is worth,
        hired = labour.hire(self)  #    jobs and wages
        places = location.compare(self)  # 6  occupational choice, here
        new, origins = founding.found(self, places)  #    or elsewhere
        location.settle(self, new, places, origins)  # 7  places, and
        rents.let(self)  #    rents;
        knowhow.travel(self, hired)  #    labour and know-how come with people
        product.develop(self)  # 8  products, compliance, sandbox
        sales.sell(self)  # 9  customers
        fundraising.raise_funds(self)  # 10 partners and funds, and
        funding.fund(self)  #    rounds
        income = payroll.pay_people(self)  # 11 wages,
        households.live(self, income)  #    taxes, rents and spending,
        operations.run_firms(self)  #    costs of firms, and
        fees.charge(self)  #    fees
        ends = endings.fail(self)  # 12 ventures fail,
        redemption.redeem(self, ends)  #    are asked for their money back,
        listing.list_firms(self, ends)  #    list,
        acquisitions.sell_firms(self, ends)  #    are sold;
        fund_end.end_funds(self)  #    funds end,
        endings.settle(self, ends)  #    people move on,
        compensation.claim(self)  #    losses are claimed, and
        fund_end.give_back(self)  #    partners are paid
        learning.learn(self)  # 13 beliefs, standing, expectations,
        records.learn(self)  #    records of founders,
        rivals.answer(self, places)  #    and what rivals do
        self.close_books()  # 14 books and observation

    @cached_property
    def map(self):
        """The ground of the city."""
        return geography.build(self.city)

    @cached_property
    def datacollector(self):
        """The panel of the city as a DataCollector of Mesa."""
        return CityCollector(self)

    @property
    def chance(self):
        """Seed and quarter, the door of kernels that draw."""
        return draws.Chance(self.seed, self.quarter)

    def begin(self):
        """Open the books of the quarter."""
        self.refuse()
        state, held = self.known
        self.moved = audit.moved(held, audit.purses(state)) if state is self.state else []
        self.state.flows[:] = 0
        self.state.tally.rows[:1] = self.state.tally.schema.blank(1)
        self.purses_before = accounts.purses(self.state)
        self.spent_before = self.state.purses.used.spent.copy()

    def observe_environment(self):
        """Read the outside world under the shocks in force: conditions, the state of the cycle, the listing window."""
        self.levers.reset()
        self.foreseen.reset()
        self.act(self.config.shocks, first_slot=len(self.config.policies))
        self.conditions = environment.shocked(environment.observe(self.city, self.quarter), self.levers)
        self.cycle = environment.cycle(self.city, self.conditions, self.quarter)
        environment.elsewhere(
            self.state.rivals.used,
            self.city,
            self.conditions,
            self.quarter,
            self.seed,
            self.params["environment"].rival_luck,
        )
        self.window = environment.window(self.city, self.conditions)
        self.state.window[0] += self.params["environment"].window_memory * (self.window - self.state.window[0])
        multiples.follow(self)
        self.district_knowledge = knowledge.by_district(self.state, self.map)
        self.base_rents = {
            name: rent * environment.income_level(self.city, self.conditions)
            for name, rent in self._table_rents.items()
        }

    def set_policies(self):
        """Policies in force move levers, and their purses get the quarter's money."""
        self.act(self.config.policies)
        self.levers.shrink()
        treasury.appropriate(self)

    def act(self, instruments, first_slot=0):
        """Policies or shocks in force move levers; those announced move what is foreseen."""
        for slot, instrument in enumerate(instruments, first_slot):
            for levers, share in (
                (self.levers, instrument.intensity(self.quarter)),
                (self.foreseen, instrument.foreseen(self.quarter)),
            ):
                if share > 0.0:
                    instrument.act(levers, share, slot)

    def close_books(self):
        """Rest goes home, the matrix must close and no purse be below zero, then the quarter is observed."""
        treasury.administer(self)
        treasury.balance(self)
        fundraising.rebalance(self)
        gap = accounts.unbalanced(self.state.flows, self.purses_before, accounts.purses(self.state))
        below = accounts.overdrawn(self.state)
        problems = [f"purses off by {gap}, below zero {below}"] if gap or below else []
        if self.moved:
            problems.append(f"money changed outside a transfer: {', '.join(self.moved)}")
        if problems:
            raise Unbalanced(f"{quarter_name(self.quarter)}: {'; '.join(problems)}")
        self.known = (self.state, audit.purses(self.state))
        self.panels.record(self)
        self._quarter += 1

    @property
    def quarter(self):
        """The next quarter to be simulated."""
        return self._quarter

    def blocks(self, work, n):
        """Do `work(slice)` for every block of n persons, on the run's threads; results in order."""
        return self._parts(work, n, BLOCK)

    def shares(self, work, n):
        """Do `work(slice)` for n persons in one part a thread: for sums of integers, which no cut can change."""
        return self._parts(work, n, max(1, -(-n // self.config.threads)))

    @cached_property
    def _threads(self):
        return ThreadPoolExecutor(self.config.threads) if self.config.threads > 1 else None

    def _parts(self, work, n, size):
        parts = [slice(low, min(low + size, n)) for low in range(0, n, size)]
        if self._threads is None:
            return [work(part) for part in parts]
        return list(self._threads.map(work, parts))
