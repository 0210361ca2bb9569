"""What is asked from Python: the config is checked as that of a command, and the caller is warned as a screen warns."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import Any


def computed(verb: str, settings: Mapping[str, Any]) -> Any:
    """What the verb of analysis `verb` computes of its keys and those of the config."""
    with checked({"experiment": verb, **settings}) as config:
        function = "amount" if config.experiment.get("dry_run") else verb
        return getattr(import_module(f"sim.verbs.{verb}"), function)(config)


@contextmanager
def checked(settings: Mapping[str, Any]) -> Iterator[Any]:
    """The checked config of what a caller says, who is warned of what does nothing; silent where one of many calls."""
    from sim.runs import progress
    from sim.settings import config, python

    asked = config.load(python.words(settings))
    for note in asked.notes:
        warnings.warn(note, stacklevel=5)
    with progress.call() as alone:
        yield replace(asked, progress=asked.progress and alone)
