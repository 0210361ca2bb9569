"""A calibration of Shanghai from nothing, and how far to believe it.

    python experiments/calibration.py

The committed point is the end of a fit from nothing and of one with warm=true from its end; nothing in it is set by
hand. Runs `sim calibrate` and its tasks one after the other, as they share banks of simulations; tables and figures
go to results/calibration below the working folder, and the point to the city's calibrated.yaml. The feasibility
report looks from the starting values. What needs thousands of runs or hundreds of fits is asked at a smaller scale,
which each result names.
"""

import subprocess
import sys

LARGE, SMALL, LEAST = "scale=0.2", "scale=0.05", "scale=0.02"

for words in (
    [LARGE],
    [LARGE, "warm=true"],
    [LARGE, "task=feasibility", "calibrated=false"],
    [LARGE, "task=predictive"],
    [LARGE, "task=identification", "warm=true"],
    [SMALL, "task=scale", "seeds=12", "warm=true"],
    [LEAST, "task=recovery", "prior=1024"],
    [LEAST, "task=sensitivity", "prior=1024", "seeds=100"],
    [LEAST, "task=screen"],
    [SMALL, "task=out_of_time"],
):
    subprocess.run([sys.executable, "-m", "sim", "calibrate", *words], check=True)
