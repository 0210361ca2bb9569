"""Observation operators: what a report or a study would say of the city, had it seen the run.

An operator is a function of a `window.Window`: the tables of a run and the whole years that it speaks of.
Targets name it, `targets.operators` finds it.
"""
