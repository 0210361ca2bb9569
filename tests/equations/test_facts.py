"""Facts of the literature, computed on made-up tables whose answers are known by hand."""

import hashlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim.observables import read_targets
from sim.observables.operators import deals, firm_dynamics, space
from sim.observables.operators.window import Window
from sim.observables.reported import observe
from sim.observables.targets import operators, problems

TARGETS = Path(__file__).parents[2] / "configs" / "targets"
QUARTERS = [f"{year}Q{q}" for year in range(2010, 2025) for q in (1, 2, 3, 4)]
CITY = SimpleNamespace(usd_cny=7.27, district_codes=("PD", "HP"))


def city(**columns):
    return pd.DataFrame({"quarter": QUARTERS, "year": [int(q[:4]) for q in QUARTERS], **columns})


def startups(rows):
    """(identity, born, ended, life), the rest alike."""
    table = pd.DataFrame(rows, columns=["startup_id", "born", "ended", "life"])
    return table.assign(experience="first_time", filed=None, sector="ai", district="PD", cell=0, x_km=0.0, y_km=0.0)


def stakes(rows):
    """(startup, quarter, stage, amount, post, investor and identity, proceeds, route, ended), the rest alike."""
    columns = [
        "startup_id",
        "quarter",
        "stage",
        "amount_cny",
        "post_money_cny",
        "investor",
        "investor_id",
        "proceeds_to_date_cny",
        "route",
        "ended",
    ]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(
        year=table["quarter"].str[:4].astype(int),
        new=True,
        gp_local=True,
        gp_id=table["investor_id"],
        sector="ai",
        district="PD",
    )


# ---------------------------------------------------------------- firm dynamics


@pytest.fixture(scope="module")
def ten():
    """Ten of 2010Q1: one fails in 2010, two in 2011, three are given up in 2012, one is sold in 2013, three live."""
    ends = ["2010Q3", "2011Q1", "2011Q4", "2012Q2", "2012Q2", "2012Q3", "2013Q1", None, None, None]
    lives_ = ["failed"] * 3 + ["closed"] * 3 + ["acquired"] + ["alive"] * 3
    return {"city": city(), "startups": startups(list(zip(range(10), ["2010Q1"] * 10, ends, lives_, strict=True)))}


@pytest.mark.parametrize("name, value", [("exit_hazard_1", 1 / 10), ("exit_hazard_2", 2 / 9), ("exit_hazard_3", 3 / 7)])
def test_hazards_by_year_of_life(ten, name, value):
    assert getattr(firm_dynamics, name)(Window(ten, 2010, 2024)) == pytest.approx(value)


def test_the_shape_of_the_hazard():
    """Of 1000, 10 die in the first year, then 60, 130, 90, 70, 60, 50 and 20: the hazard is highest in the third."""
    deaths = [10, 60, 130, 90, 70, 60, 50, 20]
    years = [2010 + k for k, n in enumerate(deaths) for _ in range(n)]
    rows = [(i, "2010Q1", f"{year}Q2", "closed") for i, year in enumerate(years)] + [
        (i, "2010Q1", None, "alive") for i in range(len(years), 1000)
    ]
    tables = {"city": city(), "startups": startups(rows)}
    of_year = [n / (1000 - sum(deaths[:k])) for k, n in enumerate(deaths)]
    assert firm_dynamics.exit_hazard_peak(Window(tables, 2010, 2024)) == 3
    assert firm_dynamics.exit_hazard_least_3_to_7(Window(tables, 2010, 2024)) == pytest.approx(50 / 580)
    assert firm_dynamics.exit_hazard_8_over_3_to_7(Window(tables, 2010, 2024)) == pytest.approx(
        of_year[7] / (sum(of_year[2:7]) / 5)
    )


def test_survival_counts_the_acquired_as_alive(ten):
    assert [getattr(firm_dynamics, f"survival_{n}")(Window(ten, 2010, 2024)) for n in (1, 5, 10)] == pytest.approx(
        [0.9, 0.4, 0.4]
    )


def test_survival_with_ventures_observed_for_less_time():
    """Two of 2010 live on, one of 2022Q1 dies after a year, one of 2024 is not at risk then."""
    ventures = startups(
        [
            (1, "2010Q1", None, "alive"),
            (2, "2010Q1", None, "alive"),
            (3, "2022Q1", "2023Q1", "failed"),
            (4, "2024Q2", None, "alive"),
        ]
    )
    assert firm_dynamics.survival_5(Window({"city": city(), "startups": ventures}, 2010, 2024)) == pytest.approx(2 / 3)
    young = {"city": city(), "startups": ventures[ventures["born"] > "2020"]}
    assert firm_dynamics.survival_5(Window(young, 2020, 2024)).verdict == "not reached"
    assert firm_dynamics.exit_hazard_1(Window(young, 2020, 2024)).verdict == "not reached"


def test_success_by_experience_is_scored_as_ratios():
    """Backed ventures of 2010: 2 of 4 who succeeded before, 1 of 4 first-timers (a filing), 1 of 5 who failed."""
    ventures = startups([(i, "2010Q1", None, "alive") for i in range(14)])
    ventures["experience"] = ["succeeded_before"] * 4 + ["first_time"] * 5 + ["failed_before"] * 5
    ventures.loc[[0, 1, 9], "life"] = "listed"
    ventures.loc[4, "filed"] = "2015Q1"
    ventures.loc[8, "life"] = "listed"  # without a fund: not VC-backed
    funded = stakes([(i, "2011Q1", "seed", 1, 5, "angel" if i == 8 else "fund", 1, 0, "held", None) for i in range(14)])
    tables = {"city": city(), "startups": ventures, "rounds": funded}
    assert firm_dynamics.success_rate_first_time(Window(tables, 2008, 2024)) == pytest.approx(1 / 4)
    assert firm_dynamics.success_rate_succeeded(Window(tables, 2008, 2024)) == pytest.approx(0.18 * 2)
    assert firm_dynamics.success_ratio_failed(Window(tables, 2008, 2024)) == pytest.approx(0.8)


def test_zipf_of_an_exact_power_law():
    """Sizes (N / (rank - 1/2))^(1/1.06) have the exponent 1.06 by construction."""
    headcount = (2000 / (np.arange(1, 2001) - 0.5)) ** (1 / 1.06)
    tables = {
        "city": city(),
        "firms": pd.DataFrame({"startup_id": range(2000), "year": 2024, "headcount": headcount, "revenue_cny": 1}),
    }
    assert firm_dynamics.zipf_exponent(Window(tables, 2024, 2024)) == pytest.approx(1.06, abs=0.01)


@pytest.mark.parametrize("law, kurtosis", [("laplace", 6.0), ("normal", 3.0)])
def test_kurtosis_tells_a_tent_from_a_bell(law, kurtosis):
    """20,000 survivors whose growth spreads twice as wide among the small.

    Standard errors are 0.28 and 0.03, bands three of them.
    """
    rng = np.random.default_rng(1)
    before = np.exp(rng.normal(15, 1, 20_000))
    growth = getattr(rng, law)(0, np.where(before < np.median(before), 0.4, 0.2))
    rows = [
        pd.DataFrame({"startup_id": range(20_000), "year": year, "headcount": 1, "revenue_cny": sales})
        for year, sales in ((2023, before), (2024, before * np.exp(growth)))
    ]
    estimate = firm_dynamics.growth_kurtosis(Window({"city": city(), "firms": pd.concat(rows)}, 2024, 2024))
    assert estimate == pytest.approx(kurtosis, abs=0.85 if law == "laplace" else 0.1)


# ---------------------------------------------------------------- deals


@pytest.fixture(scope="module")
def four():
    """Four rounds and a listing; two rounds and a sale after eight years; an angel's round alone; Series A at once.

    Million yuan. The second round of startup 2 has two investors, one of whom is paid twice what they gave.
    """
    million = 1_000_000
    rounds = stakes(
        [
            (1, "2010Q1", "seed", 10, 50, "fund", 1, 100, "ipo", "2016Q4"),
            (1, "2011Q1", "A", 40, 200, "fund", 1, 200, "ipo", "2016Q4"),
            (1, "2012Q3", "B", 120, 800, "fund", 2, 240, "ipo", "2016Q4"),
            (1, "2014Q1", "C", 200, 7000, "fund", 2, 200, "ipo", "2016Q4"),
            (2, "2010Q2", "seed", 20, 100, "fund", 1, 0, "liquidation", "2018Q3"),
            (2, "2013Q2", "A", 30, 200, "fund", 1, 10, "acquisition", "2018Q3"),
            (2, "2013Q2", "A", 30, 200, "fund", 2, 60, "acquisition", "2018Q3"),
            (3, "2010Q3", "seed", 1, 10, "angel", 9, 0, "held", None),
            (4, "2010Q4", "A", 50, 250, "fund", 3, 0, "held", None),
        ]
    )
    for column in ("amount_cny", "post_money_cny", "proceeds_to_date_cny"):
        rounds[column] *= million
    ends = startups(
        [
            (1, "2009Q1", "2016Q4", "listed"),
            (2, "2009Q1", "2018Q3", "acquired"),
            (3, "2010Q1", None, "alive"),
            (4, "2010Q1", None, "alive"),
        ]
    )
    exits = pd.DataFrame(
        {
            "startup_id": [1, 2],
            "quarter": ["2016Q4", "2018Q3"],
            "life": ["listed", "acquired"],
            "value_cny": [9_000 * million, 100 * million],
        }
    )
    panel = city(
        exits_buyback=2.0,
        exits_transfer=3.0,
        proposals_screened=100.0,
        new_portfolio_companies=2.0,
        guidance_commitments_cny=0,
        exits_ipo=1.0,
    )
    return {"city": panel, "startups": ends, "rounds": rounds, "exits": exits}


DEALS = {  # name: (first, last, value)
    "seed_to_second": (2010, 2024, 2 / 3),
    "seed_to_fourth": (2010, 2024, 1 / 3),
    "seed_to_exit": (2010, 2024, 1 / 3),  # the sale came after more than seven years
    "seed_to_unicorn": (2010, 2024, 1 / 3),
    "second_round_5y": (2010, 2024, 2 / 4),
    "round_gap_log_sd": (2010, 2024, np.std(np.log([4, 6, 6, 12]), ddof=1)),
    "round_gap_median": (
        2010,
        2024,
        3 * (5.5 + 0.5),
    ),  # a quarter of the gaps below 5.5 quarters, half between 5.5 and 6.5
    "round_gap_lower": (2010, 2024, 3 * 4.5),
    "round_gap_upper": (2010, 2024, 3 * 6.5),
    "dilution_seed": (2010, 2024, 0.2),
    "dilution_a": (2010, 2024, 0.2),
    "dilution_b": (2010, 2024, 0.15),
    "post_money_step_a": (2010, 2024, 200 / 75),
    "post_money_step_b": (2010, 2024, 4.0),
    "amount_step_a": (2010, 2024, 3.5),  # 4 and 3
    "amount_step_b": (2010, 2024, 3.0),
    "amount_log_sd_seed": (2010, 2024, np.log(2) / np.sqrt(2)),
    "amount_log_sd_a": (2010, 2024, np.log([40, 60, 50]).std(ddof=1)),
    "multiple_below_1": (2015, 2024, 1 / 6),  # multiples 10, 5, 2, 1, 0, 7/6
    "multiple_5": (2015, 2024, 2 / 6),
    "multiple_10": (2015, 2024, 1 / 6),
    "multiple_50": (2015, 2024, 0.0),
    "top_tenth_share": (2010, 2024, 0.0),  # a tenth of four is none
    "hill_exponent": (2010, 2024, np.nan),
    "exit_share_ipo": (2010, 2024, 2 / 4),  # the write-off is silent
    "exit_share_acquisition": (2010, 2024, 2 / 4),
    "ipo_exits": (2010, 2024, 60.0),
    "buyback_exits": (2010, 2024, 120.0),
    "transfer_exits": (2010, 2024, 180.0),
    "screened_per_deal": (2016, 2024, 50.0),
    "new_companies_per_vc": (2010, 2024, 9 / 8),  # eight pairs of firm and year, one with two companies
    "solo_round_share": (2010, 2024, 7 / 8),
    "investors_per_round": (2010, 2024, 9 / 8),
}


@pytest.mark.parametrize("name", DEALS)
def test_a_fact_of_deals_by_hand(four, name):
    first, last, value = DEALS[name]
    assert getattr(deals, name)(Window(four, first, last)) == pytest.approx(value, nan_ok=True)


def test_hill_of_an_exact_pareto():
    """The top 5% of 10,000 totals at the quantiles of a Pareto law of exponent 1.6, up to the discreteness of ranks."""
    amount = ((np.arange(1, 10_001) - 0.5) / 10_000) ** (-1 / 1.6) * 1e6
    rounds = stakes([(i, "2020Q1", "seed", a, 2 * a, "fund", 1, 0, "held", None) for i, a in enumerate(amount)])
    tables = {"city": city(), "rounds": rounds}
    assert deals.hill_exponent(Window(tables, 2016, 2024)) == pytest.approx(1.6, abs=0.05)
    assert deals.top_tenth_share(Window(tables, 2016, 2024)) == pytest.approx(0.1 ** (1 - 1 / 1.6), abs=0.03)


def test_guidance_funds_by_hand():
    """Two old public funds, one closed at its size, one at a third; a private and a young one do not count."""
    rows = [("a", 2016, 50, 200, 200), ("b", 2017, 30, 100, 300), ("c", 2016, 0, 70, 90), ("d", 2020, 10, 10, 90)]
    funds = pd.DataFrame(
        rows, columns=["fund_id", "year", "guidance_in_quarter_cny", "committed_in_quarter_cny", "target_cny"]
    )
    tables = {"city": city(guidance_commitments_in_quarter_cny=0), "funds": funds}
    assert deals.guidance_raised_share(Window(tables, 2020, 2020)) == pytest.approx(300 / 500)
    assert deals.guidance_met_share(Window(tables, 2020, 2020)) == pytest.approx(1 / 2)


# ---------------------------------------------------------------- space


def test_distance_elasticity_is_found_again():
    """4,000 investments by 60 firms chosen with weight distance^-0.5.

    The standard error is about 0.02, the band three of them.
    """
    rng = np.random.default_rng(2)
    n, offices = 4_000, rng.uniform(-20, 20, (60, 2))
    at = rng.uniform(-20, 20, (n, 2))
    weight = np.maximum(np.hypot(*(at[:, None] - offices).transpose(2, 0, 1)), 0.25) ** -0.5
    who = (weight.cumsum(axis=1) / weight.sum(axis=1, keepdims=True) < rng.random((n, 1))).sum(axis=1)
    rounds = stakes([(i, QUARTERS[24 + i % 36], "seed", 1, 5, "fund", w, 0, "held", None) for i, w in enumerate(who)])
    rounds = rounds.assign(gp_x_km=offices[who, 0], gp_y_km=offices[who, 1])
    places = startups([(i, "2010Q1", None, "alive") for i in range(n)]).assign(x_km=at[:, 0], y_km=at[:, 1])
    tables = {"city": city(), "rounds": rounds, "startups": places}
    assert space.distance_elasticity(Window(tables, 2016, 2024)) == pytest.approx(-0.5, abs=0.06)


def peers(rng, effect, reach):
    """6,000 ventures on a grid of 0.5 km; growth responds to the revenue of peers in the cell, or up to 0.75 km."""
    spots = rng.integers(0, 20, (6_000, 2)) * 0.5
    cell = (spots[:, 0] * 1000 + spots[:, 1] * 2).astype(int)
    ventures = startups([(i, "2010Q1", None, "alive") for i in range(6_000)]).assign(
        cell=cell, x_km=spots[:, 0], y_km=spots[:, 1]
    )
    ventures["district"] = np.where(spots[:, 0] < 5, "PD", "HP")
    factor = np.exp(0.8 * rng.normal(size=1600))[(spots[:, 0] * 2).astype(int) * 40 + (spots[:, 1] * 2).astype(int)]
    before = factor * np.exp(rng.normal(12, 0.3, 6_000))
    frames = [pd.DataFrame({"startup_id": range(6_000), "year": 2023, "headcount": 1, "revenue_cny": before})]
    tables = {"city": city(), "startups": ventures, "firms": frames[0]}
    means = space.neighbourhoods(Window(tables, 2023, 2023)).peers
    growth = effect * (means[:, 0] + (means[:, 1] if reach else 0)) + 0.1 * rng.normal(size=6_000)
    frames.append(frames[0].assign(year=2024, revenue_cny=before * np.exp(growth - growth.mean())))
    return tables | {"firms": pd.concat(frames)}


@pytest.mark.parametrize("wider, metres", [(False, 250), (True, 750)])
def test_reach_of_spillovers(wider, metres):
    """Spread 0.1 over 6,000 ventures and an effect of 0.2: a t of over 50, so chance cannot bring the wrong band."""
    assert space.spillover_reach(Window(peers(np.random.default_rng(3), 0.2, wider), 2024, 2024)) == metres


def test_peers_matter_where_revenue_clusters():
    tables = peers(np.random.default_rng(4), 0.0, False)
    elasticity = space.peer_revenue_elasticity(Window(tables, 2023, 2023))
    assert elasticity > 0.5  # ventures of a cell share a factor with eight times the variance of each one's own


def test_density_elasticity_by_hand():
    """Revenue a worker doubles where density is 16-fold: ln 2 / ln 16."""
    ventures = startups([(i, "2010Q1", None, "alive") for i in range(200)]).assign(district=["PD"] * 100 + ["HP"] * 100)
    firms = pd.DataFrame(
        {"startup_id": range(200), "year": 2024, "headcount": 2, "revenue_cny": [200] * 100 + [400] * 100}
    )
    panel = pd.DataFrame(
        {
            "quarter": "2024Q4",
            "year": 2024,
            "district": ["PD", "HP"],
            "startup_jobs": [10.0, 80.0],
            "area_km2": [2.0, 1.0],
        }
    )
    tables = {"city": city(), "startups": ventures, "firms": firms, "district": panel}
    assert space.density_elasticity(Window(tables, 2024, 2024)) == pytest.approx(0.25)


def test_rents_by_ring():
    rows = [
        (f"2015Q{q}", 2015, ring, rent)
        for q in (1, 2, 3, 4)
        for ring, rent in (("inner", 60), ("inner", 40), ("inner-middle", 40), ("outer", 20))
    ]
    tables = {"district": pd.DataFrame(rows, columns=["quarter", "year", "ring", "office_rent_cny_m2"])}
    assert space.rent_core_over_rim(Window(tables, 2015, 2015)) == pytest.approx(2.5)
    assert space.rent_middle_over_core(Window(tables, 2015, 2015)) == pytest.approx(0.8)
    tables["district"]["ring"] = "inner"
    assert space.rent_core_over_rim(Window(tables, 2015, 2015)).verdict == "not modelled"


# ---------------------------------------------------------------- the files


def test_every_fact_has_its_operator():
    facts = read_targets(TARGETS / "facts.csv")
    assert facts.loc[facts["operator"] == "", "id"].tolist() == ["F08c"]  # a shock test
    modules = {module.__name__ for module in (firm_dynamics, deals, space)}
    facts_of_modules = {name for name, operator in operators().items() if operator.__module__ in modules}
    used = {name for name in ("facts", "record") for name in read_targets(TARGETS / f"{name}.csv").operator}
    assert facts_of_modules - used == {"ipo_exits", "buyback_exits", "transfer_exits"}  # what the shock test compares


def test_the_split_of_facts_is_that_of_their_names():
    """Rank of the SHA-256 of the id, a third validates: nobody chose."""
    facts = read_targets(TARGETS / "facts.csv")
    shown = {"F14b", "F01c_peak", "F01c_level", "F01c_after"}
    scored = [name for name in facts["id"] if name not in shown | {"F08c"}]
    order = sorted(scored, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    roles = facts.set_index("id")["role"]
    assert set(roles.index[roles == "holdout"]) == {*order[: round(len(scored) / 3)], "F08c"}
    assert set(roles.index[roles == "target"]) == set(order[round(len(scored) / 3) :])
    assert set(roles.index[roles == "context"]) == shown


@pytest.mark.parametrize("name", ["reported", "facts", "record", "discipline"])
def test_the_package_refuses_none_of_its_files(name):
    assert problems(TARGETS / f"{name}.csv", CITY) == []


HEADER = "id,value,low,high,unit,role,operator,observed,district"
RIGHT = "births,100,80,120,firms,target,startups_founded,2024,PD"


@pytest.mark.parametrize(
    "row, sentence",
    [
        ("births,100,120,80,firms,target,startups_founded,2024,", "births) high: band is reversed, 120 to 80"),
        ("births,100,80,120,furlongs,target,startups_founded,2024,", "births) unit: unknown unit furlongs"),
        ("births,100,80,120,firms,target,,2024,", "births) operator: a target needs an operator"),
        (
            "births,100,80,120,firms,target,startups_foundd,2024,",
            "no operator startups_foundd; did you mean startups_founded?",
        ),
        (
            "births,100,80,120,firms,target,startups_founded,2024,XX",
            "births) district: no district XX; there is PD, HP",
        ),
        ("births,100,80,120,firms,goal,startups_founded,2024,", "births) role: goal; should be one of target, holdout"),
        ("births,100,,120,firms,target,startups_founded,2024,", "births) low: a target needs a band"),
        ("births,200,80,120,firms,target,startups_founded,2024,", "births) value: 200 is outside its band, 80 to 120"),
        ("births,70,80,,firms,holdout,startups_founded,2024,", "births) value: 70 is outside its band, 80 to any"),
        ("births,many,80,120,firms,target,startups_founded,2024,", "births) value: many; a target needs a number"),
        (",100,80,120,firms,target,startups_founded,2024,", "() id: is empty"),
        ("births,100,80,120,firms,target,startups_founded,24,", "births) observed: 24; should be years"),
        ("births,100,80,120,firms", "row 3: has 5 cells and the header 9"),
        (RIGHT, "births) id: stands twice"),
    ],
)
def test_a_wrong_row_is_refused_by_row_and_column(tmp_path, row, sentence):
    path = tmp_path / "mine.csv"
    path.write_text("\n".join([HEADER, RIGHT]) + "\n")
    assert problems(path, CITY) == []
    path.write_text("\n".join([HEADER, RIGHT, row]) + "\n")
    assert [text for text in problems(path, CITY) if sentence in text and "mine.csv row 3" in text]


@pytest.mark.parametrize(
    "header, row, sentence",
    [
        (HEADER.replace("operator,", ""), "births,100,80,120,firms,target,2024,PD", "column operator is missing"),
        (HEADER, "", "holds no rows"),
        (HEADER.replace("unit", "Units"), RIGHT, "column Units: no such column; did you mean unit?"),
        (HEADER.replace("district", "distrct"), RIGHT, "column distrct: no such column; did you mean district?"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path, header, row, sentence):
    path = tmp_path / "mine.csv"
    path.write_text(f"{header}\n{row}\n")
    assert problems(path, CITY) == [f"mine.csv: {sentence}"]


def test_columns_of_ones_own_are_taken(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(f"{HEADER},geography\n{RIGHT},city\n")
    assert problems(path, CITY) == []


def test_a_target_of_one_district_sees_only_it(lakeside):
    tables = lakeside.panels.tables()
    row = {"operator": "startups_founded", "observed": "2024", "unit": "firms", "district": "HA"}
    panel = tables["district"]
    assert (
        observe(row, tables, CITY)
        == panel.loc[(panel["district"] == "HA") & (panel["year"] == 2024), "startups_founded"].sum()
    )
    assert observe(row | {"operator": "returnees"}, tables, CITY).reason == "returnees is not counted by district"


def test_every_operator_answers_on_a_real_run(shanghai):
    """A number, or a reason why there is none; never an error."""
    tables = shanghai.panels.tables()
    for name, operator in operators().items():
        value = operator(Window(tables, 2016, 2024))
        assert isinstance(value, float), name
