"""Small cities for tests: to build, to alter, to run, and to compare bit by bit."""

import dataclasses
from pathlib import Path

import numpy as np

from sim.model.ecosystem import Ecosystem
from sim.policies.instrument import Instrument
from sim.settings import config as configs

OWN = Path(__file__).parent / "own"  # files as a user would add them: a city, a policy
LAKESIDE = (f"configs='{OWN}'", "city=lakeside", "scale=0.1")  # 300 persons
SHANGHAI = ("scale=0.01",)  # 3,000
SPIN_UP = "mechanism.environment.spin_up_quarters"
MONEY = {  # what the money of a purse moves by itself
    "state.purses",
    "state.flows",
    "state.treasury",
    "panels.purses",
    "panels.city/public_spending_cny",
    "panels.city/public_debt_cny",
}


def config(*words):
    """The checked config of command-line words, at the values of the mechanisms' files:

    sizes seen must not move with a calibration. Such a city begins at rest where the words say nothing of a spin-up.
    """
    rest = [] if any(word.startswith(SPIN_UP) for word in words) else [f"{SPIN_UP}=0"]
    return configs.load(["calibrated=false", *rest, *words])


def altered(config, policies=None, **mechanisms):
    """`config` with other policies or parameters, also beyond what a user may set:

    `altered(c, founding={"idea_rate": 0.0})`.
    """
    params = {name: values._replace(**mechanisms.get(name, {})) for name, values in config.params.items()}
    return dataclasses.replace(config, params=params, policies=config.policies if policies is None else tuple(policies))


def run(config, look=lambda model: None):
    """The model of `config` after its last quarter; `look` sees it after every one."""
    model = Ecosystem(config)
    while model.quarter <= config.end:
        model.step()
        look(model)
    return model


def arrays(model):
    """Name -> array of all that the model holds and remembers."""
    return {f"state.{k}": v for k, v in model.state.arrays().items()} | {
        f"panels.{k}": v for k, v in model.panels.state_dict().items()
    }


def differing(one, other):
    """Names of the arrays of two models in which a bit differs."""
    ours, theirs = arrays(one), arrays(other)
    assert ours.keys() == theirs.keys()
    return [
        name
        for name in ours
        if ours[name].shape != theirs[name].shape or ours[name].tobytes() != theirs[name].tobytes()
    ]


def rebuilt(one, other):
    """Names of what differs between two runs beyond the money of a purse."""
    return [
        name
        for name in differing(one, other)
        if name not in MONEY and not name.startswith(("panels.flows", "panels.policy"))
    ]


def column(model, table, name):
    """A column of a table of the run, as an array."""
    return np.asarray(model.panels.tables()[table][name])


@dataclasses.dataclass(frozen=True, kw_only=True)
class Mover(Instrument):
    """A policy that moves levers: name -> value, or (value, names by axis or an index); its purse pays."""

    moves: dict = dataclasses.field(default_factory=dict)

    def act(self, levers, intensity, slot):
        for name, move in self.moves.items():
            value, where = move if isinstance(move, tuple) else (move, ...)
            levers.move(name, value, levers.where(**where) if isinstance(where, dict) else where, payer=slot)
