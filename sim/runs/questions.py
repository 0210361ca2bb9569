"""What was asked, in a few words, and names of folders made of them: 20261130-with_sandbox-3f2a1c."""

import re
import shlex
import time
import unicodedata

from sim.settings.refusals import shown

LONGEST, MOST_BYTES = 40, 100  # of the words in a name: characters, and bytes as disks count them
MOST_NAMED = 2  # policies that a question spells out
USUAL = {"configs": None, "city": "shanghai", "calibrated": "reports"}  # where a run is asked for when nothing is said


def name(question):
    """The beginning of the name of a folder: today, and the question in characters that every disk takes."""
    words = re.sub(r"\W+", "_", unicodedata.normalize("NFC", question)).strip("_")[:LONGEST]
    while len(words.encode()) > MOST_BYTES:
        words = words[:-1]
    return f"{time.strftime('%Y%m%d')}-{words.rstrip('_')}"


def several(names, things="policies"):
    """A few names, of many only their number."""
    names = list(names)
    return ", ".join(names) if len(names) <= MOST_NAMED else f"{len(names)} {things}"


def of_run(config):
    """What a single run asks: its policies against those of history, and its shocks."""
    chosen, history = list(config.resolved["policy"]), list(config.city.policies)
    added = [policy for policy in chosen if policy not in history]
    missing = [policy for policy in history if policy not in chosen]
    if not chosen:
        words = "no policy"
    elif len(missing) < len(history):
        words = "history" + f" without {several(missing)}" * bool(missing) + f" with {several(added)}" * bool(added)
    else:
        words = f"with {several(chosen)}"
    return words + f" in {several(config.resolved['shock'], 'shocks')}" * bool(config.resolved["shock"])


def where(told):
    """The words, a blank after each, that name the city of a run and its calibrated point where they are not the usual
    ones; `told` is the tree of its config.
    """
    said = {"configs": told["configs"], "city": told["city"]["name"], "calibrated": told["calibrated"]}
    return "".join(f"{shlex.quote(f'{key}={shown(said[key])}')} " for key, one in USUAL.items() if said[key] != one)
