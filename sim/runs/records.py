"""A run and its folder: simulate, write, read back.

    config.yaml     everything the run was told; loading it again gives the same config
    run.json        seed, versions, git, machine, start, end, status, fingerprint, scale, command; `doubts`: why it is
                    not certain that the fingerprint is of what ran; empty where it is
    <table>.parquet the tables of `TABLES`; schema, units, scale and fingerprint in the metadata
    reported.csv    every reported number beside the model's
    codebook.csv    every column: type, unit, kind, key, missing code, meaning, reference
    districts.csv   the city's districts and their places on the tile map
    figures/        the kinds asked for, and the data of each
    checkpoints/    where the run can go on from, when asked for
    DONE            the SHA-256 of every other file, written after the tables and again after the figures; or FAILED,
                    with the reason

A folder belongs to one run and nothing in it is ever overwritten by another. Every file appears whole or not at all.
What computes (the model, pandas, Arrow, Matplotlib) takes seconds to load and is imported by the function that uses it,
so that `import sim` and a refused word need not wait.
"""

import os
import shlex
import shutil
import sys
import tempfile
import weakref
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path

from sim.policies.instrument import Instrument
from sim.runs import questions
from sim.runs.fingerprint import (
    calibration,
    decisive,
    doubts,
    fingerprint,
    git_state,
    host_class,
    norms,
    target_files,
    versions,
)
from sim.runs.folders import (
    arriving,
    digest,
    new_folder,
    now,
    outcome,
    read_json,
    refusals_told,
    seal,
    spoilt_told,
    sums,
    write_csv,
    write_json,
    write_text,
)
from sim.runs.progress import Progress, duration, notebook
from sim.settings.files import check_place, read_yaml, to_yaml
from sim.settings.refusals import ConfigError, shown
from sim.world.calendar import quarter_name
from sim.world.readers import read_text

STEPPED = "the model was stepped by hand, and no fingerprint tells what was done to it between two quarters"
SCHEMA = 2  # of the tables; raised when a column changes its name, type or meaning
TABLES = (
    "city",
    "district",
    "sector",
    "rival",
    "founders",
    "startups",
    "firms",
    "rounds",
    "exits",
    "funds",
    "applications",
    "policy",
    "flows",
)
HEADLINES = {  # rows of reported.csv that the end of a run shows
    "vc_raised_2024_a0": "VC raised in 2024",
    "startups_founded_2024": "startups founded in 2024",
    "returnees_flow_2024": "returnees in 2024",
    "returnee_share_now": "share of China's returnees, 2024",
    "returnee_share_5y_ago": "share of China's returnees, 2019",
    "hard_tech_deal_share_2024": "hard tech among deals",
    "consumer_internet_deal_share_2024": "consumer internet among deals",
    "office_cost_premium_shenzhen": "offices dearer than in Shenzhen",
    "sandbox_participants": "companies in the sandbox",
    "guidance_fund_private_catalysed": "private VC beside the guidance fund",
}


# ---------------------------------------------------------------- simulate and write


def run_to_folder(config, name=None):
    """Simulate what `config` describes, print what came of it, and return the run's folder, new in `config.output`.

    `name` is given for one of many runs: its folder's name begins so, and figures and the screen are left out.

    Raises FolderError where the disk refuses, and ConfigError, before anything is written, where `config.resume` does
    not fit; what goes wrong on the way is raised again after the folder says `FAILED`.
    """
    identity = fingerprint(config)
    origin = _origin(config, identity)
    folder = new_folder(config.output, name or questions.name(questions.of_run(config)))
    try:
        _fill(folder, config, identity, origin, command=command_line(), alone=name is None)
    except Exception as error:
        error.add_note(f"The run's folder: {folder}")
        raise
    if name is None:
        print(Run(folder).summary())
    return folder


def run_in_memory(config):
    """A Run of what `config` describes; its folder is temporary and goes away with it, unless saved.

    Raises ConfigError where `config.resume` does not fit, and what goes wrong on the way.
    """
    identity = fingerprint(config)
    origin = _origin(config, identity)
    return _in_a_temporary_folder(lambda folder: _fill(folder, config, identity, origin, command=None, figures=False))


def _in_a_temporary_folder(fill):
    """The Run of what `fill` writes into a folder, which goes away with it unless saved."""
    folder = Path(tempfile.mkdtemp(prefix="sim-"))
    try:
        fill(folder)
        run = Run(folder)
    except BaseException:
        shutil.rmtree(folder)
        raise
    weakref.finalize(run, shutil.rmtree, folder, ignore_errors=True)
    return run


def districts(config):
    """The city's districts and their places on the tile map, as text of a csv file."""
    from sim.observables.written import without_formulas

    return without_formulas(read_text(config.city.folder / "districts.csv"))


def _origin(config, identity):
    """The checkpoint to go on from, or None where the run begins at the beginning."""
    if config.resume is None:
        return None
    from sim.runs import checkpoints

    try:
        return checkpoints.last_good(config.resume, identity)
    except checkpoints.AnotherRun:
        raise ConfigError([f"resume={config.resume}: is another run: {_difference(config)}"]) from None
    except ValueError as error:
        raise ConfigError([f"resume={config.resume}: {error}"]) from None


def _difference(config):
    """In what the run to be resumed differs from `config`, a few keys of it."""
    there = _leaves(decisive(read_yaml(Path(config.resume) / "config.yaml")))
    here = _leaves(decisive(config.resolved))
    keys = [key for key in {**there, **here} if there.get(key) != here.get(key)]
    if not keys:
        return "the model or its data have changed since"
    differences = [f"{key}={shown(there.get(key))} there and {shown(here.get(key))} here" for key in keys[:3]]
    return ", ".join(differences) + (", ..." if keys[3:] else "")


def _leaves(tree, stem=""):
    """Dotted key -> value of a tree of dicts."""
    leaves = {}
    for key, value in tree.items():
        leaves |= _leaves(value, f"{stem}{key}.") if isinstance(value, dict) else {f"{stem}{key}": value}
    return leaves


def command_line():
    """What was typed."""
    program = Path(sys.argv[0])
    return shlex.join(["sim" if program.name == "__main__.py" else program.name, *sys.argv[1:]])


def _fill(folder, config, identity, origin, command, alone=True, figures=True):
    """Simulate into `folder`, from the checkpoint `origin` on or from the beginning where that is None.

    `identity` is the fingerprint, `command` what was typed or None; a run that is one of many is not `alone`.
    """
    about = _about(config, identity, origin, command)
    with refusals_told(folder), outcome(folder, about, sealed=True):
        _write_settings(folder, config, about)
        tables = _simulate(config, folder, identity, origin, alone)
        about["doubts"] = doubts(config)
        _write_tables(folder, tables, config, about)
    if alone and figures and config.figures:
        drawn_or_told(folder, partial(_draw, kinds=config.figures))
        with refusals_told(folder):
            seal(folder)


def _about(config, identity, origin, command):
    """What a run says of itself before it begins."""
    return {
        "schema": SCHEMA,
        "status": "running",
        "title": questions.of_run(config),
        "fingerprint": identity,
        "seed": config.seed,
        "scale": config.scale,
        "first_quarter": quarter_name(config.start),
        "last_quarter": quarter_name(config.end),
        "policies": [policy.name for policy in config.policies if type(policy) is not Instrument],
        "calibration": calibration(config),
        "norms": norms(config),
        "command": command,
        "resumed_from": f"{origin.folder}, {quarter_name(origin.quarter)}" if origin else None,
        "versions": versions(),
        "git": git_state(),
        "host": host_class(),
        "start": now(),
    }


def _write_settings(folder, config, about):
    write_json(folder / "run.json", about)
    write_text(folder / "config.yaml", to_yaml(config.resolved))
    write_text(folder / "districts.csv", districts(config))


def _simulate(config, folder, identity, origin, alone):
    """Step the city to the end, telling how far it is where the run is `alone`; returns its tables by name."""
    from sim.runs import checkpoints, spin_ups
    from sim.runs.numerical_faults import watched

    announce_compilation(silent=not config.progress)
    model = checkpoints.restored(config, origin) if origin else spin_ups.model_of(config)
    every, quarters, done = config.checkpoint_quarters, config.end + 1 - config.start, model.quarter - config.start
    with watched(model), Progress(quarters, done=done, silent=not config.progress) as progress:
        while model.quarter <= config.end:
            quarter = quarter_name(model.quarter)
            model.step()
            if alone:
                progress.advance(quarter)
            if every and model.quarter <= config.end and (model.quarter - config.start) % every == 0:
                checkpoints.write(folder, model, identity)
    return model.panels.tables()


def announce_compilation(silent=False):
    """Say that the model has to be compiled, where it has; returns whether."""
    from numba import config

    import sim.model.ecosystem  # noqa: F401  loads all kernels
    from sim.world.kernel import uncompiled

    needed = not config.DISABLE_JIT and uncompiled() > MANY_KERNELS
    if needed and not silent:
        print(COMPILES, file=sys.stdout if notebook() else sys.stderr)  # what goes to stderr is red in a notebook
    return needed


COMPILES = "Compiling the model, once for this version: about a minute."
MANY_KERNELS = 0.3  # share of the files with kernels; some are called only with a policy


def _write_tables(folder, tables, config, about):
    import pandas

    from sim import observables
    from sim.observables.codebook import BOOK

    same = {key: about[key] for key in ("schema", "scale", "seed", "fingerprint")}
    for name in TABLES:
        _write_parquet(folder / f"{name}.parquet", observables.CODEBOOK[name], tables[name], same)
    write_csv(folder / "codebook.csv", observables.codebook(), BOOK)
    parts = [observables.reported(tables, config.city, observables.read_targets(path)) for path in target_files(config)]
    columns = observables.CODEBOOK["reported"]
    nothing = pandas.DataFrame(columns=[column.name for column in columns])
    write_csv(folder / "reported.csv", pandas.concat(parts) if parts else nothing, columns)


def _write_parquet(path, columns, table, about):
    import pyarrow.parquet

    from sim.observables import written

    with arriving(path) as temporary, open(temporary, "wb") as file:  # Arrow may take a name for an address
        pyarrow.parquet.write_table(written.table(columns, table, **about), file, compression="zstd")


def drawn_or_told(folder, draw):
    """`draw` the figures of a folder that is complete without them: where that fails a line says so, and no more."""
    try:
        draw(folder)
    except Exception as error:  # whatever Matplotlib, its backend or the disk has against it: what is computed stays
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        print(f"sim: the figures of {folder} could not be drawn, its tables are complete: {reason}", file=sys.stderr)


def _draw(folder, kinds=("svg",)):
    from sim import plots

    plots.draw(folder, kinds)


# ---------------------------------------------------------------- read back


def complete(folder):
    """Raises ValueError, which says why, where a folder does not say DONE."""
    if (Path(folder) / "DONE").is_file():
        return
    failed = Path(folder) / "FAILED"
    lines = failed.read_text(encoding="utf-8").strip().splitlines() if failed.is_file() else []
    raise ValueError(f"{folder} is not complete: {lines[-1] if lines else 'it is running or was killed'}")


class Run:
    """One simulated history in its folder.

    The tables of `TABLES` are attributes (`run.city`, `run.startups`, ...), DataFrames that are read when first asked
    for; so is `run.reported`.
    """

    def __init__(self, folder):
        """The complete run in `folder`.

        Raises FileNotFoundError where it is not the folder of a run, and ValueError where the run is not complete or
        of another schema.
        """
        self.folder = Path(folder).absolute()  # the caller may go elsewhere before a table is read
        if not (self.folder / "run.json").is_file():
            raise FileNotFoundError(f"{folder} is not the folder of a run: it has no run.json")
        self.about = read_json(self.folder / "run.json", ("schema",))
        if self.about["schema"] != SCHEMA:
            raise ValueError(f"{folder} has tables of schema {self.about['schema']}; this version reads {SCHEMA}")
        complete(folder)

    def __getattr__(self, name):
        if name not in TABLES:
            raise AttributeError(f"a run has no {name!r}; its tables are {', '.join(TABLES)} and reported")
        import pandas

        table = pandas.read_parquet(self._as_written(f"{name}.parquet"))
        setattr(self, name, table)
        return table

    def _as_written(self, *names):
        """The path of a file of the run, or of the last of several. Raises ValueError where one is not what the run
        wrote.
        """
        said = sums(self.folder)
        for name in names:
            path = self.folder / name
            with spoilt_told(path):
                same = name in said and digest(path) == said[name]
            if not same:
                raise ValueError(
                    f"{path} is not what this run wrote: its sum is not that in DONE; `sim verify {self.folder}` names "
                    "all that differs"
                )
        return path

    def __dir__(self):
        return [*super().__dir__(), *TABLES]

    @staticmethod
    def of(model):
        """The Run of an `Ecosystem` that was stepped by hand, as far as it has come.

        Its folder is temporary and goes with it, unless saved; what somebody did between two steps no fingerprint
        knows, so it has none, and says so among its doubts. Raises ValueError before the first quarter.
        """
        if model.quarter <= model.config.start:
            raise ValueError("the model has simulated no quarter yet; model.step() does one")
        last = model.quarter - 1
        resolved = {**model.config.resolved, "end": quarter_name(last)}
        config = replace(model.config, end=last, resolved=resolved)
        about = _about(config, "", None, None) | {"title": "stepped by hand", "doubts": [STEPPED]}

        def fill(folder):
            with outcome(folder, about, sealed=True):
                _write_settings(folder, config, about)
                _write_tables(folder, model.panels.tables(), config, about)

        return _in_a_temporary_folder(fill)

    @cached_property
    def codebook(self):
        """What every column of every table is (type, unit, kind, meaning, where it is made), as a DataFrame."""
        from sim.observables import written
        from sim.observables.codebook import BOOK

        return written.read_csv(self._as_written("codebook.csv"), BOOK)

    def fund_returns(self, by="fund"):
        """What partners paid in and got back, by `fund` or by `vintage`: called, distributed, the value left, DPI,
        TVPI and the IRR a year; `sim.observables.fund_returns`.
        """
        from sim.observables import fund_returns

        return fund_returns.table(self.funds, by)

    def map(self, column, quarter=None):
        """A column of the table `district` as tiles, in a quarter or in the last, a Matplotlib figure."""
        from sim.observables import written
        from sim.plots import tile_map

        layout = written.read_csv(self._as_written("districts.csv"))
        return tile_map.one(self.district, layout, self.codebook, column, quarter)

    def follow(self, founder):
        """What a founder (`founder_id`) and the ventures do, a DataFrame: quarter, kind, text."""
        from sim.observables import lives

        if founder not in set(self.startups["founder_id"]):
            some = ", ".join(map(str, self.startups["founder_id"].head(3)))
            raise ValueError(f"follow {founder}: founds nothing in this run; founder_id of run.startups: {some}, ...")
        rows = lives.events({name: getattr(self, name) for name in lives.TABLES})
        rows = rows[rows["founder_id"] == founder].drop(columns=["founder_id", "key"])
        order = rows["kind"].map(lives.KINDS.index).rename("order")
        return rows.assign(order=order).sort_values(["quarter", "order"]).drop(columns="order").reset_index(drop=True)

    @cached_property
    def reported(self):
        """Every reported number beside the model's, a DataFrame."""
        from sim.observables import CODEBOOK, written

        return written.read_csv(self._as_written("reported.csv"), CODEBOOK["reported"])

    def plot(self):
        """The main quantities of the city over time, a Matplotlib figure."""
        from sim import plots

        self._as_written(*(f"{name}.parquet" for name in TABLES))
        return plots.overview(plots.read(self.folder))

    def save(self, folder):
        """Copy the run, with its figures, to `folder` and return that.

        Raises FileExistsError where it is there already, and FolderError where the disk refuses.
        """
        if refused := check_place("folder", os.fspath(folder)):
            raise ValueError(refused[0])
        folder = Path(folder)
        if folder.exists():
            raise FileExistsError(f"{folder} is there already, and a run overwrites nothing")
        with refusals_told(folder):
            folder.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as coming:
                copy = Path(shutil.copytree(self.folder, Path(coming) / "run"))
                if not (copy / "figures").exists():
                    _draw(copy)
                    seal(copy)
                copy.rename(folder)
        return folder

    def __repr__(self):
        about = self.about
        policies = ", ".join(about["policies"]) or "no policy"
        return (
            f"Run({about['first_quarter']} to {about['last_quarter']}, seed {about['seed']}, "
            f"scale {about['scale']:g}, {policies})"
        )

    def summary(self):
        """What ran and what came of it beside the reports: the screen at the end of a run."""
        reported = self.reported.set_index("id")
        lines = [repr(self)[4:-1], "", f"{'':38}{'simulated':>12}{'reported':>12}  unit"]
        for name, title in HEADLINES.items():
            if name in reported.index:
                row = reported.loc[name]
                simulated, published = _number(float(row.simulated)), _number(float(row.reported))
                lines.append(f"{title:38}{simulated:>12}{published:>12}  {row.unit}, {row.verdict}")
        following, change = (
            ("sim policy=[]", "without policies") if self.about["policies"] else ("sim", "with the policies of history")
        )
        lines += [f"not certain that the fingerprint is of what ran: {doubt}" for doubt in self.about.get("doubts", ())]
        lines += [
            "",
            f"{duration(self.about['seconds'])}, in {_from_here(self.folder)}",
            f"next: {following} {questions.where(read_yaml(self.folder / 'config.yaml'))}seed={self.about['seed']} "
            f"scale={self.about['scale']:g}   # the same luck {change}",
        ]
        return "\n".join(lines)


def _from_here(folder):
    """A folder as one would type it here."""
    return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder


def _number(value):
    return "-" if value != value else f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
