"""The levers of `sim desk`, without a browser and without a process that computes."""

import pytest
from lake import CITY, PROGRAMME

from sim import cli
from sim.desk import answer, app, command, engine, scenario
from sim.settings import config as configs

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # of Panel

ASKED = (*PROGRAMME, "clocks={past:[2007Q1,2008Q4]}", "runs=5")


class Idle:
    """An engine that computes nothing."""

    def __init__(self, heard):
        self.asked = []

    def ask(self, *asked):
        self.asked.append(asked)


@pytest.fixture
def desk(monkeypatch, tmp_path):
    """A desk of a made-up city, of whose programmes one is in force."""
    monkeypatch.setattr(app.engine, "Engine", Idle)
    words = ("experiment=desk", *CITY, *ASKED, f"store={tmp_path / 'store'}")
    return app.Desk(command.sized(configs.load(words)))


def preset(desk):
    return next(one for one in desk.left.objects if getattr(one, "name", "") == desk.words("preset"))


def field(desk, knob):
    """The field of a knob of the programme in force, unfolded."""
    (card,) = [card for group in list(desk.groups)[:-1] for card in group if desk.words("in_force") in card.title]
    card.collapsed = False
    return next(row[0] for row in card.objects if getattr(row, "objects", None) and row[0].name.startswith(knob))


def test_another_language_leaves_no_refusal_behind(desk):
    """The fields are made anew with the last values that were accepted, so nothing is refused any more."""
    field(desk, "arrival grant").value = "-5"
    assert desk.apply_button.disabled and desk.message.object
    desk.speak("zh")
    assert not desk.apply_button.disabled and not desk.message.object
    assert field(desk, "安家补贴").value != "-5"


def test_another_language_keeps_the_preset(desk):
    desk.start_from("without returnee_programme")
    desk.speak("zh")
    assert preset(desk).value == "without returnee_programme"
    assert desk.scenario.on == {"returnee_programme": False}


def test_what_is_doubled_is_said_in_full(desk):
    """In the words above the levers, in the fields, and at the lever that makes it larger."""
    desk.start_from("double returnee_programme")
    assert "Returnee programme (budget" in desk.chips.object and "e+" not in desk.chips.object
    grant = desk.base.resolved["policy"]["returnee_programme"]["arrival_grant"]
    assert f"arrival grant {2 * grant:,.0f} yuan per person" in desk.chips.object
    assert float(field(desk, "arrival grant").value.replace(",", "")) == 2 * grant
    (card,) = [card for group in list(desk.groups)[:-1] for card in group if desk.words("in_force") in card.title]
    assert next(one for one in card.objects if isinstance(one, answer.Scrubber)).shown == "2"


def test_a_large_number_stands_in_its_field_as_it_is():
    assert (scenario.typed(1e11), scenario.typed(0.15), scenario.typed(12)) == ("100,000,000,000", "0.15", "12")


def test_every_dot_is_a_pair_that_the_answer_knows(desk):
    """Not every pair has the whole answer computed anew: the fourth waits for the fifth."""
    (asked,) = desk.engine.asked
    seen = []
    for said in engine._computed(engine.Asked(0, asked[0].policy, asked[0].against, *asked[1:]), lambda: True):
        desk.hear(said)
        seen.append((desk.sure.object.count("<circle"), desk.heard.found["about"]["runs"]))
    assert seen == [(1, 1), (2, 2), (3, 3), (3, 3), (5, 5)]


def test_a_dry_run_counts_both_arms(capsys, tmp_path):
    assert cli.main(["desk", *CITY, *ASKED, f"store={tmp_path / 'store'}", "dry_run=true"]) == 0
    assert "10 runs, 0 of them kept" in capsys.readouterr().out
