"""Numerical faults of a run: a state that is not finite, or beyond all bounds, with the quarter and the mechanism that
made it.

To look at every number after every mechanism would cost more than the mechanisms. So a run is looked at once, after
its last quarter: what is not finite stays so. Only where something is wrong is the run repeated, the same luck and
all, and looked at after each call of the model's step.
"""

import linecache
import re
import sys
import traceback
from contextlib import contextmanager

import numpy as np

from sim.world import accounts
from sim.world.calendar import quarter_name

LARGEST = 1e17  # of any number of the state; a thousand times the yuan that the country holds
MAY_BE_MISSING = {  # NaN where nobody was admitted, nobody refused, or nobody answered yet
    "applications.cutoff",
    "applications.worst_admitted",
    "applications.best_refused",
}


class NumericalFault(ArithmeticError):
    """The state has numbers that are not finite or have exploded; `position` is (quarter, call of the step)."""


@contextmanager
def watched(model):
    """Steps inside: what they raise gets a `position`, (quarter, call of the step); at their end the state must be
    without fault, or NumericalFault is raised.
    """
    try:
        yield
    except Exception as error:
        error.position = quarter_name(model.quarter), _call_in(error, type(model).step.__code__)
        raise
    if faults(model):
        quarter, call, problems = culprit(type(model)(model.config))
        error = NumericalFault(f"in {quarter}, {call}: {'; '.join(problems)}")
        error.position = quarter, call
        raise error


def faults(model):
    """What is not finite or too large in the state, as sentences."""
    problems = []
    for name, array in model.state.arrays().items():
        fields = (
            {f"{name}.{field}": array[field] for field in array.dtype.names} if array.dtype.names else {name: array}
        )
        for field, values in fields.items():
            if values.dtype.kind == "f" and field not in MAY_BE_MISSING:
                bad = values.size - np.count_nonzero(np.abs(values) <= LARGEST)  # NaN compares as false
                problems += [f"{field}: {bad} of {values.size} not finite or beyond {LARGEST:g}"] if bad else []
    most = np.abs(accounts.purses(model.state)).max()
    return problems + ([f"a purse holds {most:.3g} yuan"] if most > LARGEST else [])


def culprit(model):
    """(quarter, call of the step, faults) at which the state of a run first has a fault; `model` stands before its
    first quarter.

    Raises RuntimeError where the repeated run has none.
    """
    while model.quarter <= model.config.end:
        quarter, first = quarter_name(model.quarter), []

        def look(call, first=first):
            if not first and (problems := faults(model)):
                first.extend((call, problems))

        _step_by_step(model, look)
        if first:
            return quarter, *first
    raise RuntimeError("a run with a fault has none when repeated: its numbers depend on more than its config")


def _step_by_step(model, after):
    """One step of the model; `after` gets the name of each call when it has returned."""
    code = type(model).step.__code__

    def follow(frame, *_):
        if frame.f_code is not code:
            return None
        last = None

        def lines(frame, event, _):
            nonlocal last
            if last is not None and event in ("line", "return"):
                after(_call(code, last))
            last = frame.f_lineno
            return lines

        return lines

    before = sys.gettrace()
    sys.settrace(follow)
    try:
        model.step()
    finally:
        sys.settrace(before)


def _call_in(error, code):
    """The call of the step in which `error` was raised, None where it was elsewhere."""
    lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code is code]
    return _call(code, lines[0]) if lines else None


def _call(code, line):
    """`labour.hire` of the line of the step that calls it."""
    text = linecache.getline(code.co_filename, line)
    match = re.search(r"([\w.]+)\(", text)
    return match[1].removeprefix("self.") if match else None
