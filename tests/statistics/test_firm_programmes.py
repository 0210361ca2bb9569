"""Programmes for firms do what theory says of them, and what it warns of: the same firms with and without.

A test says its scale, seeds and power as in `test_policies_in_force.py`. Where nothing else is said it is Shanghai at
scale 0.1 from 2011 to 2015 with the programme from 2012 on.
"""

import numpy as np
import pytest
import small
from scipy.stats import mannwhitneyu
from twins import (
    BEYOND_LUCK,
    FIRST,
    IN_MOTION,
    applicants,
    decided,
    discontinuity,
    in_both,
    surprise,
    t_of,
    under,
    without,
)

from sim.mechanisms.capital import multiples
from sim.world.accounts import Transaction
from sim.world.kinds import NEVER, NOBODY, Investor, Life, Sector

PLENTY = {"places_per_quarter": 5000, "budget": 1e11}
LONG = ("scale=0.1", "start=2011Q1", "end=2018Q4", IN_MOTION)
SMALL = ("scale=0.05", "start=2011Q1", "end=2014Q4")

# ---------------------------------------------------------------- purses and records

PURSES = {  # budgets that bind
    "shared_laboratories": 20_000_000,
    "proof_of_concept": 100_000_000,
    "accelerator": 50_000_000,
    "open_innovation": 100_000_000,
    "city_testbed": 100_000_000,
    "digital_currency_zone": 300_000,
}
MANY = {
    "city_testbed": {"road_km": 30_000, "sectors": "all"},
    "proof_of_concept": PLENTY,
    "accelerator": PLENTY,
    "open_innovation": {"places_per_quarter": 5000},
}


@pytest.mark.parametrize("policy", PURSES)
def test_a_purse_pays_what_it_has_and_no_more(policy):
    """Exact, 1 seed at scale 0.05: it is the purse that binds, its account closes, and each case has its cost."""
    model = under(policy, 1, *SMALL, **(MANY.get(policy, {}) | {"budget": PURSES[policy]}))
    purse = model.state.purses.used[0]
    assert purse.cash == purse.appropriated + purse.recovered - purse.spent - purse.administration >= 0
    assert purse.spent > 0.5 * purse.appropriated and purse.take_up > 0
    rows = decided(model)
    if policy != "digital_currency_zone":
        assert rows.admitted.sum() == purse.take_up and np.sum(1 - rows.admitted) > 0
        assert np.all(rows.score[rows.admitted == 1] >= rows.cutoff[rows.admitted == 1])
        assert np.all(rows.score[rows.admitted == 0] <= rows.cutoff[rows.admitted == 0])


def test_a_venue_lists_as_many_as_its_purse_pays():
    """Exact, 1 seed at scale 0.1 to 2016: one listing of 3 m yuan a year."""
    model = under(
        "listing_venue",
        1,
        "scale=0.1",
        "end=2016Q4",
        places_per_quarter=200,
        thresholds=0.1,
        budget=30_000_000,
        administration=0,
    )
    purse, ended = model.state.purses.used[0], model.state.exits.used
    assert purse.take_up == ended.board.sum() == 5 and purse.spent == 5 * 3_000_000 == purse.appropriated - purse.cash


def test_eligibility_by_stage_origin_district_and_team():
    """Exact, 1 seed: who applies is of the kind asked for."""
    who = {"stages": "[idea]", "origins": "[returnee, foreign]", "districts": "[PD, XH]", "largest_team": 0}
    model, wider = (under("accelerator", 1, **known) for known in (who, who | {"largest_team": 1e6}))
    firms = model.state.startups.used[model.state.applications.used.startup]
    assert (
        len(firms) > 5
        and set(firms.origin) <= {1, 2}
        and {model.city.district_codes[d] for d in firms.district} <= {"PD", "XH"}
    )
    assert len(firms) < len(wider.state.applications.used)


# ---------------------------------------------------------------- shared laboratories

OPEN = {"hours_per_quarter": 1e7, "price": 0, "budget": 1e12, "stages": "all"}


def first_rounds(model, angels=True):
    """Startup identity -> yuan of the first round, of those since the start, with or without those of angels."""
    stakes = model.state.holdings.used
    amounts = {}
    for row in stakes[(stakes.quarter >= FIRST) & (stakes.place == 0) & (angels | (stakes.investor != Investor.ANGEL))]:
        amounts[int(row.startup_id)] = amounts.get(int(row.startup_id), 0) + int(row.amount)
    return amounts


@pytest.fixture(scope="module")
def laboratories():
    return {seed: under("shared_laboratories", seed, **OPEN) for seed in (1, 2, 3)}


def test_laboratories_let_more_ventures_raise_a_first_round(laboratories):
    """E07: more experiments.

    3 seeds, hours for all. Seen: 37 ventures that need laboratories gain a first round and 9 lose one (4.1 sd): power
    0.93.
    """
    gained = lost = 0
    for seed, model in laboratories.items():
        before, after, startups = first_rounds(without(seed)), first_rounds(model), model.state.startups.used
        needy = set(startups.id[model.state.sectors.used.lab_need[startups.sector] >= 0.5].tolist())
        gained += len(needy & (after.keys() - before.keys()))
        lost += len(needy & (before.keys() - after.keys()))
    assert surprise(gained, lost) > BEYOND_LUCK


def test_laboratories_make_first_rounds_smaller():
    """E07, a difference in differences of log amounts of the same firms in the first two quarters, sectors that need
    laboratories over others.

    First rounds of venture firms, as in the source: angels give what they have, not what is needed. 24 seeds,
    medians, as a round that changes its investors moves by much more. Seen: -0.11 on 57 and 142 rounds with a chance
    of 3e-17: power above 0.999. Over years the same firms raise at other times, and the estimate is too noisy at
    this size. The band of the literature is -0.43 to -0.08 in logs.
    """
    change = {True: [], False: []}
    for seed in range(1, 25):
        words = ("scale=0.1", "start=2011Q1", "end=2012Q2")
        model = under("shared_laboratories", seed, *words, **OPEN)
        before, after = first_rounds(without(seed, *words), angels=False), first_rounds(model, angels=False)
        startups = model.state.startups.used
        need = dict(zip(startups.id.tolist(), model.state.sectors.used.lab_need[startups.sector], strict=True))
        for i in before.keys() & after.keys():
            change[need[i] >= 0.5].append(np.log(after[i] / before[i]))
    assert -0.43 < np.median(change[True]) - np.median(change[False]) < -0.08
    assert mannwhitneyu(change[True], change[False], alternative="less").pvalue < 0.005


def test_laboratories_speed_development(laboratories):
    """Products that neither run has finished; 1 seed, 201 firms. Seen: +0.08 of a product, 21 standard errors."""
    ours, theirs = in_both(laboratories[1], without(1))
    need = laboratories[1].state.sectors.used.lab_need[ours.sector]
    some = (
        (need >= 0.5)
        & (ours.born >= FIRST)
        & (ours.life == Life.ALIVE)
        & (theirs.life == Life.ALIVE)
        & (theirs.progress < 1.0)
    )
    assert t_of(ours.progress[some] - theirs.progress[some]) > BEYOND_LUCK


def test_short_hours_make_a_queue_by_waiting_time():
    """Exact, 1 seed at scale 0.05:

    with few hours many wait, the longest waiting go first, and fees come back to the purse.
    """
    model = under("shared_laboratories", 1, *SMALL, hours_per_quarter=15_000, budget=1e10)
    rows, purse = model.state.applications.used, model.state.purses.used[0]
    assert 0.05 < rows.admitted.mean() < 0.5 and rows.score.max() > 2
    for quarter in np.unique(rows.quarter):
        now = rows[rows.quarter == quarter]
        assert now.score[now.admitted == 1].min() >= now.score[now.admitted == 0].min()
    assert model.state.startups.used.laboratory_wait.max() > 1
    assert purse.spent == np.sum(rows.amount) and purse.recovered * 2000 == purse.spent * 727


# ---------------------------------------------------------------- proof of concept


@pytest.fixture(scope="module")
def concept():
    return applicants("proof_of_concept", range(1, 9), 4, lowest_score=0.5, **PLENTY)


def test_winners_of_a_first_grant_raise_venture_capital_more_often(concept):
    """E03a. 8 seeds, 9,700 applications. Each applicant beside itself in the run without grants; a year.

    Seen: winners gain 0.6 points on 6.8, losers lose 1.1 (money moves from them to winners): 4.2 sd, power 0.94.
    Winners are 1.1 times as likely as without a grant: below the band of the literature, 1.5 to 2.4.
    """
    won = concept[:, 1] == 1
    change = concept[:, 3] - concept[:, 2]
    difference = change[won].mean() - change[~won].mean()
    assert difference / np.sqrt(change[won].var() / won.sum() + change[~won].var() / (~won).sum()) > BEYOND_LUCK


def test_the_discontinuity_at_the_cut_off(concept):
    """E03's own design on the applications kept, local linear within 1.5 standard deviations of the score: it finds
    what the twins say.

    8 seeds. Without grants nothing jumps, with them what the grant changed does: each within luck (chance 0.01). The
    standard error is 0.9 points, so a bias of 4 points, as of a score that moved funding by itself, would be found
    with power 0.96.
    """
    distance, admitted, before, after = concept.T
    near = np.abs(distance) < 1.5
    won, lost = near & (admitted == 1), near & (admitted == 0)
    change = after - before
    for outcome, truth in ((before, 0.0), (after, change[won].mean() - change[lost].mean())):
        jump, error = discontinuity(distance, admitted, outcome, 1.5)
        assert 0.0 < error < 0.015
        assert abs(jump - truth) < BEYOND_LUCK * error


def test_a_larger_grant_at_the_second_stage_has_no_such_effect():
    """E03b: a first grant should add nearly all of the odds again, this one far less. 30 seeds, within two years.

    Seen in half of them: 146 winners gain 10 points (se 3) on 27; the literature has -4 to 4. A doubling would be
    refused with power above 0.99.
    """
    rows = applicants("proof_of_concept_second", range(1, 31), 8, *LONG, lowest_score=0.5, **PLENTY)
    won = rows[:, 1] == 1
    change = rows[won, 3] - rows[won, 2]
    base, error = rows[won, 2].mean(), change.std() / np.sqrt(len(change))
    assert won.sum() > 100 and base > 0.15
    assert change.mean() + BEYOND_LUCK * error < 0.6 * base


# ---------------------------------------------------------------- accelerator


def changed(rows):
    won = rows[:, 1] == 1
    return (
        int(np.sum(won & (rows[:, 3] > rows[:, 2]))),
        int(np.sum(won & (rows[:, 3] < rows[:, 2]))),
        won.sum(),
        rows[won, 2].mean(),
    )


def test_schooling_raises_the_odds_of_capital():
    """E06b. 14 seeds, 15,000 admitted, within two years. Seen in six of them: 142 gain and 110 lose, 10 percent more:
    power 0.7.
    """
    gained, lost, _, _ = changed(applicants("accelerator", range(1, 15), 8, *LONG, lowest_score=0.5, **PLENTY))
    assert surprise(gained, lost) > BEYOND_LUCK


def test_a_desk_and_cash_alone_change_nothing_in_fund_raising():
    """E06a, 0 +- 5 points. 3 seeds, 3,300 admitted, within two years, base rate 0.06.

    Seen: 56 gain and 47 lose, 0.3 points with a standard error of 0.3.
    """
    rows = applicants("accelerator", (1, 2, 3), 8, *LONG, lowest_score=0.5, schooling=0, **PLENTY)
    gained, lost, n, base = changed(rows)
    error = np.sqrt(gained + lost) / n
    assert n > 1000 and base > 0.04
    assert abs(gained - lost) / n + 2 * error < 0.05
    assert surprise(gained, lost) < BEYOND_LUCK


def test_sponsors_pay_for_a_corporate_accelerator():
    """Exact, 1 seed at scale 0.1: no public yuan, and the firms' stipends come from corporates."""
    paid = []
    model = small.run(
        small.config(
            "scale=0.1",
            "start=2011Q1",
            "end=2014Q4",
            "policy=[corporate_accelerator]",
            "policy.corporate_accelerator.start=2012Q1",
        ),
        lambda model: paid.append(model.state.flows[Transaction.GRANT].copy()),
    )
    purse, rows = model.state.purses.used[0], model.state.applications.used
    grants = sum(paid)
    assert purse.take_up == rows.admitted.sum() >= 4
    assert purse.spent == purse.appropriated == 0
    assert (
        grants[Sector.CORPORATES, Sector.STARTUPS] == purse.take_up * 290_000 and grants[Sector.GOVERNMENT].sum() == 0
    )
    firms = model.state.startups.used[rows.startup]
    assert set(firms.sector) == {model.city.sectors.index("biotech_medtech")}


# ---------------------------------------------------------------- open innovation


@pytest.fixture(scope="module")
def partners():
    return {seed: under("open_innovation", seed, **PLENTY, acquisitions=8) for seed in (1, 2)}


def test_partners_bring_sales_and_buyers(partners):
    """2 seeds. Seen: ventures with a partner sell 2.7 times as much as without (35 se); 43 ventures are bought, 3
    without: power above 0.999.
    """
    more = []
    for seed, model in partners.items():
        ours, theirs = in_both(model, without(seed))
        some = (ours.partner != NOBODY) & (ours.life == Life.ALIVE) & (theirs.life == Life.ALIVE)
        more.append(np.log((ours.revenue[some] + 1e4) / (theirs.revenue[some] + 1e4)))
    assert t_of(np.concatenate(more)) > BEYOND_LUCK
    bought = [
        sum(np.sum(model.state.exits.used.life == Life.ACQUIRED) for model in models)
        for models in (partners.values(), map(without, partners))
    ]
    assert (bought[0] - bought[1]) / np.sqrt(sum(bought)) > BEYOND_LUCK


def test_who_depends_on_one_customer_loses_its_sales_with_it(partners):
    """Ventures that lost their partner in the last quarter beside those that kept it.

    Asserted: a fifth of their sales more.
    """
    before = {}
    model = small.run(
        small.config(
            "scale=0.1",
            "start=2011Q1",
            "end=2013Q4",
            "policy=[open_innovation]",
            "policy.open_innovation.start=2012Q1",
            "policy.open_innovation.places_per_quarter=5000",
            "policy.open_innovation.budget=1e11",
        ),
        lambda model: before.update({model.quarter: model.state.startups.used.revenue.copy()}),
    )
    last = model.quarter - 1
    startups, earlier = model.state.startups.used[: len(before[last])], before[last]
    went_on = (startups.life == Life.ALIVE) & (earlier > 0)
    change = np.log((startups.revenue + 1.0) / (earlier + 1.0))
    lost, kept = went_on & (startups.partner_lost == last), went_on & (startups.partner != NOBODY)
    assert lost.sum() > 8
    assert change[lost].mean() < change[kept].mean() - 0.2
    assert small.column(model, "city", "partners_lost").sum() * model.scale == np.sum(startups.partner_lost != NEVER)


# ---------------------------------------------------------------- city test-bed


def test_firms_that_make_things_test_faster_and_accidents_cost_trust():
    """2 seeds to 2013, test-beds in all districts and sectors.

    Seen: +0.07 of a product (27 se); 39 accidents, trust below that of the run without.
    """
    ahead, trust, incidents = [], [], 0
    words = ("scale=0.1", "start=2011Q1", "end=2013Q4")
    for seed in (1, 2):
        model, other = (
            under("city_testbed", seed, *words, road_km=30_000, budget=1e12, districts="all", sectors="all"),
            without(seed, *words),
        )
        startups = model.state.startups.used
        ours, theirs = in_both(model, other, startups.id[startups.testbed_from != NEVER])
        makes = model.state.sectors.used.hardware_share[ours.sector] > 0.4
        ahead.append((ours.progress - theirs.progress)[makes])
        incidents += startups.incidents.sum()
        assert startups.incidents.sum() == round(small.column(model, "city", "incidents").sum() * model.scale)
        trust.append(model.state.sectors.used.trust.sum() - other.state.sectors.used.trust.sum())
    assert t_of(np.concatenate(ahead)) > BEYOND_LUCK
    assert incidents > 5 and max(trust) < 0.0


@pytest.mark.parametrize("policy", ["sandbox", "sandbox_2"])
def test_sandboxes_fill_their_places_and_have_accidents(policy):
    """Exact, 1 seed at scale 0.1, with accidents ten times as likely:

    fines, public cost and lost trust are there, and places are kept.
    """
    paid = []
    words = (
        "scale=0.1",
        "start=2011Q1",
        "end=2015Q4",
        f"policy=[{policy}]",
        f"policy.{policy}.start=2012Q1",
        "mechanism.sandbox.incident=0.1",
    )
    model = small.run(
        small.config(*words),
        lambda model: paid.append(model.state.flows[[Transaction.FINES, Transaction.INCIDENTS]].sum(axis=(1, 2))),
    )
    startups, purse = model.state.startups.used, model.state.purses.used[0]
    fines, public = np.sum(paid, axis=0)
    incidents = int(startups.incidents.sum())
    assert incidents > 2 and public == 3_000_000 * incidents and 0 < fines <= 2_000_000 * incidents
    assert model.state.sectors.used.trust.min() < 0.0
    assert 0 < purse.take_up <= model.policies[0].places_per_quarter * model.scale * 16 + 1


# ---------------------------------------------------------------- listing venue

LISTING = {"places_per_quarter": 20, "thresholds": 0.3, "budget": 1e11}


def test_a_venue_lists_more_and_smaller_firms():
    """2 seeds to 2016. Seen:

    73 listings (66 at the venue) against 23, worth a quarter in the middle: power above 0.999.
    """
    words = ("scale=0.1", "end=2016Q4")
    ended = [
        np.concatenate([model.state.exits.used for model in models])
        for models in (
            [under("listing_venue", seed, *words, **LISTING) for seed in (1, 2)],
            [without(seed, *words) for seed in (1, 2)],
        )
    ]
    more, fewer = (rows[(rows["life"] == Life.LISTED) & (rows["quarter"] >= FIRST)] for rows in ended)
    assert (len(more) - len(fewer)) / np.sqrt(len(more) + len(fewer)) > BEYOND_LUCK
    here, national = more[more["board"] == 1], fewer
    gap = np.log(here["value"]).mean() - np.log(national["value"]).mean()
    assert (
        gap / np.sqrt(np.log(here["value"]).var() / len(here) + np.log(national["value"]).var() / len(national))
        < -BEYOND_LUCK
    )
    assert np.median(here["later"]) < np.median(national["later"])  # three years on they still are
    assert np.all(fewer["board"] == 0) and np.all(more["later"] > 0)


def test_investors_pay_more_once_the_venue_is_announced():
    """Exact, scale 0.5: in the quarter of the announcement the same rounds close at no lower prices, and many at
    higher ones.
    """
    words = ("scale=0.5", "start=2011Q1", "end=2012Q1")
    known, unknown = (
        small.run(small.config(*words, "policy=[listing_venue]", "policy.listing_venue.start=2013Q1", *more))
        for more in (("policy.listing_venue.announced=2012Q1",), ())
    )
    prices = []
    for model in (known, unknown):
        stakes = model.state.holdings.used
        stakes = stakes[(stakes.quarter == FIRST) & (stakes.lead == 1) & (stakes.investor == Investor.FUND)]
        prices.append(dict(zip(stakes.startup_id.tolist(), stakes.post_money.tolist(), strict=True)))
    both = prices[0].keys() & prices[1].keys()
    assert len(both) > 2 and np.mean([prices[0][i] > prices[1][i] for i in both]) > 0.8
    assert multiples.of_the_venue(known) > multiples.of_the_venue(unknown) == 1.0


# ---------------------------------------------------------------- digital currency


def test_payments_cost_less_in_the_zone():
    """Exact, scale 0.1, first quarter of the zone:

    enrolled firms keep the fee on sales to consumers and on payment services, less tax.
    """
    words = ("scale=0.1", "start=2011Q1", "end=2012Q1")
    model, other = under("digital_currency_zone", 1, *words, share=1, saving=1, budget=1e10), without(1, *words)
    ours, theirs = in_both(model, other)
    enrolled = (
        (ours.digital == 1) & (ours.life == Life.ALIVE) & (theirs.life == Life.ALIVE) & (ours.revenue == theirs.revenue)
    )
    fintech = ours.sector == model.city.sectors.index("fintech_blockchain")
    saved = 0.006 * ours.revenue * np.where(fintech, 1.0, 1.0 - ours.business_share)
    gain = (ours.cash - theirs.cash)[enrolled]
    assert enrolled.sum() > 20 and np.all(ours.digital[ours.district != model.city.district_codes.index("PD")] == 0)
    assert np.all(gain <= saved[enrolled] + 2) and np.mean(gain >= 0.7 * saved[enrolled] - 2) > 0.8
    assert gain.sum() > 0.5 * saved[enrolled].sum()
