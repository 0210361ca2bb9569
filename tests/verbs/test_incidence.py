"""Where the public yuan ends: by hand numbers, and to the yuan in the books of a simulated city."""

import hand_made
import pytest

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
    assert classes.ends_cny[classes.ends_cny != 0].to_dict() == {
        "employees": 68,
        "startups": 50,
        "landlords": 40,
        "world": 30,
        "treasury": 12,
    }
    assert classes.first_cny[classes.first_cny != 0].to_dict() == {"startups": 200}
    assert classes.ends_share["employees"] == pytest.approx(0.34) and classes.ends_low["employees"] == pytest.approx(
        0.34
    )
    assert classes.mean_cny["landlords"] == 20
    assert classes.ends_share.sum() == pytest.approx(1) and classes.first_share.sum() == pytest.approx(1)


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
    ends = incidence.booked(run, "2010Q1")["ends_cny"]
    assert ends[ends != 0].to_dict() == {"founders": 23, "angels": 15, "employees": 5, "startups": 7, "corporates": -50}


def test_without_outlay_there_are_no_shares():
    classes = table([GRANT], [GRANT])
    assert (
        (classes.ends_cny == 0).all()
        and classes.ends_share.isna().all()
        and (classes.why == "extra outlay: none").all()
    )


def test_the_books_of_a_city_to_the_yuan(lakeside):
    """What classes got is what their purses hold, counted from the agents, but for what they took home; nothing is
    lost.
    """
    run = hand_made.run()
    run.__dict__ |= outcomes.of_run(lakeside.panels.tables(outcomes.MADE), outcomes.Arrivals().table(), lakeside.scale)
    booked = incidence.booked(run, "2006Q1")
    assert all(isinstance(amount, int) for column in booked for amount in booked[column])
    assert booked["first_cny"].sum() == booked["ends_cny"].sum() > 0
    state = lakeside.state
    assert booked["ends_cny"]["startups"] == state.startups.used.cash.sum()
    owners = run.flows[run.flows.payee == "world"].groupby(["payer", "transaction"])["amount_cny"].sum()
    assert booked["ends_cny"]["landlords"] == state.treasury.rows.landlords[0] + owners["landlords", "profits"]
    assert booked["ends_cny"]["vcs"] == state.gps.used.cash.sum() + owners["gps", "partners"]
    own_money = run.flows[(run.flows.transaction == "lp_allocation") & (run.flows.payer == "world")]["amount_cny"].sum()
    assert (
        booked["ends_cny"]["lps_and_funds"]
        == state.funds.used.cash.sum() + state.lps.used.cash.sum() + owners["lps", "lp_allocation"] - own_money
    )
    paid = run.flows.groupby(["transaction", "payer"])["amount_cny"].sum()
    assert (
        booked["ends_cny"]["founders"]
        == run.startups.to_founders_cny.sum() - paid["founder_capital", "persons"] - paid["debt_service", "persons"]
    )
    assert (
        booked["ends_cny"]["treasury"]
        == run.flows[(run.flows.payee == "government") & (run.flows.transaction != "public_debt")]["amount_cny"].sum()
    )
