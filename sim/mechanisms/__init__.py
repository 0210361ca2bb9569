"""One mechanism a file: its parameters, its equations, its kernel. `step` in `sim/model/ecosystem.py` is their order."""
