"""`sim desk`: the policy desk, served to a browser of this machine until it is interrupted."""

import socket
from dataclasses import replace

from sim.atlas.command import check_clocks
from sim.runs import amount as amounts
from sim.settings.fields import number
from sim.settings.refusals import ConfigError, shown
from sim.statistics import intervals
from sim.verbs import keys

SMALL = 0.1  # share of the city that a desk has where none is said
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def check(tree, resolved):
    """What cannot be asked, as sentences."""
    asked = tree["experiment"]
    problems = keys.check(tree, resolved, {"runs": intervals.FEWEST, "shock_quarters": 1}, ["runs"])
    number("port", asked["port"], int, 0, 65535, problems)
    if not isinstance(asked["address"], str) or not asked["address"]:
        problems.append(f"address={shown(asked['address'])}: should be an address such as 127.0.0.1")
    for key in ("open", "whole"):
        if not isinstance(asked[key], bool):
            problems.append(f"{key}={shown(asked[key])}: should be true or false")
    return problems + check_clocks(asked["clocks"])


def command(config):
    """The verb: serve until interrupted."""
    config = sized(config)
    if config.experiment["dry_run"]:
        amounts.told(config, amount(config))
        return None
    from sim.desk import app  # with Panel, which takes its time

    address, port = config.experiment["address"], config.experiment["port"]
    if port and _taken(address, port):
        raise ConfigError([f"port={port}: something answers there already; choose another, port={port + 1}"])
    return app.serve(config)


def sized(config):
    """The config at the scale that a desk has."""
    if config.scale == 1.0 and not config.experiment["whole"]:
        config = replace(config, scale=SMALL, resolved={**config.resolved, "scale": SMALL})
    return replace(config, progress=False)


def amount(config):
    """The Amount of runs of one answer, none of them kept: nobody knows yet what will be asked."""
    return amounts.counted(2 * config.experiment["runs"], 0, config, 1)


def _taken(address, port):
    with socket.socket() as tried:
        tried.settimeout(0.5)
        return tried.connect_ex((address if address != "0.0.0.0" else "127.0.0.1", port)) == 0
