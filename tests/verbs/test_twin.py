"""One founder's life in both arms of the small city."""

import pandas as pd
import pytest
import small

import sim
from sim import cli
from sim.observables import lives
from sim.settings.refusals import ConfigError
from sim.verbs import twin

TOY = {
    "configs": str(small.OWN),
    "city": "lakeside",
    "scale": 0.1,
    "end": "2014Q4",
    "policy": ["toy"],
    "against": "none",
}


@pytest.fixture(scope="module")
def founders():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(small.OWN)
        return sim.twin(**TOY, **{"policy.toy.demand": 10})


@pytest.fixture
def toy(monkeypatch):
    """`sim.twin` of the small city, with vouchers that multiply sales."""
    monkeypatch.syspath_prepend(small.OWN)
    return lambda **words: sim.twin(**{**TOY, "policy.toy.demand": 10, **words})


def test_nobody_parts_before_the_start(founders):
    """Vouchers begin in 2012Q1 and were not announced."""
    assert len(founders.founders) > 0
    assert founders.founders.parts.min() >= "2012Q1"
    assert founders.founders.parts.is_monotonic_increasing and founders.founders.founder_id.is_unique
    assert str(founders.founders.founder_id.iloc[0]) in str(founders)


def test_a_life_is_one_until_the_event_that_the_list_names(founders, toy):
    row = founders.founders.iloc[0]
    twins = toy(founder=int(row.founder_id))
    parting = twins.parting
    assert parting["quarter"] <= row.parts  # work, which the list does not look at, may part first
    told = twins.life.set_index("quarter")
    assert told.same[told.index < parting["quarter"]].all() and not told.same[told.index == parting["quarter"]].all()
    assert told.index.is_monotonic_increasing
    assert (
        "2012Q1" <= parting["first_number"]["quarter"] <= parting["quarter"]
        or parting["first_number"]["quarter"] == parting["quarter"]
    )
    assert parting["first_number"]["policy"] != parting["first_number"]["against"]
    assert (twins.numbers.quarter >= "2012Q1").all()
    assert "here their lives part" in str(twins) and "The first number that differs" in str(twins)


def test_a_placebo_parts_nobody(founders, toy):
    """Vouchers of no value: the same lives to the last number."""
    nothing = {"policy.toy.demand": 1}
    assert toy(**nothing).founders.empty
    twins = toy(founder=int(founders.founders.founder_id.iloc[0]), **nothing)
    assert twins.parting is None and twins.numbers.empty and twins.life.same.all() and len(twins.life)
    assert "Nothing differs" in str(twins)


def test_the_rounds_of_a_life_are_those_of_the_tables(lakeside):
    """Every startup is founded once; every round and end of the tables is told once."""
    tables = lakeside.panels.tables()
    told = lives.events(tables)
    counts = told.kind.value_counts()
    assert counts["founding"] == len(tables["startups"])
    assert counts["round"] == len(tables["rounds"].drop_duplicates(["startup_id", "round", "quarter"]))
    assert counts["end"] == tables["startups"].ended.notna().sum()
    assert counts["application"] == (tables["applications"].startup_id >= 0).sum()
    assert set(told.founder_id) == set(tables["startups"].founder_id)


def test_a_refusal_alone_parts_nobody():
    """Who is refused is where he would be without the policy."""
    events = pd.DataFrame(
        {
            "kind": ["application", "application", "round"],
            "one": ["it: refused", "it: admitted", "round 1"],
            "other": [None, None, "round 1"],
        }
    )
    assert list(twin._parts(events, "one", "other")) == [False, True, False]


def test_the_verb_leaves_a_folder(toy, founders, tmp_path, capsys):
    words = [
        f"{key}='{value}'" if key == "configs" else f"{key}={value}"
        for key, value in {**TOY, "policy": "[toy]"}.items()
    ]
    number = int(founders.founders.founder_id.iloc[0])
    assert cli.main(["twin", *words, "policy.toy.demand=10", f"founder={number}", f"output='{tmp_path}'"]) == 0
    (folder,) = tmp_path.iterdir()
    assert {path.name for path in folder.iterdir()} == {
        "life.csv",
        "numbers.csv",
        "twin.json",
        "policy.yaml",
        "against.yaml",
        "DONE",
        "screen.txt",
        "figures",
    }
    assert f"Founder {number}" in capsys.readouterr().out
    assert list(pd.read_csv(folder / "life.csv", keep_default_na=False).columns) == [
        "quarter",
        "kind",
        "key",
        "policy",
        "against",
        "same",
    ]


def test_a_number_that_founds_nothing_is_refused(toy, tmp_path, capsys):
    """In Python and on the command line, which leaves no folder."""
    refusal = "founder=281474976710655: nobody of this number is in the city in either arm"
    with pytest.raises(ConfigError, match=f"{refusal} .* leave founder out"):
        toy(founder=281474976710655, end="2012Q2")
    keys = {**TOY, "configs": f"'{small.OWN}'", "policy": "[toy]", "end": "2012Q2", "founder": 281474976710655}
    words = [f"{key}={value}" for key, value in {**keys, "output": f"'{tmp_path}'"}.items()]
    assert cli.main(["twin", *words]) == 2
    assert refusal in capsys.readouterr().err and not any(tmp_path.iterdir())


REFUSED = {
    "founder=me": "founder=me: should be the number of a founder, or null",
    "founder=1.5": "founder=1.5: should be the number of a founder",
    "founder=-3": "founder=-3: should be the number of a founder",
    "": "against=history: is the same as policy",
    "against=sandbx": "against=sandbx: no such policy; did you mean sandbox?",
    "against=none threads=2": "threads=2: these runs have one thread each",
    "against=none fonder=3": "fonder: no such key; did you mean founder?",
}


@pytest.mark.parametrize("typed", REFUSED)
def test_refused(typed, refused):
    refused(f"twin {typed}", [REFUSED[typed]])
