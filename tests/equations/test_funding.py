"""Who seeks a round, and the odds that a sector sees."""

import math

import numpy as np
import pytest
from by_hand import firms, params, rows

from sim.mechanisms.capital import funding
from sim.mechanisms.capital.funding import Params
from sim.world.columns import SECTOR, STARTUP
from sim.world.draws import Chance
from sim.world.kinds import NEVER, Life, Stage

MILLION = 1_000_000


SEEKS = params(
    Params,
    round_scale=1.0,
    median_round=(1e6,) * 6,
    pitch_progress=0.2,
    pitch_quarters=10.0,
    runway_quarters=2.0,
    sales_counted=0.5,
    milestone_growth=0.5,
    milestone_quarters=4.0,
)


def asked(**startup):
    """What a startup asks for in 8100, yuan, and since when it seeks; it has a round but for what is given."""
    ordinary = {"rounds": 1, "stage": Stage.SEED, "last_round": 8099, "post_money": MILLION, "burn": 100, "cash": 1000}
    startups = rows(STARTUP, **(ordinary | startup))
    sectors = rows(SECTOR, capital_need=1.0, multiple=1.0)
    funding._seek(chance=Chance(1, 8100), firms=firms(startups=startups, sectors=sectors), params=SEEKS)
    return startups.need[0], startups.seeking[0]


def test_startups_seek_when_money_runs_short():
    assert asked() == (0, NEVER)
    assert asked(cash=199) == (MILLION, 8100)  # two quarters of spending
    assert asked(cash=199, seeking=8098) == (MILLION, 8098)
    assert asked(cash=199, revenue=2) == (0, NEVER)  # half of sales counts against it
    assert asked(cash=199, rounds=0) == (0, NEVER)  # who never had a round goes on by itself
    assert asked(cash=199, life=Life.FAILED) == (0, NEVER)


def test_startups_seek_at_a_milestone():
    grown = {"traction": math.log(1e6) + 0.51}
    assert asked(**grown) == (0, NEVER)  # the last round is too near
    assert asked(last_round=8096, **grown) == (MILLION, 8100)
    assert asked(last_round=8096, traction=math.log(1e6) + 0.49) == (0, NEVER)


def test_ideas_pitch_when_something_can_be_shown_and_while_they_are_young():
    idea = {"rounds": 0, "stage": Stage.IDEA, "born": 8090}
    assert asked(progress=0.3, **idea) == (MILLION, 8100)
    assert asked(progress=0.2, **idea) == (0, NEVER)
    assert asked(progress=0.3, **(idea | {"born": 8089})) == (0, NEVER)
    assert asked(progress=0.3, saving=0.25, **idea)[0] == 750_000  # what shared laboratories save


def test_odds_follow_first_rounds_by_sector():
    """A quarter of those who sought is sure within a year, up to what anybody believes; no seeker, no news."""
    sectors = rows(SECTOR, 4, odds=0.5)
    terms = params(Params, odds_memory=0.5, odds_low=0.02, odds_high=0.9)
    seeking, funded = np.array([10, 10, 10, 0]), np.array([1, 8, 0, 0])
    funding._update_odds(sectors=sectors, seeking=seeking, funded=funded, params=terms)
    assert sectors.odds.tolist() == pytest.approx([0.45, 0.7, 0.26, 0.5])
