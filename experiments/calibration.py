"""The committed calibration of Shanghai, from nothing: the fit, what no simulation met, and the draws simulated.

    python experiments/calibration.py

Runs `sim calibrate` and two of its tasks one after the other, as they share a bank of simulations; tables and figures go to
results/calibration below the working folder, and the point to the city's calibrated.yaml. The feasibility report looks from the starting values.
"""

import subprocess
import sys

for words in ([], ["task=feasibility", "calibrated=false"], ["task=predictive"]):
    subprocess.run([sys.executable, "-m", "sim", "calibrate", "scale=0.05", *words], check=True)
