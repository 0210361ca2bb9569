"""Calibration: free parameters against targets, and how far to believe the fit.

parameters.py  the free parameters and their priors
moments.py     the targets in units of their tolerance; what is fitted and what never is
bank.py        simulations kept under the fingerprint of what decides them
problem.py     the two together: what an engine gets, and the loss
emulator.py    the metrics as smooth functions of the parameters
search.py      engine `search`: expected improvement on the emulated loss, then method of moments
smm.py         simulated method of moments: weighting, standard errors, J
posterior.py   engine `posterior`: amortised likelihood-free posterior
product.py     the calibrated point and the draws, and where they came from
command.py     `sim calibrate`, one task each for what follows
recovery.py    hidden parameters found again, ranks
identification.py, feasibility.py, predictive.py, sensitivity.py, scale.py
scoreboard.py  `sim facts`
effects.py     policy effects over draws of the parameters as well as over seeds
"""
