"""The fit itself: the engine asked for, and the point that runs of the city use from then on."""

import time

import numpy as np
import pandas as pd

from sim.calibration import fit_files
from sim.calibration.objective import filled
from sim.calibration.study import draw
from sim.runs.folders import refusals_told, write_csv
from sim.runs.progress import duration
from sim.settings.shapes import CALIBRATED

PAIRS = 6  # parameters whose draws are drawn against each other
COLUMNS = (
    *("id", "targets", "quantity", "unit", "value", "low", "high"),
    *("simulated", "u", "spread", "bias_of_scale", "u_full", "weight"),
)


def task(study):
    """Fit, and write the point that runs of the city use. Returns the folder."""
    objective = study.objective()
    fit = study.fit(objective)
    folder, calibrated = study.folder("fit"), study.config.city.point / CALIBRATED
    errors = study.store.read_all()[3]
    facts = study.facts(
        engine=study.asked["engine"],
        broken_share=round(float(np.mean(errors != "")), 4),  # simulations that raised
        fit={key: value for key, value in fit.about.items() if not isinstance(value, list)},
    )
    with refusals_told(calibrated.parent):
        calibrated.parent.mkdir(exist_ok=True)
        parameters = fit_files.write(study.parameters, fit, facts, folder, calibrated)
    targets = target_table(study, objective, study.replicates(fit.point))
    write_csv(folder / "fit.csv", targets)
    draw(folder, {"dots": targets.assign(u=targets["u_full"]), "pairs": pairs(study.parameters, fit)})
    print(screen(study, objective, fit, parameters, targets))
    print(f"\n{calibrated}: used by `sim calibrated={calibrated.parent.name}` from now on")
    return folder


def target_table(study, objective, sample):
    """One row a fitted target at the point of `sample`, u (seeds, metrics): simulated, low, high, u at this scale and
    with the bias of scale added.
    """
    rows, columns = study.moments.rows, objective.columns
    mean, bias = filled(sample).mean(axis=0), np.zeros(len(rows))
    bias[columns] = objective.bias
    rows = rows.assign(
        u=mean,
        spread=filled(sample).std(axis=0, ddof=1),
        bias_of_scale=bias,
        u_full=mean + bias,
        simulated=study.moments.natural(mean + bias),
    )
    return rows.loc[rows.index[columns], list(COLUMNS)].assign(inside=lambda t: t["u_full"].abs() <= 1)


def pairs(parameters, fit):
    """Draws of the parameters that the targets say most of, a column each."""
    order = np.argsort(np.asarray(fit.table["over_prior"]), kind="stable")[:PAIRS]
    return pd.DataFrame({parameters[i].name: [parameters[i].value(x) for x in fit.draws[:, i]] for i in sorted(order)})


def screen(study, objective, fit, parameters, targets):
    """What came of a fit: the screen. `parameters` and `targets` are its tables."""
    inside, unseen = int(targets["inside"].sum()), np.setdiff1d(np.flatnonzero(study.moments.fitted), objective.columns)
    lines = [
        f"{study.config.city.name}, scale {study.config.scale:g}, engine {study.asked['engine']}: {inside} of "
        f"{len(targets)} fitted targets inside their bands",
        "",
        f"{'target':34}{'simulated':>12}{'band':>20}{'tolerances':>12}",
    ]
    for row in targets.itertuples():
        band, mark = f"{row.low:.4g} to {row.high:.4g}", "" if row.inside else "  *"
        lines.append(f"{row.id:34}{row.simulated:>12.4g}{band:>20}{row.u_full:>12.2f}{mark}")
    lines += ["", f"{'parameter':34}{'value':>12}{'of its yaml':>12}{'s.e./prior':>12}"]
    for row in parameters.itertuples():
        mark = "" if row.identified else "  not identified"
        lines.append(f"{row.parameter:34}{row.value:>12.4g}{row.start:>12.4g}{row.over_prior:>12.2f}{mark}")
    if "j" in fit.about:
        j, freedom, chance = (fit.about[key] for key in ("j", "degrees_of_freedom", "p_value"))
        lines += ["", f"J = {j:.1f} on {freedom} degrees of freedom, p = {chance:.3g}"]
    if len(unseen):
        names = ", ".join(study.moments.ids[i] for i in unseen)
        lines.append(f"Not seen at this scale or in this city: {names}")
    told = study.facts()
    lines.append(
        f"{told['runs']} runs ({told['runs_kept_before']} kept before), {duration(time.monotonic() - study.began)}, "
        f"{duration(told['processor_seconds_in_runs'])} of processor time in runs, all attempts together"
    )
    return "\n".join(lines)
