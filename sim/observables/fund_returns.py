"""Returns of funds: what partners paid in, what they got back, what is left.

The table `funds` of a run has flows of a quarter, so a total is a sum over its rows:

    called        yuan that partners paid in: investments and fees
    distributed   yuan that they got back
    left          what a fund that is not wound up holds at its last row: cash, and stakes at their last round's value
    dpi           distributed / called
    tvpi          (distributed + left) / called
    irr           the yearly rate at which calls, distributions and what is left have a present value of zero

A fund that was raised before the first quarter has flows that nobody recorded, and is left out. Young funds have an
IRR of what is only valued: `ended` is the share of funds that are wound up, of which nothing is valued any more.
"""

import numpy as np
import pandas as pd
from scipy.optimize import brentq

QUARTERS = 4  # a year
LOWEST, HIGHEST = -0.9, 2.0  # a quarter: no rate beyond is looked for


def table(funds, by="fund"):
    """A row a fund, or with by="vintage" a row a year of closing, from the table `funds` of a run."""
    if by not in ("fund", "vintage"):
        raise ValueError(f"fund_returns by={by}: should be fund or vintage")
    first = funds["quarter"].min()
    funds = funds.assign(closed=funds.groupby("fund_id")["vintage"].transform("last"))
    funds = funds[funds["closed"].notna() & (funds["closed"] > first)]
    dates = {quarter: n for n, quarter in enumerate(sorted(funds["quarter"].unique()))}
    funds = funds.assign(date=funds["quarter"].map(dates).astype(float), vintage=funds["closed"].astype(str).str[:4])
    last = funds["date"] == funds.groupby("fund_id")["date"].transform("max")
    over = funds.groupby("fund_id")["ended_in_quarter"].transform("any")
    funds = funds.assign(over=over, left=(funds["nav_cny"] + funds["cash_cny"]).where(last & ~over, 0))
    keys = ["fund_id", "kind", "vintage"] if by == "fund" else ["vintage"]
    rows = []
    for key, of in funds.groupby(keys, sort=True):
        called, back = of["called_in_quarter_cny"].sum(), of["distributed_in_quarter_cny"].sum()
        left = of["left"].sum()
        dates_all = np.append(of["date"].to_numpy(), np.full(len(of), max(dates.values(), default=0) + 1.0))
        flows = np.append(
            (of["distributed_in_quarter_cny"] - of["called_in_quarter_cny"]).to_numpy(float), of["left"].to_numpy(float)
        )
        rows.append(
            {
                **dict(zip(keys, key, strict=True)),
                "funds": of["fund_id"].nunique(),
                "called_cny": called,
                "distributed_cny": back,
                "left_cny": left,
                "dpi": back / called if called else np.nan,
                "tvpi": (back + left) / called if called else np.nan,
                "irr": irr(flows, dates_all),
                "ended": of.drop_duplicates("fund_id")["over"].mean(),
            }
        )
    columns = [*keys, "funds", "called_cny", "distributed_cny", "left_cny", "dpi", "tvpi", "irr", "ended"]
    return pd.DataFrame(rows, columns=columns)


def irr(flows, dates):
    """The yearly rate at which flows at `dates` (quarters) have a present value of zero; missing without one."""

    def worth(rate):
        return float(np.sum(flows / (1.0 + rate) ** (dates - dates.min())))

    if not len(flows) or worth(LOWEST) * worth(HIGHEST) >= 0:
        return np.nan
    return (1.0 + brentq(worth, LOWEST, HIGHEST)) ** QUARTERS - 1.0
