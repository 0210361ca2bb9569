"""Whom the public yuan reaches first, and what each class then gets more: from the books of both arms.

The transaction-flow matrix of every quarter closes, hence also its difference between two arms with one seed. With D
the difference, summed over the window, and G the government,

    first    = D[transaction, G, payee], whom the treasury pays more: grants, subsidies, capital, claims, administration
    receipts = received less paid of each class, from all others: the first round, all later ones, and the money of
               others that the policy moves

First-round incidence is exact. Receipts are not where a public yuan ends, which no books tell: investors, customers and
partners who put in more of their own stand with a negative part, and the treasury with what it gets more (taxes, land,
fines, what funds and partners give back). They sum to the outlay to the yuan. What a class then does with its own
(consume, take home profits and partners' pay, shift between its assets, bring along or take away its savings)
changes nothing in what it got; nor do borrowing, repaying and public services of the treasury. Amounts are
undiscounted.

Persons are split by transaction, and what they get at exits by the table of exits:

    founders    their part at exits and wind-ups, less capital paid in and debts served after a failure
    angels      what else persons get from stakes, less what they paid for them
    employees   wages (founders' own salaries among them: the books do not part these), grants, employees' shares,
                less income tax and rent
"""

import numpy as np
import pandas as pd

from sim.statistics import intervals

CLASSES = {  # name -> what it is
    "founders": "their part at exits less capital paid in and debts served",
    "angels": "persons' other proceeds of stakes less what they paid",
    "employees": "wages, grants and shares of employees and founders' salaries, less income tax and home rent",
    "startups": "left in the tills of startups",
    "corporates": "incumbents and acquirers, their owners behind them",
    "landlords": "rents and subsidies, less property tax and land bought",
    "vcs": "fees and carry of venture firms",
    "lps_and_funds": "partners and their funds, promises of the guidance fund not yet called among them",
    "administration": "paid for running programmes and for the damage of incidents",
    "world": "suppliers, customers, stock markets and creditors elsewhere",
    "treasury": "back to the treasury: tax, land, fines, money recovered",
}
# Between a class and the world, but no payment for anything: what a class does with its own.
OWN_USE = {"household_spending", "migration", "profits", "partners", "lp_allocation", "public_debt", "public_services"}
OVERHEAD = {"administration", "incidents"}  # of the government
CLASS_OF = {
    "startups": "startups",
    "corporates": "corporates",
    "gps": "vcs",
    "funds": "lps_and_funds",
    "lps": "lps_and_funds",
    "landlords": "landlords",
    "world": "world",
    "government": "treasury",
}
COLUMNS = [
    "class",
    "what",
    "first_cny",
    "first_share",
    "first_mean_cny",
    "receipts_sum_cny",
    "receipts_cny",
    "receipts_low",
    "receipts_high",
    "runs",
]
FOUNDERS_PAY = {"founder_capital", "debt_service"}
STAKES = {"equity", "acquisition", "listing", "transfer_of_stakes", "liquidation", "buyback"}


def booked(run, first):
    """DataFrame by class of what a run's government paid to it (`first_cny`) and what it received more than paid
    (`receipts_cny`), from `first` on.

    Python integers in yuan as simulated. The treasury's `receipts_cny` is what it received; all sum to what it paid.
    """
    flows = run.flows[run.flows["quarter"] >= first]
    exits = run.startups[run.startups["ended"].fillna("") >= first]
    at_exits = {"founders": int(exits["to_founders_cny"].sum()), "employees": int(exits["to_employees_cny"].sum())}
    sums = flows.groupby(["transaction", "payer", "payee"])["amount_cny"].sum()
    paid = dict.fromkeys(CLASSES, 0)
    ends = dict.fromkeys(CLASSES, 0)
    for (transaction, payer, payee), amount in sums.items():
        amount = int(amount)
        if transaction in OWN_USE or transaction == "acquisition" and payer == "world":  # a buyer's owners finance it
            continue
        gets, gives = _class(transaction, payee), _class(transaction, payer)
        if payer == "government":
            gets = "administration" if transaction in OVERHEAD else gets
            paid[gets] += amount
        else:
            ends[gives] -= amount
        ends[gets] += amount
    for persons, proceeds in at_exits.items():  # of what persons get for stakes
        ends[persons] += proceeds
        ends["angels"] -= proceeds
    return pd.DataFrame({"first_cny": paid, "receipts_cny": ends}, dtype=object)


def _class(transaction, sector):
    """The class of a payer or payee."""
    if sector != "persons":
        return CLASS_OF[sector]
    if transaction in FOUNDERS_PAY:
        return "founders"
    return "angels" if transaction in STAKES else "employees"


def incidence(policy, against, about):
    """One row per class from two arms, lists of Reduced in the order of the seeds.

    `first_cny` and `receipts_sum_cny` are sums over all pairs in yuan as simulated, exact integers; both sum to the
    extra outlay. `first_share` is a part of it. `first_mean_cny` and `receipts_cny` are per pair at full size, the
    latter with its interval over seeds.
    """
    first, runs, scale = about["first_quarter"], len(policy), about["scale"]
    extra = [booked(one, first) - booked(other, first) for one, other in zip(policy, against, strict=True)]
    total = sum(extra)
    outlay = sum(total["first_cny"])
    rows = []
    for name, what in CLASSES.items():
        reached, received = total.loc[name]
        by_seed = np.array([float(one.loc[name, "receipts_cny"]) for one in extra]) / scale
        share = reached / outlay if outlay > 0 else np.nan
        rows.append((name, what, reached, share, reached / runs / scale, received, *intervals.mean(by_seed), runs))
    return pd.DataFrame(rows, columns=COLUMNS)
