"""What a `mesa.Model` of columns shows to those who use it as one, and what it refuses.

Nothing here exists until somebody asks for `model.agents`, `model.agents_by_type` or `model.grid`, so that a run
without questions pays nothing.
"""

from functools import cached_property

from sim.world.agent_sets import Agents
from sim.world.calendar import quarter_name
from sim.world.ground import Ground
from sim.world.views import TYPES

MADE_ANEW = ("map", "grid", "_threads")  # of a copy: it finds them again when it asks for them


class Facade:
    """What a `mesa.Model` with a `state`, a `map` and a `config` shows; goes before it among the bases."""

    own_layers = ()  # of a copy, until it has a grid

    @property
    def running(self):
        """True until the last quarter is over, or until somebody says False."""
        return self._wanted and self.quarter <= self.config.end

    @running.setter
    def running(self, wanted):
        self._wanted = bool(wanted)

    @property
    def agents(self):
        return Agents(self, TYPES)

    @property
    def agents_by_type(self):
        return {kind: Agents(self, (kind,)) for kind in TYPES}

    @property
    def agent_types(self):
        return list(TYPES)

    @cached_property
    def grid(self):
        return Ground(self, self.own_layers)

    def register_agent(self, agent):
        """Refuse an agent of the user's own."""
        raise TypeError(
            f"{type(agent).__name__}: the agents of this model are its columns, and it holds no others; "
            "keep a list of plain objects and step them after model.step()"
        )

    def deregister_agent(self, _agent):
        """Refuse: agents come and go by the model's own steps."""
        raise TypeError("the agents of this model are its columns; they leave by its own steps only")

    def remove_all_agents(self):
        """Refuse: agents come and go by the model's own steps."""
        self.deregister_agent(None)

    def refuse(self):
        """A RuntimeError where no quarter is left, a ValueError where what was written to the grid cannot be."""
        if self.quarter > self.config.end:
            self.steps -= 1  # which Mesa has counted before it asked
            last = quarter_name(self.config.end)
            raise RuntimeError(f"the run is over: {last} was its last quarter; make the model with a later end=")
        problems = list(self.grid.faults()) if "grid" in vars(self) else []
        if problems:
            self.steps -= 1
            raise ValueError("\n".join(problems))

    def __getstate__(self):
        """Of a copy or a pickle: all but what is made anew."""
        state = {name: value for name, value in vars(self).items() if name not in MADE_ANEW}
        if "grid" in vars(self):
            state["own_layers"] = self.grid.own_layers
        return state
