"""How rows are read, designs on panels made by hand, and the verb on the small made-up city."""

import math

import hand_made
import numpy as np
import pandas as pd
import pytest
import small

import sim
from sim import cli
from sim.statistics.intervals import Estimate
from sim.verbs import evidence
from sim.verbs.designs import cities, cutoff, districts, entry, papers, runs, sectors, verdict
from sim.world.calendar import quarter_name, quarter_of

BAND = verdict.Band(10, 30)
NONE = Estimate(math.nan, math.nan, math.nan)


# ---------------------------------------------------------------- how a row is read


@pytest.mark.parametrize(
    ("estimate", "word"),
    [
        (Estimate(20, 12, 28), verdict.AGREES),
        (Estimate(20, 5, 35), verdict.UNTOLD),  # wider than the band, with its ends inside
        (Estimate(12, 9, 15), verdict.AGREES),
        (Estimate(5, 2, 8), verdict.BELOW),
        (Estimate(-1, -3, 1), verdict.BELOW),  # not told from no effect
        (Estimate(-5, -8, -2), verdict.WRONG),
        (Estimate(40, 35, 45), verdict.ABOVE),
        (Estimate(80, 50, 110), verdict.ABOVE),  # wide, but no end of the band is in it
        (Estimate(20, -math.inf, math.inf), verdict.UNTOLD),
        (Estimate(20, math.nan, math.nan), verdict.UNTOLD),
        (NONE, verdict.UNTOLD),
    ],
)
def test_five_words(estimate, word):
    assert verdict.read(estimate, BAND) == word


def test_no_effect_of_a_ratio_is_one():
    band = verdict.Band(1.5, 2.4, 1.0)
    assert verdict.read(Estimate(0.7, 0.5, 0.9), band) == verdict.WRONG
    assert verdict.read(Estimate(1.1, 0.9, 1.3), band) == verdict.BELOW
    assert verdict.read(Estimate(-6, -8, -5.5), verdict.Band(-5, 5)) == verdict.BELOW  # a band of zero has no sign


def test_what_cannot_be_told_is_judged_by_the_truth_and_a_lucky_estimate_is_a_finding():
    wide, inside, outside = Estimate(20, -50, 90), Estimate(15, 14, 16), Estimate(2, 1, 3)
    word, by, *_, reason = verdict.judged(wide, inside, BAND)
    assert (word, by) == (verdict.AGREES, "truth") and "7.0 times as wide" in reason
    word, by, *_, reason = verdict.judged(inside, outside, BAND)
    assert (word, by) == (verdict.AGREES, "estimate") and "the truth on the same sample is: below" in reason
    assert verdict.judged(outside, inside, BAND)[-1] == "but the truth on the same sample agrees"
    assert verdict.judged(NONE, NONE, BAND)[0] == verdict.UNTOLD


def test_signs():
    assert verdict.sign(Estimate(5, 2, 8), verdict.BELOW, BAND) == "right"
    assert verdict.sign(Estimate(-5, -8, -2), verdict.WRONG, BAND) == "wrong"
    assert verdict.sign(NONE, verdict.UNTOLD, BAND) == "untold"
    assert verdict.sign(Estimate(9, 8, 10), verdict.ABOVE, verdict.Band(-5, 5)) == ""


# ---------------------------------------------------------------- at a cut-off


QUARTERS = [quarter_name(quarter_of("2010Q1") + i) for i in range(40)]


def run(**tables):
    """A run of ten years by hand."""
    reduced = hand_made.run(**tables)
    reduced.panel = pd.DataFrame({"quarter": QUARTERS})
    return reduced


def application(firm, score, admitted, decided="2012Q1", **more):
    row = dict.fromkeys(("age_quarters", "rounds_to_date", "progress", "headcount"), 0)
    row |= {"policy": "it", "startup_id": firm, "score": score, "admitted": admitted, "decided": decided}
    row |= {"worst_admitted": 2.0, "best_refused": 1.0, "again": False}
    return row | {"answer": "admitted" if admitted else "places"} | more


def deal(firm, quarter, number=1, investor="fund"):
    return {"startup_id": firm, "round": number, "quarter": quarter, "investor": investor, "amount_cny": 2_000_000}


def test_applicants_their_windows_and_their_twins():
    firms = [{"startup_id": i, "born": "2011Q1"} for i in range(1, 6)]
    kept = [
        application(1, 2.0, True),
        application(2, 1.0, False),
        application(3, 3.0, True, again=True),  # not the first time
        application(4, 0.5, False, decided="2019Q1"),  # no two years are left
        application(5, 2.5, True),
    ]
    ours = run(
        startups=firms,
        applications=kept,
        rounds=[deal(1, "2012Q1"), deal(2, "2014Q1"), deal(2, "2014Q2", 2), deal(5, "2011Q3", investor="angel")],
    )
    theirs = run(startups=firms[:4], rounds=[deal(1, "2012Q2")])
    table = cutoff.panel(1, ours, theirs, "it").set_index("startup_id")
    assert list(table.index) == [1, 2, 5]
    assert list(table["margin"]) == [0.5, -0.5, 1.0]  # from the midpoint of 1 and 2
    assert list(table["rank"]) == [1, -1, 2]  # the third admitted is not of the sample, but is ranked
    assert list(table["raises_fund"]) == [1, 1, 0]  # 2014Q1 is the last quarter of the window
    assert list(table["raises_later"]) == [0, 1, 0]
    assert list(table["amount_m"]) == [2, 2, 0]
    assert table["twin_raises_later"].tolist()[:2] == [1, 0] and math.isnan(table.loc[5, "twin_raises_fund"])
    assert list(table["one_past"]) == [True, True, False] and list(table["twin"]) == [True, True, False]


def made_up(truth=0.2, seeds=4, many=800):
    """Panels of applicants of whom the admitted gain `truth`."""
    frames = []
    for seed in range(seeds):
        chance = np.random.default_rng(seed)
        margin = chance.normal(-0.5, 1, many)
        base = chance.random(many)
        odds = (0.3 + 0.25 * margin).clip(0, 1)
        without = (base < odds).astype(float)
        values = (base < odds + truth * (margin >= 0)).astype(float)
        table = {"seed": seed, "startup_id": np.arange(many), "competition": np.arange(many) % 40, "margin": margin}
        table |= {name: chance.normal(size=many) for name in cutoff.BEFORE}
        table |= {"admitted": margin >= 0, "twin": True, "one_past": True, "score": margin}
        table |= dict.fromkeys(cutoff.OUTCOMES, values) | {f"twin_{name}": without for name in cutoff.OUTCOMES}
        frame = pd.DataFrame(table)
        order = frame.assign(far=frame["margin"].abs()).groupby(["competition", "admitted"])["far"].rank("first")
        frames.append(frame.assign(rank=order * np.where(frame["admitted"], 1, -1)))
    return pd.concat(frames, ignore_index=True)


def test_the_estimate_finds_the_truth_by_twins_and_the_difference_of_means_does_not():
    table = made_up()
    read = cutoff.read(table)
    assert read.truth.low < 0.2 < read.truth.high and read.refused.value == 0
    assert abs(read.jump.value - read.truth.value) < 2 * read.jump.error
    assert read.means.low > read.truth.high
    checks = papers.checks_of_cutoff("grant", table, "raises_fund")
    assert sum(check.passes is False for check in checks) <= 1
    chance = np.random.default_rng(8)
    moves = table["margin"].between(-0.5, 0) & (chance.random(len(table)) < 0.6)
    crowded = table.assign(margin=np.where(moves, chance.uniform(0, 0.2, len(table)), table["margin"]))
    (density,) = (one for one in papers.checks_of_cutoff("grant", crowded, "raises_fund") if "density" in one.check)
    assert density.passes is False


def test_missing_twins_bound_the_truth():
    table = made_up()
    gone = table.assign(twin=table.index % 10 > 0)
    gone.loc[~gone["twin"], ["twin_raises_fund", "one_past"]] = [np.nan, False]
    low, high = cutoff.bounds(gone, 0.5)
    assert low < 0.2 < high and high - low == pytest.approx(0.1, abs=0.03)


# ---------------------------------------------------------------- entry


def test_stacks_have_controls_of_their_competition_and_matched_ones():
    firms = [{"startup_id": i, "born": "2011Q1"} for i in (1, 2, 3, 4)]
    ours = run(
        startups=firms,
        applications=[application(1, 2.0, True), application(2, 1.0, False), application(4, -9.0, False)],
        rounds=[deal(1, "2012Q2"), deal(3, "2012Q3", investor="angel")],
    )
    theirs = run(startups=firms, rounds=[deal(1, "2013Q1")])
    table = entry.panel(1, ours, theirs, "it")
    assert set(table.loc[(table["controls"] == "refused") & ~table["enters"], "startup_id"]) == {2}
    assert set(table.loc[(table["controls"] == "matched") & ~table["enters"], "startup_id"]) <= {2, 3, 4}
    entrant = table[table["enters"] & (table["controls"] == "refused")].set_index("event")
    assert list(entrant.index) == list(range(-4, 9))  # born four quarters before
    assert entrant.index[entrant["raised"] == 1].tolist() == [1] and entrant.index[entrant["inside"] == 1][0] == 0
    assert entrant.index[entrant["twin_raised"] == 1].tolist() == [4] and entrant["one_past"].all()


def stacks(truth=0.1, firms=400):
    """Entrants and refused of 20 competitions, who raise more and more the better they are."""
    chance = np.random.default_rng(4)
    rows = []
    for firm in range(firms):
        good, enters = chance.random() * 0.2, firm % 2 == 0
        for event in range(-8, 9):
            luck, inside = chance.random(), enters and event >= 0
            base = 0.1 + good + 0.1 * enters + 0.01 * event
            rows.append((firm, firm // 2 % 20, event, enters, float(inside), luck < base + truth * inside, luck < base))
    frame = pd.DataFrame(rows, columns=["startup_id", "stack", "event", "enters", "inside", "raised", "twin_raised"])
    frame = frame.astype({"raised": float, "twin_raised": float}).assign(seed=1, one_past=True, old=True)
    frame = frame.assign(amount_m=frame["raised"] * 2, twin_amount_m=frame["twin_raised"] * 2)
    return pd.concat([frame.assign(controls=name) for name in entry.CONTROLS], ignore_index=True)


def test_entry_is_found_beside_its_truth():
    table = stacks()
    before = table.loc[table["enters"] & (table["event"] < 0), "raised"].mean()
    read = entry.chance(table)
    assert read.effect.low < 100 * 0.1 / before < read.effect.high and read.entrants == 200
    assert read.truth.low < 100 * 0.1 / before < read.truth.high and read.truth_error < read.effect.error
    money = entry.amount(table)
    assert money.effect.low < money.truth.value < money.effect.high
    in_yuan, in_millions = (entry.amount(table, how="log", unit=unit).effect.value for unit in (1e-6, 1.0))
    assert in_yuan > 2 * in_millions  # the unit decides
    paths = entry.paths(table).set_index(["group", "event"])["percent"]
    assert paths["entrants", -1] == paths["twins", -1] and paths["entrants", 4] > paths["twins", 4]


# ---------------------------------------------------------------- cities, sectors, districts


def replicas(truth=0.2, n=24, noise=0.1):
    """Cities with luck that both of their runs share, and some that they do not."""
    rows = []
    starts = cities.starts(range(n), 2014, 6)
    for seed, start in starts.items():
        chance = np.random.default_rng(seed)
        level = chance.normal()
        for year in range(2010, 2025):
            shared, after = level + 0.05 * year + noise * chance.normal(), year >= start
            for arm in ("with", "without"):
                moved = after and arm == "with"
                public = 1.0 * moved + 0.01 * chance.normal()
                rows.append((seed, arm, year, start, np.exp(shared + truth * moved), public, 5 + 0.8 * public + shared))
    return pd.DataFrame(rows, columns=["seed", "arm", "year", "start", "births", "public_bn", "private_bn"])


def test_a_roll_out_over_cities_is_found_and_many_assignments_centre_on_the_truth():
    table = replicas()
    read = cities.effect(table, "births")
    percent = 100 * math.expm1(0.2)
    assert read.truth.value == pytest.approx(percent) and read.cities == 24
    assert read.effect.low < percent < read.effect.high
    assert abs(np.mean(read.assigned) - percent) < 2 and read.rejecting < 0.15
    staggered = cities.callaway_santanna(table, "births").percent()
    assert staggered.low < percent < staggered.high


def test_counts_with_zeros_go_by_poisson():
    chance = np.random.default_rng(3)
    table = replicas(truth=0.4, n=40)
    table["births"] = chance.poisson(2.5 * np.exp(0.4 * ((table["arm"] == "with") & (table["year"] >= table["start"]))))
    read = cities.effect(table, "births")
    percent = 100 * math.expm1(0.4)
    assert read.design == cities.POISSON and read.cities == 40
    assert read.truth.low < percent < read.truth.high and read.effect.low < percent < read.effect.high


def test_cohorts_are_as_many_of_one_year_as_of_another_and_drawn_once():
    starts = cities.starts(range(1, 13), 2014, 6)
    assert sorted(starts.values()) == sorted([*range(2014, 2020)] * 2)
    assert starts == cities.starts(range(1, 13), 2014, 6) and list(starts.values()) != sorted(starts.values())


def test_private_money_a_public_yuan():
    effect, strength, ends, truth = cities.ratio(replicas(), "private_bn", "public_bn")
    assert truth.value == pytest.approx(0.8) and ends[0] < 0.8 < ends[1] and strength > 50
    assert effect.low < 0.8 < effect.high


def rounds_of(trend, truth, spill, n=12):
    """First rounds of four sectors of which the treated have a trend of their own."""
    rows = []
    for seed in range(n):
        for arm in ("with", "without"):
            chance = np.random.default_rng(seed)
            for event in range(-12, 12):
                for sector in "abcd":
                    treated, after = sector in "ab", arm == "with" and event >= 0
                    size = trend * treated * event / 4 + after * (truth if treated else spill)
                    for _ in range(5):
                        rows.append((seed, arm, sector, treated, event, event // 4, size + 0.3 * chance.normal()))
    names = ["seed", "arm", "sector", "treated", "event", "year", "log_amount"]
    return pd.DataFrame(rows, columns=names).assign(quarter=0)


def test_a_trend_of_sectors_is_no_effect_and_the_run_without_the_policy_says_so():
    read = sectors.read(rounds_of(trend=0.05, truth=-0.2, spill=0.0))
    assert read.placebo.low > 5  # trend alone
    assert read.truth.value == pytest.approx(100 * math.expm1(-0.2), abs=0.5) and abs(read.controls.value) < 0.5
    rows, checks = papers.laboratories(rounds_of(trend=0.05, truth=-0.2, spill=0.0))
    net = rows[1].estimate
    assert abs(net.value - read.truth.value) < 5 < abs(rows[0].estimate.value - read.truth.value)
    assert checks[0].passes is False


def test_what_reaches_all_sectors_is_seen_by_no_comparison_within_a_city():
    read = sectors.read(rounds_of(trend=0.0, truth=-0.2, spill=-0.2))
    assert read.effect.low < 0 < read.effect.high and read.controls.value < -15


def test_neighbouring_districts():
    """The treated gain 10 of 100 and draw 5 of them from their neighbours."""
    chance, rows = np.random.default_rng(1), []
    for quarter in QUARTERS:
        after = quarter >= "2014Q1"
        for name, moved in (("A", 10), ("B", -5), ("C", 0), ("D", -5), ("E", 10)):
            base = 100 + 3 * chance.normal()
            row = {"quarter": quarter, "district": name} | dict.fromkeys(districts.OUTCOMES, base + moved * after)
            rows.append((row, row | dict.fromkeys(districts.OUTCOMES, base)))
    ours, theirs = (pd.DataFrame([pair[i] for pair in rows]) for i in (0, 1))
    runs = [run(), run()]
    for one, table in zip(runs, (ours, theirs), strict=True):
        one.districts = table
    frames = [districts.panel(s, *runs, quarter_of("2014Q1"), {"A", "E"}, {"B", "D"}) for s in (1, 2)]
    table = pd.concat(frames)
    neighbours, others = (districts.read(table, controls=name) for name in ("neighbours", "others"))
    assert neighbours.effect.value == pytest.approx(15, abs=2) and others.effect.value == pytest.approx(10, abs=2)
    assert neighbours.truth.value == pytest.approx(10, abs=0.5)
    assert neighbours.controls.value == pytest.approx(-5, abs=0.5)


# ---------------------------------------------------------------- the verb


SMALL = {"configs": str(small.OWN), "city": "lakeside", "scale": 0.1, "city_scale": 0.1, "end": "2010Q4"}
FEW = {"runs": 2, "cities": 4, "begins": 2007, "cohorts": 2, "mechanism.environment.spin_up_quarters": 0}


@pytest.mark.slow
def test_the_verb_leaves_its_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = [f"{key}='{value}'" if key == "configs" else f"{key}={value}" for key, value in (SMALL | FEW).items()]
    assert cli.main(["evidence", *words, "figures=[png]", "workers=1"]) == 0
    told = capsys.readouterr().out
    (folder,) = (tmp_path / "results").rglob("evidence.json")
    folder = folder.parent
    assert (folder / "DONE").is_file() and (folder / "figures" / "natural_experiments.png").is_file()
    loaded = sim.load(folder)
    assert isinstance(loaded, evidence.Evidence)
    assert list(loaded.judged["id"]) == sorted(evidence.targets().index, key=list(loaded.judged["id"]).index)
    assert set(loaded.judged["id"]) == set(evidence.targets().index) and len(loaded.judged) == 14
    assert set(loaded.table["verdict"]) <= {"agrees", "below", "above", "wrong sign", "cannot be told"}
    assert {path.stem for path in (folder / "panels").iterdir()} == {*runs.CITIES, *runs.OUTCOME, "sandbox"}
    book = pd.read_csv(folder / "codebook.csv")
    assert set(book.loc[book["table"] == "evidence", "column"]) == set(loaded.table.columns)
    assert loaded.headline in told and all(len(line) <= 106 for line in str(loaded).splitlines())
    again = evidence.assess(loaded.about, loaded.panels, evidence.targets())
    pd.testing.assert_frame_equal(again.table, loaded.table, check_dtype=False)  # the panels are all that is needed


def test_what_cannot_be_asked(tmp_path):
    with pytest.raises(sim.settings.refusals.ConfigError, match="too late to see anything"):
        small.config(*small.LAKESIDE, "experiment=evidence", "begins=2009", "cohorts=6", "end=2012Q4")
