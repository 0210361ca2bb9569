"""A made-up run folder for the figures: tables of the right shape with plausible numbers, no model behind them."""

import json

import numpy as np
import pandas as pd
import yaml

from sim.world.calendar import quarter_name, quarter_of

SHANGHAI = pd.DataFrame(
    [
        ("PD", "Pudong", 3, 4, 5_681_512),
        ("HP", "Huangpu", 3, 3, 662_030),
        ("XH", "Xuhui", 3, 2, 1_113_078),
        ("CN", "Changning", 3, 1, 693_051),
        ("JA", "Jing'an", 2, 2, 975_707),
        ("PT", "Putuo", 2, 1, 1_239_800),
        ("HK", "Hongkou", 2, 3, 757_498),
        ("YP", "Yangpu", 1, 3, 1_242_548),
        ("MH", "Minhang", 4, 2, 2_653_489),
        ("BS", "Baoshan", 1, 2, 2_235_218),
        ("JD", "Jiading", 1, 1, 1_834_258),
        ("JS", "Jinshan", 5, 1, 822_776),
        ("SJ", "Songjiang", 4, 1, 1_909_713),
        ("QP", "Qingpu", 4, 0, 1_271_424),
        ("FX", "Fengxian", 5, 2, 1_140_872),
        ("CM", "Chongming", 0, 2, 637_921),
    ],
    columns=["code", "name", "tile_row", "tile_col", "population"],
)
TOWN = pd.DataFrame(
    [("NA", "North", 0, 1, 900), ("WE", "West", 1, 0, 400), ("EA", "East", 1, 1, 700), ("SO", "South", 2, 1, 300)],
    columns=["code", "name", "tile_row", "tile_col", "population"],
)
POLICIES = {
    "returnee_programme": "2006Q1",
    "talent_visas": "2013Q3",
    "sandbox": "2016Q3",
    "failure_compensation": "2016Q1",
    "guidance_fund": "2015Q4",
    "patient_capital": "2024Q3",
    "sandbox_2": "2025Q1",
    "always": None,
}
REPORTED = [  # id, role, reported, low, high, unit, simulated; the last column invented
    ("vc_raised_2024_a0", "target", 28.7, 24.4, 33.0, "USD bn/yr", 17.3),
    ("vc_rank_beijing_2024", "holdout", None, None, None, "rank", 0),
    ("vc_raised_2024_a3", "target", 38, 32.3, 43.7, "USD bn/yr", 33.1),
    ("hard_tech_deal_share_2024", "target", 0.68, 0.53, 0.83, "share of deals", 0.61),
    ("consumer_internet_deal_share_2024", "target", 0.41, 0.21, 0.61, "share of deals", 0.09),
    ("vc_firms_2024", "input", 300, 300, None, "firms", 300),
    ("startups_founded_2024", "target", 3200, 2720, 3680, "startups/yr", 3011),
    ("firms_established_3y", "target", 7000, 7000, 10500, "firms/3yr", 8876),
    ("zhangjiang_firms_stock", "holdout", 8000, 8000, 12000, "firms", 612),
    ("zhangjiang_biotech_firms", "holdout", 1200, 900, 1500, "firms", 1010),
    ("autonomous_driving_startups_lingang", "holdout", 78, 59, 98, "startups", 0),
    ("returnee_share_now", "target", 0.43, 0.38, 0.48, "share of China's returning overseas tech talent", 0.44),
    ("returnee_stem_share", "holdout", 0.35, 0.3, 0.4, "share of China's returning overseas STEM graduates", 0.47),
    ("returnees_flow_2024", "target", 15000, 15000, 19500, "persons/yr", 15012),
    ("returnee_programme_stock", "target", 80000, 80000, 104000, "persons since 2018", 91200),
    ("unicorn_example_valuation", "holdout", 3.2, None, None, "USD bn", 41.0),
    ("tech_workforce_growth", "context", 0.28, None, None, "1/yr", 0.02),
    ("high_tech_firms_stock", "context", 7000, None, None, "firms", 9200),
    ("office_cost_premium_shenzhen", "target", 0.42, 0.36, 0.48, "relative to Shenzhen", 0.52),
    ("robotaxi_fleet_2026", "context", 5000, None, None, "vehicles", None),
    ("guidance_fund_private_catalysed", "target", 300, 300, 450, "CNY bn", 322),
]


def write(folder, districts=SHANGHAI, start="2006Q1", end="2024Q4", startups=30_000, exits=True, seed=5):
    """Fill `folder` with the tables that figures read; returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(seed)
    quarters = np.arange(quarter_of(start), quarter_of(end) + 1)
    firms = firm_lives(draw, quarters, startups)
    tables = {
        "city": city_panel(draw, quarters, firms, exits),
        "district": district_panel(draw, quarters, firms, districts),
        "startups": firms.assign(born=names(firms["born"]), ended=names(firms["ended"])),
        "rounds": rounds_of(draw, quarters, firms),
    }
    for name, table in tables.items():
        table.to_parquet(folder / f"{name}.parquet", index=False)
    columns = ["id", "role", "reported", "low", "high", "unit", "simulated"]
    judged(pd.DataFrame(REPORTED, columns=columns)).to_csv(folder / "reported.csv", index=False)
    districts.to_csv(folder / "districts.csv", index=False)
    config = {
        "city": {"name": "made_up", "history": "2016Q1"},
        "policy": {name: {"start": when} for name, when in POLICIES.items()},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    about = {"first_quarter": start, "last_quarter": end, "seed": seed, "scale": 1.0, "policies": list(POLICIES)}
    (folder / "run.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


def names(quarters):
    return [None if quarter is None or np.isnan(quarter) else quarter_name(int(quarter)) for quarter in quarters]


def firm_lives(draw, quarters, count):
    """Births that grow over time, deaths with a hump in the third year; some firms older than the run."""
    first, last = quarters[0], quarters[-1]
    born = first - 12 + np.floor((last - first + 12.999) * draw.random(count) ** 0.7).astype(int)
    life = np.ceil(6 + draw.lognormal(2.9, 0.9, count)).astype(int)
    ended = (born + life).astype(float)
    kept = ended >= first
    fate = draw.choice(["failed", "closed", "listed", "acquired"], count, p=[0.72, 0.2, 0.05, 0.03])
    alive = ended > last
    frame = pd.DataFrame(
        {
            "startup_id": np.arange(count) * 16,
            "born": born,
            "ended": np.where(alive, np.nan, ended),
            "life": np.where(alive, "alive", fate),
        }
    )
    return frame[kept].reset_index(drop=True)


def city_panel(draw, quarters, firms, exits):
    ended = firms["ended"].fillna(quarters[-1] + 1)
    alive = np.array([((firms["born"] <= quarter) & (ended > quarter)).sum() for quarter in quarters])
    trend = np.linspace(0.3, 1, len(quarters))
    ups = [
        ((firms["life"] == fate) & (ended == quarter)).sum() * exits
        for fate in ("listed", "acquired")
        for quarter in quarters
    ]
    ipos, acquisitions = np.reshape(ups, (2, -1))
    return pd.DataFrame(
        {
            "quarter": names(quarters),
            "year": quarters // 4,
            "startups_alive": alive,
            "startup_jobs": (alive * 18 * trend).astype(int),
            "vc_raised_cny": (50e9 * trend**2 * draw.lognormal(0, 0.2, len(quarters))).astype(int),
            "returnees": (3700 * trend * draw.lognormal(0, 0.05, len(quarters))).astype(int),
            "ipos": ipos,
            "acquisitions": acquisitions,
            "office_rent_cny_m2": (380 * trend**0.3).astype(int),
            "home_rent_cny_m2": (260 * trend**0.5).astype(int),
        }
    )


def district_panel(draw, quarters, firms, districts):
    share = draw.dirichlet(1 + 6 * districts["population"] / districts["population"].sum())
    ended = firms["ended"].fillna(quarters[-1] + 1)
    rows = []
    for quarter in quarters:
        alive = ((firms["born"] <= quarter) & (ended > quarter)).sum()
        for code, part in zip(districts["code"], share, strict=True):
            rows.append(
                (
                    quarter_name(int(quarter)),
                    quarter // 4,
                    code,
                    int(alive * part),
                    int(5e10 * part**1.5),
                    int(150 + 900 * part),
                )
            )
    return pd.DataFrame(
        rows, columns=["quarter", "year", "district", "startups_alive", "vc_raised_cny", "office_rent_cny_m2"]
    )


def rounds_of(draw, quarters, firms):
    """A third of the firms raise once, 45% of them again, and so on; two investors in some rounds."""
    rows = []
    for firm in firms[(firms["born"] >= quarters[0]) & (draw.random(len(firms)) < 0.33)].itertuples():
        when, number = firm.born + draw.integers(1, 6), 1
        end = quarters[-1] if np.isnan(firm.ended) else firm.ended
        while when <= end and number < 8:
            rows += [(firm.startup_id, number, quarter_name(int(when)), "fund", 10_000_000)] * draw.integers(1, 3)
            if draw.random() > 0.6:
                break
            when, number = when + max(1, int(draw.lognormal(1.6, 0.7))), number + 1
    return pd.DataFrame(rows, columns=["startup_id", "round", "quarter", "investor", "amount_cny"]).astype(
        {"startup_id": "int64", "quarter": "str"}
    )


def judged(metrics):
    low, high, simulated = metrics["low"], metrics["high"], metrics["simulated"]
    verdict = np.select(
        [simulated < low, simulated > high, low.notna() & simulated.notna()],
        ["below", "above", "inside"],
        "not comparable",
    )
    verdict = np.where(metrics["role"].isin(["input", "context"]), metrics["role"], verdict)
    return metrics.assign(verdict=verdict, source="made up")
