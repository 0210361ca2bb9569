"""One mechanism a file: parameters, equations, kernel. `step` in `sim/model/ecosystem.py` is their order."""
