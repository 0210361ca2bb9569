"""Each shock moves what it is for: the same luck with and without it, at scale 0.03 to 2011, seed 1.

The runs are paired, so what a shock does not reach is equal to the last bit; the directions asserted here are
those of theory, at the shocks' own sizes unless a test says that it shuts a door altogether.
"""

import numpy as np
import pytest
import small

COMMON = ("scale=0.03", "end=2011Q4", "policy=[]")
START = "2008Q1"


@pytest.fixture(scope="module")
def calm():
    return small.run(small.config(*COMMON))


def shocked(shock, **knobs):
    settings = [f"shock.{shock}.{name}={value}" for name, value in knobs.items()]
    return small.run(small.config(*COMMON, f"shock=[{shock}]", f"shock.{shock}.start={START}", *settings))


def after(model, table, name):
    """Values of a column from the start of the shock on."""
    return small.column(model, table, name)[small.column(model, table, "quarter") >= START]


def before(model, table, name):
    return small.column(model, table, name)[small.column(model, table, "quarter") < START]


def test_a_slowdown_lowers_wages(calm):
    hit = shocked("slowdown")
    assert (before(hit, "city", "wage_cny") == before(calm, "city", "wage_cny")).all()
    assert after(hit, "city", "wage_cny")[-1] < after(calm, "city", "wage_cny")[-1]


def test_a_closed_window_lets_nobody_list():
    """Scale 0.1 to 2016, as few list in the first years. Seen: 13 listings from the start on, and none."""
    words = ("scale=0.1", "end=2016Q4", "policy=[]", f"{small.SPIN_UP}=20", "mechanism.listing.ipo_value=1e9")
    shock = (
        "shock=[closed_ipo_window]",
        f"shock.closed_ipo_window.start={START}",
        "shock.closed_ipo_window.share_left=0",
    )
    opened, closed = (small.run(small.config(*words, *more)) for more in ((), shock))
    assert after(opened, "city", "ipos").sum() * opened.scale > 4
    assert after(closed, "city", "ipos").sum() == 0


def test_an_lp_strike_stops_commitments(calm):
    hit = shocked("lp_strike", share_left=0)
    assert (
        before(hit, "city", "lp_commitments_in_quarter_cny") == before(calm, "city", "lp_commitments_in_quarter_cny")
    ).all()
    assert (
        after(calm, "city", "lp_commitments_in_quarter_cny").sum()
        > 0
        >= after(hit, "city", "lp_commitments_in_quarter_cny").sum()
    )


def test_without_foreign_capital_foreign_partners_promise_nothing(calm):
    def promised(model):
        funds = model.state.funds.used
        return funds.foreign[funds.opened > model.city.first + 8].sum()

    assert promised(calm) > 0 == promised(shocked("exit_of_foreign_capital", share_left=0))


def test_export_controls_slow_exposed_products(calm):
    hit = shocked("export_controls", severity=1)
    exposed = np.flatnonzero(calm.city.traits.export_controls >= 0.9)
    assert len(exposed)

    def progress(model):
        startups = model.state.startups.used
        born = (startups.born >= model.city.first + 8) & np.isin(startups.sector, exposed)
        return dict(zip(startups.id[born], startups.progress[born], strict=True))

    ours, theirs = progress(hit), progress(calm)
    twins = ours.keys() & theirs.keys()
    assert len(twins) > 10
    assert sum(ours[i] for i in twins) < 0.9 * sum(theirs[i] for i in twins)


def test_rival_escalation_draws_people_away(calm):
    hit = shocked("rival_escalation")
    for arrivals in ("returnees", "domestic_arrivals", "graduates_stayed"):
        assert after(hit, "city", arrivals).sum() < after(calm, "city", arrivals).sum()
    assert after(hit, "city", "leavers").sum() > after(calm, "city", "leavers").sum()


def test_a_rent_spike_raises_every_office_rent(calm):
    hit = shocked("rent_spike")
    assert (after(hit, "district", "office_rent_cny_m2") > after(calm, "district", "office_rent_cny_m2")).all()


def test_a_drain_of_chip_talent_raises_their_wage_and_empties_the_sector(calm):
    hit = shocked("chip_talent_drain")
    sector = calm.city.sectors.index("semiconductors")

    def people(model):
        persons = model.state.persons
        return ((persons.status[: persons.count] > 0) & (persons.field[: persons.count] == sector)).sum()

    assert people(hit) < 0.95 * people(calm)
    assert hit.state.sectors.used.wage[sector] > calm.state.sectors.used.wage[sector]


def test_shocks_combine():
    both = small.run(
        small.config(
            *COMMON, "shock=[slowdown,rent_spike]", f"shock.slowdown.start={START}", f"shock.rent_spike.start={START}"
        )
    )
    assert both.levers.macro_demand < 1.0 and np.all(both.levers.tenants > 1.0)
