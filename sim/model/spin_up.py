"""A city in motion before its first quarter: ventures of all ages, funds of all vintages, money on its way.

The city is simulated for some quarters before its first one, without policies and shocks, while the world outside
stands still as it was then and nobody comes or goes: who is there in the first quarter, how old and how rich, is data.
What these quarters leave behind is where every run of that city, seed, scale and parameters begins.
"""

from dataclasses import replace

from sim.model import population


def still(config):
    """The config of the quarters before the first one of `config`."""
    return replace(
        config,
        city=replace(config.city, still=config.start),
        start=config.start - int(config.params["environment"].spin_up_quarters),
        end=config.start - 1,
        policies=(),
        shocks=(),
    )


def begin(config, map_, make):
    """The State of a city before its first quarter; `make(config, begun)` makes the model that gets it there."""
    before = still(config)
    state = population.build(before, before.city, map_, before.params)
    if before.start == config.start:
        return state
    persons = state.persons
    kept = {name: getattr(persons, name).copy() for name in ("wealth", "debt")}
    model = make(before, begun=state)
    while model.quarter <= before.end:
        model.step()
        persons.born += 1
        persons.arrived += 1
        persons.visa_until[persons.visa_until >= 0] += 1
    for name, values in kept.items():
        getattr(persons, name)[: len(values)] = values
    return state
