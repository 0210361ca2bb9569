"""What the command line says of itself: `sim --help` in a screen, `sim VERB --help` one verb, both from its files.

Nothing here computes or loads what does, so that help comes at once.
"""

import re
import shutil
import textwrap
from typing import NamedTuple

from sim.settings.files import CONFIGS, options, read_yaml
from sim.settings.refusals import shown
from sim.world import readers

EXAMPLES = """\
  sim                                          the city as it was, 2006 to 2024, at scale 1
  sim scale=0.1 seed=7                         a tenth of it, with other luck
  sim 'policy=[]' end=2020Q4                   without any policy, to 2020
  sim compare 'without=[sandbox]' scale=0.1    what the sandbox does, over 20 paired runs
  sim list policies                            what there is; also shocks, outcomes, parameters, columns ...
  sim show guidance_fund                       one of them: what it is, its equation, knobs, what was found
  sim report FOLDER language=zh                two pages on what a folder holds, for those who decide
  sim desk                                     the same in a browser: levers, and what they would do
  sim log                                      what was asked before, and what came of it
"""
PLENTY = 5  # entries of a default beyond which only their number is told


class Words(NamedTuple):
    """A verb that takes names or a folder instead of settings: how it is written, what it does, its keys, an
    example.
    """

    usage: str
    what: str
    keys: dict
    example: str


TRUST = {
    "trust=false": "true runs policies and shocks that are not of the package",
    "configs=null": "folder that takes the place of that of the user's own files",
}
WITH_WORDS = {
    "list": Words(
        "list KIND [WORD ...]",
        "What there is to choose from, a row each: policies, shocks, outcomes, parameters, verbs, cities, targets or "
        "columns. Words narrow it to the rows that have them all.",
        {"configs=null": "folder of your own files, which are listed too"},
        "sim list parameters fund fee",
    ),
    "show": Words(
        "show NAME",
        "All that is known of a name: of a policy, shock, outcome, parameter, verb, column, city or target what it is, "
        "where it is computed, its numbers and their sources. Of a policy also dates, levers, what comparisons found.",
        {"configs=null": "folder of your own files, which are known too"},
        "sim show funding.shade",
    ),
    "log": Words(
        "log [FOLDER]",
        "What was asked and found, a line per folder of results: date, verb, question, headline and state. "
        "Without FOLDER it reads the one that results go to unless output= says another.",
        {},
        "sim log results/runs",
    ),
    "status": Words(
        "status FOLDER",
        "How far a sweep is. Any shell that sees its folder can ask.",
        {},
        "sim status results/sweeps/grid-1a2b3c",
    ),
    "collect": Words(
        "collect FOLDER",
        "One data set of all runs of a sweep, complete or not. It lies in the folder `collected` of the sweep.",
        {"stata=false": "true writes .dta files too"},
        "sim collect results/sweeps/grid-1a2b3c",
    ),
    "analyse": Words(
        "analyse FOLDER",
        "What a sweep says, in the folder `analysis` of it: arms less the first, what each factor changes, response "
        "surfaces, Sobol or Morris indices where the design allows, and where it fails.",
        {
            "outcomes=[]": "further outcomes, as of sim compare; these are shown and have surfaces",
            "primary=null": "name of the one outcome by which it is judged, declared beforehand",
            "base=null": "the arm that others are held against; null is the first",
            "from=null": "first quarter that counts; null is the earliest start of what differs between arms",
            "fails=null": "effect (of one arm: level) at or below which a point fails; null is 0",
            "figures=[svg]": "kinds of the files of figures; [] draws none",
        },
        "sim analyse results/sweeps/latin-1a2b3c primary=startup_jobs",
    ),
    "rerun": Words(
        "rerun FOLDER",
        "One run again, alone, from the folder that holds its config. A failed run of a sweep is looked at so.",
        {"output=null": "where its folder goes; null is where the first one went", **TRUST},
        "sim rerun results/sweeps/grid-1a2b3c/failed/4d5e6f",
    ),
    "verify": Words(
        "verify FOLDER",
        "Whether a folder holds what its config makes: computed anew and compared bit by bit. Of a sweep, a few of "
        "its runs.",
        {"runs=5": "how many of a sweep's are computed anew", **TRUST},
        "sim verify results/runs/20260101-history-1a2b",
    ),
    "task": Words(
        "task FOLDER NUMBER",
        "One of the tasks that launcher=files wrote, by its number from 0. A scheduler calls it, on any machine that "
        "sees the folder.",
        {},
        "sim task results/sweeps/grid-1a2b3c/jobs/list 0",
    ),
    "report": Words(
        "report FOLDER",
        "Two pages on a comparison or a run, for those who decide: with an appendix, in a folder of their own, for a "
        "browser and its printer.",
        {"language=en": "en or zh", "output=null": "the folder they go to; null is FOLDER-report"},
        "sim report results/runs/20260101-with_sandbox-1a2b3c language=zh",
    ),
    "replicate": Words(
        "replicate [list | STAGE ... | replace STAGE ...]",
        "What is in results/, computed anew and compared: stage by stage, beside it; `list` says which are stale. "
        "`replace` puts the rebuilt files in place.",
        {},
        "sim replicate list",
    ),
}


def of_all(own_folder=None):
    """`sim --help`: examples, verbs, and the keys that all runs have."""
    verbs = {verb: comment(path) for verb, path in options("experiment", own_folder).items()}
    verbs |= {verb: words.what for verb, words in WITH_WORDS.items()}
    lines = ["The startup ecosystem of a city, agent by agent.", "", "  sim [VERB] key=value ...", "", EXAMPLES]
    lines += ["Verbs (sim VERB --help tells its keys; run, where none is given)"]
    lines += _rows({f"  {verb}": first(what).partition(":")[0].rstrip(".") for verb, what in verbs.items()}, 15)
    lines += ["", "Groups (several in brackets; sim list GROUP tells their names)"]
    lines += _rows(
        {
            "  policy=[...]": "policies; history is those that the city had, [] is none; policy.<name>.<knob>=",
            "  shock=[...]": "shocks; shock.<name>.<knob>=; every policy and shock has start, end and announced",
            "  mechanism=[...]": "files that set parameters anew; mechanism.<name>.<parameter>= sets one",
            "  city=, targets=[...]": "the city, and what its runs are held against",
            "  launcher=": ", ".join(options("launcher")) + ": where a sweep runs",
        },
        24,
    )
    lines += ["", "Keys", *_keys(CONFIGS / "config.yaml"), "", "Options"]
    lines += ["  --cfg job, --version, --help   show the config of the run, the version, this"]
    lines += ["  -m, --multirun          a run for each value: sim -m 'seed=range(1,21)' scale=0.1"]
    lines += ['  -sc install=bash        shell completion: eval "$(sim -sc install=bash)" (zsh and fish too)']
    return "\n".join([*lines, "", f"The files are in {CONFIGS}"])


def of_verb(verb, own_folder=None):
    """`sim VERB --help`: what the verb does, its keys with their defaults, an example."""
    if verb in WITH_WORDS:
        usage, what, keys, example = WITH_WORDS[verb]
        rows = _rows({f"  {key}": note for key, note in keys.items()}, 26)
    else:
        path = options("experiment", own_folder)[verb]
        usage, what, example = f"{verb} key=value ...", comment(path), _example(path)
        rows = _keys(path)
    lines = [f"sim {usage}", "", *textwrap.wrap(what, _width())]
    lines += ["", "Keys", *rows] if rows else []
    lines += ["", "Example", f"  {example}"] if example else []
    if verb not in WITH_WORDS:
        lines += ["", "Keys of every run, such as policy, seed, scale and end: sim --help"]
    return "\n".join(lines)


def comment(path):
    """What the comment at the head of a yaml says, in one line, without its example."""
    return " ".join(line for line in _head(path) if not line.startswith("Example: "))


def first(text):
    """The first sentence of a text."""
    return re.split(r"(?<=\.)\s", text, maxsplit=1)[0]


def _example(path):
    return next((line.removeprefix("Example: ") for line in _head(path) if line.startswith("Example: ")), None)


def _head(path):
    """The lines of comment at the head of a yaml."""
    lines = readers.read_text(path).splitlines()
    lines = lines[1:] if lines and lines[0].startswith("# @package") else lines
    end = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return [line.lstrip("# ") for line in lines[:end]]


def _keys(path):
    """A row for each key of a yaml: its default, and the comment beside it."""
    notes = dict(re.findall(r"^(\w+):.*?(?:  # (.*))?$", readers.read_text(path), re.M))
    rows = {
        f"  {key}={_default(value)}": notes.get(key, "")
        for key, value in read_yaml(path).items()
        if key not in ("_target_", "defaults")
    }
    return _rows(rows, 26)


def _default(value):
    """A default, of long ones only how many entries they have."""
    many = isinstance(value, (list, dict)) and len(value) > PLENTY
    return f"({len(value)} entries)" if many else "{}" if value == {} else shown(value)


def _rows(rows, indent):
    """Two columns, the second wrapped."""
    lines = []
    for key, note in rows.items():
        if len(key) > indent - 2:
            lines.append(key)
            key = ""
        lines += textwrap.wrap(note, _width(), initial_indent=f"{key:{indent}}", subsequent_indent=" " * indent) or [
            key
        ]
    return lines


def _width():
    return max(60, min(shutil.get_terminal_size().columns, 110))
