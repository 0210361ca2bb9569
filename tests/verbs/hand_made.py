"""Reduced runs made by hand: tables that a test fills, all others empty."""

import pandas as pd

from sim.observables import outcomes

EMPTY = {
    "startups": [
        *outcomes.MADE["startups"],
        "raised_private_cny",
        "exit_value_cny",
        "to_founders_cny",
        "to_employees_cny",
    ],
    "rounds": outcomes.MADE["rounds"],
    "applications": outcomes.MADE["applications"],
    "flows": outcomes.MADE["flows"],
    "policy": outcomes.MADE["policy"],
    "districts": outcomes.MADE["district"],
    "funds": ["fund_id", "vintage", "committed_to_date_cny", "guidance_to_date_cny"],
    "people": ["person_id", "subsidised_home"],
    "jobs": ["quarter", "born", "jobs"],
}
FIRM = {
    "founder_id": 1,
    "origin": "local",
    "experience": "first_time",
    "sector": "ai_software",
    "district": "PD",
    "born": "2010Q1",
    "ended": None,
    "life": "alive",
    "hard_tech": False,
    "stage": "idea",
    "headcount": 0,
    "raised_to_date_cny": 0,
    "subsidised_desk": False,
    "raised_private_cny": 0,
    "exit_value_cny": 0,
    "to_founders_cny": 0,
    "to_employees_cny": 0,
}


def run(scale=1.0, **tables):
    """A Reduced of lists of rows (dicts) by table; `startups` need but an id and what is not as in FIRM."""
    reduced = outcomes.Reduced("by hand")
    reduced.scale = scale
    tables = {**tables, "startups": [FIRM | row for row in tables.get("startups", ())]}
    for name, columns in EMPTY.items():
        rows = pd.DataFrame(tables.get(name, []), columns=columns)
        setattr(
            reduced,
            name,
            rows.astype({"subsidised_desk": bool, "ended": object})
            if name == "startups"
            else rows.astype({"admitted": bool})
            if name == "applications"
            else rows,
        )
    return reduced
