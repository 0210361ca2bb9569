"""The frozen data of the notebooks: eight seeds at a tenth of the city, with policies, without any, with zones.

    python experiments/classroom.py --output classroom            the tables, into a new folder: three minutes
    python experiments/classroom.py --output csv --from FOLDER    the same tables as csv, for R and Stata

Arms: `history`, the policies of history; `none`, no policy; `zones`, none but three innovation zones from 2016Q1.
The same seed is the same luck in all arms. Every table begins with `arm` and `seed`; what a column says stands in
codebook.csv. Panels are at full size, tables of firms, funds, rounds and applications as simulated, a tenth of it.
"""

import argparse
import io
import itertools
import json
from pathlib import Path

import pandas as pd

import sim
from sim.observables.written import read_csv
from sim.runs import records
from sim.runs.folders import write_csv, write_json
from sim.runs.processes import side_by_side
from sim.settings import config as configs
from sim.sweep.replicate import read_table, write_table

SEEDS, SCALE = range(1, 9), 0.1
ZONES = ["innovation_zone_zhangjiang", "innovation_zone_yangpu", "innovation_zone_minhang"]
ZONES_START = "2016Q1"  # as reported
ARMS = {
    "history": {"policy": "history"},
    "none": {"policy": []},
    "zones": {"policy": ZONES, **{f"policy.{zone}.start": ZONES_START for zone in ZONES}},
}
REPORTED = ["id", "role", "period", "unit", "reported", "low", "high", "simulated", "verdict", "conflict_group"]
OF_ZONES = ("city", "district")  # the tables that are kept of the arm with zones
COLUMNS = {  # table -> what is kept of it; all of others
    "city": (
        "quarter year workforce employed founders returnee_residents startups_founded startups_alive "
        "startups_funded_alive startups_failed startup_jobs startup_revenue_cny vc_raised_cny vc_private_cny "
        "angel_raised_cny patient_raised_cny equity_raised_cny rounds first_rounds rounds_hard_tech rounds_consumer "
        "vc_firms lp_commitments_in_quarter_cny guidance_called_in_quarter_cny fund_nav_cny ipos acquisitions "
        "exit_value_cny returnees returnees_china returnee_share wage_cny office_rent_cny_m2 home_rent_cny_m2 "
        "district_concentration tax_cny public_spending_cny public_debt_cny"
    ),
    "district": (
        "quarter year district ring area_km2 persons startups_founded startups_alive startup_jobs vc_raised_cny "
        "office_rent_cny_m2 home_rent_cny_m2 office_stock_m2 knowledge"
    ),
    "sector": "quarter year sector startups_founded startups_alive exits startup_jobs vc_raised_cny rounds wage_cny",
    "funds": (
        "fund_id gp_id number kind local patient vintage quarter year ended_in_quarter target_cny "
        "committed_in_quarter_cny guidance_in_quarter_cny private_in_quarter_cny called_in_quarter_cny "
        "guidance_called_in_quarter_cny invested_in_quarter_cny distributed_in_quarter_cny fees_in_quarter_cny "
        "carry_in_quarter_cny nav_cny cash_cny"
    ),
    "policy": (
        "policy quarter year spent_in_quarter_cny recovered_in_quarter_cny administration_in_quarter_cny "
        "take_up_in_quarter"
    ),
    "applications": (
        "application_id policy quarter year startup_id decided answer again score places worst_admitted best_refused "
        "admitted amount_cny age_quarters stage rounds_to_date progress headcount district sector"
    ),
    "startups": (
        "startup_id founder_id origin experience born ended life sector district hard_tech subsidised_desk stage "
        "rounds_to_date headcount revenue_cny raised_to_date_cny last_round founder_share sandbox_from"
    ),
    "rounds": "startup_id round stage quarter year investor amount_cny guided",
}


def kept(arm_and_seed):
    """Name -> what is kept of a run, the row that tells of it, and its codebook."""
    arm, seed = arm_and_seed
    run = sim.run(seed=seed, scale=SCALE, progress=False, **ARMS[arm])
    names = OF_ZONES if arm == "zones" else COLUMNS
    tables = {name: getattr(run, name)[COLUMNS[name].split()] for name in names}
    if "rounds" in tables:
        tables["rounds"] = _by_round(tables["rounds"])
    if "policy" in tables:  # a quarter in which nothing was paid says nothing
        paid = tables["policy"].iloc[:, 3:].any(axis=1)
        tables["policy"] = tables["policy"][paid]
    tables = {name: frame.assign(arm=arm, seed=seed) for name, frame in tables.items()}
    row = {"arm": arm, "seed": seed, "scale": SCALE, "policies": " ".join(run.about["policies"])}
    reported = run.reported[REPORTED].assign(arm=arm, seed=seed)
    extra = {"reported": reported} if arm == "history" else {}
    return tables | extra, row | {"fingerprint": run.about["fingerprint"]}, run.codebook


def _by_round(rounds):
    """A row a round: the money, whether a fund is in it, and whether one of the guided ones is."""
    of = rounds[rounds["round"] > 0].assign(fund=rounds["investor"].eq("fund"))
    keys = ["startup_id", "round", "stage", "quarter", "year"]
    return of.groupby(keys, as_index=False, observed=True).agg(
        amount_cny=("amount_cny", "sum"), fund=("fund", "any"), guided=("guided", "any")
    )


def main():
    """Make the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--from", dest="made", type=Path, help="folder of tables to be written as csv")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    asked.output.mkdir(parents=True)
    if asked.made is not None:
        for path in sorted(asked.made.glob("*.*")):
            if path.suffix in (".csv", ".parquet"):
                read_table(path.with_suffix("")).to_csv(asked.output / f"{path.stem}.csv", index=False)
        return
    whole, rows = {}, []
    with side_by_side(asked.workers) as each:
        for tables, row, book in each(kept, itertools.product(ARMS, SEEDS)):
            rows.append(row)
            codebook = book  # the same of all
            for name, frame in tables.items():
                whole.setdefault(name, []).append(frame)
    for name, frames in whole.items():
        frame = pd.concat(frames, ignore_index=True)
        write_table(asked.output / name, frame[["arm", "seed", *frame.columns.drop(["arm", "seed"])]])
    write_csv(asked.output / "runs.csv", pd.DataFrame(rows))
    write_csv(asked.output / "codebook.csv", _codebook(codebook))
    districts = read_csv(io.StringIO(records.districts(configs.load([]))))
    write_csv(asked.output / "districts.csv", districts)
    about = {"seeds": list(SEEDS), "scale": SCALE, "arms": list(ARMS), "zones_start": ZONES_START}
    write_json(asked.output / "about.json", about | {"command": "python experiments/classroom.py --output classroom"})
    print(json.dumps(about))


def _codebook(book):
    """The codebook of a run for the columns that are kept, and for those that are made here."""
    kept_columns = {(table, column) for table, names in COLUMNS.items() for column in names.split()}
    pairs = pd.Series(list(zip(book["table"], book["column"], strict=True)), book.index)
    here = pairs.isin(kept_columns)
    made = [
        *(
            row
            for table in COLUMNS
            for row in (
                (table, "arm", "history, none or zones: the policies of the run"),
                (table, "seed", "the luck of the run, the same in all arms"),
            )
        ),
        ("rounds", "fund", "a venture fund is among the investors"),
        ("rounds", "guided", "one with money of the guidance fund is"),
    ]
    more = pd.DataFrame(made, columns=["table", "column", "meaning"])
    book = book[here & ~((book["table"] == "rounds") & book["column"].isin(["investor", "guided"]))]
    told = ["table", "column", "type", "unit", "kind", "missing", "meaning"]
    return pd.concat([more, book[told]]).sort_values("table", kind="stable")[told].reset_index(drop=True)


if __name__ == "__main__":
    main()
