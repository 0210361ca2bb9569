"""Whom the public yuan reaches and what classes get more: by hand numbers, and to the yuan in simulated books."""

import hand_made

from sim.observables import outcomes
from sim.verbs.comparison import incidence

ABOUT = {"first_quarter": "2010Q1", "scale": 1.0}


def flow(transaction, payer, payee, amount, quarter="2010Q1"):
    return {
        "quarter": quarter,
        "year": int(quarter[:4]),
        "transaction": transaction,
        "payer": payer,
        "payee": payee,
        "amount_cny": amount,
    }


GRANT = [
    flow("grant", "government", "startups", 100),
    flow("wages", "startups", "persons", 60),
    flow("income_tax", "persons", "government", 6),
    flow("home_rent", "persons", "landlords", 20),
    flow("household_spending", "persons", "world", 30),  # what people do with what is theirs
    flow("profits", "landlords", "world", 20),
    flow("public_debt", "world", "government", 100),
    flow("purchases", "startups", "world", 15),
    flow("grant", "government", "startups", 999, quarter="2009Q4"),  # before the window
]


def table(ours, theirs=()):
    return incidence.incidence(
        [hand_made.run(flows=flows) for flows in ours],
        [hand_made.run(flows=flows) for flows in theirs or [[]] * len(ours)],
        ABOUT,
    ).set_index("class")


def test_a_grant_by_hand():
    """Of 100 to startups 60 go to employees, who keep 34 after tax and rent, 15 to suppliers elsewhere; 25 stay in the
    till.
    """
    classes = table([GRANT, GRANT])
    assert classes.receipts_sum_cny[classes.receipts_sum_cny != 0].to_dict() == {
        "employees": 68,
        "startups": 50,
        "landlords": 40,
        "world": 30,
        "treasury": 12,
    }
    assert classes.first_cny[classes.first_cny != 0].to_dict() == {"startups": 200}
    assert classes.receipts_cny["landlords"] == 20 and classes.first_mean_cny["startups"] == 100
    assert classes.first_share.to_dict() == {name: float(name == "startups") for name in incidence.CLASSES}


def test_persons_are_parted_by_the_table_of_exits():
    """Of 50 that a sale brings to persons 30 are the founders' and 5 the employees', so 15 are angels'; the buyer's
    owners pay.
    """
    flows = [
        flow("acquisition", "corporates", "persons", 50),
        flow("acquisition", "world", "corporates", 40),
        flow("founder_capital", "persons", "startups", 7),
    ]
    run = hand_made.run(
        flows=flows,
        startups=[
            {"startup_id": 1, "ended": "2010Q1", "life": "acquired", "to_founders_cny": 30, "to_employees_cny": 5}
        ],
    )
    ends = incidence.booked(run, "2010Q1")["receipts_cny"]
    assert ends[ends != 0].to_dict() == {"founders": 23, "angels": 15, "employees": 5, "startups": 7, "corporates": -50}


def test_without_outlay_there_are_no_shares():
    classes = table([GRANT], [GRANT])
    assert (classes.receipts_sum_cny == 0).all() and classes.first_share.isna().all()


def test_the_books_of_a_city_to_the_yuan(lakeside):
    """What classes got is what their purses hold, counted from the agents, but for what they took home; nothing is
    lost.
    """
    run = hand_made.run()
    run.__dict__ |= outcomes.of_run(lakeside.panels.tables(outcomes.MADE), outcomes.Arrivals().table(), lakeside.scale)
    booked = incidence.booked(run, "2006Q1")
    assert all(isinstance(amount, int) for column in booked for amount in booked[column])
    assert booked["first_cny"].sum() == booked["receipts_cny"].sum() > 0
    state = lakeside.state
    assert booked["receipts_cny"]["startups"] == state.startups.used.cash.sum()
    owners = run.flows[run.flows.payee == "world"].groupby(["payer", "transaction"])["amount_cny"].sum()
    assert booked["receipts_cny"]["landlords"] == state.treasury.rows.landlords[0] + owners["landlords", "profits"]
    assert booked["receipts_cny"]["vcs"] == state.gps.used.cash.sum() + owners["gps", "partners"]
    own_money = run.flows[(run.flows.transaction == "lp_allocation") & (run.flows.payer == "world")]["amount_cny"].sum()
    assert (
        booked["receipts_cny"]["lps_and_funds"]
        == state.funds.used.cash.sum() + state.lps.used.cash.sum() + owners["lps", "lp_allocation"] - own_money
    )
    paid = run.flows.groupby(["transaction", "payer"])["amount_cny"].sum()
    assert (
        booked["receipts_cny"]["founders"]
        == run.startups.to_founders_cny.sum() - paid["founder_capital", "persons"] - paid["debt_service", "persons"]
    )
    assert (
        booked["receipts_cny"]["treasury"]
        == run.flows[(run.flows.payee == "government") & (run.flows.transaction != "public_debt")]["amount_cny"].sum()
    )
