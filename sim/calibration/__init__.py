"""Calibration: free parameters against targets, and how far to believe the fit.

Material

    priors.py             the free parameters and their priors
    moments.py            the targets in units of their tolerance; what is fitted and what never is
    simulations.py        simulations kept under the fingerprint of what decides them
    objective.py          what an engine minimises
    study.py              all of it together: what every task gets

Engines

    emulator.py           the metrics as smooth functions of the parameters
    search.py             engine `search`: expected improvement on the emulated loss, then the method of moments
    method_of_moments.py  simulated method of moments: weighting, standard errors, J
    posterior.py          engine `posterior`: amortised likelihood-free posterior

Verbs and tasks

    command.py            `sim calibrate`: its keys and the list of its tasks, which are
    fit.py, waves.py, recovery.py, identification.py, feasibility.py, predictive.py, sensitivity.py, scale.py
    fit_files.py          what a fit leaves: the calibrated point and the draws, and where they came from
    scoreboard.py         `sim facts`
    policy_effects.py     policy effects over draws of the parameters as well as over seeds

scikit-learn, scipy and SALib take seconds to load, which a word that is refused need not wait for: they are imported
within the functions that compute with them.
"""
